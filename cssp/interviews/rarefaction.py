"""How many codes the first interviews name, over all orders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.interviews.saturation import Rule, everywhere_too, missed
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError


@returns(
    "city",
    "interviews",
    "expected",
    "sd",
    *bounds("expected", "codes_low", "codes_high", "codes from", "codes to"),
    Column("codes_in_order", "in the order held", "whole"),
    "codes_in_system",
)
def rarefaction(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    rule: Rule = "all",
    orders: int = 2000,
    seed: int = 20240101,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how many codes the first interviews name.

    Over all orders in which they could have been held.

    The order held is one of many; the expectation over all orders is exact: sum over codes of 1 -
    C(N - n, t) / C(N, t), and so is its standard
    deviation. The interval is of `orders` random orders.

    Parameters
    ----------
    rule : whether an interview names a code if any of its coders gave it, or all
    seed : of the random numbers
    confidence : of the intervals

    Returns
    -------
    One row a city (and `all_cities` where there are several) and number of interviews: `city,
    interviews` (t), `expected, sd, codes_low, codes_high`
    (quantiles of the random orders), `codes_in_order` (named in the order held), `codes_in_system`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> curve = rarefaction(segments, interviews, study.codes, orders=200)
    >>> curve["city"].nunique() == len(study.cities) + 1
    True
    """
    if orders < 1:
        raise ScoringError("Random orders are needed: one or more.")
    parts = []
    for city, named in everywhere_too(segments, interviews, codes, rule):
        marks = named.to_numpy()
        total = len(marks)
        if not total:
            continue
        t = np.arange(1, total + 1)
        absent = missed(marks.sum(axis=0), total)
        pairs = (
            marks.sum(axis=0)[:, None] + marks.sum(axis=0)[None, :] - marks.T.astype(int) @ marks
        )
        both = missed(pairs.ravel(), total).reshape(total, *pairs.shape)
        variance = (both - absent[:, :, None] * absent[:, None, :]).sum(axis=(1, 2))
        rng = np.random.default_rng(seed)
        shuffled = np.argsort(rng.random((orders, total)), axis=1)
        counts = np.maximum.accumulate(marks[shuffled], axis=1).sum(axis=2)
        low, high = np.quantile(counts, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
        parts.append(
            pd.DataFrame(
                {
                    "city": city,
                    "interviews": t,
                    "expected": (1 - absent).sum(axis=1),
                    "sd": np.sqrt(np.maximum(variance, 0)),
                    "codes_low": low,
                    "codes_high": high,
                    "codes_in_order": np.maximum.accumulate(marks, axis=0).sum(axis=1),
                    "codes_in_system": marks.shape[1],
                }
            )
        )
    columns = [
        "city",
        "interviews",
        "expected",
        "sd",
        "codes_low",
        "codes_high",
        "codes_in_order",
        "codes_in_system",
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
