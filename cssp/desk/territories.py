"""Subjects of the Federation by any spelling of their names; the structure of OKTMO codes."""

from __future__ import annotations

import csv
import importlib.resources
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pandas as pd

from cssp.study.problems import DataError, nearest
from cssp.tables.raw import fold

#: Words for the kind of a subject (their beginnings), which names may bear or lack.
_KINDS = {
    "republic": ("республик", "респ", "republic", "respublika"),
    "oblast": ("област", "обл", "oblast", "region"),
    "krai": ("край", "края", "крае", "krai", "kray", "territory"),
    "okrug": ("округ", "okrug", "ао"),
    "city": ("город", "г", "city"),
}
_FILLERS = {
    "бюджет",
    "бюджета",
    "консолидированный",
    "консолидированного",
    "субъекта",
    "of",
    "the",
    "budget",
    "автономный",
    "автономного",
    "автономная",
    "автономной",
    "autonomous",
    "федерального",
    "значения",
}

#: Short names that share too little with the long ones.
_SHORT = {
    "чечня": "чеченская",
    "хмао": "ханты",
    "янао": "ямало",
    "нао": "ненецкий",
    "еао": "еврейская",
    "спб": "санкт",
    "st": "saint",
}


#: Abbreviations and second names (letters only) -> the beginning of the official name.
_ALSO = {
    "хмаоюгра": "Ханты-Мансийский",
    "югра": "Ханты-Мансийский",
    "рсо": "Республика Северная Осетия",
    "рсоалания": "Республика Северная Осетия",
    "алания": "Республика Северная Осетия",
    "кбр": "Кабардино-Балкарская",
    "кчр": "Карачаево-Черкесская",
    "рся": "Республика Саха",
    "рсоякутия": "Республика Саха",
    "башкирия": "Республика Башкортостан",
    "тува": "Республика Тыва",
    "чао": "Чукотский",
    "ленобласть": "Ленинградская",
    "подмосковье": "Московская",
    "питер": "Санкт-Петербург",
    "спетербург": "Санкт-Петербург",
    "татария": "Республика Татарстан",
    "ингушскаяреспублика": "Республика Ингушетия",
    "орел": "Орловская",
}
#: What stands behind a name without making it another territory: "(Тюменская область)", "без
#: автономных округов", "(без НАО)".
_BESIDE = re.compile(
    r"\s*(?:\((?!\s*(?:с|вместе|включая|with)\b)[^)]*\)|\bбез\b.*)\s*$", re.IGNORECASE
)
#: Endings in which forms of a name differ: cases, and nouns against the adjectives made of them.
_ENDING = re.compile(
    r"(?P<inner>ен|ин|ов|ев|ан)?(?:с?к|ц|ч)?"
    r"(?:[аеиоуыьйяюэ]{0,3}|[оеыи]го|[ое]му|[ыи]ми?|[оеыи]м|[ыи]х|[ая]ми|[ая]х|[ое]в)"
)


class Region(NamedTuple):
    """A subject of the Federation.

    The beginning of its OKTMO codes, its names and its federal district.
    """

    oktmo: str
    name_ru: str
    name_en: str
    district_ru: str
    district_en: str

    def label(self) -> dict[str, str]:
        """Return the name in both languages."""
        return {"en": self.name_en, "ru": self.name_ru}


