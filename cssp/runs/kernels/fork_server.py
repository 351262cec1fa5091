"""The warm process.

It has imported the scientific libraries once, and every kernel is a fork of it.

Run as `python -m cssp.runs.kernels.fork_server SOCKET`, by `cssp.runs.kernels.provisioner`. It
accepts requests on a Unix socket in a private folder. Each
request is answered by a *keeper*, a small process that forks the kernel, watches over its time and
memory, ends whatever the
notebook left behind (as the reaper of its orphans it sees them all), and tells the asker how the
kernel ended. When the asker goes away,
or this process's own starter does, kernels are ended too: nothing is left running.

Linux only: elsewhere a fork of a process that has loaded such libraries is not safe, and `kernels`
starts ordinary kernels.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

#: What a notebook of the field imports; those that are installed are imported before any kernel
#: starts.
LIBRARIES = (
    "numpy",
    "pandas",
    "scipy.stats",
    "scipy.optimize",
    "scipy.special",
    "scipy.spatial",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "seaborn",
    "IPython.core.interactiveshell",
    "IPython.display",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.datapub",
    "comm",
    "pandas.io.formats.html",
    "pandas.io.formats.style",
)

#: Seconds between two looks at a kernel's memory.
LOOK = 0.2

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main(address: str, owner: int = 0) -> None:
    """Import the libraries.

    Then fork a kernel for every request until the starter closes our standard input.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(64)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the starter, who ends us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are not waited for
    _warm_up()
    while True:
        ready, _, _ = select.select([listener.fileno(), owner], [], [])
        if owner in ready and not os.read(owner, 1):
            with contextlib.suppress(OSError):
                Path(address).unlink()
            os._exit(0)
        if listener.fileno() in ready:
            connection, _ = listener.accept()
            _answer(connection, listener)


def _warm_up() -> None:
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    names = os.environ.get("CSSP_WARM_IMPORTS")
    for name in (*LIBRARIES, *(names.split(",") if names else ())):
        with contextlib.suppress(
            Exception
        ):  # a library that is absent or broken fails in the notebook that needs it
            importlib.import_module(name)
    call = os.environ.get("CSSP_WARM_CALL", "")
    if call:
        module, _, function = call.partition(":")
        with contextlib.suppress(Exception):
            getattr(importlib.import_module(module), function)()
    gc.collect()
    gc.freeze()  # what is there stays: a kernel's collector need not walk it, and pages stay shared


def _answer(connection: socket.socket, listener: socket.socket) -> None:
    """Take one request and fork its keeper."""
    try:
        connection.settimeout(5)
        request, descriptors = receive(connection)
    except (OSError, ValueError):
        connection.close()
        return
    if os.fork() == 0:
        listener.close()
        try:
            _keep(connection, request, descriptors)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(70)
    connection.close()
    for descriptor in descriptors:
        os.close(descriptor)


