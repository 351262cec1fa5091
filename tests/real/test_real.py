"""The main job on real data, where they lie beside the project: Treasury forms, an SPSS survey, a survey of NGOs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import REAL, ROOT
from scipy.special import ndtr
from scipy.stats import chi2_contingency, mannwhitneyu

import cssp
from cssp.draft.check import find_problems
from cssp.study.problems import errors_in

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real data (../shared/real) are not beside the project"
)
HERE = Path(__file__).parent

FORMS = {
    ("vologda", 2019): "0503317_2020-01-01_vologda_oblast.xls",
    ("vologda", 2021): "0503317_2022-01-01_vologda_oblast.xls",
    ("petrozavodsk", 2019): "0503317_2020-01-01_karelia.xls",
    ("petrozavodsk", 2021): "0503317_2022-01-01_karelia.xls",
}


@pytest.mark.parametrize("city", ["vologda", "petrozavodsk"])
@pytest.mark.parametrize("year", [2019, 2021])
def test_the_treasury_forms_reproduce_the_shipped_figures(study, city, year):
    form = cssp.read_form(REAL / "desk" / FORMS[city, year])
    assert (form.date, form.year, form.months) == (f"{year + 1}-01-01", year, 12)
    spending = cssp.npo_spending(form)
    desk = cssp.load_desk(study, [city])
    shipped = desk[
        (desk["year"] == year) & desk["indicator"].isin(["npo_subsidies", "budget_expenditure"])
    ]
    for row in spending.itertuples():
        own = shipped[(shipped["level"] == row.level) & (shipped["kind"] == row.kind)].set_index(
            "indicator"
        )["value"]
        if own.empty:  # kinds that the region does not have
            assert row.support == row.expenditure == 0
            continue
        assert own["npo_subsidies"] == pytest.approx(row.support, abs=0.005)
        assert own["budget_expenditure"] == pytest.approx(row.expenditure, abs=0.005)


def test_a_form_fits_together_with_itself():
    """25 thousand sums a form: not one differs by a kopeck."""
    for (city, _), name in FORMS.items():
        form = cssp.read_form(REAL / "desk" / name)
        assert (form.checks["failed"] == 0).all()
        assert (form.checks["compared"] > 0).all()
        assert form.checks["largest_difference"].max() < 1e-4
        assert (
            form.region
            == {"vologda": "Вологодская область", "petrozavodsk": "Республика Карелия"}[city]
        )
        assert not form.problems


@pytest.mark.parametrize("name", FORMS.values())
def test_a_form_says_what_its_cells_say(name):
    """Added cell by cell from the sheet, without a heading: columns as MANIFEST.md and domain.md count them."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(REAL / "desk" / name))
    rows = book.get_sheet_by_name("стр.3_4").to_python(skip_empty_area=False)
    places = {
        "": 29,
        "okrugs": 31,
        "districts": 34,
        "urban_settlements": 35,
        "rural_settlements": 36,
    }
    slow = dict.fromkeys(places, 0.0)
    for row in rows:
        if len(str(row[3])) == 4 and not str(row[3]).endswith("00") and row[5] == "630":
            for kind, place in places.items():
                slow[kind] += row[place] or 0.0
    found = cssp.npo_spending(cssp.read_form(REAL / "desk" / name)).set_index("kind")["support"]
    assert found[list(places)].to_dict() == pytest.approx(slow, abs=0.005)


def test_the_four_forms_enter_a_study_without_code(tmp_path):
    from cssp.draft.new_study import new_study
    from cssp.draft.treasury import add_forms

    new_study(tmp_path / "study")
    for region in ("karelia", "vologda_oblast"):
        files = [
            REAL / "desk" / f"0503317_{day}_{region}.xls" for day in ("2020-01-01", "2022-01-01")
        ]
        add_forms(cssp.load_study(tmp_path / "study"), region, files)
    study = cssp.load_study(tmp_path / "study")
    desk = cssp.load_desk(study, ["karelia", "vologda_oblast"])
    measures = cssp.support_measures(desk, study.indicators)
    local = measures[(measures["level"] == "local") & (measures["year"] == 2021)].set_index("city")[
        "value"
    ]
    assert [round(100 * local[city], 4) for city in ("karelia", "vologda_oblast")] == [
        0.0015,
        0.6801,
    ]
    found = cssp.level_reversals(measures, list(study.indicators.levels), "vologda_oblast")
    # in 2021 the regional shares are alike (0.59 and 0.60 %), which reverses nothing
    assert found.set_index("year")["reverses"].to_dict() == {2019: True, 2021: False}


