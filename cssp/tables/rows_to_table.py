"""Rows of cells become a table: where its headings are, and which rows are no data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.tables.raw import RawTable, fixed, fold, refuse_repeats, to_number, whole_number
from cssp.tables.service import Heading, Service, recognise, service

#: A row of the file: its number, and its cells (None or "" where empty).
Row = tuple[int, list[Any]]
#: A heading that is one cell over several columns: number of its row, first and last column.
Merged = tuple[int, int, int]
#: How a line below a table begins that says something about it.
_DIGIT = re.compile(r"\d")
_NOTE = re.compile(
    r"^\s*(\*|¹|примечани|источник|составлено|рассчитано|note|source|n ?=|итого|всего|total\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Head:
    """Where the table begins: rows above its headings, rows of headings, and their names."""

    above: int
    rows: int
    heading: Heading
    layout: Service
    why: str


def table_of_rows(
    shown: str,
    rows: Sequence[Row],
    form: Format | None,
    tell_service: bool,
    read_as: dict[str, str],
    merged: Collection[Merged] = (),
    keep_texts: bool = False,
) -> RawTable:
    """Make a table of the rows of a file.

    Title rows above the headings, headings of two and more rows, notes below the table and rows
    that repeat the headings are recognised; each row that is left out stands in `notes`. A column
    that has values but no heading is kept and gets the name of its place.

    Parameters
    ----------
    shown : the file's name, for messages
    rows : the rows that hold anything, with their numbers
    form : what `city.yaml` fixes (`header_row`, `heading_rows`, `skip_rows`, `layout`, ...)
    tell_service : recognise the survey service where no layout is named
    read_as : how the file was read so far
    merged : headings that are one cell over several columns, where the file knows them
    keep_texts : rows with a text in one cell only are data: they head the rows below them

    Raises
    ------
    DataError
        A row has more or fewer cells than there are headings, or two headings are the same.
    """
    rows = [row for row in rows if form is None or row[0] not in form.skip_rows]
    if not rows:
        raise DataError(Problem(shown, "The file is empty.", "Export it again."))
    head = _head(rows, shown, form, tell_service, merged)
    names = list(head.heading.names)
    body = list(rows[head.above + head.rows :])
    notes = [
        Problem(shown, "The row stands above the headings and is left out.", "", row=number)
        for number, _ in rows[: head.above]
    ]
    if head.layout.name == "plain" and fixed(form, "heading_rows") is None:
        notes += [
            Problem(
                shown,
                "The row is taken for a further row of headings.",
                "If it is an answer, say heading_rows: 1 under 'format' in city.yaml.",
                row=number,
            )
            for number, _ in rows[head.above + 1 : head.above + head.rows]
        ]
    if keep_texts:
        body = [(number, _filled_up(cells, len(names))) for number, cells in body]
    else:
        body, more = _without_notes(body, names, shown, form)
        notes += more
    _refuse_ragged(body, len(names), shown)
    names, places, unnamed = _named(names, body)
    refuse_repeats(names, shown, form)
    notes += [
        Problem(
            shown,
            f"The column has no heading; it is called '{name}'.",
            "Write its heading into the file, or map it by this name.",
            column=name,
        )
        for name in unnamed
    ]
    read_as = dict(read_as)
    if head.above:
        read_as["rows above the headings"] = str(head.above)
    if head.layout.name != "plain":
        read_as |= {"layout": head.layout.name, "layout found by": head.why}
    if head.rows != 1 or head.layout.name != "plain":
        read_as["heading rows"] = str(head.rows)
    data = pd.DataFrame(
        [[_cell(row, place) for place in places] for _, row in body], columns=names, dtype=object
    )
    return RawTable(
        shown,
        data,
        np.array([number for number, _ in body], dtype=int),
        headings=head.heading.long,
        read_as=read_as,
        notes=tuple(
            Problem(p.file, p.what, p.remedy or _REMEDY, p.row, p.column, p.value, "warning")
            for p in notes
        ),
    )


_REMEDY = (
    "Say 'header_row', 'heading_rows' or 'skip_rows' under 'format' in city.yaml if it is not so."
)


def _cell(row: list[Any], place: int) -> Any:
    value = row[place] if place < len(row) else None
    return value.replace("\ufeff", "") if isinstance(value, str) else whole_number(value)


def _filled_up(cells: list[Any], width: int) -> list[Any]:
    """Return a row that holds one text with as many cells as the others."""
    alone = len(_filled(cells)) == 1
    return [*cells, *[None] * (width - len(cells))] if alone else cells


def _filled(row: Sequence[Any]) -> list[int]:
    """Return the places of a row that hold anything."""
    return [place for place, cell in enumerate(row) if cell is not None and str(cell).strip() != ""]


# ---------------------------------------------------------------- headings


def _head(
    rows: Sequence[Row],
    shown: str,
    form: Format | None,
    tell_service: bool,
    merged: Collection[Merged],
) -> _Head:
    above = _above(rows, form, shown)
    first = [cells for _, cells in rows[above : above + 10]]
    why = ""
    if named := fixed(form, "layout"):
        try:
            layout, why = service(named), "as was said"
        except ValueError as error:
            raise DataError(Problem(shown, str(error), "Correct 'layout' in city.yaml.")) from None
    elif tell_service:
        layout, why = recognise(first)
    else:
        layout = service("plain")
    if layout.name != "plain":
        heading = layout.heading(first[:3])
        return _Head(above, heading.rows, heading, layout, why)
    count = fixed(form, "heading_rows") or _heading_rows(rows[above:])
    names = _joined_headings(rows[above : above + count], merged)
    return _Head(above, count, Heading(names), layout, why)


def _above(rows: Sequence[Row], form: Format | None, shown: str) -> int:
    """Return how many rows stand above the headings: a title, a date, whose survey it is."""
    if wanted := fixed(form, "header_row"):
        for place, (number, _) in enumerate(rows):
            if number == wanted:
                return place
        raise DataError(
            Problem(
                shown,
                "The row that is named as the heading is empty or not there.",
                "Correct 'header_row' under 'format' in city.yaml.",
                row=wanted,
            )
        )
    usual = Counter(len(_filled(cells)) for _, cells in rows[:60]).most_common(1)[0][0]
    above = 0
    while above + 2 < len(rows):
        filled = _filled(rows[above][1])
        # a title stands in the first cell; blanks before a cell are those of a merged heading
        if usual < 3 or len(filled) > 1 + (usual > 6) or filled[0] != 0:
            break
        above += 1
    return above


def _heading_rows(rows: Sequence[Row]) -> int:
    """Return of how many rows the headings are: more than one where blanks are filled below.

    A row belongs to the headings where it fills each blank of the rows above it that has answers
    below, with texts that stand nowhere else in their column.
    """
    count = 1
    while count < min(4, len(rows) - 1):
        names = _joined_headings(rows[:count], ())
        cells, below = rows[count][1], rows[count + 1 :]
        filled = _filled(cells)
        width = max(len(names), len(cells))
        blank = [place for place in range(width) if place >= len(names) or not names[place]]
        with_answers = {place for _, row in below for place in _filled(row)}
        if not blank or not set(blank) & with_answers <= set(filled):
            break
        if any(to_number(cells[place]) is not None for place in filled):
            break
        again = any(
            place < len(row) and fold(row[place] or "") == fold(cells[place])
            for _, row in below
            for place in filled
        )
        if again or not filled:
            break
        count += 1
    return count


def _joined_headings(rows: Sequence[Row], merged: Collection[Merged]) -> list[str]:
    """Return a name a column from one or more rows of headings, `above [below]`.

    A heading that is one cell over several columns is theirs, with a number where nothing stands
    below it. Where the file does not say what is merged, a heading over a filled row goes on to the
    right as far as the cells beside it are blank.
    """
    width = max(len(cells) for _, cells in rows)
    texts = [
        [
            "" if place >= len(cells) or cells[place] is None else _one_line(cells[place])
            for place in range(width)
        ]
        for _, cells in rows
    ]
    spread = {
        (row, place): first for row, first, last in merged for place in range(first, last + 1)
    }
    names: list[str] = [""] * width
    for level, (number, _) in enumerate(rows):
        own, last = texts[level], ""
        below = texts[level + 1 :]
        for place in range(width):
            text = own[place]
            if text:
                last = text
            elif (number, place) in spread:
                text = own[spread[number, place]]
            elif below and any(one[place] for one in below) and not names[place]:
                text = last
            if not text or text == names[place]:  # one cell over several rows says it once
                continue
            names[place] = f"{names[place]} [{text}]" if names[place] else text
    often = Counter(names)
    alike: Counter[str] = Counter()
    for place, name in enumerate(names):
        shared = any((number, place) in spread for number, _ in rows)
        if name and shared and often[name] > 1:
            alike[name] += 1
            names[place] = f"{name} [{alike[name]}]"
    return names


def _one_line(cell: Any) -> str:
    return str(whole_number(cell)).replace("\ufeff", "").strip()


def _named(names: list[str], body: Sequence[Row]) -> tuple[list[str], list[int], list[str]]:
    """Return names and places of the columns that are kept, and the names made for those without.

    A column without a heading and without a value is no column.
    """
    used = {place for _, row in body for place in _filled(row)}
    kept, places, made = [], [], []
    for place, name in enumerate(names):
        if not name and place not in used:
            continue
        if not name:
            name = f"column {_letters(place)}"
            made.append(name)
        kept.append(name)
        places.append(place)
    return kept, places, made


def _letters(place: int) -> str:
    """Return a column's letters as a spreadsheet shows them.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


