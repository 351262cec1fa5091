"""From what stands in a survey's file to answer codes.

By the study's maps, by code, by label, never by guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import Problem, nearest
from cssp.study.questionnaire import AnswerScale, Item
from cssp.tables.raw import AMBIGUOUS, RawTable, fold, is_ambiguous, to_number

YES = {
    fold(word)
    for word in (
        "1",
        "true",
        "yes",
        "да",
        "x",
        "х",
        "+",
        "selected",
        "checked",
        "выбрано",
        "quoted",
    )
}
NO = {
    fold(word)
    for word in (
        "0",
        "false",
        "no",
        "нет",
        "-",
        "not selected",
        "unchecked",
        "не выбрано",
        "not quoted",
    )
}


@dataclass
class Finding:
    """One value of a column that does not fit: what is wrong, what to do, on which rows."""

    what: str
    remedy: str
    value: str
    rows: np.ndarray
    severity: str = "error"


def decode(
    column: pd.Series, rows: np.ndarray, meaning: Callable[[object], tuple[object, Finding | None]]
) -> tuple[list[object], list[Finding]]:
    """Translate a column value by value.

    Each distinct value is looked at once, not each respondent.

    Parameters
    ----------
    column : raw values
    rows : their rows in the file
    meaning : distinct value -> (its meaning or None, what is wrong with it or None)

    Returns
    -------
    the meanings, aligned with `column`, and the findings with their rows
    """
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    meanings: list[object] = []
    findings: list[Finding] = []
    for position, value in enumerate(distinct):
        result, finding = meaning(value)
        meanings.append(result)
        if finding is not None:
            finding.rows = rows[codes == position]
            findings.append(finding)
    table = np.array([*meanings, None], dtype=object)
    return list(table[codes]), findings


def is_declared(value: object, ranges: Iterable[tuple[Any, Any]]) -> bool:
    """Tell whether the file itself declares a value as missing (SPSS user-missing values and
    ranges).
    """
    for low, high in ranges:
        try:
            if low <= value <= high:
                return True
        except TypeError:
            continue
    return False


def is_blank(value: object, missing: Iterable[str]) -> bool:
    """Tell whether a cell is empty or holds a word that the study declares as missing."""
    return value is None or value is pd.NA or fold(value) == "" or fold(value) in missing


class ScaleReader:
    """Reads the answers of one ordinal or single-choice item.

    A value is looked up in this order: the item's map and the map of its scale in `city.yaml`; the
    words declared as
    missing; the scale's codes; its labels in any language. A value label of the file that says
    otherwise than the
    scale's label is a contradiction and reported; what the file declares as missing and the scale
    does not know is
    counted as missing with a warning.
    """

    def __init__(
        self,
        item: Item,
        scale: AnswerScale,
        scale_name: str,
        maps: list[dict[Any, Any]],
        missing: set[str],
        table: RawTable,
        column: str,
    ) -> None:
        self.item = item
        self.scale = scale
        self.scale_name = scale_name
        self.missing = missing
        self.codes = set(scale.all_codes)
        self.given: dict[str, Any] = {}
        for given in reversed(maps):
            self.given.update({fold(key): code for key, code in given.items()})
        self.by_label: dict[str, int] = {}
        for answer in scale.entries:
            for text in answer.label.values():
                self.by_label.setdefault(fold(text), answer.code)
        self.file_labels = table.labels.get(column, {})
        self.declared_missing = table.declared_missing.get(column, [])

    def __call__(self, value: object) -> tuple[object, Finding | None]:
        """Return the code of a value, None for missing, and what is wrong with it."""
        text = fold(value)
        label = self.file_labels.get(value)
        for word in (text, None if label is None else fold(label)):
            if word is not None and word in self.given:
                return self._checked(self.given[word], value)
        if is_blank(value, self.missing):
            return None, None
        number = to_number(value)
        code = (
            int(number)
            if number is not None and number.is_integer() and int(number) in self.codes
            else None
        )
        labelled = self.by_label.get(fold(label)) if label is not None else self.by_label.get(text)
        if code is not None and label is not None and labelled is not None and labelled != code:
            return None, self._finding(
                f"the file labels {value} as '{label}', which is the answer {labelled} of the "
                f"scale '{self.scale_name}'.",
                "Say under 'values' in city.yaml which code is meant.",
                value,
            )
        if label is None and labelled is not None and code is None:
            return labelled, None
        if label is None and labelled is not None and code is not None and labelled != code:
            return None, self._finding(
                f"'{value}' is the code of one answer of the scale '{self.scale_name}' and the "
                f"label of another ({labelled}).",
                "Say under 'values' in city.yaml which is meant, or give the answer its own number "
                "as code.",
                value,
            )
        if code is not None:
            if label is not None and labelled is None and to_number(label) != number:
                return code, Finding(
                    f"the file labels {value} as '{label}', which is not the scale's label of the "
                    f"answer {code}; the code was taken.",
                    "Compare the two; map the value under 'values' in city.yaml if another answer "
                    "is meant.",
                    str(value),
                    np.array([]),
                    "warning",
                )
            return code, None
        if labelled is not None:
            return labelled, None
        if is_declared(value, self.declared_missing):
            return None, Finding(
                f"the file declares {value}{f' ({label})' if label else ''} as missing; it is not "
                "a special code of the "
                f"scale '{self.scale_name}', so it is counted as missing.",
                "Add it to the scale's special codes if it should be reported.",
                str(value),
                np.array([]),
                "warning",
            )
        return None, self._outside(value)

    def _checked(self, code: Any, value: object) -> tuple[object, Finding | None]:
        number = to_number(code)
        if number is not None and number.is_integer() and int(number) in self.codes:
            return int(number), None
        return None, self._finding(
            f"'{value}' is mapped to {code}, which is not a code of the scale '{self.scale_name}' "
            f"({self._listed()}).",
            "Correct the map in city.yaml.",
            value,
        )

    def _listed(self) -> str:
        return ", ".join(str(code) for code in self.scale.all_codes)

    def _outside(self, value: object) -> Finding:
        number = to_number(value)
        if number is not None:
            what = f"{value} is not a code of the scale '{self.scale_name}' ({self._listed()})."
        else:
            labels = [text for answer in self.scale.entries for text in answer.label.values()]
            what = (
                f"'{value}' is not an answer of the scale '{self.scale_name}'. "
                f"{nearest(str(value), labels)}"
            )
        return self._finding(
            what,
            "Correct the file, map the value under 'values' in city.yaml, or add the code to the "
            "questionnaire.",
            value,
        )

    @staticmethod
    def _finding(what: str, remedy: str, value: object) -> Finding:
        return Finding(what, remedy, str(value), np.array([]))


def number_reader(
    item: Item, missing: set[str], decimal: str | None, declared: Iterable[tuple[Any, Any]] = ()
) -> Callable[[object], tuple[object, Finding | None]]:
    """Return a reader of numeric answers that checks the item's minimum and maximum."""

    def read(value: object) -> tuple[object, Finding | None]:
        if is_blank(value, missing):
            return None, None
        if is_declared(value, declared):
            return None, Finding(
                f"the file declares {value} as missing.",
                "Nothing, if that is meant.",
                str(value),
                np.array([]),
                "warning",
            )
        number = to_number(value, decimal)
        if number is None:
            return None, Finding(
                f"'{value}' is text where a number is "
                f"due{AMBIGUOUS if is_ambiguous(value) else ''}.",
                "Correct the file, or list the word under 'missing' in city.yaml.",
                str(value),
                np.array([]),
            )
        low, high = item.minimum, item.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            return None, Finding(
                f"{value} is outside the item's range ({'' if low is None else f'{low:g}'} to "
                f"{'' if high is None else f'{high:g}'}).",
                "Correct the file, or the range in the questionnaire.",
                str(value),
                np.array([]),
            )
        return number, None

    return read


