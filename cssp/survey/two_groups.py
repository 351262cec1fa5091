"""One item between two groups: ranks where answers are ordered, else a crossing."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from cssp.survey.comparison_notes import Notes
from cssp.survey.crosstab import chi_square, conditional_p, v_interval
from cssp.survey.ranks import (
    Pairs,
    effect_interval,
    effect_p,
    exact_p,
    exact_p_with_ties,
    exact_rows,
    mann_whitney,
    null_spread,
)

#: With fewer answers in a group, ties or not, p of the ranks is exact.
FEW_RANKS = 10


def compare_ranks(
    pairs: Pairs,
    sides: tuple[np.ndarray, np.ndarray],
    confidence: float,
    power: float,
    notes: Notes | None,
) -> dict[str, object]:
    """Return the columns of the rank comparison: probability of superiority, its interval, p."""
    z, p = mann_whitney(pairs)
    exact = exact_rows(pairs)
    smaller = np.minimum(pairs.n_a, pairs.n_b)
    few = (smaller > 0) & (smaller < FEW_RANKS) & ~exact & ~pairs.alike
    if notes is not None and few.any():
        known: dict[bytes, float] = {}
        for row in np.flatnonzero(few):
            key = np.stack([side[row] for side in sides]).astype(np.int32).tobytes()
            if key not in known:
                known[key] = exact_p_with_ties(*(side[row] for side in sides))
            p[row] = known[key]
        notes.add(few, NOTE_EXACT_TIES)
    if notes is not None and exact.any():
        for row in np.flatnonzero(exact):
            p[row] = exact_p(int(pairs.n_a[row]), int(pairs.n_b[row]), float(pairs.u[row]))
        notes.add(exact, NOTE_EXACT)
    level = effect_p(pairs)
    level = np.where((smaller < FEW_RANKS) | np.isnan(level), p, level)
    low, high = effect_interval(pairs, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = (ndtri(0.5 + confidence / 2) + ndtri(power)) * null_spread(pairs)
        detectable = np.where(
            pairs.empty | pairs.alike, np.nan, 2 * shift / (pairs.n_a * pairs.n_b)
        )
    return {
        "u": np.where(pairs.empty, np.nan, pairs.u),
        "z": z,
        "p": p,
        "p_level": level,
        "rank_biserial": pairs.effect,
        "ci_low": low,
        "ci_high": high,
        # more than 1 is out of reach: no difference, however large, is found with this power
        "detectable": np.where(detectable > 1, np.inf, detectable),
    }


def compare_crossing(
    a: np.ndarray, b: np.ndarray, pairs: Pairs, confidence: float, seed: int, notes: Notes
) -> dict[str, np.ndarray]:
    """Return the columns of the crossing: chi-square, its p, Cramér's V with its interval."""
    found = chi_square(a, b)
    n = pairs.n_a + pairs.n_b
    found["v_low"], found["v_high"] = v_interval(found["chi2"], found["dof"], n, confidence)
    with np.errstate(invalid="ignore"):
        # where the groups differ less than chance has them differ, every bound is below V: such an
        # interval says nothing
        outside = found["v_high"] < found["cramers_v"]
    found["v_low"][outside] = found["v_high"][outside] = np.nan
    notes.add(outside, NOTE_NO_V)
    with np.errstate(invalid="ignore"):
        small = np.flatnonzero(found["smallest_expected"] < 5)
    exact = np.zeros(len(n), dtype=bool)
    known: dict[bytes, tuple[float, bool]] = {}
    for row in small:
        # the same table gives the same p, whichever row it stands in
        key = np.stack([a[row], b[row]]).astype(np.int32).tobytes()
        if key not in known:
            # the draws depend on the table alone, so that an item's p is the same whatever else is
            # compared
            source = np.random.default_rng([seed, *a[row].astype(int), *b[row].astype(int)])
            known[key] = conditional_p(a[row], b[row], source)
        found["p_chi2"][row], exact[row] = known[key]
    chosen = np.isin(np.arange(len(n)), small)
    notes.add(chosen & exact, NOTE_SMALL_EXPECTED)
    notes.add(chosen & ~exact, NOTE_SIMULATED)
    return found


NOTE_SMALL_EXPECTED = "smallest expected count under 5: exact p of chi-square"


NOTE_SIMULATED = "smallest expected count under 5: simulated p of chi-square"


NOTE_EXACT = "no ties and few answers: exact p"


NOTE_EXACT_TIES = "a group of fewer than 10 answers: exact p given the ties"


NOTE_NO_V = "V below what chance alone gives: no interval"
