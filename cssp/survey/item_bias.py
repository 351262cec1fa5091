"""Items that two groups answer differently at the same score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import Index
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of
from cssp.survey.scales import (
    NOTE_CONSTANT,
    NOTE_NO_STRATUM,
    NOTE_NO_VARIATION,
    listed_scales,
    scale_values,
)

#: An item below this corrected p leaves the score of the others, where the score is purified.
FLAGGED = 0.05


@returns(
    "scale",
    "item",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    "strata",
    Column("smd", "difference at equal score, scale points", "signed2"),
    *bounds("smd"),
    Column("smd_sd", "in SDs", "signed2"),
    "chi2",
    "dof",
    "p",
    "p_adjusted",
    "n_tests",
    "note",
)
def item_bias(
    answers: Answers,
    scale: Index | Sequence[Index],
    between: str = "city",
    reverse: set[str] | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
    match: Literal["total", "rest"] = "total",
    purify: bool = False,
) -> pd.DataFrame:
    """Ask of each item of a scale whether it may be compared between two groups at all
    (differential item functioning).

    Respondents of the two groups with the same score on the scale should answer the item alike. The
    score has the studied item in it: without, groups that differ in the trait itself seem to differ
    in every item (Zwick 1990). The Mantel test joins the comparisons within each score; the
    standardised mean difference is the mean of the differences, weighted by the second group's
    respondents. An item that fails may still differ for a good reason, but its raw difference is
    not one of the scale's trait alone.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    scale : an index of the questionnaire, or several; base: respondents who answered all its items
    between : column of the groups, compared pair by pair
    reverse, correction, confidence : as elsewhere; the correction is over all rows
    match : "total": the score of all items; "rest": of the others only
    purify : leave the items that were found out of the score (but for the one studied), and look
        again, until none more is found

    Returns
    -------
    One row a scale, item and pair of groups: `scale, item, group_a, group_b, n_a, n_b` (respondents
    with scores that both groups have), `strata`
    (scores), `smd` (group a minus group b, in points of the scale), `ci_low, ci_high`,
    `smd_sd` (smd over the item's standard
    deviation), `chi2, dof, p, p_adjusted, n_tests, note`.

    References
    ----------
    Holland, P. W., & Thayer, D. T. (1988). In Wainer & Braun (Eds.), Test Validity, 129-145.
    Zwick, R. (1990). Journal of Educational Statistics, 15(3), 185-197 (the score that matches).
    Mantel, N. (1963). Chi-square tests with one degree of freedom. JASA, 58(303), 690-700.
    Zwick, R., Donoghue, J. R., & Grima, A. (1993). Journal of Educational Measurement, 30(3),
    233-251.
    Zwick, R., & Thayer, D. T. (1996). Journal of Educational and Behavioral Statistics, 21(3),
    187-201 (variance of the SMD).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> item_bias(load_survey(study), study.questionnaire.indices[0])["dof"].unique().tolist()
    [1]
    """
    need_answers(answers)
    check_correction(correction)
    if between not in answers:
        raise ScoringError(
            f"There is no column '{between}'. {nearest(between, map(str, answers.columns))}"
        )
    z = float(ndtri(0.5 + confidence / 2))
    lines = [
        line
        for one in listed_scales(scale)
        for line in _biases(answers, one, between, reverse, z, match, purify)
    ]
    names = [
        "n_a",
        "n_b",
        "strata",
        "smd",
        "ci_low",
        "ci_high",
        "smd_sd",
        "chi2",
        "dof",
        "p",
        "note",
    ]
    keys = ["scale", "item", "group_a", "group_b"]
    table = pd.DataFrame(lines, columns=[*keys, *names])
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return table[[*keys, *names[:-1], "p_adjusted", "n_tests", "note"]]


def _biases(
    answers: Answers,
    scale: Index,
    between: str,
    reverse: set[str] | None,
    z: float,
    match: str,
    purify: bool,
) -> list[dict[str, object]]:
    values, _, _ = scale_values(answers, scale, reverse)
    complete = (values.notna().all(axis=1) & answers[between].notna()).to_numpy(dtype=bool)
    grid = values[complete].to_numpy(dtype=float)
    column = answers.rows.loc[complete, between]
    groups = levels_of(column)
    lines: dict[tuple[str, object, object], dict[str, object]] = {}
    for a, b in combinations(groups, 2):
        rows = column.isin([a, b]).to_numpy(dtype=bool)
        is_a = (column[rows] == a).to_numpy(dtype=bool)
        for name, found in zip(scale.items, _pair(grid[rows], is_a, z, match, purify), strict=True):
            lines[name, a, b] = {
                "scale": scale.name,
                "item": name,
                "group_a": a,
                "group_b": b,
                **found,
            }
    return [lines[name, a, b] for name in scale.items for a, b in combinations(groups, 2)]


def _pair(
    grid: np.ndarray, is_a: np.ndarray, z: float, match: str, purify: bool
) -> list[dict[str, object]]:
    """Return each item's comparison of two groups, matched on the score of the items trusted."""
    items = range(grid.shape[1])
    trusted = np.ones(grid.shape[1], dtype=bool)
    for _ in range(10):
        found = []
        for place in items:
            own = trusted.copy()
            own[place] = match == "total"
            score = np.round(grid[:, own].sum(axis=1), 9)
            found.append(_mantel(grid[:, place], score, is_a, z))
        p = adjust(np.array([one["p"] for one in found], dtype=float), "holm")
        now = ~(p < FLAGGED)
        if not purify or (now == trusted).all() or now.sum() < 2:
            return found
        trusted = now
    return found


