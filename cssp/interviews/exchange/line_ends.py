"""How tools count places: line ends of two characters as two or as one, emoji as one or as two.

Positions must be read as they were counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import numpy as np

from cssp.study.problems import RunError, nearest

Newlines = Literal["stored", "one", "two", "utf16", "utf16 one", "utf16 two"]
#: Line ends as they stand, as one, as two; and the same where an emoji counts as two (UTF-16).
WAYS: tuple[Newlines, ...] = ("stored", "one", "two", "utf16", "utf16 one", "utf16 two")

#: How many selections are compared with what the tool noted of them.
_SAMPLE = 2000


def counting_of(tool: str) -> Newlines:
    """Return how a tool counts places, by its name; empty: as the standard says.

    NVivo counts UTF-16 units: in real projects its selections have their words only so. Of the
    others no such project is known.

    >>> counting_of("nvivo"), counting_of("")
    ('utf16', 'stored')
    """
    known: dict[str, Newlines] = {"nvivo": "utf16"}
    known |= dict.fromkeys(("", "atlas.ti", "maxqda", "qualcoder", "taguette"), "stored")
    if tool.casefold() not in known:
        named = [name for name in known if name]
        raise RunError(f"'{tool}' is not a known tool. {nearest(tool, named)}")
    return known[tool.casefold()]


def as_counted(text: str, way: Newlines) -> np.ndarray:
    """Return, for each position in the text as it stands, the position as a tool counts it.

    >>> as_counted("🙏a", "utf16").tolist(), as_counted("a\\nb", "two").tolist()
    ([0, 2, 3], [0, 1, 3, 4])
    """
    return np.append(0, np.cumsum(_counts(text, way)))


def places(text: str, way: Newlines) -> np.ndarray:
    """Return, for each position as the tool counted it (0 ...

    its length), the position in the text as it stands.

    >>> places("a\\r\\nb", "one").tolist()
    [0, 1, 3, 4]
    >>> places("a\\nb", "two").tolist()
    [0, 1, 1, 2, 3]
    >>> places("🙏a", "utf16").tolist()
    [0, 0, 1, 2]
    """
    counts = _counts(text, way)
    return np.repeat(np.arange(len(counts) + 1), np.append(counts, 1))


def _counts(text: str, way: Newlines) -> np.ndarray:
    """Return how many places each character of a text takes as a tool counts."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    after_return = np.zeros(len(points), dtype=bool)
    after_return[1:] = points[:-1] == 13
    counts = np.ones(len(points), dtype=int)
    if way.endswith("one"):
        counts[(points == 10) & after_return] = 0  # the LF of a CR LF has no place of its own
    if way.endswith("two"):
        counts[(points == 10) & ~after_return] = 2
    if way.startswith("utf16"):
        counts[points > 0xFFFF] = 2
    return counts


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
    """Return how the tool counted line ends and emoji.

    The way under which most selections lie in their text and begin as the tool noted.

    Tools write a selection's words as its name, or the first of them: whole names tell where a
    selection ends, too (an emoji within it moves its end only). Where there are none, the ends of
    the texts can tell, and how many selections fall on the borders of words. Equal: as stored.
    """
    whole = [text for text in texts.values() if text]
    lines = any("\n" in text for text in whole)
    wide = any(not text.isascii() and max(text) > "\uffff" for text in whole)
    if not (lines or wide) or not len(start):
        return "stored"
    ways = [way for way in WAYS if wide or not way.startswith("utf16")]
    length = {guid: len(text or "") for guid, text in texts.items()}
    sample = np.linspace(0, len(start) - 1, min(len(start), _SAMPLE)).astype(int)
    noted = [re.sub(r"\s+", " ", str(name or "")) for name in names[sample]]
    beginnings = [_plain(name)[:20] for name in noted]
    scores = {}
    for way in ways:
        a, b = (start, end) if way == "stored" else to_stored(source, start, end, texts, way)
        fits = int(((a >= 0) & (a <= b) & (b <= np.array([length[guid] for guid in source]))).sum())
        begins = sum(
            bool(words)
            and _plain(
                (texts[source[at]] or "")[max(a[at], 0) : max(a[at], 0) + 4 * len(words)]
            ).startswith(words)
            for at, words in zip(sample, beginnings, strict=True)
        )
        wholes = sum(
            words != "" and re.sub(r"\s+", " ", (texts[source[at]] or "")[a[at] : b[at]]) == words
            for at, words in zip(sample, noted, strict=True)
        )
        borders = (
            0 if wholes == len(sample) else _on_borders(source[sample], a[sample], b[sample], texts)
        )
        scores[way] = (fits, begins, wholes, borders)
        if way == "stored" and fits == len(start) and wholes == len(sample):
            break
    return max(scores, key=lambda way: scores[way])


def other_words(
    source: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    names: np.ndarray,
    texts: Mapping[str, str | None],
) -> list[tuple[str, str]]:
    """Return the selections that hold other words than the tool noted: (what is read, noted).

    A noted name may be cut; only its beginning is compared.
    """
    strange = []
    for guid, first, last, name in zip(source, start, end, names, strict=True):
        noted, text = _plain(str(name or "")), texts[guid] or ""
        if noted and not _plain(text[first : max(last, first + 4 * len(noted))]).startswith(
            noted[:20]
        ):
            strange.append((text[first:last], str(name)))
    return strange


def _on_borders(
    source: np.ndarray, start: np.ndarray, end: np.ndarray, texts: Mapping[str, str | None]
) -> int:
    """Return how many ends of selections fall between words, not into one."""
    count = 0
    for guid, first, last in zip(source, start, end, strict=True):
        text = texts[guid] or ""
        for place in (first, last):
            inside = 0 < place < len(text)
            count += not (inside and text[place - 1].isalnum() and text[place].isalnum())
    return count


def _plain(text: str) -> str:
    """Return a text with each run of white space as one space.

    And without the dots that mark a cut.
    """
    return re.sub(r"\s+", " ", text).rstrip("…. ")
