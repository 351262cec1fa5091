"""The values of a row of the desk study's table: numbers, years, dates, repeated rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from cssp.desk.wide_tables import Cell
from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.study.problems import Problem, nearest
from cssp.tables.raw import AMBIGUOUS, fold, is_ambiguous, to_number

STATUSES = ("observed", "derived", "estimated", "unknown")


#: Units that may be declared in a file, and how many of the codebook's unit one of them is.
MULTIPLES = {"thousand ": 1_000, "million ": 1_000_000, "billion ": 1_000_000_000}


#: Values outside these bounds cannot be meant.
RANGES = {"share": (0.0, 1.0), "percent": (0.0, 100.0), "yes_no": (0.0, 1.0)}


#: Roles whose values count something and so cannot be negative.
COUNTED = {
    "population": "A population",
    "organisations": "A number of organisations",
    "municipalities": "A number of municipalities",
}


#: Said beside a budget figure below zero.
REFUND = "negative: a refund"


#: column, value, what is wrong, what to do, severity
Report = Callable[..., None]


def cell_text(cell: Cell, column: str) -> str:
    """Return a cell of a row as text; empty where there is none."""
    value = cell.record.get(column)
    return "" if value is None else str(value).strip()


def desk_row(
    cell: Cell, indicator: Indicator, book: IndicatorBook, decimal: str | None, report: Report
) -> dict[str, object]:
    """Return one row of the indicator table, reporting what is wrong with it."""
    for column, known in (("level", book.levels), ("kind", book.kinds)):
        word = cell_text(cell, column)
        if word not in known and (word or column == "level"):
            report(
                column,
                word,
                f"'{word}' is not a {column} of the study. {nearest(word, known)}",
                f"Correct it, or add the {column} to indicators.yaml.",
            )
    year = _year(cell, report)
    status = fold(cell_text(cell, "status")) or "observed"
    if status not in STATUSES:
        report(
            "status",
            status,
            f"'{status}' is not a status. {nearest(status, STATUSES)}",
            "Correct it.",
        )
    value = _value(cell.record, indicator.unit, status, decimal, report)
    note = cell_text(cell, "note")
    if value is not None and value < 0:
        text = cell_text(cell, "value")
        if indicator.role in COUNTED:
            report("value", text, f"{COUNTED[indicator.role]} is negative.", "Correct the value.")
        elif indicator.role in ("support", "expenditure"):
            note = "; ".join(filter(None, [note, REFUND]))
            report(
                "value",
                text,
                f"{text} is less than nothing spent.",
                "It is kept as a refund; correct it if it is none.",
                "warning",
            )
    if not cell_text(cell, "source"):
        report("source", None, "The value has no source.", "Say where the figure comes from.")
    units = to_number(cell_text(cell, "units")) if cell_text(cell, "units") else 1.0
    if units is None or units < 1 or units > 1e6 or units != round(units):
        report(
            "units",
            cell_text(cell, "units"),
            "The number of municipalities must be 1 or more.",
            "Correct it.",
        )
    basis = cell_text(cell, "basis")
    if basis and book.bases and basis not in book.bases:
        report(
            "basis",
            basis,
            f"'{basis}' is not a basis of the study. {nearest(basis, book.bases)}",
            "Correct it, or add it to the bases in indicators.yaml.",
        )
    return {
        "municipality": cell_text(cell, "municipality"),
        "oktmo": cell_text(cell, "oktmo"),
        "level": cell_text(cell, "level"),
        "kind": cell_text(cell, "kind"),
        "year": year,
        "date": _date(cell, indicator, year, report),
        "indicator": indicator.name,
        "value": value,
        "unit": indicator.unit,
        "price_basis": indicator.price_basis,
        "basis": basis,
        "status": status,
        "units": units,
        "source": cell_text(cell, "source"),
        "note": note,
    }


def _year(cell: Cell, report: Report) -> float:
    text = re.sub(r"\s*(г\.?|год)$", "", cell_text(cell, "year").removesuffix(".0"))
    year = float(text) if len(text) == 4 and text.isdecimal() else np.nan
    if 1900 <= year <= 2100:
        return year
    report("year", text, f"'{text}' is not a year.", "Write four digits.")
    return np.nan


def _date(cell: Cell, indicator: Indicator, year: float, report: Report) -> str:
    """Return the day that a stock was counted on: the row's own, or the codebook's.

    Empty where there is none.
    """
    text = cell_text(cell, "date")[:10]
    if not text:
        return f"{year:.0f}-{indicator.counted}" if indicator.counted and year == year else ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        report("date", text, f"'{text}' is not a date.", "Write 2022-01-01, or leave it empty.")
        return ""
    if year == year and day.year != year:
        report(
            "date",
            text,
            f"The date {text} is not in the year {year:.0f}.",
            "Correct one of the two.",
        )
    return text


def rows_twice(table: pd.DataFrame) -> list[Problem]:
    """Return a problem for each value whose cell (whose, when, what) has a value already."""
    key = ["municipality", "level", "kind", "year", "indicator", "basis"]
    problems = []
    table = table[table["year"].notna()]  # a year that is none is said already
    again = np.flatnonzero(table.duplicated(key).to_numpy())
    first = (
        dict(
            zip(
                table.loc[~table.duplicated(key), key].itertuples(index=False, name=None),
                table.loc[~table.duplicated(key), ["_file", "_row"]].itertuples(
                    index=False, name=None
                ),
                strict=True,
            )
        )
        if len(again)
        else {}
    )
    for position in again:
        line = table.iloc[position]
        file, row = first[tuple(line[key])]
        where = f"row {row}" if file == line["_file"] else f"{file}, row {row}"
        problems.append(
            Problem(
                line["_file"],
                f"The cell has two values; the other stands on {where}.",
                "Remove one, or tell them apart by municipality, kind or basis.",
                int(line["_row"]),
                "indicator",
                line["indicator"],
            )
        )
    return problems


def _value(
    record: dict[str, object], unit: str, status: str, decimal: str | None, report: Report
) -> float | None:
    """Return the value in the codebook's unit, or None where it is unknown."""
    cell = record.get("value")
    text = "" if cell is None else str(cell).strip()
    declared = "" if record.get("unit") is None else str(record["unit"]).strip()
    if not declared:
        report("unit", None, "The value has no unit.", f"Write its unit, e.g. {unit}.")
    factor = next(
        (f for word, f in MULTIPLES.items() if declared == word + unit),
        1 if declared == unit else None,
    )
    if factor is None and declared:
        known = [unit, *(word + unit for word in MULTIPLES)]
        report(
            "unit",
            declared,
            f"'{declared}' is not the indicator's unit. {nearest(declared, known)}",
            "Correct the unit.",
        )
    if status == "unknown":
        if text:
            report(
                "value",
                text,
                "The status says unknown, but there is a value.",
                "Remove one of the two.",
            )
        return None
    if unit == "yes_no" and fold(text) in ("yes", "no", "да", "нет"):
        return float(fold(text) in ("yes", "да"))
    number = to_number(cell, decimal)
    if number is None:
        what = (
            f"'{text}' is text where a number is due{AMBIGUOUS if is_ambiguous(cell) else ''}."
            if text
            else "The value is empty."
        )
        report("value", text, what, "Write a number, or the status 'unknown' and no value.")
        return None
    number *= factor or 1
    low, high = RANGES.get(unit, (-np.inf, np.inf))
    if (
        not low <= number <= high
        or abs(number) > 1e18
        or (unit == "yes_no" and number not in (0, 1))
    ):
        report(
            "value",
            text,
            f"{text} cannot be a value in the unit '{declared}'.",
            "Correct the value or the unit.",
        )
        return None
    return number


