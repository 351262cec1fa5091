"""A list of acts (Excel, Word, CSV; headings in Russian or English) into the register of acts."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cssp.desk.references import read_references
from cssp.desk.regulation import COLUMNS, STATUSES
from cssp.draft.act_columns import columns_of_acts, read_acts
from cssp.draft.table_shape import numbers_columns
from cssp.study.problems import CsspError, DataError, Problem, RunError
from cssp.study.study import Study
from cssp.study.write_files import write_text
from cssp.tables.raw import fold

_STATUS = {
    "действует": "in force",
    "действующий": "in force",
    "действует частично": "in force in part",
    "действует в части": "in force in part",
    "утратил силу": "repealed",
    "отменен": "repealed",
    "недействующий": "repealed",
    "срок действия истек": "ended",
    "завершен": "ended",
    "изменяющий": "amendment",
    "рекомендация": "recommendation",
    "рекомендательный": "recommendation",
}
#: What a column of levels calls them.
_WORDS_OF_LEVELS = {
    "subject": r"регион|субъект|област|республик|краев",
    "local": r"местн|муницип|городск|local",
    "federal": r"федерал|federal",
}
#: What the name of an act begins with -> whose it is; where that is sure.
_LEVELS = {
    "federal": r"федеральн\w+ (?:конституц\w+ )?закон|указ президента р|"
    r"(?:постановление|распоряжение) правительства (?:рф|российской)|federal law",
    "local": r"(?:постановление|распоряжение|решение) (?:администрации|мэрии|главы) "
    r"(?:г\.|город|муницип)|решение (?:\w+ )?городской думы",
}


def add_acts(
    study: Study, city: str, path: Path, given: dict[str, Any]
) -> tuple[Path, list[dict[str, str]], list[str]]:
    """Add a list of acts to the study's register.

    Acts that the register has (the same number and date of the same place) stay as they are. What
    the list does not tell (a level, an instrument) is written as TODO, which `cssp check` refuses.

    Parameters
    ----------
    study : the study, whose register is `regulation` in study.yaml
    city : the city that acts below the federal level are of, where the list does not say it
    path : the list: a CSV, a workbook or a document of Word
    given : what is said of its form, as `format` in city.yaml

    Returns
    -------
    the register's path, the rows added, and what was not: acts that were there already, rows that
    are none

    Raises
    ------
    DataError
        The list cannot be read, or a row of it has no name of an act.
    RunError
        The study has no register, or no such city.
    """
    if study.file.regulation is None:
        raise RunError("The study has no register of acts; name one as `regulation` in study.yaml.")
    if city not in study.cities:
        raise RunError(f"'{city}' is not a city of the study; add its other files first.")
    raw = read_acts(path, given)
    columns = columns_of_acts(raw)
    rows, left = [], [f"row {note.row}: {note.what}" for note in raw.notes]
    for number, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = {
            what: "" if record[column] is None else _text(record[column])
            for what, column in columns.items()
        }
        filled = [_text(cell) for cell in record.values() if cell is not None]
        if len(filled) < 2 or numbers_columns(list(record.values())):  # a heading within the list
            left.append(f"row {number}: '{' '.join(filled)[:60]}' is no act, and was left out")
            continue
        if not cells["act"]:
            raise DataError(
                Problem(
                    raw.file, "The row has no name of an act.", "Write it.", number, columns["act"]
                )
            )
        rows.append(_act(study, city, cells, f"{path.name}, row {number}"))
    target = study.folder / study.file.regulation
    old = target.read_text(encoding="utf-8") if target.exists() else ",".join(COLUMNS) + "\n"
    head = next(csv.reader(io.StringIO(old)))
    known = {
        (line.get("number"), line.get("date"), line.get("territory"))
        for line in csv.DictReader(io.StringIO(old))
    }
    added = [
        row
        for row in rows
        if not (row["number"] and row["date"])
        or (row["number"], row["date"], row["territory"]) not in known
    ]
    there = [f"in the register already: {row['act']}" for row in rows if row not in added]
    new = io.StringIO()
    writer = csv.DictWriter(new, head, extrasaction="ignore", lineterminator="\n")
    writer.writerows(added)
    if lost := [name for name in COLUMNS if name not in head and any(row[name] for row in added)]:
        raise RunError(f"{target.name} has no column '{lost[0]}'; add it to its first row.")
    if added:
        write_text(target, old.rstrip("\n") + "\n" + new.getvalue())
    return target, added, there + left


def _text(cell: Any) -> str:
    if isinstance(cell, date | datetime):
        return cell.strftime("%Y-%m-%d")
    return " ".join(str(cell).split())


def _day(text: str) -> str:
    """Return a date as the register has it; what is none stays as it is, to be refused there."""
    if text == "бессрочно":
        return ""
    found = read_references(f"от {text} № 1")
    return str(found["date"].iloc[0]) or text if len(found) == 1 else text


def _act(study: Study, city: str, cells: dict[str, str], where: str) -> dict[str, str]:
    """Return a row of the register made of a row of a list."""
    book = study.indicators
    row = dict.fromkeys(COLUMNS, "") | {k: v for k, v in cells.items() if k in COLUMNS}
    for name in ("date", "in_force_from", "in_force_to", "checked"):
        row[name] = _day(row[name])
    row["number"] = re.sub(r"^№\s*", "", row["number"])
    told = cells.get("reference", "") or cells["act"]
    if cells.get("kind") and fold(cells["kind"]) not in fold(row["act"]):
        row["act"] = f"{cells['kind']}: {row['act']}"
    if not row["number"] or not row["date"]:
        references = read_references(told)
        if len(references) == 1:
            row["number"] = row["number"] or str(references["number"].iloc[0])
            row["date"] = row["date"] or str(references["date"].iloc[0])
    row["level"] = _named(
        cells.get("level", ""), {n: list(x.values()) for n, x in book.levels.items()}
    )
    if row["level"] == "TODO":
        text, begin = fold(cells.get("level", "")), fold(cells["act"])
        words = _WORDS_OF_LEVELS if text else _LEVELS
        known = {name: told for name, told in words.items() if name in book.levels}
        fits = [name for name, told in known.items() if re.match(told, text or begin)]
        row["level"] = fits[0] if len(fits) == 1 else "TODO"
    instruments = {name: list(one.label.values()) for name, one in book.instruments.items()}
    row["instrument"] = _named(cells.get("instrument", ""), instruments)
    row["territory"] = "" if row["level"] == book.basis_level else _place(study, city, cells)
    status = fold(cells.get("status", ""))
    row["status"] = status if status in STATUSES else _STATUS.get(status, "TODO")
    row["source"] = row["source"] or where
    return row


def _place(study: Study, city: str, cells: dict[str, str]) -> str:
    """Return the city that an act is of: that of its row by name or region, else the one told."""
    text = re.sub(r"^(?:г\.|город)\s*", "", fold(cells.get("territory", "")))
    if not text:
        return city
    for name in study.cities:
        try:
            file = study.city(name).file
        except CsspError:  # it has decisions to be made
            continue
        known = {fold(one) for one in (name, *file.name.values(), *file.region.values())}
        if text in known:
            return name
    return "TODO"


def _named(text: str, known: dict[str, list[str]]) -> str:
    """Return the name that a word stands for; TODO where none does."""
    wanted = fold(text)
    return next(
        (n for n, labels in known.items() if wanted and wanted in map(fold, (n, *labels))), "TODO"
    )
