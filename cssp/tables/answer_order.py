"""Words of usual answer scales in English and Russian.

Where an answer stands on its scale.
"""

from __future__ import annotations

import re

from cssp.tables.answer_words import FAMILIES
from cssp.tables.raw import fold, to_number
from cssp.tables.special_answers import counted


def ordinal_places(answers: list[str]) -> dict[str, tuple[float, float]] | None:
    """Return for each answer of a scale its place and its distance from the middle.

    Or None where the answers are not ordered.

    A scale is taken as ordered where all answers are found in one family with different places, or
    are numbers (with or without
    words beside them, as in "1 (not at all)").

    Parameters
    ----------
    answers : the substantive answers

    Returns
    -------
    answer -> (place, signed strength: below 0 negative, above positive; 0 where the family has no
    sides)

    Examples
    --------
    >>> ordinal_places(["Скорее согласен", "Полностью согласен",
    ...     "Совсем не согласен"])["Совсем не согласен"]
    (-2, -2)
    >>> ordinal_places(["Москва", "Казань"]) is None
    True
    """
    if len(answers) < 2:
        return None
    counts = [counted(answer) for answer in answers]
    if all(number is not None for number, _ in counts):
        # numbers before words only count the list: the words must have an order
        texts = [text for _, text in counts]
        places = ordinal_places(texts) if len(set(texts)) == len(texts) else None
        return places and {a: places[text] for a, text in zip(answers, texts, strict=True)}
    same_unit = (
        len({_unit(fold(answer)) for answer in answers}) == 1
    )  # 6 months are less than 1 year
    rates = not same_unit and any(_RATE.search(fold(answer)) for answer in answers)
    if same_unit and (numbers := _numbered(answers)) is not None:
        return {answer: (number, 0.0) for answer, number in numbers.items()}
    if not rates and (bands := _banded(answers)) is not None:
        return {answer: (place, 0.0) for answer, place in bands.items()}
    sided = {"agreement", "yes_no", "quality", "satisfaction", "trust", "change", "likelihood"}
    for name, patterns in FAMILIES:
        found: dict[str, float] = {}
        for answer in answers:
            place = _place_in(patterns, fold(answer))
            if place is None:
                break
            found[answer] = place
        if len(found) == len(answers) == len(set(found.values())) and (
            name != "yes_no" or len(answers) > 2
        ):
            return {
                answer: (place, place if name in sided else 0.0) for answer, place in found.items()
            }
    return None


def _place_in(patterns: tuple[tuple[str, float], ...], text: str) -> float | None:
    """Return the place of the first pattern found in an answer.

    None where none is, or where its words are denied ("not very satisfied").
    """
    # "rather agree than disagree" is told by what stands before "than"
    text = re.sub(r"^((?:скорее|rather)\s+\S.*?),?\s+(?:чем|нежели|than)\s.*$", r"\1", text)
    for pattern, place in patterns:
        if found := re.search(pattern, text):
            denied = re.search(r"\b(не|ни|нет|not|no)\b|n['’]t\b", text[: found.start()])
            return None if denied else place
    return None


def _numbered(answers: list[str]) -> dict[str, float] | None:
    """Return the numbers of answers such as "3" or "1 (not at all)" where all have one, differing.

    Small and whole.
    """
    found = {}
    codes = [re.fullmatch(r"([A-Z]{1,2})0*(\d+)", str(answer).strip()) for answer in answers]
    if (
        all(codes) and len({code[1] for code in codes if code}) == 1
    ):  # LimeSurvey's answer codes: A1, A2, ...
        inner = _numbered([code[2] for code in codes if code])
        return (
            None
            if inner is None
            else {
                answer: inner[code[2]] for answer, code in zip(answers, codes, strict=True) if code
            }
        )
    for answer in answers:
        number = _own_number(answer)
        if number is None:
            return None
        found[answer] = number
    values = sorted(found.values())
    whole = len(set(values)) == len(values) and values[-1] - values[0] <= 10
    return found if whole else None


def _own_number(answer: str) -> float | None:
    """Return the small whole number that an answer is or begins with; a band has none."""
    # "5 - completely" has a number of its own, "1-2" and "1.5" have not
    match = re.match(
        r"^\s*(-?\d{1,2})\s*(?:$|[-–—.:](?!\s*\d)|[)(]|\s[^\d\-–—])",
        str(answer).replace("\ufeff", ""),
    )
    number = to_number(answer) if match is None else float(match[1])
    if number is None or not float(number).is_integer() or not -11 < number < 11:
        return None
    return float(number)


