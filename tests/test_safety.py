"""What comes from a stranger's file, or is of people, stays what it is: text, and theirs."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.runs.plan.fingerprint import Hashes, files_of
from cssp.runs.report.pages import markdown
from cssp.show.view import without_markup
from cssp.study.write_files import folder_in_place, write_text

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![a](http://e/x.png)",
    "[a](javascript:alert(1))", "[a](http://e)", "<http://e>", "[a][b]\n\n[b]: http://e", "<!-- x",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_in_a_sentence_is_text(label: str) -> None:
    page = markdown(without_markup(f"Rated best: {label}, p < 0.001, **clear**."), trusted=False)
    assert not re.search(r"<(?!/?(p|strong)\b)", page), page
    assert "<strong>clear</strong>" in page and "p &lt; 0.001" in page
    visible = re.sub(r"\s", "", label)
    assert visible in re.sub(r"\s", "", __import__("html").unescape(re.sub("<[^>]*>", "", page)))


@given(st.text(alphabet="<>![]()a:/\n\"'bh.#-", max_size=40))
def test_no_text_becomes_a_tag_a_picture_or_a_link(label: str) -> None:
    page = markdown(without_markup(f"x {label} y"), trusted=False)
    assert not re.search(r"<(a|img|script|iframe|svg)\b", page, re.IGNORECASE)


def test_hashes_of_peoples_files_cannot_be_tried(tmp_path: Path) -> None:
    """A plain hash of a list of names is found by trying surnames; one that rests on the texts too
    is not, and still tells whether a file changed."""
    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "study"))
    names = folder / "cities" / "vologda" / "names.csv"
    names.write_text("name,replacement\nИванов,[1]\n", encoding="utf-8")
    study = cssp.load_study(folder)
    told = files_of(study, "vologda", Hashes())
    plain = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
    people = [name for name in told if not name.endswith(("city.yaml", "desk.csv", "treasury.csv"))]
    assert f"cities/vologda/{names.name}" in people
    assert not plain & {told[name] for name in people}
    assert plain >= {told[name] for name in told if name not in people}
    names.write_text("name,replacement\nПетров,[1]\n", encoding="utf-8")
    again = files_of(study, "vologda", Hashes())
    assert [name for name in told if told[name] != again[name]] == ["cities/vologda/names.csv"]
    survey = files_of(study, "vologda", Hashes(), ["survey"])
    text = next((folder / "cities" / "vologda").rglob("*.txt"))
    text.write_text("другое", encoding="utf-8")
    assert files_of(study, "vologda", Hashes(), ["survey"]) == survey
    assert json.dumps(survey)


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize("mask", [0o077, 0o022, 0o002])
def test_the_umask_is_kept(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_text(tmp_path / "a.txt", "x")
        with folder_in_place(tmp_path / "folder") as work:
            (work / "b").write_text("x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask
