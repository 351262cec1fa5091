"""Tests of `desk/coverage`."""

from __future__ import annotations

import pandas as pd
import pytest
from desk_tables import rows

import cssp


def coverage(study, yes: int, no: int, unknown: int) -> pd.Series:
    table = rows(
        {"indicator": "municipalities", "value": yes + no + unknown},
        *(
            {"indicator": "municipal_programme", "value": v, "units": k, "municipality": str(v)}
            for v, k in ((1, yes), (0, no))
            if k
        ),
        {
            "indicator": "municipal_programme",
            "value": None,
            "status": "unknown",
            "units": max(unknown, 1),
            "municipality": "?",
        },
    )
    return cssp.programme_coverage(table, study.indicators).iloc[0]


@pytest.mark.parametrize(
    ("yes", "no", "unknown", "low", "high", "passes", "needed"),
    [
        (1, 0, 17, 1 / 18, 1, "unknown", 2),
        (2, 16, 0, 2 / 18, 2 / 18, "yes", 2),
        (1, 17, 0, 1 / 18, 1 / 18, "no", 2),
        (
            2,
            18,
            0,
            0.1,
            0.1,
            "no",
            3,
        ),  # exactly the threshold does not pass: the rule asks for more
        (3, 17, 0, 0.15, 0.15, "yes", 3),
        (1, 27, 0, 1 / 28, 1 / 28, "no", 3),
    ],
)
def test_coverage_is_bounded_by_what_is_known(study, yes, no, unknown, low, high, passes, needed):
    row = coverage(study, yes, no, unknown)
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    assert (row["passes"], row["needed"]) == (passes, needed)
    # the slow definition: adopt one after another until the rule is passed, with every unknown one counted in, then with none
    for known, told in ((yes + unknown, row["more_low"]), (yes, row["more_high"])):
        assert told == next(
            k for k in range(yes + no + unknown + 1) if 10 * (known + k) > yes + no + unknown
        )
    assert row["with_programme"] + row["without"] + row["unknown"] == row["municipalities"]


def test_settlements_are_below_the_rule_and_okrugs_of_every_kind_count(study):
    lines = [
        {"indicator": "municipalities", "kind": kind, "value": 10}
        for kind in ("urban_okrug", "municipal_okrug", "municipal_district", "rural_settlements")
    ]
    programmes = [
        {
            "indicator": "municipal_programme",
            "kind": kind,
            "municipality": kind,
            "value": 1,
            "units": 2,
        }
        for kind in ("municipal_okrug", "rural_settlements")
    ]
    row = cssp.programme_coverage(rows(*lines, *programmes), study.indicators).iloc[0]
    assert (row["municipalities"], row["with_programme"]) == (30, 2)


@pytest.mark.parametrize(
    "municipalities",
    [
        [{"kind": "k1", "value": 2}, {"kind": "k2", "value": None, "status": "unknown"}],
        [{"kind": "k1", "value": 1}],
    ],
)
def test_coverage_has_no_bounds_when_the_number_of_municipalities_does_not_fit(
    study, municipalities
):
    table = rows(
        *({"indicator": "municipalities", **line} for line in municipalities),
        {"indicator": "municipal_programme", "value": 1, "units": 2, "municipality": "M"},
    )
    row = cssp.programme_coverage(table, study.indicators).iloc[0]
    assert pd.isna(row["low"])
    assert row["passes"] == "unknown"
    assert row["note"]


def test_a_kind_with_programmes_that_is_not_counted_gives_no_bounds(study):
    counts = {"indicator": "municipalities", "kind": "urban_okrug", "value": 2}
    told = [
        {"indicator": "municipal_programme", "kind": k, "municipality": k, "value": v}
        for k, v in (("urban_okrug", 1), ("municipal_district", 0))
    ]
    row = cssp.programme_coverage(rows(counts, *told), study.indicators).iloc[0]
    assert row["passes"] == "unknown"
    assert "not known" in row["note"]


def test_one_municipality_is_one_programme_and_a_contradiction_is_unknown(study):
    counts = {"indicator": "municipalities", "value": 10}
    twice = [
        {"indicator": "municipal_programme", "kind": k, "municipality": "M", "value": 1}
        for k in ("urban_okrug", "")
    ]
    assert (
        cssp.programme_coverage(rows(counts, *twice), study.indicators).iloc[0]["with_programme"]
        == 1
    )
    twice[1]["value"] = 0
    row = cssp.programme_coverage(rows(counts, *twice), study.indicators).iloc[0]
    assert (row["with_programme"], row["without"], row["unknown"]) == (0, 0, 10)
