"""Tables for those who work on in Excel or Word: labelled as in the notebook, numbers as numbers in Excel."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.files import write_bytes
from cssp.problems import RunError, nearest
from cssp.show.labels import Labels
from cssp.show.view import TableView

KINDS = {".xlsx": ("openpyxl", "excel"), ".docx": ("docx", "word")}


def export_tables(tables: Iterable[TableView], labels: Labels, path: str | Path) -> Path:
    """Write tables to an Excel workbook (a sheet a table) or a Word document (tables titled above, notes below).

    Parameters
    ----------
    tables : the tables shown, e.g. `show.tables.values()`
    labels : the reader's words, `show.labels`
    path : ends in .xlsx or .docx

    Returns
    -------
    the path

    Raises
    ------
    RunError
        Another ending, or the library for it is not installed.
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise RunError(f"'{path.name}' is neither .xlsx nor .docx. {nearest(path.suffix, KINDS)}")
    module, extra = KINDS[path.suffix.lower()]
    try:
        library = importlib.import_module(module)
    except ImportError:
        raise RunError(
            f"Writing {path.suffix} needs the library {module}: pip install 'cssp[{extra}]'"
        ) from None
    write = _workbook if path.suffix.lower() == ".xlsx" else _document
    write_bytes(path, write(library, list(tables), labels))
    return path


def _workbook(openpyxl: Any, tables: list[TableView], labels: Labels) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    bold = openpyxl.styles.Font(bold=True)
    for view in tables:
        sheet = book.create_sheet(_sheet_name(view.name, book.sheetnames))
        rows = [[view.title], [], [labels.heading(str(name)) for name in view.data.columns]]
        rows += labels.values(view.data)
        rows += [[], [view.note]] if view.note else []
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row, 1):
                cell = sheet.cell(number, place)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that begins with = + - @ stays a text
                if number in (1, 3):
                    cell.font = bold
        for place in range(1, view.data.shape[1] + 1):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = 18
        sheet.freeze_panes = "A4"
    if not tables:
        book.create_sheet("-")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(name: str, taken: list[str]) -> str:
    short = name[:28]
    return short if short not in taken else f"{short}_{len(taken)}"


def _document(docx: Any, tables: list[TableView], labels: Labels) -> bytes:
    document = docx.Document()
    for number, view in enumerate(tables, 1):
        document.add_paragraph().add_run(f"{labels.words('Table')} {number}. {view.title}").bold = True
        shown: pd.DataFrame = view.shown
        table = document.add_table(rows=1, cols=max(shown.shape[1], 1), style="Light Grid Accent 1")
        for cell, heading in zip(table.rows[0].cells, shown.columns, strict=False):
            cell.text = str(heading)
        for row in shown.itertuples(index=False):
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = str(value)
        if view.note:
            document.add_paragraph().add_run(view.note).italic = True
        document.add_paragraph()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
