"""Sources of two projects merged: which are the same text, and where its selections stand."""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from cssp.interviews.exchange.excerpts import excerpts_of, excerpts_text, moved
from cssp.interviews.exchange.merge_keys import (
    BOTH_KEPT,
    KEPT_FIRST,
    SPACE,
    code_guid,
    leading_blanks,
    place_key,
    text_by_source,
)
from cssp.interviews.exchange.merged_document import MergedDocument
from cssp.interviews.exchange.refi_schema import local
from cssp.study.problems import DataError, Problem


class MergedSources(MergedDocument):
    """The document that two projects are merged into, with the sources of both."""

    def sources(self) -> None:
        """Put the second's sources to the first's; of one text both selections stand together."""
        place = self.place("Sources")
        own = {element.get("guid"): element for element in place}
        mine, theirs = text_by_source(self.first), text_by_source(self.second)
        by_text: dict[str, list[str]] = {}
        for own_guid, text in mine.items():
            if text and text.strip():
                by_text.setdefault(text.strip(), []).append(own_guid)
        names = {(local(element), element.get("name")): guid for guid, element in own.items()}
        for element in self.other.findall(f"{SPACE}Sources/*"):
            guid = element.get("guid")
            text = theirs.get(guid)
            same = None
            if excerpts_of(text):
                same = names.get((local(element), element.get("name")))
                same = same if same is not None and excerpts_of(mine.get(same)) else None
                if same is not None:
                    mine[same] = text = self._excerpts(own[same], element, mine[same], text)
            elif local(element) == "TextSource" and text and text.strip():
                equal = by_text.get(text.strip(), [])
                named = [one for one in equal if own[one].get("name") == element.get("name")]
                # two interviews may have one text: the GUID, then the name tells them apart
                same = guid if guid in equal else next(iter(named or equal), None)
                if same is None and guid in own and mine.get(guid):
                    raise DataError(
                        Problem(
                            self.second.file,
                            f"The text of '{element.get('name')}' is not the same in both "
                            "projects.",
                            "Code the same version of the text, or give the second a name and GUID "
                            "of its own.",
                        )
                    )
            if same is None and guid in own:
                same = guid
            if same is None and (text is None or not any(mine.values())):
                same = names.get((local(element), element.get("name")))
            if same is None:
                if (local(element), element.get("name")) in names:
                    self.note(
                        "source",
                        element.get("name"),
                        self.first.file,
                        self.second.file,
                        f"{BOTH_KEPT}: one name, but other texts (excerpts of a table are no text: "
                        "merge projects that hold the texts)",
                    )
                self._new_source(place, element, text)
                continue
            self.map[guid] = same
            self.joined.add(guid)
            if element.get("name") != own[same].get("name"):
                self.note(
                    "source",
                    own[same].get("name"),
                    own[same].get("name"),
                    element.get("name"),
                    KEPT_FIRST,
                )
            shift = leading_blanks(mine.get(same)) - leading_blanks(text)
            self._selections(own[same], element, shift)

    def _excerpts(self, target: Any, element: Any, mine: str | None, theirs: str | None) -> str:
        """Join two lists' excerpts of one document; both sides' places follow their words."""
        whole, after = excerpts_text([*excerpts_of(mine), *excerpts_of(theirs)])
        for source, text in ((target, mine), (element, theirs)):
            before = excerpts_of(text)
            for selection in source.iter(SPACE + "PlainTextSelection"):
                for key in ("startPosition", "endPosition"):
                    selection.set(key, str(moved(int(selection.get(key)), before, after)))
        if mine != theirs and any(not where for where, _ in after):
            self.note(
                "source",
                target.get("name"),
                self.first.file,
                self.second.file,
                "one name: the excerpts of both lists are taken for one interview's",
            )
        self.texts[str(target.get("plainTextPath"))] = whole
        return whole

    def _new_source(self, place: Any, element: Any, text: str | None) -> None:
        old = element.get("guid")
        fresh = self.fresh(element, "source")
        self.map[old] = fresh.get("guid")
        if isinstance(text, str):
            path = fresh.get("plainTextPath")
            if (
                path is not None and path in self.texts and self.texts[path] != text
            ) or path is None:
                path = f"internal://{fresh.get('guid')}.txt"
            if fresh.find(SPACE + "PlainTextContent") is None:
                fresh.set("plainTextPath", path)
                self.texts[path] = text
        elif local(element) != "TextSource" and self.second.archive is not None:
            self.note(
                "source",
                element.get("name"),
                "",
                element.get("path"),
                "added without its file; it stays in the second archive",
            )
        place.append(fresh)

    def _selections(self, target: Any, source: Any, shift: int) -> None:
        """Put the second's selections and codings of a source to the first's.

        The same coding is one.
        """
        # a tool may write a selection for each coding of a place: the first takes what is added
        own = [selection for selection in target if "Selection" in local(selection)]
        here = {place_key(selection): selection for selection in reversed(own)}
        marked = {
            (
                place_key(selection),
                coding.get("creatingUser") or selection.get("creatingUser"),
                code_guid(coding),
            )
            for selection in own
            for coding in selection.iter(SPACE + "Coding")
        }
        whole = {
            (coding.get("creatingUser"), code_guid(coding))
            for coding in target.findall(SPACE + "Coding")
        }
        for child in source:
            kind = local(child)
            if kind == "Coding":
                self.turn(child)
                if (child.get("creatingUser"), code_guid(child)) not in whole:
                    target.append(self.fresh(child, "coding"))
                continue
            if "Selection" not in kind:
                if kind in ("Description", "PlainTextContent", "Representation", "Transcript"):
                    mine = target.find(child.tag)
                    if mine is None:
                        target.insert(0, self.fresh(child, kind.lower()))
                    elif kind == "Description" and (mine.text or "") != (child.text or ""):
                        self.note("source", target.get("name"), mine.text, child.text, KEPT_FIRST)
                else:
                    self._reference(target, child)
                continue
            self.turn(child)
            if shift and kind == "PlainTextSelection":
                for key in ("startPosition", "endPosition"):
                    child.set(key, str(int(child.get(key)) + shift))
            same = here.get(place_key(child))
            if same is None:
                fresh = self.fresh(child, "selection")
                target.append(fresh)
                here[place_key(fresh)] = fresh
                continue
            self.map[child.get("guid")] = same.get("guid")
            for part in child:
                if local(part) == "Coding":
                    who = part.get("creatingUser") or child.get("creatingUser")
                    coding = (place_key(child), who, code_guid(part))
                    if coding not in marked:
                        marked.add(coding)
                        same.append(self.fresh(part, "coding"))
                elif local(part) == "Description":
                    mine = same.find(part.tag)
                    if mine is None:
                        same.insert(0, self.fresh(part, "description"))
                    elif (mine.text or "") != (part.text or ""):
                        self.note("selection", same.get("name"), mine.text, part.text, KEPT_FIRST)
                else:
                    self._reference(same, part)

    def _reference(self, target: Any, child: Any) -> None:
        """Append a reference or value that the target lacks."""
        self.turn(child)
        known = {etree.tostring(other, method="c14n") for other in target if other.tag == child.tag}
        if etree.tostring(child, method="c14n") not in known:
            target.append(copy.deepcopy(child))
