"""What is made of frequency tables: sums, shares, readable tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError, nearest
from cssp.survey.frequency import FrequencyTable, need_counts, special_codes, substantive_codes


def collapse(freq: FrequencyTable, by: Sequence[str]) -> FrequencyTable:
    """Return the table of coarser groups: counts summed over the levels that are not in `by`.

    Parameters
    ----------
    freq : table from `frequency_table` with its codebook
    by : the levels that stay

    Examples
    --------
    >>> from cssp import Answers, answer_codes, frequency_table
    >>> rows = pd.DataFrame({"city": ["a", "a"], "sector": ["x", "y"], "q": [1, 1]})
    >>> answers = Answers(rows, {"q": answer_codes([1, 2])})
    >>> collapse(frequency_table(answers, ["q"], by=["city", "sector"]), by=["city"])
               1  2
    item city
    q    a     2  0
    """
    names = need_counts(freq).index.names
    if unknown := [name for name in by if name not in names]:
        raise ScoringError(
            f"The table has no level '{unknown[0]}'. {nearest(unknown[0], map(str, names))}"
        )
    summed = freq.counts.groupby(level=["item", *by], sort=False, observed=False).sum()
    behind = None if freq.behind is None else freq.behind.summed(["item", *by])
    return FrequencyTable._made(summed, freq.codebook, freq.weighted, behind)


@returns(
    "item",
    "city",
    "sector",
    "answer",
    "count",
    "share",
    Column("share_all", "share of all answers", "percent"),
    "n",
    "n_all",
)
def distribution(freq: FrequencyTable) -> pd.DataFrame:
    """Return shares of each answer with both bases.

    Returns
    -------
    One row an item, group and answer: `item, *by, answer` (code), `count`, `share` (of substantive
    answers, `<NA>` for
    special ones), `share_all` (of all answers given, 'hard to say' and refusals included; 'not
    asked' is outside),
    `n` (substantive answers), `n_all`. Of a weighted table the shares are weighted, and `count`,
    `n` and `n_all` are respondents (sums of weights where the table does not know them).

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("q", {"a": [4, 6], "b": [2, 8]})
    >>> distribution(freq)[["city", "answer", "share"]]
      city  answer  share
    0    a       1    0.4
    1    b       1    0.2
    2    a       2    0.6
    3    b       2    0.8
    """
    keys = list(need_counts(freq).index.names)
    columns = [*keys, "answer", "count", "share", "share_all", "n", "n_all"]
    if freq.empty:
        return pd.DataFrame(columns=columns)
    parts = []
    for item, block in freq.counts.groupby(level="item", sort=False):
        codes = substantive_codes(freq, item)
        others = [
            code
            for code in special_codes(freq, item)
            if code not in special_codes(freq, item, "not_asked")
        ]
        counts = block[codes + others]
        n = counts[codes].sum(axis=1)
        n_all = counts.sum(axis=1)
        long = counts.reset_index().melt(id_vars=keys, var_name="answer", value_name="count")
        repeat = len(codes) + len(others)
        long["n"] = np.tile(n.to_numpy(), repeat)
        long["n_all"] = np.tile(n_all.to_numpy(), repeat)
        is_plain = long["answer"].isin(codes)
        with np.errstate(invalid="ignore", divide="ignore"):
            long["share"] = np.where(is_plain, long["count"] / long["n"], np.nan)
            long["share_all"] = long["count"] / long["n_all"]
        if freq.behind is not None:
            people = freq.behind.people.loc[block.index, codes + others]
            long["count"] = people.to_numpy().ravel(order="F")
            long["n"] = np.tile(people[codes].sum(axis=1).to_numpy(), repeat)
            long["n_all"] = np.tile(people.sum(axis=1).to_numpy(), repeat)
        parts.append(long)
    table = pd.concat(parts, ignore_index=True)
    table["answer"] = table["answer"].astype("int64")
    return table[columns]


def readable(freq: FrequencyTable) -> pd.DataFrame:
    """Return the frequency table to look at.

    Groups as columns, a blank instead of 0 where an item has no such answer.

    Parameters
    ----------
    freq : table from `frequency_table` with its codebook

    Returns
    -------
    `item, *by`, a column for each answer code (Int64, or Float64 with weights).

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> readable(table_of_counts("q", {"a": [4, 6], "b": [2, 8]}))
      item city  1  2
    0    q    a  4  6
    1    q    b  2  8
    """
    table = need_counts(freq).counts.astype("Float64" if freq.weighted else "Int64")
    for item, entry in freq.codebook.items():
        absent = [
            code
            for code in freq.columns
            if code not in entry["codes"] and code not in entry["special"]
        ]
        if absent:
            table.loc[table.index.get_level_values("item") == item, absent] = pd.NA
    return table.reset_index()
