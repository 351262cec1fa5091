"""Krippendorff's alpha for any values.

Nominal, ordinal, interval, ratio, and sets of codes by MASI or Jaccard distance.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from cssp.interviews.agreement import by_base
from cssp.interviews.agreement_sums import chances, check_replicates, draws, percentile_interval
from cssp.interviews.coding import chosen_codes, prepared
from cssp.interviews.units import By, judgements, units
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

Measurement = Literal["nominal", "ordinal", "interval", "ratio", "masi", "jaccard"]
MEASUREMENTS: tuple[Measurement, ...] = (
    "nominal",
    "ordinal",
    "interval",
    "ratio",
    "masi",
    "jaccard",
)

#: MASI's weight of two sets that overlap, and of a set and one that holds it (Passonneau 2006).
_OVERLAP, _SUBSET = 1 / 3, 2 / 3

#: How many numbers a bootstrap holds at once.
_AT_ONCE = 4_000_000

#: Krippendorff's minimum for drawing tentative conclusions, and the usual one.
MINIMA = (0.667, 0.8)
SEED = 20240101


@returns(
    "level",
    "alpha",
    *bounds("alpha"),
    "q_0667",
    "q_0800",
    "n_judged",
    "undefined_replicates",
    "n_coders",
    "n_values",
)
def krippendorff_alpha(
    ratings: pd.DataFrame,
    measurement: Measurement = "nominal",
    replicates: int = 2000,
    seed: int = 20240101,
    confidence: float = 0.95,
    clusters: pd.Series | None = None,
) -> pd.DataFrame:
    """Return Krippendorff's alpha of ratings.

    With a bootstrap interval and the chance that it lies below .667 and below .8.

    alpha = 1 - Do / De, from coincidences of values within units; missing ratings are allowed, a
    unit with one rating carries nothing.

    Parameters
    ----------
    ratings : a row a unit, a column a coder; missing (None, NaN) where a coder did not rate. For
        "masi" and "jaccard" each cell is a
        set of codes, the empty one included
    measurement : the distance: nominal, ordinal, interval, ratio, or of sets "masi" (Passonneau
        2006) or "jaccard"
    replicates, seed, confidence : as in `agreement`
    clusters : what each unit belongs to (an interview), in the order of `ratings`; the bootstrap
        draws clusters. Left out: units

    Returns
    -------
    One row: `level, alpha, ci_low, ci_high, q_0667, q_0800, n_judged` (with two ratings or more),
    `n_coders, n_values, undefined_replicates`.

    Raises
    ------
    ScoringError
        An unknown level, values that are no numbers where numbers are needed, or negative ones for
        ratio.

    References
    ----------
    Krippendorff, K. (2004). Content Analysis, 2nd ed., ch. 11. Passonneau, R. (2006). Measuring
    agreement on set-valued items (MASI). LREC.

    Examples
    --------
    >>> ratings = pd.DataFrame({"A": [1, 2, 3, 3, 2], "B": [1, 2, 3, 2, 2]})
    >>> krippendorff_alpha(ratings, replicates=0)["alpha"].round(3).tolist()
    [0.71]
    """
    if measurement not in MEASUREMENTS:
        raise ScoringError(
            f"'{measurement}' is not a level of measurement. "
            f"{nearest(str(measurement), MEASUREMENTS)}"
        )
    counts, values = _counts(ratings, measurement)
    distance = None if measurement == "ordinal" else distances(values, measurement)
    if clusters is not None and (len(clusters) != len(ratings) or clusters.isna().any()):
        raise ScoringError(
            "Each unit needs the cluster that it belongs to: `clusters` has another length than "
            "`ratings`, or gaps."
        )
    groups = np.arange(len(ratings)) if clusters is None else pd.factorize(clusters)[0]
    table = _table(counts, distance, groups, MINIMA, replicates, seed, confidence)
    table.insert(0, "level", measurement)
    table["n_coders"] = int(ratings.notna().to_numpy().any(axis=0).sum())
    table["n_values"] = int((counts.sum(axis=0) > 0).sum())
    return table


@returns(
    "by",
    "base",
    Column("distance", "distance of sets", "word"),
    "alpha",
    *bounds("alpha"),
    "q_0667",
    "q_0800",
    "n_judged",
    "undefined_replicates",
    "n_coders",
    "n_values",
)
def set_agreement(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by: By = "interview",
    distance: Literal["masi", "jaccard", "nominal"] = "masi",
    language: str = "ru",
    replicates: int = 2000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return alpha for sets of codes.

    A unit's value is the set of codes that a coder gave to it, and sets may agree in part.

    Parameters
    ----------
    segments, interviews, codes, by, language, replicates, confidence : as in `agreement`; the sets
        are of codes as they were given, a group only where it was given itself
    distance : "masi", "jaccard", or "nominal" (equal sets or not)

    Returns
    -------
    One row a base: `by, base, distance, alpha, ci_low, ci_high, q_0667, q_0800, n_judged,
    undefined_replicates, n_coders, n_values` (different sets).

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = set_agreement(segments, interviews, study.codes, replicates=200)
    >>> table[["base", "distance"]]
            base distance
    0  all_units     masi
    """
    if distance not in ("masi", "jaccard", "nominal"):
        raise ScoringError(
            f"'{distance}' is not a distance of sets. "
            f"{nearest(str(distance), ('masi', 'jaccard', 'nominal'))}"
        )
    names = chosen_codes(None, codes.names)
    segments, interviews = prepared(segments, interviews, codes.names)
    judged = judgements(units(segments, interviews, by, language), segments, interviews, names, by)
    parts = []
    for name, part in by_base(judged, None, by):
        rows = part.yes.reshape(-1, len(names))
        sets, which = np.unique(rows, axis=0, return_inverse=True)
        which = which.reshape(part.coded.shape)
        counts = np.zeros((len(part.yes), len(sets)))
        unit, coder = np.nonzero(part.coded)
        np.add.at(counts, (unit, which[unit, coder]), 1)
        matrix = set_distances(sets, distance)
        table = _table(
            counts, matrix, part.interview, MINIMA, replicates, SEED, confidence, part.size
        )
        table.insert(0, "by", by)
        table.insert(1, "base", name)
        table.insert(2, "distance", distance)
        table["n_coders"] = int(part.coded.any(axis=0).sum())
        table["n_values"] = int((counts.sum(axis=0) > 0).sum())
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _counts(ratings: pd.DataFrame, measurement: Measurement) -> tuple[np.ndarray, list[object]]:
    """Return how many coders gave each unit each value, and the values in order."""
    cells = ratings.to_numpy(dtype=object)
    if measurement in ("masi", "jaccard"):
        values_of: list[list[object]] = [[_set(value) for value in row] for row in cells]
    else:
        values_of = [[None if pd.isna(value) else value for value in row] for row in cells]
    values: list[object] = list(
        dict.fromkeys(value for row in values_of for value in row if value is not None)
    )
    if measurement in ("ordinal", "interval", "ratio"):
        try:
            values_of = [
                [None if value is None else float(str(value)) for value in row] for row in values_of
            ]
        except ValueError as error:
            raise ScoringError(
                f"Alpha at the {measurement} level needs numbers: {error}."
            ) from error
        numbers = sorted(
            {float(str(value)) for row in values_of for value in row if value is not None}
        )
        if measurement == "ratio" and numbers and numbers[0] < 0:
            raise ScoringError("Alpha at the ratio level needs values of 0 or more.")
        values = list(numbers)
    place = {value: number for number, value in enumerate(values)}
    counts = np.zeros((len(values_of), len(values)))
    for unit, row in enumerate(values_of):
        for value in row:
            if value is not None:
                counts[unit, place[value]] += 1
    return counts, values


