"""Respondents' answers counted: the frequency table of some items in some groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers
from cssp.survey.count_rows import CodedColumn, checked_weights, code_order, count, group_numbers
from cssp.survey.frequency import FrequencyTable, table_of_grid


def frequency_table(
    answers: Answers,
    items: Iterable[str] | str,
    by: Sequence[str] | str = (),
    weights: str | None = None,
) -> FrequencyTable:
    """Count the answers to each item in each group.

    Parameters
    ----------
    answers : `Answers`, e.g. from `load_survey`; `<NA>` and NaN are missing and not counted
    items : names of items; a multiple-choice item stands for all its options (0 not chosen, 1
        chosen; the base is the
        respondents who chose anything or were shown to have chosen nothing)
    by : columns that make the groups, e.g. `["city", "sector"]`; respondents with a missing group
        are left out
    weights : column of weights; the counts are then sums of weights, and the table knows the
        respondents behind them

    Returns
    -------
    Index `(item, *by)`, one column for each answer code (substantive codes first, special codes
    last), int64 counts
    (float64 with weights). Every item has a row for every combination of groups, with zeros where
    nobody answered.

    Tables of the same groupings add up: the table of two parts of a survey, or of two cities, is `a
    + b`.

    Raises
    ------
    ScoringError
        A table without a codebook; an unknown item or group (the nearest is named); an item that
        has no codes (a
        number, a text), or is not coded in integers; weights that are negative, missing or sum to
        zero.

    Examples
    --------
    >>> from cssp import answer_codes
    >>> answers = Answers(pd.DataFrame({"city": ["a", "a", "b"], "q": [1, 3, 3]}),
    ...     {"q": answer_codes([1, 2, 3])})
    >>> frequency_table(answers, ["q"], by=["city"])
               1  2  3
    item city
    q    a     1  0  1
         b     0  0  1
    """
    rows, codebook = need_answers(answers).rows, answers.codebook
    by = [by] if isinstance(by, str) else list(by)
    columns = _columns(rows, codebook, [items] if isinstance(items, str) else list(items))
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise ScoringError(f"The item '{twice[0]}' is named twice.")
    for name in by:
        if name not in rows:
            raise ScoringError(
                f"There is no column '{name}' to group by. {nearest(name, map(str, rows.columns))}"
            )
    group, levels, size = group_numbers(rows, by)
    weight = checked_weights(rows, weights)
    book = {name: codebook[name] for name in columns}
    answered = [CodedColumn(rows[name], name, book[name]) for name in columns]
    people, codes = _grid(answered, group, size, None, book)
    if weight is None:
        return table_of_grid(people, columns, levels, by, codes, book, weighted=False)
    sums, squares = (_grid(answered, group, size, one, book)[0] for one in (weight, weight**2))
    behind = (people, squares)
    return table_of_grid(sums, columns, levels, by, codes, book, weighted=True, behind=behind)


def _grid(
    answered: list[CodedColumn],
    group: np.ndarray,
    size: int,
    weight: np.ndarray | None,
    book: Mapping[str, Mapping[str, Any]],
) -> tuple[np.ndarray, list[int]]:
    """Return how many respondents, or which sum of weights, by item, group and answer."""
    count(answered, group, size, weight)
    counted = {column.name: column.found(size) for column in answered}
    codes = code_order(counted, book)
    kind = np.int64 if weight is None else np.float64
    grid = np.zeros((len(answered), size, len(codes)), dtype=kind)
    position = {code: place for place, code in enumerate(codes)}
    for row, counts in enumerate(counted.values()):
        for code, numbers in counts.items():
            grid[row, :, position[code]] = numbers
    return grid, codes


def _columns(
    rows: pd.DataFrame, codebook: Mapping[str, Mapping[str, Any]], items: list[str]
) -> list[str]:
    columns: list[str] = []
    for name in items:
        own = [
            column for column, entry in codebook.items() if entry["item"] == name and column in rows
        ]
        if name in rows.columns and name in codebook:
            columns.append(name)
        elif own:
            columns += own
        elif name in rows.columns:
            raise ScoringError(
                f"The column '{name}' has no answer codes in the codebook (it is a number, a text "
                "or a column of your own), so "
                "its answers cannot be counted by code."
            )
        else:
            raise ScoringError(
                f"There is no item '{name}' in the table. {nearest(name, map(str, codebook))}"
            )
    return columns
