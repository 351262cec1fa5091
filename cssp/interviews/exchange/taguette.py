"""Taguette: its database (`.sqlite3`), read only.

The highlights' CSV and XLSX are read by `segment_tables`, its `.qdc` by `read_qdc`.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.project import UNNAMED, Project, unlike
from cssp.interviews.exchange.untrusted import LIMITS, Limits, refused
from cssp.study.problems import nearest, short_path
from cssp.study.write_files import write_bytes


def read_taguette(
    path: str | Path, project: str | int | None = None, limits: Limits = LIMITS
) -> Project:
    """Read a project of a Taguette database. Nothing is written.

    Taguette keeps documents as HTML and counts bytes of their text in UTF-8; places are turned into
    code points of the text without its tags. A tag
    with a dot in its name stands below the tag before the dot, where there is one. Who made a
    highlight is taken from the database's log.

    Parameters
    ----------
    path : the database
    project : its name or number, where the database holds several
    limits : how much the file may hold

    Returns
    -------
    the project; a highlight without a tag is a selection without a code

    Raises
    ------
    DataError
        It is no Taguette database, is locked, or holds several projects and none is named.

    Examples
    --------
    >>> project = read_taguette("study.sqlite3")  # doctest: +SKIP
    >>> read_taguette("no_such_file.sqlite3")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cssp.study.problems.DataError: no_such_file.sqlite3: The file cannot be read: ...
    """
    place = Path(path)
    file = short_path(place)
    with sqlite.opened(place, limits) as connection:
        projects = sqlite.read(connection, "projects", ["id", "name", "description"], file)
        chosen = _chosen(projects, project, file)
        documents = sqlite.read(
            connection, "documents", ["id", "name", "description", "contents", "project_id"], file
        )
        documents = documents[documents["project_id"] == chosen["id"]].reset_index(drop=True)
        tags = sqlite.read(connection, "tags", ["id", "path", "description", "project_id"], file)
        tags = tags[tags["project_id"] == chosen["id"]].reset_index(drop=True)
        marks = sqlite.read(
            connection, "highlights", ["id", "document_id", "start_offset", "end_offset"], file
        )
        marks = marks[marks["document_id"].isin(documents["id"])].reset_index(drop=True)
        links = sqlite.read(connection, "highlight_tags", ["highlight_id", "tag_id"], file)
        makers = _makers(connection, file)
    texts = {
        key: plain_text(str(html or ""))
        for key, html in zip(documents["id"], documents["contents"], strict=True)
    }
    names = dict(
        zip(documents["id"], unlike(documents["name"].astype(str), "document"), strict=True)
    )
    codings = marks.merge(links, left_on="id", right_on="highlight_id", how="left")
    codes = dict(zip(tags["id"], tags["path"].astype(str), strict=True))
    rows = []
    offsets = {key: _byte_places(text) for key, text in texts.items()}
    for row in codings.itertuples():
        start, end = (
            _code_point(offsets[row.document_id], value, file)
            for value in (row.start_offset, row.end_offset)
        )
        user, when = makers.get(row.id, (UNNAMED, None))
        rows.append((names[row.document_id], user, codes.get(row.tag_id), start, end, when, row.id))
    return project_from_tables(
        str(chosen["name"]),
        _tags(tags),
        pd.DataFrame(
            {
                "interview": [names[key] for key in documents["id"]],
                "text": [texts[key] for key in documents["id"]],
            }
        ),
        pd.DataFrame(
            rows, columns=["interview", "coder", "code", "start", "end", "created", "selection"]
        ),
        file,
        "Taguette",
        str(chosen["description"] or ""),
    )


def write_taguette_codebook(project: Project, path: str | Path) -> Path:
    """Write a project's codes as the CSV that Taguette imports (`path, description`).

    It reads no `.qdc`. Groups stand before a dot, as Taguette has them.

    Returns
    -------
    the file

    Examples
    --------
    >>> import tempfile
    >>> from cssp import load_study, study_project
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_taguette_codebook(study_project(load_study()), f'{folder}/codes.csv')
    ...     head = path.read_text(encoding='utf-8').splitlines()[0]
    >>> head
    'path,description'
    """
    codes = project.codes
    table = pd.DataFrame(
        {
            "path": codes["path"].str.replace(" > ", ".", regex=False),
            "description": codes["description"].fillna(""),
        }
    )
    target = Path(path)
    write_bytes(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return target


def _chosen(projects: pd.DataFrame, project: str | int | None, file: str) -> dict[str, object]:
    rows: list[dict[str, object]] = projects.to_dict("records")
    if project is None:
        if len(rows) == 1:
            return rows[0]
        listed = ", ".join(f"{row['id']}: {row['name']}" for row in rows) or "none"
        raise refused(
            file,
            f"The database holds {len(rows)} projects ({listed}).",
            "Say which: read_taguette(file, project=...).",
        )
    for row in rows:
        if project in (row["id"], row["name"]):
            return row
    raise refused(
        file,
        f"The database has no project '{project}'. "
        f"{nearest(str(project), [str(row['name']) for row in rows])}",
        "Correct the name.",
    )


def _tags(tags: pd.DataFrame) -> pd.DataFrame:
    known = set(tags["path"].astype(str))
    parents = []
    for path in tags["path"].astype(str):
        above = path.rpartition(".")[0]
        while above and above not in known:
            above = above.rpartition(".")[0]
        parents.append(above)
    return pd.DataFrame(
        {"code": tags["path"].astype(str), "parent": parents, "description": tags["description"]}
    )


def _makers(connection, file: str) -> dict[object, tuple[str, str | None]]:  # type: ignore[no-untyped-def]
    """Return who made each highlight, and when, from the log."""
    found: dict[object, tuple[str, str | None]] = {}
    if "commands" not in sqlite.tables(connection):
        return found
    for row in sqlite.read(
        connection, "commands", ["date", "user_login", "payload"], file
    ).itertuples():
        try:
            payload = json.loads(row.payload)
        except (TypeError, ValueError, RecursionError):
            continue
        if (
            isinstance(payload, dict)
            and payload.get("type") == "highlight_add"
            and payload.get("highlight_id") is not None
        ):
            when = str(row.date or "").replace(" ", "T")[:19] or None
            key = payload["highlight_id"]
            if isinstance(key, int):
                found.setdefault(key, (str(row.user_login), when))
    return found


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """Return the text of a document without its tags, as Taguette counts it.

    White space before the first element does not count.

    >>> plain_text("<p>Нет&nbsp;<b>денег</b></p>")
    'Нет\\xa0денег'
    """
    reader = _Text()
    reader.feed(html.lstrip())
    reader.close()
    return "".join(reader.parts)


def _byte_places(text: str) -> np.ndarray:
    """Return at which byte of UTF-8 each code point begins, and where the text ends."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    width = 1 + (points > 0x7F).astype(int) + (points > 0x7FF) + (points > 0xFFFF)
    return np.concatenate([[0], np.cumsum(width)])


def _code_point(places: np.ndarray, byte: object, file: str) -> int:
    if not isinstance(byte, int):
        raise refused(
            file,
            f"A highlight's place is no whole number ('{byte}').",
            "Take another copy of the database.",
        )
    if not 0 <= byte <= places[-1]:
        raise refused(
            file,
            f"A highlight's place ({byte}) lies outside its document, which has {places[-1]} bytes "
            "of text.",
            "Take another copy of the database.",
        )
    return int(np.searchsorted(places, byte))
