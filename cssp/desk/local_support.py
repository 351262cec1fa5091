"""Measures of local support side by side, region by region.

The table behind the composite index, and levels that tell opposite things.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cssp.desk.composite import composite_index
from cssp.desk.coverage import programme_coverage
from cssp.desk.indicators import totals
from cssp.desk.prices import deflate
from cssp.desk.support_rates import support_per_resident
from cssp.desk.support_shares import support_shares
from cssp.stats.columns import Column, bounds, returns
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import ScoringError

#: Measures of local support: all of them better when higher.
MEASURES = ("support_share", "support_per_resident", "programme_share")


@returns(
    "city",
    "region",
    "level",
    "year",
    "indicator",
    "measure",
    "value",
    "basis",
    "weight",
    "denominator_year",
)
def support_measures(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return the measures of support of each city, level and year.

    Parameters
    ----------
    desk : table from `load_desk`
    book : codebook of the indicators, by whose roles the measures are found

    Returns
    -------
    One row a city, level, year, indicator and measure: `city, region, level, year, indicator` (of
    support or programmes), `measure` ("support_share": of the level's expenditure;
    "support_per_resident", in the unit of the support;
    "programme_share": of the municipalities, where of every one of them it is known), `value`,
    `basis` (of the population; empty otherwise), `weight` (what the measure is divided by),
    `denominator_year` (of the
    population; otherwise the year itself)

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> support_measures(desk, study.indicators)["measure"].unique().tolist()[:2]
    ['support_share', 'support_per_resident']
    """
    parts = []
    if len(shares := support_shares(desk, book)):
        parts.append(
            shares.assign(
                measure="support_share",
                value=shares["share"],
                basis="",
                weight=shares["denominator"],
                denominator_year=shares["year"],
            )
        )
    if len(rates := support_per_resident(desk, book)):
        parts.append(
            rates.assign(
                measure="support_per_resident", value=rates["rate"], weight=rates["denominator"]
            )
        )
    coverage = programme_coverage(desk, book)
    coverage = coverage[
        coverage["low"].notna() & (coverage["low"] == coverage["high"])
    ]  # a bound is no value
    if len(coverage):
        parts.append(
            coverage.assign(
                measure="programme_share",
                value=coverage["low"],
                level=book.local_levels[0],
                basis="",
                weight=coverage["municipalities"],
                denominator_year=coverage["year"],
            )
        )
    columns = [
        "city",
        "region",
        "level",
        "year",
        "indicator",
        "measure",
        "value",
        "basis",
        "weight",
        "denominator_year",
    ]
    if not parts:
        return pd.DataFrame(columns=columns)
    found = pd.concat([part[columns] for part in parts], ignore_index=True)
    found[["value", "weight"]] = found[["value", "weight"]].astype("Float64")
    return found[found["value"].notna()].reset_index(drop=True)


@returns(
    Column("city", "region", "region"),
    "indicator",
    "measure",
    "level",
    "year_from",
    "year_to",
    Column("years", "years", "whole"),
)
def known_years(measures: pd.DataFrame) -> pd.DataFrame:
    """Return of which years each measure of each region is known.

    Parameters
    ----------
    measures : table from `support_measures`

    Returns
    -------
    `city, indicator, measure, level, year_from, year_to, years` (how many)

    Examples
    --------
    >>> row = {"city": "a", "indicator": "support", "measure": "support_share", "level": "local"}
    >>> known_years(pd.DataFrame([{**row, "year": 2019}, {**row, "year": 2021}]))[["year_from",
    ...     "year_to", "years"]].values.tolist()
    [[2019, 2021, 2]]
    """
    years = measures.groupby(["city", "indicator", "measure", "level"], sort=False, observed=True)[
        "year"
    ]
    return years.agg(year_from="min", year_to="max", years="nunique").reset_index()


#: How the value of a measure reads.
_VALUES = {
    "support_share": Column("value", "share of expenditure", "percent4"),
    "support_per_resident": Column("value", "rate, per unit of the denominator", "number2"),
    "programme_share": Column("value", "share of municipalities with a programme", "percent"),
}


def _value_of(asked: Mapping[str, Any]) -> list[Column]:
    return [_VALUES[asked["measure"]]] if asked["measure"] in _VALUES else []


