"""A wide table of the desk study (a column an indicator) as the long one that is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cssp.desk.heading_rows import KIND_ABOVE
from cssp.study.desk_source import DeskColumns
from cssp.study.problems import Problem
from cssp.tables.raw import RawTable, fold

#: The mark of a footnote behind a name: "Вологда1)", "Сокол*".
_MARK = re.compile(r"\s*(?:\d\)|\*+|[¹²³⁴⁵]\)?)+$")


class Cell(NamedTuple):
    """One value of an indicator table as it stands in its file.

    `record` has the long table's columns; `named` gives the file's own name of a column where it
    differs.
    """

    file: str
    row: int
    record: dict[str, Any]
    named: dict[str, str]


def long_cells(raw: RawTable) -> Iterator[Cell]:
    """Yield the values of a long table, a row each."""
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        yield Cell(raw.file, row, {str(key): value for key, value in record.items()}, {})


def wide_cells(
    raw: RawTable, columns: DeskColumns, source: str
) -> tuple[list[Cell], list[Problem]]:
    """Return the values of a wide table.

    A blank cell, or one of the words for it, is an unknown value; `zero` has the words for none.

    Parameters
    ----------
    raw : the file
    columns : how it is to be read
    source : where the figures come from, if neither the columns nor the value column say so
    """
    named = {
        "municipality": columns.municipality,
        "oktmo": columns.oktmo,
        "kind": columns.kind_column,
    }
    if isinstance(columns.year, str):
        named["year"] = columns.year
    used = [*filter(None, named.values()), *(column.column for column in columns.values)]
    problems = [raw.no_column(name) for name in dict.fromkeys(used) if name not in raw.data]
    if problems:
        return [], problems
    missing = {fold(word) for word in columns.missing} | {""}
    zero = {fold(word) for word in columns.zero}
    kinds = {fold(value): name for value, name in columns.kinds.items()}
    cells = []
    for row, line in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        common = {key: line[name] for key, name in named.items() if name is not None}
        if "municipality" in common:
            common["municipality"] = _MARK.sub("", str(common["municipality"] or ""))
        if "kind" in common:
            told = kinds.get(fold(common["kind"]))
            common["kind"] = told or line.get(KIND_ABOVE) or common["kind"]
        elif line.get(KIND_ABOVE):
            common["kind"] = line[KIND_ABOVE]
        for column in columns.values:
            value = line[column.column]
            blank = value is None or fold(value) in missing
            record = {
                "level": column.level or columns.level,
                "kind": column.kind or columns.kind,
                "year": column.year or columns.year,
                "basis": column.basis or columns.basis,
                "unit": column.unit,
                "source": column.source or columns.source or source,
                "indicator": column.indicator,
                "value": None if blank else 0 if fold(value) in zero else value,
                "status": "unknown" if blank else column.status,
            }
            own = (
                common if column.kind is None else {k: v for k, v in common.items() if k != "kind"}
            )
            if column.year is not None:
                own = {k: v for k, v in own.items() if k != "year"}
            cells.append(
                Cell(
                    raw.file,
                    row,
                    {**record, **own},
                    {
                        "value": column.column,
                        "indicator": column.column,
                        "unit": column.column,
                        "level": column.column,
                        **{k: v for k, v in named.items() if v},
                    },
                )
            )
    return cells, []
