"""Tests of `desk/load`."""

from __future__ import annotations


def test_every_value_has_unit_source_and_level(desk):
    assert (desk[["unit", "source", "level"]] != "").all(axis=None)
    assert desk["value"].isna().eq(desk["status"] == "unknown").all()


def test_no_fact_that_was_only_recalled_is_shipped(study):
    for name in study.cities:
        text = study.city(name).path("desk.csv").read_text(encoding="utf-8")
        assert "recalled" not in text


def test_units_are_converted_by_declaration(study, desk):
    fund = desk[(desk["indicator"] == "contest_fund") & (desk["level"] == "local")]
    assert fund["value"].tolist() == [300_000]
