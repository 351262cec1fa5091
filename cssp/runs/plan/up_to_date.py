"""What of a plan must run, and why.

Each task's fingerprint against that of the result that is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cssp.runs.plan.fingerprint import (
    Hashes,
    changes,
    code_hash,
    files_of,
    hashed,
    libraries,
    notebook_hash,
    pages_hash,
    study_files,
)
from cssp.runs.plan.plan import ALL_CITIES, Task, notebooks, possible_notebooks, stages_needed
from cssp.study.problems import CsspError, first_line
from cssp.study.study import STAGES, Stage, Study, load_study

#: Parameters that say where things lie, not what is computed.
PLACES = ("study", "output")
MANIFEST = "manifest.json"
SUMMARY = "summary.json"
#: Ends the name of the folder beside a city's that holds what somebody changed in it; nothing
#: removes what is there.
KEPT = ".kept"
#: What of a fingerprint comes from files, which can be edited while a run is at work, and can
#: differ on another machine.
READ = ("inputs", "peers", "notebook")


#: What reading a study and its notebooks may raise while somebody is writing them.
HALF_AN_EDIT = (CsspError, OSError, ValueError, KeyError)


@dataclass(frozen=True)
class Due:
    """A task and whether it must run.

    Attributes
    ----------
    task, fingerprint : what is planned, and what it rests on
    why : why it must run; empty: it is up to date
    pages : the city's pages must be written anew
    gone : notebooks with results in the city's folder that are no more, or whose stages the city
        has no more
    forced : it runs whatever is there
    spoilt : some of its results are gone or were changed by hand
    """

    task: Task
    fingerprint: dict[str, Any]
    why: list[str] = field(default_factory=list)
    pages: bool = False
    gone: tuple[str, ...] = ()
    forced: bool = False
    spoilt: bool = False

    @property
    def city(self) -> str:
        """The city, or `ALL_CITIES`."""
        return self.task.city

    @property
    def runs(self) -> bool:
        """Whether it must run."""
        return bool(self.why)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a city's manifest; empty where there is none or it cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if _is_manifest(manifest) else {}


def _is_manifest(manifest: Any) -> bool:
    """Tell whether it has the shape of one: what a hand or a disk made of it is like none."""
    if not isinstance(manifest, dict):
        return False
    parts = [
        manifest.get(name, {})
        for name in ("outputs", "notebooks", "inputs", "peers", "libraries", "code")
    ]
    if not all(isinstance(part, dict) for part in parts):
        return False
    outputs, books = parts[0].values(), parts[1].values()
    return all(
        isinstance(one, dict) and {"sha256", "size"} <= one.keys() for one in outputs
    ) and all(
        isinstance(one, dict)
        and isinstance(one.get("fingerprint"), dict)
        and isinstance(one.get("outputs"), list)
        for one in books
    )


class Fingerprints:
    """The fingerprints of a study's tasks; every file is hashed once."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.hashes = Hashes()
        self._cities: dict[tuple[str, tuple[Stage, ...]], dict[str, str]] = {}
        self._notebooks: dict[Path, str] = {}

    def _city(self, name: str, stages: tuple[Stage, ...]) -> dict[str, str]:
        if (name, stages) not in self._cities:
            self._cities[name, stages] = files_of(self.study, name, self.hashes, stages)
        return self._cities[name, stages]

    def _notebook(self, path: Path) -> str:
        if path not in self._notebooks:
            self._notebooks[path] = notebook_hash(path)
        return self._notebooks[path]

    def of(self, task: Task) -> dict[str, Any]:
        """Return what a task's result depends on.

        A notebook checks the files of its stages and shows what is wrong with them, so all of these
        count, and no others. The
        libraries' versions and the package's code count as a whole.
        """
        whole = task.city == ALL_CITIES
        own = str(task.parameters["city"])
        neighbours = task.parameters.get("compare_with") or self.study.neighbours(own)
        others = [
            name
            for name in (neighbours.split(",") if isinstance(neighbours, str) else neighbours)
            if name and name != own
        ]
        stages = tuple(stages_needed(task.notebook)[0]) or STAGES
        inputs = dict(study_files(self.study, self.hashes, stages))
        if not whole:
            inputs |= self._city(own, stages)
        peers = [own, *others] if whole else others
        return {
            "notebook": self._notebook(task.notebook),
            "code": code_hash(),
            "libraries": libraries(),
            "parameters": {
                name: value for name, value in task.parameters.items() if name not in PLACES
            },
            "inputs": inputs,
            "peers": {f"cities/{name}": hashed(self._city(name, stages)) for name in peers},
            "stages": list(stages),
        }


