"""Which columns of a survey's file hold which items of the questionnaire.

What a file asks is told as for a draft (`questions_of`); an item is found by its words, then by its
name, never by likeness of values alone.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pandas as pd

from cssp.draft.question_scales import Question
from cssp.draft.questions import questions_of
from cssp.study.questionnaire import Item, Questionnaire
from cssp.survey.read_answers import ScaleReader
from cssp.survey.read_options import options_reader, takes_text
from cssp.tables.raw import RawTable, fold
from cssp.tables.service import plain_text
from cssp.tables.special_answers import bare

#: Signs between several options in one cell, in the order in which they are tried.
_SEPARATORS = (";", ",", "/", "|", " ")
#: Two wordings that are at least so alike (0 to 1) are the same question.
ALIKE = 0.85


@dataclass
class Match:
    """The columns of an item, and how they were found.

    Attributes
    ----------
    map : as `items` in city.yaml says it; empty where no column was found
    by : "heading", "name", or "" for none
    doubts : what a person has to decide
    """

    item: Item
    map: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """All columns that the map names."""
        several = self.map.get("columns", {}).values()
        listed = [*self.map.get("places", ()), *self.map.get("mentions", ())]
        return [*([self.map["column"]] if "column" in self.map else []), *several, *listed]


def match_items(questionnaire: Questionnaire, table: RawTable) -> list[Match]:
    """Find the columns of each item of a questionnaire."""
    file = _Headings(table)
    asked = questions_of(table)
    return [_match(item, file, asked) for item in questionnaire.items]


def propose_mapping(
    questionnaire: Questionnaire, table: RawTable, matches: Sequence[Match] = ()
) -> pd.DataFrame:
    """Propose which column holds which item.

    By the words of the heading, then by name, never by likeness of values alone.

    Returns
    -------
    One row an item: `item, type, columns` (text; several joined by ` | `), `matched_by` ("name",
    "heading", or "" for none),
    `values` (how many distinct values the column has), `unmatched` (values that are no answer of
    the item's scale, first 10), `doubt`.
    """
    lines = []
    for match in matches or match_items(questionnaire, table):
        distinct, strange = _values(questionnaire, match, table)
        lines.append(
            [
                match.item.name,
                match.item.type,
                " | ".join(match.columns),
                match.by,
                distinct,
                "; ".join(strange[:10]),
                "; ".join(match.doubts),
            ]
        )
    return pd.DataFrame(
        lines, columns=["item", "type", "columns", "matched_by", "values", "unmatched", "doubt"]
    )


class _Headings:
    """The headings of a file, to be found by their words or names."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        names = [str(name) for name in table.data.columns]
        self.by_name = {fold(name): name for name in names}
        for name in names:  # group/item of KoboToolbox
            self.by_name.setdefault(fold(table.headings.get(name, name)), name)
        plain = {name: re.sub(r"\W+", "_", fold(name)).strip("_") for name in names}
        once = Counter(plain.values())
        for name, short in plain.items():  # Q2[SQ001] is what an item calls q2_sq001
            if once[short] == 1:
                self.by_name.setdefault(short, name)
        texts = {name: bare(plain_text(table.headings.get(name, name))) for name in names}
        often = Counter(texts.values())
        self.by_text = {text: name for name, text in texts.items() if often[text] == 1}
        self.shared = {text for text, count in often.items() if count > 1}

    def long(self, name: str) -> str:
        """Return the long heading of a column, empty where the file has none."""
        return plain_text(self.table.headings.get(name, ""))

    def named(self, text: str) -> str | None:
        return self.by_name.get(fold(text))


def _match(item: Item, file: _Headings, asked: list[Question]) -> Match:
    words = list(
        dict.fromkeys(bare(plain_text(t)) for t in (*item.wording.values(), *item.label.values()))
    )
    if item.type in ("multiple", "ranking"):
        match = (
            _by_question(item, words, asked)
            or _by_names(item, file)
            or _by_headings(item, file)
            or _in_one_column(item, words, file)
        )
    else:
        column = next((file.by_text[word] for word in words if word in file.by_text), None)
        match = (
            Match(item, {"column": column}, "heading")
            if column
            else _by_own_name(item, words, file)
        )
    if match is None:
        return Match(item)
    for question in asked:
        if set(match.columns) <= set(question.columns):
            match.map |= {k: v for k, v in question.map.items() if k in ("chosen", "not_chosen")}
    if "column" in match.map and item.type == "multiple":
        _how_joined(match, file.table)
    return match


def _texts(item: Item) -> list[str]:
    return [*item.wording.values(), *item.label.values()]


def _by_own_name(item: Item, words: list[str], file: _Headings) -> Match | None:
    """Find an item by the name of its column; another wording there is a decision to take."""
    column = item.name if item.name in file.table.data.columns else file.named(item.name)
    if column is None:
        return None
    match = Match(item, {"column": column}, "name")
    heading = bare(file.long(column))
    own = {bare(item.name), bare(column)}
    if heading and heading not in own and not any(_alike(heading, word) for word in words):
        match.doubts.append(
            f"the column '{column}' has the item's name, but its heading is another: "
            f"'{file.long(column)[:120]}'"
        )
    return match


def _alike(one: str, other: str) -> bool:
    if one == other or (min(len(one), len(other)) >= 20 and (one in other or other in one)):
        return True
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _by_question(item: Item, words: list[str], asked: list[Question]) -> Match | None:
    """Find the question of the file that has the item's words and its options."""
    # the same words may be asked twice: then the name tells which
    for question in sorted(asked, key=lambda one: one.name != item.name):
        if question.kind not in ("multiple", "ranking") or bare(question.label) not in words:
            continue
        own = _options_alike(question, item)
        if "columns" in question.map:
            columns = {own[o]: column for o, column in question.map["columns"].items() if o in own}
            if len(columns) < len(item.options):
                continue
            match = Match(item, {"columns": {o: columns[o] for o in item.options}}, "heading")
            if lost := [question.options[o] for o in question.map["columns"] if o not in own]:
                match.doubts.append(f"the file has further options: {'; '.join(lost)}")
            return match
        if question.kind == item.type or "mentions" in question.map:
            if "column" in question.map and item.type == "ranking":
                continue
            return Match(item, dict(question.map), "heading")
        if "places" in question.map and item.type == "multiple":
            return Match(item, {"mentions": question.map["places"]}, "heading")
    return None


def _options_alike(question: Question, item: Item) -> dict[str, str]:
    """Return the question's options -> the item's, by their words, then by their names."""
    by_label = {bare(text): o for o, label in item.options.items() for text in label.values()}
    by_name = {fold(option): option for option in item.options}
    found = {}
    for option, text in question.options.items():
        own = by_label.get(bare(text), by_name.get(fold(option)))
        if own is not None:
            found[option] = own
    return found


def _by_names(item: Item, file: _Headings) -> Match | None:
    """Find the columns of options or places by names that services and SPSS users give them."""
    for joint in ("{}__{}", "{}[{}]", "{}/{}", "{}_{}", "{}.{}", "{}___{}"):
        named = {  # an option that the form calls 1 is called option_1 here
            o: file.named(joint.format(item.name, o))
            or file.named(joint.format(item.name, o.removeprefix("option_")))
            for o in item.options
        }
        if all(named.values()):
            return Match(item, {"columns": named}, "name")
    if item.type != "ranking":
        return None
    count = item.ranks or len(item.options)
    stems = (item.name, *item.wording.values(), *item.label.values())
    for stem in stems:
        for pattern in ("{stem}[{place}]", "{stem} [{place}]", "{stem}_{place}"):
            places = [
                file.named(pattern.format(stem=stem, place=place)) for place in range(1, count + 1)
            ]
            if all(places):
                by = "name" if stem == item.name else "heading"
                return Match(item, {"places": places}, by)
    return None


def _by_headings(item: Item, file: _Headings) -> Match | None:
    """Find the columns of options by headings that say the question and the option."""
    joints = ("{} [{}]", "{} - {}", "{} - selected choice - {}", "{} / {}", "{}: {}")
    grid: dict[str, str] = {}
    for option, label in item.options.items():
        for text, word, joint in product(label.values(), _texts(item), joints):
            column = file.by_text.get(bare(joint.format(plain_text(word), text)))
            if column is not None:
                grid[option] = column
    return Match(item, {"columns": grid}, "heading") if len(grid) == len(item.options) else None


def _in_one_column(item: Item, words: list[str], file: _Headings) -> Match | None:
    """Find the one column that holds all options."""
    if item.type == "ranking":
        return None
    # only a heading that no sibling shares is the whole question
    for word in words:
        column = file.by_text.get(word)
        if column is not None and not any(
            other.startswith((f"{word} -", f"{word} [")) for other in file.by_text
        ):
            return Match(item, {"column": column}, "heading")
    return _by_own_name(item, words, file)


def _how_joined(match: Match, table: RawTable) -> None:
    """Say how the options in one cell are joined, and where the texts of 'Other' go."""
    item, column = match.item, table.data[match.map["column"]]
    cells = [value for value in pd.unique(column.dropna()) if fold(value)]
    best, most, several = ";", -1, 0
    for sign in _SEPARATORS:
        read = [options_reader(item, {}, sign, set())(cell) for cell in cells]
        fits = [one.meaning for one in read if one.finding is None]
        if len(fits) > most:
            best, most = sign, len(fits)
            several = sum(len(found) > 1 for found in fits if isinstance(found, frozenset))
    match.map["separator"] = best
    other = next((option for option in item.options if takes_text(item, option)), None)
    if other is not None and most < len(cells):
        match.map["values"] = {"*": other}
        match.doubts.append(
            f"{len(cells) - most} cells hold texts that are no option; are they all '{other}'?"
        )
    # where no cell holds two options, the column may be only the first of several
    elif not (cells and most == len(cells) and several > 0):
        match.doubts.append("check the separator and the options")


def _values(questionnaire: Questionnaire, match: Match, table: RawTable) -> tuple[int, list[str]]:
    scale = questionnaire.scale_of(match.item)
    if scale is None or "column" not in match.map:
        return (table.data[match.columns[0]].nunique() if match.columns else 0), []
    assert match.item.scale is not None
    column = match.map["column"]
    reader = ScaleReader(match.item, scale, match.item.scale, [], set(), table, column)
    distinct = pd.unique(table.data[column].dropna())
    findings = [read.finding for read in map(reader, distinct) if read.finding is not None]
    return len(distinct), [finding.value for finding in findings if finding.severity == "error"]
