"""What every reader of a tool's project fills: tables of the same shape, with what was noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cssp.interviews.exchange.project import TABLES, UNNAMED, unlike
from cssp.interviews.exchange.refi_schema import local
from cssp.study.problems import DataError, Problem


class Reading:
    """Takes a REFI-QDA document apart into a project's tables, gathering what is wrong."""

    def __init__(self, root: Any, file: str) -> None:
        self.root = root
        self.file = file
        self.space = str(root.tag).rpartition("}")[0] + "}"
        self.problems: list[Problem] = []

    def tag(self, name: str) -> str:
        """Return an element's name with the document's namespace."""
        return self.space + name

    def report(
        self,
        what: str,
        remedy: str,
        element: Any = None,
        severity: str = "error",
        row: int | None = None,
        value: str | None = None,
    ) -> None:
        """Keep a finding; `element` or `row` says on which line it is."""
        line = row if element is None else element.sourceline
        self.problems.append(Problem(self.file, what, remedy, line, severity=severity, value=value))

    def part(self, *path: str) -> list[Any]:
        """Return the children of an element that is found from the root by its path.

        None where it is missing.
        """
        found = self.root.find("/".join(self.tag(name) for name in path))
        return [] if found is None else list(found)

    def text_of(self, element: Any, name: str) -> str:
        """Return the text of a child, empty where there is none."""
        found = element.find(self.tag(name))
        return "" if found is None or found.text is None else str(found.text)

    def check_guids(self) -> None:
        """Report a GUID that names two users, codes, sources or the like.

        What refers to it would be ambiguous.
        """
        book = self.root.find(self.tag("CodeBook"))
        codes = [] if book is None else [code.get("guid") for code in book.iter(self.tag("Code"))]
        self.alone("Code", codes)
        for part in ("Users", "Sources", "Cases", "Variables", "Sets", "Notes"):
            self.alone(part[:-1], [element.get("guid") for element in self.part(part)])

    def alone(self, kind: str, guids: Sequence[Any]) -> None:
        """Report what has no GUID where it must have one, and a GUID that stands twice."""
        if len(set(guids)) == len(guids):
            return
        for guid in [guid for guid, count in Counter(guids).items() if count > 1][:5]:
            place = next((e for e in self.root.iter() if e.get("guid") == guid), None)
            doubles = (
                f"The GUID {guid} names two {kind} elements."
                if guid
                else f"Several {kind} elements have no GUID."
            )
            self.report(
                doubles,
                "Export the project once more; two copies may have been joined by hand.",
                place,
            )

    def users(self) -> pd.DataFrame:
        """Read the users, each with a name of its own."""
        own = self.part("Users")
        names = [(user.get("name") or user.get("id") or "").strip() for user in own]
        unnamed = sum(not name for name in names)
        if unnamed:
            self.report(
                f"{unnamed} of {len(own)} users have no name; they are called '{UNNAMED}'.",
                "Name them in the tool, or rename the coders here.",
                severity="warning",
            )
        for name, count in Counter(filter(None, names)).items():
            if count > 1:
                self.report(
                    f"{count} users are named '{name}'; they are kept apart as '{name}', '{name} "
                    "(2)'.",
                    "If they are one person, give their codings one user in the tool.",
                    severity="warning",
                )
        coders = unlike(names, UNNAMED)
        rows = [
            (u.get("guid", ""), u.get("name"), u.get("id"), c)
            for u, c in zip(own, coders, strict=True)
        ]
        return pd.DataFrame(rows, columns=TABLES["users"], dtype=object)

    def codes(self, own: list[Any]) -> pd.DataFrame:
        """Read the hierarchy of codes, parents before children."""
        rows: list[list[Any]] = []
        stack = [(code, "", "", 0) for code in reversed(own)]
        while stack:
            code, parent, above, depth = stack.pop()
            if code.tag != self.tag("Code"):
                continue
            name, guid = (code.get("name") or "").strip(), code.get("guid", "")
            if not guid:
                self.report(
                    f"The code '{name}' has no GUID.", "Export the project once more.", code
                )
            path = f"{above} > {name}" if above else name
            codable = (code.get("isCodable") or "true").casefold() not in ("false", "0")
            rows.append(
                [
                    guid,
                    name,
                    name,
                    path,
                    parent,
                    depth,
                    codable,
                    code.get("color"),
                    self.text_of(code, "Description"),
                ]
            )
            stack += [(child, guid, path, depth + 1) for child in reversed(code)]
        table = pd.DataFrame(rows, columns=TABLES["codes"], dtype=object)
        if table.empty:
            return table
        repeated = table["name"].duplicated(keep=False)
        table.loc[repeated, "code"] = table.loc[repeated, "path"]
        table["code"] = unlike(table["code"], UNNAMED)
        folded = table["code"].str.casefold()
        for name in folded[folded.duplicated()].drop_duplicates():
            alike = "', '".join(table.loc[folded == name, "code"])
            self.report(
                f"The codes '{alike}' differ by case only.",
                "If they are one code, merge them in the tool.",
                severity="warning",
            )
        table["depth"] = table["depth"].astype("int64")
        table["codable"] = table["codable"].astype(bool)
        return table

    def simple(self) -> dict[str, pd.DataFrame]:
        """Read cases, variables and their values, sets, notes, links and graphs."""
        cases: list[tuple[Any, ...]] = []
        values: list[tuple[Any, ...]] = []
        sets: list[tuple[Any, ...]] = []
        variables = [
            (
                v.get("guid", ""),
                v.get("name", ""),
                v.get("typeOfVariable", "Text"),
                self.text_of(v, "Description"),
            )
            for v in self.part("Variables")
        ]
        names = dict(
            zip([v[0] for v in variables], unlike([v[1] for v in variables], UNNAMED), strict=True)
        )
        for case in self.part("Cases"):
            head = (case.get("guid", ""), case.get("name") or "", self.text_of(case, "Description"))
            cases += [
                (*head, ref.get("targetGUID")) for ref in case.iter(self.tag("SourceRef"))
            ] or [(*head, None)]
            values += self._values(case, "case", names)
        for source in self.part("Sources"):
            values += self._values(source, "source", names)
        for group in self.part("Sets"):
            head = (
                group.get("guid", ""),
                group.get("name") or "",
                self.text_of(group, "Description"),
            )
            members: list[tuple[Any, ...]] = [
                (*head, local(m)[6:].lower(), m.get("targetGUID"))
                for m in group
                if local(m).startswith("Member")
            ]
            sets += members if members else [(*head, None, None)]
        links = [
            (
                e.get("guid", ""),
                e.get("name"),
                e.get("direction"),
                e.get("originGUID"),
                e.get("targetGUID"),
            )
            for e in self.part("Links")
        ]
        graphs = [
            (
                g.get("guid", ""),
                g.get("name"),
                len(g.findall(self.tag("Vertex"))),
                len(g.findall(self.tag("Edge"))),
            )
            for g in self.part("Graphs")
        ]
        variables = [(guid, names[guid], kind, kind_of) for guid, _, kind, kind_of in variables]
        rows = {
            "cases": cases,
            "variables": variables,
            "values": values,
            "sets": sets,
            "links": links,
            "graphs": graphs,
        }
        return {name: pd.DataFrame(own, columns=TABLES[name]) for name, own in rows.items()}

    def _values(self, element: Any, kind: str, names: dict[str, str]) -> list[tuple[Any, ...]]:
        found = []
        for value in element.findall(self.tag("VariableValue")):
            ref = value.find(self.tag("VariableRef"))
            guid = "" if ref is None else ref.get("targetGUID", "")
            if guid not in names:
                self.report(
                    f"A value is given for an unknown variable ({guid or 'no GUID'}).",
                    "Export the project once more.",
                    value,
                )
                continue
            text = next((child.text for child in value if child is not ref), None)
            found.append((kind, element.get("guid", ""), names[guid], text or ""))
        return found

    def done(self) -> None:
        """Raise what was found, if anything stops the work."""
        if errors := [problem for problem in self.problems if problem.severity == "error"]:
            raise DataError(errors)
