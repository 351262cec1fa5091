"""Several items as one scale.

Scores, reliability, and whether an item means the same in two cities.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.special import chdtrc, expit, fdtri, logit, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import Index
from cssp.survey.answers import Answers, need_answers
from cssp.survey.factor import one_factor, polychoric
from cssp.survey.group_members import levels_of, members

NOTE_FEW = "fewer than 30 complete rows: read the coefficients with care"
NOTE_TOO_FEW = "too few complete rows for a coefficient"
NOTE_CONSTANT = "an item with one answer only: no coefficient"
NOTE_NO_FIT = "the one-factor model did not converge: no omega"
NOTE_TWO = "two items: omega is not identified"
NOTE_NEGATIVE = "negative alpha: is an item to be reversed?"
NOTE_NO_VARIATION = "respondents with the same rest score answer the item alike: nothing to test"
NOTE_NO_STRATUM = "no rest score that both groups share"


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
    >>> reliability(load_survey(study), study.questionnaire.indices[0], by="city")["who"].tolist() == ["all", *study.cities]
    True
    """
    need_answers(answers)
    groups = [*members(answers, None), *(members(answers, by) if by is not None else [])]
    lines = []
    for one in _scales(scale):
        values, _, _ = scale_values(answers, one, reverse)
        for name, rows in groups:
            grid = values[rows].dropna().to_numpy(dtype=float)
            lines.append(
                {"scale": one.name, "who": name, **_coefficients(grid, confidence, ordinal)}
            )
    names = ["scale", "who", "items", "n", *_coefficient_names(ordinal), "note"]
    return pd.DataFrame(lines, columns=names)


def _scales(scale: Index | Sequence[Index]) -> list[Index]:
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
    parts = [_item_statistics(answers, one, reverse) for one in _scales(scale)]
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


