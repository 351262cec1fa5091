"""One notebook for one city, executed in a worker: its files appear whole or not at all.

Nothing here knows of plans, progress or other notebooks; a `Job` comes in, an `Outcome` goes out,
both can be sent to another machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cssp.runs.elsewhere.addresses import fetch
from cssp.runs.kernels.papermill_engine import as_far_as_it_came, engine, forget
from cssp.runs.kernels.provisioner import (
    CUT,
    KERNEL,
    PRINTED,
    REHEARSAL,
    can_fork,
    end_kernels,
    temporary,
    unshown,
)
from cssp.runs.plan.fingerprint import code_hash, libraries
from cssp.runs.plan.plan import Task
from cssp.runs.plan.up_to_date import edited
from cssp.runs.refresh import forget_machine
from cssp.study.problems import CsspError, RunError
from cssp.study.write_files import write_text

#: Tells in a folder of finished results how they came about, and by its key whether a later run can
#: use them.
PART = ".part.json"
#: papermill changes the process's folder and environment, so a process executes one notebook at a
#: time, however many threads it has.
_ONE_AT_A_TIME = threading.Lock()
#: The run that what is at work in this process is for.
_wanted_by: list[str] = []
#: Where Jupyter finds the kernel when the package was not installed with its data files.
KERNELS = Path(__file__).parent / "kernels" / "jupyter"


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


def run_one(job: Job) -> Outcome:
    """Execute a notebook into a temporary folder beside its place, then rename."""
    began, clock = time.time(), time.monotonic()
    outcome = Outcome(
        job.city,
        Path(job.notebook).name,
        began=began,
        worker=f"{socket.gethostname()}:{os.getpid()}",
    )
    outcome.failure = _differs(job)
    outcome.refused = bool(outcome.failure)
    if outcome.refused:
        return outcome
    with _ONE_AT_A_TIME:
        _wanted_by.append(job.run)
        try:
            _run(job, outcome, clock)
        finally:
            _wanted_by.clear()
    return outcome


def end_run(run: str) -> None:
    """End what this process executes, if it is for this run: nobody waits for it any more."""
    if run in _wanted_by:
        end_kernels()


def _run(job: Job, outcome: Outcome, clock: float) -> None:
    beside = Path(job.part).parent if job.part else None
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    # absolute: the notebook runs in this folder, where a path from elsewhere would be another one
    # (before Python 3.12 mkdtemp gives what it was given)
    work = Path(tempfile.mkdtemp(prefix=f".{job.stem}.", suffix=".tmp", dir=beside)).absolute()
    try:
        parameters, shown = _study_here(job)
        task = Task(job.city, Path(job.notebook), parameters)
        if not job.part and job.rests_on:  # another machine may have other files
            outcome.edited = edited(parameters["study"], [(task, job.rests_on)])
        if not outcome.edited:
            _execute(job, parameters, shown, work, outcome)
            if job.rests_on:
                outcome.edited = edited(parameters["study"], [(task, job.rests_on)])
        outcome.seconds = time.monotonic() - clock
        if not outcome.edited:
            _deliver(job, work, outcome)
    except (CsspError, OSError) as error:
        outcome.failure = _sentence(error)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _differs(job: Job) -> str:
    """Refuse to compute with other versions than those of whoever asks.

    The numbers might differ silently.
    """
    mine = libraries()
    other = [
        f"{name} {mine.get(name, 'absent')} instead of {wanted}"
        for name, wanted in job.versions.items()
        if mine.get(name) != wanted
    ]
    if not other and job.code and job.code != code_hash():
        other = ["another state of cssp's code"]
    if not other:
        return ""
    return (
        f"the worker {socket.gethostname()} has {', '.join(other)}. Install the same versions "
        "there (constraints.txt)."
    )


def _execute(
    job: Job, parameters: Mapping[str, Any], shown: Mapping[str, str], work: Path, outcome: Outcome
) -> None:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    target, notes = work / Path(job.notebook).name, work / ".reason"
    fast = job.fast and can_fork()
    with (
        _environment(job, work, notes),
        tempfile.TemporaryDirectory(prefix="cssp-", dir=temporary()) as sockets,
    ):
        forget()
        try:
            notebook = papermill.execute_notebook(
                job.notebook,
                str(target),
                parameters={**parameters, "output": str(work)},
                kernel_name=KERNEL if fast else "python3",
                engine_name=engine(),
                progress_bar=False,
                log_output=False,
                request_save_on_cell_execute=False,
                cwd=str(work),
                start_timeout=180,
                config=_quiet(fast, sockets),
                **({"execution_timeout": job.seconds} if job.seconds and not fast else {}),
            )
            outcome.failure = _ended_itself(notebook)
        except PapermillExecutionError as error:
            first = str(error.evalue).strip().splitlines()
            outcome.failure = (
                f"{error.ename} in cell {error.exec_count}: {first[0] if first else ''}"
            )
            if error.ename == "MemoryError" and job.memory and fast:
                outcome.failure = (
                    f"cell {error.exec_count} met the memory limit of {job.memory // 2**20} MB."
                )
            notebook = nbformat.read(target, as_version=4)  # papermill wrote it as far as it came
        except Exception as error:
            reason = notes.read_text(encoding="utf-8") if notes.is_file() else ""
            outcome.died = not reason and isinstance(
                error, RuntimeError
            )  # also nbclient's DeadKernelError
            dead = type(error).__name__ == "DeadKernelError"
            outcome.failure = (
                f"it was ended at the {reason}."
                if reason
                else "its kernel died."
                if dead
                else _sentence(error)
            )
            notebook = as_far_as_it_came(outcome.failure, unshown())
    if notebook is not None:
        outcome.cells_seconds = sum(
            cell.metadata.get("papermill", {}).get("duration") or 0
            for cell in notebook.cells
            if cell.cell_type == "code"
        )
        outcome.warnings = _tidy(notebook, shown, work)
        write_text(target, nbformat.writes(notebook) + "\n")
    if notes.exists():
        notes.unlink()
    shutil.rmtree(work / ".ipython", ignore_errors=True)
    log = work / "logs" / f"{job.stem}.log"
    if log.is_file() and not log.stat().st_size:
        log.unlink()
    with contextlib.suppress(OSError):
        log.parent.rmdir()  # a log that says something stays


def _ended_itself(notebook: Any) -> str:
    """Say where a notebook left off without an error (`sys.exit()`).

    What lies below has not been computed; empty where all cells ran.
    """
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            return f"it ended itself; the cells from the {number}th on did not run."
    return ""


def _study_here(job: Job) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parameters, with the study's folder on this machine.

    And what the notebook shows instead of it.
    """
    parameters, shown = dict(job.parameters), dict(job.shown)
    asked = str(parameters.get("study", ""))
    if (
        job.address
    ):  # a copy that is there already may be of an earlier run: only what differs is fetched
        parameters["study"] = str(fetch(job.address))
        shown[parameters["study"]] = shown.get(asked, asked)
    return parameters, shown


