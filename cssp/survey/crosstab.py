"""Arithmetic of two-row tables.

Chi-square, its exact or simulated p, Cramér's V plain and bias-corrected, with intervals.

Every function takes arrays of counts and knows neither items nor cities.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from scipy.special import chdtrc, chdtri, chndtr, chndtrinc, gammaln

#: Tables with at most so many rearrangements are enumerated; larger ones are drawn at random.
ENUMERATED = 400_000
#: Random tables drawn where enumeration is too long.
DRAWS = 9_999
#: From so many values on, the non-central chi-square is inverted by an interpolation checked
#: against the inversion itself.
_MANY = 300


def chi_square(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Pearson's chi-square of 2 x k tables, without Yates' correction.

    Answers that nobody gave left out.

    Parameters
    ----------
    a, b : counts, arrays (pair, answer)

    Returns
    -------
    `chi2, dof, p_chi2, cramers_v, cramers_v_corrected, smallest_expected`, missing where a group is
    empty or all answers are
    the same. V = sqrt(chi2 / n), as the smaller side of the table has two rows; the corrected V is
    Bergsma's (2013).
    """
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    n, column = n_a + n_b, a + b
    used = column > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        product = n_a * n_b
        parts = np.where(used, (a * n_b[:, None] - b * n_a[:, None]) ** 2 / column, 0)
        chi2 = parts.sum(axis=1) / product
        rarest = np.where(used, column, np.inf).min(axis=1)
        smallest = np.minimum(n_a, n_b) * rarest / n
        dof = used.sum(axis=1) - 1.0
        p = chdtrc(dof, chi2)
        v = np.sqrt(chi2 / n)
    found = {
        "chi2": chi2,
        "dof": dof,
        "p_chi2": p,
        "cramers_v": v,
        "cramers_v_corrected": corrected_v(v, dof, n),
        "smallest_expected": smallest,
    }
    undefined = (n_a == 0) | (n_b == 0) | (dof < 1)
    return {name: np.where(undefined, np.nan, values) for name, values in found.items()}


