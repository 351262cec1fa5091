"""The frequency table against pandas' crosstab, and its properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import coded, with_codebook
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp import ScoringError, collapse, distribution, frequency_table

rows = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from("xyz"), st.one_of(st.none(), st.integers(-3, 5))
    ),
    min_size=1,
    max_size=60,
)


def answers_of(drawn) -> cssp.Answers:
    table = pd.DataFrame(drawn, columns=["city", "sector", "q"])
    table["q"] = table["q"].astype("Int16")
    table["city"] = pd.Categorical(table["city"], ["a", "b"])
    table["sector"] = pd.Categorical(table["sector"], ["x", "y", "z"])
    return cssp.Answers(table, {"q": cssp.answer_codes(range(-5, 12))})


@given(rows)
def test_equals_crosstab(drawn):
    answers = answers_of(drawn)
    freq = frequency_table(answers, ["q"], by=["city", "sector"])
    known = answers.rows.dropna(subset=["q"])
    assert freq.to_numpy().sum() == len(known)
    for (city, sector), part in known.groupby(["city", "sector"], observed=True):
        for code, count in part["q"].value_counts().items():
            assert freq.loc[("q", city, sector), int(code)] == count


@given(rows, st.randoms())
def test_the_order_of_rows_is_irrelevant(drawn, random):
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert frequency_table(answers_of(drawn), ["q"], by="city") == frequency_table(
        answers_of(shuffled), ["q"], by="city"
    )


@given(rows, rows)
def test_counts_in_chunks_add_up(one, two):
    a, b = (frequency_table(answers_of(part), ["q"], by=["city"]) for part in (one, two))
    whole = frequency_table(answers_of(one + two), ["q"], by=["city"])
    assert (a + b).counts.reindex_like(
        whole.counts
    ).to_numpy().tolist() == whole.to_numpy().tolist()


def test_the_codebook_stays_with_sums_of_tables(study):
    answers = cssp.load_survey(study)
    freq = frequency_table(answers, study.questionnaire.names("ordinal"), by=["city"])
    assert (freq + freq).codebook.keys() == freq.codebook.keys()


def test_collapsing_equals_counting_anew(study):
    answers = cssp.load_survey(study)
    fine = frequency_table(answers, study.questionnaire.names("ordinal"), by=["city", "sector"])
    coarse = frequency_table(answers, study.questionnaire.names("ordinal"), by=["city"])
    pd.testing.assert_frame_equal(collapse(fine, ["city"]).counts, coarse.counts)


def test_weights_are_summed():
    answers = coded(pd.DataFrame({"q": [1, 1, 2], "w": [0.5, 1.0, 2.0]}))
    freq = frequency_table(answers, ["q"], weights="w")
    assert freq.loc["q"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize("weights", [[1.0, -1.0, 1.0], [1.0, np.nan, 1.0], [0.0, 0.0, 0.0]])
def test_impossible_weights_are_refused(weights):
    answers = pd.DataFrame({"q": [1, 1, 2], "w": weights})
    with pytest.raises(ScoringError):
        frequency_table(answers, ["q"], weights="w")


def test_any_integers_and_categories_are_counted():
    answers = coded(pd.DataFrame({"q": pd.Categorical([-7, 3_000_000, -7]), "c": ["a", "a", "b"]}))
    freq = frequency_table(answers, ["q"], by="c")
    assert freq.loc[("q", "a"), -7] == 1
    assert freq.loc[("q", "a"), 3_000_000] == 1


def test_text_is_refused():
    with pytest.raises(ScoringError, match="not coded in whole numbers"):
        frequency_table(coded(pd.DataFrame({"q": ["good", "bad"]})), ["q"])


def test_an_unknown_item_is_named_with_the_nearest():
    with pytest.raises(ScoringError, match="quest.*Did you mean 'question'"):
        frequency_table(coded(pd.DataFrame({"question": [1]})), ["questoin"])


def test_both_bases_of_a_distribution():
    answers = pd.DataFrame({"q": [1, 1, 2, 97, 99]})
    answers = with_codebook(
        answers,
        {
            "q": {
                "item": "q",
                "codes": [1, 2],
                "special": {97: "hard_to_say", 99: "not_asked"},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    table = distribution(frequency_table(answers, ["q"])).set_index("answer")
    assert table.loc[1, "share"] == pytest.approx(2 / 3)
    assert table.loc[1, "share_all"] == pytest.approx(2 / 4)
    assert table.loc[97, "share_all"] == pytest.approx(1 / 4)
    assert 99 not in table.index


def test_an_item_that_nobody_answered_keeps_its_rows():
    answers = coded(pd.DataFrame({"q": pd.array([pd.NA, pd.NA], dtype="Int16"), "c": ["a", "b"]}))
    freq = frequency_table(answers, ["q"], by="c")
    assert len(freq) == 2
    assert freq.to_numpy().sum() == 0


def test_fractions_in_a_column_of_objects_are_not_cut():
    with pytest.raises(ScoringError, match="not coded in whole numbers"):
        frequency_table(coded(pd.DataFrame({"q": pd.Series([1.5, 2.9], dtype=object)})), ["q"])


def test_an_answer_outside_the_codebook_is_refused():
    answers = pd.DataFrame({"q": [1, 3, 7]})
    answers = with_codebook(
        answers,
        {
            "q": {
                "item": "q",
                "codes": [1, 2, 3],
                "special": {},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    with pytest.raises(ScoringError, match="answer 7, which is not in its codebook"):
        frequency_table(answers, ["q"])


rows_of_answers = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("ab"), st.integers(-3, 6) | st.none()),
    min_size=1,
    max_size=30,
)


@given(rows_of_answers, rows_of_answers)
def test_counts_of_two_parts_are_the_counts_of_the_whole(first, second):
    one, two, whole = (
        cssp.Answers(
            pd.DataFrame(rows, columns=["city", "sector", "q"]).astype({"q": "Int64"}),
            {"q": cssp.answer_codes(range(-3, 7))},
        )
        for rows in (first, second, first + second)
    )
    tables = [
        cssp.frequency_table(part, ["q"], by=["city", "sector"]) for part in (one, two, whole)
    ]
    added = tables[0] + tables[1]
    assert isinstance(added, cssp.FrequencyTable)
    for key, row in tables[2].counts.iterrows():
        for code in tables[2].columns:
            assert added.loc[key, code] == row[code]
    assert int(added.to_numpy().sum()) == int(whole["q"].notna().sum())
