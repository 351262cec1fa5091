"""The desk study's files into one long indicator table."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cssp.desk.counted_rows import counted_cells
from cssp.desk.desk_values import cell_text, desk_row, levels_apart, rows_of_wholes, rows_twice
from cssp.desk.heading_rows import without_headings
from cssp.desk.territories import oktmo_problem
from cssp.desk.wide_tables import Cell, long_cells, wide_cells
from cssp.stats.columns import returns
from cssp.study.desk_source import DeskTable
from cssp.study.problems import CsspError, DataError, Problem, errors_in, nearest
from cssp.study.read_yaml import in_language
from cssp.study.study import City, Study
from cssp.tables.raw import keep_rows
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
    further = [name for name in table if name not in COLUMNS]
    return table.fillna(dict.fromkeys(further, "")) if further else table


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
    for one in source.all_tables():
        own, found = _cells_of(city, one, source.provenance.source)
        cells += [(cell, one.format.decimal) for cell in own]
        problems += found
    if errors_in(problems):
        return pd.DataFrame(columns=COLUMNS), problems
    table, found = _table(study, city, cells)
    return table, problems + found


def _cells_of(city: City, one: DeskTable, source: str) -> tuple[list[Cell], list[Problem]]:
    """Return the values of one file, and what is wrong with it."""
    try:
        raw = read_table(city.path(one.file), one.format, keep_texts=one.columns is not None)
    except CsspError as error:
        return [], list(error.problems)
    begin = one.format.header_row or 0  # rows above it are left out because city.yaml says so
    problems = [note for note in raw.notes if note.row is None or note.row >= begin]
    if one.columns is not None:
        raw, found = without_headings(raw, one.columns)
        problems += found
    raw, found = keep_rows(raw, one.rows)
    problems += found
    if one.columns is not None:
        cells, found = wide_cells(raw, one.columns, source)
    elif one.counted is not None:
        cells, found = counted_cells(raw, one.counted, source, one.format.decimal)
    elif found := [raw.no_column(column) for column in REQUIRED if column not in raw.data]:
        cells = []
    else:
        cells = list(long_cells(raw))
    return cells, problems + found


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
    columns = [name for name in known if any(name in cell.record for cell, _ in cells)]
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

        name = cell_text(cell, "indicator")
        if name not in indicators:
            report(
                "indicator",
                name,
                f"'{name}' is not an indicator of the study. {nearest(name, indicators)}",
                "Correct it, or add the indicator to indicators.yaml.",
            )
            continue
        line = desk_row(cell, indicators[name], book, decimal, report)
        oktmo = str(line["oktmo"])
        if oktmo and book.codes == "oktmo":
            if oktmo not in codes:
                codes[oktmo] = oktmo_problem(oktmo, city.file.oktmo or "")
            if codes[oktmo]:
                report("oktmo", oktmo, codes[oktmo], "Correct the code.")
        texts = {name: cell_text(cell, name) for name in columns}
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
    table = pd.DataFrame(lines, columns=[*COLUMNS, *columns, "_file", "_row"])
    stocks = [indicator.name for indicator in book.indicators if indicator.role == "population"]
    problems += rows_twice(table) + rows_of_wholes(table) + levels_apart(table, stocks)
    table["value"] = pd.to_numeric(table["value"]).astype("Float64")
    table["units"] = pd.to_numeric(table["units"]).fillna(1).astype("int64")
    table["year"] = pd.to_numeric(table["year"]).astype("Int64")
    return table[[*COLUMNS, *columns]], problems
