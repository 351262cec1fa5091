"""A first `questionnaire.yaml` from a survey's file.

Scales found in its labels and answers, to be finished by hand.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cssp.draft.lss import read_lss
from cssp.draft.question_scales import Question, Scale
from cssp.draft.questions import part_of, questions_of
from cssp.draft.redcap import read_redcap
from cssp.draft.xlsform import read_xlsform
from cssp.study.problems import DataError, Problem, RunError, StudyError, short_path
from cssp.study.questionnaire import Questionnaire
from cssp.study.read_yaml import read_model
from cssp.study.sources import Format, RowFilter
from cssp.study.study import load_study
from cssp.study.write_files import write_text
from cssp.tables.raw import keep_rows, wrote
from cssp.tables.read import read_table

#: What a file may be that describes the questions themselves -> its reader (None: it is not).
FORMS: dict[str, Callable[[Path, str], list[Question] | None]] = {
    "an XLSForm (its sheets survey and choices)": read_xlsform,
    "the structure of a LimeSurvey survey": read_lss,
    "a REDCap data dictionary": read_redcap,
}


class Drafted(NamedTuple):
    """What `draft_questionnaire` did.

    Its items, what the file was taken for, and the questions left out.
    """

    table: pd.DataFrame
    wrote: str
    left_out: list[str]


def draft_questionnaire(
    survey: Path,
    target: Path,
    language: str = "",
    form: dict[str, Any] | None = None,
    where: Mapping[str, str] | None = None,
    replace: bool = False,
) -> Drafted:
    """Write a questionnaire that proposes an item for each question of a survey's file.

    Ordered scales are recognised in English and Russian ("fully agree … fully disagree", «скорее
    да», "1 (not at all)"), bands of numbers by their
    numbers, answers outside the scale by their words («затрудняюсь ответить»). What could not be
    told is marked TODO. Questions that may point at a
    person (name, telephone, address) are left out. An XLSForm (sheets `survey` and `choices`), a
    LimeSurvey structure (`.lss`) and a REDCap data dictionary are read as the form itself.

    Parameters
    ----------
    survey : the survey's file, of any kind that `read_table` reads
    target : the YAML file to write; it must not exist
    language : "en", "ru", ...: the language of the labels; empty: labels without language
    form : what is known of the file: `layout`, `encoding`, `delimiter`, `sheet`, `header_row`,
        `heading_rows` as under `format` in city.yaml
    where : column -> value of the rows that count; None: all
    replace : write over a target that is there (see `into_study`)

    Returns
    -------
    One row an item: `item, type, label, columns, answers` (substantive), `special, doubt`; and what
    the file was taken for,
    and the questions left out because they may point at a person.

    Raises
    ------
    RunError
        The target is there already.
    DataError
        The survey's file cannot be read, or has no question in it.
    """
    if target.exists() and not replace:
        raise RunError(
            f"{short_path(target)} is there already; name another file, or remove it first."
        )
    given = {name: value for name, value in (form or {}).items() if value}
    forms = ((name, read(survey, language)) for name, read in FORMS.items())
    form_name, items = next(((name, own) for name, own in forms if own is not None), ("", None))
    if items is None:
        table = read_table(survey, Format.model_validate(given), tell_service=True)
        rules = [
            RowFilter(column=column, equals=[value]) for column, value in (where or {}).items()
        ]
        table, problems = keep_rows(table, rules)
        if problems:
            raise DataError(problems)
        items, form_name = questions_of(table), wrote(table)
    left = [item.label for item in items if item.kind == "left out"]
    items = [item for item in items if item.kind != "left out"]
    if not items:
        raise DataError(
            Problem(
                short_path(survey),
                "No question was found in the file.",
                "Check that its headings are questions.",
            )
        )
    text = _yaml(items, left, survey.name, form_name, language)
    _check(text, survey)
    write_text(target, text)
    drafted = pd.DataFrame(
        [
            [
                item.name,
                item.kind,
                item.label,
                " | ".join(item.columns),
                len(item.scale.answers) if item.scale else len(item.options),
                len(item.scale.special) if item.scale else 0,
                "; ".join(item.doubts),
            ]
            for item in items
        ],
        columns=["item", "type", "label", "columns", "answers", "special", "doubt"],
    )
    return Drafted(drafted, form_name, left)


def into_study(study: str) -> Path:
    """Return the questionnaire of a study that a draft may take the place of.

    Raises
    ------
    RunError
        A city of the study has answers to the questionnaire that is there.
    """
    opened = load_study(study)
    path = opened.folder / opened.file.questionnaire
    there = [n for n in opened.cities if (opened.folder / "cities" / n / "city.yaml").exists()]
    asked = [name for name in there if "survey" in opened.city(name).stages]
    if asked:
        raise RunError(
            f"{short_path(path)} is the questionnaire of {', '.join(asked)}; write the draft to "
            "another file (-o), and take over from it what you need."
        )
    return path


def _check(text: str, survey: Path) -> None:
    """Refuse to write a draft that is no questionnaire: its reader could not tell why."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            read_model(path, Questionnaire)
        except StudyError as error:
            problem = error.problems[0]
            raise RunError(
                f"The draft from {short_path(survey)} would be no valid questionnaire "
                f"({problem.what}). Nothing was written; give its questions and answers clearer "
                "headings or labels."
            ) from None


