"""A REDCap data dictionary as questions."""

from __future__ import annotations

from pathlib import Path

from cssp.draft.form_items import one_of, several_of
from cssp.draft.names import name_for
from cssp.draft.question_scales import Question
from cssp.study.problems import DataError
from cssp.study.sources import Format
from cssp.tables.read import read_table
from cssp.tables.service import plain_text

#: What the dictionary's columns are called in either of REDCap's forms (for people, for its API).
_HEADS = {
    "name": ("Variable / Field Name", "field_name"),
    "type": ("Field Type", "field_type"),
    "label": ("Field Label", "field_label"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
    "checked": (
        "Text Validation Type OR Show Slider Number",
        "text_validation_type_or_show_slider_number",
    ),
    "identifier": ("Identifier?", "identifier"),
    "branching": ("Branching Logic (Show field only if...)", "branching_logic"),
}


def read_redcap(path: Path, language: str) -> list[Question] | None:
    """Return the items of a REDCap data dictionary, None where the file is none.

    A checkbox is a column an option in the data (`field___1`); fields that REDCap marks as
    identifiers are left out.
    """
    if path.suffix.lower() != ".csv":
        return None
    try:
        table = read_table(path, Format(layout="plain")).data
    except DataError:
        return None
    column = {
        key: next((name for name in names if name in table), None) for key, names in _HEADS.items()
    }
    if None in (column["name"], column["type"], column["label"], column["choices"]):
        return None
    items, names = [], set[str]()
    for row in table.to_dict("records"):
        row_of = {key: str(row[name] or "").strip() if name else "" for key, name in column.items()}
        item = _item(row_of, language, names)
        if item is not None:
            items.append(item)
    return items


def _item(row: dict[str, str], language: str, names: set[str]) -> Question | None:
    kind, name = row["type"].casefold(), row["name"]
    if kind in ("descriptive", "calc", "file") or not name:
        return None
    item = Question(name_for(name, names), "open", plain_text(row["label"] or name), columns=[name])
    if row["identifier"].casefold() in ("y", "yes"):
        item.kind = "left out"
        return item
    choices = {}
    for part in row["choices"].split("|"):
        code, comma, label = part.partition(",")
        if comma and code.strip():
            choices[code.strip()] = plain_text(label)
    if kind in ("yesno", "truefalse"):
        words = ("Да", "Нет") if language == "ru" else ("Yes", "No")
        choices = dict(zip(("1", "0"), words, strict=True))
    if kind == "checkbox" and choices:
        several_of(item, choices)
    elif kind in ("radio", "dropdown", "yesno", "truefalse") and len(choices) > 1:
        one_of(item, choices)
    elif kind == "slider" or row["checked"].casefold().startswith(("integer", "number")):
        item.kind = "numeric"
    if row["branching"]:
        item.doubts.append("asked of some only (branching logic): write it as asked_if")
    return item
