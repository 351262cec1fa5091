"""Tests of `survey/adjusted`."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import with_codebook
from hypothesis import given
from survey_answers import EVEN, answers_of, counts, r

import cssp
from cssp import ScoringError


@given(counts, counts, counts, counts)
def test_the_parts_of_the_gap_add_up(a, b, c, d):
    freq = cssp.frequency_table(
        answers_of({("x", "s"): a, ("x", "t"): b, ("y", "s"): c, ("y", "t"): d}),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.compare_adjusted(freq, "city", "sector").iloc[0]
    plain = cssp.net_balance(cssp.collapse(freq, ["city"]), "plain").set_index("city")["balance"]
    assert row.raw_gap == pytest.approx(plain["x"] - plain["y"], abs=1e-12)
    assert row.composition + row.within == pytest.approx(row.raw_gap, abs=1e-12)
    turned = freq.counts.sort_index(level="city", ascending=False, sort_remaining=False)
    swapped = cssp.compare_adjusted(
        cssp.FrequencyTable(turned, freq.codebook), "city", "sector"
    ).iloc[0]
    assert swapped.gap == pytest.approx(-row.gap, abs=1e-12)
    assert swapped.q == pytest.approx(row.q, abs=1e-9)


def test_a_difference_of_mix_alone_is_composition():
    same = {"s": [1, 2, 3, 10, 20], "t": [20, 10, 3, 2, 1]}
    freq = cssp.frequency_table(
        answers_of(
            {
                ("x", "s"): [3 * n for n in same["s"]],
                ("x", "t"): same["t"],
                ("y", "s"): same["s"],
                ("y", "t"): [3 * n for n in same["t"]],
            }
        ),
        ["q"],
        by=["city", "sector"],
    )
    for weights in ("pooled", "equal", {"s": 0.3, "t": 0.7}):
        row = cssp.compare_adjusted(freq, "city", "sector", weights=weights).iloc[0]
        assert row.raw_gap > 0.5
        assert (row.gap, row["within"]) == (
            pytest.approx(0, abs=1e-12),
            pytest.approx(0, abs=1e-12),
        )
        assert row.composition == pytest.approx(row.raw_gap)
        assert row.van_elteren == pytest.approx(0, abs=1e-12)
        assert row.p_q == pytest.approx(1)


def test_a_stratum_that_one_city_lacks_is_left_out_and_said():
    freq = cssp.frequency_table(
        answers_of(
            {("x", "s"): [1, 2, 3, 4, 5], ("x", "t"): [5, 4, 3, 2, 1], ("y", "s"): [3, 3, 3, 3, 3]}
        ),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.compare_adjusted(freq, "city", "sector").iloc[0]
    assert row.strata == 1
    assert "strata left out" in row.note
    with pytest.raises(ScoringError, match="no share for 't'"):
        cssp.compare_adjusted(freq, "city", "sector", weights={"s": 1})
    with pytest.raises(ScoringError, match="no way to weight"):
        cssp.compare_adjusted(freq, "city", "sector", weights="pool")
    with pytest.raises(ScoringError, match="cannot be both"):
        cssp.compare_adjusted(freq, "city", "city")


STRATA = [
    ([1, 4, 9, 12, 5], [3, 9, 12, 10, 2]),
    ([4, 6, 8, 6, 3], [5, 9, 10, 7, 2]),
    ([0, 3, 9, 14, 8], [2, 5, 14, 13, 6]),
]


def stratified() -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["q"], ["a", "b"], ["x", "y", "z"]], names=["item", "city", "sector"]
    )
    table = pd.DataFrame(
        [one for side in (0, 1) for one in (pair[side] for pair in STRATA)],
        index=index,
        columns=range(1, 6),
    )
    return with_codebook(table, {"q": EVEN})


def test_van_elteren_equals_coin():
    row = cssp.compare_adjusted(stratified(), "city", "sector").iloc[0]
    assert row.van_elteren == pytest.approx(r()["van_elteren"]["z"], rel=1e-9)
    assert row.p == pytest.approx(r()["van_elteren"]["p"], rel=1e-9)
