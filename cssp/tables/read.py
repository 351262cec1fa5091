"""One door for CSV, Excel, SPSS and Parquet: a file in, raw values with their labels out.

Nothing is guessed silently: what was sniffed (encoding, delimiter, decimal sign, sheet) stands in
the result, and
`city.yaml` may fix each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, nearest, short_path
from cssp.study.sources import Format
from cssp.tables.csv import csv_rows, read_csv
from cssp.tables.excel import read_excel, sheet_rows
from cssp.tables.raw import RawTable
from cssp.tables.rows_to_table import Merged, Row
from cssp.tables.spss_parquet import read_parquet, read_spss
from cssp.tables.word import read_word, word_rows


def read_table(
    path: Path,
    form: Format | None = None,
    may_be_empty: bool = False,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a table file by the ending of its name.

    .csv .txt .tsv, .xlsx .xls .ods, .docx (its tables), .sav .zsav .por .dta, .parquet.

    Parameters
    ----------
    path : the file
    form : what `city.yaml` fixes of its format; None: everything is sniffed
    may_be_empty : accept a file that has headings but no rows
    tell_service : where no layout is named, tell by its headings which survey service wrote the
        file
    keep_texts : keep rows that hold a text in one cell only (the heading of a group of rows), where
        other tables leave them out

    Returns
    -------
    the table as it stands in the file, with `read_as` saying how it was read

    Raises
    ------
    DataError
        The file is missing, empty, a folder, of an unknown kind, broken or truncated, in another
        encoding,
        or names a column twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / 'answers.csv'
    ...     _ = file.write_text('id;q1\\n1;5\\n2;4\\n', encoding='utf-8')
    ...     table = read_table(file)
    >>> table.rows
    array([2, 3])
    """
    shown = short_path(path)
    reader = _reader_of(path, shown, _READERS)
    table: RawTable = reader(path, shown, form, tell_service, keep_texts)
    if len(table.data) == 0 and not may_be_empty:
        raise DataError(
            Problem(shown, "The file has headings but no rows.", "Export it again with its data.")
        )
    return table


def read_rows(path: Path, form: Format | None = None) -> tuple[list[Row], list[Merged]]:
    """Read the rows of a CSV, a sheet or a table in Word as they stand, headings among them.

    Returns
    -------
    the rows that hold anything, with their numbers, and which cells are one over several columns

    Raises
    ------
    DataError
        As `read_table`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / 'table.csv'
    ...     _ = file.write_text('town,2021\\nA,5\\n', encoding='utf-8')
    ...     rows, merged = read_rows(file)
    >>> rows
    [(1, ['town', '2021']), (2, ['A', '5'])]
    """
    shown = short_path(path)
    found: tuple[list[Row], list[Merged]] = _reader_of(path, shown, _ROWS)(path, shown, form)
    return found


def _reader_of(
    path: Path, shown: str, readers: dict[str, Callable[..., Any]]
) -> Callable[..., Any]:
    """Return what reads a file, by the ending of its name; refuse one that is not there."""
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise DataError(
            Problem(
                repr(str(path))[:200],
                f"This is no file's name ({error}).",
                "Correct it in city.yaml.",
            )
        ) from None
    if not there:
        hint = (
            nearest(path.name, [p.name for p in path.parent.glob("*")])
            if path.parent.is_dir()
            else ""
        )
        raise DataError(
            Problem(
                shown, "The file does not exist.", f"Correct its name in city.yaml. {hint}".strip()
            )
        )
    if path.is_dir():
        raise DataError(
            Problem(shown, "This is a folder, not a file.", "Name the file itself in city.yaml.")
        )
    if path.stat().st_size == 0:
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            Problem(
                shown,
                f"A file of the kind '{path.suffix}' cannot be read.",
                f"Save it as one of {' '.join(sorted(readers))}.",
            )
        )
    return reader


def _csv(path: Path, shown: str, form: Format | None) -> tuple[list[Row], list[Merged]]:
    return csv_rows(path, shown, form)[0], []


def _sheet(path: Path, shown: str, form: Format | None) -> tuple[list[Row], list[Merged]]:
    rows, _, merged, _ = sheet_rows(path, shown, form)
    return rows, merged


def _word(path: Path, shown: str, form: Format | None) -> tuple[list[Row], list[Merged]]:
    rows, _, merged, _ = word_rows(path, shown, form)
    return rows, merged


#: The ending of a file's name -> its reader.
_READERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys((".csv", ".txt", ".tsv", ".tab"), read_csv),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), read_excel),
    **dict.fromkeys((".sav", ".zsav", ".por", ".dta"), read_spss),
    ".parquet": read_parquet,
    ".docx": read_word,
}
#: The ending of a file's name -> what reads its bare rows.
_ROWS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys((".csv", ".txt", ".tsv", ".tab"), _csv),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), _sheet),
    ".docx": _word,
}
