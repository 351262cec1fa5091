"""The Federal Treasury's form 0503317: execution of the consolidated budget of a subject of the Federation.

The same amounts stand in the form several times: in subsections, again in their sections, by target items, by groups and
types of expenditure. So a sum is made over one cut only: subsections (a 4-digit code that does not end in 00) and one
expenditure type. Columns are found by their headings, not by position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.problems import DataError, Problem, short_path
from cssp.tabular import _need, fold

FORM = "0503317"

#: Heading of a budget-level column (its beginning, folded) -> level and kind.
HEADINGS = {
    "консолидированный бюджет субъекта российской федерации и": ("consolidated_with_fund", ""),
    "консолидированный бюджет субъекта российской федерации": ("consolidated", ""),
    "бюджет субъекта российской федерации": ("subject", ""),
    "бюджеты внутригородских муниципальных образований": ("local", "intracity"),
    "бюджеты городских округов с внутригородским делением": ("local", "divided_okrugs"),
    "бюджеты муниципальных округов, городских округов": ("local", "okrugs"),
    "бюджеты городских округов": ("local", "okrugs"),
    "бюджеты муниципальных округов": ("local", "okrugs"),
    "бюджеты внутригородских районов": ("local", "intracity_districts"),
    "бюджеты муниципальных районов": ("local", "districts"),
    "бюджеты городских поселений": ("local", "urban_settlements"),
    "бюджеты сельских поселений": ("local", "rural_settlements"),
    "бюджет территориального государственного внебюджетного фонда": ("fund", ""),
}
_BY_LENGTH = sorted(HEADINGS, key=len, reverse=True)


@dataclass(frozen=True)
class Form:
    """One form: its date, whose budget, and its expenditure.

    `table` has one row a line of the form, level and kind: `row, name, section, target_item, expenditure_type, level, kind,
    approved, executed` in roubles; `section` is "" for the grand total.
    """

    file: str
    date: str
    budget: str
    oktmo: str
    table: pd.DataFrame


def read_form(path: Path) -> Form:
    """Read the expenditure part of a form 0503317 (.xls or .xlsx).

    Raises
    ------
    DataError
        The file cannot be read, is another form, or lacks the sheet or a column of a level.
    """
    shown = short_path(path)
    sheets = _sheets(path, shown)
    head = next((rows for rows in sheets.values() if _beside(rows, "форма по окуд")), None)
    number = None if head is None else _beside(head, "форма по окуд")
    if head is None or number != FORM:
        raise DataError(
            Problem(
                shown,
                f"This is not form {FORM}{f', but {number}' if number else ''}.",
                "Give the Treasury's form 0503317.",
            )
        )
    rows = next((rows for rows in sheets.values() if _starts(rows, "2. расходы бюджета")), None)
    if rows is None:
        raise DataError(
            Problem(
                shown,
                "The form has no expenditure part ('2. Расходы бюджета').",
                "Get the whole form.",
            )
        )
    return Form(
        shown,
        _beside(head, "дата"),
        _beside(head, "наименование бюджета"),
        _beside(head, "по октмо"),
        _expenditure(rows, shown),
    )


def _sheets(path: Path, shown: str) -> dict[str, list[list[Any]]]:
    if not path.is_file():
        raise DataError(Problem(shown, "The file does not exist.", "Correct the name."))
    calamine = _need("python_calamine", "excel", shown)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
        }
    except Exception as error:
        raise DataError(
            Problem(
                shown,
                f"The workbook cannot be read; it is broken, truncated or not Excel ({error}).",
                "Download it again.",
            )
        ) from None


def _starts(rows: list[list[Any]], text: str) -> bool:
    return any(isinstance(cell, str) and fold(cell).startswith(text) for row in rows[:12] for cell in row)


def _beside(rows: list[list[Any]], label: str) -> str:
    """Return what stands right of a label in the form's head."""
    for row in rows[:16]:
        for position, cell in enumerate(row):
            if isinstance(cell, str) and fold(cell) == label:
                return next(
                    (str(value).strip() for value in row[position + 1 :] if value not in ("", None)),
                    "",
                )
    return ""


