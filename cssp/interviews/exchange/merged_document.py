"""The document that two projects are merged into, with the conflicts on the way."""

from __future__ import annotations

import copy
from typing import Any

from cssp.interviews.exchange.from_tables import add, texts_by_path
from cssp.interviews.exchange.merge_keys import BOTH_KEPT, SPACE
from cssp.interviews.exchange.project import Project, new_guid


class MergedDocument:
    """A copy of the first project's document; what the second has beside it is put in."""

    def __init__(self, first: Project, second: Project) -> None:
        self.first, self.second = first, second
        self.root = copy.deepcopy(first.root)
        self.other = copy.deepcopy(second.root)
        self.conflicts: list[tuple[str, str, str, str, str]] = []
        self.map: dict[str, str] = {}
        self.joined: set[str] = set()
        self.taken = set(self.root.xpath("//@guid", smart_strings=False))
        self.texts = texts_by_path(first)

    def note(self, kind: str, name: object, first: object, second: object, decision: str) -> None:
        """Keep a row of what differs, and what was decided."""
        self.conflicts.append(
            (kind, str(name or ""), str(first or ""), str(second or ""), decision)
        )

    def place(self, name: str) -> Any:
        """Return the part of the merged document, made where it is missing."""
        found = self.root.find(SPACE + name)
        return add(self.root, name) if found is None else found

    def fresh(self, element: Any, kind: str) -> Any:
        """Return a copy of the second's element.

        Its references turned to the merged document and GUIDs taken there renewed.
        """
        own = copy.deepcopy(element)
        for part in own.iter():
            guid = part.get("guid")
            if guid is not None:
                if guid in self.taken:
                    self.map[guid] = new_guid("merged", guid, self.second.file, kind)
                    self.note(
                        kind,
                        part.get("name") or guid,
                        "another thing has this GUID",
                        guid,
                        f"{BOTH_KEPT}, the second's with a new GUID",
                    )
                    part.set("guid", self.map[guid])
                self.taken.add(part.get("guid"))
        self.turn(own)
        return own

    def turn(self, element: Any) -> None:
        """Turn an element's references to the things of the merged document."""
        for part in element.iter():
            for key in (
                "targetGUID",
                "creatingUser",
                "modifyingUser",
                "originGUID",
                "representedGUID",
                "sourceVertex",
                "targetVertex",
            ):
                value = part.get(key)
                if value is not None and value in self.map:
                    part.set(key, self.map[value])