@returns(
    "city",
    "region",
    "level",
    "year",
    "indicator",
    "measure",
    "value",
    "basis",
    "weight",
    "denominator_year",
    depending=_value_of,
    adds=True,
)
def of_common_year(measures: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return one measure of one indicator in the year (and on the basis of the population) that
    most cities have; of several such, the latest.

    So cities are compared by one indicator, in one year and on one basis.

    Parameters
    ----------
    measures : table from `support_measures`
    measure : one of its measures

    Returns
    -------
    the rows of that year and basis; empty where no city has the measure

    Examples
    --------
    >>> from cssp import load_desk, load_study, support_measures
    >>> study = load_study()
    >>> measures = support_measures(load_desk(study), study.indicators)
    >>> of_common_year(measures, measures["measure"].iloc[0])["year"].nunique()
    1
    """
    own = measures[measures["measure"] == measure]
    if own.empty:
        return own
    keys = ["indicator", "year", "basis"]
    sizes = own.groupby(keys, sort=False)["city"].nunique().reset_index()
    # of several that as many cities have, the latest; of several indicators, the codebook's first
    sizes["order"] = -pd.factorize(sizes["indicator"])[0]
    best = sizes.sort_values(["city", "year", "basis", "order"]).iloc[-1]
    return own[(own[keys] == best[keys]).all(axis=1)]


@returns("city", Column("support_share", "share of expenditure", "percent4"))
def local_support(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return each city's measures of local support.

    Of the year that most cities share (see `of_common_year`).

    Parameters
    ----------
    book : the study's indicators

    Returns
    -------
    One row a city: `city`, a column for each of `support_share, support_per_resident,
    programme_share` that any city has, and for each `<measure>_year`.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> local_support(desk, study.indicators)["support_share_year"].tolist()
    [2021, 2021]
    """
    measures = support_measures(desk, book)
    there = [level for level in book.local_levels if (measures["level"] == level).any()]
    measures = measures[
        measures["level"].isin(there[:1])
    ]  # levels are never mixed: the first that has any
    cities = pd.DataFrame({"city": list(dict.fromkeys(desk["city"]))})
    for name in MEASURES:
        chosen = of_common_year(measures, name)
        if chosen.empty:
            continue
        values = chosen.drop_duplicates("city").set_index("city")["value"].astype(float)
        cities[name] = cities["city"].map(values)
        cities[f"{name}_year"] = int(chosen["year"].iloc[0])
    return cities


@returns(
    Column("city", "region", "region"),
    "index",
    "rank",
    *bounds("rank", "rank_low", "rank_high", "rank from", "rank to", "whole"),
    "median_rank",
    "share_first",
    "n_units",
    "n_indicators",
    "draws",
    "note",
)
def local_support_index(
    desk: pd.DataFrame, book: IndicatorBook, seed: int = 20240101
) -> pd.DataFrame:
    """Return the composite index of local support with the interval of each rank (see
    `composite_index`).

    Measures that are the same in every city are left out, as they tell nothing apart.

    Parameters
    ----------
    book : the study's indicators
    seed : of the random numbers

    Returns
    -------
    As `composite_index`; empty where fewer than two cities or two measures are left

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> len(local_support_index(desk, study.indicators)) == len(study.cities)
    True
    """
    table = local_support(desk, book)
    there = [name for name in MEASURES if name in table and table[name].notna().any()]
    whole = table.dropna(subset=there)
    telling = [name for name in there if whole[name].nunique() > 1]
    columns = [
        "city",
        "index",
        "rank",
        "rank_low",
        "rank_high",
        "median_rank",
        "share_first",
        "n_units",
        "n_indicators",
        "draws",
        "note",
    ]
    if len(telling) < 2 or len(whole) < 2:
        return pd.DataFrame(columns=columns)
    return composite_index(table, telling, seed=seed)


@returns(
    "city",
    "region",
    "level",
    "year",
    "indicator",
    "unit",
    "basis",
    "value",
    "status",
    "source",
    "kinds",
    "members",
    "price_territory",
    "deflator",
    "real",
    "base_year",
    "point",
)
def real_support(
    desk: pd.DataFrame, book: IndicatorBook, prices: pd.DataFrame, base_year: int | None = None
) -> pd.DataFrame:
    """Return support by level in the prices of one year.

    Parameters
    ----------
    desk : table from `load_desk`
    book : codebook of the indicators
    prices : table from `load_prices`
    base_year : the year whose prices are meant; None: the last that has support

    Returns
    -------
    As `deflate`: a row a city, level, year and indicator of support. Support that is in constant
    prices already is left out. Empty where the study has no support in current
    prices, or no price index for one of the years.

    Examples
    --------
    >>> from cssp import load_desk, load_prices, load_study
    >>> study = load_study()
    >>> real = real_support(load_desk(study), study.indicators, load_prices(study))
    >>> real["base_year"].unique().tolist()
    [2021]
    """
    current = [
        name for name in book.with_role("support") if book.indicator(name).price_basis == "current"
    ]
    amounts = totals(desk, current, by_kind=False)
    if amounts.empty or prices.empty:
        return amounts.iloc[:0].assign(
            real=[], deflator=[], base_year=[], point=[], price_territory=[]
        )
    try:
        return deflate(amounts, prices, base_year or int(amounts["year"].max()))
    except ScoringError:
        return amounts.iloc[:0].assign(
            real=[], deflator=[], base_year=[], point=[], price_territory=[]
        )
