"""A register of grants (a row a grant) into a city's `city.yaml`: what is counted and summed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cssp.desk.counted_rows import year_of
from cssp.desk.territories import Region, find_region
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_table import Proposal, city_region
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold, to_number
from cssp.tables.read import read_table

#: What a column of a register is -> the words of its heading, the surest first.
_WORDS: dict[str, tuple[str, ...]] = {
    "amount": (
        r"размер гранта|сумма гранта|объем гранта|grant amount|amount awarded",
        r"(?:размер|сумма|объем) (?:\w+нн\w+ )?(?:субсиди|поддержк|финансирован)",
        r"^(?:сумма|размер|объем)\b(?!.*(?:запр|софинанс|общая|собственн))|^amount",
        r"запр(?:ошенн|ашиваем)\w+ сумма|requested",
    ),
    "day": (
        r"дата (?:принятия )?(?:решен|соглашен|договор|предоставлен)|date of (?:the )?(?:deci|awa)",
        r"^год\b|год (?:конкурса|предоставления|проведения)|^year|award year",
        r"^дата\b|^date",
        r"конкурс|contest|round",
    ),
    "status": (r"статус|результат (?:конкурса|рассмотрения)|status|outcome",),
    "region": (r"регион|субъект|region",),
    "town": (
        r"муниципальн\w+ (?:образован|округ|район)|город\b|населенн\w+ пункт"
        r"|town|city|municipality",
    ),
    "who": (
        r"организаци|получател|победител|заявител|grantee|recipient|organi[sz]ation",
    ),
    "project": (r"проект|project|номер заявки|мероприяти",),
}  # fmt: skip
#: A status that says that there was no grant, and one that says that there was.
_REFUSED = re.compile(r"\bне \w+|отказ|отклон|отозван|снят|reject|not |withdrawn|unsuccessful")
_WON = re.compile(r"победител|поддержан|реализ|заверш|исполн|winner|award|complet|funded|grant")


def _column(raw: RawTable, what: str, fits: Callable[[list[Any]], bool]) -> list[str]:
    """Return the columns that a heading says are something, the surest first."""
    found: list[str] = []
    for words in _WORDS[what]:
        for column in map(str, raw.data.columns):
            cells = [cell for cell in raw.data[column] if cell is not None and str(cell).strip()]
            if column not in found and re.search(words, fold(column)) and cells and fits(cells):
                found.append(column)
    return found


def _mostly(told: Callable[[Any], bool]) -> Callable[[list[Any]], bool]:
    return lambda cells: sum(map(told, cells)) > 0.7 * len(cells)


def _anything(cells: list[Any]) -> bool:
    return True


def is_register(raw: RawTable) -> bool:
    """Tell whether a table is a register of grants: whose, how much, and when.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Организация": ["АНО"], "Размер гранта": [5], "Год": [2021]})
    >>> is_register(RawTable("grants.csv", data, np.array([2])))
    True
    """
    amounts = _column(raw, "amount", _mostly(lambda cell: to_number(cell) is not None))
    whose = _column(raw, "who", _anything) or _column(raw, "project", _anything)
    return bool(amounts and whose and _days(raw))


def _days(raw: RawTable) -> list[str]:
    return _column(raw, "day", _mostly(lambda cell: year_of(cell) is not None))


def register_proposal(study: Study, city: str, path: Path, given: dict[str, Any]) -> Proposal:
    """Propose how a register of grants is counted and summed by year and town.

    Parameters
    ----------
    study : the study, whose indicators the counts and sums become
    city : name of the city's folder; its region's rows are kept where a column tells the region
    path : the register: a CSV, a workbook or a document of Word
    given : what is said of its form, as `format` in city.yaml

    Raises
    ------
    DataError
        The file cannot be read, or the region is not among those of the register.
    """
    form = Format.model_validate({key: value for key, value in given.items() if value})
    raw = read_table(path, form)
    region = city_region(study, city)
    told = {key: value for key, value in given.items() if value}
    lines = [
        f"format: {{{', '.join(f'{key}: {_plain(value)}' for key, value in told.items())}}}"
    ] if told else []  # fmt: skip
    rules = [*_region_rule(raw, region), *_status_rule(raw)]
    lines += ["rows:", *rules] if rules else []
    lines += ["counted:"]
    days, towns = _days(raw), _column(raw, "town", _anything)
    lines.append(
        f"  year: {quoted(days[0])}"
        + (f"   # TODO: or {' or '.join(map(quoted, days[1:]))}?" if len(days) > 1 else "")
        if days
        else "  year: TODO   # TODO: the column of the year or the date, or the year of all rows"
    )
    if towns:
        lines.append(f"  municipality: {quoted(towns[0])}")
    level = "federal" if _presidential(raw) and "federal" in study.indicators.levels else "TODO"
    asked = f"   # TODO: whose money is it? {', '.join(study.indicators.levels)}"
    lines.append(f"  level: {level}{asked if level == 'TODO' else ''}")
    lines.append(f"  source: {quoted(f'TODO: who published {path.name}, and when')}")
    values, found = _values(study.indicators, raw)
    return Proposal([*lines, *values], found)


def _plain(value: object) -> str:
    return str(value) if isinstance(value, int) else quoted(value)


def _presidential(raw: RawTable) -> bool:
    """Tell whether a register is that of the Presidential Grants Fund, by its own columns."""
    headings = {fold(column) for column in raw.data.columns}
    return {"грантовое направление", "размер гранта", "огрн"} <= headings


def _region_rule(raw: RawTable, region: Region | None) -> list[str]:
    """Return the rule that keeps the rows of the city's region, in every spelling of its name."""
    columns = _column(raw, "region", _anything)
    if not columns:
        return []
    own, unclear = [], []
    names = _distinct(raw.data[columns[0]])
    for name in names:
        try:
            if find_region(name) == region:
                own.append(name)
        except DataError:
            unclear.append(name)
    if region is None or not own:
        asked = f"which of {len(names)} regions?" if region is None else "none is the city's region"
        return [f"  - {{column: {quoted(columns[0])}, equals: [TODO]}}   # TODO: {asked}"]
    doubt = f"   # TODO: whose are {', '.join(map(quoted, unclear[:5]))}?" if unclear else ""
    kept = ", ".join(map(quoted, own))
    return [f"  - {{column: {quoted(columns[0])}, equals: [{kept}]}}{doubt}"]


