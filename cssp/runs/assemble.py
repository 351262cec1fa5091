"""A city's folder from its executed notebooks: results, manifest, pages. It is made beside the target; who calls renames it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cssp.problems import CsspError, RunError
from cssp.runs.due import read_manifest
from cssp.runs.manifest import write_manifest
from cssp.runs.one import PART, flush_tree
from cssp.runs.pages import write_city_pages


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


def assemble(told: Assembly) -> str:
    """Make the city's folder; return what went wrong in one sentence, or nothing."""
    target, work = Path(told.target), Path(told.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    before = read_manifest(target)
    notebooks: dict[str, dict[str, Any]] = {}
    try:
        for name in told.keep:
            entry = before["notebooks"][name]
            for output in entry["outputs"]:
                _take(target / output, work / output, name)
                if (
                    hashlib.sha256((work / output).read_bytes()).hexdigest()
                    != before["outputs"][output]["sha256"]
                ):
                    raise RunError(
                        f"{output} was changed by hand since it was written, and would pass as a result of {name}. Put it elsewhere and run with --force."
                    )
            notebooks[name] = entry
        for name, folder in told.parts.items():
            notebooks[name] = _take_part(Path(folder), work, name, told.fingerprints[name])
        ordered = dict(sorted(notebooks.items()))
        write_city_pages(work, told.city, told.language, Path(told.study), ordered)
        write_manifest(work, told.city, Path(told.study), ordered, told.git)
        flush_tree(work)
    except (CsspError, OSError) as error:
        shutil.rmtree(work, ignore_errors=True)
        return str(error)
    return ""


def _take_part(folder: Path, work: Path, notebook: str, fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """Take a notebook's fresh results; return its entry in the manifest."""
    told = json.loads((folder / PART).read_text(encoding="utf-8"))
    outputs = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != PART:
            _take(path, work / name, notebook)
            outputs.append(name)
    return {
        "fingerprint": dict(fingerprint),
        "outputs": outputs,
        "warnings": told["warnings"],
        "times": {key: told[key] for key in ("began", "seconds", "cells_seconds", "worker")},
    }


def _take(source: Path, place: Path, notebook: str) -> None:
    if place.exists():
        if hashlib.sha256(place.read_bytes()).digest() == hashlib.sha256(source.read_bytes()).digest():
            return
        raise RunError(
            f"{notebook} writes {place.name}, as another notebook does; give one of the two another name."
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
