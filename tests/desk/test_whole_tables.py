"""Desk tables come in whole: rows of wholes, stocks at two levels, years in words; what cannot be is no interval."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.desk.convergence import NOTE_YEARS
from cssp.desk.desk_values import levels_apart, rows_of_wholes, rows_twice
from cssp.desk.disproportion import NOTE_BEYOND
from cssp.desk.inequality_readings import inequality_reading
from cssp.draft.check import find_problems
from cssp.show.labels import Labels

DESK = "cities/petrozavodsk/desk.csv"


def table(*lines: dict) -> pd.DataFrame:
    base = {
        "_file": "a.csv",
        "municipality": "",
        "oktmo": "",
        "level": "local",
        "kind": "",
        "year": 2021.0,
        "indicator": "npo_support",
        "basis": "",
    }
    return pd.DataFrame([{**base, "_row": n, **line} for n, line in enumerate(lines, 2)])


def test_the_row_of_a_whole_region_is_told_by_its_code_or_its_sum():
    parts = [{"municipality": name, "value": value} for name, value in (("a", 10.0), ("b", 5.0))]
    by_sum = rows_of_wholes(table({"municipality": "all", "value": 15.0}, *parts))
    assert [(p.row, p.value) for p in by_sum] == [(2, "all")]
    coded = [{**part, "oktmo": f"1970{n}000"} for n, part in enumerate(parts, 1)]
    by_code = rows_of_wholes(
        table({"municipality": "all", "oktmo": "19000000", "value": 16.0}, *coded)
    )
    assert "OKTMO" in by_code[0].what
    assert not rows_of_wholes(table(*parts, {"municipality": "c", "value": 7.0}))


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=12, unique=True))
def test_a_total_among_parts_is_found_wherever_it_stands(values):
    total = {"municipality": "total", "value": float(sum(values))}
    parts = [{"municipality": f"m{n}", "value": float(v)} for n, v in enumerate(values)]
    for place in (0, len(parts) // 2, len(parts)):
        found = rows_of_wholes(table(*parts[:place], total, *parts[place:]))
        assert [problem.value for problem in found] == ["total"]


def test_residents_at_two_levels_must_be_the_same():
    told = [
        {"indicator": "population", "level": level, "value": value}
        for level, value in (("subject", 10.0), ("local", 4.0))
    ]
    assert "differs between the levels" in levels_apart(table(*told), ["population"])[0].what
    assert not levels_apart(table(told[0], {**told[0], "level": "local"}), ["population"])


def test_a_year_that_is_none_is_said_once_and_breaks_nothing(copy):
    path = copy / DESK
    text = path.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if "2021" in one)
    path.write_text(text + line.replace("2021", "2021 г.") + "\n", encoding="utf-8")
    found = find_problems(cssp.load_study(copy), ["petrozavodsk"], ["desk"])
    assert any("two values" in problem.what for problem in found)
    assert not rows_twice(table({"value": 1.0, "year": np.nan}, {"value": 2.0, "year": np.nan}))


@pytest.mark.parametrize("measure", ["theil_t", "gini", "hoover", "cv"])
@given(values=st.lists(st.floats(0.01, 1e4), min_size=5, max_size=15))
def test_no_interval_reaches_what_cannot_be(measure, values):
    told = pd.DataFrame({"city": [f"c{n}" for n in range(len(values))], "value": values})
    row = cssp.disproportion(told, "value").set_index("measure").loc[measure]
    share = 1 / len(values)
    bound = {"theil_t": -math.log(share), "cv": math.sqrt(1 / share - 1)}.get(measure, 1 - share)
    assert row["value"] <= bound + 1e-9
    assert np.isnan(row["ci_high"]) or row["ci_high"] <= max(bound, row["value"]) + 1e-9


def test_where_one_has_nearly_all_there_is_no_interval_and_a_reason():
    told = pd.DataFrame(
        {"city": list("abcdefghij"), "value": [0.1, 0.2, 0.1, 0.3, 0.2, 0.1, 0.2, 0.1, 0.15, 9.0]}
    )
    row = cssp.disproportion(told, "value").set_index("measure").loc["theil_t"]
    assert np.isnan(row["ci_high"])
    assert NOTE_BEYOND in row["note"]


def test_one_more_year_of_one_region_leaves_no_other_out():
    lines = [
        (unit, year, unit + year - 2018) for unit in range(1, 7) for year in (2019, 2020, 2021)
    ]
    full = pd.DataFrame(lines, columns=["city", "year", "share"])
    more = pd.concat([full, pd.DataFrame([[1, 2022, 9]], columns=full.columns)])
    whole, found = (cssp.sigma_convergence(one, "share") for one in (full, more))
    assert found["cv"].tolist() == whole["cv"].tolist()
    assert (found["n"] == 6).all()
    assert (found["note"] == NOTE_YEARS).all()
    # a gap in one unit leaves that unit out, as long as more is kept so
    gap = full[~((full["city"] == 1) & (full["year"] == 2020))]
    assert set(cssp.sigma_convergence(gap, "share")["left_out"]) == {1}


def test_a_region_that_gives_nothing_is_read_out(study):
    told = pd.DataFrame({"city": ["vologda", "petrozavodsk"], "value": [0.0, 2.0]})
    found = cssp.disproportion(told, "value").assign(
        level="local", year=2021, basis="", compared="support_rate"
    )
    for language, words in (("en", "gives nothing"), ("ru", "не выделяет ничего")):
        assert words in inequality_reading(found, Labels(study, language))
