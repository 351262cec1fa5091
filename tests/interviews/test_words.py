"""Tests of `interviews/words`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_tables import INTERVIEWS

import cssp
from cssp import ScoringError

TALK = pd.DataFrame(
    {
        "interview": ["i", "j"],
        "text": ["— Про гранты?\nМы живём грантами. Грант один.", "Без гранта никак, а ёлки нет."],
    }
)


def test_a_word_is_found_in_all_its_forms():
    table = cssp.keyword_in_context(TALK, "грант")
    assert table["keyword"].tolist() == ["грантами", "Грант", "гранта"]
    assert table["before"].tolist()[0].endswith("Мы живём")
    assert len(cssp.keyword_in_context(TALK, "гранты", answers_only=False)) == 4
    assert cssp.keyword_in_context(TALK, "жить грант")["keyword"].tolist() == ["живём грантами"]
    assert (
        cssp.keyword_in_context(TALK, "грант", pseudonyms={"грантами": "[деньги]"})[
            "keyword"
        ].tolist()[0]
        == "[деньги]"
    )
    english = pd.DataFrame({"interview": ["i"], "text": ["Grants and a grant."]})
    assert cssp.keyword_in_context(english, "grant", "en")["keyword"].tolist() == ["grant"]
    with pytest.raises(ScoringError, match="holds no word"):
        cssp.keyword_in_context(TALK, "—")


def test_words_are_counted_by_their_dictionary_form_and_by_interviews():
    table = cssp.word_frequencies(TALK).set_index("lemma")
    assert table.loc["грант", ["count", "interviews", "n_interviews"]].tolist() == [3, 2, 2]
    assert "без" not in table.index
    assert "елка" in table.index
    assert "грант" not in cssp.word_frequencies(TALK, leave_out=["грантов"])["lemma"].tolist()
    by = cssp.word_frequencies(INTERVIEWS, by="city", speech=["NOUN"])
    assert set(by["city"]) == {"vologda", "petrozavodsk"}
    assert (by["interviews"] <= by["n_interviews"]).all()
    with pytest.raises(ScoringError, match="no attribute"):
        cssp.word_frequencies(INTERVIEWS, by="x")
