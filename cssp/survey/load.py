"""The survey's files into one table of answers, by `city.yaml` alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.city_file import SurveySource
from cssp.study.problems import (
    CsspError,
    DataError,
    Problem,
    StudyError,
    errors_in,
    nearest,
    short_path,
)
from cssp.study.questionnaire import Questionnaire
from cssp.study.study import City, Study
from cssp.survey.answers import Answers
from cssp.survey.read_answers import Finding, Read, Seen, as_problems, decode, durations, is_blank
from cssp.survey.read_items import ItemReader
from cssp.tables.raw import RawTable, fold, to_number
from cssp.tables.read import read_table
from cssp.tables.special_answers import bare

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
    `duration` (seconds) is there where a city's file holds it. `codebook` says of each coded column
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
    """One pass over one city's file, with all that was seen on the way.

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
        reading = reading_of(study, city)
    except CsspError as error:
        return _empty(study.questionnaire), list(error.problems), []
    return reading.rows, reading.problems, reading.flow


def reading_of(study: Study, city: City) -> CityReading:
    """Read one city's survey with all that was seen on the way.

    Raises
    ------
    StudyError
        The city has no survey.
    DataError
        The file cannot be opened.
    """
    source = city.file.survey
    if source is None:
        raise StudyError(f"The city '{city.name}' has no survey.")
    table = read_table(city.path(source.file), source.format)
    reading = _Reading(study, city, source, table)
    rows, problems, flow = reading.done()
    return CityReading(
        rows, problems, flow, source, reading.whole, reading.table.rows, reading.seen
    )


def _empty(questionnaire: Questionnaire) -> pd.DataFrame:
    return pd.DataFrame(columns=[*KEYS, *(c for item in questionnaire.items for c in item.columns)])


def _joined(study: Study, parts: list[pd.DataFrame], names: list[str]) -> pd.DataFrame:
    answers = pd.concat(parts, ignore_index=True) if parts else _empty(study.questionnaire)
    answers["city"] = pd.Categorical(answers["city"], categories=names)
    answers["sector"] = pd.Categorical(answers["sector"], categories=study.sectors)
    return answers


