"""What the columns of a survey's file ask.

Questions, answer scales, options and rankings, told from headings, labels and answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from cssp.draft.joined_options import joined_options
from cssp.draft.names import name_for
from cssp.draft.option_sets import declared_set, options_beside, ranking, several
from cssp.draft.question_scales import Question, from_labels, numeric, scale_of_answers
from cssp.draft.survey_file import Group, SurveyFile
from cssp.tables.answer_order import ordinal_places
from cssp.tables.personal import RESPONDENT, identifies
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number
from cssp.tables.special_answers import special_meanings

#: A column of at most so many different answers is taken as a closed question.
CLOSED = 15


def questions_of(table: RawTable) -> list[Question]:
    """Return the questions of a survey's file in the order of its columns.

    `left out` are those that may point at a person.
    """
    file = SurveyFile.of(table)
    names: set[str] = set()
    items: list[Question] = []
    done: set[str] = set()
    declared = {
        item.columns[0]: item
        for mentions in table.sets
        if (item := declared_set(mentions, file)) is not None
    }
    in_sets = {column for item in declared.values() for column in item.columns}
    taken = set(in_sets)
    for name in file.columns:
        if name in done or (name in in_sets and name not in declared):
            continue
        if identifies(file.heading(name)) or identifies(name) or _is_number_of_form(name, file):
            items.append(Question("", "left out", file.heading(name), columns=[name]))
            continue
        groups = [] if name in declared else file.groups(name, taken)
        found = declared.get(name) or options_beside(name, file) or _in_group(groups, file)
        if found is not None:
            found.name = name_for(_stem(name, file, found.label), names)
            items.append(found)
            done |= {*found.columns, name}
            taken |= {*found.columns, name}
            continue
        for column, rows in _grid(groups, file) or [(name, (name,))]:
            item = _one(column, file, rows)
            item.name = name_for(column, names)
            items.append(item)
            done.add(column)
            taken.add(column)
    order = {column: place for place, column in enumerate(file.columns)}
    return sorted(items, key=lambda item: order[item.columns[0]])


def _is_number_of_form(name: str, file: SurveyFile) -> bool:
    """Tell whether a column only tells the respondents apart."""
    usual = {fold(name), fold(file.heading(name))} & set(RESPONDENT)
    return bool(usual) and len(file.answers(name)) == len(file.table.data)


def _in_group(groups: Sequence[Group], file: SurveyFile) -> Question | None:
    """Return the question with several answers that columns of like headings are, if they are one.

    A ranking is looked for first: its places hold options as mentions do.
    """
    kinds: tuple[Callable[[Group, SurveyFile], Question | None], ...] = (ranking, several)
    return next(
        (item for kind in kinds for group in groups if (item := kind(group, file)) is not None),
        None,
    )


def _stem(name: str, file: SurveyFile, label: str) -> str:
    """Return what names the columns of one question: their shared name, or the question itself."""
    if file.heading(name) != name:
        for pattern in (r"^(.+?)\s*\[[^\[\]]*\]$", r"^(.+)[_.]\d+$", r"^(.+)/[^/]+$"):
            if match := re.match(pattern, name, re.DOTALL):
                return match[1]
        return name
    return label if len(label) < len(name) else name


def _grid(groups: Sequence[Group], file: SurveyFile) -> list[tuple[str, tuple[str, ...]]]:
    """Return the rows of a grid with the columns that share its answers; empty where there is none.

    Columns of one question are a grid where each has answers of a list that all share: what
    nobody answered in one row is an answer there too.
    """
    for group in groups:
        columns = tuple(group.columns)
        answers = {column: {fold(word) for word in file.words(column)} for column in columns}
        given = [own for own in answers.values() if own]
        every = set().union(*given)
        alike = len({tuple(file.table.labels.get(column, {}).items()) for column in columns}) == 1
        if (
            len(given) > 1
            and alike
            and len(every) <= CLOSED
            and all(own & set().union(*(o for o in given if o is not own)) for own in given)
        ):
            return [(column, columns) for column in columns]
    return []


def part_of(heading: str) -> str:
    """Return what stands behind the last dash of a heading such as "Which forms? - Selected
    Choice - Grants".
    """
    head, dash, part = heading.rpartition(" - ")
    return part.strip() if dash and head else ""


def _one(name: str, file: SurveyFile, rows: Sequence[str]) -> Question:
    """Read a question that has a column of its own; `rows` are those that share its answers."""
    column = file.table.data[name]
    values = list(dict.fromkeys(value for row in rows for value in file.answers(row)))
    item = Question("", "open", file.heading(name), columns=[name], map={"column": name})
    if re.fullmatch(r"column [A-Z]+", name):
        item.doubts.append("the column has no heading in the file: what was asked?")
    if not values:
        item.doubts.append("no answers in the file")
        return item
    declared = file.table.declared_missing.get(name, [])
    if labels := file.table.labels.get(name, {}):
        if _is_quantity(labels, values, declared):
            return _labelled_number(item, labels)
        item.scale = from_labels(labels, values, declared)
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
            item.doubts += item.scale.doubts
            if not item.scale.sure:
                item.doubts.append(
                    "order of the answers taken from their codes; is it ordinal or single?"
                )
            return item
    texts = [str(value).replace("\ufeff", "").strip() for value in values]
    if any(
        hasattr(value, "year") or re.match(r"^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}( |T|$)", text)
        for value, text in zip(values, texts, strict=True)
    ):
        item.doubts.append("dates: kept as text")
        return item
    # "very good" and "good" are answers of a scale, not "very" and "good"
    ordered = len(texts) <= CLOSED and ordinal_places(_on_scale(texts)) is not None
    joined = None if ordered else joined_options(column, file.service.separators)
    if joined is not None and len(rows) == 1:
        item.kind = "multiple"
        used: set[str] = set()
        item.options = {
            name_for(text if len(text) <= 40 else "", used, "option"): text for text in joined[1]
        }
        item.map = {"column": name, "separator": joined[0]}
        if joined[0] in "/," or joined[2]:  # signs that stand inside of answers, too
            item.doubts.append(
                f"several answers joined by '{joined[0]}'? check labels that contain it"
            )
        item.seen_once = joined[2]
        return item
    numbers = [to_number(value) for value in values]
    if all(number is not None for number in numbers) and not any(
        is_ambiguous(value) for value in values
    ):
        return numeric(
            item, [float(number) for number in numbers if number is not None], texts, declared
        )
    longest = max(len(text) for text in texts)
    filled = sum(len(file.table.data[row].dropna()) for row in rows)
    if longest <= 200 and (
        len(values) <= 3
        or (len(values) <= CLOSED and len(column) >= 2 * len(values))
        or (len(values) <= 40 and longest <= 60 and filled >= 3 * len(values))
    ):
        _closed(item, texts, declared)
    return item


def _on_scale(texts: list[str]) -> list[str]:
    special = special_meanings(texts)
    return [text for text in texts if text not in special]


def _closed(item: Question, texts: list[str], declared: list[tuple[Any, Any]]) -> None:
    """Give an item the scale of its answers, and the doubts about it."""
    item.scale = scale_of_answers(texts, declared)
    if item.scale is None:
        return
    item.kind = "ordinal" if item.scale.ordered else "single"
    if all(re.fullmatch(r"[A-Z]{1,2}\d+", text) for text in texts):
        item.doubts.append("codes without words: say what they mean, and whether they are ordered")
    elif len(texts) > CLOSED:
        item.doubts.append("many different answers: is this a closed question?")
    elif not item.scale.ordered and len(item.scale.answers) > 2:
        item.doubts.append(
            "are these answers ordered? then list them low to high and write type: ordinal"
        )


def _is_quantity(
    labels: dict[Any, str], values: Sequence[Any], declared: list[tuple[Any, Any]]
) -> bool:
    """Tell whether a labelled variable is a number all the same: few of its values have a label.

    A scale labelled at its ends has few labels, too, but its numbers follow one another.
    """
    numbers = {number for value in values if (number := to_number(value)) is not None}
    if len(numbers) < len(values) or any(to_number(value) is None for value in labels):
        return False
    quantities = {float(to_number(value) or 0) for value in labels}
    bare = numbers - quantities
    span = max(bare, default=0) - min(bare, default=0)
    return len(bare) > len(quantities) and (span > 12 or any(not n.is_integer() for n in bare))


def _labelled_number(item: Question, labels: dict[Any, str]) -> Question:
    item.kind = "numeric"
    listed = ", ".join(f"{value} = {label}" for value, label in labels.items())
    item.doubts.append(
        f"a number with labels ({listed}): which of them are no answer? list them under `missing`"
    )
    return item
