"""Rankings and choices followed up: pair by pair, option by option."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from cssp.stats.columns import Column, bounds, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.concordance import NOTE_ALIKE, NOTE_TOO_FEW, columns_of_item, mean_correlation
from cssp.survey.group_members import members

#: With at most so many respondents who chose some options but not all, p of Q is permuted.
FEW_CHOSE = 30
NOTE_PERMUTED = "few respondents: p by 9,999 random orders of each one's choices"


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
