"""REFI-QDA 1.0.

Projects (.qdpx, .qde) and codebooks (.qdc) of ATLAS.ti, MAXQDA, NVivo, QualCoder and others, in and
out.

The document itself is kept beside the tables made from it, so that what this package does not
analyse goes back unharmed. What real files do, and
what is done about it:

- the project's file is named `project.qde` by the standard, `Project.qde` by ATLAS.ti, and
  sometimes comes alone, without its archive;
- sources are missing, or their paths are absolute: they are looked for only in a folder that the
  user names, by their file's name;
- positions count a line end of two characters as one, or one as two: the way under which all
  selections fit, and fit the words that the tool
  wrote beside them, is taken and said;
- users have no names, or two have the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from cssp.interviews.exchange.line_ends import (
    WAYS,
    Newlines,
    best_counting,
    other_words,
    places,
    to_stored,
)
from cssp.interviews.exchange.project import TABLES, TEXT, Project, unlike
from cssp.interviews.exchange.project_files import ProjectFiles, Texts
from cssp.interviews.exchange.project_reading import Reading
from cssp.interviews.exchange.refi_codings import read_codings
from cssp.interviews.exchange.refi_schema import PROJECT, SOURCES, local
from cssp.interviews.exchange.untrusted import (
    LIMITS,
    Limits,
    opened_archive,
    parsed,
    read_member,
    refused,
    start_of,
    whole_of,
)
from cssp.study.problems import short_path


def read_qdpx(
    path: str | Path,
    folder: str | Path | None = None,
    newlines: Newlines | Literal["auto"] = "auto",
    limits: Limits = LIMITS,
) -> Project:
    """Read a REFI-QDA project: a `.qdpx` archive or a bare `.qde`.

    The file is untrusted: no entities, no network, limits on number and size, and no file outside
    the archive is opened
    unless `folder` names where to look.

    Parameters
    ----------
    path : the archive or document
    folder : where files are that the project refers to but does not hold; only files in it, by
        name, are read
    newlines : how the tool counted line ends: "stored" (as the text stands), "one" (CR LF as one),
        "two" (LF as two), the same with emoji as two ("utf16", "utf16 one", "utf16 two"), or
        "auto": told by the words beside the selections and by the borders of words
    limits : how much the file may ask for

    Returns
    -------
    the project

    Raises
    ------
    DataError
        Why the file is refused, or what in it does not fit: a selection beyond its text, a coding
        of an unknown code, a GUID twice.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import export_interviews, load_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     project = read_qdpx(export_interviews(load_study(), f"{folder}/interviews.qdpx"))
    >>> sorted(project.users["coder"])
    ['A', 'B']
    """
    path = Path(path)
    file = short_path(path)
    start = start_of(path, 4)
    where = None if folder is None else Path(folder)
    if start[:2] != b"PK":
        root = parsed(whole_of(path, limits.size), file, limits)
        return project_of(root, file, ProjectFiles(None, where, limits, file), newlines, None)
    with opened_archive(path, limits) as archive:
        names = [
            name
            for name in archive.namelist()
            if name.casefold().endswith(".qde") and "/" not in name
        ]
        own = [name for name in names if name.casefold() == "project.qde"] or names
        if len(own) != 1:
            raise refused(
                file,
                f"The archive holds {'no project.qde' if not own else 'several .qde files'}.",
                "Export the project as REFI-QDA (.qdpx) from your tool.",
            )
        root = parsed(read_member(archive, own[0], file, limits.size), f"{file}: {own[0]}", limits)
        return project_of(root, file, ProjectFiles(archive, where, limits, file), newlines, path)


def project_of(
    root: Any,
    file: str,
    files: Texts,
    newlines: Newlines | Literal["auto"] = "stored",
    archive: Path | None = None,
) -> Project:
    """Return the project of a REFI-QDA document, its texts taken from `files`.

    Raises
    ------
    DataError
        What in it does not fit.
    """
    with _no_collection():
        return _taken_apart(root, file, files, newlines, archive)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles from walking through hundreds of thousands of new objects
    that hold none.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _taken_apart(
    root: Any, file: str, files: Texts, newlines: Newlines | Literal["auto"], archive: Path | None
) -> Project:
    if local(root) != "Project":
        raise refused(
            file,
            f"Its root is '{local(root)}', not a REFI-QDA project.",
            "Export the project as REFI-QDA; read a codebook with read_qdc.",
        )
    if root.tag != f"{{{PROJECT}}}Project":
        rename(root, PROJECT)
    reading = Reading(root, file)
    reading.check_guids()
    users = reading.users()
    codes = reading.codes(reading.part("CodeBook", "Codes"))
    sources = _sources(reading, files)
    codings = read_codings(reading, users, codes, sources)
    reading.done()
    codings, counting = _counted(reading, sources, codings, newlines)
    _warn_of_media(reading, sources)
    simple = reading.simple()
    notes = _notes(reading, files, users)
    reading.done()
    return Project(
        name=root.get("name") or "",
        origin=root.get("origin") or "",
        file=file,
        users=users,
        codes=codes,
        sources=sources,
        codings=codings,
        notes=notes,
        warnings=tuple(reading.problems),
        root=root,
        archive=archive,
        counting=counting,
        **simple,
    )


def rename(root: Any, space: str) -> None:
    """Give every element the standard's namespace: some exports have none, or another version's."""
    for element in root.iter():
        element.tag = f"{{{space}}}{local(element)}"


def _sources(reading: Reading, files: Texts) -> pd.DataFrame:
    rows = []
    for element in reading.part("Sources"):
        kind = SOURCES.get(local(element))
        if kind is None:
            reading.report(
                f"A source is of an unknown kind, '{local(element)}'; it is left alone.",
                "Nothing need be done.",
                element,
                "warning",
            )
            continue
        path = element.get("plainTextPath") or element.get("path") or ""
        text = None
        if kind == TEXT:
            inside = element.find(reading.tag("PlainTextContent"))
            text = inside.text or "" if inside is not None else files.text(path) if path else None
        rows.append(
            [
                element.get("guid", ""),
                kind,
                element.get("name") or "",
                "",
                path,
                text,
                element.get("creationDateTime"),
            ]
        )
    table = pd.DataFrame(rows, columns=TABLES["sources"], dtype=object)
    table["interview"] = unlike(table["name"], "source")
    missing = table[(table["kind"] == TEXT) & table["text"].isna()]
    if len(missing):
        reading.report(
            f"{len(missing)} of {int((table['kind'] == TEXT).sum())} texts are missing (first: "
            f"'{missing['interview'].iloc[0]}', {missing['path'].iloc[0]}); "
            "codings keep their places, but there is nothing to quote.",
            "Name the folder where the texts are: `texts` in city.yaml, or read_qdpx(file, "
            "folder=...).",
            severity="warning",
        )
    return table


def _counted(
    reading: Reading,
    sources: pd.DataFrame,
    codings: pd.DataFrame,
    newlines: Newlines | Literal["auto"],
) -> tuple[pd.DataFrame, Newlines]:
    """Bring all positions to the texts as they stand, and report those that lie outside.

    Those of the document, too: what is merged or written from it counts in one way.
    """
    texts = {
        guid: text
        for guid, kind, text in zip(sources["guid"], sources["kind"], sources["text"], strict=True)
        if kind == TEXT
    }
    kind, of_source = codings["kind"].to_numpy(), codings["source"].to_numpy()
    start, end = (codings[name].to_numpy(dtype="int64", na_value=0) for name in ("start", "end"))
    placed = codings["start"].notna().to_numpy()
    whole = np.flatnonzero((kind == TEXT) & ~placed)
    for at in whole:
        end[at] = len(texts[of_source[at]] or "")
    there = {guid: text is not None for guid, text in texts.items()}
    rows = np.flatnonzero(
        placed & np.array([there.get(guid, False) for guid in of_source], dtype=bool)
    )
    own, names = of_source[rows], codings["name"].to_numpy()[rows]
    way = (
        best_counting(own, start[rows], end[rows], names, texts) if newlines == "auto" else newlines
    )
    if way not in WAYS:
        raise refused(
            reading.file,
            f"'{newlines}' is no way of counting line ends.",
            f"Choose {', '.join(WAYS)} or auto.",
        )
    if way != "stored":
        start[rows], end[rows] = to_stored(own, start[rows], end[rows], texts, way)
        recount(reading.root, texts, lambda text: places(text, way))
        ends = {
            "one": "a line end of two characters as one",
            "two": "a line end of one character as two",
        }
        wide = ["an emoji as two characters"] if way.startswith("utf16") else []
        what = " and ".join([*wide, *(text for word, text in ends.items() if way.endswith(word))])
        reading.report(
            f"The tool counted {what}; positions are brought to the texts as they stand.",
            "Nothing need be done.",
            severity="warning",
        )
    if strange := other_words(own, start[rows], end[rows], names, texts):
        reading.report(
            f"{len(strange)} codings hold other words than the tool noted, e.g. "
            f"'{strange[0][0][:60]}' instead of '{strange[0][1][:60]}'.",
            "Look at them in the tool; the text may have been changed after coding.",
            severity="warning",
        )
    lengths = {guid: len(text or "") for guid, text in texts.items()}
    length = np.array([lengths[guid] for guid in own], dtype="int64")
    outside = (start[rows] < 0) | (end[rows] > length) | (end[rows] < start[rows])
    for position in np.flatnonzero(outside)[:20]:
        row = codings.iloc[rows[position]]
        reading.report(
            f"The selection {start[rows[position]]}-{end[rows[position]]} lies outside its text "
            f"'{row['interview']}', which has {length[position]} characters.",
            "The text may have been changed after coding; export the project once more.",
            value=str(row["selection"]),
        )
    unplaced = kind != TEXT
    codings["start"], codings["end"] = (
        pd.arrays.IntegerArray(start, unplaced),
        pd.arrays.IntegerArray(end, unplaced.copy()),
    )
    return codings, way


def recount(
    root: Any, texts: Mapping[str, str | None], places_of: Callable[[str], np.ndarray]
) -> None:
    """Replace the places of a document's selections, each by what a text's table has for it.

    A place that lies outside its text stays as it is.
    """
    space = f"{{{PROJECT}}}"
    for source in root.iter(space + "TextSource"):
        text = texts.get(source.get("guid"))
        if not isinstance(text, str):
            continue
        table = places_of(text)
        for selection in source.iter(space + "PlainTextSelection"):
            for key in ("startPosition", "endPosition"):
                place = int(selection.get(key, "-1"))
                if 0 <= place < len(table):
                    selection.set(key, str(table[place]))


def _warn_of_media(reading: Reading, sources: pd.DataFrame) -> None:
    media = sources[sources["kind"] != TEXT]["kind"].value_counts()
    if len(media):
        kinds = ", ".join(f"{count} {kind}" for kind, count in media.items())
        reading.report(
            f"Sources that are not text are kept as they are and not analysed: {kinds}.",
            "Code transcripts as text to have them analysed.",
            severity="warning",
        )


def _notes(reading: Reading, files: Texts, users: pd.DataFrame) -> pd.DataFrame:
    coders = dict(zip(users["guid"], users["coder"], strict=True))
    rows = []
    for note in reading.part("Notes"):
        inside = note.find(reading.tag("PlainTextContent"))
        path = note.get("plainTextPath")
        text = (inside.text or "") if inside is not None else files.text(path) if path else None
        rows.append(
            (
                note.get("guid", ""),
                note.get("name") or "",
                text,
                note.get("creationDateTime"),
                coders.get(note.get("creatingUser") or ""),
            )
        )
    return pd.DataFrame(rows, columns=TABLES["notes"])
