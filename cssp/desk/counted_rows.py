"""A register (a row a grant, a contract, a project) counted and summed by year and town."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime

from cssp.desk.wide_tables import Cell
from cssp.study.desk_source import CountedRows
from cssp.study.problems import Problem
from cssp.tables.raw import AMBIGUOUS, RawTable, fold, is_ambiguous, to_number

_TOTAL = re.compile(
    r"(?:общий |общая |grand )?(?:итого?|всего|total|в целом)(?: (?:по|за|of|for) .*)?\s*[:.]?"
)
#: The sign of money behind an amount.
_MONEY = re.compile(r"\s*(?:руб(?:лей|ля|\.)?|р\.|₽)$")
_DAY = re.compile(
    r"(?:\d{1,2}\.\d{1,2}\.(?P<ru>\d{4}|\d{2})|(?P<iso>\d{4})-\d\d(?:-\d\d)?|\d{1,2}\.(?P<month>\d{4})"
    r"|(?P<year>\d{4}))(?:\s*(?:г\.?|год|года))?(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
)


def year_of(cell: object) -> int | None:
    """Return the year of a cell with a year or a date; None where it is neither.

    >>> [year_of(cell) for cell in ("05.03.2021", "2021-03-05", "2021 г.", 2021, "03.2021", "soon")]
    [2021, 2021, 2021, 2021, 2021, None]
    """
    if isinstance(cell, date | datetime):
        return cell.year
    number = to_number(cell)
    text = f"{number:.0f}" if isinstance(cell, int | float) and number is not None else str(cell)
    found = _DAY.fullmatch(" ".join(text.split()).removesuffix(".0"))
    told = next(filter(None, found.groups()), "") if found else ""
    year = int(told) + 2000 * (len(told) == 2) if told else 0
    return year if 1990 <= year <= 2100 else None


def is_total(cell: object) -> bool:
    """Tell whether a cell says that its row is the total of others.

    >>> is_total("ИТОГО:"), is_total("Всего по области"), is_total("Итоги года")
    (True, True, False)
    """
    return isinstance(cell, str) and bool(_TOTAL.fullmatch(fold(cell)))


def amount_of(cell: object, decimal: str | None = None) -> float | None:
    """Return an amount of money as a number, also one with the sign of roubles behind it.

    >>> amount_of("500 000 руб."), amount_of("7,5 ₽"), amount_of("much")
    (500000.0, 7.5, None)
    """
    return to_number(_MONEY.sub("", cell) if isinstance(cell, str) else cell, decimal)


def counted_cells(
    raw: RawTable, counted: CountedRows, source: str, decimal: str | None = None
) -> tuple[list[Cell], list[Problem]]:
    """Return a register's numbers and sums, one value a year, town and indicator.

    A year or town without a row has no value: a register does not say whether it is complete.

    Parameters
    ----------
    raw : the register, with the city's rows only
    counted : what is counted and summed
    source : where the register is from, unless `counted` says so
    decimal : the sign of decimals, where it is fixed

    Returns
    -------
    the values, and the problems: a column that is not there, a year or an amount that is none; a
    row without an amount is counted, and said
    """
    by_column = isinstance(counted.year, str) and not year_of(counted.year)
    amounts = [one.column for one in counted.values if one.column is not None]
    places = [counted.municipality] if counted.municipality is not None else []
    used = [*([str(counted.year)] if by_column else []), *places, *amounts]
    problems = [raw.no_column(name) for name in dict.fromkeys(used) if name not in raw.data]
    if problems:
        return [], problems
    groups: dict[tuple[int, str], list[tuple[int, dict[str, object]]]] = defaultdict(list)
    names: dict[str, str] = {}
    for row, line in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        record = {str(key): value for key, value in line.items()}
        if total := next((text for text in record.values() if is_total(text)), None):
            problems.append(
                Problem(
                    raw.file,
                    f"The row is a total ('{total}'): it would count once more.",
                    "Leave it out with 'skip_rows' under 'format' in city.yaml.",
                    row,
                    value=str(total),
                )
            )
            continue
        cell = record[str(counted.year)] if by_column else counted.year
        year = year_of(cell)
        if year is None:
            problems.append(
                Problem(
                    raw.file,
                    "The row has no year and no date that can be read.",
                    "Write it as 05.03.2021 or 2021, or leave the row out with 'rows'.",
                    row,
                    str(counted.year),
                    None if cell is None else str(cell),
                )
            )
            continue
        town = "" if counted.municipality is None else str(record[counted.municipality] or "")
        if counted.municipality is not None and not town.strip():
            problems.append(
                Problem(
                    raw.file,
                    "The row has no town.",
                    "Write it, or leave the row out with 'skip_rows'.",
                    row,
                    counted.municipality,
                )
            )
            continue
        names.setdefault(fold(town), " ".join(town.split()))
        groups[year, names[fold(town)]].append((row, record))
    cells = []
    for (year, town), lines in sorted(groups.items()):
        for one in counted.values:
            value, note, found = _value(raw.file, lines, one.column, decimal)
            problems += found
            record = {
                "municipality": town,
                "level": counted.level,
                "kind": counted.kind,
                "year": year,
                "indicator": one.indicator,
                "value": value,
                "unit": one.unit,
                "status": "derived",
                "source": counted.source or source,
                "note": note,
            }
            cells.append(Cell(raw.file, lines[0][0], record, {"value": one.column or "row"}))
    return cells, problems


def _value(
    file: str, lines: list[tuple[int, dict[str, object]]], column: str | None, decimal: str | None
) -> tuple[float, str, list[Problem]]:
    """Return the number of rows or the sum of their amounts, and what is to be said of it."""
    if column is None:
        return len(lines), "", []
    total, without, problems = 0.0, [], []
    for row, record in lines:
        cell = record[column]
        if cell is None or not str(cell).strip():
            without.append(row)
            continue
        number = amount_of(cell, decimal)
        if number is None:
            unclear = AMBIGUOUS if is_ambiguous(cell) else ""
            what = f"'{cell}' is text where a number is due{unclear}."
            problems.append(
                Problem(file, what, "Write a number, or leave it empty.", row, column, str(cell))
            )
        total += number or 0.0
    note = ""
    if without:
        shown = ", ".join(map(str, without[:20]))
        note = f"the sum of {len(lines) - len(without)} of {len(lines)} rows: the others have none"
        problems.append(
            Problem(
                file,
                f"{len(without)} rows have no amount (rows {shown}): they are counted, and add "
                "nothing.",
                "Look whether it is known.",
                without[0],
                column,
                severity="warning",
            )
        )
    return total, note, problems
