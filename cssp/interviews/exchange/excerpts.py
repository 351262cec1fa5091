"""Excerpts of an interview where its text is not at hand: each with the paragraph it stands in.

A list of coded segments without texts (MAXQDA, ATLAS.ti, NVivo in Excel) holds words and the
number of a paragraph. The text that is kept for such an interview is made of its excerpts, one a
block, so that the same words in another paragraph are another passage, also after two coders'
lists are merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: An excerpt: the paragraph that it begins in, as the tool counts, and its words.
Excerpt = tuple[str, str]

_MARK = re.compile(r"(?:\A|(?<=\n\n))\[¶ ?([^\]\n]*)\] ")


def excerpts_text(excerpts: Iterable[Excerpt]) -> tuple[str, dict[Excerpt, int]]:
    """Return the text of some excerpts, in the order of their paragraphs, and where each begins.

    >>> excerpts_text([("7", "Yes."), ("3", "No money."), ("7", "Yes.")])
    ('[¶ 3] No money.\\n\\n[¶ 7] Yes.', {('3', 'No money.'): 6, ('7', 'Yes.'): 23})
    """
    text, places = "", {}
    own = sorted(dict.fromkeys(excerpts), key=lambda one: _order(one[0]))
    for where, words in own:
        text += "\n\n" if text else ""
        text += f"[¶ {where}] " if where else "[¶] "
        places[where, words] = len(text)
        text += words
    return text, places


def excerpts_of(text: str | None) -> dict[Excerpt, int]:
    """Return the excerpts that a text was made of and where each begins; none of any other text.

    >>> excerpts_of("[¶ 3] No money.\\n\\n[¶ 7] Yes.")
    {('3', 'No money.'): 6, ('7', 'Yes.'): 23}
    >>> excerpts_of("An interview.")
    {}
    """
    marks = list(_MARK.finditer(text or ""))
    if not marks or marks[0].start() != 0:
        return {}
    ends = [mark.start() - 2 for mark in marks[1:]] + [len(text or "")]
    return {
        (mark[1], (text or "")[mark.end() : end]): mark.end()
        for mark, end in zip(marks, ends, strict=True)
    }


def moved(place: int, before: dict[Excerpt, int], after: dict[Excerpt, int]) -> int:
    """Return where a place within an excerpt stands in another text of the same excerpts."""
    within = max((one for one in before.items() if one[1] <= place), key=lambda one: one[1])
    return place - within[1] + after[within[0]]


def _order(where: str) -> tuple[int, str]:
    number = re.match(r"\d+", where)
    return (int(number[0]) if number else 0, where)
