"""A city in one line for the index.

The key figures and the small picture that the notebooks' metadata name.

Runs know notebooks, not statistics: a notebook says under `cssp` in its metadata which of its
tables' values stand for it. `key_figures` is a list of
`table`, `where` (column -> value, `{city}` is the city), `value`, `label` (an entry of the
catalogue), `form` (as in `cssp.show.columns`), `how` (first, sum or count),
`of` (like `where`: a count is told as one of so many), `latest` (a column whose greatest value is
kept) and `per` with `per_form` (one figure for each value of a column). `across` names the
estimates to be compared over all
cities: `table`, `where`, `unit`, `group` (a column; `{group}` the one that respondents are told
apart by), `estimate`, `low`, `high`, `n`, `positive`, `negative`,
the forms of unit and group, and in `compare`
(`module:function`) what compares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.runs.report.notebook_results import chosen, need_column, read_saved
from cssp.show.labels import Labels


def told_by(notebook: Path) -> dict[str, Any]:
    """Return what a notebook's metadata say under `cssp`."""
    found: dict[str, Any] = (
        json.loads(notebook.read_text(encoding="utf-8")).get("metadata", {}).get("cssp", {})
    )
    return found


def summarise(folder: Path, city: str, notebooks: Iterable[Path], labels: Labels) -> dict[str, Any]:
    """Return `figures` (label, text, value) and `across` (for each balance its estimate, interval.

    N and shares).

    Parameters
    ----------
    folder : the city's, with its tables
    city : the city
    notebooks : the executed notebooks
    labels : the reader's words
    """
    summaries = [told_by(path) for path in notebooks]
    figures = [
        entry
        for one in summaries
        for rule in one.get("key_figures", ())
        for entry in _figures(folder, city, rule, labels)
    ]
    across = [
        row
        for one in summaries
        if one.get("across")
        for row in _across(folder, city, one["across"], labels)
    ]
    return {"figures": figures, "across": across}


def _figures(
    folder: Path, city: str, rule: Mapping[str, Any], labels: Labels
) -> Iterator[dict[str, Any]]:
    table = chosen(read_saved(folder, rule["table"]), rule.get("where", {}), city)
    label = labels.words(rule["label"])
    how, value, form = rule.get("how", "first"), rule.get("value", ""), rule.get("form", "number2")
    for column in filter(
        None, (rule.get("latest"), rule.get("per"), None if how == "count" else value)
    ):
        need_column(table, column)
    if rule.get("latest") in table and len(table):
        newest = table[rule["latest"]].max()
        table = table[table[rule["latest"]] == newest]
        label = f"{label}, {newest}"
    if rule.get("per") in table:
        for name, part in table.groupby(rule["per"], sort=False):
            shown = labels.cell(name, rule.get("per_form", "text"))
            yield {"label": f"{label}: {shown}", **_value(part, how, value, form, labels)}
        return
    if how != "count" and (table.empty or value not in table):
        return
    text = _value(table, how, value, form, labels)
    if "of" in rule and text["value"] is not None:
        whole = chosen(read_saved(folder, rule["table"]), rule["of"], city)
        text["text"] = labels.words(
            "{count} of {all}", count=text["text"], all=labels.cell(float(len(whole)), form)
        )
    yield {"label": label, **text}


def _value(table: pd.DataFrame, how: str, value: str, form: str, labels: Labels) -> dict[str, Any]:
    if how == "count":
        found: Any = len(table)
    else:
        known = table[value].dropna()
        found = None if known.empty else known.sum() if how == "sum" else known.iloc[0]
    if found is None:
        return {"text": "—", "value": None}
    if isinstance(found, str):
        return {
            "text": labels.profile_type(found) if form == "profile_type" else labels.word(found),
            "value": found,
        }
    number = float(found)
    return {"text": labels.cell(number, form), "value": number}


def _across(
    folder: Path, city: str, rule: Mapping[str, Any], labels: Labels
) -> Iterator[dict[str, Any]]:
    table = chosen(read_saved(folder, rule["table"]), rule.get("where", {}), city)
    rule = {**rule, "group": rule["group"].replace("{group}", labels.grouping(table))}
    wanted = {
        key: rule[key]
        for key in ("unit", "group", "estimate", "low", "high", "n", "positive", "negative")
    }
    for column in wanted.values():
        need_column(table, column)
    if table.empty:
        return
    for record in table[list(wanted.values())].to_dict("records"):
        row = {key: record[name] for key, name in wanted.items()}
        yield {
            key: None if isinstance(value, float) and pd.isna(value) else value
            for key, value in row.items()
        }
