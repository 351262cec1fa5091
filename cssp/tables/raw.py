"""A table as it stands in a file, and what is asked of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import DataError, Problem, nearest
from cssp.study.sources import Format, RowFilter
from cssp.tables.service import service


@dataclass(frozen=True)
class AnswerSet:
    """A multiple-response set of an SPSS file.

    Attributes
    ----------
    label : the question
    columns : its variables
    counted : the value that says 'chosen' (a set of dichotomies); None: each variable holds a
        mention, the first, the second, ...
    """

    label: str
    columns: tuple[str, ...]
    counted: Any = None


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in its file.

    Attributes
    ----------
    data : a column a heading; values as text (CSV), or as text and numbers (Excel, SPSS, Parquet);
        None where empty
    rows : for each line of `data` the row in the file (the heading of a sheet is row 1; a case
        number in SPSS)
    labels : column -> {value: label}, where the file has value labels
    declared_missing : column -> values or (low, high) ranges that the file declares as user-missing
    headings : column -> long heading (SPSS variable label), where the file has one
    sets : multiple-response sets that the file declares (SPSS)
    notes : what was left out or named while reading, as warnings
    read_as : how the file was read, in words: `format`, `encoding`, `delimiter`, `decimal`,
        `sheet`, ...
    """

    file: str
    data: pd.DataFrame
    rows: np.ndarray
    labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    declared_missing: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    sets: tuple[AnswerSet, ...] = ()
    notes: tuple[Problem, ...] = ()
    read_as: dict[str, str] = field(default_factory=dict)

    def column(self, name: str) -> pd.Series:
        """Return a column.

        Raises
        ------
        DataError
            The file has no such column; the nearest one is named.
        """
        if name not in self.data.columns:
            raise DataError(self.no_column(name))
        return self.data[name]

    def no_column(self, name: str) -> Problem:
        """Return the problem that a named column is not there."""
        return Problem(
            self.file,
            f"The file has no column '{name}'. {nearest(name, map(str, self.data.columns))}",
            "Correct the name in city.yaml or the file's heading.",
            column=name,
        )


def keep_rows(table: RawTable, rules: Sequence[RowFilter]) -> tuple[RawTable, list[Problem]]:
    """Keep only the rows that `city.yaml` says are the city's.

    Those with one of the told values (or its label) in each column.

    Returns
    -------
    the table without the other rows, and the problems: a column that is not there, or rules that
    leave no row
    """
    problems: list[Problem] = []
    keep = np.ones(len(table.data), dtype=bool)
    for rule in rules:
        try:
            column = table.column(rule.column)
        except DataError as error:
            problems += error.problems
            continue
        wanted = {fold(word) for word in rule.equals}
        labels = table.labels.get(rule.column, {})
        codes, distinct = pd.factorize(column)
        fits = np.array(
            [
                fold(value) in wanted or fold(labels.get(value, value)) in wanted
                for value in distinct
            ]
            + [False]
        )
        keep &= fits[codes]
    if rules and not keep.any() and not problems:
        rule = rules[0]
        problems.append(
            Problem(
                table.file,
                f"No row has {' or '.join(rule.equals)} in this column.",
                "Correct 'rows' in city.yaml.",
                column=rule.column,
            )
        )
    data = table.data[keep].reset_index(drop=True)
    return replace(table, data=data, rows=table.rows[keep]), problems


def fixed(form: Format | None, name: str) -> Any:
    """Return what `city.yaml` fixes of a file's format; None where it fixes nothing."""
    return None if form is None else getattr(form, name) or None


def wrote(table: RawTable) -> str:
    """Return which service wrote a table, and by what it was recognised, in words."""
    label = service(table.read_as.get("layout")).label["en"]
    why = table.read_as.get("layout found by", "nothing that marks a service's export")
    return f"{label} ({why})"


