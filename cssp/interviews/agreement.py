"""Do the coders agree? Krippendorff's alpha and its relatives at the unit that is asked for.

With a bootstrap over interviews.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

import cssp.interviews.agreement_sums as of
from cssp.interviews.coding import chosen_codes
from cssp.interviews.coefficient import coefficients
from cssp.interviews.units import QUESTION, By, Judgements, judgements, units
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

NOTE_ONE_CODER = "one coder: agreement not defined"
NOTE_UNUSED = "no coder used it: not defined"
NOTE_ALWAYS = "every coder marked every unit: not defined"
NOTE_ONE_INTERVIEW = "one interview: no interval"
NOTE_NEVER_DIFFER = "the coders never differed: the interval cannot show how sure this is"
NOTE_NO_PAIR = "no two coders vary: not defined"
NOTE_POOLED = (
    "over pooled judgements: that one code is found more often than another counts as agreement"
)
NOTE_DOUBTED = "the coders agree too little on this code"
#: Below this, conclusions should not rest on a code (Krippendorff 2004: .667 is the lowest bound
#: for tentative ones).
MINIMUM = 0.667

ALL, CODED = "all_units", "coded_units"
Base = Literal["all_units", "coded_units", "both"]


@returns(
    "code",
    "group",
    "by",
    "base",
    "n_interviews",
    "n_judged",
    "n_coders",
    Column("marked", "judgements that found it", "whole"),
    Column("agreement", "agreement", "percent1"),
    "alpha",
    *bounds("alpha"),
    "q_0667",
    "q_0800",
    "undefined_replicates",
    "note",
)
def agreement(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    minimum: tuple[float, ...] = (0.667, 0.8),
    replicates: int = 2000,
    seed: int = 20240101,
    confidence: float = 0.95,
    by: By = "interview",
    base: Base | None = None,
    only: Iterable[str] | None = None,
    language: str = "ru",
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return Krippendorff's alpha (nominal) for each code and group of codes at a unit.

    And overall.

    A unit's value for a code is whether the coder marked it there with the code (or one below it).
    By interview the coefficient answers
    whether the coders would report the same prevalence, not whether they marked the same words; by
    character the reverse. Units that
    one coder judged carry no information and are left out. `overall` is of the codes at
    the bottom of the hierarchy, with groups that were given themselves: the observed disagreement
    of all of them by the expected one, which is reckoned code by code (a coefficient of the pooled
    judgements is in `agreement_coefficients`).

    Where most of the text is marked by nobody, agreement about nothing fills the table: `base`
    "all_units" counts it, "coded_units" leaves out units
    that no coder marked with any code, "both" (the default unless by interview) gives one under the
    other; they answer different questions.

    Parameters
    ----------
    segments, interviews : tables from `load_segments` and `load_interviews`, or of a `Project`
    codes : the code system
    minimum : for each, the chance q that alpha lies below it (share of bootstrap replicates)
    replicates, seed : of the bootstrap, which draws interviews, not units within them
    confidence : of the percentile interval
    by : the unit: "interview", "answer", "sentence" or "character" (see `units`)
    base : "all_units", "coded_units" or "both"
    only : codes to be shown; left out: all. `overall` pools those shown
    language, answers, question : how texts are cut into units (see `units`)

    Returns
    -------
    One row a base and code, and one with the code `overall`: `code, group, by, base, n_interviews,
    n_judged` (characters by character), `n_coders,
    marked` (judgements that found the code; characters by character), `agreement` (mean share of
    agreeing pairs of coders), `alpha, ci_low,
    ci_high, q_0667, q_0800, undefined_replicates` (share of replicates without variation, left out
    of the interval), `note`. A code
    that nobody used, or everybody always, has no alpha: there is no variation to agree about.

    Raises
    ------
    ScoringError
        A negative number of replicates, an unknown unit, base or code.

    References
    ----------
    Krippendorff, K. (2004). Content Analysis, 2nd ed., Sage, ch. 11 (alpha; the minimum .667 for
    tentative conclusions: p. 241).
    Hayes, A. F., & Krippendorff, K. (2007). Communication Methods and Measures, 1(1), 77-89
    (bootstrap, q).

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> alpha = agreement(segments, interviews, study.codes, replicates=200)
    >>> bool(alpha["alpha"].dropna().between(-1, 1).all())
    True
    """
    of.check_replicates(replicates)
    judgements = judged(segments, interviews, codes, by, only, language, answers, question)
    tops = {**codes.top_of(), "overall": ""}
    pooled = pooled_places(judgements, codes, segments)
    parts = []
    for name, part in by_base(judgements, base, by):
        sums = _pairable(of.unit_sums(part, pooled, interview_count(judgements)))
        count = len(sums)
        total = sums.sum(axis=0)
        alpha = of.alpha_with_overall(total, pooled)
        drawn = np.full((max(replicates, 1), len(alpha)), np.nan)
        if count and replicates:
            weighed = of.weighed(sums[:, : of.ALPHA_SUMS], of.draws(count, replicates, seed))
            drawn = of.alpha_with_overall(weighed, pooled)
        defined = np.isfinite(drawn)
        usable = np.isfinite(alpha) & (defined.sum(axis=0) > 0) & (count > 1)
        low, high = of.percentile_interval(drawn, usable, confidence)
        names = [*judgements.codes, "overall"]
        table = pd.DataFrame(
            {
                "code": names,
                "group": [tops[code] for code in names],
                "by": by,
                "base": name,
                "n_interviews": count,
                "n_judged": round(total[of.PAIRABLE, 0]),
                "n_coders": int(part.coded.any(axis=0).sum()),
                "marked": total[of.YES].round().astype("int64"),
                "agreement": of.percent_agreement(total) if count else np.nan,
                "alpha": alpha,
                "ci_low": low,
                "ci_high": high,
            }
        )
        table = table.assign(**of.chances(drawn, usable, minimum))
        table["undefined_replicates"] = np.where(usable, 1 - defined.mean(axis=0), np.nan)
        table["note"] = agreement_notes(total, count)
        settled = table["note"] == ""
        table.loc[settled & (alpha == 1), "note"] = NOTE_NEVER_DIFFER
        if count == 1:
            table.loc[settled, "note"] = NOTE_ONE_INTERVIEW
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