class _Reading(ItemReader):
    """One pass over one city's file; collects columns and problems."""

    def __init__(self, study: Study, city: City, source: SurveySource, table: RawTable) -> None:
        super().__init__(study, city, source, table)
        self.whole = table
        self.problems += table.notes
        self.flow: list[dict[str, object]] = []
        self._step("rows in the file", len(table.data))
        if len(self.table.data) < len(table.data):
            self._step("other rows", len(table.data) - len(self.table.data))

    def _step(self, step: str, count: int, reason: object = "") -> None:
        self.flow.append({"city": self.city.name, "step": step, "reason": reason, "count": count})

    def done(self) -> tuple[pd.DataFrame, list[Problem], list[dict[str, object]]]:
        self._check_maps()
        columns: dict[str, Any] = {
            "respondent": self._respondents(),
            "city": [self.city.name] * len(self.table.data),
            "sector": self._sectors(),
        }
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

    # ------------------------------------------------------------ rows

    def _without_duplicates(self, answers: pd.DataFrame) -> pd.DataFrame:
        repeated = answers["respondent"].duplicated(keep=False) & answers["respondent"].notna()
        if not repeated.any():
            return answers.reset_index(drop=True)
        if self.source.duplicates != "error":
            kept = (
                ~answers["respondent"].duplicated(keep=self.source.duplicates)
                | answers["respondent"].isna()
            )
            self._warn(
                f"{int((~kept).sum())} rows repeat a respondent; the {self.source.duplicates} of "
                "each was kept.",
                "This is what 'duplicates' in city.yaml asks for.",
                column=self.source.respondent,
            )
            self._step("repeated", int((~kept).sum()))
            return answers[kept].reset_index(drop=True)
        again = answers["respondent"].duplicated(keep="first") & answers["respondent"].notna()
        for position in np.flatnonzero(again.to_numpy())[:50]:
            name = answers["respondent"].iloc[position]
            first = int(np.flatnonzero((answers["respondent"] == name).to_numpy())[0])
            self._problem(
                f"The respondent '{name}' stands already on row {self.table.rows[first]}.",
                "Remove one of the rows, or say 'duplicates: first' (or last) in city.yaml.",
                row=position,
                column=self.source.respondent,
                value=str(name),
            )
        return answers.reset_index(drop=True)

    def _without_excluded(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Leave out the respondents whom study.yaml excludes, each with its reason in the flow."""
        for rule in self.study.file.exclusions:
            if rule.city != self.city.name:
                continue
            out = answers["respondent"].isin(rule.respondents)
            known = set(answers.loc[out, "respondent"])
            for name in rule.respondents:
                if name not in known:
                    self.problems.append(
                        Problem(
                            short_path(self.study.folder / "study.yaml"),
                            f"'{name}' is to be left out, but {self.city.name} has no such "
                            "respondent.",
                            "Correct the exclusion, or remove it.",
                            column="exclusions",
                            value=name,
                        )
                    )
            self._step("excluded", int(out.sum()), rule.reason)
            answers = answers[~out].reset_index(drop=True)
        return answers

    def _duration(self) -> pd.Series:
        """Read how long each respondent took, in seconds; what is no number is missing and said."""
        told = self.source.duration
        assert told is not None
        try:
            column = self.table.column(told.column)
        except DataError as error:
            self.problems += error.problems
            return pd.Series(pd.array([pd.NA] * len(self.table.data), dtype="Float64"))
        numbers, strange = durations(column, self.missing, self.source.format.decimal, told.unit)
        if strange:
            self._warn(
                f"{strange} durations are no numbers and count as missing.",
                "Check the column, or its unit.",
                told.column,
            )
        return numbers

    # ------------------------------------------------------------ keys

    def _respondents(self) -> list[str | None]:
        if self.source.respondent is None:
            return [str(row) for row in self.table.rows]
        try:
            column = self.table.column(self.source.respondent)
        except DataError as error:
            self.problems += error.problems
            return [str(row) for row in self.table.rows]
        names = [None if is_blank(value, ()) else str(value).strip() for value in column]
        for position in [i for i, name in enumerate(names) if name is None][:50]:
            self._problem(
                "The respondent has no identifier.",
                "Fill it in, or leave 'respondent' out of city.yaml.",
                row=position,
                column=self.source.respondent,
            )
        return names

    def _sectors(self) -> list[object]:
        source, known = self.source.sector, self.study.sectors
        if source.all is not None:
            if source.all not in known:
                self._problem(
                    f"'{source.all}' is not a sector of the study. {nearest(source.all, known)}",
                    "Correct 'sector' in city.yaml.",
                    value=source.all,
                )
            return [source.all] * len(self.table.data)
        assert source.column is not None
        try:
            column = self.table.column(source.column)
        except DataError as error:
            self.problems += error.problems
            return [None] * len(self.table.data)
        words: dict[str, str] = {}
        for name in known:
            words[fold(name)] = name
            for text in self.study.file.sectors[name].label.values():
                words.setdefault(fold(text), name)
        words.update({fold(key): name for key, name in source.values.items()})
        labels = self.table.labels.get(source.column, {})

        def meaning(value: object) -> Read:
            label = labels.get(value, value)
            name = words.get(fold(value), words.get(fold(label), words.get(bare(label))))
            if name in known:
                return Read(name, by="city.yaml" if source.values else "text")
            if is_blank(value, self.missing):
                return Read(by="blank")
            told = value if name is None else name
            return Read(
                finding=Finding(
                    f"'{told}' is not a sector of the study. {nearest(str(told), known)}",
                    "Correct the file, or map the value under 'sector' in city.yaml.",
                    str(value),
                    np.array([]),
                )
            )

        sectors, findings, seen = decode(column, self.table.rows, meaning)
        self.seen += [("sector", source.column, one) for one in seen]
        self.problems += as_problems(findings, self.table.file, source.column)
        wrong = {int(row) for finding in findings for row in finding.rows}
        for position in [i for i, sector in enumerate(sectors) if sector is None][:50]:
            if int(self.table.rows[position]) not in wrong:
                self._problem(
                    "The respondent has no sector.",
                    "Fill it in, or remove the row with 'rows' in city.yaml.",
                    row=position,
                    column=source.column,
                )
        return sectors

    # ------------------------------------------------------------ items

    def _check_maps(self) -> None:
        items = self.questionnaire.names()
        for kind, named, known in (
            ("item", list(self.source.items) + self.source.not_asked, items),
            ("scale", list(self.source.scales), list(self.questionnaire.scales)),
        ):
            for name in named:
                if name not in known:
                    self.problems.append(
                        Problem(
                            short_path(self.city.folder / "city.yaml"),
                            f"'{name}' is not an {kind} of the questionnaire. "
                            f"{nearest(name, known)}"
                            if kind == "item"
                            else f"'{name}' is not a {kind} of the questionnaire. "
                            f"{nearest(name, known)}",
                            "Correct the map.",
                            column=f"survey.{kind}s.{name}",
                            value=name,
                        )
                    )
        self._check_targets()
        used: dict[str, str] = {}
        for item in self.questionnaire.items:
            if item.name in self.source.not_asked:
                continue
            mapped = self._map_of(item)
            for column in mapped.named():
                if column in used:
                    what = (
                        f"to two items, '{used[column]}' and '{item.name}'"
                        if used[column] != item.name
                        else f"twice to '{item.name}'"
                    )
                    self._map_problem(item.name, f"The column '{column}' is mapped {what}.", column)
                used[column] = item.name
            if len(mapped.places) > (item.ranks or len(item.options) or len(mapped.places)):
                self._map_problem(
                    item.name,
                    f"The map has {len(mapped.places)} places, but {item.ranks} are ranked.",
                    None,
                )

    def _map_problem(self, name: str, what: str, value: object) -> None:
        self.problems.append(
            Problem(
                short_path(self.city.folder / "city.yaml"),
                what,
                "Correct the map.",
                column=f"survey.items.{name}",
                value=None if value is None else str(value),
            )
        )

    def _check_targets(self) -> None:
        """Report maps to answers, options or sectors that are not there.

        Whether or not the file uses them.
        """
        for name, values in self.source.scales.items():
            scale = self.questionnaire.scales.get(name)
            for value, code in values.items():
                if scale is not None and code is not None and code not in scale.all_codes:
                    self._map_problem(
                        name,
                        f"'{value}' is mapped to {code}, which is not a code of the scale "
                        f"'{name}'.",
                        value,
                    )
        for name in self.source.items:
            item = next((i for i in self.questionnaire.items if i.name == name), None)
            if item is None:
                continue
            if name in self.source.not_asked:
                self._map_problem(name, f"'{name}' is mapped and listed under not_asked.", None)
            scale = self.questionnaire.scale_of(item)
            known = [str(code) for code in scale.all_codes] if scale else list(item.options)
            for value, target in self.source.items[name].values.items():
                numeric = item.type == "numeric" and to_number(target) is not None
                if target is not None and not numeric and str(target) not in known:
                    self._map_problem(
                        name,
                        f"'{value}' is mapped to '{target}', which is no answer of the item.",
                        value,
                    )
        maps: list[tuple[str, Any]] = [
            *self.source.scales.items(),
            ("sector", self.source.sector.values),
        ]
        maps += [(name, mapped.values) for name, mapped in self.source.items.items()]
        for name, values in maps:
            seen: dict[str, tuple[object, object]] = {}
            for value, target in values.items():
                other = seen.setdefault(fold(value), (value, target))
                if str(other[1]) != str(target):
                    self._map_problem(
                        name,
                        f"'{other[0]}' and '{value}' are the same text, but are mapped to "
                        f"'{other[1]}' and '{target}'.",
                        value,
                    )
        for value, sector in self.source.sector.values.items():
            if sector not in self.study.sectors:
                self._map_problem(
                    "sector",
                    f"'{value}' is mapped to '{sector}', which is not a sector of the study. "
                    f"{nearest(sector, self.study.sectors)}",
                    value,
                )

    # ------------------------------------------------------------ the whole

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
