"""Tests of `survey/sector_profile`."""

from __future__ import annotations

import numpy as np
import pytest
from survey_answers import answers_of

import cssp
from cssp import ScoringError
from cssp.study.study_file import Profile


def test_the_profile_is_the_mean_of_placed_answers(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    profile = study.file.profile
    table = cssp.sector_profile(freq, profile).set_index(["city", "block", "sector"])
    name = next(iter(profile.blocks))
    own = answers[(answers["city"] == study.cities[0]) & (answers["sector"] == study.sectors[0])]
    means = [((own[item][own[item] < 90] - 1) / 4).mean() for item in profile.blocks[name].items]
    assert table.loc[(study.cities[0], name, study.sectors[0]), "index"] == pytest.approx(
        np.nanmean(np.array(means, dtype=float))
    )
    types = cssp.profile_types(table.reset_index(), profile)
    assert types["cohesion"].between(0, 1).all()
    shares = (
        cssp.profile_sensitivity(table.reset_index(), profile)
        .groupby(["city", "block"])["share"]
        .sum()
    )
    assert shares.to_numpy() == pytest.approx(1)


def test_the_interval_of_a_profiles_index_adds_independent_sectors(study):
    """By hand for one block: the weighted mean of three independent means, each with the error of its items together."""
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    weights = {"authorities": 1.0, "business": 1.0, "npo": 2.0}
    profile = study.file.profile.model_copy(update={"sector_weights": weights})
    city, block = study.cities[0], next(iter(profile.blocks))
    errors = {}
    for sector in weights:
        own = answers[(answers["city"] == city) & (answers["sector"] == sector)]
        placed = [
            (own[item][own[item] < 90] - 1).astype(float) / 4
            for item in profile.blocks[block].items
        ]
        errors[sector] = np.mean(
            [values.std(ddof=0) / np.sqrt(len(values)) for values in placed if len(values)]
        )
    table = cssp.profile_types(cssp.sector_profile(freq, profile), profile).set_index(
        ["city", "block"]
    )
    row = table.loc[(city, block)]
    half = (
        1.959964 * np.sqrt(sum((weights[name] * error) ** 2 for name, error in errors.items())) / 4
    )
    assert (row.ci_low, row.ci_high) == pytest.approx(
        (row["index"] - half, row["index"] + half), rel=1e-6
    )
    alike = cssp.sector_profile(freq, profile)
    alike.loc[(alike["city"] == city) & (alike["sector"] == "npo"), "error"] = (
        0.0  # all answers of a sector alike
    )
    assert (
        cssp.profile_types(alike, profile)
        .set_index(["city", "block"])
        .loc[(city, block), "ci_low":"ci_high"]
        .isna()
        .all()
    )
    # equal weights for all are no other interval than their multiples
    doubled = profile.model_copy(
        update={"sector_weights": {name: 2 * w for name, w in weights.items()}}
    )
    again = cssp.profile_types(cssp.sector_profile(freq, doubled), doubled)
    assert again["ci_low"].to_numpy() == pytest.approx(table["ci_low"].to_numpy())


def test_a_misspelt_item_of_the_profile_is_named(study):
    freq = cssp.frequency_table(
        cssp.load_survey(study), study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    profile = Profile(blocks={"one": {"label": {"en": "one"}, "items": ["npo_usefull"]}})
    with pytest.raises(ScoringError, match="Did you mean 'npo_useful'"):
        cssp.sector_profile(freq, profile)


def test_one_respondent_gives_a_profile_no_interval():
    profile = Profile(blocks={"one": {"label": {"en": "one"}, "items": ["q"]}})
    freq = cssp.frequency_table(
        answers_of({("x", "s"): [0, 0, 1, 0, 0], ("x", "t"): [1, 2, 3, 4, 5]}),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.sector_profile(freq, profile).iloc[0]
    assert np.isnan(row.ci_low)
    assert "no interval" in row.note
