"""Which verdicts of the joint display hang on the constants, and the words beside them."""

from __future__ import annotations

from itertools import product
from typing import Literal

import pandas as pd

from cssp.interviews.quotations import exemplary_quotations
from cssp.stats.columns import Column, returns
from cssp.study.code_system import CodeSystem
from cssp.study.questionnaire import Questionnaire
from cssp.survey.frequency import FrequencyTable
from cssp.synthesis.joint import theme_balances, theme_prevalence
from cssp.synthesis.joint_display import joint_display

BASES: tuple[Literal["all", "substantive"], ...] = ("substantive", "all")
RULES = ("all", "any")
LEVELS = (0.90, 0.95, 0.99)


@returns(
    "theme",
    "first",
    "second",
    Column("verdict", "the three together", "word"),
    Column("settings", "settings", "whole"),
    "of",
    "share",
)
def joint_sensitivity(
    desk: pd.DataFrame,
    freq: FrequencyTable | None,
    questionnaire: Questionnaire | None,
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem | None,
    themes: list[str],
    first: str | None = None,
    bound: float | None = None,
) -> pd.DataFrame:
    """Return the verdicts of each theme under other constants, and how many settings give each.

    The settings are all combinations of confidence (90, 95, 99 %), the base of the survey's
    balances (with and without "hard to say") and the rule by which an interview names a barrier
    (all its coders, any of them). A verdict that few settings share hangs on the constants.

    Parameters
    ----------
    desk : table from `theme_indicators`
    freq, questionnaire : of the survey, by city; None: no survey
    segments, interviews, codes : of the interviews; `codes` None: none
    themes, first, bound : as in `joint_display`

    Returns
    -------
    One row a theme, other city and verdict: `theme, first, second, verdict, settings, of, share`,
    the most frequent first.

    Examples
    --------
    >>> from cssp import frequency_table, load_coded, load_desk, load_study, load_survey
    >>> from cssp import theme_indicators
    >>> study = load_study()
    >>> book, themes = study.questionnaire, list(study.file.themes)
    >>> freq = frequency_table(load_survey(study), book.names("ordinal"), by=["city", "sector"])
    >>> desk = theme_indicators(load_desk(study), study.indicators)
    >>> table = joint_sensitivity(desk, freq, book, *load_coded(study), study.codes, themes)
    >>> bool((table["settings"] <= table["of"]).all())
    True
    """
    surveys = {
        base: theme_balances(freq, questionnaire, base)
        if freq is not None and questionnaire is not None
        else pd.DataFrame(columns=["theme", "city", "items", "balance", "error", "n"])
        for base in BASES
    }
    named = {rule: theme_prevalence(segments, interviews, codes, rule) for rule in RULES}
    settings = list(product(BASES, RULES, LEVELS))
    parts = [
        joint_display(desk, surveys[base], named[rule], themes, first, bound, level)
        for base, rule, level in settings
    ]
    keys = ["theme", "first", "second"]
    verdicts = pd.concat([part[[*keys, "verdict"]] for part in parts], ignore_index=True)
    counts = verdicts.value_counts([*keys, "verdict"], sort=False).rename("settings").reset_index()
    counts["of"] = len(settings)
    counts["share"] = counts["settings"] / len(settings)
    place = {theme: number for number, theme in enumerate(themes)}
    counts["_"] = counts["theme"].map(place)
    order = ["_", "second", "settings", "verdict"]
    table = counts.sort_values(order, ascending=[True, True, False, True], ignore_index=True)
    return table.drop(columns="_")


@returns("theme", "city", "code", "interview", Column("quotation", "quotation", "text"))
def theme_quotations(
    segments: pd.DataFrame,
    codes: CodeSystem | None,
    pseudonyms: dict[str, str] | None = None,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Choose one quotation for each theme and city, by the rule of `exemplary_quotations`.

    Among the barriers of the theme, that of the code with the most segments in the city speaks.

    Parameters
    ----------
    segments : table from `load_segments`
    codes : the code system; None: no interviews
    pseudonyms, seed : as in `exemplary_quotations`

    Returns
    -------
    One row a theme and city that has any: `theme, city, code, interview, quotation,
    gloss_<language>...`, in the order of the code system.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> theme_quotations(segments, study.codes).columns.tolist()[:3]
    ['theme', 'city', 'code']
    """
    columns = ["theme", "city", "code", "interview", "quotation"]
    if codes is None or segments.empty:
        return pd.DataFrame(columns=columns)
    theme_of = {
        code.name: code.theme
        for code, _ in codes.walk()
        if code.theme is not None and code.means == "barrier" and not code.codes
    }
    parts = []
    for city, own in segments.groupby("city", sort=False, observed=True):
        quotations = exemplary_quotations(own, codes, pseudonyms, seed=seed)
        quotations = quotations[quotations["code"].isin(theme_of)].copy()
        quotations["theme"] = quotations["code"].map(theme_of)
        quotations["_"] = quotations["code"].map(own["code"].value_counts())
        quotations = quotations.sort_values("_", ascending=False, kind="stable").drop_duplicates(
            "theme"
        )
        quotations["city"] = city
        parts.append(quotations)
    table = pd.concat(parts, ignore_index=True)
    glosses = [str(name) for name in table if str(name).startswith("gloss_")]
    place = {theme: number for number, theme in enumerate(dict.fromkeys(theme_of.values()))}
    table["_"] = table["theme"].map(place)
    return table.sort_values("_", kind="stable", ignore_index=True)[[*columns, *glosses]]
