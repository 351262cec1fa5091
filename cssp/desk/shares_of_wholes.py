"""Shares of a whole: Lorenz curve, Theil's parts between and within groups, location quotients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.desk.group_rows import parts_of
from cssp.desk.inequality import checked, theil_l, theil_t
from cssp.desk.territories import DISTRICT_NAMES
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError


@returns(
    "level",
    "year",
    "basis",
    "city",
    "value",
    Column("share_of_weight", "cumulated share of the weight", "percent1"),
    Column("share_of_value", "cumulated share of the value", "percent1"),
)
def lorenz_curve(
    table: pd.DataFrame,
    value: str,
    weight: str | None = None,
    by: Sequence[str] = (),
    unit: str = "city",
) -> pd.DataFrame:
    """Return the points of the Lorenz curve.

    Units from the least to the most, and the share that they and all before them have.

    Parameters
    ----------
    weight : one weight a unit, such as its residents; None: all alike

    Returns
    -------
    One row a key and point, (0, 0) first: the columns of `by`, `unit` (empty for the first point),
    `value`, `share_of_weight`, `share_of_value` (both cumulative).
    Twice the area between the curve and the diagonal is the Gini coefficient.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("ab"), "rate": [1.0, 3.0]})
    >>> lorenz_curve(table, "rate")["share_of_value"].tolist()
    [0.0, 0.25, 1.0]
    """
    parts = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()].sort_values(value, kind="stable")
        try:
            x, w = checked(known[value], None if weight is None else known[weight])
        except ScoringError:
            continue
        w = np.ones(len(x)) if w is None else w
        found = pd.DataFrame(
            {
                unit: ["", *known[unit]],
                "value": [0.0, *x],
                "share_of_weight": [0.0, *(np.cumsum(w) / w.sum())],
                "share_of_value": [0.0, *(np.cumsum(w * x) / (w @ x))],
            }
        )
        for place, (name, value_of) in enumerate(zip(by, key, strict=True)):
            found.insert(place, name, value_of)
        parts.append(found)
    columns = [*by, unit, "value", "share_of_weight", "share_of_value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


@returns(
    "compared",
    "level",
    Column("theil", "index of Theil", "text"),
    Column("part", "part", "word"),
    Column("region_group", "group of regions", "region", values=DISTRICT_NAMES),
    "n",
    "value",
    Column("contribution", "contribution", "number4"),
    "share",
    "city",
)
def theil_decomposition(
    table: pd.DataFrame, value: str, group: str, weight: str | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Split Theil's T and L into inequality between groups of units and within them.

    T = sum of s_g ln(m_g / m) + sum of s_g T_g, with s_g the group's share of the whole amount; L =
    sum of p_g ln(m / m_g) + sum of p_g L_g, with p_g its share of the
    weights; m is the mean of all, m_g that of the group. The parts add up exactly.

    Parameters
    ----------
    table : a row a unit; rows without a value are left out
    value, weight : as in `disproportion`
    group : the column that names the group, e.g. the region
    by : columns whose values are measured apart

    Returns
    -------
    One row a key, index of Theil and part: the columns of `by`, `theil` ("T", "L"), `part`
    ("total", "between", "within", then a row "group" for each), the column of the group (empty but
    in the last),
    `n`, `value` (for a group its own index), `contribution` (what it adds to the total), `share`
    (of the total; missing where the total is 0). L is missing
    where a unit has zero; keys without values, or with zeros only, have no rows.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica,
    48(3), 613-625.

    Examples
    --------
    >>> table = pd.DataFrame({"region": list("aabb"), "rate": [1.0, 3.0, 2.0, 6.0]})
    >>> parts = theil_decomposition(table, "rate", "region").set_index(["theil",
    ...     "part"])["contribution"]
    >>> bool(abs(parts["T", "between"] + parts["T", "within"] - parts["T", "total"]).max() < 1e-12)
    True
    """
    columns = [*by, "theil", "part", group, "n", "value", "contribution", "share"]
    lines: list[list[object]] = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()]
        if known[group].isna().any():
            raise ScoringError(
                f"A unit has no group in the column '{group}'; leave it out, or say its group."
            )
        try:
            x, w = checked(known[value], None if weight is None else known[weight])
        except ScoringError:
            continue  # nothing to split: no values, or only zeros
        w = np.ones(len(x)) if w is None else w
        codes, names = pd.factorize(known[group])
        weights = np.bincount(codes, w)
        amounts = np.bincount(codes, w * x)
        counts = np.bincount(codes)
        mean, means = amounts.sum() / weights.sum(), amounts / weights
        p, s = weights / weights.sum(), amounts / amounts.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(x > 0, np.log(x), 0.0)
            ratios = np.where(means > 0, np.log(means / mean), 0.0)
            own_t = np.where(
                amounts > 0, np.bincount(codes, w * x * logs) / amounts - np.log(means), 0.0
            )
            own_l = np.log(means) - np.bincount(codes, w * logs) / weights
        zero = bool((x == 0).any())
        for index, own, shares, between in (
            ("T", own_t, s, float(s @ ratios)),
            ("L", own_l, p, -float(p @ ratios)),
        ):
            if index == "L" and zero:
                own, between = np.full(len(names), np.nan), np.nan
            total = theil_t(x, w) if index == "T" else np.nan if zero else theil_l(x, w)
            within = float(shares @ own)
            rows: list[tuple[str, object, int, float, float]] = [
                ("total", "", len(x), total, total),
                ("between", "", len(names), between, between),
                ("within", "", len(x), within, within),
                *(
                    ("group", name, int(n), float(v), float(v * share))
                    for name, n, v, share in zip(names, counts, own, shares, strict=True)
                ),
            ]
            for name, label, n, one, adds in rows:
                lines.append(
                    [*key, index, name, label, n, one, adds, adds / total if total else np.nan]
                )
    return pd.DataFrame(lines, columns=columns)


@returns(
    "level",
    Column("city", "region", "region"),
    "share",
    Column("share_of_base", "share of the base", "percents2"),
    Column("quotient", "location quotient", "significant3"),
)
def location_quotients(
    table: pd.DataFrame, value: str, base: str, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return how far a unit's share of one whole (support) exceeds its share of another
    (expenditure, residents).

    Parameters
    ----------
    table : a row a unit with both amounts
    value, base : columns of the amounts
    by : columns whose values are measured apart

    Returns
    -------
    One row a key and unit: the columns of `by`, `unit`, `share` (of the value), `share_of_base`,
    `quotient` (1: as much as the base would give it; missing where
    an amount is unknown, the base is zero, or a whole is not above zero, as refunds can make it).

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("ab"), "support": [3.0, 1.0], "spent": [1.0, 1.0]})
    >>> location_quotients(table, "support", "spent")["quotient"].tolist()
    [1.5, 0.5]
    """
    known = table[table[value].notna() & table[base].notna()]
    keys = list(by)
    wholes = (
        known.groupby(keys, observed=True)[[value, base]].transform("sum")
        if keys
        else known[[value, base]].sum()
    )
    found = known[[*keys, "city"]].copy()
    for name, column in (("share", value), ("share_of_base", base)):
        whole = wholes[column]
        whole = whole.where(whole > 0) if keys else whole if whole > 0 else np.nan
        found[name] = (known[column] / whole).astype(float)
    found["quotient"] = found["share"] / found["share_of_base"].where(found["share_of_base"] > 0)
    return found.reset_index(drop=True)
