"""Do those who gave less grow faster? Beta convergence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import linregress
from scipy.stats import t as student

from cssp.desk.convergence import SMALLEST, complete_units
from cssp.stats.columns import Column, bounds, returns


@returns(
    "level",
    "year_from",
    "year_to",
    Column("years", "years", "whole"),
    "n",
    Column("slope", "slope", "number3"),
    *bounds("slope"),
    "p",
    Column("r2", "R²", "number2"),
    Column("speed", "speed", "number3"),
    Column("half_life", "years to half", "number1"),
    "left_out",
    "note",
)
def beta_convergence(
    table: pd.DataFrame, value: str, by: Sequence[str] = (), confidence: float = 0.95
) -> pd.DataFrame:
    """Regress yearly growth on the level at the start.

    A slope below zero says that who had less grew faster.

    The growth is ln(last / first) / years of the units that have every year of the table; the start
    is the logarithm of the first value. Least squares; the interval of the slope by Student's t.

    Parameters
    ----------
    confidence : of the intervals

    Returns
    -------
    One row a key: the columns of `by`, `year_from, year_to, years, n, slope, ci_low, ci_high, p,
    r2, speed` (-ln(1 + slope × years) / years),
    `half_life` (years until half of a distance is gone; missing where there is no convergence),
    `left_out` (units with a gap or a zero), `note`. With fewer than 5 units there is a slope from
    three on,
    and neither interval nor p.

    References
    ----------
    Barro, R. J., & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy, 100(2),
    223-251.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("abcabc"), "year": [1] * 3 + [2] * 3, "rate": [1.0, 2.0,
    ...     4.0, 2.0, 3.0, 4.0]})
    >>> round(beta_convergence(table, "rate")["slope"].item(), 3)
    -0.5
    """
    columns = [
        *by,
        "year_from",
        "year_to",
        "years",
        "n",
        "slope",
        "ci_low",
        "ci_high",
        "p",
        "r2",
        "speed",
        "half_life",
        "left_out",
        "note",
    ]
    lines: list[list[object]] = []
    for key, wide, left_out, dropped in complete_units(table, value, by, "city"):
        first, last = int(wide.columns[0]), int(wide.columns[-1])
        positive = wide[(wide > 0).all(axis=1)]
        left_out += len(wide) - len(positive)
        n, years = len(positive), last - first
        slope = low = high = p = r2 = speed = half = np.nan
        note = ""
        if n < 3:
            note = "fewer than three units: no slope"
        else:
            start = np.log(positive[wide.columns[0]].to_numpy(dtype=float))
            growth = np.log(positive[wide.columns[-1]].to_numpy(dtype=float)) - start
            if np.ptp(start) == 0:
                note = "all units start alike: no slope"
            else:
                fit = linregress(start, growth / years)
                slope, r2 = float(fit.slope), float(fit.rvalue**2)
                if n < SMALLEST:
                    note = f"fewer than {SMALLEST} units: no interval"
                else:
                    reach = float(student.ppf((1 + confidence) / 2, n - 2) * fit.stderr)
                    low, high, p = slope - reach, slope + reach, float(fit.pvalue)
                if -1 < slope * years < 0:
                    speed = -float(np.log1p(slope * years)) / years
                    half = float(np.log(2)) / speed
        note = "; ".join(filter(None, [dropped, note]))
        lines.append(
            [*key, first, last, years, n, slope, low, high, p, r2, speed, half, left_out, note]
        )
    return pd.DataFrame(lines, columns=columns)
