"""An executed notebook put in its place, whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cssp.runs.kernels.provisioner import CUT, PRINTED
from cssp.runs.refresh import forget_machine
from cssp.study.write_files import umask, write_text

#: Tells in a folder of finished results how they came about, and by its key whether a later run can
#: use them.
PART = ".part.json"


@dataclass(frozen=True)
class Job:
    """One notebook to execute.

    Attributes
    ----------
    city : the city, or all of them (`ALL_CITIES`)
    notebook : the notebook's file
    parameters : its parameters, without `output`
    part : folder that the results are moved to when all is well; empty: they are sent back in the
        outcome
    failed : folder for the notebook that stopped
    seconds, memory : limits of the notebook with its children, 0 for none (seconds, bytes)
    versions, code : what the worker must have, to give the same result
    fast : fork the kernel where that is possible
    shown : place on this machine -> what the notebook shows in its stead
    address : where the study can be fetched from, on a machine that does not have its folder
    key : hash of what the result depends on; a part with this key can be used by a later run
    run : name of the run that wants it, so that it can be stopped
    rests_on : hashes of the files it must be made from (of its fingerprint: `inputs, peers,
        notebook`); none: whatever is there
    """

    city: str
    notebook: str
    parameters: Mapping[str, Any]
    part: str = ""
    failed: str = ""
    seconds: float = 0
    memory: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    fast: bool = True
    shown: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    address: str = ""
    rests_on: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""

    @property
    def stem(self) -> str:
        """The notebook's name without ending."""
        return Path(self.notebook).stem


@dataclass
class Outcome:
    """What became of a job: `failure` is one sentence, empty when all went well.

    `died` may be tried again, `refused` ends the run.

    `edited` says which files were others than those it was to be made from, before or after it was
    executed; there are no results then.
    """

    city: str
    notebook: str
    failure: str = ""
    died: bool = False
    refused: bool = False
    seconds: float = 0.0
    cells_seconds: float = 0.0
    began: float = 0.0
    worker: str = ""
    warnings: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def tidied(notebook: Any, hidden: Mapping[str, str], work: Path) -> list[str]:
    """Make equal runs equal bytes.

    No times, no names of temporary folders, no kernel of this machine; cut endless printing.

    Returns
    -------
    what a reader should be told
    """
    warnings = []
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    forget_machine(notebook)
    places = {str(work): ".", **hidden}
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            for place, shown in places.items():
                cell.source = cell.source.replace(place, shown)
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and len(output.text) > PRINTED:
                warnings.append(
                    f"cell {cell.execution_count} printed more than {PRINTED:,} characters; the "
                    f"first and the last {PRINTED // 2:,} are kept"
                )
                half = PRINTED // 2
                output.text = output.text[:half] + CUT + output.text[-half:]
            if (
                output.output_type == "stream"
                and output.name == "stderr"
                and not output.text.startswith(CUT)
            ):
                first = next((line for line in output.text.splitlines() if line.strip()), "")
                warnings.append(f"cell {cell.execution_count}: {first[:200]}")
            _replace(output, places)
    texts = (_CELL.sub("cell", warning.replace(str(work), ".")) for warning in warnings)
    return list(dict.fromkeys(texts))


def _replace(output: Any, places: Mapping[str, str]) -> None:
    texts = output.get("data", {})
    for kind in ("text/plain", "text/html", "text/markdown"):
        if kind in texts:
            for place, shown in places.items():
                texts[kind] = texts[kind].replace(place, shown)
    if "text" in output:
        for place, shown in places.items():
            output["text"] = output["text"].replace(place, shown)
        output["text"] = _CELL.sub("cell", output["text"])


#: The name under which IPython compiles a cell: it holds the number of the process. Looked for from
#: the start of a word only: from each letter, a line of 200,000 letters took minutes.
_CELL = re.compile(r"(?<![^\s\"'])[^\s\"']*ipykernel_\d+[/\\]\d+\.py")


def deliver(job: Job, work: Path, outcome: Outcome) -> None:
    """Move the results to their place, or pack them to be sent back.

    What a failed notebook left goes to `failed`.
    """
    place = job.failed if outcome.failure else job.part
    if not place:
        outcome.files = {
            path.relative_to(work).as_posix(): path.read_bytes()
            for path in sorted(work.rglob("*"))
            if path.is_file()
        }
        return
    target = Path(place)
    if outcome.failure:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copytree(work, target, dirs_exist_ok=True)
        return
    write_note(work, outcome, job.key)
    flush_tree(work)
    shutil.rmtree(target, ignore_errors=True)
    work.chmod(0o777 & ~umask())
    work.rename(target)


def write_note(folder: Path, outcome: Outcome, key: str) -> None:
    """Write beside finished results how they came about, and the hash of what they depend on."""
    note = {
        name: getattr(outcome, name)
        for name in ("seconds", "cells_seconds", "began", "worker", "warnings")
    }
    write_text(folder / PART, json.dumps({**note, "key": key}))


def flush_tree(folder: Path) -> None:
    """Have the system write a folder's files to the disk.

    So that a rename after it never outlives what it names.
    """
    for path in [*folder.rglob("*"), folder]:
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
