"""One door for CSV, Excel, SPSS and Parquet: a file in, raw values with their labels out.

Nothing is guessed silently: what was sniffed (encoding, delimiter, decimal sign, sheet) stands in the result, and
`city.yaml` may fix each of them.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cssp.layouts import TITLES, read_heading, recognise
from cssp.problems import DataError, Problem, nearest, short_path

if TYPE_CHECKING:
    from cssp.city_file import Format, RowFilter


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in its file.

    Attributes
    ----------
    data : a column a heading; values as text (CSV), or as text and numbers (Excel, SPSS, Parquet); None where empty
    rows : for each line of `data` the row in the file (the heading of a sheet is row 1; a case number in SPSS)
    labels : column -> {value: label}, where the file has value labels
    declared_missing : column -> values or (low, high) ranges that the file declares as user-missing
    headings : column -> long heading (SPSS variable label), where the file has one
    read_as : how the file was read, in words: `format`, `encoding`, `delimiter`, `decimal`, `sheet`, ...
    """

    file: str
    data: pd.DataFrame
    rows: np.ndarray
    labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    declared_missing: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    read_as: dict[str, str] = field(default_factory=dict)

    def column(self, name: str) -> pd.Series:
        """Return a column.

        Raises
        ------
        DataError
            The file has no such column; the nearest one is named.
        """
        if name not in self.data.columns:
            raise DataError(self.no_column(name))
        return self.data[name]

    def no_column(self, name: str) -> Problem:
        """Return the problem that a named column is not there."""
        return Problem(
            self.file,
            f"The file has no column '{name}'. {nearest(name, map(str, self.data.columns))}",
            "Correct the name in city.yaml or the file's heading.",
            column=name,
        )


def keep_rows(table: RawTable, rules: Sequence[RowFilter]) -> tuple[RawTable, list[Problem]]:
    """Keep only the rows that `city.yaml` says are the city's: those with one of the told values (or its label) in each column.

    Returns
    -------
    the table without the other rows, and the problems: a column that is not there, or rules that leave no row
    """
    problems: list[Problem] = []
    keep = np.ones(len(table.data), dtype=bool)
    for rule in rules:
        try:
            column = table.column(rule.column)
        except DataError as error:
            problems += error.problems
            continue
        wanted = {fold(word) for word in rule.equals}
        labels = table.labels.get(rule.column, {})
        codes, distinct = pd.factorize(column)
        fits = np.array(
            [fold(value) in wanted or fold(labels.get(value, value)) in wanted for value in distinct]
            + [False]
        )
        keep &= fits[codes]
    if rules and not keep.any() and not problems:
        rule = rules[0]
        problems.append(
            Problem(table.file, f"No row has {' or '.join(rule.equals)} in this column.",
                    "Correct 'rows' in city.yaml.", column=rule.column)
        )  # fmt: skip
    data = table.data[keep].reset_index(drop=True)
    return replace(table, data=data, rows=table.rows[keep]), problems


def read_table(path: Path, form: Format | None = None, may_be_empty: bool = False) -> RawTable:
    """Read a table file by the ending of its name: .csv .txt .tsv, .xlsx .xls .ods, .sav .zsav .por, .parquet.

    Parameters
    ----------
    path : the file
    form : what `city.yaml` fixes of its format; None: everything is sniffed
    may_be_empty : accept a file that has headings but no rows

    Returns
    -------
    the table as it stands in the file, with `read_as` saying how it was read

    Raises
    ------
    DataError
        The file is missing, empty, a folder, of an unknown kind, broken or truncated, in another encoding,
        or names a column twice.
    """
    shown = short_path(path)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise DataError(
            Problem(repr(str(path))[:200], f"This is no file's name ({error}).", "Correct it in city.yaml.")
        ) from None
    if not there:
        hint = nearest(path.name, [p.name for p in path.parent.glob("*")]) if path.parent.is_dir() else ""
        raise DataError(
            Problem(shown, "The file does not exist.", f"Correct its name in city.yaml. {hint}".strip())
        )
    if path.is_dir():
        raise DataError(Problem(shown, "This is a folder, not a file.", "Name the file itself in city.yaml."))
    if path.stat().st_size == 0:
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            Problem(shown, f"A file of the kind '{path.suffix}' cannot be read.",
                    f"Save it as one of {' '.join(sorted(_READERS))}.")
        )  # fmt: skip
    table = reader(path, shown, form)
    if len(table.data) == 0 and not may_be_empty:
        raise DataError(
            Problem(shown, "The file has headings but no rows.", "Export it again with its data.")
        )
    return table


