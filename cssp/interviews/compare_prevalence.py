"""Prevalence of codes compared between groups of interviews."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import boschloo_exact, fisher_exact

from cssp.interviews.prevalence_gaps import prevalence_gaps
from cssp.stats.columns import bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.stats.odds_ratio import conditional_odds
from cssp.study.problems import ScoringError, nearest


@returns(
    "code",
    "named_first",
    "n_first",
    "named_second",
    "n_second",
    "gap",
    *bounds("gap"),
    "odds_ratio",
    *bounds("odds_ratio", "odds_low", "odds_high", "odds ratio from", "odds ratio to"),
    "test",
    "p",
    "p_adjusted",
)
def compare_prevalence(
    prevalence: pd.DataFrame,
    first: str,
    second: str,
    by: str = "city",
    test: Literal["boschloo", "fisher"] = "boschloo",
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Test code by code whether two groups' interviews name it unequally often.

    The table is 2 x 2: named and not, in each group. Boschloo's exact test is as a rule stronger
    than Fisher's; both are two-sided (SciPy doubles
    Boschloo's one-sided p). The odds ratio is the conditional maximum-likelihood one, with the
    exact interval of two one-sided tests, so an
    interval and a p near their bounds may disagree. A code that nobody in either group names, or
    everybody, cannot be compared and has neither p nor odds ratio.

    Parameters
    ----------
    prevalence : table from `code_prevalence`
    first, second : the groups, values of the column `by`
    test : "boschloo" or "fisher"
    correction : "holm", "fdr_bh" or "none", over the codes that can be compared
    confidence : of the intervals

    Returns
    -------
    One row a code: the columns of `prevalence_gaps`, and `odds_ratio, odds_low, odds_high, test, p,
    p_adjusted`, `first, second` (the groups). An odds ratio above 1: the first names it more
    often; 0 and infinity stand where a group has a zero.

    Raises
    ------
    ScoringError
        An unknown test, correction or group.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> from cssp import code_prevalence
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = code_prevalence(segments, interviews, study.codes)
    >>> bool(compare_prevalence(table, *study.cities[:2])["p"].dropna().between(0, 1).all())
    True
    """
    if test not in ("boschloo", "fisher"):
        raise ScoringError(f"'{test}' is not a test. {nearest(str(test), ('boschloo', 'fisher'))}")
    check_correction(correction)
    known = list(dict.fromkeys(prevalence[by]))
    for group in (first, second):
        if group not in known:
            raise ScoringError(
                f"There is no {by} '{group}'. {nearest(str(group), map(str, known))}"
            )
    table = prevalence_gaps(prevalence, first, second, by, confidence)
    named = table[["named_first", "named_second"]].to_numpy(dtype=int)
    cells = np.stack([named, table[["n_first", "n_second"]].to_numpy(dtype=int) - named], axis=2)
    tested = _compared(cells, test, confidence)
    tested.insert(3, "test", test)
    tested["p_adjusted"] = adjust(tested["p"].to_numpy(), correction)
    return pd.concat([table, tested], axis=1).assign(first=first, second=second)


def _compared(cells: np.ndarray, test: str, confidence: float) -> pd.DataFrame:
    """Return the conditional odds ratio, its exact interval and the exact p of each 2 x 2 table.

    Codes of the same counts are compared once.
    """
    kinds, which = np.unique(cells, axis=0, return_inverse=True)
    found = np.full((len(kinds), 4), np.nan)
    able = (kinds.sum(axis=1) > 0).all(
        axis=1
    )  # a code that nobody or everybody names cannot be compared
    if able.any():
        found[able, :3] = np.column_stack(conditional_odds(kinds[able], confidence))
        exact = fisher_exact if test == "fisher" else lambda square: boschloo_exact(square.T)
        found[able, 3] = [float(exact(square).pvalue) for square in kinds[able]]
    return pd.DataFrame(found[which.ravel()], columns=["odds_ratio", "odds_low", "odds_high", "p"])
