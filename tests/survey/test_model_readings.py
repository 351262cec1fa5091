"""Tests of `survey/model_readings`."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels
from cssp.survey import model_readings


def test_the_odds_of_the_city_are_told_by_the_citys_own_test(study):
    """Unequal odds of the sector say nothing of the city's; the sentence has p and n."""
    model = pd.DataFrame(
        {
            "item": ["npo_useful"],
            "term": ["city"],
            "category": ["vologda"],
            "reference": ["petrozavodsk"],
            "odds_ratio": [2.0],
            "ci_low": [1.2],
            "ci_high": [3.1],
            "n": [180],
        }
    )
    odds = pd.DataFrame(
        {
            "item": ["npo_useful"] * 2,
            "term": ["city", "sector"],
            "lr": [1.0, 40.0],
            "dof": [3, 6],
            "p": [0.8, 1e-6],
            "p_adjusted": [0.8, 1e-6],
            "n": [180, 180],
        }
    )
    labels = Labels(study, "en")
    assert "not proportional" not in model_readings.regression(model, odds, labels)
    odds.loc[0, ["lr", "p", "p_adjusted"]] = [20.0, 0.0001, 0.0004]
    text = model_readings.regression(model, odds, labels)
    assert "not proportional" in text and "p <0.001; n = 180" in text
