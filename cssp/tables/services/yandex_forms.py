"""Yandex Forms: a number and a time of each answer, then the questions themselves as headings."""

from cssp.tables.service import Rows, Service, folded

_TIMES = frozenset({"время создания", "created", "creation time", "дата создания"})
_NUMBERS = frozenset({"id", "№", "ид", "номер ответа"})


def _recognise(rows: Rows) -> str:
    head = [folded(cell) for cell in rows[0]]
    if len(head) > 2 and set(head[:2]) & _TIMES and set(head[:2]) & _NUMBERS:
        return f"the columns '{rows[0][0]}' and '{rows[0][1]}'"
    return ""


def _questions(names: list[str]) -> list[str]:
    return names[2:]


YANDEX_FORMS = Service(
    name="yandex_forms",
    label={"en": "a Yandex Forms export", "ru": "выгрузка Яндекс Форм"},
    recognise=_recognise,
    tried=50,
    metadata=_TIMES
    | _NUMBERS
    | {
        "ip",
        "ip-адрес",
        "логин",
        "почта",
        "email",
        "имя пользователя",
        "источник",
        "язык",
        "user-agent",
        "yandexuid",
    },
    questions=_questions,
)
