"""Each kind of bad input gets one clear sentence with file, row, column and remedy; all of them in one go; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

import cssp
from cssp.draft.check import find_problems
from cssp.study.problems import Problem, errors_in


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def cell(path: Path, row: int, column: str, value: str) -> None:
    """Change one cell of a CSV; `row` counts as the file does (comment line 1, heading 2)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    frame = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)
    first_data_row = next(i for i, line in enumerate(lines, 1) if not line.startswith("#")) + 1
    frame.loc[row - first_data_row, column] = value
    head = [line for line in lines if line.startswith("#")]
    path.write_text(
        "\n".join([*head, frame.to_csv(index=False, lineterminator="\n")]), encoding="utf-8"
    )


def problems_of(folder: Path, cities: list[str] | None = None) -> list[Problem]:
    try:
        study = cssp.load_study(folder)
    except cssp.CsspError as error:
        return list(error.problems)
    return find_problems(study, cities)


def check_one(
    problems: list[Problem], what: str, file: str, row: int | None = None, column: str | None = None
) -> None:
    fits = [p for p in problems if re.search(what, p.what)]
    assert fits, "\n".join(map(str, problems))
    found = fits[0]
    assert file in found.file
    assert found.remedy
    if row is not None:
        assert found.row == row
    if column is not None:
        assert found.column == column


CODES = "cities/petrozavodsk/survey.csv"
LABELS = "cities/vologda/survey.csv"
CITY = "cities/petrozavodsk/city.yaml"
SEGMENTS = "cities/petrozavodsk/segments.csv"
DESK = "cities/petrozavodsk/desk.csv"
TOP = "study.yaml"