def rows_of_wholes(table: pd.DataFrame) -> list[Problem]:
    """Return a problem for each row that is the whole of the rows beside it.

    Told by its OKTMO code (a subject's ends in six zeros), else by its value, which is the sum of
    the others'. Added to its parts it would count twice.
    """
    problems = []
    key = ["_file", "level", "kind", "year", "indicator", "basis"]
    named = table[table["municipality"].astype(str) != ""]
    for _, part in named.groupby(key, sort=False, dropna=False):
        if len(part) < 3:
            continue
        codes = part["oktmo"].astype(str)
        whole = codes.str.fullmatch(r"\d\d000000(000)?").to_numpy()
        by_code = whole.any() and not whole.all()
        values = pd.to_numeric(part["value"]).to_numpy(dtype=float)
        others = np.nansum(values) - values
        if not by_code:
            whole = (values > 0) & np.isclose(values, others, rtol=1e-9, atol=0)
        if whole.sum() != 1:
            continue
        row = part.iloc[int(np.flatnonzero(whole)[0])]
        why = f"its OKTMO code is {row['oktmo']}" if by_code else "its value is the sum of theirs"
        problems.append(
            Problem(
                row["_file"],
                f"The row of '{row['municipality']}' is the whole of the rows beside it ({why}): "
                "it would count twice.",
                "Name it under 'leave_out' in city.yaml, or give it a level of its own.",
                int(row["_row"]),
                "municipality",
                str(row["municipality"]),
            )
        )
    return problems


def levels_apart(table: pd.DataFrame, stocks: list[str]) -> list[Problem]:
    """Return a problem for each stock (residents) that differs between the levels of a city's file.

    A rate is of one territory, whatever level spends: the residents of the town beside those of its
    region would be taken for the same.
    """
    problems = []
    own = table[table["indicator"].isin(stocks) & (table["kind"] == "") & table["value"].notna()]
    for (name, year, _), part in own.groupby(["indicator", "year", "basis"], sort=False):
        if part["value"].nunique() > 1 and part["level"].nunique() > 1:
            row = part.iloc[-1]
            totals = ", ".join(
                f"{v:,.0f} ({level})" for v, level in zip(part["value"], part["level"], strict=True)
            )
            problems.append(
                Problem(
                    row["_file"],
                    f"'{name}' of {year:.0f} differs between the levels: {totals}.",
                    "Keep the residents of the territory that the study is of.",
                    int(row["_row"]),
                    "indicator",
                    name,
                )
            )
    return problems
