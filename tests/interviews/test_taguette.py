"""Tests of `interviews/exchange/taguette`."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest
from coded_projects import REAL, real, taguette

import cssp
from cssp import DataError
from cssp.interviews.exchange.taguette import plain_text


def test_a_taguette_project_is_read_with_places_in_code_points(tmp_path):
    project = cssp.read_taguette(taguette(tmp_path / "t.sqlite3"))
    assert project.segments[["coder", "code", "quotation"]].to_numpy().tolist() == [
        ["anna", "money.little", "Денег\xa0нет"],
        ["anna", "people", "Денег\xa0нет"],
        ["?", "people", "Людей"],
    ]
    assert project.codes["path"].tolist() == ["money", "money > money.little", "people"]
    selections = project.root.findall(".//{*}PlainTextSelection")
    assert len(selections) == 3, "a highlight without a tag stays a selection"
    assert project.codings["created"].iloc[0] == "2024-01-02T03:04:05"


def test_a_codebook_that_taguette_imports(tmp_path):
    project = cssp.study_project(cssp.load_study(), ["vologda"])
    path = cssp.write_taguette_codebook(project, tmp_path / "codes.csv")
    table = pd.read_csv(path)
    assert list(table.columns) == ["path", "description"]
    assert len(table) == len(project.codes) == table["path"].nunique()
    assert (table["path"].str.count(r"\.") > 0).sum() == (project.codes["depth"] > 0).sum()


@real
def test_the_real_taguette_database_has_the_counts_of_the_manifest():
    path = REAL / "taguette_sample.sqlite3"
    project = cssp.read_taguette(path)
    told = project.counts().set_index("part")["count"]
    assert (told["text sources"], told["codes"], told["codings"]) == (10, 6, 24)
    assert project.codings["selection"].nunique() == 18
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as base:
        snippets = {
            " ".join(plain_text(html).split())
            for (html,) in base.execute("SELECT snippet FROM highlights")
        }
    assert {" ".join(words.split()) for words in project.segments["quotation"]} == snippets


def test_a_view_in_a_database_is_not_run(tmp_path):
    path = tmp_path / "x.sqlite3"
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW projects AS SELECT 1 AS id, 'x' AS name, '' AS description")
    base.close()
    with pytest.raises(DataError, match="has no table 'projects'"):
        cssp.read_taguette(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("UPDATE highlights SET end_offset = 999", "lies outside its document"),
        ("UPDATE highlights SET start_offset = 'x'", "no whole number"),
        ("INSERT INTO projects VALUES (2, 'other', '', '')", "holds 2 projects"),
        ("DELETE FROM projects", "holds 0 projects"),
    ],
)
def test_taguette_databases_that_do_not_fit(line, told, tmp_path):
    with pytest.raises(DataError, match=told):
        cssp.read_taguette(taguette(tmp_path / "t.sqlite3", (line,)))


def test_one_of_several_taguette_projects(tmp_path):
    path = taguette(tmp_path / "t.sqlite3", ("INSERT INTO projects VALUES (2, 'other', '', '')",))
    assert len(cssp.read_taguette(path, "study").codings) == 3
    assert len(cssp.read_taguette(path, 2).codings) == 0
    with pytest.raises(DataError, match="Did you mean 'study'"):
        cssp.read_taguette(path, "studi")
