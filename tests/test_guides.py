"""Every how-to of CONTRIBUTING.md is followed on a copy of the project, word for word, and must work in both languages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HEAD = """
import tempfile
from pathlib import Path

import cssp
from cssp.show.labels import Labels

folder = Path(tempfile.mkdtemp())


def shown(table, language):
    return Labels(cssp.load_study(), language).frame(table)


"""


def guides() -> dict[str, list[tuple[str, str]]]:
    """The how-tos: heading -> blocks of code, each with what its fence says."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## How to add")[2]
    found = {}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        found[heading] = re.findall(r"^```\w+ ([^\n]+)\n(.*?)^```$", body, re.DOTALL | re.MULTILINE)
    return found


GUIDES = guides()


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A copy of the project in which every how-to was followed."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("cssp", "data", "notebooks"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for blocks in GUIDES.values():
        for fence, code in blocks:
            kind, _, name = fence.partition("=")
            if kind == "file":
                assert not (copy / name).exists(), "a how-to adds files, it changes none"
                (copy / name).write_text(code, encoding="utf-8")
            if kind == "append":
                with (copy / name).open("a", encoding="utf-8") as file:
                    file.write(code)
            if kind == "make":
                scope = {
                    "new_code_cell": new_code_cell,
                    "new_markdown_cell": new_markdown_cell,
                    "new_notebook": new_notebook,
                }
                exec(code, scope)
                nbformat.write(scope["notebook"], copy / "notebooks" / "06_somers.ipynb")
    return copy


def run(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    told = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=house, env=told, capture_output=True, text=True
    )


def test_the_guide_has_a_how_to_for_each_kind_of_extension():
    wanted = "family service QDA coefficient inequality effect figure notebook language indicator"
    assert all(any(word in heading for heading in GUIDES) for word in wanted.split())


@pytest.mark.parametrize("heading", GUIDES)
def test_a_how_to_works_as_written(heading, house):
    checks = [code for fence, code in GUIDES[heading] if fence == "check"]
    reported = [code for fence, code in GUIDES[heading] if fence == "report"]
    assert checks or reported
    for code in checks:
        told = run(house, "-c", HEAD + code)
        assert told.returncode == 0, told.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("language", "side"), [("en", 0), ("ru", 1)])
def test_what_was_added_stands_in_the_report(language, side, house, tmp_path):
    out = tmp_path / language
    books = [word for number in ("01", "01b", "03", "03a", "06") for word in ("--notebook", number)]
    told = run(
        house, "-m", "cssp", "run", "vologda", *books, "--language", language, "--output", str(out)
    )
    assert told.returncode == 0, told.stdout + told.stderr
    page = "".join(
        path.read_text(encoding="utf-8").replace("&#39;", "'").replace("&#x27;", "'")
        for path in (out / "vologda").glob("*.html")
    )
    for blocks in GUIDES.values():
        for fence, code in blocks:
            if fence == "report":
                assert code.split("|")[side].strip() in page
