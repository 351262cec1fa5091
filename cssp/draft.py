"""Beginnings: an empty, commented study; and a proposal of how a survey's file maps to the questionnaire."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pandas as pd
import yaml

from cssp.city_file import Format
from cssp.codebook import Item, Questionnaire
from cssp.files import folder_in_place, write_text
from cssp.layouts import TITLES, plain_text
from cssp.problems import RunError, StudyError, short_path
from cssp.study import Study
from cssp.survey.mapping import ScaleReader, options_reader
from cssp.tabular import RawTable, fold, read_table, recognise_file

#: Signs between several options in one cell, in the order in which they are tried.
_SEPARATORS = (";", ",", "/", "|", " ")

_STUDY = """\
# A study. Every key is explained in docs/study-files.md; `cssp check` tells what is missing or wrong.
title: {en: My study, ru: Моё исследование}
languages: [en, ru]            # every label below needs a wording in each of these languages

sectors:                       # kinds of respondents
  authorities: {label: {en: Authorities, ru: Власть}}
  business: {label: {en: Business, ru: Бизнес}}
  npo: {label: {en: Non-profits, ru: НКО}}

themes:                        # they tie indicators, items and codes together in notebook 04
  money: {label: {en: Money, ru: Деньги}}

cities: [my_city]              # a folder cities/NAME with a city.yaml for each
smallest_cell: 5               # groups with fewer respondents are not shown

corrections:                   # comparisons of one family are corrected for their number together
  method: holm                 # or fdr_bh, none
  families:
    main: {label: {en: main questions, ru: главные вопросы}, sections: [main]}
"""

_QUESTIONNAIRE = """\
# The codebook of the survey: scales with their answers from low to high, sections of items.
scales:
  rating:
    answers:                   # valence: which side an answer counts on; weight: how strongly (rosstat balance)
      - {code: 1, label: {en: very poor, ru: очень плохо}, valence: negative, weight: 1}
      - {code: 2, label: {en: poor, ru: плохо}, valence: negative, weight: 0.5}
      - {code: 3, label: {en: average, ru: средне}, valence: neutral}
      - {code: 4, label: {en: good, ru: хорошо}, valence: positive, weight: 0.5}
      - {code: 5, label: {en: very good, ru: очень хорошо}, valence: positive, weight: 1}
    special:                   # answers outside the scale
      - {code: 97, label: {en: hard to say, ru: затрудняюсь ответить}, means: hard_to_say}
      - {code: 99, label: {en: not asked, ru: не спрашивали}, means: not_asked}

sections:
  - name: main
    label: {en: Main questions, ru: Главные вопросы}
    focus: true                # the notebooks draw the answers of focus sections in full
    items:
      - name: npo_useful       # type: ordinal, single, multiple, ranking, numeric, open
        type: ordinal
        scale: rating
        theme: money
        rated: npo             # whom the item rates
        label: {en: usefulness of non-profits, ru: польза НКО}
        wording: {en: "How do you rate the usefulness of non-profits?", ru: "Как Вы оцениваете пользу НКО?"}
"""

_CODES = """\
# The code system of the interviews: groups with codes below them. means: barrier, resource or neutral.
codes:
  - name: grp_resources
    label: {en: Access to resources, ru: Доступ к ресурсам}
    definition: {en: "Premises, people, money.", ru: "Помещения, люди, деньги."}
    codes:
      - name: too_little_money
        label: {en: too little money, ru: нехватка денег}
        theme: money
        means: barrier
        definition: {en: Grants and subsidies are too small., ru: Гранты и субсидии слишком малы.}
"""

_INDICATORS = """\
# What the indicators of the desk study measure. Budget levels are never added up.
levels:
  federal: {en: federal, ru: федеральный}
  subject: {en: regional, ru: региональный}
  local: {en: local, ru: местный}
local_levels: [local]
kinds:
  okrugs: {en: urban and municipal okrugs, ru: городские и муниципальные округа}
  districts: {en: municipal districts, ru: муниципальные районы}
  divided_okrugs: {en: urban okrugs with inner districts, ru: городские округа с внутригородским делением}
  intracity_districts: {en: inner-city districts, ru: внутригородские районы}
  intracity: {en: municipalities of a city of federal importance, ru: муниципальные образования города федерального значения}
  urban_settlements: {en: urban settlements, ru: городские поселения}
  rural_settlements: {en: rural settlements, ru: сельские поселения}
  settlements: {en: settlements, ru: поселения}
