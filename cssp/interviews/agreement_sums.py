"""Sums over units from which coefficients of agreement are formulas.

So that a bootstrap only weighs the sums of interviews anew.

For one code every unit has `m` coders who judged it, `y` of whom found the code. What is more
general than one coefficient stands here;
each coefficient has its file in `cssp.interviews.coefficients`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from cssp.interviews.units import Judgements
from cssp.study.problems import ScoringError

#: Sums over units: y (m - y) / (m - 1), y, m - y and the size, of units with two judgements or
#: more.
ALPHA_SUMS = 3
SPLIT, YES, NO, PERCENT, PAIRABLE, SHARE, JUDGED = range(7)


def unit_sums(judgements: Judgements, pooled: list[int], interviews: int) -> np.ndarray:
    """Return the sums of every interview.

    Interviews x sums x (codes and, last, the pooled ones together).
    """
    judged = judgements.coded.sum(axis=1).astype(float)
    found = (judgements.yes & judgements.coded[:, :, None]).sum(axis=1).astype(float)
    size = judgements.size[:, None]
    m = judged[:, None]
    pairable, single = m >= 2, m >= 1
    with np.errstate(divide="ignore", invalid="ignore"):
        product = found * (m - found)
        sums = [
            np.where(pairable, size * product / (m - 1), 0.0),
            np.where(pairable, size * found, 0.0),
            np.where(pairable, size * (m - found), 0.0),
        ]
        ones = np.ones_like(found)
        sums += [
            np.where(pairable, size * (1 - 2 * product / (m * (m - 1))), 0.0),
            np.where(pairable, size * ones, 0.0),
            np.where(single, size * found / m, 0.0),
            np.where(single, size * ones, 0.0),
        ]
    return _by_interview(np.stack(sums, axis=1), judgements.interview, interviews, pooled)


def pair_sums(judgements: Judgements, pooled: list[int], interviews: int) -> np.ndarray:
    """Return for every pair of coders the fourfold table: interviews x (pairs x 4.

    Both, only first, only second, neither) x codes.
    """
    tables = []
    for i, j in combinations(range(len(judgements.coders)), 2):
        both = (judgements.coded[:, i] & judgements.coded[:, j])[:, None] * judgements.size[:, None]
        first, second = judgements.yes[:, i], judgements.yes[:, j]
        tables += [
            both * (first & second),
            both * (first & ~second),
            both * (~first & second),
            both * (~first & ~second),
        ]
    if not tables:
        return np.zeros((interviews, 0, len(judgements.codes) + 1))
    return _by_interview(np.stack(tables, axis=1), judgements.interview, interviews, pooled)


def _by_interview(
    values: np.ndarray, interview: np.ndarray, interviews: int, pooled: list[int]
) -> np.ndarray:
    """Add units up to interviews, and the pooled codes to one more column."""
    out = np.zeros((interviews, *values.shape[1:]))
    if len(values):
        # units of an interview stand together, so the sums are differences of places
        starts = np.flatnonzero(np.r_[True, interview[1:] != interview[:-1]])
        out[interview[starts]] = np.add.reduceat(values, starts, axis=0)
    return np.concatenate([out, out[:, :, pooled].sum(axis=2, keepdims=True)], axis=2)


def weighed(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the sums of replicates.

    Replicates x sums x codes, from how often each interview is drawn (replicates x interviews).
    """
    flat = weights.astype(float) @ sums.reshape(len(sums), -1)
    return np.asarray(flat.reshape(len(weights), *sums.shape[1:]))


def percent_agreement(sums: np.ndarray) -> np.ndarray:
    """Return the mean share of agreeing pairs of coders."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., PERCENT, :] / sums[..., PAIRABLE, :])


def chance_corrected(
    sums: np.ndarray, expected: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return (observed - expected) / (1 - expected).

    And the share of judgements that found the code.

    `expected` gives the agreement by chance from that share.
    """
    observed = percent_agreement(sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = sums[..., SHARE, :] / sums[..., JUDGED, :]
        chance = expected(share)
        return (observed - chance) / (1 - chance), share


def cells(pairs: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return of every pair of coders how often both found the code, only the first.

    Only the second, neither.
    """
    shaped = pairs.reshape(*pairs.shape[:-2], pairs.shape[-2] // 4, 4, pairs.shape[-1])
    return tuple(shaped[..., cell, :] for cell in range(4))


def mean_of_pairs(values: np.ndarray) -> np.ndarray:
    """Return the mean over pairs that have a value; missing where none has."""
    known = np.isfinite(values)
    count = known.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count, np.where(known, values, 0).sum(axis=-2) / count, np.nan)


def draws(interviews: int, replicates: int, seed: int) -> np.ndarray:
    """Return how often each interview is drawn in each bootstrap replicate.

    Replicates x interviews.
    """
    return np.random.default_rng(seed).multinomial(
        interviews, np.full(interviews, 1 / interviews), size=replicates
    )


def check_replicates(replicates: int) -> None:
    """Refuse a negative number of bootstrap replicates; none is allowed and gives no interval."""
    if replicates < 0:
        raise ScoringError("The number of bootstrap replicates cannot be negative.")


def chances(
    drawn: np.ndarray, usable: np.ndarray, minimum: tuple[float, ...]
) -> dict[str, np.ndarray]:
    """Return for each minimum the share of replicates below it, column by column.

    `q_0667` and the like; missing where not usable.
    """
    defined = np.isfinite(drawn)
    found = {}
    for bound in minimum:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (np.where(defined, drawn, np.inf) < bound).sum(axis=0) / defined.sum(axis=0)
        found[f"q_{round(bound * 1000):04d}"] = np.where(usable, share, np.nan)
    return found


def percentile_interval(
    drawn: np.ndarray, usable: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentile interval of each column over the replicates that have a value.

    Missing where not usable.
    """
    low, high = np.full(len(usable), np.nan), np.full(len(usable), np.nan)
    tail = (1 - confidence) / 2
    for place in np.flatnonzero(usable):
        column = drawn[:, place]
        low[place], high[place] = np.quantile(column[np.isfinite(column)], [tail, 1 - tail])
    return low, high


def alpha(sums: np.ndarray) -> np.ndarray:
    """Return Krippendorff's nominal alpha of a code.

    Missing where nobody or everybody always found it.

    The observed disagreement is twice the first sum over n, the expected one 2 N1 N0 / (n (n - 1)).
    """
    split, yes, no = sums[..., SPLIT, :], sums[..., YES, :], sums[..., NO, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 1 - (yes + no - 1) * split / (yes * no)
    return np.where((yes <= 0) | (no <= 0), np.nan, value)


def alpha_with_overall(sums: np.ndarray, pooled: list[int]) -> np.ndarray:
    """Return alpha of each code, and in the last column of the pooled codes together.

    Overall is one minus the observed disagreement, added over the codes, by the expected one, added
    code by code. Judgements that are pooled before chance is reckoned count it as agreement that
    one code is found more often than another: coders who mark at random at 80 % and 20 % would have
    an alpha of .36.
    """
    value = alpha(sums)
    split, yes, no = (sums[..., part, :][..., pooled] for part in (SPLIT, YES, NO))
    with np.errstate(invalid="ignore", divide="ignore"):
        by_code = np.where(yes + no > 1, yes * no / (yes + no - 1), 0.0)
        expected = by_code.sum(axis=-1)
        value[..., -1] = np.where(expected > 0, 1 - split.sum(axis=-1) / expected, np.nan)
    return value
