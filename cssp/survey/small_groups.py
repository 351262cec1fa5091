"""What must not be shown.

Groups so small that an answer points at a person, and names in quotations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError
from cssp.survey.answers import Answers, need_answers
from cssp.survey.frequency import FrequencyTable, need_counts

#: The note beside a hidden group; `show` translates it.
NOTE_SUPPRESSED = "suppressed: fewer respondents than the study allows to show"


@returns("city", "sector", "n", Column("shown", "shown", "flag"), "note")
def group_sizes(
    answers: Answers, by: Sequence[str], smallest: int, strata: Sequence[str] = ("city",)
) -> pd.DataFrame:
    """Count the respondents of each group and say which groups may be shown.

    A group with 1 to `smallest` - 1 respondents is hidden. Where it is the only hidden one of its
    stratum, the stratum's total
    minus the groups shown would give it away, so the next smallest group of the stratum is hidden
    too.

    Parameters
    ----------
    answers : table from `load_survey`
    by : columns that make the groups, e.g. `["city", "sector"]`
    smallest : the smallest group that may be shown
    strata : columns of `by` within which totals are shown

    Returns
    -------
    One row a group: `*by, n` (missing where hidden), `shown`, `note`.

    Examples
    --------
    >>> answers = Answers(pd.DataFrame({"city": "a",
    ...     "sector": ["x"] * 3 + ["y"] * 40 + ["z"] * 20}), {})
    >>> group_sizes(answers, ["city", "sector"], 5)["shown"].tolist()
    [False, True, False]
    """
    need_answers(answers)
    sizes = answers.groupby(list(by), observed=False).size()
    hidden = (sizes > 0) & (sizes < smallest)
    inner = [name for name in strata if name in by]
    for _, block in (
        sizes.groupby(level=inner, sort=False, observed=False) if inner else [("", sizes)]
    ):
        rest = block[~hidden.loc[block.index] & (block > 0)]
        if hidden.loc[block.index].sum() == 1 and len(rest) >= 1:
            hidden.loc[rest.idxmin()] = True
    table = sizes.rename("n").reset_index()
    table["shown"] = ~hidden.to_numpy()
    table["n"] = table["n"].astype("Int64").where(table["shown"])
    table["note"] = np.where(table["shown"], "", NOTE_SUPPRESSED)
    return table


def shown_respondents(answers: Answers, sizes: pd.DataFrame) -> Answers:
    """Return the respondents of the groups that may be shown, for measures that need rows.

    >>> answers = Answers(pd.DataFrame({"city": "a",
    ...     "sector": ["x"] * 3 + ["y"] * 40 + ["z"] * 20}), {})
    >>> len(shown_respondents(answers, group_sizes(answers, ["city", "sector"], 5)))
    40
    """
    need_answers(answers)
    by = [name for name in sizes.columns if name not in ("n", "shown", "note")]
    shown = pd.MultiIndex.from_frame(sizes.loc[sizes["shown"], by].astype(str))
    keys = pd.MultiIndex.from_frame(answers[by].astype(str))
    return answers.where(keys.isin(shown))


def visible(freq: FrequencyTable, sizes: pd.DataFrame, smallest: int) -> FrequencyTable:
    """Return the frequency table without the groups that may not be shown.

    Left out are the groups that `sizes` does not say may be shown (hidden there, or not there at
    all) and, item by item,
    groups in which fewer than `smallest` people answered.

    Parameters
    ----------
    freq : table from `frequency_table`, by the same columns as `sizes`
    sizes : table from `group_sizes`
    smallest : the smallest group that may be shown

    Raises
    ------
    ScoringError
        `sizes` is of other groups.
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
    answered = people.sum(axis=1) - _not_asked(freq, people)
    keep = groups.isin(shown) & ~answered.between(1, smallest - 1).to_numpy()
    return freq.where(keep)


def _not_asked(freq: FrequencyTable, people: pd.DataFrame) -> pd.Series:
    """Return how many of each row were not asked the item: they did not answer it."""
    count = pd.Series(0, index=freq.index)
    items = freq.index.get_level_values("item")
    for item, entry in freq.codebook.items():
        codes = [
            code
            for code, means in entry["special"].items()
            if means == "not_asked" and code in freq
        ]
        if codes:
            count[items == item] = people.loc[items == item, codes].sum(axis=1)
    return count
