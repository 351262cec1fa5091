"""Alarms of plausibility in a file: values that can be read, and yet are hardly what was answered.

Each is a warning with its remedy: numbers that stand apart, options that all or none chose, two
items with the same answers, an order that the labels deny, respondents of another city.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from cssp.study.problems import Problem, errors_in
from cssp.study.questionnaire import AnswerScale, Item, Questionnaire
from cssp.survey.load import CityReading
from cssp.tables.answer_order import ordinal_places
from cssp.tables.raw import to_number
from cssp.tables.special_answers import bare, special_meaning

#: Fewer respondents say nothing about what is usual.
FEW = 20
#: Such a share of one answer leaves an item without differences.
CONSTANT = 0.97
#: Such a share of those asked must have answered a multiple choice.
BASE = 0.8


def alarms(questionnaire: Questionnaire, reading: CityReading) -> list[Problem]:
    """Return what is hardly plausible in one city's answers; empty where reading met errors."""
    if errors_in(reading.problems):
        return []
    file = reading.table.file
    found = [
        *_of_scales(questionnaire, reading),
        *_of_items(questionnaire, reading.rows),
        *_of_options(questionnaire, reading.rows),
        *_same_answers(questionnaire, reading.rows),
        *_middle(questionnaire, reading.rows),
    ]
    return [
        Problem(file, what, remedy, None, item, None, "warning") for item, what, remedy in found
    ]


Alarm = tuple[str, str, str]


def _of_scales(questionnaire: Questionnaire, reading: CityReading) -> Iterator[Alarm]:
    """Yield scales whose ends stand apart, say 'hard to say', or are in another order than said."""
    ordinal = [item for item in questionnaire.items if item.type == "ordinal"]
    first = {item.scale: item.name for item in reversed(ordinal)}
    for name, item in first.items():
        scale = questionnaire.scales[str(name)]
        if len(scale.answers) < 3:
            continue
        for answer in (scale.answers[0], scale.answers[-1]):
            label = next(iter(answer.label.values()))
            if meaning := special_meaning(label):
                yield (
                    item,
                    f"The answer {answer.code} at the end of the scale '{name}' reads '{label}': "
                    f"{meaning.replace('_', ' ')} is no point of a scale.",
                    "Move it to 'special' in the questionnaire.",
                )
        yield from _apart(item, str(name), scale)
        if (order := _said_order(scale)) is not None and order != sorted(order):
            if order == sorted(order, reverse=True):
                continue  # from high to low is an order, too
            yield (
                item,
                f"The answers of the scale '{name}' stand in another order than their words say.",
                "List them low to high in the questionnaire.",
            )


def _apart(item: str, name: str, scale: AnswerScale) -> Iterator[Alarm]:
    codes = scale.codes
    steps = np.diff(sorted(codes))
    for code, step in ((min(codes), steps[0]), (max(codes), steps[-1])):
        inner = steps[1:] if code == min(codes) else steps[:-1]
        if len(inner) and step > 2 * max(inner.max(), 1):
            yield (
                item,
                f"The answer {code} stands far from the others of the scale '{name}' "
                f"({', '.join(map(str, codes))}).",
                "If it says that there is no answer, move it to 'special' in the questionnaire.",
            )


def _said_order(scale: AnswerScale) -> list[float] | None:
    """Return the places that the words of a scale's answers have, in the scale's order."""
    for language in scale.answers[0].label:
        labels = [answer.label.get(language, "") for answer in scale.answers]
        if all(to_number(label) is not None for label in labels):
            return [float(to_number(label) or 0) for label in labels]
        places = ordinal_places(labels) if len(set(labels)) == len(labels) else None
        if places is not None:
            return [places[label][0] for label in labels]
    return None


def _of_items(questionnaire: Questionnaire, rows: pd.DataFrame) -> Iterator[Alarm]:
    """Yield items to which nearly all gave one answer, and numbers far from all others."""
    for item in questionnaire.items:
        if item.type in ("ordinal", "single"):
            own = _substantive(questionnaire, item, rows)
            if len(own) >= FEW and (share := own.value_counts(normalize=True).iloc[0]) >= CONSTANT:
                yield (
                    item.name,
                    f"{100 * share:.0f} % gave one and the same answer ({len(own)} answered).",
                    "Check the column and its codes; nothing can be compared by this item.",
                )
        if item.type == "numeric":
            yield from _far(item.name, rows[item.name].dropna().astype(float))


