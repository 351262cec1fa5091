"""Tests of `desk/shares_of_wholes`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import units
from hypothesis import given
from hypothesis import strategies as st

import cssp


@given(units, st.integers(1, 5))
def test_the_parts_of_theil_add_up(pairs, groups):
    x, w = (np.array(v) for v in zip(*pairs, strict=True))
    table = pd.DataFrame({"x": x, "w": w, "g": np.arange(len(x)) % groups})
    parts = cssp.theil_decomposition(table, "x", "g", "w")
    for index in ("T", "L"):
        own = parts[parts["theil"] == index]
        told = own[own["part"] != "group"].set_index("part")["contribution"]
        scale = max(1.0, told["total"])
        assert told["between"] + told["within"] == pytest.approx(told["total"], abs=1e-12 * scale)
        assert own.loc[own["part"] == "group", "contribution"].sum() == pytest.approx(
            told["within"], abs=1e-12 * scale
        )
        assert told["between"] >= -1e-12
    if groups == 1:
        assert parts.loc[parts["part"] == "between", "contribution"].abs().max() < 1e-12


def test_lorenz_curve_ends_at_one_and_its_area_is_gini():
    table = pd.DataFrame(
        {
            "city": list("abcd"),
            "level": ["x"] * 4,
            "v": [4.0, 1.0, 2.0, 9.0],
            "w": [1.0, 2.0, 3.0, 4.0],
        }
    )
    curve = cssp.lorenz_curve(table, "v", "w", by=["level"])
    assert curve[["share_of_weight", "share_of_value"]].iloc[[0, -1]].to_numpy().tolist() == [
        [0, 0],
        [1, 1],
    ]
    area = np.trapezoid(curve["share_of_value"], curve["share_of_weight"])
    assert 1 - 2 * area == pytest.approx(cssp.gini(table["v"], table["w"]))
    assert (np.diff(curve["share_of_value"]) >= 0).all()


def test_location_quotients_are_weighted_to_one():
    table = pd.DataFrame({"city": list("abc"), "s": [3.0, 1.0, 0.0], "e": [1.0, 1.0, 2.0]})
    found = cssp.location_quotients(table, "s", "e")
    assert found["quotient"].tolist() == [3.0, 1.0, 0.0]
    assert (found["quotient"] * found["share_of_base"]).sum() == pytest.approx(1)


def test_refunds_and_missing_groups_make_no_nonsense():
    table = pd.DataFrame({"city": ["a", "b"], "s": [-1.0, 1.0], "e": [1.0, 1.0]})
    assert cssp.location_quotients(table, "s", "e")["quotient"].isna().all()
    with pytest.raises(cssp.ScoringError, match="no group"):
        cssp.theil_decomposition(table.assign(g=["x", None], s=[1.0, 2.0]), "s", "g")
