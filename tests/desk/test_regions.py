"""All regions of the country: purposes, places, order by what counts, change."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from treasury_forms import write_form
from typer.testing import CliRunner

import cssp
from cssp.cli.main import app
from cssp.desk.purpose_figures import place_strips, purpose_bars, tile_map, tiles
from cssp.desk.purposes import SCOPES
from cssp.desk.territories import find_region, regions
from cssp.draft.region_forms import add_region_forms
from cssp.study.problems import CsspError, DataError, StudyError


@pytest.fixture(scope="module")
def study():
    return cssp.load_study()


@pytest.fixture(scope="module")
def table(study):
    return cssp.region_support(
        cssp.load_region_support(study), cssp.load_region_population(study), study.indicators
    )


def test_each_subsection_is_in_one_purpose(study) -> None:
    book = study.indicators
    money = cssp.load_region_support(study)
    assert set(money.loc[money["subsection"] != "", "purpose"]) <= set(book.purposes)
    assert "" not in set(money.loc[money["subsection"] != "", "purpose"])
    assert (book.purpose_of("0703"), book.purpose_of("0501")) == ("education", "housing")
    assert book.purpose_of("9900") == ""


def test_a_subsection_in_two_purposes_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "study"))
    path = folder / "indicators.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('subsections: ["08"]', 'subsections: ["08", "0703"]'), "utf-8")
    with pytest.raises(StudyError, match="0703 of 'culture' is in 'education' already"):
        _ = cssp.load_study(folder).indicators


def test_rates_and_ranks_are_those_of_the_slow_definition(study, table) -> None:
    money, people = cssp.load_region_support(study), cssp.load_region_population(study)
    social = [name for name, one in study.indicators.purposes.items() if one.social]
    rates = {}
    for region in money["region"].unique():
        own = money[
            (money["region"] == region) & (money["year"] == 2021) & (money["level"] == "local")
        ]
        residents = people[(people["region"] == region) & (people["year"] == 2021)][
            "population"
        ].item()
        rates[region] = own.loc[own["purpose"].isin(social), "support"].sum() / residents
    part = table.query("year == 2021 and level == 'local' and scope == 'social'").set_index(
        "region"
    )
    assert len(part) == 85
    for region, rate in rates.items():
        assert part.loc[region, "per_resident"] == pytest.approx(rate)
        assert part.loc[region, "rank"] == 1 + sum(other > rate for other in rates.values())
    assert set(table["scope"]) == set(SCOPES)
    wide = table.pivot_table(index=["region", "year", "level"], columns="scope", values="support")
    assert (wide["social_less_education"] <= wide["social"] + 1e-6).all()
    assert (wide["social"] <= wide["all_purposes"] + 1e-6).all()


def test_net_expenditure_leaves_out_what_passes_on(table) -> None:
    """The published finding's regions: all of 630, as the manifest of the forms has it."""
    own = table.query("year == 2021 and scope == 'all_purposes'").set_index(["region", "level"])
    assert own.loc[("Вологодская область", "subject"), "support"] / 1e6 == pytest.approx(
        644.495, abs=1e-3
    )
    assert own.loc[("Республика Карелия", "local"), "support"] / 1e6 == pytest.approx(
        0.419, abs=1e-3
    )
    assert (own["share"] >= own["share_gross"] - 1e-15).all()
    passed = 1 - own["share_gross"] / own["share"].where(own["share"] > 0)
    assert 0.02 < passed.xs("subject", level="level").median() < 0.57


def test_the_order_of_two_regions_under_each_scope(table) -> None:
    orders = cssp.order_by_scope(table, ["Вологодская область", "Республика Карелия"])
    local = orders.query("level == 'local'")
    assert set(local["ahead"]) == {"Вологодская область"}
    turned = cssp.order_by_scope(table, ["Республика Карелия", "Вологодская область"])
    assert turned["ahead"].tolist() == orders["ahead"].tolist()
    assert (turned["ratio"] * orders["ratio"]).dropna().to_numpy() == pytest.approx(1.0)
    with pytest.raises(CsspError, match="no region 'Карелия'"):
        cssp.order_by_scope(table, ["Карелия"])


