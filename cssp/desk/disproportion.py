"""How unequal territories are: gaps, ratios, Gini, Theil and its parts, Hoover, Lorenz curves, location quotients.

Each territory has a value (say, roubles per resident) and a weight (say, residents; 1 where territories count alike). With weights, the measures are those of
persons who all get their territory's value: inequality inside a territory is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from cssp.desk.parts import parts_of
from cssp.problems import ScoringError, nearest

#: From so many units an interval is made; below it, leaving one out changes too much to speak of sampling.
SMALLEST = 10

MEASURES = ("gap", "relative_gap", "ratio", "cv", "gini", "theil_t", "theil_l", "hoover")
Array = NDArray[np.float64]


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array | None]:
    x = np.asarray(values, dtype=float).ravel()
    if not len(x):
        raise ScoringError("There are no values to measure.")
    # a sum is NaN or infinite when any value is: cheaper than looking at each
    if not np.isfinite(x.sum()):
        raise ScoringError(
            "A value is missing or infinite; leave the territory out, or say that it is unknown."
        )
    if x.min() < 0:
        raise ScoringError("A value is negative; shares of a sum with negative parts have no meaning.")
    if not x.any():
        raise ScoringError("All values are zero: there is nothing to be unequal.")
    if weights is None:
        return x, None
    w = np.asarray(weights, dtype=float).ravel()
    if len(w) != len(x):
        raise ScoringError(f"There are {len(x)} values and {len(w)} weights.")
    if not np.isfinite(w.sum()) or w.min() <= 0:
        raise ScoringError("A weight is missing or not above zero; a territory without residents has no rate.")  # fmt: skip
    return x, w


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient: half the mean absolute difference of two draws, relative to the mean.

    Exact for a finite set of units (no n/(n-1) correction, so that repeating every unit changes nothing): 0 where all are equal, 1 - w of the
    one that has all.

    Parameters
    ----------
    values : one a unit, not negative
    weights : one a unit, above zero; None: all alike

    Raises
    ------
    ScoringError
        No values, a missing or negative one, only zeros, a weight that is not above zero.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna. In the form of Lerman, R. I., & Yitzhaki, S. (1989). Improving the accuracy of
    estimates of Gini coefficients. Journal of Econometrics, 42(1), 43-47.

    Examples
    --------
    >>> round(gini([1, 2, 3, 4]), 4), round(gini([1, 3], weights=[3, 1]), 4)
    (0.25, 0.25)
    """
    x, w = _checked(values, weights)
    if w is None:
        x = np.sort(x)
        n = len(x)
        # sum over i of (2 i - n - 1) x_(i), by one dot product
        return float(2 * np.dot(np.arange(1, n + 1, dtype=float), x) / (n * x.sum()) - (n + 1) / n)
    x, w = _in_order(x, w)
    x *= w
    # sum of amounts times the weight below and half one's own
    return float((2 * np.dot(x, np.cumsum(w)) - np.dot(x, w)) / (x.sum() * w.sum()) - 1)


def _in_order(x: Array, w: Array) -> tuple[Array, Array]:
    """Return values in ascending order with their weights.

    An argsort costs four times a sort. So where units are many, each value's place is written into the lowest bits of its own binary form (numbers that
    are not negative are ordered as their bits are), these are sorted, and the few neighbours that differ in those bits only are put right.
    """
    if len(x) < 10_000:
        order = np.argsort(x, kind="stable")
        return x[order], w[order]
    mask = np.uint64((1 << len(x).bit_length()) - 1)
    keys = (x + 0.0).view(np.uint64)
    keys &= ~mask
    keys |= np.arange(len(x), dtype=np.uint64)
    keys.sort()
    keys &= mask
    order = keys.view(np.int64)
    x, w = x.take(order), w.take(order)
    wrong = np.flatnonzero(x[1:] < x[:-1])
    if len(wrong) > 1000:
        order = np.argsort(x, kind="stable")
        return x[order], w[order]
    for place in wrong.tolist():  # each moves down to where it belongs
        while place >= 0 and x[place] > x[place + 1]:
            x[[place, place + 1]], w[[place, place + 1]] = x[[place + 1, place]], w[[place + 1, place]]
            place -= 1
    return x, w


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's T (generalised entropy of order 1): 0 where all are equal, at most ln(n); zeros are allowed (0 ln 0 = 0).

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. North-Holland.

    Examples
    --------
    >>> round(theil_t([1, 2, 3, 4]), 4)
    0.1064
    """
    x, w = _checked(values, weights)
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    r = x / mean
    with np.errstate(divide="ignore"):
        logs = np.log(r)
    if r.min() == 0:
        logs[r == 0] = 0.0
    return float(np.dot(r, logs) / len(r)) if w is None else float(np.dot(w, r * logs) / w.sum())


def theil_l(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's L (mean logarithmic deviation, generalised entropy of order 0); infinite where a unit has zero.

    Examples
    --------
    >>> round(theil_l([1, 2, 3, 4]), 4)
    0.1218
    """
    x, w = _checked(values, weights)
    if x.min() == 0:
        return float("inf")
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    logs = np.log(x / mean)
    return -float(logs.mean()) if w is None else -float(np.dot(w, logs) / w.sum())


