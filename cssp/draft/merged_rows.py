"""Rows of the Treasury's forms put beside those that a city has already."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from cssp.desk.treasury.form import Form
from cssp.draft.treasury_rows import _NEW, COLUMNS
from cssp.study.problems import DataError, Problem, short_path


def merged_rows(path: Path, rows: list[dict[str, str]], forms: list[Form], replace: bool) -> str:
    """Return the city's table with the forms' rows in it; refuse a second form of a year."""
    first: dict[int, Form] = {}
    for form in forms:
        if form.year in first:
            raise DataError(
                Problem(
                    form.file,
                    f"There are two forms for {form.year}: the other is {first[form.year].file}.",
                    "Give one form a year.",
                )
            )
        first[form.year] = form
    old: list[dict[str, str]] = []
    if path.exists():
        text = "".join(
            line
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
            if not line.startswith("#")
        )
        old = list(csv.DictReader(io.StringIO(text)))
        if old and set(old[0]) | _NEW != set(COLUMNS):
            raise DataError(
                Problem(
                    short_path(path),
                    "The file was not written by `cssp add --treasury`, or was changed by hand.",
                    "Move it away and add the forms again.",
                )
            )
    for year, form in first.items():
        own = [row for row in old if row["year"] == str(year)]
        if own and own[0]["sha256"] != form.sha256 and not replace:
            raise DataError(
                Problem(
                    form.file,
                    f"The study has a form for {year} already: {own[0]['file']} of "
                    f"{own[0]['form_date']}.",
                    "Say `--replace` if this one shall take its place.",
                )
            )
        if own and own[0]["sha256"] == form.sha256:  # the day it was first read stays
            for row in rows:
                if row["year"] == str(year):
                    row["read_on"] = own[0]["read_on"]
    kept = [row for row in old if int(row["year"]) not in first]
    merged = sorted([*kept, *rows], key=lambda row: int(row["year"]))
    return str(pd.DataFrame(merged, columns=COLUMNS).to_csv(index=False, lineterminator="\n"))
