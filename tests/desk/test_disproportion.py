"""Tests of `desk/disproportion`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import FUNCTIONS

import cssp
from cssp.desk.disproportion import NOTE_BEYOND


def test_unknown_values_are_left_out_and_told():
    table = pd.DataFrame({"city": list("abc"), "x": pd.array([1.0, 3.0, None], dtype="Float64")})
    found = cssp.disproportion(table, "x", measures=["gini"]).iloc[0]
    assert (found["n"], found["value"]) == (2, 0.25)
    assert "left out" in found["note"]
    with pytest.raises(cssp.ScoringError, match="Did you mean 'gini'"):
        cssp.disproportion(table, "x", measures=["ginni"])
    with pytest.raises(cssp.ScoringError, match="no column"):
        cssp.disproportion(table, "y")


def test_intervals_hold_the_value_stay_in_bounds_and_shrink():
    random = np.random.default_rng(3)
    widths = []
    for n in (12, 60, 300):
        table = pd.DataFrame({"city": range(n), "x": random.lognormal(0, 1, n)})
        for kind in ("jackknife", "bootstrap"):
            found = cssp.disproportion(table, "x", measures=FUNCTIONS, interval=kind, draws=400)
            # an interval that reaches beyond what twelve units can have is not given, with the reason
            beyond = found["note"].str.contains(NOTE_BEYOND, regex=False)
            assert not beyond.any() or n == 12
            assert found.loc[beyond, ["ci_low", "ci_high"]].isna().all(axis=None)
            assert (found.loc[beyond, "method"] == "").all()
            given = found[~beyond]
            assert (given["ci_low"] >= 0).all()
            assert (given["ci_low"] < given["ci_high"]).all()
            assert (given.set_index("measure").loc[["gini", "hoover"], "ci_high"] < 1).all()
            assert (given["method"] == kind).all()
        widths.append((found["ci_high"] - found["ci_low"]).mean())
        told = cssp.disproportion(table, "x", measures=FUNCTIONS).dropna(subset="ci_low")
        assert ((told["ci_low"] <= told["value"]) & (told["value"] <= told["ci_high"])).all()
    assert widths[2] < widths[0]


@pytest.mark.parametrize(
    ("options", "expect"),
    [({"interval": "jacknife"}, "Did you mean 'jackknife'"), ({"confidence": 95}, "write 0.95")],
)
def test_a_wrong_option_is_said(options, expect):
    with pytest.raises(cssp.ScoringError, match=expect):
        cssp.disproportion(
            pd.DataFrame({"city": range(12), "x": np.arange(1.0, 13)}), "x", **options
        )
