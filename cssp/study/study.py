"""A study: the folder whose files say what is studied, in which cities, and where the data lie."""

from __future__ import annotations

import importlib.resources
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from cssp.study.city_file import CityFile, InterviewSource, SurveySource
from cssp.study.code_system import CodeSystem
from cssp.study.desk_source import DeskSource
from cssp.study.indicator_book import IndicatorBook, Purpose
from cssp.study.problems import Problem, StudyError, nearest, short_path
from cssp.study.questionnaire import Questionnaire
from cssp.study.read_yaml import in_language, read_model
from cssp.study.study_file import WHOLE, StudyFile

Stage = Literal["desk", "survey", "interviews"]
STAGES: tuple[Stage, ...] = ("desk", "survey", "interviews")


class City:
    """One city of a study: its name, its folder and its sources.

    Examples
    --------
    >>> from cssp import load_study
    >>> study = load_study()
    >>> study.city(study.cities[0]).name == study.cities[0]
    True
    """

    def __init__(self, name: str, folder: Path, file: CityFile) -> None:
        self.name = name
        self.folder = folder
        self.file = file

    def source(self, stage: Stage) -> DeskSource | SurveySource | InterviewSource | None:
        """Return the city's source for a stage, None where it has none."""
        found: DeskSource | SurveySource | InterviewSource | None = getattr(self.file, stage)
        return found

    @property
    def stages(self) -> list[Stage]:
        """The stages the city has a source for."""
        return [stage for stage in STAGES if self.source(stage) is not None]

    def path(self, relative: str) -> Path:
        """Return the path of a file that `city.yaml` names (relative to the city's folder)."""
        return (self.folder / relative).resolve()

    def __repr__(self) -> str:
        return f"City({self.name!r}, {short_path(self.folder)!r})"


