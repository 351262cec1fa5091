"""Chosen options read from cells: marks, names joined in one cell, mentions, blanks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cssp.study.problems import nearest
from cssp.study.questionnaire import Item
from cssp.survey.read_answers import Finding, Read, Reader, is_blank, is_declared
from cssp.tables.marks import is_other, mark
from cssp.tables.raw import fold
from cssp.tables.special_answers import bare, special_meaning


def own_words(item: Item, option: str) -> set[str]:
    """Return what an option is called, as answers are compared."""
    return {bare(option), *map(bare, item.options[option].values())}


def is_marked(words: Mapping[str, Iterable[str]], item: Item) -> bool:
    """Tell whether the columns of a question hold marks (yes, 0, +), not the options' own names.

    An option may be called 'No': its cell says 'chosen' where the cells of the others hold their
    names, too, and 'not chosen' where they hold yes and no.

    Parameters
    ----------
    words : option -> what stands in its column (or its value labels)
    """
    return any(
        mark(word) is not None and bare(word) not in own_words(item, option)
        for option, found in words.items()
        for word in found
    )


def choice_reader(
    own: set[str],
    marked: bool,
    chosen: set[str],
    not_chosen: set[str],
    missing: set[str],
    labels: Mapping[Any, str] | None = None,
    declared: Iterable[tuple[Any, Any]] = (),
    takes_text: bool = False,
) -> Reader:
    """Return a reader of one option's column: 1 chosen, 0 not chosen, None no answer.

    Parameters
    ----------
    own : what the option is called
    marked : the question's columns hold marks; otherwise an option's own name says it was chosen
    chosen, not_chosen : what city.yaml says of this item's cells
    missing : words that stand for a blank
    labels : value -> label, where the file has labels: they say what a value means
    declared : what the file declares as missing
    takes_text : the option is 'Other', and any text in it says that it was chosen
    """

    def read(value: object) -> Read:
        label = (labels or {}).get(value)
        for word in (fold(value), fold(label)) if label is not None else (fold(value),):
            if word in chosen or word in not_chosen:
                return Read(int(word in chosen), by="city.yaml")
        if is_blank(value, missing):
            return Read(by="blank" if fold(value) == "" else "missing in city.yaml")
        if is_declared(value, declared):
            return Read(by="declared missing in the file")
        text = value if label is None else label
        sign = mark(text)
        if marked and sign is not None:
            return Read(int(sign), by="mark" if label is None else "label")
        if bare(text) in own:
            return Read(1, by="text" if label is None else "label")
        if sign is not None:
            return Read(int(sign), by="mark" if label is None else "label")
        if special_meaning(text) is not None:
            return Read(by="text" if label is None else "label")
        if takes_text and not marked:
            return Read(1, by="text of 'Other'")
        said = (
            f"'{value}' says" if label is None else f"the file labels {value} as '{label}'; it says"
        )
        return Read(
            finding=Finding(
                f"{said} neither that the option is chosen nor that it is not.",
                "List it under 'chosen' or 'not_chosen' in city.yaml.",
                str(value),
                np.array([]),
            )
        )

    return read


def takes_text(item: Item, option: str) -> bool:
    """Tell whether an option is the one for what the list does not name."""
    return any(map(is_other, item.options[option].values()))


def options_reader(
    item: Item,
    given: Mapping[Any, Any],
    separator: str,
    missing: set[str],
    labels: Mapping[Any, str] | None = None,
    declared: Iterable[tuple[Any, Any]] = (),
) -> Reader:
    """Return a reader of a cell that holds several options joined by a separator.

    A label may contain the separator: at each place the longest known label that fits is taken.
    `"*"` among the given values is the option of whatever else stands there.
    """
    words: dict[str, str | None] = {}
    for option, label in item.options.items():
        words.setdefault(fold(option), option)
        for text in label.values():
            words.setdefault(fold(text), option)
            words.setdefault(bare(text), option)
    bad: dict[str, str] = {}
    for key, option in given.items():
        if option is None or str(option) in item.options:
            words[fold(key)] = None if option is None else str(option)
        else:
            bad[fold(key)] = str(option)
    rest_of = words.pop("*", "")
    by_length = sorted(words, key=len, reverse=True)
    mark_ = separator.strip() or separator
    sign = fold(mark_) or mark_
    by_space = not sign.strip()  # KoboToolbox puts a space between options

    def read(value: object) -> Read:
        label = (labels or {}).get(value)
        if is_blank(value, missing):
            return Read(by="blank" if fold(value) == "" else "missing in city.yaml")
        if is_declared(value, declared):
            return Read(by="declared missing in the file")
        rest = fold(value if label is None else label)
        if rest not in words and (label is not None or not sign.strip("\x00")):
            rest = bare(rest)
        found: set[str] = set()
        while rest:
            for word in by_length:
                if rest.startswith(word):
                    tail = rest[len(word) :]
                    ended = by_space and tail.startswith(" ")
                    tail = tail.lstrip()
                    if not tail or ended or (not by_space and tail.startswith(sign)):
                        found |= {option} if (option := words[word]) is not None else set()
                        rest = tail if ended else tail[len(sign) :].lstrip()
                        break
            else:
                piece = rest.split(sign, 1)[0].strip()
                if piece == "":
                    rest = rest[len(sign) :].lstrip()
                    continue
                if rest_of != "":
                    found |= {rest_of} if rest_of is not None else set()
                    rest = rest[len(rest.split(sign, 1)[0]) + len(sign) :].lstrip()
                    continue
                if special_meaning(piece) is not None and not found and rest == piece:
                    return Read(by="text" if label is None else "label")
                hint = (
                    f"is mapped to '{bad[piece]}', which is no option of the item."
                    if piece in bad
                    else f"is not an option of the item. {nearest(piece, words)}"
                )
                return Read(
                    finding=Finding(
                        f"'{piece}' {hint}",
                        "Map it under 'values' in city.yaml, or add the option to the "
                        "questionnaire.",
                        str(value),
                        np.array([]),
                    )
                )
        return Read(frozenset(found), by="text" if label is None else "label")

    return read


def blank_or_zero(read: dict[str, list[object]]) -> dict[str, list[object]]:
    """Decide what a blank in an option's column means.

    Where the file says 'not chosen' anywhere in the question, a blank is no answer. Otherwise a
    blank is 'not chosen' for whoever chose any option, and who chose none left the question out.
    """
    grid = np.array([list(column) for column in read.values()], dtype=float)  # None becomes NaN
    if not writes_zeros(read):
        answered = np.nan_to_num(grid).sum(axis=0) > 0
        grid = np.where(np.isnan(grid) & answered, 0.0, grid)
    return {
        name: [None if np.isnan(value) else int(value) for value in row]
        for name, row in zip(read, grid, strict=True)
    }


def writes_zeros(read: dict[str, list[object]]) -> bool:
    """Tell whether the columns of a question say 'not chosen' in so many words."""
    return any(value == 0 for column in read.values() for value in column if value is not None)
