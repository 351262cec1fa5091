"""Tests of `survey/equivalence`."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import counts_table

import cssp
from cssp import ScoringError, compare_groups
from cssp.show.labels import Labels
from cssp.survey import readings


def test_likeness_is_where_the_interval_lies_within_the_bounds():
    """Two one-sided tests at 5 % are the 90 % interval inside the bound."""
    random = np.random.default_rng(5)
    groups = {
        name: list(random.multinomial(150, [0.1, 0.25, 0.3, 0.25, 0.1])) for name in "abcdefg"
    }
    freq = counts_table(groups)
    pairs = cssp.equivalence(compare_groups(freq, between="city"), 0.2)
    narrow = compare_groups(freq, between="city", confidence=0.9)
    inside = (narrow["ci_low"] > -0.2) & (narrow["ci_high"] < 0.2)
    assert pairs["alike"].tolist() == inside.tolist()
    assert 0 < inside.sum() < len(inside)
    # the table's own confidence does not matter
    again = cssp.equivalence(narrow, 0.2)
    assert again["p_equivalence"].to_numpy() == pytest.approx(pairs["p_equivalence"].to_numpy())
    with pytest.raises(ScoringError, match="between 0 and 1"):
        cssp.equivalence(pairs, 1.5)


def test_likeness_is_told_only_where_it_is_shown(study):
    freq = counts_table({"vologda": [40, 100, 120, 100, 40], "petrozavodsk": [42, 98, 121, 99, 40]})
    pairs = cssp.equivalence(compare_groups(freq, between="city"), 0.2)
    told = readings.comparison(pairs, Labels(study, "en"))
    assert "could be shown in 1 of 1 comparisons" in told and "is shown in 1:" in told
    small = counts_table({"vologda": [1, 4, 5, 4, 1], "petrozavodsk": [2, 3, 5, 3, 2]})
    pairs = cssp.equivalence(compare_groups(small, between="city"), 0.2)
    told = readings.comparison(pairs, Labels(study, "en"))  # so few could not show it
    assert "could be shown in 0 of 1 comparisons" in told and "is shown in 0;" in told
