"""A city's folder from its executed notebooks: results, manifest, pages.

It is made beside the target; who calls renames it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from cssp.runs.deliver import PART, flush_tree
from cssp.runs.plan.plan import Task
from cssp.runs.plan.up_to_date import MANIFEST, edited, read_manifest
from cssp.runs.provenance.manifest import write_manifest
from cssp.runs.report.city_page import write_city_pages
from cssp.study.problems import CsspError, RunError, first_line, short_path
from cssp.study.write_files import write_bytes


@dataclass(frozen=True)
class Assembly:
    """What a city's folder is made from.

    Attributes
    ----------
    city, study, language : whose pages, in which language
    parts : notebook's file name -> folder of its fresh results
    fingerprints : notebook's file name -> what it was made from
    keep : notebooks whose earlier results stay
    target : the city's folder; work : the folder to make
    tasks : notebook's file name -> its task, to see whether the study was edited meanwhile
    kept : folder for what somebody changed by hand in the city's folder, or put there
    """

    city: str
    study: str
    language: str
    parts: Mapping[str, str]
    fingerprints: Mapping[str, Mapping[str, Any]]
    keep: tuple[str, ...]
    target: str
    work: str
    git: Mapping[str, Any] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    kept: str = ""


@dataclass(frozen=True)
class Assembled:
    """What came of it: `failure` is what went wrong in one sentence.

    `edited` which files of the study changed meanwhile; `kept` whose work was put aside.
    """

    failure: str = ""
    edited: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def assemble(assembly: Assembly) -> Assembled:
    """Make the city's folder."""
    target, work = Path(assembly.target), Path(assembly.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    before = read_manifest(target)
    notebooks: dict[str, dict[str, Any]] = {}
    try:
        for name in assembly.keep:
            entry = before["notebooks"][name]
            for output in entry["outputs"]:
                _take(target / output, work / output, name)
                if (
                    hashlib.sha256((work / output).read_bytes()).hexdigest()
                    != before["outputs"][output]["sha256"]
                ):
                    raise RunError(
                        f"{output} was changed by hand since it was written, and would pass as a "
                        f"result of {name}. Run with --force: {name} runs again, and the changed "
                        f"file is kept in {short_path(Path(assembly.kept))}."
                    )
            notebooks[name] = entry
        for name, folder in assembly.parts.items():
            notebooks[name] = _take_part(Path(folder), work, name, assembly.fingerprints[name])
        ordered = dict(sorted(notebooks.items()))
        write_city_pages(work, assembly.city, assembly.language, Path(assembly.study), ordered)
        write_manifest(work, assembly.city, Path(assembly.study), ordered, assembly.git)
        flush_tree(work)
        kept = (
            _put_aside(target, Path(assembly.kept), before.get("outputs", {}))
            if assembly.kept
            else []
        )
    except (CsspError, OSError) as error:
        shutil.rmtree(work, ignore_errors=True)
        return Assembled(str(error))
    except Exception as error:  # a city whose pages cannot be made must not end a run of a thousand
        shutil.rmtree(work, ignore_errors=True)
        return Assembled(
            f"its pages could not be made ({type(error).__name__}: {first_line(error)}). Please "
            "report this, with its notebooks."
        )
    since = edited(
        assembly.study,
        [(task, assembly.fingerprints[name]) for name, task in assembly.tasks.items()],
    )
    return Assembled(edited=tuple(since), kept=tuple(kept))


def _put_aside(target: Path, kept: Path, written: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Copy what somebody changed or added in a city's folder to a folder that no run touches.

    The city's own is about to be replaced.

    Returns
    -------
    names of the files in the city's folder
    """
    found = []
    for path in sorted(target.rglob("*")) if target.is_dir() else ():
        name = path.relative_to(target).as_posix()
        hidden = any(part.startswith((".", "~$")) for part in name.split("/"))
        if hidden or name == MANIFEST or not path.is_file():
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == written.get(name, {}).get("sha256"):
            continue
        _keep(kept, name, content)
        found.append(name)
    return found


def _keep(kept: Path, name: str, content: bytes) -> None:
    """Write a file under its name, or under one with a number where another content has that.

    Or a file stands where its folder would.
    """
    for number in count(1):
        place = (
            kept / name if number == 1 else (kept / name).with_stem(f"{Path(name).stem}-{number}")
        )
        if any(parent.is_file() for parent in place.parents):
            place = kept / f"again-{number}" / name
        if place.is_file() and place.read_bytes() == content:
            return
        if not place.exists() and not any(parent.is_file() for parent in place.parents):
            write_bytes(place, content)
            return


def _take_part(
    folder: Path, work: Path, notebook: str, fingerprint: Mapping[str, Any]
) -> dict[str, Any]:
    """Take a notebook's fresh results; return its entry in the manifest."""
    note = json.loads((folder / PART).read_text(encoding="utf-8"))
    outputs = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != PART:
            _take(path, work / name, notebook)
            outputs.append(name)
    return {
        "fingerprint": dict(fingerprint),
        "outputs": outputs,
        "warnings": note["warnings"],
        "times": {key: note[key] for key in ("began", "seconds", "cells_seconds")},
    }


def _take(source: Path, place: Path, notebook: str) -> None:
    if place.exists():
        if (
            hashlib.sha256(place.read_bytes()).digest()
            == hashlib.sha256(source.read_bytes()).digest()
        ):
            return
        raise RunError(
            f"{notebook} writes {place.name}, as another notebook does; give one of the two "
            "another name."
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