def test_every_oktmo_code_of_the_cities_passes_the_structure_check():
    table = cssp.read_table(REAL / "desk" / "cities_of_russia.csv").data
    assert len(table) > 1000
    assert cssp.check_codes(table["oktmo"].astype(str)).empty


def test_another_file_is_refused_as_a_form(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Форма по ОКУД", "0503387"])
    book.save(tmp_path / "other.xlsx")
    with pytest.raises(cssp.DataError, match="not form 0503317, but 0503387"):
        cssp.read_form(tmp_path / "other.xlsx")


def run(study: Path, output: Path) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "cssp",
            "run",
            "--study",
            str(study),
            "--output",
            str(output),
            "--notebook",
            "02",
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert (output / "index.html").is_file()


def slow_u(
    raw: pd.DataFrame, item: str, group: str, first: object, second: object, order: dict
) -> tuple[float, float, int, int]:
    a, b = (raw.loc[raw[group] == value, item].map(order).dropna() for value in (first, second))
    slow = mannwhitneyu(a, b, method="asymptotic")
    return slow.statistic, slow.pvalue, len(a), len(b)


@pytest.mark.slow
def test_an_spss_file_becomes_a_study_by_yaml_alone(tmp_path):
    import pyreadstat

    folder = HERE / "ess5_russia"
    study = cssp.load_study(folder)
    assert not errors_in(find_problems(study))
    raw, _ = pyreadstat.read_sav(str(REAL / "survey" / "ess5_russia.sav"), user_missing=True)
    raw = raw[raw["tporgwk"].between(1, 5)]
    raw["side"] = np.where(raw["tporgwk"] <= 3, "public", "private")
    run(folder, tmp_path / "runs")
    table = pd.read_csv(tmp_path / "runs/north_west/tables/city_against_city.csv").set_index(
        ["item", "sector"]
    )
    scales = {
        name: dict(zip(range(11), range(11), strict=True))
        for name in ("ppltrst", "trstprl", "trstplc", "trstplt", "stfdem")
    }
    scales["polintr"] = {4: 0, 3: 1, 2: 2, 1: 3}
    for item, order in scales.items():
        for side in ("public", "private"):
            u, p, n_a, n_b = slow_u(raw[raw["side"] == side], item, "region", "RU01", "RU02", order)
            row = table.loc[(item, side)]
            assert (row["n_a"], row["n_b"], row["u"]) == (n_a, n_b, u)
            assert row["p"] == pytest.approx(p, rel=1e-9)
    # refusals and 'don't know' are kept apart, in the base of all answers only
    answers = pd.read_csv(tmp_path / "runs/north_west/tables/answers.csv")
    one = answers[
        (answers["item"] == "trstprl")
        & (answers["city"] == "north_west")
        & (answers["sector"] == "public")
    ].set_index("answer")
    mine = raw[(raw["side"] == "public") & (raw["region"] == "RU01")]["trstprl"]
    assert one.loc[88, "count"] == (mine == 88).sum()
    assert one.loc[0, "n"] == (mine <= 10).sum()


@pytest.mark.slow
def test_a_survey_of_ngos_becomes_a_study_by_yaml_alone(tmp_path):
    folder = HERE / "ngo_governments"
    study = cssp.load_study(folder)
    problems = find_problems(study)
    assert not errors_in(problems)
    assert any("repeat a respondent" in problem.what for problem in problems)
    raw = pd.read_csv(
        REAL / "survey" / "ngo_relations_with_governments.csv", dtype=str, keep_default_na=False
    )
    first = raw[raw["home.region"].isin(["Europe", "Asia and Oceania"])].drop_duplicates(
        ["home.region", "clean.id"]
    )
    run(folder, tmp_path / "runs")
    table = pd.read_csv(tmp_path / "runs/europe/tables/city_against_city.csv").set_index("item")
    order = {"Not an important actor": 1, "Somewhat important actor": 2, "Most important actor": 3}
    u, p, n_a, n_b = slow_u(first, "Q3.19", "home.region", "Europe", "Asia and Oceania", order)
    row = table.loc["us_importance"]
    assert (row["n_a"], row["n_b"], row["u"]) == (n_a, n_b, u)
    assert row["p"] == pytest.approx(p, rel=1e-9)
    options = pd.read_csv(tmp_path / "runs/europe/tables/options.csv").set_index(["item", "city"])
    own = first[first["home.region"] == "Europe"][["Q2.2_1", "Q2.2_2", "Q2.2_3", "Q2.2_4"]]
    answered = (own == "1").any(axis=1)
    assert options.loc[("involved__first", "europe"), "n"] == answered.sum()
    assert options.loc[("involved__first", "europe"), "count"] == (own["Q2.2_1"] == "1").sum()


STUDIES = ["somerville", "digital_recruiting", "software_2017", "software_2018", "donors"]


@pytest.mark.parametrize("name", STUDIES)
def test_every_survey_becomes_a_study_by_yaml_alone(name):
    """U and p of every ordinal item and pair of groups are those that SciPy finds in the respondents' rows."""
    study = cssp.load_study(HERE / name)
    assert not errors_in(find_problems(study))
    answers = cssp.load_survey(study)
    between = "city" if len(study.cities) > 1 else "sector"
    freq = cssp.frequency_table(answers, study.questionnaire.names("ordinal"), by=[between])
    pairs = cssp.compare_groups(freq, between)
    assert len(pairs) >= 2
    for row in pairs.itertuples():
        a, b = (
            answers.loc[answers[between] == side, row.item].dropna().astype(float)
            for side in (row.group_a, row.group_b)
        )
        special = answers.codebook[row.item]["special"]
        a, b = a[~a.isin(special)], b[~b.isin(special)]
        slow = mannwhitneyu(a, b, method="asymptotic")
        assert (row.n_a, row.n_b, row.u) == (len(a), len(b), slow.statistic)
        # SciPy's asymptotic p is that of z; in a group of fewer than 10 the table's is exact
        asymptotic = 2 * ndtr(-abs(row.z))
        assert asymptotic == pytest.approx(slow.pvalue, rel=1e-9)
        assert row.p == asymptotic or min(row.n_a, row.n_b) < 10
        crossed = pd.crosstab(
            np.repeat(["a", "b"], [len(a), len(b)]), np.concatenate([a, b])
        ).to_numpy()
        assert row.chi2 == pytest.approx(
            chi2_contingency(crossed, correction=False).statistic, rel=1e-9
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["somerville", "digital_recruiting", "donors", "software_2018"])
def test_the_notebook_runs_on_every_kind_of_survey(name, tmp_path):
    """One city, durations, four cities and one sector: sections without data say so and nothing stops."""
    run(HERE / name, tmp_path / "runs")


def test_a_duplicated_organisation_is_noticed_unless_the_study_says_which_to_keep(tmp_path):
    copy = tmp_path / "tests" / "real" / "ngo"
    shutil.copytree(HERE / "ngo_governments", copy)
    path = copy / "cities/europe/city.yaml"
    text = path.read_text("utf-8").replace("duplicates: first", "duplicates: error")
    path.write_text(text.replace("../../../../../../shared/real", str(REAL)), encoding="utf-8")
    found = find_problems(cssp.load_study(copy), ["europe"])
    assert any("stands already on row" in problem.what for problem in errors_in(found))


@pytest.mark.parametrize(
    "name",
    [
        "somerville_2015.csv",
        "forms_ru_digital_recruiting.csv",
        "forms_ru_digital_recruiting.xlsx",
        "limesurvey_2017_uk.csv",
        "qualtrics_donors_to_ngos.csv",
        "ess5_russia.sav",
    ],
)
def test_every_real_survey_file_is_read_whole(name):
    table = cssp.read_table(REAL / "survey" / name)
    assert len(table.data) > 100
    assert table.data.shape[1] >= 7
    assert not [column for column in table.data.columns if "\ufeff" in str(column)]


def test_oktmo_codes_show_the_urban_okrugs(study):
    """The count of urban okrugs in the desk data: cities whose OKTMO code is that of an urban okrug."""
    table = cssp.read_table(REAL / "desk" / "cities_of_russia.csv").data
    for city, prefix in (("vologda", "197"), ("petrozavodsk", "867")):
        count = int(table["oktmo"].str.startswith(prefix).sum())
        desk = cssp.load_desk(study, [city])
        shipped = desk[(desk["indicator"] == "municipalities") & (desk["kind"] == "urban_okrug")][
            "value"
        ]
        assert set(shipped) == {count}


def test_no_real_file_is_in_the_project():
    names = {path.name for path in REAL.rglob("*") if path.is_file()} - {"MANIFEST.md"}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert not names & {Path(name).name for name in tracked}
