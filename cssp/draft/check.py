"""Everything that is wrong with a study, at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import pandas as pd

from cssp.desk.load import read_city as read_desk
from cssp.desk.prices import read_prices
from cssp.desk.regulation import read_regulation
from cssp.desk.successors import read_successors
from cssp.interviews.load import read_city as read_interviews
from cssp.stats.columns import Column, returns
from cssp.study.city_file import InterviewSource
from cssp.study.cross_check import cross_check
from cssp.study.desk_source import DeskSource
from cssp.study.problems import CsspError, Problem, problem_table, short_path
from cssp.study.study import STAGES, City, Stage, Study
from cssp.survey.alarms import alarms, alarms_between
from cssp.survey.load import in_two_files, readings_of
from cssp.tables.read import read_table

#: Stage -> the codebook it needs; stage -> reader of one city that gathers its problems (the
#: survey's cities are read together).
BOOKS: dict[Stage, str] = {"survey": "questionnaire", "interviews": "codes", "desk": "indicators"}
READERS: dict[Stage, Callable[[Study, City], list[Problem]]] = {
    "interviews": lambda study, city: read_interviews(study, city)[2],
    "desk": lambda study, city: read_desk(study, city)[1],
}


def find_problems(
    study: Study, cities: Iterable[str] | None = None, stages: Collection[Stage] = STAGES
) -> list[Problem]:
    """Return every problem of the study's files and of the cities' data (None.

    All cities), as far as these stages need them.
    """
    problems: list[Problem] = []
    read: dict[str, City] = {}
    for name in study.cities if cities is None else cities:
        try:
            read[name] = study.city(name)
        except CsspError as error:
            problems.extend(error.problems)
    waiting = set()
    for city in read.values():
        found = _unfinished(study, city, stages)
        problems += found
        # how its data are to be read is not said yet: what reading finds would be told of the wrong
        # file
        if any(problem.value == "TODO" for problem in found):
            waiting.add(city.name)
    needed = {stage for city in read.values() for stage in city.stages if stage in stages}
    ready = {stage for stage in stages if _book_opens(study, stage, stage in needed, problems)}
    if not problems and ready >= needed and ("survey" in ready or "survey" not in stages):
        problems += cross_check(study, ready)
    for stage in ready:
        if (path := study.folder / getattr(study.file, BOOKS[stage])).exists():
            problems += undecided(path)
    if "desk" in ready:
        for read_own in (read_regulation, read_successors, read_prices):
            problems += read_own(study)[1]
    open_to = [city for city in read.values() if city.name not in waiting]
    if "survey" in ready:
        problems += _of_surveys(study, [city for city in open_to if "survey" in city.stages])
    for city in open_to:
        for stage, reader in READERS.items():
            if stage in ready and stage in city.stages:
                problems += reader(study, city)
    return list(dict.fromkeys(problems))


def _of_surveys(study: Study, cities: Iterable[City]) -> list[Problem]:
    """Return the problems of the cities' surveys, and what is hardly plausible in them."""
    problems: list[Problem] = []
    readings = []
    for city in cities:
        try:
            own = readings_of(study, city)
        except CsspError as error:
            problems += error.problems
            continue
        readings += [(city.name, reading) for reading in own]
        for reading in own:
            problems += reading.problems + alarms(study.questionnaire, reading)
        problems += in_two_files(own)
    return problems + alarms_between(study.questionnaire, readings)


def _unfinished(study: Study, city: City, stages: Collection[Stage]) -> list[Problem]:
    """Return what `cssp add` left for a person to decide.

    And names without a wording in a language of the study.
    """
    file = short_path(city.folder / "city.yaml")
    texts = {key: label for key, label in (("name", city.file.name), ("region", city.file.region))}
    problems = [
        Problem(
            file,
            f"The {key} has no wording in '{language}', a language of the study.",
            "Add it.",
            column=key,
        )
        for key, label in texts.items()
        for language in study.file.languages
        if not label.get(language, label.get("", "")).strip()
    ]
    return problems + undecided(city.folder / "city.yaml", set(STAGES) - set(stages))


def undecided(path: Path, without: Collection[str] = ()) -> list[Problem]:
    """Return each TODO of a YAML file: a value to fill in, or a comment that asks for a decision.

    Parameters
    ----------
    path : the file
    without : parts of the file (keys at its left edge) that are not looked at
    """
    problems, part = [], ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if begun := re.match(r"(\w+):", line):
            part = begun[1]
        if part in without:
            continue
        bare, _, comment = _COMMENT.match(line).groups()  # type: ignore[union-attr]
        if found := _TODO.search(bare):
            key, text = found["key"], found["text"].strip()
            problems.append(
                _todo(path, number, key, text, "is still to be filled in", "Fill it in.")
            )
        elif found := re.match(r"\s*TODO\b:?\s*(?P<text>.*)", comment or ""):
            key = re.match(r"[\s-]*(?:name:\s*)?[\"']?([^\"':#]*)", bare)
            question = f"TODO: {found['text'].strip()}"
            problems.append(
                _todo(
                    path,
                    number,
                    key[1].strip() if key else "",
                    question,
                    "is still to be decided",
                    "Decide, correct the line if need be, and take the comment away.",
                )
            )
    return problems


