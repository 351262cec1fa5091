"""The attack on published tables: nothing is given away by what notebooks show, and every planted leak is found."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from survey_answers import FIVE, item

import cssp
from cssp.privacy.attack import attack
from cssp.privacy.hidden_counts import system_of
from cssp.privacy.publish import publish, what_points_at_people
from cssp.privacy.published import read_published
from cssp.study.problems import RunError
from cssp.synthesis.joint import theme_balances

SECTORS = ["authorities", "business", "npo"]
STUDIES = range(int(os.environ.get("CSSP_PRIVACY", "60")))


def made(folder, sizes: dict[str, int], seed: int, share: float = 1.0):
    """Write a study of one town with groups of these sizes; a share of them answers each item."""
    rng = np.random.default_rng(seed)
    who = [sector for sector, n in sizes.items() for _ in range(n)]
    rows = pd.DataFrame({"id": [f"r{n}" for n in range(len(who))], "side": who})
    asked = {"q1": SECTORS, "q2": SECTORS, "q3": ["business", "npo"], "q4": ["authorities", "npo"]}
    for name, sectors in asked.items():
        answers = rng.choice([1, 2, 3, 4, 5, 97], len(who)).astype(object)
        kept = rows["side"].isin(sectors) & (rng.random(len(who)) < share)
        rows[name] = pd.Series(answers).where(kept, "")
    town = folder / "cities" / "town"
    town.mkdir(parents=True)
    rows.to_csv(town / "a.csv", index=False)
    themes = {"q1": "a", "q2": "a", "q3": "b", "q4": "c"}
    items = [
        item(name, "ordinal", scale="five", theme=themes[name], asked_of=sectors)
        for name, sectors in asked.items()
    ]
    label = {"en": "All"}
    book = {"scales": {"five": FIVE}, "sections": [{"name": "all", "label": label, "items": items}]}
    city = {
        "name": {"en": "Town"},
        "region": {"en": "Region"},
        "survey": {
            "file": "a.csv",
            "provenance": {"source": "made for a test"},
            "respondent": "id",
            "sector": {"column": "side", "values": {one: one for one in SECTORS}},
        },
    }
    study = {
        "title": {"en": "S"},
        "languages": ["en"],
        "cities": ["town"],
        "smallest_cell": 5,
        "sectors": {one: {"label": {"en": one}} for one in SECTORS},
        "themes": {one: {"label": {"en": one}} for one in "abc"},
    }
    for path, content in (
        (folder / "study.yaml", study),
        (folder / "questionnaire.yaml", book),
        (town / "city.yaml", city),
    ):
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return cssp.load_study(folder)


def shown(study, folder):
    """Write the tables of a run that tell of the survey, as the notebooks make them."""
    answers = cssp.load_survey(study)
    smallest = study.file.smallest_cell
    sizes = cssp.group_sizes(answers, ["city", "sector"], smallest)
    names = study.questionnaire.names("ordinal")
    freq = cssp.visible(cssp.frequency_table(answers, names, ["city", "sector"]), sizes, smallest)
    tables = {
        "respondents": sizes,
        "frequencies": cssp.readable(freq),
        "answers": cssp.distribution(freq),
        "balances": cssp.net_balance(freq, "plain"),
        "described": cssp.describe(freq),
        "nonresponse": cssp.item_nonresponse(freq, answers),
        "theme_balances": theme_balances(freq, study.questionnaire),
    }
    rows = cssp.visible_answers(cssp.shown_respondents(answers, sizes), freq)
    if len(rows):
        weights = pd.Series(1.0, index=rows.index)
        tables["weighted"] = cssp.weighted_balances(rows, names, weights, by=["city", "sector"])
    place = folder / "town" / "tables"
    place.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(place / f"{name}.csv", index=False)
    return place


@pytest.mark.parametrize("seed", STUDIES)
def test_nothing_of_a_hidden_group_follows_from_what_is_shown(tmp_path, seed):
    """Random studies with groups of 1 to 6 beside large ones: no hidden count is determined."""
    rng = np.random.default_rng(seed)
    sizes = {name: int(rng.integers(15, 40)) for name in SECTORS}
    for name in rng.choice(SECTORS, int(rng.integers(1, 3)), replace=False):
        sizes[str(name)] = int(rng.integers(1, 7))
    study = made(tmp_path / "study", sizes, seed, share=float(rng.choice([1.0, 0.8])))
    shown(study, tmp_path / "results")
    found = attack(read_published(tmp_path / "results"), study)
    assert found.empty, found.to_string()
    told = what_points_at_people(tmp_path / "results", study)
    assert told.empty, told.to_string()


@pytest.mark.parametrize("leak", ["counts", "long", "shares"])
def test_a_total_beside_the_groups_is_found(tmp_path, leak):
    """One of 27 business, 31 authorities and 1 NPO: with the city's totals its answers follow."""
    sizes = {"authorities": 31, "business": 27, "npo": 1}
    study = made(tmp_path / "study", sizes, 1)
    place = shown(study, tmp_path / "results")
    answers = cssp.load_survey(study)
    groups = cssp.frequency_table(answers, ["q1"], ["city", "sector"])
    whole = cssp.frequency_table(answers, ["q1"], ["city"])
    told = cssp.readable(groups)
    told[told["sector"] != "npo"].to_csv(place / "by_sector.csv", index=False)
    table = {
        "counts": cssp.readable(whole),
        "long": cssp.distribution(whole),
        "shares": cssp.net_balance(whole, "plain"),
    }[leak]
    table.to_csv(place / "whole.csv", index=False)
    found = attack(read_published(tmp_path / "results"), study)
    truth = cssp.readable(groups).query("sector == 'npo'").iloc[0]
    own = found[(found["sector"] == "npo") & (found["low"] == found["high"])]
    assert len(own), found.to_string()
    for row in own.itertuples():
        assert row.item == "q1" and truth[row.answer] == row.low
        assert "whole.csv" in row.by


