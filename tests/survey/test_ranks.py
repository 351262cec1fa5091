"""Tests of `survey/ranks`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import cssp
from cssp.survey.ranks import exact_p, exact_p_with_ties


@given(st.lists(st.integers(0, 10), min_size=2, max_size=9, unique=True), st.data())
def test_without_ties_few_answers_have_the_exact_p(values, data):
    from scipy.stats import mannwhitneyu

    side = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    a, b = (
        [v for v, s in zip(values, side, strict=True) if s],
        [v for v, s in zip(values, side, strict=True) if not s],
    )
    assume(a and b)
    groups = {"a": np.bincount(a, minlength=11), "b": np.bincount(b, minlength=11)}
    table = cssp.table_of_counts("q", groups, codes=range(11))
    row = cssp.compare_groups(table, "city").iloc[0]
    assert row.p == pytest.approx(mannwhitneyu(a, b, method="exact").pvalue)
    assert "exact p" in row.note
    assert exact_p(len(a), len(b), row.u) == row.p


few = st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(lambda row: 1 <= sum(row) <= 5)


@given(few, few)
def test_few_answers_have_the_p_of_all_ways_to_part_them(a, b):
    values = np.concatenate([np.repeat(range(3), a), np.repeat(range(3), b)])
    ranks = stats.rankdata(values)
    size = sum(a)
    own = ranks[:size].sum()
    middle = size * ranks.mean()
    sums = [sum(chosen) for chosen in combinations(ranks, size)]
    far = np.mean([abs(one - middle) >= abs(own - middle) - 1e-9 for one in sums])
    assert exact_p_with_ties(np.array(a), np.array(b)) == pytest.approx(far)
