"""CSV files as raw values: encoding, delimiter, heading."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from cssp.study.city_file import Format
from cssp.study.problems import DataError, Problem
from cssp.tables.raw import RawTable, fixed, read_headings, refuse_repeats


def decode(raw: bytes, shown: str, fixed: str | None) -> tuple[str, str]:
    """Return the text and the encoding it was read in.

    The order is by what cannot be mistaken: a byte-order mark, then UTF-16 without a mark
    (every other byte is 00 or 04), then valid UTF-8, last Windows-1251, the usual single-byte
    encoding of Russian files.
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
        tries = [
            "utf-16-le" if _high_bytes(raw[1:4000:2]) >= _high_bytes(raw[0:4000:2]) else "utf-16-be"
        ]
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
    """Return the share of bytes that are the high byte of a Latin or Cyrillic letter in UTF-16
    (00 or 04).
    """
    return (half.count(0) + half.count(4)) / max(len(half), 1)


def _looks_russian(text: str) -> bool:
    """Tell Windows-1251 Russian from other bytes.

    Its letters above ASCII are mostly а-я, few capitals inside words.
    """
    letters = [char for char in text[:200_000] if ord(char) > 127]
    good = sum(
        (char.isalpha() and "\u0400" <= char <= "\u045f") or char in "«»№–—… " for char in letters
    )
    lower = sum("а" <= char <= "я" for char in letters)
    return bool(letters) and good >= 0.9 * len(letters) and lower >= 0.5 * len(letters)


def sniff_delimiter(text: str, shown: str, fixed: str | None) -> tuple[str, bool]:
    """Return the delimiter and whether it was found rather than fixed.

    The one that splits the rows most evenly.
    """
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


def read_csv(path: Path, shown: str, form: Format | None, tell_service: bool = False) -> RawTable:
    """Read a CSV file as it stands: every cell a text; see `read_table`."""
    raw = path.read_bytes()
    text, encoding = decode(raw, shown, fixed(form, "encoding"))
    if "\x00" in text:
        raise DataError(
            Problem(
                shown,
                "The file holds zero bytes; it is not a text table.",
                "Export it again as CSV.",
            )
        )
    comment = fixed(form, "comment") or "# "
    skipped = 0
    body = text
    while body.startswith(comment):
        _, _, body = body.partition("\n")
        skipped += 1
    if not body.strip():
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    delimiter, sniffed = sniff_delimiter(body, shown, fixed(form, "delimiter"))
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
            Problem(
                shown,
                f"The table breaks off: {error}.",
                "Check the quotation marks on this row, or export it again.",
                row=(numbers[-1] + 1) if numbers else skipped + 1,
            )
        ) from None
    heading, layout = read_headings(records[:10], shown, form, tell_service)
    header = heading.names
    width = len(header)
    keep = [
        (record, number)
        for record, number in zip(records[heading.rows :], numbers[heading.rows :], strict=True)
        if form is None or number not in form.skip_rows
    ]
    problems = [
        Problem(
            shown,
            f"The row has {len(record)} cells, the heading {width}.",
            "Check the delimiter and the quotation marks on this row.",
            row=number,
        )
        for record, number in keep
        if len(record) < width or any(cell.strip() for cell in record[width:])
    ]
    if problems:
        raise DataError(problems)
    cells = [
        [cell.replace("\ufeff", "") for cell in record[:width]] + [""] * (width - len(record))
        for record, _ in keep
    ]
    refuse_repeats(header, shown, form)
    data = pd.DataFrame(cells, columns=header, dtype=object)
    found = {
        "format": "CSV",
        "encoding": encoding,
        "delimiter": {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter, delimiter),
        "delimiter found by": "sniffing" if sniffed else "city.yaml",
        "decimal": fixed(form, "decimal") or "either",
    }
    if skipped:
        found["comment lines"] = str(skipped)
    found.update(layout)
    return RawTable(
        shown,
        data,
        np.array([number for _, number in keep], dtype=int),
        headings=heading.long,
        read_as=found,
    )
