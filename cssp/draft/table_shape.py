"""Where a table of territories begins: its title, its rows of headings, rows that only count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cssp.study.problems import DataError, Problem, short_path
from cssp.study.sources import Format
from cssp.tables.raw import fold, is_ambiguous, to_number
from cssp.tables.read import read_rows
from cssp.tables.rows_to_table import Row

#: Signs that statistical offices write for a value: not known, not possible, none.
SIGNS = frozenset(
    {
        "…",
        "...",
        "..",
        "х",
        "x",
        "-",
        "–",
        "—",
        "нет",
        "к",
        "н/д",
        "н.д.",
        "нет данных",
        "нет сведений",
        "n/a",
    }
)
#: A number with the mark of a footnote behind it.
_MARKED = re.compile(r"[\d\s.,]+\s*(?:\d\)|\*+|[¹²³⁴⁵]+\)?)")
#: A heading that is a year: "2019", "2019 г.".
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s*(?:г\.?|год))?")
#: Words of headings above names and codes.
_HEADING = re.compile(
    r"наименован|территор|муниципальн\w+ образован|показател|единиц|ед\. ?изм|октмо|\bкод|субъект"
    r"|\bрегион|№|\bгод|municipalit|territor|name|code|region|unit|year|indicator"
)


@dataclass(frozen=True)
class Shape:
    """Where a table's headings stand, in the rows of its file.

    Attributes
    ----------
    header_row : the first row of the headings
    heading_rows : how many rows they are
    skip_rows : rows that only number the columns
    title : what stands above the headings
    """

    header_row: int
    heading_rows: int
    skip_rows: tuple[int, ...]
    title: tuple[str, ...]


def is_value(cell: Any) -> bool:
    """Tell whether a cell holds a value of a table of figures: a number, or a sign for one.

    >>> [is_value(cell) for cell in (12, "1 234,5", "1,234", "…", "х", "город Вологда", None)]
    [True, True, True, True, True, False, False]
    """
    if cell is None or isinstance(cell, bool | date | datetime):
        return False
    return (
        to_number(cell) is not None
        or is_ambiguous(cell)
        or fold(cell) in SIGNS
        or bool(_MARKED.fullmatch(str(cell).strip()))
        or bool(re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", str(cell).strip()))
    )


def _texts(cells: Sequence[Any]) -> list[tuple[int, Any]]:
    """Return the cells of a row that hold anything, with their places."""
    return [
        (at, cell) for at, cell in enumerate(cells) if cell is not None and str(cell).strip() != ""
    ]


def numbers_columns(cells: Sequence[Any]) -> bool:
    """Tell whether a row only numbers the columns: 1 2 3 4, or А 1 2 3.

    >>> numbers_columns(["А", "Б", 1, 2, 3]), numbers_columns(["town", 1, 2])
    (True, False)
    """
    told = [fold(cell).removesuffix(".0") for _, cell in _texts(cells)]
    numbers = [int(text) for text in told if text.isdecimal()]
    letters = [text for text in told if not text.isdecimal()]
    if told in (["а", "1"], ["a", "1"], ["1", "2"]):
        return True
    return (
        len(told) > 2
        and len(numbers) > 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in (1, 2)
        and all(len(text) == 1 for text in letters)
    )


def _years_only(row: Sequence[Any]) -> bool:
    """Tell whether the figures of a row are years that head its columns."""
    cells = [(fold(cell).removesuffix(".0"), is_value(cell)) for _, cell in _texts(row)]
    years = [text for text, _ in cells if _YEAR.fullmatch(text)]
    others = [text for text, value in cells if not _YEAR.fullmatch(text) and not value]
    return (
        bool(years)
        and len(years) + len(others) == len(cells)
        and all(_HEADING.search(text) or re.search(r"(?:19|20)\d\d", text) for text in others)
    )


def _holds_data(cells: Sequence[Any]) -> bool:
    """Tell whether a row is one of a territory: a name, and figures to the right of it."""
    filled = _texts(cells)
    names = [at for at, cell in filled if not is_value(cell)]
    figures = [at for at, cell in filled if is_value(cell)]
    return (
        bool(names)
        and bool(figures)
        and min(names) < max(figures)
        and not _years_only(cells)
        and not numbers_columns(cells)
    )


def shape_of(path: Path, form: Format | None = None) -> Shape:
    """Tell where the headings of a table of territories stand.

    Parameters
    ----------
    path : a CSV, a workbook or a document of Word
    form : what is said of it; `header_row` and `heading_rows` are taken as they are

    Raises
    ------
    DataError
        The file cannot be read, or no row of it holds a name and figures below headings.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "table.csv"
    ...     rows = "Residents of the region;;\\nTerritory;2019;2020\\nA town;5;6\\n"
    ...     _ = file.write_text(rows, encoding="utf-8")
    ...     shape = shape_of(file)
    >>> shape.header_row, shape.heading_rows, shape.title
    (2, 1, ('Residents of the region',))
    """
    rows, _ = read_rows(path, form)
    skip = tuple(form.skip_rows) if form is not None else ()
    rows = [row for row in rows if row[0] not in skip]
    data = next((at for at, (_, cells) in enumerate(rows) if _holds_data(cells)), None)
    if data is None or data == 0:
        raise DataError(
            Problem(
                short_path(path),
                "No row was found that holds the name of a territory and figures below headings.",
                "Say where the headings are with --header-row and --heading-rows.",
            )
        )
    first, end = _headings(rows, data)
    if form is not None and form.header_row is not None:
        first = next((at for at, row in enumerate(rows) if row[0] == form.header_row), first)
    block = rows[first:end]
    counting = tuple(number for number, cells in rows[first:data] if numbers_columns(cells))
    count = sum(number not in counting for number, _ in block)
    if form is not None and form.heading_rows is not None:
        count = form.heading_rows
    title = tuple(str(cell).strip() for _, cells in rows[:first] for _, cell in _texts(cells))
    return Shape(rows[first][0], max(count, 1), (*skip, *counting), title)


def _headings(rows: Sequence[Row], data: int) -> tuple[int, int]:
    """Return the places of the first row of headings, and of the first row below them."""
    names = next(at for at, cell in _texts(rows[data][1]) if not is_value(cell))

    def heads(cells: Sequence[Any]) -> bool:  # a title, or the heading of a group, stands alone
        filled = _texts(cells)
        return len(filled) > 1 or (bool(filled) and filled[0][0] > names)

    end = data
    while end > 0 and not heads(rows[end - 1][1]):
        end -= 1
    if end == 0:
        return data - 1, data
    first = end - 1
    while first > 0 and heads(rows[first - 1][1]):
        first -= 1
    last = first + 1  # a further row of headings has no name of its own; one that has is data
    while last < end and _goes_on(rows[first][1], rows[last][1], names):
        last += 1
    return first, last


def _goes_on(above: Sequence[Any], below: Sequence[Any], names: int) -> bool:
    """Tell whether a row goes on with the headings above it: nothing new stands over the names."""
    own, other = (
        "" if names >= len(row) or row[names] is None else fold(row[names])
        for row in (below, above)
    )
    return (
        own in ("", other)
        or bool(_HEADING.search(own))
        or _years_only(below)
        or numbers_columns(below)
    )
