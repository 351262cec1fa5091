"""Tests of `survey/simultaneous`."""

from __future__ import annotations

import pytest
from conftest import counts_table
from hypothesis import given
from statsmodels.stats.proportion import multinomial_proportions_confint
from survey_answers import counts

import cssp


@given(counts)
def test_goodmans_intervals_equal_statsmodels(row):
    found = cssp.simultaneous_shares(counts_table({"a": row}))
    theirs = multinomial_proportions_confint(row, method="goodman")
    assert found["goodman_low"].to_numpy() == pytest.approx(theirs[:, 0], abs=1e-9)
    assert found["goodman_high"].to_numpy() == pytest.approx(theirs[:, 1], abs=1e-9)
    assert (
        found["goodman_high"] - found["goodman_low"] >= found["ci_high"] - found["ci_low"] - 1e-12
    ).all()
