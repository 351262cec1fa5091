"""The desk study's files into one long indicator table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import pandas as pd

from cssp.desk.territories import oktmo_problem
from cssp.desk.wide_tables import Cell, long_cells, wide_cells
from cssp.stats.columns import returns
from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.study.problems import CsspError, DataError, Problem, errors_in, nearest
from cssp.study.read_yaml import in_language
from cssp.study.study import City, Study
from cssp.tables.raw import AMBIGUOUS, fold, is_ambiguous, keep_rows, to_number
from cssp.tables.read import read_table

COLUMNS = [
    "city",
    "region",
    "municipality",
    "oktmo",
    "level",
    "kind",
    "year",
    "date",
    "indicator",
    "value",
    "unit",
    "price_basis",
    "basis",
    "status",
    "units",
    "source",
    "note",
]
#: Texts that a file may also tell in the study's languages: `source_ru`, `note_ru`,
#: `municipality_ru`.
TOLD = ("source", "note", "municipality")
REQUIRED = ["level", "year", "indicator", "value", "unit", "source"]
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


@returns(
    "city",
    "region",
    "municipality",
    "oktmo",
    "level",
    "kind",
    "year",
    "date",
    "indicator",
    "value",
    "unit",
    "price_basis",
    "basis",
    "status",
    "units",
    "source",
    "note",
)
def load_desk(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the indicator table of some cities (None: all that have one).

    Returns
    -------
    One row a value: `city`, `region`, `municipality` (empty: the territory as a whole), `oktmo`,
    `level` (whose budget or
    administration), `kind` (of municipality), `year`, `date` (ISO; of a stock, the day it was
    counted; empty for what a whole year made),
    `indicator`, `value` (in the codebook's unit; missing where unknown), `unit`, `price_basis`
    (current, constant, none), `basis` (e.g. which
    census a population rests on), `status` (observed, derived, estimated, unknown), `units` (how
    many municipalities the row stands for),
    `source`, `note`; where a file tells these in a language of the study, also `source_ru`,
    `note_ru` and the like (empty where a row does not).

    Raises
    ------
    DataError
        All that is wrong in the files at once: an unknown indicator, level or kind, a year that is
        none, a negative population, an OKTMO
        code of wrong structure, a value without unit or source, two values for one cell.

    Examples
    --------
    >>> from cssp import load_study
    >>> desk = load_desk(load_study())
    >>> sorted(desk["level"].unique())
    ['federal', 'local', 'subject']
    """
    parts, problems = [], []
    for name in study.cities_with("desk", cities):
        table, found = read_city(study, study.city(name))
        problems += errors_in(found)
        parts.append(table)
    if problems:
        raise DataError(problems)
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    told = [name for name in table if name not in COLUMNS]
    return table.fillna(dict.fromkeys(told, "")) if told else table


