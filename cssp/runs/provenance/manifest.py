"""What a city's results were made from.

Inputs with hashes, parameters, versions, times, warnings, and what is made up.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cssp import __version__
from cssp.runs.plan.fingerprint import PACKAGE, code_hash, hashed, libraries, pages_hash
from cssp.runs.plan.plan import ALL_CITIES, stages_needed
from cssp.runs.plan.up_to_date import MANIFEST
from cssp.study.study import STAGES, Study, load_study
from cssp.study.write_files import write_text


def write_manifest(
    folder: Path,
    city: str,
    study_folder: Path,
    notebooks: Mapping[str, Mapping[str, Any]],
    git: Mapping[str, Any],
) -> None:
    """Write `manifest.json` of a city's folder, after all else in it.

    Parameters
    ----------
    folder : with the executed notebooks, tables, figures and pages
    city : the city, or `ALL_CITIES`
    study_folder : the study
    notebooks : notebook's file name -> `fingerprint, outputs, warnings, times`
    git : from `git_state`
    """
    study = load_study(study_folder)
    status = data_status(study, city, [folder / name for name in notebooks])
    manifest = {
        "format": 2,
        "city": city,
        "cssp": __version__,
        "code": {"computing": code_hash(), "pages": pages_hash(), "git": dict(git)},
        "libraries": libraries(),
        "parameters": _common(entry["fingerprint"]["parameters"] for entry in notebooks.values()),
        "data": status,
        "simulated": [stage for stage, state in status.items() if state != "observed"],
        "inputs": _merged(entry["fingerprint"]["inputs"] for entry in notebooks.values()),
        "peers": _peers(entry["fingerprint"]["peers"] for entry in notebooks.values()),
        "notebooks": notebooks,
        "warnings": [
            f"{name}: {text}" for name, entry in notebooks.items() for text in entry["warnings"]
        ],
        "outputs": outputs_of(folder),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_text(
        folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    )


def outputs_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return every file of a city's folder but the manifest.

    With its size in bytes and its SHA-256.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            content = path.read_bytes()
            found[name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return found


def data_status(study: Study, city: str, notebooks: Iterable[Path]) -> dict[str, str]:
    """Return for each stage that the notebooks rest on what its data are.

    Observed, simulated or invented.
    """
    stages = {stage for path in notebooks for stage in stages_needed(path)[0]}
    whole = city == ALL_CITIES
    found: dict[str, str] = {}
    for stage in STAGES:
        if whole and stage not in stages:
            continue
        status = study.status(stage, study.cities if whole else [city])
        if status:
            found[stage] = status[0]
    return found


def _common(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the parameters that all notebooks share."""
    rows = list(entries)
    return (
        {
            name: value
            for name, value in rows[0].items()
            if all(row.get(name) == value for row in rows)
        }
        if rows
        else {}
    )


def _merged(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return all inputs.

    Where notebooks kept from an earlier run read another state of a file, the newest notebook's.
    """
    found: dict[str, str] = {}
    for row in entries:
        found |= row
    return dict(sorted(found.items()))


def _peers(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return one hash a peer of all that notebooks of different stages read of it.

    Each notebook's own stands in its fingerprint.
    """
    found: dict[str, set[str]] = {}
    for row in entries:
        for name, one in row.items():
            found.setdefault(name, set()).add(one)
    return {
        name: one.pop() if len(one) == 1 else hashed(sorted(one))
        for name, one in sorted(found.items())
    }


@cache
def git_state() -> dict[str, Any]:
    """Return commit and state of the checkout that the package lies in.

    Empty where it is not in one, or git is not there.
    """
    try:
        asked = ["git", "-C", str(PACKAGE.parent), "log", "-1", "--format=%H"]
        commit = subprocess.run(
            asked, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()
        asked = ["git", "-C", str(PACKAGE.parent), "status", "--porcelain", "--untracked-files=no"]
        changed = subprocess.run(
            asked, capture_output=True, text=True, timeout=20, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return {}
    return (
        {"commit": commit, "changed": bool(changed)} if (PACKAGE.parent / ".git").exists() else {}
    )
