"""Words of usual answer scales in English and Russian.

Where an answer stands on its scale, and which answers stand outside.
"""

from __future__ import annotations

import re
from typing import Literal

from cssp.tables.raw import fold, to_number

#: Answers outside any scale, by meaning; compared as `fold` makes them, at the start of the answer.
SPECIAL: dict[str, tuple[str, ...]] = {
    "hard_to_say": (
        "затрудняюсь ответить",
        "затрудняюсь",
        "затруднились ответить",
        "трудно сказать",
        "не знаю",
        "не могу сказать",
        "не могу оценить",
        "don't know",
        "dont know",
        "do not know",
        "don’t know",
        "hard to say",
        "not sure",
        "can't say",
        "cannot say",
        "no opinion",
        "unsure",
        "нет мнения",
        "нет определенного мнения",
    ),
    "refused": (
        "отказ",
        "отказ от ответа",
        "отказываюсь отвечать",
        "не хочу отвечать",
        "refused",
        "refusal",
        "prefer not to say",
        "prefer not to answer",
        "decline to answer",
    ),
    "no_answer": ("нет ответа", "без ответа", "no answer", "not answered"),
    "not_asked": (
        "не применимо",
        "неприменимо",
        "не спрашивали",
        "not applicable",
        "not asked",
        "n/a",
    ),
}