# what is spoilt, and what must be said of it: sentence, file, row, column
CASES: dict[str, tuple[Callable[[Path], object], tuple]] = {
    "missing file": (lambda s: (s / CODES).unlink(), ("does not exist", "survey.csv")),
    "empty file": (lambda s: (s / CODES).write_text(""), ("is empty", "survey.csv")),
    "folder for a file": (
        lambda s: ((s / CODES).unlink(), (s / CODES).mkdir()),
        ("folder, not a file", "survey.csv"),
    ),
    "wrong encoding": (
        lambda s: (s / LABELS).write_bytes(
            (s / LABELS).read_text("utf-8").encode("windows-1251", "replace")
        ),
        ("not in the encoding utf-8", "survey.csv"),
    ),
    "column that is not there": (
        lambda s: edit(s / CITY, "respondent: respondent", "respondent: respondant"),
        ("no column 'respondant'.*Did you mean 'respondent'", "survey.csv", None, "respondant"),
    ),
    "two columns for one item": (
        lambda s: edit(s / CODES, "npo_open,npo_reliable", "npo_open,npo_open"),
        ("Two columns have the heading 'npo_open'", "survey.csv", 1),
    ),
    "one column for two items": (
        lambda s: edit(
            s / CITY,
            "    values: {1: authorities, 2: business, 3: npo}\n",
            "    values: {1: authorities, 2: business, 3: npo}\n  items:\n    npo_open: {column: npo_useful}\n    npo_useful: {column: npo_useful}\n",
        ),
        ("mapped to two items", "city.yaml"),
    ),
    "code outside the scale": (
        lambda s: cell(s / CODES, 5, "npo_useful", "7"),
        ("7 is not a code of the scale 'rating'", "survey.csv", 5, "npo_useful"),
    ),
    "label outside the scale": (
        lambda s: edit(s / LABELS, ";очень хорошо;", ";очень хорoшо;"),
        ("'очень хорoшо' is not an answer.*Did you mean 'очень хорошо'", "survey.csv"),
    ),
    "text for a number": (
        lambda s: cell(s / CODES, 6, "tenure_years", "many"),
        ("'many' is text where a number", "survey.csv", 6, "tenure_years"),
    ),
    "number outside its range": (
        lambda s: cell(s / CODES, 6, "tenure_years", "99"),
        ("outside the item's range", "survey.csv", 6),
    ),
    "duplicated respondent": (
        lambda s: cell(s / CODES, 7, "respondent", "P001"),
        ("'P001' stands already on row 3", "survey.csv", 7, "respondent"),
    ),
    "respondent without sector": (
        lambda s: cell(s / CODES, 8, "sector", ""),
        ("has no sector", "survey.csv", 8, "sector"),
    ),
    "sector not in the study": (
        lambda s: cell(s / CODES, 8, "sector", "4"),
        ("'4' is not a sector", "survey.csv", 8, "sector"),
    ),
    "ranks that repeat": (
        lambda s: [
            cell(s / CODES, 9, f"main_barriers__{o}", v)
            for o, v in (
                ("no_money", "1"),
                ("paperwork", "1"),
                ("unclear_rules", "2"),
                ("closed_power", ""),
                ("idle_business", ""),
                ("weak_npo", ""),
                ("mistrust", ""),
            )
        ],
        ("ranks of 'main_barriers' repeat or skip", "survey.csv", 9),
    ),
    "ranks that skip": (
        lambda s: [
            cell(s / CODES, 9, f"main_barriers__{o}", v)
            for o, v in (
                ("no_money", "1"),
                ("paperwork", "3"),
                ("unclear_rules", ""),
                ("closed_power", ""),
                ("idle_business", ""),
                ("weak_npo", ""),
                ("mistrust", ""),
            )
        ],
        ("repeat or skip a place: 1, 3", "survey.csv", 9),
    ),
    "option value that says nothing": (
        lambda s: cell(s / CODES, 9, "barriers_named__no_money", "maybe"),
        ("neither that the option is chosen", "survey.csv", 9),
    ),
    "code not in the code system": (
        lambda s: cell(s / SEGMENTS, 4, "code", "res_premise"),
        (
            "'res_premise' is not in the code system.*Did you mean 'res_premises'",
            "segments.csv",
            4,
            "code",
        ),
    ),
    "segment outside its text": (
        lambda s: cell(s / SEGMENTS, 4, "end", "99999"),
        ("lies outside its text", "segments.csv", 4, "end"),
    ),
    "segment ending before its start": (
        lambda s: cell(s / SEGMENTS, 4, "end", "1"),
        ("ends \\(1\\) at or before its start", "segments.csv", 4, "end"),
    ),
    "interview without text": (
        lambda s: cell(s / SEGMENTS, 4, "interview", "p99"),
        ("no text of the interview 'p99'", "segments.csv", 4),
    ),
    "coder with nothing coded": (
        lambda s: edit(s / CITY, "coders: [A, B]", "coders: [A, B, C]"),
        ("'C' has nothing coded", "segments.csv", None, "coder"),
    ),
    "negative population": (
        lambda s: edit(s / DESK, "643548", "-643548"),
        ("population is negative", "desk.csv", None, "value"),
    ),
    "year that is none": (
        lambda s: cell(s / DESK, 3, "year", "20 19"),
        ("'20 19' is not a year", "desk.csv", 3, "year"),
    ),
    "value without unit": (
        lambda s: cell(s / DESK, 3, "unit", ""),
        ("has no unit", "desk.csv", 3, "unit"),
    ),
    "unit of another kind": (
        lambda s: cell(s / DESK, 3, "unit", "RUB"),
        ("'RUB' is not the indicator's unit", "desk.csv", 3, "unit"),
    ),
    "value without source": (
        lambda s: cell(s / DESK, 3, "source", ""),
        ("has no source", "desk.csv", 3, "source"),
    ),
    "value that is no number": (
        lambda s: cell(s / DESK, 3, "value", "a lot"),
        ("'a lot' is text where a number", "desk.csv", 3, "value"),
    ),
    "unknown indicator": (
        lambda s: cell(s / DESK, 3, "indicator", "populatoin"),
        ("Did you mean 'population'", "desk.csv", 3, "indicator"),
    ),
    "two values for one cell": (
        lambda s: cell(s / DESK, 3, "year", "2010"),
        ("cell has two values; the other stands on row 2", "desk.csv", 3),
    ),
    "YAML that does not parse": (
        lambda s: edit(s / TOP, "languages: [en, ru]", "languages: [en, ru"),
        ("does not parse \\(column", "study.yaml"),
    ),
    "YAML key twice": (
        lambda s: edit(s / TOP, "smallest_cell: 5", "smallest_cell: 5\nsmallest_cell: 6"),
        ("'smallest_cell' stands here twice", "study.yaml"),
    ),
    "unknown key": (
        lambda s: edit(s / TOP, "smallest_cell: 5", "smalest_cell: 5"),
        ("'smalest_cell' is not a known key. Did you mean 'smallest_cell'", "study.yaml"),
    ),
    "unknown key in a codebook": (
        lambda s: edit(
            s / "questionnaire.yaml", "        type: ordinal\n", "        tpye: ordinal\n"
        ),
        ("Did you mean 'type'", "questionnaire.yaml", 71),
    ),
    "study with no city": (
        lambda s: edit(s / TOP, "cities: [vologda, petrozavodsk]", "cities: []"),
        ("cities", "study.yaml", None, "cities"),
    ),
    "wrong kind of value": (
        lambda s: edit(s / TOP, "smallest_cell: 5", "smallest_cell: five"),
        ("must be a whole number", "study.yaml", None, "smallest_cell"),
    ),
    "unknown theme": (
        lambda s: edit(s / "codes.yaml", "theme: money", "theme: mony"),
        ("'mony' is not a theme of the study. Did you mean 'money'", "codes.yaml"),
    ),
    "label without a language": (
        lambda s: edit(
            s / "codes.yaml", "label: {en: no staff, ru: нет кадров}", "label: {en: no staff}"
        ),
        ("no wording in 'ru'", "codes.yaml"),
    ),
    "unquoted comma": (
        lambda s: edit(
            s / "codes.yaml", "{en: no staff, ru: нет кадров}", "{en: no staff, ru: нет, нет}"
        ),
        ("put a text that has a comma in quotes", "codes.yaml"),
    ),
    "act that ends before it starts": (
        lambda s: edit(s / "regulation.csv", "2014,2020,,ended,docs", "2014,2010,,ended,docs"),
        ("ends before it starts", "regulation.csv", None, "in_force_to"),
    ),
    "act amended by one that is not there": (
        lambda s: cell(s / "regulation.csv", 3, "amended_by", "923"),
        ("amended by '923', which is not in the register", "regulation.csv", 3, "amended_by"),
    ),
    "act that amends itself": (
        lambda s: cell(s / "regulation.csv", 3, "amended_by", "40-FZ"),
        ("amends itself", "regulation.csv", 3, "amended_by"),
    ),
    "act that ends before it was adopted": (
        lambda s: cell(s / "regulation.csv", 3, "in_force_to", "2009"),
        ("ends before it was adopted", "regulation.csv", 3, "in_force_to"),
    ),
    "act of an unknown instrument": (
        lambda s: cell(s / "regulation.csv", 3, "instrument", "subsidy"),
        ("Did you mean 'subsidies'", "regulation.csv", 3, "instrument"),
    ),
    "act of an unknown status": (
        lambda s: cell(s / "regulation.csv", 3, "status", "in forse"),
        ("Did you mean 'in force'", "regulation.csv", 3, "status"),
    ),
    "OKTMO of another region": (
        lambda s: cell(s / DESK, 3, "oktmo", "19701000"),
        ("does not lie in Republic of Karelia", "desk.csv", 3, "oktmo"),
    ),
    "OKTMO of a wrong structure": (
        lambda s: cell(s / DESK, 3, "oktmo", "86201000"),
        ("third digit", "desk.csv", 3, "oktmo"),
    ),
    "month that is none": (
        lambda s: cell(s / "prices.csv", 6, "month", "13"),
        ("'13' is not a month", "prices.csv", 6, "month"),
    ),
    "index that is a rate": (
        lambda s: cell(s / "prices.csv", 2, "index", "4.91"),
        ("not an index in per cent of the period before", "prices.csv", 2, "index"),
    ),
    "two indices for a month": (
        lambda s: cell(s / "prices.csv", 8, "month", "1"),
        ("two indices", "prices.csv", 8, "index"),
    ),
    "two indices for a month, written differently": (
        lambda s: cell(s / "prices.csv", 8, "month", "01"),
        ("two indices", "prices.csv", 8, "index"),
    ),
    "price index without source": (
        lambda s: cell(s / "prices.csv", 8, "source", ""),
        ("no source", "prices.csv", 8, "source"),
    ),
    "territory that becomes itself": (
        lambda s: edit(
            s / "territories.csv",
            "Никольский округ,municipal_okrug",
            "Никольский район,municipal_district",
        ),
        ("becomes itself", "territories.csv", 2, "after"),
    ),
    "successor of an unknown city": (
        lambda s: cell(s / "territories.csv", 2, "city", "volgda"),
        ("Did you mean 'vologda'", "territories.csv", 2, "city"),
    ),
    "treasury type inside another": (
        lambda s: edit(s / "indicators.yaml", 'types: ["630"]', 'types: ["630", "631"]'),
        ("type 630 holds type 631", "indicators.yaml"),
    ),
    "instrument expected at no level": (
        lambda s: edit(
            s / "indicators.yaml", "expected_at: [subject, local]", "expected_at: [subjekt]"
        ),
        ("'subjekt', which is not among the levels", "indicators.yaml"),
    ),
    "synthetic and not said": (
        lambda s: edit(s / CITY, "synthetic: true", "synthetic: false"),
        ("'synthetic: true' must be said", "city.yaml"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_told(copy, name):
    spoil, (what, *place) = CASES[name]
    spoil(copy)
    problems = problems_of(copy)
    check_one(problems, what, *place)
    assert errors_in(problems)


def test_a_city_with_one_respondent(copy):
    path = copy / CODES
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:3]) + "\n", encoding="utf-8")
    check_one(problems_of(copy), "one respondent", "survey.csv")


