"""Tests of `desk/acts_in_force`."""

from __future__ import annotations

import pandas as pd
import pytest

import cssp


def test_what_held_on_a_day(study):
    acts = cssp.load_regulation(study)
    first, second = study.cities
    held = cssp.in_force(acts, "2016-06-01", first)
    assert "1102" in set(held["number"])
    assert "491" not in set(held["number"])
    assert set(held["territory"]) <= {"", first}
    assert "33-FZ" not in set(cssp.in_force(acts, "2025-06-18")["number"])
    assert "33-FZ" in set(cssp.in_force(acts, "2025-06-19")["number"])
    assert second in set(cssp.in_force(acts, "2016-06-01", second)["territory"])
    with pytest.raises(cssp.DataError, match="not a date"):
        cssp.in_force(acts, "soon")


def test_no_acts_at_all_are_an_empty_table():
    assert cssp.in_force(
        pd.DataFrame(columns=["territory", "in_force_from", "in_force_to", "date"]), "2022"
    ).empty
