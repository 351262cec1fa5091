"""What a survey's file holds beside answers: blanks in words, unfinished rows, other towns."""

from __future__ import annotations

import re

import pandas as pd

from cssp.draft.city_yaml import quoted
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold
from cssp.tables.special_answers import bare

_TOWN = re.compile(
    r"(?:(?:в каком|название|наименование|ваш[еа]?|укажите(?: ваш[еа]?)?|which|what|your|"
    r"name of(?: the)?) )*"
    r"(?:город\w{0,2}|населенн\w+ пункт\w*|муниципалитет\w*|муниципальн\w+ образовани\w*|"
    r"территори\w+|city|town|municipality|settlement|location)"
    r"(?: (?:проживания|работы|опроса|вы (?:живете|работаете|проживаете)|"
    r"do you (?:live|work) in))?\W*"
)
#: A column of at most so many places may say whose rows they are.
PLACES = 100


def rows_of_city(table: RawTable, study: Study, city: str) -> tuple[list[str], list[str]]:
    """Return the lines of `rows` for a file that holds several towns, and what to decide.

    A column that has the city's name among other values says which rows are the city's. Where only
    a heading speaks of towns, the choice is left to a person.
    """
    own = {bare(city), bare(city.replace("_", " "))}
    for column in map(str, table.data.columns):
        words = _words(table, column)
        if 1 < len(words) <= PLACES and own & {bare(word) for word in words}:
            value = next(word for word in words if bare(word) in own)
            others = len(table.data) - words[value]
            return [
                f"  rows: [{{column: {quoted(column)}, equals: [{quoted(value)}]}}]"
                f"   # {words[value]} rows; {others} are of other places"
            ], []
    for column in map(str, table.data.columns):
        heading = bare(table.headings.get(column, column))
        words = _words(table, column) if _TOWN.fullmatch(heading) else {}
        if 1 < len(words) <= PLACES:
            listed = ", ".join(f"{word} ({count})" for word, count in list(words.items())[:12])
            return [], [
                f"'{column}' has {listed}: if this city is one of them, write rows: [{{column: "
                f"{quoted(column)}, equals: [...]}}]"
            ]
    return [], []


def _words(table: RawTable, column: str) -> dict[str, int]:
    """Return what a column says -> in how many rows."""
    labels = table.labels.get(column, {})
    counts = table.data[column].value_counts()
    if len(counts) > PLACES:
        return {}
    return {
        str(labels.get(value, value)).strip(): int(count)
        for value, count in counts.items()
        if fold(value)
    }


def sector_column(table: RawTable, study: Study) -> str:
    """Return the column of the sector: by its usual names, or by values that are the study's."""
    usual = {"sector", "сектор", "сфера", "ваш сектор", "ваша сфера", "сфера деятельности"}
    names = [str(name) for name in table.data.columns]
    for name in names:
        if {bare(name), bare(table.headings.get(name, name))} & usual:
            return name
    known = {
        bare(t): s for s, sector in study.file.sectors.items() for t in (s, *sector.label.values())
    }
    for name in names:
        found = [known.get(bare(word)) for word in _words(table, name)]
        if len(found) > 1 and None not in found:
            return name
    return ""


def repeats(table: RawTable, respondent: str) -> str:
    """Return what is to be decided where rows repeat a respondent; empty where none does."""
    names = table.data[respondent].dropna()
    count = int(names.duplicated().sum())
    return (
        f"   # TODO: {count} rows repeat a respondent; say 'duplicates: first' (or last), or name "
        "another column"
        if count
        else ""
    )


def hints(table: RawTable) -> list[str]:
    """Return lines on what the file holds beside answers.

    Words for blanks, previews and questionnaires that were not finished.
    """
    lines = []
    cells = {
        str(value).strip()
        for name in table.data.columns
        for value in pd.unique(table.data[name].dropna())
        if isinstance(value, str)
    }
    if blank := [word for word in ("NA", "N/A", "n/a", "#N/A", "NaN", "NULL") if word in cells]:
        lines.append(
            f"  missing: [{', '.join(map(quoted, blank))}]   # words in the file that seem to "
            "stand for a blank"
        )
    names = {fold(name): str(name) for name in table.data.columns}
    for heading, wanted in (("finished", ("true", "1")), ("status", ("ip address", "0"))):
        if heading in names and "layout" in table.read_as:
            other = table.data[
                ~table.data[names[heading]].map(lambda value, fits=wanted: fold(value) in fits)
            ]
            if len(other):
                kept = next(
                    (str(v) for v in table.data[names[heading]].dropna() if fold(v) in wanted), ""
                )
                lines.append(
                    f"  # rows: [{{column: {quoted(names[heading])}, equals: [{quoted(kept)}]}}]   "
                    f"# TODO: {len(other)} rows are unfinished or previews; should they count?"
                )
    for heading in ("submitdate", "date submitted"):
        if heading in names:
            blank_rows = int(
                table.data[names[heading]]
                .map(lambda value: value is None or fold(value) == "")
                .sum()
            )
            if blank_rows:
                lines.append(
                    f"  # TODO: {blank_rows} rows have no {names[heading]}: those respondents did "
                    "not finish; should they count?"
                )
    return lines
