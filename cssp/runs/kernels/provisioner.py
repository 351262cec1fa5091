"""A Jupyter kernel provisioner that forks kernels from one warm process.

Start-up once, not for every notebook.

`papermill -k cssp-fast notebook.ipynb out.ipynb` works for anybody's notebook, as does the kernel
"Python 3 (fast start)" in
JupyterLab. Each notebook has a process of its own all the same; messages go over sockets in a
private folder, no port is opened.
Where forking is not safe or not possible (Windows, macOS), the ordinary kernel starts and nothing
else changes.

Settings, by environment variables: `CSSP_KERNEL_SECONDS` and `CSSP_KERNEL_MEMORY` (bytes) limit a
kernel with its children;
`CSSP_KERNEL_REASON` names a file for the reason when a kernel was ended for it; `CSSP_KERNEL_LOG`
one for what the kernel's process
prints; `CSSP_WARM_IMPORTS` lists further modules to import once, with commas; `CSSP_FORK=0` turns
forking off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections import Counter, deque
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Type

from cssp.runs.kernels import fork_server
from cssp.runs.kernels.warm_process import AT_WORK, WarmProcess, temporary

#: The kernel's name, for `papermill -k`.
KERNEL = "cssp-fast"
#: What the warm process of a run calls once: it imports what the notebooks of this package import,
#: and draws once.
REHEARSAL = "cssp.runs.kernels.preload:rehearse"
#: Seconds that a kernel may take to start; the libraries are being imported meanwhile, the first
#: time.
PATIENCE = 120.0
#: Characters of printed text that are kept of one cell; what stands instead of the rest.
PRINTED = 200_000
CUT = "\n[… cut …]\n"


def can_fork() -> bool:
    """Tell whether kernels may be forked here: Linux, and not turned off by CSSP_FORK=0."""
    return (
        sys.platform == "linux"
        and os.environ.get("CSSP_FORK", "1") != "0"
        and hasattr(os, "pidfd_open")
    )


_own: WarmProcess | None = None


def connect() -> socket.socket:
    """Connect to the shared warm process, or else to this process's own.

    Which starts when it is first needed.

    Raises
    ------
    OSError
        It could not be started.
    """
    global _own
    shared = os.environ.get("CSSP_WARM", "")
    if shared:
        with contextlib.suppress(OSError):
            return _connected(shared, 1.0)
    if _own is None or not _own.alive() or _own._owner != os.getpid():
        _own = WarmProcess(call=os.environ.get("CSSP_WARM_CALL", ""))
    return _connected(_own.address, PATIENCE, _own)


def _connected(address: str, patience: float, own: WarmProcess | None = None) -> socket.socket:
    begun = time.monotonic()
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
            if time.monotonic() - begun > patience or (own is not None and not own.alive()):
                raise
            if own is None and not Path(address).exists():
                raise
            time.sleep(0.01)


class CuttingChannel(AsyncZMQSocketChannel):
    """What a kernel puts out, of its printed text only the beginning and the end of each cell.

    A notebook that prints without end must not fill the memory.
    """

    #: The one that was opened last in this process; it executes one notebook at a time.
    latest: CuttingChannel | None = None

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._cell = ""
        self._printed: Counter[str] = Counter()
        self._last: dict[str, dict[str, Any]] = {}
        self._held: deque[dict[str, Any]] = deque()
        CuttingChannel.latest = self

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Return the next message; text from the middle of much printing is left out.

        Raises
        ------
        Empty
            None came in time.
        """
        while not self._held:
            message = await super().get_msg(timeout)
            kind = message["msg_type"]
            if kind == "stream":
                self._take(message)
                continue
            if (
                kind == "clear_output"
            ):  # what was printed before is wiped off: the next text counts anew
                self._last, self._printed = {}, Counter()
            # a result, an error, the end of the cell: what was printed before stands before it
            self._held += [*self._last.values(), message]
            self._last = {}
        return self._held.popleft()

    def left(self) -> list[tuple[str, str]]:
        """Return stream and text of what was held back and not asked for.

        The last words of a kernel that died.
        """
        texts = [*self._held, *self._last.values()]
        return [
            (one["content"]["name"], one["content"]["text"])
            for one in texts
            if one["msg_type"] == "stream"
        ]

    def _take(self, message: dict[str, Any]) -> None:
        """Hold back what is printed after much else, and of that the end only."""
        cell, content = message["parent_header"].get("msg_id", ""), message["content"]
        if cell != self._cell:
            self._cell, self._printed = cell, Counter()
        name, text = content["name"], content["text"]
        if self._printed[name] <= PRINTED:
            self._held.append(message)
        else:
            before = self._last.get(name, {"content": {"text": CUT}})["content"][
                "text"
            ].removeprefix(CUT)
            content["text"] = CUT + (before + text)[-PRINTED:]
            self._last[name] = message
        self._printed[name] += len(text)


def unshown() -> list[tuple[str, str]]:
    """Return stream and text of what the kernel at work printed last and nobody asked for any
    more.
    """
    channel, CuttingChannel.latest = CuttingChannel.latest, None
    return [] if channel is None else channel.left()


