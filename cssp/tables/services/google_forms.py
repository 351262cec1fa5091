"""Google Forms: a first column of times, the questions themselves as headings."""

import re
from typing import Any

from cssp.tables.service import Rows, Service, folded

_STAMPS = frozenset(
    {
        "timestamp",
        "отметка времени",
        "zeitstempel",
        "horodateur",
        "marca temporal",
        "čas",
        "sygnatura czasowa",
        "позначка часу",
    }
)


def _is_stamp(cell: Any) -> bool:
    if cell is None or cell == "":
        return False
    day = r"^\s*(\d{1,4}[./-]\d{1,2}[./-]\d{1,4})[ T,]+\d{1,2}:\d{2}"
    return hasattr(cell, "hour") or bool(re.match(day, str(cell)))


def _recognise(rows: Rows) -> str:
    if folded(rows[0][0] if len(rows[0]) else "") in _STAMPS:
        return f"the first column '{rows[0][0]}'"
    asks = any(len(str(cell or "").split()) > 2 for cell in rows[0])
    if len(rows) > 1 and asks and all(_is_stamp(row[0]) for row in rows[1:10] if len(row)):
        return "a first column of times and questions for headings"
    return ""


def _questions(names: list[str]) -> list[str]:
    return names[1:]  # the time, under whatever heading


GOOGLE_FORMS = Service(
    name="google_forms",
    label={"en": "a Google Forms export", "ru": "выгрузка Google Форм"},
    recognise=_recognise,
    tried=60,
    metadata=_STAMPS
    | {
        "email address",
        "адрес электронной почты",
        "username",
        "имя пользователя",
        "score",
        "баллы",
    },
    questions=_questions,
)