def _set(value: object) -> frozenset[object] | None:
    if isinstance(value, set | frozenset | list | tuple):
        return frozenset(value)
    if pd.isna(value):
        return None
    raise ScoringError(
        f"'{value}' is not a set of codes; an empty set says that nothing was found, a missing "
        "cell that nobody coded."
    )


def distances(values: list[object], measurement: Measurement) -> np.ndarray:
    """Return the squared distances of values at the nominal, interval and ratio level.

    Or the distances of sets.
    """
    if measurement == "nominal":
        return 1.0 - np.eye(len(values))
    if measurement in ("masi", "jaccard"):
        members = sorted({str(code) for value in values for code in value})  # type: ignore[attr-defined]
        place = {code: number for number, code in enumerate(members)}
        sets = np.zeros((len(values), len(members)), dtype=bool)
        for row, value in enumerate(values):
            sets[row, [place[str(code)] for code in value]] = True  # type: ignore[attr-defined]
        return set_distances(sets, measurement)
    numbers = np.array(values, dtype=float)
    gap = numbers[:, None] - numbers[None, :]
    if measurement == "interval":
        return np.asarray(gap**2)
    total = numbers[:, None] + numbers[None, :]
    return np.asarray(np.divide(gap, total, out=np.zeros_like(gap), where=total != 0) ** 2)


