"""The pages over all cities.

The index, a city a row, and the comparison of all cities on each balance.
"""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cssp.runs.plan.plan import ALL_CITIES, having_results, notebooks
from cssp.runs.plan.up_to_date import SUMMARY, read_manifest, spoilt_summary
from cssp.runs.report.city_page import REPORT, city_label
from cssp.runs.report.key_figures import told_by
from cssp.runs.report.pages import environment, markdown
from cssp.runs.report.study_document import STUDY, write_study
from cssp.show.labels import Labels
from cssp.study.problems import first_line
from cssp.study.read_yaml import in_language
from cssp.study.study import Study
from cssp.study.write_files import write_text

DOWNLOADS = (("report.xlsx", "Excel"), ("appendix.docx", "Word"))


def write_index(
    output: Path, study: Study, language: str, failures: Mapping[str, str] | None = None
) -> Path:
    """Write `index.html`.

    And `across.html` with `across.csv` where the notebooks name estimates to compare.

    Parameters
    ----------
    output : folder of the runs
    study : the study
    language : of the pages
    failures : city -> what went wrong in this run

    Returns
    -------
    the index page
    """
    labels = Labels(study, language)
    failed = dict(failures or {})
    whole = {
        name: summary
        for name in having_results(study)
        if (summary := read_summary(output / name))
        and not spoilt_summary(output / name, read_manifest(output / name))
    }
    found = {name: summary for name, summary in whole.items() if name != ALL_CITIES}
    has_across = write_across(output, found, labels)
    columns = list(
        dict.fromkeys(
            figure["label"] for summary in found.values() for figure in summary["figures"]
        )
    )
    rows = [
        _row(output, name, found.get(name), columns, labels, failed)
        for name in study.cities
        if name in found or name in failed
    ]
    notes = list(dict.fromkeys(summary["note"] for summary in found.values() if summary["note"]))
    together = (
        [{"folder": ALL_CITIES, "label": city_label(labels, ALL_CITIES)}]
        if ALL_CITIES in whole
        else []
    )
    title, short = in_language(study.file.title, language), _in_short(study, found)
    document = _write_document(output, short, labels, title, notes)
    page = (
        environment()
        .get_template("index.html.j2")
        .render(
            words=labels.words,
            language=language,
            title=title,
            document=document,
            in_short="".join(markdown(one, trusted=False) for one in short.told),
            pictures=_pictures(study, whole, labels),
            note=" ".join(notes),
            cities=rows,
            columns=columns,
            strips=any(summary["across"] for summary in found.values()),
            across=has_across,
            together=together,
            failures=[
                {"city": city_label(labels, name), "text": text} for name, text in failed.items()
            ],
        )
    )
    path = output / "index.html"
    write_text(path, page)
    return path


class _Short(NamedTuple):
    """What the study found, and of which city's results that is."""

    city: str
    told: list[str]


def _in_short(study: Study, found: Mapping[str, dict[str, Any]]) -> _Short:
    """Return what the study found: the answers of the first city that has any.

    They set it against each other city, so that those of the others would say the same again.
    """
    name = next((name for name in study.cities if found.get(name, {}).get("in_short")), "")
    name = name or next((name for name in study.cities if name in found), "")
    return _Short(name, found[name]["in_short"] if name else [])


def _write_document(
    output: Path, short: _Short, labels: Labels, title: str, notes: list[str]
) -> str:
    """Write the study as a Word document; return its name, empty where it could not be made."""
    path = output / STUDY
    try:
        if short.city and write_study(path, output / short.city, labels, title, short.told, notes):
            return STUDY
    except Exception as error:  # a convenience that cannot be made costs nothing else
        warnings.warn(f"{STUDY} could not be made: {first_line(error)}", stacklevel=2)
    path.unlink(missing_ok=True)
    return ""


