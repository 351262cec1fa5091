"""In what a tool counts the places of its codings, told by the words that it noted beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

#: Units of places, the usual one first.
CODE_POINTS, UTF_16, UTF_8 = "code points", "UTF-16 units", "bytes of UTF-8"
_UNITS = (CODE_POINTS, UTF_16, UTF_8)


def places_by_words(
    texts: Sequence[str], starts: Iterable[int], ends: Iterable[int], words: Iterable[str]
) -> tuple[tuple[np.ndarray, np.ndarray], str, list[tuple[str, str]]]:
    """Return places in code points, whatever unit they were counted in.

    The unit is chosen for the whole file: the one in which most of the noted words stand at their
    places. Without noted words, or where none fits better, places are code points.

    Parameters
    ----------
    texts : of each coding
    starts, ends : of each coding, as the tool counts
    words : what the tool noted beside each; empty where it did not

    Returns
    -------
    starts and ends in code points, the unit, and the codings that still hold other words: (what is
    read, what was noted)

    Examples
    --------
    >>> places_by_words(["🙏 Денег нет"], [3], [12], ["Денег нет"])[:2]
    ((array([2]), array([11])), 'UTF-16 units')
    """
    given = list(zip(texts, map(int, starts), map(int, ends), words, strict=True))
    cache: dict[tuple[str, str], np.ndarray] = {}
    best: tuple[int, str, list[tuple[int, int]]] | None = None
    for unit in _UNITS:
        places = [(_place(t, s, unit, cache), _place(t, e, unit, cache)) for t, s, e, _ in given]
        fits = sum(
            bool(noted) and _same(text[start:end], noted)
            for (text, _, _, noted), (start, end) in zip(given, places, strict=True)
        )
        if best is None or fits > best[0]:
            best = (fits, unit, places)
        if all(not noted or text.isascii() for text, _, _, noted in given):
            break
    assert best is not None
    _, unit, places = best
    strange = [
        (text[start:end], noted)
        for (text, _, _, noted), (start, end) in zip(given, places, strict=True)
        if noted and not _same(text[start:end], noted)
    ]
    pair = np.array(places, dtype="int64").reshape(-1, 2)
    return (pair[:, 0], pair[:, 1]), unit, strange


def _same(one: str, other: str) -> bool:
    """Tell whether two passages hold the same words, white space aside."""
    return "".join(one.split()) == "".join(other.split())


def _place(text: str, place: int, unit: str, cache: dict[tuple[str, str], np.ndarray]) -> int:
    """Return a place of a text in code points; past the end it keeps its distance."""
    if unit == CODE_POINTS or text.isascii():
        return place
    sizes = cache.get((unit, text))
    if sizes is None:
        codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        if unit == UTF_16:
            wide = 1 + (codes > 0xFFFF)
        else:
            wide = 1 + (codes > 0x7F) + (codes > 0x7FF) + (codes > 0xFFFF)
        sizes = cache[unit, text] = np.concatenate([[0], np.cumsum(wide)])
    if place > sizes[-1]:
        return len(text) + int(place - sizes[-1])
    return int(np.searchsorted(sizes, place))
