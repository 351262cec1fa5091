"""Answers of numeric and open items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.questionnaire import Item
from cssp.survey.read_answers import Finding, Read, Reader, is_blank, is_declared
from cssp.tables.raw import AMBIGUOUS, fold, is_ambiguous, to_number
from cssp.tables.special_answers import special_meaning


def number_reader(
    item: Item,
    missing: set[str],
    decimal: str | None,
    declared: Iterable[tuple[Any, Any]] = (),
    given: Mapping[Any, Any] | None = None,
    labels: Mapping[Any, str] | None = None,
) -> Reader:
    """Return a reader of numeric answers that checks the item's minimum and maximum.

    A number whose label in the file says 'hard to say', 'no answer' and the like is none.
    """
    known = {fold(key): number for key, number in (given or {}).items()}

    def read(value: object) -> Read:
        if fold(value) in known:
            return Read(to_number(known[fold(value)]), by="city.yaml")
        if is_blank(value, missing):
            return Read(by="blank" if fold(value) == "" else "missing in city.yaml")
        label = (labels or {}).get(value)
        if is_declared(value, declared) or (label and special_meaning(label)):
            by = "declared missing in the file" if is_declared(value, declared) else "label"
            said = f"labels {value} as '{label}'"
            how = said if by == "label" else f"declares {value} as missing"
            finding = Finding(
                f"the file {how}; it is counted as missing.",
                "Nothing, if that is meant; otherwise map it under 'values' in city.yaml.",
                str(value),
                np.array([]),
                "warning",
            )
            return Read(None, finding, by)
        number = to_number(value, decimal)
        if number is None:
            return _no_number(
                f"'{value}' is text where a number is "
                f"due{AMBIGUOUS if is_ambiguous(value) else ''}.",
                "Correct the file, or list the word under 'missing' in city.yaml.",
                value,
            )
        low, high = item.minimum, item.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            return _no_number(
                f"{value} is outside the item's range ({'' if low is None else f'{low:g}'} to "
                f"{'' if high is None else f'{high:g}'}).",
                "Correct the file, or the range in the questionnaire.",
                value,
            )
        return Read(number, by="number")

    return read


def _no_number(what: str, remedy: str, value: object) -> Read:
    return Read(finding=Finding(what, remedy, str(value), np.array([])))


def text_reader(missing: set[str], declared: Iterable[tuple[Any, Any]]) -> Reader:
    """Return a reader of open answers; what the file declares as missing is none."""

    def read(value: object) -> Read:
        if is_blank(value, missing):
            return Read(by="blank" if fold(value) == "" else "missing in city.yaml")
        if is_declared(value, declared):
            finding = Finding(
                f"the file declares '{value}' as missing; it is counted as missing.",
                "Nothing, if that is meant.",
                str(value),
                np.array([]),
                "warning",
            )
            return Read(None, finding, "declared missing in the file")
        return Read(str(value), by="text")

    return read


def durations(
    column: pd.Series, missing: Iterable[str], decimal: str | None, unit: str
) -> tuple[pd.Series, int]:
    """Return how long each respondent took, in seconds, and how many entries are no numbers."""
    blank = [is_blank(value, missing) for value in column]
    numbers = [
        None if empty else to_number(value, decimal)
        for value, empty in zip(column, blank, strict=True)
    ]
    strange = sum(
        number is None and not empty for number, empty in zip(numbers, blank, strict=True)
    )
    factor = 60.0 if unit == "minutes" else 1.0
    values = [pd.NA if number is None else number * factor for number in numbers]
    return pd.Series(pd.array(values, dtype="Float64")), strange
