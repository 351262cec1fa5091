"""Is one odds ratio enough for all cuts of the scale?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import chdtrc, expit

from cssp.stats.columns import Column, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.regression import NOTE_NO_FIT, NOTE_TWO_ANSWERS, Model, fitted_model


@returns("item", Column("lr", "likelihood ratio", "number2"), "dof", "p", "n", "note")
def proportional_odds_test(
    answers: Answers,
    items: str | Iterable[str],
    terms: Sequence[str] = ("city", "sector"),
    numeric: Sequence[str] = (),
) -> pd.DataFrame:
    """Ask whether the odds ratios are the same at every cut of the scale (likelihood-ratio test).

    The model is fitted again with a coefficient of its own for every term at every cut; twice the
    gain in log-likelihood is compared with
    a chi-square. With few answers at the ends of the scale the test is generous or cannot be made;
    the note says so.

    Returns
    -------
    One row an item: `item, lr, dof, p, n, note`.

    References
    ----------
    Peterson, B., & Harrell, F. E. (1990). Partial proportional odds models. Applied Statistics,
    39(2), 205-217.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> proportional_odds_test(load_survey(study), study.questionnaire.names("ordinal",
    ...     focus=True)[0])["dof"].item()
    9
    """
    need_answers(answers)
    lines: list[dict[str, object]] = []
    for item in [items] if isinstance(items, str) else items:
        model = fitted_model(answers, item, terms, False, numeric)
        line: dict[str, object] = {
            "item": item,
            "lr": np.nan,
            "dof": np.nan,
            "p": np.nan,
            "n": len(model.place),
            "note": model.note,
        }
        k = len(model.codes)
        if model.fit is not None and k == 2:
            line["note"] = NOTE_TWO_ANSWERS
        elif model.fit is not None:
            gain = _free_fit(model) - float(model.fit.llf)
            if np.isfinite(gain):
                dof = (k - 2) * model.design.shape[1]
                line |= {
                    "lr": max(2 * gain, 0.0),
                    "dof": dof,
                    "p": float(chdtrc(dof, max(2 * gain, 0.0))),
                }
            else:
                line["note"] = NOTE_NO_FIT
        lines.append(line)
    return pd.DataFrame(lines, columns=["item", "lr", "dof", "p", "n", "note"])


def _free_fit(model: Model) -> float:
    """Return the log-likelihood of cumulative logits with slopes of their own at each cut.

    NaN where the search fails.

    Respondents with the same values are one row with a weight, so a model of city and sector is
    fitted to a handful of rows.
    """
    k = len(model.codes)
    scaled = model.scaled(model.design.to_numpy())
    middle, spread = scaled.mean(axis=0), scaled.std(axis=0, ddof=1)
    x_all = (scaled - middle) / spread
    patterns, which = np.unique(x_all, axis=0, return_inverse=True)
    counts = np.zeros((len(patterns), k))
    np.add.at(counts, (which.ravel(), model.place), 1)
    p = patterns.shape[1]
    x = np.column_stack([np.ones(len(patterns)), -patterns])

    def misfit(theta: np.ndarray) -> tuple[float, np.ndarray]:
        below = expit(x @ theta.reshape(k - 1, p + 1).T)
        cells = np.diff(below, axis=1, prepend=0, append=1)
        if (cells[counts > 0] <= 0).any():
            return 1e10, np.zeros_like(theta)
        ratio = np.divide(counts, cells, out=np.zeros_like(counts), where=counts > 0)
        slope = (ratio[:, :-1] - ratio[:, 1:]) * below * (1 - below)
        return float(-(counts[counts > 0] * np.log(cells[counts > 0])).sum()), -(
            slope.T @ x
        ).ravel()

    cuts = np.asarray(model.fit.model.transform_threshold_params(np.asarray(model.fit.params)))[
        1:-1
    ]
    slopes = model.slopes * spread
    cuts = cuts - middle @ model.slopes
    start = np.column_stack([cuts, np.tile(slopes, (k - 1, 1))]).ravel()
    result = minimize(
        misfit, start, jac=True, method="BFGS", options={"gtol": 1e-6, "maxiter": 3000}
    )
    if result.fun >= 1e9 or not (
        result.success or np.abs(result.jac).max() < 1e-3 * max(1.0, counts.sum() / 100)
    ):
        return float("nan")
    return -float(result.fun)
