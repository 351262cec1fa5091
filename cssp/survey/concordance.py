"""Do respondents agree in how they order things? Kendall's W, Friedman, pairs of objects.

And options chosen or not (Cochran).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc, stdtrit
from scipy.stats import rankdata

from cssp.stats.columns import bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import OPTION
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import members

NOTE_TOO_FEW = "fewer than two respondents or objects"
NOTE_ALIKE = "no respondent tells the objects apart"
NOTE_ONE_ORDER = "all give one order, or too few respondents: no interval"
NOTE_SMALL = "few respondents or objects: the p of chi-square is rough"
_W = [
    "respondents",
    "objects",
    "complete",
    "w",
    "ci_low",
    "ci_high",
    "mean_spearman",
    "chi2",
    "dof",
    "p",
    "note",
]


@returns(
    "respondents",
    "objects",
    "complete",
    "w",
    *bounds("w"),
    "mean_spearman",
    "chi2",
    "dof",
    "p",
    "note",
)
def kendall_w(rankings: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Return Kendall's coefficient of concordance W of rankings, corrected for ties.

    W is 1 where all rank alike and 0 where the ranks spread evenly. Friedman's test is the same:
    chi2 = m (n - 1) W. Who ranked only some
    of the objects put these before all others; the others share the ranks that are left (they are
    ties, as Kendall treats them). That uses
    what such a ranking says and adds nothing; but a W of rankings with many ties speaks of the
    ranked objects most.

    Parameters
    ----------
    rankings : one row a respondent, one column an object; 1 is the first place; blank: not ranked.
        Values may tie; they need not be 1..n, only
        their order counts. Rows without any rank are left out
    confidence : of the interval: that of the mean correlation of *different* respondents (jackknife
        over respondents on Fisher's scale, Student's t), moved to W's scale. W itself is biased
        upwards in few respondents (two who disagree still have W above 0); `mean_spearman` is not

    Returns
    -------
    One row: `respondents, objects, complete` (respondents who ranked all), `w, ci_low, ci_high,
    mean_spearman` (the mean over all pairs of respondents of the correlation of their midranks;
    (m W - 1)/(m - 1) where all have the same ties, otherwise near it), `chi2, dof, p`, `note`.

    References
    ----------
    Kendall, M. G., & Babington Smith, B. (1939). Annals of Mathematical Statistics, 10(3), 275-287.
    Friedman, M. (1937). JASA, 32(200), 675-701. Correction for ties: NAG Library, routine g08da.
    Arvesen, J. N. (1969). Jackknifing U-statistics. Annals of Mathematical Statistics, 40(6),
    2076-2100.

    Examples
    --------
    >>> kendall_w(pd.DataFrame([[1, 2, 3], [1, 2, 3], [2, 1, 3]]))[["w", "chi2", "mean_spearman"]]
           w   chi2  mean_spearman
    0  0.778  4.667          0.667
    """
    grid = rankings.to_numpy(dtype=float, na_value=np.nan)
    grid = (
        grid[~np.isnan(grid).all(axis=1)]
        if grid.size
        else grid.reshape(0, grid.shape[1] if grid.ndim == 2 else 0)
    )
    m, n = grid.shape
    complete = int((~np.isnan(grid)).all(axis=1).sum())
    found: dict[str, object] = {
        "respondents": m,
        "objects": n,
        "complete": complete,
        **dict.fromkeys(_W[3:10], np.nan),
    }
    if m < 2 or n < 2:
        return pd.DataFrame([found | {"note": NOTE_TOO_FEW}])
    ranks = filled_ranks(grid)
    ties = _tie_sums(ranks)
    w = float(_w(ranks.sum(axis=0)[None], ties.sum()[None], m, n)[0])
    if np.isnan(w):
        return pd.DataFrame([found | {"note": NOTE_ALIKE}])
    rho, *ends = mean_correlation(ranks, confidence)
    low, high = (w + (m - 1) / m * (end - rho) for end in ends)
    chi2 = m * (n - 1) * w
    found |= {
        "w": w,
        "ci_low": float(np.clip(low, 0.0, 1.0)),
        "ci_high": float(np.clip(high, 0.0, 1.0)),
        "mean_spearman": rho,
        "chi2": chi2,
        "dof": n - 1,
        "p": float(chdtrc(n - 1, chi2)),
    }
    notes = [NOTE_SMALL] if m < 10 or n < 4 else []
    notes += [NOTE_ONE_ORDER] if np.isnan(low) else []
    return pd.DataFrame([found | {"note": "; ".join(notes)}])[_W]


