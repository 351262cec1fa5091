"""Rows of a table of territories that are no territory: headings of groups, totals, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cssp.study.desk_source import DeskColumns
from cssp.study.problems import Problem
from cssp.tables.raw import RawTable, fold

#: The column that holds the kind which the heading above a row tells.
KIND_ABOVE = "\0 kind above"


def name_of(record: Mapping[Any, Any], place: str | None) -> str:
    """Return what a row is called: its name, or where that is blank the first that stands in it.

    >>> name_of({"№": None, "town": "–", "n": "Итого"}, "town")
    'Итого'
    """
    cells = [record.get(place), *record.values()]
    texts = (" ".join(str(cell).split()) for cell in cells if cell is not None)
    return next((text for text in texts if text not in ("", "-", "–", "—")), "")


def without_headings(raw: RawTable, columns: DeskColumns) -> tuple[RawTable, list[Problem]]:
    """Take out the rows that are no territory, and keep what they say of the rows below them.

    Returns
    -------
    the table with a column `KIND_ABOVE`, and what is to be said: a row that was left out without
    being named, a name that stands in no row
    """
    groups = {fold(text): kind for text, kind in columns.groups.items()}
    leave_out = {fold(text) for text in columns.leave_out}
    place = columns.municipality
    keep = np.zeros(len(raw.data), dtype=bool)
    kinds: list[str] = []
    kind = ""
    seen: set[str] = set()
    problems: list[Problem] = []
    records = raw.data.to_dict("records")
    for at, (row, record) in enumerate(zip(raw.rows.tolist(), records, strict=True)):
        filled = [value for value in record.values() if value is not None and str(value).strip()]
        alone = len(filled) == 1 and isinstance(filled[0], str)
        text = fold(filled[0] if alone else name_of(record, place))
        seen.add(text)
        if text and text in groups:
            kind = groups[text] or ""
        elif alone and text not in leave_out and len(record) > 1:
            problems.append(_left_out(raw.file, row, str(filled[0])))
        elif not text or text not in leave_out:
            keep[at] = True
        kinds.append(kind)
    for word in [*columns.groups, *columns.leave_out]:
        if fold(word) not in seen:
            problems.append(
                Problem(
                    raw.file,
                    f"No row is called '{word}'.",
                    "Correct 'groups' or 'leave_out' in city.yaml.",
                    column=place,
                    severity="warning",
                )
            )
    data = raw.data.assign(**{KIND_ABOVE: np.array(kinds, dtype=object)})[keep]
    return replace(raw, data=data.reset_index(drop=True), rows=raw.rows[keep]), problems


def _left_out(file: str, row: int, text: str) -> Problem:
    return Problem(
        file,
        "The row holds a text in its first cell only; it is left out.",
        "If it heads the rows below it, name it under 'groups' in city.yaml; else under "
        "'leave_out'.",
        row,
        value=text[:60],
        severity="warning",
    )
