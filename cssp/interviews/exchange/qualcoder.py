"""QualCoder: its project database (`.qda`), read only, and the CSV of its coding report."""

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

_MEDIA = {"code_image": "codings of images", "code_av": "codings of audio and video"}


def read_qualcoder(path: str | Path, limits: Limits = LIMITS) -> Project:
    """Read a QualCoder project.

    The folder `NAME.qda`, or the `data.qdba`/`data.qda` database in it. Nothing is written.

    Categories become codes that cannot be used for coding, with their codes below them; cases and
    attributes of files and cases become
    variables. Owners are the coders.

    Parameters
    ----------
    path : the project's file or folder
    limits : how much the file may ask for

    Returns
    -------
    the project; images, audio and video are left out, with a warning

    Raises
    ------
    DataError
        It is no QualCoder database, is locked, its categories go round in a circle, or a coding
        does not fit its text.

    Examples
    --------
    >>> project = read_qualcoder("study.qda")  # doctest: +SKIP
    >>> project.counts  # doctest: +SKIP
    >>> read_qualcoder("no_such_file.qda")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cssp.study.problems.DataError: no_such_file.qda: The file cannot be read: ...
    """
    given = Path(path)
    place = (
        next(
            (given / name for name in ("data.qda", "data.sqlite") if (given / name).is_file()),
            given / "data.qda",
        )
        if given.is_dir()
        else given
    )
    file = short_path(place)
    with sqlite.opened(place, limits) as connection:
        sources = sqlite.read(connection, "source", ["id", "name", "fulltext", "mediapath"], file)
        categories = sqlite.read(
            connection, "code_cat", ["catid", "name", "memo", "supercatid"], file
        )
        codes = sqlite.read(
            connection, "code_name", ["cid", "name", "memo", "catid", "color"], file
        )
        marks = sqlite.read(
            connection,
            "code_text",
            ["cid", "fid", "seltext", "pos0", "pos1", "owner", "date"],
            file,
        )
        there = sqlite.tables(connection)
        media = {
            what: len(sqlite.read(connection, table, ["cid"], file))
            for table, what in _MEDIA.items()
            if table in there
        }
        attributes, doubtful = _attributes(connection, file, there)
        left = _memos(connection, file, there)
    texts = sources[
        sources["fulltext"].map(lambda text: isinstance(text, str) and text != "")
    ].reset_index(drop=True)
    names = dict(zip(texts["id"], texts["name"].astype(str), strict=True))
    marks = marks[marks["fid"].isin(names)]
    orphans = ~marks["cid"].isin(codes["cid"])
    if orphans.any() and orphans.all():
        raise refused(
            file,
            "Every coding has an unknown code.",
            "Open the project in QualCoder and let it repair itself.",
        )
    marks = marks[~orphans].reset_index(drop=True)
    bodies = dict(zip(texts["id"], texts["fulltext"], strict=True))
    places, unit, strange = places_by_words(
        [bodies[key] for key in marks["fid"]],
        whole(marks["pos0"], file),
        whole(marks["pos1"], file),
        marks["seltext"].fillna("").astype(str),
    )
    table = pd.DataFrame(
        {"interview": [names[key] for key in texts["id"]], "text": texts["fulltext"]}
    )
    for name, values in attributes.items():
        table[name] = [values.get(key, "") for key in texts["id"]]
    project = project_from_tables(
        given.stem,
        _codes(categories, codes, file),
        table,
        codings_of(marks, names, places),
        file,
        "QualCoder",
    )
    project = warned_of_places(project, int(orphans.sum()), unit, strange)
    for name, interview in doubtful:
        project = project.warned(
            f"'{names.get(interview, interview)}' holds the words of several cases with another "
            f"'{name}'; it has none here.",
            "Give attributes of the interviews, or a document to each case.",
        )
    for what, count in left.items():
        if count:
            project = project.warned(f"Left behind: {count} {what}.", "Keep the QualCoder project.")
    media_text = [f"{count} {what}" for what, count in media.items() if count]
    if len(texts) < len(sources):
        media_text.append(f"{len(sources) - len(texts)} files without text")
    return (
        project.warned(
            f"Left out, because only text is analysed: {', '.join(media_text)}.",
            "Keep the QualCoder project beside this.",
        )
        if media_text
        else project
    )


