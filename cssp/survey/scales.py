"""Several items as one scale.

Scores, reliability, and whether an item means the same in two cities.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.special import expit, fdtri, logit, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import Index
from cssp.survey.answers import Answers, need_answers
from cssp.survey.factor import one_factor, polychoric
from cssp.survey.group_members import members

NOTE_FEW = "fewer than 30 complete rows: read the coefficients with care"
NOTE_TOO_FEW = "too few complete rows for a coefficient"
NOTE_CONSTANT = "an item with one answer only: no coefficient"
NOTE_NO_FIT = "the one-factor model did not converge: no omega"
NOTE_TWO = "two items: omega is not identified"
NOTE_NEGATIVE = "negative alpha: is an item to be reversed?"
NOTE_NO_VARIATION = "respondents with the same score answer the item alike: nothing to test"
NOTE_NO_STRATUM = "no score that both groups have"


def scale_values(
    answers: Answers, scale: Index, reverse: set[str] | None = None
) -> tuple[pd.DataFrame, float, float]:
    """Return the values of a scale's items, the reversed ones turned, special answers missing.

    And the lowest and highest value.

    Codes that rise along the listed answers are the values themselves; a scale listed otherwise
    gets its places 1, 2, ..., k. Items with
    scales of different length are all placed from 0 to 1.

    Raises
    ------
    ScoringError
        An item that the answers lack or that is not ordinal.
    """
    need_answers(answers)
    book = answers.codebook
    turned = (
        {name for name in scale.items if book.get(name, {}).get("reverse")}
        if reverse is None
        else reverse
    )
    if strange := sorted(turned - set(scale.items)):
        raise ScoringError(
            f"'{strange[0]}' is to be reversed, but is no item of the scale. "
            f"{nearest(strange[0], scale.items)}"
        )
    values, ends = {}, set()
    for name in scale.items:
        if name not in answers:
            raise ScoringError(
                f"There is no item '{name}' in the table. "
                f"{nearest(name, map(str, answers.columns))}"
            )
        entry = book.get(name)
        if entry is None or not (entry["ordered"] or len(entry["codes"]) == 2):
            raise ScoringError(
                f"The item '{name}' has no ordered answers, so it cannot be part of a scale."
            )
        codes = entry["codes"]
        rising = all(a < b for a, b in pairwise(codes))
        value = {code: float(code if rising else place) for place, code in enumerate(codes, 1)}
        low, high = min(value.values()), max(value.values())
        ends.add((low, high))
        column = answers[name].map(value).to_numpy(dtype=float, na_value=np.nan)
        values[name] = low + high - column if name in turned else column
    table = pd.DataFrame(values, index=answers.index)
    if len(ends) == 1:
        low, high = next(iter(ends))
        return table, low, high
    for name in scale.items:
        codes = book[name]["codes"]
        rising = all(a < b for a, b in pairwise(codes))
        low, high = (min(codes), max(codes)) if rising else (1, len(codes))
        table[name] = (table[name] - low) / (high - low)
    return table, 0.0, 1.0


@returns("respondent", "city", "sector", Column("score", "score", "number2"), "answered")
def scale_scores(answers: Answers, scale: Index, reverse: set[str] | None = None) -> pd.DataFrame:
    """Score a scale: the mean of the items a respondent answered, the reversed ones turned.

    Who answered fewer than `scale.min_answered` items has no score. Nothing is imputed: a mean of
    the items answered takes the
    others to be like them, which holds the less the more differ; `answered` says how many there
    were.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    scale : an index of the questionnaire
    reverse : items to turn; None: those that the questionnaire marks

    Returns
    -------
    One row a respondent, in the order of `answers`: `respondent, city, sector` (those of them that
    are there), `score` (between the
    lowest and the highest answer; 0 to 1 where the items' scales differ), `answered`.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> scores = scale_scores(load_survey(study), study.questionnaire.indices[0])
    >>> int(scores["answered"].max())
    6
    """
    need_answers(answers)
    values, _, _ = scale_values(answers, scale, reverse)
    answered = values.notna().sum(axis=1)
    if scale.min_answered > len(scale.items):
        raise ScoringError(
            f"The scale '{scale.name}' has {len(scale.items)} items, so {scale.min_answered} can "
            "never be answered."
        )
    table = answers[[name for name in ("respondent", "city", "sector") if name in answers]].copy()
    table["score"] = values.mean(axis=1).where(answered >= scale.min_answered)
    table["answered"] = answered.astype("int64")
    return table


@returns(
    "scale",
    Column("who", "respondents", "group"),
    "items",
    "n",
    "alpha",
    *bounds("alpha", "alpha_low", "alpha_high", "alpha from", "alpha to"),
    Column("omega", "omega", "number2"),
    *bounds("omega", "omega_low", "omega_high", "omega from", "omega to"),
    Column("alpha_ordinal", "ordinal alpha", "number2"),
    Column("mean_r", "mean correlation", "number2"),
    "note",
)
def reliability(
    answers: Answers,
    scale: Index | Sequence[Index],
    by: str | None = None,
    reverse: set[str] | None = None,
    confidence: float = 0.95,
    ordinal: bool = False,
) -> pd.DataFrame:
    """Return how consistent a scale's items are, in all answers and in each group.

    Base: respondents who answered all items (complete rows). Alpha assumes that the items load
    alike; omega does not, but assumes one
    factor. Neither shows that the items measure *one* thing.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    scale : an index of the questionnaire, or several
    by : column of groups that are looked at one by one after all together
    reverse : items to turn; None: those that the questionnaire marks
    confidence : of the intervals
    ordinal : add alpha of the polychoric correlations, of what lies behind the ordered answers; it
        is higher than the alpha of the
        scores that anybody could compute, and is no reliability of those

    Returns
    -------
    One row a scale and group (`who` is "all" or a value of `by`): `scale, who, items, n, alpha,
    alpha_low, alpha_high` (Feldt), `omega, omega_low,
    omega_high` (total, one-factor maximum likelihood; delta method on the logit),
    `[alpha_ordinal]`, `mean_r` (mean correlation of the
    items), `note`.

    References
    ----------
    Cronbach, L. J. (1951). Psychometrika, 16(3), 297-334. Feldt, L. S. (1965). Psychometrika,
    30(3), 357-370 (interval).
    McDonald, R. P. (1999). Test Theory. Erlbaum. Zumbo, B. D., Gadermann, A. M., & Zeisser, C.
    (2007). Journal of Modern Applied
    Statistical Methods, 6(1), 21-29 (ordinal alpha).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> reliability(load_survey(study), study.questionnaire.indices[0],
    ...     by="city")["who"].tolist() == ["all", *study.cities]
    True
    """
    need_answers(answers)
    groups = [*members(answers, None), *(members(answers, by) if by is not None else [])]
    lines = []
    for one in listed_scales(scale):
        values, _, _ = scale_values(answers, one, reverse)
        for name, rows in groups:
            grid = values[rows].dropna().to_numpy(dtype=float)
            lines.append(
                {"scale": one.name, "who": name, **_coefficients(grid, confidence, ordinal)}
            )
    names = ["scale", "who", "items", "n", *_coefficient_names(ordinal), "note"]
    return pd.DataFrame(lines, columns=names)


def listed_scales(scale: Index | Sequence[Index]) -> list[Index]:
    """Return one scale or several as a list."""
    return [scale] if isinstance(scale, Index) else list(scale)


def _coefficient_names(ordinal: bool) -> list[str]:
    return [
        "alpha",
        "alpha_low",
        "alpha_high",
        "omega",
        "omega_low",
        "omega_high",
        *(["alpha_ordinal"] if ordinal else []),
        "mean_r",
    ]


def _coefficients(grid: np.ndarray, confidence: float, ordinal: bool) -> dict[str, object]:
    n, k = grid.shape
    names = _coefficient_names(ordinal)
    found: dict[str, object] = {"items": k, "n": n, **dict.fromkeys(names, np.nan), "note": ""}
    if n < 3:
        return found | {"note": NOTE_TOO_FEW}
    cov = np.cov(grid, rowvar=False)
    if (np.diag(cov) <= 1e-12).any():
        return found | {"note": NOTE_CONSTANT}
    value = alpha(cov)
    tail = (1 - confidence) / 2
    d1, d2 = n - 1.0, (n - 1.0) * (k - 1)
    found["alpha"] = value
    found["alpha_low"] = 1 - (1 - value) * fdtri(d1, d2, 1 - tail)
    found["alpha_high"] = 1 - (1 - value) * fdtri(d1, d2, tail)
    r = np.corrcoef(grid, rowvar=False)
    found["mean_r"] = float(r[np.triu_indices(k, 1)].mean())
    notes = [NOTE_FEW] if n < 30 else []
    notes += [NOTE_NEGATIVE] if value < 0 else []
    if k < 3:
        notes.append(NOTE_TWO)
    elif n > k + 1:
        model = one_factor(cov, n)
        if model.converged and 0 < model.omega < 1:
            half = ndtri(1 - tail) * model.omega_se / (model.omega * (1 - model.omega))
            found["omega"] = model.omega
            found["omega_low"], found["omega_high"] = (
                expit(logit(model.omega) - half),
                expit(logit(model.omega) + half),
            )
        else:
            notes.append(NOTE_NO_FIT)
    else:
        notes.append(NOTE_NO_FIT)
    if ordinal:
        rho = polychoric_matrix(grid)
        found["alpha_ordinal"] = alpha(rho) if np.isfinite(rho).all() else np.nan
    return found | {"note": "; ".join(notes)}


def alpha(cov: np.ndarray) -> float:
    """Cronbach's alpha of a covariance (or correlation) matrix: k/(k - 1) (1 - trace / sum).

    >>> alpha(np.array([[1.0, 0.5], [0.5, 1.0]]))
    0.667
    """
    k = len(cov)
    return float(k / (k - 1) * (1 - np.trace(cov) / cov.sum()))


def polychoric_matrix(grid: np.ndarray) -> np.ndarray:
    """Return the polychoric correlations of the columns of a complete table of ordered values."""
    k = grid.shape[1]
    codes = [np.unique(column, return_inverse=True) for column in grid.T]
    rho = np.eye(k)
    for i, j in combinations(range(k), 2):
        a, b = len(codes[i][0]), len(codes[j][0])
        table = np.bincount(codes[i][1] * b + codes[j][1], minlength=a * b).reshape(a, b)
        rho[i, j] = rho[j, i] = polychoric(table.astype(float))
    return rho


@returns(
    "scale",
    "item",
    Column("reversed", "reversed", "flag"),
    "n",
    "mean",
    "sd",
    Column("item_rest", "item-rest correlation", "number2"),
    Column("alpha_dropped", "alpha without it", "number2"),
    Column("loading", "loading", "number2"),
    "note",
)
def item_statistics(
    answers: Answers, scale: Index | Sequence[Index], reverse: set[str] | None = None
) -> pd.DataFrame:
    """Return how each item fits the scale: its correlation with the rest, and alpha without it.

    Base: respondents who answered all items.

    Parameters
    ----------
    answers : from `load_survey`
    reverse : items to turn; None: those that the questionnaire marks

    Returns
    -------
    One row a scale and item: `scale, item, reversed, n, mean, sd, item_rest` (correlation with the
    sum of the other items), `alpha_dropped`, `loading`
    (standardised, one factor), `note`.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> table = item_statistics(load_survey(study), study.questionnaire.indices[0])
    >>> bool((table["item_rest"] > 0).all())
    True
    """
    need_answers(answers)
    parts = [_item_statistics(answers, one, reverse) for one in listed_scales(scale)]
    names = [
        "scale",
        "item",
        "reversed",
        "n",
        "mean",
        "sd",
        "item_rest",
        "alpha_dropped",
        "loading",
        "note",
    ]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _item_statistics(answers: Answers, scale: Index, reverse: set[str] | None) -> pd.DataFrame:
    values, _, _ = scale_values(answers, scale, reverse)
    book = answers.codebook
    turned = (
        {name for name in scale.items if book.get(name, {}).get("reverse")}
        if reverse is None
        else reverse
    )
    grid = values.dropna().to_numpy(dtype=float)
    n, k = grid.shape
    table = pd.DataFrame(
        {"item": scale.items, "reversed": [name in turned for name in scale.items], "n": n}
    )
    table.insert(0, "scale", scale.name)
    for name in ("mean", "sd", "item_rest", "alpha_dropped", "loading"):
        table[name] = np.nan
    table["note"] = ""
    if n < 3 or (grid.std(axis=0) <= 1e-12).any():
        return table.assign(note=NOTE_TOO_FEW if n < 3 else NOTE_CONSTANT)
    cov = np.cov(grid, rowvar=False)
    total = cov.sum(axis=0)
    variance = np.diag(cov)
    rest = cov.sum() - 2 * total + variance
    with np.errstate(invalid="ignore", divide="ignore"):
        table["item_rest"] = (total - variance) / np.sqrt(variance * rest)
    table["mean"], table["sd"] = grid.mean(axis=0), grid.std(axis=0, ddof=1)
    if k > 2:
        table["alpha_dropped"] = [alpha(np.delete(np.delete(cov, i, 0), i, 1)) for i in range(k)]
        model = one_factor(cov, n) if n > k + 1 else None
        if model is not None and model.converged:
            table["loading"] = model.loadings / np.sqrt(variance)
    return table
