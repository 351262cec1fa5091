"""Tests of `interviews/exchange/rqda`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import cssp
from cssp.simulate.coded import RQDA_TABLES


def rqda(path: Path, text: str = "🙏 Денег нет. Людей нет.") -> Path:
    """A project as RQDA keeps it, by the tables of its help page."""
    with sqlite3.connect(path) as base:
        base.executescript(RQDA_TABLES)
        base.execute(
            "CREATE TABLE caseAttr (variable text, value text, caseID integer, date text, "
            "dateM text, owner text, status integer)"
        )
        base.execute("INSERT INTO source VALUES ('i1', 1, ?, 'a memo', 'A', '', '', 1)", (text,))
        base.execute("INSERT INTO source VALUES ('old', 2, 'x', '', 'A', '', '', 0)")
        for name, key, status in (
            ("Деньги", 1, 1),
            ("Другое", 2, 1),
            ("Другое", 3, 1),
            ("y", 4, 0),
        ):
            base.execute("INSERT INTO freecode VALUES (?, '', 'A', '', '', ?, ?, '')",
                         (name, key, status))  # fmt: skip
        for name, key in (("Барьеры", 1), ("Опора", 2)):
            base.execute("INSERT INTO codecat VALUES (?, 0, ?, 'A', '', '', '', 1)", (name, key))
        for code, category in ((1, 1), (2, 1), (3, 2)):
            base.execute("INSERT INTO treecode VALUES (?, ?, '', '', '', 1, 'A')", (code, category))
        for code, words, owner, status in (
            (1, "Денег нет", "Анна", 1), (2, "Людей нет", "Анна", 1), (3, "Людей нет", "Борис", 1),
            (1, "Людей", "Борис", 0),
        ):  # fmt: skip
            at = text.index(words)
            base.execute("INSERT INTO coding VALUES (?, 1, ?, ?, ?, ?, ?, '', '')",
                         (code, words, at, at + len(words), status, owner))  # fmt: skip
        base.execute("INSERT INTO cases VALUES ('Клуб', '', 'A', '', '', 7, 1)")
        base.execute("INSERT INTO caselinkage VALUES (7, 1, 0, 5, 1, 'A', '', '')")
        base.execute("INSERT INTO caseAttr VALUES ('сфера', 'спорт', 7, '', '', 'A', 1)")
    return path


def test_an_rqda_project(tmp_path):
    project = cssp.open_project(rqda(tmp_path / "p.rqda"))
    told = project.segments[["interview", "coder", "quotation"]].to_numpy().tolist()
    assert told == [["i1", "Анна", "Денег нет"], ["i1", "Анна", "Людей нет"],
                    ["i1", "Борис", "Людей нет"]]  # fmt: skip
    paths = dict(zip(project.codes["guid"], project.codes["path"], strict=True))
    assert [paths[guid] for guid in project.codings["code_guid"]] == [
        "Барьеры > Деньги", "Барьеры > Другое", "Опора > Другое"
    ]  # fmt: skip
    assert project.texts[["case", "сфера"]].to_numpy().tolist() == [["Клуб", "спорт"]]
    (warning,) = [p.what for p in project.warnings if "Left behind" in p.what]
    for part in ("1 files", "1 codes", "1 codings", "1 memos of files"):
        assert part in warning
