"""What the codes of answers mean, and the names of groups that answers make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cssp.study.questionnaire import ColumnCodebook


def answer_codes(
    codes: Sequence[int],
    positive: Iterable[int] = (),
    negative: Iterable[int] = (),
    special: Mapping[int, str] | None = None,
    ordered: bool = True,
    weight: Mapping[int, float] | None = None,
) -> dict[str, Any]:
    """Say what the codes of an item mean, where there is no questionnaire: an entry of a codebook.

    Parameters
    ----------
    codes : substantive answers, low to high
    positive, negative : which of them count on which side of a balance; the others are neutral
    special : code -> meaning of answers outside the scale: hard_to_say, refused, no_answer,
        not_asked
    ordered : whether the answers have an order
    weight : code -> how strongly it counts in a graded balance (1 where it is not named)

    Examples
    --------
    >>> answer_codes([1, 2, 3], positive=[3], negative=[1], special={97: "hard_to_say"})["sign"]
    {1: -1, 2: 0, 3: 1}
    """
    up, down = set(positive), set(negative)
    return {
        "codes": list(codes),
        "special": dict(special or {}),
        "sign": {code: (code in up) - (code in down) for code in codes},
        "weight": {code: float((weight or {}).get(code, 1.0)) for code in codes},
        "ordered": ordered,
        "rated": None,
        "reverse": False,
    }


def codebook_of(entries: Mapping[str, Mapping[str, Any]]) -> ColumnCodebook:
    """Return a codebook in which every entry knows its item."""
    if isinstance(entries, ColumnCodebook):
        return entries
    return ColumnCodebook({name: {"item": name, **entry} for name, entry in entries.items()})


def group_column(item: str) -> str:
    """Return the column of the groups that an item's answers make; `sector` makes its own.

    >>> group_column("tenure"), group_column("sector")
    ('tenure_group', 'sector')
    """
    return item if item == "sector" else f"{item}_group"


def group_name(item: str, code: int) -> str:
    """Return the name of a group that an item's answer makes.

    >>> group_name("tenure", 2)
    'tenure=2'
    """
    return f"{item}={code}"
