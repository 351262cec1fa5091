"""A city's pages.

The first one with what was found, a page for each executed notebook, and the workbook and the
document beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from cssp.runs.plan.plan import ALL_CITIES, stages_needed
from cssp.runs.plan.up_to_date import SUMMARY
from cssp.runs.report.documents import write_contents, write_document, write_workbook
from cssp.runs.report.key_figures import summarise
from cssp.runs.report.notebook_page import write_notebook_page
from cssp.runs.report.notebook_results import read_cells, title_of
from cssp.runs.report.pages import environment, markdown
from cssp.show.labels import Labels
from cssp.study.problems import first_line
from cssp.study.read_yaml import in_language
from cssp.study.study import load_study
from cssp.study.write_files import write_text

REPORT = "index.html"


def write_city_pages(
    folder: Path, city: str, language: str, study_folder: Path, notebooks: Iterable[str]
) -> None:
    """Write `index.html`, a page a notebook, `report.xlsx`, `appendix.docx` and `summary.json`.

    From the executed notebooks in the city's folder.

    Parameters
    ----------
    folder : the city's, with notebooks, tables and figures
    city : the city, or `ALL_CITIES`
    language : of the pages
    study_folder : the study
    notebooks : file names of the notebooks, in order
    """
    study = load_study(study_folder)
    labels = Labels(study, language)
    paths = [folder / name for name in notebooks]
    name, note = city_label(labels, city), data_note(labels, city, paths)
    title = in_language(study.file.title, language)
    downloads, missing = [], []
    writers: list[tuple[str, str, Callable[[Path], bool]]] = [
        (
            "report.xlsx",
            labels.words("Excel workbook with all tables"),
            lambda path: write_workbook(path, folder, paths, labels),
        ),
        (
            "appendix.docx",
            labels.words("Word document"),
            lambda path: write_document(path, folder, paths, labels, f"{name}. {title}", note),
        ),
    ]
    for file, label, write in writers:
        try:
            if write(folder / file):
                downloads.append((file, label))
        except Exception as error:  # a convenience that cannot be made costs nothing else
            missing.append(
                labels.words("{file} could not be made: {why}", file=file, why=first_line(error))
            )
    write_contents(folder / "contents.csv", paths)
    beside = [(f"{path.stem}.html", title_of(path, language)) for path in paths]
    for path in paths:
        write_notebook_page(path, labels, name, data_note(labels, city, [path]), beside)
    short, pictures = _in_short(paths), [values for path in paths for values in _pictures(path)]
    page = (
        environment()
        .get_template("city.html.j2")
        .render(
            words=labels.words,
            language=language,
            in_short="".join(markdown(values, trusted=False) for values in short),
            pictures=pictures,
            city=name,
            title=title,
            note=note,
            pages=_by_argument(paths, language),
            downloads=downloads,
            missing=missing,
        )
    )
    write_text(folder / REPORT, page)
    values = {
        "city": city,
        "label": name,
        "language": language,
        "note": note,
        "in_short": short,
        "pictures": pictures,
        **summarise(folder, city, paths, labels),
    }
    write_text(folder / SUMMARY, json.dumps(values, ensure_ascii=False, sort_keys=True) + "\n")


def city_label(labels: Labels, city: str) -> str:
    """Return how a city is called, or all of them together."""
    return labels.words("All cities together") if city == ALL_CITIES else labels.city(city)


def data_note(labels: Labels, city: str, notebooks: Iterable[Path]) -> str:
    """Return what is said of made-up data in the stages that the notebooks rest on.

    As far as the city has them.
    """
    study = labels.study
    stages = list(dict.fromkeys(stage for path in notebooks for stage in stages_needed(path)[0]))
    has = stages if city == ALL_CITIES else study.city(city).stages
    cities = study.cities if city == ALL_CITIES else [city, *study.neighbours(city)]
    return labels.data_note([stage for stage in stages if stage in has], cities)


def _by_argument(paths: Iterable[Path], language: str) -> list[dict[str, Any]]:
    """Return the pages of the argument, each with those that go deeper.

    Their names begin with the number of the notebook that they belong to, and a letter.
    """
    found: list[dict[str, Any]] = []
    for path in paths:
        notebooks_of = {
            "file": f"{path.stem}.html",
            "title": title_of(path, language),
            "notebook": path.name,
            "deeper": [],
        }
        if found and re.match(r"\d+[a-z]", path.stem):
            found[-1]["deeper"].append(notebooks_of)
        else:
            found.append(notebooks_of)
    return found


def _in_short(paths: Iterable[Path]) -> list[str]:
    """Return what the notebooks found: what their cells with the tag `in-short` say.

    The last notebook's come first: it answers all questions, the others those of their stage.
    """
    found: dict[str, None] = {}
    for path in reversed(list(paths)):
        for cell in read_cells(path):
            tags = cell.get("metadata", {}).get("tags", [])
            if cell["cell_type"] == "code" and "in-short" in tags:
                for output in cell["outputs"]:
                    text = "".join(output.get("data", {}).get("text/markdown", ""))
                    found |= dict.fromkeys(text.split("\n\n") if text else ())
    return list(found)


def _pictures(path: Path) -> Iterator[dict[str, str]]:
    """Yield the figures that a notebook gives to the study's first page (tag `in-short`)."""
    for cell in read_cells(path):
        if "in-short" in cell.get("metadata", {}).get("tags", []):
            for output in cell.get("outputs", []):
                shown = output.get("metadata", {}).get("cssp", {})
                if shown.get("kind") == "figure":
                    yield {
                        **{name: shown[name] for name in ("name", "title", "alt")},
                        "page": f"{path.stem}.html",
                    }
