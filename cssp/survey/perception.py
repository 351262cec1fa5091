"""Who rates whom: each sector's rating of each, of itself, and whether they answer in kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of

NOTE_NO_ANSWERS = "no answers"
NOTE_HIDDEN = "suppressed: fewer respondents than the study allows to show"
NOTE_ONE = "one respondent or answers all alike: no interval"
NOTE_FEW = "fewer than 15 answers: the interval covers less than it says"
FEW = 15
_GAPS = [
    "comparison",
    "sector",
    "other",
    "gap",
    "ci_low",
    "ci_high",
    "estimate_first",
    "estimate_second",
    "n_first",
    "n_second",
    "note",
]


@returns(
    "city",
    Column("rater", "who rates", "sector"),
    Column("rated", "who is rated", "sector"),
    Column("own", "self-rating", "flag"),
    "items",
    "estimate",
    "se",
    *bounds("estimate"),
    "n",
    "measure",
    "note",
    "year",
)
def perception_matrix(
    answers: Answers,
    by: str = "city",
    measure: Literal["balance", "mean"] = "balance",
    rated: Mapping[str, str] | None = None,
    smallest: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how each sector rates each sector, in each city.

    The estimand is the mean of the items' values: of their plain balances (positive minus negative,
    substantive answers), or of
    their mean answers, placed from 0 (lowest answer of the scale) to 1 (highest). Each item has its
    own base, so whoever cannot
    judge one item still counts for the others. Answers of one person to several items hang
    together, so the interval is made
    from rows: each respondent's part in every item's value is added up, and their variance is that
    of the mean (linearisation; bounds by Student's t).

    Parameters
    ----------
    answers : table from `load_survey`, with its codebook
    by : column of groups, the cities
    measure : "balance", in [-1, 1], or "mean", in [0, 1]
    rated : item -> whom it rates; None: as the questionnaire says (`rated`)
    smallest : cells of fewer respondents (but not of none) are hidden, with a note
    confidence : of the intervals

    Returns
    -------
    One row a city, rater and rated: `[by], rater, rated, own` (rates itself), `items` (with
    answers), `estimate, se, ci_low, ci_high, n`
    (respondents who answered any of the items), `measure, note`.

    Raises
    ------
    ScoringError
        No item rates anybody (with `rated` given and empty, the table is empty instead), or the
        table has no codebook.

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model Assisted Survey Sampling. Springer,
    sec. 5.5 (linearised variance).

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> matrix = perception_matrix(load_survey(load_study()))
    >>> len(matrix), int(matrix["own"].sum())
    (18, 6)
    """
    need_answers(answers)
    names = [
        by,
        "rater",
        "rated",
        "own",
        "items",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "n",
        "measure",
        "note",
    ]
    if rated is not None and not rated:
        return pd.DataFrame(columns=names)
    items = _rated_items(answers, rated)
    sectors = list(dict.fromkeys([*map(str, levels_of(answers["sector"])), *items.values()]))
    z = float(ndtri(0.5 + confidence / 2))
    targets = [sector for sector in sectors if sector in set(items.values())]
    scores = {item: _scores(answers, item, measure) for item in items}
    lines = []
    for city in levels_of(answers[by]):
        for one in levels_of(answers["sector"]):
            rows = ((answers[by] == city) & (answers["sector"] == one)).to_numpy(dtype=bool)
            for target in targets:
                grid = np.column_stack(
                    [scores[item][rows] for item in items if items[item] == target]
                )
                lines.append(
                    {
                        by: city,
                        "rater": str(one),
                        "rated": target,
                        "own": str(one) == target,
                        **_value(grid, z, measure),
                    }
                )
    table = pd.DataFrame(lines)
    table["measure"] = measure
    hidden = table["n"].between(1, smallest - 1)
    table.loc[hidden, ["estimate", "se", "ci_low", "ci_high"]] = np.nan
    table.loc[hidden, "items"], table.loc[hidden, "n"], table.loc[hidden, "note"] = (
        0,
        0,
        NOTE_HIDDEN,
    )
    return table[
        [
            by,
            "rater",
            "rated",
            "own",
            "items",
            "estimate",
            "se",
            "ci_low",
            "ci_high",
            "n",
            "measure",
            "note",
        ]
    ]


def _rated_items(answers: Answers, rated: Mapping[str, str] | None) -> dict[str, str]:
    book = answers.codebook
    if rated is None:
        found = {
            name: entry["rated"]
            for name, entry in book.items()
            if entry.get("rated") and entry["ordered"]
        }
    else:
        found = {str(name): str(target) for name, target in rated.items()}
    if unknown := [name for name in found if name not in answers or name not in book]:
        raise ScoringError(f"There is no item '{unknown[0]}' among the answers.")
    if not found:
        raise ScoringError(
            "No item says whom it rates; write 'rated: SECTOR' beside the items in the "
            "questionnaire."
        )
    return found


def placed_scores(answers: Answers, item: str) -> np.ndarray:
    """Return each respondent's answer, placed from 0 (lowest) to 1 (highest); NaN outside."""
    return _scores(answers, item, "mean")


def _scores(answers: Answers, item: str, measure: str) -> np.ndarray:
    """Return each respondent's score on an item; NaN outside the scale."""
    entry = answers.codebook[item]
    codes = entry["codes"]
    if measure == "balance":
        value = {code: float(entry["sign"][code]) for code in codes}
    elif measure == "mean":
        value = {code: place / max(len(codes) - 1, 1) for place, code in enumerate(codes)}
    else:
        raise ScoringError(f"'{measure}' is not a measure; say 'balance' or 'mean'.")
    return np.asarray(answers[item].map(value).to_numpy(dtype=float, na_value=np.nan))


