"""`cssp add CITY --treasury FORM...`: forms into a study, with their provenance, and what is refused."""

from __future__ import annotations

import hashlib
import io
from datetime import date

import pandas as pd
import pytest
import yaml
from treasury_forms import lines, write_form
from typer.testing import CliRunner

import cssp
from cssp.cli.main import app
from cssp.draft.new_study import new_study
from cssp.draft.treasury import add_forms


@pytest.fixture
def folder(tmp_path):
    new_study(tmp_path / "study")
    return tmp_path / "study"


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_new_region_needs_nothing_but_its_form(folder, tmp_path):
    files = [
        write_form(tmp_path / f"f{year}.xlsx", day=f"01.01.{year}", seed=year)
        for year in (2020, 2022)
    ]
    told = run("add", "karelia", "--treasury", *files, "--study", folder)
    assert told.exit_code == 0, told.output
    assert "all add up" in told.output
    study = cssp.load_study(folder)
    assert study.cities == ["my_city", "karelia"]
    city = study.city("karelia").file
    assert (city.region, city.name) == (
        {"en": "Republic of Karelia", "ru": "Республика Карелия"},
    ) * 2
    assert city.oktmo == "86701000"
    assert city.group == {
        "en": "North-Western federal district",
        "ru": "Северо-Западный федеральный округ",
    }
    assert cssp.check(study, ["karelia"]).empty
    desk = cssp.load_desk(study, ["karelia"])
    assert sorted(desk["year"].unique()) == [2019, 2021]
    one = desk[
        (desk["year"] == 2019)
        & (desk["indicator"] == "npo_support")
        & (desk["kind"] == "districts")
    ]
    assert (
        one["value"].item()
        == sum(v["districts"] for (s, k), v in lines(2020).items() if k == "630" and s) / 100
    )
    assert one["source"].str.contains("form 0503317 as of 2020-01-01").all()
    raw = pd.read_csv(folder / "cities" / "karelia" / "treasury.csv", comment="#", dtype=str)
    assert set(raw["sha256"]) == {hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
    assert set(raw["read_on"]) == {date.today().isoformat()}


def test_the_same_form_again_changes_nothing_and_another_of_the_year_is_refused(folder, tmp_path):
    one, other = (write_form(tmp_path / f"{n}.xlsx", seed=n) for n in (1, 2))
    assert run("add", "karelia", "--treasury", one, "--study", folder).exit_code == 0
    path = folder / "cities" / "karelia" / "treasury.csv"
    before = path.read_bytes()
    again = run("add", "karelia", "--treasury", one, "--study", folder)
    assert (again.exit_code, path.read_bytes()) == (0, before)
    assert "Nothing changed" in again.output
    study = cssp.load_study(folder)
    with pytest.raises(
        cssp.DataError, match=r"has a form for 2021 already: 1\.xlsx of 2022-01-01.*--replace"
    ):
        add_forms(study, "karelia", [other])
    with pytest.raises(cssp.DataError, match="two forms for 2021"):
        add_forms(study, "karelia", [one, other])
    assert path.read_bytes() == before
    add_forms(study, "karelia", [other], replace=True)
    assert "2.xlsx" in path.read_text(encoding="utf-8")
    assert "1.xlsx" not in path.read_text(encoding="utf-8")


def test_a_table_of_an_earlier_version_takes_further_forms(folder, tmp_path):
    """It told its sources in English only; its rows stay as they are."""
    one, other = (
        write_form(tmp_path / f"{year}.xlsx", day=f"01.01.{year}") for year in (2020, 2022)
    )
    add_forms(cssp.load_study(folder), "karelia", [one])
    path = folder / "cities" / "karelia" / "treasury.csv"
    head, body = path.read_text(encoding="utf-8").split("\n", 1)
    old = pd.read_csv(io.StringIO(body), dtype=str).drop(columns=["source_ru", "note_ru"])
    path.write_text(f"{head}\n{old.to_csv(index=False)}", encoding="utf-8")
    add_forms(cssp.load_study(folder), "karelia", [other])
    desk = cssp.load_desk(cssp.load_study(folder), ["karelia"])
    assert set(desk.loc[desk["year"] == 2019, "source_ru"]) == {""}
    assert (
        desk.loc[desk["year"] == 2021, "source_ru"]
        .str.startswith("Федеральное казначейство, форма 0503317 на 2022-01-01")
        .all()
    )
    assert set(desk.loc[desk["year"] == 2021, "note_ru"]) >= {"исполнено, строка 200"}


def test_a_city_that_is_there_keeps_every_line_of_its_own(copy, tmp_path):
    form = write_form(tmp_path / "f.xlsx", day="01.01.2024")
    path = copy / "cities" / "petrozavodsk" / "city.yaml"
    text = path.read_text(encoding="utf-8").replace("  treasury: treasury.csv\n", "")
    path.write_text(text, encoding="utf-8")
    (copy / "cities" / "petrozavodsk" / "treasury.csv").unlink()
    edit = (copy / "indicators.yaml").read_text(encoding="utf-8")
    assert "intracity:" in edit
    add_forms(cssp.load_study(copy), "petrozavodsk", [form], region="карелия")
    after = path.read_text(encoding="utf-8")
    assert after.replace("  treasury: treasury.csv\n", "") == text
    assert yaml.safe_load(after)["desk"]["treasury"] == "treasury.csv"
    desk = cssp.load_desk(cssp.load_study(copy), ["petrozavodsk"])
    assert 2023 in set(desk["year"])
    assert (desk["indicator"] == "population").any()


@pytest.mark.parametrize(
    ("options", "words", "expect"),
    [
        (
            {"budget": "Бюджет Вологодской области", "oktmo": "19701000"},
            (),
            "of Вологодская область .Vologda oblast., but the city's region",
        ),
        ({}, ("--region", "Vologda oblast"), "but 'Vologda oblast' is Вологодская область"),
        ({}, ("--region", "Нарния"), "'Нарния' is not a region of Russia"),
        ({"day": "01.07.2021"}, (), "covers 6 months of 2021.*Give the form of 2022-01-01"),
        ({"number": "0503117"}, (), "not form 0503317, but 0503117"),
    ],
)
def test_what_is_refused_writes_nothing(copy, tmp_path, options, words, expect):
    form = write_form(tmp_path / "f.xlsx", **options)
    files = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    told = run("add", "petrozavodsk", "--treasury", form, *words, "--study", copy, "--replace")
    assert told.exit_code != 0
    with pytest.raises(cssp.study.problems.CsspError, match=expect) as caught:
        raise told.exception
    assert "\n" not in str(caught.value).strip()
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == files


def test_forms_that_do_not_add_up_enter_only_when_asked_and_say_so(folder, tmp_path):
    def spoil(sheets):
        sheets["стр.3_4"][8][20] = 1.0

    form = write_form(tmp_path / "f.xlsx", change=spoil)
    told = run("add", "karelia", "--treasury", form, "--study", folder)
    assert isinstance(told.exception, cssp.DataError)
    assert "differ by" in str(told.exception)
    assert not (folder / "cities" / "karelia").exists()
    forced = run("add", "karelia", "--treasury", form, "--study", folder, "--unbalanced")
    assert forced.exit_code == 0
    assert "do NOT add up" in forced.output
    desk = cssp.load_desk(cssp.load_study(folder), ["karelia"])
    assert desk["note"].str.contains("do not add up").all()


def test_two_regions_in_one_call_are_refused(folder, tmp_path):
    one = write_form(tmp_path / "a.xlsx")
    other = write_form(
        tmp_path / "b.xlsx", budget="Бюджет Вологодской области", oktmo="19701000", day="01.01.2023"
    )
    with pytest.raises(cssp.DataError, match="Add each region by itself"):
        add_forms(cssp.load_study(folder), "karelia", [one, other])


def test_a_study_may_rename_levels_and_kinds_and_must_know_them(folder, tmp_path):
    form = write_form(tmp_path / "f.xlsx")
    path = folder / "indicators.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  intracity: {en:", "  inner: {en:"), encoding="utf-8")
    with pytest.raises(cssp.StudyError, match="money of the kind 'intracity', which is not a kind"):
        add_forms(cssp.load_study(folder), "karelia", [form])
    renamed = text.replace("  intracity: {en:", "  inner: {en:").replace(
        '  types: ["630"]', '  types: ["630", "810"]\n  kinds: {intracity: inner}'
    )
    path.write_text(renamed, encoding="utf-8")
    add_forms(cssp.load_study(folder), "karelia", [form])
    desk = cssp.load_desk(cssp.load_study(folder), ["karelia"])
    assert "inner" in set(desk["kind"])
    assert desk.loc[desk["indicator"] == "npo_support", "note"].str.contains("630 \\+ 810").all()
    path.write_text(
        text.replace("treasury:", "# treasury:")
        .replace('  types: ["630"]', "#")
        .replace("  support: npo_support", "#")
        .replace("  expenditure: budget_expenditure\n", "#\n"),
        encoding="utf-8",
    )
    with pytest.raises(cssp.StudyError, match="does not say which indicators"):
        add_forms(cssp.load_study(folder), "karelia", [form])


