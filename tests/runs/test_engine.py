"""`papermill --engine cssp`: papermill's own command with kernels forked from a warm process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from cssp.runs.kernels.provisioner import can_fork


@pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")
def test_papermill_finds_the_engine_and_forks_its_kernel(tmp_path: Path) -> None:
    source = "import os\nprint(open(f'/proc/{os.getppid()}/cmdline').read().replace(chr(0), ' '))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, tmp_path / "a.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "papermill", "--engine", "cssp", "a.ipynb", "out.ipynb"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    outputs = json.loads((tmp_path / "out.ipynb").read_text(encoding="utf-8"))["cells"][0][
        "outputs"
    ]
    parent = "".join(text for one in outputs for text in one.get("text", ""))
    assert "fork_server" in parent


@pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")
def test_a_long_path_for_temporary_files_is_no_hindrance(tmp_path: Path) -> None:
    """A socket's path has 107 letters; clusters give each job a folder with a long name."""
    long = tmp_path / ("a" * 90)
    long.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
    nbformat.write(notebook, tmp_path / "a.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "papermill", "--engine", "cssp", "-k", "python3", "a.ipynb", "out.ipynb"],
        cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(long)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert "42" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")
