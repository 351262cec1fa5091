"""What the columns of a survey's file ask.

Questions, answer scales, options and rankings, told from headings, labels and answers.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

import pandas as pd

from cssp.draft.question_scales import Question, from_labels, numeric, scale_of_answers
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number
from cssp.tables.service import Service, folded, plain_text, service

#: A column of at most so many different answers is taken as a closed question.
CLOSED = 15
_SEPARATORS = (";", "|", "\n", "/ ", ", ", "/", ",")
#: Words that stand for a blank cell.
MISSING = {"na", "n/a", "#n/a", "nan", "null", ".", "-"}
_PERSONAL = re.compile(
    r"\b(e-?mail|phone|telephone|ip ?address|gps|latitude|longitude|first ?name|last ?name|full name|surname|your name|фио|ф\.и\.о|фамилия|имя|отчество|телефон\w*|"
    r"почта|почты|адрес\w*)\b|^_?gps|_latitude$|_longitude$"
)
_CHOSEN = {"1", "true", "yes", "да", "y", "selected", "выбрано", "x", "+"}
_NOT_CHOSEN = {"0", "false", "no", "нет", "n", "not selected", "не выбрано", ""}


def name_for(text: str, taken: set[str], kind: str = "q") -> str:
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


@dataclass
class _File:
    """The survey's file as questions.

    Its columns in order, their headings, labels and distinct answers.
    """

    table: RawTable
    service: Service
    columns: list[str]

    @classmethod
    def of(cls, table: RawTable, wrote: Service) -> _File:
        names = [str(name) for name in table.data.columns]
        known = [name for name in wrote.questions(names) if name.strip() and names.count(name) == 1]
        kept = [
            name
            for name in known
            if not {folded(name.rsplit("/", 1)[-1]), folded(name)} & wrote.metadata
        ]
        return cls(table, wrote, kept)

    def heading(self, name: str) -> str:
        return plain_text(self.table.headings.get(name, name))

    def answers(self, name: str) -> list[Any]:
        """Return the distinct answers of a column.

        Without blanks and without words that stand for a blank.
        """
        return [
            value
            for value in pd.unique(self.table.data[name].dropna())
            if fold(value) and fold(value) not in MISSING
        ]


def questions_of(table: RawTable) -> list[Question]:
    """Return the questions of a survey's file in the order of its columns.

    `left out` are those that may point at a person.
    """
    file = _File.of(table, service(table.read_as.get("layout")))
    names: set[str] = set()
    items: list[Question] = []
    done: set[str] = set()
    for name in file.columns:
        if name in done:
            continue
        if _identifies(file.heading(name)) or _identifies(name):
            items.append(Question("", "left out", file.heading(name), columns=[name]))
            continue
        found = _options_beside(name, file) or _ranking(name, file) or _several(name, file)
        item = found or _one(name, file)
        done |= {*item.columns, name}
        item.name = name_for(_stem(name) if found else name, names)
        items.append(item)
    return items


def _identifies(text: str) -> bool:
    """Tell whether a heading asks for what points at a person.

    Such a column is left out of the draft.
    """
    return bool(_PERSONAL.search(fold(text)))


def _stem(column: str) -> str:
    """Return what the columns of one question have in common.

    The part before `[…]`, `_1` or `/option`.
    """
    for pattern in (r"^(.+?)\s*\[[^\[\]]*\]$", r"^(.+)_\d+$", r"^(.+)/[^/]+$"):
        if match := re.match(pattern, column, re.DOTALL):
            return match[1]
    return column


def _group(name: str, file: _File) -> list[str]:
    """Return the columns that share a stem with this one."""
    stem = _stem(name)
    return [name] if stem == name else [other for other in file.columns if _stem(other) == stem]


def _is_option(values: list[Any]) -> bool:
    """Tell whether a column only says that its option was chosen.

    Yes and no, or one text of its own.
    """
    folded = {fold(value) for value in values}
    return folded <= (_CHOSEN | _NOT_CHOSEN) or len(folded) <= 1


def _options_beside(name: str, file: _File) -> Question | None:
    """Read a question that has a column with the chosen options joined.

    And one for each option beside it.
    """
    own = file.service.options_of(name, file.columns)
    if len(own) < 2 or not all(_is_option(file.answers(other)) for other in own):
        return None
    used: set[str] = set()
    options = {
        name_for(other.rsplit("/", 1)[-1], used, "option"): other.rsplit("/", 1)[-1]
        for other in own
    }
    return Question("", "multiple", file.heading(name), options=options, columns=own)


def _ranking(name: str, file: _File) -> Question | None:
    """Read places of a ranking: columns `[1]`, `[2]`, ...

    (or `_1`, `_2`) that share their answers and repeat none in a row.
    """
    group = _group(name, file)
    leaves = [re.search(r"(\d+)\]?$", other) for other in group]
    if (
        len(group) < 2
        or not all(leaves)
        or [int(m[1]) for m in leaves if m] != list(range(1, len(group) + 1))
    ):
        return None
    texts = [{str(value).strip() for value in file.answers(other)} for other in group]
    shared = set.union(*texts)
    if (
        not 3 <= len(shared) <= 30
        or {fold(text) for text in shared} <= (_CHOSEN | _NOT_CHOSEN)
        or all(to_number(text) is not None for text in shared)
    ):
        return None
    if sum(len(own) >= 0.5 * len(shared) for own in texts) < len(texts) / 2:
        return None
    cells = file.table.data[group].apply(
        lambda row: [fold(value) for value in row if value is not None and fold(value)], axis=1
    )
    if any(len(row) != len(set(row)) for row in cells):
        return None
    used: set[str] = set()
    options = {
        name_for(text if len(text) <= 40 else "", used, "option"): text for text in sorted(shared)
    }
    return Question(
        "",
        "ranking",
        _shared_heading([file.heading(other) for other in group]),
        options=options,
        columns=group,
    )


def _several(name: str, file: _File) -> Question | None:
    """Read a multiple choice that has a column for each option."""
    group = _group(name, file)
    if len(group) < 2 or not all(_is_option(file.answers(other)) for other in group):
        return None
    headings = [file.heading(column) for column in group]
    used: set[str] = set()
    options: dict[str, str] = {}
    for column, heading in zip(group, headings, strict=True):
        bracket = re.search(r"\[([^\[\]]*)\]\s*$", heading)
        texts = [
            str(value).strip()
            for value in file.answers(column)
            if fold(value) not in (_CHOSEN | _NOT_CHOSEN)
        ]
        part = part_of(heading)
        label = (
            bracket[1]
            if bracket and bracket[1].strip()
            else part or (texts[0] if texts else column.rsplit("/", 1)[-1])
        )
        # the service's own code of an option is its name, so that `cssp add` finds its column again
        own = file.service.option_code(column) or (label if len(label) <= 40 else column)
        options[name_for(own, used, "option")] = plain_text(label)
    return Question("", "multiple", _shared_heading(headings), options=options, columns=group)


def part_of(heading: str) -> str:
    """Return what stands behind the last dash of a heading such as "Which forms? - Selected
    Choice - Grants".
    """
    head, dash, part = heading.rpartition(" - ")
    return part.strip() if dash and head else ""


def _shared_heading(headings: list[str]) -> str:
    """Return the question that several headings begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*headings, strict=False))
    shared = "".join(letters[0] for letters in alike)
    bare = re.sub(
        r"\s*(\[[^\]]*|-\s*selected choice\s*-?.*|-[^-]*)$", "", shared, flags=re.IGNORECASE
    ).strip(" -[")
    return plain_text(bare or _stem(headings[0]))


