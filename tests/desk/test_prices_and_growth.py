"""Constant prices, growth over breaks, and territories that became others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import rows
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


def test_support_in_constant_prices_of_the_default_study(study):
    desk = cssp.load_desk(study)
    found = cssp.real_support(desk, study.indicators, cssp.load_prices(study))
    last = found[found["year"] == 2021]
    assert (last["real"] == last["value"]).all()
    first = found[found["year"] == 2019]
    assert (first["real"] / first["value"]).astype(float).tolist() == pytest.approx(
        [1.0491 * 1.0839] * len(first)
    )
    assert cssp.real_support(desk, study.indicators, cssp.load_prices(study).iloc[:0]).empty


# ---------------------------------------------------------------- growth


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


# ---------------------------------------------------------------- successors


def successors(*lines) -> pd.DataFrame:
    columns = [
        "city",
        "before",
        "kind_before",
        "oktmo_before",
        "after",
        "kind_after",
        "oktmo_after",
        "date",
        "source",
        "note",
    ]
    return pd.DataFrame(
        [("a", before, "d", "", after, "o", "", day, "s", "") for before, after, day in lines],
        columns=columns,
    )


def municipal(name: str, year: int, value, kind: str = "d", unit: str = "RUB") -> dict:
    return {
        "indicator": "x",
        "municipality": name,
        "kind": kind,
        "year": year,
        "value": value,
        "unit": unit,
    }


def test_a_series_goes_on_under_the_successor_with_a_note():
    desk = rows(
        municipal("N district", 2021, 5),
        municipal("N district", 2022, 6),
        municipal("N okrug", 2023, 7, "o"),
    )
    found = cssp.continue_series(desk, successors(("N district", "N okrug", "2023")))
    assert found["municipality"].tolist() == ["N okrug"] * 3
    assert found["kind"].tolist() == ["o"] * 3
    assert found["note"].tolist() == ["before 2023-01-01: N district"] * 2 + [""]
    assert found["value"].tolist() == [5, 6, 7]


def test_years_from_the_change_on_are_not_touched():
    desk = rows(municipal("N district", 2023, 5), municipal("N district", 2024, 5))
    found = cssp.continue_series(desk, successors(("N district", "N okrug", "2023-06-01")))
    assert found["municipality"].tolist() == ["N okrug", "N district"]


def test_merged_territories_are_added_where_all_are_known_and_can_be():
    told = successors(("A", "M", "2022"), ("B", "M", "2022"))
    found = cssp.continue_series(
        rows(municipal("A", 2020, 5), municipal("B", 2020, 6), municipal("A", 2021, 5)), told
    )
    whole = found[found["municipality"] == "M"]
    assert whole["value"].tolist() == [11]
    assert whole["status"].tolist() == ["derived"]
    assert "A + B" in whole["note"].item()
    alone = found[found["municipality"] == "A"].iloc[0]
    assert "not continued" in alone["note"]
    shares = rows(municipal("A", 2020, 0.5, unit="share"), municipal("B", 2020, 0.6, unit="share"))
    assert set(cssp.continue_series(shares, told)["municipality"]) == {"A", "B"}
    unknown = cssp.continue_series(
        rows(municipal("A", 2020, 5), {**municipal("B", 2020, None), "status": "unknown"}), told
    )
    assert unknown.loc[unknown["municipality"] == "M", "value"].isna().all()


def test_a_split_territory_does_not_go_on():
    told = successors(("A", "M", "2022"), ("A", "N", "2022"))
    found = cssp.continue_series(rows(municipal("A", 2020, 5)), told)
    assert found["municipality"].tolist() == ["A"]
    assert "split" in found["note"].item()


def test_what_only_looks_like_a_merger_or_a_chain_is_left_alone():
    two_kinds = successors(("X", "X", "2022"), ("X", "X", "2022"))
    two_kinds["kind_after"] = ["o", "u"]
    found = cssp.continue_series(rows(municipal("X", 2020, 5)), two_kinds)
    assert found["kind"].tolist() == ["d"]
    assert "split" in found["note"].item()
    two_days = successors(("X", "Q", "2021-01-01"), ("X", "W", "2021-02-01"))
    assert cssp.continue_series(rows(municipal("X", 2019, 5)), two_days)[
        "municipality"
    ].tolist() == ["X"]
    merger = successors(("X", "Z", "2022"), ("Y", "Z", "2022"))
    merger["kind_before"] = ""
    found = cssp.continue_series(
        rows(municipal("X", 2020, 100), municipal("X", 2020, 30, "u")), merger
    )
    assert set(found["municipality"]) == {"X"}
    of_one_name = successors(("X", "X", "2022"), ("X", "X", "2022"))
    of_one_name["kind_before"] = ["d", "u"]
    found = cssp.continue_series(
        rows(municipal("X", 2020, 100), municipal("X", 2020, 30, "u")), of_one_name
    )
    assert found[["kind", "value"]].to_numpy().tolist() == [["o", 130]]
    chain = successors(("A", "B", "2020"), ("B", "C", "2022"))
    chain["kind_before"], chain["kind_after"] = "", ""
    found = cssp.continue_series(
        rows(municipal("A", 2019, 1), municipal("B", 2021, 2), municipal("C", 2023, 3)), chain
    )
    assert found["municipality"].tolist() == ["C", "C", "C"]


def test_totals_do_not_change_by_it(study):
    desk = cssp.load_desk(study)
    after = cssp.continue_series(desk, cssp.load_successors(study))
    for role in ("support", "expenditure", "municipalities"):
        names = study.indicators.with_role(role)
        one, other = (
            cssp.totals(table, names, by_kind=False)["value"].tolist() for table in (desk, after)
        )
        assert one == other