def _fixed(form: Format | None, name: str) -> Any:
    return None if form is None else getattr(form, name) or None


# ---------------------------------------------------------------- CSV


def _decode(raw: bytes, shown: str, fixed: str | None) -> tuple[str, str]:
    """Return the text and the encoding it was read in.

    The order is by what cannot be mistaken: a byte-order mark, then UTF-16 without a mark
    (every other byte is 00 or 04), then valid UTF-8, last Windows-1251, the usual single-byte encoding of Russian files.
    """
    if fixed is not None:
        try:
            "".encode(fixed)
        except LookupError:
            raise DataError(
                Problem(
                    shown,
                    f"The encoding '{fixed}' is not known.",
                    "Write utf-8, utf-16 or windows-1251.",
                )
            ) from None
        tries = [fixed]
    elif raw.startswith(codecs.BOM_UTF8):
        tries = ["utf-8-sig"]
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif b"\x00" in raw[:4000]:
        tries = ["utf-16-le" if _high_bytes(raw[1:4000:2]) >= _high_bytes(raw[0:4000:2]) else "utf-16-be"]
    else:
        tries = ["utf-8", "windows-1251"]
    for encoding in tries:
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, UnicodeError):
            continue
        if encoding == "windows-1251" and fixed is None and not _looks_russian(text):
            break
        return text.removeprefix("\ufeff"), encoding
    raise DataError(
        Problem(
            shown,
            f"The file is not in the encoding {fixed}."
            if fixed
            else "The file's encoding was not recognised.",
            "Save it as UTF-8, or name its encoding under 'format' in city.yaml.",
        )
    )


def _high_bytes(half: bytes) -> float:
    """Return the share of bytes that are the high byte of a Latin or Cyrillic letter in UTF-16 (00 or 04)."""
    return (half.count(0) + half.count(4)) / max(len(half), 1)


def _looks_russian(text: str) -> bool:
    """Tell Windows-1251 Russian from other bytes: its letters above ASCII are mostly а-я, few capitals inside words."""
    letters = [char for char in text[:200_000] if ord(char) > 127]
    good = sum((char.isalpha() and "\u0400" <= char <= "\u045f") or char in "«»№–—… " for char in letters)
    lower = sum("а" <= char <= "я" for char in letters)
    return bool(letters) and good >= 0.9 * len(letters) and lower >= 0.5 * len(letters)


