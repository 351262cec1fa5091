"""Tests of `desk/successors`."""

from __future__ import annotations

import pandas as pd
from desk_tables import rows

import cssp


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
