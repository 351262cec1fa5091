"""Answer scales told from a column's values, labels and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cssp.tables.answer_order import leading_number, ordinal_places
from cssp.tables.raw import fold, to_number
from cssp.tables.service import plain_text
from cssp.tables.special_answers import bare, special_meanings


@dataclass
class Question:
    """A question found in the file.

    Its name, type, label, scale or options, the columns that hold it, and what is doubtful of it.
    `map` says how its columns are read, as `items` in city.yaml does.
    """

    name: str
    kind: str
    label: str
    scale: Scale | None = None
    options: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    map: dict[str, Any] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    seen_once: list[str] = field(default_factory=list)


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


@dataclass
class Scale:
    """Answers found in the file, low to high: (code, label, valence).

    And outside the scale (code, label, meaning). `written` says what files write for a code beside
    its label, such as the name of a form's choice.
    """

    answers: list[tuple[int, str, str]]
    special: Sequence[tuple[int, str, str]]
    ordered: bool
    sure: bool = True
    doubts: list[str] = field(default_factory=list)
    written: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two scales the same."""
        return (tuple(self.answers), tuple(self.special), tuple(self.written.items()))


def numeric(
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


def from_labels(
    labels: dict[Any, str], values: list[Any], declared: list[tuple[Any, Any]]
) -> Scale | None:
    """Make a scale of a file's value labels.

    What the file declares as missing, or what says so, stands outside it.
    """
    coded: dict[int, str] = {}
    for value, label in labels.items():
        number = to_number(value)
        if number is None:  # text codes: the labels are the answers, in the file's order
            coded = {
                n: plain_text(text) or str(key) for n, (key, text) in enumerate(labels.items(), 1)
            }
            break
        if not float(number).is_integer():
            return None
        coded[int(number)] = plain_text(label) or str(value)
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
    doubts: list[str] = []
    low, high = (min(c for c, _ in plain), max(c for c, _ in plain)) if plain else (0, 0)
    for code in unlabelled if len(unlabelled) <= 20 else []:
        far = not low <= code <= high and code in _LIKELY_MISSING
        if far:
            doubts.append(f"{code} has no label and lies outside the scale: no answer?")
        if far or _is_declared(code, declared):
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
        return Scale(
            [(code, label, "") for code, label in plain], special, ordered=True, doubts=doubts
        )
    texts = [label for _, label in plain]
    places = ordinal_places(texts) if len(set(texts)) == len(texts) else None
    if places is None:
        return Scale(
            [(code, label, "") for code, label in plain],
            special,
            ordered=False,
            sure=len(plain) < 3,
            doubts=doubts,
        )
    plain.sort(key=lambda entry: places[entry[1]][0])
    return Scale(
        [(code, label, _valence(places[label][1])) for code, label in plain],
        special,
        ordered=len(plain) > 2,
        doubts=doubts,
    )


def scale_of_answers(
    values: list[str], declared: list[tuple[Any, Any]] | None = None
) -> Scale | None:
    """Make a scale of the answers that occur.

    An answer with a number of its own keeps it as its code.
    """
    distinct = list({bare(value): value for value in reversed(values)}.values())[::-1]
    meanings = special_meanings(distinct)
    outside = [(value, str(meaning)) for value, meaning in meanings.items()]
    inside = [value for value in distinct if value not in meanings]
    if len(inside) < 2:
        return None
    places = ordinal_places(inside)
    inside.sort(key=(lambda value: places[value][0]) if places else fold)
    own = [leading_number(value) for value in inside]
    known = [number for number in own if number is not None]
    numbers = [value for value in inside if to_number(value) is not None]
    if places and (climbing := _climbing(own)) is not None:
        codes = climbing
    elif places and not numbers:  # "6 months" before "1 year": their numbers do not rise
        codes = list(range(1, len(inside) + 1))
    elif known and len(set(known)) == len(known):
        # some answers are numbers: the others must not take their codes
        free = (code for code in range(1, 1000) if code not in known)
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
