"""Weighted groups compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri, stdtr, stdtrit

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of
from cssp.survey.weighting import (
    NOTE_APART,
    NOTE_APPROXIMATE,
    NOTE_NO_ANSWERS,
    NOTE_ONE_CATEGORY,
    checked_weight,
    weighted_moments,
)


@returns(
    "item",
    "sector",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("f", "F", "number2"),
    Column("dof1", "df 1", "number1"),
    Column("dof2", "df 2", "number1"),
    "p",
    "p_adjusted",
    "n_tests",
    Column("design_effect", "design effect", "number2"),
    "cramers_v",
    Column("balance_gap", "difference of balances, points", "points"),
    *bounds("balance_gap"),
    "rank_biserial",
    *bounds("rank_biserial", "effect_low", "effect_high", "effect from", "effect to"),
    Column("t", "t", "number2"),
    Column("dof_t", "df of t", "whole"),
    Column("p_rank", "p of the effect", "p"),
    Column("p_rank_adjusted", "p of the effect, corrected", "p"),
    "family",
    "note",
)
def compare_weighted(
    answers: Answers,
    items: Iterable[str],
    weights: pd.Series | str,
    between: str = "city",
    within: str | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
    families: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """Compare weighted answers of every pair of groups.

    By a rank test whose ranks and errors are weighted (Lumley & Scott; R's `survey::svyranktest`),
    and by chi-square corrected for the weights (Rao-Scott, second order), which does not know the
    answers' order. Both are approximations.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    items : names of items with answers by code; substantive answers only
    weights : a weight for each respondent; who has none, or 0, is left out
    between, within : columns of groups and strata
    correction, confidence : as elsewhere
    families : as in `compare_groups`, so that a weighted and an unweighted comparison are corrected
        for the same number of tests; None: all rows are one family

    Returns
    -------
    One row an item, stratum and pair: `item, [within], group_a, group_b, n_a, n_b, f` (corrected
    statistic), `dof1, dof2, p, p_adjusted, n_tests,
    design_effect` (mean generalised one), `cramers_v` (of the weighted shares), `balance_gap`
    (weighted plain balances, a minus b) with `ci_low,
    ci_high`; for ordered answers `rank_biserial` (weighted, as in `compare_groups`) with
    `effect_low, effect_high`, `t, dof_t, p_rank, p_rank_adjusted`; `family, note`.

    References
    ----------
    Rao, J. N. K., & Scott, A. J. (1984). Annals of Statistics, 12(1), 46-60. Thomas, D. R., & Rao,
    J. N. K. (1987). JASA, 82(398), 630-636
    (the F form, as in R's survey::svychisq). Lumley, T., & Scott, A. J. (2013). Biometrika, 100(4),
    831-842 (rank tests).

    Examples
    --------
    >>> from cssp import Answers, answer_codes
    >>> rows = pd.DataFrame({"city": [*"aaaabbbb"], "q": [1, 2, 2, 2, 1, 1, 1, 2], "w": 1.0})
    >>> answers = Answers(rows, {"q": answer_codes([1, 2], positive=[2], negative=[1])})
    >>> compare_weighted(answers, ["q"], "w")[["group_a", "group_b", "n_a", "n_b"]]
      group_a group_b  n_a  n_b
    0       a       b    4    4
    """
    need_answers(answers)
    check_correction(correction)
    book = answers.codebook
    weight = checked_weight(answers, weights)
    for name in filter(None, (between, within)):
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}' to group by. "
                f"{nearest(name, map(str, answers.columns))}"
            )
    z = float(ndtri(0.5 + confidence / 2))
    strata: list[object] = [None] if within is None else levels_of(answers[within], sort=True)
    lines = []
    for item in items:
        if item not in book or item not in answers:
            raise ScoringError(
                f"There is no item '{item}' with a codebook. {nearest(item, map(str, book))}"
            )
        place = (
            answers[item]
            .map({code: number for number, code in enumerate(book[item]["codes"])})
            .to_numpy(dtype=float, na_value=np.nan)
        )
        score = answers[item].map(book[item]["sign"]).to_numpy(dtype=float, na_value=np.nan)
        ranked = _ranked if book[item]["ordered"] else _no_ranks
        usable = ~np.isnan(place) & (weight > 0)
        for stratum in strata:
            own = (
                usable
                if within is None
                else usable & (answers[within] == stratum).to_numpy(dtype=bool)
            )
            for a, b in combinations(levels_of(answers[between], sort=True), 2):
                side = [own & (answers[between] == name).to_numpy(dtype=bool) for name in (a, b)]
                key = {"item": item} if within is None else {"item": item, within: stratum}
                lines.append(
                    {
                        **key,
                        "group_a": a,
                        "group_b": b,
                        **_rao_scott(place, score, weight, side[0], side[1], z),
                        **ranked(place, weight, side[0], side[1], confidence),
                    }
                )
    names = [
        "n_a",
        "n_b",
        "f",
        "dof1",
        "dof2",
        "p",
        "p_adjusted",
        "n_tests",
        "design_effect",
        "cramers_v",
        "balance_gap",
        "ci_low",
        "ci_high",
        *RANKS,
        "p_rank_adjusted",
        "family",
        "note",
    ]
    keys = ["item", *filter(None, [within]), "group_a", "group_b"]
    table = pd.DataFrame(
        lines, columns=[*keys, *[name for name in names if name not in _CORRECTED]]
    )
    family_of = families() if callable(families) else families
    table["family"] = [
        "all" if family_of is None else family_of.get(str(item), "other") for item in table["item"]
    ]
    table[["p_adjusted", "p_rank_adjusted"]], table["n_tests"] = np.nan, 0
    for rows in table.groupby("family").indices.values():
        for name, test in (("p_adjusted", "p"), ("p_rank_adjusted", "p_rank")):
            p = table[test].iloc[rows].to_numpy(dtype=float)
            table.loc[rows, name] = adjust(p, correction)
        p = table[["p", "p_rank"]].iloc[rows].to_numpy(dtype=float)
        table.loc[rows, "n_tests"] = int(np.isfinite(p).any(axis=1).sum())
    return table[[*keys, *names]]


#: Columns of the weighted rank test, and those that hang on all rows.
RANKS = ("rank_biserial", "effect_low", "effect_high", "t", "dof_t", "p_rank")
_CORRECTED = ("p_adjusted", "p_rank_adjusted", "n_tests", "family")


def _no_ranks(*told: object) -> dict[str, object]:
    """Return nothing: answers without order have no ranks."""
    return {}


def _ranked(
    place: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, confidence: float
) -> dict[str, object]:
    """Return the weighted rank test: means of weighted midranks compared as a survey's regression.

    The rank of an answer is the share of weight below it and half of that on it; the difference of
    the groups' mean ranks is half the weighted rank-biserial correlation. Its error is linearised,
    and t has n - 2 degrees of freedom, as in R.
    """
    rows = a | b
    y, w, in_a = place[rows], weight[rows], a[rows]
    n = len(y)
    used, answer = np.unique(y, return_inverse=True)
    if min(in_a.sum(), n - in_a.sum()) < 2 or len(used) < 2:
        return {}
    mass = np.bincount(answer, weights=w)
    rank = ((np.cumsum(mass) - mass / 2) / mass.sum())[answer]
    part = np.zeros(n)
    means = []
    for side, sign in ((in_a, 1.0), (~in_a, -1.0)):
        mean = w[side] @ rank[side] / w[side].sum()
        part[side] = sign * w[side] * (rank[side] - mean) / w[side].sum()
        means.append(mean)
    error = float(np.sqrt(n / (n - 1) * (part**2).sum()))
    effect = 2 * float(means[0] - means[1])
    if not error > 1e-12:
        return {"rank_biserial": effect}
    t = effect / (2 * error)
    half = 2 * float(stdtrit(n - 2, 0.5 + confidence / 2)) * error
    return {
        "rank_biserial": effect,
        "effect_low": max(effect - half, -1.0),
        "effect_high": min(effect + half, 1.0),
        "t": t,
        "dof_t": n - 2,
        "p_rank": float(2 * stdtr(n - 2, -abs(t))),
    }


def _rao_scott(
    place: np.ndarray, score: np.ndarray, weight: np.ndarray, a: np.ndarray, b: np.ndarray, z: float
) -> dict[str, object]:
    n_a, n_b = int(a.sum()), int(b.sum())
    found: dict[str, object] = {"n_a": n_a, "n_b": n_b}
    if not n_a or not n_b or weight[a].sum() <= 0 or weight[b].sum() <= 0:
        return found | {"note": NOTE_NO_ANSWERS}
    one, two = weighted_moments(score[a], weight[a], z), weighted_moments(score[b], weight[b], z)
    if "ci_low" in one and "ci_low" in two:
        gap = float(one["weighted"]) - float(two["weighted"])  # type: ignore[arg-type]
        error = np.hypot(_error(score[a], weight[a]), _error(score[b], weight[b]))
        found |= {"balance_gap": gap, "ci_low": gap - z * error, "ci_high": gap + z * error}
    rows = a | b
    used, answer = np.unique(place[rows], return_inverse=True)
    if len(used) < 2:
        return found | {"note": NOTE_ONE_CATEGORY}
    group, w, n = b[rows].astype(int), weight[rows], n_a + n_b
    cells = 2 * len(used)
    hot = np.zeros((n, cells))
    hot[np.arange(n), group * len(used) + answer] = 1
    share = w @ hot / w.sum()
    table = share.reshape(2, -1)
    independent = np.outer(table.sum(axis=1), table.sum(axis=0))
    x2 = n * ((table - independent) ** 2 / independent).sum()
    if (table.min(axis=0) <= 0).all():
        # the linearised variance vanishes where the groups do not overlap: the statistic would grow
        # without bound
        return found | {"cramers_v": float(np.sqrt(x2 / n)), "note": NOTE_APART}
    keep = share > 0  # an empty cell has no weight in the contrasts
    part = w[:, None] * (hot - share) / w.sum()
    covariance = part.T @ part * n / (n - 1)
    rows_of, columns_of = np.repeat([0, 1], len(used)), np.tile(np.arange(len(used)), 2)
    main = np.column_stack(
        [np.ones(cells), rows_of, *(columns_of == j for j in range(1, len(used)))]
    ).astype(float)
    cross = np.column_stack([rows_of * (columns_of == j) for j in range(1, len(used))]).astype(
        float
    )
    contrast = cross - main @ np.linalg.lstsq(main, cross, rcond=None)[0]
    inverse = np.where(keep, 1 / np.where(keep, share, 1), 0)
    scaled = inverse[:, None] * contrast
    simple = contrast.T @ scaled / n
    real = scaled.T @ covariance @ scaled
    delta = np.linalg.lstsq(simple, real, rcond=None)[0]
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    if not trace / (len(used) - 1) > 0.05:
        return found | {"cramers_v": float(np.sqrt(x2 / n)), "note": NOTE_APART}
    dof1 = trace**2 / square
    dof2 = dof1 * (n - 1)
    f = float(x2 / trace)
    return found | {
        "f": f,
        "dof1": dof1,
        "dof2": dof2,
        "p": float(fdtrc(dof1, dof2, f)),
        "design_effect": trace / (len(used) - 1),
        "cramers_v": float(np.sqrt(x2 / n)),
        "note": NOTE_APPROXIMATE,
    }


def _error(score: np.ndarray, weight: np.ndarray) -> float:
    used = ~np.isnan(score) & (weight > 0)
    y, w = score[used], weight[used]
    mean = w @ y / w.sum()
    return float(np.sqrt((w**2 @ (y - mean) ** 2) / w.sum() ** 2 * len(y) / (len(y) - 1)))
