"""Ordinal regression as tables: a coefficient a row, and the shares that the model predicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.regression import Model, fitted_model, term_levels

_COEFFICIENTS = [
    "item",
    "term",
    "category",
    "reference",
    "odds_ratio",
    "ci_low",
    "ci_high",
    "z",
    "p",
    "n",
    "note",
]


@returns(
    "item",
    "term",
    "category",
    Column("reference", "against", "term_level"),
    "odds_ratio",
    *bounds("odds_ratio"),
    "z",
    "p",
    "n",
    "note",
)
def ordinal_regression(
    answers: Answers,
    items: str | Iterable[str],
    terms: Sequence[str] = ("city", "sector"),
    interaction: bool = False,
    numeric: Sequence[str] = (),
    confidence: float = 0.95,
    reference: Literal["first", "last"] = "first",
) -> pd.DataFrame:
    """Explain ordinal items by a proportional-odds (cumulative logit) model.

    An odds ratio above 1 means: higher answers than the reference, the other terms held equal, at
    every cut of the scale alike. That
    likeness is an assumption; `proportional_odds_test` asks whether the answers speak against it.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    items : one or several ordinal items; special answers are outside the base
    terms : columns of groups; one value of each (in the study's order) is the reference
    interaction : add the products of the terms: is a city's effect the same in every sector?
    numeric : columns of numbers, e.g. years of tenure; the odds ratio is that of one unit
    confidence : of the intervals
    reference : which value of each term the others are set against: "first", or "last", which gives
        the first city's odds against the last's

    Returns
    -------
    One row an item and coefficient: `item, term, category, reference, odds_ratio, ci_low, ci_high`
    (Wald, on the log scale), `z, p, n, note`.
    A model that has no estimates (separation, no convergence, one answer) has one row that says so,
    without numbers.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical
    Society B, 42(2), 109-142.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> item = study.questionnaire.names("ordinal", focus=True)[0]
    >>> table = ordinal_regression(load_survey(study), item)
    >>> table[table["term"] == "sector"][["term", "category", "odds_ratio"]].reset_index(drop=True)
       term  category  odds_ratio
    0  sector  business       0.377
    1  sector       npo       1.118
    """
    need_answers(answers)
    z = float(ndtri(0.5 + confidence / 2))
    lines: list[dict[str, object]] = []
    for item in [items] if isinstance(items, str) else items:
        model = fitted_model(answers, item, terms, interaction, numeric, reference)
        if model.fit is None:
            lines.append(
                {
                    "item": item,
                    "term": "",
                    "category": "",
                    "reference": "",
                    "n": len(model.place),
                    "note": model.note,
                }
            )
            continue
        errors = np.asarray(model.fit.bse)
        for number, (term, name, against) in enumerate(model.terms):
            unit = model.unit[number]
            slope, error = model.slopes[number] / unit, errors[number] / unit
            lines.append(
                {
                    "item": item,
                    "term": term,
                    "category": name,
                    "reference": against,
                    "odds_ratio": np.exp(slope),
                    "ci_low": np.exp(slope - z * error),
                    "ci_high": np.exp(slope + z * error),
                    "z": slope / error,
                    "p": 2 * ndtr(-abs(slope / error)),
                    "n": len(model.place),
                    "note": model.note,
                }
            )
    return pd.DataFrame(lines, columns=_COEFFICIENTS)


@returns("item", "term", "category", "answer", "share", *bounds("share"), "n", "note")
def predicted_shares(
    answers: Answers,
    item: str,
    terms: Sequence[str] = ("city", "sector"),
    interaction: bool = False,
    numeric: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the shares of each answer that the model predicts for each value of each term.

    The mix of all else held as observed.

    For "city = a" every respondent is put into city a, the rest of what is known of them left as it
    is, and the predicted shares
    are averaged (predictive margins). Intervals by the delta method on the logit.

    Parameters
    ----------
    answers : from `load_survey`
    terms : columns whose values make groups
    interaction : whether the terms' effects may depend on one another
    numeric : columns that count as numbers
    confidence : of the intervals

    Returns
    -------
    One row a term, value and answer: `item, term, category, answer, share, ci_low, ci_high, n,
    note`. Empty of numbers where the model has
    no estimates.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> table = predicted_shares(load_survey(study), study.questionnaire.names("ordinal",
    ...     focus=True)[0])
    >>> table.groupby(["term", "category"])["share"].sum().round(6).unique().tolist()
    [1.0]
    """
    need_answers(answers)
    names = ["item", "term", "category", "answer", "share", "ci_low", "ci_high", "n", "note"]
    model = fitted_model(answers, item, terms, interaction, numeric)
    if model.fit is None:
        return pd.DataFrame(
            [{"item": item, "n": len(model.place), "note": model.note}], columns=names
        )
    params, cov = (
        np.asarray(model.fit.params, dtype=float),
        np.asarray(model.fit.cov_params(), dtype=float),
    )
    k, p = len(model.codes), model.design.shape[1]
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    for term in terms:
        for value in term_levels(model.data[term]):
            moved = model.data.copy()
            moved[term] = pd.Series(
                [value] * len(moved), index=moved.index, dtype=model.data[term].dtype
            )
            design = model.scaled(_moved_design(model, moved, terms, interaction, numeric))
            share = _mean_shares(params, design, p, k)
            step = 1e-5
            slope = np.array(
                [
                    (
                        _mean_shares(params + step * unit, design, p, k)
                        - _mean_shares(params - step * unit, design, p, k)
                    )
                    / (2 * step)
                    for unit in np.eye(len(params))
                ]
            )
            error = np.sqrt(np.clip(np.einsum("ij,ik,kj->j", slope, cov, slope), 0, None)) / (
                share * (1 - share)
            )
            for place, code in enumerate(model.codes):
                low, high = expit(logit(share[place]) + np.array([-z, z]) * error[place])
                lines.append(
                    {
                        "item": item,
                        "term": term,
                        "category": str(value),
                        "answer": code,
                        "share": share[place],
                        "ci_low": low,
                        "ci_high": high,
                        "n": len(model.place),
                        "note": model.note,
                    }
                )
    return pd.DataFrame(lines, columns=names)


def _moved_design(
    model: Model,
    moved: pd.DataFrame,
    terms: Sequence[str],
    interaction: bool,
    numeric: Sequence[str],
) -> np.ndarray:
    """Return the model's columns for respondents some of whose groups were changed."""
    levels = {name: [str(one) for one in term_levels(model.data[name])] for name in terms}
    columns = []
    for name in model.design:
        values = np.ones(len(moved))
        for part in str(name).split(":") if interaction else [str(name)]:
            term, sign, level = part.partition("=")
            if sign and level in levels.get(term, []):
                values = values * (moved[term].astype(str) == level).to_numpy(dtype=float)
            else:
                values = values * moved[part].to_numpy(dtype=float)
        columns.append(values)
    return np.column_stack(columns)


def _mean_shares(params: np.ndarray, design: np.ndarray, p: int, k: int) -> np.ndarray:
    cuts = np.cumsum(np.concatenate([[params[p]], np.exp(params[p + 1 :])]))
    below = expit(cuts - (design @ params[:p])[:, None])
    return np.asarray(np.diff(below, axis=1, prepend=0, append=1).mean(axis=0))