def _far(item: str, numbers: pd.Series) -> Iterator[Alarm]:
    """Yield a number such as 99 or 999 that many gave and that lies beyond all others."""
    if len(numbers) < FEW:
        return
    counts = numbers.value_counts()
    for value in {counts.index.max(), counts.index.min()}:
        rest = numbers[numbers != value]
        if not len(rest) or counts[value] < max(3, 0.02 * len(numbers)):
            continue
        coded = str(int(abs(value))) in {"9", "99", "999", "9999", "88", "888", "98", "998", "77"}
        beyond = value < 0 <= rest.min() or value > 2 * rest.max() + 1
        if (coded or value < 0) and beyond:
            yield (
                item,
                f"{counts[value]} respondents gave {value:g}, the others {rest.min():g} to "
                f"{rest.max():g}.",
                "If it says that there is no answer, list it under 'missing' of the item in "
                "city.yaml.",
            )


def _of_options(questionnaire: Questionnaire, rows: pd.DataFrame) -> Iterator[Alarm]:
    """Yield options that all or none chose, and a base far below the respondents asked."""
    for item in questionnaire.items:
        if item.type != "multiple":
            continue
        own = rows[item.columns]
        answered = own.notna().any(axis=1)
        if answered.sum() < FEW:
            continue
        for column in item.columns:
            given = own[column].dropna()
            chosen = int((given == 1).sum())
            if len(given) and chosen in (0, len(given)):
                how = "Nobody" if chosen == 0 else "Everybody"
                yield (
                    column,
                    f"{how} chose this option ({len(given)} answered).",
                    "Check its column, and which values say that it was chosen.",
                )
        asked = rows["sector"].isin(item.asked_of) if item.asked_of else pd.Series(True, rows.index)
        if item.asked_if is None and answered.sum() < BASE * asked.sum():
            yield (
                item.name,
                f"{int(answered.sum())} of {int(asked.sum())} asked chose anything; the others "
                "count as not having answered.",
                "If who chose nothing was asked, the file must say so: a column for 'none', or 0 "
                "in every column.",
            )


def _same_answers(questionnaire: Questionnaire, rows: pd.DataFrame) -> Iterator[Alarm]:
    """Yield pairs of items with the same answers throughout."""
    seen: dict[int, list[str]] = {}
    for item in questionnaire.items:
        if item.type not in ("ordinal", "single", "numeric"):
            continue
        own = rows[item.name]
        if own.notna().sum() >= FEW and own.nunique() > 1:
            key = hash(tuple(own.astype("Float64").fillna(-1e9)))
            seen.setdefault(key, []).append(item.name)
    for names in seen.values():
        for one, other in combinations(names, 2):
            if rows[one].equals(rows[other]):
                yield (
                    other,
                    f"Every respondent gave the same answer as to '{one}'.",
                    "Check the columns: is one mapped to both items?",
                )


