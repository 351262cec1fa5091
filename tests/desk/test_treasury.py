"""The Treasury's form in every layout, against itself, and what is wrong with it in one sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from treasury_forms import BUDGETS, USUAL, lines, write_form

import cssp
from cssp.study.problems import CsspError

KIND = {
    "subject": "",
    "intracity": "intracity",
    "okrugs": "okrugs",
    "municipal_okrugs": "okrugs",
    "districts": "districts",
    "urban": "urban_settlements",
    "rural": "rural_settlements",
    "settlements": "settlements",
}


def expected(
    names: list[str], seed: int = 1, types: tuple[str, ...] = ("630",)
) -> dict[str, float]:
    """The slow definition: type by type over the subsections, in roubles."""
    found: dict[str, float] = {}
    for (section, kind), amounts in lines(seed).items():
        if section and not section.endswith("00") and kind in types:
            for name in BUDGETS:
                if name in names:
                    found[KIND[name]] = found.get(KIND[name], 0) + amounts[name]
    return {kind: value / 100 for kind, value in found.items()}


@pytest.mark.parametrize("layout", ["beside", "sheets", "one"])
@pytest.mark.parametrize("code", ["cells", "joined", "spaced"])
def test_every_layout_gives_the_same(tmp_path, layout, code):
    form = cssp.read_form(write_form(tmp_path / "f.xlsx", layout=layout, code=code))
    told = cssp.npo_spending(form).set_index("kind")["support"]
    assert told.to_dict() == pytest.approx(expected(USUAL))
    assert (form.checks["failed"] == 0).all()
    assert (form.checks.set_index("check")["compared"] > 0).all()
    assert (form.region, form.date, form.year, form.months, form.periodicity) == (
        "Республика Карелия",
        "2022-01-01",
        2021,
        12,
        "year",
    )
    assert form.table["approved"].to_numpy() == pytest.approx(2 * form.table["executed"].to_numpy())


def test_okrugs_of_two_kinds_are_added_and_settlements_may_be_one(tmp_path):
    names = [
        "with_fund",
        "less_fund",
        "consolidated",
        "less",
        "subject",
        "okrugs",
        "municipal_okrugs",
        "districts",
        "settlements",
        "fund",
    ]
    form = cssp.read_form(write_form(tmp_path / "f.xlsx", names))
    told = cssp.npo_spending(form).set_index("kind")["support"]
    assert told.to_dict() == pytest.approx(expected(names))


@settings(max_examples=15)
@given(st.permutations(USUAL), st.integers(0, 1000))
def test_columns_are_found_wherever_they_stand(tmp_path_factory, names, seed):
    path = tmp_path_factory.mktemp("f") / "f.xlsx"
    form = cssp.read_form(write_form(path, list(names), seed=seed))
    assert cssp.npo_spending(form).set_index("kind")["support"].to_dict() == pytest.approx(
        expected(names, seed)
    )


def test_the_table_has_what_its_docstring_says(tmp_path):
    table = cssp.read_form(write_form(tmp_path / "f.xlsx")).table
    assert list(table) == [
        "region",
        "date",
        "section",
        "subsection",
        "target_item",
        "expenditure_type",
        "name",
        "level",
        "kind_of_municipality",
        "approved",
        "executed",
        "row",
    ]
    assert (
        table.loc[table["subsection"] != "", "section"].str[:2]
        == table.loc[table["subsection"] != "", "subsection"].str[:2]
    ).all()
    assert set(table["level"]) == {
        "consolidated_with_fund",
        "excluded_with_fund",
        "consolidated",
        "excluded",
        "subject",
        "local",
        "fund",
    }
    one = table[
        (table["subsection"] == "0102")
        & (table["expenditure_type"] == "631")
        & (table["level"] == "subject")
    ]
    assert one["executed"].item() == lines()["0102", "631"]["subject"] / 100


def test_types_are_the_studys_choice(tmp_path):
    form = cssp.read_form(write_form(tmp_path / "f.xlsx"))
    elements = cssp.npo_spending(form, ["631", "633", "634"]).set_index("kind")["support"]
    assert elements.to_dict() == pytest.approx(
        cssp.npo_spending(form).set_index("kind")["support"].to_dict()
    )
    both = cssp.npo_spending(form, ["630", "811"]).set_index("kind")["support"]
    assert both.to_dict() == pytest.approx(expected(USUAL, types=("630", "811")))
    rate = cssp.npo_spending(form, population=1000)
    assert rate["per_resident"].to_numpy() == pytest.approx(rate["support"].to_numpy() / 1000)
    for wrong in (["630", "631"], ["600", "630"], ["63"], ["abc"]):
        with pytest.raises(cssp.ScoringError, match="twice|not an expenditure type"):
            cssp.npo_spending(form, wrong)
    for people in (0, -5, float("nan")):
        with pytest.raises(cssp.ScoringError, match="above zero"):
            cssp.npo_spending(form, population=people)


def test_a_form_in_thousands_is_read_in_roubles(tmp_path):
    plain = cssp.npo_spending(cssp.read_form(write_form(tmp_path / "a.xlsx")))
    thousands = write_form(tmp_path / "b.xlsx", unit="Единица измерения: тыс. руб.", okei="384")
    assert cssp.npo_spending(cssp.read_form(thousands))["support"].to_numpy() == pytest.approx(
        1000 * plain["support"].to_numpy()
    )


def test_codes_that_a_spreadsheet_made_numbers_of(tmp_path):
    def numbers(sheets):
        for row in sheets["стр.3_4"][4:]:
            for place in range(2, 6):
                if len(row) > place and isinstance(row[place], str) and row[place].isdigit():
                    row[place] = int(row[place])

    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=numbers))
    assert cssp.npo_spending(form).set_index("kind")["support"].to_dict() == pytest.approx(
        expected(USUAL)
    )


def test_the_forms_number_may_stand_beside_the_page_only(tmp_path):
    def beside(sheets):
        sheets["стр.1_2"][1] = ["", "", "Форма 0503317 с. 2"]

    assert cssp.read_form(write_form(tmp_path / "f.xlsx", change=beside)).year == 2021


def without(*codes: tuple[str, str]):
    """Take lines out of both halves: (section or "", type)."""

    def change(sheets):
        sheets["стр.3_4"] = [
            row
            for row in sheets["стр.3_4"]
            if len(row) < 6
            or not any(
                row[5] == kind and row[3].startswith(section)
                for section, kind in codes
                if isinstance(row[3], str)
            )
        ]

    return change


def test_where_the_types_line_is_left_out_its_elements_make_it(tmp_path):
    for codes in ([("", "630")], [("0702", "630")]):
        form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=without(*codes)))
        assert cssp.npo_spending(form).set_index("kind")["support"].to_dict() == pytest.approx(
            expected(USUAL)
        )


@pytest.mark.parametrize(
    ("codes", "expect"),
    [
        (
            [("", "630"), ("", "631"), ("", "633"), ("", "634")],
            "gives 600 without its parts, so how much of it is type 630 is not known",
        ),
        (
            [
                ("0702", kind)
                for kind in (
                    "600",
                    "630",
                    "631",
                    "633",
                    "634",
                    "200",
                    "240",
                    "244",
                    "800",
                    "810",
                    "811",
                )
            ],
            "0702 gives 000 without its parts",
        ),
    ],
)
def test_what_the_form_does_not_tell_is_not_zero(tmp_path, codes, expect):
    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=without(*codes)))
    with pytest.raises(cssp.ScoringError, match=expect):
        cssp.npo_spending(form)


def test_a_section_without_its_subsections_does_not_add_up(tmp_path):
    kinds = ["000", "600", "630", "631", "633", "634", "200", "240", "244", "800", "810", "811"]
    change = without(*[(section, kind) for section in ("0702", "0703", "0709") for kind in kinds])
    with pytest.raises(cssp.DataError, match="0700 0000000000 000 differ"):
        cssp.read_form(write_form(tmp_path / "f.xlsx", change=change))


def test_a_type_by_target_items_only_is_refused_beside_another_that_is_not(tmp_path):
    def by_target(sheets):
        for row in sheets["стр.3_4"]:
            if len(row) > 6 and row[3] == "0702" and row[5] in ("810", "811"):
                row[4] = "0110000000"
                half = 6 + len(USUAL)
                row[half + 4] = "0110000000"

    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=by_target), strict=False)
    for types in (["810"], ["630", "810"]):
        with pytest.raises(cssp.ScoringError, match="0702 gives type 810 by target items only"):
            cssp.npo_spending(form, types)
    assert cssp.npo_spending(form).set_index("kind")["support"].to_dict() == pytest.approx(
        expected(USUAL)
    )


@pytest.mark.parametrize(
    ("unit", "okei", "size"),
    [
        ("Единица измерения: миллионов рублей", "", 1e6),
        ("Единица измерения: тыс. руб.", "", 1e3),
        ("Единица измерения: руб", "383", 1),
        ("Единица измерения:", "384", 1e3),
        ("", "383", 1),
    ],
)
def test_the_unit_is_read_from_words_or_code(tmp_path, unit, okei, size):
    assert cssp.read_form(write_form(tmp_path / "f.xlsx", unit=unit, okei=okei)).unit == size


def test_the_units_word_may_stand_in_the_next_cell(tmp_path):
    def next_cell(sheets):
        sheets["стр.1_2"][5] = ["Единица измерения:", "тыс. руб.", "по ОКЕИ", "384"]

    assert cssp.read_form(write_form(tmp_path / "f.xlsx", change=next_cell)).unit == 1e3


@pytest.mark.parametrize(("unit", "okei"), [("", ""), ("Единица измерения:", "999")])
def test_a_unit_that_is_not_told_is_not_guessed(tmp_path, unit, okei):
    with pytest.raises(cssp.DataError, match="does not say in which unit"):
        cssp.read_form(write_form(tmp_path / "f.xlsx", unit=unit, okei=okei))


def test_the_grand_total_may_bear_a_code_and_must_be_there(tmp_path):
    def code(sheets):
        for row in sheets["стр.3_4"]:
            if len(row) > 6 and row[1] == "200":
                half = 6 + len(USUAL)
                row[2:6] = row[half + 2 : half + 6] = ["000", "9600", "0000000000", "000"]

    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=code))
    assert cssp.npo_spending(form)["expenditure"].gt(0).all()

    def none(sheets):
        sheets["стр.3_4"] = [row for row in sheets["стр.3_4"] if len(row) < 2 or row[1] != "200"]

    with pytest.raises(cssp.DataError, match="no line 200"):
        cssp.read_form(write_form(tmp_path / "f.xlsx", change=none))


def test_a_refund_is_kept_and_flagged(tmp_path):
    form = cssp.read_form(write_form(tmp_path / "f.xlsx", refund=True))
    assert form.checks["failed"].sum() == 0
    (told,) = [p for p in form.problems if p.severity == "warning"]
    assert "less than nothing" in str(told)
    assert told.row is not None


def spoil(sheet: str, row: int, column: int, value):
    def change(sheets):
        cells = sheets[sheet][row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = value

    return change


FIRST = 2 + 4  # the first amount column of the left half
SUBJECT = FIRST + USUAL.index("subject")
#: The same column among the executed amounts, in the right half.
SPENT = SUBJECT + 2 + 4 + len(USUAL)


@pytest.mark.parametrize(
    ("options", "expect"),
    [
        ({"number": "0503127"}, "not form 0503317, but 0503127"),
        ({"number": ""}, "no form number|not form"),
        ({"day": "32.01.2022"}, "date was not found"),
        ({"day": "15.01.2022"}, "first day of a month"),
        (
            {"names": [n for n in USUAL if n != "districts"]},
            "no column 'бюджеты муниципальных районов'",
        ),
        ({"names": [n for n in USUAL if n != "rural"]}, "no column 'бюджеты .*поселений'"),
        (
            {"names": [n for n in USUAL if n != "consolidated"]},
            "no column 'консолидированный бюджет",
        ),
        ({"change": spoil("стр.3_4", 8, SUBJECT, "много")}, r"row 9, column K: 'много' is text"),
        ({"change": spoil("стр.3_4", 8, SPENT, 1.0)}, r"row 9.*differ by"),
        ({"change": spoil("стр.3_4", 8, 3, "01x2")}, r"row 9.*not a code of expenditure"),
        ({"change": spoil("стр.3_4", 8, 5, "634")}, "stands there twice"),
        ({"unit": "Единица измерения: тыс. руб."}, "unit is told twice and differently"),
        ({"change": lambda sheets: sheets.pop("стр.3_4")}, "no expenditure part"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path, options, expect):
    names = options.pop("names", None)
    path = write_form(tmp_path / "f.xlsx", names, **options)
    with pytest.raises(cssp.DataError, match=expect) as caught:
        cssp.read_form(path)
    assert "f.xlsx" in str(caught.value)


def test_sums_that_do_not_add_up_name_every_row_or_are_told_when_asked(tmp_path):
    path = write_form(tmp_path / "f.xlsx", change=spoil("стр.3_4", 8, SPENT, 1.0))
    with pytest.raises(cssp.DataError) as caught:
        cssp.read_form(path)
    assert {p.row for p in caught.value.problems} >= {9}
    form = cssp.read_form(path, strict=False)
    assert form.checks["failed"].sum() > 0
    assert form.problems


def test_a_kopeck_is_a_difference(tmp_path):
    exact = lines()["0102", "200"]["subject"] / 100
    for change, failed in ((0.0, False), (0.01, True)):
        path = write_form(tmp_path / "f.xlsx", change=spoil("стр.3_4", 8, SPENT, exact + change))
        assert bool(cssp.read_form(path, strict=False).checks["failed"].sum()) is failed


def test_plans_that_do_not_add_up_are_a_warning_for_only_executed_amounts_are_taken(tmp_path):
    path = write_form(tmp_path / "f.xlsx", change=spoil("стр.3_4", 8, SUBJECT, 1.0))
    form = cssp.read_form(path)
    assert (form.checks["failed"].sum(), form.checks["failed_approved"].sum() > 0) == (0, True)
    assert {problem.severity for problem in form.problems} == {"warning"}
    assert "approved amounts" in form.problems[0].what


def test_the_name_decides_where_the_published_code_is_of_another_region(tmp_path):
    form = cssp.read_form(write_form(tmp_path / "f.xlsx", budget="Бюджет Вологодской области"))
    assert form.region == "Вологодская область"
    assert "its OKTMO code 86701000 is of Republic of Karelia" in form.problems[0].what


def test_a_form_of_which_the_region_stands_above_the_head(tmp_path):
    def above(sheets):
        sheets["стр.1_2"][3] = ["", "", "", ""]
        sheets["стр.1_2"].insert(1, ["Республика Башкортостан"])

    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=above))
    assert form.region == "Республика Башкортостан"


def test_the_kind_of_operation_is_no_type(tmp_path):
    def before(sheets):
        for row in sheets["стр.3_4"][4:]:
            for first in (2, 2 + 4 + len(USUAL) + 2):
                if len(row) > first + 3 and row[first + 3]:
                    row[first + 3] = "000"

    with pytest.raises(
        cssp.DataError, match="does not tell expenditure by type|stands there twice"
    ):
        cssp.read_form(write_form(tmp_path / "f.xlsx", change=before))
    from cssp.desk.treasury.layout import _one_key

    assert _one_key(["000", "0113", "0000000", "000", "226"], 2015) == (
        "0113",
        "0000000",
        "000 226",
    )
    assert _one_key(["000", "0113", "0000000", "630", "242"], 2015) == (
        "0113",
        "0000000",
        "630 242",
    )


@pytest.mark.parametrize(
    ("content", "expect"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "XML file"),
        (b"%PDF-1.4", "PDF"),
        (b"hello, I am text", "not a workbook"),
        (b"PK\x03\x04broken", "broken, truncated"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken, truncated"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + b"\0" * 600
            + "EncryptedPackage".encode("utf-16-le")
            + b"\0" * 600,
            "password",
        ),
    ],
)
def test_files_that_are_no_workbook(tmp_path, content, expect):
    path = tmp_path / "f.xls"
    path.write_bytes(content)
    with pytest.raises(cssp.DataError, match=expect):
        cssp.read_form(path)


def test_a_truncated_form_is_refused(tmp_path):
    whole = write_form(tmp_path / "f.xlsx").read_bytes()
    (tmp_path / "g.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(cssp.DataError, match="truncated"):
        cssp.read_form(tmp_path / "g.xlsx")
    with pytest.raises(cssp.DataError, match="does not exist"):
        cssp.read_form(tmp_path / "h.xlsx")


def test_many_forms_are_read_together_and_all_problems_told(tmp_path):
    files = [write_form(tmp_path / f"{n}.xlsx", seed=n) for n in range(9)]
    forms = cssp.read_forms(files, jobs=2)
    assert [cssp.npo_spending(f)["support"].sum() for f in forms] == pytest.approx(
        [cssp.npo_spending(cssp.read_form(f))["support"].sum() for f in files]
    )
    for name in ("bad1.xls", "bad2.xls"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CsspError) as caught:
        cssp.read_forms([*files, tmp_path / "bad1.xls", tmp_path / "bad2.xls"], jobs=2)
    assert len(caught.value.problems) == 2


def test_levels_are_what_the_form_says(tmp_path):
    table = cssp.read_form(write_form(tmp_path / "f.xlsx")).table
    total = (
        table[table["section"] == ""]
        .groupby(["level", "kind_of_municipality"], observed=True)["executed"]
        .sum()
    )
    parts = total["subject"].sum() + total["local"].sum()
    assert parts == pytest.approx(total["consolidated"].sum() + total["excluded"].sum(), rel=1e-12)
    assert isinstance(table, pd.DataFrame)
    assert np.isfinite(table["executed"]).all()


def test_types_told_of_a_whole_section_are_not_counted_beside_its_subsections(tmp_path):
    def section(sheets):
        rows = sheets["стр.3_4"]
        copied = next(
            list(row) for row in rows if len(row) > 6 and row[3] == "0702" and row[5] == "630"
        )
        half = 6 + len(USUAL)
        copied[3] = copied[half + 3] = "0700"
        rows.insert(len(rows) - 1, copied)

    form = cssp.read_form(write_form(tmp_path / "f.xlsx", change=section), strict=False)
    assert (
        (form.table["section"] == "0700")
        & (form.table["subsection"] == "")
        & (form.table["expenditure_type"] == "630")
    ).any()
    assert cssp.npo_spending(form).set_index("kind")["support"].to_dict() == pytest.approx(
        expected(USUAL)
    )
