"""Tests of `desk/growth`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cssp


def series(*lines) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["year", "value", "basis"]).assign(city="a", indicator="x")


def test_growth_stops_at_a_break_unless_it_may_cross():
    table = series((2020, 100, "old"), (2021, 90, "old"), (2022, 60, "new"), (2024, 66, "new"))
    found = cssp.growth(table)
    assert found["crosses_break"].tolist() == [False, True, False]
    assert found["growth"].tolist() == pytest.approx([-0.1, np.nan, 0.1], nan_ok=True)
    assert found["yearly"].iloc[2] == pytest.approx(1.1**0.5 - 1)
    assert "years between are missing" in found["note"].iloc[2]
    assert "break" in found["note"].iloc[1]
    crossed = cssp.growth(table, allow_break=True).iloc[1]
    assert crossed["growth"] == pytest.approx(60 / 90 - 1)
    assert (crossed["basis_from"], crossed["basis_to"]) == ("old", "new")


def test_overlapping_bases_are_compared_where_they_meet():
    table = series(
        (2020, 100, "old"),
        (2021, 99, "old"),
        (2022, 98, "old"),
        (2021, 80, "new"),
        (2022, 79, "new"),
    )
    found = cssp.growth(table, allow_break=True)
    crossing = found[found["crosses_break"]].iloc[0]
    assert (crossing["year_from"], crossing["year_to"]) == (2022, 2022)
    assert crossing["growth"] == pytest.approx(79 / 98 - 1)
    assert np.isnan(crossing["yearly"])


def test_a_new_basis_may_reach_further_back_than_the_old():
    table = series((2019, 100, "old"), (2021, 99, "old"), (2018, 90, "new"), (2022, 88, "new"))
    found = cssp.growth(table)
    crossing = found[found["crosses_break"]].iloc[0]
    assert (
        crossing["basis_from"],
        crossing["basis_to"],
        crossing["year_from"],
        crossing["year_to"],
    ) == ("old", "new", 2021, 2022)
    without = cssp.growth(series((2019, 100, None), (2020, 110, None)))
    assert without["growth"].item() == pytest.approx(0.1)


def test_nothing_grows_from_zero_and_two_values_are_refused():
    assert np.isnan(cssp.growth(series((2020, 0, ""), (2021, 5, "")))["growth"].item())
    with pytest.raises(cssp.ScoringError, match="two values in one year"):
        cssp.growth(series((2020, 1, ""), (2020, 5, "")))
