"""From what stands in a survey's file to answer codes.

By the study's maps, by code, by label, never by guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cssp.study.problems import Problem, nearest
from cssp.study.questionnaire import AnswerScale, Item
from cssp.tables.raw import RawTable, fold, to_number
from cssp.tables.special_answers import bare


@dataclass
class Finding:
    """One value of a column that does not fit: what is wrong, what to do, on which rows."""

    what: str
    remedy: str
    value: str
    rows: np.ndarray
    severity: str = "error"


class Read(NamedTuple):
    """What a value was read as: its meaning (None: no answer), what is wrong, and by what."""

    meaning: object = None
    finding: Finding | None = None
    by: str = ""


Reader = Callable[[object], Read]


class Seen(NamedTuple):
    """One value of a column: what it became, how often it stands there, and by what."""

    value: object
    meaning: object
    rows: int
    by: str


class Decoded(NamedTuple):
    """A column translated: a meaning a row, what was found wrong, and each value once."""

    values: list[object]
    findings: list[Finding]
    seen: list[Seen]


def decode(column: pd.Series, rows: np.ndarray, reader: Reader) -> Decoded:
    """Translate a column value by value.

    Each distinct value is looked at once, not each respondent.

    Parameters
    ----------
    rows : row number of each value
    reader : what a value means
    """
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    findings: list[Finding] = []
    seen: list[Seen] = []
    for position, value in enumerate(distinct):
        read = reader(value)
        if read.finding is not None:
            read.finding.rows = rows[codes == position]
            findings.append(read.finding)
        seen.append(Seen(value, read.meaning, int(counts[position]), read.by))
    if empty := int((codes < 0).sum()):
        seen.append(Seen(None, None, empty, "blank"))
    meanings = np.empty(len(distinct) + 1, dtype=object)
    for position in range(len(distinct)):
        meanings[position] = seen[position].meaning
    meanings[-1] = None
    return Decoded(list(meanings[codes]), findings, seen)


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
    words declared as missing; what the file itself declares as missing, but for special codes of
    the scale; the file's value label; the scale's codes; its labels in any language. Labels are
    compared without case, blanks, numbers that count the list, and the last full stop. A value
    label of the file that says otherwise than the scale's is an error: the words say what was
    answered.
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
        self.special = {special.code for special in scale.special}
        self.given: dict[str, Any] = {}
        for given in reversed(maps):
            self.given.update({fold(key): code for key, code in given.items()})
        self.by_label = _by_label(scale)
        self.in_words = _in_words(scale)
        self.file_labels = table.labels.get(column, {})
        self.coded_in_words = any(to_number(value) is None for value in self.file_labels)
        self.declared_missing = table.declared_missing.get(column, [])

    def __call__(self, value: object) -> Read:
        """Return the code of a value (None: no answer), what is wrong with it, and by what."""
        text = fold(value)
        label = self.file_labels.get(value)
        for word in (text, None if label is None else fold(label)):
            if word is not None and word in self.given:
                return self._checked(self.given[word], value)
        if is_blank(value, self.missing):
            return Read(by="blank" if not text else "missing in city.yaml")
        # where the file's own codes are texts ("DE", "66"), their labels alone say what they are
        number = None if label is not None and self.coded_in_words else to_number(value)
        code = (
            int(number)
            if number is not None and number.is_integer() and int(number) in self.codes
            else None
        )
        labelled = self._of_label(value if label is None else label)
        if is_declared(value, self.declared_missing) and not {code, labelled} & self.special:
            return self._declared(value, label)
        if label is not None:
            return self._by_file_label(value, label, code, labelled)
        if labelled is not None and code is not None and labelled != code:
            return self._refused(
                f"'{value}' is the code of one answer of the scale '{self.scale_name}' and the "
                f"label of another ({labelled}).",
                "Say under 'values' in city.yaml which is meant, or give the answer its own number "
                "as code.",
                value,
            )
        if code is not None:
            return Read(code, by="code")
        if labelled is not None:
            return Read(labelled, by="text")
        if "*" in self.given:
            return self._checked(self.given["*"], value)
        return Read(finding=self._outside(value))

    def _of_label(self, label: object) -> int | None:
        return self.by_label.get(fold(label), self.by_label.get(bare(label)))

    def _by_file_label(
        self, value: object, label: str, code: int | None, labelled: int | None
    ) -> Read:
        """Read a value that the file has a label for: the label decides."""
        own = f"the file labels {value} as '{label}', which is "
        if labelled is not None and code is not None and labelled != code:
            return self._refused(
                f"{own}the answer {labelled} of the scale '{self.scale_name}'.",
                "Say under 'values' in city.yaml which code is meant.",
                value,
            )
        if labelled is not None:
            return Read(labelled, by="label")
        if code is None:
            return Read(finding=self._outside(value, label))
        if to_number(label) == float(code) or code not in self.in_words:
            return Read(code, by="code")
        return self._refused(
            f"{own}not the scale's label of the answer {code} "
            f"('{next(iter(self._entry(code).label.values()))}').",
            "Compare the two; say under 'values' in city.yaml which answer is meant.",
            value,
        )

    def _entry(self, code: int) -> Any:
        return next(entry for entry in self.scale.entries if entry.code == code)

    @staticmethod
    def _declared(value: object, label: str | None) -> Read:
        finding = Finding(
            f"the file declares {value}{f' ({label})' if label else ''} as missing; it is counted "
            "as missing.",
            "Add it to the scale's special codes if it should be reported; map it under 'values' "
            "in city.yaml if it is an answer.",
            str(value),
            np.array([]),
            "warning",
        )
        return Read(None, finding, "declared missing in the file")

    def _checked(self, code: Any, value: object) -> Read:
        if code is None:
            return Read(by="city.yaml")
        number = to_number(code)
        if number is not None and number.is_integer() and int(number) in self.codes:
            return Read(int(number), by="city.yaml")
        return self._refused(
            f"'{value}' is mapped to {code}, which is not a code of the scale '{self.scale_name}' "
            f"({self._listed()}).",
            "Correct the map in city.yaml.",
            value,
        )

    def _listed(self) -> str:
        return ", ".join(str(code) for code in self.scale.all_codes)

    def _outside(self, value: object, label: str | None = None) -> Finding:
        number = to_number(value)
        if label is not None:
            what = (
                f"the file labels {value} as '{label}', which is no answer of the scale "
                f"'{self.scale_name}'."
            )
        elif number is not None:
            what = f"{value} is not a code of the scale '{self.scale_name}' ({self._listed()})."
        else:
            labels = [text for answer in self.scale.entries for text in answer.label.values()]
            what = (
                f"'{value}' is not an answer of the scale '{self.scale_name}'. "
                f"{nearest(str(value), labels)}"
            )
        return Finding(
            what,
            "Correct the file, map the value under 'values' in city.yaml, or add the code to the "
            "questionnaire.",
            str(value),
            np.array([]),
        )

    @staticmethod
    def _refused(what: str, remedy: str, value: object) -> Read:
        return Read(finding=Finding(what, remedy, str(value), np.array([])))


def _in_words(scale: AnswerScale) -> set[int]:
    """Return the codes whose answer is told in words, so that a file's words must be the same.

    On a scale of numbers with words at its ends the numbers are the answers.
    """
    words = {
        entry.code
        for entry in scale.entries
        if any(to_number(text) is None for text in entry.label.values())
    }
    numbered = [code for code in scale.codes if code not in words]
    return words - set(scale.codes) if 2 * len(numbered) >= len(scale.codes) else words


def _by_label(scale: AnswerScale) -> dict[str, int]:
    """Return every way an answer is written -> its code; a way that two answers share is none."""
    exact: dict[str, int] = {}
    loose: dict[str, set[int]] = {}
    for answer in scale.entries:
        for text in (*answer.label.values(), *answer.written):
            exact.setdefault(fold(text), answer.code)
            loose.setdefault(bare(text), set()).add(answer.code)
    for text, codes in loose.items():
        if len(codes) == 1:
            exact.setdefault(text, *codes)
    return exact


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
