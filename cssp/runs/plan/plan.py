"""What a run would do: which notebook for which city, with which parameters.

Nothing is executed here.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from cssp.show.words import catalogue
from cssp.study.problems import RunError, nearest, short_path
from cssp.study.study import Stage, Study, notebooks_folder

#: Folder beside the notebooks of the argument, with those that go deeper.
WORKSHOP = "workshop"
#: Folder of the results of notebooks that look at all cities together; no city can bear this name.
ALL_CITIES = "+all"


@dataclass(frozen=True)
class Task:
    """One notebook for one city, or for all of them (`ALL_CITIES`)."""

    city: str
    notebook: Path
    parameters: Mapping[str, Any]


def notebooks(only: Iterable[str] = (), workshop: bool = False) -> list[Path]:
    """Return the notebooks in reading order.

    Those of the argument; with `workshop` also those that go deeper (folder `workshop` beside
    them), each behind the one that it belongs to; or those named by a number, a name or its
    beginning, wherever they lie.

    Raises
    ------
    RunError
        A name that fits no notebook; two notebooks of one name.
    """
    argument, deeper = (
        [path for path in sorted(folder.glob("*.ipynb")) if path.name[0].isdigit()]
        for folder in (notebooks_folder(), notebooks_folder() / WORKSHOP)
    )
    if not argument:
        raise RunError(
            f"{short_path(notebooks_folder())} has no notebooks whose names begin with a number, "
            "e.g. 01_desk.ipynb."
        )
    there = sorted([*argument, *deeper], key=lambda path: path.name)
    for first, second in pairwise(there):
        if first.name == second.name:
            raise RunError(f"Two notebooks are called {first.name}. Rename one.")
    if not only:
        return there if workshop else argument
    chosen = []
    for name in only:
        word = Path(str(name)).stem
        pool = there if workshop or not word.isdigit() else argument
        fits = [path for path in pool if path.stem.startswith((word, word.zfill(2)))]
        if not fits:
            raise RunError(
                f"There is no notebook '{name}'. {nearest(word, [path.stem for path in there])}"
            )
        chosen += fits
    return [path for path in there if path in chosen]


def goes_deeper(notebook: Path) -> bool:
    """Tell whether a notebook is one of the workshop, not of the argument."""
    return notebook.parent.name == WORKSHOP


def stages_needed(notebook: Path) -> tuple[list[Stage], int]:
    """Return the stages a notebook rests on.

    And how many of them a city must have (from the notebook's metadata).
    """
    metadata = _told(notebook, notebook.stat().st_mtime_ns)
    stages = list(metadata.get("stages", []))
    return stages, int(metadata.get("at_least", len(stages)))


def for_all_cities(notebook: Path) -> bool:
    """Tell whether a notebook looks at all cities together.

    So that it runs once a study (from the notebook's metadata).
    """
    return bool(_told(notebook, notebook.stat().st_mtime_ns).get("scope") == "study")


def cities_needed(notebook: Path, study: Study) -> int | None:
    """Return how many cities a notebook that looks at all together needs; None: never enough.

    One that shows all regions of the country needs a study that lies there.
    """
    metadata = _told(notebook, notebook.stat().st_mtime_ns)
    if metadata.get("context") and not study.has_context:
        return None
    return int(metadata.get("cities", 2))


@lru_cache(maxsize=64)
def _told(notebook: Path, changed: int) -> dict[str, Any]:
    """Return what a notebook says under `cssp` in its metadata."""
    found: dict[str, Any] = (
        json.loads(notebook.read_text(encoding="utf-8")).get("metadata", {}).get("cssp", {})
    )
    return found


def possible_notebooks(study: Study, city: str, books: Sequence[Path] | None = None) -> set[str]:
    """Return the names of the notebooks that a city (or `ALL_CITIES`) can have results of.

    They are among `books` (None: those there are), and it has their stages.
    """
    whole = city == ALL_CITIES
    stages = set() if whole else set(study.city(city).stages)
    found = set()
    for book in notebooks(workshop=True) if books is None else books:
        needed, at_least = stages_needed(book)
        if for_all_cities(book) == whole and (whole or len(stages & set(needed)) >= at_least):
            found.add(book.name)
    return found


def having_results(study: Study) -> list[str]:
    """Return the cities, and `ALL_CITIES`, that can have results.

    What lies in the folders of others is left over from notebooks or stages that are gone.
    """
    books = notebooks(workshop=True)
    return [name for name in (*study.cities, ALL_CITIES) if possible_notebooks(study, name, books)]


def declared_parameters(notebook: Path) -> dict[str, Any]:
    """Return the parameters of a notebook as papermill sees them.

    With their defaults as written.
    """
    return dict(_declared(notebook, notebook.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _declared(notebook: Path, changed: int) -> dict[str, Any]:
    """Read the assignments of the cell tagged `parameters`.

    A test holds them to what papermill sees, whose import takes a second.
    """
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "parameters" in cell.get("metadata", {}).get("tags", []):
            source = "".join(cell["source"])
            found = {}
            for line in ast.parse(source).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    found[line.targets[0].id] = ast.get_source_segment(source, line.value) or ""
            return found
    return {}


def check_parameters(notebook: Path, parameters: Iterable[str]) -> None:
    """Refuse a parameter that the notebook does not have.

    Papermill would only warn and run the default.

    Raises
    ------
    RunError
        Names the parameter and the nearest one there is.
    """
    declared = declared_parameters(notebook)
    for name in parameters:
        if name not in declared:
            raise RunError(f"{notebook.name} has no parameter '{name}'. {nearest(name, declared)}")


def check_values(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Refuse a value of another kind than the parameter's default.

    It would stop a cell after minutes.

    Raises
    ------
    RunError
        Names the parameter, its value and what is wanted.
    """
    declared = declared_parameters(notebook)
    for name, value in parameters.items():
        try:
            default = ast.literal_eval(str(declared[name]))
        except (ValueError, SyntaxError):
            continue
        lists = isinstance(default, list) and isinstance(value, str | list)
        whole = isinstance(default, int) and not isinstance(value, int)
        if (whole or isinstance(value, bool) or not isinstance(value, type(default))) and not lists:
            kind = {int: "a whole number", str: "a text", list: "a list"}.get(
                type(default), "of another kind"
            )
            raise RunError(
                f"The parameter '{name}' must be {kind}, not '{value}'; its default is "
                f"{declared[name]}."
            )


def others_than_defaults(notebook: Path, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that differ from what the notebook has anyway."""
    declared = declared_parameters(notebook)
    found = {}
    for name, value in parameters.items():
        try:
            if ast.literal_eval(str(declared[name])) == value:
                continue
        except (ValueError, SyntaxError):
            pass
        found[name] = value
    return found


def make_plan(
    study: Study,
    cities: Iterable[str] = (),
    only: Iterable[str] = (),
    language: str = "",
    extra: Mapping[str, Any] | None = None,
    workshop: bool = False,
) -> list[Task]:
    """Plan a run: the cities in the study's order, the notebooks whose stages a city has.

    Last the notebooks that look at all cities together.

    A notebook for all cities is planned where at least two of the wanted cities have its stages.

    Parameters
    ----------
    study : the study
    cities : names of cities; none: all
    only : names of notebooks; none: all
    language : of the notebooks; empty: the study's first
    extra : further parameters of the notebooks
    workshop : also the notebooks that go deeper

    Raises
    ------
    StudyError, RunError
        An unknown city, notebook, language or parameter, with the nearest name.
    """
    wanted = list(dict.fromkeys(cities)) or list(study.cities)
    for name in wanted:
        study.city(name)
    language = language or study.file.languages[0]
    catalogue(language)
    books = notebooks(only, workshop)
    extra = dict(extra or {})
    for book in books:
        check_parameters(book, ["city", "study", "language", "output", *extra])
        check_values(book, extra)
    needed = {book: stages_needed(book) for book in books}
    tasks = []
    together = [book for book in books if for_all_cities(book)]
    for city in wanted:
        has = set(study.city(city).stages)
        for book in books:
            stages, at_least = needed[book]
            if book not in together and len(has & set(stages)) >= at_least:
                tasks.append(
                    Task(
                        city,
                        book,
                        {
                            "city": city,
                            "study": str(study.folder),
                            "language": language,
                            **others_than_defaults(book, extra),
                        },
                    )
                )
    for book in together:
        stages, at_least = needed[book]
        fitting = [
            name for name in wanted if len(set(study.city(name).stages) & set(stages)) >= at_least
        ]
        least = cities_needed(book, study)
        if least is not None and len(fitting) >= least:
            tasks_of = {
                "city": fitting[0],
                "compare_with": fitting[1:],
                "study": str(study.folder),
                "language": language,
            }
            tasks.append(Task(ALL_CITIES, book, {**tasks_of, **others_than_defaults(book, extra)}))
    if not tasks:
        raise RunError(
            "There is nothing to run: no city has the data of "
            f"{', '.join(book.stem for book in books)}. Add data with `cssp add CITY`."
        )
    return tasks
