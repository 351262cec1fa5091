"""The intake of the cities' surveys as a page and as tables, for whoever holds the files."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from cssp.draft.check import check
from cssp.show.labels import Labels
from cssp.show.table_view import TableView
from cssp.study.study import Study
from cssp.study.write_files import write_text
from cssp.survey.intake import intake, unused_columns
from cssp.survey.load import readings_of

_STYLE = """\
body{max-width:72em;margin:2em auto;padding:0 1em;font:1rem/1.5 sans-serif;color:#111}
table{border-collapse:collapse;font-size:.9rem}
td,th{border:1px solid #bbb;padding:.25em .5em;text-align:left}
"""


def write_intake(
    study: Study, folder: Path, cities: Iterable[str] | None = None, language: str = ""
) -> list[Path]:
    """Write what became of every value of the cities' survey files.

    Parameters
    ----------
    study : the study
    folder : where to write `intake.html`, `intake.csv` and `unused_columns.csv`
    cities : whose files; None: all that have a survey
    language : of the page; empty: the study's first

    Returns
    -------
    the files written

    Raises
    ------
    DataError
        A file cannot be read at all.
    """
    language = language or study.file.languages[0]
    names = study.cities_with("survey", cities)
    values, unused = intake(study, names, language), unused_columns(study, names)
    labels = Labels(study, language)
    words = labels.words
    parts = [
        (
            words("Problems found in the files"),
            check(study, names, "survey"),
            words("No problem was found."),
        ),
        (
            words("Columns of the files that are not used, and why"),
            unused,
            words("Every column is used."),
        ),
        (words("What each value of the files became"), values, ""),
    ]
    title = words("Intake of the survey's files")
    totals = []
    for name, reading in ((n, r) for n in names for r in readings_of(study, study.city(n))):
        lead = words(
            "{city}: {rows} rows in the file, {kept} of the city, {analysed} analysed.",
            city=labels.city(name),
            rows=len(reading.table.data),
            kept=len(reading.kept),
            analysed=len(reading.rows),
        )
        read_as = ", ".join(f"{key} {value}" for key, value in reading.table.read_as.items())
        totals.append(
            f"<li>{escape(lead)} <code>{escape(labels.messages.reading(read_as))}</code></li>"
        )
    body = "".join(_section(labels, *part) for part in parts)
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
        f"<p><strong>{escape(labels.data_note('survey', names))}</strong></p>"
        f"<ul>{''.join(totals)}</ul>{body}</html>"
    )
    written = []
    for name, text in (
        ("intake.html", page),
        ("intake.csv", values.to_csv(index=False, lineterminator="\n")),
        ("unused_columns.csv", unused.to_csv(index=False, lineterminator="\n")),
    ):
        write_text(folder / name, text)
        written.append(folder / name)
    return written


def _section(labels: Labels, title: str, data: pd.DataFrame, empty: str) -> str:
    """Return a table with its title as HTML."""
    shown = labels.frame(labels.as_it_reads(data), labels.heads(data))
    view = TableView("", title, data, shown, empty if data.empty else "")
    return str(view._repr_mimebundle_()[0]["text/html"])
