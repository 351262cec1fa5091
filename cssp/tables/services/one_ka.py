"""1KA: headings are names of variables, the questions below them in the second row.

Its columns about the entry are those of 1KA's manual (survey data, paradata, system variables).
Answers below zero are kinds of missing answers, which the intake asks about.
"""

from collections.abc import Sequence
from typing import Any

from cssp.tables.service import Heading, Rows, Service, first_row, folded, plain_text

_ENTRY = frozenset(
    {
        "recnum",
        "relevance",
        "empty",
        "lurker",
        "invitation",
        "status",
        "code",
        "test",
        "unx_ins_date",
        "insert date",
        "date of completion",
        "browser",
        "operating system",
        "device",
        "javascript",
        "referral page",
        "language",
        "ip",
        "email",
    }
)
_MARKS = {"relevance", "lurker", "invitation", "status", "unx_ins_date"}


def _recognise(rows: Rows) -> str:
    head = {folded(cell) for cell in rows[0]}
    return "the columns recnum and status" if "recnum" in head and _MARKS & head else ""


def _heading(rows: Rows) -> Heading:
    names = first_row(rows)
    place = (
        [folded(name) for name in names].index("recnum") if "recnum" in map(folded, names) else 0
    )
    if len(rows) < 2 or _is_number(rows[1], place):
        return Heading(names)
    below = ["" if cell is None else plain_text(cell) for cell in rows[1]]
    long = {name: text for name, text in zip(names, below, strict=False) if text and name}
    return Heading(names, long, 2)


def _is_number(row: Sequence[Any], place: int) -> bool:
    cell = row[place] if place < len(row) else None
    return str(cell).strip().lstrip("-").replace(".", "", 1).isdigit()


ONE_KA = Service(
    name="1ka",
    label={"en": "a 1KA export", "ru": "выгрузка 1KA"},
    recognise=_recognise,
    tried=35,
    heading=_heading,
    metadata=_ENTRY,
)
