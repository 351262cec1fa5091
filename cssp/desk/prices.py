"""Constant prices: amounts of different years made comparable by a chained consumer price index."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from cssp.desk.study_tables import open_register
from cssp.stats.columns import Column, returns
from cssp.study.problems import DataError, Problem, ScoringError, nearest
from cssp.study.study import Study
from cssp.tables.raw import to_number

COLUMNS = ["territory", "year", "month", "index", "source", "note"]


@returns("territory", "year", Column("month", "month", "text"), "index", "source", "note")
def load_prices(study: Study) -> pd.DataFrame:
    """Load the study's price indices (`prices` in study.yaml).

    Returns
    -------
    One row an index: `territory` (a city of the study, or empty: the country), `year`, `month` (1
    to 12; missing for December against December
    of the year before), `index` (per cent of the month before, or of the December before: 100.84,
    107.42), `source`, `note`. Empty where the study has no such table.

    Raises
    ------
    DataError
        A missing column, an unknown territory, a year or month that is none, an index that is no
        per cent of the period before, two
        indices for one period, no source.

    Examples
    --------
    >>> from cssp import load_study
    >>> load_prices(load_study())[["territory", "year", "index"]].head(2)
      territory  year  index
    0            2018  104.3
    1            2019  103.0
    """
    table, problems = read_prices(study)
    if problems:
        raise DataError(problems)
    return table


def read_prices(study: Study) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the price indices, gathering every problem.

    Returns
    -------
    the table as in `load_prices`, and the problems
    """
    raw, found = open_register(study, study.file.prices, COLUMNS[:5])
    if raw is None:
        return pd.DataFrame(columns=COLUMNS), found
    problems: list[Problem] = []
    lines: list[list[object]] = []
    seen: dict[tuple[str, str, str], int] = {}
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = {
            name: "" if record.get(name) is None else str(record.get(name)).strip()
            for name in COLUMNS
        }

        def report(
            column: str, what: str, remedy: str, row: int = row, cells: dict[str, str] = cells
        ) -> None:
            problems.append(Problem(raw.file, what, remedy, row, column, cells[column]))

        year, month, index = cells["year"], cells["month"], to_number(cells["index"])
        if cells["territory"] and cells["territory"] not in study.cities:
            report(
                "territory",
                f"'{cells['territory']}' is not a city of the study. "
                f"{nearest(cells['territory'], study.cities)}",
                "Correct it, or leave it empty for the country.",
            )
        if not (len(year) == 4 and year.isascii() and year.isdigit()):
            report("year", f"'{year}' is not a year.", "Write four digits.")
            continue
        if month and not (month.isascii() and month.isdigit() and 1 <= int(month) <= 12):
            report(
                "month",
                f"'{month}' is not a month.",
                "Write 1 to 12, or leave it empty for December against December.",
            )
            continue
        if index is None or not 20 <= index <= 5000:
            report(
                "index",
                f"'{cells['index']}' is not an index in per cent of the period before.",
                "Write e.g. 100.84 for a rise of 0.84 per cent.",
            )
            continue
        if not cells["source"]:
            report("source", "The index has no source.", "Say where it was read.")
        month = str(int(month)) if month else ""
        if (key := (cells["territory"], year, month)) in seen:
            report(
                "index",
                f"The period has two indices; the other stands on row {seen[key]}.",
                "Remove one.",
            )
        seen.setdefault(key, row)
        lines.append(
            [
                cells["territory"],
                int(year),
                int(month) if month else None,
                index,
                cells["source"],
                cells["note"],
            ]
        )
    table = pd.DataFrame(lines, columns=COLUMNS)
    table["month"] = table["month"].astype("Int64")
    return table, problems


