"""Is likeness shown, where no difference is?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from cssp.stats.columns import USUAL, Column, Result, returns
from cssp.study.problems import ScoringError


@returns(
    Column("equivalence_bound", "bound of likeness", "number2"),
    Column("p_equivalence", "p of likeness", "p"),
    Column("alike", "likeness shown", "flag"),
    adds=True,
)
def equivalence(pairs: pd.DataFrame, bound: float, significance: float = 0.05) -> pd.DataFrame:
    """Add to a comparison whether the groups are shown to be alike: two one-sided tests.

    Likeness is shown where the effect is both above -`bound` and below `bound` by a one-sided test
    at `significance` each; that is so where the interval at 1 - 2 * `significance` lies within the
    bounds. Both tests use the interval's own error (DeLong's, on the atanh scale). The p-values are
    not corrected: each row is a claim of its own.

    Parameters
    ----------
    pairs : table from `compare_groups`
    bound : the largest rank-biserial correlation that still counts as alike, set by the study
        before the answers are seen (`equivalence` in study.yaml)
    significance : of each one-sided test

    Returns
    -------
    The table with `equivalence_bound, p_equivalence, alike` (missing where there is no interval).

    Raises
    ------
    ScoringError
        A bound that is not between 0 and 1, or a table without effects.

    References
    ----------
    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics, 15(6), 657-680.
    Lakens, D. (2017). Social Psychological and Personality Science, 8(4), 355-362.

    Examples
    --------
    >>> from cssp import compare_groups, table_of_counts
    >>> freq = table_of_counts("q", {"a": [40, 90, 200, 90, 40], "b": [42, 88, 200, 90, 40]})
    >>> equivalence(compare_groups(freq, between="city"), 0.2)["alike"].tolist()
    [True]
    """
    if not 0 < bound < 1:
        raise ScoringError(f"A bound of likeness lies between 0 and 1, not at {bound:g}.")
    if "rank_biserial" not in pairs:
        raise ScoringError("The comparison has no rank-biserial correlation; ask for 'ranks'.")
    confidence = (pairs.confidence if isinstance(pairs, Result) else None) or USUAL
    edge = ndtri(0.5 + confidence / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect, low, high = (
            np.arctanh(pairs[name].to_numpy(dtype=float))
            for name in ("rank_biserial", "ci_low", "ci_high")
        )
        error = (high - low) / (2 * edge)
        p = np.maximum(
            ndtr(-(effect + np.arctanh(bound)) / error), ndtr((effect - np.arctanh(bound)) / error)
        )
    known = np.isfinite(p)
    return pairs.assign(
        equivalence_bound=bound,
        p_equivalence=np.where(known, p, np.nan),
        alike=pd.array(np.where(known, p < significance, None), dtype="boolean"),
    )
