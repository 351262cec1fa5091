"""Tests of `interviews/quotations`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_tables import INTERVIEWS, SEGMENTS, STUDY, system

import cssp
from cssp import ScoringError


def test_quotations_by_each_rule_are_seeded_and_spread():
    for rule in ("typical", "rarest", "spread"):
        first = cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule=rule, seed=4)
        assert first.equals(
            cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule=rule, seed=4)
        )
        assert not first.duplicated(["code", "city", "interview"]).any()
    other = cssp.exemplary_quotations(SEGMENTS, STUDY.codes, per_code=2, rule="spread", seed=5)
    assert not first["quotation"].equals(other["quotation"])
    share = first["city"].value_counts(normalize=True)
    assert share.max() < 0.6
    with pytest.raises(ScoringError, match="rule of choice"):
        cssp.exemplary_quotations(SEGMENTS, STUDY.codes, rule="best")


def test_the_rarest_company_is_quoted():
    rows = [("a", f"i{n}", "A", "x", 0, 5, f"q{n}") for n in range(4)] + [
        ("a", "i0", "A", "y", 0, 5, ""),
        ("a", "i1", "A", "y", 0, 5, ""),
        ("a", "i2", "A", "z", 2, 8, ""),
    ]
    segments = pd.DataFrame(
        rows, columns=["city", "interview", "coder", "code", "start", "end", "quotation"]
    )
    table = cssp.exemplary_quotations(segments, system("x", "y", "z"), rule="rarest").set_index(
        "code"
    )
    assert table.loc["x", ["interview", "with_codes"]].tolist() == ["i2", "z"]


def test_attributes_that_would_name_an_organisation_are_not_told():
    interviews = INTERVIEWS.assign(size=["small"] * 20 + ["large"] * 8)
    table = cssp.exemplary_quotations(
        SEGMENTS, STUDY.codes, interviews=interviews, attributes=["field"]
    )
    assert (table["field"] == "").all(), "every field is one organisation's"
    table = cssp.exemplary_quotations(
        SEGMENTS, STUDY.codes, interviews=interviews, attributes=["size"]
    )
    assert set(table["size"]) <= {"small", "large"}
    for bad in ({"attributes": ["size"]}, {"interviews": interviews, "attributes": ["sise"]}):
        with pytest.raises(ScoringError):
            cssp.exemplary_quotations(SEGMENTS, STUDY.codes, **bad)


def test_quotations_are_agreed_ones_first_and_spread(study):
    table = cssp.exemplary_quotations(cssp.load_segments(study), study.codes)
    assert table["code"].tolist() == study.codes.leaves
    assert table["agreed"].all()
    assert table["interview"].value_counts().max() <= 2
    assert (table["gloss_en"] != "").all()


def test_no_quotation_is_cut_where_a_coder_marked_more(study):
    segments = cssp.load_segments(study)
    for row in cssp.exemplary_quotations(segments, study.codes).itertuples():
        same = segments[(segments["code"] == row.code) & (segments["interview"] == row.interview)][
            "quotation"
        ]
        assert not [
            other for other in same if row.quotation in other and len(other) > len(row.quotation)
        ]
