"""From a tool's project to the tables that are analysed.

Any file opened, its codes named as a code system, its coders and interviews.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from cssp.interviews.exchange.format import SQLITE, qda_formats
from cssp.interviews.exchange.project import CONSENSUS, TEXT, Project, code_names, new_guid
from cssp.interviews.exchange.segment_tables import read_segment_table
from cssp.interviews.exchange.untrusted import refused, start_of
from cssp.study.city_file import SegmentTable
from cssp.study.code_system import Code, CodeSystem
from cssp.study.problems import Problem, nearest, short_path


def open_project(
    path: str | Path, folder: str | Path | None = None, table: SegmentTable | None = None
) -> Project:
    """Open a file of coded interviews, whichever tool wrote it.

    Told by what is in it, not by its name.

    REFI-QDA (`.qdpx`, `.qde`, `.qdc`), QualCoder (`.qda`), Taguette (`.sqlite3`), tables of coded
    segments (`.csv`, `.xlsx`,
    `.xls`), and whatever else has a file in `cssp.interviews.exchange.formats`.

    Parameters
    ----------
    path : the file, or QualCoder's folder
    folder : where a REFI-QDA project's texts are, when it does not hold them
    table : how a table of segments is read, where its headings do not say it

    Returns
    -------
    the project

    Raises
    ------
    DataError
        It is none of them, or the reader refuses it.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import export_interviews, load_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_interviews(load_study(), f'{folder}/study.qdpx')
    ...     project = open_project(path)
    >>> sorted(project.users["coder"])
    ['A', 'B']
    """
    place = Path(path)
    head = b"" if place.is_dir() else start_of(place, 4096)
    if table is not None:
        if not qda_formats()["segment_table"].recognise(place, head):
            raise refused(
                short_path(place),
                "Headings, separator and coder are told of a table, and this is none.",
                "Leave out 'table', or name a table of segments (.csv, .xlsx).",
            )
        heads = {str(name): text for name, text in table.headings.items()}
        return read_segment_table(place, None, heads, table.separator, table.coder)
    for one in qda_formats().values():
        if one.recognise(place, head):
            return one.read(place, folder)
    if head.startswith(SQLITE):
        raise refused(
            short_path(place),
            "The database is neither QualCoder's nor Taguette's.",
            "Export the project as REFI-QDA (.qdpx).",
        )
    known = [ending for one in qda_formats().values() for ending in one.endings]
    endings = ", ".join(sorted(known, key=lambda ending: ending != ".qdpx"))
    raise refused(
        short_path(place),
        "It is none of the files that coded interviews come in.",
        f"Name a {endings}.",
    )


def code_system(project: Project, language: str = "en") -> CodeSystem:
    """Return the project's codes as a code system.

    So that everything that is measured by code can be.

    Parameters
    ----------
    project : any project
    language : of the labels and descriptions

    Raises
    ------
    DataError
        The project has no codes.

    Examples
    --------
    >>> from cssp import load_study, study_project
    >>> codes = code_system(study_project(load_study()))
    >>> len(list(codes.walk())) > 0
    True
    """
    if project.codes.empty:
        raise refused(project.file, "The project has no codes.", "Export it with its code system.")
    names = code_names(project.codes)
    below: dict[str, list[Code]] = {}
    # children come after their parents, so from the end every code finds its own
    for row in reversed(list(project.codes.itertuples())):
        code = Code(
            name=names[row.guid],
            label={language: str(row.name) or names[row.guid]},
            definition={language: str(row.description or row.name) or names[row.guid]},
            codes=list(reversed(below.get(row.guid, []))),
        )
        below.setdefault(row.parent, []).append(code)
    return CodeSystem(codes=list(reversed(below[""])))


def project_tables(
    project: Project,
    city: str = "",
    coded: Literal["marked", "all"] = "marked",
    names: Mapping[str, str] | None = None,
    coders: Iterable[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the segment table and the table of interviews of a project.

    In the form that all measures take.

    Parameters
    ----------
    project : any project; only text sources enter
    city : written into both tables
    coded : who coded an interview: "marked", those who have a coding in it, or "all" coders. No
        tool says who found nothing and who did not code:
        with "marked" a coder who found nothing counts as one who did not code, with "all" the
        reverse
    names : guid of a code -> its name in the tables; left out: `code_names`. Codings of codes that
        it does not name are left out
    coders : whose codings; left out: all but those of a coder named `consensus`, who is no third
        opinion (name them to have their codings alone)

    Returns
    -------
    `city, interview, coder, code, start, end, quotation`, and `city, interview, held, order, words,
    coders, text, [variables]`

    Examples
    --------
    >>> from cssp import load_study, study_project
    >>> segments, interviews = project_tables(study_project(load_study()))
    >>> len(interviews) > 0, sorted(set(segments['coder']))
    (True, ['A', 'B'])
    """
    named = code_names(project.codes) if names is None else dict(names)
    own = project.codings[project.codings["kind"] == TEXT].reset_index(drop=True)
    segments = project.segments.assign(code=own["code_guid"].map(named).to_numpy())
    segments.insert(0, "city", city)
    if coders is None:
        segments = (
            segments[segments["coder"] != CONSENSUS]
            if segments["coder"].nunique() > 1
            else segments
        )
    else:
        wanted = list(coders)
        known = set(project.users["coder"])
        if strange := [coder for coder in wanted if coder not in known]:
            raise refused(
                project.file,
                f"The project has no coder '{strange[0]}'. {nearest(strange[0], known)}",
                "Correct the name.",
            )
        segments = segments[segments["coder"].isin(wanted)]
    marked = segments.groupby("interview")["coder"].agg(lambda who: sorted(set(who))).to_dict()
    everyone = sorted(set(segments["coder"]))
    segments = segments[segments["code"].notna()].reset_index(drop=True)
    # what the table keeps for itself is not taken from the project's variables, and comes back when
    # it is exported again
    texts = project.texts.drop(
        columns=[name for name in ("city", "order", "words", "coders") if name in project.texts]
    )
    texts["text"] = texts["text"].where(texts["text"].notna(), None)
    table = pd.DataFrame(
        {
            "city": city,
            "interview": texts["interview"],
            "held": texts["held"].fillna("") if "held" in texts else "",
        }
    )
    table["order"] = range(1, len(table) + 1)
    table["words"] = [
        len(text.split()) if isinstance(text, str) else pd.NA for text in texts["text"]
    ]
    table["coders"] = [
        list(everyone) if coded == "all" else marked.get(name, []) for name in texts["interview"]
    ]
    table["text"] = texts["text"]
    for name in texts.columns:
        if name not in table:
            table[name] = texts[name].fillna("")
    return segments[["city", "interview", "coder", "code", "start", "end", "quotation"]], table


