"""The desk study's files into one long indicator table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.problems import CsspError, DataError, Problem, errors_in, nearest
from cssp.study import City, Study
from cssp.tabular import AMBIGUOUS, RawTable, fold, is_ambiguous, read_table, to_number
from cssp.yaml_files import in_language

COLUMNS = [
    "city", "region", "municipality", "oktmo", "level", "kind", "year", "indicator", "value", "unit", "basis", "status",
    "units", "source", "note",
]  # fmt: skip
REQUIRED = ["level", "year", "indicator", "value", "unit", "source"]
STATUSES = ("observed", "derived", "estimated", "unknown")

#: Units that may be declared in a file, and how many of the codebook's unit one of them is.
MULTIPLES = {"thousand ": 1_000, "million ": 1_000_000, "billion ": 1_000_000_000}


#: Values outside these bounds cannot be meant.
RANGES = {"share": (0.0, 1.0), "percent": (0.0, 100.0), "yes_no": (0.0, 1.0)}


def load_desk(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the indicator table of some cities (None: all that have one).

    Returns
    -------
    One row a value: `city`, `region`, `municipality` (empty: the territory as a whole), `oktmo`, `level` (whose budget or
    administration), `kind` (of municipality), `year`, `indicator`, `value` (in the codebook's unit; missing where unknown),
    `unit`, `basis` (e.g. which census a population rests on), `status` (observed, derived, estimated, unknown), `units` (how
    many municipalities the row stands for), `source`, `note`.

    Raises
    ------
    DataError
        All that is wrong in the files at once: an unknown indicator, level or kind, a year that is none, a negative population,
        a value without unit or source, two values for one cell.

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
    return pd.concat(parts, ignore_index=True)


def read_city(study: Study, city: City) -> tuple[pd.DataFrame, list[Problem]]:
    """Read one city's indicator table, gathering every problem.

    Returns
    -------
    the table as in `load_desk`, and the problems
    """
    source = city.file.desk
    if source is None:
        return pd.DataFrame(columns=COLUMNS), []
    try:
        raw = read_table(city.path(source.file), source.format)
    except CsspError as error:
        return pd.DataFrame(columns=COLUMNS), list(error.problems)
    missing = [raw.no_column(name) for name in REQUIRED if name not in raw.data]
    if missing:
        return pd.DataFrame(columns=COLUMNS), missing
    return _table(study, city, raw)


def _table(study: Study, city: City, raw: RawTable) -> tuple[pd.DataFrame, list[Problem]]:
    book, problems = study.indicators, []
    indicators = {indicator.name: indicator for indicator in book.indicators}
    decimal = city.file.desk.format.decimal if city.file.desk else None

    def report(row: int, column: str, value: object, what: str, remedy: str) -> None:
        problems.append(Problem(raw.file, what, remedy, row, column, None if value is None else str(value)))

    def cell(record: dict[str, object], column: str) -> str:
        value = record.get(column)
        return "" if value is None else str(value).strip()

    lines = []
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        name = cell(record, "indicator")
        if name not in indicators:
            report(row, "indicator", name, f"'{name}' is not an indicator of the study. {nearest(name, indicators)}",
                   "Correct it, or add the indicator to indicators.yaml.")  # fmt: skip
            continue
        indicator = indicators[name]
        for column, known in (("level", book.levels), ("kind", book.kinds)):
            word = cell(record, column)
            if word not in known and (word or column == "level"):
                report(row, column, word, f"'{word}' is not a {column} of the study. {nearest(word, known)}",
                       f"Correct it, or add the {column} to indicators.yaml.")  # fmt: skip
        told = cell(record, "year")
        year = float(told) if len(told) == 4 and told.isdecimal() else np.nan
        if not 1900 <= year <= 2100:
            report(
                row,
                "year",
                told,
                f"'{told}' is not a year.",
                "Write four digits.",
            )
            year = np.nan
        status = fold(cell(record, "status")) or "observed"
        if status not in STATUSES:
            report(
                row,
                "status",
                status,
                f"'{status}' is not a status. {nearest(status, STATUSES)}",
                "Correct it.",
            )
        value = _value(
            record,
            indicator.unit,
            status,
            decimal,
            lambda c, v, w, r, row=row: report(row, c, v, w, r),
        )
        if value is not None and value < 0 and indicator.role == "population":
            report(
                row,
                "value",
                cell(record, "value"),
                "A population is negative.",
                "Correct the value.",
            )
        if not cell(record, "source"):
            report(row, "source", None, "The value has no source.", "Say where the figure comes from.")
        units = to_number(cell(record, "units")) if cell(record, "units") else 1.0
        if units is None or units < 1 or units > 1e6 or units != round(units):
            report(
                row,
                "units",
                cell(record, "units"),
                "The number of municipalities must be 1 or more.",
                "Correct it.",
            )
        basis = cell(record, "basis")
        if basis and book.bases and basis not in book.bases:
            report(row, "basis", basis, f"'{basis}' is not a basis of the study. {nearest(basis, book.bases)}",
                   "Correct it, or add it to the bases in indicators.yaml.")  # fmt: skip
        oktmo = cell(record, "oktmo")
        if oktmo and not (oktmo.isdigit() and len(oktmo) in (8, 11)):
            report(
                row,
                "oktmo",
                oktmo,
                f"'{oktmo}' is not an OKTMO code, which has 8 or 11 digits.",
                "Correct the code.",
            )
        lines.append(
            {
                "city": city.name,
                "region": in_language(city.file.region, study.file.languages[0]),
                "municipality": cell(record, "municipality"),
                "oktmo": oktmo,
                "level": cell(record, "level"),
                "kind": cell(record, "kind"),
                "year": year,
                "indicator": name,
                "value": value,
                "unit": indicator.unit,
                "basis": cell(record, "basis"),
                "status": status,
                "units": units,
                "source": cell(record, "source"),
                "note": cell(record, "note"),
                "_row": row,
            }
        )
    table = pd.DataFrame(lines, columns=[*COLUMNS, "_row"])
    key = ["municipality", "level", "kind", "year", "indicator", "basis"]
    for position in np.flatnonzero(table.duplicated(key).to_numpy()):
        line = table.iloc[position]
        first = table.loc[(table[key] == line[key]).all(axis=1), "_row"].iloc[0]
        report(int(line["_row"]), "indicator", line["indicator"],
               f"The cell has two values; the other stands on row {first}.",
               "Remove one, or tell them apart by municipality, kind or basis.")  # fmt: skip
    table["value"] = pd.to_numeric(table["value"]).astype("Float64")
    table["units"] = pd.to_numeric(table["units"]).fillna(1).astype("int64")
    table["year"] = pd.to_numeric(table["year"]).astype("Int64")
    return table[COLUMNS], problems


def _value(
    record: dict[str, object], unit: str, status: str, decimal: str | None, report: object
) -> float | None:
    """Return the value in the codebook's unit, or None where it is unknown."""
    assert callable(report)
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
    if not low <= number <= high or abs(number) > 1e18 or (unit == "yes_no" and number not in (0, 1)):
        report(
            "value",
            text,
            f"{text} cannot be a value in the unit '{declared}'.",
            "Correct the value or the unit.",
        )
        return None
    return number
