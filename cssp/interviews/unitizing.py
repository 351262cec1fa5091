"""Did the coders cut the text alike? Krippendorff's alpha for unitising, code by code.

From the segments' ends.

alpha-U compares sections, not characters: two overlapping segments disagree by the squares of how
far their ends lie apart, a segment
that lies within another coder's gap by the square of its length. Reference: Krippendorff, K.
(1995). On the reliability of unitizing continuous
data. Sociological Methodology, 25, 47-76; (2004) Content Analysis, 2nd ed., ch. 11.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from cssp.interviews.agreement import (
    NOTE_NEVER_DIFFER,
    NOTE_ONE_CODER,
    NOTE_ONE_INTERVIEW,
    NOTE_UNUSED,
)
from cssp.interviews.agreement_sums import chances, check_replicates, draws, percentile_interval
from cssp.interviews.coding import below, chosen_codes, prepared
from cssp.interviews.units import coders_of
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError


@returns(
    "code",
    "n_interviews",
    Column("n_characters", "characters", "whole"),
    "n_coders",
    Column("n_segments", "segments", "whole"),
    Column("observed", "observed disagreement", "number3"),
    "expected",
    Column("alpha_u", "alpha-U", "number2"),
    *bounds("alpha"),
    "q_0667",
    "q_0800",
    "note",
)
def unitizing_alpha(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem | list[str],
    minimum: tuple[float, ...] = (0.667, 0.8),
    replicates: int = 2000,
    seed: int = 20240101,
    confidence: float = 0.95,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return alpha-U for each code, and overall.

    Whether the coders mark the same stretches, however much of the text nobody marks.

    The texts are one continuum, cut at the interviews' borders; a coder's overlapping segments of
    one code are one. Interviews with one coder
    are left out. With a varying number of coders an interview weighs as its number of coders, which
    for a constant number is the published
    formula. `overall` sums the disagreements of the codes that `agreement` pools.

    Parameters
    ----------
    segments, interviews, codes, minimum, replicates, seed, confidence : as in `agreement`; `text`
        (or `characters`) gives the texts' lengths
    only : codes to be shown; left out: all

    Returns
    -------
    One row a code and a last one `overall`: `code, n_interviews, n_characters, n_coders,
    n_segments, observed, expected, alpha_u, ci_low, ci_high,
    q_0667, q_0800, note`.

    Raises
    ------
    ScoringError
        A text without its length, an unknown code, or a negative number of replicates.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = unitizing_alpha(segments, interviews, study.codes, replicates=200)
    >>> bool(table["alpha_u"].dropna().le(1).all())
    True
    """
    check_replicates(replicates)
    members = below(codes) if isinstance(codes, CodeSystem) else {name: [name] for name in codes}
    marked, texts = prepared(segments, interviews, members)
    shown = chosen_codes(only, members)
    given = {*(codes.leaves if isinstance(codes, CodeSystem) else members), *marked["code"]}
    pooled = [code for code in shown if code in given] or shown
    length = _lengths(texts)
    coders, by_interview = coders_of(texts)
    keys = [
        key
        for key in zip(texts["city"], texts["interview"], strict=True)
        if len(by_interview[key]) >= 2
    ]
    number = {key: place for place, key in enumerate(keys)}
    sizes = np.array([length[key] for key in keys], dtype=float)
    judges = np.array([len(by_interview[key]) for key in keys], dtype=float)
    drawn = (
        draws(len(keys), replicates, seed).astype(float)
        if keys and replicates
        else np.empty((0, len(keys)))
    )
    known = np.array(
        [key in number for key in zip(marked["city"], marked["interview"], strict=True)], dtype=bool
    )
    marked = marked[known]
    rows = []
    sums: list[tuple[np.ndarray, ...]] = []
    count = 0
    for code in shown:
        own = marked[marked["code"].isin(members[code])]
        parts = _parts(own, keys, by_interview, sizes)
        terms = _terms(np.vstack([np.ones(len(keys)), drawn]), parts, sizes, judges)
        if code in pooled:
            sums.append(terms)
            count += parts.count
        rows.append(_row(code, terms, parts.count, minimum, confidence, keys, sizes, coders))
    if sums:
        total = (
            np.nansum([terms[0] for terms in sums], axis=0),
            np.nansum([terms[1] for terms in sums], axis=0),
        )
        rows.append(_row("overall", total, count, minimum, confidence, keys, sizes, coders))
    return pd.DataFrame(rows)


def _row(
    code: str,
    terms: tuple[np.ndarray, ...],
    count: int,
    minimum: tuple[float, ...],
    confidence: float,
    keys: list[tuple[str, str]],
    sizes: np.ndarray,
    coders: list[str],
) -> dict[str, object]:
    observed, expected = terms
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(expected > 0, 1 - observed / expected, np.nan)
    alpha, replicates = (
        (values[0], values[1:]) if count and len(keys) else (np.nan, values[1:] * np.nan)
    )
    usable = bool(np.isfinite(alpha) and np.isfinite(replicates).any() and len(keys) > 1)
    low, high = percentile_interval(replicates[:, None], np.array([usable]), confidence)
    row: dict[str, object] = {
        "code": code,
        "n_interviews": len(keys),
        "n_characters": int(sizes.sum()),
        "n_coders": len(coders),
        "n_segments": count,
        "observed": observed[0] if len(keys) else np.nan,
        "expected": expected[0] if len(keys) else np.nan,
        "alpha_u": alpha,
        "ci_low": low[0],
        "ci_high": high[0],
    }
    row |= {
        name: share[0]
        for name, share in chances(replicates[:, None], np.array([usable]), minimum).items()
    }
    found = NOTE_NEVER_DIFFER if alpha == 1 else NOTE_ONE_INTERVIEW if len(keys) == 1 else ""
    row["note"] = NOTE_ONE_CODER if not keys else found if count else NOTE_UNUSED
    return row


