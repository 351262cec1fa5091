"""An XLSForm (sheets `survey` and `choices`) as questions: what was asked, as the form says it."""

from __future__ import annotations

from pathlib import Path

from cssp.draft.names import name_for
from cssp.draft.question_scales import Question, Scale, scale_of_answers
from cssp.study.city_file import Format
from cssp.study.problems import DataError
from cssp.tables.raw import fold, to_number
from cssp.tables.read import read_table
from cssp.tables.service import plain_text


def read_xlsform(path: Path, language: str) -> list[Question] | None:
    """Return the items of an XLSForm, None where the file is none."""
    if path.suffix.lower() not in (".xlsx", ".xls"):
        return None
    try:
        survey = read_table(path, Format(sheet="survey"))
        choices = read_table(path, Format(sheet="choices"))
    except DataError:
        return None
    if not {"type", "name"} <= set(survey.data.columns) or not {"list_name", "name"} <= set(
        choices.data.columns
    ):
        return None
    label, text = (
        _label_column([str(name) for name in table.data.columns], language)
        for table in (survey, choices)
    )
    lists: dict[str, dict[str, str]] = {}
    for row in choices.data.to_dict("records"):
        if row["list_name"] is not None and row["name"] is not None:
            lists.setdefault(str(row["list_name"]), {})[str(row["name"])] = plain_text(
                row.get(text) or row["name"]
            )
    items, names = [], set[str]()
    for row in survey.data.to_dict("records"):
        kind, _, listed = str(row["type"] or "").strip().partition(" ")
        name = str(row["name"] or "")
        if not name or kind not in (
            "select_one",
            "select_multiple",
            "rank",
            "integer",
            "decimal",
            "range",
            "text",
        ):
            continue
        if fold(name) in ("sector", "respondent", "city"):
            continue  # asked of everybody, and mapped in city.yaml
        item = Question(
            name_for(name, names), "open", plain_text(row.get(label) or name), columns=[name]
        )
        options = lists.get(listed.split(" ")[0], {})
        if kind == "select_one" and len(options) > 1:
            item.scale = _choices(options)
            item.kind = "ordinal" if item.scale is not None and item.scale.ordered else "single"
            if item.kind == "single" and item.scale is not None and len(options) > 2:
                item.doubts.append("are these answers ordered? then write type: ordinal")
        elif kind in ("select_multiple", "rank") and len(options) > 1:
            used: set[str] = set()
            item.kind = "multiple" if kind == "select_multiple" else "ranking"
            item.options = {name_for(key, used, "option"): value for key, value in options.items()}
        elif kind in ("integer", "decimal", "range"):
            item.kind = "numeric"
        if row.get("relevant"):
            item.doubts.append("asked of some only (relevant in the form): write it as asked_if")
        items.append(item)
    return items


def _label_column(columns: list[str], language: str) -> str:
    """Return the column of labels in a language (`label::Русский (ru)`), or the first one."""
    labels = [name for name in columns if name.casefold().startswith("label")]
    return next(
        (name for name in labels if language and f"({language})" in name.casefold()),
        labels[0] if labels else "name",
    )


def _choices(options: dict[str, str]) -> Scale | None:
    """Make a scale of a form's choices (name -> label).

    Numbers that name them are their codes; their order is the form's where their words have none.
    """
    scale = scale_of_answers(list(options.values()))
    if scale is None or len({fold(text) for text in options.values()}) < len(options):
        return None
    numbers = {text: to_number(name) for name, text in options.items()}
    names = {text: name for name, text in options.items()}
    answers, special = list(scale.answers), list(scale.special)
    if not scale.ordered:
        place = {text: number for number, text in enumerate(options.values(), 1)}
        answers.sort(key=lambda answer: place[answer[1]])
        answers = [(number, text, side) for number, (_, text, side) in enumerate(answers, 1)]
    if all(number is not None and float(number).is_integer() for number in numbers.values()):
        answers = [(int(numbers[text] or 0), text, side) for _, text, side in answers]
        special = [(int(numbers[text] or 0), text, meaning) for _, text, meaning in special]
        return Scale(answers, special, scale.ordered)
    written = {code: names[text] for code, text, _ in (*answers, *special)}
    return Scale(answers, special, scale.ordered, written=written)
