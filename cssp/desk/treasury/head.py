"""The head of the Treasury's form: whose it is, of which day, in which unit."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from cssp.desk.territories import Region, find_region, region_of
from cssp.desk.treasury.layout import squash
from cssp.desk.treasury.workbook import Rows, Workbook
from cssp.study.problems import DataError, Problem
from cssp.tables.raw import fold

FORM = "0503317"


_MONTHS = (
    "январ",
    "феврал",
    "март",
    "апрел",
    "ма",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
)


_UNITS = {"383": 1.0, "384": 1e3, "385": 1e6}


_WORDED = ((("млн", "миллион"), 1e6), (("тыс",), 1e3), (("руб",), 1.0))


#: Words of which one stands in the name of every subject of the Federation.
_KIND = re.compile(r"\b(област|кра[йя]\b|республик|округ|москв|санкт|севастопол)")


_AGAIN = "Get the form as published."


def read_head(book: Workbook) -> dict[str, Any]:
    """Return what the form's head says, from the first sheet that has one."""
    shown = book.shown
    rows, number = [], ""
    for sheet in book.sheet_names:
        rows = book.rows(sheet, 40)
        number = _beside(rows, "формапоокуд")
        if number:
            break
    if not number:  # some print the number only beside the page: Форма 0503317 с. 2
        rows = book.rows(book.sheet_names[0], 40)
        numbers = (
            re.search(r"форма\D{0,12}(\d{7})", fold(cell))
            for row in rows
            for cell in row
            if isinstance(cell, str)
        )
        number = next((found[1] for found in numbers if found), "")
    number = number.removesuffix(".0").zfill(7) if number else ""
    if number != FORM:
        what = (
            f"This is not form {FORM}, but {number}."
            if number
            else f"This is not form {FORM}: there is no form number in its head."
        )
        raise DataError(Problem(shown, what, "Give the Treasury's form 0503317."))
    beside = _beside(rows, "дата")
    day = _as_date(beside) or _as_date(
        next((str(c) for row in rows for c in row if fold(c).startswith("на ") and _as_date(c)), "")
    )
    if day is None:
        raise DataError(
            Problem(
                shown, f"The form's date was not found{f' ({beside})' if beside else ''}.", _AGAIN
            )
        )
    if day.day != 1:
        raise DataError(
            Problem(
                shown,
                f"The form's date is {day.isoformat()}; a report is of the first day of a month.",
                _AGAIN,
            )
        )
    unit = _unit(rows, shown)
    period = next(
        (
            fold(c)
            for row in rows
            for c in row
            if isinstance(c, str) and fold(c).startswith("периодичность")
        ),
        "",
    )
    budget, oktmo = (
        _beside(rows, "наименованиебюджета"),
        _beside(rows, "пооктмо").removesuffix(".0"),
    )
    region, problems = _whose(budget, oktmo, shown)
    if region is None:
        region = _named_elsewhere(rows)
    return {
        "problems": problems,
        "date": day.isoformat(),
        "unit": unit,
        "periodicity": _periodicity(period),
        "budget": budget,
        "oktmo": oktmo,
        "region": region,
    }


def _periodicity(text: str) -> str:
    """Return "year" or "month"; empty where the head has a menu, of which nothing was chosen.

    >>> _periodicity("периодичность: годовая"), _periodicity("периодичность: месячная, годовая")
    ('year', '')
    """
    named = [name for word, name in (("год", "year"), ("кварт", "quarter"), ("месяч", "month"))
             if word in text]  # fmt: skip
    return named[0] if len(named) == 1 else ""


def _unit(rows: Rows, shown: str) -> float:
    """Return how many roubles one unit of the form is, by its words and by its OKEI code.

    Both must mean the same.
    """
    okei = _beside(rows, "поокеи").removesuffix(".0")
    words_of_unit = ""
    for row in rows:
        for place, cell in enumerate(row):
            if isinstance(cell, str) and squash(cell).startswith("единицаизмерения"):
                own = fold(cell).replace("единица измерения", "").strip(" :")
                words_of_unit = own or fold(
                    next((c for c in row[place + 1 :] if isinstance(c, str) and c.strip()), "")
                )
    worded = next(
        (size for words, size in _WORDED for word in words if word in words_of_unit), None
    )
    coded = _UNITS.get(okei)
    if worded is not None and coded is not None and worded != coded:
        raise DataError(
            Problem(
                shown,
                f"The form's unit is told twice and differently ({words_of_unit}; OKEI {okei}).",
                _AGAIN,
            )
        )
    unit = coded if worded is None else worded
    if unit is None:
        what = (
            f" ({'; '.join(filter(None, [words_of_unit, okei and f'OKEI {okei}']))})"
            if words_of_unit or okei
            else ""
        )
        raise DataError(
            Problem(shown, f"The form does not say in which unit its amounts are{what}.", _AGAIN)
        )
    return unit


def _whose(budget: str, oktmo: str, shown: str) -> tuple[Region | None, list[Problem]]:
    """Return the subject that the form is of, by name, then by its OKTMO code, and what is strange.

    Published forms have codes of another subject (Amur oblast, 2019 to 2021): the name decides.
    """
    by_code = region_of(oktmo)
    try:
        by_name: Region | None = find_region(budget) if budget else None
    except DataError:
        by_name = None
    if by_code is None or by_name is None or by_code == by_name:
        return by_name or by_code, []
    problem = Problem(
        shown,
        f"The form is of '{budget}', but its OKTMO code {oktmo} is of {by_code.name_en}; the name "
        "was taken.",
        "Check whose form it is; --region says whose it should be.",
        value=oktmo,
        severity="warning",
    )
    return by_name, [problem]


def _named_elsewhere(rows: Rows) -> Region | None:
    """Return the one subject that a cell of the head names: in 2016 it stands above the head."""
    found = set()
    for row in rows:
        for cell in row:
            if isinstance(cell, str) and len(cell) < 100 and _KIND.search(fold(cell)):
                try:
                    found.add(find_region(cell))
                except DataError:
                    continue
    return found.pop() if len(found) == 1 else None


def _beside(rows: Rows, label: str) -> str:
    """Return what stands right of a label in the form's head.

    Empty where there is no such label.
    """
    for row in rows:
        for position, cell in enumerate(row):
            if isinstance(cell, str) and squash(cell).rstrip(":") == label:
                found = next(
                    (value for value in row[position + 1 :] if value not in ("", None)), ""
                )
                return found.isoformat() if isinstance(found, date) else str(found).strip()
    return ""


def _as_date(text: object) -> date | None:
    """Return 01.01.2022, 2022-01-01 or 'на 1 января 2022 г.' as a date."""
    if isinstance(text, datetime):
        return text.date()
    text_folded = fold(text)
    try:
        if found := re.search(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", text_folded):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.search(r"\b(\d{4})-(\d\d)-(\d\d)", text_folded):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.search(r"\b(\d{1,2}) ([а-я]+) (\d{4})\b", text_folded):
            month = next(
                (
                    n
                    for n, start in enumerate(_MONTHS, 1)
                    if found[2].startswith(start) and len(found[2]) <= len(start) + 2
                ),
                0,
            )
            return date(int(found[3]), month, int(found[1])) if month else None
    except ValueError:
        return None
    return None
