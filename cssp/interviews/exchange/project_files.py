"""The texts that a project's document names, found in its archive or a named folder."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import unquote

from cssp.interviews.exchange.untrusted import Limits, decoded, read_member, refused
from cssp.study.problems import short_path


class ProjectFiles:
    """Finds the files that a project names: in its archive, or in the folder that the user named.

    Nowhere else.
    """

    def __init__(
        self, archive: zipfile.ZipFile | None, folder: Path | None, limits: Limits, file: str
    ) -> None:
        self.archive = archive
        self.folder = folder
        self.limits = limits
        self.file = file
        self.members: dict[str, list[str]] = {}
        for name in [] if archive is None else archive.namelist():
            own = PurePosixPath(name.replace("\\", "/")).name.casefold()
            self.members.setdefault(own, []).append(name)

    def text(self, path: str) -> str | None:
        """Return the text at a path of the project; None where there is no such file."""
        name = PurePosixPath(unquote(path.partition("://")[2] or path).replace("\\", "/")).name
        if self.archive is not None and not path.casefold().startswith("absolute://"):
            # tools write `internal://`, `relative://`, a bare name, or backslashes: the archive has
            # one file of the name, or its folder `Sources` says which is meant
            named = self.members.get(name.casefold(), [])
            own = [one for one in named if re.split(r"[/\\]", one)[0].casefold() == "sources"]
            member = (own or named or [""])[0]
            if member:
                return decoded(
                    read_member(self.archive, member, self.file, self.limits.text),
                    f"{self.file}: {member}",
                )
        if self.folder is None or not name or name in (".", ".."):
            return None
        home = self.folder.resolve()
        for place in (home / name, home / "Sources" / name, home / "sources" / name):
            # a link in the folder may not lead out of it
            if place.is_file() and place.resolve().is_relative_to(home):
                if place.stat().st_size > self.limits.text:
                    raise refused(
                        short_path(place),
                        f"The text has more than {self.limits.text} bytes.",
                        "Make it smaller, or raise Limits(text=...).",
                    )
                return decoded(place.read_bytes(), short_path(place))
        return None


class Texts(Protocol):
    """Whatever gives the texts that a document names."""

    def text(self, path: str) -> str | None:
        """Return the text at a path of the document; None where there is none."""
