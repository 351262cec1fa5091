"""The joint display: the three stages side by side, theme by theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import newcombe


@returns(
    "theme",
    "first",
    "second",
    Column("desk_indicator", "indicator", "indicator"),
    Column("desk_year", "desk study: year", "plain"),
    Column("desk_first", "desk study: first", "significant"),
    Column("desk_second", "desk study: second", "significant"),
    Column("desk_gap", "desk study: difference", "of_indicator"),
    Column("desk_sign", "desk study", "desk_sign"),
    Column("survey_first", "survey: balance, first, points", "points"),
    Column("survey_second", "survey: balance, second, points", "points"),
    Column("survey_gap", "survey: difference of balances, points", "points"),
    *bounds("survey_gap", "survey_low", "survey_high", "survey from", "survey to"),
    Column("survey_n_first", "survey: n, first", "whole"),
    Column("survey_n_second", "survey: n, second", "whole"),
    Column("survey_sign", "survey", "sign"),
    Column("survey_alike", "survey: alike", "flag"),
    Column("interviews_first", "interviews: share, first", "percent"),
    Column("interviews_second", "interviews: share, second", "percent"),
    Column("interviews_gap", "interviews: difference of shares, points", "points"),
    *bounds(
        "interviews_gap", "interviews_low", "interviews_high", "interviews from", "interviews to"
    ),
    Column("interviews_n_first", "interviews: n, first", "whole"),
    Column("interviews_n_second", "interviews: n, second", "whole"),
    Column("interviews_sign", "interviews", "sign"),
    Column("interviews_alike", "interviews: alike", "flag"),
    Column("verdict", "the three together", "word"),
)
def joint_display(
    desk: pd.DataFrame,
    survey: pd.DataFrame,
    interviews: pd.DataFrame,
    themes: Iterable[str],
    first: str | None = None,
    bound: float | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Set the three stages side by side, theme by theme, for one city against each other one.

    A stage speaks for a theme when it shows a direction: the desk study when the values (or ranges
    of what is known) do not
    overlap; the survey and the interviews when the 95% interval of the difference leaves out zero.
    A direction is 'more favourable'
    or 'less favourable' for the first city; naming a barrier more often is less favourable. A stage
    that shows none may be silent because so few were asked, or show likeness: its interval lies
    within the bound in which the study calls two cities alike.

    Parameters
    ----------
    desk, survey, interviews : tables from `theme_indicators`, `theme_balances`, `theme_prevalence`;
        any may be empty
    themes : the themes, in order
    first : the city that stands first (None: the first one found)
    bound : differences of balances and of shares within it count as alike (`equivalence` of the
        study); None: likeness is not asked
    confidence : of the intervals

    Returns
    -------
    One row a theme and other city: `theme, first, second`, then `desk_indicator, desk_year,
    desk_first, desk_second, desk_gap,
    desk_sign`; `survey_first, survey_second, survey_gap, survey_low, survey_high, survey_n_first,
    survey_n_second, survey_sign, survey_alike`;
    `interviews_first, interviews_second, interviews_gap, interviews_low, interviews_high,
    interviews_n_first, interviews_n_second,
    interviews_sign, interviews_alike`; `verdict`. Gaps are first minus second. A sign is 1 (more
    favourable), -1, 0 (no clear difference) or missing (no data). `verdict` is "converges" when two
    or more stages speak and agree, "diverges" when they disagree, "alike" when none speaks and
    survey and interviews both show likeness, "silent" otherwise.

    Examples
    --------
    >>> from cssp import frequency_table, load_coded, load_desk, load_study
    >>> from cssp import load_survey, theme_balances, theme_indicators, theme_prevalence
    >>> study = load_study()
    >>> book = study.questionnaire
    >>> desk = theme_indicators(load_desk(study), study.indicators)
    >>> freq = frequency_table(load_survey(study), book.names("ordinal"), by=["city", "sector"])
    >>> survey = theme_balances(freq, book)
    >>> interviews = theme_prevalence(*load_coded(study), study.codes)
    >>> joint_display(desk, survey, interviews, list(study.file.themes))["theme"].tolist()[:2]
    ['money', 'rules']
    """
    cities = list(dict.fromkeys([*desk["city"], *survey["city"], *interviews["city"]]))
    if not cities:
        return pd.DataFrame(columns=_COLUMNS)
    first = cities[0] if first is None else first
    lines = []
    for theme in themes:
        for second in [city for city in cities if city != first]:
            line: dict[str, object] = {"theme": theme, "first": first, "second": second}
            line.update(_desk(desk[desk["theme"] == theme], first, second))
            line.update(_survey(survey[survey["theme"] == theme], first, second, confidence))
            line.update(
                _interviews(interviews[interviews["theme"] == theme], first, second, confidence)
            )
            for stage in ("survey", "interviews"):
                line[f"{stage}_alike"] = _alike(line, stage, bound)
            signs = [line.get(f"{stage}_sign") for stage in ("desk", "survey", "interviews")]
            speaking = {sign for sign in signs if sign in (1, -1)}
            loud = sum(sign in (1, -1) for sign in signs)
            same = bool(line["survey_alike"]) and bool(line["interviews_alike"])
            line["verdict"] = (
                "diverges"
                if len(speaking) > 1
                else "converges"
                if loud > 1
                else "alike"
                if same and not loud
                else "silent"
            )
            lines.append(line)
    table = pd.DataFrame(lines).reindex(columns=_COLUMNS)
    table["desk_indicator"] = table["desk_indicator"].astype(object).fillna("")
    for name in ("desk_sign", "survey_sign", "interviews_sign", "desk_year"):
        table[name] = table[name].astype("Int64")
    return table


