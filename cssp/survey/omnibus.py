"""More than two groups at once.

Kruskal and Wallis's test, and Dunn's test of the pairs behind it.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.survey.comparison_notes import NOTE_ONE_CATEGORY
from cssp.survey.count_arrays import check_levels, check_whole, count_arrays, in_order
from cssp.survey.crosstab import noncentrality
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.ranks import Pairs, effect_interval, kruskal_wallis, placements

NOTE_BELOW_CHANCE = "an effect below what chance alone gives: no interval"
NOTE_ONE_GROUP = "fewer than two groups with answers"
NOTE_UNORDERED = "answers without order: ranks not compared"


@returns(
    "item",
    "city",
    Column("k", "groups", "whole"),
    "n",
    Column("h", "H", "number2"),
    "dof",
    "p",
    "p_adjusted",
    "n_tests",
    Column("epsilon2", "ε²", "number3"),
    *bounds("epsilon2"),
    "note",
)
def compare_many(
    freq: FrequencyTable,
    between: str,
    within: str | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Ask whether any of several groups answers higher than the others (Kruskal-Wallis).

    Item by item.

    The effect is epsilon squared, H / (n - 1): the share of the ranks' variation that lies between
    the groups, 0 to 1. By
    chance alone it is (k - 1) / (n - 1) on average, so small values of small surveys say nothing.
    Substantive answers only.

    Parameters
    ----------
    freq : table from `frequency_table`
    between : level of the groups, e.g. "city"; empty groups are left out
    within : level held fixed
    correction : "holm", "fdr_bh" or "none", over all rows
    confidence : of the interval of epsilon squared: by inversion of the non-central chi-square,
        epsilon squared = lambda / (n - 1); a bootstrap would
        add chance to chance and never hold a true value of 0

    Returns
    -------
    One row an item and stratum: `item, [within], k` (groups with answers), `n, h, dof, p,
    p_adjusted, n_tests, epsilon2, ci_low,
    ci_high, note`. H is corrected for ties; p by chi-square with k - 1 degrees of freedom.

    References
    ----------
    Kruskal, W. H., & Wallis, W. A. (1952). JASA, 47(260), 583-621.
    Tomczak, M., & Tomczak, E. (2014). Trends in Sport Sciences, 1(21), 19-25 (epsilon squared).

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> groups = {"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12], "c": [9, 9, 9, 9, 9]}
    >>> freq = table_of_counts("q", groups)
    >>> compare_many(freq, "city")[["k", "n", "h", "dof", "p", "epsilon2"]]
       k    n       h  dof       p  epsilon2
    0  3  246  13.851  2.0  0.0010     0.057
    """
    need_counts(freq)
    check_correction(correction)
    check_levels(freq, between, within)
    check_whole(freq)
    tail = (1 - confidence) / 2
    lines = []
    for block in count_arrays(freq, between, within):
        found = kruskal_wallis(block.counts)
        shape, size = found["h"].shape, np.maximum(found["n"] - 1, 1)
        bounds = [
            noncentrality(found["h"].ravel(), found["dof"].ravel(), chance).reshape(shape) / size
            for chance in (1 - tail, tail)
        ]
        for i, item in enumerate(block.items):
            for s, stratum in enumerate(block.strata):
                h, dof, epsilon = (float(found[name][i, s]) for name in ("h", "dof", "epsilon2"))
                low = high = np.nan
                note = ""
                if not block.ordered:
                    h = dof = epsilon = np.nan
                    note = NOTE_UNORDERED
                elif found["k"][i, s] < 2:
                    note = NOTE_ONE_GROUP
                elif np.isnan(h):
                    note = NOTE_ONE_CATEGORY
                else:
                    low, high = bounds[0][i, s], bounds[1][i, s]
                    if high < epsilon:
                        low = high = np.nan
                        note = NOTE_BELOW_CHANCE
                key = {"item": item} if within is None else {"item": item, within: stratum}
                lines.append(
                    {
                        **key,
                        "k": int(found["k"][i, s]),
                        "n": int(found["n"][i, s]),
                        "h": h,
                        "dof": dof,
                        "p": float(chdtrc(dof, h)),
                        "epsilon2": epsilon,
                        "ci_low": low,
                        "ci_high": high,
                        "note": note,
                    }
                )
    names = [
        "item",
        *filter(None, [within]),
        "k",
        "n",
        "h",
        "dof",
        "p",
        "p_adjusted",
        "n_tests",
        "epsilon2",
        "ci_low",
        "ci_high",
        "note",
    ]
    table = in_order(
        pd.DataFrame(lines, columns=[n for n in names if n not in ("p_adjusted", "n_tests")]), freq
    )
    table["p_adjusted"] = adjust(table["p"].to_numpy(), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return table[names]


@returns(
    "item",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("mean_rank_a", "mean rank, first", "number1"),
    Column("mean_rank_b", "mean rank, second", "number1"),
    "z",
    "p",
    "p_adjusted",
    "n_tests",
    "rank_biserial",
    *bounds("rank_biserial"),
    "note",
)
def dunn_test(
    freq: FrequencyTable,
    between: str,
    within: str | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Follow Kruskal and Wallis's test up.

    Which pairs of groups differ (Dunn's z on the ranks of all groups together).

    The ranks are those among all groups, so a pair's result depends on the other groups; the effect
    beside it, the
    rank-biserial correlation, is of the pair alone.

    Parameters
    ----------
    freq, between, within : as in `compare_many`
    correction : "holm", "fdr_bh" or "none", over the pairs of each item and stratum
    confidence : of the intervals

    Returns
    -------
    One row an item, stratum and pair: `item, [within], group_a, group_b, n_a, n_b, mean_rank_a,
    mean_rank_b, z, p, p_adjusted,
    n_tests, rank_biserial, ci_low, ci_high, note`. Two-sided, corrected for ties.

    References
    ----------
    Dunn, O. J. (1964). Multiple comparisons using rank sums. Technometrics, 6(3), 241-252.

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> groups = {"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12], "c": [9, 9, 9, 9, 9]}
    >>> freq = table_of_counts("q", groups)
    >>> dunn_test(freq, "city")[["group_a", "group_b", "z", "p", "p_adjusted"]]
      group_a group_b       z       p  p_adjusted
    0       a       b   3.467  0.0005      0.0016
    1       a       c   2.690  0.0071      0.0143
    2       b       c  -0.008  0.9937      0.9937
    """
    need_counts(freq)
    check_correction(correction)
    check_levels(freq, between, within)
    check_whole(freq)
    parts = []
    for block in count_arrays(freq, between, within):
        listed = list(combinations(range(len(block.groups)), 2))
        if not listed or not block.ordered:
            continue
        first, second = (np.array(side) for side in zip(*listed, strict=True))
        found = kruskal_wallis(block.counts)
        column = block.counts.sum(axis=2)
        n = found["n"][..., None]
        pairs = placements(block.counts, first, second)
        with np.errstate(invalid="ignore", divide="ignore"):
            ties = (column**3 - column).sum(axis=-1)[..., None]
            variance = n * (n + 1) / 12 - ties / (12 * (n - 1))
            gap = found["mean_rank"][..., first] - found["mean_rank"][..., second]
            z = gap / np.sqrt(variance * (1 / pairs.n_a + 1 / pairs.n_b))
        z = np.where(np.isnan(found["h"])[..., None] | pairs.empty, np.nan, z)
        p = np.minimum(2 * ndtr(-np.abs(z)), 1)
        adjusted = np.apply_along_axis(adjust, -1, p, correction)
        low, high = effect_interval(Pairs(*vars(pairs).values()), confidence)
        shape = z.shape
        rows = np.indices(shape).reshape(3, -1)
        keys = {"item": np.array(block.items, dtype=object)[rows[0]]}
        if within is not None:
            keys[within] = np.array(block.strata, dtype=object)[rows[1]]
        groups = np.array(block.groups, dtype=object)
        values = {
            "n_a": pairs.n_a,
            "n_b": pairs.n_b,
            "mean_rank_a": found["mean_rank"][..., first],
            "mean_rank_b": found["mean_rank"][..., second],
            "z": z,
            "p": p,
            "p_adjusted": adjusted,
            "n_tests": np.broadcast_to(np.isfinite(p).sum(axis=-1, keepdims=True), shape),
            "rank_biserial": pairs.effect,
            "ci_low": low,
            "ci_high": high,
        }
        table = pd.DataFrame(
            {**keys, "group_a": groups[first[rows[2]]], "group_b": groups[second[rows[2]]]}
            | {name: value.ravel() for name, value in values.items()}
        )
        table["note"] = np.where(np.isnan(z.ravel()), NOTE_ONE_GROUP, "")
        table["note"] = np.where(
            np.isnan(z.ravel()) & ~pairs.empty.ravel(), NOTE_ONE_CATEGORY, table["note"]
        )
        parts.append(table)
    names = [
        "item",
        *filter(None, [within]),
        "group_a",
        "group_b",
        "n_a",
        "n_b",
        "mean_rank_a",
        "mean_rank_b",
        "z",
        "p",
        "p_adjusted",
        "n_tests",
        "rank_biserial",
        "ci_low",
        "ci_high",
        "note",
    ]
    if not parts:
        return pd.DataFrame(columns=names)
    table = in_order(pd.concat(parts, ignore_index=True), freq)
    table[["n_a", "n_b", "n_tests"]] = table[["n_a", "n_b", "n_tests"]].astype("int64")
    return table[names]
