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


def test_silence_of_few_is_told_from_likeness():
    """400 interviews and small errors within ±20 points show likeness; fourteen are silent."""
    many = cssp.joint_display(
        EMPTY_DESK, survey(0.31, 0.30, 0.02), interviews(200, 198, 400), ["t"], "a", bound=0.2
    ).iloc[0]
    assert many["survey_alike"] and many["interviews_alike"] and many["verdict"] == "alike"
    few = cssp.joint_display(
        EMPTY_DESK, survey(0.31, 0.30, 0.2), interviews(7, 7), ["t"], "a", bound=0.2
    ).iloc[0]
    assert not few["survey_alike"] and not few["interviews_alike"] and few["verdict"] == "silent"
    unasked = verdict(s=survey(0.31, 0.30, 0.02), i=interviews(200, 198, 400))
    assert pd.isna(unasked["survey_alike"]) and unasked["verdict"] == "silent"


def test_other_confidence_may_change_a_verdict(study):
    row = survey(0.2, 0.0, 0.05)  # the difference is 2.8 standard errors
    told = [
        cssp.joint_display(EMPTY_DESK, row, EMPTY_INTERVIEWS, ["t"], "a", confidence=level).iloc[0]
        for level in (0.95, 0.999)
    ]
    assert [one["survey_sign"] for one in told] == [1, 0]


@pytest.fixture(scope="module")
def parts(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(answers, study.questionnaire.names("ordinal"), by=["city"])
    return freq, *cssp.load_coded(study)


def test_each_theme_has_all_settings_and_the_studys_own_is_among_them(study, parts):
    freq, segments, texts = parts
    themes, book = list(study.file.themes), study.questionnaire
    table = cssp.joint_sensitivity(EMPTY_DESK, freq, book, segments, texts, study.codes, themes)
    assert (table.groupby(["theme", "second"])["settings"].sum() == 12).all()
    own = cssp.joint_display(
        EMPTY_DESK,
        cssp.theme_balances(freq, book),
        cssp.theme_prevalence(segments, texts, study.codes),
        themes,
    )
    found = set(zip(table["theme"], table["second"], table["verdict"], strict=True))
    assert set(zip(own["theme"], own["second"], own["verdict"], strict=True)) <= found


def test_a_quotation_stands_for_its_theme_and_city_without_names(study, parts):
    _, segments, _ = parts
    table = cssp.theme_quotations(segments, study.codes)
    assert not table.duplicated(["theme", "city"]).any()
    theme_of = {code.name: code.theme for code, _ in study.codes.walk()}
    for row in table.itertuples():
        own = segments[(segments["city"] == row.city) & (segments["code"] == row.code)]
        assert theme_of[row.code] == row.theme and row.quotation in set(own["quotation"])
    word = table["quotation"].iloc[0].split()[0]
    hidden = cssp.theme_quotations(segments, study.codes, {word: "[name]"})
    assert "[name]" in hidden["quotation"].iloc[0]
    assert cssp.theme_quotations(segments, None).empty
