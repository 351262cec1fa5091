"""Answers that stand outside every scale, by the words that people write for them.

English and Russian: hard to say, refusal, no answer, does not apply. And an answer without the
number that only counts the list.
"""

from __future__ import annotations

import re
from typing import Literal

from cssp.tables.raw import fold

Meaning = Literal["hard_to_say", "refused", "no_answer", "not_asked"]

_ANSWER = r"(?: (?:на (?:этот |данный )?вопрос|ответить|отвечать|сказать|ответом|с ответом|оценить|дать (?:точный |однозначный )?(?:ответ|оценку)|определенно|точно|однозначно))*"
#: Meaning -> what the whole answer may be, as `_bare` writes it.
_WORDS: tuple[tuple[Meaning, str], ...] = (
    (
        "hard_to_say",
        rf"(?:мне |я )?затрудн(?:яюсь|яется|яются|ился|илась|ились|яюсь\(сь\)){_ANSWER}"
        rf"|(?:мне )?(?:трудно|сложно|тяжело) (?:сказать|ответить|оценить|судить){_ANSWER}"
        rf"|(?:я )?не (?:знаю|могу (?:сказать|ответить|оценить|судить)){_ANSWER}"
        r"|нет (?:определенного |своего )?мнения|не определил(?:ся|ась)|не уверен(?:а)?"
        r"|з ?/ ?о|з\. ?о|з\.о|затр(?:\. ?отв)?|зо"
        r"|(?:i )?(?:do not|don ?'?t|dont|did not|didn'?t) know(?: it)?|dk|d/k"
        r"|(?:it ?'?s |it is )?(?:hard|difficult) to (?:say|tell|answer)|not sure|unsure|undecided/don'?t know"
        r"|(?:i )?(?:can ?'?t|cannot|can not|could not) (?:say|tell|answer|judge|choose|rate)"
        r"|no (?:opinion|idea|view)|have no opinion|no opinion formed",
    ),
    (
        "refused",
        r"отказ(?:ался|алась|ались|ываюсь)?(?: от ответа| отвечать| ответить)?(?: на вопрос)?"
        r"|не (?:хочу|желаю|хотел\(а\) бы|хотел бы|хотела бы) (?:отвечать|говорить|указывать)"
        r"|предпочитаю не (?:отвечать|говорить|указывать)"
        r"|refus(?:ed|al)(?: to (?:answer|say))?|ref|rf|declined?(?: to (?:answer|say|state))?"
        r"|(?:i ?'?d |i )?(?:would )?(?:prefer|rather) not(?: to)?(?: say| answer| disclose)?",
    ),
    (
        "no_answer",
        r"(?:нет|без) ответа|нет отв|не ответил(?:и|а)?(?:\(а\))?|н ?/ ?о|н\. ?о|нет данных|н/д|пропуск"
        r"|no (?:answer|response|reply)|not answered|did not answer|missing|skipped|no data|nr|n/r",
    ),
    (
        "not_asked",
        r"(?:вопрос )?не ?применим[оа]?|не спрашивал(?:и|ся|ось)|(?:вопрос )?не задавал(?:ся|ось|и)|не относится(?: ко мне)?"
        r"|not ?applicable|does(?: not|n'?t) apply(?: to me)?|not asked|n ?/ ?a|n\. ?a|na",
    ),
)
_PATTERNS = tuple((meaning, re.compile(words)) for meaning, words in _WORDS)
#: What an interviewer is told, not the respondent: "НЕ ЧИТАТЬ", "(do not read)".
_TO_INTERVIEWER = re.compile(
    r"[\[(<*]*\s*(?:не (?:за)?читывать|не читать|do not read(?: out)?|don'?t read(?: out)?)\s*[!.:;,\])>*-]*"
)
#: A number that only counts the list: "5. ", "9 - ", "5) ", "(9) ", "97: ".
_COUNT = re.compile(
    r"^\s*(?:\(\s*(-?\d{1,4})\s*\)|\[\s*(-?\d{1,4})\s*\]|(-?\d{1,4})\s*(?:[.)\]:=]|[-–—](?=\s)|\s(?=[^\W\d])))\s*(?=\S)"
)


def counted(answer: object) -> tuple[int | None, str]:
    """Return the number that stands before an answer, and the answer without it.

    >>> counted("5. Затрудняюсь ответить"), counted("9 - hard to say"), counted("18-24"), counted("3")
    ((5, 'Затрудняюсь ответить'), (9, 'hard to say'), (None, '18-24'), (None, '3'))
    """
    text = " ".join(str(answer).replace("\ufeff", "").split())
    found = _COUNT.match(text)
    rest = text[found.end() :] if found else ""
    if not found or not re.match(r"[^\W\d]|[«\"'(„“]", rest):
        return None, text
    return int(next(part for part in found.groups() if part is not None)), rest


def bare(answer: object) -> str:
    """Return an answer as answers are compared: as `fold`, without number and full stop.

    >>> bare("1. Скорее  ДА."), bare("Скорее да")
    ('скорее да', 'скорее да')
    """
    text = fold(counted(answer)[1])
    return text.rstrip(" .;,:!") or text


def special_meaning(answer: object) -> Meaning | None:
    """Return what an answer outside the scale means, None for one on it.

    >>> special_meaning("Затрудняюсь ответить"), special_meaning("Don't know / no opinion"), special_meaning("agree")
    ('hard_to_say', 'hard_to_say', None)
    >>> special_meaning("9 - З/О (НЕ ЧИТАТЬ)"), special_meaning("N/A"), special_meaning("Нет ответа.")
    ('hard_to_say', 'not_asked', 'no_answer')
    """
    text = fold(answer).replace("’", "'").replace("`", "'").replace("‑", "-")
    text = fold(counted(_TO_INTERVIEWER.sub(" ", text))[1]).strip(" .;,:!*\"'«»")
    text = re.sub(r"^\((.*)\)$", r"\1", text)
    for whole in dict.fromkeys((text, re.sub(r"\s*\([^()]*\)$", "", text))):
        if meaning := _whole(whole):
            return meaning
        # "don't know / no opinion": special where each part is
        parts = [
            part.strip(" .") for part in re.split(r"\s*[/,;]\s*(?:или |or )?| или | or ", whole)
        ]
        codes = [_whole(part) for part in parts if part]
        if len(codes) > 1 and all(codes):
            return codes[0]
    return None


def _whole(text: str) -> Meaning | None:
    return next((meaning for meaning, words in _PATTERNS if words.fullmatch(text)), None)


def special_meanings(answers: list[str]) -> dict[str, Meaning]:
    """Return the answers that stand outside the scale, with their meaning.

    Where knowing is what is asked, not to know is an answer.

    >>> special_meanings(["Знаю хорошо", "Что-то слышал", "Не знаю"]), special_meanings(["Да",
    ...     "Нет", "Не знаю"])
    ({}, {'Не знаю': 'hard_to_say'})
    """
    found = {
        answer: meaning for answer in answers if (meaning := special_meaning(answer)) is not None
    }
    asked = any(
        re.search(r"\bзна(ю|ем|ком)|\b(know|aware|heard)|слыш", bare(answer))
        for answer in answers
        if answer not in found
    )
    if asked:
        found = {
            answer: meaning
            for answer, meaning in found.items()
            if not re.match(r"^(не знаю|don.?t know|do not know|not sure)$", bare(answer))
        }
    return found
