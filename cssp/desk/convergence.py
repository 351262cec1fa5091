"""Whether territories draw nearer over the years.

Sigma-convergence (less spread) and beta-convergence (the poorer grow faster).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.desk.group_rows import parts_of
from cssp.desk.inequality import coefficient_of_variation
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError

#: Said where a year that not all units have is left out, so that all units are kept.
NOTE_YEARS = "years that not all units have are left out"
#: So many units are needed before a slope is told with an interval.
SMALLEST = 5


@returns(
    "level",
    "year",
    "n",
    Column("cv", "coefficient of variation, unweighted", "number3"),
    Column("sd_log", "SD of logarithms", "number3"),
    "change",
    "left_out",
    "note",
)
def sigma_convergence(table: pd.DataFrame, value: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the spread of the units year by year, over the units that have a value in every year.

    Parameters
    ----------
    table : a row a unit and year
    value : the column compared, not negative
    by : columns whose values are measured apart, e.g. level

    Returns
    -------
    One row a key and year: the columns of `by`, `year, n` (units with every year), `cv`, `sd_log`
    (standard deviation of the logarithms, divided by n;
    missing where a unit has zero), `change` (of the CV since the first year), `left_out` (units
    with a gap), `note`. Fewer than two years give no row.

    References
    ----------
    Barro, R. J., & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy, 100(2),
    223-251.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("abab"), "year": [1, 1, 2, 2], "rate": [1.0, 3.0, 2.0,
    ...     3.0]})
    >>> sigma_convergence(table, "rate")["cv"].tolist()
    [0.5, 0.2]
    """
    columns = [*by, "year", "n", "cv", "sd_log", "change", "left_out", "note"]
    lines: list[list[object]] = []
    for key, wide, left_out, dropped in complete_units(table, value, by, "city"):
        first = None
        for year in wide.columns:
            x = wide[year].to_numpy(dtype=float)
            cv, note = np.nan, dropped
            try:
                cv = coefficient_of_variation(x)
            except ScoringError as error:
                note = str(error)
            spread = float(np.log(x).std()) if len(x) and x.min() > 0 else np.nan
            first = cv if first is None else first
            lines.append([*key, year, len(x), cv, spread, cv - first, left_out, note])
    return pd.DataFrame(lines, columns=columns)


def complete_units(
    table: pd.DataFrame, value: str, by: Sequence[str], unit: str
) -> list[tuple[list[object], pd.DataFrame, int, str]]:
    """Return for each key the units × years without gaps, how many units were left out, and
    whether years were.

    Keys of one year are skipped.
    """
    found = []
    for key, part in parts_of(table, by):
        if part.duplicated([unit, "year"]).any():
            raise ScoringError(
                "A unit has two values in one year; name what tells them apart in `by`, e.g. basis."
            )
        wide = part.pivot(index=unit, columns="year", values=value).astype(float)
        wide = wide[sorted(wide.columns)]
        if wide.shape[1] < 2:
            continue
        whole = wide.dropna()
        # the years that all units have, or the units that have all years: whichever keeps more
        shared = wide.loc[:, wide.notna().all()]
        dropped = ""
        if shared.shape[1] >= 2 and shared.size >= whole.size and shared.shape[1] < wide.shape[1]:
            whole, dropped = shared, NOTE_YEARS
        found.append((key, whole, len(wide) - len(whole), dropped))
    return found
