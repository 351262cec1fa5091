"""Theil's index taken apart: between groups of units and within them."""

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
