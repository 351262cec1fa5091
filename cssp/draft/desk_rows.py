"""Which rows of a table of territories are territories: groups, totals and notes told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cssp.desk.territories import Region, find_region, region_of
from cssp.draft.desk_words import kind_of, kind_of_code
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError
from cssp.tables.raw import RawTable, fold, to_number

_WHOLE = re.compile(r"^(?:всего|итого|в целом|total|all\b|по (?:области|республике|краю|региону))")
#: A row that heads others although it has values: "Городские округа, всего".
_PLURAL = re.compile(r"округа\b|районы\b|поселения\b|okrugs|districts|settlements", re.IGNORECASE)


@dataclass
class RowsTold:
    """What the rows of a table of territories are.

    Attributes
    ----------
    groups : text of a row that heads others -> their kind; empty where it is not told
    leave_out : text of a row that is no territory -> why
    doubts : what is to be asked, in sentences
    kinds : name of a territory -> its kind by its name or code, where no group tells it
    regions : the rows are whole regions, by their names
    """

    groups: dict[str, str] = field(default_factory=dict)
    leave_out: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)


def rows_told(
    book: IndicatorBook,
    raw: RawTable,
    name: str,
    oktmo: str | None,
    values: Sequence[str],
    region: Region | None,
) -> RowsTold:
    """Tell territories from rows that head, sum or explain them.

    A row of the whole is told by its OKTMO code, by the region's name, or by its values, which are
    the sums of the others'; one that is called a total and is no sum is asked about.

    Parameters
    ----------
    book : the study's indicators, with its kinds of municipality
    raw : the table, with the rows that hold one text only
    name : the column of the names
    oktmo : the column of the codes, where there is one
    values : the columns of the values
    region : the city's region, where it is known
    """
    told = RowsTold()
    lines: list[tuple[str, str, np.ndarray]] = []
    for record in raw.data.to_dict("records"):
        filled = [cell for cell in record.values() if cell is not None and str(cell).strip()]
        text = " ".join(str(record[name] if record[name] is not None else filled[0]).split())
        if len(filled) == 1:
            _alone(told, book, text)
            continue
        code = re.sub(r"\s", "", str(record[oktmo] or "")) if oktmo else ""
        lines.append((text, code, np.array([_number(record[column]) for column in values])))
    if _of_regions(told, lines):
        return told
    settlements = [
        text
        for text, code, _ in lines
        if (kind_of_code(book, code) or kind_of(book, text)) in _lower(book)
    ]
    _totals(told, book, lines, region, set(settlements))
    left = [line for line in lines if line[0] not in told.leave_out | told.groups]
    if len(settlements) < len(left):
        told.leave_out |= dict.fromkeys(settlements, "it lies within a district, which is a row")
        left = [line for line in left if line[0] not in settlements]
    if not told.groups:
        for text, code, _ in left:
            told.kinds[text] = kind_of_code(book, code) or kind_of(book, text)
    names = [fold(text) for text, _, _ in left]
    if twice := sorted({text for text in names if names.count(text) > 1}):
        told.doubts.append(
            f"{len(twice)} names stand in several rows, e.g. '{twice[0]}': which rows count?"
        )
    return told


def _lower(book: IndicatorBook) -> set[str]:
    """Return the kinds of municipality that lie within others."""
    return {kind_of(book, text) for text in ("городские поселения", "сельские поселения")} - {""}


def _number(cell: Any) -> float:
    number = to_number(cell)
    return np.nan if number is None else number


def _alone(told: RowsTold, book: IndicatorBook, text: str) -> None:
    """Tell what a row with one text is: the heading of a group, or a note."""
    kind = kind_of(book, text)
    if kind or (_PLURAL.search(text) and len(text) < 60):
        told.groups[text] = kind
        return
    why = "a note" if re.match(r"\d\)|\*|¹|примечан|источник|note|source|\(", fold(text)) else ""
    if not why:
        told.doubts.append(f"the row '{text[:60]}' holds no value: what is it?")
    told.leave_out[text] = why or "no value stands in it"


def _of_regions(told: RowsTold, lines: Sequence[tuple[str, str, np.ndarray]]) -> bool:
    """Tell whether the rows are regions of the country, and which."""
    found = {}
    for text, _, _ in lines:
        try:
            found[text] = find_region(re.sub(r"\d+\)$|\*+$", "", text))
        except DataError:
            continue
    if len({region.oktmo for region in found.values()}) < max(3, 0.5 * len(lines)):
        return False
    told.regions = found
    return True


def _totals(
    told: RowsTold,
    book: IndicatorBook,
    lines: Sequence[tuple[str, str, np.ndarray]],
    region: Region | None,
    within: set[str],
) -> None:
    """Find the rows that are the whole of others, and the headings of groups that have values."""
    for text, code, _ in lines:
        if re.fullmatch(r"\d\d000000(000)?", code) and region_of(code) is not None:
            told.leave_out[text] = f"the whole, by its code {code}"
        elif _PLURAL.search(text) and (kind := kind_of(book, text)):
            told.groups[text] = kind
    parts = [
        line
        for line in lines
        if line[0] not in told.leave_out | told.groups | dict.fromkeys(within)
    ]
    for text, _, values in parts:
        others = np.array([own for other, _, own in parts if other != text])
        if len(others) < 2:
            return
        sums = np.where(np.isnan(others).all(axis=0), np.nan, np.nansum(others, axis=0))
        both = np.isfinite(values) & np.isfinite(sums)
        close = np.abs(values[both] - sums[both]) <= 0.001 * np.abs(values[both]) + 1e-9
        called = bool(_WHOLE.match(fold(text))) or _is_region(text, region)
        if both.any() and close.all() and (values[both] > 0).any() and (called or len(others) > 2):
            told.leave_out[text] = "the whole: its values are the sums of the others'"
        elif called:
            told.leave_out[text] = "the whole, by its name"
            told.doubts.append(
                f"'{text}' is called like a whole, but its values are not the sums of the others': "
                "is it one?"
            )


def _is_region(text: str, region: Region | None) -> bool:
    if region is None:
        return False
    try:
        return find_region(text) == region and not re.search(r"район|округ$|город", fold(text))
    except DataError:
        return False
