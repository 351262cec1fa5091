"""Tests of `show/labels`."""

from __future__ import annotations

import pandas as pd
import pytest

from cssp.show.labels import Labels


@pytest.mark.parametrize("many", [False, True])
def test_a_refund_is_marked_and_zero_is_not(study, many):
    from cssp.desk.figures import level_dots
    from cssp.desk.region_figures import region_dots
    from cssp.show.labels import Labels

    labels = Labels(study, "en")
    cities = study.cities
    for values, marks in (((-5.0, 10.0), 1), ((0.0, 10.0), 0)):
        table = pd.DataFrame(
            {
                "city": cities,
                "level": "local",
                "kind": "",
                "year": 2020,
                "value": values,
                "unit": "RUB",
            }
        )
        figure = (region_dots(table, labels) if many else level_dots(table, labels)).figure
        assert [text.get_text() for text in figure.axes[0].texts].count("< 0") == marks


def test_only_languages_make_a_column_the_text_of_another(study):
    """`year_to` is not `year` in a language."""
    table = pd.DataFrame(
        {
            "year": [1],
            "year_to": [2],
            "p": [0.1],
            "p_bm": [0.2],
            "act": ["a"],
            "act_ru": ["б"],
            "act_en": [""],
            "gloss_ru": ["в"],
        }
    )
    assert list(Labels(study, "ru").as_it_reads(table)) == [
        "year",
        "year_to",
        "p",
        "p_bm",
        "act",
        "gloss_ru",
    ]
    assert Labels(study, "ru").as_it_reads(table)["act"].tolist() == ["б"]
    assert Labels(study, "en").as_it_reads(table)["act"].tolist() == ["a"]
