"""Tests of `desk/convergence`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import R

import cssp


def test_sigma_and_beta_convergence_as_r():
    told = R["beta"]
    n = len(told["first"])
    table = pd.DataFrame(
        {
            "city": [*range(n)] * 2,
            "year": [2000] * n + [2005] * n,
            "v": told["first"] + told["last"],
        }
    )
    found = cssp.beta_convergence(table, "v").iloc[0]
    for name in ("slope", "ci_low", "ci_high", "p", "r2"):
        assert found[name] == pytest.approx(told[name], rel=1e-10), name
    assert found["speed"] == pytest.approx(-np.log1p(told["slope"] * 5) / 5)
    assert found["half_life"] == pytest.approx(np.log(2) / found["speed"])
    sigma = cssp.sigma_convergence(table, "v")
    assert sigma["cv"].tolist() == pytest.approx(
        [
            np.std(told["first"]) / np.mean(told["first"]),
            np.std(told["last"]) / np.mean(told["last"]),
        ]
    )
    assert sigma["change"].tolist() == pytest.approx([0, sigma["cv"].iloc[1] - sigma["cv"].iloc[0]])


def test_convergence_leaves_out_gaps_and_says_so():
    table = pd.DataFrame(
        {"city": list("aabbccd"), "year": [1, 2, 1, 2, 1, 2, 1], "v": [1.0, 2, 3, 4, 5, 6, 9]}
    )
    sigma = cssp.sigma_convergence(table, "v")
    assert sigma[["n", "left_out"]].to_numpy().tolist() == [[3, 1], [3, 1]]
    beta = cssp.beta_convergence(table, "v").iloc[0]
    assert beta["n"] == 3
    assert beta["left_out"] == 1
    assert np.isnan(beta["ci_low"])
    assert "no interval" in beta["note"]
    assert cssp.sigma_convergence(table[table["year"] == 1], "v").empty
    with pytest.raises(cssp.ScoringError, match="two values in one year"):
        cssp.sigma_convergence(pd.concat([table, table]), "v")


def test_divergence_has_no_half_life():
    table = pd.DataFrame(
        {"city": list("abcabc"), "year": [1] * 3 + [3] * 3, "v": [1.0, 2, 4, 1, 3, 9]}
    )
    found = cssp.beta_convergence(table, "v").iloc[0]
    assert found["slope"] > 0
    assert np.isnan(found["half_life"])
    assert np.isnan(found["speed"])


def test_a_missing_key_is_a_key_of_its_own():
    table = pd.DataFrame(
        {"city": list("abab"), "level": ["x", "x", None, None], "year": 1, "v": [1.0, 3, 1, 1]}
    )
    assert len(cssp.disproportion(table, "v", by=["level"], measures=["gini"])) == 2
    assert cssp.lorenz_curve(table, "v", by=["level"])["level"].isna().any()
    years = pd.concat([table, table.assign(year=2)])
    assert len(cssp.sigma_convergence(years, "v", by=["level"])) == 4
    assert len(cssp.beta_convergence(years, "v", by=["level"])) == 2