def test_an_item_that_nobody_answered_is_a_warning(copy):
    frame = pd.read_csv(copy / CODES, comment="#", dtype=str, keep_default_na=False)
    frame["npo_useful"] = ""
    (copy / CODES).write_text("# simulated\n" + frame.to_csv(index=False), encoding="utf-8")
    problems = problems_of(copy)
    check_one(problems, "Nobody answered the item 'npo_useful'", "survey.csv")
    assert not errors_in(problems)


def test_decimal_commas_are_fine(copy):
    frame = pd.read_csv(copy / CODES, comment="#", dtype=str, keep_default_na=False)
    frame.loc[0, "tenure_years"] = "3,5"
    (copy / CODES).write_text("# simulated\n" + frame.to_csv(index=False), encoding="utf-8")
    assert not errors_in(problems_of(copy))
    assert cssp.load_survey(cssp.load_study(copy), ["petrozavodsk"])["tenure_years"].iloc[0] == 3.5


def test_an_unknown_city_names_the_nearest(copy):
    check_one(
        problems_of(copy, ["volgda"]),
        "'volgda' is not a city of this study. Did you mean 'vologda'",
        "study.yaml",
    )


def test_all_problems_come_in_one_go(copy):
    for name in (
        "code outside the scale",
        "text for a number",
        "code not in the code system",
        "value without source",
    ):
        CASES[name][0](copy)
    errors = errors_in(problems_of(copy))
    assert len({problem.file for problem in errors}) == 3
    assert len(errors) == 4


