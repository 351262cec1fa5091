"""Tests of `survey/power`."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import counts_table, with_codebook
from survey_answers import ENTRY, r, with_book

import cssp


def test_what_is_detectable_shrinks_with_the_groups_and_is_never_promised_beyond_reach():
    small = cssp.detectable_differences(
        with_book(counts_table({"a": [1, 2, 3, 2, 1], "b": [2, 2, 2, 2, 2]})), "city"
    ).iloc[0]
    large = cssp.detectable_differences(
        with_book(counts_table({"a": [10, 20, 30, 20, 10], "b": [20] * 5})), "city"
    ).iloc[0]
    assert small.detectable_effect > large.detectable_effect > 0
    assert small.detectable_effect / large.detectable_effect == pytest.approx(np.sqrt(10), rel=0.05)
    tiny = cssp.detectable_differences(
        with_book(counts_table({"a": [1, 0, 0, 0, 0], "b": [0, 1, 1, 0, 0]})), "city"
    ).iloc[0]
    assert tiny.detectable_effect == np.inf


def test_the_detectable_effect_is_detected_with_its_power():
    freq = with_book(counts_table({"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12]}))
    effect = cssp.compare_groups(freq, "city")["detectable"].item()
    assert cssp.detectable_differences(freq, "city", tests=1)[
        "detectable_effect"
    ].item() == pytest.approx(effect)
    curve = cssp.power_curve(freq, "q", "city", effects=[0.0, effect], replicates=4000)
    assert curve["power"].iloc[0] == pytest.approx(0.05, abs=0.015)
    assert curve["power"].iloc[1] == pytest.approx(0.8, abs=0.04)


def test_what_is_detectable_needs_no_valence_for_ranks_and_claims_nothing_without_order():
    bare = cssp.detectable_differences(
        counts_table({"a": [10, 20, 30], "b": [20, 20, 10]}), "city"
    ).iloc[0]
    assert bare.detectable_effect > 0
    assert np.isnan(bare.detectable_balance)
    table = counts_table({"a": [10, 20, 30], "b": [20, 20, 10]})
    table = with_codebook(table, {"q": {**ENTRY, "codes": [1, 2, 3], "ordered": False}})
    assert np.isnan(cssp.detectable_differences(table, "city").iloc[0].detectable_share)
    a, b = (
        cssp.detectable_differences(with_book(counts_table(groups)), "city")
        .iloc[0]
        .detectable_share
        for groups in (
            {"a": [0, 0, 1, 9, 10], "b": [5, 5, 10, 90, 90]},
            {"b": [5, 5, 10, 90, 90], "a": [0, 0, 1, 9, 10]},
        )
    )
    assert a == pytest.approx(b)


def test_power_is_near_whiteheads():
    shares = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    from cssp.survey.power import effect_of, shifted

    table = counts_table(
        {"a": (shares * 1000).astype(int).tolist(), "b": (shares * 1000).astype(int).tolist()}
    )
    effect = effect_of(*shifted(shares, np.log(2.2)))
    curve = cssp.power_curve(
        table, "q", "city", effects=[effect], sizes=[(50, 50)], replicates=4000
    )
    assert curve["power"].item() == pytest.approx(r()["popower"]["power"], abs=0.03)


def test_the_detectable_share_is_that_of_power_prop_test():
    from cssp.survey.power import _share

    gap = _share(0.5, 60, 60, 0.05, r()["prop"]["power"])
    assert gap == pytest.approx(0.2, abs=1e-3)
