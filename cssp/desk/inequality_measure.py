"""What a measure of inequality is: its name, its formula, and whether it has an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cssp.study.registry import registry


@dataclass(frozen=True)
class InequalityMeasure:
    """A measure of inequality between units.

    Attributes
    ----------
    name : as results name it
    label : in every language
    value : values and weights (or None) of the units -> the measure; infinite where it is not
        finite
    interval : whether it has an interval; one that hangs on two units has none
    up_to_one : it ends at one, so its interval is made on the logit and not on the logarithm
    at_most : smallest share of the weights -> the largest value that is possible; None: no end
    place : its place in a table
    """

    name: str
    label: Mapping[str, str]
    value: Callable[..., float]
    interval: bool = True
    up_to_one: bool = False
    at_most: Callable[[float], float] | None = None
    place: int = 90


def inequality_measures() -> dict[str, InequalityMeasure]:
    """Return the known measures by name, in the order of tables.

    >>> list(inequality_measures())[:2]
    ['gap', 'relative_gap']
    """
    found = registry("cssp.desk.inequality_measures", InequalityMeasure)
    return dict(sorted(found.items(), key=lambda entry: entry[1].place))
