"""Shares of a whole: Lorenz curve, Theil's parts between and within groups, location quotients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.desk.group_rows import parts_of
from cssp.desk.inequality import checked
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
