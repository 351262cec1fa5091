"""Tests of `interviews/disagreements`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_tables import named, system

import cssp
from cssp import ScoringError


def test_passages_join_overlapping_segments_of_one_code():
    rows = [
        ("a", "i", "A", "x", 0, 5),
        ("a", "i", "B", "x", 4, 9),
        ("a", "i", "A", "x", 9, 12),
        ("a", "i", "B", "y", 0, 5),
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["слово " * 5], "coders": [["A", "B"]]}
    )
    table = cssp.passages(segments, interviews)
    assert table[["code", "start", "end", "agreed"]].to_numpy().tolist() == [
        ["x", 0, 9, True],
        ["x", 9, 12, False],
        ["y", 0, 5, False],
    ]
    assert cssp.passages(segments[:0], interviews).empty
    disputed = cssp.disagreements(segments, interviews)
    assert disputed[["code", "marked_by", "not_marked_by"]].to_numpy().tolist() == [
        ["y", "B", "A"],
        ["x", "A", "B"],
    ]


def test_three_coders_in_a_chain_do_not_agree_where_no_word_is_marked_by_all():
    rows = [("a", "i", "A", "x", 0, 10), ("a", "i", "C", "x", 9, 30), ("a", "i", "B", "x", 29, 40)]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 50], "coders": [["A", "B", "C"]]}
    )
    assert cssp.passages(segments, interviews)["agreed"].tolist() == [False]
    segments.loc[0, "end"] = segments.loc[2, "start"] + 1
    assert cssp.passages(segments, interviews)["agreed"].tolist() == [True]


def test_passages_of_two_cities_with_the_same_names_are_told_apart():
    parts = [named([[1, 0, 0, 0]], city=city) for city in ("a", "b")]
    segments = pd.concat([p[0] for p in parts])
    interviews = pd.concat([p[1] for p in parts]).assign(coders=[["A", "B"], ["A", "B"]])
    table = cssp.disagreements(segments, interviews)
    assert table["passage"].is_unique
    told = table.assign(decision=["keep", "drop"])
    _, record = cssp.resolve(segments, interviews, told)
    assert sorted(record["status"]) == ["discarded", "kept"]
    for bad, message in (
        (pd.concat([told, told.assign(decision="drop")]), "Two different decisions"),
        (told.assign(decision="maybe"), "is not a decision"),
        (told.drop(columns="decision"), "no column 'decision'"),
    ):
        with pytest.raises(ScoringError, match=message):
            cssp.resolve(segments, interviews, bad)
    with pytest.raises(ScoringError, match="is one of the coders"):
        cssp.resolve(segments, interviews, told, coder="A")
    with pytest.raises(ScoringError, match="No segment has the code 'q'"):
        cssp.disagreements(segments, interviews, only=["q"])


def test_confusion_counts_units_where_two_coders_gave_different_codes():
    text = "Первое предложение. Второе предложение. Третье предложение."
    rows = [
        ("i", "A", "x", 0, 19),
        ("i", "B", "y", 0, 19),
        ("i", "A", "x", 20, 39),
        ("i", "B", "x", 20, 39),
        ("i", "A", "y", 40, 59),
        ("i", "B", "x", 40, 59),
    ]
    segments = pd.DataFrame(rows, columns=["interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame({"interview": ["i"], "text": [text], "coders": [["A", "B"]]})
    table = cssp.code_confusion(segments, interviews, system("x", "y"))
    assert table[
        ["code", "with_code", "times", "agreed_code", "agreed_with"]
    ].to_numpy().tolist() == [["x", "y", 2, 1, 0]]
