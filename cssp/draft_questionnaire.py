"""A first `questionnaire.yaml` from a survey's file: scales found in its labels and answers, to be finished by hand."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.answer_words import ordinal_places, special_meaning
from cssp.city_file import Format
from cssp.files import write_text
from cssp.layouts import META, TITLES, plain_text
from cssp.problems import DataError, Problem, RunError, short_path
from cssp.tabular import RawTable, fold, is_ambiguous, read_table, recognise_file, to_number

#: A column of at most so many different answers is taken as a closed question.
CLOSED = 15
_SEPARATORS = (";", ", ", "/", "|", "\n", " ")
_CHOSEN = {"1", "true", "yes", "да", "y", "selected", "выбрано", "x", "+"}
_NOT_CHOSEN = {"0", "false", "no", "нет", "n", "not selected", "не выбрано", ""}


@dataclass
class _Scale:
    """Answers found in the file: (code, label, valence, meaning or None), low to high."""

    answers: list[tuple[int, str, str]]
    special: Sequence[tuple[int, str, str]]
    ordered: bool
    sure: bool = True

    @property
    def key(self) -> tuple[Any, ...]:
        return (tuple(self.answers), tuple(self.special))


@dataclass
class _Item:
    name: str
    kind: str
    label: str
    scale: _Scale | None = None
    options: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    separator: str = ""
    doubts: list[str] = field(default_factory=list)


def draft_questionnaire(survey: Path, target: Path, language: str = "") -> pd.DataFrame:
    """Write a questionnaire that proposes an item for each question of a survey's file.

    Ordered scales are recognised in English and Russian ("fully agree … fully disagree", «скорее да», "1 (not at all)"), answers outside the scale too
    («затрудняюсь ответить»). What could not be told is marked TODO. An XLSForm (sheets `survey` and `choices`) is read as the form itself.

    Parameters
    ----------
    survey : the survey's file, of any kind that `read_table` reads
    target : the YAML file to write; it must not exist
    language : "en", "ru", ...: the language of the labels; empty: labels without language

    Returns
    -------
    One row an item: `item, type, label, columns, answers` (substantive), `special, doubt`.

    Raises
    ------
    RunError
        The target is there already.
    DataError
        The survey's file cannot be read, or has no question in it.
    """
    if target.exists():
        raise RunError(f"{short_path(target)} is there already; name another file, or remove it first.")
    layout, _ = recognise_file(survey)
    form = _xlsform(survey)
    if form is not None:
        items, told = form, "an XLSForm"
    else:
        table = read_table(survey, Format.model_validate({"layout": layout}))
        items, told = (
            _items(table, layout),
            TITLES[layout] if layout != "plain" else f"{table.read_as.get('format', 'a table')} file",
        )
    if not items:
        raise DataError(
            Problem(
                short_path(survey),
                "No question was found in the file.",
                "Check that its headings are questions.",
            )
        )
    write_text(target, _yaml(items, survey.name, told, language))
    return pd.DataFrame(
        [
            [item.name, item.kind, item.label, " | ".join(item.columns), len(item.scale.answers) if item.scale else len(item.options),
             len(item.scale.special) if item.scale else 0, "; ".join(item.doubts)]
            for item in items
        ],
        columns=["item", "type", "label", "columns", "answers", "special", "doubt"],
    )  # fmt: skip


# ---------------------------------------------------------------- what the columns hold


def _items(table: RawTable, layout: str) -> list[_Item]:
    names: set[str] = set()
    items: list[_Item] = []
    data = {
        str(name): table.data[name]
        for name in table.data.columns
        if str(name).strip() and (table.data.columns == name).sum() == 1
    }
    questions = [
        name
        for name in data
        if fold(name.rsplit("/", 1)[-1]) not in META[layout] and fold(name) not in META[layout]
    ]
    done: set[str] = set()
    for name in questions:
        if name in done:
            continue
        group = _group(name, questions, data, table)
        done |= set(group)
        item = _several(name, group, data, table) if len(group) > 1 else None
        found = [item] if item else [_one(column, data[column], table, layout) for column in group]
        for one in found:
            one.name = _name(one.columns[0] if len(one.columns) == 1 else _stem(one.columns[0]), names)
            items.append(one)
    return items


def _stem(column: str) -> str:
    """Return what the columns of one question have in common: the part before `[…]`, `_1` or `/option`."""
    for pattern in (r"^(.+?)\s*\[[^\[\]]*\]$", r"^(.+)_\d+$", r"^(.+)/[^/]+$"):
        if match := re.match(pattern, column, re.DOTALL):
            return match[1]
    return column


def _group(name: str, questions: list[str], data: dict[str, pd.Series], table: RawTable) -> list[str]:
    """Return the columns that are options of one multiple-choice question, or the column alone."""
    stem = _stem(name)
    if stem == name:
        return [name]
    group = [other for other in questions if _stem(other) == stem]
    return group if len(group) > 1 and all(_is_option(data[other]) for other in group) else [name]


def _is_option(column: pd.Series) -> bool:
    """Tell whether a column only says that its option was chosen: yes and no, or one text of its own."""
    values = {fold(value) for value in pd.unique(column.dropna())} - {""}
    return values <= (_CHOSEN | _NOT_CHOSEN) or len(values) <= 1


def _several(name: str, group: list[str], data: dict[str, pd.Series], table: RawTable) -> _Item | None:
    used: set[str] = set()
    options: dict[str, str] = {}
    for column in group:
        heading = table.headings.get(column, column)
        bracket = re.search(r"\[([^\[\]]*)\]\s*$", heading)
        own = {str(value).strip() for value in pd.unique(data[column].dropna())}
        texts = [text for text in own if fold(text) not in (_CHOSEN | _NOT_CHOSEN)]
        label = (
            bracket[1] if bracket and bracket[1].strip() else texts[0] if texts else column.rsplit("/", 1)[-1]
        )
        options[_name(label if len(label) <= 40 else column, used, "option")] = plain_text(label)
    stem = _stem(table.headings.get(name, name))
    return _Item("", "multiple", plain_text(stem), options=options, columns=group)


def _one(name: str, column: pd.Series, table: RawTable, layout: str) -> _Item:
    label = plain_text(table.headings.get(name, name))
    item = _Item("", "open", label, columns=[name])
    labels = table.labels.get(name, {})
    values = [value for value in pd.unique(column.dropna()) if fold(value)]
    if not values:
        item.doubts.append("no answers in the file")
        return item
    if labels:
        item.scale = _from_labels(labels, values, table.declared_missing.get(name, []))
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
            if not item.scale.sure:
                item.doubts.append("order of the answers taken from their codes")
            return item
    numbers = [to_number(value) for value in values]
    if all(number is not None for number in numbers) and not any(is_ambiguous(value) for value in values):
        whole = all(float(number).is_integer() for number in numbers if number is not None)
        if not (whole and len(values) <= 11 and max(numbers) - min(numbers) <= 10 and min(numbers) >= -5):  # type: ignore[type-var, operator]
            item.kind = "numeric"
            return item
    if len(values) <= CLOSED and len(column) >= 2 * len(values):
        item.scale = _from_answers([str(value).replace("\ufeff", "").strip() for value in values])
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
            if not item.scale.ordered:
                item.doubts.append(
                    "are these answers ordered? then list them low to high and write type: ordinal"
                )
            return item
    joined = _joined(column)
    if joined is not None:
        item.kind, item.separator = "multiple", joined[0]
        used: set[str] = set()
        item.options = {_name(text if len(text) <= 40 else "", used, "option"): text for text in joined[1]}
        item.doubts.append("options were told apart by the separator; check labels that contain it")
        return item
    if len(values) <= 40 and len(column) >= 4 * len(values):
        item.scale = _from_answers([str(value).replace("\ufeff", "").strip() for value in values])
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
            item.doubts.append("many different answers: is this a closed question?")
    return item


def _from_labels(labels: dict[Any, str], values: list[Any], declared: list[tuple[Any, Any]]) -> _Scale | None:
    """Make a scale of a file's value labels; what the file declares as missing, or what says so, stands outside it."""
    coded = {}
    for value, label in labels.items():
        number = to_number(value)
        if number is None or not float(number).is_integer():
            return None
        coded[int(number)] = plain_text(label) or str(value)
    twice = Counter(fold(label) for label in coded.values())
    # a codebook may not have one label for two answers: the code tells them apart
    coded = {code: f"{label} ({code})" if twice[fold(label)] > 1 else label for code, label in coded.items()}
    unlabelled = [
        value
        for value in values
        if value not in labels and (number := to_number(value)) is not None and float(number).is_integer()
    ]
    ends_only = len(unlabelled) > 0 and len(unlabelled) <= 20
    special, plain = [], []
    for code, label in sorted(coded.items()):
        meaning = special_meaning(label)
        missing = any(low <= code <= high for low, high in declared if not isinstance(low, str))
        if meaning is not None or missing:
            special.append((code, label, meaning or "no_answer"))
        else:
            plain.append((code, label))
    if ends_only:  # a scale labelled at its ends only: the numbers between are answers
        have = {code for code, _ in plain} | {code for code, _, _ in special}
        plain += [
            (int(to_number(value) or 0), str(value))
            for value in unlabelled
            if int(to_number(value) or 0) not in have
        ]
    if len(plain) < 2:
        return None
    plain.sort()
    numbered = sum(to_number(label) == code for code, label in plain)
    if (
        numbered >= len(plain) - 3 and numbered > 1
    ):  # words at the ends (and the middle) only: the numbers are the scale
        return _Scale([(code, label, "") for code, label in plain], special, ordered=True)
    texts = [label for _, label in plain]
    places = ordinal_places(texts) if len(set(texts)) == len(texts) else None
    if places is None:
        return _Scale(
            [(code, label, "") for code, label in plain],
            special,
            ordered=ends_only and len(plain) > 2,
            sure=False,
        )
    plain.sort(key=lambda entry: places[entry[1]][0])
    return _Scale(
        [(code, label, _valence(places[label][1])) for code, label in plain], special, ordered=len(plain) > 2
    )


def _from_answers(values: list[str]) -> _Scale | None:
    """Make a scale of the answers that occur; codes are given in their order."""
    distinct = list(dict.fromkeys(values))
    outside = [(value, meaning) for value in distinct if (meaning := special_meaning(value)) is not None]
    inside = [value for value in distinct if special_meaning(value) is None]
    if len({fold(value) for value in inside}) < 2:
        return None
    inside = list({fold(value): value for value in inside}.values())
    places = ordinal_places(inside)
    special = [(97 + number, value, meaning) for number, (value, meaning) in enumerate(outside)]
    if places is None:
        return _Scale(
            [(number, value, "") for number, value in enumerate(sorted(inside), 1)], special, ordered=False
        )
    inside.sort(key=lambda value: places[value][0])
    numbered = [to_number(value) for value in inside]
    coded = [int(number) for number in numbered if number is not None and float(number).is_integer()]
    codes = coded if len(coded) == len(inside) else list(range(1, len(inside) + 1))
    return _Scale(
        [(code, value, _valence(places[value][1])) for code, value in zip(codes, inside, strict=True)],
        special,
        ordered=len(inside) > 2,
    )


def _valence(strength: float) -> str:
    return "positive" if strength > 0 else "negative" if strength < 0 else ""


def _joined(column: pd.Series) -> tuple[str, list[str]] | None:
    """Return the separator and the options of a column that holds several at a time, None where it does not."""
    texts = [str(value).replace("\ufeff", "").strip() for value in column.dropna() if fold(value)]
    whole = len(set(texts))
    for separator in _SEPARATORS:
        if sum(separator in text for text in texts) < max(3, 0.05 * len(texts)):
            continue
        if separator == " " and not all(re.fullmatch(r"[\w-]+( [\w-]+)*", text) for text in texts):
            continue  # only names of options, as KoboToolbox writes them, are joined by spaces
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update({part.strip() for part in text.split(separator) if part.strip()})
        common = [part for part, count in counts.most_common() if count >= 2]
        covered = sum(counts[part] for part in common) / max(sum(counts.values()), 1)
        if 2 <= len(common) <= 30 and len(common) < whole and covered >= 0.8:
            return separator.strip() or separator, common
    return None


