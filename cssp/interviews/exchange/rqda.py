"""RQDA: its project database (`.rqda`), read only.

The tables are those that RQDA documents (its help page "RQDATables"): what has the status 0 was
deleted there and can be restored; it is left out here, and counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.places import places_by_words
from cssp.interviews.exchange.project import Project, new_guid
from cssp.interviews.exchange.rows import codings_of, path_of, warned_of_places, whole
from cssp.interviews.exchange.untrusted import LIMITS, Limits, refused
from cssp.study.problems import short_path

#: Tables whose column `memo` has no place in a project.
_MEMOS = {
    "coding": "memos of codings",
    "source": "memos of files",
    "cases": "memos of cases",
    "annotation": "annotations",
    "journal": "pages of the journal",
}


def read_rqda(path: str | Path, limits: Limits = LIMITS) -> Project:
    """Read an RQDA project. Nothing is written.

    Categories become codes that cannot be used for coding, with their codes below them; cases and
    attributes of files and cases become variables. Owners are the coders.

    Parameters
    ----------
    path : the project's file or folder
    limits : how much the file may ask for

    Raises
    ------
    DataError
        It is no RQDA database, is locked, or a coding does not fit its text.

    Examples
    --------
    >>> project = read_rqda("study.rqda")  # doctest: +SKIP
    >>> read_rqda("no_such_file.rqda")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cssp.study.problems.DataError: no_such_file.rqda: The file cannot be read: ...
    """
    place = Path(path)
    file = short_path(place)
    with sqlite.opened(place, limits) as connection:
        there = sqlite.tables(connection)
        sources, gone_files = _alive(connection, "source", ["id", "name", "file"], file)
        codes, gone_codes = _alive(connection, "freecode", ["id", "name", "memo", "color"], file)
        marks, gone_marks = _alive(
            connection,
            "coding",
            ["cid", "fid", "seltext", "selfirst", "selend", "owner", "date"],
            file,
        )
        table, several = _codes(connection, codes, file, there)
        attributes = _attributes(connection, file, there)
        left = {
            what: int(_filled(connection, name, file))
            for name, what in _MEMOS.items()
            if name in there
        }
    names = {key: str(name) for key, name in zip(sources["id"], sources["name"], strict=True)}
    bodies = {
        key: str(text or "") for key, text in zip(sources["id"], sources["file"], strict=True)
    }
    marks = marks[marks["fid"].isin(names)]
    orphans = ~marks["cid"].isin(codes["id"])
    marks = marks[~orphans].reset_index(drop=True)
    if marks.empty and orphans.any():
        raise refused(file, "Every coding has an unknown code.", "Clean the project in RQDA.")
    places, unit, strange = places_by_words(
        [bodies[key] for key in marks["fid"]],
        whole(marks["selfirst"], file),
        whole(marks["selend"], file),
        marks["seltext"].fillna("").astype(str),
    )
    texts = pd.DataFrame(
        {
            "interview": [names[key] for key in sources["id"]],
            "text": [bodies[key] for key in sources["id"]],
        }
    )
    for name, values in attributes.items():
        texts[name] = [values.get(key, "") for key in sources["id"]]
    project = project_from_tables(
        place.stem, table, texts, codings_of(marks, names, places), file, "RQDA"
    )
    project = warned_of_places(project, int(orphans.sum()), unit, strange)
    for name in several:
        project = project.warned(
            f"The code '{name}' is in several categories; it stands above all here.",
            "Leave it in one category, if the hierarchy matters.",
        )
    gone = {"files": gone_files, "codes": gone_codes, "codings": gone_marks, **left}
    if left_out := [f"{count} {what}" for what, count in gone.items() if count]:
        project = project.warned(
            f"Left behind (deleted in RQDA, or without a place here): {', '.join(left_out)}.",
            "Keep the RQDA project.",
        )
    return project


def _alive(connection: Any, table: str, columns: list[str], file: str) -> tuple[pd.DataFrame, int]:
    """Return a table's rows that are not deleted, and how many are."""
    rows = sqlite.read(connection, table, [*columns, "status"], file)
    alive = pd.to_numeric(rows["status"], errors="coerce").fillna(1) != 0
    return rows.loc[alive, columns].reset_index(drop=True), int((~alive).sum())


def _filled(connection: Any, table: str, file: str) -> int:
    """Return how many notes a table holds."""
    column = "annotation" if table == "annotation" else "journal" if table == "journal" else "memo"
    known = sqlite.columns_of(connection, table)
    column_values = sqlite.read(
        connection, table, [column if column in known else "memo"], file
    ).iloc[:, 0]
    return int((column_values.fillna("").astype(str).str.strip() != "").sum())


def _codes(
    connection: Any, codes: pd.DataFrame, file: str, there: set[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the codes below their categories, and the codes that are in several."""
    rows: list[tuple[object, ...]] = []
    below: dict[object, list[object]] = {}
    if {"codecat", "treecode"} <= there:
        categories, _ = _alive(connection, "codecat", ["catid", "name", "memo"], file)
        for row in categories.itertuples():
            rows.append((f"category {row.catid}", "", str(row.name), row.memo, None, False))
        tree, _ = _alive(connection, "treecode", ["cid", "catid"], file)
        known = set(categories["catid"])
        for row in tree.drop_duplicates().itertuples():
            if row.catid in known:
                below.setdefault(row.cid, []).append(row.catid)
    several = []
    for row in codes.itertuples():
        parents = below.get(row.id, [])
        if len(parents) > 1:
            several.append(str(row.name))
        parent = f"category {parents[0]}" if len(parents) == 1 else ""
        colour = row.color if str(row.color or "").startswith("#") else None
        rows.append((f"code {row.id}", parent, str(row.name), row.memo, colour, True))
    columns = ["code", "parent", "label", "description", "colour", "codable"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    # numbers of rows say nothing beyond this file: a code is what its path of names says
    names = {str(row[0]): (str(row[1]), str(row[2])) for row in rows}
    table["guid"] = [new_guid("code of RQDA", *path_of(code, names)) for code in table["code"]]
    return table, several


def _attributes(connection: Any, file: str, there: set[str]) -> dict[str, dict[object, str]]:
    """Return attributes of files, and of the cases that files belong to: name -> file -> value.

    Values of several cases of one file stand side by side.
    """
    rows: list[tuple[str, object, str]] = []
    if "fileattr" in there:
        own, _ = _alive(connection, "fileAttr", ["variable", "value", "fileID"], file)
        rows += [(str(row.variable), row.fileID, str(row.value)) for row in own.itertuples()]
    if {"cases", "caselinkage"} <= there:
        cases, _ = _alive(connection, "cases", ["id", "name"], file)
        linked, _ = _alive(connection, "caselinkage", ["caseid", "fid"], file)
        files = linked.drop_duplicates().groupby("caseid")["fid"].agg(list).to_dict()
        rows += [
            ("case", target, str(row.name))
            for row in cases.itertuples()
            for target in files.get(row.id, [])
        ]
        if "caseattr" in there:
            own, _ = _alive(connection, "caseAttr", ["variable", "value", "caseID"], file)
            rows += [
                (str(row.variable), target, str(row.value))
                for row in own.itertuples()
                for target in files.get(row.caseID, [])
            ]
    found: dict[str, dict[object, str]] = {}
    for name, target, value in rows:
        values = found.setdefault(name, {})
        if value not in ("", "None", values.get(target)):
            values[target] = f"{values[target]}; {value}" if target in values else value
    return found