def _status_rule(raw: RawTable) -> list[str]:
    """Return the rule that keeps the grants that were given; which those are is asked."""
    columns = _column(raw, "status", _anything)
    if not columns:
        return []
    names = _distinct(raw.data[columns[0]])
    if len(names) < 2 or len(names) > 40:
        return []
    won = [name for name in names if _WON.search(fold(name)) and not _REFUSED.search(fold(name))]
    others = [name for name in names if name not in won]
    kept = ", ".join(map(quoted, won or names))
    doubt = f"   # TODO: are these the grants that count? Not kept: {', '.join(others) or 'none'}"
    return [f"  - {{column: {quoted(columns[0])}, equals: [{kept}]}}{doubt}"]


def _distinct(cells: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(cell).strip() for cell in cells if cell is not None))


def _values(book: IndicatorBook, raw: RawTable) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what is counted and what is summed, each an indicator of the study."""
    amounts = _column(raw, "amount", _mostly(lambda cell: to_number(cell) is not None))
    counts = [
        one
        for one in book.indicators
        if one.role == "other" and re.search("project|grant", one.unit)
    ]
    sums = [one for one in book.indicators if one.role == "other" and one.unit == "RUB"]
    count = counts[0].name if len(counts) == 1 else "TODO"
    total = sums[0].name if len(sums) == 1 else "TODO"
    asked = "   # TODO: which indicator? Add one to indicators.yaml if there is none"
    thousand = next(
        (m for m, w in (("thousand ", "тыс"), ("million ", "млн")) if w in fold(amounts[0])), ""
    )
    sure = re.search(_WORDS["amount"][0], fold(amounts[0]))
    unit = quoted(counts[0].unit) if len(counts) == 1 else "TODO"
    lines = [
        "  values:",
        f"    - {{indicator: {count}, unit: {unit}}}{asked if count == 'TODO' else '   # rows'}",
        f"    - {{column: {quoted(amounts[0])}, indicator: {total}, unit: {thousand}RUB}}"
        + (asked if total == "TODO" else "")
        + (f"   # TODO: or {quoted(amounts[1])}?" if len(amounts) > 1 and not sure else ""),
    ]
    return lines, [("rows", count), (amounts[0], total)]