@contextlib.contextmanager
def _environment(job: Job, work: Path, notes: Path) -> Iterator[None]:
    """Tell the kernel's starter its limits and where to write.

    Put the environment back afterwards.
    """
    (work / "logs").mkdir()
    wanted = {
        "CSSP_KERNEL_SECONDS": f"{job.seconds:g}" if job.seconds else "",
        "CSSP_KERNEL_MEMORY": str(job.memory or ""),
        "CSSP_KERNEL_REASON": str(notes),
        "CSSP_KERNEL_LOG": str(work / "logs" / f"{job.stem}.log"),
        "JUPYTER_PATH": os.pathsep.join(
            filter(None, [str(KERNELS), os.environ.get("JUPYTER_PATH", "")])
        ),
        "CSSP_WARM_CALL": os.environ.get("CSSP_WARM_CALL", REHEARSAL),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # no code of the person's own runs before the notebook's: it would change results, and
        # nobody could tell
        "IPYTHONDIR": str(work / ".ipython"),
        "PYTHONSTARTUP": "",
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"),
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _quiet(fast: bool, sockets: str) -> Any:
    """Let a kernel talk over sockets in a private folder, where the system has them.

    And not report its own shutdown as an error.
    """
    from traitlets.config import Config

    told: dict[str, Any] = {
        "NotebookClient": {
            "extra_arguments": ["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"]
        },
        "PapermillNotebookClient": {"shutdown_kernel": "immediate"},
    }
    client = "ReadyClient" if fast else "CuttingClient"
    told["AsyncKernelManager"] = {"client_class": f"cssp.runs.kernels.provisioner.{client}"}
    if not fast and os.name == "posix":
        told["KernelManager"] = {"transport": "ipc", "ip": f"{sockets}/k"}
    return Config(told)


def _tidy(notebook: Any, hidden: Mapping[str, str], work: Path) -> list[str]:
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
    told = (_CELL.sub("cell", warning.replace(str(work), ".")) for warning in warnings)
    return list(dict.fromkeys(told))


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


#: The name under which IPython compiles a cell: it holds the number of the process.
_CELL = re.compile(r"[^\s\"']*ipykernel_\d+[/\\]\d+\.py")


def _deliver(job: Job, work: Path, outcome: Outcome) -> None:
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
    work.chmod(0o755)
    work.rename(target)


def write_note(folder: Path, outcome: Outcome, key: str) -> None:
    """Write beside finished results how they came about, and the hash of what they depend on."""
    told = {
        name: getattr(outcome, name)
        for name in ("seconds", "cells_seconds", "began", "worker", "warnings")
    }
    write_text(folder / PART, json.dumps({**told, "key": key}))


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


def _sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


def refuse_difference(outcome: Outcome) -> None:
    """Raise what a worker with other versions told.

    Raises
    ------
    RunError
        The worker's sentence.
    """
    if outcome.refused:
        raise RunError(outcome.failure[0].upper() + outcome.failure[1:])
