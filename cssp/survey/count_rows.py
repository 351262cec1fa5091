"""Counting respondents' answers: one `np.bincount` for each item and chunk of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest

#: Rows counted at a time: a chunk's codes stay in the processor's cache, and memory does not grow
#: with the survey.
_ROWS = 1 << 16


def group_numbers(rows: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, list[pd.Index], int]:
    """Return each respondent's group number, the levels of each grouping column.

    And how many groups there are.

    Who is in no group has the number after the last: those counts are thrown away.
    """
    levels: list[pd.Index] = []
    parts: list[np.ndarray] = []
    for name in by:
        column = rows[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            levels.append(pd.CategoricalIndex(column.cat.categories, dtype=column.dtype))
        else:
            codes, found = pd.factorize(column, sort=True)
            levels.append(pd.Index(found))
        parts.append(codes)
    size = int(np.prod([len(level) for level in levels], dtype=int))
    number = np.zeros(len(rows), dtype=np.int32)
    outside = np.zeros(len(rows), dtype=bool)
    for codes, level in zip(parts, levels, strict=True):
        number *= np.int32(len(level))
        number += codes.astype(np.int32, copy=False)
        outside |= codes < 0
    number[outside] = size
    return number, levels, size


def checked_weights(rows: pd.DataFrame, name: str | None) -> np.ndarray | None:
    """Return the column of weights as numbers (None: none); refuse missing and negative ones."""
    if name is None:
        return None
    if name not in rows:
        raise ScoringError(
            f"There is no column of weights '{name}'. {nearest(name, map(str, rows.columns))}"
        )
    weight = pd.to_numeric(rows[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(weight).all() or (weight < 0).any():
        row = int(np.flatnonzero(~np.isfinite(weight) | (weight < 0))[0])
        raise ScoringError(
            f"The weight in row {row} of the table is missing, negative or no number; give every "
            "respondent a weight of 0 or more."
        )
    if len(weight) and weight.sum() <= 0:
        raise ScoringError(f"The weights in '{name}' sum to zero.")
    return np.asarray(weight)


class CodedColumn:
    """One item's answers, to be counted chunk by chunk: codes from `low` on.

    The place after the last is 'missing'.
    """

    def __init__(self, column: pd.Series, name: str, entry: Mapping[str, Any]) -> None:
        self.name = name
        self.entry = entry
        self.labels: list[int] | None = None
        if isinstance(column.dtype, pd.CategoricalDtype):
            self.labels = self._whole(column.cat.categories)
            self.values: Any = column.cat.codes.to_numpy()
            self.low, self.width = 0, len(self.labels)
            self.missing = True  # code -1
        else:
            self.values, self.missing = self._numbers(column)
            low, high = self._range()
            self.low, self.width = low, high - low + 1
            if self.width > 100_000:
                codes, found = pd.factorize(self.chunk(0, len(self.values)), sort=True)
                known = found != self.width  # the place of missing answers, the last
                self.labels = [int(code) + low for code in found[known]]
                self.values, self.low, self.width = codes, 0, len(self.labels)
        self.counts: np.ndarray | None = None

    def _refuse(self) -> ScoringError:
        return ScoringError(
            f"The item '{self.name}' is not coded in whole numbers, so its answers cannot be "
            "counted by code."
        )

    def _whole(self, values: pd.Index) -> list[int]:
        try:
            found = [int(value) for value in values]
            same = all(float(value) == code for value, code in zip(values, found, strict=True))
        except (TypeError, ValueError, OverflowError):
            raise self._refuse() from None
        if not same:
            raise self._refuse()
        return found

    def _numbers(self, column: pd.Series) -> tuple[Any, bool]:
        kind = column.dtype
        if pd.api.types.is_bool_dtype(kind):
            raise self._refuse()
        if isinstance(kind, np.dtype) and kind.kind in "iu":
            return column.to_numpy(), False
        if pd.api.types.is_integer_dtype(kind):
            return column, True
        try:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError, OverflowError):
            raise self._refuse() from None
        known = values[~np.isnan(values)]
        if not (np.isfinite(known) & (known == np.round(known)) & (np.abs(known) < 2**53)).all():
            raise self._refuse()
        return values, True

    def _range(self) -> tuple[int, int]:
        if isinstance(self.values, pd.Series):
            low, high = self.values.min(), self.values.max()
            return (0, -1) if low is pd.NA else (int(low), int(high))
        known = self.values
        if self.missing:
            known = known[~np.isnan(known)]
        return (int(known.min()), int(known.max())) if len(known) else (0, -1)

    def chunk(self, start: int, stop: int) -> np.ndarray:
        """Return the places of the answers in these rows."""
        part = self.values[start:stop]
        if isinstance(self.values, pd.Series):
            part = self.values.iloc[start:stop].to_numpy(
                dtype=np.int64, na_value=self.low + self.width
            )
        elif self.values.dtype.kind == "f":
            part = np.where(np.isnan(part), self.low + self.width, part)
        elif self.missing or self.labels is not None:
            part = np.where(part < 0, self.width, part)
        kind = np.int32 if self.width < 2**30 else np.int64
        return np.asarray(np.subtract(part, self.low, dtype=kind, casting="unsafe"))

    def found(self, size: int) -> dict[int, np.ndarray]:
        """Return for each code that occurs, or that the codebook lists, its count in each group."""
        assert self.counts is not None
        listed = {*self.entry["codes"], *self.entry["special"]}
        labels = self.labels or [self.low + offset for offset in range(self.width)]
        grid = self.counts.reshape(size + 1, self.width + 1)[:size]
        used = (grid != 0).sum(axis=0) > 0
        kept = {code: grid[:, i] for i, code in enumerate(labels) if code in listed or used[i]}
        if strange := sorted(set(kept) - listed):
            raise ScoringError(
                f"The item '{self.name}' has the answer {strange[0]}, which is not in its codebook "
                f"({sorted(listed)})."
            )
        return kept


def count(
    columns: list[CodedColumn], group: np.ndarray, size: int, weight: np.ndarray | None
) -> None:
    """Fill each column's counts.

    One `np.bincount` for each item and chunk of rows, over group and answer together.
    """
    for column in columns:
        column.counts = np.zeros(
            (size + 1) * (column.width + 1), dtype=np.int64 if weight is None else np.float64
        )
    for start in range(0, len(group), _ROWS):
        stop = start + _ROWS
        own = group[start:stop]
        weighed = None if weight is None else weight[start:stop]
        base: dict[tuple[int, np.dtype[Any]], np.ndarray] = {}
        for column in columns:
            assert column.counts is not None
            place = column.chunk(start, stop)
            if len(column.counts) > 2**31 - 1:
                place = place.astype(np.int64)
            key = (column.width, place.dtype)
            if key not in base:
                base[key] = own.astype(place.dtype) * place.dtype.type(column.width + 1)
            place += base[key]
            column.counts += np.bincount(place, weights=weighed, minlength=len(column.counts))


def code_order(
    counted: Mapping[str, Mapping[int, np.ndarray]], book: Mapping[str, Mapping[str, Any]]
) -> list[int]:
    """Return all codes: substantive ones ascending, then the special ones."""
    plain = {code for name in counted for code in book[name]["codes"]}
    special = {code for name in counted for code in book[name]["special"]}
    return sorted(plain) + sorted(special - plain)
