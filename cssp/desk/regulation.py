"""The acts that the partnership rests on: one row an act and instrument."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cssp.problems import CsspError, DataError, Problem, nearest
from cssp.study import Study
from cssp.tabular import read_table

COLUMNS = [
    "act", "number", "date", "level", "territory", "instrument", "in_force_from", "in_force_to", "status", "source", "note",
]  # fmt: skip


def load_regulation(study: Study) -> pd.DataFrame:
    """Load `regulation.csv`.

    Returns
    -------
    One row an act: `act, number, date, level, territory` (a city of the study, or empty: everywhere), `instrument`,
    `in_force_from, in_force_to` (ISO dates, or years; empty where not known), `status, source, note`; all text.

    Raises
    ------
    DataError
        A missing column, an unknown level or territory, a date that is none, an end before the start, no source.
    """
    table, problems = read_regulation(study)
    if problems:
        raise DataError(problems)
    return table


def read_regulation(study: Study) -> tuple[pd.DataFrame, list[Problem]]:
    """Read `regulation.csv`, gathering every problem."""
    empty = pd.DataFrame(columns=COLUMNS)
    if study.file.regulation is None:
        return empty, []
    try:
        raw = read_table(study.folder / study.file.regulation, may_be_empty=True)
    except CsspError as error:
        return empty, list(error.problems)
    missing = [raw.no_column(name) for name in COLUMNS if name not in raw.data and name != "note"]
    if missing:
        return empty, missing
    table = raw.data.reindex(columns=COLUMNS).fillna("").astype(str).apply(lambda column: column.str.strip())
    problems: list[Problem] = []
    levels = study.indicators.levels

    def report(row: int, column: str, value: str, what: str, remedy: str) -> None:
        problems.append(Problem(raw.file, what, remedy, row, column, value))

    for row, line in zip(raw.rows.tolist(), table.to_dict("records"), strict=True):
        if line["level"] not in levels:
            report(
                row,
                "level",
                line["level"],
                f"'{line['level']}' is not a level. {nearest(line['level'], levels)}",
                "Correct it.",
            )
        if line["territory"] and line["territory"] not in study.cities:
            report(row, "territory", line["territory"],
                   f"'{line['territory']}' is not a city of the study. {nearest(line['territory'], study.cities)}",
                   "Correct it, or leave it empty for an act that holds everywhere.")  # fmt: skip
        for column in ("date", "in_force_from", "in_force_to"):
            if line[column] and as_date(line[column]) is None:
                report(
                    row,
                    column,
                    line[column],
                    f"'{line[column]}' is not a date.",
                    "Write 2022-07-01, or a year.",
                )
        start, end = as_date(line["in_force_from"]), as_date(line["in_force_to"], end=True)
        if start and end and end < start:
            report(
                row,
                "in_force_to",
                line["in_force_to"],
                "The act ends before it starts.",
                "Correct the dates.",
            )
        if not line["source"]:
            report(row, "source", "", "The act has no source.", "Say where it was read.")
    return table, problems


def as_date(text: str, end: bool = False) -> date | None:
    """Return an ISO date, or the first (or last) day of a year; None for anything else.

    >>> as_date("2022"), as_date("2022", end=True), as_date("soon")
    (datetime.date(2022, 1, 1), datetime.date(2022, 12, 31), None)
    """
    try:
        if len(text) == 4 and text.isdigit():
            return date(int(text), 12, 31) if end else date(int(text), 1, 1)
        return date.fromisoformat(text)
    except ValueError:
        return None


def in_force(regulation: pd.DataFrame, on: str, territory: str = "") -> pd.DataFrame:
    """Return the acts known to hold on a day, everywhere and in a territory.

    An act without a start is taken to hold from its date, one without an end to hold still; the column `basis` says which
    of these dates were known.
    """
    day = as_date(on)
    if day is None:
        raise DataError(f"'{on}' is not a date; write 2022-07-01, or a year.")
    rows = regulation[(regulation["territory"] == "") | (regulation["territory"] == territory)]
    start = [as_date(a or b) for a, b in zip(rows["in_force_from"], rows["date"], strict=True)]
    end = [as_date(text, end=True) for text in rows["in_force_to"]]
    holds = [s is not None and s <= day and (e is None or day <= e) for s, e in zip(start, end, strict=True)]
    kept = rows[np.array(holds, dtype=bool)].copy()
    kept["basis"] = [
        ("start known" if a else "start assumed from the date of the act") + ("" if b else ", end not known")
        for a, b in zip(kept["in_force_from"], kept["in_force_to"], strict=True)
    ]
    return kept
