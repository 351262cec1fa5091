"""Pseudonyms in place of names, in quotations and texts."""

from __future__ import annotations

import re


def pseudonymise(text: str, pseudonyms: dict[str, str]) -> str:
    """Replace names by their pseudonyms, whole words, the longest first, whatever their case.

    >>> pseudonymise("Вот Иванов из Зари сказал", {"Иванов": "[руководитель]",
    ...     "Зари": "[организация]"})
    'Вот [руководитель] из [организация] сказал'
    """
    if not pseudonyms or not isinstance(text, str):
        return text
    parts, place = [], 0
    for start, end, replacement in pseudonym_places(text, pseudonyms):
        parts += [text[place:start], replacement]
        place = end
    return "".join([*parts, text[place:]])


def pseudonym_places(text: str, pseudonyms: dict[str, str]) -> list[tuple[int, int, str]]:
    """Return where names stand in a text, and what takes their place, in order.

    >>> pseudonym_places("Вот Иванов сказал", {"Иванов": "[руководитель]"})
    [(4, 10, '[руководитель]')]
    """
    if not pseudonyms:
        return []
    lowered = {name.casefold(): replacement for name, replacement in pseudonyms.items()}
    names = sorted(pseudonyms, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, names)) + r")(?!\w)", re.IGNORECASE)
    return [(m.start(), m.end(), lowered[m.group(1).casefold()]) for m in pattern.finditer(text)]
