"""Rates and shares of the desk study; budget levels are never mixed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.codebook import IndicatorBook
from cssp.problems import ScoringError, nearest

KEYS = ["city", "region", "level", "kind", "year"]
_RATE_COLUMNS = [
    "city", "region", "level", "year", "value", "denominator", "denominator_year", "basis", "years_apart", "rate", "note",
]  # fmt: skip


def totals(desk: pd.DataFrame, indicators: list[str], by_kind: bool = True) -> pd.DataFrame:
    """Sum indicators over municipalities within a budget level.

    Parameters
    ----------
    desk : table from `load_desk`
    indicators : names of indicators measured in the same unit
    by_kind : keep the kinds of municipality apart; otherwise a level is one row, and its parts must all be known

    Returns
    -------
    One row a city, level, [kind], year and indicator: `value`, `unit`, `status` (the weakest of the parts), `source`.
    """
    rows = desk[desk["indicator"].isin(indicators)]
    keys = [*(KEYS if by_kind else [key for key in KEYS if key != "kind"]), "indicator", "unit"]
    return (
        rows.groupby(keys, sort=False, observed=True, dropna=False)
        .agg(
            value=("value", lambda part: part.sum(skipna=False)),
            status=("status", _weakest),
            source=("source", lambda part: "; ".join(dict.fromkeys(part))),
        )
        .reset_index()
    )


def _weakest(statuses: pd.Series) -> str:
    order = ["observed", "derived", "estimated", "unknown"]
    return str(max(statuses, key=order.index))


def _known(desk: pd.DataFrame, names: list[str]) -> None:
    there = set(desk["indicator"])
    for name in names:
        if name not in there:
            raise ScoringError(f"The desk study has no values of '{name}'. {nearest(name, sorted(there))}")


def share_of(desk: pd.DataFrame, numerator: str, denominator: str, by_kind: bool = False) -> pd.DataFrame:
    """Return one indicator as a share of another of the same level and year.

    Returns
    -------
    One row a city, level, [kind] and year where both are there: `numerator`, `denominator`, `share` in [0, 1]; the share is
    missing where the denominator is zero.

    Examples
    --------
    >>> from cssp import load_study
    >>> from cssp.desk.load import load_desk
    >>> study = load_study()
    >>> book = study.indicators
    >>> share = share_of(load_desk(study), book.with_role("support")[0], book.with_role("expenditure")[0])
    >>> print(round(100 * share.loc[(share["level"] == "local") & (share["year"] == 2021), "share"].max(), 2))
    0.68
    """
    keys = KEYS if by_kind else [key for key in KEYS if key != "kind"]
    _known(desk, [numerator, denominator])
    top = totals(desk, [numerator], by_kind).set_index(keys)["value"].rename("numerator")
    bottom = totals(desk, [denominator], by_kind).set_index(keys)["value"].rename("denominator")
    table = pd.concat([top, bottom], axis=1, join="inner").astype("Float64").reset_index()
    table["share"] = (table["numerator"] / table["denominator"].where(table["denominator"] != 0)).astype(
        "Float64"
    )
    return table


def per_capita(
    desk: pd.DataFrame, book: IndicatorBook, numerator: str, denominator: str, max_years: int = 4
) -> pd.DataFrame:
    """Return an indicator per resident (or per unit of another denominator), each basis of the denominator apart.

    A census breaks the population series, so a rate is computed on each basis that has a value near enough in time, and the
    distance is said; nothing is interpolated.

    Parameters
    ----------
    desk : table from `load_desk`
    book : codebook of the indicators; its `series_breaks` name the bases
    numerator, denominator : indicators; the denominator is that of the territory as a whole
    max_years : how far the denominator's year may lie from the numerator's

    Returns
    -------
    One row a city, level, year and basis: `value` (numerator), `denominator`, `denominator_year`, `basis`, `years_apart`,
    `rate`, `note`. Where no denominator is near enough the rate is missing and the note says so.

    Raises
    ------
    ScoringError
        An indicator without values.
    """
    _known(desk, [numerator, denominator])
    top = totals(desk, [numerator], by_kind=False)
    people = desk[(desk["indicator"] == denominator) & desk["value"].notna() & (desk["municipality"] == "")]
    lines = []
    for row in top.itertuples():
        own = people[people["city"] == row.city]
        bases = list(
            dict.fromkeys([b for s in book.series_breaks for b in (s.basis_before, s.basis_after)] or [""])
        )
        found = 0
        for basis in bases:
            same = own[own["basis"] == basis]
            distance = (same["year"] - row.year).abs()
            if not len(same) or distance.min() > max_years:
                continue
            nearest_year = same.loc[distance.astype("int64").idxmin()]
            apart = int(nearest_year["year"] - row.year)
            zero = nearest_year["value"] == 0
            lines.append(
                {
                    "city": row.city, "region": row.region, "level": row.level, "year": row.year, "value": row.value,
                    "denominator": nearest_year["value"], "denominator_year": nearest_year["year"], "basis": basis,
                    "years_apart": apart,
                    "rate": np.nan if zero or pd.isna(row.value) else row.value / nearest_year["value"],
                    "note": "the denominator is zero" if zero else "" if apart == 0 else "denominator of another year",
                }
            )  # fmt: skip
            found += 1
        if not found:
            lines.append(
                {
                    "city": row.city, "region": row.region, "level": row.level, "year": row.year, "value": row.value,
                    "basis": "", "rate": np.nan, "note": "no denominator near enough in time",
                }
            )  # fmt: skip
    return pd.DataFrame(lines, columns=_RATE_COLUMNS)


def ratios(table: pd.DataFrame, value: str, first: str) -> pd.DataFrame:
    """Compare a value of one city with the same value of every other: difference and ratio, with their direction.

    With two territories there is no sampling and nothing to generalise to, so there is no interval: these are accounts.

    Parameters
    ----------
    table : one row a city and any other keys (level, year, basis, ...)
    value : the column compared
    first : the city that stands first

    Returns
    -------
    One row a key and other city: `first, second, value_first, value_second, difference, ratio`; the ratio is missing where the
    second value is zero.
    """
    keys = [key for key in ("level", "kind", "year", "basis") if key in table]
    mine = table[table["city"] == first][[*keys, value]].rename(columns={value: "value_first"})
    others = table[table["city"] != first][["city", *keys, value]].rename(
        columns={"city": "second", value: "value_second"}
    )
    both = mine.merge(others, on=keys, how="inner")
    both.insert(len(keys), "first", first)
    both["difference"] = both["value_first"] - both["value_second"]
    both["ratio"] = both["value_first"] / both["value_second"].where(both["value_second"] != 0)
    return both[[*keys, "first", "second", "value_first", "value_second", "difference", "ratio"]]


def support_shares(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return the indicators of support as a share of expenditure, by the roles that the codebook gives them.

    Returns
    -------
    As `share_of`, by level; empty where the study has no support or no expenditure.
    """
    parts = [
        share_of(desk, top, bottom)
        for top in _with_values(desk, book, "support")
        for bottom in _with_values(desk, book, "expenditure")[:1]
    ]
    names = ["city", "region", "level", "year", "numerator", "denominator", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def support_per_resident(desk: pd.DataFrame, book: IndicatorBook, max_years: int = 4) -> pd.DataFrame:
    """Return the indicators of support per resident, by the roles that the codebook gives them.

    Returns
    -------
    As `per_capita`; empty where the study has no support or no population.
    """
    parts = [
        per_capita(desk, book, top, bottom, max_years)
        for top in _with_values(desk, book, "support")
        for bottom in _with_values(desk, book, "population")[:1]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_RATE_COLUMNS)


def _with_values(desk: pd.DataFrame, book: IndicatorBook, role: str) -> list[str]:
    there = set(desk["indicator"])
    return [name for name in book.with_role(role) if name in there]