def test_every_row_of_a_wrong_value_is_named(copy):
    for row in (5, 9, 12):
        cell(copy / CODES, row, "npo_useful", "7")
    assert [p.row for p in problems_of(copy) if p.value == "7"] == [5, 9, 12]


def test_broken_workbooks_and_spss_files_are_told(copy):
    for name in ("survey.xlsx", "survey.sav"):
        (copy / "cities" / "petrozavodsk" / name).write_bytes(b"PK\x03\x04 or so")
        edit(copy / CITY, "file: survey", f"file: {name} # was survey")
        check_one(problems_of(copy), "broken", name)
        edit(copy / CITY, f"file: {name} # was survey", "file: survey")


def test_a_loader_raises_what_check_lists(copy):
    cell(copy / CODES, 5, "npo_useful", "7")
    with pytest.raises(cssp.DataError, match="row 5, column npo_useful: 7 is not a code"):
        cssp.load_survey(cssp.load_study(copy))


def test_labels_that_differ_by_case_spaces_and_yo_are_read(copy):
    edit(copy / LABELS, ";очень хорошо;", ";  Очень  ХОРОШО ;")
    assert not errors_in(problems_of(copy))


def test_a_value_label_that_contradicts_the_scale_is_told(copy):
    import pyreadstat

    frame = pd.read_csv(copy / CODES, comment="#")
    pyreadstat.write_sav(
        frame,
        str(copy / "cities/petrozavodsk/survey.sav"),
        variable_value_labels={"npo_useful": {1: "very good", 5: "very poor"}},
    )
    edit(copy / CITY, "file: survey.csv", "file: survey.sav")
    edit(copy / CITY, 'format: {encoding: utf-8, delimiter: ",", comment: "#"}', "format: {}")
    check_one(
        problems_of(copy),
        "labels 1 as 'very good', which is the answer 5",
        "survey.sav",
        None,
        "npo_useful",
    )