def _value(grid: np.ndarray, z: float, measure: str) -> dict[str, object]:
    """Mean of the items' means and its linearised standard error.

    Rows are respondents, NaN where an item is not answered.
    """
    given = ~np.isnan(grid)
    grid, given = grid[:, given.any(axis=0)], given[:, given.any(axis=0)]
    n = int(given.any(axis=1).sum())
    if not n:
        return {
            "items": 0,
            "estimate": np.nan,
            "se": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "n": 0,
            "note": NOTE_NO_ANSWERS,
        }
    size = given.sum(axis=0)
    means = np.where(given, grid, 0).sum(axis=0) / size
    estimate = float(means.mean())
    part = (np.where(given, grid - means, 0) / size).mean(axis=1)[given.any(axis=1)]
    se = float(np.sqrt((part**2).sum() * n / (n - 1))) if n > 1 else np.nan
    bounds = (-1.0, 1.0) if measure == "balance" else (0.0, 1.0)
    if not se > 1e-12:
        return {
            "items": len(size),
            "estimate": estimate,
            "se": np.nan,
            "ci_low": np.nan,
            "ci_high": np.nan,
            "n": n,
            "note": NOTE_ONE,
        }
    half = float(stdtrit(n - 1, ndtr(z))) * se
    low, high = np.clip([estimate - half, estimate + half], *bounds)
    return {
        "items": len(size),
        "estimate": estimate,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "n": n,
        "note": NOTE_FEW if n < FEW else "",
    }


@returns(
    "city",
    Column("comparison", "what is compared", "word"),
    "sector",
    Column("other", "the other", "sector"),
    "gap",
    *bounds("gap"),
    Column("estimate_first", "first, points", "points"),
    Column("estimate_second", "second, points", "points"),
    "n_first",
    "n_second",
    "note",
)
def perception_gaps(matrix: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Return the gaps of a perception matrix.

    - `reciprocity`: A's rating of B minus B's rating of A, for each pair of sectors;
    - `self_image`: how the other sectors rate A (the mean of their ratings, each sector counting
      alike) minus how A rates itself:
      below zero, A thinks better of itself than the others do.

    Raters of different sectors are different people, so variances add; the interval is Welch's,
    with Satterthwaite's degrees of freedom, as that of the matrix is Student's.

    Parameters
    ----------
    matrix : table from `perception_matrix`; rows may be left out (groups too small to be shown)
    confidence : of the intervals

    Returns
    -------
    One row a city and gap: `[by], comparison` ("reciprocity" or "self_image"), `sector` (A),
    `other` (B; empty for the self-image),
    `gap, ci_low, ci_high, estimate_first, estimate_second` (the two values subtracted), `n_first,
    n_second, note`.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> gaps = perception_gaps(perception_matrix(load_survey(load_study())))
    >>> gaps["comparison"].value_counts().to_dict()
    {'reciprocity': 6, 'self_image': 2}
    """
    by = str(matrix.columns[0])
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    for city, part in matrix.groupby(by, sort=False, observed=True):
        cell = {
            (row["rater"], row["rated"]): row for row in part.to_dict("records") if row["n"] > 0
        }
        sectors = list(dict.fromkeys([*part["rater"], *part["rated"]]))
        for place, a in enumerate(sectors):
            for b in sectors[place + 1 :]:
                if (a, b) in cell and (b, a) in cell:
                    lines.append(
                        {
                            by: city,
                            "comparison": "reciprocity",
                            "sector": a,
                            "other": b,
                            **_gap([cell[a, b]], [cell[b, a]], z),
                        }
                    )
        for a in sectors:
            others = [cell[b, a] for b in sectors if b != a and (b, a) in cell]
            if (a, a) in cell and others:
                lines.append(
                    {
                        by: city,
                        "comparison": "self_image",
                        "sector": a,
                        "other": "",
                        **_gap(others, [cell[a, a]], z),
                    }
                )
    return pd.DataFrame(lines, columns=[by, *_GAPS])


def _gap(
    first: Iterable[dict[str, object]], second: Iterable[dict[str, object]], z: float
) -> dict[str, object]:
    one, two = pd.DataFrame(first), pd.DataFrame(second)
    difference = one["estimate"].mean() - two["estimate"].mean()
    parts = np.concatenate(
        [(side["se"].astype(float) ** 2 / len(side) ** 2).to_numpy() for side in (one, two)]
    )
    error = np.sqrt(parts.sum())
    degrees = np.concatenate([side["n"].to_numpy(dtype=float) - 1 for side in (one, two)])
    with np.errstate(invalid="ignore", divide="ignore"):  # Welch and Satterthwaite's
        edge = float(stdtrit(parts.sum() ** 2 / (parts**2 / degrees).sum(), ndtr(z)))
    few = min(one["n"].min(), two["n"].min()) < FEW
    note = NOTE_ONE if np.isnan(error) else NOTE_FEW if few else ""
    return {
        "gap": difference,
        "ci_low": difference - edge * error,
        "ci_high": difference + edge * error,
        "estimate_first": one["estimate"].mean(),
        "estimate_second": two["estimate"].mean(),
        "n_first": int(one["n"].sum()),
        "n_second": int(two["n"].sum()),
        "note": note,
    }
