"""Tests of `interviews/units`."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from coded_tables import system
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError
from cssp.interviews.units import units

spans = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["x", "y"]),
        st.integers(0, 19),
        st.integers(1, 8),
    ),
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(spans)
def test_agreement_by_character_equals_the_character_long_table(marks):
    text = "0123456789" * 3
    segments = pd.DataFrame(
        [("i", c, k, s, s + n) for c, k, s, n in marks],
        columns=["interview", "coder", "code", "start", "end"],
    )
    interviews = pd.DataFrame({"interview": ["i"], "text": [text], "coders": [["A", "B", "C"]]})
    table = cssp.agreement(segments, interviews, system("x", "y"), by="character", replicates=0)
    grid = {code: np.zeros((3, 30)) for code in "xy"}
    for coder, code, start, length in marks:
        grid[code]["ABC".index(coder), start : start + length] = 1
    somebody = (grid["x"] + grid["y"]).any(axis=0)
    for base, kept in (("all_units", np.ones(30, dtype=bool)), ("coded_units", somebody)):
        for code in "xy":
            values = grid[code][:, kept]
            ours = table[(table["base"] == base) & (table["code"] == code)]["alpha"].iloc[0]
            if values.size == 0 or values.min() == values.max():
                assert np.isnan(ours)
            else:
                assert ours == pytest.approx(
                    krippendorff.alpha(values, level_of_measurement="nominal"), abs=1e-12
                )
    runs = units(segments, interviews, "character")
    assert runs["size"].sum() == 30
    assert len(runs) <= 2 * len(marks) + 1


def test_units_of_one_text():
    text = "Вступление.\n— Что мешает?\nДенег нет, т. е. совсем. Людей тоже.\n\nИ времени.\n— А город?\nМолчит."
    texts = pd.DataFrame({"interview": ["i"], "text": [text]})
    nothing = pd.DataFrame(columns=["interview", "coder", "code", "start", "end"])
    told = {
        by: [text[a:b] for a, b in units(nothing, texts, by)[["start", "end"]].to_numpy()]
        for by in ("interview", "answer", "sentence")
    }
    assert told["interview"] == [text]
    assert told["answer"] == ["Денег нет, т. е. совсем. Людей тоже.\n\nИ времени.", "Молчит."]
    assert "Денег нет, т. е. совсем." in told["sentence"]
    assert "Людей тоже." in told["sentence"]
    english = pd.DataFrame(
        {
            "interview": ["i"],
            "text": [
                "There is no money, e.g. none. There are no people. There is no money, e.g. none."
            ],
        }
    )
    cut = units(nothing, english, "sentence", language="en")
    assert [english["text"][0][a:b] for a, b in cut[["start", "end"]].to_numpy()] == [
        "There is no money, e.g. none.",
        "There are no people.",
        "There is no money, e.g. none.",
    ]
    with pytest.raises(ScoringError, match="cannot be cut into sentences"):
        units(nothing, texts, "sentence", language="xx")
    with pytest.raises(ScoringError, match="Did you mean 'sentence'"):
        units(nothing, texts, "sentences")
    with pytest.raises(ScoringError, match="The text of 'i' is missing"):
        units(nothing, texts.assign(text=None), "answer")
    declared = pd.DataFrame({"interview": ["i"], "start": [0], "end": [3]})
    assert units(nothing, texts, "answer", answers=declared)[
        ["start", "end"]
    ].to_numpy().tolist() == [[0, 3]]
