"""A study, or a folder of runs, at another address than a folder of this machine.

Whatever fsspec opens (s3://, gs://, memory://, ...).

A run works in local folders, where a rename is atomic; what is at the address is fetched before and
sent after. A city counts there when its
`manifest.json` is there, so that is sent last, and a manifest that is being replaced is taken away
first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cssp.runs.plan.up_to_date import KEPT, MANIFEST
from cssp.study.problems import RunError, first_line
from cssp.study.study import Study, load_study
from cssp.study.write_files import write_text

#: Notes of what was fetched, in the local copy, and of the folders there that are still to be sent.
#: Kinds of addresses that have buckets and objects, and no folders.
OBJECTS = ("s3", "s3a", "gs", "gcs", "abfs", "az", "adl", "oss", "r2")
FETCHED, UNSENT = ".fetched.json", ".unsent"
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
        system.invalidate_cache()  # what was listed before may have changed since
        return system, root
    except ImportError as error:
        kind = address.partition(":")[0]
        raise RunError(
            f"Addresses such as {kind}:// need further libraries: pip install 'cssp[remote]' "
            f"({error.name or error})."
        ) from None
    except ValueError as error:
        raise RunError(f"{address} is not an address that can be opened: {error}.") from None


def local_copy(address: str) -> Path:
    """Return the folder on this machine that stands for an address.

    Always the same one, so that a run finds its earlier results.
    """
    base = Path(
        os.environ.get("CSSP_CACHE", "")
        or Path(os.environ.get("XDG_CACHE_HOME", "") or Path.home() / ".cache") / "cssp"
    )
    name = re.sub(r"[^\w.-]+", "_", address.rstrip("/").rpartition("/")[2]) or "root"
    return base / f"{name}-{hashlib.sha256(address.rstrip('/').encode()).hexdigest()[:12]}"


def fetch(address: str) -> Path:
    """Bring what is at an address to this machine.

    Only files that differ in size or content are fetched.

    Parameters
    ----------
    address : e.g. s3://bucket/study

    Returns
    -------
    the folder on this machine

    Raises
    ------
    RunError
        The address cannot be opened, or holds nothing.
    """
    target = local_copy(address)
    with _alone_with(target):  # several workers of a machine ask for the same copy
        _fetch(address, target, True)
    return target


def _alone_with(copy: Path) -> FileLock:
    copy.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(copy.with_name(f".{copy.name}.lock"))


def fetch_results(address: str) -> Path:
    """Bring the results at an address to this machine, unless a run is at work in their copy here.

    Then the copy tells more than the address.

    What an earlier run could not send stays as it is in the copy.
    """
    target = local_copy(address)
    with _alone_with(target):
        if not _at_work(target):
            _fetch(address, target, False, keep=set(unsent(target)))
    target.mkdir(parents=True, exist_ok=True)
    return target


def study_at(place: str) -> Study:
    """Load the study in a folder, or at an address."""
    return load_study(fetch(place) if is_address(place) else place)


@contextlib.contextmanager
def at_work(copy: Path) -> Iterator[None]:
    """Tell others that a run is at work in the copy of an address.

    Until the block ends or the process does.
    """
    notes = _notes_of_work(copy)
    notes.mkdir(parents=True, exist_ok=True)
    lock = FileLock(notes / f"{os.getpid()}.lock")
    with _alone_with(copy):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
        (notes / f"{os.getpid()}.lock").unlink(missing_ok=True)


def _at_work(copy: Path) -> bool:
    """Tell whether another process is at work in a copy.

    The locks of those that were killed are free.
    """
    for path in _notes_of_work(copy).glob("*.lock"):
        if path.stem == str(os.getpid()):
            continue
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
        path.unlink(missing_ok=True)
    return False


def _notes_of_work(copy: Path) -> Path:
    return copy.with_name(f".{copy.name}.at-work")


def unsent(copy: Path) -> list[str]:
    """Return the folders of a copy that are still to be sent."""
    return sorted(path.name for path in (copy / UNSENT).glob("*"))


def send_folder(copy: Path, address: str, name: str, again: bool = False) -> None:
    """Send one folder of a copy, a city or what a failed one left.

    Until that is done it counts as unsent.

    Parameters
    ----------
    copy : of the address
    address : where to
    name : of the folder
    again : send it only if it still counts as unsent

    Raises
    ------
    RunError
        The address cannot be written.
    """
    note = copy / UNSENT / name
    note.parent.mkdir(parents=True, exist_ok=True)
    locks = copy.with_name(f".{copy.name}.sending")
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{name}.lock"):  # two runs on this machine may have the same to send
        if again and not note.exists():
            return
        note.touch()
        send(copy, address, name)
        note.unlink(missing_ok=True)


def _fetch(address: str, target: Path, needed: bool, keep: Collection[str] = ()) -> None:
    """Bring all but the folders that are to be kept as they are here."""
    system, root = _filesystem(address)
    try:
        there = (
            {_below(name, root): mark for name, mark in system.find(root, detail=True).items()}
            if system.exists(root)
            else {}
        )
        there = {name: mark for name, mark in there.items() if name and ".." not in name.split("/")}
        kept = {name for name in there if name.split("/")[0] in keep}
        if not there and needed:
            raise RunError(
                f"There is nothing at {address}. Look at the address, and whether you may read it."
            )
        target.mkdir(parents=True, exist_ok=True)
        marks = _marks(target)
        for name, mark in there.items():
            place = target / name
            if name not in kept and (
                marks.get(name) != _mark(mark)
                or not place.is_file()
                or place.stat().st_size != mark.get("size")
            ):
                place.parent.mkdir(parents=True, exist_ok=True)
                work = place.with_name(f".{place.name}.fetch")
                system.get_file(mark["name"], str(work))
                work.replace(place)
        for path in sorted(target.rglob("*"), reverse=True):
            name = path.relative_to(target).as_posix()
            if (
                path.is_file()
                and name not in there
                and name.split("/")[0] not in keep
                and not any(part.startswith(".") for part in name.split("/"))
            ):
                path.unlink()
        _note(target, {name: _mark(mark) for name, mark in there.items() if name not in kept})
    except RunError:
        raise
    except Exception as error:  # each of fsspec's file systems raises errors of its own
        raise RunError(f"{address} cannot be read: {first_line(error).rstrip('.')}.") from None


def send(folder: Path, address: str, only: str = "") -> int:
    """Send a folder of runs to an address: each city whole, its manifest last.

    Parameters
    ----------
    folder : of the runs
    address : where to
    only : one city's folder, or what a failed one left; what is not there is removed at the
        address. Left out: the pages over all cities

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
        # a store of objects has no folders; there the call would make a bucket of a misspelt name
        flat = address.partition("://")[0] in OBJECTS
        manifest = f"{only}/{MANIFEST}"
        if only and manifest in there:
            system.rm_file(f"{root}/{manifest}")
        for path in sorted(files, key=lambda one: one.name == MANIFEST):
            name = path.relative_to(folder).as_posix()
            if not flat:
                system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
            system.put_file(str(path), f"{root}/{name}")
            there.discard(name)
        for name in there if only and not only.endswith(KEPT) else ():
            if name != manifest:
                system.rm_file(f"{root}/{name}")
        if only and files:
            system.invalidate_cache()
            sent = system.find(f"{root}/{only}", detail=True).items()
            _note(
                folder,
                {
                    **_marks(folder),
                    **{_below(name, root): _mark(sent_path) for name, sent_path in sent},
                },
            )
    except Exception as error:
        raise RunError(
            f"{address} cannot be written: {first_line(error).rstrip('.')}. What was computed is "
            f"kept in {folder}."
        ) from None
    return len(files)


def _below(name: str, root: str) -> str:
    clean, base = name.lstrip("/"), root.strip("/")
    return clean[len(base) :].lstrip("/") if clean.startswith(base) else clean


def _mark(path: dict[str, Any]) -> str:
    known = next(
        (str(path[key]) for key in ("ETag", "etag", "md5Hash", "content_md5") if path.get(key)), ""
    )
    times = ("mtime", "LastModified", "last_modified", "modify", "updated", "created")
    return (
        f"{path.get('size')} "
        f"{known or next((str(path[key]) for key in times if path.get(key)), '')}"
    )


def _marks(folder: Path) -> dict[str, str]:
    """Return what is known of the files that were fetched before.

    Name -> size and the address's own mark of the content.
    """
    try:
        found: dict[str, str] = json.loads((folder / FETCHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _note(folder: Path, marks: dict[str, str]) -> None:
    write_text(folder / FETCHED, json.dumps(marks, sort_keys=True))
