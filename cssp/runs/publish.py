"""A city's results put in the place of the earlier ones, and what a stopped run left there."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from cssp.study.problems import RunError, short_path


def prepare_output(output: Path) -> None:
    """Make the output's folder and the hidden one in it.

    Raises
    ------
    RunError
        A file stands there.
    """
    if output.exists() and not output.is_dir():
        raise RunError(
            f"{short_path(output)} is a file, not a folder; name another folder with --output."
        )
    (output / ".cssp" / "locks").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=output / ".cssp") as probe:
        probe.write(b".")  # a folder that cannot be written is refused before anything runs


def exchange(fresh: Path, target: Path, old: Path) -> None:
    """Let a folder take another's place; a kill in between is mended by `recover`."""
    shutil.rmtree(old, ignore_errors=True)
    while target.exists():
        old.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(
            FileNotFoundError
        ):  # another run tidied the empty folder away just now
            target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def recover(output: Path, city: str) -> None:
    """Mend what a killed run left of a city.

    Its old results come back if the new ones had not taken their place.
    """
    hidden = output / ".cssp"
    old, target = hidden / "old" / city, output / city
    if old.is_dir() and not target.exists():
        old.rename(target)
    for folder in (old, hidden / "work" / city, hidden / "failed" / city):
        shutil.rmtree(folder, ignore_errors=True)
    parts = hidden / "parts" / city
    for left in parts.glob(".*") if parts.is_dir() else ():
        shutil.rmtree(left, ignore_errors=True)
