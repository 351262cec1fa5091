"""Random surveys written in the manner of each survey service: what the intake must read alike.

The labels are made to mislead: separators, digits and brackets inside of options, options called
'No' and '0', emoji, ё, no-break blanks. Every file is made up, and no person gave these answers.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

#: Sectors as the made-up questionnaires name them.
SECTORS = {"authorities": "Власть", "business": "Бизнес", "npo": "НКО"}
SCALES = (
    ("очень плохо", "плохо", "средне", "хорошо", "очень хорошо"),
    ("совсем не доверяю", "скорее не доверяю", "скорее доверяю", "полностью доверяю"),
    ("полностью не согласен", "скорее не согласен", "скорее согласен", "полностью согласен"),
    ("very bad", "bad", "fair", "good", "very good"),
)
HARD = ("Затрудняюсь ответить", "затрудняюсь ответить", "З/О", "Hard to say", "Don't know")
_WORDS = (
    "Гранты", "Субсидии", "Помещения", "Обучение", "Советы при главе", "Конкурсы", "События",
    "Налоговые льготы", "Консультации", "Реклама в СМИ", "Добровольцы", "Деньги", "Связи",
    "Premises", "Advice", "Tax relief",
)  # fmt: skip
_TWISTS: tuple[Callable[[str, str], str], ...] = (
    lambda one, other: one,
    lambda one, other: f"{one}/{other.lower()}",
    lambda one, other: f"{one} - {other.lower()}",
    lambda one, other: f"{one}: {other.lower()}",
    lambda one, other: f"{one} [{other.lower()}]",
    lambda one, other: f"{one} ({other.lower()})",
    lambda one, other: f"{one} 24/7",
    lambda one, other: f"1-2 {one.lower()}",
    lambda one, other: f"{one} 🙂",
    lambda one, other: f"{one}\u00a0и\u00a0{other.lower()}",
    lambda one, other: f"Ещё {one.lower()}",
    lambda one, other: f"{one}, {other.lower()}",
    lambda one, other: f"{one}; {other.lower()}",
    lambda one, other: f"{one}.",
    lambda one, other: f"«{one}»: {other.lower()} / прочее",
)
#: Options whose names say yes, no or nothing.
_TRAPS = ("Нет", "Другое", "0", "Ничего из этого", "No")
QUESTIONS = (
    "Какие формы поддержки Вам известны?",
    "Чем Вы пользовались за год",
    "Which forms of support do you know?",
    "С чем Вы сталкивались: за последний год?",
)


@dataclass
class RandomSurvey:
    """One made-up survey: what was asked, and what each respondent answered.

    Attributes
    ----------
    sector : of each respondent
    grid : row -> answers (labels, "" for blank)
    grid_question : what the rows share
    single, single_question : answers to a question without an order
    options, chosen, multiple_question : a multiple choice; `chosen` has a row a respondent, True
        where chosen, and no True where the question was left out
    numbers : a whole number a respondent, None for blank
    """

    sector: list[str]
    grid_question: str
    scale: tuple[str, ...]
    hard: str
    grid: dict[str, list[str]]
    single_question: str
    single: list[str]
    multiple_question: str
    options: list[str]
    chosen: np.ndarray
    numbers: list[int | None]
    number_question: str = "Сколько лет работает Ваша организация?"
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many respondents there are."""
        return len(self.sector)


def random_survey(seed: int, plain_options: bool = False) -> RandomSurvey:
    """Make up a survey.

    Parameters
    ----------
    seed : the same seed gives the same survey
    plain_options : options without separators, for services that join them by such signs

    Examples
    --------
    >>> random_survey(1).n == random_survey(1).n
    True
    """
    rng = np.random.default_rng([20261130, seed])
    n = int(rng.integers(45, 90))
    scale = SCALES[rng.integers(len(SCALES))]
    hard = str(rng.choice(HARD))
    answers = [*scale, hard, ""]
    weights = np.array([*rng.dirichlet(np.full(len(scale), 2.0)) * 0.8, 0.1, 0.1])
    rows = [str(row) for row in rng.choice(("НКО", "власть", "бизнес", "СМИ", "вузы"), 3, False)]
    grid = {row: [answers[k] for k in rng.choice(len(answers), n, p=weights)] for row in rows}
    for number, answer in enumerate(scale):  # each answer is given somewhere
        grid[rows[0]][number] = answer
    words = [str(word) for word in rng.permutation(_WORDS)]
    twist = (lambda one, other: one) if plain_options else None
    options: list[str] = []
    for number in range(int(rng.integers(3, 6))):
        make = twist or _TWISTS[rng.integers(len(_TWISTS))]
        options.append(make(words[2 * number], words[2 * number + 1]))
    if rng.random() < 0.5:
        options.append(str(rng.choice([t for t in _TRAPS if not plain_options or t != "0"])))
    chosen = rng.random((n, len(options))) < rng.uniform(0.2, 0.6, len(options))
    chosen[: len(options)] |= np.eye(len(options), dtype=bool)
    chosen[rng.random(n) < 0.1] = False
    chosen[: len(options)] |= np.eye(len(options), dtype=bool)
    kinds = [
        str(kind) for kind in rng.choice(("Фонд", "Предприятие", "Администрация", "Союз"), 3, False)
    ]
    numbers: list[int | None] = [
        None if rng.random() < 0.1 else int(value) for value in rng.integers(0, 60, n)
    ]
    return RandomSurvey(
        sector=[list(SECTORS.values())[k] for k in rng.integers(0, 3, n)],
        grid_question=str(rng.choice(["Как Вы оцениваете работу", "Насколько хорошо работают"])),
        scale=scale,
        hard=hard,
        grid=grid,
        single_question="Где Вы работаете?",
        single=[kinds[k] for k in rng.integers(0, 3, n)],
        multiple_question=str(rng.choice(QUESTIONS)),
        options=options,
        chosen=chosen,
        numbers=numbers,
    )


