"""Corrections of p-values for how many there are."""

from __future__ import annotations

import numpy as np

from cssp.study.problems import ScoringError, nearest

CORRECTIONS = ("holm", "bonferroni", "fdr_bh", "none")


def check_correction(correction: str) -> None:
    """Refuse an unknown correction; returns nothing.

    >>> check_correction("holm")
    """
    if correction not in CORRECTIONS:
        raise ScoringError(
            f"'{correction}' is not a correction. {nearest(str(correction), CORRECTIONS)}"
        )


def adjust(p: np.ndarray, correction: str) -> np.ndarray:
    """Correct p-values for their number; missing ones stay missing and do not count.

    >>> adjust(np.array([0.01, 0.04, np.nan, 0.03]), "holm")
    array([0.03, 0.06,  nan, 0.06])
    >>> adjust(np.array([0.01, 0.04, 0.03]), "fdr_bh")
    array([0.03, 0.04, 0.04])
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full_like(p, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    if correction == "none" or not len(known):
        adjusted[known] = p[known]
        return adjusted
    order = known[np.argsort(p[known], kind="stable")]
    m = len(order)
    if correction == "bonferroni":
        steps = p[order] * m
    elif correction == "holm":
        steps = np.maximum.accumulate(p[order] * (m - np.arange(m)))
    else:
        steps = np.minimum.accumulate((p[order] * m / np.arange(1, m + 1))[::-1])[::-1]
    adjusted[order] = np.minimum(steps, 1)
    return adjusted
