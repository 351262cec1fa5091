"""Tests of `desk/prices`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cssp

MONTHS = [0.84, 0.46, 0.37, 0.38, 0.31, 0.37, 0.63, 0.28, 0.87, 0.83, 1.11, 0.73]


def prices(*lines, territory: str = "") -> pd.DataFrame:
    """Price indices from (year, month or None, index)."""
    table = pd.DataFrame(
        [(territory, *line) for line in lines], columns=["territory", "year", "month", "index"]
    )
    return table.astype({"month": "Int64"})


def months(year: int, changes=MONTHS) -> list[tuple[int, int, float]]:
    return [(year, number, 100 + change) for number, change in enumerate(changes, 1)]


def test_twelve_months_chained_are_the_published_year():
    """domain.md: the months of 2023 chain to 7.417 %."""
    found = cssp.chained(prices(*months(2023)))
    assert round(found["change"].item(), 3) == 7.417
    assert found["average"].item() == pytest.approx(
        np.mean(np.cumprod([1 + m / 100 for m in MONTHS]))
    )
    both = cssp.chained(prices(*months(2023), (2023, None, 107.42)))
    assert both["level"].item() == pytest.approx(found["level"].item())


def test_the_shipped_indices_chain(study):
    found = cssp.chained(cssp.load_prices(study)).set_index("year")
    assert found.loc[2023, "level"] / found.loc[2022, "level"] == pytest.approx(1.07417, abs=5e-6)
    assert found.loc[2021, "level"] == pytest.approx(1.043 * 1.03 * 1.0491 * 1.0839)


def test_the_worked_example_of_the_field():
    """domain.md: 60 million of December 2023 are 55.86 million in prices of December 2022."""
    table = pd.DataFrame({"city": ["a"], "year": [2023], "value": [60.0]})
    assert round(cssp.deflate(table, prices((2023, None, 107.42)), 2022)["real"].item(), 2) == 55.86


@given(st.lists(st.floats(80, 150), min_size=1, max_size=6), st.integers(0, 6), st.floats(1, 1e9))
def test_a_series_at_its_base_year_is_unchanged_and_base_years_agree(indices, base, amount):
    base = 2000 + base % (len(indices) + 1)
    told = prices(*[(2001 + i, None, index) for i, index in enumerate(indices)])
    years = range(2000, 2001 + len(indices))
    table = pd.DataFrame({"city": "a", "year": list(years), "value": amount})
    found = cssp.deflate(table, told, base).set_index("year")["real"]
    assert found[base] == pytest.approx(amount)
    other = cssp.deflate(table, told, 2000).set_index("year")["real"]
    assert (found / other).astype(float).to_numpy() == pytest.approx(
        float(found.iloc[0] / other.iloc[0])
    )
    for year, index in zip(years[1:], indices, strict=True):
        assert found[year - 1] / found[year] == pytest.approx(index / 100)


def test_averages_need_all_months_and_are_the_same_point_for_every_year():
    told = prices(*months(2022), *months(2023))
    table = pd.DataFrame({"city": "a", "year": [2022, 2023], "value": [1.0, 1.0]})
    found = cssp.deflate(table, told, 2022, point="average")
    assert found["deflator"].tolist() == pytest.approx(
        [1, 1.0741670], rel=1e-6
    )  # alike months: the averages rise as Decembers do
    with pytest.raises(cssp.ScoringError, match="no months for an average for 2021"):
        cssp.deflate(
            table.assign(year=[2021, 2022]),
            prices((2021, None, 108.0), *months(2022)),
            2022,
            point="average",
        )


def test_a_regions_own_indices_come_first():
    told = pd.concat([prices((2023, None, 110.0)), prices((2023, None, 120.0), territory="a")])
    table = pd.DataFrame({"city": ["a", "b"], "year": 2023, "value": 1.0})
    found = cssp.deflate(table, told, 2022)
    assert found["deflator"].tolist() == pytest.approx([1.2, 1.1])
    assert found["price_territory"].tolist() == ["a", ""]


@pytest.mark.parametrize(
    ("told", "expect"),
    [
        (prices(*months(2023)[:7], *months(2023)[8:]), "lack the month 8"),
        (
            prices((2021, None, 108.0), (2023, None, 107.0)),
            "no value for 2022; a chain has no gaps",
        ),
        (prices(*months(2023), (2023, None, 108.0)), "its months give 107.417"),
        (prices(), "no price indices of the country"),
        (prices((2023, None, 107.0)), "no price index for 2019"),
        (prices((2023, None, 107.0), (2023, None, 108.0)), "two values for one period"),
        (prices(*months(2023)[:11], (2023, 1, 100.5)), "two values for one period"),
    ],
)
def test_missing_months_and_years_are_an_error(told, expect):
    table = pd.DataFrame({"city": ["a"], "year": [2019], "value": [1.0]})
    with pytest.raises(cssp.ScoringError, match=expect):
        cssp.deflate(table, told, 2023)


def test_constant_prices_are_not_deflated_again():
    table = pd.DataFrame(
        {"city": ["a"], "year": [2023], "value": [1.0], "price_basis": ["constant"]}
    )
    with pytest.raises(cssp.ScoringError, match="current prices"):
        cssp.deflate(table, prices((2023, None, 107.0)), 2022)
