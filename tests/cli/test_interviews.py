"""Tests of `cli/interviews`."""

from __future__ import annotations

from cssp import CsspError


def test_the_command_line_adds_exports_drafts_and_merges(tmp_path, capsys, monkeypatch):
    from cssp.cli.main import app

    def run(*words):
        try:
            app(list(words), standalone_mode=False)
        except CsspError as error:
            return str(error)
        return capsys.readouterr().out

    assert "all.qdpx" in run("export", str(tmp_path / "all.qdpx"), "--city", "vologda")
    assert "32 codes written" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.yaml")
    )
    assert "is there already" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.yaml")
    )
    out = run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "m.qdpx")
    )
    assert "165 codings by 2 coders" in out
    assert "0 conflicts" in out
    assert "is one of the projects" in run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx")
    )
    assert "should end in .qdpx" in run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "m.docx")
    )
    assert "no labels in 'de'" in run("export", str(tmp_path / "x.qdpx"), "-l", "de")
    assert "should end in .yaml" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.txt")
    )
