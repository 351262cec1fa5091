"""Which column of a table of territories holds what: names, codes, years, kinds, figures."""

from __future__ import annotations

import re
from typing import NamedTuple

from cssp.draft.city_yaml import quoted
from cssp.draft.indicator_words import indicator_of
from cssp.draft.kind_words import kind_of
from cssp.draft.period_words import years_of
from cssp.draft.table_shape import is_value
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError, Problem
from cssp.tables.raw import RawTable, fold


class Roles(NamedTuple):
    """Which column of a table of territories holds what.

    Attributes
    ----------
    name : of the territory
    oktmo : its code
    year : of the row
    kind : of municipality
    values : the figures
    unused : texts that are none of these
    """

    name: str
    oktmo: str | None
    year: str | None
    kind: str | None
    values: list[str]
    unused: list[str]


#: Headings of the column of names.
_NAMES = re.compile(r"муниципальн|наименован|территор|образован|город|municip|territor|name|town")
#: Columns that say nothing of what the figures are.
_MINOR = re.compile(r"примечан|комментар|источник|note|source|регион|субъект|region|инн|окато")


def columns_told(raw: RawTable, book: IndicatorBook) -> Roles:
    """Tell which column holds what.

    Raises
    ------
    DataError
        There is no column of names, or none of values.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from cssp import load_study
    >>> data = pd.DataFrame({"Город": ["А", "Б"], "Население": [5, 6]}, dtype=object)
    >>> columns_told(RawTable("t.csv", data, np.array([2, 3])), load_study().indicators).values
    ['Население']
    """
    oktmo, year, kind = None, None, None
    texts: list[str] = []
    values: list[str] = []
    data = raw.data[raw.data.notna().sum(axis=1) > 1]
    for column in map(str, data.columns):
        cells = [cell for cell in data[column] if cell is not None and str(cell).strip()]
        heading = fold(column)
        codes = [re.sub(r"\s|\.0$", "", str(cell)) for cell in cells]
        if not cells or re.fullmatch(r"(?:№|n|no)?[\s.]*(?:п[\s./]*п[\s.]*)?|код", heading):
            continue
        if ("октмо" in heading or "oktmo" in heading or "код" in heading) and (
            sum(code.isdecimal() and len(code) in (7, 8, 10, 11) for code in codes)
            > 0.5 * len(codes)
        ):
            oktmo = column
        elif re.fullmatch(r"(?:отчетный )?год|year|период", heading) and all(
            len(years_of(str(cell))) == 1 for cell in codes
        ):
            year = column
        elif sum(map(is_value, cells)) > 0.5 * len(cells) or (
            (indicator := indicator_of(book, column)) and indicator.unit == "yes_no"
        ):
            values.append(column)
        elif re.match(r"тип|вид|kind|type", heading) and all(kind_of(book, str(c)) for c in cells):
            kind = column
        else:
            texts.append(column)
    named = [column for column in texts if _NAMES.search(fold(column))]
    many = [column for column in texts if data[column].nunique() > 0.5 * len(data)]
    name = next(iter([*named, *many, *texts]), "")
    if not name or not values:
        what = "names of territories" if not name else "values"
        raise DataError(
            Problem(
                raw.file,
                f"No column of {what} was found below the headings.",
                "Say where the headings are with --header-row and --heading-rows.",
            )
        )
    return Roles(name, oktmo, year, kind, values, [one for one in texts if one != name])


def _is_yes_no(book: IndicatorBook, column: str) -> bool:
    indicator = indicator_of(book, column)
    return indicator is not None and indicator.unit == "yes_no"


def unused_lines(raw: RawTable, roles: Roles) -> list[str]:
    """Return a line for each column that was not used; one that may part the rows is asked about.

    >>> import numpy as np, pandas as pd
    >>> raw = RawTable("t.csv", pd.DataFrame({"Пол": ["м"]}), np.array([2]))
    >>> len(unused_lines(raw, Roles("Город", None, None, None, ["Население"], ["Пол"])))
    1
    """
    used = {roles.name, roles.oktmo, roles.year, roles.kind, *roles.values}
    lines = []
    for column in map(str, raw.data.columns):
        if column in used:
            continue
        told = list(dict.fromkeys(str(cell) for cell in raw.data[column].dropna()))
        if column in roles.unused and not _MINOR.search(fold(column)):
            shown = ", ".join(map(quoted, told[:3])) + (", ..." if told[3:] else "")
            lines.append(
                f"    # TODO: the column {quoted(column)} ({shown}) was not used: are all rows "
                "meant? Say it under 'rows'"
            )
        else:
            lines.append(f"    # the column {quoted(column)} was not used")
    return lines