#: So many rows of one wrong value are named; the others are counted.
_TOLD = 3


def as_problems(findings: list[Finding], file: str, column: str) -> list[Problem]:
    """Return the findings of a column as problems.

    One a row of the file (the first rows of each value).
    """
    problems = []
    for finding in findings:
        what = finding.what[:1].upper() + finding.what[1:]
        if finding.severity == "warning":
            count = len(finding.rows)
            problems.append(
                Problem(
                    file,
                    f"{what} Rows concerned: {count}.",
                    finding.remedy,
                    int(finding.rows[0]) if count else None,
                    column,
                    finding.value,
                    "warning",
                )
            )
            continue
        for row in finding.rows[:_TOLD]:
            problems.append(Problem(file, what, finding.remedy, int(row), column, finding.value))
        if len(finding.rows) > _TOLD:
            problems.append(
                Problem(
                    file,
                    f"The same value stands on {len(finding.rows) - _TOLD} more rows.",
                    finding.remedy,
                    column=column,
                    value=finding.value,
                )
            )
    return problems


def durations(
    column: pd.Series, missing: Iterable[str], decimal: str | None, unit: str
) -> tuple[pd.Series, int]:
    """Return how long each respondent took, in seconds, and how many entries are no numbers."""
    blank = [is_blank(value, missing) for value in column]
    numbers = [
        None if empty else to_number(value, decimal)
        for value, empty in zip(column, blank, strict=True)
    ]
    strange = sum(
        number is None and not empty for number, empty in zip(numbers, blank, strict=True)
    )
    factor = 60.0 if unit == "minutes" else 1.0
    values = [pd.NA if number is None else number * factor for number in numbers]
    return pd.Series(pd.array(values, dtype="Float64")), strange
