"""Experts weighted by their competence, and what that does to each result.

Weighted tests are approximations and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import fdtrc, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import OPTION
from cssp.study.study_file import Competence
from cssp.survey.answers import Answers, need_answers
from cssp.survey.balance import moments
from cssp.survey.group_members import levels_of

WEIGHTED_INTERVALS = ("linearised", "adjusted")
NOTE_NO_ANSWERS = "no answers"
NOTE_FLAT = "all answers count alike: no interval"
NOTE_ONE_CATEGORY = "all answers alike"
NOTE_APART = "the groups share no answer: no test of weighted answers"
NOTE_APPROXIMATE = "approximation: Rao-Scott, second order"


@returns(
    "respondent",
    "city",
    "sector",
    Column("knowledge", "knowledge", "number2"),
    Column("argument", "argument", "number2"),
    Column("competence", "competence", "number2"),
)
def competence_weights(answers: Answers, rule: Competence) -> pd.DataFrame:
    """Return each expert's coefficient of competence.

    From self-rated knowledge and the sources of the argument.

    K = s k + (1 - s) a, with k the mean of the knowledge items placed from 0 to 1, a the sum of the
    worth of the sources named, at most 1, and s the
    study's `knowledge_share`; without sources, K = k. Who answered no knowledge item (or left the
    sources blank) has no coefficient.
    All constants are the study's (`study.yaml`, `competence`); a self-rating is not a test of
    knowledge.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    rule : the study's constants

    Returns
    -------
    One row a respondent, in the order of `answers`: `respondent, city, sector` (those that are
    there), `knowledge, argument, competence`.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> weights = competence_weights(load_survey(study), study.file.competence)
    >>> bool(weights["competence"].dropna().between(0, 1).all())
    True
    """
    need_answers(answers)
    book = answers.codebook
    columns = []
    for name in rule.knowledge:
        if name not in answers or name not in book:
            raise ScoringError(
                f"There is no item '{name}' among the answers. "
                f"{nearest(name, map(str, answers.columns))}"
            )
        codes = book[name]["codes"]
        value = {code: place / max(len(codes) - 1, 1) for place, code in enumerate(codes)}
        columns.append(answers[name].map(value).to_numpy(dtype=float, na_value=np.nan))
    table = answers[[name for name in ("respondent", "city", "sector") if name in answers]].copy()
    table["knowledge"] = pd.DataFrame(np.column_stack(columns), index=answers.index).mean(axis=1)
    table["argument"] = np.nan
    table["competence"] = table["knowledge"]
    if rule.argument is not None:
        worth = pd.Series(rule.sources, dtype=float)
        options = [f"{rule.argument}{OPTION}{name}" for name in worth.index]
        if absent := [name for name in options if name not in answers]:
            raise ScoringError(f"There is no option '{absent[0]}' among the answers.")
        chosen = answers[options].to_numpy(dtype=float, na_value=np.nan)
        table["argument"] = np.minimum(chosen @ worth.to_numpy(), 1)
        table["competence"] = (
            rule.knowledge_share * table["knowledge"]
            + (1 - rule.knowledge_share) * table["argument"]
        )
    return table


def _weight(answers: Answers, weights: pd.Series | str) -> np.ndarray:
    if isinstance(weights, str):
        if weights not in answers:
            raise ScoringError(
                f"There is no column of weights '{weights}'. "
                f"{nearest(weights, map(str, answers.columns))}"
            )
        weights = answers[weights]
    elif (
        not weights.index.equals(answers.index)
        and len(weights) == len(answers)
        and set(weights.index) == set(answers.index)
    ):
        weights = weights.reindex(answers.index)  # by respondent, whatever the order
    values = np.asarray(
        pd.to_numeric(weights, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    )
    if len(values) != len(answers):
        raise ScoringError(f"There are {len(values)} weights for {len(answers)} respondents.")
    if (values[~np.isnan(values)] < 0).any() or np.isinf(values).any():
        raise ScoringError("A weight is negative or infinite; weights are numbers of 0 or more.")
    if not np.nansum(values) > 0:
        raise ScoringError("The weights sum to zero.")
    return values


@returns(
    "item",
    "city",
    "sector",
    "n",
    Column("without_weight", "respondents without a weight", "whole"),
    Column("n_effective", "effective n", "number1"),
    "balance",
    Column("weighted", "weighted balance, points", "points"),
    *bounds("weighted"),
    "change",
    "note",
)
def weighted_balances(
    answers: Answers,
    items: Iterable[str],
    weights: pd.Series | str,
    by: Iterable[str] = ("city",),
    confidence: float = 0.95,
    interval: Literal["linearised", "adjusted"] = "linearised",
) -> pd.DataFrame:
    """Return plain balances without and with weights, and what the weights change.

    Both columns have the same base: respondents with a substantive answer and a weight.
    `n_effective` = (sum of w)^2 / sum of w^2 is Kish's: how many
    equally weighted answers would be as sure.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    items : names of items with answers by code
    weights : a weight for each respondent; who has none, or 0, is left out
    by : columns of groups
    confidence : of the interval
    interval : "linearised": the weighted mean as a ratio, with normal bounds, as R's survey package
        has it; "adjusted": one positive and one negative
        answer added, as in `net_balance`, to as many equally weighted answers as would have the
        linearised variance (Korn & Graubard's effective
        sample size, at most n; Kish's where all answers are alike). With equal weights it is
        `net_balance`'s; in small and lopsided groups it
        covers much nearer to what it says than the linearised one (with very unequal weights some
        91-93 % instead of 95)

    Returns
    -------
    One row an item and group: `item, *by, n, without_weight` (respondents left out for want of a
    weight), `n_effective, balance, weighted, ci_low,
    ci_high, change` (weighted minus unweighted), `note`.

    References
    ----------
    Kish, L. (1965). Survey Sampling. Wiley, sec. 11.2 (design effect of weights).
    Korn, E. L., & Graubard, B. I. (1998). Survey Methodology, 24(2), 193-201 (a small-sample
    interval put on the effective sample size).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> answers = load_survey(study)
    >>> weight = competence_weights(answers, study.file.competence)["competence"]
    >>> table = weighted_balances(answers, study.questionnaire.names("ordinal", focus=True)[:1], weight)
    >>> bool((table["n_effective"] <= table["n"]).all())
    True
    """
    need_answers(answers)
    if interval not in WEIGHTED_INTERVALS:
        raise ScoringError(
            f"'{interval}' is not an interval. {nearest(interval, WEIGHTED_INTERVALS)}"
        )
    book = answers.codebook
    weight = _weight(answers, weights)
    keys = list(by)
    for name in keys:
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}' to group by. "
                f"{nearest(name, map(str, answers.columns))}"
            )
    groups = answers.groupby(keys, sort=True, observed=True).indices
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    for item in items:
        if item not in book or item not in answers:
            raise ScoringError(
                f"There is no item '{item}' with a codebook. {nearest(item, map(str, book))}"
            )
        score = answers[item].map(book[item]["sign"]).to_numpy(dtype=float, na_value=np.nan)
        for group, rows in groups.items():
            told = dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=True))
            lines.append(
                {"item": item, **told, **_weighted(score[rows], weight[rows], z, interval)}
            )
    names = [
        "item",
        *keys,
        "n",
        "without_weight",
        "n_effective",
        "balance",
        "weighted",
        "ci_low",
        "ci_high",
        "change",
        "note",
    ]
    return pd.DataFrame(lines, columns=names)


def _weighted(
    score: np.ndarray, weight: np.ndarray, z: float, interval: str = "linearised"
) -> dict[str, object]:
    known = ~np.isnan(score)
    lost = int((known & ~(weight > 0)).sum())
    used = known & (weight > 0)
    y, w = score[used], weight[used]
    n = len(y)
    if not n or w.sum() <= 0:
        return {"n": n, "without_weight": lost, "note": NOTE_NO_ANSWERS}
    mean, plain = float(w @ y / w.sum()), float(y.mean())
    found = {
        "n": n,
        "without_weight": lost,
        "n_effective": float(w.sum() ** 2 / (w @ w)),
        "balance": plain,
        "weighted": mean,
        "change": mean - plain,
        "note": "",
    }
    variance = float((w**2 @ (y - mean) ** 2) / w.sum() ** 2)
    flat = not variance > 1e-24
    if interval == "adjusted":
        spread = float(w @ y**2 / w.sum()) - mean**2
        effective = found["n_effective"] if flat else min(spread / variance, n)
        counts = effective * np.array([w[y == side].sum() for side in (-1, 0, 1)]) / w.sum()
        _, _, centre, adjusted = moments(
            counts[None], np.array([-1.0, 0, 1]), np.array([effective])
        )
        half = z * np.sqrt(adjusted[0])
        return found | {"ci_low": max(centre[0] - half, -1), "ci_high": min(centre[0] + half, 1)}
    error = np.sqrt(variance * n / (n - 1)) if n > 1 else 0.0
    if flat:
        return found | {"note": NOTE_FLAT}
    return found | {"ci_low": max(mean - z * error, -1), "ci_high": min(mean + z * error, 1)}


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
    weight = _weight(answers, weights)
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
    one, two = _weighted(score[a], weight[a], z), _weighted(score[b], weight[b], z)
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
