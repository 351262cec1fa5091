"""Which acts hold on a day, for whom, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from cssp.desk.regulation import NAMED, PAST, as_date, languages_of
from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError


def _day(on: str) -> date:
    day = as_date(on)
    if day is None:
        raise DataError(f"'{on}' is not a date; write 2022-07-01, or a year.")
    return day


@returns(
    "act",
    "number",
    "date",
    "level",
    "territory",
    "instrument",
    "in_force_from",
    "in_force_to",
    "amended_by",
    "status",
    "source",
    "checked",
    "note",
    adds=True,
)
def acts_in(regulation: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the register as it reads in a language.

    Names, numbers and notes from `act_ru`, `number_ru`, `note_ru`, `source_ru` where they are told.

    Parameters
    ----------
    regulation : table from `load_regulation`

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> acts_in(acts, "ru").columns.tolist()[:3]
    ['act', 'number', 'date']
    """
    others = [str(name) for name in regulation.columns if str(name).startswith(NAMED)]
    found = regulation.drop(columns=others)
    for column in others:
        name, _, language_of = column.rpartition("_")
        if language_of == language:
            found[name] = regulation[column].where(regulation[column] != "", regulation[name])
    return found


@returns(
    "act",
    "number",
    "date",
    "level",
    "territory",
    "instrument",
    "in_force_from",
    "in_force_to",
    "amended_by",
    "status",
    "source",
    "checked",
    "note",
    Column("basis", "how the term is known", "word"),
    adds=True,
)
def in_force(regulation: pd.DataFrame, on: str, territory: str = "") -> pd.DataFrame:
    """Return the acts known to hold on a day, everywhere and in a territory.

    An act without a start is taken to hold from its date, one without an end to hold still; the
    column `basis` says which
    of these dates were known. An act that is told to have ended or been repealed, on a day that is
    not known, is left out from the end of the last year that is known of it (its
    start) on: it may have held or not.

    Parameters
    ----------
    regulation : table from `load_regulation`
    on : the day, ISO; a year means its first day
    territory : a city of the study; empty: only acts that hold everywhere

    Returns
    -------
    the rows of the register that hold, with `basis`

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> len(in_force(acts, "2024-01-01")) <= len(acts)
    True
    """
    day = _day(on)
    rows = regulation[(regulation["territory"] == "") | (regulation["territory"] == territory)]
    dates = dates_of(rows)
    holds = [
        s is not None and s <= day and (e is None or day <= e)
        for s, e in zip(dates["start"], dates["end"], strict=True)
    ]
    kept = rows[np.array(holds, dtype=bool)].copy()
    kept["basis"] = [
        ("start known" if a else "start assumed from the date of the act")
        + ("" if b else ", end not known")
        for a, b in zip(kept["in_force_from"], kept["in_force_to"], strict=True)
    ]
    return kept


def dates_of(regulation: pd.DataFrame) -> pd.DataFrame:
    """Return from when to when each act is taken to hold.

    Returns
    -------
    `start, end` (dates; None where nothing is known, an end also where the act holds still),
    `start_known, end_known`
    """
    lines = []
    for line in regulation.to_dict("records"):
        start = as_date(line["in_force_from"] or line["date"])
        end = as_date(line["in_force_to"], end=True)
        if end is None and line.get("status", "") in PAST and start is not None:
            end = date(start.year, 12, 31)
        lines.append([start, end, bool(line["in_force_from"]), bool(line["in_force_to"])])
    found = pd.DataFrame(
        lines,
        columns=["start", "end", "start_known", "end_known"],
        index=regulation.index,
        dtype=object,
    )
    return found.where(found.notna(), None)


@returns("instrument", "level", "territory", Column("acts", "acts", "whole"), "state")
def coverage_matrix(
    regulation: pd.DataFrame, book: IndicatorBook, cities: Iterable[str], on: str
) -> pd.DataFrame:
    """Return which instruments have an act in force, level by level and territory by territory.

    Parameters
    ----------
    regulation : table from `load_regulation`
    book : codebook with levels and instruments (where it lists none, those of the register)
    cities : the territories compared
    on : the day, ISO, or a year

    Returns
    -------
    One row an instrument, level and territory: `instrument, level, territory, acts` (in force on
    the day), `state` ("in force", "held before or later"
    where the register has acts of other days only, "none found"), `numbers` (of the acts in force,
    the name of one without a number; `numbers_ru` and the like as they read in a language). Acts
    without a territory count for every one.

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> coverage_matrix(acts, study.indicators, study.cities, "2024-01-01").shape
    (48, 7)
    """
    day = _day(on)
    readings = {
        language: _known_as(acts_in(regulation, language)) for language in languages_of(regulation)
    }
    instruments = list(book.instruments) or list(dict.fromkeys(regulation["instrument"]))
    lines = []
    for city in cities:
        held = in_force(regulation, day.isoformat(), city)
        acts = held.groupby(["instrument", "level"], sort=False).groups
        own = regulation[(regulation["territory"] == "") | (regulation["territory"] == city)]
        ever = set(zip(own["instrument"], own["level"], strict=True))
        for instrument in instruments:
            for level in book.levels:
                now = acts.get((instrument, level), held.index[:0])
                there = "held before or later" if (instrument, level) in ever else "none found"
                numbers = [
                    _listed(held_acts[now]) for held_acts in (_known_as(held), *readings.values())
                ]
                lines.append(
                    [instrument, level, city, len(now), "in force" if len(now) else there, *numbers]
                )
    columns = [
        "instrument",
        "level",
        "territory",
        "acts",
        "state",
        "numbers",
        *(f"numbers_{language}" for language in readings),
    ]
    return pd.DataFrame(lines, columns=columns)


