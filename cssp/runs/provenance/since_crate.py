"""Which cities took their place since the run's crate was written.

A run that is stopped must not make its results look changed by hand.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cssp.runs.plan.up_to_date import MANIFEST

#: In the hidden folder: a line a city, with the hash of its manifest.
PUBLISHED = "published.jsonl"


def note(output: Path, city: str, folder: Path) -> None:
    """Note that a city's folder, made elsewhere, is about to take its place.

    A kill in between leaves the note and the earlier results.

    Parameters
    ----------
    output : folder of the runs
    city : the city
    folder : its results, complete
    """
    content = (folder / MANIFEST).read_bytes()
    entry = {"file": f"{city}/{MANIFEST}", "sha256": hashlib.sha256(content).hexdigest()}
    with (output / ".cssp" / PUBLISHED).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def notes(output: Path) -> str:
    """Return the notes as they stand; empty where the crate tells all."""
    try:
        return (output / ".cssp" / PUBLISHED).read_text(encoding="utf-8")
    except OSError:
        return ""


def hashes(output: Path) -> dict[str, set[str]]:
    """Return the manifests' hashes since the crate was written, by their path in the output."""
    found: dict[str, set[str]] = {}
    for line in notes(output).splitlines():
        try:
            entry = json.loads(line)
            found.setdefault(entry["file"], set()).add(entry["sha256"])
        except (ValueError, KeyError):  # cut off by a kill
            continue
    return found


def forget(output: Path, before: str) -> None:
    """Remove the notes when the crate tells all.

    Those of another run that published meanwhile stay until its own crate is written.
    """
    if notes(output) == before:
        (output / ".cssp" / PUBLISHED).unlink(missing_ok=True)
