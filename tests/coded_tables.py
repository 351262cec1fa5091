"""Segments and interviews made up for the tests of the interviews."""

from __future__ import annotations

import pandas as pd

import cssp
from cssp.study.code_system import Code, CodeSystem

STUDY = cssp.load_study()


SEGMENTS, INTERVIEWS = cssp.load_segments(STUDY), cssp.load_interviews(STUDY)


def system(*names: str) -> CodeSystem:
    return CodeSystem(codes=[Code(name=n, label={"en": n}, definition={"en": n}) for n in names])


def named(
    rows: list[list[int]], codes: str = "wxyz", city: str = "a"
) -> tuple[pd.DataFrame, pd.DataFrame, CodeSystem]:
    """Segments and interviews of one coder: which interview names which code."""
    names = [f"i{n}" for n in range(len(rows))]
    marks = [
        (city, names[i], "A", codes[k], 0, 5, "words")
        for i, row in enumerate(rows)
        for k, v in enumerate(row)
        if v
    ]
    interviews = pd.DataFrame(
        {
            "city": city,
            "interview": names,
            "held": "",
            "order": range(1, len(rows) + 1),
            "text": "words words",
            "coders": [["A"]] * len(rows),
        }
    )
    return (
        pd.DataFrame(
            marks, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
        ),
        interviews,
        system(*codes),
    )


def marked(grid: list[list[int | None]], code: str = "x") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments and interviews from rows of units and columns of coders: 1 marked, 0 not, None did not code."""
    names = [f"i{n}" for n in range(len(grid))]
    rows = [
        ("a", names[i], f"c{k}", code, 0, 5, "words")
        for i, row in enumerate(grid)
        for k, v in enumerate(row)
        if v == 1
    ]
    who = [[f"c{k}" for k, v in enumerate(row) if v is not None] for row in grid]
    interviews = pd.DataFrame(
        {"city": "a", "interview": names, "text": "words words", "coders": who}
    )
    return pd.DataFrame(
        rows, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    ), interviews


# Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: four observers, twelve units
FOUR = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
)


def both():
    study = cssp.load_study()
    return cssp.load_segments(study), cssp.load_interviews(study)


CODES = CodeSystem.model_validate(
    {
        "codes": [
            {
                "name": "top",
                "label": "Top",
                "definition": "d",
                "codes": [{"name": c, "label": c, "definition": "d"} for c in ("x", "y")],
            }
        ]
    }
)


def tables(
    marks: dict[str, list[list[int]]], coders: list[list[str]] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments and interviews from, for each code, rows of interviews and columns of coders (1: marked it)."""
    first = next(iter(marks.values()))
    names = [f"i{n}" for n in range(len(first))]
    who = coders or [[f"c{k}" for k in range(len(first[0]))] for _ in names]
    segments = [
        ["a", names[i], f"c{k}", code, 0, 5, "words"]
        for code, grid in marks.items()
        for i, row in enumerate(grid)
        for k, mark in enumerate(row)
        if mark
    ]
    interviews = pd.DataFrame(
        {
            "city": "a",
            "interview": names,
            "held": "",
            "order": range(1, len(names) + 1),
            "words": 9,
            "coders": who,
            "text": "words words",
        }
    )
    return pd.DataFrame(
        segments, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    ), interviews


def edit_segments(copy, keep) -> None:
    path = copy / "cities/vologda/segments.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if keep(line)) + "\n", encoding="utf-8")