def _codes(categories: pd.DataFrame, codes: pd.DataFrame, file: str) -> pd.DataFrame:
    rows = []
    for row in categories.itertuples():
        parent = f"category {row.supercatid}" if pd.notna(row.supercatid) and row.supercatid else ""
        rows.append((f"category {row.catid}", parent, str(row.name), row.memo, None, False))
    known = {row[0] for row in rows}
    for row in codes.itertuples():
        parent = f"category {row.catid}" if pd.notna(row.catid) and row.catid else ""
        rows.append(
            (
                f"code {row.cid}",
                parent if parent in known else "",
                str(row.name),
                row.memo,
                row.color,
                True,
            )
        )
    table = pd.DataFrame(
        rows, columns=["code", "parent", "label", "description", "colour", "codable"], dtype=object
    )
    # numbers of rows say nothing beyond this file: a code is what its path of names says
    names = {code: (parent, label) for code, parent, label, *_ in rows}
    table["guid"] = [new_guid("code of QualCoder", *path_of(code, names)) for code in table["code"]]
    if table["code"].duplicated().any():
        raise refused(
            file,
            "Two codes have the same number.",
            "Open the project in QualCoder and let it repair itself.",
        )
    return table


def _memos(connection: Any, file: str, there: set[str]) -> dict[str, int]:
    """Return how many memos, notes in the margin and pages of the journal there are, by kind."""
    kinds = {
        "memos of codings": ("code_text", "memo"),
        "annotations (notes in the margin)": ("annotation", "memo"),
        "memos of sources": ("source", "memo"),
        "memos of cases": ("cases", "memo"),
        "pages of the journal": ("journal", "jentry"),
    }
    found = {}
    for what, (table, column) in kinds.items():
        if table in there and column in sqlite.columns_of(connection, table):
            texts = sqlite.read(connection, table, [column], file)[column].fillna("").astype(str)
            found[what] = int((texts.str.strip() != "").sum())
    return found


def _attributes(
    connection: Any, file: str, there: set[str]
) -> tuple[dict[str, dict[object, str]], list[tuple[str, object]]]:
    """Return the attributes of files, and of the cases that files belong to.

    Name -> file -> value; and which attribute of which file is left out, because the file holds the
    words of several cases that differ in it.
    """
    found: dict[str, dict[object, str]] = {}
    doubtful: list[tuple[str, object]] = []
    if "attribute" not in there:
        return found, doubtful
    values = sqlite.read(connection, "attribute", ["name", "attr_type", "value", "id"], file)
    values = values[values["attr_type"].isin(["file", "case"]) & ~values["value"].isin([None, ""])]
    by_case: dict[object, list[object]] = {}
    if {"case_text", "cases"} <= there:
        belongs = sqlite.read(connection, "case_text", ["caseid", "fid"], file)
        for case, source in zip(belongs["caseid"], belongs["fid"], strict=True):
            by_case.setdefault(case, []).append(source)
        cases = sqlite.read(connection, "cases", ["caseid", "name"], file)
        attributes = [
            ("case", "case", str(name), case)
            for case, name in zip(cases["caseid"], cases["name"], strict=True)
        ]
    else:
        attributes = []
    rows = [*attributes, *values[["name", "attr_type", "value", "id"]].itertuples(index=False)]
    several: dict[tuple[str, object], set[str]] = {}
    for name, kind, value, key in rows:
        for target in dict.fromkeys([key] if kind == "file" else by_case.get(key, [])):
            several.setdefault((str(name), target), set()).add(str(value))
    for (name, target), said in several.items():
        if len(said) == 1 or name == "case":
            found.setdefault(name, {})[target] = "; ".join(sorted(said))
        else:
            doubtful.append((name, target))
    return found, doubtful
