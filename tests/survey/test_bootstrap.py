"""Tests of `survey/bootstrap`."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import counts_table
from hypothesis import given, settings
from survey_answers import answers_of, counts, with_book

import cssp
from cssp.survey.perception import perception_matrix


def test_the_bootstrap_agrees_with_the_delta_method_in_a_large_group():
    freq = with_book(counts_table({"a": [300, 500, 700, 900, 600], "b": [500, 600, 700, 700, 500]}))
    for family in ("plain", "plus100", "vciom", "rosstat"):
        delta = cssp.net_balance(freq, family)
        drawn = cssp.bootstrap_balances(freq, family, between="city", replicates=4000)
        assert drawn["estimate"].iloc[:2].to_numpy() == pytest.approx(delta["balance"].to_numpy())
        assert drawn["se"].iloc[:2].to_numpy() == pytest.approx(delta["se"].to_numpy(), rel=0.05)
        gap = cssp.balance_gaps(delta, "city", "a", "b").iloc[0]
        assert drawn["estimate"].iloc[2] == pytest.approx(gap["gap"])
        assert drawn["ci_low"].iloc[2] == pytest.approx(
            gap["ci_low"], abs=0.15 * (gap["ci_high"] - gap["ci_low"])
        )


@given(counts, counts)
@settings(max_examples=25)
def test_the_bootstrap_is_reproducible_and_bounded(a, b):
    freq = with_book(counts_table({"a": a, "b": b}))
    one, two = (
        cssp.bootstrap_balances(freq, "plain", between="city", replicates=200, seed=3)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    known = one.dropna(subset=["ci_low"])
    assert (known["ci_low"] >= -2).all()
    assert (known["ci_high"] >= known["ci_low"]).all()


def test_groups_may_be_numbers():
    answers = answers_of({("x", "npo"): [3, 4, 5, 6, 7], ("y", "npo"): [7, 6, 5, 4, 3]})
    answers = answers.with_column("year", answers["city"].map({"x": 2023, "y": 2024}))
    assert (perception_matrix(answers, by="year", rated={"q": "npo"})["n"] == 25).all()
    freq = cssp.frequency_table(answers, ["q"], by=["year"])
    assert len(cssp.bootstrap_balances(freq, "plain", between="year", replicates=200)) == 3
