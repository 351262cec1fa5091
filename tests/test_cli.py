"""The command as a new user types it: exit codes, one clear sentence, nothing half-written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import yaml
from conftest import ROOT

import cssp


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cssp", *words],
        capture_output=True,
        text=True,
        cwd=cwd or ROOT,
        timeout=300,
        encoding="utf-8",
    )


def test_check_says_how_files_are_read_and_that_all_is_well():
    told = run("check")
    assert told.returncode == 0
    assert "No problems found." in told.stdout
    assert "encoding utf-8" in told.stdout


def test_check_lists_every_problem_and_exits_with_2(copy):
    path = copy / "cities/petrozavodsk/survey.csv"
    path.write_text(path.read_text("utf-8").replace("P003,", "P002,", 1), encoding="utf-8")
    (copy / "cities/vologda/segments.csv").unlink()
    told = run("check", "--study", str(copy), "--csv", str(copy / "problems.csv"))
    assert told.returncode == 2
    assert "'P002' stands already on row 4" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr
    table = pd.read_csv(copy / "problems.csv")
    assert table.columns.tolist() == [
        "severity",
        "file",
        "row",
        "column",
        "value",
        "what",
        "remedy",
    ]
    assert len(table) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check", "volgda"], "Did you mean 'vologda'"),
        (["check", "--study", "nowhere"], "There is no such folder"),
        (["run", "volgda"], "Did you mean 'vologda'"),
        (["run", "-p", "sead=3"], "has no parameter 'sead'. Did you mean 'seed'"),
        (["run", "-p", "city=vologda"], "name cities as arguments"),
        (["run", "-p", "seed"], "write NAME=VALUE"),
        (["run", "--notebook", "07"], "There is no notebook '07'"),
        (["run", "--language", "rus"], "Did you mean 'ru'"),
        (["add", "x/y", "--survey", "a.csv"], "cannot be the name of a city's folder"),
        (["add", "vologda", "--survey", "a.csv"], "is there already"),
    ],
)
def test_mistakes_get_one_sentence_and_exit_code_2(tmp_path, words, says):
    output = ["--output", str(tmp_path / "runs")] if words[0] == "run" else []
    told = run(*words, *output, cwd=tmp_path)
    assert told.returncode == 2
    assert says in (told.stdout + told.stderr)
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "runs").exists()


def test_a_run_with_bad_input_writes_nothing(copy, tmp_path):
    (copy / "cities/vologda/survey.csv").write_text("", encoding="utf-8")
    told = run("run", "vologda", "--study", str(copy), "--output", str(tmp_path / "runs"))
    assert told.returncode == 2
    assert "is empty" in told.stdout
    assert "Nothing was written." in told.stderr
    assert not (tmp_path / "runs").exists()


def test_new_makes_a_study_that_checks_and_is_not_overwritten(tmp_path):
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    told = run("check", "--study", "mine", cwd=tmp_path)
    assert told.returncode == 0, told.stdout
    again = run("new", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert "not empty" in again.stderr


def test_add_reads_columns_and_labels_and_marks_what_it_could_not_match(tmp_path):
    run("new", "mine", cwd=tmp_path)
    survey = tmp_path / "answers.csv"
    survey.write_text(
        "№;Сектор;Как Вы оцениваете пользу НКО?;Что-то ещё\n1;Власть;хорошо;x\n2;НКО;отлично;y\n3;Бизнес;плохо;z\n",
        encoding="utf-8-sig",
    )
    told = run("add", "pskov", "--survey", str(survey), "--study", "mine", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "values to map: отлично" in told.stdout
    text = (tmp_path / "mine/cities/pskov/city.yaml").read_text(encoding="utf-8")
    proposal = yaml.safe_load(text)
    assert proposal["survey"]["items"]["npo_useful"]["column"] == "Как Вы оцениваете пользу НКО?"
    assert proposal["survey"]["sector"]["values"] == {
        "Власть": "authorities",
        "НКО": "npo",
        "Бизнес": "business",
    }
    assert "TODO: map these values under `values`: отлично" in text
    assert cssp.load_study(tmp_path / "mine").cities == ["my_city", "pskov"]
    # the value that was not matched is refused, not guessed
    checked = run("check", "pskov", "--study", "mine", cwd=tmp_path)
    assert checked.returncode == 2
    assert "'отлично' is not an answer" in checked.stdout


def test_add_takes_value_labels_from_spss(tmp_path):
    import pyreadstat

    run("new", "mine", cwd=tmp_path)
    frame = pd.DataFrame({"id": [1.0, 2.0], "npo_useful": [1.0, 5.0], "sector": [1.0, 2.0]})
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "a.sav"),
        variable_value_labels={"sector": {1: "Authorities", 2: "Non-profits"}},
    )
    assert run("add", "pskov", "--survey", "a.sav", "--study", "mine", cwd=tmp_path).returncode == 0
    # what a person must decide is refused until it is decided
    told = run("check", "pskov", "--study", "mine", cwd=tmp_path)
    assert told.returncode == 2
    assert "still to be filled in" in told.stdout
    path = tmp_path / "mine/cities/pskov/city.yaml"
    path.write_text(path.read_text("utf-8").replace("TODO: ", ""), encoding="utf-8")
    assert run("check", "pskov", "--study", "mine", cwd=tmp_path).returncode == 0
    answers = cssp.load_survey(cssp.load_study(tmp_path / "mine"), ["pskov"])
    assert answers["sector"].tolist() == ["authorities", "npo"]


def test_schemas_accept_the_default_study_and_refuse_a_wrong_key(tmp_path):
    assert run("schema", str(tmp_path)).returncode == 0
    for file, schema in (
        ("study.yaml", "study"),
        ("questionnaire.yaml", "questionnaire"),
        ("codes.yaml", "codes"),
        ("indicators.yaml", "indicators"),
        ("cities/vologda/city.yaml", "city"),
    ):
        rules = json.loads((tmp_path / f"{schema}.schema.json").read_text(encoding="utf-8"))
        data = yaml.safe_load((ROOT / "data" / file).read_text(encoding="utf-8"))
        jsonschema.validate(data, rules)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, "wrong": 1}, rules)


def test_the_schemas_in_docs_are_those_of_the_models(tmp_path):
    run("schema", str(tmp_path))
    for path in sorted(tmp_path.glob("*.json")):
        assert path.read_text("utf-8") == (ROOT / "docs" / "schemas" / path.name).read_text(
            "utf-8"
        ), "run `make docs`"


@pytest.mark.parametrize(
    ("listed", "ok"),
    [
        ("cities: [my_city]  # see [1]", True),
        ("cities:\n  - my_city\nsmallest_cell: 4", True),
        ("cities: [\n  my_city]", False),
    ],
)
def test_add_changes_the_list_of_cities_or_says_that_it_cannot(tmp_path, listed, ok):
    run("new", "mine", cwd=tmp_path)
    path = tmp_path / "mine/study.yaml"
    lines = [
        line
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith(("cities:", "smallest_cell"))
    ]
    path.write_text("\n".join([*lines, listed]) + "\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("npo_useful,sector\n1,npo\n2,npo\n", encoding="utf-8")
    told = run("add", "pskov", "--survey", "a.csv", "--study", "mine", cwd=tmp_path)
    assert told.returncode == (0 if ok else 2), told.stderr
    assert ("pskov" in cssp.load_study(tmp_path / "mine").cities) is ok
    assert (tmp_path / "mine/cities/pskov/city.yaml").exists() is ok


def test_files_that_cannot_be_written_are_told(tmp_path):
    (tmp_path / "taken").write_text("x")
    for words in (["new", "taken/mine"], ["check", "--csv", "/proc/none/x.csv"]):
        told = run(*words, cwd=tmp_path)
        assert told.returncode == 2, told.stderr
        assert "Traceback" not in told.stderr


def test_a_questionnaire_is_drafted_and_answers_are_exported(tmp_path, copy):
    survey = copy / "cities" / "vologda" / "survey.csv"
    told = run("draft-questionnaire", str(survey), "-o", str(tmp_path / "q.yaml"), "-l", "ru")
    assert "was taken for a plain table" in told.stdout
    assert "ordinal:" in told.stdout
    again = run("draft-questionnaire", str(survey), "-o", str(tmp_path / "q.yaml"))
    assert again.returncode == 2
    assert "there already" in again.stderr
    assert "Traceback" not in again.stderr
    told = run("export", str(tmp_path / "out.csv"), "--study", str(copy), "--city", "vologda")
    assert "out_codebook.csv" in told.stdout
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 93
    refused = run("export", str(tmp_path / "out.doc"), "--study", str(copy))
    assert refused.returncode == 2
    assert ".sav or .csv" in refused.stderr
    assert not (tmp_path / "out.doc").exists()
