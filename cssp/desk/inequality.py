"""Measures of inequality of one row of values.

Gini, Theil, Hoover, variation, and what one unit moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cssp.study.problems import ScoringError

Array = NDArray[np.float64]

#: Measures of which all jackknife and bootstrap replicates are computed at once.
IN_ONE_PASS = ("cv", "gini", "theil_t", "theil_l", "hoover")


def checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Array, Array | None]:
    """Return values and weights as arrays; refuse what has no measure of inequality."""
    x = np.asarray(values, dtype=float).ravel()
    if not len(x):
        raise ScoringError("There are no values to measure.")
    # a sum is NaN or infinite when any value is: cheaper than looking at each
    if not np.isfinite(x.sum()):
        raise ScoringError(
            "A value is missing or infinite; leave the territory out, or say that it is unknown."
        )
    if x.min() < 0:
        raise ScoringError(
            "A value is negative; shares of a sum with negative parts have no meaning."
        )
    if not x.any():
        raise ScoringError("All values are zero: there is nothing to be unequal.")
    if weights is None:
        return x, None
    w = np.asarray(weights, dtype=float).ravel()
    if len(w) != len(x):
        raise ScoringError(f"There are {len(x)} values and {len(w)} weights.")
    if not np.isfinite(w.sum()) or w.min() <= 0:
        raise ScoringError(
            "A weight is missing or not above zero; a territory without residents has no rate."
        )
    return x, w


def gap(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the highest value less the lowest.

    >>> gap([1, 4])
    3.0
    """
    return float(np.max(values) - np.min(values))


def relative_gap(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the gap in units of the (weighted) mean.

    >>> relative_gap([1, 3])
    1.0
    """
    x, w = checked(values, weights)
    return gap(x) / float(np.average(x, weights=w))


def ratio(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the highest value over the lowest; infinite where that is zero.

    >>> ratio([1, 4])
    4.0
    """
    return float(np.max(values) / np.min(values)) if np.min(values) > 0 else float("inf")


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient.

    Half the mean absolute difference of two draws, relative to the mean.

    Exact for a finite set of units (no n/(n-1) correction, so that repeating every unit changes
    nothing): 0 where all are equal, 1 - w of the
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
    Gini, C. (1912). Variabilità e mutabilità. Bologna. In the form of Lerman, R. I., & Yitzhaki, S.
    (1989). Improving the accuracy of
    estimates of Gini coefficients. Journal of Econometrics, 42(1), 43-47.

    Examples
    --------
    >>> round(gini([1, 2, 3, 4]), 4), round(gini([1, 3], weights=[3, 1]), 4)
    (0.25, 0.25)
    """
    x, w = checked(values, weights)
    if w is None:
        x = np.sort(x)
        n = len(x)
        # sum over i of (2 i - n - 1) x_(i), by one dot product
        return float(2 * np.dot(np.arange(1, n + 1, dtype=float), x) / (n * x.sum()) - (n + 1) / n)
    x, w = in_order(x, w)
    x *= w
    # sum of amounts times the weight below and half one's own
    return float((2 * np.dot(x, np.cumsum(w)) - np.dot(x, w)) / (x.sum() * w.sum()) - 1)


def in_order(x: Array, w: Array) -> tuple[Array, Array]:
    """Return values in ascending order with their weights."""
    order = np.argsort(x, kind="stable")
    return x[order], w[order]


def theil_t(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's T (generalised entropy of order 1): 0 where all are equal, at most ln(n).

    Zeros are allowed (0 ln 0 = 0).

    Parameters
    ----------
    values : one amount a unit
    weights : one weight a unit, such as its residents; None: all alike

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. North-Holland.

    Examples
    --------
    >>> round(theil_t([1, 2, 3, 4]), 4)
    0.1064
    """
    x, w = checked(values, weights)
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    r = x / mean
    with np.errstate(divide="ignore"):
        logs = np.log(r)
    if r.min() == 0:
        logs[r == 0] = 0.0
    return float(np.dot(r, logs) / len(r)) if w is None else float(np.dot(w, r * logs) / w.sum())


def theil_l(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Theil's L (mean logarithmic deviation, generalised entropy of order 0).

    Infinite where a unit has zero.

    Parameters
    ----------
    values : one amount a unit
    weights : one weight a unit, such as its residents; None: all alike

    Examples
    --------
    >>> round(theil_l([1, 2, 3, 4]), 4)
    0.1218
    """
    x, w = checked(values, weights)
    if x.min() == 0:
        return float("inf")
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    logs = np.log(x / mean)
    return -float(logs.mean()) if w is None else -float(np.dot(w, logs) / w.sum())


def hoover(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return Hoover's index.

    The share of the whole that would have to change hands for all to be equal.

    Parameters
    ----------
    values : one amount a unit
    weights : one weight a unit, such as its residents; None: all alike

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economic Statistics,
    18(4), 162-171.

    Examples
    --------
    >>> hoover([1, 2, 3, 4])
    0.2
    """
    x, w = checked(values, weights)
    mean = x.mean() if w is None else np.dot(w, x) / w.sum()
    away = np.abs(x / mean - 1)
    return float(away.mean() / 2) if w is None else float(np.dot(w, away) / w.sum() / 2)


def coefficient_of_variation(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the standard deviation (divided by n) relative to the mean.

    Parameters
    ----------
    values : one amount a unit
    weights : one weight a unit, such as its residents; None: all alike

    Examples
    --------
    >>> round(coefficient_of_variation([1, 2, 3, 4]), 4)
    0.4472
    """
    x, w = checked(values, weights)
    share = np.full(len(x), 1 / len(x)) if w is None else w / w.sum()
    mean = share @ x
    return float(np.sqrt(share @ (x - mean) ** 2) / mean)


def leave_one_out(name: str, values: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Return a measure for each set of units that lacks one of them.

    In one pass for those of `IN_ONE_PASS`.

    Returns
    -------
    one value a unit left out, in the order of the units
    """
    x, w = checked(values, weights)
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
            # mean absolute difference times the square of the weights, less what the unit took part
            # in
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


def bootstrap_draws(
    name: str, values: ArrayLike, weights: ArrayLike | None, draws: int, seed: int
) -> Array:
    """Return a measure for units drawn anew with replacement.

    All draws at once from how often each unit was drawn.
    """
    x, w = checked(values, weights)
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
                part = (
                    counts @ (x * logs) / amount - np.log(mean)
                    if name == "theil_t"
                    else np.log(mean) - counts @ logs / rest
                )
                if name == "theil_l":
                    part = np.where((counts[:, x == 0] > 0).any(axis=1), np.inf, part)
        found.append(part)
    return np.concatenate(found)