def _pictures(
    study: Study, whole: Mapping[str, dict[str, Any]], labels: Labels
) -> list[dict[str, str]]:
    """Return the figures of the first page: each of the first that has it, all cities' first."""
    found: dict[str, dict[str, str]] = {}
    for name in (ALL_CITIES, *study.cities):
        for picture in whole.get(name, {}).get("pictures", []):
            where = {"folder": name, "whose": city_label(labels, name)}
            found.setdefault(picture["name"], {**picture, **where})
    return list(found.values())


def read_summary(folder: Path) -> dict[str, Any]:
    """Return a city's summary; empty where there is none."""
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _row(
    output: Path,
    name: str,
    summary: Mapping[str, Any] | None,
    columns: list[str],
    labels: Labels,
    failed: Mapping[str, str],
) -> dict[str, Any]:
    summary = summary or {"label": city_label(labels, name), "figures": [], "across": []}
    by_label = {figure["label"]: figure for figure in summary["figures"]}
    folder = output / name
    state = "failed" if name in failed else "done"
    there = (folder / REPORT).is_file()
    text = {
        "done": labels.words("done"),
        "failed": labels.words("failed; earlier results are shown")
        if there
        else labels.words("failed"),
    }[state]
    warnings = read_manifest(folder).get("warnings", []) if there else []
    return {
        "folder": name,
        "label": summary["label"],
        "state": state,
        "state_text": text,
        "report": there,
        "cells": [by_label.get(label, {"text": "—", "value": None}) for label in columns],
        "strip": strip(summary["across"], summary["label"], labels),
        "warnings": [*([failed[name]] if name in failed else []), *warnings],
        "downloads": [(file, kind) for file, kind in DOWNLOADS if (folder / file).is_file()],
    }


def strip(rows: Iterable[Mapping[str, Any]], label: str, labels: Labels) -> str:
    """Draw a city's balances as a small picture: dots by value, each with its interval.

    An SVG to stand in a cell.
    """
    known = sorted(
        (row for row in rows if row["estimate"] is not None), key=lambda row: float(row["estimate"])
    )
    if not known:
        return ""
    low, high = float(known[0]["estimate"]), float(known[-1]["estimate"])
    text = labels.words(
        "{city}: {count} balances from {low} to {high} points",
        city=label,
        count=len(known),
        low=labels.words.points(low),
        high=labels.words.points(high),
    )
    width, height = 180, 34
    lines, dots = [], []
    for number, row in enumerate(known):
        x = 2 + (width - 4) * (number + 0.5) / len(known)
        if row["low"] is not None and row["high"] is not None:
            lines.append(f"M{x:.0f} {_down(row['high'], height)}V{_down(row['low'], height)}")
        dots.append(f"M{x - 0.8:.1f} {_down(row['estimate'], height)}h1.6")
    return (
        f'<svg class="strip" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{_escaped(text)}"><path class="axis" d="M0 {height / 2:.0f}H{width}"/>'
        f'<path class="bar" d="{"".join(lines)}"/><path class="axis" stroke-width="1.8" '
        f'd="{"".join(dots)}"/></svg>'
    )


def _down(share: Any, height: int) -> str:
    return f"{1 + (1 - float(share)) / 2 * (height - 2):.1f}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _rows(found: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the estimates of every city that its summary keeps, a row each."""
    rows = [{"city": name, **row} for name, summary in found.items() for row in summary["across"]]
    names = ["city", "unit", "group", "estimate", "low", "high", "n", "positive", "negative"]
    return pd.DataFrame(rows, columns=names)


def _named(place: str) -> Any:
    """Return the function that a notebook's metadata names as `module:function`."""
    module, _, function = place.partition(":")
    return getattr(importlib.import_module(module), function)


