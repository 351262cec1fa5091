"""Beginnings: an empty, commented study.

And a proposal of how a survey's file maps to the questionnaire.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cssp.draft.city_yaml import check_city_name, city_head, quoted, seen_from, with_city
from cssp.study.problems import RunError, short_path
from cssp.study.questionnaire import Item, Questionnaire
from cssp.study.study import Study
from cssp.study.write_files import write_text
from cssp.survey.read_answers import ScaleReader
from cssp.survey.read_options import options_reader
from cssp.tables.raw import RawTable, fold, wrote
from cssp.tables.read import read_table
from cssp.tables.service import plain_text, service

#: Signs between several options in one cell, in the order in which they are tried.
_SEPARATORS = (";", ",", "/", "|", " ")


def propose_mapping(questionnaire: Questionnaire, table: RawTable) -> pd.DataFrame:
    """Propose which column holds which item.

    By name, by the label or wording of the heading, never by likeness of values alone.

    Returns
    -------
    One row an item: `item, type, columns` (text; several joined by ` | `), `matched_by` ("name",
    "heading", or "" for none),
    `values` (how many distinct values the column has), `unmatched` (values that are no answer of
    the item's scale, first 10).
    """
    headings = _headings(table)
    lines = []
    for item in questionnaire.items:
        columns, how = _columns_for(item, headings, table)
        distinct, strange = _values(questionnaire, item, columns, table)
        lines.append(
            [
                item.name,
                item.type,
                " | ".join(columns.values()),
                how,
                distinct,
                "; ".join(strange[:10]),
            ]
        )
    return pd.DataFrame(
        lines, columns=["item", "type", "columns", "matched_by", "values", "unmatched"]
    )


def _columns_for(
    item: Item, headings: dict[str, str], table: RawTable
) -> tuple[dict[str, str], str]:
    """Return option (or "" for the whole item) -> column, and how they were found."""
    words = [*item.wording.values(), *item.label.values()]
    if item.type in ("multiple", "ranking"):
        return _several_columns(item, words, headings)
    if item.name in table.data.columns:
        return {"": item.name}, "name"
    if fold(item.name) in headings:
        return {"": headings[fold(item.name)]}, "name"
    for word in words:
        if fold(word) in headings:
            return {"": headings[fold(word)]}, "heading"
    return {}, ""


def _several_columns(
    item: Item, words: list[str], headings: dict[str, str]
) -> tuple[dict[str, str], str]:
    """Return option (or place, or "" for all in one) -> column of an item with several answers.

    By names before headings.
    """
    patterns = (
        "{item}__{option}",
        "{item}[{option}]",
        "{item}/{option}",
        "{item}_{option}",
        "{item}.{option}",
    )
    for pattern in patterns:
        named = {
            o: headings.get(fold(pattern.format(item=item.name, option=o))) for o in item.options
        }
        if all(named.values()):
            return {option: str(column) for option, column in named.items()}, "name"
    if item.type == "ranking":
        count = item.ranks or len(item.options)
        for stem in (item.name, *words):
            for pattern in ("{stem}[{place}]", "{stem} [{place}]", "{stem}_{place}"):
                places = [
                    headings.get(fold(pattern.format(stem=stem, place=place)))
                    for place in range(1, count + 1)
                ]
                if all(places):
                    found = {f"place {n}": str(column) for n, column in enumerate(places, 1)}
                    return found, "name" if stem == item.name else "heading"
    grid: dict[str, str] = {}
    for option, label in item.options.items():
        for text in label.values():
            for word in words:
                for pattern in (
                    "{word} [{text}]",
                    "{word} - {text}",
                    "{word} - selected choice - {text}",
                ):
                    column = headings.get(fold(pattern.format(word=word, text=text)))
                    if column is not None:
                        grid[option] = column
    if len(grid) == len(item.options):
        return grid, "heading"
    if item.type == "ranking":
        return {}, ""
    if fold(item.name) in headings:
        return {"": headings[fold(item.name)]}, "name"
    # only a heading that no sibling shares is the whole question
    for word in words:
        column = headings.get(fold(word))
        if column is not None and not any(
            other.startswith(f"{fold(word)} -") or other.startswith(f"{fold(word)} [")
            for other in headings
        ):
            return {"": column}, "heading"
    return {}, ""


def _values(
    questionnaire: Questionnaire, item: Item, columns: dict[str, str], table: RawTable
) -> tuple[int, list[str]]:
    scale = questionnaire.scale_of(item)
    if scale is None or list(columns) != [""]:
        return (table.data[next(iter(columns.values()))].nunique() if columns else 0), []
    assert item.scale is not None
    column = columns[""]
    reader = ScaleReader(item, scale, item.scale, [], set(), table, column)
    distinct = pd.unique(table.data[column].dropna())
    findings = [finding for _, finding in map(reader, distinct) if finding is not None]
    return len(distinct), [finding.value for finding in findings if finding.severity == "error"]


class Added(NamedTuple):
    """What `add_city` did.

    The `city.yaml` that it wrote, how items were matched, and which service wrote the file.
    """

    path: Path
    proposal: pd.DataFrame
    wrote: str


def add_city(
    study: Study, city: str, survey: Path, respondent: str = "", sector: str = ""
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

    Returns
    -------
    the path of `city.yaml`, the proposal of `propose_mapping`, and what the file was taken for

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
    table = read_table(survey, tell_service=True)
    questionnaire = study.questionnaire
    proposal = propose_mapping(questionnaire, table)
    names = {fold(name): str(name) for name in table.data.columns}
    usual = (
        "respondent",
        "id",
        "idno",
        "respid",
        "№",
        "номер",
        "response id",
        "responseid",
        "respondent id",
        "caseid",
        "_id",
        "_uuid",
        "clean.id",
    )
    respondent = respondent or next((names[word] for word in usual if word in names), "")
    sector = sector or next(
        (names[word] for word in ("sector", "сектор", "сфера") if word in names), ""
    )
    for told in filter(None, (respondent, sector)):
        table.column(told)
    listed = (study.folder / "study.yaml").read_text(encoding="utf-8")
    added = listed if city in study.cities else with_city(listed, study.cities, city)
    text = _city_text(study, city, survey, table, proposal, respondent, sector, target)
    write_text(target, text)
    if added != listed:
        write_text(study.folder / "study.yaml", added)
    return Added(target, proposal, wrote(table))


def _city_text(
    study: Study,
    city: str,
    survey: Path,
    table: RawTable,
    proposal: pd.DataFrame,
    respondent: str,
    sector: str,
    target: Path,
) -> str:
    how = ", ".join(f"{k} {v}" for k, v in table.read_as.items() if k != "layout found by")
    lines = [
        *city_head(study, city),
        "survey:",
        f"  file: {quoted(seen_from(survey, target))}",
        f"  # taken for {service(table.read_as.get('layout')).label['en']}; read as: {how}",
        *(
            [f"  format: {{layout: {table.read_as['layout']}}}"]
            if "layout" in table.read_as
            else []
        ),
        f"  provenance: {{source: {quoted('TODO: who asked whom, when')}}}",
    ]
    lines.append(
        f"  respondent: {quoted(respondent)}{_repeats(table, respondent)}"
        if respondent
        else "  # respondent: TODO: the column that identifies a respondent"
    )
    times = {fold(name): str(name) for name in table.data.columns}
    for told, unit in (("duration (in seconds)", "seconds"), ("interviewtime", "seconds")):
        if told in times:
            lines.append(f"  duration: {{column: {quoted(times[told])}, unit: {unit}}}")
    if sector:
        lines.append(f"  sector:\n    column: {quoted(sector)}\n    values:")
        known = {fold(t): n for n, s in study.file.sectors.items() for t in (n, *s.label.values())}
        labels = table.labels.get(sector, {})
        for value in pd.unique(table.data[sector].dropna()):
            found = known.get(fold(value), known.get(fold(labels.get(value, ""))))
            lines.append(f"      {quoted(value)}: {found or 'TODO'}")
    else:
        lines.append("  sector: {column: TODO}    # TODO: the column of the sector, or `all: NAME`")
    lines += _hints(table)
    lines.append("  items:")
    open_items = []
    headings = _headings(table)
    for row in proposal.itertuples():
        item = study.questionnaire.item(row.item)
        columns, _ = _columns_for(item, headings, table)
        if not columns:
            open_items.append(row.item)
        elif list(columns) == [""]:
            separator, todo = "", ""
            if item.type == "multiple":
                sign, sure = _separator(item, table.data[columns[""]])
                separator = f", separator: {quoted(sign)}"
                todo = "" if sure else "   # TODO: check the separator and the options"
            lines.append(f"    {row.item}: {{column: {quoted(columns[''])}{separator}}}{todo}")
            if row.unmatched:
                lines.append(f"      # TODO: map these values under `values`: {row.unmatched}")
        elif next(iter(columns)).startswith("place "):
            lines.append(
                f"    {row.item}:\n      places: [{', '.join(map(quoted, columns.values()))}]"
            )
        else:
            inner = ", ".join(f"{option}: {quoted(column)}" for option, column in columns.items())
            lines.append(f"    {row.item}:\n      columns: {{{inner}}}")
    if lines[-1] == "  items:":
        lines[-1] = "  items: {}"
    if open_items:
        lines.append(
            "    # TODO: no column was recognised for these; map them, or list them under "
            "`not_asked`:"
        )
        lines += [f"    # {name}: {{column: }}" for name in open_items]
        lines.append("  # columns of the file that are not used yet:")
        used = {part for row in proposal.itertuples() for part in row.columns.split(" | ")} | {
            respondent,
            sector,
        }
        lines += [f"  #   {quoted(name)}" for name in table.data.columns if str(name) not in used][
            :300
        ]
    return "\n".join(lines) + "\n"


def _separator(item: Item, column: pd.Series) -> tuple[str, bool]:
    """Return the sign between options with which most cells can be read, and whether all can."""
    cells = [value for value in pd.unique(column.dropna()) if fold(value)]
    best, most, several = ";", -1, 0
    for sign in _SEPARATORS:
        read = [
            found
            for found, finding in map(options_reader(item, {}, sign, set()), cells)
            if finding is None
        ]
        if len(read) > most:
            best, most, several = (
                sign,
                len(read),
                sum(len(found) > 1 for found in read if isinstance(found, frozenset)),
            )
    # where no cell holds two options, the column may be only the first of several
    return best, bool(cells) and most == len(cells) and several > 0


def _repeats(table: RawTable, respondent: str) -> str:
    names = table.data[respondent].dropna()
    count = int(names.duplicated().sum())
    return (
        f"   # TODO: {count} rows repeat a respondent; say 'duplicates: first' (or last), or name "
        "another column"
        if count
        else ""
    )


def _hints(table: RawTable) -> list[str]:
    """Return lines on what the file holds beside answers.

    Words for blanks, previews and questionnaires that were not finished.
    """
    lines = []
    cells = {
        str(value).strip()
        for name in table.data.columns
        for value in pd.unique(table.data[name].dropna())
        if isinstance(value, str)
    }
    if blank := [word for word in ("NA", "N/A", "#N/A", "NaN", "NULL") if word in cells]:
        lines.append(
            f"  missing: [{', '.join(map(quoted, blank))}]   # words in the file that seem to "
            "stand for a blank"
        )
    names = {fold(name): str(name) for name in table.data.columns}
    for heading, wanted in (("finished", ("true", "1")), ("status", ("ip address", "0"))):
        if heading in names and "layout" in table.read_as:
            other = table.data[
                ~table.data[names[heading]].map(lambda value, fits=wanted: fold(value) in fits)
            ]
            if len(other):
                kept = next(
                    (str(v) for v in table.data[names[heading]].dropna() if fold(v) in wanted), ""
                )
                lines.append(
                    f"  # rows: [{{column: {quoted(names[heading])}, equals: [{quoted(kept)}]}}]   "
                    f"# TODO: {len(other)} rows are unfinished or previews; should they count?"
                )
    for heading in ("submitdate", "date submitted"):
        if heading in names:
            blank_rows = int(
                table.data[names[heading]]
                .map(lambda value: value is None or fold(value) == "")
                .sum()
            )
            if blank_rows:
                lines.append(
                    f"  # TODO: {blank_rows} rows have no {names[heading]}: those respondents did "
                    "not finish; should they count?"
                )
    return lines


def _headings(table: RawTable) -> dict[str, str]:
    headings = {fold(name): str(name) for name in table.data.columns}
    plain = {name: plain_text(name) for name in headings.values()}
    headings.update(
        {fold(text): name for name, text in plain.items() if fold(text) not in headings}
    )
    headings.update(
        {fold(text): name for name, text in table.headings.items() if fold(text) not in headings}
    )
    return headings
