"""Options that no notebook sets do what their docstrings say."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

import cssp
from cssp import Answers, answer_codes
from cssp.interviews.alpha import krippendorff_alpha
from cssp.interviews.exchange.untrusted import Limits
from cssp.show.labels import Labels
from cssp.simulate.study import simulate_study
from cssp.study.problems import DataError, ScoringError
from cssp.study.sources import Format
from cssp.survey.figures import power_lines
from cssp.survey.pairwise import options_within
from cssp.survey.preferences import preferences

sys.path.insert(0, str(ROOT / "tests" / "interviews"))


@pytest.fixture(scope="module")
def study():
    return cssp.load_study()


@pytest.fixture(scope="module")
def rows(study):
    return cssp.load_survey(study)


@pytest.fixture(scope="module")
def items(study):
    return study.questionnaire.names("ordinal", focus=True)[:3]


@pytest.fixture(scope="module")
def freq(rows, items):
    return cssp.frequency_table(rows, items, by=["city", "sector"])


@pytest.fixture(scope="module")
def numbered(study):
    """Answers with a number and two waves, made up here."""
    random = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "city": ["a", "b"] * 60,
            "sector": ["npo"] * 60 + ["business"] * 60,
            "wave": ["first"] * 60 + ["second"] * 60,
            "respondent": [*range(60), *range(60)],
            "q": random.integers(1, 4, 120),
            "years": random.integers(1, 30, 120).astype(float),
            "w": random.uniform(0.5, 2, 120),
        }
    )
    table["wave"] = pd.Categorical(table["wave"], ["first", "second"], ordered=True)
    entry = answer_codes([1, 2, 3], positive=[3], negative=[1])
    return Answers(table, {"q": entry})


def at(name, study, rows, items, freq, numbered, c):
    """Return one measure's table at a confidence."""
    survey = study.questionnaire
    scale, ranking = survey.indices[0], survey.names("ranking")[0]
    several = survey.names("multiple")[0]
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    if name == "perception_matrix":
        return cssp.perception_matrix(rows, confidence=c)
    if name == "perception_gaps":
        return cssp.perception_gaps(cssp.perception_matrix(rows), confidence=c)
    if name == "perception_differences":
        matrix = cssp.perception_matrix(rows)
        return cssp.perception_differences(matrix, study.cities[0], confidence=c)
    if name == "net_balance":
        return cssp.net_balance(freq, "plain", confidence=c)
    if name == "balance_gaps":
        balances = cssp.net_balance(cssp.collapse(freq, ["city"]), "plain")
        return cssp.balance_gaps(balances, "city", *study.cities[:2], confidence=c)
    if name == "bootstrap_balances":
        return cssp.bootstrap_balances(freq, "plain", replicates=200, confidence=c)
    if name == "describe":
        return cssp.describe(freq, confidence=c)
    if name == "simultaneous_shares":
        return cssp.simultaneous_shares(freq, confidence=c)
    if name == "compare_many":
        return cssp.compare_many(freq, "sector", confidence=c)
    if name == "dunn_test":
        return cssp.dunn_test(freq, "sector", confidence=c)
    if name == "compare_adjusted":
        return cssp.compare_adjusted(freq, "city", "sector", confidence=c)
    if name == "compare_weighted":
        return cssp.compare_weighted(numbered, ["q"], "w", confidence=c)
    if name == "weighted_balances":
        return cssp.weighted_balances(numbered, ["q"], "w", confidence=c)
    if name == "option_shares":
        return cssp.option_shares(cssp.frequency_table(rows, [several], by=["city"]), confidence=c)
    if name == "compare_options":
        options = cssp.frequency_table(rows, [several], by=["city"])
        return cssp.compare_options(options, "city", confidence=c)
    if name == "options_within":
        return options_within(rows, several, confidence=c)
    if name == "ranking_summary":
        return cssp.ranking_summary(rows, ranking, confidence=c)
    if name == "ranking_agreement":
        return cssp.ranking_agreement(rows, ranking, confidence=c)
    if name == "preferences":
        return preferences(rows, ranking, confidence=c)
    if name == "reliability":
        return cssp.reliability(rows, scale, confidence=c)
    if name == "item_bias":
        return cssp.item_bias(rows, scale, confidence=c)
    if name == "ordinal_regression":
        return cssp.ordinal_regression(rows, items[:1], confidence=c)
    if name == "predicted_shares":
        return cssp.predicted_shares(rows, items[0], confidence=c)
    if name == "describe_numbers":
        return cssp.describe_numbers(numbered, ["years"], confidence=c)
    if name == "compare_numbers":
        return cssp.compare_numbers(numbered, ["years"], "city", confidence=c)
    if name == "wave_changes":
        return cssp.wave_changes(numbered, ["q"], confidence=c)
    if name == "sector_profile":
        profile = study.file.profile
        asked = [column for block in profile.blocks.values() for column in block.items]
        table = cssp.frequency_table(rows, asked, by=["city", "sector"])
        return cssp.sector_profile(table, profile, confidence=c)
    if name == "beta_convergence":
        years = pd.DataFrame(
            {"city": [*"abcde"] * 2, "year": [2019] * 5 + [2021] * 5, "v": [1.0, 2, 3, 5, 8] * 2}
        )
        years.loc[5:, "v"] = [2.0, 3, 3.5, 5.5, 9]
        return cssp.beta_convergence(years, "v", confidence=c)
    if name == "unseen_codes":
        return cssp.unseen_codes(segments, interviews, study.codes, confidence=c)
    if name == "set_agreement":
        return cssp.set_agreement(
            segments, interviews, study.codes, replicates=200, language="ru", confidence=c
        )
    assert name == "krippendorff_alpha"
    ratings = pd.DataFrame({"A": [1, 2, 2, 1, 1, 2, 1, 2], "B": [1, 2, 1, 1, 1, 2, 2, 2]})
    return krippendorff_alpha(ratings, replicates=300, confidence=c)


