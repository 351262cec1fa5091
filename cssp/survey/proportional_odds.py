"""Is one odds ratio of a term enough for all cuts of the scale?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import chdtrc, expit

from cssp.stats.columns import Column, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.survey.answers import Answers, need_answers
from cssp.survey.regression import NOTE_NO_FIT, NOTE_TWO_ANSWERS, Model, fitted_model

NOTE_EMPTY = "a group did not give every answer: the test rather finds too little"
_FAR = 30.0  # a cut so far out on the logit is one that nobody passes


@returns(
    "item",
    "term",
    Column("lr", "likelihood ratio", "number2"),
    "dof",
    "p",
    "p_adjusted",
    "n_tests",
    Column("odds_least", "least odds ratio at a cut", "number2"),
    Column("odds_most", "greatest odds ratio at a cut", "number2"),
    "category",
    Column("reference", "against", "term_level"),
    "n",
    "note",
)
def proportional_odds_test(
    answers: Answers,
    items: str | Iterable[str],
    terms: Sequence[str] = ("city", "sector"),
    numeric: Sequence[str] = (),
    correction: str = "holm",
    reference: Literal["first", "last"] = "first",
) -> pd.DataFrame:
    """Ask of each term whether its odds ratio is the same at every cut of the scale.

    The model is fitted again with thresholds of their own for each value of the one term, the
    others as before (R's `ordinal::nominal_test`), and twice the gain in log-likelihood is compared
    with a chi-square. The thresholds are kept in their order for every respondent, so no
    probability falls below zero and no fit is better than the saturated one; where a group leaves
    an answer out the fit lies on the border of what is possible, and p is rather too large.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    items : one or several ordinal items
    terms : columns of groups
    numeric : columns of numbers; thresholds are then linear in the number
    correction : of p over the items, term by term
    reference : which value of a term the other is set against, as in `ordinal_regression`

    Returns
    -------
    One row an item and term: `item, term, lr, dof, p, p_adjusted, n_tests, odds_least, odds_most`
    (of a term with two values: its least and greatest odds ratio over the cuts, of `category`
    against `reference`), `category, reference, n, note`.

    References
    ----------
    Peterson, B., & Harrell, F. E. (1990). Partial proportional odds models. Applied Statistics,
    39(2), 205-217.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> proportional_odds_test(load_survey(study), study.questionnaire.names("ordinal",
    ...     focus=True)[0])[["term", "dof"]].to_numpy().tolist()
    [['city', 3], ['sector', 6]]
    """
    need_answers(answers)
    check_correction(correction)
    lines: list[dict[str, object]] = []
    for item in [items] if isinstance(items, str) else items:
        model = fitted_model(answers, item, terms, False, numeric, reference)
        line: dict[str, object] = {"item": item, "n": len(model.place), "note": model.note}
        for term in dict.fromkeys(name for name, _, _ in model.terms) or terms[:1]:
            found: dict[str, object] = {}
            if model.fit is not None and len(model.codes) == 2:
                found = {"note": NOTE_TWO_ANSWERS}
            elif model.fit is not None:
                found = _of_term(model, term)
            lines.append({**line, "term": term, **found})
    names = ["lr", "dof", "p", "odds_least", "odds_most", "category", "reference", "n", "note"]
    table = pd.DataFrame(lines, columns=["item", "term", *names])
    table["p_adjusted"], table["n_tests"] = np.nan, 0
    for _, rows in table.groupby("term").indices.items():
        p = table["p"].iloc[rows].to_numpy(dtype=float)
        table.loc[table.index[rows], "p_adjusted"] = adjust(p, correction)
        table.loc[table.index[rows], "n_tests"] = int(np.isfinite(p).sum())
    order = ["item", "term", "lr", "dof", "p", "p_adjusted", "n_tests", *names[3:]]
    return table[order]


def _of_term(model: Model, term: str) -> dict[str, object]:
    """Return the test of one term: thresholds of their own for each of its values."""
    own = np.array([name == term for name, _, _ in model.terms])
    scaled = model.scaled(model.design.to_numpy())
    if term in model.numeric:  # linear in the number: two ends say all between
        place = (scaled[:, own][:, 0] - scaled[:, own].min()) / np.ptp(scaled[:, own])
        anchors = np.column_stack([1 - place, place])
    else:  # the reference, then each other value
        anchors = np.column_stack([1 - scaled[:, own].sum(axis=1), scaled[:, own]])
    k = len(model.codes)
    table = np.column_stack([anchors, scaled[:, ~own]])
    patterns, which = np.unique(table, axis=0, return_inverse=True)
    counts = np.zeros((len(patterns), k))
    np.add.at(counts, (which.ravel(), model.place), 1)
    ends, others = patterns[:, : anchors.shape[1]], patterns[:, anchors.shape[1] :]
    cuts = np.asarray(model.fit.model.transform_threshold_params(np.asarray(model.fit.params)))
    slopes = model.slopes
    if term in model.numeric:
        reach = slopes[own] * np.array([scaled[:, own].min(), scaled[:, own].max()])
    else:
        reach = np.concatenate([[0.0], slopes[own]])
    start = cuts[1:-1][None, :] - reach[:, None]
    best, thresholds = _ordered_fit(counts, ends, others, start, slopes[~own])
    gain = best - float(model.fit.llf)
    if not np.isfinite(gain) or gain < -1e-3:
        return {"note": NOTE_NO_FIT}
    dof = (k - 2) * (anchors.shape[1] - 1)
    lr = max(2 * gain, 0.0)
    found: dict[str, object] = {"lr": lr, "dof": dof, "p": float(chdtrc(dof, lr))}
    by_value = ends.T @ counts if term not in model.numeric else counts.sum(axis=0)[None, :]
    if (by_value < 0.5).any():
        note = "; ".join(filter(None, [model.note, NOTE_EMPTY]))
        return found | {"note": note}
    if anchors.shape[1] == 2 and term not in model.numeric:
        ratios = np.exp(thresholds[0] - thresholds[1])
        _, category, against = next(term_told for term_told in model.terms if term_told[0] == term)
        found |= {
            "odds_least": float(ratios.min()),
            "odds_most": float(ratios.max()),
            "category": category,
            "reference": against,
        }
    return found


def _ordered_fit(
    counts: np.ndarray, ends: np.ndarray, others: np.ndarray, start: np.ndarray, slopes: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the greatest log-likelihood of cumulative logits with ordered thresholds at each end.

    A pattern's thresholds are a mixture of those at the ends (one of them, or between two), so they
    are ordered wherever the ends' are: no cell has a probability below zero. NaN where the search
    fails.

    Parameters
    ----------
    counts : answers by pattern
    ends : the share that each end has in each pattern; rows add up to 1
    others : values of the other terms in each pattern
    start, slopes : thresholds at each end, and slopes of the others, to start from
    """
    g, cuts = start.shape
    given = counts > 0

    def parts(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.cumsum(theta[: g * cuts].reshape(g, cuts), axis=1), theta[g * cuts :]

    def misfit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        thresholds, beta = parts(theta)
        below = expit(ends @ thresholds - (others @ beta)[:, None])
        cells = np.maximum(np.diff(below, axis=1, prepend=0, append=1), 1e-300)
        ratio = np.divide(counts, cells, out=np.zeros_like(counts), where=given)
        slope = (ratio[:, :-1] - ratio[:, 1:]) * below * (1 - below)
        by_cut = ends.T @ slope  # of the thresholds; a step moves all cuts after it
        steps = np.cumsum(by_cut[:, ::-1], axis=1)[:, ::-1]
        rest = -(others * slope.sum(axis=1)[:, None]).sum(axis=0)
        return -float((counts[given] * np.log(cells[given])).sum()), -np.concatenate(
            [steps.ravel(), rest]
        )

    steps = np.diff(start, axis=1, prepend=0)
    first = [(-_FAR, _FAR), *[(0.0, 2 * _FAR)] * (cuts - 1)]
    bounds = [*first * g, *[(-_FAR, _FAR)] * len(slopes)]
    result = minimize(
        misfit,
        np.concatenate([steps.ravel(), slopes]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 5000, "maxfun": 20000},
    )
    return (-float(result.fun) if np.isfinite(result.fun) else np.nan), parts(result.x)[0]