def _sniff_delimiter(text: str, shown: str, fixed: str | None) -> tuple[str, bool]:
    """Return the delimiter and whether it was found rather than fixed: the one that splits the rows most evenly."""
    if fixed is not None:
        return ("\t" if fixed in ("tab", "\\t") else fixed), False
    best, best_score = None, (0.0, 0)
    for delimiter in (",", ";", "\t"):
        sample = io.StringIO(text[:200_000], newline="")
        try:
            widths = [
                len(row)
                for row, _ in zip(csv.reader(sample, delimiter=delimiter), range(200), strict=False)
                if row
            ]
        except csv.Error:
            continue
        if len(widths) > 2 and len(text) > 200_000:
            widths = widths[:-1]
        width = widths[0] if widths else 1
        score = (sum(w == width for w in widths) / max(len(widths), 1) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = delimiter, score
    if best is None:
        if any(sign in text.split("\n", 1)[0] for sign in ",;\t"):
            raise DataError(
                Problem(
                    shown,
                    "The delimiter was not recognised.",
                    "Name it under 'format' in city.yaml.",
                )
            )
        best = ","  # a single column: any delimiter reads it alike
    return best, True


def _read_csv(path: Path, shown: str, form: Format | None) -> RawTable:
    raw = path.read_bytes()
    text, encoding = _decode(raw, shown, _fixed(form, "encoding"))
    if "\x00" in text:
        raise DataError(
            Problem(
                shown,
                "The file holds zero bytes; it is not a text table.",
                "Export it again as CSV.",
            )
        )
    comment = _fixed(form, "comment") or "# "
    skipped = 0
    body = text
    while body.startswith(comment):
        _, _, body = body.partition("\n")
        skipped += 1
    if not body.strip():
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    delimiter, sniffed = _sniff_delimiter(body, shown, _fixed(form, "delimiter"))
    records: list[list[str]] = []
    numbers: list[int] = []
    try:
        for number, record in enumerate(
            csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True), 1
        ):
            if any(cell.strip() for cell in record):
                records.append(record)
                numbers.append(number + skipped)
    except csv.Error as error:
        raise DataError(
            Problem(shown, f"The table breaks off: {error}.", "Check the quotation marks on this row, or export it again.",
                    row=(numbers[-1] + 1) if numbers else skipped + 1)
        ) from None  # fmt: skip
    heading = read_heading(records[:3], _fixed(form, "layout") or "plain")
    header = heading.names
    width = len(header)
    keep = [
        (record, number)
        for record, number in zip(records[heading.rows :], numbers[heading.rows :], strict=True)
        if form is None or number not in form.skip_rows
    ]
    problems = [
        Problem(shown, f"The row has {len(record)} cells, the heading {width}.",
                "Check the delimiter and the quotation marks on this row.", row=number)
        for record, number in keep
        if len(record) < width or any(cell.strip() for cell in record[width:])
    ]  # fmt: skip
    if problems:
        raise DataError(problems)
    cells = [
        [cell.replace("\ufeff", "") for cell in record[:width]] + [""] * (width - len(record))
        for record, _ in keep
    ]
    _refuse_twice(header, shown, form)
    data = pd.DataFrame(cells, columns=header, dtype=object)
    found = {
        "format": "CSV",
        "encoding": encoding,
        "delimiter": {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter, delimiter),
        "delimiter found by": "sniffing" if sniffed else "city.yaml",
        "decimal": _fixed(form, "decimal") or "either",
    }
    if skipped:
        found["comment lines"] = str(skipped)
    found.update(_layout_told(form, heading.rows))
    return RawTable(
        shown, data, np.array([number for _, number in keep], dtype=int), headings=heading.long, read_as=found
    )


def _layout_told(form: Format | None, rows: int) -> dict[str, str]:
    layout = _fixed(form, "layout") or "plain"
    return {} if layout == "plain" else {"layout": layout, "heading rows": str(rows)}


def recognise_file(path: Path, form: Format | None = None) -> tuple[str, str]:
    """Tell which service's export a file is, and by what it was told.

    Returns
    -------
    a name of `cssp.layouts.LAYOUTS`, and the reason in words

    SPSS and Parquet files carry their own headings and labels, so they are `plain`.
    """
    suffix = path.suffix.lower()
    if suffix in (".sav", ".zsav", ".por", ".parquet"):
        return "plain", "the kind of the file"
    if suffix in _READERS and path.is_file() and path.stat().st_size:
        if _READERS[suffix] is _read_excel:
            filled, _ = _excel_rows(path, short_path(path), form)
            rows: list[Any] = [row for _, row in filled[:10]]
        else:
            raw = path.read_bytes()
            text, _ = _decode(raw, short_path(path), _fixed(form, "encoding"))
            delimiter, _ = _sniff_delimiter(text, short_path(path), _fixed(form, "delimiter"))
            try:
                reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
                rows = [row for row, _ in zip(reader, range(10), strict=False)]
            except csv.Error:
                rows = []
        if rows:
            return recognise(rows)
    return "plain", TITLES["plain"]


