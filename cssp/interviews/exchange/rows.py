"""What readers of tools' databases share: rows into places, moments and paths of codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cssp.interviews.exchange.places import CODE_POINTS
from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.untrusted import refused
from cssp.study.sources import Format
from cssp.tables.raw import need


def path_of(code: str, names: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the names from the top category down to a code.

    >>> path_of("b", {"a": ("", "Money"), "b": ("a", "Grants")})
    ['Money', 'Grants']
    """
    path: list[str] = []
    seen: set[str] = set()
    while code in names and code not in seen:
        seen.add(code)
        code, label = names[code]
        path.append(label)
    return path[::-1]


def whole(values: pd.Series, file: str) -> pd.Series:
    """Return places as whole numbers.

    Raises
    ------
    DataError
        One is none.
    """
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any() or (numbers % 1 != 0).any():
        raise refused(
            file,
            "A coding's place is no whole number.",
            "Open the project in its tool and let it repair itself.",
        )
    return numbers.astype("int64")


def moment(value: object) -> str | None:
    """Return a date and time as XML writes it; None where there is none."""
    return str(value or "").strip().replace(" ", "T") or None


def codings_of(
    marks: pd.DataFrame, names: Mapping[object, str], places: tuple[np.ndarray, np.ndarray]
) -> pd.DataFrame:
    """Return a tool's rows of codings as a project takes them.

    Parameters
    ----------
    marks : `fid, cid, owner, date` (numbers of file and code, coder, moment)
    names : number of a file -> its name
    places : starts and ends in code points
    """
    return pd.DataFrame(
        {
            "interview": [names[key] for key in marks["fid"]],
            "coder": marks["owner"].fillna("").astype(str),
            "code": [f"code {key}" for key in marks["cid"]],
            "start": places[0],
            "end": places[1],
            "created": [moment(value) for value in marks["date"]],
        }
    )


def warned_of_places(
    project: Project, orphans: int, unit: str, strange: list[tuple[str, str]]
) -> Project:
    """Return a project with a warning of codings left out, counted otherwise, or of other words."""
    if orphans:
        project = project.warned(
            f"{orphans} codings of a code that is gone were left out.",
            "Nothing, if the code was deleted on purpose.",
        )
    if unit != CODE_POINTS:
        project = project.warned(
            f"Places were counted in {unit}: the words noted beside them fit so.", "Nothing."
        )
    if strange:
        project = project.warned(
            f"{len(strange)} codings hold other words than the tool noted, e.g. "
            f"'{strange[0][0][:60]}' instead of '{strange[0][1][:60]}'.",
            "Look at them in the tool; the text may have been changed after coding.",
        )
    return project


def warned_of_sheets(project: Project, path: Path, form: Format | None) -> Project:
    """Return a project with a warning of sheets of its workbook that were not read."""
    asked = form is not None and form.sheet is not None
    if asked or path.suffix.casefold() not in (".xlsx", ".xls", ".ods"):
        return project
    calamine = need("python_calamine", "excel", project.file)
    book = calamine.CalamineWorkbook.from_path(str(path))
    others = [name for name in book.sheet_names[1:] if book.get_sheet_by_name(name).to_python()]
    if not others:
        return project
    return project.warned(
        f"Only the first sheet of the workbook was read; there is more in: {', '.join(others)}.",
        "Save each sheet as a table of its own and merge them, or put all rows on one sheet.",
    )
