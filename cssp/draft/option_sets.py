"""Questions with several answers: a column an option, a column a place, or a column a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cssp.draft.names import name_for
from cssp.draft.question_scales import Question
from cssp.draft.survey_file import Group, SurveyFile, question_of
from cssp.tables.marks import is_other, mark
from cssp.tables.raw import AnswerSet, fold, to_number
from cssp.tables.service import plain_text
from cssp.tables.special_answers import special_meaning


def declared_set(mentions: AnswerSet, file: SurveyFile) -> Question | None:
    """Read a multiple-response set that an SPSS file declares.

    A set of dichotomies has a variable an option, whose heading is the option; a set of codes has a
    variable a mention (first, second, ...), whose value labels are the options.
    """
    columns = [name for name in mentions.columns if name in file.columns]
    if len(columns) < 2:
        return None
    used: set[str] = set()
    if mentions.counted is not None:
        shared = file.shared_heading(columns)
        labels = {c: shared.parts[c] if shared else file.heading(c) for c in columns}
        own = {name_for(_short(text), used, "option"): column for column, text in labels.items()}
        item = Question("", "multiple", mentions.label, columns=columns)
        item.options = {option: labels[column] for option, column in own.items()}
        item.map = {"columns": own, "chosen": [str(mentions.counted)]}
        others = {
            str(value)
            for column in columns
            for value in file.answers(column)
            if str(value) != str(mentions.counted) and not file.declares(column, value)
        }
        if others:
            item.map["not_chosen"] = sorted(others)
        return item
    texts: dict[str, None] = {}
    for column in columns:
        labelled = [plain_text(text) for text in file.table.labels.get(column, {}).values()]
        texts |= dict.fromkeys([*labelled, *file.words(column)])
    options = [text for text in texts if special_meaning(text) is None]
    if len(options) < 2:
        return None
    item = Question("", "multiple", mentions.label, columns=columns)
    item.options = {name_for(_short(text), used, "option"): text for text in options}
    item.map = {"mentions": columns}
    return item


def options_beside(name: str, file: SurveyFile) -> Question | None:
    """Read a question that has a column with the chosen options joined, and one for each option."""
    own = file.service.options_of(name, file.columns)
    if len(own) < 2 or not all(_is_option(file.words(other)) for other in own):
        return None
    used: set[str] = set()
    leaf = {other: other[len(name) + 1 :] for other in own}
    named = {name_for(leaf[other], used, "option"): other for other in own}
    labels = {other: file.table.headings.get(other, other).rpartition("/")[2] for other in own}
    item = Question("", "multiple", file.heading(name), columns=own)
    item.options = {option: labels[other] or leaf[other] for option, other in named.items()}
    item.map = {"columns": named}
    return item


def ranking(group: Group, file: SurveyFile) -> Question | None:
    """Read places of a ranking: columns 1, 2, ... that share their answers, none twice in a row."""
    leaves = [re.search(r"(\d+)$", part) for part in group.parts.values()]
    if not all(leaves) or [int(m[1]) for m in leaves if m] != list(range(1, len(leaves) + 1)):
        return None
    columns = group.columns
    texts = [set(file.words(other)) for other in columns]
    shared = set.union(*texts)
    if (
        not 3 <= len(shared) <= 30
        or all(mark(text) is not None for text in shared)
        or all(to_number(text) is not None for text in shared)
    ):
        return None
    if sum(len(own) >= 0.5 * len(shared) for own in texts) < len(texts) / 2:
        return None
    cells = file.table.data[columns].apply(
        lambda row: [fold(value) for value in row if value is not None and fold(value)], axis=1
    )
    if any(len(row) != len(set(row)) for row in cells):
        return None
    used: set[str] = set()
    options = {name_for(_short(text), used, "option"): text for text in sorted(shared)}
    item = Question("", "ranking", _question(group, file), options=options, columns=columns)
    item.map = {"places": columns}
    if cells.map(len).nunique() > 1:
        item.doubts.append("a ranking, or mentions in any order (type: multiple, `mentions`)?")
    return item


def several(group: Group, file: SurveyFile) -> Question | None:
    """Read a multiple choice that has a column for each option."""
    columns = group.columns
    free_text = {c for c in columns if is_other(group.parts[c]) and len(file.words(c)) > 1}
    chosen = [column for column in columns if column not in free_text]
    if not chosen or not all(_is_option(file.words(column)) for column in chosen):
        return None
    if not any(file.words(column) for column in columns):
        return None
    marks = [mark(word) for column in chosen for word in file.words(column)]
    if free_text and any(sign is not None for sign in marks):
        # beside columns of marks the text of 'Other' is a question of its own
        columns = [column for column in columns if column not in free_text]
    headings = {c: _part_in_heading(group, c, file) for c in columns}
    used: set[str] = set()
    item = Question("", "multiple", _question(group, file), columns=columns)
    own = {}
    for column in columns:
        texts = [word for word in file.words(column) if mark(word) is None]
        label = headings[column]
        if (not label or label.isdigit()) and texts:
            label = texts[0]
        label = label or group.parts[column]
        # the service's own code of an option is its name
        option = name_for(file.service.option_code(column) or _short(label), used, "option")
        item.options[option] = plain_text(label)
        own[option] = column
    item.map = {"columns": own}
    return item


def _is_option(words: Iterable[str]) -> bool:
    """Tell whether a column only says that its option was chosen: marks, or one text."""
    distinct = {fold(word) for word in words}
    return len(distinct) <= 1 or all(mark(word) is not None for word in distinct)


def _part_in_heading(group: Group, column: str, file: SurveyFile) -> str:
    """Return an option's text: what stands behind the question in its heading."""
    if not group.by_name:
        return group.parts[column]
    if (wider := file.shared_heading(group.columns)) is not None:
        return wider.parts[column]
    heading = file.heading(column)
    return "" if heading == column else heading


def _question(group: Group, file: SurveyFile) -> str:
    """Return the question that the columns of a group share."""
    if not group.by_name:
        return question_of(group.stem)
    if (wider := file.shared_heading(group.columns)) is not None:
        return question_of(wider.stem)
    headings = {file.heading(column) for column in group.columns}
    return headings.pop() if len(headings) == 1 else question_of(group.stem)


def _short(text: str) -> str:
    return text if len(text) <= 40 else ""
