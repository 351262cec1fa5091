"""Tests of `survey/quality`."""

from __future__ import annotations

import pandas as pd
import pytest

import cssp


def test_careless_answers_are_flagged_not_dropped(study):
    answers = cssp.load_survey(study)
    block = [
        item.name
        for section in study.questionnaire.sections
        for item in section.items
        if section.focus
    ]
    rows = answers.rows
    rows.loc[0, block] = 3
    rows.loc[1] = rows.loc[2]
    rows["duration"] = pd.array([600.0] * len(rows), dtype="Float64")
    rows.loc[5, "duration"] = 60.0
    spoilt = cssp.Answers(rows, answers.codebook)
    table = cssp.answer_quality(spoilt, study.questionnaire)
    assert len(table) == len(spoilt)
    assert table.loc[0, "straight_line"]
    assert table.loc[[1, 2], "repeated"].all()
    assert table.loc[5, "too_fast"]
    summary = cssp.quality_summary(table)
    assert (summary["count"] <= summary["n"]).all()
    fresh = cssp.answer_quality(answers, study.questionnaire)
    assert fresh["too_fast"].isna().all()
    assert not fresh["repeated"].any()


def test_item_nonresponse_adds_up(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    table = cssp.item_nonresponse(freq, answers)
    assert table[["answered", "hard_to_say", "refused", "blank"]].sum(
        axis=1
    ).to_numpy() == pytest.approx(1)
    assert (table["blank"] >= -1e-12).all()


def test_exclusions_are_in_the_flow(copy):
    text = (copy / "study.yaml").read_text(encoding="utf-8")
    (copy / "study.yaml").write_text(
        text
        + "\nexclusions:\n  - {city: vologda, respondents: [V001, V002], reason: {en: test, ru: проба}}\n",
        encoding="utf-8",
    )
    answers = cssp.load_survey(cssp.load_study(copy))
    flow = cssp.respondent_flow(answers)
    own = flow[flow["city"] == "vologda"].set_index("step")["count"]
    assert own.to_dict() == {"rows in the file": 92, "excluded": 2, "analysed": 90}
    assert "V001" not in set(answers["respondent"])
    (copy / "study.yaml").write_text(
        text
        + "\nexclusions:\n  - {city: vologda, respondents: [V999], reason: {en: test, ru: проба}}\n",
        encoding="utf-8",
    )
    with pytest.raises(cssp.DataError, match="no such respondent"):
        cssp.load_survey(cssp.load_study(copy))


def test_hard_to_say_everywhere_is_no_straight_line(study):
    answers = cssp.load_survey(study)
    block = [
        item.name
        for section in study.questionnaire.sections
        for item in section.items
        if section.focus
    ]
    rows = answers.rows
    rows.loc[0, block] = 97
    spoilt = cssp.Answers(rows, answers.codebook)
    assert not cssp.answer_quality(spoilt, study.questionnaire).loc[0, "straight_line"]