coverage_threshold: 0.10       # programmes must be in strictly more than this share of municipalities
treasury:                      # what `cssp add CITY --treasury FORM` takes from the Treasury's form 0503317
  types: ["630"]               # expenditure types that count as support
  support: npo_support
  expenditure: budget_expenditure
indicators:
  - name: npo_support          # role: support, expenditure, population, organisations, programme, municipalities, other
    label: {en: Support of non-profits, ru: Поддержка НКО}
    unit: RUB
    role: support
    price_basis: current
    better: higher
    theme: money
    denominators: [budget_expenditure, population]
    definition: {en: What is counted as support., ru: "Что считается поддержкой."}
  - name: budget_expenditure
    label: {en: Budget expenditure, ru: Расходы бюджета}
    unit: RUB
    role: expenditure
    price_basis: current
    definition: {en: Executed expenditure in all., ru: "Исполненные расходы всего."}
  - name: population
    label: {en: Population, ru: Население}
    unit: persons
    role: population
    counted: "01-01"           # the day a stock is counted on
    definition: {en: Residents on 1 January., ru: "Жители на 1 января."}
"""

_REGULATION = "act,number,date,level,territory,instrument,in_force_from,in_force_to,amended_by,status,source,checked,note\n"

_CITY = """\
# One city: where its data lie and how they map to the codebooks. Leave out a stage that has no data.
name: {en: My city, ru: Мой город}
region: {en: My region, ru: Мой регион}
# oktmo: "00000000"
synthetic: false               # true if any source is simulated or invented

# desk:                        # `cssp add my_city --treasury FORM.xls` adds the Treasury's figures to it
#   file: desk.csv             # municipality, oktmo, level, kind, year, indicator, value, unit, basis, status, units, source, note
#   provenance: {source: "where the figures come from"}

# survey:                      # `cssp add my_city --survey FILE` writes this part for you
#   file: survey.csv           # .csv, .xlsx, .xls, .sav, .parquet
#   provenance: {source: "who asked whom, when"}
#   sector: {column: sector, values: {1: authorities, 2: business, 3: npo}}
#   items:
#     npo_useful: {column: q1, values: {"очень плохо": 1}}

# interviews:
#   texts: interviews          # a folder of .txt files
#   segments: segments.csv     # interview, coder, code, start, end
#   provenance: {source: "who was interviewed, when"}
"""


def new_study(folder: Path) -> list[Path]:
    """Write an empty, commented study.

    Raises
    ------
    StudyError
        The folder is there already and not empty, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{short_path(folder)} is there already and not empty; name a new folder.")
    files = {
        "study.yaml": _STUDY,
        "questionnaire.yaml": _QUESTIONNAIRE,
        "codes.yaml": _CODES,
        "indicators.yaml": _INDICATORS,
        "regulation.csv": _REGULATION,
        "cities/my_city/city.yaml": _CITY,
    }
    with folder_in_place(folder) as work:
        for name, text in files.items():
            write_text(work / name, text)
    return [folder / name for name in files]


def propose_mapping(questionnaire: Questionnaire, table: RawTable) -> pd.DataFrame:
    """Propose which column holds which item: by name, by the label or wording of the heading, never by likeness of values alone.

    Returns
    -------
    One row an item: `item, type, columns` (text; several joined by ` | `), `matched_by` ("name", "heading", or "" for none),
    `values` (how many distinct values the column has), `unmatched` (values that are no answer of the item's scale, first 10).
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
    return pd.DataFrame(lines, columns=["item", "type", "columns", "matched_by", "values", "unmatched"])


def _columns_for(item: Item, headings: dict[str, str], table: RawTable) -> tuple[dict[str, str], str]:
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


def _several_columns(item: Item, words: list[str], headings: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return option (or place, or "" for all in one) -> column of an item with several answers, by names before headings."""
    patterns = (
        "{item}__{option}",
        "{item}[{option}]",
        "{item}/{option}",
        "{item}_{option}",
        "{item}.{option}",
    )
    for pattern in patterns:
        named = {o: headings.get(fold(pattern.format(item=item.name, option=o))) for o in item.options}
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
                for pattern in ("{word} [{text}]", "{word} - {text}", "{word} - selected choice - {text}"):
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
            other.startswith(f"{fold(word)} -") or other.startswith(f"{fold(word)} [") for other in headings
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