def hoover(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Hoover's index: the share of the whole that would have to change hands for all to be equal.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economic Statistics, 18(4), 162-171.

    Examples
    --------
    >>> hoover([1, 2, 3, 4])
    0.2
    """
    x, w = _checked(values, weights)
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    away = np.abs(x / mean - 1)
    return float(away.mean() / 2) if w is None else float(np.dot(w, away) / w.sum() / 2)


def coefficient_of_variation(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the standard deviation (divided by n) relative to the mean.

    Examples
    --------
    >>> round(coefficient_of_variation([1, 2, 3, 4]), 4)
    0.4472
    """
    x, w = _checked(values, weights)
    share = np.full(len(x), 1 / len(x)) if w is None else w / w.sum()
    mean = share @ x
    return float(np.sqrt(share @ (x - mean) ** 2) / mean)


def _gap(x: ArrayLike, w: ArrayLike | None = None) -> float:
    return float(np.max(x) - np.min(x))


def _relative_gap(x: ArrayLike, w: ArrayLike | None = None) -> float:
    values, weights = _checked(x, w)
    return _gap(values) / float(np.average(values, weights=weights))


def _ratio(x: ArrayLike, w: ArrayLike | None = None) -> float:
    return float(np.max(x) / np.min(x)) if np.min(x) > 0 else float("inf")


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "gap": _gap, "relative_gap": _relative_gap, "ratio": _ratio, "cv": coefficient_of_variation, "gini": gini, "theil_t": theil_t,
    "theil_l": theil_l, "hoover": hoover,
}  # fmt: skip

COLUMNS = ["measure", "value", "ci_low", "ci_high", "n", "highest_unit", "lowest_unit", "method", "note"]


