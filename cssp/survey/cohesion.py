"""How near groups are to each other, freed of what chance adds to their distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

#: Samples from which a spread's expectation and quantiles are taken; their number even.
DRAWS = 2_000
SEED = 20240101
_SPREADS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "range": lambda values: np.ptp(values, axis=-1),
    "sd": lambda values: 2 * values.std(axis=-1),
}


@dataclass(frozen=True)
class Cohesion:
    """Cohesion with its interval, and samples of what another survey of this size would give.

    Attributes
    ----------
    value, low, high : 1 minus the spread; the bounds are missing where an error is not known
    observed : 1 minus the spread as it was observed, which chance makes too small
    groups : samples of the groups' values, a column a group; empty where an error is not known
    cohesions : cohesion in each sample, corrected alike
    """

    value: float
    low: float
    high: float
    observed: float
    groups: np.ndarray
    cohesions: np.ndarray


@lru_cache(maxsize=4096)
def cohesion(
    values: tuple[float, ...],
    errors: tuple[float, ...],
    measure: str = "range",
    confidence: float = 0.95,
) -> Cohesion:
    """Return how near groups are to each other: 1 minus the spread of their values.

    Values that are estimated spread farther than the true ones: three groups that are all alike
    have a range above zero in every survey. So the spread is the one whose *expected* observed
    value, with errors of this size, is the observed one (zero where even no spread would be
    expected to look as large); the interval holds all spreads with which the observed one is not
    among the outer 5 %. Both keep the groups' relative places as observed.

    Parameters
    ----------
    values, errors : of each group, with its standard error, on a scale from 0 to 1
    measure : "range", or "sd" (twice the standard deviation over the groups)
    confidence : of the interval

    Examples
    --------
    >>> alike = cohesion((0.50, 0.53, 0.48), (0.04, 0.04, 0.04))
    >>> round(alike.observed, 2), alike.value, alike.high
    (0.95, 1.0, 1.0)
    >>> apart = cohesion((0.30, 0.50, 0.70), (0.02, 0.02, 0.02))
    >>> round(apart.value, 2), round(apart.low, 2), round(apart.high, 2)
    (0.6, 0.54, 0.66)
    """
    spread = _SPREADS[measure]
    place, error = np.array(values), np.array(errors)
    centre = place.mean()
    observed = float(spread(place))
    if len(place) < 2 or not (error > 1e-12).all():
        empty = np.empty((0, len(place)))
        plain = 1 - observed
        return Cohesion(plain, np.nan, np.nan, plain, empty, np.empty(0))
    away = place - centre if observed > 1e-12 else np.linspace(-0.5, 0.5, len(place))
    away = away / float(spread(away))  # a spread of one
    half = np.random.default_rng(SEED).standard_normal((DRAWS // 2, len(place)))
    noise = np.vstack([half, -half]) * error

    def spreads(true: float) -> np.ndarray:
        return spread(true * away + noise)

    def inverse(statistic: Callable[[np.ndarray], float]) -> float:
        """Return the true spread at which a statistic of the samples is the observed one."""
        if statistic(spreads(0.0)) >= observed:
            return 0.0
        most = observed + 10 * float(error.max())
        return float(brentq(lambda true: statistic(spreads(true)) - observed, 0.0, most, xtol=1e-5))

    tail = (1 - confidence) / 2
    true = inverse(lambda drawn: float(drawn.mean()))
    farthest = inverse(lambda drawn: float(np.quantile(drawn, tail)))
    nearest = inverse(lambda drawn: float(np.quantile(drawn, 1 - tail)))
    drawn = spreads(true)
    again = np.maximum(drawn - (drawn.mean() - true), 0.0)
    return Cohesion(
        1 - true,
        max(1 - farthest, 0.0),
        1 - nearest,
        1 - observed,
        centre + true * away + noise,
        1 - again,
    )
