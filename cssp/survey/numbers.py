"""Numeric items (years, counts, sums) and open questions: what can be said of them by group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of
from cssp.survey.small_groups import NOTE_SUPPRESSED

NOTE_NO_ANSWERS = "no answers"
NOTE_ALIKE = "all answers alike"


@returns(
    "item",
    "city",
    "sector",
    "n",
    "mean",
    *bounds("mean"),
    "sd",
    Column("lower_quartile", "lower quartile", "number1"),
    Column("median", "median", "number1"),
    Column("upper_quartile", "upper quartile", "number1"),
    "note",
)
def describe_numbers(
    answers: Answers,
    items: Iterable[str],
    by: Sequence[str] = ("city",),
    smallest: int = 1,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Describe numeric items in each group; not by the least and greatest, which point at a person.

    Parameters
    ----------
    answers : table from `load_survey`
    items : names of numeric items
    by : columns of groups
    smallest : a group with fewer answers than this is hidden
    confidence : of the interval of the mean (Student's t)

    Returns
    -------
    One row an item and group: `item, *by, n, mean, ci_low, ci_high, sd, lower_quartile, median,
    upper_quartile, note`. The base is who gave a number.

    Raises
    ------
    ScoringError
        There is no such column.

    Examples
    --------
    >>> answers = Answers(pd.DataFrame({"city": ["a"] * 3, "years": [1.0, 2, 6]}), {})
    >>> describe_numbers(answers, ["years"])[["n", "mean", "median"]].to_dict("records")
    [{'n': 3, 'mean': 3.0, 'median': 2.0}]
    """
    need_answers(answers)
    keys = [by] if isinstance(by, str) else list(by)
    lines = []
    for item in items:
        values = _numbers(answers, item)
        for group, rows in _groups(answers, keys):
            x = values[rows]
            x = x[~np.isnan(x)]
            lines.append({"item": item, **group, **_described(x, smallest, confidence)})
    names = ["n", "mean", "ci_low", "ci_high", "sd", "lower_quartile", "median", "upper_quartile"]
    table = pd.DataFrame(lines, columns=["item", *keys, *names, "note"])
    return table.astype({"n": "Int64"})


def _numbers(answers: Answers, item: str) -> np.ndarray:
    if item not in answers:
        raise ScoringError(f"There is no item '{item}'. {nearest(item, map(str, answers.columns))}")
    numbers = pd.to_numeric(answers[item], errors="coerce")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan))


def _groups(answers: Answers, keys: Sequence[str]) -> list[tuple[dict[str, object], np.ndarray]]:
    """Return each group's names and which rows are in it."""
    for name in keys:
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}' to group by. "
                f"{nearest(name, map(str, answers.columns))}"
            )
    if not keys:
        return [({}, np.arange(len(answers)))]
    found = answers.groupby(list(keys), sort=True, observed=True).indices
    return [
        (dict(zip(keys, name if isinstance(name, tuple) else (name,), strict=True)), rows)
        for name, rows in found.items()
    ]


def _described(x: np.ndarray, smallest: int, confidence: float) -> dict[str, object]:
    n = len(x)
    if 0 < n < smallest:
        return {"n": pd.NA, "note": NOTE_SUPPRESSED}
    if not n:
        return {"n": 0, "note": NOTE_NO_ANSWERS}
    quartiles = np.quantile(x, (0.25, 0.5, 0.75))
    found: dict[str, object] = {"n": n, "mean": float(x.mean()), "note": ""}
    found |= dict(zip(("lower_quartile", "median", "upper_quartile"), quartiles, strict=True))
    if n > 1:
        sd = float(x.std(ddof=1))
        half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * sd / np.sqrt(n)
        found |= {"sd": sd, "ci_low": x.mean() - half, "ci_high": x.mean() + half}
        if sd == 0:
            found |= {"ci_low": np.nan, "ci_high": np.nan, "note": NOTE_ALIKE}
    return found