@returns(
    "scale",
    "item",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    "strata",
    Column("smd", "difference at equal rest score, scale points", "signed2"),
    *bounds("smd"),
    Column("smd_sd", "in SDs", "signed2"),
    "chi2",
    "dof",
    "p",
    "p_adjusted",
    "n_tests",
    "note",
)
def item_bias(
    answers: Answers,
    scale: Index | Sequence[Index],
    between: str = "city",
    reverse: set[str] | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Ask of each item of a scale whether it may be compared between two groups at all
    (differential item functioning).

    Respondents of the two groups with the same score on the *other* items should answer the item
    alike. The Mantel test joins the
    comparisons within each rest score; the standardised mean difference is the mean of the
    differences, weighted by the second group's
    respondents. An item that fails may still differ for a good reason, but its raw difference is
    not one of the scale's trait alone.

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    scale : an index of the questionnaire, or several; base: respondents who answered all its items
    between : column of the groups, compared pair by pair
    reverse, correction, confidence : as elsewhere; the correction is over all rows

    Returns
    -------
    One row a scale, item and pair of groups: `scale, item, group_a, group_b, n_a, n_b` (respondents
    in rest scores that both groups have), `strata`
    (rest scores), `smd` (group a minus group b, in points of the scale), `ci_low, ci_high`,
    `smd_sd` (smd over the item's standard
    deviation), `chi2, dof, p, p_adjusted, n_tests, note`.

    References
    ----------
    Mantel, N. (1963). Chi-square tests with one degree of freedom. JASA, 58(303), 690-700.
    Zwick, R., Donoghue, J. R., & Grima, A. (1993). Journal of Educational Measurement, 30(3),
    233-251.
    Zwick, R., & Thayer, D. T. (1996). Journal of Educational and Behavioral Statistics, 21(3),
    187-201 (variance of the SMD).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> item_bias(load_survey(study), study.questionnaire.indices[0])["dof"].unique().tolist()
    [1]
    """
    need_answers(answers)
    check_correction(correction)
    if between not in answers:
        raise ScoringError(
            f"There is no column '{between}'. {nearest(between, map(str, answers.columns))}"
        )
    z = float(ndtri(0.5 + confidence / 2))
    lines = [line for one in _scales(scale) for line in _biases(answers, one, between, reverse, z)]
    names = [
        "n_a",
        "n_b",
        "strata",
        "smd",
        "ci_low",
        "ci_high",
        "smd_sd",
        "chi2",
        "dof",
        "p",
        "note",
    ]
    keys = ["scale", "item", "group_a", "group_b"]
    table = pd.DataFrame(lines, columns=[*keys, *names])
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return table[[*keys, *names[:-1], "p_adjusted", "n_tests", "note"]]


def _biases(
    answers: Answers, scale: Index, between: str, reverse: set[str] | None, z: float
) -> list[dict[str, object]]:
    values, _, _ = scale_values(answers, scale, reverse)
    complete = (values.notna().all(axis=1) & answers[between].notna()).to_numpy(dtype=bool)
    grid = values[complete].to_numpy(dtype=float)
    column = answers.rows.loc[complete, between]
    groups = levels_of(column)
    lines: list[dict[str, object]] = []
    for place, name in enumerate(scale.items):
        rest = np.round(np.delete(grid, place, axis=1).sum(axis=1), 9)
        for a, b in combinations(groups, 2):
            rows = column.isin([a, b]).to_numpy(dtype=bool)
            found = _mantel(
                grid[rows, place], rest[rows], (column[rows] == a).to_numpy(dtype=bool), z
            )
            lines.append({"scale": scale.name, "item": name, "group_a": a, "group_b": b, **found})
    return lines


def _mantel(value: np.ndarray, rest: np.ndarray, is_a: np.ndarray, z: float) -> dict[str, object]:
    empty = dict.fromkeys(("smd", "ci_low", "ci_high", "smd_sd", "chi2", "p"), np.nan)
    if not len(value):
        return {"n_a": 0, "n_b": 0, "strata": 0, **empty, "dof": 1, "note": NOTE_NO_STRATUM}
    _, stratum = np.unique(rest, return_inverse=True)
    size = stratum.max() + 1

    def summed(weights: np.ndarray) -> np.ndarray:
        return np.bincount(stratum, weights=weights, minlength=size)

    n_a, n_b = summed(is_a.astype(float)), summed((~is_a).astype(float))
    both = (n_a > 0) & (n_b > 0)
    if not both.any():
        return {"n_a": 0, "n_b": 0, "strata": 0, **empty, "dof": 1, "note": NOTE_NO_STRATUM}
    total_a, total, squares = (
        summed(value * is_a)[both],
        summed(value)[both],
        summed(value**2)[both],
    )
    n_a, n_b = n_a[both], n_b[both]
    n = n_a + n_b
    expected = n_a * total / n
    variance = n_a * n_b * (n * squares - total**2) / (n**2 * (n - 1))
    weight = n_b / n_b.sum()
    smd = float((weight * (total_a / n_a - (total - total_a) / n_b)).sum())
    # given its margins, a stratum's difference of means varies as total_a does, times 1/n_a + 1/n_b
    error = float(np.sqrt((weight**2 * (1 / n_a + 1 / n_b) ** 2 * variance).sum()))
    spread = float(value.std(ddof=1)) if len(value) > 1 else np.nan
    alike = np.ptp(value) <= 1e-12
    flat = alike or variance.sum() <= 1e-12
    chi2 = np.nan if flat else float((total_a - expected).sum() ** 2 / variance.sum())
    return {
        "n_a": int(n_a.sum()),
        "n_b": int(n_b.sum()),
        "strata": int(both.sum()),
        "smd": smd,
        "ci_low": np.nan if flat else smd - z * error,
        "ci_high": np.nan if flat else smd + z * error,
        "smd_sd": np.nan if alike else smd / spread,
        "chi2": chi2,
        "dof": 1,
        "p": float(chdtrc(1, chi2)),
        "note": NOTE_CONSTANT if alike else NOTE_NO_VARIATION if flat else "",
    }
