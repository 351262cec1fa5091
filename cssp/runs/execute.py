"""Execute a plan through papermill: a city's results appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from cssp.files import folder_in_place
from cssp.problems import RunError, short_path
from cssp.runs.manifest import write_manifest
from cssp.runs.plan import Task
from cssp.runs.report import write_report


@dataclass(frozen=True)
class Outcome:
    """What became of one city."""

    city: str
    folder: Path
    notebooks: int
    failure: str = ""


def execute(
    tasks: Sequence[Task],
    output: Path,
    jobs: int = 1,
    progress: Callable[[int, str], None] | None = None,
) -> list[Outcome]:
    """Execute the notebooks city by city.

    Parameters
    ----------
    tasks : from `make_plan`
    output : folder of the runs; each city gets a folder in it
    jobs : cities executed at the same time, each in a process of its own
    progress : called with the number of notebooks done and what was done

    Returns
    -------
    one outcome a city, in the order of the plan; a city that failed does not stop the others
    """
    if output.exists() and not output.is_dir():
        raise RunError(f"{short_path(output)} is a file, not a folder; name another folder with --output.")
    output.mkdir(parents=True, exist_ok=True)
    by_city: dict[str, list[Task]] = {}
    for task in tasks:
        by_city.setdefault(task.city, []).append(task)
    tell = progress or (lambda count, what: None)
    outcomes: dict[str, Outcome] = {}
    if jobs <= 1 or len(by_city) == 1:
        for city, own in by_city.items():
            outcomes[city] = execute_city(city, own, output, tell)
    else:
        with ProcessPoolExecutor(max_workers=jobs) as pool:
            futures = {
                pool.submit(execute_city, city, own, output, None): city for city, own in by_city.items()
            }
            for future in as_completed(futures):
                city = futures[future]
                outcomes[city] = future.result()
                tell(len(by_city[city]), city)
    return [outcomes[city] for city in by_city]


def execute_city(
    city: str, tasks: Sequence[Task], output: Path, tell: Callable[[int, str], None] | None
) -> Outcome:
    """Execute one city's notebooks into a temporary folder that takes the place of `output/city` when all went well.

    Notebooks that are not part of the plan keep their earlier results. After a failure the earlier results stay, and the
    executed notebook with its traceback lies in `output/city.failed`.
    """
    target, failed = output / city, output / f"{city}.failed"
    try:
        with folder_in_place(target) as work:
            planned = {task.notebook.name for task in tasks}
            if any(path.name not in planned for path in target.glob("*.ipynb")):
                shutil.copytree(target, work, dirs_exist_ok=True)  # other notebooks keep their results
            for task in tasks:
                problem = _execute_notebook(task, work)
                if problem:
                    shutil.rmtree(failed, ignore_errors=True)
                    shutil.copytree(work, failed)
                    raise _Failed(
                        f"{city}: {task.notebook.name} stopped: {problem} See {short_path(failed / task.notebook.name)}."
                    )
                if tell is not None:
                    tell(1, f"{city} {task.notebook.stem}")
            write_manifest(work, city, tasks)
            write_report(
                work,
                city,
                str(tasks[0].parameters["language"]),
                Path(str(tasks[0].parameters["study"])),
            )
    except _Failed as failure:
        return Outcome(city, failed, len(tasks), str(failure))
    shutil.rmtree(failed, ignore_errors=True)
    return Outcome(city, target, len(tasks))


class _Failed(Exception):
    """A notebook of the city failed."""


def _execute_notebook(task: Task, work: Path) -> str:
    """Execute one notebook; return what went wrong, in one sentence, or nothing."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # silences the debugger's warning in kernels
    try:
        with tempfile.TemporaryDirectory(prefix="cssp-") as sockets:
            papermill.execute_notebook(
                str(task.notebook),
                str(work / task.notebook.name),
                parameters={**task.parameters, "output": str(work)},
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                config=_kernel_config(sockets),
            )
    except PapermillExecutionError as error:
        first = str(error.evalue).strip().splitlines()
        return f"{error.ename} in cell {error.exec_count}: {first[0] if first else ''}"
    except Exception as error:  # a kernel that dies, a disk that is full: the city fails, the others go on
        first = str(error).strip().splitlines()
        return f"{type(error).__name__}: {first[0] if first else ''}"
    _forget_folder(work / task.notebook.name, work)
    return ""


def _kernel_config(folder: str) -> Config:
    """Let a kernel talk over sockets in a folder of its own, where the system has them: no open port to guard."""
    # a kernel that is shut down reports its own interruption as an error; what matters is in the notebook
    quiet = {"NotebookClient": {"extra_arguments": ["--IPKernelApp.log_level=50"]}}
    if os.name != "posix":
        return Config(quiet)
    return Config({**quiet, "KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}})


def _forget_folder(executed: Path, work: Path) -> None:
    """Take the temporary folder's name out of the executed notebook: it is gone when the notebook is read."""
    text = executed.read_text(encoding="utf-8")
    final = str(work.parent / work.name.removeprefix(".").split(".")[0])
    executed.write_text(text.replace(str(work), final), encoding="utf-8")