def _one(name: str, file: _File) -> Question:
    """Read a question that has a column of its own."""
    column, values = file.table.data[name], file.answers(name)
    item = Question("", "open", file.heading(name), columns=[name])
    if not values:
        item.doubts.append("no answers in the file")
        return item
    declared = file.table.declared_missing.get(name, [])
    if labels := file.table.labels.get(name, {}):
        item.scale = from_labels(labels, values, declared)
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
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
    joined = _joined(column, file.service.separators)
    if joined is not None:
        item.kind, item.separator = "multiple", joined[0]
        used: set[str] = set()
        item.options = {
            name_for(text if len(text) <= 40 else "", used, "option"): text for text in joined[1]
        }
        item.doubts.append(f"several answers joined by '{joined[0]}'? check labels that contain it")
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
    repeated = len(column.dropna()) >= 3 * len(values)
    if longest <= 200 and (
        len(values) <= 3
        or (len(values) <= CLOSED and len(column) >= 2 * len(values))
        or (len(values) <= 40 and longest <= 60 and repeated)
    ):
        item.scale = scale_of_answers(texts, declared)
        if item.scale is not None:
            item.kind = "ordinal" if item.scale.ordered else "single"
            if all(re.fullmatch(r"[A-Z]{1,2}\d+", text) for text in texts):
                item.doubts.append(
                    "codes without words: say what they mean, and whether they are ordered"
                )
            elif len(values) > CLOSED:
                item.doubts.append("many different answers: is this a closed question?")
            elif not item.scale.ordered and len(item.scale.answers) > 2:
                item.doubts.append(
                    "are these answers ordered? then list them low to high and write type: ordinal"
                )
    return item


