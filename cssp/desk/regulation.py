"""The acts that the partnership rests on: one row an act and instrument.

What held when and where, and where an act is missing.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cssp.desk.references import read_references
from cssp.desk.study_tables import open_register
from cssp.stats.columns import returns
from cssp.study.problems import DataError, Problem, nearest
from cssp.study.study import Study

COLUMNS = [
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
]
#: Columns without which the register cannot be read; `reference` may stand for number and date.
REQUIRED: list[str | tuple[str, ...]] = [
    "act",
    "level",
    "territory",
    "instrument",
    "in_force_from",
    "in_force_to",
    "status",
    "source",
    ("number", "reference"),
    ("date", "reference"),
]
#: Columns that say the same in a language: act_ru, number_ru, note_ru.
NAMED = ("act_", "number_", "note_", "source_")
STATUSES = (
    "in force",
    "in force in part",
    "ended",
    "repealed",
    "recommendation",
    "amendment",
    "known in part",
)
#: Statuses of acts that do not hold any more.
PAST = ("ended", "repealed")


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
)
def load_regulation(study: Study) -> pd.DataFrame:
    """Load `regulation.csv`.

    A column `reference` in Russian notation ('от 05.04.2010 № 40-ФЗ') may stand for `number` and
    `date`; columns `act_ru`, `number_ru`, `note_ru` (or another language) say
    the same in a language (see `acts_in`).

    Returns
    -------
    One row an act and instrument: `act, number, date, level, territory` (a city of the study, or
    empty: everywhere), `instrument` (of the codebook, where it
    lists them), `in_force_from, in_force_to` (ISO dates, or years; empty where not known),
    `amended_by` (numbers of acts in the register, with semicolons between), `status, source`,
    `checked` (the day on which the source was read), `note`; all text.

    Raises
    ------
    DataError
        A missing column, an unknown level, territory, instrument or status, a date that is none, an
        end before the start, an amending act that is not in the register,
        a reference that cannot be read or says something else than number and date, no source.

    Examples
    --------
    >>> from cssp import load_study
    >>> sorted(load_regulation(load_study())["level"].unique())
    ['federal', 'local', 'subject']
    """
    table, problems = read_regulation(study)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise DataError(errors)
    return table


def read_regulation(study: Study) -> tuple[pd.DataFrame, list[Problem]]:
    """Read `regulation.csv`, gathering every problem.

    Returns
    -------
    the table as in `load_regulation`, and the problems
    """
    raw, found = open_register(study, study.file.regulation, REQUIRED)
    if raw is None:
        return pd.DataFrame(columns=COLUMNS), found
    named = [str(name) for name in raw.data.columns if str(name).startswith(NAMED)]
    table = (
        raw.data.reindex(columns=[*COLUMNS, *named, "reference"])
        .astype(object)
        .fillna("")
        .astype(str)
    )
    table = table.apply(lambda column: column.str.strip())
    problems: list[Problem] = []
    records = table.to_dict("records")
    rows = raw.rows.tolist()

    def report(row: int, column: str, value: str, what: str, remedy: str) -> None:
        problems.append(Problem(raw.file, what, remedy, row, column, value))

    for row, line in zip(rows, records, strict=True):
        if line["reference"]:
            _from_reference(line, row, report)
    numbers = {line["number"] for line in records} - {""}
    for row, line in zip(rows, records, strict=True):
        _check_line(line, row, study, numbers, report)
    return pd.DataFrame(records, columns=[*COLUMNS, *named]), problems


def _from_reference(line: dict[str, str], row: int, report: object) -> None:
    """Fill number and date from a reference; refuse one that says something else than they do."""
    assert callable(report)
    found = read_references(line["reference"])
    if len(found) != 1 or not found["date"].iloc[0]:
        what = "names more than one act" if len(found) > 1 else "cannot be read"
        report(
            row,
            "reference",
            line["reference"],
            f"The reference '{line['reference']}' {what}.",
            "Write it like 'от 05.04.2010 № 40-ФЗ'.",
        )
        return
    for name in ("number", "date"):
        text = str(found[name].iloc[0])
        if line[name] and line[name] != text:
            report(
                row,
                name,
                line[name],
                f"The reference says {text}, this column {line[name]}.",
                "Correct one of the two.",
            )
        line[name] = line[name] or text


def _check_line(
    line: dict[str, str], row: int, study: Study, numbers: set[str], report: object
) -> None:
    assert callable(report)
    book = study.indicators
    for column, known, what in (
        ("level", book.levels, "a level"),
        ("instrument", book.instruments, "an instrument of the study"),
    ):
        if known and line[column] not in known:
            report(
                row,
                column,
                line[column],
                f"'{line[column]}' is not {what}. {nearest(line[column], known)}",
                "Correct it.",
            )
    if line["territory"] and line["territory"] not in study.cities:
        report(
            row,
            "territory",
            line["territory"],
            f"'{line['territory']}' is not a city of the study. "
            f"{nearest(line['territory'], study.cities)}",
            "Correct it, or leave it empty for an act that holds everywhere.",
        )
    if line["status"] not in STATUSES:
        report(
            row,
            "status",
            line["status"],
            f"'{line['status']}' is not a status of an act. {nearest(line['status'], STATUSES)}",
            "Correct it.",
        )
    for column in ("date", "in_force_from", "in_force_to", "checked"):
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
    adopted = as_date(line["date"])
    if adopted and end and end < adopted:
        report(
            row,
            "in_force_to",
            line["in_force_to"],
            f"The act ends before it was adopted ({line['date']}).",
            "Correct the dates.",
        )
    for number in filter(None, (part.strip() for part in line["amended_by"].split(";"))):
        if number not in numbers:
            report(
                row,
                "amended_by",
                number,
                f"The act is amended by '{number}', which is not in the register. "
                f"{nearest(number, numbers)}",
                "Add that act, or correct its number.",
            )
        elif number == line["number"]:
            report(row, "amended_by", number, "The act amends itself.", "Correct the number.")
    if not line["source"]:
        report(row, "source", "", "The act has no source.", "Say where it was read.")


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


def languages_of(regulation: pd.DataFrame) -> list[str]:
    """Return the languages in which the register tells the acts' numbers or names (columns
    `number_ru`, `act_ru`, ...).
    """
    found = [str(name).partition("_") for name in regulation.columns]
    return list(
        dict.fromkeys(
            language for what, _, language in found if what in ("number", "act") and language
        )
    )
