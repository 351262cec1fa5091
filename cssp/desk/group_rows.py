"""Taking a table apart by the columns whose values are measured apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd


def parts_of(table: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[list[object], pd.DataFrame]]:
    """Yield the values of the key columns with the rows that have them, in the order of the table.

    Without columns, the whole table once.

    >>> [(key, len(part)) for key, part in parts_of(pd.DataFrame({"level": ["a", "b", "a"]}),
    ...     ["level"])]
    [(['a'], 2), (['b'], 1)]
    """
    if not by:
        yield [], table
        return
    for key, part in table.groupby(list(by), sort=False, observed=True, dropna=False):
        yield list(key), part
