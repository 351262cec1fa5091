"""What the columns of a survey's file ask.

Questions, answer scales, options and rankings, told from headings, labels and answers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Any

import pandas as pd

from cssp.draft.answer_scales import leading_number, ordinal_places, special_meanings
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number
from cssp.tables.service import Service, folded, plain_text, service

#: A column of at most so many different answers is taken as a closed question.
CLOSED = 15
_SEPARATORS = (";", "|", "\n", "/ ", ", ", "/", ",")
#: Words that stand for a blank cell.
MISSING = {"na", "n/a", "#n/a", "nan", "null", ".", "-"}
#: Numbers that usually mean 'no answer' beside a short scale.
_LIKELY_MISSING = {
    -1.0,
    -7.0,
    -8.0,
    -9.0,
    -77.0,
    -88.0,
    -97.0,
    -98.0,
    -99.0,
    66.0,
    77.0,
    88.0,
    96.0,
    97.0,
    98.0,
    99.0,
    777.0,
    888.0,
    999.0,
    -999.0,
}
_SPECIAL_CODES = {"hard_to_say": 97, "refused": 98, "no_answer": 96, "not_asked": 99}
_PERSONAL = re.compile(
    r"\b(e-?mail|phone|telephone|ip ?address|gps|latitude|longitude|first ?name|last ?name|full name|surname|your name|фио|ф\.и\.о|фамилия|имя|отчество|телефон\w*|"
    r"почта|почты|адрес\w*)\b|^_?gps|_latitude$|_longitude$"
)
_CHOSEN = {"1", "true", "yes", "да", "y", "selected", "выбрано", "x", "+"}
_NOT_CHOSEN = {"0", "false", "no", "нет", "n", "not selected", "не выбрано", ""}


@dataclass
class Scale:
    """Answers found in the file, low to high: (code, label, valence).

    And outside the scale (code, label, meaning).
    """

    answers: list[tuple[int, str, str]]
    special: Sequence[tuple[int, str, str]]
    ordered: bool
    sure: bool = True

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two scales the same."""
        return (tuple(self.answers), tuple(self.special))


