"""The process that kernels are forked from, seen from outside: started, asked, ended."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

#: Kernels that were forked for this process and whose end was not seen yet.
AT_WORK: set[int] = set()


def temporary() -> str | None:
    """Return the folder for what a run needs for a moment (CSSP_TEMP), which goes with the run.

    None: the system's own.
    """
    folder = os.environ.get("CSSP_TEMP", "")
    return folder if folder and Path(folder).is_dir() else short_folder()


#: Letters of a folder's path that sockets in folders of runs and kernels in it have room for: the
#: path of a socket has 107.
_ROOM = 45


def short_folder() -> str | None:
    """Return a folder for sockets where the system's own has too long a path; else None.

    Clusters have such folders, a job a folder. The new folder in it is private to its owner.

    >>> short_folder() is None or len(short_folder()) <= 45
    True
    """
    if len(os.fsencode(tempfile.gettempdir())) <= _ROOM:
        return None
    places = (os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp", "/dev/shm")
    for place in places:
        short = place and len(os.fsencode(place)) <= _ROOM
        if short and Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK):
            return place
    return None


def end_kernels() -> None:
    """End at once all kernels of this process with what they started.

    Whoever waits for them sees them dead.
    """
    for process in list(AT_WORK):
        with contextlib.suppress(OSError):
            os.killpg(process, signal.SIGKILL)


_OWNED = re.compile(r"cssp-(?:run|warm|kernel)-(\d+)-\w+")


def remove_orphans() -> None:
    """Remove the temporary folders of runs and kernels whose process was killed.

    Their names tell its number.
    """
    if os.name != "posix":
        return
    for path in Path(short_folder() or tempfile.gettempdir()).glob("cssp-*-*-*"):
        found = _OWNED.fullmatch(path.name)
        if found is None or path.is_symlink():
            continue
        try:
            os.kill(int(found.group(1)), 0)
        except ProcessLookupError:
            with contextlib.suppress(OSError):
                if path.stat().st_uid == os.getuid():
                    shutil.rmtree(path, ignore_errors=True)
        except OSError:  # somebody else's, and alive
            continue


class WarmProcess:
    """The warm process of this process.

    Or the one that another process shares through the environment variable CSSP_WARM.

    Examples
    --------
    >>> with WarmProcess() as own:  # doctest: +SKIP
    ...     os.environ["CSSP_WARM"] = own.address
    """

    def __init__(self, call: str = "") -> None:
        self.folder = tempfile.mkdtemp(
            prefix=f"cssp-warm-{os.getpid()}-", dir=temporary()
        )  # only its owner may enter
        self.address = f"{self.folder}/w"
        self._owner = os.getpid()
        environment = {
            "PYTHONHASHSEED": "0",  # sets of words in the same order in every run
            **os.environ,
            "CSSP_WARM_IMPORTS": os.environ.get("CSSP_WARM_IMPORTS", ""),
            "CSSP_WARM_CALL": call,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cssp.runs.kernels.fork_server", self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        atexit.register(self.close)

    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.process.poll() is None

    def close(self) -> None:
        """End it; kernels that run are not touched, their keepers look after them."""
        if os.getpid() != self._owner:
            return  # a fork of the owner ends: it is not its warm process
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> WarmProcess:
        return self

    def __exit__(self, *told: object) -> None:
        self.close()
