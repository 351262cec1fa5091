"""Tables of a Word document as raw values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fixed, is_amount, need, tall_number
from cssp.tables.rows_to_table import Merged, table_of_rows

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], str, list[Merged], list[Problem]]:
    """Return the rows of a document's table that hold anything, with their numbers.

    A cell over several rows is said in each of them. `sheet` names the table by its number, where
    there are several.

    Returns
    -------
    the rows, the table's number, which cells are one over several columns, and what is to be said
    (a number in a cell over several rows is that of the first alone)

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
    tall: list[Problem] = []
    above: list[Any] = []
    for number, row in enumerate(tables[int(wanted) - 1].rows, 1):
        cells: list[Any] = []
        seen: list[Any] = [cell._tc for cell in row.cells]
        for place, cell in enumerate(row.cells):
            repeats = place > 0 and seen[place] is seen[place - 1]
            text = None if repeats else _text(cell._tc) or None
            if place < len(above) and seen[place] is above[place] and is_amount(text):
                tall.append(tall_number(shown, number - 1, number, text))
                text = None
            cells.append(text)
            if repeats and merged and merged[-1][0] == number and merged[-1][2] == place - 1:
                merged[-1] = (number, merged[-1][1], place)
            elif repeats:
                merged.append((number, place - 1, place))
        above = seen
        if any(cells):
            rows.append((number, cells))
    if not rows:
        raise DataError(Problem(shown, "The table is empty.", "Name another table."))
    return rows, wanted, merged, tall


def _text(cell: Any) -> str:
    """Return a cell's text without raised marks of footnotes: a raised 1 behind 400 is no 4001."""
    words: list[str] = []
    for paragraph in cell.iter(f"{_W}p"):
        for run in paragraph.iter(f"{_W}r"):
            raised = run.find(f"{_W}rPr/{_W}vertAlign")
            if raised is not None and raised.get(f"{_W}val") == "superscript":
                continue
            for piece in run:
                words.append((piece.text or "") if piece.tag == f"{_W}t" else " ")
        words.append(" ")
    return " ".join("".join(words).split())


def read_word(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a table of a Word document: every cell a text; see `read_table`."""
    rows, number, merged, tall = word_rows(path, shown, form)
    found = {"format": "Word", "sheet": number}
    table = table_of_rows(shown, rows, form, tell_service, found, merged, keep_texts)
    return replace(table, notes=(*table.notes, *tall))