@returns(
    "item",
    "city",
    "sector",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("mean_gap", "difference of means", "signed2"),
    *bounds("mean_gap"),
    Column("t", "t", "number2"),
    Column("dof", "df", "number1"),
    "p",
    "p_adjusted",
    "n_tests",
    "note",
)
def compare_numbers(
    answers: Answers,
    items: Iterable[str],
    between: str,
    within: str | None = None,
    smallest: int = 1,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the means of numeric items between every pair of groups, by Welch's t test.

    Parameters
    ----------
    answers : table from `load_survey`
    items : names of numeric items
    between, within : columns of groups, and of strata held fixed
    smallest : groups with fewer answers are not compared
    correction, confidence : as elsewhere

    Returns
    -------
    One row an item, stratum and pair: `item, [within], group_a, group_b, n_a, n_b, mean_gap` (a
    minus b) with `ci_low, ci_high, t, dof, p, p_adjusted, n_tests, note`.

    References
    ----------
    Welch, B. L. (1947). Biometrika, 34(1-2), 28-35; as `scipy.stats.ttest_ind(equal_var=False)`.

    Examples
    --------
    >>> answers = Answers(pd.DataFrame({"city": list("aaabbb"), "years": [1.0, 2, 6, 4, 8, 9]}), {})
    >>> float(compare_numbers(answers, ["years"], "city")["mean_gap"].iloc[0])
    -4.0
    """
    need_answers(answers)
    check_correction(correction)
    pairs = list(combinations(levels_of(answers[between], sort=True), 2))
    lines = []
    for item in items:
        values = _numbers(answers, item)
        for stratum, rows in _groups(answers, [] if within is None else [within]):
            inside = np.zeros(len(answers), dtype=bool)
            inside[rows] = True
            for a, b in pairs:
                x, y = (values[inside & (answers[between] == one).to_numpy(bool)] for one in (a, b))
                gap = _welch(x[~np.isnan(x)], y[~np.isnan(y)], smallest, confidence)
                lines.append({"item": item, **stratum, "group_a": a, "group_b": b, **gap})
    keys = ["item", *([] if within is None else [within]), "group_a", "group_b", "n_a", "n_b"]
    table = pd.DataFrame(
        lines, columns=[*keys, "mean_gap", "ci_low", "ci_high", "t", "dof", "p", "note"]
    )
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return table[[*keys, *list(table.columns[len(keys) : -3]), "p_adjusted", "n_tests", "note"]]


def _welch(x: np.ndarray, y: np.ndarray, smallest: int, confidence: float) -> dict[str, object]:
    if min(len(x), len(y)) < max(smallest, 2):
        few = any(0 < len(one) < smallest for one in (x, y))
        return {"note": NOTE_SUPPRESSED if few else NOTE_NO_ANSWERS}
    found: dict[str, object] = {"n_a": len(x), "n_b": len(y), "mean_gap": x.mean() - y.mean()}
    if x.std() == 0 and y.std() == 0:
        return found | {"note": NOTE_ALIKE}
    test = stats.ttest_ind(x, y, equal_var=False)
    low, high = test.confidence_interval(confidence)
    return found | {
        "ci_low": low,
        "ci_high": high,
        "t": float(test.statistic),
        "dof": float(test.df),
        "p": float(test.pvalue),
        "note": "",
    }


@returns(
    "item",
    "city",
    "sector",
    "n",
    Column("written", "wrote an answer", "whole"),
    Column("share", "share of respondents", "percent"),
    Column("words", "words in the median answer", "whole"),
    "note",
)
def open_answers(
    answers: Answers, items: Iterable[str], by: Sequence[str] = ("city",), smallest: int = 1
) -> pd.DataFrame:
    """Count who answered open questions; the texts themselves are never shown, since they may name
    people.

    To analyse them, code them as interviews are coded (`cssp add CITY --interviews`).

    Parameters
    ----------
    items : names of open items
    smallest : answers of smaller groups are counted together

    Returns
    -------
    One row an item and group: `item, *by, n` (respondents), `written`, `share`, `words` (median
    length of the answers), `note`.

    Examples
    --------
    >>> answers = Answers(pd.DataFrame({"city": ["a", "a"], "why": ["no money here", None]}), {})
    >>> open_answers(answers, ["why"])[["n", "written", "words"]].to_dict("records")
    [{'n': 2, 'written': 1, 'words': 3.0}]
    """
    need_answers(answers)
    keys = [by] if isinstance(by, str) else list(by)
    lines = []
    for item in items:
        if item not in answers:
            raise ScoringError(
                f"There is no item '{item}'. {nearest(item, map(str, answers.columns))}"
            )
        texts = answers[item].astype("string").str.strip()
        length = texts.str.split().str.len()
        length = np.asarray(length.where(length > 0).to_numpy(dtype=float, na_value=np.nan))
        for group, rows in _groups(answers, keys):
            own = length[rows]
            written = int((~np.isnan(own)).sum())
            line: dict[str, object] = {"n": len(rows), "note": ""}
            if 0 < written < smallest or 0 < len(rows) - written < smallest:
                line |= {"note": NOTE_SUPPRESSED}
            else:
                line |= {"written": written, "share": written / len(rows)}
            if written >= max(smallest, 1):
                line["words"] = float(np.nanmedian(own))
            lines.append({"item": item, **group, **line})
    table = pd.DataFrame(lines, columns=["item", *keys, "n", "written", "share", "words", "note"])
    return table.astype({"written": "Int64"})
