"""Tests of `interviews/unseen_codes`."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from coded_tables import INTERVIEWS, SEGMENTS, STUDY, named
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError
from cssp.interviews.unseen_codes import chao2

grids = st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(grids)
def test_rarefaction_is_the_mean_over_all_orders(rows):
    table = cssp.rarefaction(*named(rows), orders=10)
    grid = np.array(rows)
    every = np.array(
        [
            np.maximum.accumulate(grid[list(order)], axis=0).sum(axis=1)
            for order in permutations(range(len(rows)))
        ]
    )
    assert table["expected"].to_numpy() == pytest.approx(every.mean(axis=0), abs=1e-9)
    assert table["sd"].to_numpy() == pytest.approx(every.std(axis=0), abs=1e-6)
    assert (
        table["codes_in_order"].tolist() == np.maximum.accumulate(grid, axis=0).sum(axis=1).tolist()
    )


def test_the_range_of_random_orders_holds_the_expectation_and_is_seeded():
    first = cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, seed=1)
    assert first.equals(cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, seed=1))
    assert (
        (first["codes_low"] <= first["expected"] + 1)
        & (first["expected"] <= first["codes_high"] + 1)
    ).all()
    with pytest.raises(ScoringError, match="one or more"):
        cssp.rarefaction(SEGMENTS, INTERVIEWS, STUDY.codes, orders=0)


def test_chao2_by_its_formula():
    """With 3 codes in one interview, 2 in two, 14 interviews: 7 + 13/14 * 9 / 4; without twice: bias-corrected."""
    count = np.array([1, 1, 1, 2, 2, 5, 7, 0, 0])
    estimate, low, high = chao2(count, 14)
    k, r = 13 / 14, 1.5
    assert estimate == pytest.approx(7 + k * 9 / 4)
    variance = 2 * (k / 2 * r**2 + k**2 * r**3 + k**2 / 4 * r**4)
    spread = np.exp(1.959963985 * np.sqrt(np.log(1 + variance / (estimate - 7) ** 2)))
    assert (low, high) == pytest.approx((7 + (estimate - 7) / spread, 7 + (estimate - 7) * spread))
    once = chao2(np.array([1, 1, 1, 3]), 10)
    assert once[0] == pytest.approx(4 + 0.9 * 3 * 2 / 2)
    for count, n in (([3, 4], 10), ([0, 0], 10), ([1, 1], 1)):
        estimate, low, high = chao2(np.array(count), n)
        assert estimate == sum(c > 0 for c in count)
        assert np.isnan(low) and np.isnan(high), (
            "nothing named once, or one interview: nothing to estimate from"
        )
    table = cssp.unseen_codes(SEGMENTS, INTERVIEWS, STUDY.codes)
    assert table["city"].tolist() == ["vologda", "petrozavodsk", "all_cities"]
    assert (table["chao2"] >= table["heard"]).all()
    assert table["note"].map(bool).tolist() == [False, True, True]


def test_an_interview_that_nobody_coded_is_not_an_interview_without_codes():
    segments, interviews, codes = named([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    interviews = interviews.assign(coders=[["A"], [], ["A"]])
    segments = segments[segments["interview"] != "i1"]
    assert cssp.new_codes(segments, interviews, codes)["new"].tolist() == [2, 1]
    assert cssp.unseen_codes(segments, interviews, codes)["n_interviews"].tolist() == [2]
    assert cssp.rarefaction(segments, interviews, codes)["expected"].iloc[-1] == 3
    assert cssp.co_occurrence(segments, interviews, codes, permutations=0)["n"].iloc[0] == 2
    assert (
        cssp.co_occurrence(segments, interviews, codes, "answer", permutations=0)["n"].iloc[0] == 2
    )
    assert cssp.code_prevalence(segments, interviews, codes)["n"].iloc[0] == 2