def _mantel(value: np.ndarray, score: np.ndarray, is_a: np.ndarray, z: float) -> dict[str, object]:
    empty = dict.fromkeys(("smd", "ci_low", "ci_high", "smd_sd", "chi2", "p"), np.nan)
    if not len(value):
        return {"n_a": 0, "n_b": 0, "strata": 0, **empty, "dof": 1, "note": NOTE_NO_STRATUM}
    _, stratum = np.unique(score, return_inverse=True)
    size = stratum.max() + 1

    def summed(weights: np.ndarray) -> np.ndarray:
        return np.bincount(stratum, weights=weights, minlength=size)

    n_a, n_b = summed(is_a.astype(float)), summed((~is_a).astype(float))
    both = (n_a > 0) & (n_b > 0)
    if not both.any():
        return {"n_a": 0, "n_b": 0, "strata": 0, **empty, "dof": 1, "note": NOTE_NO_STRATUM}
    total_a, total, squares = (
        summed(value * is_a)[both],
        summed(value)[both],
        summed(value**2)[both],
    )
    n_a, n_b = n_a[both], n_b[both]
    n = n_a + n_b
    expected = n_a * total / n
    variance = n_a * n_b * (n * squares - total**2) / (n**2 * (n - 1))
    weight = n_b / n_b.sum()
    smd = float((weight * (total_a / n_a - (total - total_a) / n_b)).sum())
    # given its margins, a stratum's difference of means varies as total_a does, times 1/n_a + 1/n_b
    error = float(np.sqrt((weight**2 * (1 / n_a + 1 / n_b) ** 2 * variance).sum()))
    spread = float(value.std(ddof=1)) if len(value) > 1 else np.nan
    alike = np.ptp(value) <= 1e-12
    flat = alike or variance.sum() <= 1e-12
    chi2 = np.nan if flat else float((total_a - expected).sum() ** 2 / variance.sum())
    return {
        "n_a": int(n_a.sum()),
        "n_b": int(n_b.sum()),
        "strata": int(both.sum()),
        "smd": smd,
        "ci_low": np.nan if flat else smd - z * error,
        "ci_high": np.nan if flat else smd + z * error,
        "smd_sd": np.nan if alike else smd / spread,
        "chi2": chi2,
        "dof": 1,
        "p": float(chdtrc(1, chi2)),
        "note": NOTE_CONSTANT if alike else NOTE_NO_VARIATION if flat else "",
    }
