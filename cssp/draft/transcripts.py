"""Transcripts into a study: a project that coding can start in, and its place in `city.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from cssp.draft.city_yaml import check_city_name, quoted, write_part
from cssp.draft.interviews import language_of
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.refi_qda_write import write_qdpx
from cssp.interviews.study_project import code_rows
from cssp.interviews.transcripts.assemble import Transcripts, read_transcripts
from cssp.interviews.turns import ROLES
from cssp.study.problems import RunError, nearest, short_path
from cssp.study.read_yaml import in_language
from cssp.study.study import Study

PROJECT = "transcripts.qdpx"


def add_transcripts(
    study: Study,
    city: str,
    place: Path,
    attributes: Path | None = None,
    roles: Mapping[str, str] | None = None,
) -> tuple[Path, Path, Transcripts]:
    """Write transcripts as a project with the study's codes, and name it in `city.yaml`.

    Parameters
    ----------
    study : the study; a city that it does not have is added
    city : name of the city's folder
    place : the folder of the transcripts, or a file
    attributes : a table with a row an interview (see `read_transcripts`)
    roles : label -> interviewer, respondent or other, for speakers whose label does not say it

    Returns
    -------
    the path of `city.yaml`, that of the project, and what was read how

    Raises
    ------
    RunError
        The city has interviews already, or a role is none.
    DataError
        A transcript cannot be read.
    """
    check_city_name(city)
    folder = study.folder / "cities" / city
    target = folder / "city.yaml"
    there = target.read_text(encoding="utf-8") if target.exists() else ""
    if any(line.startswith("interviews:") for line in there.splitlines()):
        raise RunError(f"{short_path(target)} has interviews already; edit them there.")
    transcripts = read_transcripts(place, attributes, known=list(roles or {}))
    transcripts = replace(
        transcripts, speakers={**transcripts.speakers, **_said(roles or {}, transcripts)}
    )
    texts = transcripts.texts.assign(city=city)
    nothing = pd.DataFrame(columns=["interview", "coder", "code", "start", "end"])
    language = study.file.languages[0]
    project = project_from_tables(
        in_language(study.file.title, language),
        code_rows(study.codes, language),
        texts,
        nothing,
        sets={city: texts["interview"].tolist()},
    )
    write_qdpx(project, folder / PROJECT)
    lines = [
        "interviews:",
        f"  project: {PROJECT}",
        f"  provenance: {{source: {quoted('TODO: who was interviewed, when')}}}",
        f"  language: {language_of(texts['text'])}    # of the texts, told by their letters",
        *_speaker_lines(transcripts),
    ]
    write_part(study, city, there, lines)
    return target, folder / PROJECT, transcripts


def _said(roles: Mapping[str, str], transcripts: Transcripts) -> dict[str, str]:
    for label, role in roles.items():
        if label not in transcripts.speakers:
            raise RunError(f"Nobody is called '{label}'. {nearest(label, transcripts.speakers)}")
        if role not in ROLES:
            raise RunError(f"'{role}' is no role of {label}: write {', '.join(ROLES)}.")
    return dict(roles)


def _speaker_lines(transcripts: Transcripts) -> list[str]:
    if not transcripts.speakers:
        return []
    lines = ["  speakers:       # who asks, who answers: interviewer, respondent or other"]
    for label, role in transcripts.speakers.items():
        hint = "" if role else f"    # {transcripts.hints[label]}"
        lines.append(f"    {quoted(label)}: {role or 'TODO'}{hint}")
    return lines