def test_what_to_add_must_be_said(folder):
    told = run("add", "karelia", "--study", folder)
    assert "--table FILE, or --treasury FORM" in str(told.exception)


def test_a_refund_is_a_warning_of_the_study_not_an_error(folder, tmp_path):
    form = write_form(tmp_path / "f.xlsx", refund=True)
    add_forms(cssp.load_study(folder), "karelia", [form])
    study = cssp.load_study(folder)
    path = folder / "cities" / "karelia" / "treasury.csv"
    text = path.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if ",districts,2021,npo_support," in line)
    path.write_text(
        text.replace(first, first.replace(first.split(",")[4], "-5.00", 1)), encoding="utf-8"
    )
    table = cssp.check(study, ["karelia"])
    assert table["severity"].tolist() == ["warning"]
    assert "less than nothing" in table["what"].item()
    desk = cssp.load_desk(study, ["karelia"])
    assert desk.loc[desk["value"] == -5, "note"].str.contains("negative: a refund").all()


@pytest.mark.slow
def test_every_region_gets_its_desk_study_and_all_a_page(folder, tmp_path):
    from small_notebooks import execute

    from cssp.runs.plan.plan import ALL_CITIES, make_plan
    from cssp.runs.report.index_page import write_index

    names = {
        "karelia": ("Бюджет Республики Карелия", "86701000"),
        "komi": ("Бюджет Республики Коми", "87701000"),
        "pskov": ("бюджет Псковской области", "58701000"),
    }
    for number, (name, (budget, oktmo)) in enumerate(names.items()):
        form = write_form(tmp_path / f"{name}.xlsx", budget=budget, oktmo=oktmo, seed=number)
        add_forms(cssp.load_study(folder), name, [form])
    tasks = make_plan(cssp.load_study(folder), [], ["01", "06"], "ru")
    assert [task.city for task in tasks] == [*names, ALL_CITIES]
    outcomes = execute(tasks[-2:], tmp_path / "runs", 2)
    assert [outcome.failure for outcome in outcomes] == ["", ""]
    page = write_index(tmp_path / "runs", cssp.load_study(folder), "ru", {})
    text = page.read_text(encoding="utf-8")
    assert "Все города вместе" in text
    shares = pd.read_csv(tmp_path / "runs" / ALL_CITIES / "tables" / "shares.csv")
    assert set(shares["city"]) == set(names)
