"""Writing files so that a reader never meets half of one.

To a temporary name in the same folder, then renamed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with line feeds, atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with file_in_place(path) as work:
        work.write_bytes(content)


def umask() -> int:
    """Return what the user wants to be taken from the rights of new files.

    Temporary files are made for their owner alone; what takes their place has the usual rights.
    """
    mask = os.umask(0o077)  # it can only be read by setting it
    os.umask(mask)
    return mask


@contextmanager
def file_in_place(target: Path) -> Iterator[Path]:
    """Yield a temporary file beside `target`.

    When the block ends well, it takes the target's place.

    If the block raises, the temporary file is removed and what stood at `target` stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
        Path(name).chmod(0o666 & ~umask())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def folder_in_place(target: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `target`.

    When the block ends well, it takes the target's place.

    If the block raises, the temporary folder is removed and what stood at `target` stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    work.chmod(0o777 & ~umask())
    try:
        yield work
        old = work.with_suffix(".old")
        if target.exists():
            target.replace(old)
        work.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
