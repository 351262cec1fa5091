"""Differences of net balances between two groups, with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.survey.balance_family import told_as


@returns(
    "item",
    Column("balance_first", "balance, first", "points"),
    Column("balance_second", "balance, second", "points"),
    "gap",
    *bounds("gap"),
    "n_first",
    "n_second",
    depending=told_as,
)
def balance_gaps(
    balances: pd.DataFrame, between: str, first: str, second: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the difference of two groups' balances (first minus second), item by item.

    With its interval.

    The groups are independent samples, so the variances add. Where all answers of a group are alike
    there is no interval.

    Parameters
    ----------
    balances : table from `net_balance`, of any family
    between : column of the groups; `first`, `second`: two of its values
    confidence : of the interval

    Returns
    -------
    One row an item and stratum: `item, [strata], balance_first, balance_second, gap, ci_low,
    ci_high, n_first, n_second` (on the
    family's scale).

    Raises
    ------
    ScoringError
        There is no column `between`, or the balances are of several families or bases.

    Examples
    --------
    >>> from cssp import net_balance, table_of_counts
    >>> freq = table_of_counts("q", {"a": [10, 30], "b": [20, 20]}, positive=[2], negative=[1])
    >>> balances = net_balance(freq, "plain")
    >>> balance_gaps(balances, "city", "a", "b")[["gap", "ci_low", "ci_high"]].round(3)
       gap  ci_low  ci_high
    0  0.5    0.09     0.91
    """
    if between not in balances:
        raise ScoringError(
            f"The balances have no column '{between}'. "
            f"{nearest(between, map(str, balances.columns))}"
        )
    if len(balances[["family", "base"]].drop_duplicates()) > 1:
        raise ScoringError(
            "The balances are of several families or bases, which must not be subtracted from each "
            "other."
        )
    known = [str(name) for name in pd.unique(balances[between])]
    for name in (first, second):
        if str(name) not in known:
            raise ScoringError(
                f"There is no '{name}' among the balances. {nearest(str(name), known)}"
            )
    keys = [
        name for name in balances.columns[: balances.columns.get_loc("family")] if name != between
    ]
    a = balances[balances[between] == first].set_index(keys)
    b = balances[balances[between] == second].set_index(keys)
    both = a.index.intersection(b.index, sort=False)
    a, b = a.loc[both], b.loc[both]
    gap = (a["balance"] - b["balance"]).to_numpy()
    half = ndtri(0.5 + confidence / 2) * np.hypot(a["se"].to_numpy(), b["se"].to_numpy())
    return pd.DataFrame(
        {
            "balance_first": a["balance"].to_numpy(),
            "balance_second": b["balance"].to_numpy(),
            "gap": gap,
            "ci_low": gap - half,
            "ci_high": gap + half,
            "n_first": a["n"].to_numpy(),
            "n_second": b["n"].to_numpy(),
        },
        index=both,
    ).reset_index()


def plain_error(balances: pd.DataFrame) -> pd.Series:
    """Return the standard error of plain balances.

    Missing where all answers are alike, or the counts are weighted.
    """
    variance = (balances["positive"] + balances["negative"] - balances["balance"] ** 2) / balances[
        "n"
    ]
    known = balances["se"].notna()
    return np.sqrt(variance.clip(lower=0)).where(known)
