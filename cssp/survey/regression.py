"""An ordinal item explained by city, sector and what else is known of a respondent.

Proportional-odds models by statsmodels.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of

NOTE_ONE_ANSWER = "fewer than two different answers: no model"
NOTE_ONE_GROUP = "a term with one value only: left out"
NOTE_SEPARATED = (
    "a group gave only the lowest or only the highest answer: its odds ratio is not estimable"
)
NOTE_NO_FIT = "the model did not converge: no estimates"
NOTE_TWO_ANSWERS = "two answers: odds are proportional by construction"
NOTE_SPARSE = "too few answers for each term: read the estimates with care"
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


def _term_levels(column: pd.Series) -> list[object]:
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
    told: list[tuple[str, str, str]] = []
    dummies: dict[str, list[tuple[str, np.ndarray]]] = {}
    dropped = False
    for name in terms:
        levels = _term_levels(data[name])
        if reference == "last":
            levels = levels[-1:] + levels[:-1]
        dropped |= len(levels) < 2
        dummies[name] = [
            (str(level), (data[name] == level).to_numpy(dtype=float)) for level in levels[1:]
        ]
        for level, values in dummies[name]:
            columns[f"{name}={level}"] = values
            told.append((name, level, str(levels[0])))
    if interaction:
        for place, one in enumerate(terms):
            for two in terms[place + 1 :]:
                for a, x in dummies[one]:
                    for b, y in dummies[two]:
                        if (x * y).any():
                            columns[f"{one}={a}:{two}={b}"] = x * y
                            told.append((f"{one}:{two}", f"{a}:{b}", ""))
    for name in numeric:
        values = data[name].to_numpy(dtype=float)
        dropped |= len(np.unique(values)) < 2
        if len(np.unique(values)) > 1:
            columns[name] = values
            told.append((name, "", ""))
    return pd.DataFrame(columns, index=data.index), told, dropped


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
    if book is None or not (book["ordered"] or len(book["codes"]) == 2):
        raise ScoringError(f"The item '{item}' has no ordered answers in the codebook.")
    value = {code: place for place, code in enumerate(book["codes"])}
    place = answers[item].map(value).to_numpy(dtype=float, na_value=np.nan)
    keep = ~np.isnan(place) & answers[[*terms, *numeric]].notna().all(axis=1).to_numpy(dtype=bool)
    data, place = answers.rows[keep], place[keep]
    design, told, dropped = _design(data, terms, interaction, numeric, reference)
    used = np.unique(place)
    model = Model(
        item,
        data,
        np.searchsorted(used, place),
        [book["codes"][int(i)] for i in used],
        design,
        told,
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
        for value in _term_levels(model.data[term]):
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
    levels = {name: [str(one) for one in _term_levels(model.data[name])] for name in terms}
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