def _middle(questionnaire: Questionnaire, rows: pd.DataFrame) -> Iterator[Alarm]:
    """Yield rows of a grid in which nobody gave the middle answer, where the other rows have it."""
    for section in questionnaire.sections:
        grids: dict[str, list[Item]] = {}
        for item in section.items:
            if item.type == "ordinal":
                grids.setdefault(str(item.scale), []).append(item)
        for scale, items in grids.items():
            codes = questionnaire.scales[scale].codes
            if len(codes) % 2 == 0 or len(codes) < 5 or len(items) < 3:
                continue
            middle = codes[len(codes) // 2]
            given = {i.name: _substantive(questionnaire, i, rows) for i in items}
            shares = {
                n: float((own == middle).mean()) for n, own in given.items() if len(own) >= 50
            }
            usual = float(np.median(list(shares.values()))) if shares else 0.0
            for item_name, share in shares.items():
                if share == 0 and usual >= 0.15:
                    yield (
                        item_name,
                        "Nobody gave the middle answer, which others of this scale have in "
                        f"{100 * usual:.0f} % of answers.",
                        "Check how the column's codes were read.",
                    )


def _substantive(questionnaire: Questionnaire, item: Item, rows: pd.DataFrame) -> pd.Series:
    scale = questionnaire.scale_of(item)
    own = rows[item.name].dropna()
    return own if scale is None else own[own.isin(scale.codes)]


# ---------------------------------------------------------------- between cities


def alarms_between(
    questionnaire: Questionnaire, readings: Sequence[tuple[str, CityReading]]
) -> list[Problem]:
    """Return what is hardly plausible between cities.

    One file's rows in two cities (an error), the same answers in two files, and value labels of two
    files that disagree.
    """
    problems = []
    by_file: dict[str, list[tuple[str, CityReading]]] = {}
    for name, reading in readings:
        by_file.setdefault(reading.table.file, []).append((name, reading))
    for file, own in by_file.items():
        for (name, one), (other, another) in combinations(own, 2):
            if shared := set(one.kept.tolist()) & set(another.kept.tolist()):
                whose = (
                    f"are read twice for {name}"
                    if name == other
                    else f"belong to both cities, {name} and {other}"
                )
                problems.append(
                    Problem(
                        file,
                        f"{len(shared)} rows of the file {whose}.",
                        "Say under 'rows' in each city.yaml which rows are the city's.",
                        row=min(shared),
                    )
                )
    for (name, one), (other, another), count in _respondents_alike(readings):
        if one.table.file != another.table.file:
            problems.append(
                Problem(
                    another.table.file,
                    f"{count} respondents of {other} gave exactly the answers of respondents of "
                    f"{name}.",
                    "Check whether both cities have the same file.",
                    severity="warning",
                )
            )
    return problems + _labels_apart(readings)


City = tuple[str, CityReading]


def _respondents_alike(readings: Sequence[City]) -> Iterator[tuple[City, City, int]]:
    """Yield pairs of cities of which more than half of the respondents have the same answers."""
    answers = [_hashed(reading.rows) for _, reading in readings]
    holders: dict[int, list[int]] = {}
    for number, counts in enumerate(answers):
        for row in counts:
            holders.setdefault(row, []).append(number)
    pairs = {pair for own in holders.values() if len(own) < 50 for pair in combinations(own, 2)}
    for one, other in sorted(pairs):
        both = sum((answers[one] & answers[other]).values())
        if both >= 5 and both > 0.5 * min(answers[one].total(), answers[other].total()):
            yield readings[one], readings[other], both


def _hashed(rows: pd.DataFrame) -> Counter[int]:
    """Return a number for each respondent's answers -> how many have them."""
    items = rows.drop(columns=[name for name in _KEYS if name in rows])
    items = items[items.notna().sum(axis=1) >= 5]
    if items.empty:
        return Counter()
    return Counter(pd.util.hash_pandas_object(items.astype("string"), index=False).tolist())


_KEYS = ("respondent", "city", "sector", "wave", "weight", "duration")


def _labels_apart(readings: Sequence[tuple[str, CityReading]]) -> list[Problem]:
    """Return values that two files label differently and that became one answer."""
    said: dict[tuple[str, object, object], tuple[str, str]] = {}
    problems = []
    for name, reading in readings:
        for item, column, seen in reading.seen:
            label = reading.table.labels.get(column, {}).get(seen.value)
            if label is None or seen.meaning is None or isinstance(seen.meaning, frozenset):
                continue
            first = said.setdefault((item, seen.value, seen.meaning), (name, label))
            if bare(first[1]) != bare(label) and special_meaning(label) is None:
                problems.append(
                    Problem(
                        reading.table.file,
                        f"{seen.value} is labelled '{label}' here and '{first[1]}' in the file of "
                        f"{first[0]}, and both were read as the answer {seen.meaning}.",
                        "Compare the two; map one of them under 'values' in city.yaml.",
                        column=column,
                        value=str(seen.value),
                        severity="warning",
                    )
                )
    return problems