def add_city(
    study: Study, city: str, survey: Path, respondent: str = "", sector: str = ""
) -> tuple[Path, pd.DataFrame]:
    """Write a `city.yaml` that proposes how a survey's file maps to the questionnaire, and add the city to the study.

    What could not be matched is marked in the file with TODO, so that `cssp check` refuses it until a person has decided.

    Parameters
    ----------
    study : the study
    city : name of the city's folder
    survey : the survey's file; it stays where it is, its path is written relative to the city's folder
    respondent, sector : columns of the respondents' identifier and sector; empty: looked for by their usual names

    Returns
    -------
    the path of `city.yaml`, and the proposal of `propose_mapping`

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
    layout, _ = recognise_file(survey)
    table = read_table(survey, Format.model_validate({"layout": layout}))
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
    sector = sector or next((names[word] for word in ("sector", "сектор", "сфера") if word in names), "")
    for told in filter(None, (respondent, sector)):
        table.column(told)
    listed = (study.folder / "study.yaml").read_text(encoding="utf-8")
    added = listed if city in study.cities else with_city(listed, study.cities, city)
    text = _city_text(study, city, survey, table, proposal, respondent, sector, target)
    write_text(target, text)
    if added != listed:
        write_text(study.folder / "study.yaml", added)
    return target, proposal


#: Signs of a city's name: some file systems count bytes, two to a Cyrillic letter.
LONGEST_NAME = 80


def check_city_name(city: str) -> None:
    """Refuse a city's name that cannot be a folder's.

    Raises
    ------
    RunError
        The name has signs other than letters, digits, spaces, hyphens and underscores.
    """
    if not re.fullmatch(rf"\w|\w[\w -]{{0,{LONGEST_NAME - 2}}}\w", city):
        raise RunError(
            f"'{city}' cannot be the name of a city's folder; use letters, digits, spaces, hyphens and underscores, {LONGEST_NAME} signs at most (an é as one sign, not as e with an accent)."
        )


def quoted(text: object) -> str:
    """Return a text as YAML reads it back, whatever signs it has."""
    return json.dumps(str(text), ensure_ascii=False)


def city_head(study: Study, city: str) -> list[str]:
    """Return the first lines of a drafted `city.yaml`: what every city has."""
    names = ", ".join(f"{code}: {quoted(city)}" for code in study.file.languages)
    return [
        "# Written by `cssp add`. Look at every line; each TODO wants a decision.",
        f"name: {{{names}}}        # the city's name in each language",
        f"region: {{{names.replace(quoted(city), quoted('TODO: the region'))}}}",
        "synthetic: false",
        "",
    ]


def seen_from(file: Path, target: Path) -> str:
    """Return a file's path as `target` names it: relative to its folder, where that can be."""
    try:
        return Path(os.path.relpath(file.resolve(), target.parent.resolve())).as_posix()
    except ValueError:  # another drive on Windows
        return file.resolve().as_posix()


