"""How many respondents an effect needs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError
from cssp.survey.count_arrays import check_whole
from cssp.survey.frequency import FrequencyTable, need_counts, substantive_codes
from cssp.survey.power import check


@returns("item", "effect", Column("n_each", "n in each group", "whole"), "test_level", "power")
def needed_n(
    freq: FrequencyTable,
    items: Iterable[str],
    effects: Iterable[float] = (0.1, 0.2, 0.3, 0.4, 0.5),
    significance: float = 0.05,
    power: float = 0.8,
) -> pd.DataFrame:
    """Return how many answers in each of two equal groups the Mann-Whitney test needs to find an
    effect, with the item's ties.

    Normal approximation (Noether 1987 with the correction for ties): the variance of the
    rank-biserial is (N + 1)(1 - T) / (3 n_a n_b), T the share
    of the variance that ties take.

    Parameters
    ----------
    items : names of the items
    significance : level of the test

    Returns
    -------
    One row an item and effect: `item, effect, n_each` (respondents with a substantive answer in
    each group), `test_level, power`.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> item = study.questionnaire.names("ordinal", focus=True)[0]
    >>> freq = frequency_table(load_survey(study), [item])
    >>> needed_n(freq, [item], effects=[0.2])["n_each"].tolist()
    [120]
    """
    need_counts(freq)
    check(significance, power)
    check_whole(freq)
    reach = ndtri(1 - significance / 2) + ndtri(power)
    lines = []
    for item in items:
        rows = freq[freq.index.get_level_values("item") == item]
        if not len(rows):
            raise ScoringError(f"There is no item '{item}' in the table.")
        counts = rows[substantive_codes(freq, item)].to_numpy(dtype=float).sum(axis=0)
        share = counts / counts.sum() if counts.sum() else counts
        free = 1 - (share**3).sum()  # what the ties leave of the variance, in a large survey
        for effect in effects:
            if not 0 < effect <= 1:
                raise ScoringError(f"An effect lies above 0 and at most at 1; {effect} does not.")
            # (2n + 1) free / (3 n^2) = (effect / reach)^2
            target = 3 * (effect / reach) ** 2
            n = (
                (2 * free + np.sqrt(4 * free**2 + 4 * target * free)) / (2 * target)
                if free > 0
                else np.nan
            )
            lines.append(
                {
                    "item": item,
                    "effect": effect,
                    "n_each": int(np.ceil(n - 1e-9)) if np.isfinite(n) else None,
                    "test_level": significance,
                    "power": power,
                }
            )
    table = pd.DataFrame(lines, columns=["item", "effect", "n_each", "test_level", "power"])
    table["n_each"] = table["n_each"].astype("Int64")
    return table
