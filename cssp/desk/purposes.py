"""What the money to non-profits is for, at which level, and where a region stands among all.

Expenditure type 630 holds subsidies to all non-profits other than state and municipal institutions:
capital-repair funds and guarantee funds as well as charities. So it is told by purpose, and what
belongs to the social sphere stands beside the whole. Neither is support of socially oriented
non-profits in the sense of the law.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.desk.region_tables import REGION, purpose_book
from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import ScoringError, nearest

#: What is counted: all of the type, the social sphere, the social sphere without education (whose
#: money goes to non-state schools and certificates as much as to projects).
SCOPES = ("all_purposes", "social", "social_less_education")
SCOPE_NAMES = {
    "all_purposes": {"en": "all of the type", "ru": "весь вид расходов"},
    "social": {"en": "social sphere", "ru": "социальная сфера"},
    "social_less_education": {
        "en": "social sphere without education",
        "ru": "социальная сфера без образования",
    },
}
_SCOPE = Column("scope", "what counts", "word", values=SCOPE_NAMES)
_MONEY = (
    Column("support", "support", "money"),
    Column("per_resident", "roubles per resident", "number1"),
    Column("share", "share of net expenditure", "percents2"),
    Column("share_gross", "share of all expenditure", "percents2"),
)


@returns(
    "year",
    "level",
    Column("purpose", "purpose", "purpose"),
    Column("support", "support", "money"),
    "share",
)
def support_by_purpose(
    money: pd.DataFrame, book: IndicatorBook, regions: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return what the money is for, in all regions together or in some.

    Parameters
    ----------
    money : table from `load_region_support`
    book : the study's codebook of indicators
    regions : only these; None: all together

    Returns
    -------
    One row a year, level and purpose, in the order of the codebook: `year, level, purpose, support`
    (roubles), `share` (of the level's money in that year).

    Examples
    --------
    >>> from cssp import load_region_population, load_region_support, load_study
    >>> study = load_study()
    >>> money = load_region_support(study)
    >>> support_by_purpose(money, study.indicators)[["level", "year", "purpose"]].head(2)
         level  year    purpose
    0  subject  2017  education
    1  subject  2017    culture
    """
    own = money if regions is None else money[money["region"].isin(list(regions))]
    own = own[own["purpose"] != ""]
    found = own.groupby(["year", "level", "purpose"], sort=False)["support"].sum().reset_index()
    order = {name: place for place, name in enumerate(purpose_book(book).purposes)}
    found = found.assign(
        place=found["purpose"].map(order), last=found["level"].eq("local")
    ).sort_values(["year", "last", "place"], ignore_index=True)
    found["share"] = found["support"] / found.groupby(["year", "level"])["support"].transform("sum")
    return found.drop(columns=["place", "last"])


@returns(REGION, "year", "level", _SCOPE, *_MONEY, Column("rank", "rank", "whole"), "n")
def region_support(
    money: pd.DataFrame, population: pd.DataFrame, book: IndicatorBook
) -> pd.DataFrame:
    """Return each region's support by level, per resident and as a share, with its place among all.

    Parameters
    ----------
    money : table from `load_region_support`
    population : table from `load_region_population`
    book : the study's codebook of indicators, which says what belongs to the social sphere

    Returns
    -------
    One row a region, year, level (subject, local) and scope (all of the type; social sphere; social
    sphere without education): `region, year, level, scope, support` (roubles), `per_resident`
    (missing without a population of that year), `share` (of expenditure net of transfers to other
    budgets), `share_gross` (of all expenditure), `rank` by `per_resident` (1: most; equal values
    share the better rank), `n` (regions ranked). Residents are those of the territory whose budgets
    they are.

    Examples
    --------
    >>> from cssp import load_region_population, load_region_support, load_study
    >>> study = load_study()
    >>> money = load_region_support(study)
    >>> people = load_region_population(study)
    >>> region_support(money, people, study.indicators)["region"].nunique()
    85
    """
    purposes = purpose_book(book).purposes
    social = [name for name, one in purposes.items() if one.social]
    chosen = {
        "all_purposes": list(purposes),
        "social": social,
        "social_less_education": [name for name in social if name != "education"],
    }
    keys = ["region", "year", "level"]
    budgets = (
        money.drop_duplicates([*keys, "kind"])
        .groupby(keys, sort=False)[["expenditure", "transfers"]]
        .sum()
    )
    parts = []
    for scope, names in chosen.items():
        own = money[money["purpose"].isin(names)].groupby(keys)["support"].sum()
        part = budgets.assign(support=own.reindex(budgets.index).fillna(0.0), scope=scope)
        parts.append(part.reset_index())
    table = pd.concat(parts, ignore_index=True)
    people = population.set_index(["region", "year"])["population"]
    residents = people.reindex(pd.MultiIndex.from_frame(table[["region", "year"]])).to_numpy()
    net = table["expenditure"] - table["transfers"]
    table["per_resident"] = table["support"] / residents
    table["share"] = table["support"] / net.where(net > 0)
    table["share_gross"] = table["support"] / table["expenditure"].where(table["expenditure"] > 0)
    table["residents"], table["net"] = residents, net
    ranked = table.groupby(["year", "level", "scope"])["per_resident"]
    table["rank"] = ranked.rank(ascending=False, method="min")
    table["n"] = ranked.transform("count").astype(int)
    return table[
        [*keys, "scope", "support", "per_resident", "share", "share_gross", "rank", "n",
         "residents", "net"]
    ]  # fmt: skip


