"""Two copies of a project, coded apart, become one.

Sources by content, codes by GUID or name, every conflict told.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pandas as pd
from lxml import etree

from cssp.interviews.exchange.from_tables import GivenTexts, add, place_of_users
from cssp.interviews.exchange.merge_keys import (
    BOTH_KEPT,
    CONFLICTS,
    KEPT_FIRST,
    SPACE,
    STANDARD_NAMES,
    code_path,
    described,
    value_key,
    variable_key,
)
from cssp.interviews.exchange.merged_sources import MergedSources
from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.refi_qda import project_of
from cssp.interviews.exchange.refi_schema import local


def merge_projects(first: Project, second: Project) -> tuple[Project, pd.DataFrame]:
    """Join two copies of a project that two people coded apart.

    Sources are the same when their texts are (white space at their ends aside), or, where one text
    is missing, their GUID or name. Codes are the
    same by GUID, or by their path of names. Users are the same by GUID. What only the second has is
    added; what both have stays as the
    first has it, and where the second differs, that is a row of the conflicts. Nothing is dropped
    silently: a coding that both
    hold is one coding, a GUID that names different things gets a new one in the second.

    Parameters
    ----------
    first, second : projects; the first's names and order win

    Returns
    -------
    the merged project, and the conflicts: `kind` (code, source, user, selection, ...), `name,
    first, second` (what differs), `decision`

    Raises
    ------
    DataError
        A source has the same GUID in both but another text: codings of one would lie at the wrong
        place in the other.

    Examples
    --------
    >>> from cssp import load_study, only_coders, study_project
    >>> whole = study_project(load_study())
    >>> merged, conflicts = merge_projects(only_coders(whole, ["A"]), only_coders(whole, ["B"]))
    >>> len(merged.codings) == len(whole.codings), len(conflicts)
    (True, 0)
    """
    work = _Merge(first, second)
    work.users()
    work.codes()
    work.sources()
    if not work.joined and len(second.sources):
        work.note(
            "project",
            second.name,
            first.file,
            second.file,
            "no source is the same in both: nothing was joined, all was added",
        )
    for part in ("Variables", "Notes", "Cases", "Links", "Sets", "Graphs"):
        work.others(part)
    project = project_of(work.root, first.file, GivenTexts(work.texts), archive=first.archive)
    project = replace(project, counting=first.counting)
    return project, pd.DataFrame(work.conflicts, columns=CONFLICTS)


class _Merge(MergedSources):
    def users(self) -> None:
        own = {user.get("guid"): user for user in self.root.iter(SPACE + "User")}
        names = {user.get("name"): guid for guid, user in own.items() if user.get("name")}
        for user in self.other.iter(SPACE + "User"):
            guid = user.get("guid")
            if guid in own:
                if user.get("name") != own[guid].get("name"):
                    self.note("user", guid, own[guid].get("name"), user.get("name"), KEPT_FIRST)
                elif str(user.get("name")).strip().casefold() in STANDARD_NAMES:
                    self.note(
                        "user",
                        user.get("name"),
                        self.first.file,
                        self.second.file,
                        "taken for one person, though the name is the tool's own; if they are two, "
                        "rename one in its project and merge again",
                    )
                continue
            if user.get("name") in names:
                self.note(
                    "user",
                    user.get("name"),
                    names[user.get("name")],
                    guid,
                    f"{BOTH_KEPT}, told apart by number",
                )
            place_of_users(self.root).append(self.fresh(user, "user"))

    def codes(self) -> None:
        own = {code.get("guid"): code for code in self.root.iter(SPACE + "Code")}
        paths = {code_path(code): code for code in own.values()}
        for code in self.other.iter(SPACE + "Code"):
            guid, path = code.get("guid"), code_path(code)
            same = own.get(guid)
            if same is None:
                same = paths.get(path)
            if same is None:
                folded = {" > ".join(known).casefold(): known for known in paths}
                if near := folded.get(" > ".join(path).casefold()):
                    self.note(
                        "code",
                        " > ".join(path),
                        " > ".join(near),
                        " > ".join(path),
                        f"{BOTH_KEPT}: they differ by case only",
                    )
                self._new_code(code, path, own, paths)
                continue
            self.map[guid] = same.get("guid")
            for what in ("name", "color", "isCodable"):
                if (code.get(what) or "") != (same.get(what) or ""):
                    self.note(
                        "code",
                        code_path(same)[-1],
                        f"{what}: {same.get(what)}",
                        f"{what}: {code.get(what)}",
                        KEPT_FIRST,
                    )
            if described(code) != described(same):
                self.note("code", code_path(same)[-1], described(same), described(code), KEPT_FIRST)
            if code.get("name") == same.get("name") and path[:-1] != code_path(same)[:-1]:
                self.note(
                    "code",
                    code_path(same)[-1],
                    " > ".join(code_path(same)),
                    " > ".join(path),
                    KEPT_FIRST,
                )

    def _new_code(
        self,
        code: Any,
        path: tuple[str, ...],
        own: dict[str, Any],
        paths: dict[tuple[str, ...], Any],
    ) -> None:
        parent = code.getparent()
        if local(parent) == "Code":
            place = own[self.map.get(parent.get("guid"), parent.get("guid"))]
        else:
            book = self.place("CodeBook")
            place = book.find(SPACE + "Codes")
            place = add(book, "Codes") if place is None else place
        alone = copy.copy(code)
        for child in list(alone.iter(SPACE + "Code"))[1:]:
            if child.getparent() is alone:
                alone.remove(child)
        old = code.get("guid")
        fresh = self.fresh(alone, "code")
        self.map[old] = fresh.get("guid")
        place.append(fresh)
        own[fresh.get("guid")] = fresh
        paths.setdefault(path, fresh)

    def others(self, part: str) -> None:
        """Put variables, notes, cases, links, sets and graphs together.

        The same by GUID, or by name for variables, cases and sets.
        """
        theirs = self.other.findall(f"{SPACE}{part}/*")
        if not theirs:
            return
        place = self.place(part)
        own = {element.get("guid"): element for element in place}
        names = (
            {element.get("name"): element for element in place if element.get("name")}
            if part in ("Variables", "Cases", "Sets")
            else {}
        )
        for element in theirs:
            same = own.get(element.get("guid"))
            if same is None:
                same = names.get(element.get("name"))
            if same is None:
                old = element.get("guid")
                fresh = self.fresh(element, part[:-1].lower())
                self.map.setdefault(old, fresh.get("guid"))
                place.append(fresh)
                continue
            self.map[element.get("guid")] = same.get("guid")
            self.turn(element)
            self._united(part, same, element)

    def _united(self, part: str, same: Any, element: Any) -> None:
        values = {variable_key(value): value for value in same.findall(SPACE + "VariableValue")}
        kind = part[:-1].lower()
        for key in ("name", "typeOfVariable", "direction", "originGUID", "targetGUID"):
            if (element.get(key) or "") != (same.get(key) or ""):
                self.note(
                    kind,
                    same.get("name"),
                    f"{key}: {same.get(key)}",
                    f"{key}: {element.get(key)}",
                    KEPT_FIRST,
                )
        for child in element:
            name = local(child)
            if name == "VariableValue":
                mine = values.get(variable_key(child))
                if mine is None:
                    same.append(copy.deepcopy(child))
                elif value_key(mine) != value_key(child):
                    self.note(kind, same.get("name"), value_key(mine), value_key(child), KEPT_FIRST)
            elif name.endswith("Ref") or name.startswith("Member"):
                self._reference(same, child)
            else:
                known = [other for other in same if other.tag == child.tag]
                if not any(
                    etree.tostring(other, method="c14n") == etree.tostring(child, method="c14n")
                    for other in known
                ):
                    if known and name in ("Description", "PlainTextContent"):
                        self.note(kind, same.get("name"), known[0].text, child.text, KEPT_FIRST)
                    elif child.get("guid") in {other.get("guid") for other in known}:
                        self.note(
                            kind, same.get("name"), "another version", child.get("name"), KEPT_FIRST
                        )
                    else:
                        same.append(self.fresh(child, name.lower()))
