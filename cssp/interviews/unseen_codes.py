"""Codes not heard yet: rarefaction and Chao's estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.interviews.saturation import NOTE_ABOVE_SYSTEM, NOTE_NOTHING_ONCE, Rule, everywhere_too
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem


@returns(
    "city",
    "n_interviews",
    Column("heard", "codes heard", "whole"),
    Column("once", "named in one interview", "whole"),
    Column("twice", "named in two", "whole"),
    Column("chao2", "codes in all (Chao2)", "number1"),
    *bounds("chao2"),
    Column("unseen", "not heard yet", "number1"),
    "codes_in_system",
    "note",
)
def unseen_codes(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    rule: Rule = "all",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how many codes there are, heard and not heard yet.

    By Chao2 with its log-normal interval.

    Codes that one interview names (Q1) against those that two name (Q2) tell how many none has
    named: observed + (m - 1) / m Q1^2 / (2 Q2),
    or, without codes named twice, (m - 1) / m Q1 (Q1 - 1) / 2. It is a lower bound, of what such
    interviews with such coders could bring;
    with a code system fixed beforehand nothing beyond it can be found, so an estimate above
    `codes_in_system` says that the system is too narrow.

    Parameters
    ----------
    rule : whether an interview names a code if any of its coders gave it, or all
    confidence : of the intervals

    Returns
    -------
    One row a city (and `all_cities` where there are several): `city, n_interviews, heard, once`
    (Q1), `twice` (Q2), `chao2, ci_low, ci_high,
    unseen, codes_in_system, note`. Where no code was named once there is nothing to estimate from,
    and no interval.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = unseen_codes(segments, interviews, study.codes)
    >>> bool((table["chao2"] >= table["heard"]).all())
    True
    """
    rows = []
    for city, named in everywhere_too(segments, interviews, codes, rule):
        count = named.to_numpy().sum(axis=0)
        estimate, low, high = chao2(count, len(named), confidence)
        observed = int((count > 0).sum())
        note = (
            NOTE_NOTHING_ONCE
            if np.isnan(low)
            else NOTE_ABOVE_SYSTEM
            if estimate > named.shape[1]
            else ""
        )
        rows.append(
            {
                "city": city,
                "n_interviews": len(named),
                "heard": observed,
                "once": int((count == 1).sum()),
                "twice": int((count == 2).sum()),
                "chao2": estimate,
                "ci_low": low,
                "ci_high": high,
                "unseen": estimate - observed,
                "codes_in_system": named.shape[1],
                "note": note,
            }
        )
    return pd.DataFrame(rows)


def chao2(
    count: np.ndarray, interviews: int, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return Chao2 and its log-normal interval (missing where nothing points to codes not heard).

    From how many interviews name each code.

    >>> [round(value, 2) for value in chao2(np.array([1, 1, 1, 2, 2, 5, 7]), 14)]
    [9.09, 7.24, 24.84]
    """
    observed = float((count > 0).sum())
    once, twice = float((count == 1).sum()), float((count == 2).sum())
    if interviews < 2 or not observed:
        return observed, float("nan"), float("nan")
    k = (interviews - 1) / interviews
    if twice:
        ratio = once / twice
        estimate = observed + k * once**2 / (2 * twice)
        variance = twice * (k / 2 * ratio**2 + k**2 * ratio**3 + k**2 / 4 * ratio**4)
    else:
        estimate = observed + k * once * (once - 1) / 2
        variance = (
            k * once * (once - 1) / 2
            + k**2 * once * (2 * once - 1) ** 2 / 4
            - k**2 * once**4 / (4 * estimate)
        )
    unseen = estimate - observed
    if unseen <= 0:
        return estimate, float("nan"), float("nan")
    spread = float(
        np.exp(ndtri(0.5 + confidence / 2) * np.sqrt(np.log1p(max(variance, 0) / unseen**2)))
    )
    return estimate, observed + unseen / spread, observed + unseen * spread
