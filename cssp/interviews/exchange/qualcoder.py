"""QualCoder: its project database (`.qda`), read only, and the CSV of its coding report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.untrusted import LIMITS, Limits, refused
from cssp.study.problems import short_path

_MEDIA = {"code_image": "codings of images", "code_av": "codings of audio and video"}


def read_qualcoder(path: str | Path, limits: Limits = LIMITS) -> Project:
    """Read a QualCoder project.

    The folder `NAME.qda`, or the `data.qdba`/`data.qda` database in it. Nothing is written.

    Categories become codes that cannot be used for coding, with their codes below them; cases and
    attributes of files and cases become
    variables. Owners are the coders.

    Returns
    -------
    the project; images, audio and video are left out, with a warning

    Raises
    ------
    DataError
        It is no QualCoder database, is locked, its categories go round in a circle, or a coding
        does not fit its text.
    """
    given = Path(path)
    place = (
        next(
            (given / name for name in ("data.qda", "data.sqlite") if (given / name).is_file()),
            given / "data.qda",
        )
        if given.is_dir()
        else given
    )
    file = short_path(place)
    with sqlite.opened(place, limits) as connection:
        sources = sqlite.read(connection, "source", ["id", "name", "fulltext", "mediapath"], file)
        categories = sqlite.read(
            connection, "code_cat", ["catid", "name", "memo", "supercatid"], file
        )
        codes = sqlite.read(
            connection, "code_name", ["cid", "name", "memo", "catid", "color"], file
        )
        marks = sqlite.read(
            connection,
            "code_text",
            ["cid", "fid", "seltext", "pos0", "pos1", "owner", "date"],
            file,
        )
        there = sqlite.tables(connection)
        media = {
            what: len(sqlite.read(connection, table, ["cid"], file))
            for table, what in _MEDIA.items()
            if table in there
        }
        attributes = _attributes(connection, file, there)
    texts = sources[
        sources["fulltext"].map(lambda text: isinstance(text, str) and text != "")
    ].reset_index(drop=True)
    names = dict(zip(texts["id"], texts["name"].astype(str), strict=True))
    marks = marks[marks["fid"].isin(names)].reset_index(drop=True)
    table = pd.DataFrame(
        {"interview": [names[key] for key in texts["id"]], "text": texts["fulltext"]}
    )
    for name, values in attributes.items():
        table[name] = [values.get(key, "") for key in texts["id"]]
    project = project_from_tables(
        given.stem,
        _codes(categories, codes, file),
        table,
        pd.DataFrame(
            {
                "interview": [names[key] for key in marks["fid"]],
                "coder": marks["owner"].fillna("").astype(str),
                "code": [f"code {key}" for key in marks["cid"]],
                "start": _whole(marks["pos0"], file),
                "end": _whole(marks["pos1"], file),
                "created": [_moment(value) for value in marks["date"]],
            }
        ),
        file,
        "QualCoder",
    )
    told = [f"{count} {what}" for what, count in media.items() if count]
    if len(texts) < len(sources):
        told.append(f"{len(sources) - len(texts)} files without text")
    return (
        project.warned(
            f"Left out, because only text is analysed: {', '.join(told)}.",
            "Keep the QualCoder project beside this.",
        )
        if told
        else project
    )


def _codes(categories: pd.DataFrame, codes: pd.DataFrame, file: str) -> pd.DataFrame:
    rows = []
    for row in categories.itertuples():
        parent = f"category {row.supercatid}" if pd.notna(row.supercatid) and row.supercatid else ""
        rows.append((f"category {row.catid}", parent, str(row.name), row.memo, None, False))
    known = {row[0] for row in rows}
    for row in codes.itertuples():
        parent = f"category {row.catid}" if pd.notna(row.catid) and row.catid else ""
        rows.append(
            (
                f"code {row.cid}",
                parent if parent in known else "",
                str(row.name),
                row.memo,
                row.color,
                True,
            )
        )
    table = pd.DataFrame(
        rows, columns=["code", "parent", "label", "description", "colour", "codable"], dtype=object
    )
    if table["code"].duplicated().any():
        raise refused(
            file,
            "Two codes have the same number.",
            "Open the project in QualCoder and let it repair itself.",
        )
    return table


def _whole(values: pd.Series, file: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or (numbers % 1 != 0).any():
        raise refused(
            file,
            "A coding's place is no whole number.",
            "Open the project in QualCoder and let it repair itself.",
        )
    return numbers.astype("int64")


def _moment(value: object) -> str | None:
    text = str(value or "").strip().replace(" ", "T")
    return text or None


def _attributes(connection, file: str, there: set[str]) -> dict[str, dict[object, str]]:  # type: ignore[no-untyped-def]
    """Return the attributes of files, and of the cases that files belong to.

    Name -> file -> value.
    """
    found: dict[str, dict[object, str]] = {}
    if "attribute" not in there:
        return found
    values = sqlite.read(connection, "attribute", ["name", "attr_type", "value", "id"], file)
    by_case: dict[object, list[object]] = {}
    if {"case_text", "cases"} <= there:
        belongs = sqlite.read(connection, "case_text", ["caseid", "fid"], file)
        for case, source in zip(belongs["caseid"], belongs["fid"], strict=True):
            by_case.setdefault(case, []).append(source)
        names = sqlite.read(connection, "cases", ["caseid", "name"], file)
        told = {
            source: str(name)
            for case, name in zip(names["caseid"], names["name"], strict=True)
            for source in by_case.get(case, [])
        }
        if told:
            found["case"] = told
    for row in values.itertuples():
        if row.value in (None, ""):
            continue
        targets = [row.id] if row.attr_type == "file" else by_case.get(row.id, [])
        for target in targets:
            found.setdefault(str(row.name), {})[target] = str(row.value)
    return found