def disproportion(
    table: pd.DataFrame,
    value: str,
    weight: str | None = None,
    by: Sequence[str] = (),
    unit: str = "city",
    measures: Iterable[str] = MEASURES,
    interval: Literal["jackknife", "bootstrap", "none"] = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Return how unequal the units of a table are.

    Parameters
    ----------
    table : a row a unit (and key of `by`)
    value : the column compared, e.g. a rate per resident; rows without a value are left out and counted
    weight : column of the weights, e.g. residents; None: units count alike
    by : columns whose values are measured apart, e.g. level and year
    unit : the column that names the unit
    measures : which of gap (highest less lowest), relative_gap (the gap in means), ratio (highest to lowest), cv, gini, theil_t, theil_l, hoover
    interval : "jackknife" (leaving out one unit at a time; t interval with n-1 degrees of freedom, on the scale of the logarithm, for gini and hoover of the logit, centred where the jackknife corrects the bias of few units), "bootstrap" (units drawn anew, percentiles), or "none"
    confidence, draws, seed : of the interval

    Returns
    -------
    One row a key and measure: `measure, value, ci_low, ci_high, n` (units), `highest_unit, lowest_unit` (their names), `method`, `note`. There is an interval only
    where there are at least 10 units, and it holds for units that were drawn from many; where all territories there are were measured, the
    estimate is an account and needs none. Gap, relative gap and ratio hang on two units and have none in any case. A measure that is not finite (a ratio to zero) is missing and the note says why.

    Raises
    ------
    ScoringError
        An unknown measure or column.

    References
    ----------
    Cowell, F. A. (2011). Measuring Inequality (3rd ed.). Oxford University Press. Efron, B. (1982). The Jackknife, the Bootstrap and Other Resampling Plans. SIAM.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("abcd"), "rate": [1.0, 2.0, 3.0, 4.0]})
    >>> print(disproportion(table, "rate", measures=["ratio", "gini"])[["measure", "value", "highest_unit", "lowest_unit"]].to_string(index=False))
    measure  value highest_unit lowest_unit
      ratio   4.00            d           a
       gini   0.25            d           a
    """
    wanted = list(measures)
    for name in wanted:
        if name not in _FUNCTIONS:
            raise ScoringError(f"'{name}' is not a measure of disproportion. {nearest(name, _FUNCTIONS)}")
    if interval not in ("jackknife", "bootstrap", "none"):
        raise ScoringError(
            f"'{interval}' is no kind of interval. {nearest(interval, ['jackknife', 'bootstrap', 'none'])}"
        )
    if not 0 < confidence < 1:
        raise ScoringError(f"A confidence of {confidence:g} is none; write 0.95 for 95 per cent.")
    for name in filter(None, [value, weight, unit, *by]):
        if name not in table:
            raise ScoringError(f"The table has no column '{name}'. {nearest(name, map(str, table.columns))}")
    parts = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()]
        lines = _measured(known, value, weight, unit, wanted, len(part) - len(known), interval, confidence, draws, seed)  # fmt: skip
        found = pd.DataFrame(lines, columns=COLUMNS)
        for place, (name, told) in enumerate(zip(by, key, strict=True)):
            found.insert(place, name, told)
        parts.append(found)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*by, *COLUMNS])


def _measured(
    known: pd.DataFrame, value: str, weight: str | None, unit: str, wanted: list[str], unknown: int, interval: str, confidence: float,
    draws: int, seed: int,
) -> list[list[object]]:  # fmt: skip
    x = known[value].to_numpy(dtype=float)
    w = None if weight is None else known[weight].to_numpy(dtype=float)
    names = known[unit].tolist()
    left_out = ["units without a value were left out"] if unknown else []
    try:
        _checked(x, w)
    except ScoringError as error:
        return [[name, np.nan, np.nan, np.nan, len(x), None, None, "", "; ".join([str(error), *left_out])] for name in wanted]  # fmt: skip
    top, bottom = names[int(x.argmax())], names[int(x.argmin())]
    lines: list[list[object]] = []
    for name in wanted:
        estimate = _FUNCTIONS[name](x, w)
        notes = list(left_out)
        low = high = np.nan
        method = ""
        if not np.isfinite(estimate):
            notes.append("a unit has zero: not finite")
            estimate = np.nan
        elif name in ("gap", "relative_gap", "ratio"):
            pass
        elif len(x) < SMALLEST:
            notes.append(
                "two units: an account, no interval"
                if len(x) == 2
                else f"fewer than {SMALLEST} units: no interval"
            )
        elif interval != "none":
            low, high = _interval(name, x, w, estimate, interval, confidence, draws, seed)
            method = interval
        lines.append([name, estimate, low, high, len(x), top, bottom, method, "; ".join(notes)])
    return lines


def _interval(
    name: str, x: Array, w: Array | None, estimate: float, interval: str, confidence: float, draws: int, seed: int
) -> tuple[float, float]:  # fmt: skip
    if interval == "bootstrap":
        found = bootstrap_draws(name, x, w, draws, seed)
        found = found[np.isfinite(found)]
        low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
        return float(low), float(high)
    n = len(x)
    left = leave_one_out(name, x, w)
    if not np.isfinite(left).all() or estimate <= 0 or (left <= 0).any():
        return np.nan, np.nan
    # on the logarithm, as the measures are positive and skewed to the right; on the logit where they end at one
    bounded = name in ("gini", "hoover")
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


def leave_one_out(name: str, values: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Return a measure for each set of units that lacks one of them, in one pass: cv, gini, theil_t, theil_l or hoover.

    Returns
    -------
    one value a unit left out, in the order of the units
    """
    x, w = _checked(values, weights)
    w = np.ones(len(x)) if w is None else w
    rest, total = w.sum() - w, w @ x
    sums = total - w * x
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "cv":
            squares = w @ x**2 - w * x**2
            mean = sums / rest
            return np.asarray(np.sqrt(np.maximum(squares / rest - mean**2, 0)) / mean)
        if name in ("theil_t", "theil_l"):
            logs = np.log(np.where(x > 0, x, 1.0))
            mean = sums / rest
            if name == "theil_t":
                return np.asarray((w @ (x * logs) - w * x * logs) / sums - np.log(mean))
            zeros = (x == 0).sum() - (x == 0)  # among those who are left
            return np.where(zeros > 0, np.inf, np.log(mean) - (w @ logs - w * logs) / rest)
        order = np.argsort(x, kind="stable")
        xs, ws = x[order], w[order]
        below, amounts = np.cumsum(ws), np.cumsum(ws * xs)
        if name == "gini":
            # mean absolute difference times the square of the weights, less what the unit took part in
            apart = xs * (2 * below - ws - below[-1]) + amounts[-1] - 2 * amounts + ws * xs
            whole = ws @ apart
            found = (whole - 2 * ws * apart) / (2 * (below[-1] - ws) * (amounts[-1] - ws * xs))
        else:  # hoover: the share of weights below the mean less the share of amounts there
            mean = (amounts[-1] - ws * xs) / (below[-1] - ws)
            place = np.searchsorted(xs, mean, side="left")
            under_w = np.concatenate([[0.0], below])[place] - np.where(xs < mean, ws, 0.0)
            under_x = np.concatenate([[0.0], amounts])[place] - np.where(xs < mean, ws * xs, 0.0)
            found = under_w / (below[-1] - ws) - under_x / (amounts[-1] - ws * xs)
    back = np.empty(len(x))
    back[order] = found
    return back


