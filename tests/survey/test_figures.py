"""Tests of `survey/figures`."""

from __future__ import annotations

from survey_answers import answered, write_study

import cssp
from cssp.show.labels import Labels
from cssp.survey import figures, readings


def test_figures_and_sentences_name_the_groups(tmp_path):
    study = write_study(
        tmp_path, {"a.csv": answered(60)}, {}, cities=["town"], languages=["en", "ru"]
    )
    answers = cssp.load_survey(study).grouped_by("tenure")
    freq = cssp.frequency_table(answers, ["q1", "q2"], by=["city", "tenure_group"])
    for language, label in (("en", "short"), ("ru", "недавно")):
        labels = Labels(study, language)
        sizes = cssp.group_sizes(answers, ["city", "tenure_group"], 3)
        assert label in readings.sample(sizes, labels)
        head = labels.heads(sizes)["tenure_group"]
        assert head.text == labels.item("tenure")
        assert labels.frame(sizes)[head.text].iloc[0] == label
        balances = cssp.net_balance(freq, "plain")
        drawn = figures.balance_dots(balances, labels)
        assert label in {panel.get_title() for panel in drawn.figure.axes}
        bars = figures.answer_bars(cssp.distribution(freq), labels)
        assert label in {panel.get_title() for panel in bars.figure.axes}
        pairs = cssp.compare_groups(freq, between="tenure_group", within="city")
        assert label in labels.frame(pairs).to_csv()
        figures.effect_forest(pairs, labels)
    words = Labels(study, "ru").words
    assert "секторам" in words("Net balance of each item by city and sector")
    words.grouped = True
    assert "группам" in words("Net balance of each item by city and sector")
