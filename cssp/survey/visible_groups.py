"""What of a table may be shown: groups large enough, and no total that gives a small one away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError
from cssp.survey.answers import Answers
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.small_groups import also_hidden, not_asked, on_scale


def visible(freq: FrequencyTable, sizes: pd.DataFrame, smallest: int) -> FrequencyTable:
    """Return the frequency table without the groups that may not be shown.

    Left out are the groups that `sizes` does not say may be shown (hidden there, or not there at
    all) and, item by item, groups in which fewer than `smallest` people answered, or gave an answer
    of the scale, with so many more
    that the city's total minus the groups shown does not give them away.

    Parameters
    ----------
    freq : table from `frequency_table`, by the same columns as `sizes`
    sizes : table from `group_sizes`
    smallest : the smallest group that may be shown

    Raises
    ------
    ScoringError
        `sizes` is of other groups.

    Examples
    --------
    >>> from cssp import group_sizes, load_study, load_survey, frequency_table
    >>> study = load_study()
    >>> answers = load_survey(study)
    >>> sizes = group_sizes(answers, ["city", "sector"], 5)
    >>> items = study.questionnaire.names("ordinal")[:1]
    >>> freq = frequency_table(answers, items, by=["city", "sector"])
    >>> len(visible(freq, sizes, 5)) <= len(freq)
    True
    """
    need_counts(freq)
    by = freq.by
    if absent := [name for name in by if name not in sizes]:
        raise ScoringError(
            f"The sizes are not those of groups by '{absent[0]}'; count them by {', '.join(by)}."
        )
    shown = pd.MultiIndex.from_frame(sizes.loc[sizes["shown"], by])
    groups = pd.MultiIndex.from_arrays([freq.index.get_level_values(name) for name in by], names=by)
    people = freq.counts if freq.behind is None else freq.behind.people
    answered = people.sum(axis=1) - not_asked(freq, people)
    # either base may be printed: of all answers, and of those on the scale
    few = answered.between(1, smallest - 1) | on_scale(freq, people).between(1, smallest - 1)
    hidden = few | ~groups.isin(shown)
    if few.any():
        lines = [["item", *(name for name in ("city",) if name in by)]]
        hidden = also_hidden(answered, hidden, lines, smallest)
    return freq.where(~hidden.to_numpy(dtype=bool))


def visible_answers(answers: Answers, freq: FrequencyTable) -> Answers:
    """Return the answers without those that the frequency table does not show.

    For measures that go back to rows: what `visible` hides of an item and group is missing here
    too, so that no weighted or modelled table shows it.

    Parameters
    ----------
    answers : table from `load_survey`, or from `shown_respondents`
    freq : from `visible`, of the same groups

    Raises
    ------
    ScoringError
        The frequency table is of groups that the answers do not have.

    Examples
    --------
    >>> from cssp import frequency_table, group_sizes, load_study, load_survey
    >>> study = load_study()
    >>> answers = load_survey(study)
    >>> sizes = group_sizes(answers, ["city", "sector"], 5)
    >>> items = study.questionnaire.names("ordinal")[:1]
    >>> freq = visible(frequency_table(answers, items, ["city", "sector"]), sizes, 5)
    >>> len(visible_answers(answers, freq)) == len(answers)
    True
    """
    if absent := [name for name in freq.by if name not in answers]:
        raise ScoringError(f"The answers have no column '{absent[0]}', by which counts are shown.")
    shown = freq.index.to_frame(index=False)
    rows = answers.rows
    keys = pd.MultiIndex.from_frame(rows[freq.by].astype(str))
    found = answers
    for item in freq.codebook:
        if item not in rows:
            continue
        part = shown.loc[shown["item"] == item, freq.by].astype(str)
        seen = (
            keys.isin(pd.MultiIndex.from_frame(part))
            if len(part)
            else np.zeros(len(rows), dtype=bool)
        )
        found = found.with_column(item, rows[item].where(seen), codes=item)
    return found
