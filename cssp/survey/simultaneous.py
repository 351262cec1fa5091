"""Shares with intervals that hold for all answers of an item together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtri

from cssp.stats.columns import bounds, returns
from cssp.stats.intervals import wilson
from cssp.survey.describe import NOTE_RARE
from cssp.survey.frequency import FrequencyTable, need_counts, substantive_codes


@returns(
    "item",
    "city",
    "answer",
    "count",
    "n",
    "share",
    *bounds("share"),
    *bounds("share", "goodman_low", "goodman_high", "simultaneous from", "simultaneous to"),
    "note",
)
def simultaneous_shares(freq: FrequencyTable, confidence: float = 0.95) -> pd.DataFrame:
    """Return the share of every answer with its single and its simultaneous interval.

    The single interval (Wilson) holds for one answer chosen beforehand; the simultaneous one
    (Goodman) for all answers of the
    item together: use it when the eye has picked the answer out of the table. Base: substantive
    answers.

    Returns
    -------
    One row an item, group and substantive answer: `item, *by, answer, count, n, share, ci_low,
    ci_high` (Wilson),
    `goodman_low, goodman_high, note`; no intervals for weighted counts.

    References
    ----------
    Goodman, L. A. (1965). On simultaneous confidence intervals for multinomial proportions.
    Technometrics, 7(2), 247-254.

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("q", {"all": [56, 72, 73, 59, 62, 87, 58]})
    >>> simultaneous_shares(freq)[["share", "goodman_low", "goodman_high"]].head(1)
       share  goodman_low  goodman_high
    0  0.120        0.085         0.166
    """
    need_counts(freq)
    keys = list(freq.index.names)
    names = [
        *keys,
        "answer",
        "count",
        "n",
        "share",
        "ci_low",
        "ci_high",
        "goodman_low",
        "goodman_high",
        "note",
    ]
    parts = []
    for item, block in freq.counts.groupby(level="item", sort=False):
        codes = substantive_codes(freq, str(item))
        counts = block[codes].to_numpy(dtype=float)
        n = np.repeat(counts.sum(axis=1), len(codes))
        count = counts.ravel()
        rows = block.index.repeat(len(codes)).to_frame(index=False)
        rows["answer"] = np.tile(codes, len(block))
        rows["count"], rows["n"] = count, n
        if not freq.weighted:
            rows[["count", "n"]] = rows[["count", "n"]].astype("int64")
        with np.errstate(invalid="ignore", divide="ignore"):
            rows["share"] = count / n
        rows["ci_low"], rows["ci_high"] = wilson(count, n, confidence)
        rows["goodman_low"], rows["goodman_high"] = goodman(count, n, len(codes), confidence)
        rare = (counts.min(axis=1) == 0) & (counts.sum(axis=1) < 50) & (counts.sum(axis=1) > 0)
        rows["note"] = np.where(np.repeat(rare, len(codes)), NOTE_RARE, "")
        parts.append(rows)
    if not parts:
        return pd.DataFrame(columns=names)
    table = pd.concat(parts, ignore_index=True)
    if freq.weighted:
        table[["ci_low", "ci_high", "goodman_low", "goodman_high"]] = np.nan
    return table[names]


def goodman(
    count: np.ndarray, n: np.ndarray, k: int, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Goodman's (1965) simultaneous intervals of k shares.

    Wilson's form with the chi-square quantile at 1 - alpha / k.

    Returns the lower and upper bounds, missing where n is 0.
    """
    quantile = chdtri(1, (1 - confidence) / k)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / n
        root = np.sqrt(quantile * (quantile + 4 * n * share * (1 - share)))
        low, high = (
            (quantile + 2 * count - root) / (2 * (n + quantile)),
            (quantile + 2 * count + root) / (2 * (n + quantile)),
        )
    low = np.where(count == 0, 0.0, np.clip(low, 0, 1))
    high = np.where(count == n, 1.0, np.clip(high, 0, 1))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
