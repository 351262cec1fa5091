"""Where notebooks are executed: processes on this machine, or a Dask cluster.

Both are `concurrent.futures.Executor`s.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from cssp.runs.elsewhere import clusters
from cssp.runs.kernels.provisioner import REHEARSAL, can_fork
from cssp.runs.kernels.warm_process import WarmProcess, remove_orphans, short_folder
from cssp.runs.run_notebook import end_run
from cssp.study.problems import RunError

#: Bytes that a notebook is reckoned to need when the number of jobs is chosen.
ROOM = 1_500_000_000
SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")


@dataclass
class Place:
    """An executor with what a run must know of it.

    Attributes
    ----------
    jobs : how many notebooks run at the same time
    shared : whether workers see this machine's files
    run : a name of this run among others that workers may serve
    waits : whether no worker is there yet: when a cluster's jobs begin, its queue decides
    """

    executor: Executor
    jobs: int
    shared: bool = True
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    waits: bool = False


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """Return the bytes of memory that can be had here, within the limits of a container.

    0 where that is not known.
    """
    found = []
    with contextlib.suppress(OSError, ValueError), open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
        found += [1024 * int(line.split()[1]) for line in file if line.startswith("MemAvailable")]
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError), open(name, encoding="ascii") as file:  # noqa: PTH123
            found.append(int(file.read()))
    return min(found, default=0)


def jobs_here(wanted: int = 0) -> int:
    """Return how many notebooks to run at once.

    As many as asked for, else as cores and memory allow.
    """
    if wanted:
        return wanted
    room = memory()
    return max(1, min(cores(), room // ROOM if room else cores()))


@contextlib.contextmanager
def on_this_machine(jobs: int) -> Iterator[Place]:
    """Offer worker processes on this machine.

    With one warm process that kernels are forked from.
    """
    with contextlib.ExitStack() as stack:
        # workers are killed at the end, and what they had in temporary folders goes with this one
        remove_orphans()
        stack.enter_context(_variable("CSSP_TEMP", stack.enter_context(_temporary())))
        if can_fork() and "CSSP_WARM" not in os.environ:
            warm = stack.enter_context(WarmProcess(call=REHEARSAL))
            stack.enter_context(_variable("CSSP_WARM", warm.address))
        place = Place(local_pool(jobs), jobs)
        try:
            yield place
        finally:
            end_pool(
                place.executor
            )  # the one that is at work now: a pool that lost a worker was replaced


@contextlib.contextmanager
def _temporary() -> Iterator[str]:
    """Offer a temporary folder.

    At the end it is removed, more than once where a kernel that is being killed still writes into
    it.
    """
    folder = tempfile.mkdtemp(prefix=f"cssp-run-{os.getpid()}-", dir=short_folder())
    try:
        yield folder
    finally:
        for _ in range(200):  # a loaded machine takes its time
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.lexists(folder):
                break
            time.sleep(0.05)


@contextlib.contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment for those who are started meanwhile."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def local_pool(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of workers that do not outlive this process and leave Ctrl+C to it."""
    return ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=start_worker, initargs=(os.getpid(),)
    )


def end_pool(pool: Executor) -> None:
    """End the workers now, and with them their kernels."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(OSError, ValueError):
            process.kill()
    for process in processes:
        with contextlib.suppress(OSError, ValueError, AssertionError):
            process.join(2)


def start_worker(parent: int) -> None:
    """Prepare a worker.

    It imports what it needs, ignores Ctrl+C, and ends when its parent does, however that ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.25)
        os._exit(1)  # kernels end with us: their keepers see that we are gone

    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()
    # jsonschema's optional check of IRIs builds a grammar for a second when it is imported;
    # notebooks have none to check
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill  # noqa: F401

    import cssp.runs.report.city_page  # noqa: F401


@contextlib.contextmanager
def on_dask(
    scheduler: str = "", cluster: str = "", jobs: int = 0, options: dict[str, Any] | None = None
) -> Iterator[Place]:
    """Offer the workers of a Dask cluster.

    Parameters
    ----------
    scheduler : address of a scheduler that runs, e.g. tcp://10.0.0.1:8786
    cluster : or the kind of cluster to start: slurm, pbs, ssh or kubernetes, through Dask's own
        packages
    jobs : how many workers to start in a cluster
    options : of the cluster, as its package calls them

    Raises
    ------
    RunError
        Dask is not installed, no scheduler answers, or the kind of cluster is not known.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RunError(
            "A cluster needs the library distributed: pip install 'cssp[cluster]'"
        ) from None
    if scheduler and scheduler.partition("://")[0] not in SCHEMES:
        raise RunError(
            f"'{scheduler}' is no address of a scheduler; write e.g. tcp://10.0.0.1:8786, as `dask "
            "scheduler` prints it."
        )
    with contextlib.ExitStack() as stack:
        try:
            address: Any = scheduler or stack.enter_context(
                clusters.started(cluster, jobs, options or {})
            )
            client: Any = stack.enter_context(Client(address, timeout="20s", set_as_default=False))
        except (OSError, ValueError) as error:
            raise RunError(
                f"No Dask scheduler answers at '{scheduler or cluster}': {error}. Look whether it "
                "runs and can be reached."
            ) from None
        threads = sum(client.nthreads().values())
        if not threads and not cluster:
            raise RunError(
                f"The scheduler at {scheduler} has no workers. Start some: dask worker {scheduler} "
                "--nthreads 1"
            )
        # papermill changes the process's folder and environment, so a worker process runs one
        # notebook at a time
        several = [address for address, count in client.nthreads().items() if count > 1]
        if several:
            raise RunError(
                f"The worker at {several[0]} has {client.nthreads()[several[0]]} threads; start "
                "workers with one thread each: "
                "dask worker ADDRESS --nworkers N --nthreads 1"
            )
        place = Place(
            client.get_executor(pure=False, retries=0),
            max(threads, jobs, 1),
            shared=False,
            waits=not threads,
        )
        try:
            yield place
        except BaseException:
            # a worker that goes on for nobody would be missing to others
            with contextlib.suppress(Exception):
                client.run(end_run, place.run, on_error="ignore")
            raise
