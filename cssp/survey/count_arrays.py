"""The frequency table as arrays.

Items with the same answers in one block, groups against groups without a loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.survey.frequency import FrequencyTable, need_counts, substantive_codes
from cssp.survey.frequency_tables import collapse


@dataclass(frozen=True)
class CountArray:
    """Counts of items that share their answers.

    Attributes
    ----------
    items, strata, groups : labels of the first three axes; `strata` is `[None]` where nothing is
        held fixed
    codes : substantive answers, low to high: the last axis
    counts : float array (item, stratum, group, answer)
    there : bool array (item, stratum, group): the group stands in the table (not asked or hidden
        groups don't)
    ordered : the answers have an order
    """

    items: list[str]
    strata: list[object]
    groups: list[object]
    codes: tuple[int, ...]
    counts: np.ndarray
    there: np.ndarray
    ordered: bool


def check_levels(freq: FrequencyTable, *names: str | None) -> None:
    """Refuse names that are no grouping levels of the table."""
    need_counts(freq)
    for name in filter(None, names):
        if name not in freq.index.names or name == "item":
            levels = [str(n) for n in freq.index.names if n != "item"]
            raise ScoringError(
                f"The table has no level '{name}'. {nearest(str(name), levels)} Levels: "
                f"{', '.join(levels)}."
            )
    given = [name for name in names if name]
    if len(set(given)) != len(given):
        raise ScoringError(f"The level '{given[0]}' cannot be both compared and held fixed.")


def check_whole(freq: FrequencyTable) -> None:
    """Refuse weighted or broken counts: rank tests need numbers of people."""
    need_counts(freq)
    if freq.weighted:
        raise ScoringError("Weighted counts have no exact rank tests; count without weights.")
    counts = freq.to_numpy()
    if not np.array_equal(counts, np.round(counts)) or (counts < 0).any():
        raise ScoringError(
            "The counts are not whole numbers; weighted tables have no exact rank tests."
        )


def count_arrays(
    freq: FrequencyTable, between: str, within: str | None = None
) -> Iterator[CountArray]:
    """Yield the table's blocks of items with the same substantive answers.

    In the order of their first item.

    Parameters
    ----------
    freq : table from `frequency_table`
    between : level of the groups; levels that are neither this nor `within` are summed over
    within : level of the strata
    """
    need_counts(freq)
    check_levels(freq, between, within)
    names = [*filter(None, [within]), between]
    if list(freq.index.names) != ["item", *names]:
        freq = collapse(freq, names)
    book = freq.codebook
    item_level = freq.index.get_level_values("item")
    by_codes: dict[tuple[tuple[int, ...], bool], list[str]] = {}
    for item in item_level.unique():
        entry = book.get(item)
        ordered = entry is None or bool(entry["ordered"]) or len(entry["codes"]) == 2
        by_codes.setdefault((tuple(substantive_codes(freq, item)), ordered), []).append(item)
    levels = [list(freq.index.get_level_values(name).unique()) for name in names]
    strata = [None] if within is None else levels[0]
    groups = levels[-1]
    for (codes, ordered), items in by_codes.items():
        full = pd.MultiIndex.from_product([items, *levels], names=["item", *names])
        place = freq.index.get_indexer(full)
        there = place >= 0
        values = freq[list(codes)].to_numpy(dtype=np.float64)[place]
        values[~there] = 0
        shape = (len(items), len(strata), len(groups))
        yield CountArray(
            items,
            strata,
            groups,
            codes,
            values.reshape(*shape, len(codes)),
            there.reshape(shape),
            ordered,
        )


def in_order(table: pd.DataFrame, freq: FrequencyTable) -> pd.DataFrame:
    """Return a result's rows in the order in which the frequency table lists its items."""
    need_counts(freq)
    if "item" not in table or table.empty:
        return table
    place = {
        item: number for number, item in enumerate(freq.index.get_level_values("item").unique())
    }
    found = [place[item] for item in table["item"].unique()]
    if found == sorted(found):
        return table
    return table.sort_values(
        "item", key=lambda column: column.map(place), kind="stable", ignore_index=True
    )
