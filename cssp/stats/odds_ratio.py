"""The odds ratio of two groups given both margins of their table.

The conditional estimate and its exact interval, for many tables at once.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import elementwise
from scipy.special import gammaln

#: Logarithms of the odds ratio between which the ends are sought; counts of thousands reach some
#: 30.
_REACH = 700.0


def conditional_odds(
    tables: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the conditional maximum-likelihood odds ratio of 2 x 2 tables.

    And its exact (Cornfield's) interval.

    Given both margins the first cell is of Fisher's non-central hypergeometric distribution. The
    estimate is the odds ratio at which
    the cell's mean is the observed count; the ends are those at which a count as large, or as
    small, has half of what `confidence` leaves.
    It is what `scipy.stats.contingency.odds_ratio` computes for one table, here for all tables in
    one search.

    Parameters
    ----------
    tables : counts, shape (tables, 2, 2); both columns of each table hold somebody
    confidence : of the interval

    Returns
    -------
    odds ratio, low, high : one value a table; 0 and infinity where the first cell is at its
        smallest or its largest

    References
    ----------
    Cornfield, J. (1956). A statistical problem arising from retrospective studies. Proceedings of
    the Third Berkeley Symposium, 4, 135-148.

    Examples
    --------
    >>> odds, low, high = conditional_odds(np.array([[[3, 1], [1, 3]]]))
    >>> round(odds.item(), 4), round(low.item(), 4), round(high.item(), 1)
    (6.4083, 0.2117, 626.2)
    """
    counts = np.asarray(tables, dtype=float)
    cell, row = counts[:, 0, 0], counts[:, 0].sum(axis=1)
    one, two = counts[:, :, 0].sum(axis=1), counts[:, :, 1].sum(axis=1)
    least, most = np.maximum(0, row - two), np.minimum(row, one)
    values = least[:, None] + np.arange((most - least).max(initial=0) + 1)
    inside = values <= most[:, None]
    at = np.where(inside, values, least[:, None])
    ways = -(
        gammaln(at + 1)
        + gammaln(one[:, None] - at + 1)
        + gammaln(row[:, None] - at + 1)
        + gammaln(two[:, None] - row[:, None] + at + 1)
    )
    ways = np.where(inside, ways, -np.inf)
    tail = (1 - confidence) / 2

    def solved(goal: str, where: np.ndarray) -> np.ndarray:
        """Find the logarithm of the odds ratio at which the goal is met.

        For the tables that have one.
        """

        def misses(log_odds: np.ndarray, number: np.ndarray) -> np.ndarray:
            which = number.astype(int)
            weight = ways[which] + at[which] * log_odds[:, None]
            weight = np.exp(weight - weight.max(axis=1, keepdims=True))
            weight /= weight.sum(axis=1, keepdims=True)
            if goal == "mean":
                return np.asarray((weight * at[which]).sum(axis=1) - cell[which])
            side = (
                at[which] >= cell[which, None]
                if goal == "as large"
                else at[which] <= cell[which, None]
            ) & inside[which]
            return np.asarray((weight * side).sum(axis=1) - tail)

        numbers = np.flatnonzero(where).astype(float)
        if not len(numbers):
            return np.zeros(0)
        ends = np.full(len(numbers), _REACH)
        found = elementwise.find_root(
            misses, (-ends, ends), args=(numbers,), tolerances={"xatol": 1e-13}
        )
        return np.asarray(found.x)

    lowest, highest = cell == least, cell == most
    odds = np.where(lowest & highest, np.nan, np.where(lowest, 0.0, np.inf))
    low, high = np.zeros(len(counts)), np.full(len(counts), np.inf)
    odds[~lowest & ~highest] = np.exp(solved("mean", ~lowest & ~highest))
    low[~lowest] = np.exp(solved("as large", ~lowest))
    high[~highest] = np.exp(solved("as small", ~highest))
    return odds, low, high