class CuttingClient(AsyncKernelClient):
    """A client that keeps no more of a cell's printed text than its beginning and its end."""

    iopub_channel_class = Type(CuttingChannel)


class ReadyClient(CuttingClient):
    """A client that is ready when the kernel has answered.

    The ordinary one then waits a fifth of a second for messages that don't come.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask the kernel until it answers and its output channel is connected.

        Raises
        ------
        RuntimeError
            It died, or did not answer in time.
        """
        until = time.monotonic() + (PATIENCE if timeout is None else timeout)
        while True:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=0.5)
                    self._handle_kernel_info_reply(reply)
                    break
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > until:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")
        with contextlib.suppress(Empty):
            while True:
                await self.iopub_channel.get_msg(timeout=0)


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm process; known to `jupyter_client` as `cssp-fork`."""

    _connection: socket.socket | None = None
    _status: int | None = None
    _sockets: str = ""

    @property
    def has_process(self) -> bool:
        """Whether there is a kernel whose end was not seen yet."""
        return super().has_process if self._connection is None else True

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Let the kernel talk over sockets in a private folder."""
        manager = self.parent
        if can_fork() and manager is not None and not self._sockets:
            self._sockets = tempfile.mkdtemp(prefix=f"cssp-kernel-{os.getpid()}-", dir=temporary())
            manager.transport, manager.ip = "ipc", f"{self._sockets}/k"
            if not manager.connection_file:
                manager.connection_file = f"{self._sockets}/kernel.json"
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; where that is not possible, start it the ordinary way."""
        if can_fork() and any("ipykernel" in part for part in cmd[:4]):
            try:
                # libraries may still be imported: the event loop goes on meanwhile
                await asyncio.get_running_loop().run_in_executor(None, self._fork, cmd, kwargs)
                return self.connection_info
            except OSError as error:
                self.log.warning("No kernel could be forked (%s); an ordinary one starts.", error)
                self._connection = None
        return await super().launch_kernel(cmd, **kwargs)

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> None:
        environment = {**os.environ, **(kwargs.get("env") or {})}
        log = environment.get("CSSP_KERNEL_LOG", "")
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if log else os.dup(1)
        err = os.dup(out) if log else os.dup(2)
        begin = next((place for place, part in enumerate(cmd) if "ipykernel" in part), 0)
        request = {
            "argv": cmd[begin:],
            "env": {name: value for name, value in environment.items() if name != "CSSP_WARM_CALL"},
            "cwd": str(kwargs.get("cwd") or Path.cwd()),
            "seconds": environment.get("CSSP_KERNEL_SECONDS", ""),
            "memory": environment.get("CSSP_KERNEL_MEMORY", ""),
        }
        try:
            for last in (
                False,
                True,
            ):  # the warm process may have been killed: once more with one of our own
                connection = connect()
                try:
                    connection.settimeout(PATIENCE)
                    fork_server.send(connection, request, [out, err])
                    answer, _ = fork_server.receive(connection)
                    break
                except OSError:
                    connection.close()
                    os.environ.pop("CSSP_WARM", None)
                    if last:
                        raise
        finally:
            os.close(out)
            os.close(err)
        self._connection, self._status = connection, None
        self._reason_file = environment.get("CSSP_KERNEL_REASON", "")
        self.pid = self.pgid = int(answer["pid"])
        AT_WORK.add(self.pid)
        self._wait_for_sockets()

    def _wait_for_sockets(self) -> None:
        """Return when the kernel listens.

        Who connects before waits a tenth of a second before each further try.
        """
        connection: dict[str, Any] = dict(self.connection_info)
        names = [
            f"{self._sockets}/k-{connection[f'{channel}_port']}"
            for channel in ("shell", "iopub", "stdin", "control", "hb")
        ]
        until = time.monotonic() + 2
        while self._sockets and time.monotonic() < until and not all(map(os.path.exists, names)):
            time.sleep(0.002)

    async def poll(self) -> int | None:
        """Return the kernel's exit status, None while it runs."""
        if self._connection is None:
            return await super().poll() if self._status is None else self._status
        if self._status is None and select.select([self._connection], [], [], 0)[0]:
            try:
                answer, _ = fork_server.receive(self._connection)
                self._status = int(answer["exit"])
                if answer.get("reason") and self._reason_file:
                    Path(self._reason_file).write_text(str(answer["reason"]), encoding="utf-8")
            except (OSError, ValueError):
                self._status = (
                    -signal.SIGKILL
                )  # its keeper was killed, and the kernel with it; what it started may live
                if self.pid:
                    with contextlib.suppress(OSError):
                        os.killpg(self.pid, signal.SIGKILL)
        return self._status

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        if self._connection is None:
            return await super().wait()
        while (status := await self.poll()) is None:
            await asyncio.sleep(0.01)
        self._connection.close()
        self._connection = None
        AT_WORK.discard(self.pid or 0)
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and the processes it started."""
        if self._connection is None:
            await super().send_signal(signum)
        elif self.pid and await self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel at once."""
        if self._connection is None:
            await super().kill(restart)
        else:
            await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        if self._connection is None:
            await super().terminate(restart)
        else:
            await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the sockets' folder."""
        await super().cleanup(restart)
        if self._sockets and not restart:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = ""
