"""Rankings and choices followed up: pair by pair, option by option."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import bdtr, chdtrc

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.survey.answers import Answers, need_answers
from cssp.survey.concordance import (
    NOTE_ALIKE,
    NOTE_TOO_FEW,
    columns_of_item,
    filled_ranks,
    mean_correlation,
)
from cssp.survey.group_members import members

#: With at most so many respondents who chose some options but not all, p of Q is permuted.
FEW_CHOSE = 30
NOTE_PERMUTED = "few respondents: p by 9,999 random orders of each one's choices"


@returns(
    "item",
    Column("other", "the other", "item"),
    "city",
    "prefers",
    "prefers_other",
    "n",
    "share",
    *bounds("share"),
    "p",
    "p_adjusted",
    "n_tests",
)
def preferences(
    answers: Answers,
    item: str,
    by: str | None = "city",
    correction: str = "holm",
    smallest: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Follow a ranking up pair by pair: how many put one object before the other.

    Who ranked neither of the two is left out; who ranked one put it before the other. The test is
    the sign test (exact binomial).

    Parameters
    ----------
    answers : from `load_survey`
    correction : of p over the rows of a group: "holm", "fdr_bh", "bonferroni" or "none"
    smallest : groups of fewer respondents are left out
    confidence : of the intervals

    Returns
    -------
    One row a group and pair of objects: `item` (first object's column), `other` (second's), `[by],
    prefers, prefers_other, n` (those who put one
    before the other), `share` (who put the first before the second), `ci_low, ci_high` (Wilson),
    `p, p_adjusted` (over the pairs of the
    group), `n_tests`.

    Examples
    --------
    >>> ranks = Answers(pd.DataFrame({"city": "a", "r__x": [1, 1, 1, 2], "r__y": [2, 2, None, 1]}),
    ...     {})
    >>> preferences(ranks, "r")[["prefers", "prefers_other", "n", "p"]]
       prefers  prefers_other  n      p
    0        3              1  4  0.625
    """
    need_answers(answers)
    check_correction(correction)
    columns = columns_of_item(answers, item)
    parts = []
    for name, rows in members(answers, by):
        grid = answers.rows.loc[rows, columns].to_numpy(dtype=float, na_value=np.nan)
        grid = grid[~np.isnan(grid).all(axis=1)]
        if len(grid) < smallest or not len(grid):
            continue
        ranks = filled_ranks(grid)
        pairs = list(combinations(range(len(columns)), 2))
        first = np.array([(ranks[:, a] < ranks[:, b]).sum() for a, b in pairs])
        second = np.array([(ranks[:, a] > ranks[:, b]).sum() for a, b in pairs])
        n = first + second
        low, high = wilson(first, n, confidence)
        p = np.where(
            n > 0, np.minimum(2 * bdtr(np.minimum(first, second), np.maximum(n, 1), 0.5), 1), np.nan
        )
        table = pd.DataFrame(
            {"item": [columns[a] for a, _ in pairs], "other": [columns[b] for _, b in pairs]}
        )
        if by is not None:
            table[by] = name
        table["prefers"], table["prefers_other"], table["n"] = first, second, n
        with np.errstate(invalid="ignore", divide="ignore"):
            table["share"] = np.where(n > 0, first / n, np.nan)
        table["ci_low"], table["ci_high"], table["p"] = low, high, p
        table["p_adjusted"], table["n_tests"] = adjust(p, correction), int(np.isfinite(p).sum())
        parts.append(table)
    names = [
        "item",
        "other",
        *([] if by is None else [by]),
        "prefers",
        "prefers_other",
        "n",
        "share",
        "ci_low",
        "ci_high",
        "p",
        "p_adjusted",
        "n_tests",
    ]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