def _alike(line: Mapping[str, object], stage: str, bound: float | None) -> bool | None:
    """Tell whether a stage shows likeness; None where it has no data or nobody asks."""
    low, high = (line.get(f"{stage}_{end}", np.nan) for end in ("low", "high"))
    if bound is None or pd.isna(low) or pd.isna(high):
        return None
    return bool(-bound < float(str(low)) and float(str(high)) < bound)


_COLUMNS = [
    "theme",
    "first",
    "second",
    "desk_indicator",
    "desk_year",
    "desk_first",
    "desk_second",
    "desk_gap",
    "desk_sign",
    "survey_first",
    "survey_second",
    "survey_gap",
    "survey_low",
    "survey_high",
    "survey_n_first",
    "survey_n_second",
    "survey_sign",
    "survey_alike",
    "interviews_first",
    "interviews_second",
    "interviews_gap",
    "interviews_low",
    "interviews_high",
    "interviews_n_first",
    "interviews_n_second",
    "interviews_sign",
    "interviews_alike",
    "verdict",
]


def _pick(table: pd.DataFrame, first: str, second: str) -> tuple[pd.Series, pd.Series] | None:
    a, b = table[table["city"] == first], table[table["city"] == second]
    return (a.iloc[0], b.iloc[0]) if len(a) and len(b) else None


def _desk(table: pd.DataFrame, first: str, second: str) -> dict[str, object]:
    """Take each indicator of the theme in the latest year for which both cities have a value.

    The first that shows a direction is printed; where another shows the opposite direction, the
    stage does not speak.
    """
    found: list[dict[str, object]] = []
    for indicator, own in table.dropna(subset=["lowest", "highest"]).groupby(
        "indicator", sort=False
    ):
        years = set(own.loc[own["city"] == first, "year"]) & set(
            own.loc[own["city"] == second, "year"]
        )
        both = _pick(own[own["year"] == max(years)], first, second) if years else None
        if both is None:
            continue
        a, b = both
        better = 1 if a["better"] == "higher" else -1
        sign = (
            better if a["lowest"] > b["highest"] else -better if a["highest"] < b["lowest"] else 0
        )
        exact = a["lowest"] == a["highest"] and b["lowest"] == b["highest"]
        found.append(
            {
                "desk_indicator": indicator,
                "desk_year": max(years),
                "desk_first": a["lowest"] if exact else np.nan,
                "desk_second": b["lowest"] if exact else np.nan,
                "desk_gap": a["lowest"] - b["lowest"] if exact else np.nan,
                "desk_sign": sign,
            }
        )
    if not found:
        return {}
    speaking = [line for line in found if line["desk_sign"] != 0]
    shown = (speaking or found)[0]
    agree = len({line["desk_sign"] for line in speaking}) < 2
    return shown if agree else {**shown, "desk_sign": 0}


def _survey(table: pd.DataFrame, first: str, second: str, confidence: float) -> dict[str, object]:
    both = _pick(table, first, second)
    if both is None:
        return {}
    a, b = both
    gap, half = (
        a["balance"] - b["balance"],
        float(ndtri(0.5 + confidence / 2) * np.hypot(a["error"], b["error"])),
    )
    # without a standard error (answers all alike) there is no interval and no direction
    return {
        "survey_first": a["balance"],
        "survey_second": b["balance"],
        "survey_gap": gap,
        "survey_low": gap - half,
        "survey_high": gap + half,
        "survey_n_first": a["n"],
        "survey_n_second": b["n"],
        "survey_sign": 1 if gap - half > 0 else -1 if gap + half < 0 else 0,
    }


def _interviews(
    table: pd.DataFrame, first: str, second: str, confidence: float
) -> dict[str, object]:
    both = _pick(table, first, second)
    if both is None:
        return {}
    a, b = both
    gap, low, high = (
        float(v[0])
        for v in newcombe(
            np.array([a["named"]]),
            np.array([a["n"]]),
            np.array([b["named"]]),
            np.array([b["n"]]),
            confidence,
        )
    )
    return {
        "interviews_first": a["share"],
        "interviews_second": b["share"],
        "interviews_gap": gap,
        "interviews_low": low,
        "interviews_high": high,
        "interviews_n_first": a["n"],
        "interviews_n_second": b["n"],
        "interviews_sign": -1 if low > 0 else 1 if high < 0 else 0,
    }