def spss(copy, frame: pd.DataFrame, **told) -> None:
    import pyreadstat

    pyreadstat.write_sav(frame, str(copy / "cities/petrozavodsk/survey.sav"), **told)
    edit(copy / CITY, "file: survey.csv", "file: survey.sav")
    edit(copy / CITY, 'format: {encoding: utf-8, delimiter: ",", comment: "#"}', "format: {}")


def test_values_that_spss_declares_missing_are_missing_in_numbers_too(copy):
    frame = pd.read_csv(copy / CODES, comment="#")
    frame["tenure_years"] = frame["tenure_years"].astype(float)
    frame.loc[:2, "tenure_years"] = 55
    spss(copy, frame, missing_ranges={"tenure_years": [55]})
    assert any("declares 55 as missing" in p.what for p in problems_of(copy))
    answers = cssp.load_survey(cssp.load_study(copy), ["petrozavodsk"])
    assert answers["tenure_years"].iloc[:3].isna().all()


def test_value_labels_that_the_scale_does_not_know_are_said(copy):
    spss(
        copy,
        pd.read_csv(copy / CODES, comment="#"),
        variable_value_labels={"npo_useful": {1: "Отлично", 5: "Ужасно"}},
    )
    said = [p for p in errors_in(problems_of(copy)) if p.file.endswith("survey.sav")]
    assert {p.column for p in said} == {"npo_useful"}
    assert any("labels 1 as 'Отлично', which is not the scale's label" in p.what for p in said)
    # who knows better says so
    edit(
        copy / CITY,
        "  respondent: respondent",
        "  respondent: respondent\n  scales: {rating: {1: 1, 5: 5}}",
    )
    assert not [p for p in errors_in(problems_of(copy)) if p.file.endswith("survey.sav")]


def test_an_options_column_is_read_by_its_value_labels(copy):
    frame = pd.read_csv(copy / CODES, comment="#")
    columns = [c for c in frame if c.startswith("barriers_named__")]
    turned = frame.copy()
    turned[columns] = 1 - frame[columns]
    spss(copy, turned, variable_value_labels={c: {0: "да", 1: "нет"} for c in columns})
    answers = cssp.load_survey(cssp.load_study(copy), ["petrozavodsk"])
    assert (answers[columns].astype(float).to_numpy() == frame[columns].to_numpy()).all()


def test_a_word_for_missing_is_not_a_no(copy):
    frame = pd.read_csv(copy / CODES, comment="#", dtype=str, keep_default_na=False)
    columns = [c for c in frame if c.startswith("barriers_named__")]
    frame.loc[0, columns] = "-"
    (copy / CODES).write_text(frame.to_csv(index=False), encoding="utf-8")
    edit(copy / CITY, "  respondent: respondent", '  missing: ["-"]\n  respondent: respondent')
    answers = cssp.load_survey(cssp.load_study(copy), ["petrozavodsk"])
    assert answers.loc[0, columns].isna().all()


def test_a_comma_before_three_digits_is_not_guessed(copy):
    cell(copy / DESK, 3, "value", "1,234")
    check_one(problems_of(copy), "say which sign is the decimal one", "desk.csv", 3, "value")


