"""A REFI-QDA document in one pass: its selections and codings as rows, everything else as a small tree.

A project has hundreds of thousands of codings and few other things. Building a tree of them all costs more than reading them, so they
are taken as they pass; the whole tree is built only when a project is changed or written.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lxml import etree

from cssp.interviews.grammar import PROJECT
from cssp.interviews.untrusted import LIMITS, Limits, check_size, refused

#: How deep elements may stand in one another: deeper than any hierarchy of codes, and what lxml allows when the project is written.
_DEEPEST = 250
_BLOCK = 1 << 20

#: What is known of a coding when it passes.
FIELDS = ("guid", "selection", "number", "code_guid", "user", "start", "end", "name", "created")


@dataclass
class Document:
    """What a document holds.

    Attributes
    ----------
    root : the tree without the selections of text sources
    flat : the codings of those, one after another, `FIELDS` each; `number` is the text source's place among them
    selections : their selections' GUIDs
    odd : line, start and end of selections whose place is no number
    """

    root: Any
    flat: list[Any] = field(default_factory=list)
    selections: list[Any] = field(default_factory=list)
    odd: list[tuple[int, Any, Any]] = field(default_factory=list)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the collector of cycles from walking through hundreds of thousands of new objects that hold none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_document(content: bytes, file: str, limits: Limits = LIMITS) -> Document:
    """Take a document apart, without trusting it: a document type, and with it every entity, is refused where it begins.

    Elements get the standard's namespace, whichever they have: some exports have none, or another version's.

    Raises
    ------
    DataError
        A document type, not well-formed, a broken or unknown encoding, elements too deep in one another, or too many for the memory allowed.
    """
    check_size(content, file, limits)
    reader = expat.ParserCreate(namespace_separator="}")
    reader.buffer_text = True
    document = Document(None)
    builder = _handled(reader, document, file)
    try:
        for start in range(0, len(content), _BLOCK):
            reader.Parse(content[start : start + _BLOCK], False)
        reader.Parse(b"", True)
    except expat.ExpatError as error:
        raise refused(file, f"It is not well-formed XML: {expat.ErrorString(error.code)}.", "Export the project once more.", row=error.lineno) from error  # fmt: skip
    except (
        ValueError,
        LookupError,
    ) as error:  # an encoding that does not exist, a name that no element can have
        raise refused(
            file, f"It is not well-formed XML: {error}.", "Export the project once more."
        ) from error
    document.root = builder.close()
    return document


def _handled(reader: Any, document: Document, file: str) -> Any:
    """Set the handlers of one pass and return the builder of the small tree; inside a selection another set is at work, which builds no tree.

    They are functions in one another, not methods: a project has a million elements, and a name of a function is found sooner.
    """
    builder = etree.TreeBuilder()
    path: list[str] = []
    number = -1
    keep, kept = document.flat.extend, document.selections.append
    selection: dict[str, str] = {}
    coding: dict[str, str] | None = None
    first = last = depth = 0
    of_selection = of_coding = of_code = ""

    def document_type(name: str, *_: object) -> None:
        raise refused(file, f"The XML declares a document type ('{name}'), which can hide attacks and is never opened.",
                      "Export the project once more from your tool; its exports have none.")  # fmt: skip

    def outside() -> None:
        reader.StartElementHandler, reader.EndElementHandler, reader.CharacterDataHandler = (
            start,
            end,
            builder.data,
        )

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number, selection, first, last, of_selection, of_coding, of_code
        own = name.rpartition("}")[2]
        if (
            own == "PlainTextSelection"
            and len(path) == 3
            and path[2] == "TextSource"
            and path[1] == "Sources"
        ):
            if name != of_selection:
                space = name[: len(name) - len(own)]
                of_selection, of_coding, of_code = name, f"{space}Coding", f"{space}CodeRef"
            selection = attributes
            kept(attributes.get("guid"))
            try:
                first, last = int(attributes.get("startPosition", "")), int(attributes.get("endPosition", ""))
            except ValueError:
                document.odd.append((reader.CurrentLineNumber, attributes.get("startPosition"), attributes.get("endPosition")))  # fmt: skip
            reader.StartElementHandler, reader.EndElementHandler, reader.CharacterDataHandler = (
                begins,
                ends,
                None,
            )
            return
        if len(path) >= _DEEPEST:
            raise refused(file, f"Elements stand more than {_DEEPEST} deep in one another.", "Export the project once more.", row=reader.CurrentLineNumber)  # fmt: skip
        path.append(own)
        if own == "TextSource" and len(path) == 3 and path[1] == "Sources":
            number += 1
        told = {("{" + key if "}" in key else key): value for key, value in attributes.items()}
        element = builder.start(f"{{{PROJECT}}}{own}", told)
        element.sourceline = min(reader.CurrentLineNumber, 2**31 - 1)

    def end(name: str) -> None:
        builder.end(f"{{{PROJECT}}}{path.pop()}")

    def taken(code: str | None) -> None:
        nonlocal coding
        of, made = (coding or {}).get, selection.get
        coding = None
        keep((of("guid"), made("guid"), number, code, of("creatingUser") or made("creatingUser"), first, last, made("name"),
              of("creationDateTime") or made("creationDateTime")))  # fmt: skip

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal coding, depth
        if name == of_code:
            if coding is not None:
                taken(attributes.get("targetGUID"))
        elif name == of_coding:
            coding = attributes
        elif name == of_selection:
            depth += 1

    def ends(name: str) -> None:
        nonlocal depth
        if name == of_selection:
            if depth:
                depth -= 1
            else:
                outside()
        elif name == of_coding and coding is not None:  # a coding without a code
            taken(None)

    reader.StartDoctypeDeclHandler = document_type
    outside()
    return builder
