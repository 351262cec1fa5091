"""Which rows of a table of territories are territories: groups, totals and notes told apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cssp.desk.heading_rows import name_of
from cssp.desk.territories import Region, find_region, region_of
from cssp.draft.kind_words import kind_of, kind_of_code
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError
from cssp.tables.raw import RawTable, fold, to_number

_WHOLE = re.compile(
    r"^(?:всего|итого|в целом|в среднем|средн|справочно|total|mean\b|all\b"
    r"|по (?:области|республике|краю|региону|муниципальн))"
)
#: What is no territory, whatever stands beside it.
_NOBODY = re.compile(r"^(?:исполнител|руководител|начальник|тел\.|ответственн)")


@dataclass
class RowsTold:
    """What the rows of a table of territories are.

    Attributes
    ----------
    groups : text of a row that heads others -> their kind; empty where it is not told
    leave_out : text of a row that is no territory -> why
    doubts : what is to be asked, in sentences
    kinds : name of a territory -> its kind by its name or code, where no group tells it, or
        another one
    asked : names whose group tells another kind than they do
    regions : the rows are whole regions, by their names
    """

    groups: dict[str, str] = field(default_factory=dict)
    leave_out: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    regions: dict[str, Region] = field(default_factory=dict)


class _Line(NamedTuple):
    """A row with values: its name, its code, its values, and the heading above it."""

    text: str
    code: str
    values: np.ndarray
    group: str


def rows_told(
    book: IndicatorBook,
    raw: RawTable,
    name: str,
    oktmo: str | None,
    values: Sequence[str],
    region: Region | None,
    long: bool = False,
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
    long : a name stands in a row for each year
    """
    told = RowsTold()
    lines: list[_Line] = []
    group = ""
    for record in raw.data.to_dict("records"):
        filled = [cell for cell in record.values() if cell is not None and str(cell).strip()]
        text = name_of(record, name)
        if len(filled) == 1:
            _alone(told, book, text)
            group = text if text in told.groups else group
            continue
        if _is_plural(text):
            told.groups[text] = kind_of(book, text)
            group = text
            continue
        code = re.sub(r"\s", "", str(record[oktmo] or "")) if oktmo else ""
        values_of = np.array([_number(record[column]) for column in values])
        lines.append(_Line(text, code, values_of, group))
    if _of_regions(told, lines):
        return told
    own = {line.text: kind_of_code(book, line.code) or kind_of(book, line.text) for line in lines}
    lower = _lower(book)
    within = {
        line.text for line in lines if (own[line.text] or told.groups.get(line.group, "")) in lower
    }
    _totals(told, lines, region, within)
    left = [line for line in lines if line.text not in told.leave_out]
    districts = kind_of(book, "муниципальные районы")
    of_districts = {districts, kind_of(book, "муниципальный район")} - {""}
    has_districts = any(
        (own[line.text] or told.groups.get(line.group, "")) in of_districts for line in left
    )
    if within and has_districts and len(within) < len({line.text for line in left}):
        told.leave_out |= dict.fromkeys(
            (line.text for line in left if line.text in within),
            "it lies within a district, which is a row",
        )
        left = [line for line in left if line.text not in within]
    _kinds(told, left, own)
    names = [fold(line.text) for line in left]
    if not long and (twice := sorted({text for text in names if names.count(text) > 1})):
        told.doubts.append(
            f"{len(twice)} names stand in several rows, e.g. '{twice[0]}': which rows count?"
        )
    return told


def _kinds(told: RowsTold, lines: Sequence[_Line], own: dict[str, str]) -> None:
    """Tell the kind of each territory that stands in no group, or names another than its group."""
    told.kinds = {line.text: own[line.text] for line in lines}
    for above, line in itertools.pairwise(lines):  # Сокол below Сокольский муниципальный район
        town = re.sub(r"^(?:г\.|город)\s*", "", fold(line.text))
        if town[:4] == fold(above.text)[:4] and "район" in fold(above.text):
            told.asked.add(line.text)
    if not told.groups:
        return
    for line in lines:
        kind = told.groups.get(line.group, "")
        if _INNER.match(fold(line.text)) or (
            "район" in fold(line.text) and not own[line.text] and "округ" in fold(line.group)
        ):
            told.kinds[line.text] = ""
            told.asked.add(line.text)
        elif line.group and (not own[line.text] or own[line.text] == kind or not kind):
            told.kinds.pop(line.text, None)
        elif line.group:
            told.asked.add(line.text)


def _lower(book: IndicatorBook) -> set[str]:
    """Return the kinds of municipality that lie within others."""
    return {kind_of(book, text) for text in ("городские поселения", "сельские поселения")} - {""}