MEASURES = [
    "perception_matrix",
    "perception_gaps",
    "perception_differences",
    "net_balance",
    "balance_gaps",
    "bootstrap_balances",
    "describe",
    "simultaneous_shares",
    "compare_many",
    "dunn_test",
    "compare_adjusted",
    "compare_weighted",
    "weighted_balances",
    "option_shares",
    "compare_options",
    "options_within",
    "ranking_summary",
    "ranking_agreement",
    "preferences",
    "reliability",
    "item_bias",
    "ordinal_regression",
    "predicted_shares",
    "describe_numbers",
    "compare_numbers",
    "wave_changes",
    "sector_profile",
    "beta_convergence",
    "unseen_codes",
    "set_agreement",
    "krippendorff_alpha",
]


@pytest.mark.parametrize("name", MEASURES)
def test_more_confidence_is_a_wider_interval_about_the_same_estimate(
    name, study, rows, items, freq, numbered
):
    """Whatever interval a measure declares: at 80 % it lies within that at 99 %; the rest stays."""
    narrow, wide = (at(name, study, rows, items, freq, numbered, c) for c in (0.8, 0.99))
    ends = {c.name: c.bound_of for c in narrow.declared.values() if c.bound_of}
    ends = {end: of for end, of in ends.items() if end in narrow and of in narrow}
    assert ends and (narrow.confidence, wide.confidence) == (0.8, 0.99)
    for end in ends:
        low = end.endswith(("low", "from", "_lower"))
        step = (wide[end] - narrow[end]).astype(float).dropna()
        assert len(step) and ((step <= 1e-9) if low else (step >= -1e-9)).all(), end
        assert step.abs().max() > 0, end
    for estimate in set(ends.values()):
        pd.testing.assert_series_equal(narrow[estimate], wide[estimate])


def test_a_type_is_told_at_a_confidence(study, rows):
    profile = study.file.profile
    asked = [column for block in profile.blocks.values() for column in block.items]
    table = cssp.frequency_table(rows, asked, by=["city", "sector"])
    index = cssp.sector_profile(table, profile)
    narrow, wide = (cssp.profile_types(index, profile, confidence=c) for c in (0.8, 0.99))
    ends = [(c.name, c.bound_of) for c in narrow.declared.values() if c.bound_of]
    assert ends
    for end, _ in ends:
        outward = wide[end] - narrow[end]
        assert (outward.dropna() <= 0).all() or (outward.dropna() >= 0).all()