@returns(
    "item",
    "city",
    "n",
    Column("options", "options", "whole"),
    "q",
    "dof",
    "p",
    Column("w", "W of the choices", "number3"),
    *bounds("w"),
    "note",
)
def options_within(
    answers: Answers,
    item: str,
    by: str | None = "city",
    smallest: int = 1,
    confidence: float = 0.95,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Ask whether the options of a multiple-choice item are chosen equally often by the same
    respondents (Cochran's Q).

    With at most 30 who chose some options but not all, p is that of 9,999 random orders of each
    respondent's own choices: chi-square's is too small there.

    The effect is Kendall's W of the choices, Q / (m' (k - 1)), 0 to 1, with m' the respondents who
    chose some but not all options. The eta squared of Serlin, Carr & Marascuilo (1982) divides by
    all respondents; but those who chose all or none say nothing of the options' order and leave Q
    as it is, so it falls with their number. Respondents who left the item blank are outside.

    Parameters
    ----------
    answers : from `load_survey`
    smallest : groups of fewer respondents are left out
    confidence : of the intervals
    seed : of the random numbers

    Returns
    -------
    One row a group: `item, [by], n, options, q, dof, p, w, ci_low, ci_high` (as in `kendall_w`),
    `note`.

    References
    ----------
    Cochran, W. G. (1950). The comparison of percentages in matched samples. Biometrika, 37(3-4),
    256-266.

    Examples
    --------
    >>> rows = {"city": "a", "m__x": [1, 1, 1, 1, 0], "m__y": [0, 0, 1, 0, 0], "m__z": [0, 1, 0, 0,
    ...     1]}
    >>> options_within(Answers(pd.DataFrame(rows), {}), "m")[["n", "q", "dof", "p"]]
       n    q  dof      p
    0  5  2.8    2  0.397
    """
    need_answers(answers)
    columns = columns_of_item(answers, item)
    lines = []
    for name, rows in members(answers, by):
        grid = answers.rows.loc[rows, columns].to_numpy(dtype=float, na_value=np.nan)
        grid = grid[~np.isnan(grid).any(axis=1)]
        m, k = grid.shape
        if m < smallest:
            continue
        line: dict[str, object] = {
            "item": item,
            "n": m,
            "options": k,
            **dict.fromkeys(("q", "dof", "p", "w", "ci_low", "ci_high"), np.nan),
        }
        if by is not None:
            line[by] = name
        if m < 2 or k < 2:
            line["note"] = NOTE_TOO_FEW
        elif np.isnan(q := float(_cochran(np.ones((1, m)), grid)[0])):
            line["note"] = NOTE_ALIKE
        else:
            deciding = int(((grid.sum(axis=1) > 0) & (grid.sum(axis=1) < k)).sum())
            w = q / (deciding * (k - 1))
            rho, *ends = mean_correlation(grid, confidence)
            low, high = (w + (deciding - 1) / deciding * (end - rho) for end in ends)
            line |= {
                "q": q,
                "dof": k - 1,
                "p": float(chdtrc(k - 1, q)),
                "w": w,
                "ci_low": float(np.clip(low, 0.0, 1.0)),
                "ci_high": float(np.clip(high, 0.0, 1.0)),
                "note": "",
            }
            if deciding <= FEW_CHOSE:
                line |= {"p": _permuted_p(grid, seed), "note": NOTE_PERMUTED}
        lines.append(line)
    return pd.DataFrame(
        lines,
        columns=[
            "item",
            *([] if by is None else [by]),
            "n",
            "options",
            "q",
            "dof",
            "p",
            "w",
            "ci_low",
            "ci_high",
            "note",
        ],
    )


def _permuted_p(grid: np.ndarray, seed: int) -> float:
    """Return p of Cochran's Q over orders of each respondent's own choices, drawn at random.

    Chi-square's p is too small with few respondents: at 30 it rejects 6 to 8 in 100 where nothing
    is there.
    """
    deciding = grid[(grid.sum(axis=1) > 0) & (grid.sum(axis=1) < grid.shape[1])]
    rng = np.random.default_rng(seed)
    squares = np.array(
        [(rng.permuted(deciding, axis=1).sum(axis=0) ** 2).sum() for _ in range(9_999)]
    )
    own = (deciding.sum(axis=0) ** 2).sum()  # Q grows with the squares of the columns' sums
    return float((1 + (squares >= own - 1e-9).sum()) / (9_999 + 1))


def _cochran(weights: np.ndarray, grid: np.ndarray) -> np.ndarray:
    k = grid.shape[1]
    column, row = weights @ grid, grid.sum(axis=1)
    total = column.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        q = (k - 1) * (k * (column**2).sum(axis=1) - total**2) / (k * total - weights @ row**2)
    return np.where(k * total - weights @ row**2 > 0, q, np.nan)
