"""The joint display: directions, verdicts, and gaps as first minus second."""

from __future__ import annotations

import pandas as pd
import pytest

import cssp

EMPTY_DESK = pd.DataFrame(
    columns=["theme", "indicator", "better", "city", "year", "lowest", "highest"]
)
EMPTY_SURVEY = pd.DataFrame(columns=["theme", "city", "items", "balance", "error", "n"])
EMPTY_INTERVIEWS = pd.DataFrame(
    columns=["theme", "city", "named", "n", "share", "ci_low", "ci_high"]
)


def desk(a: tuple[float, float], b: tuple[float, float], better: str = "higher") -> pd.DataFrame:
    return pd.DataFrame(
        [["t", "i", better, "a", 2020, *a], ["t", "i", better, "b", 2020, *b]],
        columns=EMPTY_DESK.columns,
    )


def survey(a: float, b: float, error: float = 0.05) -> pd.DataFrame:
    return pd.DataFrame(
        [["t", "a", 2, a, error, 50], ["t", "b", 2, b, error, 50]], columns=EMPTY_SURVEY.columns
    )


def interviews(a: int, b: int, n: int = 14) -> pd.DataFrame:
    return pd.DataFrame(
        [["t", "a", a, n, a / n, 0, 1], ["t", "b", b, n, b / n, 0, 1]],
        columns=EMPTY_INTERVIEWS.columns,
    )


def verdict(d=EMPTY_DESK, s=EMPTY_SURVEY, i=EMPTY_INTERVIEWS) -> pd.Series:
    return cssp.joint_display(d, s, i, ["t"], first="a").iloc[0]


def test_stages_that_agree_converge():
    row = verdict(desk((2, 2), (1, 1)), survey(0.5, 0.0), interviews(1, 13))
    assert (row["desk_sign"], row["survey_sign"], row["interviews_sign"], row["verdict"]) == (
        1,
        1,
        1,
        "converges",
    )


def test_naming_a_barrier_more_often_is_less_favourable():
    assert verdict(i=interviews(13, 1))["interviews_sign"] == -1


def test_stages_that_contradict_diverge():
    assert verdict(desk((2, 2), (1, 1)), survey(0.0, 0.5))["verdict"] == "diverges"


def test_one_voice_alone_is_silence():
    assert verdict(desk((2, 2), (1, 1)), survey(0.1, 0.1))["verdict"] == "silent"
    assert verdict(s=survey(0.5, 0.0))["verdict"] == "silent"


def test_ranges_that_overlap_show_no_direction():
    row = verdict(desk((0.05, 1), (0.03, 1)))
    assert row["desk_sign"] == 0
    assert pd.isna(row["desk_gap"])
    assert verdict(desk((0.5, 1), (0.1, 0.4)))["desk_sign"] == 1
    assert verdict(desk((2, 2), (1, 1), better="lower"))["desk_sign"] == -1


def test_no_data_is_no_direction():
    row = verdict(s=survey(0.5, 0.0))
    assert pd.isna(row["desk_sign"])
    assert pd.isna(row["interviews_sign"])


def test_gaps_are_first_minus_second():
    row = verdict(desk((2, 2), (1, 1)), survey(0.5, 0.2), interviews(7, 0))
    assert (row["desk_gap"], row["survey_gap"], row["interviews_gap"]) == (
        1,
        pytest.approx(0.3),
        0.5,
    )


def test_a_single_city_has_nothing_to_be_set_against():
    one = survey(0.5, 0.2).iloc[:1]
    assert cssp.joint_display(EMPTY_DESK, one, EMPTY_INTERVIEWS, ["t"], first="a").empty


def test_the_error_of_a_theme_is_never_below_that_of_its_items(study):
    answers = cssp.load_survey(study)
    names = study.questionnaire.names("ordinal")
    freq = cssp.frequency_table(answers, names, by=["city"])
    table = cssp.theme_balances(freq, study.questionnaire).set_index(["theme", "city"])
    # the true error of the mean of balances, from the respondents (complete cases), is at most the bound
    theme = next(iter(study.file.themes))
    own = [
        i
        for i in study.questionnaire.items
        if i.theme == theme and i.type == "ordinal" and not i.asked_of
    ]
    book = study.questionnaire.column_codebook()
    for city in study.cities:
        rows = answers[answers["city"] == city]
        scores = (
            pd.DataFrame({i.name: rows[i.name].map(book[i.name]["sign"]) for i in own})
            .astype(float)
            .dropna()
        )
        true = scores.mean(axis=1).std() / len(scores) ** 0.5
        assert table.loc[(theme, city), "error"] >= true * 0.8


def test_without_a_standard_error_there_is_no_direction():
    row = verdict(s=survey(1.0, 0.0, error=float("nan")))
    assert row["survey_sign"] == 0
    assert pd.isna(row["survey_low"])


def test_cities_are_compared_over_the_items_that_both_were_asked(study):
    answers = cssp.load_survey(study)
    theme = "money"
    own = [i.name for i in study.questionnaire.items if i.theme == theme and i.type == "ordinal"]
    assert len(own) >= 2
    answers = answers.with_column(
        own[0], answers[own[0]].where(answers["city"] != study.cities[1]), codes=own[0]
    )
    freq = cssp.frequency_table(answers, own, by=["city"])
    table = cssp.theme_balances(freq, study.questionnaire).set_index("city")
    assert table["items"].tolist() == [len(own) - 1] * 2
    alone = (
        cssp.net_balance(cssp.frequency_table(answers, own[1:], by=["city"]), "plain")
        .groupby("city")["balance"]
        .mean()
    )
    assert table["balance"].to_dict() == pytest.approx(alone.to_dict())


def test_the_latest_year_with_values_is_taken():
    table = pd.concat(
        [desk((1, 1), (2, 2)), desk((3, 3), (float("nan"), float("nan"))).assign(year=2021)]
    )
    assert verdict(table)["desk_year"] == 2020


def test_indicators_that_contradict_each_other_do_not_speak():
    table = pd.concat([desk((2, 2), (1, 1)), desk((1, 1), (2, 2)).assign(indicator="j")])
    assert verdict(table)["desk_sign"] == 0
