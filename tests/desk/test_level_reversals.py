"""Tests of `desk/level_reversals`."""

from __future__ import annotations

import pandas as pd
import pytest

import cssp


def test_nearly_alike_reverses_nothing():
    table = pd.DataFrame(
        {
            "city": ["a", "b"] * 2,
            "level": ["subject"] * 2 + ["local"] * 2,
            "value": [1.0, 1.02, 9.0, 1.0],
        }
    )
    assert not cssp.level_reversals(table, ["subject", "local"], "a")["reverses"].item()
    apart = table.assign(value=[1.0, 1.2, 9.0, 1.0])
    found = cssp.level_reversals(apart, ["subject", "local"], "a").iloc[0]
    assert found["reverses"]
    assert (found["ratio_a"], found["ratio_b"]) == (pytest.approx(1 / 1.2), 9)