def mean_correlation(ranks: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """Return the mean correlation of the ranks of two different respondents, with its interval.

    The interval is the jackknife's over respondents on Fisher's scale, which is symmetric near
    perfect agreement too (docs/coverage.md); it is missing where all agree or disagree alike.
    Respondents who tell no objects apart have no correlation and are left out.
    """
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1))
    unit = centred[length > 1e-12] / length[length > 1e-12, None]
    m = len(unit)
    if m < 2:
        return float("nan"), float("nan"), float("nan")
    whole = unit.sum(axis=0)
    rho = float((whole @ whole - m) / (m * (m - 1)))
    if m < 3:
        return rho, float("nan"), float("nan")
    rest = whole - unit  # without each respondent in turn
    without = ((rest**2).sum(axis=1) - (m - 1)) / ((m - 1) * (m - 2))
    # all but one may agree wholly; on Fisher's scale that is infinity
    edge = 1 - 1e-6
    fisher = np.arctanh(np.clip(np.append(without, rho), -edge, edge))
    pseudo = m * fisher[-1] - (m - 1) * fisher[:-1]
    error = float(pseudo.std(ddof=1)) / np.sqrt(m)
    if not error > 1e-9:
        return rho, float("nan"), float("nan")
    half = float(stdtrit(m - 1, 0.5 + confidence / 2)) * error
    return rho, float(np.tanh(fisher[-1] - half)), float(np.tanh(fisher[-1] + half))


def filled_ranks(grid: np.ndarray) -> np.ndarray:
    """Return midranks of each row, objects that were not ranked tied behind all that were.

    >>> filled_ranks(np.array([[1, np.nan, 2, np.nan]]))
    array([[1. , 3.5, 2. , 3.5]])
    """
    return np.asarray(rankdata(np.where(np.isnan(grid), np.inf, grid), axis=1))


def _tie_sums(ranks: np.ndarray) -> np.ndarray:
    """Return for each row the sum of (t^3 - t) over its ties."""
    same = (ranks[:, :, None] == ranks[:, None, :]).sum(axis=2)
    return np.asarray((same**2 - 1.0).sum(axis=1))  # a tie of t is counted by each of its t members


def _w(sums: np.ndarray, ties: np.ndarray, m: int, n: int) -> np.ndarray:
    spread = ((sums - sums.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        w = 12 * spread / (m**2 * (n**3 - n) - m * ties)
    return np.where(m * (n**3 - n) - ties > 1e-9, w, np.nan)


def columns_of_item(answers: Answers, item: str) -> list[str]:
    """Return the columns of a ranking or multiple choice; refuse an unknown item."""
    columns = [str(name) for name in answers.columns if str(name).startswith(f"{item}{OPTION}")]
    if not columns:
        raise ScoringError(
            f"There is no item '{item}' with several columns. "
            f"{nearest(item, map(str, answers.columns))}"
        )
    return columns


@returns(
    "item",
    "city",
    "respondents",
    "objects",
    "complete",
    "w",
    *bounds("w"),
    "mean_spearman",
    "chi2",
    "dof",
    "p",
    "note",
)
def ranking_agreement(
    answers: Answers,
    item: str,
    by: str | None = "city",
    smallest: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return Kendall's W of a ranking item in each group; see `kendall_w`.

    Groups in which fewer than `smallest` respondents ranked anything are left out.

    Parameters
    ----------
    answers : from `load_survey`
    confidence : of the intervals

    Returns
    -------
    One row a group: `item, [by]`, and the columns of `kendall_w`.

    Examples
    --------
    >>> from cssp import Answers
    >>> ranks = pd.DataFrame({"city": "a", "r__x": [1, 1, 1], "r__y": [2, 2, 2], "r__z": [3, 3, 3]})
    >>> ranking_agreement(Answers(ranks, {}), "r")["w"].tolist()
    [1.0]
    """
    need_answers(answers)
    columns = columns_of_item(answers, item)
    parts = []
    for name, rows in members(answers, by):
        one = kendall_w(answers.rows.loc[rows, columns], confidence)
        if one["respondents"].item() >= smallest:
            parts.append(one.assign(item=item, **({} if by is None else {by: name})))
    names = ["item", *([] if by is None else [by]), *_W]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
