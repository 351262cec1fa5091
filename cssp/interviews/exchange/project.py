"""A project of coded interviews, whichever tool it comes from.

The REFI-QDA document, and tables of what is in it.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.interviews.exchange.refi_schema import NAMESPACE, SOURCES, local
from cssp.study.problems import DataError, Problem

UNNAMED = "?"

#: The name under which what coders have settled goes.
CONSENSUS = "consensus"
TEXT = "text"

TABLES = {
    "users": ["guid", "name", "id", "coder"],
    "codes": [
        "guid",
        "code",
        "name",
        "path",
        "parent",
        "depth",
        "codable",
        "colour",
        "description",
    ],
    "sources": ["guid", "kind", "name", "interview", "path", "text", "created"],
    "codings": [
        "guid",
        "selection",
        "source",
        "interview",
        "kind",
        "code_guid",
        "code",
        "coder",
        "start",
        "end",
        "name",
        "created",
    ],
    "cases": ["guid", "case", "description", "source"],
    "variables": ["guid", "variable", "type", "description"],
    "values": ["of", "guid", "variable", "value"],
    "sets": ["guid", "set", "description", "member_kind", "member"],
    "notes": ["guid", "note", "text", "created", "coder"],
    "links": ["guid", "link", "direction", "origin", "target"],
    "graphs": ["guid", "graph", "vertices", "edges"],
}


@dataclass(frozen=True)
class Project:
    """A coded project.

    Attributes
    ----------
    name, origin, file : the project's name, the tool that wrote it, the file it was read from
    users : `guid, name, id, coder` (a name that no other user has)
    codes : `guid, code` (its name, or its path where another code has that name), `name, path`
        ("Group > Code"), `parent` (guid),
        `depth, codable, colour, description`; parents before children
    sources : `guid, kind` (text, pdf, picture, audio, video), `name, interview` (a name that no
        other source has), `path` (as the project says),
        `text` (None where it has none, or its file is missing), `created`
    codings : a row a code given to a selection or to a whole source: `guid, selection, source,
        interview, kind, code_guid, code, coder, start, end`
        (code points in `text`, `end` exclusive; missing unless `kind` is text), `name` (what the
        tool wrote beside the selection), `created`
    cases : a row a case and source: `guid, case, description, source`
    variables : `guid, variable, type, description`
    values : a row a value: `of` (case or source), `guid, variable, value`
    sets : a row a set and member: `guid, set, description, member_kind` (code, source, note),
        `member`
    notes, links, graphs : `guid, note, text, created, coder`; `guid, link, direction, origin,
        target`; `guid, graph, vertices, edges`
    warnings : what the reader should know: missing files, media that are not analysed, users
        without names
    """

    name: str
    origin: str
    file: str
    users: pd.DataFrame
    codes: pd.DataFrame
    sources: pd.DataFrame
    codings: pd.DataFrame
    cases: pd.DataFrame
    variables: pd.DataFrame
    values: pd.DataFrame
    sets: pd.DataFrame
    notes: pd.DataFrame
    links: pd.DataFrame
    graphs: pd.DataFrame
    warnings: tuple[Problem, ...] = ()
    root: Any = field(default=None, repr=False)
    archive: Path | None = field(default=None, repr=False)

    def counts(self) -> pd.DataFrame:
        """Return how much the project holds: `part, count`."""
        kinds = self.sources["kind"].value_counts()
        rows = [
            ("users", len(self.users)),
            ("codes", len(self.codes)),
            *((f"{kind} sources", int(kinds.get(kind, 0))) for kind in SOURCES.values()),
            ("codings", len(self.codings)),
            ("cases", self.cases["guid"].nunique()),
            ("variables", len(self.variables)),
            ("sets", self.sets["guid"].nunique()),
            ("notes", len(self.notes)),
            ("links", len(self.links)),
            ("graphs", len(self.graphs)),
        ]
        return pd.DataFrame(rows, columns=["part", "count"])

    def warned(self, what: str, remedy: str) -> Project:
        """Return the project with one more warning."""
        return replace(
            self, warnings=(*self.warnings, Problem(self.file, what, remedy, severity="warning"))
        )

    @property
    def segments(self) -> pd.DataFrame:
        """The segment table.

        `interview, coder, code, start, end, quotation` of the text sources, one row a coding.
        """
        own = self.codings[self.codings["kind"] == TEXT].reset_index(drop=True)
        texts = dict(zip(self.sources["guid"], self.sources["text"], strict=True))
        quotations = [
            name if texts.get(source) is None else texts[source][start:end]
            for source, start, end, name in zip(
                own["source"], own["start"], own["end"], own["name"], strict=True
            )
        ]
        table = own[["interview", "coder", "code", "start", "end"]].astype(
            {"start": "int64", "end": "int64"}
        )
        return table.assign(quotation=quotations)

    @property
    def texts(self) -> pd.DataFrame:
        """The interviews' texts.

        `interview, text`, and a column for each variable of the source and of its case.
        """
        own = self.sources[self.sources["kind"] == TEXT]
        table = own[["guid", "interview", "text"]].copy()
        if len(self.values):
            direct = self.values[self.values["of"] == "source"][["guid", "variable", "value"]]
            by_case = self.values[self.values["of"] == "case"].merge(
                self.cases[["guid", "source"]].dropna().drop_duplicates(), on="guid"
            )
            by_case = by_case[["source", "variable", "value"]].rename(columns={"source": "guid"})
            told = pd.concat([direct, by_case]).drop_duplicates(["guid", "variable"])
            wide = told.pivot(index="guid", columns="variable", values="value")
            table = table.merge(wide.rename_axis(columns=None).reset_index(), on="guid", how="left")
        return table.drop(columns="guid").reset_index(drop=True)


def new_guid(*parts: object) -> str:
    """Return a GUID that the same parts always give, so that writing twice gives the same file.

    >>> new_guid("code", "money") == new_guid("code", "money")
    True
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


