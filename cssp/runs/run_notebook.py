"""One notebook for one city, executed in a worker: its files appear whole or not at all.

Nothing here knows of plans, progress or other notebooks; a `Job` comes in, an `Outcome` goes out,
both can be sent to another machine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cssp.runs.deliver import Job, Outcome, deliver, tidied
from cssp.runs.elsewhere.addresses import fetch
from cssp.runs.kernels.papermill_engine import as_far_as_it_came, engine, forget
from cssp.runs.kernels.provisioner import KERNEL, REHEARSAL, can_fork, unshown
from cssp.runs.kernels.warm_process import end_kernels, temporary
from cssp.runs.plan.fingerprint import code_hash, libraries
from cssp.runs.plan.plan import Task
from cssp.runs.plan.up_to_date import edited
from cssp.study.problems import CsspError, RunError
from cssp.study.write_files import write_text

#: papermill changes the process's folder and environment, so a process executes one notebook at a
#: time, however many threads it has.
_ONE_AT_A_TIME = threading.Lock()
#: The run that what is at work in this process is for.
_wanted_by: list[str] = []
#: Where Jupyter finds the kernel when the package was not installed with its data files.
KERNELS = Path(__file__).parent / "kernels" / "jupyter"


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
            deliver(job, work, outcome)
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
        outcome.warnings = tidied(notebook, shown, work)
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

    settings: dict[str, Any] = {
        "NotebookClient": {
            "extra_arguments": ["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"]
        },
        # on a busy machine much output comes later than the 4 seconds that are usual
        "PapermillNotebookClient": {"shutdown_kernel": "immediate", "iopub_timeout": 60},
    }
    client = "ReadyClient" if fast else "CuttingClient"
    settings["AsyncKernelManager"] = {"client_class": f"cssp.runs.kernels.provisioner.{client}"}
    if not fast and os.name == "posix":
        settings["KernelManager"] = {"transport": "ipc", "ip": f"{sockets}/k"}
    return Config(settings)


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
