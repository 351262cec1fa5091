"""Drafts from a coding tool's project.

A code system, and a city whose interviews are the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from cssp.draft.city_yaml import check_city_name, quoted, seen_from, write_city, write_part
from cssp.interviews.exchange.open import match_codes, open_project
from cssp.interviews.exchange.project import code_names
from cssp.study.city_file import SegmentTable
from cssp.study.problems import Problem, RunError, short_path
from cssp.study.study import Study
from cssp.study.write_files import write_text


def draft_codes(project: Path, output: Path, language: str) -> int:
    """Write `codes.yaml` from the codes of a tool's project or codebook.

    Returns
    -------
    how many codes were written

    Raises
    ------
    RunError
        The file is there already.
    DataError
        The project cannot be read, or has no codes.
    """
    if output.suffix.casefold() not in (".yaml", ".yml"):
        raise RunError(f"'{output.name}' is no name of a code system: it should end in .yaml.")
    if output.exists():
        raise RunError(
            f"{short_path(output)} is there already; name another file, or remove it first."
        )
    project_read = open_project(project)
    if project_read.codes.empty:
        raise RunError(f"{project_read.file}: the project has no codes.")
    names = code_names(project_read.codes)
    below: dict[str, list[dict[str, object]]] = {}
    for row in reversed(list(project_read.codes.itertuples())):
        code: dict[str, object] = {
            "name": names[row.guid],
            "label": {language: row.name or names[row.guid]},
            "definition": {language: row.description or row.name or names[row.guid]},
        }
        if row.guid in below:
            code["codes"] = list(reversed(below[row.guid]))
        below.setdefault(row.parent, []).append(code)
    text = yaml.safe_dump(
        {"codes": list(reversed(below[""]))}, allow_unicode=True, sort_keys=False, width=120
    )
    head = (
        f"# Drafted by `cssp draft-codes` from {Path(project_read.file).name}. Add labels in the "
        "other language, and for each code means (barrier, resource or neutral) and theme.\n"
    )
    write_text(output, head + text)
    return len(project_read.codes)


def add_interviews(
    study: Study, city: str, file: Path, table: SegmentTable | None = None, in_place: bool = False
) -> tuple[Path, pd.DataFrame, tuple[Problem, ...]]:
    """Write the part `interviews` of a city's `city.yaml` for a tool's project.

    With what its codes are called in the study.

    Parameters
    ----------
    study : the study; a city that it does not have is added
    city : name of the city's folder
    file : the project; it stays where it is, its path is written relative to the city's folder
    table : how a table of segments is read; kept in city.yaml
    in_place : let the project take the place of the one that city.yaml names; all else stays

    Returns
    -------
    the path of `city.yaml`; the codes that somebody used: `path, name` (in the study; empty: not
    found), `codings`; the project's warnings

    Raises
    ------
    RunError
        The city has interviews already, and not `in_place`, or none that are a project's.
    DataError
        The project cannot be read.
    """
    check_city_name(city)
    project = open_project(file, table=table)
    target = study.folder / "cities" / city / "city.yaml"
    there = target.read_text(encoding="utf-8") if target.exists() else ""
    has_some = any(line.startswith("interviews:") for line in there.splitlines())
    if has_some and not in_place:
        raise RunError(
            f"{short_path(target)} has interviews already; edit them there, or say --replace."
        )
    found, _ = match_codes(project, study.codes, {})
    used = project.codings["code_guid"].value_counts()
    codes = project.codes[project.codes["guid"].isin(used.index)]
    proposal = pd.DataFrame(
        {
            "path": codes["path"],
            "name": [found.get(guid, "") for guid in codes["guid"]],
            "codings": [int(used[guid]) for guid in codes["guid"]],
        }
    ).reset_index(drop=True)
    named = [f"  project: {quoted(seen_from(file, target))}", *_table_lines(table)]
    language = language_of(project.texts["text"])
    lines = [
        "interviews:",
        *named,
        f"  provenance: {{source: {quoted('TODO: who was interviewed, when')}}}",
        f"  language: {language}    # of the texts, told by their letters",
    ]
    open_codes = [
        code for code, guid in zip(codes["code"], codes["guid"], strict=True) if guid not in found
    ]
    if open_codes:
        wanted = [
            "  codes:          # what these codes are called in codes.yaml; an empty name leaves "
            "one out",
            *(f"    {quoted(code)}: TODO" for code in open_codes),
        ]
        lines, named = [*lines, *wanted], [*named, *wanted]
    if has_some:
        write_city(study, city, _with_project(there, named, short_path(target)))
    else:
        write_part(study, city, there, lines)
    silent = len(project.texts) - project.segments["interview"].nunique()
    if silent:
        lines_written = (
            f"{silent} of {len(project.texts)} texts have no coding; every coder is taken to have "
            "read them and found nothing."
        )
        return (
            target,
            proposal,
            (
                *project.warnings,
                Problem(
                    project.file,
                    lines_written,
                    "If they are no interviews, leave them out of the project.",
                    severity="warning",
                ),
            ),
        )
    return target, proposal, project.warnings


def _with_project(there: str, named: list[str], file: str) -> str:
    """Return the text of a `city.yaml` with another project; its table and codes go with it."""
    lines = there.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("interviews:"))
    end = next(
        (n for n in range(start + 1, len(lines)) if lines[n][:1] not in ("", " ", "#")), len(lines)
    )
    kept, skipped, found = [], False, False
    for line in lines[start + 1 : end]:
        if re.match(r" {2}\S", line):
            skipped = line.startswith(("  project:", "  table:", "  codes:"))
            found = found or line.startswith("  project:")
        if not skipped:
            kept.append(line)
    if not found:
        raise RunError(
            f"{file} names no 'project' on a line of its own whose place another could take; edit "
            "it there."
        )
    return "\n".join([*lines[: start + 1], *named, *kept, *lines[end:]]) + "\n"


def _table_lines(table: SegmentTable | None) -> list[str]:
    """Return how a table is read as lines of YAML."""
    if table is None:
        return []
    settings = table.model_dump(exclude_defaults=True)
    lines = ["  table:"]
    if heads := settings.pop("headings", None):
        inner = ", ".join(f"{name}: {quoted(text)}" for name, text in heads.items())
        lines.append(f"    headings: {{{inner}}}")
    return lines + [f"    {name}: {quoted(text)}" for name, text in settings.items()]


def language_of(texts: Iterable[object]) -> str:
    """Tell the language of texts by their letters: Russian, or English."""
    letters = [letter for text in texts for letter in str(text or "")[:5000] if letter.isalpha()]
    russian = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    return "en" if letters and russian < 0.5 * len(letters) else "ru"
