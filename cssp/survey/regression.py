"""An ordinal item explained by city, sector and what else is known of a respondent.

Proportional-odds models by statsmodels.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers
from cssp.survey.group_members import levels_of

NOTE_ONE_ANSWER = "fewer than two different answers: no model"
NOTE_ONE_GROUP = "a term with one value only: left out"
NOTE_SEPARATED = (
    "a group gave only the lowest or only the highest answer: its odds ratio is not estimable"
)
NOTE_NO_FIT = "the model did not converge: no estimates"
NOTE_TWO_ANSWERS = "two answers: odds are proportional by construction"
NOTE_SPARSE = "too few answers for each term: read the estimates with care"


@dataclass
class Model:
    """A proportional-odds model with what it was fitted to."""

    item: str
    data: pd.DataFrame
    place: np.ndarray
    codes: list[int]
    design: pd.DataFrame
    terms: list[tuple[str, str, str]]
    fit: Any
    note: str
    numeric: Sequence[str] = ()

    @property
    def centre(self) -> np.ndarray:
        """What is taken off each column before the fit: the mean of numbers, nothing of groups."""
        return np.array(
            [self.design[name].mean() if name in self.numeric else 0.0 for name in self.design]
        )

    @property
    def unit(self) -> np.ndarray:
        """What each column is divided by before the fit.

        A number in rubles must not stop the search.
        """
        return np.array(
            [self.design[name].std() if name in self.numeric else 1.0 for name in self.design]
        )

    def scaled(self, design: np.ndarray) -> np.ndarray:
        """Return columns as the fit sees them."""
        return np.asarray((design - self.centre) / self.unit)

    @property
    def slopes(self) -> np.ndarray:
        """Slopes of the scaled columns."""
        return np.asarray(self.fit.params)[: self.design.shape[1]]


def term_levels(column: pd.Series) -> list[object]:
    """Return the levels of a term that somebody has, in their order."""
    present = set(column.dropna().unique())
    return [name for name in levels_of(column, sort=True) if name in present]


def _design(
    data: pd.DataFrame,
    terms: Sequence[str],
    interaction: bool,
    numeric: Sequence[str],
    reference: str = "first",
) -> tuple[pd.DataFrame, list[tuple[str, str, str]], bool]:
    """Return the model matrix (first level of each term is the reference), what each column is.

    And whether a term was left out.
    """
    columns: dict[str, np.ndarray] = {}
    terms_used: list[tuple[str, str, str]] = []
    dummies: dict[str, list[tuple[str, np.ndarray]]] = {}
    dropped = False
    for name in terms:
        levels = term_levels(data[name])
        if reference == "last":
            levels = levels[-1:] + levels[:-1]
        dropped |= len(levels) < 2
        dummies[name] = [
            (str(level), (data[name] == level).to_numpy(dtype=float)) for level in levels[1:]
        ]
        for level, values in dummies[name]:
            columns[f"{name}={level}"] = values
            terms_used.append((name, level, str(levels[0])))
    if interaction:
        for place, one in enumerate(terms):
            for two in terms[place + 1 :]:
                for a, x in dummies[one]:
                    for b, y in dummies[two]:
                        if (x * y).any():
                            columns[f"{one}={a}:{two}={b}"] = x * y
                            terms_used.append((f"{one}:{two}", f"{a}:{b}", ""))
    for name in numeric:
        values = data[name].to_numpy(dtype=float)
        dropped |= len(np.unique(values)) < 2
        if len(np.unique(values)) > 1:
            columns[name] = values
            terms_used.append((name, "", ""))
    return pd.DataFrame(columns, index=data.index), terms_used, dropped


def fitted_model(
    answers: Answers,
    item: str,
    terms: Sequence[str],
    interaction: bool,
    numeric: Sequence[str],
    reference: str = "first",
) -> Model:
    """Return the fitted model of an item, or one without estimates and a note that says why."""
    book = answers.codebook.get(item)
    for name in (item, *terms, *numeric):
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}'. {nearest(name, map(str, answers.columns))}"
            )
    if both := [name for name in terms if name in numeric]:
        raise ScoringError(f"'{both[0]}' is named both as a group and as a number; choose one.")
    if book is None or not (book["ordered"] or len(book["codes"]) == 2):
        raise ScoringError(f"The item '{item}' has no ordered answers in the codebook.")
    value = {code: place for place, code in enumerate(book["codes"])}
    place = answers[item].map(value).to_numpy(dtype=float, na_value=np.nan)
    keep = ~np.isnan(place) & answers[[*terms, *numeric]].notna().all(axis=1).to_numpy(dtype=bool)
    data, place = answers.rows[keep], place[keep]
    design, terms_used, dropped = _design(data, terms, interaction, numeric, reference)
    used = np.unique(place)
    model = Model(
        item,
        data,
        np.searchsorted(used, place),
        [book["codes"][int(i)] for i in used],
        design,
        terms_used,
        None,
        "",
        [name for name in numeric if name in design],
    )
    notes = [NOTE_ONE_GROUP] if dropped else []
    if (
        len(used) < 2
        or design.empty
        or np.linalg.matrix_rank((scaled := model.scaled(design.to_numpy())) - scaled.mean(axis=0))
        < design.shape[1]
    ):
        notes.append(NOTE_ONE_ANSWER if len(used) < 2 else NOTE_NO_FIT)
        model.note = "; ".join(notes)
        return model
    if _separated(model, terms, interaction):
        model.note = "; ".join([*notes, NOTE_SEPARATED])
        return model
    scaled = model.scaled(design.to_numpy())
    spread = scaled.std(axis=0, ddof=1)
    ordered = pd.Series(pd.Categorical(model.place, categories=range(len(used)), ordered=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters of them is read off the result
        try:
            fit = _proportional_odds(ordered, scaled).fit(
                method="bfgs", disp=False, maxiter=2000, gtol=1e-7
            )
            errors = np.asarray(fit.bse)[: design.shape[1]]
            fine = (
                bool(fit.mle_retvals["converged"])
                or float(np.abs(fit.model.score(fit.params)).max()) < 1e-3
            )
        except (np.linalg.LinAlgError, ValueError):
            fit, fine, errors = None, False, np.array([np.nan])
    if (
        not fine
        or not np.isfinite(errors).all()
        or (np.abs(np.asarray(fit.params)[: design.shape[1]]) * spread > 12).any()
        or (errors * spread > 25).any()
    ):
        model.note = "; ".join([*notes, NOTE_NO_FIT])
        return model
    model.fit = fit
    if len(model.place) < 10 * (design.shape[1] + len(used) - 1):
        notes.append(NOTE_SPARSE)
    model.note = "; ".join(notes)
    return model


def _proportional_odds(ordered: pd.Series, design: np.ndarray) -> Any:
    """Return statsmodels' model with the slope of its log-likelihood in closed form.

    By differences it takes ten times as long.
    """
    from statsmodels.miscmodels.ordinal_model import (
        OrderedModel,
    )  # not at the top: half a second of import
    from statsmodels.tools.numdiff import approx_fprime

    class ProportionalOdds(OrderedModel):  # type: ignore[misc,unused-ignore]
        def score(self, params: np.ndarray) -> np.ndarray:
            p, y, rows = self.k_vars, self.endog, np.arange(len(self.endog))
            below = expit(
                self.transform_threshold_params(params) - (self.exog @ params[:p])[:, None]
            )
            density = below * (1 - below)  # at every cut, the infinite ones included
            chance = np.maximum(below[rows, y + 1] - below[rows, y], np.finfo(float).tiny)
            upper, lower = density[rows, y + 1] / chance, density[rows, y] / chance
            cuts = np.zeros((len(rows), below.shape[1]))
            cuts[rows, y + 1] += upper
            cuts[rows, y] -= lower
            by_cut = cuts.sum(axis=0)[1:-1]
            after = np.cumsum(by_cut[::-1])[::-1]  # a step of the scale moves all cuts after it
            steps = np.concatenate([after[:1], after[1:] * np.exp(params[p + 1 :])])
            return np.concatenate([-(self.exog * (upper - lower)[:, None]).sum(axis=0), steps])

        def hessian(self, params: np.ndarray) -> np.ndarray:
            found = approx_fprime(params, self.score, centered=True)
            return np.asarray((found + found.T) / 2)

    return ProportionalOdds(ordered, design, distr="logit")


def _separated(model: Model, terms: Sequence[str], interaction: bool) -> bool:
    """Tell whether a group (with an interaction.

    A cell of groups) gave only the lowest or only the highest answer: its odds are infinite.
    """
    top = model.place.max()
    keys: list[list[str]] = [[name] for name in terms]
    if interaction:
        keys += [list(pair) for pair in combinations(terms, 2)]
    for key in keys:
        for rows in model.data.groupby(key, observed=True).indices.values():
            own = model.place[rows]
            if len(own) and (own.max() == 0 or own.min() == top):
                return True
    return False
