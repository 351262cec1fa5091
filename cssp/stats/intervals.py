"""Intervals of shares, used by all stages."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri


def wilson(
    count: np.ndarray, n: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score interval of a share; missing where n is 0.

    References
    ----------
    Wilson, E. B. (1927). Journal of the American Statistical Association, 22(158), 209-212.

    >>> low, high = wilson(np.array([0, 7]), np.array([14, 14]))
    >>> high.round(3)
    array([0.215, 0.732])
    """
    z = ndtri(0.5 + confidence / 2)
    count, n = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # the bounds are exactly 0 and 1 at the edges, where rounding would leave a trace
    low = np.where(count == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(count == n, 1.0, np.clip(centre + half, 0, 1))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def newcombe(
    count_a: np.ndarray,
    n_a: np.ndarray,
    count_b: np.ndarray,
    n_b: np.ndarray,
    confidence: float = 0.95,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the difference of two independent shares (a minus b) and Newcombe's hybrid score
    interval.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine, 17(8), 873-890 (method 10).

    >>> gap, low, high = newcombe(np.array([56]), np.array([70]), np.array([48]), np.array([80]))
    >>> [round(float(value[0]), 4) for value in (gap, low, high)]
    [0.2, 0.0524, 0.3339]
    """
    (low_a, high_a), (low_b, high_b) = (
        wilson(count_a, n_a, confidence),
        wilson(count_b, n_b, confidence),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (
            np.asarray(count_a) / np.asarray(n_a, dtype=float),
            np.asarray(count_b) / np.asarray(n_b, dtype=float),
        )
    gap = a - b
    return gap, gap - np.hypot(a - low_a, high_b - b), gap + np.hypot(high_a - a, b - low_b)
