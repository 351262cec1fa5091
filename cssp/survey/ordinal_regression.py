"""Ordinal regression as tables: a coefficient a row, and the shares that the model predicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.regression import fitted_model

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
