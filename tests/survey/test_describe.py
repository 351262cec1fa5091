"""Tests of `survey/describe`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import coded, counts_table, with_codebook
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import ENTRY, counts, respondents, with_book

import cssp
from cssp.survey.describe import agreement_a, consensus, median_ranks


def slow_agreement(row: list[int]) -> float:
    """Van der Eijk's A layer by layer, triple by triple."""
    k, rest, n, total = len(row), np.array(row, dtype=float), sum(row), 0.0
    while rest.max() > 0:
        step = rest[rest > 0].min()
        pattern = (rest > 0).astype(int)
        tu = tdu = 0
        for i, j, m in combinations(range(k), 3):
            told = (pattern[i], pattern[j], pattern[m])
            tdu += told == (1, 0, 1)
            tu += told in ((1, 1, 0), (0, 1, 1))
        size = pattern.sum()
        u = ((k - 2) * tu - (k - 1) * tdu) / ((k - 2) * (tu + tdu)) if tu + tdu else 0
        total += (1.0 if size == 1 else u * (1 - (size - 1) / (k - 1))) * step * size / n
        rest = np.maximum(rest - step * pattern, 0)
    return total


@given(counts, st.integers(0, 9))
def test_describe_equals_numpy(row, hard):
    table = with_book(
        counts_table({"a": row}).counts.assign(**{"97": hard}).rename(columns={"97": 97})
    )
    found, values = cssp.describe(table).iloc[0], respondents(row)
    assert (found.n, found.n_all) == (len(values), len(values) + hard)
    assert found["median"] == np.median(values)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["sd"] == pytest.approx(values.std(ddof=1), abs=1e-12)
    assert found["hard_to_say"] == pytest.approx(hard / (len(values) + hard))
    assert 0 <= found["consensus"] <= 1 + 1e-12
    assert -1 - 1e-12 <= found["agreement_a"] <= 1 + 1e-12
    if len(values) >= 6:
        assert found["median_low"] <= found["median"] <= found["median_high"]
        assert found["median_coverage"] >= 0.95 - 1e-12


def test_the_ranks_of_the_medians_interval_are_those_of_the_binomial():
    """Tables of the order-statistic interval give ranks 2 and 9 for n = 10 (97.9 %), 6 and 15 for n = 20 (95.9 %)."""
    low, high, coverage = median_ranks(np.array([5.0, 6.0, 10.0, 20.0]), 0.95)
    assert low.tolist() == [0, 1, 2, 6]
    assert high.tolist()[1:] == [6, 9, 15]
    assert coverage[1:] == pytest.approx([0.96875, 0.978515625, 0.958610534667969])


@given(st.lists(st.integers(0, 12), min_size=3, max_size=8).filter(lambda row: sum(row) > 0))
def test_agreement_equals_the_slow_definition(row):
    assert agreement_a(np.array([row], dtype=float))[0] == pytest.approx(
        slow_agreement(row), abs=1e-12
    )


@given(counts)
def test_turning_the_scale_leaves_consensus_as_it_is(row):
    there, back = np.array([row], dtype=float), np.array([row[::-1]], dtype=float)
    assert consensus(there)[0] == pytest.approx(consensus(back)[0], abs=1e-12)
    assert agreement_a(there)[0] == pytest.approx(agreement_a(back)[0], abs=1e-12)


def test_weights_give_no_intervals():
    freq = cssp.frequency_table(
        coded(pd.DataFrame({"q": [1, 2, 2, 3, 3, 3, 4], "w": [1.0, 2, 3, 1, 1, 1, 1]})),
        ["q"],
        weights="w",
    )
    row = cssp.describe(freq).iloc[0]
    assert np.isnan(row["median_low"])
    assert row["note"] == "weighted counts: no interval"


def test_codes_from_high_to_low_are_described_by_their_places():
    table = counts_table({"a": [10, 20, 10, 5, 5]})
    table = with_codebook(table, {"q": {**ENTRY, "codes": [5, 4, 3, 2, 1]}})
    row = cssp.describe(table).iloc[0]
    assert row["median_low"] <= row["median"] <= row["median_high"]
    assert row["iqr"] >= 0
    assert "places" in row["note"]
