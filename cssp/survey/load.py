"""The survey's files into one table of answers, by `city.yaml` alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.city_file import SurveySource
from cssp.study.problems import CsspError, DataError, Problem, StudyError, errors_in
from cssp.study.questionnaire import Questionnaire
from cssp.study.study import City, Study
from cssp.survey.answers import Answers
from cssp.survey.check_map import check_map
from cssp.survey.read_answers import Seen
from cssp.survey.read_keys import MOST, KeyReader
from cssp.tables.raw import RawTable
from cssp.tables.read import read_table

KEYS = ["respondent", "city", "sector"]


def load_survey(study: Study, cities: Iterable[str] | None = None) -> Answers:
    """Load the survey of some cities (None: all that have one).

    Returns
    -------
    `Answers`, one row a respondent: `respondent` (text), `city`, `sector` (categories in the
    study's order), then each item:
    answer codes (Int32, `<NA>` missing), `item__option` 0/1 for multiple choice (`<NA>` where the
    respondent left the
    whole item blank), `item__option` ranks 1..k for rankings, Float64 for numbers, text for open
    questions.
    `duration` (seconds) and `weight` are there where a city's file holds them, `wave` where the
    study has waves. `codebook` says of each coded column
    which codes are
    substantive, special, positive and negative; `flow` how many rows of each file were kept (see
    `respondent_flow`).

    Raises
    ------
    DataError
        All that is wrong in the files at once, each with file, row, column and remedy.

    Examples
    --------
    >>> from cssp import load_study
    >>> study = load_study()
    >>> answers = load_survey(study, study.cities[:1])
    >>> len(answers)
    92
    """
    names = study.cities_with("survey", cities)
    parts, problems, flow = [], [], []
    for name in names:
        rows, found, steps = read_city(study, study.city(name))
        problems += errors_in(found)
        parts.append(rows)
        flow += steps
    if problems:
        raise DataError(problems)
    return Answers(_joined(study, parts, names), study.questionnaire.column_codebook(), flow)


@dataclass
class CityReading:
    """One pass over one file of a city, with all that was seen on the way.

    Attributes
    ----------
    rows : as in `load_survey`; what could not be read is missing
    problems : everything that was found
    flow : the steps of `respondent_flow`
    source : how city.yaml says that the file is to be read
    table : the file as it stands
    kept : the file's rows that are the city's
    seen : item, column, and what became of each value of it (`sector` is one of the items)
    """

    rows: pd.DataFrame
    problems: list[Problem]
    flow: list[dict[str, object]]
    source: SurveySource
    table: RawTable
    kept: np.ndarray
    seen: list[tuple[str, str, Seen]]


def read_city(
    study: Study, city: City
) -> tuple[pd.DataFrame, list[Problem], list[dict[str, object]]]:
    """Read one city's survey, gathering every problem instead of stopping at the first.

    Returns
    -------
    the rows as in `load_survey` (what could not be read is missing), the problems, and the steps of
    `respondent_flow`
    """
    if city.file.survey is None:
        return _empty(study.questionnaire), [], []
    try:
        readings = readings_of(study, city)
    except CsspError as error:
        return _empty(study.questionnaire), list(error.problems), []
    problems = [problem for reading in readings for problem in reading.problems]
    problems += in_two_files(readings)
    flow = [step for reading in readings for step in reading.flow]
    return pd.concat([reading.rows for reading in readings], ignore_index=True), problems, flow


def readings_of(study: Study, city: City) -> list[CityReading]:
    """Read one city's survey with all that was seen on the way, a reading for each of its files.

    Raises
    ------
    StudyError
        The city has no survey.
    DataError
        A file cannot be opened.
    """
    if city.file.survey is None:
        raise StudyError(f"The city '{city.name}' has no survey.")
    found = []
    for source in city.file.survey.parts():
        reading = _Reading(study, city, source, read_table(city.path(source.file), source.format))
        rows, problems, flow = reading.done()
        table, kept = reading.whole, reading.table.rows
        found.append(CityReading(rows, problems, flow, source, table, kept, reading.seen))
    return found


def in_two_files(readings: list[CityReading]) -> list[Problem]:
    """Return respondents who stand in two files of a city at the same time."""
    problems: list[Problem] = []
    known: dict[tuple[object, object], str] = {}
    for reading in readings:
        if reading.source.respondent is None:
            continue
        waves = reading.rows["wave"] if "wave" in reading.rows else [None] * len(reading.rows)
        for who in dict.fromkeys(zip(reading.rows["respondent"], waves, strict=True)):
            other = known.setdefault(who, reading.table.file)
            if other != reading.table.file and len(problems) < MOST:
                problems.append(
                    Problem(
                        reading.table.file,
                        f"The respondent '{who[0]}' stands also in {other}.",
                        "Remove one of them, or say in which wave each was asked.",
                        column=reading.source.respondent,
                        value=str(who[0]),
                    )
                )
    return problems


def _empty(questionnaire: Questionnaire) -> pd.DataFrame:
    return pd.DataFrame(columns=[*KEYS, *(c for item in questionnaire.items for c in item.columns)])


def _joined(study: Study, parts: list[pd.DataFrame], names: list[str]) -> pd.DataFrame:
    answers = pd.concat(parts, ignore_index=True) if parts else _empty(study.questionnaire)
    answers["city"] = pd.Categorical(answers["city"], categories=names)
    answers["sector"] = pd.Categorical(answers["sector"], categories=study.sectors)
    if "wave" in answers:
        answers["wave"] = pd.Categorical(answers["wave"], categories=list(study.file.waves))
    if "weight" in answers:  # in a city without weights all count alike
        answers["weight"] = answers["weight"].fillna(1.0)
    return answers


class _Reading(KeyReader):
    """One pass over one city's file; collects columns and problems."""

    def __init__(self, study: Study, city: City, source: SurveySource, table: RawTable) -> None:
        super().__init__(study, city, source, table)
        self.whole = table
        self.problems += table.notes
        self.flow = []
        self._step("rows in the file", len(table.data))
        if len(self.table.data) < len(table.data):
            self._step("other rows", len(table.data) - len(self.table.data))

    def done(self) -> tuple[pd.DataFrame, list[Problem], list[dict[str, object]]]:
        self.problems += check_map(self.study, self.city, self.source)
        columns: dict[str, Any] = {
            "respondent": self._respondents(),
            "city": [self.city.name] * len(self.table.data),
            "sector": self._sectors(),
        }
        if self.study.file.waves or self.source.wave is not None:
            columns["wave"] = self._waves()
        if self.source.weight is not None:
            columns["weight"] = self._weights()
        for item in self.questionnaire.items:
            columns.update(self._item(item))
        if self.source.duration is not None:
            columns["duration"] = self._duration()
        answers = pd.DataFrame(columns)
        answers = self._without_duplicates(answers)
        answers = self._without_excluded(answers)
        self._step("analysed", len(answers))
        answers = self._mark_not_asked(answers)
        self._check_whole(answers)
        return answers, self.problems, self.flow

    def _mark_not_asked(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Give the 'not asked' code to blanks where the filter or the sector says that the item
        was not asked.
        """
        for item in self.questionnaire.items:
            scale = self.questionnaire.scale_of(item)
            asked = pd.Series(True, index=answers.index)
            if item.asked_of:
                asked &= answers["sector"].isin(item.asked_of)
            if item.asked_if is not None and item.asked_if.item in answers:
                asked &= (
                    answers[item.asked_if.item]
                    .isin(item.asked_if.answers)
                    .fillna(False)
                    .astype(bool)
                )
            if asked.all() or item.name in self.source.not_asked:
                continue
            for column in item.columns:
                stray = ~asked & answers[column].notna()
                if scale is not None:
                    stray &= ~answers[column].isin(
                        [special.code for special in scale.special]
                    ).fillna(False)
                if stray.any():
                    self._warn(
                        f"{int(stray.sum())} respondents answered who were not to be asked this "
                        "item.",
                        "Check the filter in the questionnaire; the answers are kept.",
                        column=column,
                    )
                code = None if scale is None else scale.code_meaning("not_asked")
                if code is not None:
                    answers.loc[~asked & answers[column].isna(), column] = code
        return answers

    def _check_whole(self, answers: pd.DataFrame) -> None:
        if len(answers) == 1:
            self.problems.append(
                Problem(
                    self.table.file,
                    "The city has one respondent.",
                    "A comparison needs at least two; check the file.",
                )
            )
        if errors_in(self.problems):
            return  # an item may be blank only because its column was not found
        for item in self.questionnaire.items:
            if item.name in self.source.not_asked or not len(answers):
                continue
            if answers[item.columns].isna().all(axis=None):
                self._warn(
                    f"Nobody answered the item '{item.name}'.",
                    "Check its column, or list it under 'not_asked' in city.yaml.",
                    column=item.name,
                )
