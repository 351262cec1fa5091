"""Which groups are too small to be shown: those in which an answer points at a person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.survey.answers import Answers, need_answers
from cssp.survey.frequency import FrequencyTable

#: The note beside a hidden group; `show` translates it.
NOTE_SUPPRESSED = "suppressed: fewer respondents than the study allows to show"


@returns("city", "sector", "n", Column("shown", "shown", "flag"), "note")
def group_sizes(
    answers: Answers,
    by: Sequence[str],
    smallest: int,
    strata: Sequence[str | Sequence[str]] = ("city",),
) -> pd.DataFrame:
    """Count the respondents of each group and say which groups may be shown.

    A group with 1 to `smallest` - 1 respondents is hidden. A total minus the groups shown would
    give it away, so in every stratum at least two groups of together `smallest` respondents are
    hidden, or none.

    Parameters
    ----------
    answers : table from `load_survey`
    by : columns that make the groups, e.g. `["city", "sector"]`
    smallest : the smallest group that may be shown
    strata : columns of `by` within which totals are shown; a list of lists where totals of several
        kinds are, e.g. `[["city"], ["sector"]]`

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
    kinds = [one for one in strata if not isinstance(one, str)]
    kinds = kinds or [[one for one in strata if isinstance(one, str)]]
    lines = [[name for name in kind if name in by] for kind in kinds]
    hidden = also_hidden(sizes, hidden, lines, smallest)
    table = sizes.rename("n").reset_index()
    table["shown"] = ~hidden.to_numpy()
    table["n"] = table["n"].astype("Int64").where(table["shown"])
    table["note"] = np.where(table["shown"], "", NOTE_SUPPRESSED)
    return table


def also_hidden(
    sizes: pd.Series, hidden: pd.Series, lines: Sequence[Sequence[str]], smallest: int
) -> pd.Series:
    """Return which groups are hidden when those of each total are not given away by subtraction.

    Parameters
    ----------
    sizes, hidden : of each group: how many people, and whether it is hidden in any case
    lines : for each kind of total, the levels of the index that it is of (none: of all)
    smallest : how many people the hidden groups of a total must have together

    Examples
    --------
    >>> sizes = pd.Series([3, 1, 6, 27], index=pd.Index(list("abcd"), name="sector"))
    >>> also_hidden(sizes, sizes < 5, [[]], 5).tolist()
    [True, True, True, False]
    """
    hidden = hidden.copy()
    changed = bool(hidden.any())
    while changed:
        changed = False
        for inner in lines:
            blocks = (
                sizes.groupby(level=list(inner), sort=False, observed=False)
                if inner
                else [("", sizes)]
            )
            for _, block in blocks:
                there = block[block > 0]
                own = hidden.loc[there.index]
                rest = there[~own]
                few = own.sum() == 1 or there[own].sum() < smallest
                if own.any() and few and len(rest):
                    hidden.loc[rest.idxmin()] = changed = True
    return hidden


def shown_respondents(answers: Answers, sizes: pd.DataFrame) -> Answers:
    """Return the respondents of the groups that may be shown, for measures that need rows.

    Parameters
    ----------
    answers : from `load_survey`
    sizes : from `group_sizes`

    Examples
    --------
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


def on_scale(freq: FrequencyTable, people: pd.DataFrame) -> pd.Series:
    """Return how many of each row gave an answer of the scale: the substantive base."""
    count = people.sum(axis=1)
    items = freq.index.get_level_values("item")
    for item, entry in freq.codebook.items():
        if codes := [code for code in entry["special"] if code in freq]:
            count[items == item] -= people.loc[items == item, codes].sum(axis=1)
    return count


def not_asked(freq: FrequencyTable, people: pd.DataFrame) -> pd.Series:
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