MAPS = {
    "implied and named column": (
        "  items:\n    npo_open: {column: npo_useful}\n",
        "mapped to two items",
    ),
    "option twice": (
        "  items:\n    barriers_named: {columns: {no_money: a, paperwork: a}}\n",
        "mapped twice to 'barriers_named'",
    ),
    "places": (
        "  items:\n    main_barriers: {places: [a, b, c, d]}\n",
        "4 places, but 3 are ranked",
    ),
    "unknown answer": (
        "  items:\n    npo_open: {column: npo_open, values: {x: 8}}\n",
        "'x' is mapped to '8', which is no answer",
    ),
    "unknown code of a scale": (
        "  scales: {rating: {x: 8}}\n",
        "which is not a code of the scale 'rating'",
    ),
    "mapped and not asked": (
        "  not_asked: [npo_open]\n  items:\n    npo_open: {column: npo_open}\n",
        "mapped and listed under not_asked",
    ),
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_are_checked_whether_or_not_the_file_uses_them(copy, name):
    text, says = MAPS[name]
    edit(
        copy / CITY,
        "    values: {1: authorities, 2: business, 3: npo}\n",
        "    values: {1: authorities, 2: business, 3: npo}\n" + text,
    )
    check_one(problems_of(copy), says, "city.yaml")


def test_an_item_may_not_bear_the_name_of_a_key(copy):
    edit(copy / "questionnaire.yaml", "- name: tenure_years", "- name: sector")
    check_one(
        problems_of(copy), "'sector' is the name of a column of every survey", "questionnaire.yaml"
    )


def test_a_row_that_breaks_off_is_told(copy):
    text = (copy / CODES).read_text("utf-8").rstrip("\n")
    (copy / CODES).write_text(text[:-200], encoding="utf-8")
    check_one(problems_of(copy), "cells, the heading 66", "survey.csv")


@pytest.mark.parametrize(
    "bad",
    ["name: {[en]: Alpha}", "synthetic: !!int abc", "name: &a {en: *a}", "- a\n- b", "{{city}}"],
)
def test_yaml_of_any_shape_is_told_without_a_traceback(copy, bad):
    (copy / CITY).write_text(bad + "\n", encoding="utf-8")
    assert errors_in(problems_of(copy))


@pytest.mark.parametrize("name", ["..", "/etc", "a/b", "", "x" * 200, "a\nb"])
def test_a_citys_name_must_be_that_of_a_folder(copy, name):
    import json

    edit(copy / TOP, "cities: [vologda, petrozavodsk]", f"cities: [vologda, {json.dumps(name)}]")
    check_one(problems_of(copy), "cities", "study.yaml")


def test_a_file_of_pseudonyms_that_is_not_there_is_told(copy):
    edit(copy / CITY, "  coders: [A, B]", "  coders: [A, B]\n  pseudonyms: names.csv")
    check_one(problems_of(copy), "does not exist", "names.csv")


def edit_city(folder: Path, city: str, change: Callable[[dict], object]) -> None:
    path = folder / "cities" / city / "city.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


# ------------------------------------------------------------ surveys: what a referee's assistant would try


def test_two_maps_of_one_text_are_told(copy):
    edit_city(
        copy,
        "vologda",
        lambda told: told["survey"]["sector"]["values"].update({"власть": "business"}),
    )
    check_one(
        find_problems(cssp.load_study(copy), ["vologda"]),
        "are the same text, but are mapped to 'authorities' and 'business'",
        "city.yaml",
    )


def test_two_answers_with_one_label_are_told(copy):
    path = copy / "questionnaire.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "{en: poor, ru: плохо}", "{en: poor, ru: Очень  плохо}"
        ),
        encoding="utf-8",
    )
    with pytest.raises(cssp.StudyError, match="have the same label"):
        cssp.load_study(copy).questionnaire  # noqa: B018


def test_labels_that_differ_by_case_spaces_and_yo_are_the_same_answer(copy):
    path = copy / "cities" / "vologda" / "survey.csv"
    text = path.read_text(encoding="utf-8")
    before = cssp.load_survey(cssp.load_study(copy), ["vologda"])
    path.write_text(
        text.replace("очень хорошо", "ОЧЕНЬ  Хорошо").replace(
            "затрудняюсь ответить", "Затрудняюсь ответить "
        ),
        encoding="utf-8",
    )
    after = cssp.load_survey(cssp.load_study(copy), ["vologda"])
    assert before == after


def sav(copy: Path, name: str, table: pd.DataFrame, **more: object) -> Path:
    pyreadstat = pytest.importorskip("pyreadstat")
    path = copy / "cities" / "vologda" / name
    pyreadstat.write_sav(table, str(path), **more)
    return path


def survey_of(copy: Path, file: str) -> None:
    def change(told: dict) -> None:
        items = {name: {"column": name} for name in ("npo_useful", "tenure_years", "open_change")}
        left_out = [
            item.name
            for item in cssp.load_study(copy).questionnaire.items
            if item.name not in items
        ]
        told["survey"] = {
            "file": file,
            "status": "simulated",
            "provenance": {"source": "x"},
            "sector": {"all": "npo"},
            "items": items,
            "not_asked": left_out,
        }

    edit_city(copy, "vologda", change)


