"""Chosen options read from cells: marks, names joined in one cell, blanks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from cssp.study.problems import nearest
from cssp.study.questionnaire import Item
from cssp.survey.read_answers import Finding, is_blank, is_declared
from cssp.tables.raw import fold


def choice_reader(
    chosen: set[str],
    not_chosen: set[str],
    missing: set[str],
    labels: dict[Any, str] | None = None,
    declared: Iterable[tuple[Any, Any]] = (),
) -> Callable[[object], tuple[object, Finding | None]]:
    """Return a reader of one option's column.

    1 chosen, 0 not chosen, None blank or declared missing.
    """

    def read(value: object) -> tuple[object, Finding | None]:
        if is_blank(value, missing) or is_declared(value, declared):
            return None, None
        # a value label of the file says what the value means
        text = fold((labels or {}).get(value, value))
        text = text if text in chosen or text in not_chosen else fold(value)
        if text in chosen:
            return 1, None
        if text in not_chosen:
            return 0, None
        return None, Finding(
            f"'{value}' says neither that the option is chosen nor that it is not.",
            "List it under 'chosen' or 'not_chosen' in city.yaml.",
            str(value),
            np.array([]),
        )

    return read


def options_reader(
    item: Item, given: dict[Any, Any], separator: str, missing: set[str]
) -> Callable[[object], tuple[object, Finding | None]]:
    """Return a reader of a cell that holds several options joined by a separator.

    A label may contain the separator: at each place the longest known label that fits is taken.
    """
    words: dict[str, str] = {}
    for option, label in item.options.items():
        words.setdefault(fold(option), option)
        for text in label.values():
            words.setdefault(fold(text), option)
    bad: dict[str, str] = {}
    for key, option in given.items():
        if str(option) in item.options:
            words[fold(key)] = str(option)
        else:
            bad[fold(key)] = str(option)
    by_length = sorted(words, key=len, reverse=True)
    mark = separator.strip() or separator
    mark = fold(mark) or mark
    by_space = not mark.strip()  # KoboToolbox puts a space between options

    def read(value: object) -> tuple[object, Finding | None]:
        if is_blank(value, missing):
            return None, None
        rest = fold(value)
        found: set[str] = set()
        while rest:
            for word in by_length:
                if rest.startswith(word):
                    tail = rest[len(word) :]
                    ended = by_space and tail.startswith(" ")
                    tail = tail.lstrip()
                    if not tail or ended or (not by_space and tail.startswith(mark)):
                        found.add(words[word])
                        rest = tail if ended else tail[len(mark) :].lstrip()
                        break
            else:
                piece = rest.split(mark, 1)[0].strip()
                if piece == "":
                    rest = rest[len(mark) :].lstrip()
                    continue
                hint = (
                    f"is mapped to '{bad[piece]}', which is no option of the item."
                    if piece in bad
                    else f"is not an option of the item. {nearest(piece, words)}"
                )
                return None, Finding(
                    f"'{piece}' {hint}",
                    "Map it under 'values' in city.yaml, or add the option to the questionnaire.",
                    str(value),
                    np.array([]),
                )
        return frozenset(found), None

    return read


def blank_or_zero(read: dict[str, list[object]], explicit: bool) -> dict[str, list[object]]:
    """Decide what a blank in an option's column means.

    Where the respondent chose any option, a blank is 'not chosen'; where the whole item is blank,
    the item is missing
    (or, if the file says 'not chosen' in words, a blank beside them stays missing).
    """
    grid = np.array([list(column) for column in read.values()], dtype=float)  # None becomes NaN
    answered = np.nansum(np.nan_to_num(grid), axis=0) > 0
    if explicit:
        answered |= np.isfinite(grid).any(axis=0)
    filled = np.where(np.isnan(grid) & answered, 0.0, grid)
    return {
        name: [None if np.isnan(value) else int(value) for value in row]
        for name, row in zip(read, filled, strict=True)
    }
