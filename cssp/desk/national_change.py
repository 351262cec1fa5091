"""What all regions together gave, year by year, in constant prices."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.desk.prices import deflate
from cssp.desk.purposes import _SCOPE
from cssp.desk.region_tables import REGION
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError


@returns(
    "level",
    "year",
    _SCOPE,
    Column("support", "support, current prices", "money"),
    Column("real", "support, December prices of the last year", "money"),
    Column("change", "change since the first year", "percent1"),
    Column("largest", "largest region", "word", values=REGION.values),
    Column("largest_share", "its share", "percent1"),
    Column("change_without", "change without it", "percent1"),
    Column("median_change", "change in the median region", "percent1"),
    Column("n", "regions", "whole"),
    Column("none", "regions without support", "whole"),
    Column("median", "median region, per resident", "number2"),
)
def national_change(
    table: pd.DataFrame, prices: pd.DataFrame, scope: str = "social"
) -> pd.DataFrame:
    """Return what all regions together gave, year by year, in constant prices.

    Only regions that have every year count, so that the years are of the same territory. One region
    can hold most of a sum, so the change is also told without the largest, and for the median
    region.

    Parameters
    ----------
    table : from `region_support`
    prices : table from `load_prices`; the country's indices are used
    scope : what counts

    Returns
    -------
    One row a level and year: `level, year, scope, support` (roubles), `real` (in prices of December
    of the last year; missing without an index for a year), `change` (of `real` since the first
    year), `largest` (the region with most in the last year), `largest_share` (of that year's sum),
    `change_without` (of all but the largest), `median_change` (median of the regions' own changes;
    of those that gave something in the first year), `n` (regions with every year), `none` (how many
    of them give nothing), `median` (of their support per resident).

    Examples
    --------
    >>> from cssp import load_prices, load_region_population, load_region_support
    >>> from cssp import load_study, region_support
    >>> study = load_study()
    >>> money = load_region_support(study)
    >>> table = region_support(money, load_region_population(study), study.indicators)
    >>> national_change(table, load_prices(study))[["level", "year"]].head(2)
         level  year
    0  subject  2017
    1  subject  2019
    """
    own = table[table["scope"] == scope]
    columns = ["level", "year", "scope", "support", "real", "change", "largest", "largest_share",
               "change_without", "median_change", "n", "none", "median"]  # fmt: skip
    if own.empty:
        return pd.DataFrame(columns=columns)
    full = own.groupby("region")["year"].nunique()
    own = own[own["region"].isin(full[full == own["year"].nunique()].index)]
    first, last = int(own["year"].min()), int(own["year"].max())
    parts = []
    for level, part in own.groupby("level", sort=False):
        wide = part.pivot(index="region", columns="year", values="support")
        deflators = _deflators(wide.columns, prices, last)
        real = wide / deflators
        most = str(wide[last].idxmax())
        whole, rest = real.sum(min_count=1), real.drop(index=most).sum(min_count=1)
        changes = (real.div(real[first].where(real[first] > 0), axis=0) - 1).median()
        per_head = part.groupby("year")["per_resident"].median()
        parts.append(
            pd.DataFrame(
                {
                    "level": level,
                    "year": wide.columns.astype(int),
                    "scope": scope,
                    "support": wide.sum().to_numpy(),
                    "real": whole.to_numpy(),
                    "change": (whole / whole[first] - 1).to_numpy(),
                    "largest": most,
                    "largest_share": (wide.loc[most] / wide.sum()).to_numpy(),
                    "change_without": (rest / rest[first] - 1).to_numpy(),
                    "median_change": changes.to_numpy(),
                    "n": len(wide),
                    "none": (wide == 0).sum().to_numpy(),
                    "median": per_head.reindex(wide.columns).to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[columns]


def _deflators(years: pd.Index, prices: pd.DataFrame, base: int) -> pd.Series:
    """Return the divisor of each year's amounts; missing without an index for one of them."""
    amounts = pd.DataFrame({"city": "", "year": years.astype(int), "value": 1.0})
    try:
        return pd.Series(deflate(amounts, prices, base)["deflator"].to_numpy(), index=years)
    except ScoringError:
        return pd.Series(np.nan, index=years)
