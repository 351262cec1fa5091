"""Experts weighted by their competence, and what that does to each result.

Weighted tests are approximations and say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import OPTION
from cssp.study.study_file import Competence
from cssp.survey.answers import Answers, need_answers
from cssp.survey.balance import moments

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


def checked_weight(answers: Answers, weights: pd.Series | str) -> np.ndarray:
    """Return the weights of all respondents; refuse missing, negative and infinite ones."""
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
    >>> table = weighted_balances(answers, study.questionnaire.names("ordinal", focus=True)[:1],
    ...     weight)
    >>> bool((table["n_effective"] <= table["n"]).all())
    True
    """
    need_answers(answers)
    if interval not in WEIGHTED_INTERVALS:
        raise ScoringError(
            f"'{interval}' is not an interval. {nearest(interval, WEIGHTED_INTERVALS)}"
        )
    book = answers.codebook
    weight = checked_weight(answers, weights)
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
            group_of = dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=True))
            lines.append(
                {
                    "item": item,
                    **group_of,
                    **weighted_moments(score[rows], weight[rows], z, interval),
                }
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


def weighted_moments(
    score: np.ndarray, weight: np.ndarray, z: float, interval: str = "linearised"
) -> dict[str, object]:
    """Return a weighted balance with its error, interval and effective n."""
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
