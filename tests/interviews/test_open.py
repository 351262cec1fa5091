"""Tests of `interviews/exchange/open`."""

from __future__ import annotations

import pytest
from conftest import ROOT

import cssp
from cssp import CsspError, DataError


def test_one_coders_part_of_a_project(tmp_path):
    import dataclasses

    project = cssp.study_project(cssp.load_study(), ["vologda"])
    halves = [cssp.only_coders(project, [coder]) for coder in ("A", "B")]
    assert [set(half.codings["coder"]) for half in halves] == [{"A"}, {"B"}]
    assert sum(len(half.codings) for half in halves) == len(project.codings)
    merged, conflicts = cssp.merge_projects(*halves)
    assert conflicts.empty
    assert len(merged.codings) == len(project.codings)
    assert merged.cases.equals(project.cases)
    with pytest.raises(DataError, match="no coder 'C'"):
        cssp.only_coders(project, ["C"])
    changed = dataclasses.replace(project, codings=project.codings[project.codings["coder"] == "A"])
    with pytest.raises(DataError, match="tables are for reading"):
        cssp.write_qdpx(changed, tmp_path / "a.qdpx")
    assert not (tmp_path / "a.qdpx").exists()


@pytest.mark.parametrize("name", ["x.docx", "x.pdf", "x"])
def test_what_is_no_project_is_told_what_a_project_is(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"something else")
    with pytest.raises(DataError, match=r"Name a \.qdpx"):
        cssp.open_project(path)


def test_a_city_whose_interviews_are_a_project(tmp_path):
    """The default study's interviews, exported and read back as a tool's project, give the same results."""
    import shutil

    from cssp.draft.interviews import add_interviews

    shutil.copytree(ROOT / "data", tmp_path / "study")
    study = cssp.load_study(tmp_path / "study")
    project = cssp.export_interviews(study, tmp_path / "study" / "v.qdpx", ["vologda"], "ru")
    path, proposal, warnings = add_interviews(study, "elsewhere", project)
    assert (proposal["name"] != "").all()
    assert warnings == ()
    text = (
        path.read_text(encoding="utf-8")
        .replace("TODO: the region", "region")
        .replace("TODO: who was interviewed, when", "a test")
        .replace("# TODO: the language of the texts", "")
    )
    path.write_text(
        text.replace("synthetic: false", "synthetic: true").replace(
            "  provenance", "  status: invented\n  provenance"
        ),
        encoding="utf-8",
    )
    study = cssp.load_study(tmp_path / "study")
    assert cssp.check(study, ["elsewhere"]).query("severity == 'error'").empty
    here, there = (
        cssp.agreement(
            cssp.load_segments(study, [c]),
            cssp.load_interviews(study, [c]),
            study.codes,
            replicates=50,
        )
        for c in ("elsewhere", "vologda")
    )
    assert here.equals(there)
    again = cssp.export_interviews(study, tmp_path / "study" / "w.qdpx", ["elsewhere"], "ru")
    assert cssp.open_project(again).segments.equals(cssp.open_project(project).segments)
    assert list(cssp.project_tables(cssp.open_project(again))[1].columns) == list(
        cssp.project_tables(cssp.open_project(project))[1].columns
    )
    with pytest.raises(CsspError, match="has interviews already"):
        add_interviews(study, "elsewhere", project)
