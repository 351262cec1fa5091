"""The structure of a LimeSurvey survey (`.lss`) as questions."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from cssp.draft.form_items import one_of, several_of
from cssp.draft.names import name_for
from cssp.draft.question_scales import Question
from cssp.study.problems import DataError, Problem, short_path
from cssp.tables.service import plain_text

Row = dict[str, str]
#: Kinds of questions with answers of their own, and those whose answers the kind itself says.
_ONE, _GRID, _SEVERAL, _RANKING = "L!O", "FH", "MP", "R"
_NUMBERS, _TEXTS, _GRIDS_OF_TEXT = "N", "STUD", "QK;:"
_FIXED = {
    "5": ("1", "2", "3", "4", "5"),
    "A": ("1", "2", "3", "4", "5"),
    "B": tuple(str(place) for place in range(1, 11)),
}
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "Y": {"en": ("Y:Yes", "N:No"), "ru": ("Y:Да", "N:Нет")},
    "G": {"en": ("F:Female", "M:Male"), "ru": ("F:Женский", "M:Мужской")},
    "C": {
        "en": ("Y:Yes", "U:Uncertain", "N:No"),
        "ru": ("Y:Да", "U:Затрудняюсь ответить", "N:Нет"),
    },
    "E": {
        "en": ("I:Increase", "S:Same", "D:Decrease"),
        "ru": ("I:Увеличилось", "S:Не изменилось", "D:Уменьшилось"),
    },
}


def read_lss(path: Path, language: str) -> list[Question] | None:
    """Return the items of a LimeSurvey structure, None where the file is none.

    A grid is an item a row (`Q2[SQ001]` in the data), and what the form calls an answer's code is
    what the data have for it.

    Raises
    ------
    DataError
        The file ends in .lss, but is no structure of LimeSurvey.
    """
    if path.suffix.lower() != ".lss":
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.parse(str(path), parser).getroot()
    except (etree.XMLSyntaxError, OSError) as error:
        raise DataError(
            Problem(short_path(path), f"The file is no XML ({error}).", "Export it again.")
        ) from None
    if root.findtext("LimeSurveyDocType") != "Survey":
        raise DataError(
            Problem(
                short_path(path),
                "The file is no structure of a LimeSurvey survey.",
                "Export the survey as 'Survey structure (.lss)'.",
            )
        )
    code = language or root.findtext("languages/language") or ""
    asked = _in_language(root, "questions", "question_l10ns", "qid", code)
    below = _in_language(root, "subquestions", "question_l10ns", "qid", code)
    answers = _in_language(root, "answers", "answer_l10ns", "aid", code)
    parts: dict[str, list[Row]] = {}
    for row in _ordered([*below, *(one for one in asked if one.get("parent_qid", "0") != "0")]):
        parts.setdefault(row["parent_qid"], []).append(row)
    lists: dict[str, dict[str, str]] = {}
    for row in _ordered(answers):
        lists.setdefault(row["qid"], {})[row.get("code", "")] = plain_text(row.get("answer", ""))
    names: set[str] = set()
    items: list[Question] = []
    for row in _ordered([one for one in asked if one.get("parent_qid", "0") == "0"]):
        own = parts.get(row["qid"], [])
        items += _items(row, own, lists.get(row["qid"], {}), code, names)
    return items


def _in_language(root: etree._Element, part: str, texts: str, key: str, language: str) -> list[Row]:
    """Return the rows of a part in one language: since LimeSurvey 4 the texts stand apart."""
    rows = [_row(one) for one in root.iterfind(f"{part}/rows/row")]
    apart: dict[str, Row] = {}
    for row in (_row(one) for one in root.iterfind(f"{texts}/rows/row")):
        if row.get("language", language) == language or row[key] not in apart:
            apart[row[key]] = {name: row[name] for name in ("question", "answer") if name in row}
    known = [one for one in rows if one.get("language", language) == language] or rows
    return [{**one, **apart.get(one.get(key, ""), {})} for one in known]


def _row(element: etree._Element) -> Row:
    return {str(one.tag): (one.text or "").strip() for one in element}


def _ordered(rows: list[Row]) -> list[Row]:
    """Return rows in the survey's order: groups, then questions; each once."""

    def place(row: Row) -> tuple[int, int]:
        group, order = (row.get(name) or "0" for name in ("gid", "question_order"))
        return (int(group), int(row.get("sortorder") or order))

    seen = {(row.get("qid"), row.get("code")): row for row in reversed(rows)}
    return sorted(reversed(seen.values()), key=place)


def _items(
    row: Row, parts: list[Row], answers: dict[str, str], language: str, names: set[str]
) -> list[Question]:
    kind, code = row.get("type", ""), row.get("title", "")
    label = plain_text(row.get("question", ""))
    if kind in "X*|I" or not code:  # texts on the page, equations, files, the language
        return []
    choices = answers or {one: one for one in _FIXED.get(kind, ())}
    words = _WORDS.get(kind, {})
    for subquestion in words.get(language) or words.get("en", ()):
        name, _, word = subquestion.partition(":")
        choices[name] = word
    found = []
    if (kind in _SEVERAL and parts) or kind == _RANKING:
        item = Question(name_for(code, names), "open", label, columns=[code])
        own = {one["title"]: plain_text(one.get("question", "")) for one in parts}
        if row.get("other") == "Y" and kind in _SEVERAL:
            own["other"] = "Другое" if language == "ru" else "Other"
        several_of(item, own or answers, "ranking" if kind == _RANKING else "multiple")
        found.append(item)
    elif parts:
        for part in parts:
            column = f"{code}[{part['title']}]"
            text = f"{label} [{plain_text(part.get('question', ''))}]"
            item = Question(name_for(f"{code}_{part['title']}", names), "open", text)
            item.columns = [column]
            found.append(item)
    else:
        found.append(Question(name_for(code, names), "open", label, columns=[code]))
    for item in found:
        if item.options:
            continue
        if choices:
            one_of(item, choices)
        elif kind in _NUMBERS or kind == "K":
            item.kind = "numeric"
        elif kind not in _TEXTS + _GRIDS_OF_TEXT:
            item.doubts.append(f"a question of LimeSurvey's type '{kind}': is it open?")
        if row.get("relevance", "1") not in ("", "1"):
            item.doubts.append("asked of some only (relevance in the survey): write it as asked_if")
    return found
