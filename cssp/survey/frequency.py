"""The frequency table: respondents are touched once, here.

Every comparison afterwards is arithmetic on counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import ColumnCodebook
from cssp.survey.answer_codes import answer_codes, codebook_of
from cssp.survey.counts import Behind, check_counts
from cssp.survey.guarded import READING, ReadOnly, RefusedError, checked_condition, is_condition
from cssp.survey.keep import packed, read_parquet_with_meaning, unpacked, write_parquet


class FrequencyTable:
    """Counts of answers, and what the codes mean; tables of the same groupings add up.

    `a + b` is the table of both surveys: rows and answers that one of them lacks count as zero
    there.

    Parameters
    ----------
    counts : index `(item, *by)`, a column for each answer code (substantive and special ones),
        whole numbers, or sums
        of weights
    codebook : item -> entry, as `Questionnaire.column_codebook()` or `answer_codes` makes them
    weighted : the counts are sums of weights

    Attributes
    ----------
    counts : the plain table, for whatever pandas can do; nothing done to it changes this one
    codebook, weighted : as given
    behind : the respondents behind sums of weights; None where these are not known, or all count
        alike

    Raises
    ------
    ScoringError
        Counts that are no counts: a row twice, an item without an entry, a code that no entry
        knows, an answer of an
        entry without a column, numbers below zero, parts of people.

    Examples
    --------
    >>> table_of_counts("q", {"a": [4, 6], "b": [2, 8]}).where(city="a")
               1  2
    item city
    q    a     4  6
    """

    def __init__(
        self,
        counts: pd.DataFrame,
        codebook: Mapping[str, Mapping[str, Any]],
        weighted: bool = False,
    ) -> None:
        book = codebook_of(codebook)
        check_counts(counts, book, weighted)
        self._set(counts, book, weighted)

    def _set(self, counts: pd.DataFrame, book: ColumnCodebook, weighted: bool) -> None:
        self._counts, self.codebook, self.weighted = counts.copy(deep=False), book, bool(weighted)
        self.behind: Behind | None = None

    @classmethod
    def _made(
        cls,
        counts: pd.DataFrame,
        book: ColumnCodebook,
        weighted: bool,
        behind: Behind | None = None,
    ) -> FrequencyTable:
        """Return a table of counts that this module made, unchecked."""
        table = cls.__new__(cls)
        table._set(counts, book, weighted)
        table.behind = behind
        return table

    @property
    def counts(self) -> pd.DataFrame:
        """The plain table, without the codebook."""
        return self._counts.copy(deep=False)

    @property
    def items(self) -> list[str]:
        """Names of the items, in the order of the table."""
        return list(dict.fromkeys(self._counts.index.get_level_values("item")))

    @property
    def by(self) -> list[str]:
        """Names of the grouping levels."""
        return [str(name) for name in self._counts.index.names if name != "item"]

    def __len__(self) -> int:
        return len(self._counts)

    def __contains__(self, code: object) -> bool:
        return code in self._counts

    def __getitem__(self, key: Any) -> Any:
        """Return a code's counts (a Series), several codes' (a DataFrame).

        Or the rows of a condition (a table).
        """
        return self.where(key) if is_condition(key) else self._counts[key]

    @property
    def loc(self) -> ReadOnly:
        """Rows and columns by their labels, to be read; the result is a plain table."""
        return ReadOnly(self._counts.loc)

    def __getattr__(self, name: str) -> Any:
        if (
            name in (*READING, "sum", "iterrows", "reset_index", "xs")
            and "_counts" in self.__dict__
        ):
            return getattr(self.counts, name)
        if name.startswith("_"):
            raise AttributeError(name)
        raise RefusedError(
            f"A frequency table has no '{name}', so that codes keep their meaning. `freq.counts` "
            "is the plain table; "
            "`freq.where(city=...)` chooses rows, `collapse` sums groups, `a + b` joins two tables."
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrequencyTable):
            return NotImplemented
        alike = self.codebook == other.codebook and self.weighted == other.weighted
        return alike and self._counts.equals(other._counts)

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Any) -> FrequencyTable:
        return add_tables([self, other]) if isinstance(other, FrequencyTable) else NotImplemented

    def __radd__(self, other: Any) -> FrequencyTable:
        # sum() starts at the number 0
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def where(self, condition: Any = None, **values: Any) -> FrequencyTable:
        """Return the rows that fit.

        A condition (one truth value a row), or levels with the values wanted.

        Raises
        ------
        ScoringError
            An unknown level, or a condition of other rows.
        """
        index = self._counts.index
        keep = (
            np.ones(len(self), dtype=bool)
            if condition is None
            else checked_condition(condition, index)
        )
        for name, wanted in values.items():
            if name not in index.names:
                raise ScoringError(
                    f"The table has no level '{name}'. {nearest(name, map(str, index.names))}"
                )
            listed = [wanted] if np.isscalar(wanted) else list(wanted)
            keep &= index.get_level_values(name).isin(listed)
        behind = None if self.behind is None else self.behind.cut(keep)
        return FrequencyTable._made(self._counts[keep], self.codebook, self.weighted, behind)

    def only_codes(self, codes: Sequence[int]) -> FrequencyTable:
        """Return the table with these columns only, in this order."""
        behind = None if self.behind is None else self.behind.cut(codes=list(codes))
        return FrequencyTable._made(self._counts[list(codes)], self.codebook, self.weighted, behind)

    def to_parquet(self, path: str | Path) -> None:
        """Write counts and codebook to one Parquet file (needs the extra `parquet`)."""
        named = self._counts.set_axis([str(code) for code in self._counts.columns], axis=1)
        write_parquet(path, named, {"codebook": packed(self.codebook), "weighted": self.weighted})

    @classmethod
    def from_parquet(cls, path: str | Path) -> FrequencyTable:
        """Read what `to_parquet` wrote."""
        table, kept = read_parquet_with_meaning(path)
        table.columns = pd.Index([int(code) for code in table.columns], dtype="int64")
        return cls(table, unpacked(kept["codebook"]), bool(kept.get("weighted")))

    def __repr__(self) -> str:
        return repr(self._counts)

    def _repr_html_(self) -> str:
        return str(self._counts.to_html(max_rows=60))


def table_of_counts(
    item: str,
    groups: Mapping[str, Sequence[float]],
    level: str = "city",
    codes: Sequence[int] = (),
    **meaning: Any,
) -> FrequencyTable:
    """Return the frequency table of one item from the counts of each group.

    As a publication prints them.

    Parameters
    ----------
    item : name of the item
    groups : group -> its counts, in the order of the codes
    level : what the groups are: city, sector, ...
    codes : the answers' codes, low to high, special ones last (empty: 1, 2, 3, ...)
    meaning : as `answer_codes` takes it: positive, negative, special, ordered, weight

    Examples
    --------
    >>> table_of_counts("q", {"a": [4, 10, 20], "b": [12, 25, 30]}, positive=[3], negative=[1])
                1   2   3
    item city
    q    a      4  10  20
         b     12  25  30
    """
    listed = list(codes) or list(range(1, len(next(iter(groups.values()))) + 1))
    outside = meaning.get("special") or {}
    entry = answer_codes([code for code in listed if code not in outside], **meaning)
    index = pd.MultiIndex.from_product([[item], list(groups)], names=["item", level])
    counts = pd.DataFrame(
        list(groups.values()), index=index, columns=pd.Index(listed, dtype="int64")
    )
    return FrequencyTable(counts, {item: entry})


def need_counts(freq: object) -> FrequencyTable:
    """Return the frequency table, or refuse what has no codebook.

    Raises
    ------
    ScoringError
        The sentence says what to pass.
    """
    if isinstance(freq, FrequencyTable):
        return freq
    raise ScoringError(
        f"Here a frequency table is needed, not a {type(freq).__name__}: counts alone do not say "
        "which codes are answers. "
        "Pass what `frequency_table` returns, or cssp.FrequencyTable(counts, codebook)."
    )


def table_of_grid(
    grid: np.ndarray,
    items: list[str],
    levels: list[pd.Index],
    by: list[str],
    codes: list[int],
    book: dict[str, Any],
    weighted: bool,
    behind: tuple[np.ndarray, np.ndarray] | None = None,
) -> FrequencyTable:
    """Return a grid of counts (item, group, answer) as a frequency table.

    `behind` are the grids of respondents and of squared weights, where the counts are weighted.
    """
    index = (
        pd.MultiIndex.from_product([items, *levels], names=["item", *by])
        if by
        else pd.Index(items, name="item")
    )
    columns = pd.Index(codes, dtype="int64")
    counts, *more = (
        pd.DataFrame(one.reshape(len(index), len(codes)), index=index, columns=columns)
        for one in (grid, *(behind or ()))
    )
    behind_it = Behind(*more) if more else None
    return FrequencyTable._made(counts, ColumnCodebook(book), weighted, behind_it)


def substantive_codes(freq: FrequencyTable, item: str) -> list[int]:
    """Return an item's substantive codes, low to high."""
    return [code for code in freq.codebook[item]["codes"] if code in freq]


