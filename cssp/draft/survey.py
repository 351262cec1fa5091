"""A city's survey added to a study: a proposal of how its file maps to the questionnaire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cssp.draft.city_yaml import check_city_name, city_head, quoted, seen_from, with_city
from cssp.draft.match import Match, match_items, propose_mapping
from cssp.draft.survey_hints import hints, repeats, rows_of_city, sector_column
from cssp.study.problems import RunError, short_path
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.study.write_files import write_text
from cssp.tables.personal import RESPONDENT
from cssp.tables.raw import RawTable, fold, wrote
from cssp.tables.read import read_table
from cssp.tables.service import service
from cssp.tables.special_answers import bare


class Added(NamedTuple):
    """What `add_city` did.

    The `city.yaml` that it wrote, how items were matched, which service wrote the file, and what is
    to be known of its reading.
    """

    path: Path
    proposal: pd.DataFrame
    wrote: str
    notes: list[str]


def add_city(
    study: Study,
    city: str,
    survey: Path,
    respondent: str = "",
    sector: str = "",
    form: dict[str, Any] | None = None,
    where: Mapping[str, str] | None = None,
) -> Added:
    """Write a `city.yaml` that proposes how a survey's file maps to the questionnaire.

    And add the city to the study.

    What could not be matched is marked in the file with TODO, so that `cssp check` refuses it until
    a person has decided.

    Parameters
    ----------
    study : the study
    city : name of the city's folder
    survey : the survey's file; it stays where it is, its path is written relative to the city's
        folder
    respondent, sector : columns of the respondents' identifier and sector; empty: looked for by
        their usual names
    form : what is known of the file: `layout`, `encoding`, `delimiter`, `sheet`, `header_row`,
        `heading_rows` as under `format` in city.yaml
    where : column -> value of the rows that are this city's; None: told by the city's name

    Returns
    -------
    the path of `city.yaml`, the proposal of `propose_mapping`, what the file was taken for, and
    what is to be known of its reading

    Raises
    ------
    RunError
        The city has a `city.yaml` already, or its name cannot be a folder's.
    DataError
        The survey's file cannot be read.
    """
    check_city_name(city)
    target = study.folder / "cities" / city / "city.yaml"
    if target.exists():
        raise RunError(f"{short_path(target)} is there already; edit it, or remove it first.")
    given = {name: value for name, value in (form or {}).items() if value}
    table = read_table(survey, Format.model_validate(given), tell_service=True)
    matches = match_items(study.questionnaire, table)
    proposal = propose_mapping(study.questionnaire, table, matches)
    names = {fold(name): str(name) for name in table.data.columns}
    respondent = respondent or next((names[word] for word in RESPONDENT if word in names), "")
    sector = sector or sector_column(table, study)
    for column in filter(None, (respondent, sector)):
        table.column(column)
    listed = (study.folder / "study.yaml").read_text(encoding="utf-8")
    added = listed if city in study.cities else with_city(listed, study.cities, city)
    lines, doubts = (_rows(where), []) if where else rows_of_city(table, study, city)
    doubts += _shared_file(study, city, survey) if not lines else []
    for rule in where or ():
        table.column(rule)
    text = "\n".join(
        [
            *city_head(study, city),
            *_source(survey, target, table, given),
            *_person(table, respondent),
            *lines,
            *(f"  # TODO: {doubt}" for doubt in doubts),
            *_sector(study, table, sector),
            *hints(table),
            *_items(matches, proposal["unmatched"], table, {respondent, sector}),
        ]
    )
    write_text(target, text + "\n")
    if added != listed:
        write_text(study.folder / "study.yaml", added)
    seen = [
        problem.what + (f" (row {problem.row})" if problem.row else "") for problem in table.notes
    ]
    return Added(target, proposal, wrote(table), [*seen, *doubts])


def _rows(where: Mapping[str, str]) -> list[str]:
    rules = ", ".join(f"{{column: {quoted(c)}, equals: [{quoted(v)}]}}" for c, v in where.items())
    return [f"  rows: [{rules}]"]


def _shared_file(study: Study, city: str, survey: Path) -> list[str]:
    """Say which other cities of the study have the same file."""
    others = []
    for name in study.cities:
        path = study.folder / "cities" / name / "city.yaml"
        if name == city or not path.exists():
            continue
        source = study.city(name).file.survey
        if source is not None and study.city(name).path(source.file).resolve() == survey.resolve():
            others.append(name)
    if not others:
        return []
    return [f"the file is that of {', '.join(others)}, too: say under `rows` which rows are whose"]


def _source(survey: Path, target: Path, table: RawTable, given: dict[str, Any]) -> list[str]:
    how = ", ".join(f"{k} {v}" for k, v in table.read_as.items() if k != "layout found by")
    settings = {k: v for k, v in {"layout": table.read_as.get("layout"), **given}.items() if v}
    form = ", ".join(f"{k}: {v if isinstance(v, int) else quoted(v)}" for k, v in settings.items())
    return [
        "survey:",
        f"  file: {quoted(seen_from(survey, target))}",
        f"  # taken for {service(table.read_as.get('layout')).label['en']}; read as: {how}",
        *([f"  format: {{{form}}}"] if form else []),
        f"  provenance: {{source: {quoted('TODO: who asked whom, when')}}}",
    ]


def _person(table: RawTable, respondent: str) -> list[str]:
    lines = [
        f"  respondent: {quoted(respondent)}{repeats(table, respondent)}"
        if respondent
        else "  # no column was recognised that identifies a respondent (respondent: ...)"
    ]
    times = {fold(name): str(name) for name in table.data.columns}
    for heading, unit in (("duration (in seconds)", "seconds"), ("interviewtime", "seconds")):
        if heading in times:
            lines.append(f"  duration: {{column: {quoted(times[heading])}, unit: {unit}}}")
    return lines


def _sector(study: Study, table: RawTable, sector: str) -> list[str]:
    """Return how the values of the sector's column map to the study's sectors."""
    if not sector:
        return ["  sector: {column: TODO}    # TODO: the column of the sector, or `all: NAME`"]
    lines = [f"  sector:\n    column: {quoted(sector)}\n    values:"]
    known = {bare(t): n for n, s in study.file.sectors.items() for t in (n, *s.label.values())}
    labels = table.labels.get(sector, {})
    for value in pd.unique(table.data[sector].dropna()):
        label = labels.get(value, "")
        found = known.get(bare(value), known.get(bare(label)))
        lines.append(f"      {quoted(value)}: {found or 'TODO'}{f'   # {label}' if label else ''}")
    return lines


def _items(
    matches: Sequence[Match], strange: Iterable[str], table: RawTable, keys: set[str]
) -> list[str]:
    """Return the maps of the items, what is to be decided, and which columns are not used."""
    lines, open_items, used = ["  items:"], [], set(keys)
    for match, unknown in zip(matches, strange, strict=True):
        used |= set(match.columns)
        if not match.map:
            open_items.append(match.item.name)
            continue
        doubts = "".join(f"   # TODO: {' '.join(doubt.split())}" for doubt in match.doubts)
        lines.append(f"    {match.item.name}: {_flow(match.map)}{doubts}")
        if unknown:
            lines.append(f"      # TODO: map these values under `values`: {unknown}")
    if lines == ["  items:"]:
        lines = ["  items: {}"]
    if open_items:
        lines.append(
            "    # no column was recognised for these; map them, or list them under `not_asked`:"
        )
        lines += [f"    # {name}: {{column: }}" for name in open_items]
    unused = [str(name) for name in table.data.columns if str(name) not in used]
    if unused:
        lines.append("  # columns of the file that are not used:")
        lines += [f"  #   {quoted(name)}" for name in unused[:300]]
    return lines


def _flow(value: Any) -> str:
    """Return a value as YAML writes it in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    return quoted(value)


def _key(key: object) -> str:
    return str(key) if re.fullmatch(r"[^\W\d]\w*", str(key)) else quoted(key)