def _known_as(acts: pd.DataFrame) -> pd.Series:
    """Return each act's number; the name of one that has none, or whose number is not known."""
    return acts["number"].where(acts["number"] != "", acts["act"])


def _listed(numbers: pd.Series) -> str:
    return "; ".join(numbers)


@returns(
    "territory", "instrument", "level", "state", Column("basis_acts", "acts of the basis", "text")
)
def regulation_gaps(
    regulation: pd.DataFrame, book: IndicatorBook, cities: Iterable[str], on: str
) -> pd.DataFrame:
    """Return the instruments that have an act at the basis level.

    And no act of the territory's own where one is looked for.

    Parameters
    ----------
    regulation, cities, on : as in `coverage_matrix`
    book : codebook; `basis_level` says whose acts are a basis, an instrument's `expected_at` where
        an act of one's own is looked for (left out: the local levels)

    Returns
    -------
    One row a gap: `territory, instrument, level` (where nothing was found), `state` as in
    `coverage_matrix`, `basis_acts` (numbers; `basis_acts_ru` and the like as they read in a
    language). Empty without a basis level. A
    gap means that no act was found, not that there is none.

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> len(regulation_gaps(acts, study.indicators, study.cities, "2024-01-01")) >= 0
    True
    """
    languages = languages_of(regulation)
    columns = [
        "territory",
        "instrument",
        "level",
        "state",
        "basis_acts",
        *(f"basis_acts_{language}" for language in languages),
    ]
    if book.basis_level is None:
        return pd.DataFrame(columns=columns)
    matrix = coverage_matrix(regulation, book, cities, on).set_index(
        ["territory", "instrument", "level"]
    )
    lines = []
    for (city, instrument, level), row in matrix.iterrows():
        known = book.instruments.get(instrument)
        expected = (
            book.local_levels if known is None or known.expected_at is None else known.expected_at
        )
        basis = matrix.loc[(city, instrument, book.basis_level)]
        if level in expected and level != book.basis_level and basis["acts"] and not row["acts"]:
            acts = [basis["numbers"], *(basis[f"numbers_{language}"] for language in languages)]
            lines.append([city, instrument, level, row["state"], *acts])
    return pd.DataFrame(lines, columns=columns)


@returns(
    "instrument",
    "level",
    "first",
    "second",
    Column("only", "has one", "city"),
    Column("acts_first", "acts, first", "text"),
    Column("acts_second", "acts, second", "text"),
)
def regulation_differences(
    regulation: pd.DataFrame, book: IndicatorBook, first: str, second: str, on: str
) -> pd.DataFrame:
    """Return where two territories differ.

    An instrument and level at which one has an act in force and the other has not.

    Parameters
    ----------
    regulation : table from `load_regulation`
    book : the study's indicators
    on : the day, ISO

    Returns
    -------
    One row a difference: `instrument, level, first, second` (the territories), `only` (the
    territory that has one), `acts_first, acts_second` (numbers; `acts_first_ru` and the like as
    they read in a language)

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> first, second = study.cities[:2]
    >>> apart = regulation_differences(acts, study.indicators, first, second, "2024-01-01")
    >>> apart.columns.tolist()[:2]
    ['instrument', 'level']
    """
    matrix = coverage_matrix(regulation, book, [first, second], on)
    named = ["numbers", *(f"numbers_{language}" for language in languages_of(regulation))]
    wide = matrix.pivot(index=["instrument", "level"], columns="territory", values=["acts", *named])
    lines = [
        [
            instrument,
            level,
            first,
            second,
            first if row["acts", first] else second,
            *(row[name, city] for name in named for city in (first, second)),
        ]
        for (instrument, level), row in wide.reindex(
            matrix.set_index(["instrument", "level"]).index.unique()
        ).iterrows()
        if bool(row["acts", first]) != bool(row["acts", second])
    ]
    rows = [
        f"acts_{side}{name.removeprefix('numbers')}"
        for name in named
        for side in ("first", "second")
    ]
    return pd.DataFrame(lines, columns=["instrument", "level", "first", "second", "only", *rows])


@returns(
    "act",
    "number",
    "level",
    "territory",
    "checked",
    Column("age", "days since", "whole"),
    "source",
    adds=True,
)
def stale_sources(regulation: pd.DataFrame, on: str, days: int = 365) -> pd.DataFrame:
    """Return the acts to be checked again.

    Their source was read more than a year before a day, or nobody knows when.

    Parameters
    ----------
    regulation : table from `load_regulation`
    on : the day that is meant by today; said, so that the same study gives the same answer
    days : how old a reading may be

    Returns
    -------
    The rows of the register to be checked: `act, number, level, territory, checked, age` (days;
    missing where it is not known), `source`

    Examples
    --------
    >>> from cssp import load_regulation, load_study
    >>> study = load_study()
    >>> acts = load_regulation(study)
    >>> len(stale_sources(acts, "2030-01-01")) == int(acts["checked"].notna().sum())
    True
    """
    day = _day(on)
    checked = [as_date(text) for text in regulation["checked"]]
    age = pd.array([None if one is None else (day - one).days for one in checked], dtype="Int64")
    found = regulation.assign(age=age)
    old = found["age"].isna() | (found["age"] > days)
    named = [str(name) for name in regulation.columns if str(name).startswith(("act_", "number_"))]
    columns = ["act", "number", "level", "territory", "checked", "age", "source", *named]
    return found.loc[old.astype(bool), columns].reset_index(drop=True)
