"""What a city's results were made from: inputs with hashes, parameters, versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cssp import __version__
from cssp.files import write_text
from cssp.runs.plan import ALL_CITIES, Task, stages_needed
from cssp.study import load_study

LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib", "papermill")


def write_manifest(folder: Path, city: str, tasks: Sequence[Task]) -> None:
    """Write `manifest.json`: the study's files of the city with their hashes, the parameters, the versions, what is made up."""
    study = load_study(str(tasks[0].parameters["study"]))
    owns = [study.city(name) for name in (study.cities if city == ALL_CITIES else [city])]
    stages = {stage for task in tasks for stage in stages_needed(task.notebook)[0]}
    files = [
        study.folder / "study.yaml",
        *(study.folder / name for name in _books(study.file)),
        *(path for own in owns for path in sorted(own.folder.rglob("*"))),
    ]
    sources = {
        stage: own.source(stage) for own in owns for stage in own.stages if len(owns) == 1 or stage in stages
    }
    manifest: dict[str, Any] = {
        "city": city,
        "cssp": __version__,
        "libraries": {name: version(name) for name in LIBRARIES},
        "notebooks": [task.notebook.name for task in tasks],
        "parameters": {k: v for k, v in tasks[0].parameters.items() if k != "study"},
        "data": {stage: source.status for stage, source in sources.items() if source is not None},
        "inputs": {
            str(path.relative_to(study.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if path.is_file()
        },
    }
    write_text(
        folder / "manifest.json",
        json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n",
    )


def _books(file: Any) -> list[str]:
    told = (file.questionnaire, file.codes, file.indicators, file.regulation, file.successors, file.prices)
    return [name for name in told if name]
