"""Tests of `survey/two_groups`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_answers import only_row


def test_three_against_three_apart():
    """coin::wilcox_test(distribution = "exact") gives .1; z without a correction .047."""
    assert only_row([3, 0, 0, 0, 0], [0, 0, 0, 0, 3]).p == pytest.approx(0.1)


@given(
    *[st.lists(st.integers(0, 15), min_size=5, max_size=5).filter(lambda row: sum(row) >= 10)] * 2
)
def test_p_of_the_effect_and_its_interval_say_the_same(a, b):
    row = only_row(a, b)
    if np.isnan(row.ci_low):
        return
    assert (row.p_level < 0.05) == (row.ci_low > 0 or row.ci_high < 0)


@settings(max_examples=1, deadline=None)
@given(st.just(7))
def test_unequal_spreads_do_not_reject_a_level(seed):
    """r = 0 in both: Mann-Whitney rejects in a quarter of the draws, the effect's p in a twentieth."""
    random = np.random.default_rng(seed)
    camps, middle = [0.5, 0, 0, 0, 0.5], [0, 0.1, 0.8, 0.1, 0]
    groups = {}
    for draw in range(400):
        groups[f"a{draw}"] = list(random.multinomial(20, camps))
        groups[f"b{draw}"] = list(random.multinomial(60, middle))
    level, ranks = [], []
    for draw in range(400):
        row = only_row(groups[f"a{draw}"], groups[f"b{draw}"], measures="ranks")
        level.append(row.p_level < 0.05)
        ranks.append(row.p < 0.05)
    assert np.mean(ranks) > 0.15
    assert np.mean(level) < 0.08
