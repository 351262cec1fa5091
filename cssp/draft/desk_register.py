"""A register of grants (a row a grant) into a city's `city.yaml`: what is counted and summed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from cssp.desk.counted_rows import amount_of
from cssp.desk.territories import Region, find_region
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_table import Proposal, by_dots, city_region
from cssp.draft.indicator_words import unit_of
from cssp.draft.register_columns import (
    NOT_GIVEN,
    WORDS,
    amounts_of,
    columns_of,
    days_of,
    distinct,
    grants_of,
    is_presidential,
    no_grants,
)
from cssp.study.indicator_book import Indicator, IndicatorBook
from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold
from cssp.tables.read import read_rows, read_table

#: What else a row may be of, beside money.
_FORMS = re.compile(
    r"(?:форма|вид) (?:\w+ )?(?:поддержк|помощ)|form of support|kind of support"
    r"|опф|организационно-правов|правовая форма|legal form"
)
#: A status that says that there was no grant, and one that says that there was.
_REFUSED = re.compile(
    r"^(?:нет|no)$|\bне \w+|отказ|отклон|отозван|снят|reject|not |withdrawn|unsuccessful"
)
_WON = re.compile(
    r"^(?:да|yes)$|предостав|одобр|победител|поддержан|реализ|заверш|исполн|winner|award|complet|funded|grant"
)


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
    if totals := no_grants(raw):
        told["skip_rows"] = sorted(totals)
    raw = grants_of(raw)
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
    lines += [f"# TODO: {doubt}" for doubt in _doubts(raw)]
    lines += ["counted:"]
    days, towns = days_of(raw), columns_of(raw, "town")
    lines.append(
        f"  year: {quoted(days[0])}" + _of_day(days)
        if days
        else "  year: TODO   # TODO: the column of the year or the date, or the year of all rows"
    )
    if towns:
        doubt = _spellings(raw, towns[0])
        lines.append(f"  municipality: {quoted(towns[0])}{doubt}")
    level = "federal" if is_presidential(raw) and "federal" in study.indicators.levels else "TODO"
    asked = f"   # TODO: whose money is it? {', '.join(study.indicators.levels)}"
    lines.append(f"  level: {level}{asked if level == 'TODO' else ''}")
    lines.append(f"  source: {quoted(f'TODO: who published {path.name}, and when')}")
    values, found = _values(study.indicators, raw, top)
    return Proposal([*lines, *values], found)


def _of_day(days: list[str]) -> str:
    """Return a question where the day of the grant may be another one."""
    sure = any(re.search(words, fold(days[0])) for words in WORDS["day"][:2])
    if len(days) == 1 and sure:
        return ""
    others = f" Or {' or '.join(map(quoted, days[1:]))}?" if days[1:] else ""
    return f"   # TODO: is it the day of the grant?{others}"


def _doubts(raw: RawTable) -> list[str]:
    """Return what is to be asked of the rows: totals without a name, grants in parts or of zero."""
    found = []
    amounts = amounts_of(raw)
    sums = [amount_of(cell) or 0.0 for cell in raw.data[amounts[0]]] if amounts else []
    total = sum(sums)
    for row, value in zip(raw.rows.tolist(), sums, strict=False):
        if len(sums) > 2 and value > 0 and abs(2 * value - total) <= 1e-6 * total:
            found.append(f"the amount of row {row} is the sum of all others: is it a total?")
    if zeros := sum(value == 0 for value in sums):
        found.append(f"{zeros} rows have an amount of zero or none: do they count?")
    texts = [str(cell) for cell in raw.data[amounts[0]] if isinstance(cell, str)] if amounts else []
    if dotted := by_dots(texts):
        found.append(f"decimal: is '{dotted[0]}' a thousand or a decimal number?")
    for column in map(str, raw.data.columns):
        numbers = raw.data[column].dropna()
        again = len(numbers) - numbers.nunique()
        if again and re.search(r"(?:номер|№).*(?:соглаш|договор|заявк|проект)", fold(column)):
            found.append(f"{again} rows repeat a number of {quoted(column)}: are they one grant?")
    return found


def _plain(value: object) -> str:
    return str(value) if isinstance(value, int | list) else quoted(value)


def _above(path: Path, form: Format, raw: RawTable) -> str:
    """Return what stands above the headings."""
    first = int(raw.rows[0]) if len(raw.rows) else 1
    rows, _ = read_rows(path, form)
    cells = [cell for number, row in rows if number < first for cell in row if cell is not None]
    return " ".join(str(cell) for cell in cells if str(cell) not in set(map(str, raw.data)))


def _spellings(raw: RawTable, column: str) -> str:
    """Return a question where towns may be the same in two spellings, or where one is not told."""
    names = distinct(raw.data[column])
    bare: dict[str, list[str]] = {}
    for name in names:
        words = re.findall(r"[^\W\d]+", fold(name))
        kinds = r"г|го|мо|о|с|п|пос|город\w*|городск\w*|муниципальн\w*|округ|район|р|н|образование"
        short = " ".join(word for word in words if not re.fullmatch(kinds, word))
        bare.setdefault(short, []).append(name)
    twice = next((alike for alike in bare.values() if len(alike) > 1), None)
    asked = [f"are {' and '.join(map(quoted, twice))} one town?"] if twice else []
    if blank := int(raw.data[column].isna().sum()):
        asked.append(f"{blank} rows have no town")
    return "".join(f"   # TODO: {one}" for one in asked)


def _form_rule(raw: RawTable) -> list[str]:
    """Return the rule that keeps support in money where a column tells of other forms."""
    for column in map(str, raw.data.columns):
        names = distinct(raw.data[column]) if _FORMS.search(fold(column)) else []
        if 1 < len(names) < 40:
            kept = ", ".join(map(quoted, names))
            return [
                f"  - {{column: {quoted(column)}, equals: [{kept}]}}   # TODO: which are in money?"
            ]
    return []


def _region_rule(raw: RawTable, region: Region | None) -> list[str]:
    """Return the rule that keeps the rows of the city's region, in every spelling of its name."""
    columns = columns_of(raw, "region")
    if not columns:
        return []
    own, unclear = [], []
    names = distinct(raw.data[columns[0]])
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
    columns = columns_of(raw, "status")
    if not columns:
        return []
    names = distinct(raw.data[columns[0]])
    if len(names) > 40 or (len(names) < 2 and not any(_REFUSED.search(fold(n)) for n in names)):
        return []
    won = [name for name in names if _WON.search(fold(name)) and not _REFUSED.search(fold(name))]
    others = [name for name in names if name not in won]
    if blank := int(raw.data[columns[0]].isna().sum()):
        others.append(f"{blank} rows without one")
    kept = ", ".join(map(quoted, won or names))
    doubt = f"   # TODO: are these the grants that count? Not kept: {', '.join(others) or 'none'}"
    return [f"  - {{column: {quoted(columns[0])}, equals: [{kept}]}}{doubt}"]


def _values(
    book: IndicatorBook, raw: RawTable, above: str
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what is counted and what is summed, each an indicator of the study."""
    amounts = amounts_of(raw)
    if not amounts:
        raise DataError(
            Problem(
                raw.file,
                "No column of amounts was found.",
                "Call it e.g. 'Размер гранта, руб.', or say where the headings are.",
            )
        )
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
    if not of_money and is_presidential(raw):
        of_money = "RUB"
    doubts = [] if of_money else ["in roubles, or in thousand RUB, million RUB?"]
    first = WORDS["amount"][0]
    likely = [one for one in amounts if not NOT_GIVEN.search(fold(one))]
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
        + "".join(f"   # TODO: {doubt}" for doubt in doubts if total != "TODO"),
    ]
    return lines, [("rows", count), (amounts[0], total)]
