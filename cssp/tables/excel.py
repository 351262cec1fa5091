"""Excel and OpenDocument sheets as raw values."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, nearest
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fixed, is_amount, need, tall_number, to_number
from cssp.tables.rows_to_table import Merged, table_of_rows


def sheet_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], str, list[Merged], list[Problem]]:
    """Return the rows of a sheet that hold anything, with their numbers.

    And the sheet's name, which cells are one over several columns, and what is to be said: a number
    in a cell over several rows is that of the first alone, since nobody knows how it is shared.
    """
    calamine = need("python_calamine", "excel", shown)
    _refuse_far_cells(path, shown)
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
    _without_superscripts(path, grid)
    tall = []
    for (first_row, first), (last_row, last) in ranges:  # a cell over several rows is theirs all
        if first != last or last_row >= len(grid) or first >= len(grid[first_row]):
            continue
        value = grid[first_row][first]
        if is_amount(value) and last_row > first_row:
            tall.append(tall_number(shown, first_row + 1, last_row + 1, value))
            continue
        for row in grid[first_row + 1 : last_row + 1]:
            row[first] = value
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
    return filled, sheet, merged, tall


#: Bytes of a part of a workbook that is looked through for raised marks.
_RICH_TEXT = 20_000_000


#: Cells that a sheet may span, and how many of them may be blank for each that is not.
_SPAN, _BLANKS = 50_000_000, 1_000
#: Bytes of all parts of a workbook, unpacked.
_UNPACKED = 4_000_000_000


def _refuse_far_cells(path: Path, shown: str) -> None:
    """Refuse a workbook that would fill the memory: one far cell, or parts that unpack without end.

    The reader makes a grid of all cells between the first and the last, and stops the whole process
    when it does not fit.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm") or not zipfile.is_zipfile(path):
        return  # what is no workbook is told by the reader
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > _UNPACKED:
            raise DataError(
                Problem(shown, "Unpacked, the workbook is too large.", "Save the data as CSV.")
            )
        for name in archive.namelist():
            if not re.match(r"xl/worksheets/\w+\.xml$", name):
                continue
            cells, row, last = 0, 0, "ZZ"
            with archive.open(name) as part:
                rest = b""
                while block := part.read(1 << 22):
                    text = rest + block
                    rest = text[-40:]  # a reference may lie across two blocks
                    cells += text.count(b"<c ")
                    wide = set(re.findall(rb'<c r="([A-Z]{3})', text))  # few sheets have any
                    last = max([last, *map(bytes.decode, wide)], key=_place)
                    told = re.findall(rb'<row r="(\d{1,7})"', text)
                    row = max([row + text.count(b"<row>"), *map(int, told)])
            column = _place(last)
            if row * column > _SPAN and row * column > _BLANKS * cells:
                raise DataError(
                    Problem(
                        shown,
                        f"The sheet goes to row {row:,} and column {last} for {cells:,} cells.",
                        "Delete what stands far out, or save the data as CSV.",
                    )
                )


def _place(letters: str) -> int:
    """Return a column's number by its letters: A is 1."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _without_superscripts(path: Path, grid: list[list[Any]]) -> None:
    """Take the marks of footnotes out of numbers, in place (nothing is returned).

    In a cell of rich text a raised 1 behind 400 would make it 4001.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
    with zipfile.ZipFile(path) as archive:
        parts = [
            one
            for one in archive.infolist()
            if re.match(r"xl/(?:sharedStrings|worksheets/\w+)\.xml", one.filename)
            and one.file_size < _RICH_TEXT
        ]
        texts = [archive.read(one).decode("utf-8", "replace") for one in parts]
    text = "".join(one for one in texts if "superscript" in one)
    bare: dict[str, str] = {}
    for entry in re.findall(r"<(?:\w+:)?(?:si|is)>.*?</(?:\w+:)?(?:si|is)>", text, re.DOTALL):
        runs = re.findall(r"<(?:\w+:)?r>.*?</(?:\w+:)?r>", entry, re.DOTALL)
        told = [("superscript" in run, _run_text(run)) for run in runs]
        if any(raised for raised, _ in told):
            bare["".join(part for _, part in told)] = "".join(
                part for raised, part in told if not raised
            )
    for row in grid:
        for place, cell in enumerate(row):
            if isinstance(cell, str) and to_number(bare.get(cell)) is not None:
                row[place] = bare[cell]


def _run_text(run: str) -> str:
    parts = re.findall(r"<(?:\w+:)?t(?:\s[^>]*)?>(.*?)</(?:\w+:)?t>", run, re.DOTALL)
    return unescape("".join(parts))


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
    filled, sheet, merged, tall = sheet_rows(path, shown, form)
    found = {
        "format": "Excel",
        "sheet": sheet,
        "sheet found by": "city.yaml" if fixed(form, "sheet") else "first of the workbook",
    }
    width = max(len(cells) for _, cells in filled)
    whole = [(number, [*cells, *[None] * (width - len(cells))]) for number, cells in filled]
    table = table_of_rows(shown, whole, form, tell_service, found, merged, keep_texts)
    return replace(table, notes=(*table.notes, *tall))