class Study:
    """A study's files, read when they are needed.

    Attributes
    ----------
    folder : where `study.yaml` lies
    file : the contents of `study.yaml`

    Examples
    --------
    >>> from cssp import load_study
    >>> len(load_study().cities)
    2
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = read_model(folder / "study.yaml", StudyFile)
        self._cities: dict[str, City] = {}

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The codebook of the survey."""
        return read_model(self.folder / self.file.questionnaire, Questionnaire)

    @cached_property
    def codes(self) -> CodeSystem:
        """The code system of the interviews."""
        return read_model(self.folder / self.file.codes, CodeSystem)

    @cached_property
    def indicators(self) -> IndicatorBook:
        """The codebook of the desk study."""
        return read_model(self.folder / self.file.indicators, IndicatorBook)

    def book(self, stage: Stage) -> Any:
        """Return a stage's codebook, or None where the study has no such file."""
        name = {"desk": "indicators", "survey": "questionnaire", "interviews": "codes"}[stage]
        return getattr(self, name) if (self.folder / getattr(self.file, name)).exists() else None

    @cached_property
    def purposes(self) -> dict[str, Purpose]:
        """What budget money is for: the study's grouping, or the package's where it has none."""
        return self.indicators.purposes or load_study().indicators.purposes

    @property
    def cities(self) -> list[str]:
        """The cities' names in the study's order."""
        return self.file.cities

    @property
    def has_cities(self) -> bool:
        """Whether study.yaml names cities; without, all data are of one place."""
        return self.file.cities != [WHOLE]

    @property
    def has_context(self) -> bool:
        """Whether all regions of the country are known, beside which the study's can be shown.

        A study's own tables, or those of Russia's regions that come with the package.
        """
        if self.file.context is not None:
            return True
        return self.book("desk") is not None and self.indicators.codes == "oktmo"

    @property
    def sectors(self) -> list[str]:
        """The sectors' names in the study's order; `all` alone where the study has none."""
        return list(self.file.sectors) or [WHOLE]

    def group(self, group_name: str = "") -> str:
        """Return what respondents are told apart by: `sector`, or an item with answers by code.

        Parameters
        ----------
        told : as somebody asks for it; empty: as study.yaml has it (`group`)

        Raises
        ------
        StudyError
            The questionnaire has no such item, or it has no answers by code.

        Examples
        --------
        >>> load_study().group()
        'sector'
        """
        name = group_name or self.file.group
        known = ["sector", *self.questionnaire.names("ordinal", "single")]
        if name not in known:
            raise StudyError(
                Problem(
                    short_path(self.folder / "study.yaml"),
                    f"Respondents cannot be grouped by '{name}'. {nearest(name, known)}",
                    "Name 'sector', or an item with one answer out of several.",
                    column="group",
                    value=name,
                )
            )
        return name

    def city(self, name: str) -> City:
        """Return a city of the study.

        Raises
        ------
        StudyError
            The study has no such city (the nearest name is given), or its `city.yaml` is wrong.
        """
        if name not in self.cities:
            raise StudyError(
                Problem(
                    short_path(self.folder / "study.yaml"),
                    f"'{name}' is not a city of this study. {nearest(name, self.cities)}",
                    "Correct the name, or add the city with `cssp add`.",
                    column="cities",
                    value=name,
                )
            )
        if name not in self._cities:
            folder = self.folder / "cities" / name
            file = read_model(folder / "city.yaml", CityFile)
            if self.has_cities and (absent := {"name", "region"} - file.model_fields_set):
                raise StudyError(
                    Problem(
                        short_path(folder / "city.yaml"),
                        f"'{min(absent)}' is missing.",
                        "Add it; it may be left out only in a study without cities.",
                        column=min(absent),
                    )
                )
            self._cities[name] = City(name, folder, file)
        return self._cities[name]

    def cities_with(self, stage: Stage, cities: Iterable[str] | None = None) -> list[str]:
        """Return those of the cities that have a source for the stage, in the study's order."""
        wanted = self.cities if cities is None else list(dict.fromkeys(cities))
        return [name for name in wanted if self.city(name).source(stage) is not None]

    def peers(
        self, city: str, compare_with: Iterable[str] = (), everyone: bool = False
    ) -> list[str]:
        """Return the city and those it is compared with.

        The given ones, or the others of the study.

        Of many others only the `peers_at_most` (study.yaml) that stand nearest in the study's list
        are taken, in the study's order; `everyone`
        takes all of them.
        """
        neighbours = (
            [part.strip() for part in compare_with.split(",")]
            if isinstance(compare_with, str)
            else compare_with
        )
        others = [name for name in neighbours if name] or self.neighbours(city, everyone)
        for name in [city, *others]:
            self.city(name)
        return list(dict.fromkeys([city, *others]))

    def neighbours(self, city: str, everyone: bool = False) -> list[str]:
        """Return the cities that a city is compared with when none are named (see `peers`).

        Without opening their files.
        """
        others = [name for name in self.cities if name != city]
        most = self.file.peers_at_most
        if everyone or len(others) <= most or city not in self.cities:
            return others
        place = min(max(self.cities.index(city) - most // 2, 0), len(others) - most)
        return others[place : place + most]

    def group_of(self, city: str) -> str:
        """Return what a city's region belongs to.

        In the study's first language (as results have it); empty where city.yaml does not say.
        """
        label = self.city(city).file.group
        return "" if label is None else in_language(label, self.file.languages[0])

    def status(self, stage: Stage, cities: Iterable[str]) -> list[str]:
        """Return the kinds of data behind a stage, made-up ones first.

        For example `["simulated", "observed"]`.
        """
        found = {
            source.status
            for name in cities
            if (source := self.city(name).source(stage)) is not None
        }
        return [status for status in ("simulated", "invented", "observed") if status in found]

    def families(self) -> dict[str, str]:
        """Return for each item the family of comparisons it is corrected in.

        Items in none share `other`.
        """
        found = {item.name: "other" for item in self.questionnaire.items}
        for name, family in self.file.corrections.families.items():
            for section in self.questionnaire.sections:
                for item in section.items:
                    if section.name in family.sections or item.name in family.items:
                        found[item.name] = name
        return {
            column: found[item.name] for item in self.questionnaire.items for column in item.columns
        }

    def __repr__(self) -> str:
        title = in_language(self.file.title, self.file.languages[0])
        return f"Study({title!r}, cities={self.cities}, folder={short_path(self.folder)!r})"


def packaged(inside_wheel: str, beside_package: str) -> Path:
    """Return a folder the package carries.

    Inside it when installed from a wheel, beside it in a checkout.
    """
    root = Path(str(importlib.resources.files("cssp")))
    installed = root / inside_wheel
    return installed if installed.exists() else root.parent / beside_package


def default_study() -> Path:
    """Return the folder of the default study.

    Examples
    --------
    >>> (default_study() / "study.yaml").is_file()
    True
    """
    return packaged("_study", "data")


def notebooks_folder() -> Path:
    """Return the folder of the notebooks.

    The package's own, or the one that the environment variable CSSP_NOTEBOOKS names.
    """
    folder = os.environ.get("CSSP_NOTEBOOKS", "")
    return Path(folder).expanduser().resolve() if folder else packaged("_notebooks", "notebooks")


def load_study(path: str | Path = "") -> Study:
    """Load a study from its folder (empty: the default study, found from any working directory).

    Parameters
    ----------
    path : the folder; empty: the default study

    Raises
    ------
    StudyError
        No such folder, no `study.yaml` in it, or one that does not fit, with its line and key.

    Examples
    --------
    >>> load_study().sectors
    ['authorities', 'business', 'npo']
    """
    folder = Path(path).expanduser() if str(path) else default_study()
    if folder.name == "study.yaml" and folder.is_file():
        folder = folder.parent
    if not folder.is_dir():
        raise StudyError(
            Problem(
                short_path(folder),
                "There is no such folder.",
                "Name a study's folder; `cssp new DIR` makes one.",
            )
        )
    return Study(folder.resolve())
