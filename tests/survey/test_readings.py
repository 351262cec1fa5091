"""What the survey's readings say, against the tables they are made from."""

from __future__ import annotations

from conftest import counts_table

import cssp
from cssp import compare_groups
from cssp.show.labels import Labels
from cssp.survey import model_readings, readings


def test_a_clear_difference_of_answers_without_order_is_read_too(study):
    """It has no p of ranks; the sentence names Cramér's V with its interval, the sizes and both p-values."""
    answers = cssp.load_survey(study)
    first = answers["city"] == study.cities[0]
    answers = answers.with_column(
        "initiative_from", first.map({True: 1, False: 2}).astype("Int64"), codes="initiative_from"
    )
    pairs = cssp.compare_groups(
        cssp.frequency_table(answers, ["initiative_from"], by=["city", "sector"]),
        "city",
        within="sector",
    )
    assert pairs["p"].isna().all() and (pairs["p_adjusted"] < 0.001).all()
    text = readings.comparison(pairs, Labels(study, "en"))
    assert "3 comparisons were made, 3 of them keep a corrected p under 0.05" in text
    for row in pairs.itertuples():
        assert f"n = {row.n_a} and {row.n_b}" in text
    assert text.count("Cramér's V 1.00") == 3


def test_extremes_are_read_among_items_with_a_middle_answer_as_observed_only(study):
    answers = cssp.load_survey(study)
    book = study.questionnaire
    freq = cssp.frequency_table(answers, book.names("ordinal"), by=["city", "sector"])
    balances = cssp.net_balance(freq, family="plain", base="substantive", interval="adjusted")
    text = readings.balances(balances, Labels(study, "en"))
    middle = {
        name
        for name in book.names("ordinal")
        if any(answer.valence == "neutral" for answer in book.scale_of(book.item(name)).answers)
    }
    assert len(middle) < len(book.names("ordinal"))  # there are others to be left out
    top = balances[balances["item"].isin(middle) & (balances["n"] > 0)]
    words = Labels(study, "en").words
    for city in (
        study.cities
    ):  # in one of them an item without a middle answer has the highest balance of all
        own = top[top["city"] == city]
        for place in (own["balance"].idxmax(), own["balance"].idxmin()):
            row = top.loc[place]
            assert f"{words.points(row['balance'])} points, n = {row['n']})" in text
    # an extreme of many covers its truth less often than its own interval says: none is told
    assert "observed" in text and "interval " not in text.replace("The interval of each", "")


def test_the_profile_is_read_with_its_interval_and_the_rules_of_its_types(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    profile = study.file.profile
    table = cssp.sector_profile(freq, profile)
    types = cssp.profile_types(table, profile)
    text = model_readings.profile(
        types, cssp.profile_sensitivity(table, profile), Labels(study, "en")
    )
    for row in types[types["block"] == "all"].to_dict("records"):
        assert (
            f"index {row['index']:.2f} (95% interval {row['ci_low']:.2f} to {row['ci_high']:.2f})"
            in text
        )
    rules = model_readings.profile_rules(Labels(study, "ru"))
    for rule in profile.types:
        assert f"«{rule.label['ru']}»" in rules
        for bound in (rule.index_from, rule.index_to, rule.cohesion_from, rule.cohesion_to):
            assert bound is None or f"{bound:.2f}".replace(".", ",") in rules


def test_two_camps_are_no_direction(study):
    """One group of one mind, the other in two camps: distributions differ, and nobody is higher."""
    freq = counts_table({"vologda": [0, 0, 60, 0, 0], "petrozavodsk": [33, 0, 0, 0, 27]})
    pairs = compare_groups(freq, between="city", correction="none")
    assert not pairs.p_level.iloc[0] < 0.05
    pairs["p"] = pairs["p_adjusted"] = 0.001  # as a test of equal distributions may say
    text = readings.comparison(pairs, Labels(study, "en"))
    assert "spread differently" in text and "higher in the group" not in text
    assert "0 of them keep" in text  # they differ, but it is no finding of a level
