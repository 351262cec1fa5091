"""What a family of balances is: how answers score, and on which scale the balance is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cssp.stats.columns import Column
from cssp.study.problems import ScoringError, nearest
from cssp.study.registry import registry

BASES = ("all", "substantive")


@dataclass(frozen=True)
class Family:
    """A family of balances.

    Attributes
    ----------
    name : as `family` names it
    label : in every language
    score : signs (-1, 0, 1) and weights (0 to 1) of the answers -> their scores in [-1, 1]; the
        balance is the mean score
    centre, unit : the balance is told as centre + unit * mean score; shares (0, 1) are shown in
        points
    """

    name: str
    label: Mapping[str, str]
    score: Callable[[np.ndarray, np.ndarray], np.ndarray]
    centre: float = 0.0
    unit: float = 1.0

    @property
    def in_shares(self) -> bool:
        """Whether balances are shares in [-1, 1], shown in points, and not an index of its own."""
        return (self.centre, self.unit) == (0.0, 1.0)


def families() -> dict[str, Family]:
    """Return the known families by name.

    >>> sorted(families())[:2]
    ['plain', 'plus100']
    """
    return registry("cssp.survey.balance_families", Family)


def family_of(name: str, base: str = "substantive") -> Family:
    """Return a family; refuse an unknown one, or an unknown base.

    Raises
    ------
    ScoringError
        The nearest name is told.
    """
    known = families()
    if name not in known:
        raise ScoringError(f"'{name}' is not a family of balances. {nearest(str(name), known)}")
    if base not in BASES:
        raise ScoringError(f"'{base}' is not a base. {nearest(str(base), BASES)}")
    return known[name]


#: Columns of balances that are an index of its own, not shares.
_INDEX = (
    Column("balance", "balance, index", "number1"),
    Column("balance_first", "balance, first, index", "number1"),
    Column("balance_second", "balance, second, index", "number1"),
    Column("gap", "difference, index", "number1"),
    Column("estimate", "estimate, index", "number1"),
)


def told_as(asked: Mapping[str, Any]) -> list[Column]:
    """Return how the columns of a measure of balances read.

    For the family that it was asked for.
    """
    known = families()
    table = asked.get("balances")
    family = (
        asked.get("family")
        if table is None
        else (str(table["family"].iloc[0]) if len(table) else "plain")
    )
    labels = {name: one.label for name, one in known.items()}
    columns = [Column("family", "family", "word", values=labels)]
    if family in known and not known[family].in_shares:
        columns += _INDEX
    return columns
