"""Line ends.

Tools count a line end of two characters as two or as one, and positions must be read as they were
counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import numpy as np

Newlines = Literal["stored", "one", "two"]
WAYS: tuple[Newlines, ...] = ("stored", "one", "two")

#: How many selections are compared with what the tool noted of them.
_SAMPLE = 2000


def places(text: str, way: Newlines) -> np.ndarray:
    """Return, for each position as the tool counted it (0 ...

    its length), the position in the text as it stands.

    >>> places("a\\r\\nb", "one").tolist()
    [0, 1, 3, 4]
    >>> places("a\\nb", "two").tolist()
    [0, 1, 1, 2, 3]
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    stored = np.arange(len(points) + 1)
    if way == "one":
        after = np.zeros(len(points) + 1, dtype=bool)  # the LF of a CR LF has no place of its own
        after[1:-1] = (points[:-1] == 13) & (points[1:] == 10)
        return stored[~after]
    if way == "two":
        alone = points == 10
        alone[1:] &= points[:-1] != 13
        return np.repeat(stored, np.append(1 + alone, 1))
    return stored


def to_stored(
    source: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    texts: Mapping[str, str | None],
    way: Newlines,
) -> tuple[np.ndarray, np.ndarray]:
    """Return positions in the texts as they stand, from positions as the tool counted them.

    One outside stays outside.
    """
    new_start, new_end = start.copy(), end.copy()
    for guid in np.unique(source.astype(str)):
        own = source == guid
        place = places(texts[guid] or "", way)
        over = len(texts[guid] or "") + 1
        for old, new in ((start, new_start), (end, new_end)):
            inside = (old[own] >= 0) & (old[own] < len(place))
            new[own] = np.where(
                inside,
                place[np.clip(old[own], 0, len(place) - 1)],
                np.where(old[own] < 0, -1, over),
            )
    return new_start, new_end


def best_counting(
    source: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    names: np.ndarray,
    texts: Mapping[str, str | None],
) -> Newlines:
    """Return how the tool counted line ends.

    The way under which most selections lie in their text and begin as the tool noted.

    Tools write a selection's first words as its name; where they do not, only the ends of the texts
    can tell. Equal: as stored.
    """
    if not any("\n" in (text or "") for text in texts.values()) or not len(start):
        return "stored"
    length = {guid: len(text or "") for guid, text in texts.items()}
    sample = np.linspace(0, len(start) - 1, min(len(start), _SAMPLE)).astype(int)
    told = [_plain(str(name or ""))[:20] for name in names[sample]]
    scores = {}
    for way in WAYS:
        a, b = (start, end) if way == "stored" else to_stored(source, start, end, texts, way)
        fits = int(((a >= 0) & (a <= b) & (b <= np.array([length[guid] for guid in source]))).sum())
        begins = sum(
            bool(words)
            and _plain(
                (texts[source[at]] or "")[max(a[at], 0) : max(a[at], 0) + 4 * len(words)]
            ).startswith(words)
            for at, words in zip(sample, told, strict=True)
        )
        scores[way] = (fits, begins)
        if way == "stored" and fits == len(start) and begins == sum(map(bool, told)):
            break
    return max(scores, key=lambda way: scores[way])


def _plain(text: str) -> str:
    """Return a text with each run of white space as one space.

    And without the dots that mark a cut.
    """
    return re.sub(r"\s+", " ", text).rstrip("…. ")
