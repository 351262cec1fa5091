"""A composite index of several indicators.

And how far a territory's rank hangs on the choices that made it.

An index hides choices: how indicators are made comparable, what each weighs, and whether a weak one
may be made good by a strong one. So all choices are
tried, weights around them are drawn anew, and each territory gets the interval of the ranks it has
had. A rank is never told without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest

NORMALISATIONS = ("min_max", "z", "rank")
WEIGHTINGS = ("equal", "given", "pca")
AGGREGATIONS = ("arithmetic", "geometric")
Array = NDArray[np.float64]

#: A geometric mean needs values above zero: normalised values are moved into this range for it.
_GEOMETRIC = (0.01, 1.0)


@returns(
    Column("city", "region", "region"),
    "index",
    "rank",
    *bounds("rank", "rank_low", "rank_high", "rank from", "rank to", "whole"),
    "median_rank",
    "share_first",
    "n_units",
    "n_indicators",
    "draws",
    "note",
)
def composite_index(
    table: pd.DataFrame,
    indicators: Sequence[str],
    unit: str = "city",
    lower_is_better: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    normalisation: Literal["min_max", "z", "rank"] = "min_max",
    weighting: Literal["equal", "given", "pca"] | None = None,
    aggregation: Literal["arithmetic", "geometric"] = "arithmetic",
    draws: int = 5000,
    spread: float = 0.25,
    confidence: float = 0.90,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Return a composite index with the interval of each unit's rank over all ways of making it.

    The index asked for is told; beside it every combination of normalisation (min_max, z, rank),
    weighting (equal, the given ones, the first principal component)
    and aggregation (arithmetic, geometric) is drawn alike often, each time with weights multiplied
    by numbers from 1 - `spread` to 1 + `spread`, and the ranks that come of it are counted. The
    interval says how far a rank
    is a matter of choice. It says nothing about errors of the indicators themselves.

    Parameters
    ----------
    table : a row a unit, a column an indicator; a unit that lacks one is left out (its row says so)
    indicators : at least two columns
    unit : the column that names the unit
    lower_is_better : indicators that are turned
    weights : of the indicators, above zero; they count among the ways where they are given
    normalisation, weighting, aggregation : of the index that is told; weighting left out: the given
        weights, or equal ones
    draws : how many indices are made
    spread : by how much weights are moved, as a share of themselves
    confidence : of the interval of ranks
    seed : of the draws

    Returns
    -------
    One row a unit, best first: `unit, index` (0 to 1 for min_max and rank; z-scores are around 0),
    `rank` (1 is best; ties share the mean), `rank_low, rank_high` (interval of
    the ranks drawn; never without the rank), `median_rank`, `share_first` (how often it came
    first), `n_units, n_indicators, draws`, `note`. Units that lack an indicator stand last without
    index
    and ranks.

    Raises
    ------
    ScoringError
        Fewer than two indicators or units, an unknown column, weights that do not fit, an indicator
        that is the same everywhere.

    References
    ----------
    OECD, & European Commission JRC (2008). Handbook on Constructing Composite Indicators:
    Methodology and User Guide. OECD Publishing. Steps 5 (normalisation), 6 (weighting and
    aggregation) and 7 (uncertainty).

    Examples
    --------
    >>> table = pd.DataFrame({"city": list("abc"), "share": [0.1, 0.2, 0.4], "programmes": [2, 6,
    ...     9]})
    >>> composite_index(table, ["share", "programmes"])[["city", "index", "rank", "rank_low",
    ...     "rank_high"]].round(2).to_string(index=False).splitlines()[1].split()
    ['c', '1.00', '1.0', '1.0', '1.0']
    """
    names = list(indicators)
    _check(table, names, unit, weights, normalisation, weighting, aggregation, lower_is_better)
    known, x = _values(table, names, lower_is_better)
    if not 0 < confidence < 1:
        raise ScoringError(f"A confidence of {confidence:g} is none; write 0.90 for 90 per cent.")
    given = None if weights is None else np.array([weights[name] for name in names], dtype=float)
    chosen = weighting or ("equal" if given is None else "given")
    index = _aggregated(_normalised(x, normalisation), _weights(x, chosen, given), aggregation)
    ranks = _drawn_ranks(x, given, draws, spread, seed)
    low, middle, high = np.quantile(
        ranks, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2], axis=0
    )
    own = rankdata(-index.round(12))  # as the ranks drawn: equal up to rounding is equal
    found = pd.DataFrame(
        {
            unit: table.loc[known, unit].to_numpy(),
            "index": index,
            "rank": own,
            # the told index is one of the ways, so its rank is inside the interval
            "rank_low": np.minimum(np.floor(low), own),
            "rank_high": np.maximum(np.ceil(high), own),
            "median_rank": middle,
            "share_first": (ranks < 1.5).mean(axis=0),
        }
    ).sort_values("rank", kind="stable")
    rest = pd.DataFrame({unit: table.loc[~known, unit].to_numpy()})
    rest["note"] = [
        "no value of " + ", ".join(name for name in names if pd.isna(row[name]))
        for row in table[~known].to_dict("records")
    ]
    found["note"] = "" if len(x) > 2 else "two units: the rank says which is first, and no more"
    whole = (
        pd.concat([found, rest], ignore_index=True) if len(rest) else found.reset_index(drop=True)
    )
    for name, value in (("n_units", len(x)), ("n_indicators", len(names)), ("draws", draws)):
        whole.insert(whole.columns.get_loc("note"), name, value)
    return whole