def refuse_repeats(header: list[str], shown: str, form: Format | None) -> None:
    """Number the headings that may repeat, in place (nothing is returned); refuse others that do.

    Returns
    -------
    nothing; `header` is changed

    Raises
    ------
    DataError
        A heading stands twice and `repeats` does not name it.
    """
    for name in fixed(form, "repeats") or []:
        for number, place in enumerate(
            [at for at, own in enumerate(header) if own == name][1:], start=2
        ):
            header[place] = f"{name} ({number})"
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(
            [
                Problem(
                    shown,
                    f"Two columns have the heading '{name}'.",
                    "Rename one of them.",
                    row=1,
                    column=name,
                )
                for name in twice
            ]
        )


def whole_number(cell: Any) -> Any:
    """Return whole numbers as integers: workbooks and SPSS keep them as floats."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


def is_amount(value: object) -> bool:
    """Tell whether a cell holds a number that is no year, which one cell may say for several rows.

    >>> is_amount(500), is_amount("500"), is_amount(2021), is_amount("АНО")
    (True, True, False, False)
    """
    number = to_number(value)
    return number is not None and not (1900 <= number <= 2100 and number == int(number))


def tall_number(file: str, first: int, last: int, value: Any) -> Problem:
    """Return what is said of a number in a cell over several rows.

    >>> tall_number("t.xlsx", 3, 4, 500).row
    3
    """
    return Problem(
        file,
        f"The number {whole_number(value)} stands in one cell over the rows {first} to {last}; it "
        "is read as that of the first.",
        "Write to each row what is its own.",
        first,
        value=str(value),
        severity="warning",
    )


def need(module: str, extra: str, shown: str) -> Any:
    """Return an optional library, imported now, or say how to install it."""
    import importlib  # optional extras are imported where used

    try:
        return importlib.import_module(module)
    except ImportError:
        raise DataError(
            Problem(
                shown,
                f"Reading this kind of file needs the library {module}.",
                f"pip install 'cssp[{extra}]'",
            )
        ) from None


def fold(text: object) -> str:
    """Return a text as labels are compared: no case, no double spaces, no byte-order mark, ё as е.

    >>> fold("  Скорее  ДА, чем\u00a0нёт ") == fold("скорее да, чем нет")
    True
    """
    return " ".join(str(text).replace("\ufeff", "").split()).casefold().replace("ё", "е")


#: Said beside a number such as 1,234, which may be a thousand or a decimal.
AMBIGUOUS = (
    " (a comma before three digits: say which sign is the decimal one under 'format: "
    "decimal' in city.yaml)"
)


def is_ambiguous(value: object) -> bool:
    """Tell whether a text such as 1,234 may be a thousand as well as a decimal number.

    >>> is_ambiguous("1,234"), is_ambiguous("0,125"), is_ambiguous("1,5")
    (True, False, False)
    """
    return isinstance(value, str) and bool(
        re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+", value.strip())
    )


#: Thousands by the sign that is not that of decimals, where that is said: 1,234.5 and 1.234,5.
_THOUSANDS_BY_COMMA = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS_BY_DOT = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")


def to_number(value: object, decimal: str | None = None) -> float | None:
    """Return a cell as a number; a decimal comma and spaces between thousands are fine.

    None if it is no number.

    >>> to_number("1 234,5"), to_number("12"), to_number("twelve")
    (1234.5, 12.0, None)
    >>> to_number("1,5", decimal=".") is None
    True
    >>> to_number("1,234", decimal="."), to_number("1.234,5", decimal=",")
    (1234.0, 1234.5)
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float | np.number):
        number = float(value)
        return number if np.isfinite(number) else None
    if decimal is None and is_ambiguous(value):
        return None
    text = str(value).replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-").strip()
    if " " in text:
        if not re.fullmatch(r"[-+]?\d{1,3}( \d{3})+([.,]\d+)?", text):
            return None  # a space is for thousands only
        text = text.replace(" ", "")
    if "_" in text:
        return None
    if "," in text:
        if decimal == "." and _THOUSANDS_BY_COMMA.fullmatch(text):
            text = text.replace(",", "")
        elif decimal == "," and _THOUSANDS_BY_DOT.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif decimal == "." or "." in text or text.count(",") > 1:
            return None
        text = text.replace(",", ".")
    elif "." in text and decimal == ",":
        if not _THOUSANDS_BY_DOT.fullmatch(text):
            return None
        text = text.replace(".", "")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