def edited(study: str | Path, tasks: Iterable[tuple[Task, Mapping[str, Any]]]) -> list[str]:
    """Say in a few words which files are others than when tasks' fingerprints were taken.

    The study is read anew.

    Parameters
    ----------
    study : its folder on this machine
    told : tasks, each with its fingerprint, or with what of it comes from files (`READ`)
    """
    found: list[str] = []
    try:
        known = Fingerprints(load_study(study))
        for task, fingerprint in tasks:
            now = known.of(task)
            found += changes(
                {key: fingerprint[key] for key in READ}, {key: now[key] for key in READ}
            )
    except HALF_AN_EDIT as error:
        return [first_line(error)]
    return list(dict.fromkeys(found))


def judge(
    tasks: Sequence[Task],
    study: Study,
    output: Path,
    force: bool = False,
    fingerprints: Fingerprints | None = None,
    some: bool = False,
) -> list[Due]:
    """Say for each task whether it must run and why.

    Parameters
    ----------
    tasks : from `make_plan`
    study : the study
    output : folder of the runs
    force : run all of them
    fingerprints : to share what was hashed already
    some : some notebooks were chosen among those there are: nothing is taken away

    Returns
    -------
    one `Due` a task, in the plan's order
    """
    known = fingerprints or Fingerprints(study)
    manifests: dict[str, dict[str, Any]] = {}
    possible: dict[str, set[str]] = {}
    books = notebooks(workshop=True)
    found = []
    for task in tasks:
        if task.city not in manifests:
            manifests[task.city] = read_manifest(output / task.city)
        now, manifest = known.of(task), manifests[task.city]
        lost = _spoilt(manifest, task, output / task.city)
        why = ["forced"] if force else [*_why(manifest, task, now), *lost]
        if task.city not in possible:
            possible[task.city] = possible_notebooks(study, task.city, books)
        there = () if some else manifest.get("notebooks", {})
        gone = tuple(name for name in there if name not in possible[task.city])
        stale = bool(manifest) and (bool(gone) or _pages_stale(manifest, output / task.city))
        found.append(Due(task, now, why, stale, gone, force, bool(lost)))
    return found


def _why(manifest: Mapping[str, Any], task: Task, now: Mapping[str, Any]) -> list[str]:
    """Say what differs from when the result was made."""
    entry = manifest.get("notebooks", {}).get(task.notebook.name)
    return (
        changes(entry.get("fingerprint", {}), now) if isinstance(entry, dict) else ["no result yet"]
    )


def _spoilt(manifest: Mapping[str, Any], task: Task, folder: Path) -> list[str]:
    """Say which results are gone or have another size than they were written with.

    `verify` compares hashes.
    """
    entry = manifest.get("notebooks", {}).get(task.notebook.name)
    spoilt, sizes = [], manifest.get("outputs", {})
    for name in entry.get("outputs", []) if isinstance(entry, dict) else []:
        path = folder / name
        if not path.is_file():
            spoilt.append(f"the result {name} is gone")
        elif path.stat().st_size != sizes.get(name, {}).get("size"):
            spoilt.append(f"the result {name} was changed by hand")
    return spoilt


def _pages_stale(manifest: Mapping[str, Any], folder: Path) -> bool:
    """Tell whether a city's pages were made by other code than today's, or are gone or changed."""
    if manifest.get("code", {}).get("pages") != pages_hash():
        return True
    pages = {
        name: entry
        for name, entry in manifest.get("outputs", {}).items()
        if "/" not in name and not name.endswith(".ipynb")
    }
    return any(
        not (folder / name).is_file() or (folder / name).stat().st_size != entry["size"]
        for name, entry in pages.items()
    ) or spoilt_summary(folder, manifest)


def spoilt_summary(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether a city's summary, from which the pages over all cities are made.

    Is not the one that was written.
    """
    entry = manifest.get("outputs", {}).get(SUMMARY)
    try:
        content = (folder / SUMMARY).read_bytes()
    except OSError:
        return bool(entry)
    return not entry or hashlib.sha256(content).hexdigest() != entry["sha256"]
