"""Of when the figures of a table are: years, days, parts of a year, their census."""

from __future__ import annotations

import re

from cssp.study.indicator_book import IndicatorBook
from cssp.tables.raw import fold

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
CENSUS = re.compile(
    r"впн\s*-?\s*(20\d\d)|перепис\w+[^0-9]{0,40}(20\d\d)|census[^0-9]{0,12}(20\d\d)"
)


def years_of(text: str) -> list[int]:
    """Return the years that a heading names; a census is none of them.

    >>> years_of("на 1 января 2019 года (по ВПН-2010)")
    [2019]
    """
    bare = CENSUS.sub(" ", fold(text))
    return sorted({int(year) for year in _YEAR.findall(bare)})


def basis_of(book: IndicatorBook, text: str) -> str:
    """Return the basis that a heading names by its census; empty where it does not.

    >>> from cssp import load_study
    >>> basis_of(load_study().indicators, "Население (по ВПН-2010)")
    'census_2010'
    """
    years = {year for found in CENSUS.findall(fold(text)) for year in found if year}
    names = [
        name
        for name, label in book.bases.items()
        if years and any(year in f"{name} {' '.join(label.values())}" for year in years)
    ]
    return names[0] if len(names) == 1 else ""


def at_the_end(text: str) -> bool:
    """Tell whether a heading counts a stock at the end of a year, or as its mean.

    >>> at_the_end("Население на конец года"), at_the_end("на 1 января")
    (True, False)
    """
    wanted = fold(text)
    days = re.findall(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(?:19|20)\d\d", wanted)
    days += [(day, month) for month, day in re.findall(r"(?:19|20)\d\d-(\d\d)-(\d\d)", wanted)]
    return bool(
        re.search(r"конец|конца|31 декабря|среднегодов|квартал|end of|year-end|mean", wanted)
        or re.search(r"\bна 1 (?!январ)[а-я]{3,}", wanted)
        or any((int(day), int(month)) != (1, 1) for day, month in days)
    )


def of_which_year(text: str) -> bool:
    """Tell whether a heading of spent money names a day, or a part of a year.

    What was spent by 1 January 2021 is that of 2020.

    >>> of_which_year("Исполнение бюджетов на 1 января 2021 года"), of_which_year("за 2020 год")
    (True, False)
    """
    part = r"месяц|\bмес\b|квартал|(?:январ|феврал)\w*\s*[-–—]|полугоди|month|quarter"
    return bool(re.search(rf"\bна (?:1|01)\b|\bна 0?1\.|\bas of\b|{part}", fold(text)))