def _lengths(interviews: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many characters each text has."""
    lengths = {}
    for row in interviews.itertuples():
        text = getattr(row, "text", None)
        length = len(text) if isinstance(text, str) else getattr(row, "characters", None)
        if length is None or length != length:
            raise ScoringError(
                f"The text of '{row.interview}' is missing, so its length is unknown. Compare by "
                "interview, or add the text."
            )
        lengths[(row.city, row.interview)] = int(length)
    return lengths


class _Parts:
    """One code's segments and gaps.

    What the sums of observed and expected disagreement are made of, by interview.
    """

    def __init__(self, interviews: int) -> None:
        self.observed = np.zeros(interviews)
        self.segments: list[tuple[int, float]] = []
        self.gaps: list[tuple[int, float]] = []

    @property
    def count(self) -> int:
        return len(self.segments)


def _parts(
    own: pd.DataFrame,
    keys: list[tuple[str, str]],
    coders: dict[tuple[str, str], list[str]],
    sizes: np.ndarray,
) -> _Parts:
    parts = _Parts(len(keys))
    by_coder = {
        key: part[["start", "end"]].to_numpy(dtype=float)
        for key, part in own.groupby(["city", "interview", "coder"])
    }
    nothing = np.empty((0, 2))
    for place, key in enumerate(keys):
        sections = []
        for coder in coders[key]:
            spans = united(np.clip(by_coder.get((*key, coder), nothing), 0, sizes[place]))
            section = _sections(spans, sizes[place])
            sections.append(section)
            lengths = section[:, 1] - section[:, 0]
            parts.segments += [(place, float(b)) for b in lengths[section[:, 2] == 1]]
            parts.gaps += [(place, float(b)) for b in lengths[section[:, 2] == 0]]
        parts.observed[place] = sum(difference(a, b) for a, b in combinations(sections, 2))
    return parts


def united(spans: np.ndarray) -> np.ndarray:
    """Return spans with overlapping ones made one, in order; touching ones stay two."""
    out: list[list[float]] = []
    for start, end in spans[np.lexsort((spans[:, 1], spans[:, 0]))]:
        if end <= start:
            continue
        if out and start < out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return np.array(out).reshape(-1, 2)


def _sections(spans: np.ndarray, size: float) -> np.ndarray:
    """Return a text's sections in order: `start, end, 1` of a segment, 0 of a gap."""
    rows: list[tuple[float, float, float]] = []
    place = 0.0
    for start, end in spans:
        if start > place:
            rows.append((place, start, 0))
        rows.append((start, end, 1))
        place = end
    if size > place:
        rows.append((place, size, 0))
    return np.array(rows).reshape(-1, 3)


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Return the sum of squared differences of two coders' sections of one text."""
    total = 0.0
    segments_a, segments_b = first[first[:, 2] == 1], second[second[:, 2] == 1]
    if len(segments_a) and len(segments_b):
        start = segments_a[:, None, 0] - segments_b[None, :, 0]
        end = segments_a[:, None, 1] - segments_b[None, :, 1]
        overlap = (segments_a[:, None, 0] < segments_b[None, :, 1]) & (
            segments_b[None, :, 0] < segments_a[:, None, 1]
        )
        total += float(((start**2 + end**2) * overlap).sum())
    for segments, gaps in (
        (segments_a, second[second[:, 2] == 0]),
        (segments_b, first[first[:, 2] == 0]),
    ):
        if len(segments) and len(gaps):
            within = (gaps[None, :, 0] <= segments[:, None, 0]) & (
                segments[:, None, 1] <= gaps[None, :, 1]
            )
            total += float((((segments[:, 1] - segments[:, 0]) ** 2)[:, None] * within).sum())
    return total


def _terms(
    weights: np.ndarray, parts: _Parts, sizes: np.ndarray, judges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return observed and expected disagreement of replicates (rows of how often each interview
    is drawn).
    """
    length = weights @ sizes
    laid = weights @ (sizes * judges)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (
            weights
            @ np.where(judges > 1, 2 * parts.observed / np.maximum(judges - 1, 1), 0)
            / (laid * length)
        )
    if not parts.segments:
        return observed, np.zeros(len(weights))
    of_segment, b = (np.array(column) for column in zip(*parts.segments, strict=True))
    of_segment = of_segment.astype(int)
    drawn = weights[:, of_segment]
    count = drawn.sum(axis=1)
    other = np.zeros(len(weights))
    if parts.gaps:
        of_gap, gap = (np.array(column) for column in zip(*parts.gaps, strict=True))
        room = (
            np.where(gap[None, :] >= b[:, None], gap[None, :] - b[:, None] + 1, 0.0)
            * (b**2)[:, None]
        )
        # segments and gaps of an interview are drawn together, so the sum is a form in the weights
        # of interviews
        matrix = np.zeros((len(sizes), len(sizes)))
        np.add.at(matrix, (of_segment[:, None], of_gap.astype(int)[None, :]), room)
        other = ((weights @ matrix) * weights).sum(axis=1)
    own = (count - 1) / 3 * (drawn @ (2 * b**3 - 3 * b**2 + b))
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = 2 / length * (own + other) / (laid * (laid - 1) - drawn @ (b * (b - 1)))
    return observed, np.where(np.isfinite(expected), expected, np.nan)
