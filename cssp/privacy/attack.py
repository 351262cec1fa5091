"""The attack: between which values published tables hold each hidden count."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from cssp.privacy.hidden_counts import System, system_of
from cssp.privacy.published import Published
from cssp.study.study import Study

#: A count is as good as known when it is held between values no farther apart than this.
NEAR = 2


def attack(published: Published, study: Study) -> pd.DataFrame:
    """Return the hidden counts that published tables give away, exactly or nearly.

    Every count of a hidden group is an unknown, every published total an equation; linear
    programmes give the least and the largest value that agree with all of them (the attack of
    sdcTable, without its integers: bounds are rounded inwards). A count is given away when the two
    agree, or lie within `NEAR` of each other in a group that may have three members or more.

    Parameters
    ----------
    published : the folder, from `read_published`
    study : whose it is; its questionnaire and its sectors are known to everybody

    Returns
    -------
    One row a count: `city, sector, item, answer` (empty item: how many respondents), `low, high`,
    `by` (the tables that tell it).

    References
    ----------
    Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, ch. 4 (cell suppression).
    """
    lines: list[dict[str, object]] = []
    cities = study.cities_with("survey")
    for city in cities:
        system = system_of(published, study.questionnaire, city, study.file.sectors)
        lines += [{"city": city, **line} for line in given_away(system)]
    return pd.DataFrame(lines, columns=["city", "sector", "item", "answer", "low", "high", "by"])


def given_away(system: System) -> list[dict[str, object]]:
    """Return the unknowns of a system that are as good as known."""
    reached = _reached(system)
    if not reached:
        return []
    places = sorted(reached)
    at = {place: column for column, place in enumerate(places)}
    rows = [
        (row, low, high, source)
        for row, low, high, source in zip(
            system.rows, system.low, system.high, system.sources, strict=True
        )
        if set(row) <= reached
    ]
    upper, bound = [], []
    for row, low, high, _ in rows:
        if math.isfinite(high):
            upper.append(row)
            bound.append(high)
        if math.isfinite(low):
            upper.append({place: -weight for place, weight in row.items()})
            bound.append(-low)
    matrix = csr_matrix(
        (
            [weight for row in upper for weight in row.values()],
            (
                [number for number, row in enumerate(upper) for _ in row],
                [at[place] for row in upper for place in row],
            ),
        ),
        shape=(len(upper), len(places)),
    )
    names = {place: cell for cell, place in system.unknowns.items()}
    limits = {place: _limits(matrix, np.array(bound), at[place]) for place in places}
    found = []
    for place, (low, high) in limits.items():
        sector, item, code = names[place]
        if not item or not math.isfinite(high):
            continue
        size = limits.get(system.unknowns.get((sector, "", 0), -1), (0.0, math.inf))[1]
        if high < low or high - low == 0 or (high - low <= NEAR and size >= 3 and high > 0):
            tables = sorted(
                {source for row, _, _, source in rows if place in row} - {"respondents"}
            )
            found.append(
                {"sector": sector, "item": item, "answer": code, "low": low, "high": high,
                 "by": ", ".join(tables)}
            )  # fmt: skip
    return found


def _reached(system: System) -> set[int]:
    """Return the unknowns that some total speaks of, and those that hang together with them."""
    reached = {
        place
        for row, source in zip(system.rows, system.sources, strict=True)
        if source != "respondents"
        for place in row
    }
    for row in system.rows:
        if reached & set(row):
            reached |= set(row)
    return reached


def _limits(matrix: csr_matrix, bound: np.ndarray, column: int) -> tuple[float, float]:
    """Return the least and the largest whole number that one unknown can be."""
    found = []
    for sign in (1.0, -1.0):
        aim = np.zeros(matrix.shape[1])
        aim[column] = sign
        told = linprog(aim, A_ub=matrix, b_ub=bound + 1e-7, bounds=(0, None), method="highs")
        found.append(sign * told.fun if told.status == 0 else sign * -math.inf)
    low, high = found
    return math.ceil(max(low, 0.0) - 1e-4), math.floor(high + 1e-4) if math.isfinite(high) else high