# ---------------------------------------------------------------- rows that are no data


def _without_notes(
    body: list[Row], names: list[str], shown: str, form: Format | None
) -> tuple[list[Row], list[Problem]]:
    """Leave out notes below the table and rows that repeat the headings, each with a row that
    says so.
    """
    if len(names) < 3:
        return body, []
    beginnings = [
        fold(cells[0]) for _, cells in body if len(_filled(cells)) > 1 and _filled(cells[:1])
    ]
    numbered = sum(to_number(cell) is not None for cell in beginnings) > 0.5 * len(beginnings)
    # a first column with few values over and over is one of groups; a text that only one row has,
    # alone, is the heading of the rows below it
    grouped = len(set(beginnings)) <= 0.5 * len(beginnings)
    kept, notes = [], []
    for number, cells in body:
        filled = _filled(cells)
        text = str(cells[filled[0]]).strip() if filled else ""
        if [fold(cells[place]) for place in filled] == [fold(name) for name in names if name]:
            notes.append((number, "The row repeats the headings and is left out.", text))
        elif filled == [0] and (
            _NOTE.match(text)
            or text.endswith(":")
            or (numbered and to_number(text) is None and (" " in text or not _DIGIT.search(text)))
            or (grouped and fold(text) not in beginnings and not _DIGIT.search(text))
        ):
            notes.append(
                (number, "The row holds a text in its first cell only; it is left out.", text)
            )
        else:
            kept.append((number, cells))
    return kept, [Problem(shown, what, "", row, value=text[:60]) for row, what, text in notes]


def _refuse_ragged(body: Sequence[Row], width: int, shown: str) -> None:
    problems = [
        Problem(
            shown,
            f"The row has {len(cells)} cells, the heading {width}.",
            "Check the delimiter and the quotation marks on this row.",
            row=number,
        )
        for number, cells in body
        if len(cells) < width or len([place for place in _filled(cells) if place >= width])
    ]
    if problems:
        raise DataError(problems)
