"""Many cities on one measure.

Which differ from the whole by more than chance, and how sure their ranks are.

A list of cities from best to worst invites the reader to believe it. Small cities stand at both
ends of such lists because their estimates
scatter most; the funnel shows what scatter their size alone explains, and the interval of a rank
what the data can say of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError

#: Two-sided levels of a funnel's limits, as they are usual since Spiegelhalter (2005): two and
#: three standard errors.
LEVELS = (0.95, 0.998)


@returns(
    "city",
    "n",
    "positive",
    "negative",
    "balance",
    Column("pooled", "pooled balance, points", "points"),
    Column("variance", "variance of one answer", "number3"),
    Column("total", "answers in all", "whole"),
    "z",
    Column("outside", "outside the limits", "text"),
    "se",
)
def funnel(table: pd.DataFrame, estimate: str = "balance") -> pd.DataFrame:
    """Compare each city's net balance with the pooled one.

    Within limits that its number of answers explains.

    The estimand is the balance of all substantive answers of all cities together, b = sum(n_i b_i)
    / N, N = sum(n_i). One answer has variance
    v = p + q - b^2, where p, q are the pooled shares of positive and negative answers. The city is
    part of the whole, so its distance from b has variance
    v (1/n - 1/N). The limits are b plus and minus z sqrt(v (1/n - 1/N)); a unanimous city has
    limits too. They are those of a normal approximation: with
    fewer than some 20 answers, or nearly all on one side, more cities lie outside by chance than 5
    and 0.2 in a hundred.
    Cities are expected to differ a little for reasons of their own: outside the limits means "look
    there", not "proven bad".

    Parameters
    ----------
    table : one row a city, with shares of positive and negative answers and the number of
        substantive answers
    estimate : the column of the balance; `n, positive, negative` stand beside it

    Returns
    -------
    `table` with `pooled, variance` (of one answer), `total` (N), `low95, high95, low998, high998`,
    `z` (distance from the pooled balance in standard errors)
    and `outside` ("", "95%" or "99.8%": the widest limits that the city lies outside of). Rows
    without answers have missing values.

    Raises
    ------
    ScoringError
        A column is missing.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
    Medicine, 24(8), 1185-1202.

    Examples
    --------
    >>> cities = pd.DataFrame({"city": ["a", "b"], "balance": [0.5, -0.5], "n": [10, 30],
    ...     "positive": [0.7, 0.2], "negative": [0.2, 0.7]})
    >>> funnel(cities)[["city", "pooled", "z"]].round(3)
      city  pooled      z
    0    a   -0.25  2.993
    1    b   -0.25 -2.993
    """
    _need(table, estimate, "n", "positive", "negative")
    size = pd.to_numeric(table["n"]).to_numpy(dtype=float, na_value=np.nan)
    value = pd.to_numeric(table[estimate]).to_numpy(dtype=float, na_value=np.nan)
    shares = {
        name: pd.to_numeric(table[name]).to_numpy(dtype=float, na_value=np.nan)
        for name in ("positive", "negative")
    }
    known = (
        (size > 0)
        & np.isfinite(value)
        & np.isfinite(shares["positive"])
        & np.isfinite(shares["negative"])
    )
    weight = np.where(known, size, 0.0)
    total = weight.sum()

    def pooled(column: str) -> float:
        return (
            float(np.nansum(np.where(known, shares[column], 0.0) * weight) / total)
            if total
            else np.nan
        )

    centre = float(np.nansum(np.where(known, value, 0.0) * weight) / total) if total else np.nan
    variance = pooled("positive") + pooled("negative") - centre**2
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(known, np.sqrt(np.maximum(variance * (1 / size - 1 / total), 0.0)), np.nan)
        z = np.where(error > 0, (value - centre) / error, np.where(known, 0.0, np.nan))
    result = table.assign(pooled=centre, variance=variance, total=total)
    outside = np.full(len(table), "", dtype=object)
    for level, name in zip(LEVELS, ("95", "998"), strict=True):
        reach = ndtri(0.5 + level / 2)
        result[f"low{name}"], result[f"high{name}"] = centre - reach * error, centre + reach * error
        outside[np.abs(np.nan_to_num(z)) > reach] = f"{100 * level:g}%"
    return result.assign(z=z, outside=outside)


@returns("city", "n", "positive", "negative", "balance", "adjusted", "se")
def adjusted_balance(table: pd.DataFrame, estimate: str = "balance") -> pd.DataFrame:
    """Return balances with one positive and one negative answer added, and their standard errors.

    To be ranked by.

    With shares p and q of n answers, n b of them net positive: the adjusted balance is c = n b / (n
    + 2), its standard error the root of
    ((n (p + q) + 2) / (n + 2) - c^2) / (n + 2). Unlike the plain error it is not zero where all
    answered alike, and unlike half of an interval that is
    cut at plus or minus one it does not shrink there. With fewer than some 30 answers ranks remain
    too sure.

    Parameters
    ----------
    table : one row a city
    estimate : the column of the balance; `n, positive, negative` stand beside it

    Returns
    -------
    `table` with `adjusted, se`

    Raises
    ------
    ScoringError
        A column is missing.

    Examples
    --------
    >>> cities = pd.DataFrame({"balance": [1.0], "n": [8], "positive": [1.0], "negative": [0.0]})
    >>> adjusted_balance(cities)[["adjusted", "se"]].round(3)
       adjusted    se
    0       0.8  0.19
    """
    _need(table, estimate, "n", "positive", "negative")
    size = pd.to_numeric(table["n"]).to_numpy(dtype=float, na_value=np.nan)
    net = size * pd.to_numeric(table[estimate]).to_numpy(dtype=float, na_value=np.nan)
    sided = size * (
        table["positive"].to_numpy(dtype=float, na_value=np.nan)
        + table["negative"].to_numpy(dtype=float, na_value=np.nan)
    )
    centre = net / (size + 2)
    variance = ((sided + 2) / (size + 2) - centre**2) / (size + 2)
    return table.assign(adjusted=centre, se=np.sqrt(variance))


@returns(
    "city",
    "n",
    "positive",
    "negative",
    "balance",
    "adjusted",
    "se",
    "rank",
    *bounds("rank", "rank_low", "rank_high", "rank from", "rank to"),
    "of",
)
def rank_intervals(
    table: pd.DataFrame, estimate: str = "balance", confidence: float = 0.95
) -> pd.DataFrame:
    """Rank cities, the highest first, with a confidence interval of each city's rank.

    For city i every other city is compared with it; a city whose interval of the difference lies
    above zero is surely ahead, one whose lies below
    surely behind. The rank is at least one more than those ahead and at most the number of cities
    less those behind. The m - 1 intervals of a city
    hold together (Bonferroni), so in large samples the interval of its rank covers the true rank
    with at least the level; it is not simultaneous over
    cities. Estimates are taken to be independent and normal; see `adjusted_balance` for balances of
    few answers. Ties share the best rank.

    Parameters
    ----------
    table : one row a city
    estimate : the column of the estimate; its standard error stands in `se`
    confidence : of each city's interval

    Returns
    -------
    `table` with `rank, rank_low, rank_high` (1 is the highest), `of` (cities ranked); missing for
    rows without estimate or error

    Raises
    ------
    ScoringError
        A column is missing, or the level is not between 0 and 1.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with
    applications to mobility across neighbourhoods and
    academic achievement across countries. Review of Economic Studies, 91(1), 476-518.

    Examples
    --------
    >>> cities = pd.DataFrame({"city": list("abc"), "balance": [0.5, 0.1, 0.45], "se": [0.05, 0.05,
    ...     0.05]})
    >>> rank_intervals(cities)[["city", "rank", "rank_low", "rank_high"]]
      city  rank  rank_low  rank_high
    0    a     1         1          2
    1    b     3         3          3
    2    c     2         1          2
    """
    _need(table, estimate, "se")
    if not 0 < confidence < 1:
        raise ScoringError(f"The level of an interval lies between 0 and 1, not at {confidence}.")
    value = pd.to_numeric(table[estimate]).to_numpy(dtype=float, na_value=np.nan)
    spread = pd.to_numeric(table["se"]).to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(value) & np.isfinite(spread)
    x, s = value[known], spread[known]
    count = len(x)
    reach = ndtri(1 - (1 - confidence) / (2 * max(count - 1, 1)))
    columns = {name: np.full(len(table), np.nan) for name in ("rank", "rank_low", "rank_high")}
    if count:
        place = np.searchsorted(np.sort(-x), -x, side="left") + 1
        ahead, behind = np.zeros(count), np.zeros(count)
        for start in range(
            0, count, 512
        ):  # by blocks: a thousand cities squared fit, a hundred thousand would not
            part = slice(start, start + 512)
            difference = x[None, :] - x[part, None]
            width = reach * np.hypot(s[None, :], s[part, None])
            ahead[part], behind[part] = (
                (difference > width).sum(axis=1),
                (difference < -width).sum(axis=1),
            )
        columns["rank"][known], columns["rank_low"][known], columns["rank_high"][known] = (
            place,
            1 + ahead,
            count - behind,
        )
    ranked = {name: pd.array(values, dtype="Int64") for name, values in columns.items()}
    return table.assign(**ranked, of=count)


def _need(table: pd.DataFrame, *names: str) -> None:
    for name in names:
        if name not in table:
            raise ScoringError(
                f"The table has no column '{name}'; it has {', '.join(map(str, table.columns))}."
            )


def compare_cities(table: pd.DataFrame) -> pd.DataFrame:
    """Return every city on each balance, with its place in the funnel and its rank.

    Adding answers moves small cities towards the middle; the rank shown is that of the balance
    itself, so its
    interval is widened to hold it.

    Parameters
    ----------
    table : a row a city, unit and group: `city, unit, group, estimate, low, high, n, positive,
        negative`

    Returns
    -------
    columns `unit, group, city, estimate, low, high, n, pooled, variance, total, z, outside, rank,
    rank_low, rank_high,
    of`; cities without answers to an item are left out of it, items with one city too

    Examples
    --------
    >>> row = {"unit": "q", "group": "npo", "low": 0.1, "high": 0.5, "n": 40, "positive": 0.5,
    ...     "negative": 0.2}
    >>> both = pd.DataFrame([{"city": "a", **row, "estimate": 0.3}, {"city": "b", **row,
    ...     "estimate": 0.4}])
    >>> compare_cities(both)["rank"].tolist()
    [2, 1]
    """
    known = table[table["estimate"].notna() & (pd.to_numeric(table["n"]) > 0)]
    parts = []
    for _, part in known.groupby(["unit", "group"], sort=False):
        if len(part) < 2:
            continue
        ranked = rank_intervals(adjusted_balance(funnel(part, "estimate"), "estimate"), "adjusted")
        own = part["estimate"].rank(ascending=False, method="min").astype("Int64")
        low, high = ranked["rank_low"].combine(own, min), ranked["rank_high"].combine(own, max)
        parts.append(ranked.assign(rank=own, rank_low=low, rank_high=high))
    names = [
        "unit",
        "group",
        "city",
        "estimate",
        "low",
        "high",
        "n",
        "pooled",
        "variance",
        "total",
        "z",
        "outside",
        "rank",
        "rank_low",
        "rank_high",
        "of",
    ]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
