"""Opening a workbook of the Treasury.

Sheets as rows of cells, and one clear sentence where that fails.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, short_path
from cssp.tables.raw import need

Rows = list[list[Any]]

_DOWNLOAD = "Download the file again."
_SAVE = "Open it in Excel or LibreOffice and save it as .xlsx."


@dataclass(frozen=True)
class Workbook:
    """A workbook that was opened.

    Its name as the user can open it, the hash of its bytes, and its sheets when asked for.
    """

    shown: str
    sha256: str
    _book: Any

    @cached_property
    def sheet_names(self) -> list[str]:
        """The names of the sheets that are to be seen, in their order."""
        return [
            sheet.name
            for sheet in self._book.sheets_metadata
            if str(sheet.visible).endswith("Visible")
        ] or list(self._book.sheet_names)

    def rows(self, sheet: str, first: int | None = None) -> Rows:
        """Return a sheet's cells (the first rows, where a number is given).

        Blank rows and columns kept.
        """
        found: Rows = self._book.get_sheet_by_name(sheet).to_python(
            skip_empty_area=False, nrows=first
        )
        return found


def open_workbook(path: Path) -> Workbook:
    """Open an .xls or .xlsx file.

    Raises
    ------
    DataError
        The file does not exist, is protected by a password, is truncated, or is another kind of
        file under this name (a web
        page saved as .xls is common).
    """
    shown = short_path(path)
    if not path.is_file():
        raise DataError(Problem(shown, "The file does not exist.", "Correct the name."))
    calamine = need("python_calamine", "excel", shown)
    content = path.read_bytes()
    if (reason := _not_a_workbook(content)) is not None:
        raise DataError(Problem(shown, *reason))
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except Exception as error:
        what = str(error).strip().rstrip(".")
        if "password" in what.casefold() or _encrypted(content):
            reason = (
                "The workbook is protected by a password.",
                "Remove the password in Excel, or download the file again.",
            )
        else:
            reason = (
                f"The workbook cannot be read; it is broken, truncated or not Excel ({what}).",
                _DOWNLOAD,
            )
        raise DataError(Problem(shown, *reason)) from None
    return Workbook(shown, hashlib.sha256(content).hexdigest(), book)


def _not_a_workbook(content: bytes) -> tuple[str, str] | None:
    """Tell what a file is that no workbook begins like, and what to do; None for a workbook."""
    if not content:
        return "The file is empty.", _DOWNLOAD
    if content.startswith((b"\xd0\xcf\x11\xe0", b"PK\x03\x04")):
        return None
    start = content[:2048].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").replace(b"\x00", b"").lower()
    if b"<html" in start or b"<!doctype html" in start or b"<table" in start:
        return "This is a web page (HTML) under the name of a workbook.", _SAVE
    if start.startswith(b"<?xml"):
        return "This is an XML file under the name of a workbook.", _SAVE
    if start.startswith(b"%pdf"):
        return "This is a PDF under the name of a workbook.", "Get the form as .xls or .xlsx."
    if start.startswith((b"rar!", b"7z\xbc")):
        return (
            "This is an archive under the name of a workbook.",
            "Unpack it and give the workbook inside.",
        )
    if start[:8].startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02")):
        return "This is a workbook of Excel 4 or older.", _SAVE
    return "The file is not a workbook: it begins like no .xls or .xlsx.", _DOWNLOAD


def _encrypted(content: bytes) -> bool:
    """Tell whether an OLE file is an encrypted .xlsx."""
    return "EncryptedPackage".encode("utf-16-le") in content
