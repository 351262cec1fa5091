"""How unequal territories are.

Gaps, ratios, Gini, Theil and its parts, Hoover, Lorenz curves, location quotients.

Each territory has a value (say, roubles per resident) and a weight (say, residents; 1 where
territories count alike). With weights, the measures are those of
persons who all get their territory's value: inequality inside a territory is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import t as student

from cssp.desk.group_rows import parts_of
from cssp.desk.inequality import IN_ONE_PASS, Array, bootstrap_draws, checked, leave_one_out
from cssp.desk.inequality_measure import InequalityMeasure, inequality_measures
from cssp.desk.territories import REGION_NAMES
from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest

#: From so many units an interval is made; below it, leaving one out changes too much to speak of
#: sampling.
SMALLEST = 10

COLUMNS = [
    "measure",
    "value",
    "ci_low",
    "ci_high",
    "n",
    "highest_unit",
    "lowest_unit",
    "method",
    "note",
]


def _named(asked: Mapping[str, Any]) -> list[Column]:
    labels = {name: one.label for name, one in inequality_measures().items()}
    return [Column("measure", "measure", "word", values=labels)]


#: Said where one unit has nearly all, so that units left out say nothing of the others.
NOTE_BEYOND = "one unit has nearly all: an interval would go beyond what is possible"


@returns(
    "indicator",
    "level",
    "year",
    "basis",
    "measure",
    "value",
    *bounds("value"),
    "n",
    Column("highest_unit", "highest", "region", values=REGION_NAMES),
    Column("lowest_unit", "lowest", "region", values=REGION_NAMES),
    Column("method", "method of the interval", "word"),
    "note",
    "compared",
    depending=_named,
)
def disproportion(
    table: pd.DataFrame,
    value: str,
    weight: str | None = None,
    by: Sequence[str] = (),
    unit: str = "city",
    measures: Iterable[str] | None = None,
    interval: Literal["jackknife", "bootstrap", "none"] = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Return how unequal the units of a table are.

    Parameters
    ----------
    table : a row a unit (and key of `by`)
    value : the column compared, e.g. a rate per resident; rows without a value are left out and
        counted
    weight : column of the weights, e.g. residents; None: units count alike
    by : columns whose values are measured apart, e.g. level and year
    unit : the column that names the unit
    measures : which of gap (highest less lowest), relative_gap (the gap in means), ratio (highest
        to lowest), cv, gini,
        theil_t, theil_l, hoover and whatever else has a file in `cssp.desk.inequality_measures`;
        None: all
    interval : "jackknife" (leaving out one unit at a time; t interval with n-1 degrees of freedom,
        on the scale of the logarithm, for gini and hoover of the logit, centred where the jackknife
        corrects the bias of few units), "bootstrap" (units drawn anew, percentiles), or "none"
    confidence, draws, seed : of the interval

    Returns
    -------
    One row a key and measure: `measure, value, ci_low, ci_high, n` (units), `highest_unit,
    lowest_unit` (their names), `method`, `note`. There is an interval only
    where there are at least 10 units, and it holds for units that were drawn from many; where all
    territories there are were measured, the
    estimate is an account and needs none. Gap, relative gap and ratio hang on two units and have
    none in any case. A measure that is not finite (a ratio to zero) is missing and the note says
    why.

    Raises
    ------
    ScoringError
        An unknown measure or column.

    References
    ----------
    Cowell, F. A. (2011). Measuring Inequality (3rd ed.). Oxford University Press. Efron, B. (1982).
    The Jackknife, the Bootstrap and Other Resampling Plans. SIAM.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("abcd"), "rate": [1.0, 2.0, 3.0, 4.0]})
    >>> print(disproportion(table, "rate", measures=["ratio", "gini"])[["measure", "value",
    ...     "highest_unit", "lowest_unit"]].to_string(index=False))
    measure  value highest_unit lowest_unit
      ratio   4.00            d           a
       gini   0.25            d           a
    """
    known_measures = inequality_measures()
    names = list(known_measures if measures is None else measures)
    for name in names:
        if name not in known_measures:
            raise ScoringError(
                f"'{name}' is not a measure of disproportion. {nearest(name, known_measures)}"
            )
    wanted = [known_measures[name] for name in names]
    if interval not in ("jackknife", "bootstrap", "none"):
        raise ScoringError(
            f"'{interval}' is no kind of interval. "
            f"{nearest(interval, ['jackknife', 'bootstrap', 'none'])}"
        )
    if not 0 < confidence < 1:
        raise ScoringError(f"A confidence of {confidence:g} is none; write 0.95 for 95 per cent.")
    for name in filter(None, [value, weight, unit, *by]):
        if name not in table:
            raise ScoringError(
                f"The table has no column '{name}'. {nearest(name, map(str, table.columns))}"
            )
    parts = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()]
        lines = _measured(
            known,
            value,
            weight,
            unit,
            wanted,
            len(part) - len(known),
            interval,
            confidence,
            draws,
            seed,
        )
        found = pd.DataFrame(lines, columns=COLUMNS)
        for place, (name, value_of) in enumerate(zip(by, key, strict=True)):
            found.insert(place, name, value_of)
        parts.append(found)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*by, *COLUMNS])


