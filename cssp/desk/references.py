"""References to acts in Russian notation, into fields.

'постановление от 23.08.2011 № 713', 'от 05.04.2010 № 40-ФЗ (ред. от 30.12.2020)'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.tables.raw import fold

_MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_DAY = (
    r"(?:(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:\s*г\.?|\s*года)?|(\d{1,2})\s+("
    + "|".join(_MONTHS)
    + r")\s+(\d{4})(?:\s*г\.?|\s*года)?)"
)
_SIGN = r"(?:№|N|No\.?|номер)"
_NUMBER = r"([0-9A-Za-zА-Яа-яЁё][0-9A-Za-zА-Яа-яЁё/\-–.]*[0-9A-Za-zА-Яа-яЁё]|[0-9]+)"
_REFERENCE = re.compile(rf"(?:от\s+)?{_DAY}\s*,?\s*{_SIGN}\s*{_NUMBER}", re.IGNORECASE)
_REVERSED = re.compile(rf"{_SIGN}\s*{_NUMBER}\s+от\s+{_DAY}", re.IGNORECASE)
_EDITION = re.compile(rf"\(?\s*(?:в\s+)?ред(?:\.|акции)?\s+(?:от\s+)?{_DAY}", re.IGNORECASE)
_BARE = re.compile(
    rf"(?:{_SIGN}\s*|\b)(\d+(?:\.\d+)?-?(?:ФЗ|ФКЗ|ОЗ|ЗРК|П|р|РЗ|КЗ))\b", re.IGNORECASE
)
_KINDS = {
    "федеральный конституционный закон": r"федеральн\w+ конституционн\w+ закон\w*",
    "федеральный закон": r"федеральн\w+ закон\w*",
    "закон": r"закон(?:а|е|ом|у)?\b",
    "указ": r"указ(?:а|е|ом|у)?\b",
    "постановление": r"постановлени\w+",
    "распоряжение": r"распоряжени\w+",
    "приказ": r"приказ(?:а|е|ом|у)?\b",
    "решение": r"решени\w+",
    "письмо": r"письм\w+",
}
COLUMNS = ["position", "text", "kind", "number", "date", "edition", "note"]


@returns(
    Column("position", "place in the text", "plain"),
    "text",
    "kind",
    "number",
    "date",
    Column("edition", "edition", "text"),
    "note",
)
def read_references(text: str) -> pd.DataFrame:
    """Read the acts that a text refers to.

    Parameters
    ----------
    text : e.g. "Федеральный закон от 05.04.2010 № 40-ФЗ (ред. от 30.12.2020), постановление от 23
        августа 2011 г. № 713"

    Returns
    -------
    One row a reference, in the order of the text: `position` (of its first sign), `text` (the
    reference as it stands), `kind` (the Russian word for the kind of act; empty where none stands
    just
    before), `number` (with a hyphen before the letters: 40-ФЗ), `date`, `edition` (ISO; empty where
    not told), `note` (a date that is none).

    Examples
    --------
    >>> found = read_references("Федеральный закон от 05.04.2010 № 40-ФЗ")
    >>> found[["kind", "number", "date"]].to_numpy().tolist()
    [['федеральный закон', '40-ФЗ', '2010-04-05']]
    """
    lines: list[tuple[int, int, str, str]] = []
    for pattern, number_at, day_at in ((_REFERENCE, 6, 0), (_REVERSED, 0, 1)):
        for found in pattern.finditer(text):
            groups = found.groups()
            date_parts = groups[day_at : day_at + 6]
            lines.append(
                (found.start(), found.end(), _plain_number(groups[number_at]), _iso(date_parts))
            )
    taken = [(start, end) for start, end, *_ in lines]
    for found in _BARE.finditer(text):
        if not any(start <= found.start() < end for start, end in taken):
            lines.append((found.start(), found.end(), _plain_number(found[1]), ""))
    rows = []
    for start, end, number, day in sorted(set(lines)):
        if any(other_start < start < other_end for other_start, other_end in taken):
            continue
        edition = _EDITION.match(text, _skip(text, end))
        note = "no such date" if day == "?" else ""
        rows.append(
            [
                start,
                text[start:end].strip(),
                _kind(text[:start]),
                number,
                day.strip("?"),
                _iso(edition.groups()) if edition else "",
                note,
            ]
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " ,\u00a0":
        place += 1
    return place


def _plain_number(number: str) -> str:
    """Return a number with one hyphen before its letters, in capitals for laws.

    40фз and 40 – ФЗ become 40-ФЗ.
    """
    text = number.replace("–", "-").strip(".-")
    if found := re.fullmatch(r"(\d+)-?(фз|фкз)", text, re.IGNORECASE):
        return f"{found[1]}-{found[2].upper()}"
    return text


def _iso(groups: Iterable[str | None]) -> str:
    """Return a day as ISO; "?" for one that is none, such as 31.02.2020."""
    day, month, year, other_day, word, other_year = groups
    try:
        if day is not None and month is not None and year is not None:
            full = (
                int(year)
                if len(year) == 4
                else 2000 + int(year)
                if int(year) < 50
                else 1900 + int(year)
            )
            return date(full, int(month), int(day)).isoformat()
        assert other_day is not None and word is not None and other_year is not None
        return date(
            int(other_year), [fold(m) for m in _MONTHS].index(fold(word)) + 1, int(other_day)
        ).isoformat()
    except ValueError:
        return "?"


def _kind(before: str) -> str:
    """Return the kind of act named last before a reference.

    If only whose act it is stands between.
    """
    near = fold(before[-160:])
    best = ("", -1)
    for name, pattern in _KINDS.items():
        for found in re.finditer(pattern, near):
            between = near[found.end() :]
            inside = best[1] > found.start() and best[0].endswith(name)
            if not re.search(r"[;.(]\s|\d", between) and found.start() > best[1] and not inside:
                best = (name, found.start())
    for name in ("федеральный конституционный закон", "федеральный закон"):
        if best[0] == "закон" and re.search(_KINDS[name] + r"[^;]*$", near):
            return name
    return best[0]
