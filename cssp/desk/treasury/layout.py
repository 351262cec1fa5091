"""Where things stand in a form 0503317.

Its budget-level columns by their headings, its lines by their codes, in every layout.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from cssp.desk.treasury.workbook import Rows, Workbook
from cssp.study.problems import DataError, Problem
from cssp.tables.raw import fold, to_number

#: Heading of a budget-level column (its beginning, letters only) -> level and kind of municipality.
#: The longest that fits is meant.
HEADINGS = {
    "консолидированный бюджет субъекта Российской Федерации и": ("consolidated_with_fund", ""),
    "консолидированный бюджет субъекта Российской Федерации": ("consolidated", ""),
    "суммы, подлежащие исключению в рамках консолидированного бюджета субъекта Российской "
    "Федерации и": ("excluded_with_fund", ""),
    "суммы, подлежащие исключению": ("excluded", ""),
    "бюджет субъекта Российской Федерации": ("subject", ""),
    "бюджеты внутригородских муниципальных образований": ("local", "intracity"),
    "бюджеты городских округов с внутригородским делением": ("local", "divided_okrugs"),
    "бюджеты муниципальных округов, городских округов": ("local", "okrugs"),
    "бюджеты городских округов": ("local", "okrugs"),
    "бюджеты муниципальных округов": ("local", "okrugs"),
    "бюджеты внутригородских районов": ("local", "intracity_districts"),
    "бюджеты муниципальных районов": ("local", "districts"),
    "бюджеты городских и сельских поселений": ("local", "settlements"),
    "бюджеты поселений": ("local", "settlements"),
    "бюджеты городских поселений": ("local", "urban_settlements"),
    "бюджеты сельских поселений": ("local", "rural_settlements"),
    "бюджет территориального государственного внебюджетного фонда": ("fund", ""),
}

#: Columns without which the form cannot be read: each entry names alternatives.
NEEDED = (
    {("consolidated", "")},
    {("excluded", "")},
    {("subject", "")},
    {("local", "okrugs")},
    {("local", "districts")},
    {("local", "urban_settlements"), ("local", "settlements")},
    {("local", "rural_settlements"), ("local", "settlements")},
)
MEASURES = ("approved", "executed")
AGAIN = "Get the form as published."


def squash(text: object) -> str:
    """Return the letters of a heading.

    No case, spaces, hyphens or line breaks (headings are hyphenated to fit).
    """
    return re.sub(r"[\s\-\u00ad]+", "", fold(text))


_BY_LENGTH = sorted(
    ((squash(key), place) for key, place in HEADINGS.items()), key=lambda pair: -len(pair[0])
)


@dataclass(frozen=True)
class Block:
    """One table of the form: the lines' codes and names, and the amounts of one measure."""

    measure: str
    keys: list[tuple[str, str, str]]
    names: list[str]
    rows: np.ndarray
    places: list[tuple[str, str]]
    amounts: np.ndarray


def expenditure_blocks(book: Workbook, day: str) -> list[Block]:
    """Return the tables of expenditure.

    Approved and executed amounts stand side by side or on sheets of their own.
    """
    sheets = [name for name in book.sheet_names if _code_row(book.rows(name, 60)) is not None]
    # one long sheet may hold all parts: then the heading stands far down
    sheets = sheets or [name for name in book.sheet_names if _code_row(book.rows(name)) is not None]
    found = [block for name in sheets for block in _sheet_blocks(book.rows(name), book.shown, day)]
    if not found:
        raise DataError(
            Problem(
                book.shown,
                "The form has no expenditure part ('2. Расходы бюджета').",
                "Get the whole form.",
            )
        )
    for measure, heading in (
        ("approved", "Утвержденные бюджетные назначения"),
        ("executed", "Исполнено"),
    ):
        if not any(block.measure == measure for block in found):
            raise DataError(Problem(book.shown, f"The heading '{heading}' was not found.", AGAIN))
    return found


def _code_row(rows: Rows) -> int | None:
    """Return the row with the heading 'Код расхода', which only the part on expenditure has."""
    for number, row in enumerate(rows):
        for cell in row:
            # most cells are numbers or blank: look closely at few
            if (
                cell.__class__ is str
                and "расхода" in cell.lower()
                and squash(cell).startswith("кодрасхода")
            ):
                return number
    return None