#: Families of scales: pattern -> place, the stronger pattern first. A scale is ordinal where all
#: its answers have places in one family.
_FAMILIES: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = (
    (
        "agreement",
        (
            (r"(совсем|совершенно|полностью|абсолютно|категорически|определенно) не согла[сш]", -2),
            (r"скорее не согла[сш]", -1),
            (r"не согла[сш]", -1.5),
            (
                r"(отчасти|частично|в чем-то) (не )?согла[сш]|^и да,? и нет|ни да,? ни нет|нейтральн|ни согла[сш]",
                0,
            ),
            (r"(полностью|совершенно|абсолютно|определенно|целиком) согла[сш]", 2),
            (r"скорее согла[сш]", 1),
            (r"^согла[сш]", 1.5),
            (r"(strongly|completely|fully|totally) disagree|disagree (strongly|completely)", -2),
            (r"(somewhat|rather|slightly|tend to|mostly) disagree", -1),
            (r"neither|neutral|undecided|in part\b|partly", 0),
            (r"(strongly|completely|fully|totally) agree|^agree (strongly|completely)", 2),
            (r"(somewhat|rather|slightly|tend to|mostly) agree", 1),
            (r"^disagree", -1.5),
            (r"^agree", 1.5),
        ),
    ),
    (
        "yes_no",
        (
            (r"^(скорее|пожалуй,?) нет", -1),
            (r"^(скорее|пожалуй,?) да", 1),
            (r"^(однозначно|безусловно|определенно|конечно,?) да", 2),
            (r"^(однозначно|безусловно|определенно|конечно,?) нет", -2),
            (r"^нет\b", -1.5),
            (r"^да\b", 1.5),
            (r"^(отчасти|частично|и да,? и нет)", 0),
            (r"^(rather|probably) (yes|so)|^probably yes", 1),
            (r"^(rather|probably) (no|not)", -1),
            (r"^definitely yes", 2),
            (r"^definitely (no|not)", -2),
            (r"^no\b", -1.5),
            (r"^yes\b", 1.5),
        ),
    ),
    (
        "quality",
        (
            (
                r"очень плох|очень низк|крайне (плох|негативн|отрицательн)|совсем плох|^крайне отрицательн|^резко отрицательн",
                -2,
            ),
            (r"скорее (плох|отрицательн|негативн|низк)|ниже среднего", -1),
            (r"^(плох|отрицательн|негативн|низк|неудовлетворительн)", -1.5),
            (r"^(средн|удовлетворительн|нейтральн|нормальн|ни хорошо|безразлично)", 0),
            (r"скорее (хорош|положительн|позитивн|высок)|выше среднего", 1),
            (r"очень хорош|очень высок|отличн|крайне положительн", 2),
            (r"^(хорош|положительн|позитивн|высок)", 1.5),
            (r"^(very|extremely) (poor|bad|low|negative|unfavou?rable)", -2),
            (r"^(poor|bad|low|negative|unfavou?rable)|below average", -1.5),
            (r"^(fair|average|medium|moderate|neutral|mixed)|^ok\b", 0),
            (r"^excellent|^outstanding", 3),
            (r"^(very|extremely) (good|high|positive|favou?rable)", 2),
            (r"^(good|high|positive|favou?rable)|above average", 1.5),
        ),
    ),
    (
        "satisfaction",
        (
            (r"(полностью|совершенно|совсем|абсолютно) не (удовлетвор|довол|устраив)", -2),
            (r"скорее не (удовлетвор|довол|устраив)", -1),
            (r"не (удовлетвор|довол|устраив)", -1.5),
            (r"(полностью|совершенно|вполне|абсолютно) (удовлетвор|довол|устраив)", 2),
            (r"скорее (удовлетвор|довол|устраив)", 1),
            (r"^(удовлетвор|довол|устраив)", 1.5),
            (r"отчасти|частично|нейтральн", 0),
            (r"(very|extremely|completely) dissatisf", -2),
            (r"(somewhat|rather|slightly) dissatisf", -1),
            (r"^dissatisf", -1.5),
            (r"neither|neutral", 0),
            (r"(very|extremely|completely) satisf", 2),
            (r"(somewhat|rather|slightly) satisf", 1),
            (r"^satisf", 1.5),
        ),
    ),
    (
        "trust",
        (
            (r"(совсем|совершенно|полностью|абсолютно) не доверя", -2),
            (r"скорее не доверя", -1),
            (r"^не доверя", -1.5),
            (r"(полностью|совершенно|абсолютно) доверя", 2),
            (r"скорее доверя", 1),
            (r"^доверя", 1.5),
            (r"отчасти|частично", 0),
        ),
    ),
    (
        "frequency",
        (
            (r"^никогда|^ни разу", 0),
            (r"^(очень редко|крайне редко|почти никогда)", 1),
            (r"^редко|раз в год|реже", 2),
            (r"^(иногда|время от времени|несколько раз в год)", 3),
            (r"^часто|каждый месяц|ежемесячно|раз в месяц", 4),
            (r"^(очень часто|постоянно|почти всегда)|каждую неделю|еженедельно", 5),
            (r"^всегда|ежедневно|каждый день", 6),
            (r"^never", 0),
            (r"^(very rarely|hardly ever|almost never)", 1),
            (r"^(rarely|seldom)|once a year", 2),
            (r"^(sometimes|occasionally)|several times a year", 3),
            (r"^(often|frequently)|monthly|every month|about half", 4),
            (r"^(very often|almost always|most of the time|usually)|weekly|every week", 5),
            (r"^always|daily|every day", 6),
        ),
    ),
    (
        "calendar",
        (
            (r"^never|^никогда", 0),
            (r"^less (often|than)|^реже", 1),
            (r"^(rarely|seldom)|^редко", 1.5),
            (r"once (a|every( few)?) years?|yearly|раз в год|ежегодно", 2),
            (r"once every six months|раз в полгода", 3),
            (r"once every three months|quarterly|раз в квартал|ежеквартально", 4),
            (r"several times a year|a few times a year|несколько раз в год", 4.5),
            (r"once a month|^monthly|раз в месяц|ежемесячно|каждый месяц", 5),
            (r"several times a month|once or twice a month|несколько раз в месяц", 6),
            (r"once a week|^weekly|раз в неделю|еженедельно|каждую неделю", 7),
            (r"several times a week|more than once a week|несколько раз в неделю", 8),
            (r"^daily|every day|ежедневно|каждый день", 9),
        ),
    ),
    (
        "quantity",
        (
            (
                r"^(none|nothing|not (at all|restricted))|^(нисколько|ничего)|^no (trust|confidence)",
                0,
            ),
            (r"^(very little|hardly)|^(почти ничего|очень мало)", 1),
            (r"^(a )?little|^slightly|^(мало|немного)", 2),
            (r"^(some|somewhat|moderate)|^(некоторое|умеренно)", 3),
            (r"^(a lot|much|quite)|^(много|довольно)", 4),
            (r"^(a great deal|very|completely)|^(очень много|очень)", 5),
        ),
    ),
    (
        "attention",
        (
            (r"^hardly at all|^(почти )?никогда", 0),
            (r"^only now and then", 1),
            (r"^some of the time", 2),
            (r"^most of the time|^почти всегда", 3),
            (r"^all of the time|^всегда", 4),
        ),
    ),
    (
        "importance",
        (
            (
                r"(совсем|совершенно|абсолютно) не важ|^not (at all )?important|^not an important|unimportant",
                0,
            ),
            (r"^(скорее не важ|не очень важ|не важ)|^(slightly|not very) important", 1),
            (r"^(somewhat|moderately|rather) important|^(скорее важ|отчасти важ)", 2),
            (r"^important|^важ", 3),
            (r"^very important|^очень важ", 4),
            (r"^(extremely|most|critically) important|^(крайне|чрезвычайно|исключительно) важ", 5),
        ),
    ),
    (
        "extent",
        (
            (
                r"^(not at all|not .* at all|no .* at all|none)|^(совсем|вовсе|совершенно) не|^ничего не",
                0,
            ),
            (
                r"^(a little|slightly|to a small extent|not too|not very|not much)|^(немного|слабо|в малой|не очень|что-то слышал)",
                1,
            ),
            (
                r"^(somewhat|moderately|to some extent|a moderate)|^(в некоторой|отчасти|средне|в общих чертах|знаю в общих)",
                2,
            ),
            (
                r"^(very|a lot|to a large extent|quite|a great deal)|^(сильно|в значительной|хорошо знаю|значительно)",
                3,
            ),
            (
                r"^(extremely|completely|fully|to a very large)|^(очень сильно|полностью|в полной мере)",
                4,
            ),
        ),
    ),
    (
        "awareness",
        (
            (
                r"^(совсем |вообще )?не (знаю|знаком|слыш)|^ничего не|^впервые слыш|never heard|^(do not|don.?t) know|^not (at all )?(aware|familiar)",
                0,
            ),
            (r"слыш|\bheard\b|^slightly (aware|familiar)", 1),
            (
                r"^(немного|частично|отчасти|кое-что)|в общих чертах|^somewhat (aware|familiar)|know (a little|something)",
                2,
            ),
            (r"хорошо|отлично|подробно|^very (aware|familiar)|know (it |them )?(well|a lot)", 4),
            (r"^(знаю|знаком)|^(know|aware|familiar)", 3),
        ),
    ),
    (
        "change",
        (
            (
                r"(сильно|значительно|намного|существенно) (ухудш|сниз|уменьш)|(much|significantly) worse",
                -2,
            ),
            (r"(ухудш|сниз|уменьш)|worse|slowed|decreas", -1),
            (r"не измен|остан|remained|no change|same|constant", 0),
            (
                r"(сильно|значительно|намного|существенно) (улучш|вырас|повыс|увелич)|(much|significantly) better",
                2,
            ),
            (r"(улучш|вырас|повыс|увелич)|better|improv|increas", 1),
        ),
    ),
    (
        "likelihood",
        (
            (r"(very|extremely|highly) unlikely|крайне маловероятно", -2),
            (r"(somewhat|rather) unlikely|^unlikely|маловероятно", -1),
            (r"neither|neutral|possibly|возможно", 0),
            (r"(very|extremely|highly) likely|(очень|весьма) вероятно", 2),
            (r"(somewhat|rather) likely|^likely|^вероятно|скорее вероятно", 1),
        ),
    ),
)

