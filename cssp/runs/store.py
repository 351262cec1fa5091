"""A study, or a folder of runs, at another address than a folder of this machine: whatever fsspec opens (s3://, gs://, memory://, ...).

A run works in local folders, where a rename is atomic; what is at the address is fetched before and sent after. A city counts there when its
`manifest.json` is there, so that is sent last, and a manifest that is being replaced is taken away first.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from filelock import FileLock

from cssp.files import write_text
from cssp.problems import RunError
from cssp.runs.due import MANIFEST

#: Notes of what was fetched, in the local copy.
FETCHED = ".fetched.json"
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def is_address(place: str) -> bool:
    """Tell whether a place is an address rather than a path.

    >>> is_address("s3://bucket/study"), is_address("study"), is_address("C:/study")
    (True, False, False)
    """
    return bool(_ADDRESS.match(place))


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        import fsspec

        system, root = fsspec.core.url_to_fs(address)
        return system, root
    except ImportError as error:
        kind = address.partition(":")[0]
        raise RunError(
            f"Addresses such as {kind}:// need further libraries: pip install 'cssp[remote]' ({error.name or error})."
        ) from None
    except ValueError as error:
        raise RunError(f"{address} is not an address that can be opened: {error}.") from None


def local_copy(address: str) -> Path:
    """Return the folder on this machine that stands for an address: always the same one, so that a run finds its earlier results."""
    base = Path(
        os.environ.get("CSSP_CACHE", "")
        or Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache") / "cssp"
    )
    name = re.sub(r"[^\w.-]+", "_", address.rstrip("/").rpartition("/")[2]) or "root"
    return base / f"{name}-{hashlib.sha256(address.rstrip('/').encode()).hexdigest()[:12]}"


def fetch(address: str, needed: bool = True) -> Path:
    """Bring what is at an address to this machine; only files that differ in size or content are fetched.

    Parameters
    ----------
    address : e.g. s3://bucket/study
    needed : whether it is an error that nothing is there

    Returns
    -------
    the folder on this machine

    Raises
    ------
    RunError
        The address cannot be opened, or holds nothing.
    """
    target = local_copy(address)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(
        target.with_name(f".{target.name}.lock")
    ):  # several workers of a machine ask for the same copy
        _fetch(address, target, needed)
    return target


def _fetch(address: str, target: Path, needed: bool) -> None:
    system, root = _filesystem(address)
    try:
        there = (
            {_below(name, root): told for name, told in system.find(root, detail=True).items()}
            if system.exists(root)
            else {}
        )
        there = {name: told for name, told in there.items() if name and ".." not in name.split("/")}
        if not there and needed:
            raise RunError(
                f"There is nothing at {address}. Look at the address, and whether you may read it."
            )
        target.mkdir(parents=True, exist_ok=True)
        marks = _marks(target)
        for name, told in there.items():
            place = target / name
            if (
                marks.get(name) != _mark(told)
                or not place.is_file()
                or place.stat().st_size != told.get("size")
            ):
                place.parent.mkdir(parents=True, exist_ok=True)
                work = place.with_name(f".{place.name}.fetch")
                system.get_file(told["name"], str(work))
                work.replace(place)
        for path in sorted(target.rglob("*"), reverse=True):
            name = path.relative_to(target).as_posix()
            if (
                path.is_file()
                and name not in there
                and not any(part.startswith(".") for part in name.split("/"))
            ):
                path.unlink()
        write_text(
            target / FETCHED, json.dumps({name: _mark(told) for name, told in there.items()}, sort_keys=True)
        )
    except RunError:
        raise
    except Exception as error:  # each of fsspec's file systems raises errors of its own
        raise RunError(f"{address} cannot be read: {_first(error)}.") from None


def send(folder: Path, address: str, only: str = "") -> int:
    """Send a folder of runs to an address: each city whole, its manifest last.

    Parameters
    ----------
    folder : of the runs
    address : where to
    only : one city's folder; left out: the pages over all cities

    Returns
    -------
    files sent

    Raises
    ------
    RunError
        The address cannot be written.
    """
    system, root = _filesystem(address)
    begin = folder / only if only else folder
    files = (
        [path for path in sorted(begin.rglob("*")) if path.is_file()]
        if only
        else [path for path in sorted(begin.glob("*")) if path.is_file()]
    )
    files = [path for path in files if not path.name.startswith(".")]
    try:
        there = (
            {_below(name, root) for name in system.find(f"{root}/{only}" if only else root)}
            if system.exists(root)
            else set()
        )
        manifest = f"{only}/{MANIFEST}"
        if only and manifest in there:
            system.rm_file(f"{root}/{manifest}")
        for path in sorted(files, key=lambda one: one.name == MANIFEST):
            name = path.relative_to(folder).as_posix()
            system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
            system.put_file(str(path), f"{root}/{name}")
            there.discard(name)
        for name in there if only else ():
            if name != manifest:
                system.rm_file(f"{root}/{name}")
    except Exception as error:
        raise RunError(
            f"{address} cannot be written: {_first(error)}. What was computed is kept in {folder}."
        ) from None
    return len(files)


def _below(name: str, root: str) -> str:
    clean, base = name.lstrip("/"), root.strip("/")
    return clean[len(base) :].lstrip("/") if clean.startswith(base) else clean


def _mark(told: dict[str, Any]) -> str:
    known = next((str(told[key]) for key in ("ETag", "etag", "md5Hash", "content_md5") if told.get(key)), "")
    return f"{told.get('size')} {known or told.get('mtime') or told.get('created') or ''}"


def _marks(folder: Path) -> dict[str, str]:
    """Return what is known of the files that were fetched before: name -> size and the address's own mark of the content."""
    try:
        found: dict[str, str] = json.loads((folder / FETCHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _first(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
