"""Who rates whom, city against city: the perception matrix compared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import t as student
from scipy.stats import ttest_ind_from_stats

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest

#: Chance of finding a difference of the size that is told as findable.
POWER = 0.8
NOTE_NOT_ASKED = "not asked, or too few to be shown"
NOTE_NO_INTERVAL = "no interval: too few or too like answers in one of the cities"


@returns(
    "first",
    "second",
    Column("rater", "who rates", "sector"),
    Column("rated", "who is rated", "sector"),
    Column("estimate_first", "first, points", "points"),
    Column("estimate_second", "second, points", "points"),
    Column("gap", "difference", "points"),
    *bounds("gap"),
    "p",
    "p_adjusted",
    Column("detectable", "smallest difference findable", "points"),
    "n_first",
    "n_second",
    "note",
)
def perception_differences(
    matrix: pd.DataFrame,
    first: str,
    others: Iterable[str] | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how differently sectors rate each other in two cities, cell by cell.

    The respondents of two cities are different people, so variances add; interval and p are
    Welch's, with Satterthwaite's degrees of freedom, on the standard errors of the matrix. The p
    are corrected over all cells of the table, those of every other city included.

    Parameters
    ----------
    matrix : table from `perception_matrix`; cells too small to be shown stay unknown
    first : the city that stands first
    others : the cities it is compared with; None: all others of the matrix
    correction : "holm", "fdr_bh" or "none"
    confidence : of the intervals

    Returns
    -------
    One row another city, rater and rated: `first, second, rater, rated, estimate_first,
    estimate_second, gap` (first minus second), `ci_low, ci_high, p, p_adjusted, detectable` (the
    smallest difference that these sizes would find with a chance of 80 % before correction),
    `n_first, n_second, note`.

    Raises
    ------
    ScoringError
        A city that the matrix has not, an unknown correction.

    References
    ----------
    Welch, B. L. (1947). The generalization of 'Student's' problem when several different population
    variances are involved. Biometrika, 34(1-2), 28-35.

    Examples
    --------
    >>> from cssp import load_study, load_survey, perception_matrix
    >>> study = load_study()
    >>> matrix = perception_matrix(load_survey(study))
    >>> found = perception_differences(matrix, study.cities[0])
    >>> len(found), bool((found["p_adjusted"] >= found["p"])[found["p"].notna()].all())
    (9, True)
    """
    check_correction(correction)
    columns = ["first", "second", "rater", "rated", "estimate_first", "estimate_second", "gap",
               "ci_low", "ci_high", "p", "p_adjusted", "detectable", "n_first", "n_second",
               "note"]  # fmt: skip
    if matrix.empty:
        return pd.DataFrame(columns=columns)
    by = str(matrix.columns[0])
    known = list(dict.fromkeys(map(str, matrix[by])))
    peers = [city for city in known if city != first] if others is None else list(others)
    if strange := [city for city in (first, *peers) if city not in known]:
        raise ScoringError(f"There is no {by} '{strange[0]}'. {nearest(strange[0], known)}")
    mine = matrix[matrix[by] == first]
    parts = []
    for second in peers:
        theirs = matrix[matrix[by] == second]
        pair = mine.merge(theirs, on=["rater", "rated"], suffixes=("_first", "_second"))
        parts.append(_compared(pair, confidence).assign(first=first, second=second))
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    return table[columns]


def _compared(pair: pd.DataFrame, confidence: float) -> pd.DataFrame:
    one, other = (
        tuple(pair[f"{name}_{side}"].to_numpy(dtype=float) for name in ("estimate", "se", "n"))
        for side in ("first", "second")
    )
    error = np.sqrt(one[1] ** 2 + other[1] ** 2)
    with np.errstate(all="ignore"):
        tested = ttest_ind_from_stats(
            one[0], one[1] * np.sqrt(one[2]), one[2],
            other[0], other[1] * np.sqrt(other[2]), other[2], equal_var=False,
        )  # fmt: skip
        degrees = error**4 / (one[1] ** 4 / (one[2] - 1) + other[1] ** 4 / (other[2] - 1))
        edge = student.ppf(0.5 + confidence / 2, degrees)
        power = student.ppf(POWER, degrees)
    gap = one[0] - other[0]
    return pd.DataFrame(
        {
            "rater": pair["rater"],
            "rated": pair["rated"],
            "estimate_first": one[0],
            "estimate_second": other[0],
            "gap": gap,
            "ci_low": np.clip(gap - edge * error, -2, 2),
            "ci_high": np.clip(gap + edge * error, -2, 2),
            "p": np.where(np.isfinite(error), np.asarray(tested.pvalue), np.nan),
            "detectable": (edge + power) * error,
            "n_first": pair["n_first"].astype(int),
            "n_second": pair["n_second"].astype(int),
            "note": np.select(
                [np.isfinite(error), (one[2] == 0) & (other[2] == 0)],
                ["", NOTE_NOT_ASKED],
                NOTE_NO_INTERVAL,
            ),
        }
    )
