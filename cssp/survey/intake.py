"""What became of a survey's file: each value of each column, on which evidence, and what was left.

The way from a file to the frequency table, to be looked at before anything is computed. Its counts
are not suppressed: it is for whoever holds the file, and no report shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.city_file import SurveySource
from cssp.study.questionnaire import Item, Questionnaire
from cssp.study.read_yaml import in_language
from cssp.study.study import Study
from cssp.survey.load import CityReading, readings_of
from cssp.survey.read_answers import Seen
from cssp.tables.personal import identifies
from cssp.tables.raw import RawTable
from cssp.tables.service import folded, service

#: Evidence of values that are one person's own words: they are counted together.
_OWN_WORDS = "text of 'Other'"


@returns(
    "city",
    "item",
    Column("column", "column", "text"),
    Column("value", "value in the file", "text"),
    Column("label", "label in the file", "text"),
    Column("became", "read as", "text"),
    Column("kind", "kind", "word"),
    Column("rows", "rows", "whole"),
    Column("evidence", "evidence", "word"),
)
def intake(study: Study, cities: Iterable[str] | None = None, language: str = "en") -> pd.DataFrame:
    """Return what every value of every column became.

    Parameters
    ----------
    study : the study
    cities : whose files are read; None: all that have a survey
    language : of the answers' labels

    Returns
    -------
    One row a value of a column: `city, item, column, value` (as it stands in the file; texts and
    numbers of open and numeric items together), `label` (the file's own, empty without one),
    `became` (the answer's label, the option chosen, or empty), `kind` ("answer", "outside the
    scale", "not chosen", "no answer", "not understood"), `rows` (how many; they add up to the rows
    of the city for each column), `evidence` ("city.yaml", "label", "code", "text", "mark",
    "number", "blank", "missing in city.yaml", "declared missing in the file", ...)

    Raises
    ------
    DataError
        A file cannot be read at all.

    Examples
    --------
    >>> from cssp import load_study
    >>> study = load_study()
    >>> table = intake(study, study.cities[:1])
    >>> set(table.groupby("column")["rows"].sum())
    {92}
    """
    lines = []
    kinds = {
        "sector": {name: one.label for name, one in study.file.sectors.items()},
        "wave": {name: one.label for name, one in study.file.waves.items()},
    }
    for name in study.cities_with("survey", cities):
        for reading, item, column, seen in _all_seen(study, name):
            label = reading.table.labels.get(column, {}).get(seen.value, "")
            kind, became = _became(study.questionnaire, item, column, seen, reading, language)
            if became in kinds.get(item, {}):
                became = in_language(kinds[item][became], language)
            value = "" if seen.value is None else str(seen.value)
            lines.append([name, item, column, value, label, became, kind, seen.rows, seen.by])
    table = pd.DataFrame(
        lines,
        columns=["city", "item", "column", "value", "label", "became", "kind", "rows", "evidence"],
    )
    return _own_words_together(table, study.questionnaire)


def _all_seen(study: Study, city: str) -> Iterator[tuple[CityReading, str, str, Seen]]:
    """Yield what was seen in each file of a city, in the questionnaire's order."""
    for reading in readings_of(study, study.city(city)):
        for one in _in_order(study.questionnaire, reading):
            yield reading, *one


def _in_order(questionnaire: Questionnaire, reading: CityReading) -> list[tuple[str, str, Seen]]:
    place = {name: number for number, name in enumerate(["sector", "wave", *questionnaire.names()])}
    return sorted(reading.seen, key=lambda one: place.get(one[0], -1))


def _became(
    questionnaire: Questionnaire,
    item_name: str,
    column: str,
    seen: Seen,
    reading: CityReading,
    language: str,
) -> tuple[str, str]:
    """Return what kind of thing a value became, and in words what."""
    if seen.by == "":
        return "not understood", ""
    if seen.meaning is None:
        return "no answer", ""
    if item_name in ("sector", "wave"):
        return "answer", str(seen.meaning)
    item = questionnaire.item(item_name)
    scale = questionnaire.scale_of(item)
    if scale is not None:
        entry = next(entry for entry in scale.entries if entry.code == seen.meaning)
        kind = "answer" if entry in scale.answers else "outside the scale"
        return kind, in_language(entry.label, language)
    if isinstance(seen.meaning, frozenset):
        options = [
            in_language(item.options[o], language) for o in item.options if o in seen.meaning
        ]
        return "answer", "; ".join(options)
    if item.type == "multiple":
        option = _option_of(item, column, reading.source)
        label = in_language(item.options[option], language) if option else ""
        return ("answer", label) if seen.meaning == 1 else ("not chosen", "")
    return "answer", str(seen.meaning) if item.type != "open" else "text"


def _option_of(item: Item, column: str, source: SurveySource) -> str:
    mapped = source.items.get(item.name)
    columns = (
        mapped.columns if mapped is not None else dict(zip(item.options, item.columns, strict=True))
    )
    return next((option for option, own in columns.items() if own == column), "")


def _own_words_together(table: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Count what people wrote themselves together, and numbers: neither is a list of values."""
    free = {item.name for item in questionnaire.items if item.type in ("open", "numeric")}
    own = (table["item"].isin(free) & (table["kind"] == "answer")) | (
        table["evidence"] == _OWN_WORDS
    )
    table.loc[own, "value"] = "..."
    table.loc[own & table["item"].isin(free), "became"] = "..."
    keys = [name for name in table.columns if name != "rows"]
    return table.groupby(keys, sort=False, as_index=False, dropna=False)["rows"].sum()[
        list(table.columns)
    ]


@returns(
    "city",
    Column("column", "column", "text"),
    Column("heading", "heading", "text"),
    Column("why", "why it is not used", "word"),
)
def unused_columns(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the columns of the files that no item, key or rule uses, and why.

    Parameters
    ----------
    study : the study
    cities : names of its cities; None: all that have data

    Returns
    -------
    `city, column, heading` (the long one, where the file has one), `why`: "added by the service",
    "may point at a person", "empty", "not mapped"

    Examples
    --------
    >>> from cssp import load_study
    >>> len(unused_columns(load_study()))
    0
    """
    lines = []
    for name in study.cities_with("survey", cities):
        for reading in readings_of(study, study.city(name)):
            used = used_columns(study.questionnaire, reading.source)
            for column in map(str, reading.table.data.columns):
                if column not in used:
                    heading = reading.table.headings.get(column, "")
                    lines.append([name, column, heading, _why(reading.table, column, heading)])
    return pd.DataFrame(lines, columns=["city", "column", "heading", "why"])


def used_columns(questionnaire: Questionnaire, source: SurveySource) -> set[str]:
    """Return every column that a city's map names, or that has the name of an item."""
    used = {source.respondent, source.weight, *(rule.column for rule in source.rows)}
    used |= {kind.column for kind in (source.sector, source.wave) if kind is not None}
    if source.duration is not None:
        used.add(source.duration.column)
    for item in questionnaire.items:
        mapped = source.items.get(item.name)
        used |= set(mapped.named()) if mapped is not None else {item.name, *item.columns}
    return {column for column in used if column}


def _why(table: RawTable, column: str, heading: str) -> str:
    wrote = service(table.read_as.get("layout"))
    if {folded(column), folded(column.rsplit("/", 1)[-1])} & wrote.metadata:
        return "added by the service"
    if identifies(column) or identifies(heading):
        return "may point at a person"
    if not table.data[column].map(lambda value: value is not None and str(value).strip()).any():
        return "empty"
    return "not mapped"


@returns(
    "city", "item", Column("columns", "columns", "text"), Column("evidence", "evidence", "word")
)
def intake_by_item(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Return from which columns each item was read, and on which evidence: without counts.

    Parameters
    ----------
    study : the study
    cities : names of its cities; None: all that have data

    Returns
    -------
    `city, item, columns, evidence` (those of `intake`, each once)

    Examples
    --------
    >>> from cssp import load_study
    >>> table = intake_by_item(load_study())
    >>> table.loc[0, ["item", "evidence"]].tolist()
    ['sector', 'city.yaml']
    """
    whole = intake(study, cities)
    lines = [
        [
            city,
            item,
            _distinct(own["column"], ", "),
            _distinct(own.loc[~own["evidence"].isin(["blank", ""]), "evidence"], "+"),
        ]
        for (city, item), own in whole.groupby(["city", "item"], sort=False)
    ]
    return pd.DataFrame(lines, columns=["city", "item", "columns", "evidence"])


def _distinct(texts: pd.Series, sign: str) -> str:
    """Join texts, each once; with `+` as a table's cell reads words of the catalogue."""
    return sign.join(dict.fromkeys(texts))
