"""Tests of `survey/load`."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from survey_answers import answered, write_study

import cssp
from cssp import DataError, ScoringError, StudyError
from cssp.draft.check import find_problems

WAVES = {"w1": {"label": {"en": "2019"}}, "w2": {"label": {"en": "2024"}}}


def test_a_study_without_cities_and_sectors(tmp_path):
    table = answered()
    study = write_study(tmp_path, {"a.csv": table}, {})
    assert not study.has_cities and study.sectors == ["all"]
    assert [p for p in find_problems(study, stages=["survey"]) if p.severity == "error"] == []
    answers = cssp.load_survey(study)
    assert set(answers["sector"]) == {"all"} and set(answers["city"]) == {"all"}
    counts = cssp.frequency_table(answers, ["q2"], by=["city", "sector"])
    expected = table["q2"].value_counts().sort_index()
    assert counts.counts.iloc[0].loc[[1, 2, 3, 4, 5]].tolist() == expected.tolist()
    shown = cssp.Show(study, "en", "survey", study.cities).table(
        cssp.group_sizes(answers, ["city", "sector"], 3), "who", "Respondents by city and sector"
    )
    assert list(shown.columns) == ["n", "shown"]  # no column of which there is but one value


def test_sectors_and_names_are_missed_where_the_study_has_them(tmp_path):
    study = write_study(
        tmp_path,
        {"a.csv": answered()},
        {},
        cities=["town"],
        sectors={"npo": {"label": {"en": "NPO"}}},
    )
    with pytest.raises(DataError, match="not said which respondents belong to which sector"):
        cssp.load_survey(study)
    path = tmp_path / "cities" / "town" / "city.yaml"
    told = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({k: v for k, v in told.items() if k != "region"}))
    with pytest.raises(StudyError, match="'region' is missing"):
        cssp.load_study(tmp_path).city("town")


def test_waves_in_two_files_and_in_one(tmp_path):
    one, two = answered(seed=1), answered(seed=2)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    by_file = write_study(
        tmp_path / "a",
        {"one.csv": one, "two.csv": two},
        {"wave": {"all": "w1"}, "further": [{"file": "two.csv", "wave": {"all": "w2"}}]},
        cities=["town"],
        waves=WAVES,
    )
    both = pd.concat([one.assign(when=2019), two.assign(when=2024)])
    by_column = write_study(
        tmp_path / "b",
        {"both.csv": both.assign(id=range(len(both)))},
        {"wave": {"column": "when"}},
        cities=["town"],
        waves=WAVES,
    )
    tables = [
        cssp.frequency_table(cssp.load_survey(study), ["q1", "q2"], by=["city", "wave"]).counts
        for study in (by_file, by_column)
    ]
    assert tables[0].equals(tables[1])
    assert len(cssp.load_survey(by_file).of_wave()) == len(two)
    assert cssp.load_survey(by_file).of_wave("w1")["q2"].tolist() == one["q2"].tolist()
    with pytest.raises(ScoringError, match="no wave 'w3'"):
        cssp.load_survey(by_file).of_wave("w3")
    assert set(cssp.intake(by_file)["item"]) == set(cssp.intake(by_column)["item"]) - {"wave"}


def test_a_respondent_in_two_files_of_one_time_is_an_error(tmp_path):
    study = write_study(
        tmp_path,
        {"one.csv": answered(), "two.csv": answered(seed=9)},
        {"further": [{"file": "two.csv"}]},
        cities=["town"],
    )
    with pytest.raises(DataError, match="'r0' stands also in"):
        cssp.load_survey(study)


@pytest.mark.parametrize("wrong", ["", "-1", "heavy"])
def test_a_weight_that_is_none_is_an_error(tmp_path, wrong):
    table = answered().astype({"weight": object})
    table.loc[4, "weight"] = wrong
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    with pytest.raises(DataError, match=r"row 6.*weight.*no number of 0 or more"):
        cssp.load_survey(study)
