"""Dictionaries of words: forms and dictionary forms, loaded once."""

from __future__ import annotations

import re
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


#: Endings of surnames by their own, and those that take their place in the other cases, for men
#: and women. The dictionary takes many a surname for the genitive of a noun (Кулаков: of кулаки).
_OF_MEN = ("", "а", "у", "ым", "е", "ы", "ых", "ыми", "ой", "ою")
_PARADIGMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"(?:ов|ев|ин|ын)$", "", _OF_MEN),
    (r"(?:ова|ева|ина|ына)$", "а", _OF_MEN),
    (
        r"[сц]кий$",
        "ий",
        ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ою", "ие", "их", "ими"),
    ),
    (
        r"[сц]кая$",
        "ая",
        ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ою", "ие", "их", "ими"),
    ),
    (
        r"(?:[^аеиоуыэюя]ой|[^аеиоуыэюя]ый|[^аеиоуыэюя]ая)$",
        r"(?:ой|ый|ая)",
        ("ой", "ый", "ого", "ому", "ым", "ом", "ая", "ую", "ою", "ые", "ых", "ыми"),
    ),
    (r"[ею]ц$", "", ("", "а", "у", "ом", "ем", "е")),
    (
        r"[бвгджзклмнпрстфхцчшщ]$",
        "",
        ("", "а", "у", "ом", "ем", "е", "и", "ы", "ам", "ами", "ах", "ов", "ей"),
    ),
    (r"[ьй]$", "[ьй]", ("ь", "й", "я", "ю", "ем", "е")),
)


@lru_cache(maxsize=4096)
def is_common(word: str) -> bool:
    """Tell whether a Russian word is, by the dictionary, also another word than a name.

    >>> is_common("свете"), is_common("кулаковым")
    (True, False)
    """
    return any(
        one.is_known and not any(tag in one.tag for tag in _NAMES)
        for one in analyzer_words("ru").parse(word.casefold())
    )


@lru_cache(maxsize=4096)
def is_first_name(word: str) -> bool:
    """Tell whether a Russian word is, by the dictionary, a first name or a patronymic.

    >>> is_first_name("сергей"), is_first_name("петрович"), is_first_name("иванов")
    (True, True, False)
    """
    return any(
        one.is_known and "nomn" in one.tag and ("Name" in one.tag or "Patr" in one.tag)
        for one in analyzer_words("ru").parse(word.casefold())
    )


@lru_cache(maxsize=4096)
def forms_of(word: str) -> tuple[str, ...]:
    """Return all forms of a Russian name, of men and women, in all cases; the word itself first.

    Lists have names in the nominative, so "Иванов" is no genitive of many an Иван, and a first
    name's plural is no form of it ("Петров" is nobody called Пётр). What the dictionary says is
    taken together with the rules by which surnames bend, for it does not know them all.

    >>> {"иванову", "ивановым", "ивановой"} <= set(forms_of("Иванов"))
    True
    >>> "кулаковым" in forms_of("Кулаков"), "кулак" in forms_of("Кулаков")
    (True, False)
    """
    plain = word.casefold().replace("ё", "е")
    found = dict.fromkeys([plain])
    readings = analyzer_words("ru").parse(word.casefold())
    named = [one for one in readings if any(tag in one.tag for tag in _NAMES)]
    own = [
        one
        for one in named or [one for one in readings if one.tag.POS in ("NOUN", "ADJF")]
        if "nomn" in one.tag.grammemes
    ]
    straight = [one for one in own if "sing" in one.tag.grammemes] or own
    for one in straight:
        first_name = "Name" in one.tag or "Patr" in one.tag
        for form in one.lexeme:
            if not (first_name and "plur" in form.tag.grammemes):
                found[form.word.replace("ё", "е")] = None
    tags = {tag for one in straight for tag in _NAMES if tag in one.tag}
    if "Surn" in tags or not tags & {"Name", "Patr"}:
        found |= dict.fromkeys(_by_rule(plain))
        if fleeting := re.fullmatch(r"(\w+[^аеиоуыэюяй])ец", plain):  # Кравец: Кравцом
            found |= dict.fromkeys(fleeting[1] + "ц" + end for end in ("а", "у", "ом", "ем", "е"))
    return tuple(found)


def _by_rule(plain: str) -> list[str]:
    """Return the forms that a surname of this ending has."""
    for ending, cut, forms in _PARADIGMS:
        if re.search(ending, plain) and len(plain) > 3:
            stem = re.sub(f"{cut}$", "", plain) if cut else plain
            return [stem + form for form in forms]
    return []