def unlike(names: Iterable[str], fallback: str) -> list[str]:
    """Return names made unlike: an empty one becomes `fallback`, a repeated one gets a number.

    >>> unlike(["Anna", "", "Anna"], "coder")
    ['Anna', 'coder', 'Anna (2)']
    """
    told: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = name.strip() or fallback
        number, chosen = 1, stem
        while chosen in taken:
            number += 1
            chosen = f"{stem} ({number})"
        taken.add(chosen)
        told.append(chosen)
    return told


def slug(text: str) -> str:
    """Return a name for a code from its label.

    Letters, digits and underscores, beginning with a letter.

    >>> slug("Нет денег (вообще)"), slug("2nd try")
    ('нет_денег_вообще', 'c_2nd_try')
    """
    name = (
        re.sub(r"[^0-9A-Za-zА-Яа-яЁё]+", "_", unicodedata.normalize("NFC", text)).strip("_").lower()
        or "code"
    )
    return name if name[0].isalpha() else f"c_{name}"


def code_names(codes: pd.DataFrame) -> dict[str, str]:
    """Return a name for each code of a project's table.

    Guid -> name, each another, in the order of the hierarchy.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for guid, label in zip(codes["guid"], codes["name"], strict=True):
        stem = slug(str(label))
        number, name = 1, stem
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        names[guid] = name
    return names


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
            told = (
                f"The GUID {guid} names two {kind} elements."
                if guid
                else f"Several {kind} elements have no GUID."
            )
            self.report(
                told,
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
        variables = [(guid, names[guid], kind, told) for guid, _, kind, told in variables]
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
            told = next((child.text for child in value if child is not ref), None)
            found.append((kind, element.get("guid", ""), names[guid], told or ""))
        return found

    def done(self) -> None:
        """Raise what was found, if anything stops the work."""
        if errors := [problem for problem in self.problems if problem.severity == "error"]:
            raise DataError(errors)
