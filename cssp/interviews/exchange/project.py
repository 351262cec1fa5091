"""A project of coded interviews, whichever tool it comes from.

The REFI-QDA document, and tables of what is in it.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.interviews.exchange.line_ends import Newlines
from cssp.interviews.exchange.refi_schema import NAMESPACE, SOURCES
from cssp.study.problems import Problem

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
    root, archive : the document, its places brought to the texts as they stand, and the archive
    counting : how the tool counted places (see `line_ends`), in which they are written again
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
    counting: Newlines = "stored"

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
            values = pd.concat([direct, by_case]).drop_duplicates(["guid", "variable"])
            wide = values.pivot(index="guid", columns="variable", values="value")
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
    given: list[str] = []
    taken: set[str] = set()
    for name in names:
        stem = name.strip() or fallback
        number, chosen = 1, stem
        while chosen in taken:
            number += 1
            chosen = f"{stem} ({number})"
        taken.add(chosen)
        given.append(chosen)
    return given


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