@dataclass
class Question:
    """A question found in the file.

    Its name, type, label, scale or options, the columns that hold it, and what is doubtful of it.
    """

    name: str
    kind: str
    label: str
    scale: Scale | None = None
    options: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    separator: str = ""
    doubts: list[str] = field(default_factory=list)
    seen_once: list[str] = field(default_factory=list)


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
    """Return what stands behind the last dash of a heading such as "Which forms? - Selected Choice - Grants"."""
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
        item.scale = _from_labels(labels, values, declared)
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
        return _numeric(
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


def _numeric(
    item: Question, numbers: list[float], texts: list[str], declared: list[tuple[Any, Any]]
) -> Question:
    """Tell a scale of numbers from a quantity.

    99 and its like beside a short scale stand outside it.
    """
    outside = [number for number in numbers if _is_declared(number, declared)]
    inside = [number for number in numbers if number not in outside]
    # a scale from -2 to 2 has -1 on it
    sided = any(number < 0 and number not in _LIKELY_MISSING for number in inside)
    likely = [
        number
        for number in inside
        if number in _LIKELY_MISSING and not (sided and -10 < number < 0)
    ]
    rest = [number for number in inside if number not in likely]
    whole = bool(rest) and all(number.is_integer() for number in rest)
    if (
        whole
        and len(rest) > 1
        and max(rest) - min(rest) <= 10
        and min(rest) > -10
        and max(rest) <= 10
    ):
        aside = {*outside, *likely}
        # answers that nobody gave belong to the scale, too
        codes = [code for code in range(int(min(rest)), int(max(rest)) + 1) if code not in aside]
        special = [
            (int(number), f"{number:g}", "no_answer") for number in sorted([*outside, *likely])
        ]
        item.scale = Scale(
            [(code, str(code), "") for code in codes], special, ordered=len(codes) > 2
        )
        item.kind = "ordinal" if len(codes) > 2 else "single"
        item.doubts.append(
            "numbers without words: say what they mean, and whether they are ordered"
        )
        if special:
            item.doubts.append(f"{', '.join(label for _, label, _ in special)}: no answer?")
        return item
    if any(re.fullmatch(r"\d{1,2},\d{1,2}", text) for text in texts) and all(
        number < 100 for number in numbers
    ):
        item.doubts.append("several codes in one cell, or numbers with a decimal comma?")
    if likely or outside:
        item.doubts.append(
            f"{', '.join(f'{number:g}' for number in sorted([*outside, *likely]))}: no answer?"
        )
    item.kind = "numeric"
    return item


def _is_declared(number: float, declared: list[tuple[Any, Any]]) -> bool:
    return any(
        not isinstance(low, str) and not isinstance(high, str) and low <= number <= high
        for low, high in declared
    )


def _from_labels(
    labels: dict[Any, str], values: list[Any], declared: list[tuple[Any, Any]]
) -> Scale | None:
    """Make a scale of a file's value labels.

    What the file declares as missing, or what says so, stands outside it.
    """
    coded: dict[int, str] = {}
    for place, (value, label) in enumerate(labels.items(), 1):
        number = to_number(value)
        if number is None:  # text codes: the labels are the answers, in the file's order
            coded = {
                n: plain_text(text) or str(key) for n, (key, text) in enumerate(labels.items(), 1)
            }
            break
        if not float(number).is_integer():
            return None
        coded[int(number)] = plain_text(label) or str(value)
        del place
    by_text = any(to_number(value) is None for value in labels)
    twice = Counter(fold(label) for label in coded.values())
    # a codebook may not have one label for two answers: the code tells them apart
    coded = {
        code: f"{label} ({code})" if twice[fold(label)] > 1 else label
        for code, label in coded.items()
    }
    unlabelled = sorted(
        {
            int(number)
            for value in values
            if value not in labels
            and (number := to_number(value)) is not None
            and float(number).is_integer()
        }
        if not by_text
        else set()
    )
    special, plain = [], []
    meanings = special_meanings(list(coded.values()))
    for code, label in coded.items():
        meaning = meanings.get(label)
        if meaning is not None or (not by_text and _is_declared(code, declared)):
            special.append((code, label, str(meaning or "no_answer")))
        else:
            plain.append((code, label))
    for code in unlabelled if len(unlabelled) <= 20 else []:
        if _is_declared(code, declared):
            special.append((code, str(code), "no_answer"))
        elif (
            code not in coded
        ):  # a scale labelled at its ends only: the numbers between are answers
            plain.append((code, str(code)))
    if len(plain) < 2:
        return None
    if not by_text:
        plain.sort()
        special.sort()
    numbered = sum(to_number(label) == code for code, label in plain)
    if (
        numbered >= len(plain) - 3 and numbered > 1
    ):  # words at the ends (and the middle) only: the numbers are the scale
        return Scale([(code, label, "") for code, label in plain], special, ordered=True)
    texts = [label for _, label in plain]
    places = ordinal_places(texts) if len(set(texts)) == len(texts) else None
    if places is None:
        return Scale(
            [(code, label, "") for code, label in plain],
            special,
            ordered=False,
            sure=len(plain) < 3,
        )
    plain.sort(key=lambda entry: places[entry[1]][0])
    return Scale(
        [(code, label, _valence(places[label][1])) for code, label in plain],
        special,
        ordered=len(plain) > 2,
    )


def scale_of_answers(
    values: list[str], declared: list[tuple[Any, Any]] | None = None
) -> Scale | None:
    """Make a scale of the answers that occur.

    An answer with a number of its own keeps it as its code.
    """
    distinct = list({fold(value): value for value in values}.values())
    meanings = special_meanings(distinct)
    outside = [(value, str(meaning)) for value, meaning in meanings.items()]
    inside = [value for value in distinct if value not in meanings]
    if len(inside) < 2:
        return None
    places = ordinal_places(inside)
    inside.sort(key=(lambda value: places[value][0]) if places else fold)
    own = [leading_number(value) for value in inside]
    told = [number for number in own if number is not None]
    bare = [value for value in inside if to_number(value) is not None]
    if places and (climbing := _climbing(own)) is not None:
        codes = climbing
    elif places and not bare:  # "6 months" before "1 year": their numbers do not rise
        codes = list(range(1, len(inside) + 1))
    elif told and len(set(told)) == len(told):
        # some answers are numbers: the others must not take their codes
        free = (code for code in range(1, 1000) if code not in told)
        codes = [next(free) if number is None else number for number in own]
    else:
        codes = list(range(1, len(inside) + 1))
    special: list[tuple[int, str, str]] = []
    for value, told_meaning in outside:
        code = _SPECIAL_CODES[told_meaning]
        while code in {taken for taken, _, _ in special} or code in codes:
            code -= 1
        special.append((code, value, told_meaning))
    ordered = places is not None and len(inside) > 2
    return Scale(
        [
            (code, value, _valence(places[value][1]) if places else "")
            for code, value in zip(codes, inside, strict=True)
        ],
        special,
        ordered,
    )


def _climbing(own: list[int | None]) -> list[int] | None:
    """Return codes that rise with the order of the answers and keep the numbers that answers have.

    None where these do not rise.
    """
    first = next((place for place, number in enumerate(own) if number is not None), None)
    known = 1 if first is None else own[first] or 0
    codes: list[int] = []
    for number in own:
        before = codes[-1] if codes else known - (first or 0) - 1
        if number is not None and number <= before:
            return None
        codes.append(before + 1 if number is None else number)
    return codes


def _valence(strength: float) -> str:
    return "positive" if strength > 0 else "negative" if strength < 0 else ""


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
