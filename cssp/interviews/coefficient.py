"""What a coefficient of agreement is: its name, its formula, and which sums the formula reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cssp.study.registry import registry


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement between coders.

    Attributes
    ----------
    name : as results name it
    label : in every language
    value : sums -> the coefficient of each code; `numpy.nan` where it is not defined
    of_pairs : the formula reads the fourfold tables of pairs of coders (`pair_sums`), not the sums
        over units (`unit_sums`)
    place : its place in a table
    """

    name: str
    label: Mapping[str, str]
    value: Callable[[np.ndarray], np.ndarray]
    of_pairs: bool = False
    place: int = 50


def coefficients() -> dict[str, Coefficient]:
    """Return the known coefficients by name, in the order of tables.

    >>> list(coefficients())[:2]
    ['alpha', 'percent_agreement']
    """
    found = registry("cssp.interviews.coefficients", Coefficient)
    return dict(sorted(found.items(), key=lambda entry: entry[1].place))