def corrected_v(v: np.ndarray, dof: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return Bergsma's bias-corrected V of a 2 x (dof + 1) table.

    References
    ----------
    Bergsma, W. (2013). A bias-correction for Cramér's V and Tschuprow's T. Journal of the Korean
    Statistical Society, 42(3), 323-328.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        phi2 = np.maximum(v**2 - dof / (n - 1), 0)
        rows = 2 - 1 / (n - 1)
        columns = dof + 1 - dof**2 / (n - 1)
        return np.asarray(np.sqrt(phi2 / np.minimum(rows - 1, columns - 1)))


def v_interval(
    chi2: np.ndarray, dof: np.ndarray, n: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of Cramér's V of tables with two rows, by inversion of the non-central chi-square.

    V = sqrt(lambda / n).
    """
    tail = (1 - confidence) / 2
    low, high = noncentrality(chi2, dof, 1 - tail), noncentrality(chi2, dof, tail)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.clip(low / n, 0, 1)), np.sqrt(np.clip(high / n, 0, 1))


def noncentrality(chi2: np.ndarray, dof: np.ndarray, probability: float) -> np.ndarray:
    """Return the non-centrality for which a chi-square stays under `chi2` with this probability.

    0 where none does.

    For many values the inverse is interpolated by Chebyshev polynomials in sqrt(chi2), one for each
    number of degrees of
    freedom; the polynomial is taken only where it meets the inversion between its nodes to 1e-9, so
    it changes no digit shown.

    >>> noncentrality(np.array([12.0]), np.array([3.0]), 0.025).round(4)
    array([26.9084])
    """
    chi2, dof = np.asarray(chi2, dtype=float), np.asarray(dof, dtype=float)
    found = np.where(np.isfinite(chi2 + dof), 0.0, np.nan)
    for one in np.unique(dof[np.isfinite(dof)]):
        if one < 1:
            found[dof == one] = np.nan
            continue
        start = float(chdtri(one, 1 - probability))  # below it no non-centrality fits
        rows = np.flatnonzero((dof == one) & (chi2 > start))
        if len(rows):
            found[rows] = _inverse(chi2[rows], one, probability, start)
    return found


def _inverse(chi2: np.ndarray, dof: float, probability: float, start: float) -> np.ndarray:
    if len(chi2) >= _MANY:
        low, high = np.sqrt(start), np.sqrt(chi2.max()) * (1 + 1e-12)
        for degree in (24, 48, 96):
            if 3 * degree > len(chi2):
                break
            curve = Chebyshev.interpolate(
                lambda s: _solved(s**2, dof, probability), degree, domain=[low, high]
            )
            between = (
                low + (high - low) * (1 - np.cos(np.pi * (np.arange(degree) + 0.5) / degree)) / 2
            )
            between = (between[1:] + between[:-1]) / 2
            if np.abs(curve(between) - _solved(between**2, dof, probability)).max() < 1e-9:
                return np.asarray(np.maximum(curve(np.sqrt(chi2)), 0))
    return _solved(chi2, dof, probability)


def _solved(chi2: np.ndarray, dof: float, probability: float) -> np.ndarray:
    """Invert by SciPy, then polish by Newton's method.

    DF/dlambda = (F with two more degrees - F) / 2.
    """
    value = np.maximum(np.nan_to_num(chndtrinc(chi2, dof, probability)), 0)
    for _ in range(2):
        here = chndtr(chi2, dof, value)
        slope = (chndtr(chi2, dof + 2, value) - here) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            step = (here - probability) / slope
        value = np.maximum(value - np.where(np.isfinite(step), np.clip(step, -1, 1), 0), 0)
    return np.asarray(value)


def conditional_p(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> tuple[float, bool]:
    """Return the p of chi-square given both margins.

    And whether it is exact (enumerated) or simulated.

    The p is the probability, with the row and column totals held fixed, of a table with a
    chi-square as large as the
    observed one or larger (Fisher-Freeman-Halton's reference set, ordered by chi-square). All
    rearrangements are enumerated
    where they are few; otherwise 9,999 are drawn and p = (1 + those at least as large) / 10,000.

    Parameters
    ----------
    a, b : counts of the two groups, one value an answer
    rng : source of the draws

    Examples
    --------
    >>> p, exact = conditional_p(np.array([3, 0, 1]), np.array([0, 4, 2]), np.random.default_rng(1))
    >>> round(p, 4), exact
    (0.0333, True)
    """
    column = (a + b)[a + b > 0]
    mine = a[a + b > 0]
    n_a, n = float(mine.sum()), float(column.sum())
    if len(column) < 2 or n_a in (0, n):
        return float("nan"), True
    order = np.argsort(column, kind="stable")
    column, mine = column[order].astype(float), mine[order].astype(float)
    observed = float((mine**2 / column).sum())  # chi-square grows with it, the margins being fixed
    limit = observed * (1 - 1e-9)
    if np.prod(np.minimum(column[:-1], n_a) + 1) <= ENUMERATED:
        return _enumerated(column, n_a, n, limit), True
    tables = rng.multivariate_hypergeometric(column.astype(np.int64), int(n_a), size=DRAWS)
    as_large = int(((tables**2 / column).sum(axis=1) >= limit).sum())
    return (1 + as_large) / (DRAWS + 1), False


def _enumerated(column: np.ndarray, n_a: float, n: float, limit: float) -> float:
    """Sum the hypergeometric probabilities of the tables at or over the limit.

    The largest answer takes the rest.
    """
    total, score, weight = np.zeros(1), np.zeros(1), np.zeros(1)
    room = column.sum() - np.cumsum(column)  # what the answers still to come can hold
    for size, later in zip(column[:-1], room, strict=False):
        values = np.arange(min(size, n_a) + 1)
        ways = gammaln(size + 1) - gammaln(values + 1) - gammaln(size - values + 1)
        total = (total[:, None] + values).ravel()
        score = (score[:, None] + values**2 / size).ravel()
        weight = (weight[:, None] + ways).ravel()
        fits = (total <= n_a) & (total >= n_a - later)
        total, score, weight = total[fits], score[fits], weight[fits]
    last = column[-1]
    rest = n_a - total
    fits = rest <= last
    rest, score, weight = rest[fits], score[fits] + rest[fits] ** 2 / last, weight[fits]
    weight = weight + gammaln(last + 1) - gammaln(rest + 1) - gammaln(last - rest + 1)
    weight -= gammaln(n + 1) - gammaln(n_a + 1) - gammaln(n - n_a + 1)
    return float(min(np.exp(weight[score >= limit]).sum(), 1.0))
