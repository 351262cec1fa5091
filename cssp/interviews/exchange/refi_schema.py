"""What REFI-QDA 1.0 allows where.

Attributes and children of every element, in the standard's order.

Source: QDA-XML version 1.0, Project.xsd of 18 March 2019 (project), and the codebook exchange of
the same standard. The order is what a
document must have to be valid; what is not named here is no part of the standard.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"

_MADE = ("creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime")
_TEXT = ("guid", "name", "richTextPath", "plainTextPath", *_MADE)
_MEDIA = ("guid", "name", "path", "currentPath", *_MADE)
_BOX = ("firstX", "firstY", "secondX", "secondY")
_SELECTED = ("Description", "Coding", "NoteRef")
_TAIL = ("Coding", "NoteRef", "VariableValue")
_TEXT_PARTS = ("Description", "PlainTextContent", "PlainTextSelection", *_TAIL)

#: element -> (attributes, children in order). An element with several meanings by its parent is
#: named parent/element.
GRAMMAR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Project": (
        (
            "name",
            "origin",
            "creatingUserGUID",
            "creationDateTime",
            "modifyingUserGUID",
            "modifiedDateTime",
            "basePath",
        ),
        (
            "Users",
            "CodeBook",
            "Variables",
            "Cases",
            "Sources",
            "Notes",
            "Links",
            "Sets",
            "Graphs",
            "Description",
            "NoteRef",
        ),
    ),
    "Users": ((), ("User",)),
    "User": (("guid", "name", "id"), ()),
    "CodeBook": ((), ("Codes",)),
    "Codes": ((), ("Code",)),
    "Code": (("guid", "name", "isCodable", "color"), ("Description", "NoteRef", "Code")),
    "Cases": ((), ("Case",)),
    "Case": (
        ("guid", "name"),
        ("Description", "CodeRef", "VariableValue", "SourceRef", "SelectionRef"),
    ),
    "Variables": ((), ("Variable",)),
    "Variable": (("guid", "name", "typeOfVariable"), ("Description",)),
    "VariableValue": (
        (),
        (
            "VariableRef",
            "TextValue",
            "BooleanValue",
            "IntegerValue",
            "FloatValue",
            "DateValue",
            "DateTimeValue",
        ),
    ),
    "Sets": ((), ("Set",)),
    "Set": (("guid", "name"), ("Description", "MemberCode", "MemberSource", "MemberNote")),
    "Sources": ((), ()),  # any kind of source, in any order
    "TextSource": (_TEXT, _TEXT_PARTS),
    "Note": (_TEXT, _TEXT_PARTS),
    "TextDescription": (_TEXT, _TEXT_PARTS),
    "Representation": (_TEXT, _TEXT_PARTS),
    "PlainTextSelection": (("guid", "name", "startPosition", "endPosition", *_MADE), _SELECTED),
    "PictureSource": (_MEDIA, ("Description", "TextDescription", "PictureSelection", *_TAIL)),
    "PictureSelection": (("guid", "name", *_BOX, *_MADE), _SELECTED),
    "PDFSource": (_MEDIA, ("Description", "PDFSelection", "Representation", *_TAIL)),
    "PDFSelection": (
        ("guid", "name", "page", *_BOX, *_MADE),
        ("Description", "Representation", "Coding", "NoteRef"),
    ),
    "AudioSource": (_MEDIA, ("Description", "Transcript", "AudioSelection", *_TAIL)),
    "AudioSelection": (("guid", "name", "begin", "end", *_MADE), _SELECTED),
    "VideoSource": (_MEDIA, ("Description", "Transcript", "VideoSelection", *_TAIL)),
    "VideoSelection": (("guid", "name", "begin", "end", *_MADE), _SELECTED),
    "Transcript": (
        _TEXT,
        ("Description", "PlainTextContent", "SyncPoint", "TranscriptSelection", "NoteRef"),
    ),
    "TranscriptSelection": (("guid", "name", "fromSyncPoint", "toSyncPoint", *_MADE), _SELECTED),
    "SyncPoint": (("guid", "timeStamp", "position"), ()),
    "Coding": (("guid", "creatingUser", "creationDateTime"), ("CodeRef", "NoteRef")),
    "Graphs": ((), ("Graph",)),
    "Graph": (("guid", "name"), ("Vertex", "Edge")),
    "Vertex": (("guid", "representedGUID", "name", *_BOX, "shape", "color"), ()),
    "Edge": (
        (
            "guid",
            "representedGUID",
            "name",
            "sourceVertex",
            "targetVertex",
            "color",
            "direction",
            "lineStyle",
        ),
        (),
    ),
    "Notes": ((), ("Note",)),
    "Links": ((), ("Link",)),
    "Link": (("guid", "name", "direction", "color", "originGUID", "targetGUID"), ("NoteRef",)),
    **{
        name: (("targetGUID",), ())
        for name in (
            "NoteRef",
            "CodeRef",
            "SourceRef",
            "SelectionRef",
            "VariableRef",
            "MemberCode",
            "MemberSource",
            "MemberNote",
        )
    },
    **{
        name: ((), ())
        for name in (
            "Description",
            "PlainTextContent",
            "TextValue",
            "BooleanValue",
            "IntegerValue",
            "FloatValue",
            "DateValue",
            "DateTimeValue",
        )
    },
}

#: The same of a codebook file (.qdc): sets list their codes.
CODEBOOK_GRAMMAR: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "CodeBook": (("origin",), ("Codes", "Sets")),
    "Codes": ((), ("Code",)),
    "Code": (("guid", "name", "isCodable", "color"), ("Description", "Code")),
    "Sets": ((), ("Set",)),
    "Set": (("guid", "name"), ("Description", "MemberCode")),
    "MemberCode": (("guid",), ()),
    "Description": ((), ()),
}

SOURCES = {
    "TextSource": "text",
    "PictureSource": "picture",
    "PDFSource": "pdf",
    "AudioSource": "audio",
    "VideoSource": "video",
}

#: Lists that must not be empty where they stand.
_LISTS = ("Users", "Codes", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs")

GUID = re.compile(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
)
_MOMENT = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_WHOLE = re.compile(r"[+-]?\d+")
_COLOUR = re.compile(r"#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})")
_KINDS = ("Text", "Boolean", "Integer", "Float", "Date", "DateTime")
_GUIDS = frozenset(
    (
        "guid",
        "targetGUID",
        "creatingUser",
        "modifyingUser",
        "creatingUserGUID",
        "modifyingUserGUID",
        "representedGUID",
        "sourceVertex",
        "targetVertex",
        "originGUID",
        "fromSyncPoint",
        "toSyncPoint",
    )
)
_MOMENTS = frozenset(("creationDateTime", "modifiedDateTime"))
_NUMBERS = frozenset(
    ("startPosition", "endPosition", "page", "begin", "end", "timeStamp", "position", *_BOX)
)
_REQUIRED = {
    "Project": {"name": "project"},
    "Code": {"name": "", "isCodable": "true"},
    "Variable": {"name": "", "typeOfVariable": "Text"},
    "Set": {"name": ""},
}
#: Makes a GUID from one that is none, always the same.
NAMESPACE = uuid.UUID("5d1c9a4e-2f0b-4c57-9a36-0c55b0d1e8a7")


def valid(key: str, value: str) -> str | None:
    """Return an attribute's value in the form that the standard asks for; None where it has none.

    >>> valid("creationDateTime", "2024-03-01 10:00:00"), valid("isCodable",
    ...     "True"), valid("color", "red")
    ('2024-03-01T10:00:00', 'true', None)
    """
    value = value.strip() if key != "name" else value
    if key in _GUIDS:
        return (
            value if GUID.fullmatch(value) else str(uuid.uuid5(NAMESPACE, value)) if value else None
        )
    if key in _MOMENTS:
        value = value.replace(" ", "T", 1)
        return value if _MOMENT.fullmatch(value) else None
    if key in _NUMBERS:
        return value if _WHOLE.fullmatch(value) else None
    if key == "color":
        return value if _COLOUR.fullmatch(value) else None
    if key == "isCodable":
        return "false" if value.casefold() in ("false", "0") else "true"
    if key == "typeOfVariable":
        return next((kind for kind in _KINDS if kind.casefold() == value.casefold()), "Text")
    return value


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def tidy(
    root: Any, grammar: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = GRAMMAR
) -> list[str]:
    """Bring a tree into the standard's form, in place.

    Order of children, no unknown parts, no empty lists, required attributes.

    Returns
    -------
    what was left out because the standard does not name it, by name
    """
    space = str(root.tag).rpartition("}")[0] + "}"
    left: list[str] = []
    for name in [name for name in root.attrib if name.startswith("{")]:
        del root.attrib[name]  # where a schema lies is not the document's matter
    for element in list(root.iter()):
        name = local(element)
        attributes, children = grammar.get(name, ((), ()))
        for key, value in element.items():
            fit = valid(key, value) if key in attributes else None
            if fit is None:
                left.append(f"{name}@{key}")
                del element.attrib[key]
            elif fit != value:
                element.set(key, fit)
        for key, value in _REQUIRED.get(name, {}).items():
            if key in attributes and element.get(key) is None:
                element.set(key, value)
        if not len(element):
            continue
        allowed = {space + child: place for place, child in enumerate(children)}
        if name == "Sources":
            allowed = {space + child: 0 for child in SOURCES}
        kept = [child for child in element if child.tag in allowed]
        for child in element:
            if child.tag not in allowed:
                left.append(local(child))
        kept.sort(key=lambda child: allowed[child.tag])
        if len(kept) != len(element) or any(
            a is not b for a, b in zip(kept, element, strict=False)
        ):
            for child in list(element):
                element.remove(child)
            element.extend(kept)
    for name in _LISTS:
        for element in list(root.iter(space + name)):
            if not len(element):
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)
    typed = ("BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
    for element in list(root.iter(*(space + name for name in typed))):
        if not (element.text or "").strip():
            element.getparent().remove(
                element
            )  # an empty number or date is no value, and not valid
    for element in list(root.iter(space + "CodeBook")):
        if not len(element) and element.getparent() is not None:
            element.getparent().remove(element)
    return left
