"""What makes two entries of two projects the same: paths, texts, places, values."""

from __future__ import annotations

from typing import Any

from cssp.interviews.exchange.project import TEXT, Project
from cssp.interviews.exchange.refi_schema import PROJECT, local

SPACE = f"{{{PROJECT}}}"


CONFLICTS = ["kind", "name", "first", "second", "decision"]


KEPT_FIRST = "the first's kept"


BOTH_KEPT = "both kept"


#: Names of coders that tools give by themselves: they say nothing of who coded.
STANDARD_NAMES = frozenset(
    {
        "default",
        "user",
        "admin",
        "administrator",
        "coder",
        "unknown",
        "unnamed",
        "пользователь",
        "?",
    }
)


def code_path(code: Any) -> tuple[str, ...]:
    """Return a code's name after those of the codes above it."""
    names = [code.get("name") or ""]
    above = code.getparent()
    while above is not None and local(above) == "Code":
        names.append(above.get("name") or "")
        above = above.getparent()
    return tuple(reversed(names))


def described(element: Any) -> str:
    """Return an element's description, empty where it has none."""
    return str(element.findtext(SPACE + "Description") or "")


def text_by_source(project: Project) -> dict[str, str | None]:
    """Return the text of each source by its GUID; None where the text is missing."""
    own = project.sources[project.sources["kind"] == TEXT]
    return {
        guid: text if isinstance(text, str) else None
        for guid, text in zip(own["guid"], own["text"], strict=True)
    }


def leading_blanks(text: str | None) -> int:
    """Return how many white characters a text begins with."""
    return 0 if not text else len(text) - len(text.lstrip())


PLACES = (
    "startPosition",
    "endPosition",
    "page",
    "firstX",
    "firstY",
    "secondX",
    "secondY",
    "begin",
    "end",
    "fromSyncPoint",
    "toSyncPoint",
)


def place_key(selection: Any) -> tuple[str | None, ...]:
    """Return a selection's place and who made it: two coders' selections of one place stay two."""
    return (
        local(selection),
        selection.get("creatingUser"),
        *(selection.get(key) for key in PLACES),
    )


def code_guid(coding: Any) -> str | None:
    """Return the GUID of the code that a coding gives."""
    ref = coding.find(SPACE + "CodeRef")
    return None if ref is None else str(ref.get("targetGUID"))


def variable_key(value: Any) -> str | None:
    """Return the GUID of the variable that a value belongs to."""
    ref = value.find(SPACE + "VariableRef")
    return None if ref is None else str(ref.get("targetGUID"))


def value_key(value: Any) -> str:
    """Return what a variable's value is, as text."""
    return next((child.text or "" for child in value if local(child) != "VariableRef"), "")
