"""Codings added to a project, and a project of some of its coders."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from cssp.interviews.exchange.from_tables import (
    SPACE,
    GivenTexts,
    add,
    add_codings_from,
    place_of_users,
    texts_by_path,
)
from cssp.interviews.exchange.project import TEXT, Project, code_names, new_guid
from cssp.interviews.exchange.refi_qda import project_of
from cssp.study.problems import DataError, Problem, nearest


def _names(project: Project) -> dict[str, str]:
    """Return every name under which a code may be given.

    Its GUID, its path, its name in the tool, in `project_tables`, or in the study it came from.
    """
    found: dict[str, str] = {}
    for row in project.codes.itertuples():
        for name in (row.guid, row.path, row.code):
            found.setdefault(str(name), str(row.guid))
    for guid, name in code_names(project.codes).items():
        found.setdefault(name, guid)
    return found


def add_codings(project: Project, codings: pd.DataFrame) -> Project:
    """Return the project with further codings, such as those of a consensus.

    Nothing that it holds is changed.

    Parameters
    ----------
    project : any project
    codings : `interview, coder, code, start, end`; a coder whom the project does not know becomes a
        user. A code is given by its name in the tool, its path,
        its GUID, or its name in `project_tables`; what is there already is left as it is

    Raises
    ------
    DataError
        An unknown interview or code, or a place outside its text.

    Examples
    --------
    >>> from cssp import load_study, study_project
    >>> project = study_project(load_study())
    >>> row = project.segments.iloc[[0]].assign(coder="consensus")
    >>> len(add_codings(project, row).codings) - len(project.codings)
    1
    """
    root = copy.deepcopy(project.root)
    own = project.sources[project.sources["kind"] == TEXT]
    sources = dict(zip(own["interview"], own["guid"], strict=True))
    texts = dict(zip(own["interview"], own["text"], strict=True))
    guids = _names(project)
    users = dict(zip(project.users["coder"], project.users["guid"], strict=True))
    for column, known in (("code", guids), ("interview", sources)):
        strange = [
            value for value in dict.fromkeys(codings[column].astype(str)) if value not in known
        ]
        if strange:
            raise DataError(
                Problem(
                    project.file,
                    f"The project has no {column} '{strange[0]}'. {nearest(strange[0], known)}",
                    "Correct the name.",
                    column=column,
                )
            )
    for coder in dict.fromkeys(codings["coder"].astype(str)):
        if coder not in users:
            users[coder] = new_guid("coder", coder)
            add(place_of_users(root), "User", guid=users[coder], name=coder)
    elements = {element.get("guid"): element for element in root.iter(f"{SPACE}TextSource")}
    there = set(root.xpath("//@guid", smart_strings=False))
    for interview, part in codings.groupby("interview", sort=False):
        guid = sources[str(interview)]
        text = texts[str(interview)]
        add_codings_from(
            elements[guid], guid, part, text if isinstance(text, str) else None, guids, users, there
        )
    return _of(project, root)


def _of(project: Project, root: Any) -> Project:
    """Return the project of a changed document, with what is beside it as in the project."""
    texts = GivenTexts(texts_by_path(project))
    made = project_of(root, project.file, texts, archive=project.archive)
    return replace(made, counting=project.counting)


def only_coders(project: Project, coders: Iterable[str]) -> Project:
    """Return a copy of the project that holds the codings of some coders only.

    To be given to one of them; everything else stays.

    Raises
    ------
    DataError
        The project has no such coder.

    Examples
    --------
    >>> from cssp import load_study, study_project
    >>> only_coders(study_project(load_study()), ["A"]).segments["coder"].unique().tolist()
    ['A']
    """
    wanted = list(coders)
    known = project.users["coder"].tolist()
    if strange := [coder for coder in wanted if coder not in known]:
        raise DataError(
            Problem(
                project.file,
                f"The project has no coder '{strange[0]}'. {nearest(strange[0], known)}",
                "Correct the name.",
            )
        )
    kept = set(project.codings.loc[project.codings["coder"].isin(wanted), "guid"])
    root = copy.deepcopy(project.root)
    for coding in list(root.iter(f"{SPACE}Coding")):
        if coding.get("guid") not in kept:
            place = coding.getparent()
            place.remove(coding)
            if "Selection" in str(place.tag) and not len(place):
                place.getparent().remove(place)
    return _of(project, root)