def test_stricter_tests_find_less_and_need_more(freq, items):
    usual = cssp.detectable_differences(freq, "city", tests=1)
    strict = cssp.detectable_differences(freq, "city", significance=0.01, power=0.95, tests=1)
    for column in [c for c in usual if str(c).startswith("detectable")]:
        assert (strict[column].dropna() > usual[column].dropna()).all()
    city = cssp.collapse(freq, ["city"])
    n = cssp.needed_n(city, items[:1], [0.3])["n_each"].item()
    assert cssp.needed_n(city, items[:1], [0.3], significance=0.01)["n_each"].item() > n
    assert cssp.needed_n(city, items[:1], [0.3], power=0.95)["n_each"].item() > n
    curves = [
        cssp.power_curve(city, items[0], "city", [0.3], replicates=400, significance=level)
        for level in (0.05, 0.01)
    ]
    assert curves[1]["power"].item() < curves[0]["power"].item()


def test_the_line_of_the_wanted_power_stands_where_it_is_wanted(freq, items, study):
    curve = cssp.power_curve(cssp.collapse(freq, ["city"]), items[0], "city", [0, 0.3], None, 0.05)
    drawing = power_lines(curve, Labels(study), wanted=0.9)
    lines = drawing.figure.axes[0].lines
    assert any(set(np.asarray(line.get_ydata(), dtype=float)) == {0.9} for line in lines)


def test_likeness_at_a_stricter_level_needs_more(freq):
    pairs = cssp.compare_groups(cssp.collapse(freq, ["city"]), "city", power=True)
    usual, strict = (cssp.equivalence(pairs, 0.6, significance=p) for p in (0.05, 1e-12))
    assert strict["alike"].sum() < usual["alike"].sum()
    assert usual["p_equivalence"].tolist() == strict["p_equivalence"].tolist()


def test_strata_of_options_and_of_dunns_test(rows, study, freq):
    several = study.questionnaire.names("multiple")[0]
    table = cssp.frequency_table(rows, [several], by=["city", "sector"])
    within = cssp.compare_options(table, "city", within="sector")
    sector = str(within["sector"].iloc[0])
    alone = cssp.compare_options(cssp.collapse(table.where(sector=sector), ["city"]), "city")
    own = within[within["sector"] == sector].reset_index(drop=True)
    assert own["share_a"].tolist() == pytest.approx(alone["share_a"].tolist())
    assert own["p"].tolist() == pytest.approx(alone["p"].tolist(), nan_ok=True)
    dunn = cssp.dunn_test(freq, "sector", within="city")
    city = str(dunn["city"].iloc[0])
    one = cssp.dunn_test(cssp.collapse(freq.where(city=city), ["sector"]), "sector")
    assert dunn.loc[dunn["city"] == city, "p"].tolist() == pytest.approx(one["p"].tolist())


def test_preferences_of_all_together_without_correction_and_of_large_groups_only(rows, study):
    ranking = study.questionnaire.names("ranking")[0]
    together = preferences(rows, ranking, by=None, correction="none")
    assert "city" not in together and (together["p_adjusted"] == together["p"]).all()
    assert len(preferences(rows, ranking, smallest=10**6)) == 0
    each = preferences(rows, ranking)
    sums = each.groupby(["item", "other"], sort=False)["n"].sum()
    assert together["n"].tolist() == sums.tolist()


def test_a_bootstrap_of_all_answers_has_their_base(freq):
    everyone = cssp.bootstrap_balances(freq, "plain", base="all", replicates=100)
    expected = cssp.net_balance(freq, "plain", base="all")
    assert everyone["estimate"].tolist() == pytest.approx(expected["balance"].tolist())


def test_other_families_and_bases_of_the_adjusted_comparison(freq):
    usual = cssp.compare_adjusted(freq, "city", "sector")
    graded = cssp.compare_adjusted(freq, "city", "sector", family="vciom", base="all")
    assert set(graded["family"]) == {"vciom"} and set(graded["base"]) == {"all"}
    total = graded["composition"] + graded["within"]
    assert total.tolist() == pytest.approx(graded["raw_gap"].tolist())
    assert (graded["raw_gap"] - usual["raw_gap"]).abs().max() > 0.01
    assert graded["rank_biserial"].tolist() == usual["rank_biserial"].tolist()


