"""An XLSForm (sheets `survey` and `choices`) as questions: what was asked, as the form says it."""

from __future__ import annotations

from pathlib import Path

from cssp.draft.form_items import one_of, several_of
from cssp.draft.names import name_for
from cssp.draft.question_scales import Question
from cssp.study.problems import DataError
from cssp.study.sources import Format
from cssp.tables.raw import fold
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
            one_of(item, options)
        elif kind in ("select_multiple", "rank") and len(options) > 1:
            several_of(item, options, "multiple" if kind == "select_multiple" else "ranking")
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
