"""Excel and OpenDocument sheets as raw values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, nearest
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fixed, need
from cssp.tables.rows_to_table import Merged, table_of_rows


def sheet_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], str, list[Merged]]:
    """Return the rows of a sheet that hold anything, with their numbers.

    And the sheet's name, and which cells are one over several columns.
    """
    calamine = need("python_calamine", "excel", shown)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
        wanted = fixed(form, "sheet")
        if wanted is not None and wanted not in names:
            raise DataError(
                Problem(
                    shown,
                    f"The workbook has no sheet '{wanted}'. {nearest(wanted, names)}",
                    "Correct 'sheet' in city.yaml.",
                )
            )
        sheet = wanted or names[0]
        opened = book.get_sheet_by_name(sheet)
        grid = opened.to_python(skip_empty_area=False)
        ranges = opened.merged_cell_ranges or []
    except DataError:
        raise
    except (
        Exception
    ) as error:  # calamine raises several kinds for a broken, renamed or protected file
        head = path.read_bytes()[:300].lstrip().lower()
        what = (
            "The file is an HTML page, not a workbook."
            if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta"))
            else f"The workbook cannot be read; it is broken, truncated or protected ({error})."
        )
        raise DataError(
            Problem(shown, what, "Open it in Excel or LibreOffice and save it as .xlsx again.")
        ) from None
    grid = [[None if cell == "" else cell for cell in row] for row in grid]
    for (first_row, first), (last_row, last) in ranges:  # a cell over several rows is theirs all
        if first == last and last_row < len(grid) and first < len(grid[first_row]):
            for row in grid[first_row + 1 : last_row + 1]:
                row[first] = grid[first_row][first]
    filled = [
        (number, row) for number, row in enumerate(grid, 1) if any(cell is not None for cell in row)
    ]
    if not filled:
        raise DataError(
            Problem(shown, f"The sheet '{sheet}' is empty.", "Name another sheet in city.yaml.")
        )
    comment = fixed(form, "comment") or "# "
    while filled and isinstance(filled[0][1][0], str) and filled[0][1][0].startswith(comment):
        filled = filled[1:]
    merged = [
        (first_row + 1, first, last) for (first_row, first), (_, last) in ranges if last > first
    ]
    return filled, sheet, merged


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets that hold anything; empty for other files.

    >>> sheet_names(Path("table.csv"))
    []
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm", ".xls", ".ods"):
        return []
    calamine = need("python_calamine", "excel", path.name)
    book = calamine.CalamineWorkbook.from_path(str(path))
    return [
        name
        for name in book.sheet_names
        if any(cell != "" for row in book.get_sheet_by_name(name).to_python() for cell in row)
    ]


def read_excel(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a sheet as it stands: texts, numbers and dates; see `read_table`."""
    filled, sheet, merged = sheet_rows(path, shown, form)
    found = {
        "format": "Excel",
        "sheet": sheet,
        "sheet found by": "city.yaml" if fixed(form, "sheet") else "first of the workbook",
    }
    width = max(len(cells) for _, cells in filled)
    whole = [(number, [*cells, *[None] * (width - len(cells))]) for number, cells in filled]
    return table_of_rows(shown, whole, form, tell_service, found, merged, keep_texts)
