"""Multiple choice and rankings: shares of respondents, never of answers as if they were people."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.codebook import OPTION
from cssp.intervals import wilson
from cssp.problems import ScoringError, nearest


def option_shares(freq: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return for each option of multiple-choice items the share of respondents who chose it, with Wilson's interval.

    The base is the respondents who answered the item; shares of several options add up to more than one.

    Parameters
    ----------
    freq : table from `frequency_table` of options (codes 0 not chosen, 1 chosen)

    Returns
    -------
    One row an option and group: `item` (the option's column), `*by`, `count`, `n, share, ci_low, ci_high`.
    """
    if freq.empty:
        columns = [*freq.index.names, "count", "n", "share", "ci_low", "ci_high"]
        return pd.DataFrame(columns=columns)
    book = freq.attrs.get("codebook", {})
    for name in dict.fromkeys(freq.index.get_level_values("item")):
        if name in book and book[name]["codes"] != [0, 1]:
            raise ScoringError(f"'{name}' is not an option of a multiple-choice item.")
    for code in (0, 1):
        if code not in freq:
            raise ScoringError("These are not options of a multiple-choice item: their codes are 0 and 1.")
    count, n = freq[1].to_numpy(), freq[[0, 1]].sum(axis=1).to_numpy()
    low, high = wilson(count, n, level)
    if freq.attrs.get("weighted"):
        low, high = (
            np.full(len(n), np.nan),
            np.full(len(n), np.nan),
        )  # a sum of weights is no number of people
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / np.where(n > 0, n, np.nan)
    measures = {"count": count, "n": n, "share": share, "ci_low": low, "ci_high": high}
    return pd.DataFrame(measures, index=freq.index).reset_index()


def ranking_summary(answers: pd.DataFrame, item: str, by: str = "city", level: float = 0.95) -> pd.DataFrame:
    """Summarise a ranking of some of several options.

    Who ranks three of seven says nothing of the order of the other four, so no mean rank is made up for them: the measures are
    the share of respondents who put an option among those ranked (Wilson's interval), the share who put it first, and the mean
    rank among those who ranked it.

    Parameters
    ----------
    answers : table from `load_survey`; ranks 1, 2, ... in the columns `item__option`
    item : name of the ranking item
    by : column of groups

    Returns
    -------
    One row a group and option: `item` (the option's column), `[by]`, `ranked` (how many ranked it), `n` (who ranked anything),
    `share, ci_low, ci_high` (ranked it), `first_places` (share who put it first), `mean_rank` (among those who ranked it).
    """
    columns = [name for name in answers.columns if str(name).startswith(f"{item}{OPTION}")]
    if not columns:
        raise ScoringError(
            f"There is no ranking '{item}' in the table. {nearest(item, map(str, answers.columns))}"
        )
    ranks = answers[columns].astype("Float64")
    taken = ranks.notna().any(axis=1)
    parts = []
    for group, rows in answers[taken].groupby(by, sort=False, observed=True).groups.items():
        block = ranks.loc[rows]
        ranked = block.notna().sum().to_numpy()
        n = np.full(len(columns), len(block))
        low, high = wilson(ranked, n, level)
        parts.append(
            pd.DataFrame(
                {
                    "item": columns,
                    by: group,
                    "ranked": ranked,
                    "n": n,
                    "share": ranked / n,
                    "ci_low": low,
                    "ci_high": high,
                    "first_places": (block == 1).sum().to_numpy() / n,
                    "mean_rank": block.mean().to_numpy(dtype=float, na_value=np.nan),
                }
            )
        )
    names = ["item", by, "ranked", "n", "share", "ci_low", "ci_high", "first_places", "mean_rank"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def ranking_summaries(
    answers: pd.DataFrame, items: Iterable[str], by: str = "city", smallest: int = 1
) -> pd.DataFrame:
    """Summarise several rankings, one under the other; see `ranking_summary`.

    Groups in which fewer than `smallest` respondents ranked anything are left out.
    """
    parts = [ranking_summary(answers, item, by) for item in items]
    names = ["item", by, "ranked", "n", "share", "ci_low", "ci_high", "first_places", "mean_rank"]
    if not parts:
        return pd.DataFrame(columns=names)
    table = pd.concat(parts, ignore_index=True)
    return table[table["n"] >= smallest].reset_index(drop=True)
