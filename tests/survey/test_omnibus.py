"""Tests of `survey/omnibus`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from conftest import counts_table
from hypothesis import given
from scipy.stats import kruskal
from survey_answers import FOUR, counts, covered, r, respondents

import cssp


def test_dunn_and_kruskal_of_nothing_say_so():
    table = counts_table({"a": [0] * 5, "b": [1, 2, 0, 0, 0], "c": [0] * 5})
    assert cssp.compare_many(table, "city").iloc[0]["note"] == "fewer than two groups with answers"
    assert (cssp.dunn_test(table, "city")["note"] == "fewer than two groups with answers").all()


def test_intervals_of_v_and_epsilon_squared_hold_the_true_value():
    """In tables of a known effect; a bootstrap of either would hold a small one hardly ever."""
    rng = np.random.default_rng(3)
    shares = np.array(
        [[0.1, 0.2, 0.3, 0.25, 0.15], [0.15, 0.25, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.25, 0.15]]
    )
    items = [f"q{i}" for i in range(400)]
    index = pd.MultiIndex.from_product([items, list("abc")], names=["item", "city"])
    counts = rng.multinomial(60, np.tile(shares, (400, 1)))
    book = dict.fromkeys(items, cssp.answer_codes(range(1, 6)))
    freq = cssp.FrequencyTable(pd.DataFrame(counts, index=index, columns=range(1, 6)), book)
    pairs = cssp.compare_groups(freq.where(city=["a", "b"]), "city", measures="chi_square")
    pooled = shares[:2].mean(axis=0)
    v = np.sqrt(((shares[:2] - pooled) ** 2 / pooled).sum() / 2)
    assert covered(pairs["v_low"].tolist(), pairs["v_high"].tolist(), v) >= 0.92
    many = cssp.compare_many(freq, "city")
    rank = np.cumsum(shares.mean(axis=0)) - shares.mean(axis=0) / 2
    spread = shares.mean(axis=0) @ (rank - 0.5) ** 2
    epsilon = ((shares @ rank - 0.5) ** 2).mean() / spread
    assert 0.92 <= covered(many["ci_low"].tolist(), many["ci_high"].tolist(), epsilon) <= 0.985


def test_kruskal_equals_r_and_scipy():
    row = cssp.compare_many(counts_table(FOUR), "city").iloc[0]
    assert row.h == pytest.approx(r()["kruskal"]["h"], rel=1e-10)
    assert row.p == pytest.approx(r()["kruskal"]["p"], rel=1e-9)
    assert row.epsilon2 == pytest.approx(r()["kruskal"]["epsilon2"], rel=1e-9)
    assert row.ci_low < row.epsilon2 < row.ci_high


@given(counts, counts, counts)
def test_kruskal_equals_the_slow_definition(a, b, c):
    row = cssp.compare_many(counts_table({"a": a, "b": b, "c": c}), "city").iloc[0]
    rows = [respondents(one) for one in (a, b, c)]
    if len(np.unique(np.concatenate(rows))) < 2:
        assert np.isnan(row.h)
        return
    slow = kruskal(*rows)
    assert row.h == pytest.approx(slow.statistic, rel=1e-9, abs=1e-9)
    if row.h > 1e-9:  # SciPy's rounding may leave a negative H of like groups
        assert row.p == pytest.approx(slow.pvalue, rel=1e-9)


def test_dunn_equals_scikit_posthocs():
    long = pd.DataFrame(
        {
            "y": np.concatenate([respondents(row) for row in FOUR.values()]),
            "g": np.repeat(list(FOUR), [sum(row) for row in FOUR.values()]),
        }
    )
    for correction, name in (("none", None), ("holm", "holm"), ("fdr_bh", "fdr_bh")):
        theirs = scikit_posthocs.posthoc_dunn(long, val_col="y", group_col="g", p_adjust=name)
        for row in cssp.dunn_test(counts_table(FOUR), "city", correction=correction).itertuples():
            assert row.p_adjusted == pytest.approx(theirs.loc[row.group_a, row.group_b], rel=1e-9)
