"""The Federal Treasury's form 0503317: execution of the consolidated budget of a subject of the Federation.

The same amounts stand in the form several times: in subsections, again in their sections, by groups, subgroups and elements of
expenditure types, and once more in the consolidated columns. So a sum is made over one cut only: subsections (a 4-digit code that
does not end in 00), one expenditure type, and the columns of single budgets. Columns are found by their headings, not by position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.desk.territories import Region, find_region, region_of
from cssp.desk.treasury_checks import Lines, check_sums, summary
from cssp.desk.treasury_file import Rows, Workbook, open_workbook
from cssp.problems import CsspError, DataError, Problem, ScoringError
from cssp.tabular import fold, to_number

FORM = "0503317"

#: Heading of a budget-level column (its beginning, letters only) -> level and kind of municipality. The longest that fits is meant.
HEADINGS = {
    "консолидированный бюджет субъекта Российской Федерации и": ("consolidated_with_fund", ""),
    "консолидированный бюджет субъекта Российской Федерации": ("consolidated", ""),
    "суммы, подлежащие исключению в рамках консолидированного бюджета субъекта Российской Федерации и": ("excluded_with_fund", ""),
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
}  # fmt: skip

#: Columns without which the form cannot be read: each entry names alternatives.
NEEDED = (
    {("consolidated", "")}, {("excluded", "")}, {("subject", "")}, {("local", "okrugs")}, {("local", "districts")},
    {("local", "urban_settlements"), ("local", "settlements")}, {("local", "rural_settlements"), ("local", "settlements")},
)  # fmt: skip
MEASURES = ("approved", "executed")
_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")  # fmt: skip
_UNITS = {"383": 1.0, "384": 1e3, "385": 1e6}
_AGAIN = "Get the form as published."


@dataclass(frozen=True)
class Form:
    """One form: whose budget, of which period, and its expenditure.

    Attributes
    ----------
    file, sha256 : the file's name as the user can open it, and the hash of its bytes
    date : the form's date, ISO; a form of 1 January reports the year before as a whole
    periodicity : "year" or "month", as the form says ("" where it does not)
    budget, oktmo : whose budget, as the form says it
    region : the subject of the Federation; its Russian name, or the form's own words where it is not known
    unit : roubles in one unit of the form (1, 1000, ...); `table` is in roubles
    table : one row a line of the form and budget-level column: `region, date, section, subsection, target_item, expenditure_type,
        name, level, kind_of_municipality, approved, executed, row`. `section` is "" for the grand total, `subsection` "" for a section's
        total. Levels are subject, local, fund, and what is made of them: consolidated, excluded, ...; never add levels.
    checks : the form against itself, from `check_form`
    """

    file: str
    sha256: str
    date: str
    periodicity: str
    budget: str
    oktmo: str
    region: str
    unit: float
    table: pd.DataFrame
    checks: pd.DataFrame
    problems: tuple[Problem, ...] = field(default=())

    @property
    def year(self) -> int:
        """The year that the form reports on."""
        told = date.fromisoformat(self.date)
        return told.year - (told.month == 1)

    @property
    def months(self) -> int:
        """How many months of the year it covers: 12 for a form of 1 January."""
        return (date.fromisoformat(self.date).month - 2) % 12 + 1


def read_form(path: Path | str, strict: bool = True) -> Form:
    """Read and check the expenditure part of a form 0503317 (.xls or .xlsx).

    Parameters
    ----------
    path : the file
    strict : raise where the form's sums do not add up; otherwise they stand in `Form.problems` and the failures in `Form.checks`

    Raises
    ------
    DataError
        The file cannot be read, is another form, lacks the expenditure part or the column of a level, has a text where an amount
        is due, the same line twice, or sums that do not add up (each with its row).
    """
    path = Path(path)
    book = open_workbook(path)
    head = _head(book)
    blocks = _blocks(book, head["date"])
    lines = _joined(book.shown, blocks)
    failures, checks = check_sums(lines, book.shown, 0.005 * head["unit"])
    if failures and strict:
        raise DataError(failures)
    region = head["region"].name_ru if head["region"] is not None else head["budget"]
    table = _long(lines, region, head["date"], head["unit"])
    return Form(book.shown, book.sha256, head["date"], head["periodicity"], head["budget"], head["oktmo"], region,
                head["unit"], table, checks, tuple(failures) + _strange(lines, book.shown))  # fmt: skip


def check_form(form: Form) -> pd.DataFrame:
    """Return how a form fits together with itself.

    Returns
    -------
    One row a check: `check` (what adds up to what), `compared` (how many sums: lines × budget columns × approved and executed),
    `failed`, `largest_difference` in roubles. Where the form has no parts for a check, `compared` is 0.
    """
    return form.checks


def read_forms(paths: Iterable[Path | str], jobs: int = 0, strict: bool = True) -> list[Form]:
    """Read many forms, several at a time.

    Parameters
    ----------
    paths : the files
    jobs : processes at the same time; 0: as many as cores, 1: none besides this one
    strict : as in `read_form`

    Raises
    ------
    DataError
        All that is wrong in all files together.
    """
    files = [Path(path) for path in paths]
    if jobs == 1 or len(files) < 8:  # a handful is read before the processes have started
        found = [_tried(file, strict) for file in files]
    else:
        with ProcessPoolExecutor(max_workers=jobs or None) as pool:
            found = list(
                pool.map(_tried, files, repeat(strict), chunksize=max(1, min(16, len(files) // 16)))
            )
    if problems := [problem for one in found if isinstance(one, tuple) for problem in one]:
        raise DataError(problems)
    return [one for one in found if isinstance(one, Form)]


def _tried(path: Path, strict: bool) -> Form | tuple[Problem, ...]:
    try:
        return read_form(path, strict)
    except CsspError as error:
        return error.problems or (Problem(str(path), str(error), ""),)


def _squash(text: object) -> str:
    """Return the letters of a heading: no case, spaces, hyphens or line breaks (headings are hyphenated to fit)."""
    return re.sub(r"[\s\-\u00ad]+", "", fold(text))


_BY_LENGTH = sorted(((_squash(key), place) for key, place in HEADINGS.items()), key=lambda pair: -len(pair[0]))  # fmt: skip


def _head(book: Workbook) -> dict[str, Any]:
    """Return what the form's head says, from the first sheet that has one."""
    shown = book.shown
    rows, number = [], ""
    for sheet in book.sheet_names:
        rows = book.rows(sheet, 40)
        number = _beside(rows, "формапоокуд")
        if number:
            break
    number = number.removesuffix(".0").zfill(7) if number else ""
    if number != FORM:
        what = f"This is not form {FORM}, but {number}." if number else f"This is not form {FORM}: there is no form number in its head."  # fmt: skip
        raise DataError(Problem(shown, what, "Give the Treasury's form 0503317."))
    told = _beside(rows, "дата")
    day = _as_date(told) or _as_date(next((str(c) for row in rows for c in row if fold(c).startswith("на ") and _as_date(c)), ""))  # fmt: skip
    if day is None:
        raise DataError(Problem(shown, f"The form's date was not found{f' ({told})' if told else ''}.", _AGAIN))
    if day.day != 1:
        raise DataError(Problem(shown, f"The form's date is {day.isoformat()}; a report is of the first day of a month.", _AGAIN))  # fmt: skip
    unit = _UNITS.get(_beside(rows, "поокеи").removesuffix(".0"))
    worded = next(
        (fold(c) for row in rows for c in row if _squash(c).startswith("единицаизмерения")), "руб"
    ).replace("единица измерения", "")
    worded_unit = 1e6 if "млн" in worded else 1e3 if "тыс" in worded else 1.0
    if unit is not None and unit != worded_unit and worded != "руб":
        raise DataError(
            Problem(shown, f"The form's unit is told twice and differently ({worded.strip(' :')}).", _AGAIN)
        )
    period = next(
        (fold(c) for row in rows for c in row if isinstance(c, str) and fold(c).startswith("периодичность")),
        "",
    )
    budget, oktmo = _beside(rows, "наименованиебюджета"), _beside(rows, "пооктмо").removesuffix(".0")
    return {
        "date": day.isoformat(),
        "unit": worded_unit if unit is None else unit,
        "periodicity": "year" if "год" in period else "month" if "месяч" in period else "",
        "budget": budget,
        "oktmo": oktmo,
        "region": _whose(budget, oktmo, shown),
    }