# ---------------------------------------------------------------- XLSForm


def _xlsform(path: Path) -> list[_Item] | None:
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
    label = next((name for name in survey.data.columns if str(name).casefold().startswith("label")), "name")
    text = next((name for name in choices.data.columns if str(name).casefold().startswith("label")), "name")
    lists: dict[str, dict[str, str]] = {}
    for row in choices.data.to_dict("records"):
        if row["list_name"] is not None and row["name"] is not None:
            lists.setdefault(str(row["list_name"]), {})[str(row["name"])] = plain_text(
                row[text] or row["name"]
            )
    items, names = [], set[str]()
    for row in survey.data.to_dict("records"):
        kind, _, listed = str(row["type"] or "").strip().partition(" ")
        name = str(row["name"] or "")
        item = _Item(
            _name(name, names) if name else "", "open", plain_text(row[label] or name), columns=[name]
        )
        if kind in ("select_one", "select_multiple", "rank"):
            options = lists.get(listed.split(" ")[0], {})
            if len(options) < 2:
                continue
            if kind == "select_one":
                item.scale = _from_answers(list(options.values()))
                item.kind = "ordinal" if item.scale is not None and item.scale.ordered else "single"
            else:
                used: set[str] = set()
                item.kind, item.separator = (
                    ("multiple", " ") if kind == "select_multiple" else ("ranking", "")
                )
                item.options = {_name(key, used, "option"): value for key, value in options.items()}
        elif kind in ("integer", "decimal", "range"):
            item.kind = "numeric"
        elif kind not in ("text",) or not name:
            continue
        items.append(item)
    return items