Table = list[list[Any]]


def _start(survey: RandomSurvey, *columns: tuple[str, Sequence[Any]]) -> Table:
    table: Table = [[name for name, _ in columns]]
    table += [list(row) for row in zip(*(values for _, values in columns), strict=True)]
    return table


def _add(table: Table, name: str, values: Sequence[Any]) -> None:
    table[0].append(name)
    for row, value in zip(table[1:], values, strict=True):
        row.append("" if value is None else value)


def _rest(table: Table, survey: RandomSurvey, joint: str) -> None:
    """Add the questions with one column an answer."""
    for row, answers in survey.grid.items():
        _add(table, joint.format(survey.grid_question, row), answers)
    _add(table, survey.single_question, survey.single)
    _add(table, survey.number_question, survey.numbers)


def _joined(names: Sequence[str], survey: RandomSurvey, sign: str) -> list[str]:
    """Return the names of what each respondent chose, joined."""
    return [
        sign.join(name for name, yes in zip(names, row, strict=True) if yes)
        for row in survey.chosen
    ]


def _marks(survey: RandomSurvey, option: int, yes: Any, no: Any) -> list[Any]:
    """Return a mark for each respondent; blank where the question was left out."""
    answered = np.asarray(survey.chosen.any(axis=1))
    chosen = survey.chosen[:, option]
    return ["" if not answered[row] else yes if chosen[row] else no for row in range(survey.n)]


def google_forms(survey: RandomSurvey) -> Table:
    """A column of times, questions as headings, chosen options joined by a comma."""
    stamps = [f"2026/03/01 10:{number % 60:02d}:00" for number in range(survey.n)]
    table = _start(survey, ("Отметка времени", stamps), ("Ваш сектор", survey.sector))
    _rest(table, survey, "{} [{}]")
    cells = [
        ", ".join(o for o, yes in zip(survey.options, row, strict=True) if yes)
        for row in survey.chosen
    ]
    _add(table, survey.multiple_question, cells)
    return table


def yandex_forms(survey: RandomSurvey) -> Table:
    """A column an option, `question / option`, with the option's own text where it was chosen."""
    numbers = list(range(1, survey.n + 1))
    table = _start(survey, ("ID", numbers), ("Ваш сектор", survey.sector))
    _rest(table, survey, "{} / {}")
    for number, option in enumerate(survey.options):
        cells = [option if yes else "" for yes in survey.chosen[:, number]]
        _add(table, f"{survey.multiple_question} / {option}", cells)
    return table


def limesurvey(survey: RandomSurvey) -> Table:
    """`code[part]. question [part]`, options answered Да and Нет, blank where left out."""
    numbers = list(range(1, survey.n + 1))
    table = _start(
        survey,
        ("id. Response ID", numbers),
        ("submitdate. Date submitted", ["2026-03-01 10:00:00"] * survey.n),
        ("lastpage. Last page", [3] * survey.n),
        ("sector. Ваш сектор", survey.sector),
    )
    for number, (row, answers) in enumerate(survey.grid.items(), 1):
        _add(table, f"g1[SQ00{number}]. {survey.grid_question} [{row}]", answers)
    _add(table, f"w1. {survey.single_question}", survey.single)
    _add(table, f"y1. {survey.number_question}", survey.numbers)
    for number, option in enumerate(survey.options):
        marks = _marks(survey, number, "Да", "Нет")
        _add(table, f"m1[SQ00{number + 1}]. {survey.multiple_question} [{option}]", marks)
    return table


def kobo(survey: RandomSurvey) -> Table:
    """Groups in the headings, chosen options joined by a blank, and 0 and 1 beside them."""
    numbers = list(range(1, survey.n + 1))
    table = _start(
        survey,
        ("start", ["2026-03-01T10:00:00"] * survey.n),
        ("_id", numbers),
        ("_uuid", [f"u{number}" for number in numbers]),
        ("_submission_time", ["2026-03-01T10:00:00"] * survey.n),
        ("main/sector", survey.sector),
    )
    for number, answers in enumerate(survey.grid.values(), 1):
        _add(table, f"main/g{number}", answers)
    _add(table, "main/w", survey.single)
    _add(table, "main/y", survey.numbers)
    names = [f"o{number}" for number in range(1, len(survey.options) + 1)]
    joined = [
        " ".join(name for name, yes in zip(names, row, strict=True) if yes) for row in survey.chosen
    ]
    _add(table, "main/m", joined)
    for number, name in enumerate(names):
        _add(table, f"main/m/{name}", _marks(survey, number, 1, 0))
    return table