def _sheet_blocks(rows: Rows, shown: str, day: str) -> list[Block]:
    top = _code_row(rows)
    assert top is not None
    heads = [squash(cell) for cell in rows[top]]
    below = rows[top + 1 : top + 4]
    places: dict[int, tuple[str, str]] = {}
    for position in range(len(heads)):
        for row in below:
            text = squash(row[position]) if position < len(row) else ""
            if (word := _place_of(text)) is not None:
                places.setdefault(position, word)
    codes = [i for i, text in enumerate(heads) if text.startswith("кодрасхода")]
    names = [i for i, text in enumerate(heads) if text.startswith("наименованиепоказателя")]
    line = next((i for i, text in enumerate(heads) if text.startswith("кодстроки")), None)
    if not names or line is None:
        absent = "Наименование показателя" if not names else "Код строки"
        raise DataError(
            Problem(shown, f"The heading '{absent}' was not found.", AGAIN, row=top + 1)
        )
    starts = sorted(
        (i, measure)
        for measure, word in (("approved", "утвержденныебюджетные"), ("executed", "исполнено"))
        for i, text in enumerate(heads)
        if text.startswith(word)
    )
    body = rows[top + 1 :]
    last = next(
        (i for i, row in enumerate(body) if str(row[line]).strip().removesuffix(".0") == "450"),
        len(body),
    )
    body = body[:last]
    found: list[Block] = []
    kept: tuple[list[int], list[tuple[str, str, str]], list[int]] | None = None
    seen: list[list[Any]] = []
    for number, (start, measure) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(heads)
        code = max((i for i in codes if i < start), default=codes[0])
        name = max((i for i in names if i < code), default=names[0])
        # the next table's own columns stand between this one's amounts and the next's
        columns = [i for i in places if start <= i < end]
        parts = [row[code:start] for row in body]
        if kept is None or parts != seen:  # the right half repeats the codes of the left
            kept, seen = _keys(parts, [row[line] for row in body], day), parts
        places_here = [places[i] for i in columns]
        _all_levels(places_here, measure, shown, top)
        picked, keys, odd = kept
        for place in odd:
            if not _is_number(body[place][name]) and any(
                _is_number(body[place][c]) for c in columns
            ):
                heading = " ".join(str(cell) for cell in parts[place]).strip()
                raise DataError(
                    Problem(
                        shown,
                        f"'{heading}' is not a code of expenditure, but the line has amounts.",
                        AGAIN,
                        row=place + top + 2,
                        value=heading,
                    )
                )
        amounts = _amounts(
            [[body[i][c] for c in columns] for i in picked], picked, top + 2, columns, shown
        )
        found.append(
            Block(
                measure,
                keys,
                [str(body[i][name]).strip() for i in picked],
                np.array(picked) + top + 2,
                *_added(places_here, amounts),
            )
        )
    return found


def _place_of(text: str) -> tuple[str, str] | None:
    """Return the level and kind of municipality of a column, by its heading's letters."""
    word = next((place for key, place in _BY_LENGTH if text.startswith(key)), None)
    # some forms leave out the "and" before the fund
    if word in (("consolidated", ""), ("excluded", "")) and "внебюджетногофонда" in text:
        return f"{word[0]}_with_fund", ""
    return word


def _all_levels(places: list[tuple[str, str]], measure: str, shown: str, top: int) -> None:
    for needed in NEEDED:
        if not needed & set(places):
            level, kind = min(needed)
            heading = next(key for key, place in HEADINGS.items() if place == (level, kind))
            raise DataError(
                Problem(
                    shown,
                    f"The form has no column '{heading}' ({kind or level}) among the {measure} "
                    "amounts.",
                    AGAIN,
                    row=top + 2,
                )
            )


