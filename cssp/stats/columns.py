"""What a measure says of the columns it returns.

Heading, form, unit, and which interval belongs to which estimate.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec

import pandas as pd

P = ParamSpec("P")
#: Intervals are at this confidence where a measure is not asked for another.
USUAL = 0.95


@dataclass(frozen=True)
class Column:
    """A column of a result.

    Attributes
    ----------
    name : as in the table and in saved files
    heading : as it reads in English, an entry of the catalogue, or in every language; empty: as
        `cssp.show.columns`
        has it for all
    form : how its values are written: text, word, note, whole, number2, signed2, percent1, points,
        p, money, day, ...
        (see `cssp.show.labels`); a bound of an interval has the form of its estimate
    bound_of : for a bound of an interval, the column of the estimate that it belongs to
    values : words of this column's values in every language, where the catalogue does not have them
    """

    name: str
    heading: str | Mapping[str, str] = ""
    form: str = "number"
    bound_of: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)


def bounds(
    of: str,
    low: str = "ci_low",
    high: str = "ci_high",
    heading_low: str = "",
    heading_high: str = "",
    form: str = "",
) -> tuple[Column, Column]:
    """Return the two bounds of an estimate's interval, written as the estimate is.

    Without headings of their own they are headed by the confidence: "95% CI from", "to". `form`
    only where the bounds
    are written otherwise than the estimate.

    >>> [bound.name for bound in bounds("balance")]
    ['ci_low', 'ci_high']
    """
    return Column(low, heading_low, form, of), Column(high, heading_high, form, of)


class Result(pd.DataFrame):  # type: ignore[misc]
    """A table that knows its columns: an ordinary DataFrame, with what the measure declares of it.

    What pandas makes of it (rows chosen, sorted, columns added, tables put below or beside each
    other) knows them too;
    columns of one name that two tables declare differently are left without a declaration. No
    number depends on it.

    Attributes
    ----------
    declared : name -> `Column`
    confidence : of its intervals; None where tables of different confidence were joined
    """

    _metadata = ["declared", "confidence"]
    declared: Mapping[str, Column] = {}
    confidence: float | None = USUAL

    @property
    def _constructor(self) -> type[Result]:
        return Result

    def __finalize__(self, other: Any, method: str | None = None, **more: Any) -> Result:
        super().__finalize__(other, method=method, **more)
        parts = [one for one in getattr(other, "input_objs", ()) if isinstance(one, Result)]
        if parts:
            _describe(self, *_joined(parts))
        return self


def _describe(table: Result, declared: Mapping[str, Column], confidence: float | None) -> None:
    object.__setattr__(table, "declared", declared)
    object.__setattr__(table, "confidence", confidence)


def _joined(parts: Sequence[Result]) -> tuple[dict[str, Column], float | None]:
    """Return what several tables declare together; what they declare differently is left out."""
    listed: dict[str, list[Column]] = {}
    for part in parts:
        for name, column in part.declared.items():
            listed.setdefault(name, []).append(column)
    declared = {
        name: columns[0]
        for name, columns in listed.items()
        if all(one == columns[0] for one in columns)
    }
    known = {part.confidence for part in parts if part.declared}
    return declared, known.pop() if len(known) == 1 else None


def described(
    table: pd.DataFrame, columns: Sequence[Column], confidence: float | None = USUAL
) -> Result:
    """Return a table with what is said of its columns; what was said of others stays.

    >>> described(pd.DataFrame({"u": [3]}), [Column("u", "U", "whole")]).declared["u"].heading
    'U'
    """
    found = Result(table)
    before = table.declared if isinstance(table, Result) else {}
    _describe(found, {**before, **{column.name: column for column in columns}}, confidence)
    return found


def returns(
    *columns: str | Column,
    depending: Callable[[Mapping[str, Any]], Sequence[Column]] | None = None,
    adds: bool = False,
) -> Callable[[Callable[P, pd.DataFrame]], Callable[P, Result]]:
    """Declare what a measure returns; the result carries it.

    Parameters
    ----------
    columns : a `Column` that this measure alone returns, or the name of one that all share
        (`cssp.show.columns`)
    adds : the measure gives back the table that it gets, with more columns or fewer rows; what was
        said of the others stays
    depending : the measure's arguments -> columns that read otherwise for them (a share or an
        index, by what is asked)

    The measure's parameter `confidence`, where it has one, heads the intervals. `measure.columns`
    has them by name.
    """

    def declare(measure: Callable[P, pd.DataFrame]) -> Callable[P, Result]:
        signature = inspect.signature(measure)
        own = [
            column if isinstance(column, Column) else Column(column, form="") for column in columns
        ]

        @functools.wraps(measure)
        def measured(*args: P.args, **kwargs: P.kwargs) -> Result:
            table = measure(*args, **kwargs)
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            before = table.declared if adds and isinstance(table, Result) else {}
            said = [
                column
                for column in own
                if column.heading or column.bound_of or column.name not in before
            ]
            said += [] if depending is None else depending(bound.arguments)
            return described(table, said, bound.arguments.get("confidence", USUAL))

        measured.columns = {column.name: column for column in own}  # type: ignore[attr-defined]
        return measured

    return declare
