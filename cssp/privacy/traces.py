"""What is no data and gives people away: names, open answers, hashes, machines, paths."""

from __future__ import annotations

import hashlib
import re
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from cssp.interviews.pseudonym_files import load_pseudonyms
from cssp.interviews.pseudonyms import pseudonym_places
from cssp.privacy.published import Published
from cssp.study.problems import CsspError
from cssp.study.study import Study
from cssp.survey.load import load_survey

#: Files that are read as text, and those whose parts are.
_TEXTS = {".html", ".ipynb", ".json", ".csv", ".svg", ".txt", ".md", ".js"}
_OFFICE = {".docx", ".xlsx"}
#: A path of somebody's machine.
_PATH = re.compile(r"(?:/(?:home|Users)/|[A-Z]:\\\\?Users\\\\?)[^\s\"'<>,;)]+")
_AUTHOR = re.compile(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]+)</")
#: Letters of an open answer that are enough to know it again.
_ENOUGH = 12
COLUMNS = ["kind", "file", "what", "remedy"]


def traces(published: Published, study: Study) -> pd.DataFrame:
    """Return what in a folder points at people beside the numbers.

    Looked for are: names of the study's lists of pseudonyms in any form, open answers, plain hashes
    of people's files and names, rows and values of problems in people's files, small groups in
    plain sight, the machine's name, paths of somebody's folders, authors of documents.

    Parameters
    ----------
    published : the folder, from `read_published`
    study : whose it is, with the raw data

    Returns
    -------
    One row a finding: `kind, file, what` (never the name or answer itself), `remedy`.
    """
    lines = [*_in_tables(published, study)]
    texts = [
        (path.relative_to(published.folder).as_posix(), _text_of(path)) for path in published.files
    ]
    names, open_answers, hashes = _names(study), _open_answers(study), _plain_hashes(study)
    host = socket.gethostname()
    for file, text in texts:
        if text is None:
            continue
        if names and pseudonym_places(_bare(text), names):
            lines.append(("name", file, "a name of the list of pseudonyms stands in it",
                          "Run the city again; tell us if it stays."))  # fmt: skip
        if any(answer in text for answer in open_answers):
            lines.append(("open answer", file, "an open answer stands in it word for word",
                          "Leave the column out of what is shown."))  # fmt: skip
        if any(one in text for one in hashes):
            lines.append(("hash", file, "the plain hash of a file or a name of people",
                          "Run the city again with this version."))  # fmt: skip
        if len(host) > 3 and re.search(rf"(?<!\w){re.escape(host)}(?!\w)", text):
            lines.append(("machine", file, "the name of this machine", "Remove it."))
        if found := _PATH.search(text):
            lines.append(("path", file, f"a path of somebody's folders ({len(found[0])} signs)",
                          "Give the study by a relative path."))  # fmt: skip
        for author in _AUTHOR.findall(text):
            if author not in ("cssp", "openpyxl", "python-docx"):
                lines.append(("author", file, "the document names its author", "Remove it."))
    return pd.DataFrame(list(dict.fromkeys(lines)), columns=COLUMNS)


def _text_of(path: Path) -> str | None:
    """Return a file as text: its own, or that of the parts of an office file; None for pictures."""
    if path.suffix in _TEXTS:
        return path.read_text(encoding="utf-8", errors="replace")
    if path.suffix in _OFFICE:
        with zipfile.ZipFile(path) as archive:
            parts = [name for name in archive.namelist() if name.endswith(".xml")]
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in parts)
    return None


def _bare(text: str) -> str:
    """Return a text without marks, so that a name over two runs of Word is one again."""
    return re.sub(r"<[^<>]*>", "", text) if "<" in text else text


def _names(study: Study) -> dict[str, str]:
    try:
        return load_pseudonyms(study)
    except CsspError:
        return {}


def _open_answers(study: Study) -> list[str]:
    """Return the answers to open questions that are long enough to be known again."""
    try:
        items = study.questionnaire.names("open")
        answers = load_survey(study) if items and study.cities_with("survey") else None
    except CsspError:
        return []
    if answers is None:
        return []
    told = [str(text) for name in items if name in answers for text in answers[name].dropna()]
    return [text for text in dict.fromkeys(told) if len(text) >= _ENOUGH]


def _plain_hashes(study: Study) -> list[str]:
    """Return hashes that a stranger could try guesses on."""
    found = [hashlib.sha256(name.encode()).hexdigest() for name in _names(study)]
    for name in study.cities:
        try:
            city = study.city(name)
        except CsspError:
            continue
        for stage in ("survey", "interviews"):
            source = city.source(stage)
            paths = [city.path(file) for file in source.files()] if source is not None else []
            for path in paths:
                inside = [path] if path.is_file() else sorted(path.rglob("*"))
                found += [
                    hashlib.sha256(one.read_bytes()).hexdigest() for one in inside if one.is_file()
                ]
    return found


def _in_tables(published: Published, study: Study) -> Iterator[tuple[str, str, str, str]]:
    """Yield what tables of people show in plain sight: small groups, rows and values."""
    smallest = study.file.smallest_cell
    for name, table in published.tables.items():
        stem = name.rpartition("/")[2]
        if stem.startswith("problems_") and stem != "problems_desk.csv":
            told = [column for column in ("row", "value") if column in table]
            if any(table[column].notna().any() for column in told):
                yield ("row or value", name, "rows or values of respondents' files",
                       "Publish the problems without them.")  # fmt: skip
        if "sector" not in table or "item" not in table:
            continue
        for column in [one for one in ("n", "n_a", "n_b", "n_first", "n_second") if one in table]:
            numbers = pd.to_numeric(table[column], errors="coerce")
            if numbers.between(1, smallest - 1).any():
                count = int(numbers.between(1, smallest - 1).sum())
                yield ("small group", name, f"{count} rows of fewer than {smallest} respondents",
                       "Show only groups that `visible` leaves.")  # fmt: skip
                break
