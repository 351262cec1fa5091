"""Tests of `survey/hard_to_say`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import compare_groups

given_answers = st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(lambda r: sum(r[:3]) > 1)


@given(given_answers, given_answers)
@settings(max_examples=40)
def test_no_answer_of_the_undecided_leaves_the_bounds(a, b):
    """Every way in which they could have answered lies between the bounds, and both are reached."""
    freq = cssp.table_of_counts(
        "q", {"a": a, "b": b}, codes=[1, 2, 3, 97], special={97: "hard_to_say"}
    )
    pairs = compare_groups(freq, "city")
    if pairs["rank_biserial"].isna().all():
        return
    row = cssp.hard_to_say_bounds(freq, pairs, "city").iloc[0]

    def effect(more_a: tuple[int, ...], more_b: tuple[int, ...]) -> float:
        x = np.concatenate([np.repeat([1, 2, 3], a[:3]), more_a])
        y = np.concatenate([np.repeat([1, 2, 3], b[:3]), more_b])
        return float(np.sign(x[:, None] - y[None, :]).mean())

    assert row["least"] == pytest.approx(effect((1,) * a[3], (3,) * b[3]))
    assert row["most"] == pytest.approx(effect((3,) * a[3], (1,) * b[3]))
    assert row["as_middle"] == pytest.approx(effect((2,) * a[3], (2,) * b[3]))
    random = np.random.default_rng(sum(a) + 7 * sum(b))
    for _ in range(5):
        some = effect(tuple(random.integers(1, 4, a[3])), tuple(random.integers(1, 4, b[3])))
        assert row["least"] - 1e-9 <= some <= row["most"] + 1e-9