@returns("year", "level", Column("average", "average index", "number3"), "change", "by")
def chained(prices: pd.DataFrame, territory: str = "") -> pd.DataFrame:
    r"""Chain price indices into levels.

    The level of December of a year is that of the December before, times the year's index: its own,
    or the product of its twelve months where
    those are told (both must then agree to 0.06 per cent: a year's index is published with two
    decimals, and twelve months are rounded each).

    Parameters
    ----------
    prices : table from `load_prices`
    territory : a city whose own indices are meant; empty: the country

    Returns
    -------
    One row a year, the years joined together: `year, level` (December; the December before the
    first year is 1), `average` (mean of the year's months; missing where the months
    are not told), `change` (per cent), `by` ("months" or "year").

    Raises
    ------
    ScoringError
        There are no indices, a year has some months and not all, a year between two others is
        missing, or a year and its months disagree.

    Examples
    --------
    >>> months = [.84, .46, .37, .38, .31, .37, .63, .28, .87, .83, 1.11, .73]
    >>> table = pd.DataFrame({"territory": "", "year": 2023, "month": range(1, 13),
    ...     "index": [100 + m for m in months]})
    >>> round(chained(table)["change"].item(), 3)
    7.417
    """
    own = prices[prices["territory"] == territory]
    where = f" of {territory}" if territory else ""
    if own.empty:
        raise ScoringError(f"There are no price indices{where or ' of the country'}.")
    lines = []
    level = 1.0
    first, last = int(own["year"].min()), int(own["year"].max())
    for year in range(first, last + 1):
        rows = own[own["year"] == year]
        months = rows[rows["month"].notna()].sort_values("month")
        whole = rows[rows["month"].isna()]
        if rows.empty:
            raise ScoringError(
                f"The price indices{where} have no value for {year}; a chain has no gaps."
            )
        average, by = np.nan, "year"
        if len(whole) > 1 or months["month"].duplicated().any():
            raise ScoringError(
                f"The price indices{where} of {year} have two values for one period."
            )
        if len(months) == 12:
            steps = level * np.cumprod(months["index"].to_numpy(dtype=float) / 100)
            average, by = float(steps.mean()), "months"
            product = float(steps[-1] / level)
            if len(whole) and abs(product - float(whole["index"].iloc[0]) / 100) > 6e-4:
                raise ScoringError(
                    f"The index of {year}{where} is {float(whole['index'].iloc[0]):g}, but its "
                    f"months give {100 * product:.3f}."
                )
        elif len(whole):
            product = float(whole["index"].iloc[0]) / 100
        else:
            missing = sorted(set(range(1, 13)) - set(months["month"].astype(int)))
            raise ScoringError(
                f"The price indices{where} of {year} lack the month {', '.join(map(str, missing))}."
            )
        level *= product
        lines.append([year, level, average, 100 * (product - 1), by])
    return pd.DataFrame(lines, columns=["year", "level", "average", "change", "by"])


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
def deflate(
    table: pd.DataFrame,
    prices: pd.DataFrame,
    base_year: int,
    point: Literal["december", "average"] = "december",
) -> pd.DataFrame:
    """Express amounts of several years in the prices of one of them.

    Parameters
    ----------
    table : a row an amount with `city` and `year`; amounts in current prices (where there is a
        column `price_basis`, it must say so)
    prices : table from `load_prices`; a city's own indices are used where there are any, else those
        of the country
    base_year : the year whose prices are meant; it may lie one year before the first index, as the
        indices start from there
    point : prices of December (all that indices of December against December allow), or the average
        of the year (where all months are told); the same for
        every year

    Returns
    -------
    `table` with `real` (the amount in prices of the base year), `deflator` (its divisor, 1 in the
    base year), `base_year`, `point`, `price_territory`
    (whose indices; empty: the country's) beside it.

    Raises
    ------
    ScoringError
        Indices or months that are missing for a year, prices that are constant already.

    Examples
    --------
    >>> prices = pd.DataFrame({"territory": "", "year": [2023], "month": [None], "index": [107.42]})
    >>> table = pd.DataFrame({"city": ["a", "a"], "year": [2022, 2023], "value": [60.0, 60.0]})
    >>> deflate(table, prices, 2022)["real"].round(2).tolist()
    [60.0, 55.86]
    """
    if point not in ("december", "average"):
        raise ScoringError(f"'{point}' is not a point of the year; choose december or average.")
    if "price_basis" in table and not table["price_basis"].isin(["current"]).all():
        odd = next(basis for basis in table["price_basis"] if basis != "current")
        raise ScoringError(
            f"Only amounts in current prices can be deflated; these have the price basis '{odd}'."
        )
    own_indices = set(prices["territory"])
    found = table.copy()
    found["price_territory"] = [city if city in own_indices else "" for city in table["city"]]
    divisors = np.full(len(table), np.nan)
    years = table["year"].astype(int).to_numpy()
    for territory in dict.fromkeys(found["price_territory"]):
        places = (found["price_territory"] == territory).to_numpy()
        levels = _levels(chained(prices, str(territory)), point)
        where = f" of {territory}" if territory else ""
        for year in dict.fromkeys([base_year, *years[places].tolist()]):
            if year not in levels:
                what = "months for an average" if point == "average" else "price index"
                raise ScoringError(
                    f"There is no {what}{where} for {year}; there are "
                    f"{min(levels, default='none')} to {max(levels, default='none')}. Add it to "
                    "the table of prices."
                )
        divisors[places] = [levels[year] / levels[base_year] for year in years[places].tolist()]
    found["deflator"] = divisors
    found["real"] = found["value"].astype("Float64") / pd.array(divisors, dtype="Float64")
    found["base_year"], found["point"] = base_year, point
    return found


def _levels(chain: pd.DataFrame, point: str) -> dict[int, float]:
    if point == "average":
        known = chain[chain["average"].notna()]
        return dict(zip(known["year"].astype(int), known["average"].astype(float), strict=True))
    return {int(chain["year"].iloc[0]) - 1: 1.0} | dict(
        zip(chain["year"].astype(int), chain["level"].astype(float), strict=True)
    )
