"""Tests of `interviews/compare_prevalence`."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import boschloo_exact, fisher_exact
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests

import cssp
from cssp import ScoringError


def test_prevalence_is_compared_as_scipy_and_statsmodels_do():
    prevalence = pd.DataFrame(
        [
            ("a", "x", "x", 0, 9, 14),
            ("b", "x", "x", 0, 3, 14),
            ("a", "y", "y", 0, 0, 14),
            ("b", "y", "y", 0, 5, 14),
            ("a", "z", "z", 0, 0, 14),
            ("b", "z", "z", 0, 0, 14),
        ],
        columns=["city", "code", "group", "depth", "named", "n"],
    )
    table = cssp.compare_prevalence(prevalence, "a", "b").set_index("code")
    assert table.loc["x", "p"] == pytest.approx(boschloo_exact([[9, 3], [5, 11]]).pvalue)
    both = table.loc[["x", "y"]]
    assert both["p_adjusted"].tolist() == pytest.approx(
        multipletests(both["p"], method="holm")[1].tolist()
    )
    fisher = cssp.compare_prevalence(prevalence, "a", "b", test="fisher").set_index("code")
    assert fisher.loc["x", "p"] == pytest.approx(fisher_exact([[9, 5], [3, 11]]).pvalue)
    # the conditional estimate lies nearer to one than the sample's odds ratio; its interval is Fisher's, which leaves one in as p > 0.05
    assert 1 < table.loc["x", "odds_ratio"] < Table2x2([[9, 5], [3, 11]]).oddsratio
    assert table.loc["x", "odds_low"] < 1 < fisher.loc["x", "odds_high"]
    assert fisher.loc["x", "p"] > 0.05
    assert table.loc["y", "odds_ratio"] == 0
    assert table.loc["z", ["p", "odds_ratio", "p_adjusted"]].isna().all()
    narrow = cssp.compare_prevalence(prevalence, "a", "b", confidence=0.5).set_index("code")
    assert narrow.loc["x", "ci_low"] > table.loc["x", "ci_low"]
    assert narrow.loc["x", "odds_low"] > table.loc["x", "odds_low"]
    numbered = prevalence.assign(wave=prevalence["city"].map({"a": 1, "b": 2}))
    assert (
        cssp.compare_prevalence(numbered, 1, 2, by="wave").set_index("code").loc["x", "p"]
        == table.loc["x", "p"]
    )
    for bad in ({"test": "chi"}, {"correction": "x"}, {"second": "c"}):
        with pytest.raises(ScoringError):
            cssp.compare_prevalence(prevalence, **{"first": "a", "second": "b", **bad})


def test_gaps_are_first_minus_second(study):
    prevalence = cssp.code_prevalence(
        cssp.load_segments(study), cssp.load_interviews(study), study.codes
    )
    a, b = study.cities
    one, two = cssp.prevalence_gaps(prevalence, a, b), cssp.prevalence_gaps(prevalence, b, a)
    assert one["gap"].tolist() == pytest.approx((-two["gap"]).tolist())
    assert one["ci_low"].tolist() == pytest.approx((-two["ci_high"]).tolist())
