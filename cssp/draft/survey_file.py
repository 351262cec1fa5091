"""A survey's file as questions are looked for in it: columns, headings, and what was answered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from cssp.draft.joined_options import BLANKS
from cssp.survey.read_answers import is_declared
from cssp.tables.raw import RawTable, fold
from cssp.tables.service import Service, folded, plain_text, service

#: Between a question and what stands below it: "question [row]", "question / option", ...
_BREAK = re.compile(r"\s*\[|\s+/\s+|/|\s+[-–—]\s+|:\s+|\s+\|\s+")
#: Ends of the names of variables that belong together: `q5_1`, `q5.1`.
_NUMBERED = re.compile(r"^(.*\D[_.])\d+$")


@dataclass(frozen=True)
class Group:
    """Columns whose headings begin alike.

    Attributes
    ----------
    stem : what they share, with the sign behind it
    parts : column -> what stands behind the stem
    by_name : whether the names of the columns, not their headings, were compared
    """

    stem: str
    parts: dict[str, str]
    by_name: bool

    @property
    def columns(self) -> list[str]:
        """The columns in the file's order."""
        return list(self.parts)


@dataclass
class SurveyFile:
    """The columns of a survey's file that may be questions."""

    table: RawTable
    service: Service
    columns: list[str]

    @classmethod
    def of(cls, table: RawTable) -> SurveyFile:
        """Take the columns of a table that its service does not add by itself."""
        wrote = service(table.read_as.get("layout"))
        names = [str(name) for name in table.data.columns]
        kept = [
            name
            for name in wrote.questions(names)
            if name.strip()
            and names.count(name) == 1
            and not {folded(name.rsplit("/", 1)[-1]), folded(name)} & wrote.metadata
        ]
        return cls(table, wrote, kept)

    def heading(self, name: str) -> str:
        """Return a column's long heading as plain text; its name where it has none."""
        return self._headings[name]

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {name: plain_text(self.table.headings.get(name, name)) for name in self.columns}

    def answers(self, name: str) -> list[Any]:
        """Return the distinct values of a column, without blanks and words that stand for one."""
        if name not in self._answers:
            self._answers[name] = [
                value
                for value in pd.unique(self.table.data[name].dropna())
                if fold(value) and fold(value) not in BLANKS
            ]
        return self._answers[name]

    @cached_property
    def _answers(self) -> dict[str, list[Any]]:
        return {}

    def words(self, name: str) -> list[str]:
        """Return what the values of a column say: their labels where the file has labels."""
        labels = self.table.labels.get(name, {})
        return [
            plain_text(labels.get(value, value))
            for value in self.answers(name)
            if not self.declares(name, value)
        ]

    def declares(self, name: str, value: Any) -> bool:
        """Tell whether the file declares a value of a column as missing."""
        return is_declared(value, self.table.declared_missing.get(name, []))

    def groups(self, name: str, taken: Collection[str] = ()) -> list[Group]:
        """Return the groups that a column begins, the widest first, then the longest stem.

        A separator may stand in an option's own text, so each place where a heading can be cut is
        tried, and what the most columns share is the question.

        Parameters
        ----------
        name : the column
        taken : columns that belong to other questions already
        """
        found = []
        for by_name in (False, True):
            text = name if by_name else self.heading(name)
            for stem in _stems(text, by_name):
                all_parts = self._by_stem[by_name, stem]
                parts = {column: part for column, part in all_parts.items() if column not in taken}
                # names of groups in groups (main/question/option) are no options of `main`
                nested = by_name and any("/" in part for part in parts.values())
                if len(parts) > 1 and name in parts and not nested:
                    found.append(Group(stem, parts, by_name))
        found.sort(key=lambda group: (-len(group.parts), group.by_name, -len(group.stem)))
        named = [group for group in found if group.by_name]
        if not named or self.heading(name) == name:
            return found
        # the service's own codes say what belongs together: the same words may be asked twice
        own = set(named[0].parts)
        return [*named, *(one for one in found if not one.by_name and set(one.parts) <= own)]

    def shared_heading(self, columns: list[str]) -> Group | None:
        """Return what the headings of columns share, the longest stem; None where nothing is."""
        stems = sorted(_stems(self.heading(columns[0]), False), key=len, reverse=True)
        for stem in stems:
            parts = self._by_stem[False, stem]
            if set(columns) <= set(parts):
                return Group(stem, parts, False)
        return None

    @cached_property
    def _by_stem(self) -> dict[tuple[bool, str], dict[str, str]]:
        """Return each stem (of names or not) -> columns that have it -> what stands behind it."""
        found: dict[tuple[bool, str], dict[str, str]] = {}
        for name in self.columns:
            for by_name in (False, True):
                text = name if by_name else self.heading(name)
                for stem in _stems(text, by_name):
                    if part := _part(text, stem):
                        found.setdefault((by_name, stem), {})[name] = part
        return defaultdict(dict, found)


def _stems(text: str, is_name: bool) -> list[str]:
    breaks = list(_BREAK.finditer(text))
    stems = [text[: found.end()] for found in breaks if text[: found.start()].strip()]
    if is_name and (numbered := _NUMBERED.match(text)):
        stems.append(numbered[1])
    return stems


def _part(text: str, stem: str) -> str:
    part = text[len(stem) :].strip()
    return part.removesuffix("]").strip() if stem.endswith("[") else part


def question_of(stem: str) -> str:
    """Return the question that a stem is, without the sign behind it.

    >>> question_of("Which forms? - Selected Choice - "), question_of("Оцените [")
    ('Which forms?', 'Оцените')
    """
    bare = re.sub(r"\s*(\[|/|\||:|[-–—])\s*$", "", stem)
    bare = re.sub(r"\s*[-–—]\s*selected choice\s*$", "", bare, flags=re.IGNORECASE)
    return plain_text(bare)
