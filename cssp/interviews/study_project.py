"""The study's interviews as a project of coded texts."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cssp.interviews.attributes import INTERVIEW_COLUMNS
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.project import Project, new_guid
from cssp.interviews.load import load_coded
from cssp.study.code_system import CodeSystem
from cssp.study.problems import RunError, nearest
from cssp.study.read_yaml import in_language
from cssp.study.study import Study


def study_project(
    study: Study,
    cities: Iterable[str] | None = None,
    language: str = "",
    codings: pd.DataFrame | None = None,
) -> Project:
    """Return the interviews of some cities (None: all) as a project.

    Codes, texts, codings, a case with attributes for each interview, a set for each city.

    A code's GUID follows from its name in codes.yaml, so what comes back from a tool is known again
    even when it was renamed there.

    Parameters
    ----------
    study, cities : what to take; with several cities an interview is named by city and name
    language : of the codes' labels; left out: the study's first
    codings : further codings by the names of codes.yaml (`city, interview, coder, code, start,
        end`), such as the consensus of `resolve`

    Raises
    ------
    RunError
        No city has interviews.

    Examples
    --------
    >>> from cssp import load_study
    >>> sorted(study_project(load_study()).users["coder"])
    ['A', 'B']
    """
    names = list(study.cities_with("interviews", cities))
    if not names:
        raise RunError("No city has interviews to export.")
    segments, interviews = load_coded(study, names)
    if codings is not None:
        segments = pd.concat([segments, codings], ignore_index=True)
    chosen = language or study.file.languages[0]
    if chosen not in study.file.languages:
        raise RunError(
            f"The study has no labels in '{chosen}'. {nearest(chosen, study.file.languages)}"
        )
    several = len(names) > 1

    def named(table: pd.DataFrame) -> pd.Series:
        return table["city"] + " " + table["interview"] if several else table["interview"]

    others = [name for name in interviews.columns if name not in (*INTERVIEW_COLUMNS, "speakers")]
    texts = pd.DataFrame(
        {
            "interview": named(interviews),
            "text": interviews["text"],
            "city": interviews["city"],
            "held": interviews["held"],
        }
    )
    texts = pd.concat([texts, interviews[others]], axis=1)
    sources = [study.city(name).file.interviews for name in names]
    texts_and_codes = [
        f"{name}: {source.status}; {source.provenance.source}"
        for name, source in zip(names, sources, strict=True)
        if source is not None
    ]
    return project_from_tables(
        in_language(study.file.title, chosen),
        code_rows(study.codes, chosen),
        texts,
        segments.assign(interview=named(segments)),
        sets={name: named(interviews[interviews["city"] == name]).tolist() for name in names},
        description="\n".join(texts_and_codes),
    )


def code_rows(codes: CodeSystem, language: str) -> pd.DataFrame:
    """Return a code system as the rows that a project is made from.

    `code, parent, label, description, codable, guid`.
    """
    rows = []
    for code, parent in codes.walk():
        parts = [in_language(code.definition, language)]
        for label in (code.include, code.exclude, code.example):
            if label is not None:
                parts.append(in_language(label, language))
        rows.append(
            (
                code.name,
                "" if parent is None else parent.name,
                in_language(code.label, language),
                "\n".join(parts),
                True,
                new_guid("code", code.name),
            )
        )
    return pd.DataFrame(rows, columns=["code", "parent", "label", "description", "codable", "guid"])
