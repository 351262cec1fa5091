"""Pseudonyms in place of names, in quotations and texts, however a name is written there.

A name is found in every case of declension, for men and women, with ё or е, in capitals, with
stress marks, soft hyphens, no-break blanks or a line's end within, in Latin letters, in another
order of its words, and with initials in place of what is not the surname.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import permutations

from cssp.interviews.morphology import forms_of, is_common, is_first_name

#: Signs that are there for the eye only: soft hyphen, joiners, marks of direction, stress.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u0300\u0301]")
_HYPHENS = "\u2010\u2011\u2012\u2013\u2212"


def pseudonymise(text: str, pseudonyms: dict[str, str]) -> str:
    """Replace names by their pseudonyms, whole words, the longest first, in whatever form.

    >>> pseudonymise("Спросите Ивановым, то есть у Ивано\u00adвой из Зари", {
    ...     "Иванов": "[руководитель]", "Заря": "[организация]"})
    'Спросите [руководитель], то есть у [руководитель] из [организация]'
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
    pattern, replacements = _pattern(tuple(pseudonyms.items()))
    plain, places = folded(text)
    shouted = text.upper() == text or text.lower() == text
    found = []
    for match in pattern.finditer(plain):
        name = str(match.lastgroup)
        small = name.startswith("c") and not shouted and text[places[match.start()]].islower()
        if small and (match.group()[1:2] == "." or is_common(match.group())):
            continue  # "вера в людей" is nobody's name, "г. Петров" no initial
        last = _after(text, places[match.end() - 1])
        found.append((places[match.start()], last, replacements[name]))
    return found


def _after(text: str, place: int) -> int:
    """Return the place behind a letter and the marks that belong to it."""
    place += 1
    while place < len(text) and (
        unicodedata.combining(text[place]) or _UNSEEN.fullmatch(text[place])
    ):
        place += 1
    return place


def folded(text: str) -> tuple[str, list[int]]:
    """Return a text as names are looked for in it, and the place of each of its signs.

    Composed, without case, stress, soft hyphens and the like; ё as е, all blanks as one.

    >>> folded("И\u0301ва\u00adнов\\n  Ё")
    ('иванов е', [0, 2, 3, 5, 6, 7, 8, 11])
    """
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if _UNSEEN.fullmatch(sign):
            continue
        if unicodedata.combining(sign):  # й and ё in two signs
            if signs:
                signs[-1] = unicodedata.normalize("NFC", signs[-1] + sign)
                signs[-1] = "е" if signs[-1] == "ё" else signs[-1][:1]
            continue
        if sign.isspace():
            if signs and signs[-1] == " ":
                continue
            sign = " "
        for one in unicodedata.normalize("NFC", sign).casefold():
            if unicodedata.combining(one):
                continue
            signs.append("-" if one in _HYPHENS else "е" if one == "ё" else one)
            places.append(place)
    _unmixed(signs)
    return "".join(signs), places


def _unmixed(signs: list[str]) -> None:
    """Turn Latin letters that look Russian into Russian ones, in words that have both."""
    for word in re.finditer(r"\w+", "".join(signs)):
        word_text = word.group()
        if re.search("[а-я]", word_text) and re.search("[a-z]", word_text):
            signs[word.start() : word.end()] = word_text.translate(_LOOK_ALIKE)


#: Small Latin letters and the Russian ones that they are mistaken for in scans and typing.
_LOOK_ALIKE = str.maketrans("aeopcyxkmtbh", "аеорсухкмтвн")


