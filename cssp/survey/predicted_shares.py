"""The shares of each answer that a fitted model of ordered answers predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from cssp.stats.columns import bounds, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.regression import Model, fitted_model, term_levels


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
