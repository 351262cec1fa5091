"""Tests of `survey/scales`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_answers import AGREEABLE, bfi, r, scale_answers

import cssp
from cssp import ScoringError
from cssp.study.questionnaire import Index
from cssp.survey.factor import polychoric
from cssp.survey.scales import alpha, polychoric_matrix


def test_scores_turn_items_and_keep_to_the_rule_for_missing_ones():
    answers = scale_answers([[5, 1, 4], [5, None, None], [97, 3, 3]], reverse={"q1"})
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"], min_answered=2)
    found = cssp.scale_scores(answers, scale)
    assert found["score"].tolist()[0] == pytest.approx(14 / 3)
    assert np.isnan(found["score"].iloc[1])
    assert found["score"].iloc[2] == 3  # 97 is outside the scale
    assert found["answered"].tolist() == [3, 1, 2]


def test_a_scale_coded_from_high_to_low_is_placed_by_its_listing():
    answers = scale_answers([[1, 1], [5, 5]])
    answers.codebook["q1"]["codes"] = [5, 4, 3, 2, 1]
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1"])
    assert cssp.scale_scores(answers, scale)["score"].tolist() == [3, 3]


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=6, max_size=30))
def test_turning_all_items_leaves_alpha_as_it_is(rows):
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"])
    one = cssp.reliability(scale_answers(rows), scale).iloc[0]
    two = cssp.reliability(scale_answers(rows), scale, reverse=set(scale.items)).iloc[0]
    assert one.alpha == pytest.approx(two.alpha, nan_ok=True)
    if np.isfinite(one.alpha):
        assert one.alpha_low <= one.alpha <= one.alpha_high


def test_a_scale_of_too_few_rows_or_one_answer_says_so():
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"])
    assert (
        cssp.reliability(scale_answers([[1, 2, 3], [2, 3, 4]]), scale)["note"].item()
        == "too few complete rows for a coefficient"
    )
    assert (
        "one answer only"
        in cssp.reliability(scale_answers([[1, 2, 3], [1, 3, 4], [1, 5, 5]]), scale)["note"].item()
    )
    with pytest.raises(ScoringError, match="no item of the scale"):
        cssp.reliability(scale_answers([[1, 2, 3]]), scale, reverse={"q7"})


def test_alpha_and_feldts_interval_equal_psych():
    row, theirs = cssp.reliability(bfi(), AGREEABLE).iloc[0], r()["alpha"]
    assert row.n == theirs["n"]
    assert row.alpha == pytest.approx(theirs["alpha"], rel=1e-9)
    assert (row.alpha_low, row.alpha_high) == (
        pytest.approx(theirs["low"], rel=1e-8),
        pytest.approx(theirs["high"], rel=1e-8),
    )


def test_alpha_equals_pingouin():
    values = bfi()[AGREEABLE.items].dropna().astype(float)
    values["A1"] = 7 - values["A1"]
    theirs, (low, high) = pingouin.cronbach_alpha(values)
    row = cssp.reliability(bfi(), AGREEABLE).iloc[0]
    assert row.alpha == pytest.approx(theirs, rel=1e-10)
    assert (row.alpha_low, row.alpha_high) == (
        pytest.approx(low, abs=1e-3),
        pytest.approx(high, abs=1e-3),
    )  # it rounds


def test_item_statistics_equal_psych():
    table = cssp.item_statistics(bfi(), AGREEABLE)
    assert table["item_rest"].to_numpy() == pytest.approx(r()["item_rest"], rel=1e-9)
    assert table["alpha_dropped"].to_numpy() == pytest.approx(r()["alpha_dropped"], rel=1e-9)


def test_polychoric_correlations_equal_polycor():
    values = bfi()[AGREEABLE.items].dropna().astype(int)
    values["A1"] = 7 - values["A1"]
    for one, two, name in (("A1", "A2", "r12"), ("A4", "A5", "r45")):
        assert polychoric(
            pd.crosstab(values[one], values[two]).to_numpy(dtype=float)
        ) == pytest.approx(r()["polychoric"][name], abs=1e-4)
    assert alpha(polychoric_matrix(values.to_numpy(dtype=float))) == pytest.approx(
        r()["alpha_ordinal"]["alpha"], abs=1e-4
    )
    ordinal = cssp.reliability(bfi(), AGREEABLE, ordinal=True).iloc[0]
    assert ordinal.alpha_ordinal == pytest.approx(r()["alpha_ordinal"]["alpha"], abs=1e-4)