def read_city(study: Study, city: City) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one city's indicator tables, gathering every problem.

    Returns
    -------
    the table as in `load_desk`, and the problems
    """
    source = city.file.desk
    if source is None:
        return pd.DataFrame(columns=COLUMNS), []
    cells: list[tuple[Cell, str | None]] = []
    problems: list[Problem] = []
    for told in source.all_tables():
        try:
            raw = read_table(city.path(told.file), told.format)
        except CsspError as error:
            problems += error.problems
            continue
        raw, found = keep_rows(raw, told.rows)
        problems += found
        if told.columns is not None:
            wide, found = wide_cells(raw, told.columns, source.provenance.source)
            cells += [(cell, told.format.decimal) for cell in wide]
            problems += found
        elif missing := [raw.no_column(column) for column in REQUIRED if column not in raw.data]:
            problems += missing
        else:
            cells += [(cell, told.format.decimal) for cell in long_cells(raw)]
    if errors_in(problems):
        return pd.DataFrame(columns=COLUMNS), problems
    table, found = _table(study, city, cells)
    return table, problems + found


def _table(
    study: Study, city: City, cells: list[tuple[Cell, str | None]]
) -> tuple[pd.DataFrame, list[Problem]]:
    book, problems = study.indicators, []
    indicators = {indicator.name: indicator for indicator in book.indicators}
    region = in_language(city.file.region, study.file.languages[0])
    codes: dict[str, str] = {}
    said: set[tuple[str, str, str]] = set()
    lines: list[dict[str, object]] = []
    known = [f"{name}_{language}" for name in TOLD for language in study.file.languages]
    told = [name for name in known if any(name in cell.record for cell, _ in cells)]
    for cell, decimal in cells:

        def report(
            column: str,
            value: object,
            what: str,
            remedy: str,
            severity: str = "error",
            cell: Cell = cell,
        ) -> None:
            text = None if value is None else str(value)
            if cell.named:  # a wide table says the same of every row: once is enough
                key = (cell.file, cell.named.get(column, column), what)
                if key in said:
                    return
                said.add(key)
            problems.append(
                Problem(
                    cell.file,
                    what,
                    remedy,
                    cell.row,
                    cell.named.get(column, column),
                    text,
                    severity,
                )
            )

        name = _text(cell, "indicator")
        if name not in indicators:
            report(
                "indicator",
                name,
                f"'{name}' is not an indicator of the study. {nearest(name, indicators)}",
                "Correct it, or add the indicator to indicators.yaml.",
            )
            continue
        line = _line(cell, indicators[name], book, decimal, report)
        oktmo = str(line["oktmo"])
        if oktmo and book.codes == "oktmo":
            if oktmo not in codes:
                codes[oktmo] = oktmo_problem(oktmo, city.file.oktmo or "")
            if codes[oktmo]:
                report("oktmo", oktmo, codes[oktmo], "Correct the code.")
        texts = {name: _text(cell, name) for name in told}
        lines.append(
            {
                "city": city.name,
                "region": region,
                **line,
                **texts,
                "_file": cell.file,
                "_row": cell.row,
            }
        )
    table = pd.DataFrame(lines, columns=[*COLUMNS, *told, "_file", "_row"])
    problems += _twice(table)
    table["value"] = pd.to_numeric(table["value"]).astype("Float64")
    table["units"] = pd.to_numeric(table["units"]).fillna(1).astype("int64")
    table["year"] = pd.to_numeric(table["year"]).astype("Int64")
    return table[[*COLUMNS, *told]], problems


def _text(cell: Cell, column: str) -> str:
    value = cell.record.get(column)
    return "" if value is None else str(value).strip()


def _line(
    cell: Cell, indicator: Indicator, book: IndicatorBook, decimal: str | None, report: Report
) -> dict[str, object]:
    """Return one row of the indicator table, reporting what is wrong with it."""
    for column, known in (("level", book.levels), ("kind", book.kinds)):
        word = _text(cell, column)
        if word not in known and (word or column == "level"):
            report(
                column,
                word,
                f"'{word}' is not a {column} of the study. {nearest(word, known)}",
                f"Correct it, or add the {column} to indicators.yaml.",
            )
    year = _year(cell, report)
    status = fold(_text(cell, "status")) or "observed"
    if status not in STATUSES:
        report(
            "status",
            status,
            f"'{status}' is not a status. {nearest(status, STATUSES)}",
            "Correct it.",
        )
    value = _value(cell.record, indicator.unit, status, decimal, report)
    note = _text(cell, "note")
    if value is not None and value < 0:
        told = _text(cell, "value")
        if indicator.role in COUNTED:
            report("value", told, f"{COUNTED[indicator.role]} is negative.", "Correct the value.")
        elif indicator.role in ("support", "expenditure"):
            note = "; ".join(filter(None, [note, REFUND]))
            report(
                "value",
                told,
                f"{told} is less than nothing spent.",
                "It is kept as a refund; correct it if it is none.",
                "warning",
            )
    if not _text(cell, "source"):
        report("source", None, "The value has no source.", "Say where the figure comes from.")
    units = to_number(_text(cell, "units")) if _text(cell, "units") else 1.0
    if units is None or units < 1 or units > 1e6 or units != round(units):
        report(
            "units",
            _text(cell, "units"),
            "The number of municipalities must be 1 or more.",
            "Correct it.",
        )
    basis = _text(cell, "basis")
    if basis and book.bases and basis not in book.bases:
        report(
            "basis",
            basis,
            f"'{basis}' is not a basis of the study. {nearest(basis, book.bases)}",
            "Correct it, or add it to the bases in indicators.yaml.",
        )
    return {
        "municipality": _text(cell, "municipality"),
        "oktmo": _text(cell, "oktmo"),
        "level": _text(cell, "level"),
        "kind": _text(cell, "kind"),
        "year": year,
        "date": _date(cell, indicator, year, report),
        "indicator": indicator.name,
        "value": value,
        "unit": indicator.unit,
        "price_basis": indicator.price_basis,
        "basis": basis,
        "status": status,
        "units": units,
        "source": _text(cell, "source"),
        "note": note,
    }


def _year(cell: Cell, report: Report) -> float:
    told = _text(cell, "year")
    year = float(told) if len(told) == 4 and told.isdecimal() else np.nan
    if 1900 <= year <= 2100:
        return year
    report("year", told, f"'{told}' is not a year.", "Write four digits.")
    return np.nan


def _date(cell: Cell, indicator: Indicator, year: float, report: Report) -> str:
    """Return the day that a stock was counted on: the row's own, or the codebook's.

    Empty where there is none.
    """
    told = _text(cell, "date")[:10]
    if not told:
        return f"{year:.0f}-{indicator.counted}" if indicator.counted and year == year else ""
    try:
        day = date.fromisoformat(told)
    except ValueError:
        report("date", told, f"'{told}' is not a date.", "Write 2022-01-01, or leave it empty.")
        return ""
    if year == year and day.year != year:
        report(
            "date",
            told,
            f"The date {told} is not in the year {year:.0f}.",
            "Correct one of the two.",
        )
    return told


def _twice(table: pd.DataFrame) -> list[Problem]:
    """Return a problem for each value whose cell (whose, when, what) has a value already."""
    key = ["municipality", "level", "kind", "year", "indicator", "basis"]
    problems = []
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
    told = record.get("value")
    text = "" if told is None else str(told).strip()
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
    if unit == "yes_no" and fold(text) in ("yes", "no"):
        return float(fold(text) == "yes")
    number = to_number(told, decimal)
    if number is None:
        what = (
            f"'{text}' is text where a number is due{AMBIGUOUS if is_ambiguous(told) else ''}."
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