Meaning = Literal["hard_to_say", "refused", "no_answer", "not_asked"]


def special_meaning(answer: object) -> Meaning | None:
    """Return what an answer outside the scale means, None for one on it.

    >>> special_meaning("Затрудняюсь ответить"), special_meaning("Don't know / no opinion"), special_meaning("agree")
    ('hard_to_say', 'hard_to_say', None)
    """
    text = re.sub(r"\s*\(.*\)$", "", fold(answer)).rstrip(" .")
    found: list[Meaning] = []
    for part in re.split(r"\s*/\s*", text):
        meaning = next((meaning for meaning, words in SPECIAL.items() if part in words), None)
        if meaning is None:
            return None  # a special word with something else beside it is an answer of its own
        found.append(meaning)  # type: ignore[arg-type]
    return found[0] if found else None


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
    >>> ordinal_places(["Скорее согласен", "Полностью согласен", "Совсем не согласен"])["Совсем не согласен"]
    (-2, -2)
    >>> ordinal_places(["Москва", "Казань"]) is None
    True
    """
    if len(answers) < 2:
        return None
    same_unit = (
        len({_unit(fold(answer)) for answer in answers}) == 1
    )  # 6 months are less than 1 year
    rates = not same_unit and any(_RATE.search(fold(answer)) for answer in answers)
    if same_unit and (numbers := _numbered(answers)) is not None:
        return {answer: (number, 0.0) for answer, number in numbers.items()}
    if not rates and (bands := _banded(answers)) is not None:
        return {answer: (place, 0.0) for answer, place in bands.items()}
    sided = {"agreement", "yes_no", "quality", "satisfaction", "trust", "change", "likelihood"}
    for name, patterns in _FAMILIES:
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
        # "5 - completely" has a number of its own, "1-2" and "1.5" have not
        match = re.match(
            r"^\s*(-?\d{1,2})\s*(?:$|[-–—.:](?!\s*\d)|[)(]|\s[^\d\-–—])",
            str(answer).replace("\ufeff", ""),
        )
        number = to_number(answer) if match is None else float(match[1])
        if number is None or not float(number).is_integer() or not -11 < number < 11:
            return None
        found[answer] = float(number)
    values = sorted(found.values())
    whole = len(set(values)) == len(values) and values[-1] - values[0] <= 10
    return found if whole else None


def leading_number(answer: str) -> int | None:
    """Return the whole number that an answer is or begins with ("3", "1 (not at all)".

    "0 - mostly me"); None for a band of numbers.

    >>> leading_number("0 - Not at all"), leading_number("18-24"), leading_number("yes")
    (0, None, None)
    """
    found = _numbered([answer])
    return None if found is None else int(found[answer])


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


def special_meanings(answers: list[str]) -> dict[str, Meaning]:
    """Return the answers that stand outside the scale, with their meaning.

    Where knowing is what is asked, not to know is an answer.

    >>> special_meanings(["Знаю хорошо", "Что-то слышал", "Не знаю"]), special_meanings(["Да", "Нет", "Не знаю"])
    ({}, {'Не знаю': 'hard_to_say'})
    """
    found = {
        answer: meaning for answer in answers if (meaning := special_meaning(answer)) is not None
    }
    asked = any(
        re.search(r"\bзна(ю|ем|ком)|\b(know|aware|heard)|слыш", fold(answer))
        for answer in answers
        if answer not in found
    )
    if asked:
        found = {
            answer: meaning
            for answer, meaning in found.items()
            if not re.match(r"^(не знаю|don.?t know|do not know|not sure)$", fold(answer))
        }
    return found
