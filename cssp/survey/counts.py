"""Counts as a plain table: what they must be, and what stands behind weighted ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError
from cssp.study.questionnaire import ColumnCodebook


@dataclass(frozen=True)
class Behind:
    """What stands behind sums of weights, cell by cell.

    Attributes
    ----------
    people : how many respondents
    squares : the sum of their squared weights, from which errors follow
    """

    people: pd.DataFrame
    squares: pd.DataFrame

    def cut(self, rows: Any = slice(None), codes: Any = slice(None)) -> Behind:
        """Return the same of some rows and codes."""
        return Behind(self.people.loc[rows, codes], self.squares.loc[rows, codes])

    def summed(self, by: list[str]) -> Behind:
        """Return the same of coarser groups."""
        people, squares = (
            one.groupby(level=by, sort=False, observed=False).sum()
            for one in (self.people, self.squares)
        )
        return Behind(people, squares)


def check_counts(counts: pd.DataFrame, book: ColumnCodebook, weighted: bool) -> None:
    """Refuse counts that are none.

    Raises
    ------
    ScoringError
        A row twice, an item or a code without meaning, a number below zero, parts of people.
    """
    if not isinstance(counts, pd.DataFrame) or counts.index.names[0] != "item":
        raise ScoringError(
            "Counts are a table whose rows are (item, groups ...) and whose columns are answer "
            "codes."
        )
    if not counts.index.is_unique:
        raise ScoringError(
            f"The row {counts.index[counts.index.duplicated()][0]} stands twice in the counts."
        )
    values = counts.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).all() or (values < 0).any():
        raise ScoringError(
            "The counts have missing or negative numbers; write 0 for an answer that nobody gave."
        )
    if not weighted and not np.array_equal(values, np.round(values)):
        raise ScoringError(
            "The counts are not whole numbers; say weighted=True if they are sums of weights."
        )
    items = counts.index.get_level_values("item")
    for item in items.unique():
        if item not in book:
            raise ScoringError(
                f"The item '{item}' has no entry in the codebook, so its codes have no meaning."
            )
        known = {*book[item]["codes"], *book[item]["special"]}
        if absent := [code for code in book[item]["codes"] if code not in counts.columns]:
            raise ScoringError(
                f"The item '{item}' has no column for its answer {absent[0]}; write 0 where nobody "
                "gave it."
            )
        used = counts.columns[(values[items == item] > 0).any(axis=0)]
        if strange := [code for code in used if code not in known]:
            raise ScoringError(
                f"The item '{item}' has the answer {strange[0]}, which is not in its codebook."
            )
