"""What lies in a folder of runs, and removing what is no longer wanted."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from cssp.runs.plan.plan import having_results
from cssp.runs.plan.up_to_date import Due, read_manifest
from cssp.runs.provenance.since_crate import PUBLISHED
from cssp.runs.publish import recover
from cssp.study.problems import RunError, short_path
from cssp.study.study import Study


def status(due: Sequence[Due], output: Path) -> pd.DataFrame:
    """Return the state of each planned notebook.

    Returns
    -------
    columns `city, notebook, state` (up to date, due, failed, running), `why`, `seconds` (of the
    last run)
    """
    rows = []
    for one in due:
        entry = (
            read_manifest(output / one.city).get("notebooks", {}).get(one.task.notebook.name, {})
        )
        failed = (output / f"{one.city}.failed" / one.task.notebook.name).is_file()
        state = (
            "running"
            if is_running(output, one.city)
            else "failed"
            if failed
            else "due"
            if one.runs
            else "up to date"
        )
        rows.append(
            [
                one.city,
                one.task.notebook.name,
                state,
                "; ".join(one.why) or ("the last time; earlier results stay" if failed else ""),
                entry.get("times", {}).get("seconds"),
            ]
        )
    return pd.DataFrame(rows, columns=["city", "notebook", "state", "why", "seconds"])


def is_running(output: Path, city: str) -> bool:
    """Tell whether a run works on a city now."""
    path = output / ".cssp" / "locks" / f"{city}.lock"
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def clean(output: Path, study: Study | None = None, everything: bool = False) -> list[Path]:
    """Remove what killed and failed runs left, and results of cities that the study (None.

    Any) no longer has, or has no notebook or stage for; `everything`: all results.

    Only what a run has written is touched: a folder is a city's when its manifest says so.

    Returns
    -------
    what was removed

    Raises
    ------
    RunError
        A run is at work in the folder, or the folder is no folder of runs.
    """
    if not output.is_dir():
        raise RunError(f"{short_path(output)} is no folder; there is nothing to clean.")
    known = None if study is None else set(having_results(study))
    folders = [
        path for path in sorted(output.iterdir()) if path.is_dir() and not path.name.startswith(".")
    ]
    results = [path for path in folders if read_manifest(path).get("city") == path.name]
    failed = [
        path for path in folders if path.name.endswith(".failed") and any(path.glob("*.ipynb"))
    ]
    if not results and not failed and not (output / ".cssp").is_dir():
        raise RunError(f"{short_path(output)} holds no results of `cssp run`; nothing was removed.")
    busy = [
        path.stem
        for path in (output / ".cssp" / "locks").glob("*.lock")
        if is_running(output, path.stem)
    ]
    if busy:
        raise RunError(
            f"A run is at work on {busy[0]} in {short_path(output)}; wait for its end, or stop it "
            "first."
        )
    for path in (output / ".cssp" / "old").glob("*"):
        recover(output, path.name)
    gone = [] if known is None else [path for path in results if path.name not in known]
    wanted = [*failed, *(results if everything else gone)]
    if everything:
        wanted += [
            output / name
            for name in (
                "index.html",
                "across.html",
                "across.csv",
                "study.docx",
                "ro-crate-metadata.json",
                "workflow.json",
            )
        ]
    hidden = output / ".cssp"
    if everything or not (hidden / PUBLISHED).exists():
        wanted.append(hidden)
    else:  # what `verify` must know stays
        wanted += [path for path in sorted(hidden.iterdir()) if path.name != PUBLISHED]
    removed = [path for path in wanted if path.exists()]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if everything:
        with contextlib.suppress(OSError):
            output.rmdir()
    return removed


def tidy_up(output: Path) -> None:
    """Remove the empty folders that a finished run leaves in the hidden one.

    What another run works on stays.
    """
    for name in ("parts", "work", "old", "failed"):
        folder = output / ".cssp" / name
        with contextlib.suppress(OSError):
            folder.rmdir()
