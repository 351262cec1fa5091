"""Columns that may point at a person, by their headings."""

from __future__ import annotations

import re

from cssp.tables.raw import fold

#: Usual headings of the column that identifies a respondent.
RESPONDENT = (
    "respondent",
    "id",
    "idno",
    "respid",
    "№",
    "номер",
    "№ анкеты",
    "номер анкеты",
    "response id",
    "responseid",
    "respondent id",
    "record_id",
    "caseid",
    "_id",
    "_uuid",
    "clean.id",
)
_PERSONAL = re.compile(
    r"\b(e-?mail|phone|telephone|ip ?address|gps|latitude|longitude|first ?name|last ?name|"
    r"full name|surname|your name|фио|ф\.и\.о|фамилия|имя|отчество|телефон\w*|почта|почты|адрес\w*)"
    r"\b|^_?gps|_latitude$|_longitude$"
)


def identifies(text: str) -> bool:
    """Tell whether a heading asks for what points at a person: a name, an address, a telephone.

    >>> identifies("Ваше имя"), identifies("IP Address"), identifies("Trust")
    (True, True, False)
    """
    return bool(_PERSONAL.search(fold(text)))