def bootstrap_draws(name: str, values: ArrayLike, weights: ArrayLike | None, draws: int, seed: int) -> Array:
    """Return a measure for units drawn anew with replacement, all draws at once from how often each unit was drawn."""
    x, w = _checked(values, weights)
    order = np.argsort(x, kind="stable")
    x = x[order]
    w = np.ones(len(x)) if w is None else w[order]
    random = np.random.default_rng(seed)
    n = len(x)
    found = []
    step = max(1, int(5e6 // n))
    for start in range(0, draws, step):
        counts = random.multinomial(n, np.full(n, 1 / n), size=min(step, draws - start)) * w
        rest, amount = counts.sum(axis=1), counts @ x
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = amount / rest
            if name == "gini":
                middle = np.cumsum(counts, axis=1) - counts / 2
                part = 2 * ((counts * middle) @ x) / (amount * rest) - 1
            elif name == "cv":
                part = np.sqrt(np.maximum(counts @ x**2 / rest - mean**2, 0)) / mean
            elif name == "hoover":
                part = (counts * np.abs(x / mean[:, None] - 1)).sum(axis=1) / rest / 2
            else:
                logs = np.log(np.where(x > 0, x, 1.0))
                part = counts @ (x * logs) / amount - np.log(mean) if name == "theil_t" else np.log(mean) - counts @ logs / rest  # fmt: skip
                if name == "theil_l":
                    part = np.where((counts[:, x == 0] > 0).any(axis=1), np.inf, part)
        found.append(part)
    return np.concatenate(found)


def lorenz_curve(
    table: pd.DataFrame, value: str, weight: str | None = None, by: Sequence[str] = (), unit: str = "city"
) -> pd.DataFrame:
    """Return the points of the Lorenz curve: units from the least to the most, and the share that they and all before them have.

    Returns
    -------
    One row a key and point, (0, 0) first: the columns of `by`, `unit` (empty for the first point), `value`, `share_of_weight`, `share_of_value` (both cumulative).
    Twice the area between the curve and the diagonal is the Gini coefficient.

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("ab"), "rate": [1.0, 3.0]})
    >>> lorenz_curve(table, "rate")["share_of_value"].tolist()
    [0.0, 0.25, 1.0]
    """
    parts = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()].sort_values(value, kind="stable")
        try:
            x, w = _checked(known[value], None if weight is None else known[weight])
        except ScoringError:
            continue
        w = np.ones(len(x)) if w is None else w
        found = pd.DataFrame(
            {
                unit: ["", *known[unit]],
                "value": [0.0, *x],
                "share_of_weight": [0.0, *(np.cumsum(w) / w.sum())],
                "share_of_value": [0.0, *(np.cumsum(w * x) / (w @ x))],
            }
        )
        for place, (name, told) in enumerate(zip(by, key, strict=True)):
            found.insert(place, name, told)
        parts.append(found)
    columns = [*by, unit, "value", "share_of_weight", "share_of_value"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def theil_decomposition(
    table: pd.DataFrame, value: str, group: str, weight: str | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Split Theil's T and L into inequality between groups of units and within them.

    T = sum of s_g ln(m_g / m) + sum of s_g T_g, with s_g the group's share of the whole amount; L = sum of p_g ln(m / m_g) + sum of p_g L_g, with p_g its share of the
    weights; m is the mean of all, m_g that of the group. The parts add up exactly.

    Parameters
    ----------
    table : a row a unit; rows without a value are left out
    value, weight : as in `disproportion`
    group : the column that names the group, e.g. the region
    by : columns whose values are measured apart

    Returns
    -------
    One row a key, index of Theil and part: the columns of `by`, `theil` ("T", "L"), `part` ("total", "between", "within", then a row "group" for each), the column of the group (empty but in the last),
    `n`, `value` (for a group its own index), `contribution` (what it adds to the total), `share` (of the total; missing where the total is 0). L is missing
    where a unit has zero; keys without values, or with zeros only, have no rows.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica, 48(3), 613-625.

    Examples
    --------
    >>> table = pd.DataFrame({"region": list("aabb"), "rate": [1.0, 3.0, 2.0, 6.0]})
    >>> parts = theil_decomposition(table, "rate", "region").set_index(["theil", "part"])["contribution"]
    >>> bool(abs(parts["T", "between"] + parts["T", "within"] - parts["T", "total"]).max() < 1e-12)
    True
    """
    columns = [*by, "theil", "part", group, "n", "value", "contribution", "share"]
    lines: list[list[object]] = []
    for key, part in parts_of(table, by):
        known = part[part[value].notna()]
        if known[group].isna().any():
            raise ScoringError(
                f"A unit has no group in the column '{group}'; leave it out, or say its group."
            )
        try:
            x, w = _checked(known[value], None if weight is None else known[weight])
        except ScoringError:
            continue  # nothing to split: no values, or only zeros
        w = np.ones(len(x)) if w is None else w
        codes, names = pd.factorize(known[group])
        weights = np.bincount(codes, w)
        amounts = np.bincount(codes, w * x)
        counts = np.bincount(codes)
        mean, means = amounts.sum() / weights.sum(), amounts / weights
        p, s = weights / weights.sum(), amounts / amounts.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(x > 0, np.log(x), 0.0)
            ratios = np.where(means > 0, np.log(means / mean), 0.0)
            own_t = np.where(amounts > 0, np.bincount(codes, w * x * logs) / amounts - np.log(means), 0.0)
            own_l = np.log(means) - np.bincount(codes, w * logs) / weights
        zero = bool((x == 0).any())
        for index, own, shares, between in (
            ("T", own_t, s, float(s @ ratios)),
            ("L", own_l, p, -float(p @ ratios)),
        ):
            if index == "L" and zero:
                own, between = np.full(len(names), np.nan), np.nan
            total = theil_t(x, w) if index == "T" else np.nan if zero else theil_l(x, w)
            within = float(shares @ own)
            rows: list[tuple[str, object, int, float, float]] = [
                ("total", "", len(x), total, total), ("between", "", len(names), between, between), ("within", "", len(x), within, within),
                *(("group", name, int(n), float(v), float(v * share)) for name, n, v, share in zip(names, counts, own, shares, strict=True)),
            ]  # fmt: skip
            for name, label, n, one, adds in rows:
                lines.append([*key, index, name, label, n, one, adds, adds / total if total else np.nan])
    return pd.DataFrame(lines, columns=columns)


def location_quotients(
    table: pd.DataFrame, value: str, base: str, by: Sequence[str] = (), unit: str = "city"
) -> pd.DataFrame:
    """Return how far a unit's share of one whole (support) exceeds its share of another (expenditure, residents).

    Parameters
    ----------
    table : a row a unit with both amounts
    value, base : columns of the amounts
    by : columns whose values are measured apart
    unit : the column that names the unit

    Returns
    -------
    One row a key and unit: the columns of `by`, `unit`, `share` (of the value), `share_of_base`, `quotient` (1: as much as the base would give it; missing where
    an amount is unknown, the base is zero, or a whole is not above zero, as refunds can make it).

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("ab"), "support": [3.0, 1.0], "spent": [1.0, 1.0]})
    >>> location_quotients(table, "support", "spent")["quotient"].tolist()
    [1.5, 0.5]
    """
    known = table[table[value].notna() & table[base].notna()]
    keys = list(by)
    wholes = known.groupby(keys, observed=True)[[value, base]].transform("sum") if keys else known[[value, base]].sum()  # fmt: skip
    found = known[[*keys, unit]].copy()
    for name, column in (("share", value), ("share_of_base", base)):
        whole = wholes[column]
        whole = whole.where(whole > 0) if keys else whole if whole > 0 else np.nan
        found[name] = (known[column] / whole).astype(float)
    found["quotient"] = found["share"] / found["share_of_base"].where(found["share_of_base"] > 0)
    return found.reset_index(drop=True)
