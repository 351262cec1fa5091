"""Dictionaries of words: forms and dictionary forms, loaded once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cssp.study.problems import ScoringError

#: Languages that have a dictionary here.
LEMMATISED = ("ru", "uk")
#: What a dictionary says of names.
_NAMES = ("Name", "Surn", "Patr", "Geox", "Orgn", "Trad")


@lru_cache(maxsize=2)
def analyzer_words(language: str) -> Any:
    """Return the dictionary of a language, loaded once.

    Raises
    ------
    ScoringError
        There is none.
    """
    import pymorphy3

    try:
        return pymorphy3.MorphAnalyzer(lang=language)
    except ValueError as error:
        raise ScoringError(f"There is no dictionary for '{language}' here: {error}.") from error


@lru_cache(maxsize=4096)
def forms_of(word: str) -> tuple[str, ...]:
    """Return all forms of a Russian name, of men and women, in all cases; the word itself first.

    Lists have names in the nominative, so "Иванов" is no genitive of many an Иван. Where the
    dictionary knows a word as a name, only that reading counts; else every reading as a noun or an
    adjective.

    >>> {"иванову", "ивановым", "ивановой"} <= set(forms_of("Иванов"))
    True
    """
    plain = word.casefold().replace("ё", "е")
    found = dict.fromkeys([plain])
    readings = analyzer_words("ru").parse(word.casefold())
    named = [one for one in readings if any(tag in one.tag for tag in _NAMES)]
    for wanted in ({"nomn", "sing"}, {"nomn"}):
        if straight := [one for one in named if wanted <= one.tag.grammemes]:
            named = straight
            break
    for one in named or [one for one in readings if one.tag.POS in ("NOUN", "ADJF")]:
        found |= dict.fromkeys(form.word.replace("ё", "е") for form in one.lexeme)
    return tuple(found)
