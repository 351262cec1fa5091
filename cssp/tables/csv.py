"""CSV files as raw values: encoding, delimiter, heading."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.tables.encoding import decode
from cssp.tables.raw import RawTable, fixed
from cssp.tables.rows_to_table import table_of_rows


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
        # the usual width: a title above the table has fewer cells
        width = max(set(widths), key=widths.count) if widths else 1
        score = (sum(w == width for w in widths) / max(len(widths), 1) if width > 1 else 0.0, width)
        # of two that split the rows alike, a comma may be that of decimals
        if score > best_score or (score == best_score and score[0] > 0):
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


def csv_rows(
    path: Path, shown: str, form: Format | None
) -> tuple[list[tuple[int, list[Any]]], dict[str, str]]:
    """Return the rows of a CSV that hold anything, with their numbers, and how it was read.

    Raises
    ------
    DataError
        The file is no text, is empty, or breaks off within quotation marks.
    """
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
    body, skipped = _without_comments(text, fixed(form, "comment"), fixed(form, "delimiter"))
    if not body.strip():
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    delimiter, sniffed = sniff_delimiter(body, shown, fixed(form, "delimiter"))
    rows: list[tuple[int, list[Any]]] = []
    try:
        for number, record in enumerate(
            csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True), 1
        ):
            if any(cell.strip() for cell in record):
                rows.append((number + skipped, list(record)))
    except csv.Error as error:
        raise DataError(
            Problem(
                shown,
                f"The table breaks off: {error}.",
                "Check the quotation marks on this row, or export it again.",
                row=(rows[-1][0] + 1) if rows else skipped + 1,
            )
        ) from None
    found = {
        "format": "CSV",
        "encoding": encoding,
        "delimiter": {"\t": "tab", ",": "comma", ";": "semicolon"}.get(delimiter, delimiter),
        "delimiter found by": "sniffing" if sniffed else "city.yaml",
        "decimal": fixed(form, "decimal") or "either",
    }
    if skipped:
        found["comment lines"] = str(skipped)
    return rows, found


def read_csv(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a CSV file as it stands: every cell a text; see `read_table`."""
    rows, found = csv_rows(path, shown, form)
    return table_of_rows(shown, rows, form, tell_service, found, keep_texts=keep_texts)


def _without_comments(text: str, comment: str | None, delimiter: str | None) -> tuple[str, int]:
    """Return a text without the comments above its table, and how many lines they are.

    A line that begins with `# ` is a comment, but not where it has as many cells as the line below
    it: then `#` is the heading of a column ("# of the form").
    """
    skipped, body = 0, text
    while body.startswith(comment or "# "):
        line, _, rest = body.partition("\n")
        below = rest.partition("\n")[0]
        if comment is None and any(
            len(line.split(sign)) == len(below.split(sign)) > 1 for sign in (delimiter or ";\t,")
        ):
            break
        body, skipped = rest, skipped + 1
    return body, skipped