def set_distances(sets: np.ndarray, distance: str) -> np.ndarray:
    """Return the distances of sets (rows of a boolean matrix).

    0 of two empty sets, 1 of sets without a common code.

    Jaccard: 1 - common / all. MASI: 1 - common / all times 1 (equal), 2/3 (one holds the other),
    1/3 (they overlap).
    """
    bits = sets.astype(float)
    common = bits @ bits.T
    size = bits.sum(axis=1)
    union = size[:, None] + size[None, :] - common
    smaller = np.minimum(size[:, None], size[None, :])
    same = union == common
    if distance == "nominal":
        return np.asarray(1.0 - same)
    share = np.divide(common, union, out=np.ones_like(common), where=union > 0)
    if distance == "masi":
        share = share * np.where(
            same, 1.0, np.where(common == smaller, _SUBSET, np.where(common > 0, _OVERLAP, 0.0))
        )
    return np.asarray(1.0 - share)


def _table(
    counts: np.ndarray,
    distance: np.ndarray | None,
    groups: np.ndarray,
    minimum: tuple[float, ...],
    replicates: int,
    seed: int,
    confidence: float,
    size: np.ndarray | None = None,
) -> pd.DataFrame:
    """Return alpha and its bootstrap from counts of values by unit.

    `distance` None: ordinal, which depends on the counts themselves.
    """
    check_replicates(replicates)
    m = counts.sum(axis=1)
    kept = m >= 2
    counts, m, groups = counts[kept], m[kept], groups[kept]
    weight = np.ones(len(counts)) if size is None else size[kept]
    clusters, number = np.unique(groups, return_inverse=True)
    margins = np.zeros((len(clusters), counts.shape[1]))
    np.add.at(margins, number, counts * weight[:, None])
    if distance is None:
        scaled = counts * (weight / (m - 1))[:, None]
        pairs = np.zeros((len(clusters), counts.shape[1], counts.shape[1]))
        for place in range(counts.shape[1]):  # over values, which an ordinal scale has few of
            np.add.at(pairs[:, place, :], number, scaled[:, [place]] * counts)

        def measure(drawn: np.ndarray) -> np.ndarray:
            return _ordinal(np.tensordot(drawn, pairs, axes=1), drawn @ margins)
    else:
        observed = np.zeros(len(clusters))
        np.add.at(observed, number, ((counts @ distance) * counts).sum(axis=1) * weight / (m - 1))

        def measure(drawn: np.ndarray) -> np.ndarray:
            n = drawn @ margins
            total = n.sum(axis=1)
            expected = ((n @ distance) * n).sum(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.where(
                    expected > 0, 1 - (total - 1) * (drawn @ observed) / expected, np.nan
                )

    alpha = measure(np.ones((1, len(clusters))))[0] if len(clusters) else np.nan
    values = np.full(max(replicates, 1), np.nan)
    if replicates and len(clusters):
        drawn = draws(len(clusters), replicates, seed).astype(float)
        width = counts.shape[1] ** 2 if distance is None else counts.shape[1]
        step = max(1, _AT_ONCE // max(width, 1))
        values = np.concatenate(
            [measure(drawn[at : at + step]) for at in range(0, replicates, step)]
        )
    defined = np.isfinite(values)
    usable = bool(np.isfinite(alpha) and defined.any() and len(clusters) > 1)
    low, high = percentile_interval(values[:, None], np.array([usable]), confidence)
    row: dict[str, object] = {"alpha": alpha, "ci_low": low[0], "ci_high": high[0]}
    row |= {
        name: share[0]
        for name, share in chances(values[:, None], np.array([usable]), minimum).items()
    }
    row |= {
        "n_judged": round(weight.sum()),
        "undefined_replicates": 1 - defined.mean() if usable else np.nan,
    }
    return pd.DataFrame([row])


def _ordinal(pairs: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return ordinal alpha of replicates.

    The distance of two values counts the ratings from one to the other, half of those at each end.
    """
    middle = np.cumsum(margins, axis=1) - margins / 2
    distance = (middle[:, :, None] - middle[:, None, :]) ** 2
    total = margins.sum(axis=1)
    expected = (distance * margins[:, :, None] * margins[:, None, :]).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            expected > 0, 1 - (total - 1) * (pairs * distance).sum(axis=(1, 2)) / expected, np.nan
        )
