"""Shares of options and summaries of rankings."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import coded
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from survey_answers import r

import cssp
from cssp.stats.intervals import newcombe, wilson


def test_wilson_equals_statsmodels_and_r(reference):
    for case in reference["wilson"]:
        low, high = wilson([case["k"]], [case["n"]])
        theirs = proportion_confint(case["k"], case["n"], method="wilson")
        assert (low[0], high[0]) == pytest.approx(theirs, abs=1e-12)
        assert (low[0], high[0]) == pytest.approx((case["low"], case["high"]), abs=1e-9)


@pytest.mark.parametrize(
    ("a", "n_a", "b", "n_b"), [(56, 70, 48, 80), (9, 10, 3, 10), (0, 14, 5, 14), (14, 14, 0, 14)]
)
def test_newcombe_equals_statsmodels(a, n_a, b, n_b):
    _, low, high = newcombe([a], [n_a], [b], [n_b])
    theirs = confint_proportions_2indep(a, n_a, b, n_b, method="newcomb")
    assert (low[0], high[0]) == pytest.approx(theirs, abs=1e-9)


def test_the_base_of_options_is_respondents(study):
    answers = cssp.load_survey(study)
    item = study.questionnaire.names("multiple")[-1]
    shares = cssp.option_shares(cssp.frequency_table(answers, [item], by=["city"]))
    assert shares["n"].max() <= len(answers)
    column = shares["item"].iloc[0]
    city = shares["city"].iloc[0]
    assert shares["count"].iloc[0] == int((answers.loc[answers["city"] == city, column] == 1).sum())


def test_a_ranking_makes_up_no_ranks():
    answers = coded(
        pd.DataFrame(
            {
                "city": ["a", "a", "a"],
                "r__x": [1, 2, None],
                "r__y": [2, 1, None],
                "r__z": [None, 3, None],
            }
        )
    )
    table = cssp.ranking_summary(answers, "r").set_index("item")
    assert table["n"].tolist() == [2, 2, 2]
    assert table.loc["r__z", ["ranked", "mean_rank", "first_places"]].tolist() == [1, 3, 0]
    assert table.loc["r__x", "first_places"] == pytest.approx(0.5)


def test_many_respondents_do_not_stop_the_comparison_of_options():
    groups = {"a": [500_000, 500_000], "b": [400_100, 600_000]}
    freq = cssp.table_of_counts("m__x", groups, codes=[0, 1])
    row = cssp.compare_options(freq, "city").iloc[0]
    assert row.odds_low < row.odds_ratio < row.odds_high < 1


def test_fisher_and_its_odds_equal_r():
    table = cssp.table_of_counts("m__x", {"a": [7, 1], "b": [3, 9]}, codes=[0, 1])
    row, theirs = cssp.compare_options(table, "city").iloc[0], r()["fisher"]
    assert (row.test, row.p) == ("Fisher", pytest.approx(theirs["p"], rel=1e-9))
    # R finds them by uniroot, to about 1e-4
    assert row.odds_ratio == pytest.approx(theirs["odds"], rel=1e-3)
    assert (row.odds_low, row.odds_high) == (
        pytest.approx(theirs["low"], abs=2e-5),
        pytest.approx(theirs["high"], rel=2e-3),
    )
