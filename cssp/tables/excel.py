"""Excel and OpenDocument sheets as raw values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.city_file import Format
from cssp.study.problems import DataError, Problem, nearest
from cssp.tables.raw import RawTable, fixed, need, read_headings, refuse_repeats, whole_number


def sheet_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], str]:
    """Return the rows of a sheet that hold anything, with their numbers, and the sheet's name."""
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
        grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
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
    return filled, sheet


def read_excel(path: Path, shown: str, form: Format | None, tell_service: bool = False) -> RawTable:
    """Read a sheet as it stands: texts, numbers and dates; see `read_table`."""
    filled, sheet = sheet_rows(path, shown, form)
    heading, layout = read_headings([row for _, row in filled[:10]], shown, form, tell_service)
    header = heading.names
    used = [position for position, name in enumerate(header) if name]
    refuse_repeats(header, shown, form)
    body = [
        (number, row)
        for number, row in filled[heading.rows :]
        if form is None or number not in form.skip_rows
    ]
    data = pd.DataFrame(
        [[whole_number(row[position]) for position in used] for _, row in body],
        columns=[header[position] for position in used],
        dtype=object,
    )
    found = {
        "format": "Excel",
        "sheet": sheet,
        "sheet found by": "city.yaml" if fixed(form, "sheet") else "first of the workbook",
        **layout,
    }
    return RawTable(
        shown,
        data,
        np.array([number for number, _ in body], dtype=int),
        headings=heading.long,
        read_as=found,
    )
