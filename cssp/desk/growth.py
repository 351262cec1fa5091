"""Growth from year to year, which stops at a break of the series unless it is told to cross it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from cssp.desk.group_rows import parts_of
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError

_KEYS = ("indicator", "city", "region", "municipality", "level", "kind")
COLUMNS = [
    "year_from",
    "year_to",
    "value_from",
    "value_to",
    "basis_from",
    "basis_to",
    "growth",
    "yearly",
    "crosses_break",
    "note",
]


@returns(
    "indicator",
    "city",
    "region",
    "municipality",
    "level",
    "kind",
    "year_from",
    "year_to",
    Column("value_from", "value at first", "number"),
    Column("value_to", "value at last", "number"),
    Column("basis_from", "first basis", "basis"),
    Column("basis_to", "last basis", "basis"),
    Column("growth", "growth", "percent1"),
    Column("yearly", "growth a year", "percent1"),
    Column("crosses_break", "crosses a break of the series", "flag"),
    "note",
)
def growth(table: pd.DataFrame, value: str = "value", allow_break: bool = False) -> pd.DataFrame:
    """Return how a series grows from one known year to the next.

    A series that changes its basis (a census re-bases the population) is two series: growth is told
    inside each. Where one basis follows another there is
    a row that says so; its growth is missing unless `allow_break`, and then both bases stand beside
    it.

    Parameters
    ----------
    table : a row a value, with `year`, `basis` and any of indicator, city, region, municipality,
        level, kind; the indicator table, or a table of rates
    value : the column that grows; missing values are left out
    allow_break : also tell the change across a break, which is re-basing and growth in one

    Returns
    -------
    One row a series and pair of neighbouring years: the columns that name the series, `year_from,
    year_to, value_from, value_to, basis_from, basis_to`,
    `growth` (of the whole span, 0.05 is 5 %), `yearly` (the same a year, compounded),
    `crosses_break`, `note` (a gap of years, a break, a value that nothing can grow from).

    Raises
    ------
    ScoringError
        A series has two values in one year and basis.

    Examples
    --------
    >>> from cssp import load_study, load_desk
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> people = desk[
    ...     desk["indicator"].isin(
    ...     study.indicators.with_role("population")) & (desk["municipality"] == "")]
    >>> rows = growth(people)
    >>> bool(rows.loc[rows["crosses_break"], "growth"].isna().all())
    True
    """
    keys = [name for name in _KEYS if name in table]
    known = table[table[value].notna() & table["year"].notna()]
    bases = known["basis"].fillna("") if "basis" in known else pd.Series("", index=known.index)
    known = known.assign(basis=bases)
    if known.duplicated([*keys, "basis", "year"]).any():
        raise ScoringError(
            "A series has two values in one year and basis; tell its parts apart, or add them "
            "first."
        )
    lines: list[list[object]] = []
    for named, part in parts_of(known, keys):
        runs = [own.sort_values("year") for _, own in part.groupby("basis", sort=False)]
        # a new basis may reach further back than the old one, as recalculated series do, but not
        # less far on
        runs.sort(key=lambda own: (int(own["year"].iloc[-1]), int(own["year"].iloc[0])))
        for number, own in enumerate(runs):
            rows = own[["year", value, "basis"]].to_numpy(dtype=object)
            lines += [[*named, *_step(one, other, False)] for one, other in pairwise(rows)]
            if number + 1 < len(runs):
                after = runs[number + 1][["year", value, "basis"]].to_numpy(dtype=object)
                step = _step(*_where_they_meet(rows, after), True)
                if not allow_break:
                    step[6] = step[7] = np.nan
                    step[-1] = "a break of the series: no growth rate"
                lines.append([*named, *step])
    found = pd.DataFrame(lines, columns=[*keys, *COLUMNS])
    for name in ("year_from", "year_to"):
        found[name] = found[name].astype("Int64")
    return found


def _where_they_meet(rows: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values on both sides of a break.

    Of the last year that both bases have, or the last of the old and the first after it.
    """
    both = sorted(set(rows[:, 0]) & set(after[:, 0]))
    if both:
        return rows[rows[:, 0] == both[-1]][0], after[after[:, 0] == both[-1]][0]
    later = after[after[:, 0] > rows[-1, 0]]
    return rows[-1], later[0] if len(later) else after[-1]


def _step(one: np.ndarray, other: np.ndarray, crosses: bool) -> list[object]:
    years = int(other[0]) - int(one[0])
    start, end = float(one[1]), float(other[1])
    notes = []
    if crosses:
        notes.append("a break of the series: growth and re-basing in one")
    elif years > 1:
        notes.append("years between are missing")
    change = yearly = np.nan
    if start <= 0:
        notes.append("nothing grows from zero or less")
    else:
        change = end / start - 1
        if years > 0 and end > 0:
            yearly = (end / start) ** (1 / years) - 1
    return [
        one[0],
        other[0],
        start,
        end,
        one[2],
        other[2],
        change,
        yearly,
        crosses,
        "; ".join(notes),
    ]
