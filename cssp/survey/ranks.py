"""Arithmetic of ranks on counts: every function takes arrays and knows neither items nor cities.

`placements` reads the counts once; what it returns is all that Mann-Whitney, Brunner-Munzel, the
rank-biserial
correlation and its kin need, for every pair of groups at once. Sums of products over answers are
matrix products.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from scipy.stats import mannwhitneyu


@dataclass(frozen=True)
class Pairs:
    """What the pairs of groups have in common with their ranks; arrays of one value a pair.

    Attributes
    ----------
    n_a, n_b : answers
    above, below : pairs of respondents with a above b, and below; the rest are ties
    ties : sum over answers of t^3 - t, t the answers of both groups together
    used : number of different answers given by either group
    s_a, s_b : DeLong's variances of the placements of each group's answers in the other (missing
        for one answer)
    """

    n_a: np.ndarray
    n_b: np.ndarray
    above: np.ndarray
    below: np.ndarray
    ties: np.ndarray
    used: np.ndarray
    s_a: np.ndarray
    s_b: np.ndarray

    @property
    def u(self) -> np.ndarray:
        """Pairs of respondents with a above b, ties as one half."""
        return np.asarray(self.above + (self.n_a * self.n_b - self.above - self.below) / 2)

    @property
    def effect(self) -> np.ndarray:
        """Rank-biserial correlation P(a > b) - P(a < b)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.above - self.below) / (self.n_a * self.n_b))

    @property
    def empty(self) -> np.ndarray:
        """One of the groups has no answers."""
        return np.asarray((self.n_a == 0) | (self.n_b == 0))

    @property
    def alike(self) -> np.ndarray:
        """All answers of both groups are the same."""
        return np.asarray(~self.empty & (self.used == 1))


