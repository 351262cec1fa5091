"""The frequency table: respondents are touched once, here; every comparison afterwards is arithmetic on counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cssp.problems import ScoringError, nearest


def frequency_table(
    answers: pd.DataFrame,
    items: Iterable[str] | str,
    by: Sequence[str] | str = (),
    weights: str | None = None,
) -> pd.DataFrame:
    """Count the answers to each item in each group.

    Parameters
    ----------
    answers : table from `load_survey`, or any table with integer codes; `<NA>` and NaN are missing and not counted
    items : names of items; a multiple-choice item stands for all its options (0 not chosen, 1 chosen; the base is the
        respondents who chose anything or were shown to have chosen nothing)
    by : columns that make the groups, e.g. `["city", "sector"]`; respondents with a missing group are left out
    weights : column of weights; the counts are then sums of weights

    Returns
    -------
    Index `(item, *by)`, one column for each answer code (substantive codes first, special codes last), int64 counts
    (float64 with weights). Every item has a row for every combination of groups, with zeros where nobody answered.
    `attrs["codebook"]` carries what the questionnaire says of each item's codes.

    Tables of the same items and groups add up: the table of two parts of a survey is the sum of their tables
    (`a.add(b, fill_value=0)`).

    Raises
    ------
    ScoringError
        An unknown item or group (the nearest is named), an item that is not coded in integers, or weights that are
        negative, missing or sum to zero.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"city": ["a", "a", "b"], "q": [1, 3, 3]})
    >>> frequency_table(answers, ["q"], by=["city"])
               1  3
    item city
    q    a     1  1
         b     0  1
    """
    by = [by] if isinstance(by, str) else list(by)
    columns = _columns(answers, [items] if isinstance(items, str) else list(items))
    for name in by:
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}' to group by. {nearest(name, map(str, answers.columns))}"
            )
    group, levels = _groups(answers, by)
    size = int(np.prod([len(level) for level in levels], dtype=int)) if by else 1
    weight = _weights(answers, weights)
    book = {name: answers.attrs.get("codebook", {}).get(name) for name in columns}
    counted = {name: _count(answers[name], name, group, size, weight, book[name]) for name in columns}
    codes = _order(counted, book)
    grid = np.zeros((len(columns), size, len(codes)), dtype=np.int64 if weight is None else np.float64)
    position = {code: place for place, code in enumerate(codes)}
    for row, name in enumerate(columns):
        for code, column in counted[name].items():
            grid[row, :, position[code]] = column
    index = pd.MultiIndex.from_product([columns, *levels], names=["item", *by])
    if not by:
        index = pd.Index(columns, name="item")
    table = pd.DataFrame(
        grid.reshape(len(columns) * size, len(codes)), index=index, columns=pd.Index(codes, dtype="int64")
    )
    if weight is not None:
        table.attrs["weighted"] = True
    known = {name: entry for name, entry in book.items() if entry is not None}
    if known:
        table.attrs["codebook"] = known
    return table


def _columns(answers: pd.DataFrame, items: list[str]) -> list[str]:
    book = answers.attrs.get("codebook", {})
    columns: list[str] = []
    for name in items:
        if name in answers.columns:
            columns.append(name)
            continue
        options = [column for column, entry in book.items() if entry["item"] == name and column in answers]
        if not options:
            raise ScoringError(
                f"There is no item '{name}' in the table. {nearest(name, map(str, answers.columns))}"
            )
        columns += options
    return columns


def _groups(answers: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, list[pd.Index]]:
    """Return each respondent's group number (-1: in none) and the levels of each grouping column."""
    number = np.zeros(len(answers), dtype=np.int64)
    levels: list[pd.Index] = []
    for name in by:
        column = answers[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, found = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, found = pd.factorize(column, sort=True)
            found = pd.Index(found)
        number = np.where((number < 0) | (codes < 0), -1, number * len(found) + codes)
        levels.append(found)
    return number, levels


def _weights(answers: pd.DataFrame, name: str | None) -> np.ndarray | None:
    if name is None:
        return None
    if name not in answers:
        raise ScoringError(
            f"There is no column of weights '{name}'. {nearest(name, map(str, answers.columns))}"
        )
    weight = pd.to_numeric(answers[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(weight).any() or (weight < 0).any():
        row = int(np.flatnonzero(np.isnan(weight) | (weight < 0))[0])
        raise ScoringError(
            f"The weight in row {row} of the table is missing, negative or no number; give every respondent a weight of 0 or more."
        )
    if len(weight) and weight.sum() <= 0:
        raise ScoringError(f"The weights in '{name}' sum to zero.")
    return np.asarray(weight)


def _count(
    column: pd.Series,
    name: str,
    group: np.ndarray,
    size: int,
    weight: np.ndarray | None,
    entry: dict[str, Any] | None,
) -> dict[int, np.ndarray]:
    """Return for each code that occurs its count in each group."""
    valid = column.notna().to_numpy() & (group >= 0)
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    try:
        codes = (
            column.to_numpy(dtype=np.int64, na_value=0) if column.hasnans else column.to_numpy(dtype=np.int64)
        )
        exact = True
        if not pd.api.types.is_integer_dtype(column.dtype):
            exact = bool((pd.to_numeric(column[valid]) == codes[valid]).all())
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact:
        raise ScoringError(
            f"The item '{name}' is not coded in whole numbers, so its answers cannot be counted by code."
        )
    codes, where = codes[valid], group[valid]
    if not len(codes):
        return {}
    low = int(codes.min())
    width = int(codes.max()) - low + 1
    if width > 100_000:
        codes, found = pd.factorize(codes, sort=True)
        low, width, labels = 0, len(found), [int(code) for code in found]
    else:
        labels = [low + offset for offset in range(width)]
    flat = np.bincount(
        where * width + (codes - low),
        weights=None if weight is None else weight[valid],
        minlength=size * width,
    ).reshape(size, width)
    listed = set() if entry is None else {*entry["codes"], *entry["special"]}
    found = {code: flat[:, i] for i, code in enumerate(labels) if code in listed or flat[:, i].any()}
    if entry is not None and (strange := sorted(set(found) - listed)):
        raise ScoringError(
            f"The item '{name}' has the answer {strange[0]}, which is not in its codebook ({sorted(listed)})."
        )
    return found


def _order(counted: dict[str, dict[int, np.ndarray]], book: dict[str, dict[str, Any] | None]) -> list[int]:
    """Return all codes: substantive ones ascending, then the special ones."""
    plain: set[int] = set()
    special: set[int] = set()
    for name, found in counted.items():
        entry = book[name]
        if entry is None:
            plain |= set(found)
        else:
            plain |= set(entry["codes"]) | (set(found) - set(entry["special"]))
            special |= set(entry["special"])
    return sorted(plain) + sorted(special - plain)


def substantive_codes(freq: pd.DataFrame, item: str) -> list[int]:
    """Return an item's substantive codes, low to high: by the codebook, or all columns where there is none."""
    entry = freq.attrs.get("codebook", {}).get(item)
    if entry is None:
        return [int(code) for code in freq.columns]
    return [code for code in entry["codes"] if code in freq.columns]


def special_codes(freq: pd.DataFrame, item: str, *means: str) -> list[int]:
    """Return an item's special codes with one of these meanings (none given: all)."""
    entry = freq.attrs.get("codebook", {}).get(item)
    if entry is None:
        return []
    return [
        code
        for code, meaning in entry["special"].items()
        if code in freq.columns and (not means or meaning in means)
    ]


def collapse(freq: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the table of coarser groups: counts summed over the levels that are not in `by`.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"city": ["a", "a"], "sector": ["x", "y"], "q": [1, 1]})
    >>> collapse(frequency_table(answers, ["q"], by=["city", "sector"]), by=["city"])
               1
    item city
    q    a     2
    """
    unknown = [name for name in by if name not in freq.index.names]
    if unknown:
        raise ScoringError(
            f"The table has no level '{unknown[0]}'. {nearest(unknown[0], map(str, freq.index.names))}"
        )
    table = freq.groupby(level=["item", *by], sort=False, observed=False).sum()
    table.attrs = dict(freq.attrs)
    return table


def distribution(freq: pd.DataFrame) -> pd.DataFrame:
    """Return shares of each answer with both bases.

    Returns
    -------
    One row an item, group and answer: `item, *by, answer` (code), `count`, `share` (of substantive answers, `<NA>` for
    special ones), `share_all` (of all answers given, 'hard to say' and refusals included; 'not asked' is outside),
    `n` (substantive answers), `n_all`.
    """
    keys = list(freq.index.names)
    columns = [*keys, "answer", "count", "share", "share_all", "n", "n_all"]
    if freq.empty:
        return pd.DataFrame(columns=columns)
    parts = []
    for item, block in freq.groupby(level="item", sort=False):
        codes = substantive_codes(freq, item)
        others = [
            code for code in special_codes(freq, item) if code not in special_codes(freq, item, "not_asked")
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
        parts.append(long)
    table = pd.concat(parts, ignore_index=True)
    table["answer"] = table["answer"].astype("int64")
    return table[columns]


def readable(freq: pd.DataFrame) -> pd.DataFrame:
    """Return the frequency table to look at: groups as columns, a blank instead of 0 where an item has no such answer.

    Returns
    -------
    `item, *by`, a column for each answer code (Int64, or Float64 with weights).
    """
    kind = "Float64" if any(pd.api.types.is_float_dtype(t) for t in freq.dtypes) else "Int64"
    table = freq.astype(kind)
    for item, entry in freq.attrs.get("codebook", {}).items():
        absent = [
            code for code in freq.columns if code not in entry["codes"] and code not in entry["special"]
        ]
        if absent:
            table.loc[table.index.get_level_values("item") == item, absent] = pd.NA
    return table.reset_index()
