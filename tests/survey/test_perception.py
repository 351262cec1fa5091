"""Tests of `survey/perception`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import with_codebook
from scipy import stats
from survey_answers import ENTRY

import cssp
from cssp.survey.perception import perception_gaps, perception_matrix


def test_a_perception_of_one_item_is_its_balance(study):
    answers = cssp.load_survey(study)
    name = next(item.name for item in study.questionnaire.items if item.rated)
    rated = study.questionnaire.item(name).rated
    matrix = perception_matrix(answers, rated={name: rated})
    balances = cssp.net_balance(
        cssp.frequency_table(answers, [name], by=["city", "sector"]), "plain"
    ).set_index(["city", "sector"])
    for row in matrix[matrix["n"] > 0].itertuples():
        own = balances.loc[(row.city, row.rater)]
        assert row.estimate == pytest.approx(own["balance"])
        assert row.se == pytest.approx(own["se"] * np.sqrt(row.n / (row.n - 1)))


def test_the_error_of_several_items_is_that_of_respondents_means(study):
    """Where everybody answers everything, the estimate is the mean of the respondents' means."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.integers(1, 6, (60, 3)), columns=["q1", "q2", "q3"]).assign(
        city="x", sector="s"
    )
    rows = with_codebook(rows, {name: {**ENTRY, "item": name} for name in ("q1", "q2", "q3")})
    row = perception_matrix(
        rows, rated=dict.fromkeys(("q1", "q2", "q3"), "npo"), measure="mean"
    ).iloc[0]
    own = ((rows[["q1", "q2", "q3"]] - 1) / 4).mean(axis=1)
    assert row.estimate == pytest.approx(own.mean())
    assert row.se == pytest.approx(own.std(ddof=1) / np.sqrt(60))


def test_gaps_are_differences_of_the_matrix(study):
    matrix = perception_matrix(cssp.load_survey(study))
    cell = matrix.set_index(["city", "rater", "rated"])["estimate"]
    for row in perception_gaps(matrix).itertuples():
        if row.comparison == "reciprocity":
            assert row.gap == pytest.approx(
                cell[row.city, row.sector, row.other] - cell[row.city, row.other, row.sector]
            )
        else:
            others = [cell[row.city, one, row.sector] for one in study.sectors if one != row.sector]
            assert row.gap == pytest.approx(
                np.mean(others) - cell[row.city, row.sector, row.sector]
            )


def test_the_gaps_of_perception_have_students_t():
    matrix = pd.DataFrame(
        {
            "city": "x",
            "rater": ["a", "b"],
            "rated": ["b", "a"],
            "own": False,
            "items": 2,
            "estimate": [0.4, 0.1],
            "se": [0.1, 0.2],
            "ci_low": 0.0,
            "ci_high": 0.0,
            "n": [9, 14],
            "note": "",
        }
    )
    gap = cssp.perception_gaps(matrix).iloc[0]
    v = np.array([0.01, 0.04])
    dof = v.sum() ** 2 / (v**2 / np.array([8, 13])).sum()
    half = stats.t.ppf(0.975, dof) * np.sqrt(v.sum())
    assert (gap["ci_low"], gap["ci_high"]) == pytest.approx((0.3 - half, 0.3 + half))
