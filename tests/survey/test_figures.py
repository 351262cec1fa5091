"""Tests of `survey/figures`."""

from __future__ import annotations

from survey_answers import answered, write_study

import cssp
from cssp.show.labels import Labels
from cssp.survey import answer_figures, figures, readings


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
        bars = answer_figures.answer_bars(cssp.distribution(freq), labels)
        assert label in {panel.get_title() for panel in bars.figure.axes}
        pairs = cssp.compare_groups(freq, between="tenure_group", within="city")
        assert label in labels.frame(pairs).to_csv()
        figures.effect_forest(pairs, labels)
    words = Labels(study, "ru").words
    assert "секторам" in words("Net balance of each item by city and sector")
    words.grouped = True
    assert "группам" in words("Net balance of each item by city and sector")


def test_tall_figures_show_the_items_that_matter_and_say_who_is_higher(study):
    from cssp.survey import figures

    cities = list(study.cities)
    answers = cssp.load_survey(study, cities)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    labels = cssp.Show(study, "en", "survey", cities).labels
    pairs = cssp.compare_groups(freq, between="city", within="sector")
    drawn = figures.effect_forest(pairs, labels, most=3).figure
    names = [text.get_text() for text in drawn.axes[0].get_yticklabels()]
    shown = set(labels.item(item) for item in pairs["item"]) & set(names)
    assert len(shown) == 3
    largest = pairs.assign(size=pairs["rank_biserial"].abs()).groupby("item")["size"].max()
    wanted = {labels.item(item) for item in largest.sort_values(ascending=False).index[:3]}
    assert shown == wanted
    ends = [text.get_text().replace("\n", " ") for text in drawn.axes[0].texts]
    assert ends == ["← Petrozavodsk higher", "Vologda higher →"]


def test_bars_of_answers_fill_a_hundred_per_cent_and_the_legend_reads_in_the_scale_s_order(study):
    from cssp.survey import answer_figures

    cities = list(study.cities)
    freq = cssp.frequency_table(
        cssp.load_survey(study, cities), ["npo_useful"], by=["city", "sector"]
    )
    labels = cssp.Show(study, "en", "survey", cities).labels
    shares = cssp.distribution(freq)
    for form in ("stacked", "diverging"):
        figure = answer_figures.answer_bars(shares, labels, form).figure
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
        scale = study.questionnaire.scale_of(study.questionnaire.item("npo_useful"))
        answers = [labels.answer("npo_useful", one.code) for one in scale.answers]
        across = figure.legends[0]._ncols
        rows = [legend[at :: -(-len(legend) // across)] for at in range(-(-len(legend) // across))]
        assert [text for row in rows for text in row][: len(answers)] == answers
