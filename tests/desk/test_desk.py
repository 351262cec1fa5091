"""Rates, shares, coverage and regulation of the desk study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from desk_tables import rows

import cssp
from cssp import ScoringError
from cssp.desk.regulation import as_date
from cssp.show.labels import Labels


@pytest.fixture(scope="module")
def desk(study):
    return cssp.load_desk(study)


def test_every_value_has_unit_source_and_level(desk):
    assert (desk[["unit", "source", "level"]] != "").all(axis=None)
    assert desk["value"].isna().eq(desk["status"] == "unknown").all()


def test_no_fact_that_was_only_recalled_is_shipped(study):
    for name in study.cities:
        text = study.city(name).path("desk.csv").read_text(encoding="utf-8")
        assert "recalled" not in text


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


def test_units_are_converted_by_declaration(study, desk):
    fund = desk[(desk["indicator"] == "contest_fund") & (desk["level"] == "local")]
    assert fund["value"].tolist() == [300_000]


def test_an_unknown_indicator_is_named_with_the_nearest(desk):
    with pytest.raises(ScoringError, match="Did you mean 'population'"):
        cssp.share_of(desk, "populaton", "budget_expenditure")


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


def test_dates():
    assert as_date("2022").isoformat() == "2022-01-01"
    assert as_date("2022", end=True).isoformat() == "2022-12-31"
    assert as_date("2022-02-30") is None


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


def test_no_acts_at_all_are_an_empty_table():
    assert cssp.in_force(
        pd.DataFrame(columns=["territory", "in_force_from", "in_force_to", "date"]), "2022"
    ).empty


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


def test_measures_of_different_indicators_or_levels_are_not_compared(study):
    measures = pd.DataFrame(
        [
            ("a", "local", 2020, "s1", 0.1),
            ("b", "local", 2020, "s2", 0.9),
            ("c", "local", 2020, "s2", 0.8),
        ],
        columns=["city", "level", "year", "indicator", "value"],
    ).assign(measure="support_share", basis="")
    assert cssp.of_common_year(measures, "support_share")["city"].tolist() == ["b", "c"]
    doubled = pd.concat([measures, measures])
    with pytest.raises(ScoringError, match="two values at one level"):
        cssp.level_reversals(doubled, ["subject", "local"], "a")


def test_nearly_alike_reverses_nothing():
    table = pd.DataFrame(
        {
            "city": ["a", "b"] * 2,
            "level": ["subject"] * 2 + ["local"] * 2,
            "value": [1.0, 1.02, 9.0, 1.0],
        }
    )
    assert not cssp.level_reversals(table, ["subject", "local"], "a")["reverses"].item()
    apart = table.assign(value=[1.0, 1.2, 9.0, 1.0])
    found = cssp.level_reversals(apart, ["subject", "local"], "a").iloc[0]
    assert found["reverses"]
    assert (found["ratio_a"], found["ratio_b"]) == (pytest.approx(1 / 1.2), 9)


def test_support_in_constant_prices_already_is_not_deflated(study):
    constant = [
        one.model_copy(update={"price_basis": "constant"}) if one.role == "support" else one
        for one in study.indicators.indicators
    ]
    book = study.indicators.model_copy(update={"indicators": constant})
    assert cssp.real_support(cssp.load_desk(study), book, cssp.load_prices(study)).empty


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


def test_a_share_of_programmes_is_a_measure_only_where_all_are_known(study):
    counts = {"indicator": "municipalities", "value": 10}
    told = {"indicator": "municipal_programme", "municipality": "M", "value": 1, "units": 1}
    rest = {"indicator": "municipal_programme", "municipality": "N", "value": 0, "units": 9}
    measures = cssp.support_measures(rows(counts, told), study.indicators)
    assert measures.empty
    measures = cssp.support_measures(rows(counts, told, rest), study.indicators)
    assert measures[["measure", "value"]].to_numpy().tolist() == [["programme_share", 0.1]]


@pytest.mark.parametrize("many", [False, True])
def test_a_refund_is_marked_and_zero_is_not(study, many):
    from cssp.desk.figures import level_dots
    from cssp.desk.region_figures import region_dots
    from cssp.show.labels import Labels

    labels = Labels(study, "en")
    cities = study.cities
    for values, marks in (((-5.0, 10.0), 1), ((0.0, 10.0), 0)):
        table = pd.DataFrame(
            {
                "city": cities,
                "level": "local",
                "kind": "",
                "year": 2020,
                "value": values,
                "unit": "RUB",
            }
        )
        figure = (region_dots(table, labels) if many else level_dots(table, labels)).figure
        assert [text.get_text() for text in figure.axes[0].texts].count("< 0") == marks


def test_sources_and_notes_read_in_the_readers_language(copy, study):
    """What a row tells in Russian is shown to a Russian reader; what it does not stays as it is; the table keeps both."""
    path = copy / "cities" / study.cities[0] / "desk.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("source,note,source_ru,note_ru,municipality_ru")
    bare = [
        ",".join(line.split(",")[:-2]) for line in lines[:2]
    ]  # another city's file without these columns
    other = copy / "cities" / study.cities[1] / "desk.csv"
    other.write_text("\n".join(bare) + "\n", encoding="utf-8")
    own = cssp.load_study(copy)
    desk = cssp.load_desk(own)
    assert desk[["source_ru", "note_ru"]].notna().all(axis=None)
    told = desk[desk["note_ru"] != ""].iloc[0]
    show = cssp.Show(own, "ru", "desk", own.cities)
    shown = show.table(desk, "d", "The indicators, value by value", ["source", "note"]).shown
    assert shown.columns.tolist() == ["источник", "примечание"]
    assert told["note_ru"] in set(shown["примечание"]) and told["note"] not in set(
        shown["примечание"]
    )
    same = desk.loc[(desk["source_ru"] == ""), "source"].iloc[0]
    assert same in set(
        show.table(desk, "d", "The indicators, value by value", ["source"]).shown["источник"]
    )
    english = (
        cssp.Show(own, "en", "desk", own.cities)
        .table(desk, "d", "The indicators, value by value")
        .shown
    )
    assert told["note"] in set(english["note"])
    assert not [name for name in english if str(name).endswith("_ru")]


def test_only_languages_make_a_column_the_text_of_another(study):
    """`year_to` is not `year` in a language."""
    table = pd.DataFrame(
        {
            "year": [1],
            "year_to": [2],
            "p": [0.1],
            "p_bm": [0.2],
            "act": ["a"],
            "act_ru": ["б"],
            "act_en": [""],
            "gloss_ru": ["в"],
        }
    )
    assert list(Labels(study, "ru").as_it_reads(table)) == [
        "year",
        "year_to",
        "p",
        "p_bm",
        "act",
        "gloss_ru",
    ]
    assert Labels(study, "ru").as_it_reads(table)["act"].tolist() == ["б"]
    assert Labels(study, "en").as_it_reads(table)["act"].tolist() == ["a"]