def _joined(column: pd.Series, first: tuple[str, ...]) -> tuple[str, list[str], list[str]] | None:
    """Return the separator.

    The options and the answers seen once of a column that holds several at a time; None where it
    does not.

    A separator is believed where its parts recombine: several parts occur in different cells with
    different others, and the parts are fewer
    than the cells' different texts.
    """
    texts = [
        str(value).replace("\ufeff", "").strip()
        for value in column.dropna()
        if fold(value) and fold(value) not in MISSING
    ]
    whole = len(set(texts))
    decimals = any(re.fullmatch(r"-?\d+([.,]\d+)?", text) for text in texts) and not any(
        re.fullmatch(r"\d+(,\d+){2,}", text) for text in texts
    )
    for separator in (*first, *_SEPARATORS):
        sign = separator.strip() or separator
        if decimals and sign == ",":
            continue  # a decimal comma
        if sum(separator in text for text in texts) < max(3, 0.05 * len(texts)):
            continue
        if separator == " " and not all(re.fullmatch(r"[\w-]+( [\w-]+)*", text) for text in texts):
            continue  # only names of options, as KoboToolbox writes them, are joined by spaces
        parts = [_parts(text, separator) for text in texts]
        counts = Counter(part for row in parts for part in set(row))
        common = [part for part, count in counts.most_common() if count >= 2]
        company: dict[str, set[tuple[str, ...]]] = {}
        for row in parts:
            for part in row:
                company.setdefault(part, set()).add(tuple(sorted(set(row) - {part})))
        recombined = sum(len(company[part]) > 1 for part in common)
        covered = sum(counts[part] for part in common) / max(sum(counts.values()), 1)
        if (
            2 <= len(common) <= 30
            and len(common) < whole
            and covered >= 0.7
            and recombined >= max(2, 0.5 * len(common))
        ):
            glued = _glued(parts, counts, separator, set(common))
            return sign, glued, [part for part, count in counts.items() if count == 1][:20]
    return None


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def _glued(
    parts: list[list[str]], counts: Counter[str], separator: str, common: set[str]
) -> list[str]:
    """Join parts that never occur without each other: a label that contains the separator."""
    follows: Counter[tuple[str, str]] = Counter()
    for row in parts:
        follows.update({(a, b) for a, b in pairwise(row)})
    after = {
        a: b
        for (a, b), count in follows.items()
        if count == counts[a] == counts[b] and a in common and b in common
    }
    inner = set(after.values())
    labels = []
    for part in sorted(common, key=lambda one: -counts[one]):
        if part in inner:
            continue
        label = part
        while part in after:
            part = after[part]
            label = f"{label}{separator}{part}"
        labels.append(label)
    return labels