def placements(counts: np.ndarray, first: np.ndarray, second: np.ndarray) -> Pairs:
    """Compare groups pair by pair.

    Parameters
    ----------
    counts : array (..., group, answer), answers from low to high
    first, second : numbers of the groups of each pair

    Returns
    -------
    Arrays of shape (..., pair)
    """
    a = counts
    below = np.cumsum(a, axis=-1) - a  # of a group: its answers below each answer
    middle = below + a / 2
    n = a.sum(axis=-1)
    t = a.swapaxes(-1, -2)

    def cross(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Sum over answers of left[first] * right[second], a value a pair."""
        return np.asarray((left @ right.swapaxes(-1, -2))[..., first, second])

    n_a, n_b = n[..., first], n[..., second]
    u_ab = cross(a, middle)
    above = cross(a, below)
    tied = cross(a, a)
    down = n_a * n_b - above - tied
    squares = a**2
    cubes = (squares * a).sum(axis=-1)
    ties = (
        cubes[..., first]
        + cubes[..., second]
        + 3 * (cross(squares, a) + cross(a, squares))
        - (n_a + n_b)
    )
    given = (a > 0).astype(np.float64)
    kinds = given.sum(axis=-1)
    used = kinds[..., first] + kinds[..., second] - cross(given, given)
    # placements of a's answers in b: middle_b / n_b; their variance from sums, exact in whole
    # numbers
    squared = middle**2
    sum_a = cross(a, squared)
    sum_b = (squared @ t)[
        ..., first, second
    ]  # of b's answers: those of a below them, ties as one half
    v_ab = n_a * n_b - u_ab  # pairs with b above a
    with np.errstate(invalid="ignore", divide="ignore"):
        s_a = (n_a * sum_a - u_ab**2) / (n_a * (n_a - 1) * n_b**2)
        s_b = (n_b * sum_b - v_ab**2) / (n_b * (n_b - 1) * n_a**2)
    s_a, s_b = np.where(n_a > 1, s_a, np.nan), np.where(n_b > 1, s_b, np.nan)
    return Pairs(n_a, n_b, above, down, ties, used, s_a, s_b)


def null_spread(pairs: Pairs) -> np.ndarray:
    """Standard deviation of U where the groups do not differ, corrected for ties."""
    n = pairs.n_a + pairs.n_b
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(
            np.sqrt(
                np.maximum(pairs.n_a * pairs.n_b / 12 * ((n + 1) - pairs.ties / (n * (n - 1))), 0)
            )
        )


def mann_whitney(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return z (corrected for ties and continuity.

    Signed like the effect) and the two-sided p of the Mann-Whitney test.
    """
    off = (pairs.above - pairs.below) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.sign(off) * np.maximum(np.abs(off) - 0.5, 0) / null_spread(pairs)
    z = np.where(pairs.alike, 0.0, z)
    p = np.minimum(2 * ndtr(-np.abs(z)), 1)
    # where all answers are alike there is nothing to test: no p, and no place in a family
    untested = pairs.empty | pairs.alike
    return np.where(pairs.empty, np.nan, z), np.where(untested, np.nan, p)


def exact_rows(pairs: Pairs) -> np.ndarray:
    """Tell for which pairs the exact distribution of U is used.

    No ties, the smaller group of at most eight.
    """
    small = np.minimum(pairs.n_a, pairs.n_b) <= 8
    return np.asarray(~pairs.empty & (pairs.ties == 0) & small & (pairs.n_a + pairs.n_b > 1))


def exact_p(n_a: int, n_b: int, u: float) -> float:
    """Return the two-sided exact p of U without ties, by SciPy on ranks that give this U.

    >>> round(exact_p(3, 4, 0.0), 4)
    0.0571
    """
    # ranks of a that give U = u: start from the lowest places and move the top ones up
    places = np.arange(1, n_a + 1, dtype=float)
    rest = round(u)
    for i in range(n_a - 1, -1, -1):
        step = min(rest, n_b)
        places[i] += step
        rest -= step
    others = np.setdiff1d(np.arange(1, n_a + n_b + 1, dtype=float), places)
    return float(mannwhitneyu(places, others, method="exact").pvalue)


def exact_p_with_ties(a: np.ndarray, b: np.ndarray) -> float:
    """Return the two-sided exact p of the rank sum given the ties: all ways to part the answers.

    As R's `coin::wilcox_test(distribution = "exact")`: the share of ways in which the sum lies at
    least as far from what is expected.

    Parameters
    ----------
    a, b : counts of each answer, low to high

    Examples
    --------
    >>> exact_p_with_ties(np.array([3, 0]), np.array([0, 3])), exact_p_with_ties(np.array([2, 1]),
    ...     np.array([1, 2]))
    (0.1, 1.0)
    """
    if a.sum() > b.sum():
        a, b = b, a
    both = (a + b).astype(int)
    size = int(a.sum())
    twice = 2 * np.cumsum(both) - both + 1  # midranks of the answers, doubled
    ways: dict[tuple[int, int], float] = {(0, 0): 1.0}  # answers taken, their doubled rank sum
    for count, rank in zip(both, twice, strict=True):
        grown: dict[tuple[int, int], float] = {}
        for (taken, total), number in ways.items():
            for more in range(min(int(count), size - taken) + 1):
                key = (taken + more, total + more * int(rank))
                grown[key] = grown.get(key, 0.0) + number * comb(int(count), more)
        ways = grown
    sums = {total: number for (taken, total), number in ways.items() if taken == size}
    middle = size * (int(both.sum()) + 1)
    off = abs(int((a.astype(int) * twice).sum()) - middle)
    far = sum(number for total, number in sums.items() if abs(total - middle) >= off)
    return float(far / sum(sums.values()))


def effect_error(pairs: Pairs) -> np.ndarray:
    """Standard error of the rank-biserial correlation by DeLong's variance."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * np.sqrt(np.maximum(pairs.s_a / pairs.n_a + pairs.s_b / pairs.n_b, 0)))


def effect_interval(pairs: Pairs, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Interval of the rank-biserial correlation on the atanh scale.

    Missing where it is not defined.
    """
    effect = pairs.effect
    with np.errstate(invalid="ignore", divide="ignore"):
        half = ndtri(0.5 + confidence / 2) * effect_error(pairs) / (1 - effect**2)
        centre = np.arctanh(effect)
        low, high = np.tanh(centre - half), np.tanh(centre + half)
    none = (
        pairs.empty | pairs.alike | (np.abs(effect) == 1) | (np.minimum(pairs.n_a, pairs.n_b) < 2)
    )
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def effect_p(pairs: Pairs) -> np.ndarray:
    """Two-sided p that the rank-biserial correlation is zero, from the error of its interval.

    It is under 1 - confidence exactly where `effect_interval` leaves out zero; missing where there
    is no interval.
    """
    effect = pairs.effect
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.arctanh(effect) * (1 - effect**2) / effect_error(pairs)
    low, _ = effect_interval(pairs, 0.95)
    return np.where(np.isnan(low), np.nan, 2 * ndtr(-np.abs(z)))


def brunner_munzel(pairs: Pairs, confidence: float) -> dict[str, np.ndarray]:
    """Brunner and Munzel's test: unequal spreads allowed.

    T with Satterthwaite's degrees of freedom.

    `superiority` = P(a > b) + P(a = b) / 2. The statistic is signed like the effect. Where the
    groups do not overlap, or
    all answers are alike, its variance is zero and the test is not defined.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        theta = pairs.u / (pairs.n_a * pairs.n_b)
        part_a, part_b = pairs.s_a / pairs.n_a, pairs.s_b / pairs.n_b
        error = np.sqrt(np.maximum(part_a + part_b, 0))
        statistic = (theta - 0.5) / error
        dof = (part_a + part_b) ** 2 / (part_a**2 / (pairs.n_a - 1) + part_b**2 / (pairs.n_b - 1))
        p = np.minimum(2 * stdtr(dof, -np.abs(statistic)), 1)
        half = stdtrit(dof, 0.5 + confidence / 2) * error
        low, high = np.clip(theta - half, 0, 1), np.clip(theta + half, 0, 1)
    none = pairs.empty | ~(error > 0)
    found = {
        "superiority": np.where(pairs.empty, np.nan, theta),
        "superiority_low": low,
        "superiority_high": high,
        "bm": statistic,
        "bm_dof": dof,
        "p_bm": p,
    }
    return {
        name: values if name == "superiority" else np.where(none, np.nan, values)
        for name, values in found.items()
    }


def tie_coefficients(
    a: np.ndarray, b: np.ndarray, pairs: Pairs, confidence: float
) -> dict[str, np.ndarray]:
    """Coefficients that treat ties otherwise, so that a number of another program can be matched.

    Parameters
    ----------
    a, b : counts of each pair's groups, arrays (pair, answer)
    pairs : from `placements`, of the same pairs in one axis

    Returns
    -------
    `gamma, gamma_low, gamma_high`: Goodman and Kruskal's (1954), ties left out of the base;
    interval by its asymptotic variance
    (Goodman & Kruskal 1972), normal, clipped; `cureton`: the effect over the largest one that the
    same answers could give
    in groups of these sizes (Cureton 1956: limits always -1 and 1); `wmw_odds, wmw_low, wmw_high`:
    the odds
    (P(a > b) + P(tie)/2) / (P(a < b) + P(tie)/2), interval from DeLong's on the log scale (log odds
    = 2 atanh r).
    """
    below_a, below_b = np.cumsum(a, axis=1) - a, np.cumsum(b, axis=1) - b
    n_a, n_b = pairs.n_a[:, None], pairs.n_b[:, None]
    above_a, above_b = n_a - below_a - a, n_b - below_b - b
    p, q = pairs.above, pairs.below
    with np.errstate(invalid="ignore", divide="ignore"):
        gamma = (p - q) / (p + q)
        wins_a, losses_a = (
            below_b,
            above_b,
        )  # for an answer of a: the answers of b it beats and loses to
        wins_b, losses_b = (
            above_a,
            below_a,
        )  # for an answer of b: those of a that speak for a, and against
        swing = (a * (q[:, None] * wins_a - p[:, None] * losses_a) ** 2).sum(axis=1)
        swing += (b * (q[:, None] * wins_b - p[:, None] * losses_b) ** 2).sum(axis=1)
        error = 2 * np.sqrt(swing) / (p + q) ** 2
        half = ndtri(0.5 + confidence / 2) * error
        low, high = effect_interval(pairs, confidence)
        effect = pairs.effect
        most = np.where(effect >= 0, _largest(a + b, pairs.n_a), _largest(a + b, pairs.n_b))
        flat = (np.abs(gamma) == 1) | ~np.isfinite(gamma)
        return {
            "gamma": gamma,
            "gamma_low": np.where(flat, np.nan, np.clip(gamma - half, -1, 1)),
            "gamma_high": np.where(flat, np.nan, np.clip(gamma + half, -1, 1)),
            "cureton": np.where(pairs.alike, np.nan, (p - q) / most),
            "wmw_odds": (1 + effect) / (1 - effect),
            "wmw_low": (1 + low) / (1 - low),
            "wmw_high": (1 + high) / (1 - high),
        }


def _largest(both: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Return the largest possible P - Q when the `top` highest of these answers form one group.

    Only the answers tied at the border between the groups cost pairs: all the others stand above or
    below.
    """
    above = both.sum(axis=1, keepdims=True) - np.cumsum(both, axis=1)
    inside = np.clip(top[:, None] - above, 0, both)
    return np.asarray(top * (both.sum(axis=1) - top) - (inside * (both - inside)).sum(axis=1))


def kruskal_wallis(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Kruskal and Wallis's test of groups from counts (..., group, answer), corrected for ties.

    Empty groups are left out.

    Returns `h, dof, epsilon2` (H / (n - 1), Tomczak & Tomczak 2014), `n`, `k`, and `mean_rank`
    (..., group).
    """
    column = counts.sum(axis=-2)
    n_group, n = counts.sum(axis=-1), counts.sum(axis=(-2, -1))
    rank = np.cumsum(column, axis=-1) - column / 2 + 0.5
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (counts @ rank[..., None])[..., 0] / n_group
        between = np.where(n_group > 0, n_group * (mean - (n[..., None] + 1) / 2) ** 2, 0).sum(
            axis=-1
        )
        ties = 1 - (column**3 - column).sum(axis=-1) / (n**3 - n)
        h = 12 * between / (n * (n + 1)) / ties
    k = (n_group > 0).sum(axis=-1)
    none = (k < 2) | ((column > 0).sum(axis=-1) < 2)
    h = np.where(none, np.nan, h)
    return {
        "h": h,
        "dof": np.where(none, np.nan, k - 1.0),
        "epsilon2": h / (n - 1),
        "n": n,
        "k": k,
        "mean_rank": mean,
    }