def _values(table: pd.DataFrame, names: list[str], lower: Sequence[str]) -> tuple[pd.Series, Array]:
    """Return which units have every indicator, and their values with a higher one better."""
    known = table[names].notna().all(axis=1)
    x = table.loc[known, names].to_numpy(dtype=float)
    if len(x) < 2:
        raise ScoringError(
            "Fewer than two units have a value of every indicator; there is nothing to rank."
        )
    if not np.isfinite(x).all():
        raise ScoringError(
            f"'{names[int(np.argwhere(~np.isfinite(x))[0][1])]}' has a value that is not finite."
        )
    for place in np.flatnonzero(np.ptp(x, axis=0) == 0):
        raise ScoringError(
            f"'{names[place]}' is the same for every unit; it cannot tell them apart. Leave it out."
        )
    return known, x * np.where([name in lower for name in names], -1.0, 1.0)


def _check(
    table: pd.DataFrame,
    names: list[str],
    unit: str,
    weights: Mapping[str, float] | None,
    normalisation: str,
    weighting: str | None,
    aggregation: str,
    lower: Sequence[str],
) -> None:
    if len(set(names)) < 2 or len(set(names)) != len(names):
        raise ScoringError("A composite index needs at least two different indicators.")
    for name in lower:
        if name not in names:
            raise ScoringError(
                f"'{name}' is said to be better when lower, but is no indicator of the index. "
                f"{nearest(name, names)}"
            )
    for name in [unit, *names]:
        if name not in table:
            raise ScoringError(
                f"The table has no column '{name}'. {nearest(name, map(str, table.columns))}"
            )
    for given, known, what in (
        (normalisation, NORMALISATIONS, "normalisation"),
        (weighting, WEIGHTINGS, "weighting"),
        (aggregation, AGGREGATIONS, "aggregation"),
    ):
        if given is not None and given not in known:
            raise ScoringError(f"'{given}' is no {what}. {nearest(given, known)}")
    if weighting == "given" and weights is None:
        raise ScoringError("The weighting is 'given', but no weights are.")
    if weights is not None:
        if set(weights) != set(names):
            odd = min(set(weights) ^ set(names))
            raise ScoringError(
                f"Weights must be given for the indicators, and only for them; look at '{odd}'."
            )
        if not all(np.isfinite(value) and value > 0 for value in weights.values()):
            raise ScoringError("A weight must be a number above zero.")


def _normalised(x: Array, how: str) -> Array:
    """Return the indicators on a common scale, a higher value better; columns are indicators."""
    if how == "min_max":
        low, high = x.min(axis=0), x.max(axis=0)
        return np.asarray((x - low) / (high - low))
    if how == "z":
        return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))
    return np.asarray((rankdata(x, axis=0) - 1) / (len(x) - 1))


def _weights(x: Array, how: str, given: Array | None) -> Array:
    """Return weights that sum to 1.

    PCA: squared loadings of the first component of the correlation matrix (they sum to 1 of
    themselves).
    """
    if how == "given" and given is not None:
        return np.asarray(given / given.sum())
    if how == "pca":
        _, vectors = np.linalg.eigh(np.corrcoef(x, rowvar=False))
        return np.asarray(vectors[:, -1] ** 2)
    return np.full(x.shape[1], 1 / x.shape[1])


def _aggregated(z: Array, weights: Array, how: str) -> Array:
    """Return the index of each unit.

    `weights` may be one row, or a row a draw (then the index is draws × units).
    """
    if how == "arithmetic":
        return np.asarray(weights @ z.T)
    low, high = z.min(axis=0), z.max(axis=0)
    moved = _GEOMETRIC[0] + (_GEOMETRIC[1] - _GEOMETRIC[0]) * (z - low) / (high - low)
    return np.asarray(np.exp(weights @ np.log(moved).T))


def _drawn_ranks(x: Array, given: Array | None, draws: int, spread: float, seed: int) -> Array:
    """Return ranks, draws × units, over all ways of making the index."""
    random = np.random.default_rng(seed)
    if not 0 <= spread < 1:
        raise ScoringError(f"Weights cannot be moved by {spread:g} of themselves; write e.g. 0.25.")
    ways = [
        (n, w, a)
        for n, w, a in product(NORMALISATIONS, WEIGHTINGS, AGGREGATIONS)
        if w != "given" or given is not None
    ]
    if draws < len(ways):
        raise ScoringError(f"{draws} draws are too few for {len(ways)} ways of making the index.")
    found = []
    for number, (normalisation, weighting, aggregation) in enumerate(ways):
        share = draws // len(ways) + (number < draws % len(ways))
        moved = _weights(x, weighting, given) * random.uniform(
            1 - spread, 1 + spread, (share, x.shape[1])
        )
        moved /= moved.sum(axis=1, keepdims=True)
        index = _aggregated(_normalised(x, normalisation), moved, aggregation)
        found.append(rankdata(-index.round(12), axis=1))
    return np.concatenate(found)
