"""Tests of `survey/pairwise`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import coded
from statsmodels.stats.contingency_tables import cochrans_q

import cssp
from cssp import Answers


def test_options_of_which_nobody_chose_any_have_no_q():
    chosen = coded(pd.DataFrame({"city": "a", "m__x": [1, 1], "m__y": [1, 1]}))
    assert (
        cssp.options_within(chosen, "m")["note"].item() == "no respondent tells the objects apart"
    )


def test_few_respondents_have_a_permuted_p_of_q():
    random = np.random.default_rng(0)
    rejected = []
    for seed in range(150):
        chosen = random.integers(0, 2, (12, 4))
        rows = pd.DataFrame(chosen, columns=[f"m__{i}" for i in range(4)]).assign(city="a")
        found = cssp.options_within(Answers(rows, {}), "m", seed=seed).iloc[0]
        rejected.append(found["p"] < 0.05)
        assert "random orders" in found["note"]
    assert np.mean(rejected) < 0.09


def test_cochrans_q_equals_statsmodels():
    rng = np.random.default_rng(4)
    grid = (rng.random((40, 4)) < [0.6, 0.5, 0.3, 0.4]).astype(int)
    row = cssp.options_within(
        coded(pd.DataFrame(grid, columns=["m__a", "m__b", "m__c", "m__d"]).assign(city="x")), "m"
    ).iloc[0]
    theirs = cochrans_q(grid)
    assert (row.q, row.p) == (
        pytest.approx(theirs.statistic, rel=1e-10),
        pytest.approx(theirs.pvalue, rel=1e-9),
    )