def send(
    connection: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None
) -> None:
    """Send one message: its length, then JSON; open files go along."""
    body = json.dumps(message).encode()
    head = struct.pack("!I", len(body))
    if descriptors:
        socket.send_fds(connection, [head], descriptors)
        connection.sendall(body)
    else:
        connection.sendall(head + body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive one message and the open files that came along.

    `OSError` where the other side is gone.
    """
    head, descriptors, _, _ = socket.recv_fds(connection, 4, 8)
    while 0 < len(head) < 4:
        more = connection.recv(4 - len(head))
        if not more:
            break
        head += more
    if len(head) < 4:
        raise ConnectionError("the other side closed")
    wanted = struct.unpack("!I", head)[0]
    body = b""
    while len(body) < wanted:
        more = connection.recv(min(wanted - len(body), 65536))
        if not more:
            raise ConnectionError("the other side closed")
        body += more
    return json.loads(body), list(descriptors)


def _keep(connection: socket.socket, request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Fork the kernel and watch over it to its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    keeper = os.getpid()
    kernel = os.fork()
    if kernel == 0:
        _become_kernel(request, descriptors, keeper)
    for descriptor in descriptors[:2]:
        os.close(descriptor)
    connection.settimeout(5)
    # an asker that is gone already is seen by the watch, which ends the kernel
    with contextlib.suppress(OSError):
        send(connection, {"pid": kernel})
    reason, status = _watch(connection, kernel, request)
    _end_descendants()
    with contextlib.suppress(OSError):
        send(connection, {"exit": status, "reason": reason})
    os._exit(0)


def _watch(connection: socket.socket, kernel: int, request: dict[str, Any]) -> tuple[str, int]:
    """Wait for the kernel's end; end it when it goes over a limit or nobody wants it any more."""
    seconds, memory = float(request.get("seconds") or 0), int(request.get("memory") or 0)
    begun, reason = time.monotonic(), ""
    handle = os.pidfd_open(kernel)
    while True:
        left = seconds - (time.monotonic() - begun) if seconds else None
        wait = LOOK if memory else left if left is not None else None
        ready, _, _ = select.select(
            [handle, connection.fileno()], [], [], None if wait is None else max(wait, 0)
        )
        if handle in ready:
            status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
            return reason, status
        if connection.fileno() in ready and not reason:
            reason = "abandoned"
        elif seconds and time.monotonic() - begun >= seconds:
            reason = f"time limit of {seconds:g} s"
        elif memory and not reason and (used := _memory()) > memory:
            reason = f"memory limit of {memory / 2**20:.0f} MB ({used / 2**20:.0f} MB used)"
        if reason:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(kernel, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.kill(kernel, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
            return reason, status


def _children() -> dict[int, list[int]]:
    """Return every process's children."""
    found: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(entry.path, "stat").read_text(errors="replace")
                parent = int(stat.rpartition(")")[2].split()[1])
                found.setdefault(parent, []).append(int(entry.name))
    return found


def _descendants() -> Iterator[int]:
    children = _children()
    waiting = list(children.get(os.getpid(), []))
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children.get(process, [])


def _memory() -> int:
    """Return the bytes that the kernel and its children hold for themselves.

    What they share with the warm process is nobody's.
    """
    total = 0
    for process in _descendants():
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith(("Private_Dirty", "Private_Clean", "Swap:")):
                    total += 1024 * int(line.split()[1])
    return total


def _end_descendants() -> None:
    """End whatever the notebook started and left.

    Orphans become our children, whichever session they fled to.
    """
    for _ in range(50):
        left = list(_descendants())
        if not left:
            return
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _become_kernel(request: dict[str, Any], descriptors: list[int], keeper: int) -> NoReturn:
    """Turn this fork into a Jupyter kernel such as a fresh `python -m ipykernel_launcher` would
    be.
    """
    status = 1
    try:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        os.setsid()
        for place, descriptor in enumerate(descriptors[:2], 1):
            os.dup2(descriptor, place)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.closerange(3, 4096)
        for number in (signal.SIGINT, signal.SIGCHLD, signal.SIGTERM):
            signal.signal(
                number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            )
        if request.get("memory"):
            _limit_memory(int(request["memory"]))
        os.environ.clear()
        os.environ.update(request["env"])
        os.environ["JPY_PARENT_PID"] = str(
            keeper
        )  # ipykernel ends with its parent, and greets nobody
        os.chdir(request["cwd"])
        sys.argv = request["argv"]
        _own_randomness()
        from ipykernel.kernelapp import IPKernelApp

        _keep_pipe_private(request["argv"])
        app = IPKernelApp.instance()
        app.initialize(request["argv"][1:])
        app.start()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            import atexit

            atexit._run_exitfuncs()
        with contextlib.suppress(BaseException):
            for stream in (sys.__stdout__, sys.__stderr__):
                if stream is not None:
                    stream.flush()
        os._exit(status)


def _keep_pipe_private(arguments: list[str]) -> None:
    """Let what forked children print go over a socket in the kernel's folder.

    Where ipykernel would open a port on 127.0.0.1.
    """
    import zmq
    from ipykernel.iostream import IOPubThread
    from zmq.eventloop.zmqstream import ZMQStream

    try:
        connection = json.loads(
            Path(arguments[arguments.index("-f") + 1]).read_text(encoding="utf-8")
        )
    except (ValueError, OSError, IndexError):
        return
    if connection.get("transport") != "ipc" or not hasattr(IOPubThread, "_setup_pipe_in"):
        return
    address = f"ipc://{connection['ip']}-pipe"

    def pipe_in(self: Any) -> None:
        self._pipe_uuid = os.urandom(16)
        socket_in = self.socket.context.socket(zmq.PULL)
        socket_in.linger = 0
        socket_in.bind(address)
        self._pipe_in = ZMQStream(socket_in, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def pipe_out(self: Any) -> tuple[Any, Any]:
        context = zmq.Context()  # a new one after a fork
        socket_out = context.socket(zmq.PUSH)
        socket_out.linger = 3000
        socket_out.connect(address)
        return context, socket_out

    IOPubThread._setup_pipe_in = pipe_in  # type: ignore[method-assign]
    IOPubThread._setup_pipe_out = pipe_out  # type: ignore[method-assign]


def _limit_memory(memory: int) -> None:
    """Let an allocation over the limit raise `MemoryError` in the notebook.

    Before the keeper has to kill it.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData"):
                limit = memory + 1024 * int(line.split()[1])
                resource.setrlimit(
                    resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1])
                )


def _own_randomness() -> None:
    """A fork inherits the state of the random generators; a fresh process would have its own."""
    import random

    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1])
