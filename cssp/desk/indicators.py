"""Rates and shares of the desk study; budget levels are never mixed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook, additive
from cssp.study.problems import ScoringError, nearest

KEYS = ["city", "region", "level", "kind", "year"]
RATE_COLUMNS = [
    "indicator",
    "city",
    "region",
    "level",
    "year",
    "value",
    "denominator",
    "denominator_year",
    "denominator_date",
    "basis",
    "years_apart",
    "rate",
    "note",
]


@returns(
    "city",
    "region",
    "level",
    "kind",
    "year",
    "indicator",
    "unit",
    "basis",
    "value",
    "status",
    "source",
    "kinds",
    "members",
)
def totals(desk: pd.DataFrame, indicators: list[str], by_kind: bool = True) -> pd.DataFrame:
    """Sum indicators over municipalities within a budget level.

    Where a level has both the value of the whole territory and values of its parts, the whole is
    taken and the parts are left
    out, so that nothing is counted twice.

    Parameters
    ----------
    desk : table from `load_desk`
    indicators : names of indicators measured in units that can be added
    by_kind : keep the kinds of municipality apart; otherwise a level is one row

    Returns
    -------
    One row a city, level, [kind], year, indicator and basis: `value` (missing where a part is
    marked unknown, or where shares or rates of several territories would be added), `unit`,
    `status` (the
    weakest of the parts), `source` (and `source_ru` and the like, where the file tells them),
    `kinds` (which kinds were added, as text), `basis` (of the series: values of
    two bases are two rows), `members` (which parts were added, to compare two totals by).

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> money = str(desk["indicator"].iloc[0])
    >>> totals(desk, [money]).columns.tolist()[:4]
    ['city', 'region', 'level', 'kind']
    """
    rows = desk[desk["indicator"].isin(indicators)]
    rows = rows.assign(
        whole=(rows["municipality"] == "") & (rows["kind"] == ""), direct=rows["municipality"] == ""
    )
    cell = ["city", "level", "year", "indicator", "basis"]
    rows = rows[rows["whole"] | ~rows.groupby(cell, sort=False)["whole"].transform("any")]
    rows = rows[
        rows["direct"] | ~rows.groupby([*cell, "kind"], sort=False)["direct"].transform("any")
    ]
    # beside totals of kinds, a named municipality of no kind may or may not be in one of them
    unclear = (
        (rows["municipality"] != "")
        & (rows["kind"] == "")
        & rows.groupby(cell, sort=False)["direct"].transform("any")
    )
    rows = rows.assign(
        value=rows["value"].mask(unclear), status=rows["status"].mask(unclear, "unknown")
    )
    named = rows["municipality"] != ""
    rows["part"] = rows["kind"].where(~named, rows["kind"] + ": " + rows["municipality"])
    keys = [
        *(KEYS if by_kind else [key for key in KEYS if key != "kind"]),
        "indicator",
        "unit",
        "basis",
    ]
    notes = ["source", *(name for name in rows if name.startswith("source_"))]
    for name in notes[1:]:  # a row that tells it in one language only tells it so in all
        rows[name] = rows[name].where(rows[name] != "", rows["source"])
    found = (
        rows.groupby(keys, sort=False, observed=True, dropna=False)
        .agg(
            value=("value", lambda part: part.sum(skipna=False)),
            status=("status", _weakest),
            **{name: (name, lambda part: "; ".join(dict.fromkeys(part))) for name in notes},
            kinds=("kind", lambda part: ", ".join(sorted(set(part)))),
            members=("part", lambda part: "; ".join(sorted(set(part)))),
            parts=("value", "size"),
        )
        .reset_index()
    )
    # shares and rates of several territories have no sum
    summed = np.array([additive(str(unit)) for unit in found["unit"]], dtype=bool) | (
        found["parts"] == 1
    )
    found["value"] = found["value"].where(summed)
    return found.drop(columns="parts")


def _weakest(statuses: pd.Series) -> str:
    order = ["observed", "derived", "estimated", "unknown"]
    return str(max(statuses, key=order.index))


def _known(desk: pd.DataFrame, names: list[str]) -> None:
    there = set(desk["indicator"])
    for name in names:
        if name not in there:
            raise ScoringError(
                f"The desk study has no values of '{name}'. {nearest(name, sorted(there))}"
            )


@returns(
    "indicator", "city", "region", "level", "year", "numerator", "denominator", "share", "note"
)
def share_of(
    desk: pd.DataFrame, numerator: str, denominator: str, by_kind: bool = False
) -> pd.DataFrame:
    """Return one indicator as a share of another of the same level and year.

    Parameters
    ----------
    by_kind : keep the kinds of municipality apart

    Returns
    -------
    One row a city, level, [kind] and year where both are there: `indicator` (the numerator's name),
    `numerator`, `denominator`,
    `share` in [0, 1], `note`. The share is missing where the denominator is zero, or where
    numerator and denominator were
    added over different kinds of municipality.

    Examples
    --------
    >>> from cssp import load_study
    >>> from cssp.desk.load import load_desk
    >>> study = load_study()
    >>> book = study.indicators
    >>> share = share_of(load_desk(study), book.with_role("support")[0],
    ...     book.with_role("expenditure")[0])
    >>> print(round(100 * share.loc[(share["level"] == "local") & (share["year"] == 2021),
    ...     "share"].max(), 2))
    0.68
    """
    keys = KEYS if by_kind else [key for key in KEYS if key != "kind"]
    _known(desk, [numerator, denominator])
    parts = {}
    for name, suffix in ((numerator, "_top"), (denominator, "_bottom")):
        own = totals(desk, [name], by_kind)
        if own.duplicated(keys).any():
            twice = own[own.duplicated(keys)].iloc[0]
            raise ScoringError(
                f"'{name}' of {twice['city']} in {twice['year']} has values on two bases; choose "
                "one before you divide."
            )
        parts[suffix] = own.set_index(keys)[["value", "kinds", "members"]].add_suffix(suffix)
    both = parts["_top"].join(parts["_bottom"], how="inner").reset_index()
    table = both[keys].copy()
    table.insert(0, "indicator", numerator)
    table["numerator"] = both["value_top"].astype("Float64")
    table["denominator"] = both["value_bottom"].astype("Float64")
    alike = both["kinds_top"] == both["kinds_bottom"]
    same = both["members_top"] == both["members_bottom"]
    table["share"] = (
        table["numerator"] / table["denominator"].where(table["denominator"] != 0)
    ).where(same)
    table["note"] = np.select(
        [~alike, ~same],
        [
            "numerator and denominator cover different kinds of municipality",
            "numerator and denominator cover different municipalities",
        ],
        "",
    )
    return table


@returns(
    "indicator",
    "city",
    "region",
    "level",
    "year",
    "value",
    "denominator",
    "denominator_year",
    "denominator_date",
    "basis",
    "years_apart",
    "rate",
    "note",
)
def per_capita(
    desk: pd.DataFrame, book: IndicatorBook, numerator: str, denominator: str, max_years: int = 4
) -> pd.DataFrame:
    """Return an indicator per resident (or per unit of another denominator).

    Each basis of the denominator apart.

    A census breaks the population series, so a rate is computed on each basis that has a value near
    enough in time, and the
    distance is said; nothing is interpolated.

    Parameters
    ----------
    desk : table from `load_desk`
    book : codebook of the indicators (its `bases` label the bases)
    numerator, denominator : indicators; the denominator is that of the territory as a whole
    max_years : how far the denominator's year may lie from the numerator's; of two equally near,
        the earlier is taken

    Returns
    -------
    One row a city, level, year and basis: `indicator`, `value` (numerator), `denominator`,
    `denominator_year`, `denominator_date` (ISO, the day it was
    counted; empty where the codebook does not say), `basis`, `years_apart`, `rate`, `note`. Where
    no denominator is near enough the rate is missing and the note says so.

    Raises
    ------
    ScoringError
        An indicator without values.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> rates = per_capita(desk, study.indicators, desk["indicator"].iloc[0], "population")
    >>> bool((rates["value"] >= 0).all())
    True
    """
    _known(desk, [numerator, denominator])
    top = totals(desk, [numerator], by_kind=False)
    people = desk[(desk["indicator"] == denominator) & (desk["municipality"] == "")]
    people = _whole_territory(people, denominator)
    lines = []
    for row in top.itertuples():
        base = {
            "indicator": numerator,
            "city": row.city,
            "region": row.region,
            "level": row.level,
            "year": row.year,
            "value": row.value,
        }
        near = []
        for basis, same in people[people["city"] == row.city].groupby("basis", sort=False):
            distance = (same["year"] - row.year).abs().astype("int64")
            if distance.min() <= max_years:
                # of two years equally near, the earlier
                near.append(
                    (
                        basis,
                        same.loc[distance[distance == distance.min()].index]
                        .sort_values("year")
                        .iloc[0],
                    )
                )
        for basis, found in near:
            apart, zero = int(found["year"] - row.year), found["value"] == 0
            note = (
                "the denominator is zero"
                if zero
                else ""
                if apart == 0
                else "denominator of another year"
            )
            rate = np.nan if zero or pd.isna(row.value) else row.value / found["value"]
            lines.append(
                {
                    **base,
                    "denominator": found["value"],
                    "denominator_year": found["year"],
                    "denominator_date": found["date"],
                    "basis": basis,
                    "years_apart": apart,
                    "rate": rate,
                    "note": note,
                }
            )
        if not near:
            lines.append(
                {**base, "basis": "", "rate": np.nan, "note": "no denominator near enough in time"}
            )
    return pd.DataFrame(lines, columns=RATE_COLUMNS)


def _whole_territory(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the denominator of each territory.

    Its whole where that is told, else the sum of its kinds (unknown where one of them is).

    A stock may be told at several levels; these must say the same, as it is one territory.
    """
    cell = ["city", "basis", "year", "level"]
    rows = rows.assign(whole=rows["kind"] == "")
    rows = rows[rows["whole"] | ~rows.groupby(cell, sort=False)["whole"].transform("any")]
    sums = (
        rows.groupby(cell, sort=False)
        .agg(value=("value", lambda part: part.sum(skipna=False)), date=("date", "first"))
        .dropna(subset=["value"])
        .reset_index()
    )
    for (city, _, year), part in sums.groupby(["city", "basis", "year"], sort=False):
        if part["value"].nunique() > 1:
            raise ScoringError(
                f"'{name}' of {city} in {year} differs between the levels "
                f"{' and '.join(part['level'])}; keep the one that is meant."
            )
    return sums.drop_duplicates(["city", "basis", "year"]).drop(columns="level")


@returns(
    "indicator",
    "level",
    "year",
    "basis",
    Column("first", "first region", "region"),
    Column("second", "second region", "region"),
    Column("value_first", "first value", "significant"),
    Column("value_second", "second value", "significant"),
    Column("difference", "difference", "significant"),
    Column("ratio", "ratio", "number2"),
)
def ratios(table: pd.DataFrame, value: str, first: str) -> pd.DataFrame:
    """Compare a value of one city with the same value of every other.

    Difference and ratio, with their direction.

    With two territories there is no sampling and nothing to generalise to, so there is no interval:
    these are accounts.

    Parameters
    ----------
    table : one row a city and any other keys (level, year, basis, ...)
    value : the column compared
    first : the city that stands first

    Returns
    -------
    One row a key and other city: `first, second, value_first, value_second, difference, ratio`; the
    ratio is missing where the
    second value is zero.

    Examples
    --------
    >>> table = pd.DataFrame({"city": ["a", "b"], "year": 2021, "value": [2.0, 1.0]})
    >>> ratios(table, "value", "a")[["first", "second", "difference", "ratio"]]
      first second  difference  ratio
    0     a      b         1.0    2.0
    """
    keys = [key for key in ("indicator", "level", "kind", "year", "basis") if key in table]
    mine = table[table["city"] == first][[*keys, value]].rename(columns={value: "value_first"})
    others = table[table["city"] != first][["city", *keys, value]].rename(
        columns={"city": "second", value: "value_second"}
    )
    both = mine.merge(others, on=keys, how="inner", validate="1:m")
    both.insert(len(keys), "first", first)
    both["difference"] = both["value_first"] - both["value_second"]
    both["ratio"] = both["value_first"] / both["value_second"].where(both["value_second"] != 0)
    return both[[*keys, "first", "second", "value_first", "value_second", "difference", "ratio"]]


def with_values(desk: pd.DataFrame, book: IndicatorBook, role: str) -> list[str]:
    """Return the indicators of a role that the desk study has values of."""
    there = set(desk["indicator"])
    return [name for name in book.with_role(role) if name in there]
