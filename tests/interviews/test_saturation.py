"""Tests of `interviews/saturation`."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from coded_tables import named

import cssp
from cssp import ScoringError
from cssp.study.code_system import CodeSystem


def _plain_codes(names: list[str]):

    label = {"en": "x"}
    return CodeSystem.model_validate(
        {"codes": [{"name": name, "label": label, "definition": label} for name in names]}
    )


def test_saturation_by_hand():
    # four codes in the first two interviews, then 1, 0, 0, 0 new ones
    rows = [
        [1, 1, 0, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 0, 0, 1],
        [1, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
    ]
    table = cssp.saturation(
        *named(rows, "vwxyz"), base_sizes=(2,), run_lengths=(2, 3), thresholds=(0.0, 0.25)
    )
    told = table.set_index(["run_length", "new_threshold"])
    assert told["base_codes"].eq(4).all()
    assert told["reached_at"].to_dict() == {(2, 0.0): 5, (2, 0.25): 4, (3, 0.0): 6, (3, 0.25): 5}
    assert told.loc[(2, 0.25), ["new_in_run", "share"]].tolist() == [1, 0.25]
    short = cssp.saturation(
        *named(rows[:3], "vwxyz"), base_sizes=(2,), run_lengths=(2,), thresholds=(0.0,)
    )
    assert short["reached_at"].isna().all() and short["new_later"].isna().all()
    late = cssp.saturation(
        *named([[1, 1, 0], [0, 0, 0], [0, 0, 0], [0, 1, 1]], "xyz"),
        base_sizes=(1,),
        run_lengths=(2,),
        thresholds=(0.0,),
    ).iloc[0]
    assert (late["reached_at"], late["new_later"]) == (3, 1)
    rows = [
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
    ]  # the run itself brings one, which is not later
    told = cssp.saturation(
        *named(rows, "wxyz"), base_sizes=(1,), run_lengths=(1,), thresholds=(0.5,)
    ).iloc[0]
    assert (told["reached_at"], told["new_in_run"], told["new_later"]) == (2, 1, 1)
    assert short["new_in_run"].isna().all()
    for bad in ({"base_sizes": (0,)}, {"run_lengths": (0,)}, {"thresholds": (2.0,)}):
        with pytest.raises(ScoringError):
            cssp.saturation(*named(rows, "vwxyz"), **bad)


def test_without_an_order_saturation_is_the_mean_over_all_orders():
    """Against the slow definition: every order of the interviews, one by one."""

    from cssp.interviews.saturation import NOTE_ALL_ORDERS, mean_over_orders

    marks = np.array([[1, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 1]], bool)
    slow = np.mean(
        [np.maximum.accumulate(marks[list(order)], axis=0).sum(axis=1) for order in permutations(range(5))],
        axis=0,
    )  # fmt: skip
    assert mean_over_orders(marks) == pytest.approx(slow)
    names = [f"i{n}" for n in range(5)]
    codes = list("vwxy")
    segments = pd.DataFrame(
        [("c", names[i], "A", codes[j], 0, 1) for i, j in zip(*np.nonzero(marks), strict=True)],
        columns=["city", "interview", "coder", "code", "start", "end"],
    )
    interviews = pd.DataFrame(
        {"city": "c", "interview": names, "order": pd.array([pd.NA] * 5, dtype="Int64"),
         "held": "", "coders": [["A"]] * 5, "text": "x"}
    )  # fmt: skip
    book = _plain_codes(codes)
    growth = cssp.new_codes(segments, interviews, book)
    assert growth["cumulative"].tolist() == pytest.approx(slow.tolist())
    assert (growth["interview"] == "").all()
    found = cssp.saturation(segments, interviews, book, (2,), (2,), (0.0, 0.5))
    assert set(found["note"]) == {NOTE_ALL_ORDERS}
    assert found["base_codes"].tolist() == pytest.approx([slow[1]] * 2)
    known = cssp.saturation(
        segments, interviews.assign(order=range(1, 6)), book, (2,), (2,), (0.0,)
    )
    assert known["note"].tolist() == [""] and known["base_codes"].tolist() == [3]


def test_new_codes_add_up_to_the_codes_named(study):
    table = cssp.new_codes(cssp.load_segments(study), cssp.load_interviews(study), study.codes)
    for _, part in table.groupby("city"):
        assert part["new"].sum() == part["cumulative"].max()
        assert part["cumulative"].is_monotonic_increasing
        assert part["order"].tolist() == list(range(1, 15))
        assert (part["new"] <= part["codes_named"]).all()
