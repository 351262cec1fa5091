"""Tests of `interviews/coding`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from coded_tables import CODES, edit_segments, named, system, tables

import cssp
from cssp import ScoringError
from cssp.interviews.agreement import NOTE_ONE_CODER


def test_tables_that_do_not_fit_each_other_are_told_not_counted_as_nothing():
    segments, interviews, codes = named([[1, 1, 0, 0]])
    with pytest.raises(ScoringError, match="'w', which is not in the code system"):
        cssp.code_prevalence(segments, interviews, system("a", "b"))
    with pytest.raises(ScoringError, match="not in the table of interviews"):
        cssp.agreement(segments.assign(city="elsewhere"), interviews, codes)
    with pytest.raises(ScoringError, match="no column 'coder'"):
        cssp.agreement(segments.drop(columns="coder"), interviews, codes)
    assert cssp.code_prevalence(
        segments.drop(columns="city"), interviews.drop(columns=["city", "coders"]), codes
    )["named"].tolist() == [1, 1, 0, 0]


def test_nobody_naming_a_code_has_an_upper_bound():
    table = cssp.code_prevalence(*named([[1, 0, 0, 0]] * 14)).set_index("code")
    assert table.loc["x", "at_most"] == pytest.approx(1 - 0.05 ** (1 / 14))
    assert np.isnan(table.loc["w", "at_most"])
    assert table.loc["x", "ci_high"] > 0


def test_a_choice_of_codes_interviews_cities_and_coders():
    study = cssp.load_study()
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    own = cssp.select(segments, interviews, cities=["vologda"])
    assert cssp.agreement(*own, study.codes, replicates=0)["n_interviews"].iloc[0] == 14
    few = cssp.agreement(
        segments, interviews, study.codes, only=["res_staff", "res_skills"], replicates=0
    )
    assert few["code"].tolist() == ["res_staff", "res_skills", "overall"]
    one = cssp.select(segments, interviews, coders=["A"])
    assert (cssp.agreement(*one, study.codes, replicates=0)["note"] == NOTE_ONE_CODER).all()
    for choice in ({"cities": ["x"]}, {"names": ["x"]}, {"coders": ["x"]}):
        with pytest.raises(ScoringError, match="There is no"):
            cssp.select(segments, interviews, **choice)
    for bad in ({"only": ["x"]}, {"base": "x"}, {"replicates": -1}, {"by": "word"}):
        with pytest.raises(ScoringError):
            cssp.agreement(segments, interviews, study.codes, **bad)
        if "base" not in bad and "by" not in bad:
            with pytest.raises(ScoringError):
                cssp.unitizing_alpha(segments, interviews, study.codes, **bad)


def test_prevalence_counts_interviews_not_segments():
    segments, interviews = tables({"x": [[1, 1], [1, 0], [0, 0], [0, 1]]})
    segments = pd.concat([segments, segments])  # marked twice: still one interview
    every = cssp.code_prevalence(segments, interviews, CODES, rule="all").set_index("code")
    anyone = cssp.code_prevalence(segments, interviews, CODES, rule="any").set_index("code")
    assert (every.loc["x", "named"], anyone.loc["x", "named"]) == (1, 3)
    assert (every.loc["top", "named"], anyone.loc["top", "named"]) == (1, 3)
    assert every.loc["y", ["named", "ci_low"]].tolist() == [0, 0]
    assert every.loc["y", "ci_high"] > 0


def test_a_group_is_named_when_a_code_below_it_is():
    segments, interviews = tables({"x": [[1, 0]], "y": [[0, 1]]})
    table = cssp.code_prevalence(segments, interviews, CODES, rule="all").set_index("code")
    # one coder found x, the other y: both found the group
    assert table["named"].to_dict() == {"top": 1, "x": 0, "y": 0}


def test_an_interview_coded_by_one_is_named_by_that_one(copy):
    edit_segments(copy, lambda line: not line.startswith("v01,B"))
    path = copy / "cities/vologda/interviews.csv"
    note, head, *lines = path.read_text("utf-8").splitlines()
    told = [f"{line},{'A' if line.startswith('v01') else ''}" for line in lines]
    path.write_text("\n".join([note, f"{head},coders", *told]) + "\n", encoding="utf-8")
    study = cssp.load_study(copy)
    segments, interviews = (
        cssp.load_segments(study, ["vologda"]),
        cssp.load_interviews(study, ["vologda"]),
    )
    growth = cssp.new_codes(segments, interviews, study.codes)
    assert (
        growth.loc[growth["interview"] == "v01", "codes_named"].item()
        == segments[segments["interview"] == "v01"]["code"].nunique()
    )
    assert (
        cssp.agreement(segments, interviews, study.codes, replicates=0)["n_interviews"].iloc[0]
        == 13
    )
