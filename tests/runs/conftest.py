"""What the tests of runs share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def by_cssp(tmp_path_factory) -> dict[str, Path]:
    """The whole study run by `cssp run`, in both languages."""
    found = {}
    for language in ("en", "ru"):
        folder = tmp_path_factory.mktemp(f"runs_{language}")
        told = subprocess.run(
            [sys.executable, "-m", "cssp", "run", "--workshop", "-l", language, "-o", str(folder)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert told.returncode == 0, told.stderr
        found[language] = folder
    return found