def test_a_sav_with_string_codes_is_read_by_its_texts(copy):
    sav(
        copy,
        "s.sav",
        pd.DataFrame(
            {
                "npo_useful": ["1", "хорошо", "97", ""],
                "tenure_years": [1.0, 2, 3, None],
                "open_change": ["a", "", "b", "c"],
            }
        ),
    )
    survey_of(copy, "s.sav")
    found = cssp.load_survey(cssp.load_study(copy), ["vologda"])
    assert found["npo_useful"].tolist()[:3] == [1, 4, 97]
    assert found["npo_useful"].isna().tolist() == [False, False, False, True]


def test_a_sav_with_dates_where_answers_are_due_says_so(copy):
    days = pd.to_datetime(["2026-01-01", "2026-01-02"]).date
    sav(
        copy,
        "s.sav",
        pd.DataFrame({"npo_useful": days, "tenure_years": [1.0, 2], "open_change": ["a", "b"]}),
    )
    survey_of(copy, "s.sav")
    check_one(
        find_problems(cssp.load_study(copy), ["vologda"]),
        "is not an answer of the scale 'rating'",
        "s.sav",
        column="npo_useful",
    )


def test_a_sav_without_labels_is_read_by_its_codes(copy):
    sav(
        copy,
        "s.sav",
        pd.DataFrame(
            {
                "npo_useful": [1.0, 5, 97],
                "tenure_years": [1.0, 2, 3],
                "open_change": ["a", "b", "c"],
            }
        ),
    )
    survey_of(copy, "s.sav")
    assert cssp.load_survey(cssp.load_study(copy), ["vologda"])["npo_useful"].tolist() == [1, 5, 97]


def test_user_missing_ranges_of_a_sav_are_kept_apart(copy):
    table = pd.DataFrame(
        {
            "npo_useful": [1.0, 5, 66, 97],
            "tenure_years": [1.0, 2, 99, 3],
            "open_change": ["a", "b", "c", "d"],
        }
    )
    sav(
        copy,
        "s.zsav",
        table,
        compress=True,
        missing_ranges={"npo_useful": [{"lo": 60.0, "hi": 70.0}], "tenure_years": [99.0]},
    )
    survey_of(copy, "s.zsav")
    found = cssp.load_survey(cssp.load_study(copy), ["vologda"])
    assert found["npo_useful"].isna().tolist() == [False, False, True, False]
    assert found["tenure_years"].isna().tolist() == [False, False, True, False]


def test_an_index_that_asks_for_more_items_than_it_has_is_told(copy):
    path = copy / "questionnaire.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("min_answered: 4", "min_answered: 9"),
        encoding="utf-8",
    )
    with pytest.raises(cssp.StudyError, match="asks for 9 answered items, but has 6"):
        cssp.load_study(copy).questionnaire  # noqa: B018


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "gap: [business, authorities]",
            "gap: [busines, authorities]",
            "'busines' is not a sector of the study",
        ),
        ("items: [money_enough,", "items: [money_enuf,", "'money_enuf' is not an ordinal item"),
        (
            "argument: argument_sources",
            "argument: argument_source",
            "is not a multiple-choice item",
        ),
        (
            "{own_practice: 0.4,",
            "{own_practise: 0.4,",
            "'own_practise' is not an option of that item",
        ),
    ],
)
def test_misspelt_names_in_the_studys_constants_are_told(copy, old, new, what):
    path = copy / "study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    check_one(find_problems(cssp.load_study(copy), ["vologda"]), what, "study.yaml")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["vologda", "Vologda"], "'vologda' and 'Vologda' are one folder on Windows and macOS"),
        (["vologda", "aux"], "'aux' cannot be a folder on Windows"),
        (["vologda", "vologda"], "'vologda' stands there twice"),
    ],
)
def test_names_of_cities_that_no_folders_can_have(copy, names, says):
    path = copy / "study.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**told, "cities": names}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(cssp.StudyError, match=says):
        cssp.load_study(copy)


def test_what_is_not_decided_is_told_of_its_line_and_nothing_is_read_by_it(copy):
    """`cssp add` writes TODO where a person decides; what would be read by that is nobody's fault but this line's."""
    path = copy / "cities" / "vologda" / "city.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == "column: Сектор")
    lines[at] = lines[at].replace("Сектор", "TODO   # TODO: the column of the sector")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = cssp.check(cssp.load_study(copy), ["vologda"])
    told = table[["row", "column", "value"]].to_numpy().tolist()
    assert told == [[at + 1, "column", "TODO"]], table
    assert table["file"].iloc[0].endswith("city.yaml")
