"""The same agreement by several coefficients, side by side."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

import cssp.interviews.agreement_sums as of
from cssp.interviews.agreement import (
    NOTE_NO_PAIR,
    NOTE_POOLED,
    Base,
    agreement_notes,
    by_base,
    coefficient_column,
    interview_count,
    judged,
    pooled_places,
)
from cssp.interviews.coefficient import coefficients
from cssp.interviews.units import QUESTION, By
from cssp.stats.columns import Column, bounds, returns
from cssp.study.code_system import CodeSystem


@returns(
    "code",
    "group",
    "by",
    "base",
    Column("coefficient", "coefficient", "word"),
    "value",
    *bounds("value"),
    "n_interviews",
    "n_judged",
    "n_coders",
    "note",
    depending=coefficient_column,
)
def agreement_coefficients(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
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
    """Return alpha beside the coefficients that others report.

    And the two indices that explain a low kappa.

    A kappa is low, however often coders agree, where a code is rare or nearly always there
    (prevalence), and where coders find it
    unequally often (bias); AC1 and PABAK are not. Read them together, and report the one that was
    chosen beforehand.

    Parameters
    ----------
    segments, interviews, codes, replicates, seed, confidence, by, base, only, language, answers,
        question : as in `agreement`

    Returns
    -------
    One row a base, code (the last `overall`) and coefficient: `code, group, by, base, coefficient`
    (alpha, percent_agreement, fleiss, ac1, pabak, cohen,
    prevalence_index, bias_index), `value, ci_low, ci_high, n_interviews, n_judged, n_coders, note`.

    References
    ----------
    Each in its file in `cssp.interviews.coefficients`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = agreement_coefficients(segments, interviews, study.codes, replicates=200)
    >>> table["coefficient"].unique().tolist()[:3]
    ['alpha', 'percent_agreement', 'fleiss']
    """
    of.check_replicates(replicates)
    judgements = judged(segments, interviews, codes, by, only, language, answers, question)
    tops = {**codes.top_of(), "overall": ""}
    names = [*judgements.codes, "overall"]
    pooled = pooled_places(judgements, codes, segments)
    parts = []
    for name, part in by_base(judgements, base, by):
        every = of.unit_sums(part, pooled, interview_count(judgements))
        kept = every[:, of.JUDGED, :].sum(axis=1) > 0
        sums = every[kept]
        pairs = of.pair_sums(part, pooled, interview_count(judgements))[kept]
        # the same draws as in `agreement`: of interviews that two coders coded; the others only add
        # to how common a code is
        several = sums[:, of.PAIRABLE, :].sum(axis=1) > 0
        paired = sums[several]
        weights = None
        if len(paired) > 1 and replicates:
            weights = np.ones((replicates, len(sums)))
            weights[:, several] = of.draws(len(paired), replicates, seed)
        notes = agreement_notes(paired.sum(axis=0), len(paired))
        for coefficient in coefficients().values():
            measure = coefficient.value
            own = pairs if coefficient.of_pairs else sums
            value = measure(own.sum(axis=0)) if len(paired) else np.full(len(names), np.nan)
            low = high = np.full(len(names), np.nan)
            if weights is not None:
                drawn = measure(of.weighed(own, weights))
                low, high = of.percentile_interval(
                    drawn, np.isfinite(value) & np.isfinite(drawn).any(axis=0), confidence
                )
            parts.append(
                pd.DataFrame(
                    {
                        "code": names,
                        "group": [tops[code] for code in names],
                        "by": by,
                        "base": name,
                        "coefficient": coefficient.name,
                        "value": value,
                        "ci_low": low,
                        "ci_high": high,
                        "n_interviews": len(paired),
                        "n_judged": round(paired[:, of.PAIRABLE, 0].sum()),
                        "n_coders": int(part.coded.any(axis=0).sum()),
                        "note": [
                            *(
                                (note or NOTE_NO_PAIR) if np.isnan(v) else ""
                                for note, v in zip(notes[:-1], value[:-1], strict=True)
                            ),
                            (notes[-1] or NOTE_NO_PAIR) if np.isnan(value[-1]) else NOTE_POOLED,
                        ],
                    }
                )
            )
    order = {code: place for place, code in enumerate(names)}
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(
        ["base", "code"],
        key=lambda c: c.map(order) if c.name == "code" else c,
        kind="stable",
        ignore_index=True,
    )