def _refuse_twice(header: list[str], shown: str, form: Format | None) -> None:
    """Number the headings that may repeat, in place; refuse others that do."""
    for name in _fixed(form, "repeats") or []:
        for number, place in enumerate([at for at, own in enumerate(header) if own == name][1:], start=2):
            header[place] = f"{name} ({number})"
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(
            [
                Problem(
                    shown,
                    f"Two columns have the heading '{name}'.",
                    "Rename one of them.",
                    row=1,
                    column=name,
                )
                for name in twice
            ]
        )


# ---------------------------------------------------------------- Excel


def _excel_rows(path: Path, shown: str, form: Format | None) -> tuple[list[tuple[int, list[Any]]], str]:
    """Return the rows of a sheet that hold anything, with their numbers, and the sheet's name."""
    calamine = need("python_calamine", "excel", shown)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
        wanted = _fixed(form, "sheet")
        if wanted is not None and wanted not in names:
            raise DataError(
                Problem(shown, f"The workbook has no sheet '{wanted}'. {nearest(wanted, names)}",
                        "Correct 'sheet' in city.yaml.")
            )  # fmt: skip
        sheet = wanted or names[0]
        grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except DataError:
        raise
    except Exception as error:  # calamine raises several kinds for a broken, renamed or protected file
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
    filled = [(number, row) for number, row in enumerate(grid, 1) if any(cell is not None for cell in row)]
    if not filled:
        raise DataError(Problem(shown, f"The sheet '{sheet}' is empty.", "Name another sheet in city.yaml."))
    comment = _fixed(form, "comment") or "# "
    while filled and isinstance(filled[0][1][0], str) and filled[0][1][0].startswith(comment):
        filled = filled[1:]
    return filled, sheet


def _read_excel(path: Path, shown: str, form: Format | None) -> RawTable:
    filled, sheet = _excel_rows(path, shown, form)
    heading = read_heading([row for _, row in filled[:3]], _fixed(form, "layout") or "plain")
    header = heading.names
    used = [position for position, name in enumerate(header) if name]
    _refuse_twice(header, shown, form)
    body = [
        (number, row)
        for number, row in filled[heading.rows :]
        if form is None or number not in form.skip_rows
    ]
    data = pd.DataFrame(
        [[_plain(row[position]) for position in used] for _, row in body],
        columns=[header[position] for position in used],
        dtype=object,
    )
    found = {
        "format": "Excel",
        "sheet": sheet,
        "sheet found by": "city.yaml" if _fixed(form, "sheet") else "first of the workbook",
        **_layout_told(form, heading.rows),
    }
    return RawTable(
        shown, data, np.array([number for number, _ in body], dtype=int), headings=heading.long, read_as=found
    )


