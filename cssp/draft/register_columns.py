"""A register of grants as other people keep it: what its columns hold, which rows are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from cssp.desk.counted_rows import amount_of, is_total, year_of
from cssp.draft.table_shape import numbers_columns
from cssp.tables.raw import RawTable, fold

#: What a column of a register is -> the words of its heading, the surest first.
WORDS: dict[str, tuple[str, ...]] = {
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
    "status": (r"статус|результат|решение|^победител|поддержан|status|outcome|decision",),
    "region": (r"регион|субъект|region",),
    "town": (
        r"муниципальн\w+ (?:образован|округ|район)|город\b|населенн\w+ пункт"
        r"|town|city|municipality",
    ),
    "who": (
        r"организаци|\bнко\b|получател|победител|заявител|grantee|recipient|organi[sz]ation",
    ),
    "project": (r"проект|project|номер заявки|мероприяти",),
}  # fmt: skip
#: Amounts that are not those that were given.
NOT_GIVEN = re.compile(r"запр|софинанс|собственн|общая|requested|total|own ")


def columns_of(raw: RawTable, what: str, fits: Callable[[Any], bool] | None = None) -> list[str]:
    """Return the columns that a heading says are something, the surest first.

    Parameters
    ----------
    raw : the register
    what : a key of `WORDS`
    fits : what more than two thirds of the cells must be; None: anything

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Статус": ["победитель"], "Дата": ["01.02.2021"]})
    >>> columns_of(RawTable("g.csv", data, np.array([2])), "status")
    ['Статус']
    """
    found: list[str] = []
    for words in WORDS[what]:
        for column in map(str, raw.data.columns):
            cells = [cell for cell in raw.data[column] if cell is not None and str(cell).strip()]
            if column in found or not re.search(words, fold(column)) or not cells:
                continue
            if fits is None or sum(map(fits, cells)) > 0.7 * len(cells):
                found.append(column)
    return found


def is_register(raw: RawTable) -> bool:
    """Tell whether a table is a register of grants: whose, how much, and when.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Организация": ["АНО"], "Размер гранта": [5], "Год": [2021]})
    >>> is_register(RawTable("grants.csv", data, np.array([2])))
    True
    """
    raw = grants_of(raw)
    amounts = amounts_of(raw)
    whose = columns_of(raw, "who") or columns_of(raw, "project")
    return bool(amounts and whose and days_of(raw))


def amounts_of(raw: RawTable) -> list[str]:
    """Return the columns of amounts: those that were given before those that were asked for."""
    found = columns_of(raw, "amount", lambda cell: amount_of(cell) is not None)
    return sorted(found, key=lambda one: bool(NOT_GIVEN.search(fold(one))))


def days_of(raw: RawTable) -> list[str]:
    """Return the columns of days or years, the surest first.

    >>> import numpy as np, pandas as pd
    >>> data = pd.DataFrame({"Дата": ["01.02.2021"], "Год": [2021]})
    >>> days_of(RawTable("g.csv", data, np.array([2])))
    ['Год', 'Дата']
    """
    return columns_of(raw, "day", lambda cell: year_of(cell) is not None)


def is_presidential(raw: RawTable) -> bool:
    """Tell whether a register is that of the Presidential Grants Fund, by its own columns."""
    headings = {fold(column) for column in raw.data.columns}
    return {"грантовое направление", "размер гранта", "огрн"} <= headings


def no_grants(raw: RawTable) -> dict[int, str]:
    """Return the rows that are no grant: totals, and numbers of the columns."""
    found = {}
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = list(record.values())
        if any(map(is_total, cells)):
            found[row] = "a total"
        elif numbers_columns(cells):
            found[row] = "it numbers the columns"
        elif sum(cell is not None for cell in cells) == 1 and len(cells) > 2:
            found[row] = "the heading of a part"
    return found


def grants_of(raw: RawTable) -> RawTable:
    """Return a register without the rows that are no grant."""
    keep = ~np.isin(raw.rows, list(no_grants(raw)))
    return replace(raw, data=raw.data[keep].reset_index(drop=True), rows=raw.rows[keep])


def distinct(cells: Iterable[Any]) -> list[str]:
    """Return the different texts of cells, in their order.

    >>> distinct(["a ", None, "b", "a"])
    ['a', 'b']
    """
    return list(dict.fromkeys(str(cell).strip() for cell in cells if cell is not None))