# ---------------------------------------------------------------- names and YAML


def _name(text: str, taken: set[str], kind: str = "q") -> str:
    """Return a name that YAML and the codebook accept, made from a text, and not taken yet."""
    short = re.sub(r"\W+", "_", fold(text)).strip("_")
    short = re.sub(r"_+", "_", short)
    if not short or len(short) > 40:
        short = ""
    if short and not re.match(r"^[A-Za-zА-Яа-яЁё]", short):
        short = f"{kind}_{short}"
    if short in ("respondent", "city", "sector", "duration"):
        short = f"{short}_asked"
    base = short or kind
    number, name = 1, base if short else f"{kind}1"
    while name in taken:
        number += 1
        name = f"{base}_{number}" if short else f"{kind}{number}"
    taken.add(name)
    return name


def _quoted(text: object) -> str:
    return json.dumps(" ".join(str(text).split()), ensure_ascii=False)


def _label(text: str, language: str) -> str:
    return f"{{{language}: {_quoted(text)}}}" if language else _quoted(text)


def _yaml(items: list[_Item], file: str, told: str, language: str) -> str:
    lines = [
        f"# Drafted by `cssp draft-questionnaire` from {file}, taken for {told}.",
        "# Look at every line. Each TODO wants a decision: is the order of the answers right, low to high? which answers are positive, which negative?",
        "scales:",
    ]
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
    for item in items:
        lines.append(
            f"      - name: {item.name}{''.join('   # TODO: ' + doubt for doubt in item.doubts[:1])}"
        )
        lines.append(f"        type: {item.kind}")
        if item.scale is not None:
            lines.append(f"        scale: {scales[item.scale.key]}")
        text = item.label or item.name
        lines.append(
            f"        label: {_label(text if len(text) <= 60 else text[:57].rstrip() + '…', language)}"
        )
        lines.append(f"        wording: {_label(text, language)}")
        if item.options:
            lines.append("        options:")
            lines += [
                f"          {name}: {_label(option, language)}" for name, option in item.options.items()
            ]
    return "\n".join(lines) + "\n"


def _scale_lines(name: str, scale: _Scale, language: str) -> list[str]:
    lines = [f"  {name}:{'' if scale.ordered else '   # no order was recognised'}", "    answers:"]
    unsided = scale.ordered and not any(valence for _, _, valence in scale.answers)
    if unsided:
        lines[1] += "   # TODO: add valence: positive or negative where an answer has a side"
    for code, label, valence in scale.answers:
        side = f", valence: {valence}" if valence else ""
        lines.append(f"      - {{code: {code}, label: {_label(label, language)}{side}}}")
    if scale.special:
        lines.append("    special:")
        lines += [
            f"      - {{code: {code}, label: {_label(label, language)}, means: {meaning}}}"
            for code, label, meaning in scale.special
        ]
    return lines
