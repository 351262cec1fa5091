"""`cssp disagreements` and `cssp resolve`: the list in the study's language, and the consensus back in a project."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from conftest import ROOT
from typer.testing import CliRunner

import cssp
from cssp.cli.main import app
from cssp.interviews.disagreement_pages import write_disagreements
from cssp.show.labels import Labels


@pytest.fixture
def folder(tmp_path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "study")
    return tmp_path / "study"


def said(*arguments: object) -> str:
    told = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


@pytest.mark.parametrize(
    ("language", "keep", "drop"), [("ru", "оставить", "снять"), ("en", "keep", "drop")]
)
def test_from_disagreements_to_a_consensus(folder, tmp_path, language, keep, drop):
    study = cssp.load_study(folder)
    segments, interviews = cssp.load_coded(study, ["vologda"])
    disputed = cssp.disagreements(segments, interviews)
    path = tmp_path / "list.xlsx"
    assert str(len(disputed)) in said(
        "disagreements", path, "--city", "vologda", "--study", folder, "-l", language
    )
    book = openpyxl.load_workbook(path)
    sheet = book.active
    labels = Labels(study, language)
    heads = [cell.value for cell in sheet[1]]
    assert heads[0] == labels.words("passage")
    codes = {row[3].value for row in sheet.iter_rows(min_row=2)}
    assert codes == {labels.code(code) for code in disputed["code"]}
    column = heads.index(labels.words("decision")) + 1
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = keep if row % 2 else drop
    book.save(path)
    project = tmp_path / "consensus.qdpx"
    record = tmp_path / "record.csv"
    told = said(
        "resolve", path, project, "--city", "vologda", "--study", folder, "--record", record
    )
    decided = pd.read_csv(record)
    kept = (decided["status"] == "kept").sum()
    assert kept == len(range(3, len(disputed) + 2, 2))
    assert f"{kept} kept" in told and "0 open" in told
    opened = cssp.open_project(project)
    consensus = cssp.project_tables(opened, coders=["consensus"])[0]
    assert len(consensus) == kept + (decided["status"] == "agreed").sum()


def test_the_whole_study_goes_into_one_project(folder, tmp_path):
    path, target = tmp_path / "list.csv", tmp_path / "all.qdpx"
    said("disagreements", path, "--study", folder)
    said("resolve", path, target, "--study", folder)
    coders = set(cssp.open_project(target).users["coder"])
    assert {"A", "B", "consensus"} <= coders


def test_an_interviewees_words_are_no_formula(folder, tmp_path):
    study = cssp.load_study(folder)
    segments, interviews = cssp.load_coded(study, ["vologda"])
    table = cssp.disagreements(segments, interviews).head(2)
    table["quotation"] = ["=1+1", "page\x0cbreak"]
    write_disagreements(table, tmp_path / "list.xlsx", Labels(study, "ru"))
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=1+1", "page break"} <= {cell.value for cell in cells}


def test_a_wrong_name_is_one_sentence(folder, tmp_path):
    path = tmp_path / "list.csv"
    said("disagreements", path, "--study", folder)
    told = CliRunner().invoke(
        app, ["resolve", str(path), str(tmp_path / "x.txt"), "--study", str(folder)]
    )
    assert "should end in .qdpx or .csv" in str(told.exception)


def test_a_table_with_headings_of_its_own_is_added_and_read(folder, tmp_path):
    """Headings, separator and coder are told on the command line and kept in city.yaml."""
    path = tmp_path / "coded.csv"
    pd.DataFrame(
        {
            "Беседа": ["i1", "i1", "i2"],
            "Шифр": ["Деньги/Мало денег", "Помещения", "Деньги/Мало денег"],
            "Слова": ["денег нет", "негде работать", "грант кончился"],
        }
    ).to_csv(path, index=False)
    told = said(
        *("add", "newtown", "--interviews", path, "--study", folder, "--coder", "Anna"),
        *("--separator", "/", "--heading", "interview=Беседа"),
        *("--heading", "code=Шифр", "--heading", "quotation=Слова"),
    )
    assert "Деньги" in told
    target = folder / "cities" / "newtown" / "city.yaml"
    text = target.read_text(encoding="utf-8")
    assert 'separator: "/"' in text and 'coder: "Anna"' in text and 'code: "Шифр"' in text
    for old, new in (
        ('Мало денег": TODO', 'Мало денег": eco_underfunding'),
        ('Помещения": TODO', 'Помещения": ""'),
    ):
        text = text.replace(old, new)
    target.write_text(text.replace("TODO", "known"), encoding="utf-8")
    segments, interviews = cssp.load_coded(cssp.load_study(folder), ["newtown"])
    assert segments[["interview", "coder", "code"]].to_numpy().tolist() == [
        ["i1", "Anna", "eco_underfunding"],
        ["i2", "Anna", "eco_underfunding"],
    ]
    wrong = CliRunner().invoke(
        app,
        ["add", "x", "--interviews", str(path), "--study", str(folder), "--heading", "wer=Шифр"],
    )
    assert "says one of interview, code" in str(wrong.exception)