def _plain(cell: Any) -> Any:
    """Excel keeps whole numbers as floats: give them back as integers."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


# ---------------------------------------------------------------- SPSS and Parquet


def _read_spss(path: Path, shown: str, form: Format | None) -> RawTable:
    pyreadstat = need("pyreadstat", "spss", shown)
    encoding = _fixed(form, "encoding")
    try:
        if path.suffix.lower() == ".por":
            data, meta = pyreadstat.read_por(str(path))
        else:
            data, meta = pyreadstat.read_sav(str(path), user_missing=True, encoding=encoding)
    except Exception as error:
        raise DataError(
            Problem(shown, f"The SPSS file cannot be read; it is broken or truncated ({error}).",
                    "Save it again in SPSS as .sav, or name its encoding in city.yaml.")
        ) from None  # fmt: skip
    if meta.number_rows is not None and meta.number_rows >= 0 and len(data) < meta.number_rows:
        raise DataError(
            Problem(shown, f"The SPSS file announces {meta.number_rows} cases and holds {len(data)}; it is truncated.",
                    "Copy it again.")
        )  # fmt: skip
    frame = _raw_values(data)
    labels = {
        name: {_plain(value): str(label) for value, label in found.items()}
        for name, found in meta.variable_value_labels.items()
    }
    missing = {
        name: [(_plain(part["lo"]), _plain(part["hi"])) for part in parts]
        for name, parts in meta.missing_ranges.items()
    }
    headings = {name: label for name, label in meta.column_names_to_labels.items() if label}
    return RawTable(
        shown,
        frame,
        np.arange(1, len(frame) + 1),
        labels=labels,
        declared_missing=missing,
        headings=headings,
        read_as={"format": "SPSS", "encoding": str(meta.file_encoding)},
    )


def _read_parquet(path: Path, shown: str, form: Format | None) -> RawTable:
    need("pyarrow", "parquet", shown)
    try:
        data = pd.read_parquet(path)
    except Exception as error:
        raise DataError(
            Problem(
                shown,
                f"The Parquet file cannot be read; it is broken or truncated ({error}).",
                "Write it again.",
            )
        ) from None
    frame = _raw_values(data)
    return RawTable(shown, frame, np.arange(2, len(frame) + 2), read_as={"format": "Parquet"})


def _raw_values(data: pd.DataFrame) -> pd.DataFrame:
    """Return typed columns as raw values: whole numbers as integers, None where empty."""
    columns = {}
    for name in data.columns:
        column = data[name]
        if pd.api.types.is_float_dtype(column.dtype):
            filled = column.dropna()
            if ((filled % 1) == 0).all() and (filled.abs() < 2**53).all():
                column = column.astype("Int64")
        columns[name] = column.astype(object).where(data[name].notna(), None)
    return pd.DataFrame(columns, columns=data.columns)


def need(module: str, extra: str, shown: str) -> Any:
    """Return an optional library, imported now, or say how to install it."""
    import importlib  # optional extras are imported where used

    try:
        return importlib.import_module(module)
    except ImportError:
        raise DataError(
            Problem(
                shown,
                f"Reading this kind of file needs the library {module}.",
                f"pip install 'cssp[{extra}]'",
            )
        ) from None


_READERS = {
    ".csv": _read_csv,
    ".txt": _read_csv,
    ".tsv": _read_csv,
    ".tab": _read_csv,
    ".xlsx": _read_excel,
    ".xlsm": _read_excel,
    ".xls": _read_excel,
    ".ods": _read_excel,
    ".sav": _read_spss,
    ".zsav": _read_spss,
    ".por": _read_spss,
    ".parquet": _read_parquet,
}


# ---------------------------------------------------------------- values


def fold(text: object) -> str:
    """Return a text as labels are compared: no case, no double spaces, no byte-order mark, ё as е.

    >>> fold("  Скорее  ДА, чем\u00a0нёт ") == fold("скорее да, чем нет")
    True
    """
    return " ".join(str(text).replace("\ufeff", "").split()).casefold().replace("ё", "е")


#: Said beside a number such as 1,234, which may be a thousand or a decimal.
AMBIGUOUS = (
    " (a comma before three digits: say which sign is the decimal one under 'format: decimal' in city.yaml)"
)


def is_ambiguous(value: object) -> bool:
    """Tell whether a text such as 1,234 may be a thousand as well as a decimal number.

    >>> is_ambiguous("1,234"), is_ambiguous("0,125"), is_ambiguous("1,5")
    (True, False, False)
    """
    return isinstance(value, str) and bool(re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", value.strip()))


def to_number(value: object, decimal: str | None = None) -> float | None:
    """Return a cell as a number; a decimal comma and spaces between thousands are fine; None if it is no number.

    >>> to_number("1 234,5"), to_number("12"), to_number("twelve")
    (1234.5, 12.0, None)
    >>> to_number("1,5", decimal=".") is None
    True
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float | np.number):
        number = float(value)
        return number if np.isfinite(number) else None
    if decimal is None and is_ambiguous(value):
        return None
    text = str(value).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-").strip()
    if " " in text:
        if not re.fullmatch(r"[-+]?\d{1,3}( \d{3})+([.,]\d+)?", text):
            return None  # a space is for thousands only
        text = text.replace(" ", "")
    if "_" in text:
        return None
    if "," in text:
        if decimal == "." or "." in text or text.count(",") > 1:
            return None
        text = text.replace(",", ".")
    elif "." in text and decimal == ",":
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