def special_codes(freq: FrequencyTable, item: str, *means: str) -> list[int]:
    """Return an item's special codes with one of these meanings (none given: all)."""
    special = freq.codebook[item]["special"]
    return [
        code
        for code, meaning in special.items()
        if code in freq and (not means or meaning in means)
    ]


def add_tables(tables: Iterable[FrequencyTable]) -> FrequencyTable:
    """Return the frequency table of several surveys, cities or chunks: their counts added.

    Parameters
    ----------
    tables : the tables, grouped alike

    Raises
    ------
    ScoringError
        Tables grouped differently, weighted beside unweighted ones, or an item whose answers differ
        between them: its counts
        would be added under codes that mean different things.

    Examples
    --------
    >>> from cssp import Answers, frequency_table
    >>> book = {"q": answer_codes([1, 2, 3])}
    >>> one = frequency_table(Answers(pd.DataFrame({"city": ["a", "a"], "q": [1, 2]}), book),
    ...     ["q"], by=["city"])
    >>> two = frequency_table(Answers(pd.DataFrame({"city": ["b"], "q": [3]}), book), ["q"],
    ...     by=["city"])
    >>> add_tables([one, two])
               1  2  3
    item city
    q    a     1  1  0
         b     0  0  1
    """
    parts = [need_counts(table) for table in tables]
    if not parts:
        raise ScoringError("There is no table to add.")
    names = list(parts[0].index.names)
    book: dict[str, Any] = {}
    for part in parts:
        if list(part.index.names) != names:
            raise ScoringError(
                "The tables are grouped differently: by "
                f"{', '.join(map(str, names[1:])) or 'nothing'} and by "
                f"{', '.join(map(str, part.index.names[1:])) or 'nothing'}."
            )
        if part.weighted != parts[0].weighted:
            raise ScoringError(
                "Weighted and unweighted counts cannot be added; count both with or without "
                "weights."
            )
        for item, entry in part.codebook.items():
            if item in book and book[item] != entry:
                raise ScoringError(
                    f"The answers to '{item}' are not coded alike in the tables "
                    f"({book[item]['codes']} and {entry['codes']}); "
                    "map both to one scale before counting."
                )
            book[item] = entry
    items = list(
        dict.fromkeys(
            name for part in parts for name in part.index.get_level_values("item").unique()
        )
    )
    levels = [
        _joined_level([part.index.get_level_values(name) for part in parts]) for name in names[1:]
    ]
    found = {code: None for part in parts for code in part.columns}
    special = {code for entry in book.values() for code in entry["special"]}
    plain = {code for entry in book.values() for code in entry["codes"]}
    codes = sorted(code for code in found if code in plain or code not in special)
    codes += sorted(code for code in found if code not in codes)
    size = int(np.prod([len(level) for level in levels], dtype=int))
    weighted = parts[0].weighted
    grid = np.zeros((len(items) * size, len(codes)), dtype=np.float64 if weighted else np.int64)
    place = {code: number for number, code in enumerate(codes)}
    full = pd.MultiIndex.from_product([items, *levels]) if levels else pd.Index(items)
    for part in parts:
        rows = full.get_indexer(part.index)
        np.add.at(grid, (rows[:, None], [place[code] for code in part.columns]), part.to_numpy())
    return table_of_grid(
        grid.reshape(len(items), size, len(codes)), items, levels, names[1:], codes, book, weighted
    )


def _joined_level(values: list[pd.Index]) -> pd.Index:
    """Return all values of a level.

    In the order of their categories, or else sorted, as `frequency_table` does.
    """
    if all(isinstance(one.dtype, pd.CategoricalDtype) for one in values):
        listed = list(dict.fromkeys(name for one in values for name in one.categories))
        return pd.CategoricalIndex(listed, categories=listed, ordered=values[0].ordered)
    distinct = dict.fromkeys(name for one in values for name in one.unique())
    return pd.Index(sorted(distinct))
