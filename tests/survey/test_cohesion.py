"""Cohesion: what chance adds to the distance of groups is taken out, and the interval holds the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.survey.answers import Answers
from cssp.survey.cohesion import cohesion

ERROR = 0.045  # of a sector of thirty


@pytest.mark.parametrize("spread", [0.0, 0.14, 0.28, 0.4])
@pytest.mark.parametrize("measure", ["range", "sd"])
def test_chance_makes_no_distance(spread, measure):
    rng = np.random.default_rng(7)
    places = 0.5 + spread * np.array([-0.5, 0.0, 0.5])
    true = 1 - (spread if measure == "range" else 2 * places.std())
    found = [
        cohesion(tuple(places + rng.normal(0, ERROR, 3)), (ERROR,) * 3, measure) for _ in range(300)
    ]
    plain, value = (
        np.array([getattr(one, name) for one in found]) for name in ("observed", "value")
    )
    assert abs(value.mean() - true) <= abs(plain.mean() - true)
    assert np.median(value) == pytest.approx(true, abs=0.015)
    inside = [one.low - 1e-6 <= true <= one.high + 1e-6 for one in found]
    assert np.mean(inside) >= 0.92


@given(
    st.lists(st.floats(0.05, 0.95), min_size=2, max_size=5),
    st.floats(0.01, 0.1),
    st.sampled_from(["range", "sd"]),
)
def test_the_estimate_lies_in_its_interval_and_above_what_was_observed(places, error, measure):
    found = cohesion(tuple(places), (error,) * len(places), measure)
    assert found.low <= found.value <= found.high
    assert found.value >= found.observed - 0.02  # the expectation is one of samples
    turned = cohesion(tuple(1 - np.array(places)), (error,) * len(places), measure)
    assert turned.value == pytest.approx(found.value, abs=0.01)


def test_without_errors_it_is_what_was_observed():
    found = cohesion((0.4, 0.6), (float("nan"), 0.1))
    assert found.value == found.observed == pytest.approx(0.8)
    assert np.isnan(found.low) and not len(found.cohesions)
    assert cohesion((0.4,), (0.1,)).value == 1


def test_the_types_share_is_small_at_a_border(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    told = cssp.profile_types(
        cssp.sector_profile(freq, study.file.profile, answers=answers), study.file.profile
    )
    assert told["type_share"].between(0, 1).all()
    assert (told["cohesion"] >= told["cohesion_observed"] - 0.02).all()
    row = told.iloc[0]
    border = study.file.profile.types[0].model_copy(
        update={"index_from": None, "index_to": None, "cohesion_from": row["cohesion"],
                "cohesion_to": None}
    )  # fmt: skip
    rules = study.file.profile.model_copy(update={"types": [border]})
    profile = cssp.sector_profile(freq, rules, answers=answers)
    assert cssp.profile_types(profile, rules).iloc[0]["type_share"] == pytest.approx(0.5, abs=0.1)


def test_errors_from_rows_are_those_of_the_respondents_means(study):
    """Where all answered all items, the error of the block is that of a mean of personal means."""
    whole = cssp.load_survey(study)
    profile = study.file.profile
    name, block = next(iter(profile.blocks.items()))
    items = [item for item in block.items if item in whole]
    complete = whole.rows[items].isin([1, 2, 3, 4, 5]).all(axis=1)
    own = Answers(whole.rows[complete].reset_index(drop=True), whole.codebook)
    freq = cssp.frequency_table(own, study.questionnaire.names("ordinal"), by=["city", "sector"])
    table = cssp.sector_profile(freq, profile, answers=own).set_index(["city", "sector", "block"])
    for (city, sector), rows in own.rows.groupby(["city", "sector"], observed=True):
        placed = [
            rows[item].map({c: k / (len(own.codebook[item]["codes"]) - 1)
                            for k, c in enumerate(own.codebook[item]["codes"])}).astype(float)
            for item in items
        ]  # fmt: skip
        mean = np.mean(placed, axis=0)
        if len(mean) > 1:
            assert table.loc[(city, sector, name), "error"] == pytest.approx(
                mean.std(ddof=1) / np.sqrt(len(mean)), rel=1e-9, abs=1e-12
            )
