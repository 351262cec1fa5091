"""Files from strangers: archives and XML that are opened without trusting them."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

from lxml import etree

from cssp.study.problems import DataError, Problem, short_path


@dataclass(frozen=True)
class Limits:
    """How much an untrusted file may ask for.

    Attributes
    ----------
    members : files in an archive
    size : bytes of all members together, unpacked
    ratio : unpacked to packed size of a member above 1 MB
    text : bytes of one text
    memory : bytes that an XML document may need once parsed, estimated before it is parsed
    """

    members: int = 20_000
    size: int = 4 * 1024**3
    ratio: float = 200.0
    text: int = 64 * 1024**2
    memory: int = 900 * 1024**2


LIMITS = Limits()

#: What lxml holds for an element and for an attribute, roughly, from above.
_ELEMENT, _ATTRIBUTE = 120, 200


def refused(file: str, what: str, remedy: str, **place: Any) -> DataError:
    """Return the error that says why a file is not opened."""
    return DataError(Problem(file, what, remedy, **place))


@contextmanager
def opened_archive(path: Path, limits: Limits = LIMITS) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose members' names, number and sizes have been checked.

    Raises
    ------
    DataError
        It is no zip archive, is cut off, or holds what no honest project holds: too many files or
        bytes, a file that unpacks to far more than
        it takes, a name that leads out of the folder, a link, a password, one name twice.
    """
    file = short_path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), file, limits)
            yield archive
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OverflowError,
    ) as error:
        raise refused(
            file, f"The archive cannot be read: {error}.", "Export the project once more."
        ) from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise refused(
            file, f"The archive cannot be read: {error}.", "Export it without a password."
        ) from error
    except OSError as error:
        raise refused(
            file,
            f"The file cannot be read: {error.strerror or error}.",
            "Check the path and the rights.",
        ) from error


def _check_members(members: list[zipfile.ZipInfo], file: str, limits: Limits) -> None:
    if len(members) > limits.members:
        raise refused(
            file,
            f"The archive holds {len(members)} files; at most {limits.members} are opened.",
            "Export the project once more, or raise Limits(members=...).",
        )
    seen: set[str] = set()
    for member in members:
        name = member.filename
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if (
            not parts
            or ".." in parts
            or name.startswith(("/", "\\"))
            or ":" in parts[0]
            or "\x00" in name
        ):
            raise refused(
                file,
                f"The archive holds a file named '{name}', which leads out of the project's "
                "folder.",
                "Do not use this file; ask its sender for another export.",
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise refused(
                file,
                f"'{name}' in the archive is a link.",
                "Export the project with its files, not links to them.",
            )
        if member.flag_bits & 0x1:
            raise refused(
                file, f"'{name}' in the archive is encrypted.", "Export it without a password."
            )
        key = "/".join(parts).casefold()
        if key in seen and not member.is_dir():
            raise refused(
                file,
                f"'{name}' stands twice in the archive, so which one is meant cannot be told.",
                "Export the project once more.",
            )
        seen.add(key)
        if member.file_size > 1024**2 and member.file_size > limits.ratio * max(
            member.compress_size, 1
        ):
            raise refused(
                file,
                f"'{name}' would unpack to {member.file_size} bytes, more than {limits.ratio:.0f} "
                "times what it takes in the archive.",
                "Do not use this file; if it is honest, raise Limits(ratio=...).",
            )
    if (total := sum(member.file_size for member in members)) > limits.size:
        raise refused(
            file,
            f"The archive would unpack to {total} bytes; at most {limits.size} are opened.",
            "Leave media out of the export, or raise Limits(size=...).",
        )


def start_of(path: Path, count: int) -> bytes:
    """Return a file's first bytes, by which its kind is told; all of them for -1.

    Raises
    ------
    DataError
        It cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise refused(
            short_path(path),
            f"The file cannot be read: {error.strerror or error}.",
            "Check the path and the rights.",
        ) from error


def whole_of(path: Path, most: int) -> bytes:
    """Return a file's bytes, never more than `most`.

    Raises
    ------
    DataError
        It cannot be opened, or is larger.
    """
    # asked before it is read: reading at most so many bytes would set that much memory aside
    if path.is_file() and path.stat().st_size > most:
        raise refused(
            short_path(path),
            f"The file has more than {most} bytes.",
            "Split the project, or raise the limits.",
        )
    return start_of(path, -1)


def read_member(archive: zipfile.ZipFile, name: str, file: str, most: int) -> bytes:
    """Return a member's bytes, never more than `most`.

    Raises
    ------
    DataError
        The member is larger.
    """
    info = archive.getinfo(name)
    if info.file_size > most:
        raise refused(
            file,
            f"'{name}' has {info.file_size} bytes; at most {most} are read.",
            "Make it smaller, or raise the limits.",
        )
    with archive.open(info) as stream:
        return stream.read(most)


def decoded(content: bytes, file: str) -> str:
    """Return a text from UTF-8 (or UTF-16 that says so by its byte order mark), without the mark.

    Line ends stay.

    Raises
    ------
    DataError
        It is in neither.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(
            file, f"The text is not in UTF-8 (byte {error.start}).", "Save it as UTF-8."
        ) from error


class _Reached(Exception):
    """The document's first element: what comes before it was harmless."""


def parsed(content: bytes, file: str, limits: Limits = LIMITS) -> Any:
    """Return the root element of an XML document, without entities, document type, or network.

    A document with a document type is refused before it is parsed: neither format read here has
    one, and it is what entity bombs and
    external entities need.

    Raises
    ------
    DataError
        A document type, not well-formed, broken encoding, or too large for the memory allowed.
    """
    _no_document_type(content, file)
    asked = _ELEMENT * content.count(b"<") + _ATTRIBUTE * content.count(b"=") + 2 * len(content)
    if asked > limits.memory:
        raise refused(
            file,
            f"The XML would take about {asked // 1024**2} MB once read; at most "
            f"{limits.memory // 1024**2} MB are allowed.",
            "Split the project, or raise Limits(memory=...).",
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refused(
            file,
            f"It is not well-formed XML: {error.msg}.",
            "Export the project once more.",
            row=error.lineno or None,
        ) from error
    except ValueError as error:
        raise refused(
            file, f"It is not well-formed XML: {error}.", "Export the project once more."
        ) from error


def _no_document_type(content: bytes, file: str) -> None:
    """Read up to the first element with expat and refuse a document type on the way."""

    def found(name: str, *_: object) -> None:
        raise refused(
            file,
            f"The XML declares a document type ('{name}'), which can hide attacks and is never "
            "opened.",
            "Export the project once more from your tool; its exports have none.",
        )

    def reached(*_: object) -> None:
        raise _Reached

    reader = expat.ParserCreate()
    reader.StartDoctypeDeclHandler = found
    reader.StartElementHandler = reached
    try:
        for start in range(0, len(content), 65536):
            reader.Parse(content[start : start + 65536], False)
        reader.Parse(b"", True)
    except _Reached:
        return
    except expat.ExpatError as error:
        raise refused(
            file,
            f"It is not well-formed XML: {expat.ErrorString(error.code)}.",
            "Export the project once more.",
            row=error.lineno,
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that does not exist
        raise refused(
            file, f"It is not well-formed XML: {error}.", "Export the project once more."
        ) from error
    raise refused(file, "It holds no XML element.", "Export the project once more.")
