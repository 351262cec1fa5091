"""Where two budget levels tell opposite things of the same two cities."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from cssp.desk.group_rows import parts_of
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError


@returns(
    "measure",
    "year",
    "basis",
    Column("level_a", "one level", "level"),
    Column("level_b", "the other level", "level"),
    Column("first", "first region", "region"),
    Column("second", "second region", "region"),
    Column("ratio_a", "ratio at the one", "number2"),
    Column("ratio_b", "ratio at the other", "number2"),
    Column("reverses", "opposite", "flag"),
    "indicator",
)
def level_reversals(
    table: pd.DataFrame,
    levels: Sequence[str],
    first: str,
    by: Sequence[str] = ("measure", "year", "basis"),
    alike: float = 0.05,
) -> pd.DataFrame:
    """Return where two levels tell opposite things of the same two cities.

    One gives more at the one level, the other at the other.

    Parameters
    ----------
    table : a row a city, level and key, with `value`, e.g. from `support_measures`
    levels : the levels compared, in order
    first : the city that stands first
    by : columns that must be the same
    alike : ratios nearer to one than this are about the same, and reverse nothing

    Returns
    -------
    One row a key, pair of levels and other city: the columns of `by`, `level_a, level_b, first,
    second, ratio_a, ratio_b` (first to second; missing where the second has zero),
    `reverses` (the two ratios lie on different sides of 1, and neither is about 1)

    Examples
    --------
    >>> from cssp import load_desk, load_study, support_measures
    >>> study = load_study()
    >>> measures = support_measures(load_desk(study), study.indicators)
    >>> levels = list(study.indicators.levels)
    >>> level_reversals(measures, levels, study.cities[0])["reverses"].dtype
    dtype('bool')
    """
    keys = [name for name in by if name in table]
    lines = []
    for keyed, part in parts_of(table, keys):
        if part.duplicated(["level", "city"]).any():
            raise ScoringError(
                "A city has two values at one level; name what tells them apart in `by`, e.g. "
                "basis."
            )
        wide = part.pivot(index="level", columns="city", values="value").astype(float)
        if first not in wide:
            continue
        for a, b in combinations([level for level in levels if level in wide.index], 2):
            for second in wide.columns:
                cells = wide.loc[[a, b], [first, second]]
                if second == first or cells.isna().any(axis=None):
                    continue
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratios = (cells[first] / cells[second].where(cells[second] != 0)).to_numpy()
                apart = (cells[first] - cells[second]).to_numpy()
                signs = np.sign(apart) * (np.abs(apart) > alike * cells.max(axis=1).to_numpy())
                lines.append(
                    [
                        *keyed,
                        a,
                        b,
                        first,
                        second,
                        ratios[0],
                        ratios[1],
                        bool(signs[0] * signs[1] < 0),
                    ]
                )
    return pd.DataFrame(
        lines,
        columns=[*keys, "level_a", "level_b", "first", "second", "ratio_a", "ratio_b", "reverses"],
    )
