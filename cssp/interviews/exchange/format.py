"""What a format of coded interviews is: how its files are recognised, and how one is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cssp.interviews.exchange.project import Project
from cssp.study.registry import registry

#: The beginning of a file that is an SQLite database.
SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class QdaFormat:
    """A format in which a tool keeps or exports coded interviews.

    Attributes
    ----------
    name : of the format
    label : in every language
    endings : usual endings of its files, for messages; what is in a file decides, not its name
    recognise : path and the file's first 4,096 bytes (empty: a folder) -> whether it is of this
        format
    read : path, and the folder of its texts if they lie apart -> the project
    tried : formats are tried in this order; who is surest of its marks comes first
    """

    name: str
    label: Mapping[str, str]
    endings: tuple[str, ...]
    recognise: Callable[[Path, bytes], bool]
    read: Callable[[Path, str | Path | None], Project]
    tried: int = 50


def qda_formats() -> dict[str, QdaFormat]:
    """Return the known formats by name, in the order in which they are tried.

    >>> "taguette" in qda_formats()
    True
    """
    found = registry("cssp.interviews.exchange.formats", QdaFormat)
    return dict(sorted(found.items(), key=lambda entry: entry[1].tried))