@lru_cache(maxsize=32)
def _pattern(pseudonyms: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what finds any of the names, and what takes the place of each."""
    ways, replacements = [], {}
    longest = sorted(pseudonyms, key=lambda entry: len(entry[0]), reverse=True)
    for number, (name, replacement) in enumerate(longest):
        kind = "c" if name[:1].isupper() else "n"  # with a capital in the list, and in texts
        replacements[f"{kind}{number}"] = replacement
        ways.append(f"(?P<{kind}{number}>{'|'.join(_ways(name))})")
    return re.compile(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)"), replacements


def _ways(name: str) -> list[str]:
    """Return patterns of the ways in which a name may be written, as `folded` has texts."""
    plain = folded(name)[0].strip()
    words = [re.split(r"([^а-я]+)", word) for word in plain.split(" ")]
    if not re.search("[а-я]", plain):
        return [re.escape(plain).replace(r"\ ", "[ ]?-? ?")] if plain else ["(?!)"]
    one = [_word(parts) for parts in words]
    ways = [" ?".join(one) if len(one) == 1 else "[ -]+".join(one)]
    latin = [_latin(word) for word in plain.split(" ")]
    ways.append("[ -]+".join(latin))
    if 1 < len(words) <= 3 and all(re.fullmatch("[а-я-]+", word) for word in plain.split(" ")):
        # two words of a name say who it is as well as three, in any order
        orders = [order for n in range(2, len(one) + 1) for order in permutations(one, n)]
        ways += ["[ -]+".join(order) for order in orders[::-1]]
        ways += _with_initials(plain.split(" "), one)
        ways += _surname_alone(plain.split(" "), one)
    return ways


def _surname_alone(words: list[str], forms: list[str]) -> list[str]:
    """Return the pattern of a surname without the first name, where one word alone can be it.

    "А.С. Иванов" and "Иванов П." are other people than Сергей Иванов; a surname that is also
    another word (Толстой) stays.
    """
    places = [n for n, word in enumerate(words) if not is_first_name(word)]
    if len(places) != 1 or is_common(words[places[0]]):
        return []
    form = forms[places[0]]
    return [rf"(?<!\w\.)(?<!\w\. ){form}(?! \w\.)"]


def _word(parts: list[str]) -> str:
    """Return the pattern of a word in all its forms; parts of a hyphened one bend apart."""
    found = []
    for part in parts:
        if part == "-":
            found.append(" ?- ?")
        elif re.fullmatch("[а-я]{2,}", part):
            forms = sorted(forms_of(part), key=lambda form: -len(form))
            found.append(f"(?:{'|'.join(map(re.escape, forms))})")
        else:
            found.append(re.escape(part))
    return "".join(found)


def _with_initials(words: list[str], forms: list[str]) -> list[str]:
    """Return patterns in which all but one word are initials, before it or behind."""
    ways = []
    for place in (0, len(words) - 1):  # the surname comes first or last
        initials = r" ?".join(
            rf"{re.escape(word[0])}\." for n, word in enumerate(words) if n != place
        )
        ways += [rf"(?<!\w\.)(?<!\w\. ){initials} ?{forms[place]}", f"{forms[place]} {initials}"]
    return ways


#: How Russian letters are written in Latin ones, in passports, on maps and by hand.
_BY_LETTER = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "(?:e|ye|yo|io|jo)", "ж": "(?:zh|j|g)",
    "з": "z", "и": "(?:i|y)", "й": "(?:y|i|j)?", "к": "(?:k|c)", "л": "l", "м": "m", "н": "n",
    "о": "o", "п": "p", "р": "r", "с": "ss?", "т": "t", "у": "(?:u|ou)", "ф": "(?:f|ph)",
    "х": "(?:kh|h|x)", "ц": "(?:ts|tz|c)", "ч": "(?:ch|tch|c)", "ш": "sh", "щ": "(?:shch|sch|sh)",
    "ъ": "['’\"]?", "ы": "(?:y|i)", "ь": "['’]?", "э": "e", "ю": "(?:yu|iu|ju|u)",
    "я": "(?:ya|ia|ja|a)",
}  # fmt: skip


def _latin(word: str) -> str:
    """Return the pattern of a Russian word in Latin letters, a woman's surname among it.

    >>> bool(re.fullmatch(_latin("щукин"), "shchukina"))
    True
    """
    stem = "".join(_BY_LETTER.get(letter, re.escape(letter)) for letter in word)
    ends = word.endswith(("ов", "ев", "ин", "ын"))
    stem = stem.replace("(?:y|i)(?:y|i|j)?", "(?:y|i|iy|yy|ij|ii|ey)")
    return stem + ("(?:a|u|y|e|ym|oy|ykh|oi|off)?" if ends else "")