def match_codes(
    project: Project, codes: CodeSystem, declared: Mapping[str, str]
) -> tuple[dict[str, str], list[Problem]]:
    """Find for each code of a project its name in the study's code system.

    As declared, by GUID, by the path of names, or by a name or label that only one code has in the
    study and, of those that somebody used, in the project.

    Parameters
    ----------
    project : any project
    codes : the study's code system
    declared : a code's label, path or GUID in the project -> its name in the study; an empty name
        leaves the code out

    Returns
    -------
    guid -> name, and what could not be matched
    """
    known = _known_codes(codes)
    used = set(project.codings["code_guid"])
    often = Counter(row.name.casefold() for row in project.codes.itertuples() if row.guid in used)
    found: dict[str, str] = {}
    problems = []
    told_codes: set[str] = set()
    for row in project.codes.itertuples():
        keys = [key for key in (row.guid, row.path, row.code, row.name) if key in declared]
        told_codes.update(keys)
        if keys:
            name = declared[keys[0]]
            if name and name not in codes.names:
                problems.append(
                    Problem(
                        project.file,
                        f"'{keys[0]}' is declared to be '{name}', which is not in the code system. "
                        f"{nearest(name, codes.names)}",
                        "Correct it in city.yaml.",
                        column="codes",
                        value=name,
                    )
                )
            elif name:
                found[row.guid] = name
            continue
        keys = [row.guid, row.path]
        if often[row.name.casefold()] < 2:
            keys.append(row.name)
        hits = next((hit for key in keys if (hit := known.get(key.casefold()))), set())
        if len(hits) == 1:
            found[row.guid] = next(iter(hits))
        elif row.guid in used:
            problems.append(
                Problem(
                    project.file,
                    f"The code '{row.path}' is not in the study's code system. "
                    f"{nearest(row.name, _labels(codes))}",
                    "Add it to codes.yaml, or say under 'codes' in city.yaml what it is there (an "
                    "empty name leaves it out).",
                    column="codes",
                    value=row.code,
                )
            )
    for key in declared:
        if key not in told_codes:
            problems.append(
                Problem(
                    project.file,
                    f"The project has no code '{key}'. {nearest(key, project.codes['code'])}",
                    "Correct it in city.yaml.",
                    column="codes",
                    value=key,
                    severity="warning",
                )
            )
    return found, problems


def _known_codes(codes: CodeSystem) -> dict[str, set[str]]:
    """Return each way to name a code (name, label, path of labels, GUID) -> the codes it can be."""
    known: dict[str, set[str]] = {}
    paths: dict[str, set[str]] = {}
    for code, parent in codes.walk():
        above = paths[parent.name] if parent is not None else {""}
        labels = {code.name, *code.label.values()}
        paths[code.name] = {f"{head} > {own}" if head else own for head in above for own in labels}
        for label in (*labels, *paths[code.name], new_guid("code", code.name)):
            known.setdefault(label.casefold(), set()).add(code.name)
    return known


def _labels(codes: CodeSystem) -> Iterable[str]:
    return [label for code, _ in codes.walk() for label in (code.name, *code.label.values())]