def _whose(budget: str, oktmo: str, shown: str) -> Region | None:
    """Return the subject that the form is of, by its OKTMO code and by name; both must mean the same."""
    by_code = region_of(oktmo)
    try:
        by_name: Region | None = find_region(budget) if budget else None
    except DataError:
        by_name = None
    if by_code is not None and by_name is not None and by_code != by_name:
        raise DataError(
            Problem(
                shown,
                f"The form is of '{budget}', but its OKTMO code {oktmo} is of {by_code.name_en}.",
                _AGAIN,
                value=oktmo,
            )
        )
    return by_code or by_name


def _beside(rows: Rows, label: str) -> str:
    """Return what stands right of a label in the form's head; empty where there is no such label."""
    for row in rows:
        for position, cell in enumerate(row):
            if isinstance(cell, str) and _squash(cell).rstrip(":") == label:
                found = next((value for value in row[position + 1 :] if value not in ("", None)), "")
                return found.isoformat() if isinstance(found, date) else str(found).strip()
    return ""


def _as_date(text: object) -> date | None:
    """Return 01.01.2022, 2022-01-01 or 'на 1 января 2022 г.' as a date."""
    if isinstance(text, datetime):
        return text.date()
    told = fold(text)
    try:
        if found := re.search(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", told):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.search(r"\b(\d{4})-(\d\d)-(\d\d)", told):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.search(r"\b(\d{1,2}) ([а-я]+) (\d{4})\b", told):
            month = next((n for n, start in enumerate(_MONTHS, 1) if found[2].startswith(start) and len(found[2]) <= len(start) + 2), 0)  # fmt: skip
            return date(int(found[3]), month, int(found[1])) if month else None
    except ValueError:
        return None
    return None


@dataclass(frozen=True)
class _Block:
    """One table of the form: the lines' codes and names, and the amounts of one measure."""

    measure: str
    keys: list[tuple[str, str, str]]
    names: list[str]
    rows: np.ndarray
    places: list[tuple[str, str]]
    amounts: np.ndarray


def _blocks(book: Workbook, day: str) -> list[_Block]:
    """Return the tables of expenditure; approved and executed amounts stand side by side or on sheets of their own."""
    found: list[_Block] = []
    for sheet in book.sheet_names:
        top_rows = book.rows(sheet, 60)
        if any(_squash(cell).startswith("кодрасхода") for row in top_rows for cell in row if cell):
            found += _sheet_blocks(book.rows(sheet), book.shown, day)
        elif any(_squash(cell).startswith("1.доходы") for row in top_rows for cell in row if cell):
            rows = book.rows(sheet)  # one long sheet with all parts
            if any(_squash(cell).startswith("кодрасхода") for row in rows for cell in row if isinstance(cell, str)):  # fmt: skip
                found += _sheet_blocks(rows, book.shown, day)
    if not found:
        raise DataError(Problem(book.shown, "The form has no expenditure part ('2. Расходы бюджета').", "Get the whole form."))  # fmt: skip
    for measure, told in (("approved", "Утвержденные бюджетные назначения"), ("executed", "Исполнено")):
        if not any(block.measure == measure for block in found):
            raise DataError(Problem(book.shown, f"The heading '{told}' was not found.", _AGAIN))
    return found


def _sheet_blocks(rows: Rows, shown: str, day: str) -> list[_Block]:
    top = next(i for i, row in enumerate(rows) if any(_squash(cell).startswith("кодрасхода") for cell in row if cell))  # fmt: skip
    heads = [_squash(cell) for cell in rows[top]]
    below = rows[top + 1 : top + 4]
    places: dict[int, tuple[str, str]] = {}
    for position in range(len(heads)):
        for row in below:
            text = _squash(row[position]) if position < len(row) else ""
            word = next((place for key, place in _BY_LENGTH if text.startswith(key)), None)
            if word is not None:
                places.setdefault(position, word)
    codes = [i for i, text in enumerate(heads) if text.startswith("кодрасхода")]
    names = [i for i, text in enumerate(heads) if text.startswith("наименованиепоказателя")]
    line = next((i for i, text in enumerate(heads) if text.startswith("кодстроки")), None)
    if not names or line is None:
        absent = "Наименование показателя" if not names else "Код строки"
        raise DataError(Problem(shown, f"The heading '{absent}' was not found.", _AGAIN, row=top + 1))
    starts = sorted(
        (i, measure)
        for measure, word in (("approved", "утвержденныебюджетные"), ("executed", "исполнено"))
        for i, text in enumerate(heads)
        if text.startswith(word)
    )
    body = rows[top + 1 :]
    last = next((i for i, row in enumerate(body) if str(row[line]).strip().removesuffix(".0") == "450"), len(body))  # fmt: skip
    body = body[:last]
    found: list[_Block] = []
    kept: tuple[list[int], list[tuple[str, str, str]]] | None = None
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
        picked = kept[0]
        amounts = _amounts([[body[i][c] for c in columns] for i in picked], picked, top + 2, columns, shown)
        found.append(
            _Block(measure, kept[1], [str(body[i][name]).strip() for i in picked], np.array(picked) + top + 2,
                   *_added(places_here, amounts))  # fmt: skip
        )
    return found


def _all_levels(places: list[tuple[str, str]], measure: str, shown: str, top: int) -> None:
    for needed in NEEDED:
        if not needed & set(places):
            level, kind = min(needed)
            heading = next(key for key, place in HEADINGS.items() if place == (level, kind))
            raise DataError(
                Problem(
                    shown,
                    f"The form has no column '{heading}' ({kind or level}) among the {measure} amounts.",
                    _AGAIN,
                    row=top + 2,
                )
            )


def _added(places: list[tuple[str, str]], amounts: np.ndarray) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Add columns of the same kind (urban and municipal okrugs may have one each)."""
    distinct = list(dict.fromkeys(places))
    if len(distinct) == len(places):
        return places, amounts
    return distinct, np.column_stack(
        [amounts[:, [i for i, own in enumerate(places) if own == place]].sum(axis=1) for place in distinct]
    )


def _keys(
    parts: list[list[Any]], lines: list[Any], day: str
) -> tuple[list[int], list[tuple[str, str, str]]]:
    """Return which rows are lines of expenditure, and their section, target item and type."""
    picked: list[int] = []
    keys: list[tuple[str, str, str]] = []
    total_seen = False
    for place, (cells, line) in enumerate(zip(parts, lines, strict=True)):
        # the usual layout has a cell each for chief, section, target item and type
        if len(cells) == 4 and len(cells[0]) == 3 and len(cells[1]) == 4 and len(cells[2]) == 10 and len(cells[3]) == 3 if all(type(c) is str for c in cells) else False:  # fmt: skip
            picked.append(place)
            keys.append((cells[1], cells[2], cells[3]))
            continue
        told = str(line).strip().removesuffix(".0")
        if told == "200" and not total_seen:
            total_seen = True
            picked.append(place)
            keys.append(("", "", ""))
            continue
        if (key := _one_key(cells, int(day[:4]))) is not None:
            picked.append(place)
            keys.append(key)
    return picked, keys


def _one_key(cells: list[Any], year: int) -> tuple[str, str, str] | None:
    """Return section, target item and type of a code that stands in one cell or several, with or without spaces; None for no code."""
    tokens = " ".join(_token(cell) for cell in cells if cell not in ("", None)).split()
    if len(tokens) == 1 and tokens[0].isalnum():
        text = tokens[0]
        widths = {17: (3, 4, 7, 3), 20: (3, 4, 10, 3) if year > 2016 else (3, 4, 7, 3, 3), 23: (3, 4, 10, 3, 3)}.get(len(text))  # fmt: skip
        if widths is None:
            return None
        ends = np.cumsum(widths).tolist()
        tokens = [text[end - width : end] for end, width in zip(ends, widths, strict=True)]
    if len(tokens) > 4 and len(tokens[1]) == 4:  # a target item in groups: 000 0100 01 2 03 00000 000
        middle = "".join(tokens[2:-1])
        if len(middle) == 10:
            tokens = [*tokens[:2], middle, tokens[-1]]
    if len(tokens) == 3 and len(tokens[0]) == 4:
        tokens = ["000", *tokens]
    if len(tokens) not in (4, 5) or not re.fullmatch(r"\d{4}", tokens[1]) or not re.fullmatch(r"\d{3}", tokens[3]):  # fmt: skip
        return None
    if len(tokens) == 5 and tokens[4] != "000":
        return None  # before 2016 a line could be split again by the economic classification
    return tokens[1], tokens[2], tokens[3]


def _token(cell: Any) -> str:
    """Return a code's cell as text; a spreadsheet may have made a number of it and lost its zeros."""
    if isinstance(cell, float | int):
        text = str(int(cell))
        return text.zfill(3 if len(text) <= 3 else 4 if len(text) == 4 else 10) if cell else "000"
    return str(cell).strip()


def _amounts(
    cells: list[list[Any]], rows: list[int], offset: int, columns: list[int], shown: str
) -> np.ndarray:
    """Return the amounts as numbers; blank is zero, as the form writes nothing where nothing was spent."""
    flat = [
        x if x.__class__ is float else 0.0 if x == "" or x is None else _amount(x) for row in cells for x in row
    ]
    amounts = np.array(flat, dtype=float).reshape(len(cells), len(columns))
    for line, place in np.argwhere(np.isnan(amounts))[:20].tolist():
        cell = cells[line][place]
        raise DataError(
            Problem(shown, f"'{cell}' is text where an amount is due.", _AGAIN, row=rows[line] + offset,
                    column=_letters(columns[place]), value=str(cell))
        )  # fmt: skip
    return amounts


def _amount(cell: Any) -> float:
    if isinstance(cell, str) and cell.strip() in ("", "-", "–", "—", "х", "x", "Х", "X"):
        return 0.0
    number = to_number(cell, "," if isinstance(cell, str) and "," in cell else None)
    return float("nan") if number is None else number


def _letters(column: int) -> str:
    """Return a column as spreadsheets name it.

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _joined(shown: str, blocks: list[_Block]) -> Lines:
    """Put approved and executed amounts beside each other, line by line."""
    by_measure: dict[str, list[_Block]] = {measure: [b for b in blocks if b.measure == measure] for measure in MEASURES}  # fmt: skip
    parts = {}
    for measure, own in by_measure.items():
        keys = [key for block in own for key in block.keys]
        rows = np.concatenate([block.rows for block in own])
        places = own[0].places
        if any(block.places != places for block in own[1:]):
            raise DataError(Problem(shown, f"The {measure} amounts have other columns from one page to the next.", _AGAIN))  # fmt: skip
        parts[measure] = (
            keys,
            rows,
            places,
            np.concatenate([b.amounts for b in own]),
            [n for b in own for n in b.names],
        )
    keys, rows, places, approved, names = parts["approved"]
    keys_e, rows_e, places_e, executed, names_e = parts["executed"]
    for found, numbers in ((keys, rows), (keys_e, rows_e)):
        first: dict[tuple[str, str, str], int] = {}
        for place, key in enumerate(found):
            if key in first:
                raise DataError(
                    Problem(shown, f"The line {' '.join(key) or '200'} stands there twice; the other is on row {numbers[first[key]]}.",
                            _AGAIN, row=int(numbers[place]), value=" ".join(key))
                )  # fmt: skip
            first[key] = place
    if set(places) != set(places_e):
        raise DataError(Problem(shown, "Approved and executed amounts have different columns.", _AGAIN))
    executed = executed[:, [places_e.index(place) for place in places]]
    if keys != keys_e:  # a line may have a plan and no execution, or the reverse
        union = list(dict.fromkeys([*keys, *keys_e]))
        where, where_e = ({key: i for i, key in enumerate(k)} for k in (keys, keys_e))
        names = [names[where[k]] if k in where else names_e[where_e[k]] for k in union]
        rows = np.array([rows[where[k]] if k in where else rows_e[where_e[k]] for k in union])
        approved, executed = (
            np.array([a[w[k]] if k in w else np.zeros(a.shape[1]) for k in union])
            for a, w in ((approved, where), (executed, where_e))
        )
        keys = union
    return Lines(keys, names, rows, places, np.stack([approved, executed], axis=2))


def _long(lines: Lines, region: str, day: str, unit: float) -> pd.DataFrame:
    """Return the form's table: one row a line and budget-level column."""
    n, width = lines.amounts.shape[:2]

    def each(values: list[str]) -> pd.Categorical:
        """A column that repeats the lines' values for every budget-level column."""
        codes, names = pd.factorize(np.array(values, dtype=object))
        return pd.Categorical.from_codes(np.tile(codes, width), names)

    def whole(values: list[str]) -> pd.Categorical:
        codes, names = pd.factorize(np.array(values, dtype=object))
        return pd.Categorical.from_codes(np.repeat(codes, n), names)

    sections = [key[0] for key in lines.keys]
    return pd.DataFrame(
        {
            "region": pd.Categorical.from_codes(np.zeros(n * width, dtype=np.int8), [region]),
            "date": pd.Categorical.from_codes(np.zeros(n * width, dtype=np.int8), [day]),
            "section": each([s[:2] + "00" if s else "" for s in sections]),
            "subsection": each(["" if s.endswith("00") else s for s in sections]),
            "target_item": each([key[1] for key in lines.keys]),
            "expenditure_type": each([key[2] for key in lines.keys]),
            "name": each(lines.names),
            "level": whole([level for level, _ in lines.places]),
            "kind_of_municipality": whole([kind for _, kind in lines.places]),
            "approved": lines.amounts[:, :, 0].T.ravel() * unit,
            "executed": lines.amounts[:, :, 1].T.ravel() * unit,
            "row": np.tile(lines.rows, width),
        }
    )


def _strange(lines: Lines, shown: str) -> tuple[Problem, ...]:
    """Return warnings of what may be right: negative spending, which is a refund of an earlier year."""
    own = [i for i, (level, _) in enumerate(lines.places) if level in ("subject", "local")]
    spent = lines.amounts[:, own, 1]
    found = []
    for line, place in np.argwhere(spent < 0).tolist():
        level, kind = lines.places[own[place]]
        code = " ".join(lines.keys[line])
        found.append(
            Problem(shown, f"The {kind or level} budgets executed {spent[line, place]:.2f} on {code}: less than nothing.",
                    "It is kept: a refund of earlier years is booked this way.", row=int(lines.rows[line]),
                    value=f"{spent[line, place]:.2f}", severity="warning")
        )  # fmt: skip
    return tuple(found)


def npo_spending(form: Form, types: Iterable[str] = ("630",), population: float | None = None) -> pd.DataFrame:
    """Sum the expenditure of some types over subsections, by level and kind of municipality.

    Type 630 is 'subsidies to non-profit organisations other than state and municipal institutions': all of them, not only the
    socially oriented. 631 to 634 are its elements, so 630 and 631 together would count money twice and are refused.

    Parameters
    ----------
    form : from `read_form`
    types : expenditure types, three digits; the choice is the study's
    population : residents of the region, for `per_resident`

    Returns
    -------
    One row for the subject's own budget and each kind of local budget: `region, date, year, level, kind, support, support_approved,
    expenditure, share` (of support in expenditure; missing where nothing was spent), `per_resident` (missing without a population), `note`
    ("negative: a refund" where support is below zero). Amounts are executed, in roubles.

    Raises
    ------
    ScoringError
        Types that hold one another, a type that is none, a population that is not above zero.
    """
    wanted = list(dict.fromkeys(types))
    for code in wanted:
        if not re.fullmatch(r"[1-9]\d\d", code):
            raise ScoringError(f"'{code}' is not an expenditure type; write three digits, e.g. 630.")
        for other in wanted:
            stem = other.rstrip("0")
            if other != code and code.startswith(stem):
                raise ScoringError(
                    f"Type {other} holds type {code}: together they would count the same money twice."
                )
    if population is not None and not population > 0:
        raise ScoringError(
            f"A population of {population:g} gives no rate per resident; it must be above zero."
        )
    table = form.table[form.table["level"].isin(["subject", "local"])]
    plain = table["target_item"].astype(str).str.strip("0") == ""
    cut = table[(table["subsection"] != "") & table["expenditure_type"].isin(wanted)]
    hidden = set(cut["subsection"][~plain]) - set(cut["subsection"][plain])
    if hidden:
        raise ScoringError(f"{form.file}: the subsection {min(hidden)} gives the type by target items only; a sum could count it twice.")  # fmt: skip
    keys = ["level", "kind_of_municipality"]
    own = cut[plain.reindex(cut.index)].groupby(keys, sort=False, observed=True)[["executed", "approved"]].sum()  # fmt: skip
    whole = table[table["section"] == ""].groupby(keys, sort=False, observed=True)["executed"].sum()
    found = pd.DataFrame({"support": own["executed"], "support_approved": own["approved"]}).reindex(whole.index, fill_value=0.0)  # fmt: skip
    found["expenditure"] = whole
    found = found.reset_index().rename(columns={"kind_of_municipality": "kind"})
    found[["level", "kind"]] = found[["level", "kind"]].astype(str)
    found["share"] = found["support"] / found["expenditure"].where(found["expenditure"] != 0)
    found["per_resident"] = np.nan if population is None else found["support"] / population
    found["note"] = np.where(found["support"] < 0, "negative: a refund", "")
    for place, (name, value) in enumerate({"region": form.region, "date": form.date, "year": form.year}.items()):  # fmt: skip
        found.insert(place, name, value)
    return found


def form_summary(forms: Iterable[Form]) -> pd.DataFrame:
    """Return what was read and how it fits: one row a form and check.

    Returns
    -------
    `file, region, date, periodicity`, then the columns of `check_form`.
    """
    return summary((form.file, form.region, form.date, form.periodicity, form.checks) for form in forms)
