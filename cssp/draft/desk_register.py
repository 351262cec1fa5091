"""A register of grants (a row a grant) into a city's `city.yaml`: what is counted and summed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cssp.desk.counted_rows import is_total, year_of
from cssp.desk.territories import Region, find_region
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_table import Proposal, city_region
from cssp.draft.desk_words import unit_of
from cssp.draft.table_shape import numbers_columns
from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.study.problems import DataError
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold, to_number
from cssp.tables.read import read_rows, read_table

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
        r"^год\b(?!.*(?:регистр|создан|основан|рожд))|год (?:конкурс|предостав|провед)|^year",
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
#: Amounts that are not those that were given.
_NOT_GIVEN = re.compile(r"запр|софинанс|собственн|общая|requested|total|own ")
#: What else a row may be of, beside money.
_FORMS = re.compile(r"(?:форма|вид) (?:\w+ )?(?:поддержк|помощ)|form of support|kind of support")
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
    raw = _grants_of(raw)
    amounts = _amounts(raw)
    whose = _column(raw, "who", _anything) or _column(raw, "project", _anything)
    return bool(amounts and whose and _days(raw))


def _amounts(raw: RawTable) -> list[str]:
    """Return the columns of amounts: those that were given before those that were asked for."""
    found = _column(raw, "amount", _mostly(lambda cell: to_number(cell) is not None))
    return sorted(found, key=lambda one: bool(_NOT_GIVEN.search(fold(one))))


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
    top = _above(path, form, raw)
    if totals := _totals(raw):
        told["skip_rows"] = sorted(totals)
    raw = _grants_of(raw)
    lines = [
        f"format: {{{', '.join(f'{key}: {_plain(value)}' for key, value in told.items())}}}"
    ] if told else []  # fmt: skip
    lines += [f"# row {row} was left out: {why}" for row, why in totals.items()]
    lines += [
        f"# TODO: {note.what} (row {note.row}) Is it so?"
        for note in raw.notes
        if "heading" not in note.what or "further row" in note.what
    ]
    rules = [*_region_rule(raw, region), *_status_rule(raw), *_form_rule(raw)]
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
        doubt = _spellings(raw, towns[0])
        lines.append(f"  municipality: {quoted(towns[0])}{doubt}")
    level = "federal" if _presidential(raw) and "federal" in study.indicators.levels else "TODO"
    asked = f"   # TODO: whose money is it? {', '.join(study.indicators.levels)}"
    lines.append(f"  level: {level}{asked if level == 'TODO' else ''}")
    lines.append(f"  source: {quoted(f'TODO: who published {path.name}, and when')}")
    values, found = _values(study.indicators, raw, top)
    return Proposal([*lines, *values], found)


def _plain(value: object) -> str:
    return str(value) if isinstance(value, int | list) else quoted(value)


def _above(path: Path, form: Format, raw: RawTable) -> str:
    """Return what stands above the headings."""
    first = int(raw.rows[0]) if len(raw.rows) else 1
    rows, _ = read_rows(path, form)
    cells = [cell for number, row in rows if number < first for cell in row if cell is not None]
    return " ".join(str(cell) for cell in cells if str(cell) not in set(map(str, raw.data)))


def _totals(raw: RawTable) -> dict[int, str]:
    """Return the rows that are no grant: totals, and numbers of the columns."""
    found = {}
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = list(record.values())
        if any(map(is_total, cells)):
            found[row] = "a total"
        elif numbers_columns(cells):
            found[row] = "it numbers the columns"
    return found


def _grants_of(raw: RawTable) -> RawTable:
    """Return a register without the rows that are no grant."""
    keep = ~np.isin(raw.rows, list(_totals(raw)))
    return replace(raw, data=raw.data[keep].reset_index(drop=True), rows=raw.rows[keep])


def _spellings(raw: RawTable, column: str) -> str:
    """Return a question where towns may be the same in two spellings, or where one is not told."""
    names = _distinct(raw.data[column])
    bare: dict[str, list[str]] = {}
    for name in names:
        short = re.sub(r"^(?:г\.|город|г\.? ?о\.?|с\.|пос\.|п\.)\s*|\W+", "", fold(name))
        bare.setdefault(short, []).append(name)
    twice = next((alike for alike in bare.values() if len(alike) > 1), None)
    asked = [f"are {' and '.join(map(quoted, twice))} one town?"] if twice else []
    if blank := int(raw.data[column].isna().sum()):
        asked.append(f"{blank} rows have no town")
    return f"   # TODO: {'; '.join(asked)}" if asked else ""


def _form_rule(raw: RawTable) -> list[str]:
    """Return the rule that keeps support in money where a column tells of other forms."""
    for column in map(str, raw.data.columns):
        names = _distinct(raw.data[column]) if _FORMS.search(fold(column)) else []
        if 1 < len(names) < 40:
            kept = ", ".join(map(quoted, names))
            return [
                f"  - {{column: {quoted(column)}, equals: [{kept}]}}   # TODO: which are in money?"
            ]
    return []


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
    if blank := int(raw.data[columns[0]].isna().sum()):
        unclear.append(f"{blank} rows without a region")
    doubt = f"   # TODO: whose are {', '.join(map(quoted, unclear[:5]))}?" if unclear else ""
    kept = ", ".join(map(quoted, own))
    return [f"  - {{column: {quoted(columns[0])}, equals: [{kept}]}}{doubt}"]


def _status_rule(raw: RawTable) -> list[str]:
    """Return the rule that keeps the grants that were given; which those are is asked."""
    columns = _column(raw, "status", _anything)
    if not columns:
        return []
    names = _distinct(raw.data[columns[0]])
    if len(names) > 40 or (len(names) < 2 and not any(_REFUSED.search(fold(n)) for n in names)):
        return []
    won = [name for name in names if _WON.search(fold(name)) and not _REFUSED.search(fold(name))]
    others = [name for name in names if name not in won]
    if blank := int(raw.data[columns[0]].isna().sum()):
        others.append(f"{blank} rows without one")
    kept = ", ".join(map(quoted, won or names))
    doubt = f"   # TODO: are these the grants that count? Not kept: {', '.join(others) or 'none'}"
    return [f"  - {{column: {quoted(columns[0])}, equals: [{kept}]}}{doubt}"]


def _distinct(cells: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(cell).strip() for cell in cells if cell is not None))


def _values(
    book: IndicatorBook, raw: RawTable, above: str
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what is counted and what is summed, each an indicator of the study."""
    amounts = _amounts(raw)
    counts = [
        one
        for one in book.indicators
        if one.role == "other" and re.search("project|grant", one.unit)
    ]
    sums = [one for one in book.indicators if one.role == "other" and one.unit == "RUB"]
    count = counts[0].name if len(counts) == 1 else "TODO"
    total = sums[0].name if len(sums) == 1 else "TODO"
    asked = "   # TODO: which indicator? Add one to indicators.yaml if there is none"
    money = Indicator(name="m", label={"": "m"}, unit="RUB", definition={"": "m"})
    of_money = unit_of(money, amounts[0]) or unit_of(money, above)
    if not of_money and _presidential(raw):
        of_money = "RUB"
    doubts = [] if of_money else ["in roubles, or in thousand RUB, million RUB?"]
    first = _WORDS["amount"][0]
    likely = [one for one in amounts if not _NOT_GIVEN.search(fold(one))]
    rivals = [one for one in likely if bool(re.search(first, fold(one))) == bool(
        re.search(first, fold(amounts[0])))]  # fmt: skip
    if len(rivals) > 1 or amounts[0] not in likely:
        doubts.append(f"or {' or '.join(map(quoted, amounts[1:4]))}?" if amounts[1:] else "given?")
    unit = quoted(counts[0].unit) if len(counts) == 1 else "TODO"
    lines = [
        "  values:",
        f"    - {{indicator: {count}, unit: {unit}}}{asked if count == 'TODO' else '   # rows'}",
        f"    - {{column: {quoted(amounts[0])}, indicator: {total}, unit: {of_money or 'TODO'}}}"
        + (asked if total == "TODO" else "")
        + (f"   # TODO: {'; '.join(doubts)}" if doubts and total != "TODO" else ""),
    ]
    return lines, [("rows", count), (amounts[0], total)]