def _added(
    places: list[tuple[str, str]], amounts: np.ndarray
) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Add columns of the same kind (urban and municipal okrugs may have one each)."""
    distinct = list(dict.fromkeys(places))
    if len(distinct) == len(places):
        return places, amounts
    return distinct, np.column_stack(
        [
            amounts[:, [i for i, own in enumerate(places) if own == place]].sum(axis=1)
            for place in distinct
        ]
    )


def _keys(
    parts: list[list[Any]], lines: list[Any], day: str
) -> tuple[list[int], list[tuple[str, str, str]], list[int]]:
    """Return which rows are lines of expenditure; their section, target item and type.

    And which rows have a code that is none.
    """
    picked: list[int] = []
    keys: list[tuple[str, str, str]] = []
    odd: list[int] = []
    total_seen = False
    for place, (cells, line) in enumerate(zip(parts, lines, strict=True)):
        # the grand total first: some forms give it the code 9600
        if (line == "200" or str(line).strip().removesuffix(".0") == "200") and not total_seen:
            total_seen = True
            picked.append(place)
            keys.append(("", "", ""))
            continue
        # the usual layout has a cell each for chief, section, target item and type
        if (
            len(cells) == 4
            and all([c.__class__ is str for c in cells])
            and [len(c) for c in cells] == [3, 4, 10, 3]
            and cells[1].isdigit()
            and cells[3].isdigit()
        ):
            picked.append(place)
            keys.append((cells[1], cells[2], cells[3]))
            continue
        key = _one_key(cells, int(day[:4]))
        if key is not None:
            picked.append(place)
            keys.append(key)
        elif key is None and any(str(cell).strip() for cell in cells if cell is not None):
            odd.append(place)
    return picked, keys, odd


def _one_key(cells: list[Any], year: int) -> tuple[str, str, str] | None:
    """Return section, target item and type of a code that stands in one cell or several.

    With or without spaces; None for no code.
    """
    if (
        len(cells) >= 4
    ):  # a cell each; a spreadsheet may have made numbers of some and lost their zeros
        widths = (3, 4, 10 if year > 2016 else 7, 3, 3)
        cells = [
            str(int(c)).zfill(w) if isinstance(c, float | int) else c
            for c, w in zip(cells, widths, strict=False)
        ]
    tokens = " ".join(str(cell).strip() for cell in cells if cell not in ("", None)).split()
    if len(tokens) == 1 and tokens[0].isalnum():
        text = tokens[0]
        cut = {
            17: (3, 4, 7, 3),
            20: (3, 4, 10, 3) if year > 2016 else (3, 4, 7, 3, 3),
            23: (3, 4, 10, 3, 3),
        }.get(len(text))
        if cut is None:
            return None
        ends = np.cumsum(cut).tolist()
        tokens = [text[end - width : end] for end, width in zip(ends, cut, strict=True)]
    # a target item in groups: 000 0100 01 2 03 00000 000; a whole one has a type and a kind of
    # operation (KOSGU) behind it, which together are no part of it
    if len(tokens) > 4 and len(tokens[1]) == 4 and len(tokens[2]) not in (7, 10):
        middle = "".join(tokens[2:-1])
        if len(middle) == 10:
            tokens = [*tokens[:2], middle, tokens[-1]]
    if len(tokens) == 3 and len(tokens[0]) == 4:
        tokens = ["000", *tokens]
    if (
        len(tokens) not in (4, 5)
        or not re.fullmatch(r"\d{4}", tokens[1])
        or not re.fullmatch(r"\d{3}", tokens[3])
    ):
        return None
    # before 2016 a line could be split again by the economic classification
    return (
        tokens[1],
        tokens[2],
        tokens[3] if len(tokens) == 4 or tokens[4] == "000" else f"{tokens[3]} {tokens[4]}",
    )


def _amounts(
    cells: list[list[Any]], rows: list[int], offset: int, columns: list[int], shown: str
) -> np.ndarray:
    """Return the amounts as numbers.

    Blank is zero, as the form writes nothing where nothing was spent.
    """
    flat = [
        x if x.__class__ is float else 0.0 if x == "" or x is None else _amount(x)
        for row in cells
        for x in row
    ]
    amounts = np.array(flat, dtype=float).reshape(len(cells), len(columns))
    for line, place in np.argwhere(np.isnan(amounts))[:20].tolist():
        cell = cells[line][place]
        raise DataError(
            Problem(
                shown,
                f"'{cell}' is text where an amount is due.",
                AGAIN,
                row=rows[line] + offset,
                column=_letters(columns[place]),
                value=str(cell),
            )
        )
    return amounts


def _amount(cell: Any) -> float:
    if isinstance(cell, str) and cell.strip() in ("", "-", "–", "—", "х", "x", "Х", "X"):
        return 0.0
    number = to_number(cell, "," if isinstance(cell, str) and "," in cell else None)
    return float("nan") if number is None else number


def _is_number(cell: Any) -> bool:
    return isinstance(cell, float | int) or (
        isinstance(cell, str) and cell.strip().replace(".", "").isdigit()
    )


def _letters(column: int) -> str:
    """Return a column as spreadsheets name it.

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)