def test_two_hidden_groups_of_three_and_one_are_not_protected_by_each_other(tmp_path):
    study = made(tmp_path / "study", {"authorities": 3, "business": 27, "npo": 1}, 2)
    sizes = cssp.group_sizes(cssp.load_survey(study), ["city", "sector"], 5)
    assert not sizes["shown"].any()  # 3 + 1 are fewer than 5: the next group is hidden too


def test_bounds_agree_with_the_truth(tmp_path):
    """Whatever the tables say, the true counts lie between the bounds."""
    study = made(tmp_path / "study", {"authorities": 4, "business": 20, "npo": 6}, 3)
    place = shown(study, tmp_path / "results")
    answers = cssp.load_survey(study)
    cssp.readable(cssp.frequency_table(answers, ["q1", "q3"], ["city"])).to_csv(
        place / "whole.csv", index=False
    )
    system = system_of(
        read_published(tmp_path / "results"), study.questionnaire, "town", study.file.sectors
    )
    true = cssp.readable(
        cssp.frequency_table(answers, ["q1", "q2", "q3", "q4"], ["city", "sector"])
    )
    counts = true.set_index(["sector", "item"])
    sizes = answers.groupby("sector", observed=False).size()
    values = np.zeros(len(system.unknowns))
    for (sector, name, code), place_of in system.unknowns.items():
        values[place_of] = counts.loc[(sector, name), code] if name else sizes[sector]
    for row, low, high in zip(system.rows, system.low, system.high, strict=True):
        told = sum(weight * values[place_of] for place_of, weight in row.items())
        assert low - 1e-4 <= told <= high + 1e-4


# ---------------------------------------------------------------- what is no data


def kinds(folder, study):
    return set(what_points_at_people(folder, study)["kind"])


