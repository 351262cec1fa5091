"""Tests of `survey/numbers`."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats
from survey_answers import answered, write_study

import cssp


def test_numbers_are_those_of_scipy(tmp_path):
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {}, cities=["town"])
    answers = cssp.load_survey(study).grouped_by("tenure")
    told = cssp.describe_numbers(answers, ["years"], ["city", "tenure_group"]).set_index(
        "tenure_group"
    )
    one, two = (table.loc[table["tenure"] == code, "years"].astype(float) for code in (1, 2))
    low, high = stats.ttest_1samp(one, 0).confidence_interval(0.95)
    row = told.loc["tenure=1"]
    assert (row["mean"], row["ci_low"], row["ci_high"]) == pytest.approx((one.mean(), low, high))
    assert (row["n"], row["median"], row["sd"]) == pytest.approx(
        (len(one), one.median(), one.std())
    )
    compared = cssp.compare_numbers(answers, ["years"], "tenure_group", "city").iloc[0]
    test = stats.ttest_ind(one, two, equal_var=False)
    assert (compared["p"], compared["t"]) == pytest.approx((test.pvalue, test.statistic))
    assert compared["mean_gap"] == pytest.approx(one.mean() - two.mean())
    assert "minimum" not in told and "maximum" not in told
    hidden = cssp.describe_numbers(answers, ["years"], ["city", "tenure_group"], smallest=40)
    assert hidden["n"].isna().all() and hidden["mean"].isna().all()


def test_open_answers_are_counted_and_never_shown(tmp_path):
    study = write_study(tmp_path, {"a.csv": answered(50)}, {}, cities=["town"])
    told = cssp.open_answers(cssp.load_survey(study), ["why"])
    assert told[["n", "written", "words"]].to_numpy().tolist() == [[50, 10, 2.0]]
    assert "money" not in told.to_csv()
    few = cssp.open_answers(cssp.load_survey(study), ["why"], smallest=11).iloc[0]
    assert pd.isna(few["written"]) and pd.isna(few["words"])