def _number(cell: Any) -> float:
    number = to_number(cell)
    return np.nan if number is None else number


#: Places that lie within a municipality: a town of a district, a village.
_INNER = re.compile(r"(?:пгт|рп|р\. ?п|п|пос|с|село|дер|д|ст-ца|г\. ?п|с\. ?п)\.?\s+(?!о)")
_WORDS_OF_GROUPS = re.compile(
    r"(?:городск|муниципальн|внутригородск|сельск)\w*|и|всего|итого|по|в|том|числе|т|ч|из|них|област\w+"
    r"|кра[йюя]|республик\w|регион\w*|округ\w*|район\w*|поселени\w+|urban|municipal|rural|and|total|of"
    r"|okrugs|districts|settlements|which"
)
_PLURALS = re.compile(
    r"\b(?:округа|округам|округов|районы|районам|районов|поселения|поселениям|поселений|okrugs"
    r"|districts|settlements)\b"
)


def _is_plural(text: str) -> bool:
    """Tell whether a row heads others: "Городские округа, всего", nothing but that.

    >>> _is_plural("Муниципальные округа и районы области"), _is_plural("Бабаевский район")
    (True, False)
    """
    words = re.findall(r"[^\W\d]+", fold(text))
    return bool(_PLURALS.search(fold(text))) and all(map(_WORDS_OF_GROUPS.fullmatch, words))


def _alone(told: RowsTold, book: IndicatorBook, text: str) -> None:
    """Tell what a row with one text is: the heading of a group, or a note."""
    kind = kind_of(book, text)
    if _is_plural(text):
        told.groups[text] = kind
        return
    why = "a note" if re.match(r"\d\)|\*|¹|примечан|источник|note|source|\(", fold(text)) else ""
    if not why:
        told.doubts.append(f"the row '{text[:60]}' holds no value: what is it?")
    told.leave_out[text] = why or "no value stands in it"


def _of_regions(told: RowsTold, lines: Sequence[_Line]) -> bool:
    """Tell whether the rows are regions of the country, and which."""
    found = {}
    for line in lines:
        try:
            found[line.text] = find_region(re.sub(r"\d+\)$|\*+$", "", line.text))
        except DataError:
            continue
    if len({region.oktmo for region in found.values()}) < max(3, 0.5 * len(lines)):
        return False
    told.regions = found
    return True


def _totals(
    told: RowsTold, lines: Sequence[_Line], region: Region | None, within: set[str]
) -> None:
    """Find the rows that are the whole of others, or nobody's."""
    for line in lines:
        if re.fullmatch(r"\d\d000000(000)?", line.code) and region_of(line.code) is not None:
            told.leave_out[line.text] = f"the whole, by its code {line.code}"
        elif _NOBODY.match(fold(line.text)):
            told.leave_out[line.text] = "no territory"
            told.doubts.append(f"'{line.text}' was taken for no territory: is it none?")
    parts = [line for line in lines if line.text not in {*told.leave_out, *within}]
    for line in parts:
        others = [one.values for one in parts if one.text != line.text]
        called = _is_region(line.text, region) or bool(
            _WHOLE.match(fold(line.text)) or re.search(r"\b(?:всего|итого)$", fold(line.text))
        )
        if not others or (len(others) < 2 and not called):
            continue
        blank = np.isnan(others).all(axis=0)
        sums = np.where(blank, np.nan, np.nansum(others, axis=0))
        both = np.isfinite(line.values) & np.isfinite(sums)
        values = line.values[both]
        close = np.abs(values - sums[both]) <= 0.001 * np.abs(values) + 1e-9
        if both.any() and close.all() and (values > 0).any() and (called or len(others) > 2):
            told.leave_out[line.text] = "the whole: its values are the sums of the others'"
        elif called:
            told.leave_out[line.text] = "the whole, by its name"
            told.doubts.append(
                f"'{line.text}' is called like a whole, but its values are not the sums of the "
                "others': is it one?"
            )


def _is_region(text: str, region: Region | None) -> bool:
    """Tell whether a row has the name of the region, or of any region where it is not known."""
    bare = re.sub(r"[\s,:–—-]*(?:всего|итого|в целом)?$", "", re.sub(r"^[Пп]о ", "", text))
    if not re.search(r"област|обл\.|республик|край|края|краю|автономн|регион", fold(bare)):
        return False
    if re.fullmatch(r"област[ьи]|республик[аеи]|кра[йюя]|регион[уа]?", fold(bare)):
        return True
    try:
        return find_region(bare) == (region or find_region(bare))
    except DataError:
        return False