def _measured(
    known: pd.DataFrame,
    value: str,
    weight: str | None,
    unit: str,
    wanted: list[InequalityMeasure],
    unknown: int,
    interval: str,
    confidence: float,
    draws: int,
    seed: int,
) -> list[list[object]]:
    x = known[value].to_numpy(dtype=float)
    w = None if weight is None else known[weight].to_numpy(dtype=float)
    names = known[unit].tolist()
    left_out = ["units without a value were left out"] if unknown else []
    try:
        checked(x, w)
    except ScoringError as error:
        return [
            [
                one.name,
                np.nan,
                np.nan,
                np.nan,
                len(x),
                None,
                None,
                "",
                "; ".join([str(error), *left_out]),
            ]
            for one in wanted
        ]
    top, bottom = names[int(x.argmax())], names[int(x.argmin())]
    lines: list[list[object]] = []
    for one in wanted:
        estimate = one.value(x, w)
        notes = list(left_out)
        low = high = np.nan
        method = ""
        if not np.isfinite(estimate):
            notes.append("a unit has zero: not finite")
            estimate = np.nan
        elif not one.interval:
            pass
        elif len(x) < SMALLEST:
            notes.append(
                "two units: an account, no interval"
                if len(x) == 2
                else f"fewer than {SMALLEST} units: no interval"
            )
        elif interval != "none":
            low, high = _interval(one, x, w, estimate, interval, confidence, draws, seed)
            method = interval
            share = 1 / len(x) if w is None else float(w.min() / w.sum())
            if one.at_most is not None and high > one.at_most(share):
                if one.up_to_one:
                    high = max(one.at_most(share), estimate)
                else:
                    low = high = np.nan
                    method = ""
                    notes.append(NOTE_BEYOND)
        lines.append([one.name, estimate, low, high, len(x), top, bottom, method, "; ".join(notes)])
    return lines


def _interval(
    measure: InequalityMeasure,
    x: Array,
    w: Array | None,
    estimate: float,
    interval: str,
    confidence: float,
    draws: int,
    seed: int,
) -> tuple[float, float]:
    if interval == "bootstrap":
        found = (
            bootstrap_draws(measure.name, x, w, draws, seed)
            if measure.name in IN_ONE_PASS
            else _one_by_one(measure, x, w, draws, seed)
        )
        found = found[np.isfinite(found)]
        low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
        return float(low), float(high)
    n = len(x)
    if measure.name in IN_ONE_PASS:
        left = leave_one_out(measure.name, x, w)
    else:
        left = np.array(
            [
                measure.value(np.delete(x, i), None if w is None else np.delete(w, i))
                for i in range(n)
            ]
        )
    if not np.isfinite(left).all() or estimate <= 0 or (left <= 0).any():
        return np.nan, np.nan
    # on the logarithm, as the measures are positive and skewed to the right; on the logit where
    # they end at one
    bounded = measure.up_to_one
    if bounded and (estimate >= 1 or (left >= 1).any()):
        return np.nan, np.nan
    scaled = np.log(left / (1 - left)) if bounded else np.log(left)
    own = float(np.log(estimate / (1 - estimate))) if bounded else float(np.log(estimate))
    # few units understate inequality: the jackknife's own correction of that bias is the centre
    centre = n * own - (n - 1) * float(scaled.mean())
    error = np.sqrt((n - 1) / n * ((scaled - scaled.mean()) ** 2).sum())
    reach = float(student.ppf((1 + confidence) / 2, n - 1) * error)
    low, high = (float(np.exp(centre + way)) for way in (-reach, reach))
    if bounded:
        low, high = low / (1 + low), high / (1 + high)
    return min(low, estimate), max(high, estimate)


def _one_by_one(
    measure: InequalityMeasure, x: Array, w: Array | None, draws: int, seed: int
) -> Array:
    """Return a measure for units drawn anew, by its plain definition."""
    random = np.random.default_rng(seed)
    drawn = [random.integers(0, len(x), len(x)) for _ in range(draws)]
    return np.array([measure.value(x[rows], None if w is None else w[rows]) for rows in drawn])