def _expenditure(rows: list[list[Any]], shown: str) -> pd.DataFrame:
    top = next(
        (i for i, row in enumerate(rows) if any(fold(c).startswith("утвержденные бюджетные") for c in row)),
        None,
    )
    if top is None:
        raise DataError(
            Problem(
                shown,
                "The heading 'Утвержденные бюджетные назначения' was not found.",
                "Get the form as published.",
            )
        )
    names, blocks = _columns(rows[top], rows[top + 1])
    levels = {level for found in blocks.values() for level, _ in found.values()}
    kinds = {kind for found in blocks.values() for _, kind in found.values()}
    for what, needed, there in (
        ("level", {"consolidated", "subject"}, levels),
        ("kind", {"okrugs", "districts"}, kinds),
    ):
        if absent := sorted(needed - there):
            raise DataError(
                Problem(
                    shown,
                    f"The form has no column of the {what} '{absent[0]}'.",
                    "Get the form as published.",
                )
            )
    width = max(len(row) for row in rows)
    grid = np.array([[*row, *[""] * (width - len(row))] for row in rows[top + 2 :]], dtype=object)
    code = names["code"]
    section = np.array([str(cell).strip() for cell in grid[:, code + 1]])
    line = np.array([str(cell).strip() for cell in grid[:, names["line"]]])
    real = np.array([bool(re.fullmatch(r"\d{4}", text)) for text in section])
    total = (line == "200") & ~real
    keep = real | total
    base = pd.DataFrame(
        {
            "row": np.flatnonzero(keep) + top + 3,
            "name": [str(cell).strip() for cell in grid[keep, names["name"]]],
            "section": np.where(total[keep], "", section[keep]),
            "target_item": [str(cell).strip() for cell in grid[keep, code + 2]],
            "expenditure_type": [str(cell).strip() for cell in grid[keep, code + 3]],
        }
    )
    parts = []
    for level, kind in dict.fromkeys(blocks["executed"].values()):
        part = base.copy()
        part["level"], part["kind"] = level, kind
        for measure, columns in blocks.items():
            # okrugs may have two columns, urban and municipal ones
            positions = [p for p, place in columns.items() if place == (level, kind)]
            part[measure] = sum(
                (_amounts(grid[keep, p], base["row"], shown) for p in positions), np.zeros(len(base))
            )
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _columns(
    first: list[Any], second: list[Any]
) -> tuple[dict[str, int], dict[str, dict[int, tuple[str, str]]]]:
    """Return the positions of the line's own columns, and of each measure's budget-level columns."""
    heads = [fold(cell) for cell in first]
    names = {
        "name": next(i for i, text in enumerate(heads) if text.startswith("наименование")),
        "line": next(i for i, text in enumerate(heads) if text.startswith("код стро")),
        "code": next(i for i, text in enumerate(heads) if text.startswith("код расхода")),
    }
    starts = {
        "approved": next(i for i, text in enumerate(heads) if text.startswith("утвержденные бюджетные")),
        "executed": next(i for i, text in enumerate(heads) if text.startswith("исполнено")),
    }
    blocks: dict[str, dict[int, tuple[str, str]]] = {"approved": {}, "executed": {}}
    for position, cell in enumerate(second):
        word = next((key for key in _BY_LENGTH if fold(cell).startswith(key)), None)
        if word is not None:
            measure = "executed" if position >= starts["executed"] else "approved"
            blocks[measure][position] = HEADINGS[word]
    return names, blocks


def _amounts(cells: np.ndarray, rows: pd.Series, shown: str) -> np.ndarray:
    amounts = np.zeros(len(cells))
    for place, cell in enumerate(cells):
        if isinstance(cell, int | float):
            amounts[place] = cell
        elif cell not in ("", None, "-"):
            try:
                amounts[place] = float(str(cell).replace("\u00a0", "").replace(" ", "").replace(",", "."))
            except ValueError:
                raise DataError(
                    Problem(shown, f"'{cell}' is text where an amount is due.", "Get the form as published.",
                            row=int(rows.iloc[place]), value=str(cell))
                ) from None  # fmt: skip
    return amounts


def npo_spending(form: Form, types: Iterable[str] = ("630",)) -> pd.DataFrame:
    """Sum the executed expenditure of some types over subsections, by level and kind of municipality.

    Type 630 is 'subsidies to non-profit organisations other than state and municipal institutions': all of them, not only the
    socially oriented.

    Returns
    -------
    `level, kind, support, expenditure` in roubles, for the subject's own budget and each kind of local budget.
    """
    table = form.table[form.table["level"].isin(["subject", "local"])]
    subsection = table["section"].str.fullmatch(r"\d{4}") & ~table["section"].str.endswith("00")
    cut = table[
        subsection & table["expenditure_type"].isin(list(types)) & (table["target_item"] == "0000000000")
    ]
    whole = table[table["section"] == ""]
    keys = ["level", "kind"]
    support = cut.groupby(keys, sort=False)["executed"].sum().rename("support")
    expenditure = whole.groupby(keys, sort=False)["executed"].sum().rename("expenditure")
    return (
        pd.concat([expenditure, support], axis=1)
        .fillna(0.0)
        .reset_index()[["level", "kind", "support", "expenditure"]]
    )
