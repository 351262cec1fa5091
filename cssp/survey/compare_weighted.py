"""Weighted groups compared."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri

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
) -> pd.DataFrame:
    """Compare weighted answers of every pair of groups.

    Chi-square corrected for the weights (Rao-Scott, second order). An approximation.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    items : names of items with answers by code; substantive answers only
    weights : a weight for each respondent; who has none, or 0, is left out
    between, within : columns of groups and strata
    correction, confidence : as elsewhere

    Returns
    -------
    One row an item, stratum and pair: `item, [within], group_a, group_b, n_a, n_b, f` (corrected
    statistic), `dof1, dof2, p, p_adjusted, n_tests,
    design_effect` (mean generalised one), `cramers_v` (of the weighted shares), `balance_gap`
    (weighted plain balances, a minus b) with `ci_low,
    ci_high`, `note`.

    References
    ----------
    Rao, J. N. K., & Scott, A. J. (1984). Annals of Statistics, 12(1), 46-60. Thomas, D. R., & Rao,
    J. N. K. (1987). JASA, 82(398), 630-636
    (the F form, as in R's survey::svychisq).
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
        "note",
    ]
    keys = ["item", *filter(None, [within]), "group_a", "group_b"]
    table = pd.DataFrame(
        lines, columns=[*keys, *[name for name in names if name not in ("p_adjusted", "n_tests")]]
    )
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return table[[*keys, *names]]


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
        return found | {"p": 1.0, "note": NOTE_ONE_CATEGORY}
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
