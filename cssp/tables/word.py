"""Tables of a Word document as raw values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fixed, need
from cssp.tables.rows_to_table import Merged, table_of_rows


def word_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], str, list[Merged]]:
    """Return the rows of a document's table that hold anything, with their numbers.

    A cell over several rows is said in each of them. `sheet` names the table by its number, where
    there are several.

    Returns
    -------
    the rows, the table's number, and which cells are one over several columns

    Raises
    ------
    DataError
        It is no Word document, it holds no table, or several and `sheet` names none of them.
    """
    docx = need("docx", "word", shown)
    try:
        tables = docx.Document(str(path)).tables
    except Exception:  # python-docx raises several kinds for a broken or renamed file
        raise DataError(
            Problem(shown, "It is no document of Word.", "Save it as .docx once more.")
        ) from None
    wanted = fixed(form, "sheet") or ("1" if len(tables) == 1 else None)
    if wanted is None or wanted not in [str(number) for number in range(1, len(tables) + 1)]:
        sizes = [f"{n} ({len(table.rows)} rows)" for n, table in enumerate(tables, 1)]
        what = f"It has the tables {', '.join(sizes)}." if sizes else "The document has no table."
        remedy = "Say which under 'format: sheet' in city.yaml, or with --sheet."
        raise DataError(Problem(shown, what, remedy if sizes else "Name another file."))
    rows: list[tuple[int, list[Any]]] = []
    merged: list[Merged] = []
    for number, row in enumerate(tables[int(wanted) - 1].rows, 1):
        cells: list[Any] = []
        seen: list[Any] = [cell._tc for cell in row.cells]
        for place, cell in enumerate(row.cells):
            repeats = place > 0 and seen[place] is seen[place - 1]
            cells.append(None if repeats else " ".join(cell.text.split()) or None)
            if repeats and merged and merged[-1][0] == number and merged[-1][2] == place - 1:
                merged[-1] = (number, merged[-1][1], place)
            elif repeats:
                merged.append((number, place - 1, place))
        if any(cells):
            rows.append((number, cells))
    if not rows:
        raise DataError(Problem(shown, "The table is empty.", "Name another table."))
    return rows, wanted, merged


def read_word(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a table of a Word document: every cell a text; see `read_table`."""
    rows, number, merged = word_rows(path, shown, form)
    found = {"format": "Word", "sheet": number}
    return table_of_rows(shown, rows, form, tell_service, found, merged, keep_texts)