# ---------------------------------------------------------------- YAML


def _quoted(text: object) -> str:
    return json.dumps(" ".join(str(text).split()), ensure_ascii=False)


def _label(text: str, language: str) -> str:
    return f"{{{language}: {_quoted(text)}}}" if language else _quoted(text)


def _short(item: Question) -> str:
    """Return a label.

    Of a grid its row, of a long question what stands behind its last dash, otherwise the question
    itself.
    """
    text = item.label or item.name
    row = re.search(r"\[([^\[\]]{2,})\]\s*$", text)
    if row and not item.options:
        text = row[1]
    elif len(text) > 60 and not item.options and part_of(text):
        text = part_of(text)
    return text if len(text) <= 60 else text[:57].rstrip() + "…"


def _yaml(items: list[Question], left: list[str], file: str, content: str, language: str) -> str:
    lines = [
        f"# Drafted by `cssp draft-questionnaire` from {file}, taken for {content}.",
        "# Look at every line. Each TODO wants a decision: is the order of the answers right, low "
        "to high? which answers are positive, which negative?",
    ]
    if left:
        lines.append(
            f"# Left out, because they may point at a person: {'; '.join(map(_quoted, left))}"
        )
    lines.append("scales:")
    scales: dict[tuple[Any, ...], str] = {}
    for item in items:
        if item.scale is not None and item.scale.key not in scales:
            scales[item.scale.key] = f"scale_{len(scales) + 1}"
            lines += _scale_lines(scales[item.scale.key], item.scale, language)
    if not scales:
        lines[-1] = "scales: {}"
    lines += [
        "",
        "sections:",
        "  - name: main",
        f"    label: {_label('TODO: the name of this part', language)}",
        "    focus: true",
        "    items:",
    ]
    short = [_short(item) for item in items]
    often = Counter(short)
    for item, label in zip(items, short, strict=True):
        lines.append(
            f"      - name: {item.name}{''.join('   # TODO: ' + doubt for doubt in item.doubts)}"
        )
        lines.append(f"        type: {item.kind}")
        if item.scale is not None:
            lines.append(f"        scale: {scales[item.scale.key]}")
        lines.append(
            "        label: "
            f"{_label(label if often[label] == 1 else f'{label} ({item.name})', language)}"
        )
        lines.append(f"        wording: {_label(item.label or item.name, language)}")
        if item.kind == "ranking":
            lines.append(
                "        ranks: "
                f"{len(item.columns) if len(item.columns) > 1 else len(item.options)}"
            )
        if item.options:
            lines.append("        options:")
            lines += [
                f"          {name}: {_label(option, language)}"
                for name, option in item.options.items()
            ]
            lines += [
                f"          # TODO: seen once: {_quoted(text)}: an option of its own, or map it "
                "under values in city.yaml"
                for text in item.seen_once
            ]
    return "\n".join(lines) + "\n"


def _scale_lines(name: str, scale: Scale, language: str) -> list[str]:
    lines = [f"  {name}:{'' if scale.ordered else '   # no order was recognised'}", "    answers:"]
    unsided = scale.ordered and not any(valence for _, _, valence in scale.answers)
    if unsided:
        lines[1] += "   # add valence: positive or negative where an answer has a side"
    for code, label, valence in scale.answers:
        side = f", valence: {valence}" if valence else ""
        said = f"label: {_label(label, language)}{_written(scale, code)}{side}"
        lines.append(f"      - {{code: {code}, {said}}}")
    if scale.special:
        lines.append("    special:")
        lines += [
            f"      - {{code: {code}, label: {_label(label, language)}{_written(scale, code)}, "
            f"means: {meaning}}}"
            for code, label, meaning in scale.special
        ]
    return lines


def _written(scale: Scale, code: int) -> str:
    """Return what files write for an answer beside its label, as YAML."""
    name = scale.written.get(code)
    return f", written: [{_quoted(name)}]" if name else ""