def _todo(path: Path, row: int, key: str, text: str, what: str, remedy: str) -> Problem:
    return Problem(short_path(path), f"'{text}' {what}.", remedy, row, key or None, text)


#: A line of YAML, and its comment; a # inside quotation marks is none.
_COMMENT = re.compile(
    r"""^((?:[^"'#]|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?<=\S)\#|["'])*?)((?:(?<=\s)|^)\#(.*))?$"""
)


#: A value that a person has yet to decide on: `sector: {column: TODO}`, `"milk": TODO`, `source:
#: "TODO: who asked whom"`.
_TODO = re.compile(
    r"""^\s*(?P<quote>["']?)(?P<key>[^"':]+)(?P=quote)\s*:.*?(?P<text>\bTODO\b[^"'}]*)"""
)


def _book_opens(study: Study, stage: Stage, needed: bool, problems: list[Problem]) -> bool:
    """Tell whether the codebook of a stage can be read.

    Add why not, unless it is absent and no city needs it.
    """
    if not needed and not (study.folder / getattr(study.file, BOOKS[stage])).exists():
        return False
    try:
        getattr(study, BOOKS[stage])
    except CsspError as error:
        problems.extend(error.problems)
        return False
    return True


@returns(
    Column("severity", "severity", "word"),
    "file",
    Column("row", "row", "plain"),
    Column("column", "column", "text"),
    "value",
    Column("what", "what is wrong", "message"),
    Column("remedy", "what to do", "message"),
)
def check(
    study: Study, cities: Iterable[str] | str | None = None, stage: Stage | None = None
) -> pd.DataFrame:
    """Return every problem as a table, empty when all is well.

    Parameters
    ----------
    study : the study
    cities : whose files are read; None: all cities
    stage : only what this stage needs: its codebook, its part of each city.yaml, its files; None:
        all stages

    Returns
    -------
    columns `severity, file, row, column, value, what, remedy`

    Examples
    --------
    >>> from cssp import load_study
    >>> len(check(load_study()))
    0
    """
    stages = STAGES if stage is None else (stage,)
    return problem_table(
        find_problems(study, [cities] if isinstance(cities, str) else cities, stages)
    )


def files_read(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Return how each table file is read: what `city.yaml` fixes and what was sniffed.

    Returns
    -------
    `city, stage, file, read_as, rows, columns`; files that cannot be read are left to `check`.
    """
    lines = []
    for name in list(study.cities if cities is None else cities):
        city = study.city(name)
        for stage in STAGES:
            source = city.source(stage)
            if source is None:
                continue
            if isinstance(source, DeskSource):
                files = [(way.file, way.format) for way in source.all_tables()]
            elif isinstance(source, InterviewSource):
                files = [] if source.segments is None else [(source.segments, source.format)]
            else:
                files = [(source.file, source.format)]
            for file, form in files:
                try:
                    table = read_table(city.path(file), form)
                except CsspError:
                    continue
                way = ", ".join(f"{name} {value}" for name, value in table.read_as.items())
                lines.append(
                    [city.name, stage, table.file, way, len(table.data), table.data.shape[1]]
                )
    return pd.DataFrame(lines, columns=["city", "stage", "file", "read_as", "rows", "columns"])


@returns(
    Column("severity", "severity", "word"),
    "file",
    Column("column", "column", "text"),
    Column("what", "what is wrong", "text"),
    Column("remedy", "what to do", "text"),
    Column("rows", "rows", "whole"),
)
def problems_by_kind(problems: pd.DataFrame) -> pd.DataFrame:
    """Return the problems of people's files as they may be published: neither rows nor values.

    Row numbers and values of a respondent's file point at respondents; `cssp check` tells them to
    whoever has the files.

    Parameters
    ----------
    problems : table from `check`

    Returns
    -------
    One row a kind of problem: `severity, file, column, what` (with … for a value), `remedy, rows`
    (how many).

    Examples
    --------
    >>> table = pd.DataFrame([{"severity": "error", "file": "a.csv", "row": 2, "column": "q1",
    ...     "value": "Ivanova", "what": "'Ivanova' is no answer.", "remedy": "Map it."}] * 2)
    >>> problems_by_kind(table)[["what", "rows"]].to_numpy().tolist()
    [["'…' is no answer.", 2]]
    """
    names = ["severity", "file", "column", "what", "remedy"]
    told = problems.copy()
    told["what"] = [
        str(what)
        if pd.isna(value) or not str(value).strip()
        else str(what).replace(str(value), "…")
        for what, value in zip(problems["what"], problems["value"], strict=True)
    ]
    counted = told.groupby(names, sort=False, dropna=False, observed=True).size()
    return counted.rename("rows").reset_index()
