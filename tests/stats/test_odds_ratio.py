"""Tests of `stats/odds_ratio`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio

from cssp.stats.odds_ratio import conditional_odds


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from([0.9, 0.95]),
)
@settings(deadline=None)
def test_conditional_odds_of_many_tables_equal_scipys_of_each(drawn, level):
    tables = np.array(drawn).reshape(-1, 2, 2)
    tables = tables[(tables.sum(axis=1) > 0).all(axis=1) & (tables.sum(axis=2) > 0).all(axis=1)]
    assume(len(tables))
    odds, low, high = conditional_odds(tables, level)
    for place, table in enumerate(tables):
        theirs = odds_ratio(table)
        ends = theirs.confidence_interval(level)
        assert odds[place] == pytest.approx(theirs.statistic, rel=1e-9)
        assert (low[place], high[place]) == pytest.approx((ends.low, ends.high), rel=1e-9)


def test_conditional_odds_turn_round_with_the_groups_and_the_answers():
    table = np.array([[7, 12], [15, 4]])
    odds, low, high = (value.item() for value in conditional_odds(table[None]))
    for other in (table[::-1], table[:, ::-1]):
        turned = [value.item() for value in conditional_odds(other[None])]
        assert turned == pytest.approx([1 / odds, 1 / high, 1 / low], rel=1e-10)
    assert [value.item() for value in conditional_odds(table.T[None])] == pytest.approx(
        [odds, low, high]
    )