def test_the_local_share_and_the_change(study, table) -> None:
    shares = cssp.local_shares(table)
    assert shares["local_share"].dropna().between(0, 1).all()
    change = cssp.national_change(table, cssp.load_prices(study))
    assert change.groupby("level")["change"].first().tolist() == [0.0, 0.0]
    last = change[change["year"] == 2021]
    assert last["real"].to_numpy() == pytest.approx(last["support"].to_numpy())
    # prices rose by 1.043 * 1.03 * 1.0491 * 1.0839 from December 2017
    first = change[change["year"] == 2017]
    factor = 1.043 * 1.03 * 1.0491 * 1.0839
    assert (first["real"] / first["support"]).to_numpy() == pytest.approx(factor)
    assert cssp.national_change(table, cssp.load_prices(study)[:0])["real"].isna().all()


def test_every_region_has_a_tile_of_its_own(study, table) -> None:
    places = tiles()
    assert set(places) == {region.name_ru for region in regions()}
    assert len({place[:2] for place in places.values()}) == 85
    assert (
        len({place[2] for place in places.values()}) == len({p[3] for p in places.values()}) == 85
    )
    show = cssp.Show(study, "ru", "desk", ["vologda"])
    now = table.query("year == 2021 and level == 'local' and scope == 'social'")
    ours = cssp.regions_of(study, study.cities)
    drawing = tile_map(now, "per_resident", ours, show.labels)
    framed = [p for p in drawing.figure.axes[0].patches if p.get_linewidth() > 2]
    assert len(drawing.figure.axes[0].patches) == 85 and len(framed) == 2
    strips = place_strips(table.query("year == 2021 and scope == 'social'"), ours, show.labels)
    assert len(strips.figure.axes) == 2
    parts = cssp.support_by_purpose(cssp.load_region_support(study), study.indicators)
    assert len(purpose_bars(parts, ["education"], show.labels).figure.axes) == 2


def test_a_region_s_name_is_told_where_the_pointer_rests(study, table) -> None:
    show = cssp.Show(study, "ru", "desk", ["vologda"])
    now = table.query("year == 2021 and level == 'local' and scope == 'social'")
    view = show.figure(tile_map(now, "per_resident", [], show.labels), "tile_map", "Карта")
    spots = view._repr_mimebundle_()[1]["cssp"]["spots"]
    assert len(spots) == 85
    told = {text.partition(":")[0]: place for text, *place in spots}
    assert set(told) == {region.name_ru for region in regions()}
    for left, top, width, height in told.values():
        assert left >= 0 and left + width <= 100 and top >= 0 and top + height <= 100
    # the tile of Kaliningrad, the country's west, lies left of that of Kamchatka
    assert told["Калининградская область"][0] + 50 < told["Камчатский край"][0]
    svg = view.picture("svg").decode()
    assert len(re.findall(r'<g id="spot-\d+"><title>', svg)) == 85
    assert "<title>Вологодская область: " in svg


def test_a_population_with_the_okrugs_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "study"))
    path = folder / "russia" / "residents.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    wrong = [
        "Тюменская область,2021,3782000,x," if line.startswith("Тюменская область,2021") else line
        for line in lines
    ]
    path.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="Тюменская область has 3782000 .* of its okrugs"):
        cssp.load_region_population(cssp.load_study(folder))
    wrong = [
        "Архангельская область,2021,1120687,x," if line.startswith("Архангельская область,2021") else line
        for line in lines
    ]  # fmt: skip
    path.write_text("\n".join(wrong) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="Архангельская область has 1120687"):
        cssp.load_region_population(cssp.load_study(folder))


