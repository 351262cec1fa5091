"""Tests of `desk/support_rates`."""

from __future__ import annotations

import pytest

import cssp


def test_the_shipped_local_shares(desk, study):
    """domain: in 2021 0.0015 % of local expenditure in one region and 0.680 % in the other."""
    shares = cssp.support_shares(desk, study.indicators)
    local = shares[(shares["level"] == "local") & (shares["year"] == 2021)].set_index("city")[
        "share"
    ]
    assert sorted(round(100 * float(v), 4) for v in local) == [0.0015, 0.6801]


def test_the_published_direction_holds_at_the_local_level(desk, study):
    shares = cssp.support_shares(desk, study.indicators)
    for year in (2019, 2021):
        local = shares[(shares["level"] == "local") & (shares["year"] == year)].set_index("city")[
            "share"
        ]
        assert local[study.cities[0]] > local[study.cities[1]]


def test_rates_show_both_bases_and_say_how_far_the_year_is(desk, study):
    rates = cssp.support_per_resident(desk, study.indicators)
    one = rates[
        (rates["city"] == study.cities[1]) & (rates["level"] == "local") & (rates["year"] == 2021)
    ].set_index("basis")
    assert set(one.index) == {"census_2010", "census_2021"}
    assert one.loc["census_2010", "rate"] == pytest.approx(419_000 / 609_071)
    assert one.loc["census_2010", "years_apart"] == 0
    assert one.loc["census_2021", "rate"] == pytest.approx(419_000 / 527_009)
    assert one.loc["census_2021", "note"] == "denominator of another year"
