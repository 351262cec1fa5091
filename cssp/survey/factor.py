"""One factor behind several items.

Maximum-likelihood fit, and correlations of what lies behind ordered answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import ndtr, ndtri, owens_t


@dataclass(frozen=True)
class OneFactor:
    """A fitted one-factor model.

    Loadings, unique variances, omega and its standard error, whether it converged.
    """

    loadings: np.ndarray
    unique: np.ndarray
    omega: float
    omega_se: float
    converged: bool


def one_factor(cov: np.ndarray, n: int) -> OneFactor:
    """Fit one factor to a covariance matrix by maximum likelihood.

    Omega total with its delta-method error.

    Omega = (sum of loadings)^2 / ((sum of loadings)^2 + sum of unique variances), of the fitted
    model. The error comes from the
    expected information of the normal model.

    References
    ----------
    McDonald, R. P. (1999). Test Theory: A Unified Treatment. Erlbaum, ch. 6. Jöreskog, K. G.
    (1967). Psychometrika, 32(4), 443-482.
    """
    p = len(cov)
    scale = np.sqrt(np.diag(cov))
    r = cov / np.outer(scale, scale)
    value, vector = np.linalg.eigh(r)
    start = np.clip(vector[:, -1] * np.sqrt(value[-1]), -0.95, 0.95)
    if start.sum() < 0:
        start = -start

    def unpack(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return theta[:p], np.exp(theta[p:])

    def misfit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        loading, unique = unpack(theta)
        # inverse and determinant of unique + loading loading' (Sherman-Morrison)
        weighted = loading / unique
        denominator = 1 + loading @ weighted
        inverse = np.diag(1 / unique) - np.outer(weighted, weighted) / denominator
        product = inverse @ r
        fit = np.log(unique).sum() + np.log(denominator) + np.trace(product)
        slope = inverse - product @ inverse
        return float(fit), np.concatenate([2 * slope @ loading, np.diag(slope) * unique])

    theta = np.concatenate([start, np.log(np.clip(1 - start**2, 0.05, None))])
    bounds = [(-3.0, 3.0)] * p + [(np.log(1e-4), np.log(10.0))] * p
    result = minimize(
        misfit,
        theta,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9},
    )
    loading, unique = unpack(result.x)
    loading, unique = loading * scale * np.sign(loading.sum() or 1), unique * scale**2
    fine = bool(np.abs(result.jac).max() < 1e-4 and (unique > 1.1e-4 * scale**2).all())
    total, rest = loading.sum(), unique.sum()
    omega = total**2 / (total**2 + rest)
    sigma = np.outer(loading, loading) + np.diag(unique)
    inverse = np.linalg.inv(sigma)
    derived = [np.outer(unit, loading) + np.outer(loading, unit) for unit in np.eye(p)] + [
        np.diag(unit) for unit in np.eye(p)
    ]
    turned = [inverse @ part for part in derived]
    information = (n - 1) / 2 * np.array([[np.sum(a * b.T) for b in turned] for a in turned])
    gradient = (
        np.concatenate([np.full(p, 2 * total * rest), np.full(p, -(total**2))])
        / (total**2 + rest) ** 2
    )
    try:
        variance = float(gradient @ np.linalg.solve(information, gradient))
    except np.linalg.LinAlgError:
        variance = np.nan
    return OneFactor(
        loading,
        unique,
        float(omega),
        float(np.sqrt(variance)) if variance >= 0 else float("nan"),
        fine,
    )


def binormal(h: np.ndarray, k: np.ndarray, rho: float) -> np.ndarray:
    """Return P(X <= h, Y <= k) of two standard normals with correlation rho, by Owen's T function.

    References
    ----------
    Owen, D. B. (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical
    Statistics, 27(4), 1075-1090.

    >>> binormal(np.array([0.0]), np.array([0.0]), 0.5).round(6)
    array([0.333333])
    """
    h, k = np.broadcast_arrays(np.asarray(h, dtype=float), np.asarray(k, dtype=float))
    low, high = -37.0, 37.0  # beyond them the normal distribution is 0 and 1
    x, y = np.clip(h, low, high), np.clip(k, low, high)
    x, y = (np.where(np.abs(side) < 1e-300, 1e-300, side) for side in (x, y))
    root = np.sqrt(1 - rho**2)
    with np.errstate(
        over="ignore"
    ):  # the slope at a threshold of zero is infinite, which Owen's T knows
        first = owens_t(x, (y - rho * x) / (x * root))
        second = owens_t(y, (x - rho * y) / (y * root))
    apart = np.sign(x) != np.sign(y)
    return np.asarray((ndtr(x) + ndtr(y)) / 2 - first - second - np.where(apart, 0.5, 0))


def polychoric(table: np.ndarray) -> float:
    """Return the polychoric correlation of a two-way table of ordered answers.

    In two steps (thresholds from the margins).

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika, 44(4), 443-460.
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return float("nan")
    n = table.sum()
    rows = np.concatenate([[-np.inf], ndtri(np.cumsum(table.sum(axis=1))[:-1] / n), [np.inf]])
    columns = np.concatenate([[-np.inf], ndtri(np.cumsum(table.sum(axis=0))[:-1] / n), [np.inf]])

    def misfit(rho: float) -> float:
        below = binormal(rows[:, None], columns[None, :], rho)
        cells = np.diff(np.diff(below, axis=0), axis=1)
        return float(-(table * np.log(np.clip(cells, 1e-300, None))).sum())

    return float(
        minimize_scalar(
            misfit, bounds=(-0.9999, 0.9999), method="bounded", options={"xatol": 1e-9}
        ).x
    )