def test_forms_of_many_regions_by_one_command(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "study"))
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text[: text.index("# All regions of the country")], "utf-8")
    for name in ("npo_support.csv", "forms.csv", "residents.csv"):
        (folder / "russia" / name).unlink()
    heap = tmp_path / "forms"
    heap.mkdir()
    names = {"karelia": ("Бюджет Республики Карелия", "86701000"),
             "komi": ("Бюджет Республики Коми", "87701000")}  # fmt: skip
    for number, (name, (budget, oktmo)) in enumerate(names.items()):
        write_form(heap / f"{name}.xlsx", budget=budget, oktmo=oktmo, seed=number)
    (heap / "broken.xlsx").write_bytes(b"no workbook")
    write_form(heap / "federal.xlsx", budget="Федеральный бюджет", oktmo="", seed=9)
    with zipfile.ZipFile(tmp_path / "forms.zip", "w") as archive:
        for file in heap.iterdir():
            archive.write(file, f"inner/{file.name}")
    result = CliRunner().invoke(
        app, ["add-forms", str(tmp_path / "forms.zip"), "--study", str(folder)]
    )
    assert result.exit_code == 0, result.output
    assert "2 of 4 forms read" in result.output.replace("\n", " ")
    first = (folder / "russia" / "npo_support.csv").read_bytes()
    log = list(csv.DictReader(io.StringIO((folder / "russia" / "forms.csv").read_text("utf-8"))))
    assert {row["file"]: row["status"] for row in log} == {
        "broken.xlsx": "refused", "federal.xlsx": "refused", "karelia.xlsx": "read", "komi.xlsx": "read"
    }  # fmt: skip
    study = cssp.load_study(folder)
    money = cssp.load_region_support(study)
    assert set(money["region"]) == {"Республика Карелия", "Республика Коми"}
    spending = cssp.npo_spending(cssp.read_form(heap / "komi.xlsx"))
    own = money[money["region"] == "Республика Коми"]
    assert own["support"].sum() == pytest.approx(spending["support"].sum())
    assert len(cssp.load_region_population(study)) == 0
    table = cssp.region_support(money, cssp.load_region_population(study), study.indicators)
    assert table["per_resident"].isna().all() and table["rank"].isna().all()
    # the folder gives the same bytes, and another form of the same year is refused
    again, _ = add_region_forms(study, [heap])
    assert (folder / "russia" / "npo_support.csv").read_bytes() == first
    write_form(tmp_path / "komi2.xlsx", budget=names["komi"][0], oktmo=names["komi"][1], seed=77)
    other, _ = add_region_forms(study, [tmp_path / "komi2.xlsx"])
    assert other["what"].item() == "There is a form of Республика Коми for 2021 already: komi.xlsx."
    replaced, _ = add_region_forms(study, [tmp_path / "komi2.xlsx"], replace=True)
    assert replaced["status"].item() == "read"
    assert np.isfinite(cssp.load_region_support(study)["support"]).all()
    assert isinstance(again, pd.DataFrame)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("ХМАО — Югра", "Ханты-Мансийский автономный округ — Югра"),
        ("РСО — Алания", "Республика Северная Осетия — Алания"),
        ("КБР", "Кабардино-Балкарская Республика"),
        ("Тюменская область без автономных округов", "Тюменская область"),
        ("Архангельская область (без НАО)", "Архангельская область"),
        ("Курск", "Курская область"),
        ("Пензы", "Пензенская область"),
        ("Бюджет Тверской области", "Тверская область"),
        ("С.-Петербург", "Санкт-Петербург"),
        ("Тува", "Республика Тыва"),
    ],
)
def test_a_region_by_its_usual_names(told: str, name: str) -> None:
    assert find_region(told).name_ru == name


@pytest.mark.parametrize(
    "told", ["КУРГ", "Алтай", "Архангельская область (с НАО)", "Читинская область", "Россия"]
)
def test_a_near_miss_is_asked(told: str) -> None:
    with pytest.raises(DataError):
        find_region(told)


@pytest.mark.parametrize("region", regions())
def test_every_region_by_its_own_names(region) -> None:
    for told in (
        region.name_ru,
        region.name_en,
        region.name_ru.upper(),
        f"Бюджет {region.name_ru}",
    ):
        assert find_region(told) == region