@returns("alpha", "note", adds=True)
def with_agreement(
    table: pd.DataFrame, agreed: pd.DataFrame, minimum: float = MINIMUM
) -> pd.DataFrame:
    """Put beside each row of a table by codes how far the coders agree on its code.

    So that a finding is not read without it.

    Parameters
    ----------
    table : e.g. from `code_prevalence`, `prevalence_gap` or `compare_prevalence`; with a column
        `code`
    agreed : table from `agreement`
    minimum : alpha below which a note says that the coders agree too little; codes without alpha
        (never used, or one coder) get no note

    Returns
    -------
    the table with `alpha`, and with the note in `note`

    Raises
    ------
    ScoringError
        Several rows of agreement for a code.

    References
    ----------
    Krippendorff, K. (2004). Human Communication Research, 30(3), 411-433.

    Examples
    --------
    >>> import pandas as pd
    >>> told = with_agreement(pd.DataFrame({"code": ["money", "trust"]}),
    ...     pd.DataFrame({"code": ["money", "trust"], "alpha": [0.9, 0.4]}))
    >>> told["note"].tolist()
    ['', 'the coders agree too little on this code']
    """
    if agreed["code"].duplicated().any():
        raise ScoringError(
            "The table of agreement has several rows a code (one for each base or unit); choose, "
            "e.g. agreed[agreed['base'] == 'all_units']."
        )
    alpha = table["code"].map(agreed.set_index("code")["alpha"].astype(float)).astype(float)
    before = table["note"].fillna("") if "note" in table else pd.Series("", index=table.index)
    doubted = pd.Series(np.where(alpha < minimum, NOTE_DOUBTED, ""), index=table.index)
    both = [("; ".join(filter(None, pair))) for pair in zip(before, doubted, strict=True)]
    return table.assign(alpha=alpha, note=both)


def coefficient_column(asked: Mapping[str, Any]) -> list[Column]:
    """Return the column of coefficients, with the label of each."""
    labels = {name: one.label for name, one in coefficients().items()}
    return [Column("coefficient", "coefficient", "word", values=labels)]


def judged(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by: By,
    only: Iterable[str] | None = None,
    language: str = "ru",
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> Judgements:
    """Return who marked which unit with which of the codes."""
    every = judgements(
        units(segments, interviews, by, language, answers, question),
        segments,
        interviews,
        codes,
        by,
    )
    if only is None:
        return every
    chosen = chosen_codes(only, every.codes)
    kept = [every.codes.index(code) for code in chosen]
    return Judgements(
        every.yes[:, :, kept],
        every.coded,
        every.interview,
        every.size,
        every.units,
        every.coders,
        chosen,
    )


def by_base(judgements: Judgements, base: Base | None, by: str) -> list[tuple[str, Judgements]]:
    """Return the judgements of all units, of those that somebody marked, or both."""
    asked = base or (ALL if by == "interview" else "both")
    if asked not in (ALL, CODED, "both"):
        raise ScoringError(f"'{base}' is not a base. {nearest(str(base), (ALL, CODED, 'both'))}")
    found = [(ALL, judgements)] if asked != CODED else []
    if asked != ALL:
        found.append((CODED, judgements.of(np.asarray(judgements.yes.any(axis=(1, 2))))))
    return found


def interview_count(judgements: Judgements) -> int:
    """Return how many interviews the judgements are about."""
    return int(judgements.interview.max()) + 1 if len(judgements.interview) else 0


def _pairable(sums: np.ndarray) -> np.ndarray:
    """Return the interviews with a unit that two coders judged."""
    return np.asarray(sums[sums[:, of.PAIRABLE, :].sum(axis=1) > 0])


def agreement_notes(sums: np.ndarray, units: int) -> list[str]:
    """Return a note for each code whose agreement is not defined or not sure."""
    if not units:
        return [NOTE_ONE_CODER] * sums.shape[1]
    return [
        NOTE_UNUSED if yes == 0 else NOTE_ALWAYS if no == 0 else ""
        for yes, no in zip(sums[of.YES], sums[of.NO], strict=True)
    ]


def pooled_places(judgements: Judgements, codes: CodeSystem, segments: pd.DataFrame) -> list[int]:
    """Return the places of the codes that can be given.

    At the bottom of the hierarchy, and groups that somebody gave.
    """
    given = {*codes.leaves, *segments["code"].unique()}
    return [place for place, code in enumerate(judgements.codes) if code in given] or list(
        range(len(judgements.codes))
    )