def qualtrics(survey: RandomSurvey) -> Table:
    """Three rows of headings; the option's own text where it was chosen."""
    numbers = [f"R_{number}" for number in range(survey.n)]
    names, long = ["StartDate", "ResponseId", "Q0"], ["Start Date", "Response ID", "Ваш сектор"]
    columns: list[Sequence[Any]] = [["2026-03-01 10:00:00"] * survey.n, numbers, survey.sector]
    for number, (row, answers) in enumerate(survey.grid.items(), 1):
        names.append(f"Q1_{number}")
        long.append(f"{survey.grid_question} - {row}")
        columns.append(answers)
    names += ["Q2", "Q3"]
    long += [survey.single_question, survey.number_question]
    columns += [survey.single, survey.numbers]
    for number, option in enumerate(survey.options):
        names.append(f"Q4_{number + 1}")
        long.append(f"{survey.multiple_question} - Selected Choice - {option}")
        columns.append([option if yes else "" for yes in survey.chosen[:, number]])
    third = [f'{{"ImportId":"{name}"}}' for name in names]
    body = [["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True)]
    return [names, long, third, *body]


def surveymonkey(survey: RandomSurvey) -> Table:
    """A question once, above the first of its options; the option's text where it was chosen."""
    first, second = ["Respondent ID", "Collector ID", "Ваш сектор"], ["", "", "Response"]
    columns: list[Sequence[Any]] = [range(1, survey.n + 1), ["c"] * survey.n, survey.sector]
    for number, (row, answers) in enumerate(survey.grid.items()):
        first.append(survey.grid_question if number == 0 else "")
        second.append(row)
        columns.append(answers)
    first += [survey.single_question, survey.number_question]
    second += ["Response", "Open-Ended Response"]
    columns += [survey.single, survey.numbers]
    for number, option in enumerate(survey.options):
        first.append(survey.multiple_question if number == 0 else "")
        second.append(option)
        columns.append([option if yes else "" for yes in survey.chosen[:, number]])
    body = [["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True)]
    return [first, second, *body]


#: Service -> how it writes a survey's table.
SERVICES: dict[str, Callable[[RandomSurvey], Table]] = {
    "google_forms": google_forms,
    "yandex_forms": yandex_forms,
    "limesurvey": limesurvey,
    "kobo": kobo,
    "qualtrics": qualtrics,
    "surveymonkey": surveymonkey,
}


def write_export(survey: RandomSurvey, service: str, path: Path) -> Path:
    """Write a survey as a service does: a CSV, or with `spss` a .sav with labels and a set."""
    if service == "spss":
        return _write_spss(survey, path)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(SERVICES[service](survey))
    return path


def _write_spss(survey: RandomSurvey, path: Path) -> Path:
    import pandas as pd
    import pyreadstat

    codes = {label: code for code, label in enumerate(survey.scale, 1)} | {survey.hard: 9}
    kinds = sorted(set(survey.single))
    columns: dict[str, Any] = {
        "id": list(range(1, survey.n + 1)),
        "sector": [list(SECTORS.values()).index(one) + 1 for one in survey.sector],
    }
    headings = {"id": "№", "sector": "Ваш сектор"}
    labels: dict[str, dict[Any, str]] = {"sector": dict(enumerate(SECTORS.values(), 1))}
    missing: dict[str, list[Any]] = {}
    for number, (row, answers) in enumerate(survey.grid.items(), 1):
        name = f"g{number}"
        columns[name] = [codes.get(answer) for answer in answers]
        headings[name] = f"{survey.grid_question}: {row}"
        labels[name] = {code: label for label, code in codes.items()}
        missing[name] = [9]
    columns["w"] = [kinds.index(kind) + 1 for kind in survey.single]
    headings["w"], labels["w"] = survey.single_question, dict(enumerate(kinds, 1))
    columns["y"], headings["y"] = survey.numbers, survey.number_question
    for number, option in enumerate(survey.options, 1):
        name = f"m{number}"
        columns[name] = [None if mark == "" else mark for mark in _marks(survey, number - 1, 1, 0)]
        headings[name] = f"{survey.multiple_question} - {option}"
        labels[name] = {0: "не отмечено", 1: "отмечено"}
    pyreadstat.write_sav(
        pd.DataFrame(columns).astype({name: "float" for name in columns}),
        str(path),
        column_labels=[headings[name] for name in columns],
        variable_value_labels=labels,
        missing_ranges=missing,
    )
    return path
