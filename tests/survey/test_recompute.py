"""Tests of `survey/recompute`."""

from __future__ import annotations

import pandas as pd
from conftest import with_codebook
from survey_answers import ENTRY

import cssp


def test_a_recomputed_row_uses_the_exact_p_where_the_table_does():
    answers = pd.DataFrame({"city": ["a"] * 4 + ["b"] * 4, "q": [1, 3, 5, 7, 2, 4, 6, 8]})
    answers = with_codebook(
        answers,
        {"q": {**ENTRY, "codes": list(range(1, 9)), "special": {}, "sign": {}, "weight": {}}},
    )
    pairs = cssp.compare_groups(
        cssp.frequency_table(answers, ["q"], by=["city"]), "city", measures="ranks"
    )
    assert cssp.recompute(answers, pairs, "city")["equal"].all()
