"""What keeps tables of codes from being used as if they had no codebook."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError

#: What of a table may be asked of `Answers` and `FrequencyTable` directly: reading that keeps no
#: codes.
READING = frozenset(
    (
        "columns",
        "index",
        "shape",
        "dtypes",
        "empty",
        "groupby",
        "to_numpy",
        "head",
        "tail",
        "isna",
        "notna",
        "dropna",
        "to_dict",
    )
)


class ReadOnly:
    """`loc` of a table that is not changed in place."""

    def __init__(self, indexer: Any) -> None:
        self._indexer = indexer

    def __getitem__(self, key: Any) -> Any:
        return self._indexer[key]

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise RefusedError(
            "Nothing is set in place: make the plain table what you want, and a new object of it."
        )


class RefusedError(ScoringError, AttributeError):
    """An operation that would separate codes from their meaning."""


def is_condition(key: Any) -> bool:
    """Tell whether a key is a truth value for each row."""
    kind = getattr(key, "dtype", None)
    if kind is not None:
        return bool(pd.api.types.is_bool_dtype(kind))
    return isinstance(key, list) and bool(key) and all(isinstance(one, bool) for one in key)


def checked_condition(condition: Any, index: pd.Index) -> np.ndarray:
    """Return a condition as an array; refuse one of other rows.

    A missing truth value counts as false.
    """
    if len(condition) != len(index):
        raise ScoringError(f"The condition has {len(condition)} values for {len(index)} rows.")
    if isinstance(condition, pd.Series) and not condition.index.equals(index):
        raise ScoringError("The condition is of other rows: its index is not that of the table.")
    return np.asarray(pd.array(condition, dtype="boolean").fillna(False), dtype=bool)
