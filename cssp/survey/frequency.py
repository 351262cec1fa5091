"""The frequency table: respondents are touched once, here; every comparison afterwards is arithmetic on counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import ColumnCodebook

#: Rows counted at a time: a chunk's codes stay in the processor's cache, and memory does not grow with the survey.
_ROWS = 1 << 16


class FrequencyTable(pd.DataFrame):  # type: ignore[misc]
    """Counts of answers, index `(item, *by)`, a column for each answer code; tables of the same shape add up.

    `a + b` is the table of both surveys: rows and answers that one of them lacks count as zero there.
    """

    @property
    def _constructor(self) -> type[FrequencyTable]:
        return FrequencyTable

    def __add__(self, other: Any) -> Any:
        if isinstance(other, FrequencyTable) and _is_table(self) and _is_table(other):
            return add_tables([self, other])
        return super().__add__(other)

    def __radd__(self, other: Any) -> Any:
        # sum() starts at the number 0
        return self if isinstance(other, int) and other == 0 and _is_table(self) else super().__radd__(other)


def _is_table(frame: pd.DataFrame) -> bool:
    return bool(frame.index.names[0] == "item")


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

    Tables of the same groupings add up: the table of two parts of a survey, or of two cities, is `a + b`.

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
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise ScoringError(f"The item '{twice[0]}' is named twice.")
    for name in by:
        if name not in answers:
            raise ScoringError(
                f"There is no column '{name}' to group by. {nearest(name, map(str, answers.columns))}"
            )
    group, levels, size = _groups(answers, by)
    weight = _weights(answers, weights)
    book = {name: answers.attrs.get("codebook", {}).get(name) for name in columns}
    answered = [_Column(answers[name], name, book[name]) for name in columns]
    _count(answered, group, size, weight)
    counted = {column.name: column.found(size) for column in answered}
    codes = _order(counted, book)
    grid = np.zeros((len(columns), size, len(codes)), dtype=np.int64 if weight is None else np.float64)
    position = {code: place for place, code in enumerate(codes)}
    for row, name in enumerate(columns):
        for code, counts in counted[name].items():
            grid[row, :, position[code]] = counts
    return _table(grid, columns, levels, by, codes, book, weighted=weight is not None)


def _table(
    grid: np.ndarray, items: list[str], levels: list[pd.Index], by: list[str], codes: list[int], book: dict[str, Any], weighted: bool
) -> FrequencyTable:  # fmt: skip
    index = (
        pd.MultiIndex.from_product([items, *levels], names=["item", *by])
        if by
        else pd.Index(items, name="item")
    )
    table = FrequencyTable(
        grid.reshape(len(index), len(codes)), index=index, columns=pd.Index(codes, dtype="int64")
    )
    if weighted:
        table.attrs["weighted"] = True
    known = ColumnCodebook({name: entry for name, entry in book.items() if entry is not None})
    if known:
        table.attrs["codebook"] = known
    return table


def add_tables(tables: Iterable[pd.DataFrame]) -> FrequencyTable:
    """Return the frequency table of several surveys, cities or chunks: their counts added.

    Raises
    ------
    ScoringError
        Tables grouped differently, weighted beside unweighted ones, or an item whose answers differ between them: its counts
        would be added under codes that mean different things.

    Examples
    --------
    >>> import pandas as pd
    >>> one = frequency_table(pd.DataFrame({"city": ["a", "a"], "q": [1, 2]}), ["q"], by=["city"])
    >>> two = frequency_table(pd.DataFrame({"city": ["b"], "q": [4]}), ["q"], by=["city"])
    >>> add_tables([one, two])
               1  2  4
    item city
    q    a     1  1  0
         b     0  0  1
    """
    parts = list(tables)
    if not parts:
        raise ScoringError("There is no table to add.")
    names = list(parts[0].index.names)
    book: dict[str, Any] = {}
    for part in parts:
        if list(part.index.names) != names:
            raise ScoringError(
                f"The tables are grouped differently: by {', '.join(map(str, names[1:])) or 'nothing'} and by "
                f"{', '.join(map(str, part.index.names[1:])) or 'nothing'}."
            )
        if bool(part.attrs.get("weighted")) != bool(parts[0].attrs.get("weighted")):
            raise ScoringError(
                "Weighted and unweighted counts cannot be added; count both with or without weights."
            )
        for item, entry in part.attrs.get("codebook", {}).items():
            if item in book and book[item] != entry:
                raise ScoringError(
                    f"The answers to '{item}' are not coded alike in the tables ({book[item]['codes']} and {entry['codes']}); "
                    "map both to one scale before counting."
                )
            book[item] = entry
    items = list(
        dict.fromkeys(name for part in parts for name in part.index.get_level_values("item").unique())
    )
    levels = [_joined_level([part.index.get_level_values(name) for part in parts]) for name in names[1:]]
    found = {code: None for part in parts for code in part.columns}
    special = {code for entry in book.values() for code in entry["special"]}
    plain = {code for entry in book.values() for code in entry["codes"]}
    codes = sorted(code for code in found if code in plain or code not in special)
    codes += sorted(code for code in found if code not in codes)
    size = int(np.prod([len(level) for level in levels], dtype=int))
    weighted = bool(parts[0].attrs.get("weighted"))
    grid = np.zeros((len(items) * size, len(codes)), dtype=np.float64 if weighted else np.int64)
    place = {code: number for number, code in enumerate(codes)}
    full = pd.MultiIndex.from_product([items, *levels]) if levels else pd.Index(items)
    for part in parts:
        rows = full.get_indexer(part.index)
        np.add.at(grid, (rows[:, None], [place[code] for code in part.columns]), part.to_numpy())
    return _table(grid.reshape(len(items), size, len(codes)), items, levels, names[1:], codes, book, weighted)


def _joined_level(values: list[pd.Index]) -> pd.Index:
    """Return all values of a level: in the order of their categories, or else sorted, as `frequency_table` does."""
    if all(isinstance(one.dtype, pd.CategoricalDtype) for one in values):
        listed = list(dict.fromkeys(name for one in values for name in one.categories))
        return pd.CategoricalIndex(listed, categories=listed, ordered=values[0].ordered)
    distinct = dict.fromkeys(name for one in values for name in one.unique())
    return pd.Index(sorted(distinct))


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


def _groups(answers: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, list[pd.Index], int]:
    """Return each respondent's group number, the levels of each grouping column, and how many groups there are.

    Who is in no group has the number after the last: those counts are thrown away.
    """
    levels: list[pd.Index] = []
    parts: list[np.ndarray] = []
    for name in by:
        column = answers[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            levels.append(pd.CategoricalIndex(column.cat.categories, dtype=column.dtype))
        else:
            codes, found = pd.factorize(column, sort=True)
            levels.append(pd.Index(found))
        parts.append(codes)
    size = int(np.prod([len(level) for level in levels], dtype=int))
    number = np.zeros(len(answers), dtype=np.int32)
    outside = np.zeros(len(answers), dtype=bool)
    for codes, level in zip(parts, levels, strict=True):
        number *= np.int32(len(level))
        number += codes.astype(np.int32, copy=False)
        outside |= codes < 0
    number[outside] = size
    return number, levels, size


def _weights(answers: pd.DataFrame, name: str | None) -> np.ndarray | None:
    if name is None:
        return None
    if name not in answers:
        raise ScoringError(
            f"There is no column of weights '{name}'. {nearest(name, map(str, answers.columns))}"
        )
    weight = pd.to_numeric(answers[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(weight).all() or (weight < 0).any():
        row = int(np.flatnonzero(~np.isfinite(weight) | (weight < 0))[0])
        raise ScoringError(
            f"The weight in row {row} of the table is missing, negative or no number; give every respondent a weight of 0 or more."
        )
    if len(weight) and weight.sum() <= 0:
        raise ScoringError(f"The weights in '{name}' sum to zero.")
    return np.asarray(weight)


class _Column:
    """One item's answers, to be counted chunk by chunk: codes from `low` on; the place after the last is 'missing'."""

    def __init__(self, column: pd.Series, name: str, entry: dict[str, Any] | None) -> None:
        self.name = name
        self.entry = entry
        self.labels: list[int] | None = None
        if isinstance(column.dtype, pd.CategoricalDtype):
            self.labels = self._whole(column.cat.categories)
            self.values: Any = column.cat.codes.to_numpy()
            self.low, self.width = 0, len(self.labels)
            self.missing = True  # code -1
        else:
            self.values, self.missing = self._numbers(column)
            low, high = self._range()
            self.low, self.width = low, high - low + 1
            if self.width > 100_000:
                codes, found = pd.factorize(self.chunk(0, len(self.values)), sort=True)
                known = found != self.width  # the place of missing answers, the last
                self.labels = [int(code) + low for code in found[known]]
                self.values, self.low, self.width = codes, 0, len(self.labels)
        self.counts: np.ndarray | None = None

    def _refuse(self) -> ScoringError:
        return ScoringError(
            f"The item '{self.name}' is not coded in whole numbers, so its answers cannot be counted by code."
        )

    def _whole(self, values: pd.Index) -> list[int]:
        try:
            found = [int(value) for value in values]
            same = all(float(value) == code for value, code in zip(values, found, strict=True))
        except (TypeError, ValueError, OverflowError):
            raise self._refuse() from None
        if not same:
            raise self._refuse()
        return found

    def _numbers(self, column: pd.Series) -> tuple[Any, bool]:
        kind = column.dtype
        if pd.api.types.is_bool_dtype(kind):
            raise self._refuse()
        if isinstance(kind, np.dtype) and kind.kind in "iu":
            return column.to_numpy(), False
        if pd.api.types.is_integer_dtype(kind):
            return column, True
        try:
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError, OverflowError):
            raise self._refuse() from None
        known = values[~np.isnan(values)]
        if not (np.isfinite(known) & (known == np.round(known)) & (np.abs(known) < 2**53)).all():
            raise self._refuse()
        return values, True

    def _range(self) -> tuple[int, int]:
        if isinstance(self.values, pd.Series):
            low, high = self.values.min(), self.values.max()
            return (0, -1) if low is pd.NA else (int(low), int(high))
        known = self.values
        if self.missing:
            known = known[~np.isnan(known)]
        return (int(known.min()), int(known.max())) if len(known) else (0, -1)

    def chunk(self, start: int, stop: int) -> np.ndarray:
        """Return the places of the answers in these rows."""
        part = self.values[start:stop]
        if isinstance(self.values, pd.Series):
            part = self.values.iloc[start:stop].to_numpy(dtype=np.int64, na_value=self.low + self.width)
        elif self.values.dtype.kind == "f":
            part = np.where(np.isnan(part), self.low + self.width, part)
        elif self.missing or self.labels is not None:
            part = np.where(part < 0, self.width, part)
        kind = np.int32 if self.width < 2**30 else np.int64
        return np.asarray(np.subtract(part, self.low, dtype=kind, casting="unsafe"))

    def found(self, size: int) -> dict[int, np.ndarray]:
        """Return for each code that occurs, or that the codebook lists, its count in each group."""
        assert self.counts is not None
        listed = set() if self.entry is None else {*self.entry["codes"], *self.entry["special"]}
        labels = self.labels or [self.low + offset for offset in range(self.width)]
        grid = self.counts.reshape(size + 1, self.width + 1)[:size]
        used = (grid != 0).sum(axis=0) > 0
        kept = {code: grid[:, i] for i, code in enumerate(labels) if code in listed or used[i]}
        if self.entry is not None and (strange := sorted(set(kept) - listed)):
            raise ScoringError(
                f"The item '{self.name}' has the answer {strange[0]}, which is not in its codebook ({sorted(listed)})."
            )
        return kept


def _count(columns: list[_Column], group: np.ndarray, size: int, weight: np.ndarray | None) -> None:
    """Fill each column's counts: one `np.bincount` for each item and chunk of rows, over group and answer together."""
    for column in columns:
        column.counts = np.zeros(
            (size + 1) * (column.width + 1), dtype=np.int64 if weight is None else np.float64
        )
    for start in range(0, len(group), _ROWS):
        stop = start + _ROWS
        own = group[start:stop]
        weighed = None if weight is None else weight[start:stop]
        base: dict[tuple[int, np.dtype[Any]], np.ndarray] = {}
        for column in columns:
            assert column.counts is not None
            place = column.chunk(start, stop)
            if len(column.counts) > 2**31 - 1:
                place = place.astype(np.int64)
            key = (column.width, place.dtype)
            if key not in base:
                base[key] = own.astype(place.dtype) * place.dtype.type(column.width + 1)
            place += base[key]
            column.counts += np.bincount(place, weights=weighed, minlength=len(column.counts))


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
    table = FrequencyTable(freq.groupby(level=["item", *by], sort=False, observed=False).sum())
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