def test_a_turned_item_turns_its_correlation(rows, study):
    scale = study.questionnaire.indices[0]
    own = cssp.item_statistics(rows, scale, reverse=set())
    turned = cssp.item_statistics(rows, scale, reverse={scale.items[0]})
    assert turned["reversed"].tolist() == [True] + [False] * (len(scale.items) - 1)
    assert turned["item_rest"][0] == pytest.approx(-own["item_rest"][0])
    scores = [
        cssp.scale_scores(rows, scale, reverse=turn)["score"] for turn in (set(), {scale.items[0]})
    ]
    assert not scores[0].equals(scores[1])
    first = cssp.item_bias(rows, scale, reverse={scale.items[0]})
    assert first["item"].tolist() == cssp.item_bias(rows, scale)["item"].tolist()
    assert first["smd"].tolist() != cssp.item_bias(rows, scale)["smd"].tolist()


def test_numbers_as_terms_of_the_models(numbered):
    table = cssp.proportional_odds_test(numbered, "q", ["city"], numeric=["years"])
    assert set(table["term"]) >= {"city", "years"}
    assert table.set_index("term").loc["years", "dof"] == 1
    plain = cssp.proportional_odds_test(
        numbered, "q", ["city"], numeric=["years"], correction="none"
    )
    assert plain["p_adjusted"].tolist() == plain["p"].tolist()
    shares = cssp.predicted_shares(numbered, "q", ["city"], numeric=["years"])
    assert set(shares["term"]) == {"city"}
    with pytest.raises(ScoringError, match="both as a group and as a number"):
        cssp.ordinal_regression(numbered, "q", ["years"], numeric=["years"])
    apart = cssp.predicted_shares(numbered, "q", ["city", "sector"], interaction=True)
    assert apart.groupby(["term", "category"])["share"].sum().tolist() == pytest.approx(
        [1.0] * apart.groupby(["term", "category"]).ngroups
    )


def test_weights_add_up_over_chunks(numbered):
    parts = [numbered.rows.iloc[:50], numbered.rows.iloc[50:]]
    found = cssp.count_in_chunks(parts, ["q"], ["city"], weights="w", codebook=numbered.codebook)
    expected = numbered.rows.groupby(["city", "q"])["w"].sum()
    for (city, code), total in expected.items():
        assert found.counts.loc[("q", city), code] == pytest.approx(total)


def test_purposes_can_be_counted_otherwise(study):
    table = cssp.region_support(
        cssp.load_region_support(study), cssp.load_region_population(study), study.indicators
    )
    every = cssp.local_shares(table, scope="all_purposes")
    assert not every["support"].equals(cssp.local_shares(table)["support"])
    change = cssp.national_change(table, cssp.load_prices(study), scope="all_purposes")
    social = cssp.national_change(table, cssp.load_prices(study))
    assert (change["support"] >= social["support"]).all()


def test_amounts_of_far_years_are_per_resident_only_if_allowed(study):
    desk = cssp.load_desk(study)
    near = cssp.support_per_resident(desk, study.indicators, max_years=0)
    far = cssp.support_per_resident(desk, study.indicators, max_years=10)
    assert near["value"].notna().sum() <= far["value"].notna().sum()
    each = cssp.support_per_organisation(desk, study.indicators, max_years=0)
    assert len(each) <= len(cssp.support_per_organisation(desk, study.indicators, max_years=10))


def test_prices_of_the_year_that_is_asked(study):
    desk, prices = cssp.load_desk(study), cssp.load_prices(study)
    year = int(desk["year"].max())
    found = cssp.real_support(desk, study.indicators, prices, base_year=year)
    own = found[found["year"] == year]
    assert own["real"].astype(float).tolist() == pytest.approx(own["value"].astype(float).tolist())


def test_a_wider_margin_leaves_fewer_reversals(study):
    desk = cssp.load_desk(study)
    measures = cssp.support_measures(desk, study.indicators)
    first, levels = study.cities[0], list(study.indicators.levels)
    counts = [
        cssp.level_reversals(measures, levels, first, alike=alike)["reverses"].sum()
        for alike in (0.0, 0.05, 10.0)
    ]
    assert counts[0] >= counts[1] >= counts[2] == 0