def write_across(output: Path, found: Mapping[str, Mapping[str, Any]], labels: Labels) -> bool:
    """Write the page that compares all cities, and its table.

    Tell whether there was anything to compare.
    """
    page = output / "across.html"
    rule = next((one["across"] for one in map(told_by, notebooks()) if one.get("across")), None)
    table = _rows(found) if rule is None else _named(rule["compare"])(_rows(found))
    if (
        table["city"].nunique() < 2 or rule is None
    ):  # these notebooks compare nothing; earlier ones may have
        for path in (page, output / "across.csv"):
            path.unlink(missing_ok=True)
        return False
    write_text(
        output / "across.csv",
        table.drop(columns=["variance", "total"]).to_csv(index=False, lineterminator="\n"),
    )
    cities = list(found)
    place = {name: number for number, name in enumerate(cities)}
    measures = list(_measures(table, rule, place, labels))
    names = [str(found[name]["label"]) for name in cities]
    data = {
        "cities": names,
        "words": {"answers": labels.words("number of substantive answers")},
        "measures": [
            {key: value for key, value in one.items() if key != "label"} for one in measures
        ],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace(
        "<", "\\u003c"
    )
    notes = list(dict.fromkeys(across["note"] for across in found.values() if across["note"]))
    write_text(
        page,
        environment()
        .get_template("across.html.j2")
        .render(
            words=labels.words,
            language=labels.language,
            title=in_language(labels.study.file.title, labels.language),
            note=" ".join(notes),
            measures=measures,
            first={
                "reading": measures[0]["reading"],
                "rows": list(_table_rows(measures[0], names, labels)),
            },
            data=text,
        ),
    )
    return True


def _measures(
    table: pd.DataFrame, rule: Mapping[str, Any], place: Mapping[str, int], labels: Labels
) -> Iterator[dict[str, Any]]:
    for (unit, group), part in table.groupby(["unit", "group"], sort=False):
        label = f"{labels.cell(unit, rule['unit_form'])} — {labels.cell(group, rule['group_form'])}"
        rows = [
            [
                place[str(row.city)],
                round(float(row.estimate), 4),
                _rounded(row.low),
                _rounded(row.high),
                int(row.n),
                *(_whole(v) for v in (row.rank, row.rank_low, row.rank_high)),
                row.outside,
            ]
            for row in part.sort_values(["estimate", "city"], ascending=[False, True]).itertuples()
        ]
        outside = int((part["outside"] == "99.8%").sum())
        width = (part["rank_high"] - part["rank_low"]).dropna().astype(float)
        reading = labels.words(
            "{label}: the balance of all substantive answers is {pooled} points. {outside} of "
            "{cities} cities lie outside the 99.8% limits; the median width of the intervals of "
            "ranks is {width}.",
            label=label,
            pooled=labels.words.points(float(part["pooled"].iloc[0])),
            outside=outside,
            cities=len(part),
            width=_median(width, labels),
        )
        yield {
            "label": label,
            "pooled": round(float(part["pooled"].iloc[0]), 5),
            "total": int(part["total"].iloc[0]),
            "variance": round(float(part["variance"].iloc[0]), 5),
            "rows": rows,
            "reading": reading,
        }


def _table_rows(
    measure: Mapping[str, Any], cities: list[str], labels: Labels
) -> Iterator[list[str]]:
    words = labels.words
    for row in measure["rows"]:
        limits = {"": "", "95%": words.percent(0.95), "99.8%": words.percent(0.998, 1)}[row[8]]
        ranks = "—" if row[5] is None else f"{row[6]}–{row[7]}"
        interval = "—" if row[2] is None else f"{words.points(row[2])} … {words.points(row[3])}"
        yield [
            str(row[5] or "—"),
            cities[row[0]],
            ranks,
            words.points(row[1]),
            interval,
            words.number(row[4]),
            limits,
        ]


def _median(width: pd.Series, labels: Labels) -> str:
    if width.empty:
        return "—"
    middle = float(width.median())
    return labels.words.number(middle, 0 if middle.is_integer() else 1)


def _rounded(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