@returns(
    "year",
    "level",
    _SCOPE,
    Column("first", "first region", "word", values=REGION.values),
    Column("second", "second region", "word", values=REGION.values),
    Column("first_value", "first, per resident", "number2"),
    Column("second_value", "second, per resident", "number2"),
    Column("ratio", "ratio", "number2"),
    Column("ahead", "gives more", "word", values=REGION.values),
)
def order_by_scope(table: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    """Return which of two regions gives more per resident, under each way of counting.

    A conclusion that holds under every scope does not hang on the grouping of purposes; one that
    turns does.

    Parameters
    ----------
    table : from `region_support`
    regions : the first against each other one

    Returns
    -------
    One row a year, level, scope and other region: `year, level, scope, first, second, first_value,
    second_value` (roubles per resident), `ratio` (missing where the second gives nothing), `ahead`
    (the region that gives more; empty where both are equal).

    Raises
    ------
    ScoringError
        A region that the table has not.

    Examples
    --------
    >>> from cssp import load_region_population, load_region_support, load_study, regions_of
    >>> study = load_study()
    >>> money, people = load_region_support(study), load_region_population(study)
    >>> table = region_support(money, people, study.indicators)
    >>> order_by_scope(table, regions_of(study, list(study.cities))).columns.tolist()[:2]
    ['year', 'level']
    """
    if strange := [name for name in regions if name not in set(table["region"])]:
        raise ScoringError(
            f"The table has no region '{strange[0]}'. {nearest(strange[0], table['region'])}"
        )
    rows = []
    for (year, level, scope), part in table.groupby(["year", "level", "scope"], sort=False):
        values = part.set_index("region")["per_resident"]
        for second in regions[1:]:
            one, other = float(values.get(regions[0], np.nan)), float(values.get(second, np.nan))
            ratio = one / other if other else np.nan
            ahead = "" if one == other else regions[0] if one > other else second
            rows.append((year, level, scope, regions[0], second, one, other, ratio, ahead))
    columns = ["year", "level", "scope", "first", "second", "first_value", "second_value"]
    return pd.DataFrame(rows, columns=[*columns, "ratio", "ahead"])


@returns(
    REGION,
    "year",
    Column("local_share", "local share of the support", "percent1"),
    Column("support", "support", "money"),
)
def local_shares(table: pd.DataFrame, scope: str = "social") -> pd.DataFrame:
    """Return how much of a region's support comes from its municipalities.

    Cities of federal importance have nearly no budgets of municipalities, so theirs says little.

    Parameters
    ----------
    table : from `region_support`
    scope : what counts

    Returns
    -------
    One row a region and year, the largest share first within a year: `region, year, local_share` (0
    to 1; missing where neither level gives anything), `support` (of both levels, roubles).

    Examples
    --------
    >>> from cssp import load_region_population, load_region_support, load_study
    >>> study = load_study()
    >>> money = load_region_support(study)
    >>> table = region_support(money, load_region_population(study), study.indicators)
    >>> bool(local_shares(table)["local_share"].dropna().between(0, 1).all())
    True
    """
    if scope not in SCOPES:
        raise ScoringError(f"'{scope}' is not a way of counting. {nearest(scope, SCOPES)}")
    own = table[table["scope"] == scope]
    wide = own.pivot_table(index=["region", "year"], columns="level", values="support")
    wide = wide.reindex(columns=["local", "subject"]).fillna(0.0)
    whole = wide.sum(axis=1)
    found = pd.DataFrame({"local_share": wide["local"] / whole.where(whole > 0), "support": whole})
    return found.reset_index().sort_values(
        ["year", "local_share", "region"], ascending=[True, False, True], ignore_index=True
    )


@returns(
    REGION,
    "level",
    Column("purpose", "purpose", "purpose"),
    Column("support", "support", "money"),
    "share",
)
def purposes_by_region(
    money: pd.DataFrame, book: IndicatorBook, regions: Sequence[str]
) -> pd.DataFrame:
    """Return what the money of each of some regions is for, in the last year.

    Each by itself: a sum of two regions would be the larger one's.

    Parameters
    ----------
    money : table from `load_region_support`
    book : the study's codebook of indicators
    regions : which

    Returns
    -------
    One row a region, level and purpose: `region, level, purpose, support, share` (of the region's
    money of that level).

    Examples
    --------
    >>> from cssp import load_region_population, load_region_support, load_study
    >>> study = load_study()
    >>> money = load_region_support(study)
    >>> regions = [str(money["region"].iloc[0])]
    >>> purposes_by_region(money, study.indicators, regions)["purpose"].head(2).tolist()
    ['education', 'culture']
    """
    last = money[money["year"] == money["year"].max()]
    parts = [support_by_purpose(last, book, [name]).assign(region=name) for name in regions]
    columns = ["region", "level", "purpose", "support", "share"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def near(
    table: pd.DataFrame, regions: Sequence[str], top: int = 5, around: int = 2
) -> pd.DataFrame:
    """Return the rows that a reader looks for: the first, some with their neighbours, zeros.

    Parameters
    ----------
    table : rows of `region_support` of one year and scope
    regions : the study's
    top : how many of the first
    around : how many ranks before and behind each of the study's regions
    """
    kept = []
    for _, part in table.groupby("level", sort=False):
        ours = part.loc[part["region"].isin(list(regions)), "rank"]
        close = np.zeros(len(part), dtype=bool)
        for rank in ours:
            close |= ((part["rank"] - rank).abs() <= around).to_numpy()
        kept.append(part[(part["rank"] <= top) | close | (part["support"] == 0)])
    found = pd.concat(kept) if kept else table
    return found.sort_values(["level", "rank", "region"], ascending=[False, True, True])