def test_new_codes_of_all_interviews_in_one_order(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    together = cssp.new_codes(segments, interviews, study.codes, by_city=False)
    each = cssp.new_codes(segments, interviews, study.codes)
    assert len(together) == len(each) and (together["cumulative"].diff().dropna() >= 0).all()
    assert together["cumulative"].iloc[-1] >= each["cumulative"].max()


def test_one_coders_spans_and_names_as_they_are(study, tmp_path):
    city = study.cities[0]
    interviews = cssp.load_interviews(study)
    row = interviews[interviews["city"] == city].iloc[0]
    both = cssp.show_interview(study, city, row["interview"])
    one = cssp.show_interview(study, city, row["interview"], coders=row["coders"][:1])
    assert len(one._repr_html_()) < len(both._repr_html_())
    page = cssp.write_disagreement_page(study, tmp_path / "d.html", pseudonymised=False)
    assert page.read_text(encoding="utf-8")


def test_words_around_a_word(study):
    interviews = cssp.load_interviews(study)
    short = cssp.keyword_in_context(interviews, "грант", around=10)
    assert len(short) and (short["before"].str.len() <= 11).all()


def test_names_are_suggested_in_the_texts_language(study):
    interviews = cssp.load_interviews(study).head(2)
    english = interviews.assign(text="We asked Peter Smith of Riverside about it.")
    found = cssp.suggest_pseudonyms(english, language="en")
    assert any("Smith" in str(name) for name in found["name"])


def test_a_study_after_the_pattern_of_another(study, tmp_path):
    made = cssp.load_study(simulate_study(tmp_path / "s", 2, source=study))
    assert [i.name for i in made.questionnaire.items] == [i.name for i in study.questionnaire.items]


def test_codes_of_answers_told_apart_as_asked(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id|Thema\n1|Geld/wenig; Leute\n2|Leute\n", encoding="utf-8")
    project = cssp.read_answer_codes(
        {"A": path}, "id", codes=["Thema"], separator="/", split=";", form=Format(delimiter="|")
    )
    assert sorted(project.codes["path"]) == ["Geld", "Geld > wenig", "Leute"]


@pytest.mark.parametrize("read", [cssp.read_qualcoder, cssp.read_rqda, cssp.read_taguette])
def test_databases_beyond_their_limits_are_refused(read, tmp_path):
    from coded_projects import taguette

    path = taguette(tmp_path / "t.sqlite3")
    with pytest.raises(DataError):
        read(path, limits=Limits(size=10))


def test_a_codebook_beyond_its_limits_is_refused(tmp_path, study):
    path = tmp_path / "c.qdc"
    cssp.write_qdc(cssp.study_project(study), path)
    assert len(cssp.read_qdc(path).codes)
    with pytest.raises(DataError):
        cssp.read_qdc(path, limits=Limits(size=10))


def test_codes_are_labelled_in_the_language_of_the_project(tmp_path, study):
    project = cssp.study_project(study)
    assert {*next(iter(cssp.code_system(project, language="ru").walk()))[0].label} == {"ru"}


def test_rare_pairs_are_left_out_of_the_network(study):
    from cssp.interviews.figures import code_network

    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    table = cssp.co_occurrence(segments, interviews, study.codes)
    few, many = (code_network(table, Labels(study), least=n) for n in (10**6, 1))
    assert len(many.figure.axes[0].get_children()) > len(few.figure.axes[0].get_children())


def test_a_stricter_sentence_names_fewer_items(freq, study, rows, items):
    from cssp.survey.model_readings import regression
    from cssp.survey.readings import comparison

    pairs = cssp.compare_groups(cssp.collapse(freq, ["city"]), "city")
    labels = Labels(study)
    assert comparison(pairs, labels, significance=1e-12) != comparison(pairs, labels)
    fit = cssp.ordinal_regression(rows, items)
    odds = cssp.proportional_odds_test(rows, items)
    assert regression(fit, odds, labels, significance=1.0)


def test_shares_of_kinds_apart_and_sets_by_sentence(study):
    desk = cssp.load_desk(study)
    money = str(desk["indicator"].iloc[0])
    apart = cssp.share_of(desk, money, money, by_kind=True)
    assert "kind" in apart and "kind" not in cssp.share_of(desk, money, money)
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    fine = cssp.set_agreement(segments, interviews, study.codes, by="sentence", replicates=200)
    assert fine["by"].unique().tolist() == ["sentence"]
    whole = cssp.set_agreement(segments, interviews, study.codes, replicates=200)
    assert fine["n_judged"].max() > whole["n_judged"].max()