def _city_text(
    study: Study, city: str, survey: Path, table: RawTable, proposal: pd.DataFrame, respondent: str, sector: str, target: Path
) -> str:  # fmt: skip
    lines = [
        *city_head(study, city),
        "survey:",
        f"  file: {quoted(seen_from(survey, target))}",
        f"  # taken for {TITLES[table.read_as.get('layout', 'plain')]}; read as: {', '.join(f'{k} {v}' for k, v in table.read_as.items())}",
        *([f"  format: {{layout: {table.read_as['layout']}}}"] if "layout" in table.read_as else []),
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
            lines.append(f"    {row.item}:\n      places: [{', '.join(map(quoted, columns.values()))}]")
        else:
            inner = ", ".join(f"{option}: {quoted(column)}" for option, column in columns.items())
            lines.append(f"    {row.item}:\n      columns: {{{inner}}}")
    if lines[-1] == "  items:":
        lines[-1] = "  items: {}"
    if open_items:
        lines.append(
            "    # TODO: no column was recognised for these; map them, or list them under `not_asked`:"
        )
        lines += [f"    # {name}: {{column: }}" for name in open_items]
        lines.append("  # columns of the file that are not used yet:")
        used = {part for row in proposal.itertuples() for part in row.columns.split(" | ")} | {
            respondent,
            sector,
        }
        lines += [f"  #   {quoted(name)}" for name in table.data.columns if str(name) not in used][:300]
    return "\n".join(lines) + "\n"


def _separator(item: Item, column: pd.Series) -> tuple[str, bool]:
    """Return the sign between options with which most cells can be read, and whether all can."""
    cells = [value for value in pd.unique(column.dropna()) if fold(value)]
    best, most, several = ";", -1, 0
    for sign in _SEPARATORS:
        read = [
            found for found, finding in map(options_reader(item, {}, sign, set()), cells) if finding is None
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
        f"   # TODO: {count} rows repeat a respondent; say 'duplicates: first' (or last), or name another column"
        if count
        else ""
    )


def _hints(table: RawTable) -> list[str]:
    """Return lines on what the file holds beside answers: words for blanks, previews and questionnaires that were not finished."""
    lines = []
    cells = {
        str(value).strip()
        for name in table.data.columns
        for value in pd.unique(table.data[name].dropna())
        if isinstance(value, str)
    }
    if blank := [word for word in ("NA", "N/A", "#N/A", "NaN", "NULL") if word in cells]:
        lines.append(
            f"  missing: [{', '.join(map(quoted, blank))}]   # words in the file that seem to stand for a blank"
        )
    names = {fold(name): str(name) for name in table.data.columns}
    for heading, wanted in (("finished", ("true", "1")), ("status", ("ip address", "0"))):
        if heading in names and "layout" in table.read_as:
            other = table.data[
                ~table.data[names[heading]].map(lambda value, fits=wanted: fold(value) in fits)
            ]
            if len(other):
                kept = next((str(v) for v in table.data[names[heading]].dropna() if fold(v) in wanted), "")
                lines.append(
                    f"  # rows: [{{column: {quoted(names[heading])}, equals: [{quoted(kept)}]}}]   # TODO: {len(other)} rows are unfinished or previews; should they count?"
                )
    for heading in ("submitdate", "date submitted"):
        if heading in names:
            blank_rows = int(
                table.data[names[heading]].map(lambda value: value is None or fold(value) == "").sum()
            )
            if blank_rows:
                lines.append(
                    f"  # TODO: {blank_rows} rows have no {names[heading]}: those respondents did not finish; should they count?"
                )
    return lines


def _headings(table: RawTable) -> dict[str, str]:
    headings = {fold(name): str(name) for name in table.data.columns}
    plain = {name: plain_text(name) for name in headings.values()}
    headings.update({fold(text): name for name, text in plain.items() if fold(text) not in headings})
    headings.update({fold(text): name for name, text in table.headings.items() if fold(text) not in headings})
    return headings


def with_city(text: str, cities: list[str], city: str) -> str:
    """Add a city to the list in `study.yaml`, leaving every other line as it is; refuse where the result would not read so."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.startswith("cities:"):
            continue
        head, closing, tail = line.partition("]")
        if closing:
            comma = "" if head.rstrip().endswith("[") else ", "
            lines[number] = f"{head.rstrip()}{comma}{quoted(city)}]{tail}"
        else:
            last = number
            while last + 1 < len(lines) and lines[last + 1].lstrip().startswith("-"):
                last += 1
            indent = lines[last][: len(lines[last]) - len(lines[last].lstrip())] if last > number else "  "
            lines.insert(last + 1, f"{indent}- {quoted(city)}\n")
        break
    changed = "".join(lines)
    try:
        read = yaml.safe_load(changed)["cities"]
    except (yaml.YAMLError, TypeError, KeyError):
        read = None
    if read is None or [str(name) for name in read] != [*cities, city]:
        raise StudyError(
            f"The list 'cities' in study.yaml could not be changed safely; add '{city}' to it by hand and run the same command."
        )
    return changed
