"""Tests of `survey/count_answers`."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import coded, with_codebook
from survey_answers import ENTRY, with_book

import cssp
from cssp import ScoringError


def counts_frame(values: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"city": "a", "q": values})


def test_a_sum_of_tables_is_their_table(study):
    names = study.questionnaire.names("ordinal", "single", "multiple")
    parts = [
        cssp.frequency_table(cssp.load_survey(study, [city]), names, by=["city", "sector"])
        for city in study.cities
    ]
    whole = cssp.frequency_table(cssp.load_survey(study), names, by=["city", "sector"])
    pd.testing.assert_frame_equal(sum(parts).counts, whole.counts)
    assert sum(parts).codebook == whole.codebook


def test_tables_with_unequal_codes_are_not_added():
    one, two = with_book(counts_frame([1, 2])), with_book(counts_frame([1, 2]))
    two = with_codebook(two, {"q": {**ENTRY, "codes": [1, 2, 3], "special": {}}})
    with pytest.raises(ScoringError, match="not coded alike"):
        cssp.frequency_table(one, ["q"], by=["city"]) + cssp.frequency_table(
            two, ["q"], by=["city"]
        )
    with pytest.raises(ScoringError, match="grouped differently"):
        cssp.frequency_table(one, ["q"], by=["city"]) + cssp.frequency_table(one, ["q"])
    weighted = cssp.frequency_table(
        one.with_column("w", [1.5, 1.5]), ["q"], by=["city"], weights="w"
    )
    with pytest.raises(ScoringError, match="Weighted"):
        cssp.frequency_table(one, ["q"], by=["city"]) + weighted


def test_any_integer_codes_are_counted():
    wide = coded(
        pd.DataFrame(
            {
                "q": pd.array([-5, 2_000_000, None, -5], dtype="Int64"),
                "c": pd.Categorical([3, 7, None, 3]),
            }
        )
    )
    assert cssp.frequency_table(wide, ["q"]).to_dict("records") == [{-5: 2, 2_000_000: 1}]
    assert cssp.frequency_table(wide, ["c"]).to_dict("records") == [{3: 2, 7: 1}]
    for kind in ("int8", "uint8", "int64", "Int8", "float32"):
        assert cssp.frequency_table(
            coded(pd.DataFrame({"q": pd.array([1, 2, 2], dtype=kind)})), ["q"]
        ).to_dict("records") == [{1: 1, 2: 2}]
