"""Tests of `desk/indicators`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import rows

import cssp
from cssp import ScoringError


def test_levels_are_never_added(desk, study):
    totals = cssp.totals(desk, study.indicators.with_role("support"), by_kind=False)
    assert set(totals["level"]) == {"subject", "local"}
    part = desk[
        (desk["indicator"] == study.indicators.with_role("support")[0])
        & (desk["year"] == 2021)
        & (desk["level"] == "local")
    ]
    assert totals[(totals["year"] == 2021) & (totals["level"] == "local")][
        "value"
    ].sum() == pytest.approx(part["value"].sum())


def test_an_unknown_part_makes_the_total_unknown():
    table = rows(
        {"indicator": "x", "kind": "k1", "value": 5},
        {"indicator": "x", "kind": "k2", "value": None, "status": "unknown"},
    )
    total = cssp.totals(table, ["x"], by_kind=False).iloc[0]
    assert pd.isna(total["value"])
    assert total["status"] == "unknown"


def test_a_share_of_zero_expenditure_is_missing():
    table = rows({"indicator": "x", "value": 5}, {"indicator": "y", "value": 0})
    assert pd.isna(cssp.share_of(table, "x", "y")["share"].item())


def test_no_rate_is_made_up_from_a_distant_year(study):
    table = rows(
        {"indicator": "npo_subsidies", "value": 5},
        {"indicator": "population", "value": 10, "year": 2000, "basis": "census_2010"},
    )
    rate = cssp.per_capita(table, study.indicators, "npo_subsidies", "population").iloc[0]
    assert np.isnan(rate["rate"])
    assert rate["note"] == "no denominator near enough in time"


def test_zero_population_gives_no_rate(study):
    table = rows(
        {"indicator": "npo_subsidies", "value": 5},
        {"indicator": "population", "value": 0, "basis": "census_2010"},
    )
    assert (
        cssp.per_capita(table, study.indicators, "npo_subsidies", "population").iloc[0]["note"]
        == "the denominator is zero"
    )


def test_ratios_have_a_direction():
    table = pd.DataFrame({"city": ["a", "b"], "year": [1, 1], "share": [0.2, 0.1]})
    assert cssp.ratios(table, "share", "a")["ratio"].item() == 2
    assert cssp.ratios(table, "share", "b")["ratio"].item() == 0.5
    zero = pd.DataFrame({"city": ["a", "b"], "year": [1, 1], "share": [0.2, 0.0]})
    assert np.isnan(cssp.ratios(zero, "share", "a")["ratio"].item())


def test_an_unknown_indicator_is_named_with_the_nearest(desk):
    with pytest.raises(ScoringError, match="Did you mean 'population'"):
        cssp.share_of(desk, "populaton", "budget_expenditure")


def test_two_indicators_of_support_are_not_compared_with_each_other(study):
    lines = [
        {"city": city, "indicator": name, "value": value}
        for city, told in (("a", (1, 10)), ("b", (2, 40)))
        for name, value in zip(("s1", "s2"), told, strict=True)
    ]
    table = rows(
        *lines, *({"city": c, "indicator": "budget_expenditure", "value": 100} for c in "ab")
    )
    shares = pd.concat([cssp.share_of(table, name, "budget_expenditure") for name in ("s1", "s2")])
    assert cssp.ratios(shares, "share", "a").set_index("indicator")["ratio"].to_dict() == {
        "s1": 0.5,
        "s2": 0.25,
    }


def test_the_whole_and_its_parts_are_not_added():
    table = rows(
        {"indicator": "x", "value": 100},
        {"indicator": "x", "kind": "k", "municipality": "M", "value": 60},
    )
    assert cssp.totals(table, ["x"], by_kind=False)["value"].item() == 100


def test_a_share_over_different_parts_is_missing_and_says_why():
    table = rows(
        {"indicator": "x", "kind": "k1", "value": 10},
        *({"indicator": "y", "kind": k, "value": 100} for k in ("k1", "k2")),
    )
    share = cssp.share_of(table, "x", "y").iloc[0]
    assert pd.isna(share["share"])
    assert "different kinds" in share["note"]


def test_population_split_by_kind_is_added_for_a_rate(study):
    people = [
        {"indicator": "population", "kind": k, "value": v, "basis": "z"}
        for k, v in (("k1", 10), ("k2", 90))
    ]
    rate = cssp.per_capita(
        rows({"indicator": "s", "value": 100}, *people), study.indicators, "s", "population"
    ).iloc[0]
    assert rate["rate"] == 1


@pytest.mark.parametrize(
    "people",
    [
        [{"value": 100}, {"value": 60, "kind": "k1"}, {"value": 40, "kind": "k2"}],
        [{"value": 100}, {"value": 60, "kind": "k1"}],
        [{"value": 100}, {"value": 100, "level": "subject"}],
    ],
)
def test_a_denominator_is_counted_once(study, people):
    table = rows(
        {"indicator": "s", "value": 1000},
        *({"indicator": "population", "basis": "z", **line} for line in people),
    )
    rate = cssp.per_capita(table, study.indicators, "s", "population").iloc[0]
    assert (rate["denominator"], rate["rate"]) == (100, 10)


def test_levels_that_tell_different_populations_are_refused(study):
    table = rows(
        {"indicator": "s", "value": 1000},
        {"indicator": "population", "value": 100},
        {"indicator": "population", "value": 90, "level": "subject"},
    )
    with pytest.raises(ScoringError, match="differs between the levels local and subject"):
        cssp.per_capita(table, study.indicators, "s", "population")


def test_two_bases_are_two_totals_and_no_share():
    table = rows(
        {"indicator": "x", "value": 600, "basis": "old"},
        {"indicator": "x", "value": 530, "basis": "new"},
        {"indicator": "y", "value": 1},
    )
    assert cssp.totals(table, ["x"], by_kind=False)["value"].tolist() == [600, 530]
    with pytest.raises(ScoringError, match="two bases"):
        cssp.share_of(table, "x", "y")


def test_a_named_municipality_of_no_kind_beside_totals_of_kinds_is_unclear():
    table = rows(
        {"indicator": "x", "value": 100, "kind": "k"},
        {"indicator": "x", "value": 60, "municipality": "M"},
    )
    assert pd.isna(cssp.totals(table, ["x"], by_kind=False)["value"].item())


def test_a_share_over_different_municipalities_is_missing():
    told = [
        {"indicator": i, "value": v, "kind": "k", "municipality": m}
        for i, v, m in (("x", 10, "A"), ("y", 100, "A"), ("y", 900, "B"))
    ]
    share = cssp.share_of(rows(*told), "x", "y").iloc[0]
    assert pd.isna(share["share"])
    assert "different municipalities" in share["note"]


def test_a_denominator_with_an_unknown_part_gives_no_rate(study):
    people = [
        {"indicator": "population", "kind": "k1", "value": 10, "basis": "z"},
        {"indicator": "population", "kind": "k2", "value": None, "status": "unknown", "basis": "z"},
    ]
    rate = cssp.per_capita(
        rows({"indicator": "s", "value": 100}, *people), study.indicators, "s", "population"
    ).iloc[0]
    assert np.isnan(rate["rate"])
    assert rate["note"] == "no denominator near enough in time"
