"""Marks of an option: words and numbers that say it was chosen, or that it was not."""

from __future__ import annotations

import re

from cssp.tables.special_answers import bare

#: Words for 'chosen', as `bare` writes them.
YES = frozenset(
    {
        "1",
        "true",
        "yes",
        "y",
        "да",
        "x",
        "х",
        "+",
        "v",
        "✓",
        "✔",
        "selected",
        "checked",
        "marked",
        "mentioned",
        "chosen",
        "выбрано",
        "выбран",
        "отмечено",
        "отмечен",
        "отмечена",
        "отметил",
        "упомянуто",
        "упомянут",
        "назвал",
        "названо",
        "quoted",
    }
)
#: Words for 'not chosen'.
NO = frozenset(
    {
        "0",
        "false",
        "no",
        "n",
        "нет",
        "-",
        "unchecked",
        "unmarked",
        "unselected",
        *(f"not {word}" for word in YES if word.isascii() and len(word) > 3),
        *(f"не {word}" for word in YES if not word.isascii() and len(word) > 4),
    }
)
_OTHER = re.compile(
    r"^(друг(ое|ие|ая|ой)|ин(ое|ые)|прочее|сво[йе] (вариант|ответ)|other|else|something else)\b"
)


def mark(text: object) -> bool | None:
    """Tell whether a word says that an option was chosen; None where it says neither.

    >>> mark("Отмечено"), mark("not selected"), mark("Grants")
    (True, False, None)
    """
    word = bare(text)
    return True if word in YES else False if word in NO else None


def is_other(label: object) -> bool:
    """Tell whether an option is the one for what the list does not name: 'Other'.

    >>> is_other("Другое (укажите)"), is_other("Other:"), is_other("Mother")
    (True, True, False)
    """
    return bool(_OTHER.match(bare(label)))
