"""Tests of `survey/small_groups`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from conftest import coded, with_codebook
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.survey.small_groups import also_hidden, group_sizes
from cssp.survey.visible_groups import visible


def test_small_groups_are_hidden_and_cannot_be_reckoned_back():
    answers = coded(
        pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 9 + ["z"] * 20, "q": 1})
    )
    sizes = group_sizes(answers, ["city", "sector"], 5)
    assert sizes["shown"].tolist() == [False, False, True]
    assert sizes["n"].isna().tolist() == [True, True, False]
    freq = visible(cssp.frequency_table(answers, ["q"], by=["city", "sector"]), sizes, 5)
    assert freq.index.tolist() == [("q", "a", "z")]


def test_of_two_groups_a_small_one_hides_both():
    answers = coded(pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 40}))
    assert group_sizes(answers, ["city", "sector"], 5)["shown"].tolist() == [False, False]


def test_those_not_asked_have_not_answered():
    answers = pd.DataFrame({"city": "a", "q": [99] * 38 + [1, 2]})
    answers = with_codebook(
        answers,
        {
            "q": {
                "item": "q",
                "codes": [1, 2],
                "special": {99: "not_asked"},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    assert visible(
        cssp.frequency_table(answers, ["q"], by=["city"]), group_sizes(answers, ["city"], 5), 5
    ).empty


def test_items_that_few_answered_are_hidden():
    """And with them the next smallest group: the city's total less the rest would tell."""
    answers = coded(
        pd.DataFrame(
            {
                "city": "a",
                "sector": ["x"] * 9 + ["y"] * 9 + ["z"] * 12,
                "q": [1] * 9 + [1] * 3 + [None] * 6 + [1] * 12,
            }
        )
    )
    sizes = group_sizes(answers, ["city", "sector"], 5)
    freq = visible(cssp.frequency_table(answers, ["q"], by=["city", "sector"]), sizes, 5)
    assert freq.index.tolist() == [("q", "a", "z")]


def test_hidden_groups_are_together_no_fewer_than_the_smallest():
    """27 of business, 6 of the authorities, 3 and 1 others: 3 + 1 would be told by subtraction."""
    people = ["b"] * 27 + ["a"] * 6 + ["n"] * 3 + ["m"]
    answers = coded(pd.DataFrame({"city": "x", "sector": people}))
    sizes = group_sizes(answers, ["city", "sector"], 5).set_index("sector")
    assert sizes["shown"].to_dict() == {"a": False, "b": True, "m": False, "n": False}


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_total_gives_a_small_group_away(grid):
    """Totals of rows and of columns: what they leave after the cells shown is no small group."""
    index = pd.MultiIndex.from_product([range(len(grid)), range(3)], names=["r", "c"])
    sizes = pd.Series(np.array(grid).ravel(), index=index)
    hidden = also_hidden(sizes, sizes.between(1, 4), [["r"], ["c"]], 5)
    assert hidden[sizes.between(1, 4)].all()
    for level in ("r", "c"):
        for _, block in sizes.groupby(level=level):
            own = hidden.loc[block.index] & (block > 0)
            left = block[own]
            whole = own.sum() == (block > 0).sum()  # all hidden: the total alone is left
            assert not own.any() or whole or (own.sum() >= 2 and left.sum() >= 5)