def test_other_traces_are_found_each(tmp_path, monkeypatch):
    import socket

    study = made(tmp_path / "study", {"authorities": 31, "business": 27, "npo": 20}, 4)
    results = tmp_path / "results"
    place = shown(study, results)
    assert what_points_at_people(results, study).empty
    monkeypatch.setattr(socket, "gethostname", lambda: "annas-laptop")
    (results / "log.json").write_text('{"worker": "annas-laptop:17"}', encoding="utf-8")
    assert kinds(results, study) == {"machine"}
    (results / "log.json").write_text('{"study": "/Users/anna/secret/study"}', encoding="utf-8")
    assert kinds(results, study) == {"path"}
    (results / "log.json").unlink()
    weighted = pd.DataFrame(
        [{"item": "q1", "city": "town", "sector": "npo", "n": 1, "balance": 1.0}]
    )
    weighted.to_csv(place / "weighted.csv", index=False)
    assert kinds(results, study) == {"small group"}
    (place / "weighted.csv").unlink()
    problems = pd.DataFrame([{"severity": "error", "file": "a.csv", "row": 7, "value": "Ivanova"}])
    problems.to_csv(place / "problems_survey.csv", index=False)
    assert kinds(results, study) == {"row or value"}
    (place / "problems_survey.csv").unlink()
    import hashlib

    content = (tmp_path / "study" / "cities" / "town" / "a.csv").read_bytes()
    (results / "manifest.json").write_text(hashlib.sha256(content).hexdigest(), encoding="utf-8")
    assert kinds(results, study) == {"hash"}
    (results / "manifest.json").unlink()
    import docx

    document = docx.Document()
    document.core_properties.author = "Anna"
    document.save(results / "a.docx")
    assert kinds(results, study) == {"author"}


def test_names_and_open_answers_are_found_in_any_form(tmp_path):
    from conftest import ROOT

    shutil.copytree(ROOT / "data", tmp_path / "study")
    town = tmp_path / "study" / "cities" / "vologda"
    (town / "names.csv").write_text("name,replacement\nИванов,[глава]\n", encoding="utf-8")
    text = (town / "city.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "  segments: segments.csv\n", "  segments: segments.csv\n  pseudonyms: names.csv\n"
    )
    (town / "city.yaml").write_text(text, encoding="utf-8")
    study = cssp.load_study(tmp_path / "study")
    results = tmp_path / "results"
    results.mkdir()
    (results / "page.html").write_text("<p>Мы говорили с Ива<b>новым</b>.</p>", encoding="utf-8")
    assert kinds(results, study) == {"name"}
    (results / "page.html").write_text("<p>Мы говорили с главой.</p>", encoding="utf-8")
    assert kinds(results, study) == set()
    told = cssp.load_survey(study)["open_change"].dropna()
    answer = next((str(text) for text in told if len(str(text)) >= 12), None)
    if answer is None:
        pytest.skip("the default study has no long open answer")
    (results / "page.html").write_text(f"<p>{answer}</p>", encoding="utf-8")
    assert kinds(results, study) == {"open answer"}


def test_publishing_is_refused_while_something_is_found(tmp_path):
    study = made(tmp_path / "study", {"authorities": 31, "business": 27, "npo": 20}, 5)
    results, target = tmp_path / "results", tmp_path / "public"
    place = shown(study, results)
    (results / ".hidden").write_text("x", encoding="utf-8")
    assert publish(results, target, study) == 8
    assert not (target / ".hidden").exists()
    assert (target / "town" / "tables" / "balances.csv").read_bytes() == (
        place / "balances.csv"
    ).read_bytes()
    with pytest.raises(RunError, match="is there already"):
        publish(results, target, study)
    (results / "log.txt").write_text("/Users/anna/study", encoding="utf-8")
    with pytest.raises(RunError, match="nothing was written"):
        publish(results, tmp_path / "other", study)
    assert not (tmp_path / "other").exists()


def test_a_folder_that_is_none_is_refused(tmp_path, study):
    with pytest.raises(cssp.DataError, match="no such folder"):
        what_points_at_people(tmp_path / "none", study)
