"""The simulated survey is what its truth file says, and says so itself."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import ROOT

import cssp
from cssp.simulate.survey import NOTE, check_truth, simulate_city, write_survey
from cssp.study.read_yaml import read_yaml


@pytest.fixture(scope="module")
def truth():
    return read_yaml(ROOT / "data" / "truth.yaml")[0]


def test_the_shipped_files_are_the_simulated_ones(copy, study):
    shipped = {
        name: (ROOT / "data" / "cities" / name / "survey.csv").read_bytes() for name in study.cities
    }
    for path in write_survey(copy):
        assert path.read_bytes() == shipped[path.parent.name]


def test_every_made_up_file_says_so(study):
    for name in study.cities:
        city = study.city(name)
        assert city.file.synthetic
        assert city.path("survey.csv").read_text(encoding="utf-8").startswith(f"# {NOTE}")
        assert city.path("segments.csv").read_text(encoding="utf-8").startswith("# INVENTED")
        assert city.path("interviews.csv").read_text(encoding="utf-8").startswith("# INVENTED")


def test_the_export_as_labels_reads_back_as_the_codes(study, truth):
    """One city is exported as an online form does, the other as codes: both loaders give what was drawn."""
    loaded = cssp.load_survey(study)
    for city in study.cities:
        drawn = simulate_city(study, truth, city)
        read = loaded.where(city=city)
        assert read["sector"].tolist() == drawn["sector"].tolist()
        for item in study.questionnaire.items:
            if item.type == "open":
                continue
            for column in item.columns:
                mine = read[column].astype("Float64")
                scale = study.questionnaire.scale_of(item)
                if scale is not None:  # the loader marks those not asked
                    mine = mine.where(mine != scale.code_meaning("not_asked"))
                pd.testing.assert_series_equal(
                    mine, drawn[column].astype("Float64"), check_names=False
                )


def test_sizes_are_those_of_the_published_study(study):
    answers = cssp.load_survey(study)
    assert answers.groupby("city", observed=True).size().tolist() == [92, 109]


def test_the_one_published_direction_holds(study):
    """Authorities rate the activity of non-profits higher in the first city."""
    answers = cssp.load_survey(study)
    rated = [i.name for i in study.questionnaire.items if i.rated == "npo"]
    freq = cssp.frequency_table(answers, rated, by=["city", "sector"])
    pairs = cssp.compare_groups(freq, "city", "sector")
    own = pairs[pairs["sector"] == "authorities"]
    assert len(own) == len(rated)
    assert (own["rank_biserial"] > 0).all()


def test_the_questionnaire_is_what_was_asked_for(study):
    items = study.questionnaire.items
    assert 30 <= len(items) <= 40
    assert {i.type for i in items} == {
        "ordinal",
        "single",
        "multiple",
        "ranking",
        "numeric",
        "open",
    }
    assert any(i.asked_if for i in items)
    assert any(i.reverse for i in items)
    assert {i.rated for i in items} >= {"npo", "authorities", "business"}


def test_the_truth_names_only_what_is_there(study, truth):
    assert check_truth(study, truth) == []
    with pytest.raises(cssp.StudyError, match="no city 'x'"):
        simulate_city(study, truth, "x")
