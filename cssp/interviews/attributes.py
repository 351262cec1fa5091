"""Attributes of interviews: when each was held, in which order, and what else is known of it."""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np
import pandas as pd

from cssp.study.city_file import InterviewSource
from cssp.study.problems import CsspError, Problem, nearest, short_path
from cssp.study.study import City
from cssp.tables.raw import RawTable
from cssp.tables.read import read_table

INTERVIEW_COLUMNS = ["city", "interview", "held", "order", "words", "coders", "text"]
#: Columns of the table that an attributes file has no say in.
_OURS = ("city", "order", "words", "text", "speakers")


def interview_table(
    city: City,
    source: InterviewSource,
    records: pd.DataFrame,
    coders: list[str],
    problems: list[Problem],
    in_order: bool = False,
) -> pd.DataFrame:
    """Join the attributes to the interviews (`interview, text`, and what a project says of them).

    In the order held: by date; without dates as they stand where `in_order` (a project's own
    order), else by name, with numbers by their size.

    All coders have read all interviews, but where the attributes' column `coders` says otherwise.
    """
    texts = dict(zip(records["interview"], records["text"], strict=True))
    table = records.drop(columns="text")
    if source.attributes is not None:
        try:
            raw = read_table(city.path(source.attributes), source.format)
        except CsspError as error:
            problems += error.problems
            raw = None
        if raw is not None and "interview" not in raw.data:
            problems.append(raw.no_column("interview"))
        elif raw is not None:
            attributes = raw.data.fillna("").astype(str).apply(lambda column: column.str.strip())
            attributes = attributes.drop(columns=[c for c in attributes if c in _OURS])
            _check_attributes(raw, attributes, texts, coders, problems)
            table = table.drop(columns=[c for c in attributes if c in table and c != "interview"])
            table = table.merge(
                attributes.drop_duplicates("interview"), on="interview", how="left"
            ).fillna("")
    names = table["interview"].tolist()
    table.insert(0, "city", city.name)
    if "held" not in table:
        table["held"] = ""
    table["held"] = [_iso(text) or text for text in table["held"]]
    if not in_order:
        table = table.iloc[sorted(range(len(table)), key=lambda row: natural(names[row]))]
    if not (table["held"] != "").any() and len(table) > 1:
        problems.append(
            Problem(
                short_path(city.folder / "city.yaml"),
                "The order in which the interviews were held is not known: no date is given, and "
                + (
                    "the order of the project was taken."
                    if in_order
                    else "saturation is told as the mean over all orders."
                ),
                "Give the dates in the column 'held' of the attributes file; saturation by order "
                "rests on them.",
                column="interviews",
                severity="warning",
            )
        )
    table = table.sort_values("held", kind="stable", ignore_index=True)
    table["order"] = pd.array(np.arange(1, len(table) + 1), dtype="Int64")
    if not in_order and len(table) > 1 and not (table["held"] != "").any():
        table["order"] = pd.NA  # the order of names is no order of time
    table["text"] = table["interview"].map(texts)
    table["words"] = table["text"].str.split().str.len()
    given = table["coders"] if "coders" in table else pd.Series([""] * len(table))
    table["coders"] = [list(dict.fromkeys(_names(text))) or list(coders) for text in given]
    if source.speakers:
        table["speakers"] = [source.speakers] * len(table)
    others = [name for name in table.columns if name not in INTERVIEW_COLUMNS]
    return table[[*INTERVIEW_COLUMNS, *others]]


def natural(name: str) -> list[tuple[bool, int, str]]:
    """Return a key by which names sort with their numbers by size.

    >>> sorted(["Int 10", "Int 2", "Int 1"], key=natural)
    ['Int 1', 'Int 2', 'Int 10']
    """
    parts = re.split(r"(\d+)", name.casefold())
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def _names(text: str) -> list[str]:
    return [name.strip() for name in str(text).split(";") if name.strip()]


def _iso(text: str) -> str | None:
    """Return a date as 2024-03-01, from that form or from 01.03.2024; None for anything else."""
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(str(text), form).date().isoformat()
        except ValueError:
            continue
    return None


def _check_attributes(
    raw: RawTable,
    attributes: pd.DataFrame,
    texts: dict[str, str],
    coders: list[str],
    problems: list[Problem],
) -> None:
    """Report interviews without text, dates that are none.

    And coders that are unknown or named twice.
    """
    seen: dict[str, int] = {}
    for row, record in zip(raw.rows.tolist(), attributes.to_dict("records"), strict=True):
        name = record["interview"]
        if name not in texts:
            problems.append(
                Problem(
                    raw.file,
                    f"There is no text of the interview '{name}'. {nearest(name, texts)}",
                    "Correct the name, or add the text.",
                    row,
                    "interview",
                    name,
                )
            )
        if name in seen:
            problems.append(
                Problem(
                    raw.file,
                    f"The interview '{name}' stands already on row {seen[name]}.",
                    "Remove one of the rows.",
                    row,
                    "interview",
                    name,
                )
            )
        seen.setdefault(name, row)
        if record.get("held") and _iso(record["held"]) is None:
            problems.append(
                Problem(
                    raw.file,
                    f"'{record['held']}' is not a date.",
                    "Write 2024-03-01 or 01.03.2024.",
                    row,
                    "held",
                    record["held"],
                )
            )
        listed = _names(record.get("coders", ""))
        for coder in dict.fromkeys(listed):
            if coder not in coders or listed.count(coder) > 1:
                what = f"'{coder}' is not a coder of this city. {nearest(coder, coders)}"
                what = f"The coder '{coder}' is named twice." if listed.count(coder) > 1 else what
                problems.append(
                    Problem(raw.file, what, "Correct the list, e.g. A;B.", row, "coders", coder)
                )
