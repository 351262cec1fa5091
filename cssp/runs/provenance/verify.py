"""Are the results still those that were written? Hashes against manifests and crate."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.runs.plan.fingerprint import Hashes, files_of, hashed, libraries, study_files
from cssp.runs.plan.up_to_date import MANIFEST, read_manifest
from cssp.runs.provenance import since_crate
from cssp.runs.provenance.crate import CRATE, read_hashes
from cssp.study.problems import CsspError, RunError, short_path
from cssp.study.study import STAGES, Stage, Study

COLUMNS = ["where", "file", "what"]


def verify(output: Path, study: Study | None = None) -> pd.DataFrame:
    """Compare a folder of runs with what was written into it.

    Parameters
    ----------
    output : folder of the runs
    study : where given, its files are compared with those that the results were made from

    Returns
    -------
    columns `where` (city, or empty for the run as a whole), `file`, `what` (changed, missing,
    added, not finished); empty when all is as written

    Raises
    ------
    RunError
        There are no results in the folder.
    """
    cities = (
        [path for path in sorted(output.iterdir()) if (path / MANIFEST).is_file()]
        if output.is_dir()
        else []
    )
    if not cities:
        raise RunError(
            f"{short_path(output)} holds no results of `cssp run`; name the folder that --output "
            "named."
        )
    rows: list[list[str]] = []
    hashes = Hashes()
    crate, since = read_hashes(output), since_crate.hashes(output)
    if crate is None and (
        (output / CRATE).is_file() or not since
    ):  # a first run that was stopped has none yet
        rows.append(["", CRATE, "cannot be read" if (output / CRATE).is_file() else "missing"])
    for name, wanted in (crate or {}).items():
        path = output / name
        if not path.is_file():
            rows.append([_city(name), name, "missing"])
        elif _hash(path) not in {wanted, *since.get(name, ())}:
            rows.append([_city(name), name, "changed"])
    for folder in cities:
        manifest = read_manifest(folder)
        if not manifest:
            rows.append([folder.name, MANIFEST, "cannot be read"])
            continue
        rows += _results(folder, manifest)
        if study is not None:
            rows += _inputs(folder.name, manifest, study, hashes)
    found = [
        row
        for row in rows
        if not (row[0] and row[1].startswith(f"{row[0]}/") and not row[1].endswith(MANIFEST))
    ]
    return pd.DataFrame(found, columns=COLUMNS).drop_duplicates(ignore_index=True)


def _results(folder: Path, manifest: dict[str, Any]) -> list[list[str]]:
    wanted = manifest.get("outputs", {})
    there = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    there.pop(MANIFEST, None)
    rows = [[folder.name, name, "missing"] for name in wanted if name not in there]
    rows += [
        [folder.name, name, "added"]
        for name in there
        if name not in wanted and ".ipynb_checkpoints" not in name
    ]
    rows += [
        [folder.name, name, "changed"]
        for name in wanted
        if name in there and _hash(there[name]) != wanted[name]["sha256"]
    ]
    return rows


def _inputs(city: str, manifest: dict[str, Any], study: Study, hashes: Hashes) -> list[list[str]]:
    """Compare the study's files with those that a city's results were made from.

    Files that have come since are "added".
    """
    rows = []
    read = [entry["fingerprint"] for entry in manifest.get("notebooks", {}).values()]
    used = {stage for one in read for stage in one.get("stages", STAGES)} or set(STAGES)
    there = _files(study, city, hashes, used)
    now = {**study_files(study, hashes), **there}
    for name, wanted in manifest.get("inputs", {}).items():
        if not (study.folder / name).resolve().is_file():
            rows.append([city, f"study: {name}", "missing"])
        elif now.get(name, "") != wanted:
            rows.append([city, f"study: {name}", "changed"])
    rows += [
        [city, f"study: {name}", "added"]
        for name in there
        if name not in manifest.get("inputs", {})
    ]
    for name in manifest.get("peers", {}):
        states = {_state(one, name, study, hashes) for one in read if name in one.get("peers", {})}
        rows += [[city, f"study: {name}", state] for state in sorted(states - {""})]
    return rows


def other_libraries(output: Path, cities: list[str]) -> list[str]:
    """Say which libraries differ from those that the results were made with.

    For example "pandas 3.0 instead of 2.2"; every notebook's count, not the last run's alone.

    Raises
    ------
    RunError
        No city has a manifest: there is nothing to be locked to.
    """
    versions: list[dict[str, str]] = []
    for name in cities:
        manifest = read_manifest(output / name)
        entries = [entry["fingerprint"] for entry in manifest.get("notebooks", {}).values()]
        versions += [
            found
            for one in (manifest, *entries)
            if (found := one.get("libraries")) and found not in versions
        ]
    if not versions:
        raise RunError(
            f"--locked holds a run to the libraries of earlier results, but {short_path(output)} "
            "has none of these cities."
        )
    mine = libraries()
    differing = [
        f"{name} {mine.get(name, 'absent')} instead of {row.get(name, 'absent')}"
        for row in versions
        for name in dict.fromkeys([*row, *mine])
        if mine.get(name) != row.get(name)
    ]
    return list(dict.fromkeys(differing))


def _state(fingerprint: dict[str, Any], name: str, study: Study, hashes: Hashes) -> str:
    """Tell whether what a notebook read of a peer is as it was: empty, "changed" or "missing"."""
    found = _files(study, name.removeprefix("cities/"), hashes, fingerprint.get("stages", STAGES))
    if not found:
        return "missing"
    return "" if hashed(found) == fingerprint["peers"][name] else "changed"


def _files(study: Study, city: str, hashes: Hashes, stages: Collection[Stage]) -> dict[str, str]:
    """Return the hashes of a city's files.

    None where the study has it no more, or it cannot be read.
    """
    try:
        return files_of(study, city, hashes, stages) if city in study.cities else {}
    except CsspError:
        return {}


def _city(name: str) -> str:
    return name.split("/")[0] if "/" in name else ""


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
