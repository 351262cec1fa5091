"""Tests of `interviews/exchange/qualcoder`."""

from __future__ import annotations

import sqlite3

import pytest
from coded_projects import qualcoder

import cssp
from cssp import DataError


def test_a_qualcoder_project_is_read_and_can_go_to_any_other_tool(tmp_path):
    folder = tmp_path / "study.qda"
    qualcoder(folder / "data.qda")
    before = (folder / "data.qda").read_bytes()
    project = cssp.read_qualcoder(folder)
    assert project.codes["path"].tolist() == [
        "barriers",
        "barriers > money",
        "barriers > money > too little",
        "people",
    ]
    assert project.codes["codable"].tolist() == [False, False, True, True]
    assert project.segments[["coder", "code", "quotation"]].to_numpy().tolist() == [
        ["anna", "too little", "Денег нет"],
        ["boris", "people", "Людей нет"],
    ]
    assert project.texts.loc[0, ["case", "founded", "held"]].tolist() == [
        "NPO 1",
        "2011",
        "2024-03-01",
    ]
    assert "1 codings of images, 1 files without text" in project.warnings[-1].what
    assert (folder / "data.qda").read_bytes() == before
    cssp.write_qdpx(project, tmp_path / "a.qdpx")
    assert cssp.open_project(tmp_path / "a.qdpx").segments.equals(project.segments)
    assert cssp.open_project(folder / "data.qda").segments.equals(project.segments)


def test_sqlite_files_that_are_none_locked_or_something_else(tmp_path):
    path = tmp_path / "x.sqlite3"
    path.write_text("no database")
    for read in (cssp.read_taguette, cssp.read_qualcoder):
        with pytest.raises(DataError, match="not a SQLite file"):
            read(path)
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / "missing")
    path.write_bytes(b"SQLite format 3\x00" + b"\x01" * 5000)
    with pytest.raises(DataError, match="damaged|cannot be read"):
        cssp.read_taguette(path)
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE other (id)")
    base.close()
    for read in (cssp.read_taguette, cssp.read_qualcoder):
        with pytest.raises(DataError, match="has no table"):
            read(path)
    with pytest.raises(DataError, match="neither QualCoder's nor Taguette's"):
        cssp.open_project(path)
    path.unlink()
    qualcoder(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DataError, match="locked"):
        cssp.read_qualcoder(path)
    holder.execute("ROLLBACK")
    holder.close()
    assert len(cssp.read_qualcoder(path).codings) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("UPDATE code_cat SET supercatid = 2 WHERE catid = 1", "goes round in a circle"),
        ("UPDATE code_text SET pos1 = 99", "lies outside its text"),
        ("UPDATE code_text SET pos0 = 'x'", "no whole number"),
        ("UPDATE code_text SET cid = 77", "unknown code"),
    ],
)
def test_qualcoder_databases_that_do_not_fit(line, told, tmp_path):
    with pytest.raises(DataError, match=told):
        cssp.read_qualcoder(qualcoder(tmp_path / "data.qda", (line,)))
