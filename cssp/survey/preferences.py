"""A ranking followed up pair by pair: who is put before whom."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import bdtr

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.survey.answers import Answers, need_answers
from cssp.survey.concordance import columns_of_item, filled_ranks
from cssp.survey.group_members import members


@returns(
    "item",
    Column("other", "the other", "item"),
    "city",
    "prefers",
    "prefers_other",
    "n",
    "share",
    *bounds("share"),
    "p",
    "p_adjusted",
    "n_tests",
)
def preferences(
    answers: Answers,
    item: str,
    by: str | None = "city",
    correction: str = "holm",
    smallest: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Follow a ranking up pair by pair: how many put one object before the other.

    Who ranked neither of the two is left out; who ranked one put it before the other. The test is
    the sign test (exact binomial).

    Parameters
    ----------
    answers : from `load_survey`
    correction : of p over the rows of a group: "holm", "fdr_bh", "bonferroni" or "none"
    smallest : groups of fewer respondents are left out
    confidence : of the intervals

    Returns
    -------
    One row a group and pair of objects: `item` (first object's column), `other` (second's), `[by],
    prefers, prefers_other, n` (those who put one
    before the other), `share` (who put the first before the second), `ci_low, ci_high` (Wilson),
    `p, p_adjusted` (over the pairs of the
    group), `n_tests`.

    Examples
    --------
    >>> ranks = Answers(pd.DataFrame({"city": "a", "r__x": [1, 1, 1, 2], "r__y": [2, 2, None, 1]}),
    ...     {})
    >>> preferences(ranks, "r")[["prefers", "prefers_other", "n", "p"]]
       prefers  prefers_other  n      p
    0        3              1  4  0.625
    """
    need_answers(answers)
    check_correction(correction)
    columns = columns_of_item(answers, item)
    parts = []
    for name, rows in members(answers, by):
        grid = answers.rows.loc[rows, columns].to_numpy(dtype=float, na_value=np.nan)
        grid = grid[~np.isnan(grid).all(axis=1)]
        if len(grid) < smallest or not len(grid):
            continue
        ranks = filled_ranks(grid)
        pairs = list(combinations(range(len(columns)), 2))
        first = np.array([(ranks[:, a] < ranks[:, b]).sum() for a, b in pairs])
        second = np.array([(ranks[:, a] > ranks[:, b]).sum() for a, b in pairs])
        n = first + second
        low, high = wilson(first, n, confidence)
        p = np.where(
            n > 0, np.minimum(2 * bdtr(np.minimum(first, second), np.maximum(n, 1), 0.5), 1), np.nan
        )
        table = pd.DataFrame(
            {"item": [columns[a] for a, _ in pairs], "other": [columns[b] for _, b in pairs]}
        )
        if by is not None:
            table[by] = name
        table["prefers"], table["prefers_other"], table["n"] = first, second, n
        with np.errstate(invalid="ignore", divide="ignore"):
            table["share"] = np.where(n > 0, first / n, np.nan)
        table["ci_low"], table["ci_high"], table["p"] = low, high, p
        table["p_adjusted"], table["n_tests"] = adjust(p, correction), int(np.isfinite(p).sum())
        parts.append(table)
    names = [
        "item",
        "other",
        *([] if by is None else [by]),
        "prefers",
        "prefers_other",
        "n",
        "share",
        "ci_low",
        "ci_high",
        "p",
        "p_adjusted",
        "n_tests",
    ]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