@cache
def regions() -> tuple[Region, ...]:
    """Return the subjects of the Federation that the package knows (state of 2022.

    See the file's first line).
    """
    text = (importlib.resources.files("cssp.desk") / "regions.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    return tuple(Region(*row) for row in rows[1:])


#: Names of regions, and of federal districts, in every language, by the official Russian one.
REGION_NAMES = {region.name_ru: region.label() for region in regions()}
DISTRICT_NAMES = {
    region.district_ru: {"en": region.district_en, "ru": region.district_ru} for region in regions()
}


def region_of(oktmo: str) -> Region | None:
    """Return the subject that an OKTMO code belongs to, by its beginning; None where there is none.

    >>> region_of("86701000").name_en
    'Republic of Karelia'
    >>> region_of("11851000").name_en, region_of("11701000").name_en
    ('Nenets autonomous okrug', 'Arkhangelsk oblast')
    """
    fits = [region for region in regions() if oktmo.startswith(region.oktmo)]
    return max(fits, key=lambda region: len(region.oktmo), default=None)


def find_region(name: str) -> Region:
    """Return the subject of the Federation meant by a name, in any spelling.

    Case or grammatical case.

    Parameters
    ----------
    name : e.g. "Республика Карелия", "карелия", "Karelia", "Бюджет Вологодской области", "Vologda
        region"

    Raises
    ------
    DataError
        No subject, or more than one, fits the name; the nearest is told.

    Examples
    --------
    >>> [find_region(name).oktmo for name in ("КАРЕЛИЯ", "Karelia", "Бюджет Республики Карелия")]
    ['86', '86', '86']
    >>> find_region("Алтайского края").name_ru
    'Алтайский край'
    """
    wanted = fold(name)
    for region in regions():
        if wanted in (fold(region.name_ru), fold(region.name_en)):
            return region
    if (also := _ALSO.get(re.sub(r"[\W\d_]+", "", wanted))) is not None:
        return next(region for region in regions() if region.name_ru.startswith(also))
    if (bare := _BESIDE.sub("", name)) != name and bare.strip():
        return find_region(bare)
    kind, words = _taken_apart(name)
    fits = []
    for region in regions():
        for known in (region.name_ru, region.name_en):
            own_kind, own = _taken_apart(known)
            if (
                words
                and (not kind or kind == (own_kind or "city"))
                and all(map(_alike, words, own))
                # a longer name may only repeat itself: Чувашская Республика — Чувашия
                and all(_alike(extra, own[0]) for extra in words[len(own) :])
            ):
                shared = sum(map(_shared, words, own))
                fits.append(((abs(len(own) - len(words)), -shared), region))
                break
    if not fits and len(words) == 1:  # a second name, e.g. Якутия
        fits = [
            ((1, 0), region)
            for region in regions()
            if any(
                _alike(words[0], own)
                for known in (region.name_ru, region.name_en)
                for own in _taken_apart(known)[1]
            )
        ]
    nearer = [
        region for distance, region in fits if distance == min(distance for distance, _ in fits)
    ]
    if len(nearer) == 1:
        return nearer[0]
    names = [text for region in (nearer or regions()) for text in (region.name_ru, region.name_en)]
    hint = nearest(name, names)
    what = "may be more than one region" if nearer else "is not a region of Russia"
    remedy = f"{hint} " if nearer or hint.startswith("Did") else ""
    raise DataError(f"'{name}' {what}. {remedy}Give its full name, e.g. '{names[0]}'.")


def _taken_apart(name: str) -> tuple[str, list[str]]:
    """Return the kind of subject that a name tells ("" for none), and its other words."""
    kind, words = "", []
    for part in re.findall(r"\w+", fold(name)):
        word = _SHORT.get(part, part)
        if word in _FILLERS:
            continue
        found = next(
            (
                name
                for name, starts in _KINDS.items()
                if any(
                    word == s or (len(s) > 4 and word.startswith(s) and len(word) <= len(s) + 3)
                    for s in starts
                )
            ),
            "",
        )
        if found:
            kind = kind or found
        else:
            words.append(word)
    return kind, words


def _shared(one: str, other: str) -> int:
    """Return how many letters two words share from their beginning."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)


def _alike(one: str, other: str) -> bool:
    """Tell whether two words differ in their endings only.

    >>> _alike("курска", "курская"), _alike("кург", "курская"), _alike("karelian", "karelia")
    (True, False, True)
    """
    same = _shared(one, other)
    if same < min(3, len(one), len(other)):
        return False
    rests = (one[same:], other[same:])
    if any("а" <= letter <= "я" for letter in one + other):
        found = [_ENDING.fullmatch(rest) for rest in rests]
        # a name cut off is no form of it: Кург is not Курганская
        return all(one is not None and ("" not in rests or not one["inner"]) for one in found)
    return same >= max(len(one), len(other)) - 4


#: Third digit of an OKTMO code: what stands at the upper level.
_UPPER = {
    "0": "the subject as a whole",
    "3": "municipalities inside a city of federal importance",
    "5": "municipal okrugs",
    "6": "municipal districts",
    "7": "urban okrugs",
    "8": "an autonomous okrug",
    "9": "an autonomous okrug",
}


def oktmo_problem(code: str, region: str = "") -> str:
    """Return what is wrong with an OKTMO code, in a sentence; empty when its structure is right.

    The classifier (OK 033-2013) has 8 digits for a municipality and 11 for a place in it: two for
    the subject, one for the kind at the upper level
    (3 inner-city, 5 municipal okrug, 6 municipal district, 7 urban okrug; 8 and 9 begin an
    autonomous okrug within an oblast), two
    for its number, three for the settlement (0.. none, 1.. urban, 3.. inner-city district, 4..
    rural, 7.. land between settlements).
    Three zeros at the end of 11 digits are the municipality itself, as many files write it. The
    structure tells that a code
    can be one, not that there is such a place.

    Parameters
    ----------
    code : the code as it stands in the file
    region : the code of the territory that it must lie in; empty: any

    Examples
    --------
    >>> oktmo_problem("86701000"), oktmo_problem("19701000001")
    ('', '')
    >>> oktmo_problem("867010000")
    "'867010000' has 9 digits, where an OKTMO code has 8, or 11 for a place."
    """
    if not (code.isascii() and code.isdigit()):
        return f"'{code}' is not an OKTMO code: it must consist of digits."
    if len(code) not in (8, 11):
        hint = (
            "; the zero at its beginning may have got lost"
            if len(code) in (7, 10) and code[0] in "1234578" and _starts("0" + code)
            else ""
        )
        return (
            f"'{code}' has {len(code)} digits, where an OKTMO code has 8, or 11 for a place{hint}."
        )
    if region_of(code) is None:
        return f"'{code}' begins with {code[:2]}, which is no subject of the Federation known here."
    if code[2] not in _UPPER:
        return (
            f"'{code}' has {code[2]} for its third digit, which stands for no kind of municipality."
        )
    settlement, upper = code[5:8], code[2]
    if upper == "0" and code[3:8] != "00000":
        return (
            f"'{code}' has a 0 for its third digit (the subject as a whole), but goes on with "
            "a municipality."
        )
    allowed = {"0": "0", "3": "0", "5": "0", "6": "0147", "7": "03"}.get(upper, "01347")
    if settlement[0] not in allowed or (settlement[0] == "0" and settlement != "000"):
        return (
            f"'{code}' has {settlement} for its settlement, which cannot be in a municipality "
            f"of the kind {upper} ({_UPPER[upper]})."
        )
    known = region_of(region) if region else None
    if known is not None and region_of(code) != known:
        return f"'{code}' does not lie in {known.name_en}, whose codes begin with {known.oktmo}."
    return ""


def _starts(code: str) -> bool:
    return region_of(code) is not None


def check_codes(codes: Iterable[str]) -> pd.DataFrame:
    """Check the structure of OKTMO codes.

    Returns
    -------
    One row a code with a problem: `position` (from 0), `oktmo`, `what`.

    Examples
    --------
    >>> check_codes(["86701000", "1970"])["position"].tolist()
    [1]
    """
    lines = [
        (place, code, problem)
        for place, code in enumerate(codes)
        if (problem := oktmo_problem(str(code).strip()))
    ]
    return pd.DataFrame(lines, columns=["position", "oktmo", "what"])
