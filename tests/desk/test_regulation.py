"""The register of acts: references, what held when, the grid of instruments, gaps, differences, old sources."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.desk.acts_in_force import dates_of
from cssp.desk.regulation import COLUMNS, as_date, read_regulation


def acts(*lines: dict) -> pd.DataFrame:
    base = dict.fromkeys(COLUMNS, "") | {
        "act": "Act",
        "level": "federal",
        "instrument": "subsidies",
        "status": "in force",
        "source": "s",
    }
    return pd.DataFrame([{**base, **line} for line in lines])


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("от 05.04.2010 № 40-ФЗ", ("", "40-ФЗ", "2010-04-05", "")),
        (
            "Федеральный закон от 05.04.2010 № 40-ФЗ (ред. от 30.12.2020)",
            ("федеральный закон", "40-ФЗ", "2010-04-05", "2020-12-30"),
        ),
        (
            "Федеральным законом от 12 января 1996 г. N 7-ФЗ",
            ("федеральный закон", "7-ФЗ", "1996-01-12", ""),
        ),
        (
            "постановление Правительства РФ от 23 августа 2011 года №713",
            ("постановление", "713", "2011-08-23", ""),
        ),
        (
            "решение Петрозаводского городского Совета от 18.02.2015 № 27/31-489",
            ("решение", "27/31-489", "2015-02-18", ""),
        ),
        (
            "письмо Минэкономразвития от 12.12.2017 № 35706-ОФ/Д01и",
            ("письмо", "35706-ОФ/Д01и", "2017-12-12", ""),
        ),
        (
            "Постановление Правительства Республики Карелия от 12.12.2011 N 349-П",
            ("постановление", "349-П", "2011-12-12", ""),
        ),
        ("№ 33-фз от 20.03.2025", ("", "33-ФЗ", "2025-03-20", "")),
        ("приказ от 1.2.19 № 45", ("приказ", "45", "2019-02-01", "")),
        ("закон области от 1 июля 2020 года № 4739-ОЗ", ("закон", "4739-ОЗ", "2020-07-01", "")),
        ("131-ФЗ", ("", "131-ФЗ", "", "")),
        (
            "Федеральный закон от 28 декабря 2013 г. № 442 – ФЗ",
            ("федеральный закон", "442", "2013-12-28", ""),
        ),
    ],
)
def test_references_in_russian_notation(text, expect):
    found = cssp.read_references(text)
    assert len(found) == 1
    row = found.iloc[0]
    if "442" in text:
        assert row["number"].startswith("442")
        return
    assert (row["kind"], row["number"], row["date"], row["edition"]) == expect


def test_several_references_keep_their_order_and_a_day_that_is_none_is_said():
    found = cssp.read_references(
        "Федеральный закон от 12.01.1996 № 7-ФЗ, постановление от 31.02.2020 № 5; 40-ФЗ"
    )
    assert found["number"].tolist() == ["7-ФЗ", "5", "40-ФЗ"]
    assert found["note"].tolist() == ["", "no such date", ""]
    assert found["position"].is_monotonic_increasing
    assert cssp.read_references("никаких актов, 2020 год").empty


@given(
    st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2049-12-31").date()),
    st.integers(1, 99999),
)
def test_a_written_reference_is_read_back(day, number):
    for text in (f"от {day:%d.%m.%Y} № {number}-ФЗ", f"№ {number}-ФЗ от {day:%d.%m.%Y}"):
        found = cssp.read_references(f"см. закон {text}, далее")
        assert found[["number", "date"]].to_numpy().tolist() == [[f"{number}-ФЗ", day.isoformat()]]


def test_the_register_reads_references(copy):
    path = copy / "regulation.csv"
    path.write_text(
        "act,reference,level,territory,instrument,in_force_from,in_force_to,status,source\n"
        "Закон,от 05.04.2010 № 40-ФЗ,federal,,basis,,,in force,s\n",
        encoding="utf-8",
    )
    row = cssp.load_regulation(cssp.load_study(copy)).iloc[0]
    assert (row["number"], row["date"]) == ("40-ФЗ", "2010-04-05")
    path.write_text(
        "act,reference,number,date,level,territory,instrument,in_force_from,in_force_to,status,source\n"
        "Закон,от 05.04.2010 № 40-ФЗ,41-ФЗ,,federal,,basis,,,in force,s\nЗакон,сегодня,1,,federal,,basis,,,in force,s\n",
        encoding="utf-8",
    )
    problems = read_regulation(cssp.load_study(copy))[1]
    assert [(p.row, p.column) for p in problems] == [(2, "number"), (3, "reference")]


def test_what_held_on_a_day_at_its_borders():
    table = acts(
        {"number": "1", "in_force_from": "2020-03-01", "in_force_to": "2022-03-01"},
        {"number": "2", "date": "2021-01-01"},
        {"number": "3", "date": "2021-01-01", "status": "repealed"},
        {"number": "4"},
    )
    assert set(cssp.in_force(table, "2020-02-29")["number"]) == set()
    assert set(cssp.in_force(table, "2020-03-01")["number"]) == {"1"}
    assert set(cssp.in_force(table, "2021-06-01")["number"]) == {"1", "2", "3"}
    assert set(cssp.in_force(table, "2022-03-01")["number"]) == {"1", "2"}
    assert set(cssp.in_force(table, "2022-03-02")["number"]) == {"2"}
    known = dates_of(table)
    assert known["start_known"].tolist() == [True, False, False, False]
    assert known["end"].iloc[1] is None


def test_matrix_gaps_and_differences(study):
    book = study.indicators
    first, second = study.cities
    table = acts(
        {"number": "F"},
        {"number": "L", "level": "local", "territory": first, "in_force_from": "2010"},
        {
            "number": "O",
            "level": "local",
            "territory": second,
            "in_force_from": "2010",
            "in_force_to": "2015",
        },
        {
            "number": "S",
            "level": "subject",
            "territory": second,
            "instrument": "programme",
            "in_force_from": "2010",
        },
    ).assign(date="2010-01-01")
    matrix = cssp.coverage_matrix(table, book, study.cities, "2020-01-01").set_index(
        ["instrument", "level", "territory"]
    )
    assert len(matrix) == len(book.instruments) * len(book.levels) * 2
    assert matrix.loc[("subsidies", "federal", second), "numbers"] == "F"
    assert matrix.loc[("subsidies", "local", first), "state"] == "in force"
    assert matrix.loc[("subsidies", "local", second), "state"] == "held before or later"
    assert matrix.loc[("programme", "local", first), "state"] == "none found"
    gaps = cssp.regulation_gaps(table, book, study.cities, "2020-01-01")
    assert gaps[["territory", "instrument", "level"]].to_numpy().tolist() == [
        [second, "subsidies", "local"]
    ]
    assert cssp.regulation_gaps(table, book, study.cities, "2012-01-01").empty
    differences = cssp.regulation_differences(table, book, first, second, "2020-01-01")
    assert differences[["instrument", "level", "only"]].to_numpy().tolist() == [
        ["subsidies", "local", first],
        ["programme", "subject", second],
    ]
    turned = cssp.regulation_differences(table, book, second, first, "2020-01-01")
    assert turned["only"].tolist() == differences["only"].tolist()


def test_an_act_without_a_number_is_named_where_numbers_are_listed(study):
    first, second = study.cities
    table = acts(
        {"number": "", "act": "Rules", "act_ru": "Правила", "level": "local", "territory": first},
        {
            "number": "7",
            "act": "Other rules",
            "act_ru": "Другие правила",
            "level": "local",
            "territory": first,
        },
    ).assign(date="2010-01-01")
    row = cssp.regulation_differences(table, study.indicators, first, second, "2020-01-01").iloc[0]
    assert row["acts_first"] == "Rules; 7"
    assert row["acts_first_ru"] == "Правила; 7"
    assert row["acts_second"] == ""


def test_old_sources_are_to_be_checked_again():
    table = acts(
        {"number": "1", "checked": "2025-11-24"},
        {"number": "2", "checked": "2025-11-23"},
        {"number": "3"},
    )
    found = cssp.stale_sources(table, "2026-11-24")
    assert found["number"].tolist() == ["2", "3"]
    assert found["age"].tolist()[:1] == [366]
    assert cssp.stale_sources(table, "2026-11-24", days=366)["number"].tolist() == ["3"]


def test_the_register_reads_in_the_readers_language(study):
    table = cssp.load_regulation(study)
    russian = cssp.acts_in(table, "ru")
    assert "7-ФЗ" in set(russian["number"])
    assert "7-FZ" in set(cssp.acts_in(table, "en")["number"])
    assert not [name for name in russian if str(name).startswith(("act_", "number_"))]
    assert russian["act"].str.contains("[а-я]").all()


# ---------------------------------------------------------------- territories


@pytest.mark.parametrize(
    "name",
    [
        "Республика Карелия",
        "Карелия",
        "Karelia",
        "KARELIA",
        "республика карелия",
        "Бюджет Республики Карелия",
        "Republic of Karelia",
        "Respublika Kareliya",
    ],
)
def test_a_region_by_any_spelling(name):
    assert cssp.find_region(name).oktmo == "86"


def test_every_region_is_found_by_its_own_names_and_no_two_share_a_code():
    from cssp.desk.territories import regions

    assert len({region.oktmo for region in regions()}) == len(regions()) == 85
    for region in regions():
        for name in (
            region.name_ru,
            region.name_en,
            f"Бюджет {region.name_ru}",
            region.name_ru.upper(),
        ):
            assert cssp.find_region(name) == region


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Бюджет Ненецкого автономного округа", "118"),
        ("бюджет Ямало-Ненецкого автономного округа", "719"),
        ("Бюджет города Москвы", "45"),
        ("Бюджет Московской области", "46"),
        ("Бюджет Алтайского края", "01"),
        ("Бюджет Республики Алтай", "84"),
        ("бюджет Новгородской области", "49"),
        ("Бюджет Нижегородской области", "22"),
        ("Бюджет Республики Саха (Якутия)", "98"),
        ("Бюджет Кемеровской области - Кузбасса", "32"),
        ("Бюджет Чувашской Республики - Чувашии", "97"),
        ("бюджет г. Санкт-Петербурга", "40"),
        ("Vologda region", "19"),
        ("Kursk", "38"),
        ("Kurgan", "37"),
    ],
)
def test_regions_as_forms_and_people_write_them(name, code):
    assert cssp.find_region(name).oktmo == code


@pytest.mark.parametrize("name", ["Карелия и Коми", "Алтай", "", "Финляндия"])
def test_what_is_no_region_or_several_is_said(name):
    with pytest.raises(cssp.DataError, match="region"):
        cssp.find_region(name)


@pytest.mark.parametrize(
    ("code", "expect"),
    [
        ("86701000", ""),
        ("86701000001", ""),
        ("11851000", ""),
        ("45301000", ""),
        ("86601101001", ""),
        ("36701305", ""),
        ("8670100", "7 digits"),
        ("1701000", "zero at its beginning"),
        ("8670100A", "must consist of digits"),
        ("00701000", "no subject"),
        ("86201000", "third digit"),
        ("86701101", "cannot be"),
        ("86001000", "goes on with a municipality"),
        ("86701000000", ""),
        ("86601101000", ""),
    ],
)
def test_the_structure_of_oktmo(code, expect):
    from cssp.desk.territories import oktmo_problem

    found = oktmo_problem(code)
    assert (expect in found) if expect else found == "", found


@pytest.mark.parametrize(
    ("name", "column", "load"),
    [
        ("regulation.csv", "level", cssp.load_regulation),
        ("regulation.csv", "number", cssp.load_regulation),
        ("prices.csv", "index", cssp.load_prices),
        ("territories.csv", "before", cssp.load_successors),
    ],
)
def test_a_register_without_a_column_says_which(copy, name, column, load):
    path = copy / name
    heading, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(
        "\n".join([",".join("x" if told == column else told for told in heading.split(",")), rest]),
        encoding="utf-8",
    )
    with pytest.raises(cssp.DataError, match=f"no column '{column}'"):
        load(cssp.load_study(copy))


def test_a_study_without_registers_has_empty_ones(copy):
    path = copy / "study.yaml"
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("regulation:", "successors:", "prices:"))
    ]
    path.write_text("\n".join([*lines, "regulation: null", ""]), encoding="utf-8")
    study = cssp.load_study(copy)
    for load in (cssp.load_regulation, cssp.load_prices, cssp.load_successors):
        assert load(study).empty


def test_dates():
    assert as_date("2022").isoformat() == "2022-01-01"
    assert as_date("2022", end=True).isoformat() == "2022-12-31"
    assert as_date("2022-02-30") is None
