"""Groups of respondents, for statistics that need the rows.

The levels of a column, and who is in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers


def levels_of(column: pd.Series, sort: bool = False) -> list[Any]:
    """Return the levels of a grouping column.

    Its categories in their order, or else its values as they first appear (or sorted).

    >>> levels_of(pd.Series(["b", None, "a", "b"])), levels_of(pd.Series(["b", "a"]), sort=True)
    (['b', 'a'], ['a', 'b'])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    found = list(pd.unique(column.dropna()))
    return sorted(found) if sort else found


def members(answers: Answers, by: str | None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each group's name and which rows are in it; without `by`, all rows as the group "all".

    Raises
    ------
    ScoringError
        There is no column `by`.

    Examples
    --------
    >>> [(name, rows.tolist()) for name, rows in members(Answers(pd.DataFrame({"city": ["a", "b",
    ...     "a"]}), {}), "city")]
    [('a', [True, False, True]), ('b', [False, True, False])]
    """
    need_answers(answers)
    if by is None:
        yield "all", np.ones(len(answers), dtype=bool)
        return
    if by not in answers:
        raise ScoringError(
            f"There is no column '{by}' to group by. {nearest(by, map(str, answers.columns))}"
        )
    for name in levels_of(answers[by]):
        yield str(name), (answers[by] == name).to_numpy(dtype=bool)