def leading_number(answer: str) -> int | None:
    """Return the whole number that an answer is or begins with ("3", "1 (not at all)".

    "0 - mostly me"); None for a band of numbers.

    >>> leading_number("0 - Not at all"), leading_number("18-24"), leading_number("yes")
    (0, None, None)
    """
    code = re.fullmatch(r"[A-Z]{1,2}0*(\d+)", str(answer).strip())
    number = _own_number(code[1] if code else answer)
    return None if number is None else int(number)


_UNITS: tuple[tuple[str, float], ...] = (
    (r"тыс|thousand|\dk\b", 1e3),
    (r"млн|миллион|million|mln", 1e6),
    (r"млрд|миллиард|billion|\bbn\b", 1e9),
    (r"минут|\bмин\b|minute", 1 / 525600),
    (r"\bчас|\bhour", 1 / 8760),
    (r"\bдн[яейь]|\bдень|\bdays?\b", 1 / 365),
    (r"недел|week", 7 / 365),
    (r"месяц|\bмес\b|month", 1 / 12),
)


#: "2 times a month" is no longer than "once a year": what has this in it is not a duration.
_RATE = re.compile(
    r"\bраз(а)?\b|\btimes?\b|\bв (день|неделю|месяц|год)\b|\b(a|per|every) (day|week|month|year)\b"
)


def _unit(text: str) -> float:
    """Return what a number is multiplied by for the words beside it: thousands, millions.

    Parts of a year; 1 without such words.
    """
    return next((size for pattern, size in _UNITS if re.search(pattern, text)), 1.0)


def _number_in(text: str) -> float:
    """Read a number as it is written in an answer.

    "10,000" and "10 000" are ten thousand, "0,5" is a half.
    """
    digits = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{1,3}([,.]\d{3})+", digits):
        return float(re.sub(r"[,.]", "", digits))
    return float(re.sub(r",(?=\d{3}(\D|$))", "", digits).replace(",", "."))


def _banded(answers: list[str]) -> dict[str, float] | None:
    """Return places of bands of numbers ("under 18", "18-24", "$10,000 - $19,999".

    "старше 60") by the number each begins with.

    >>> _banded(["старше 60", "18–24", "до 18"])
    {'старше 60': 60.5, '18–24': 18.0, 'до 18': 17.5}
    >>> _banded(["более 1 млн", "100-500 тыс.", "500 тыс. - 1 млн", "до 100 тыс."])
    {'более 1 млн': 1500000.0, '100-500 тыс.': 100000.0, '500 тыс. - 1 млн': 500000.0, 'до 100 тыс.': 99500.0}
    """
    if len(answers) < 3:
        return None
    found: dict[str, float] = {}
    bands = 0
    for answer in answers:
        text = fold(answer)
        numbers = list(re.finditer(r"\d+(?:[\s  ]\d{3})*(?:[.,]\d+)*", text))
        if not numbers:
            return None
        first, last = numbers[0], numbers[-1]
        between = text[first.end() - 1 : numbers[1].start() if len(numbers) > 1 else len(text)]
        # "100-500 thousand": the unit stands once, behind the last number
        unit = (
            _unit(between)
            if _unit(between) != 1.0 or _is_year(between)
            else _unit(text[last.end() - 1 :])
        )
        value = _number_in(first[0])
        under = bool(re.match(r"^(до|менее|меньше|моложе|under|less than|below|up to)\b", text))
        over = bool(
            re.search(
                r"\b(старше|более|больше|свыше|over|more than|above|older)\b|\+\s*$|и (более|старше)|or (more|older)",
                text,
            )
        )
        bands += under or over or len(numbers) > 1 or unit != 1.0 or _is_year(text)
        value += -0.5 if under else 0.5 if over and len(numbers) == 1 else 0.0
        found[answer] = value * unit
    return found if len(set(found.values())) == len(found) and bands >= len(answers) - 1 else None


def _is_year(text: str) -> bool:
    return bool(re.search(r"\b(лет|года?|years?)\b", text))
