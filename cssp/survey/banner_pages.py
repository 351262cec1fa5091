"""The tables book: each question against the banner, as it is read in Excel and Word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cssp.show.labels import Labels
from cssp.show.table_view import TableView
from cssp.survey.banner_tables import ANSWER, BALANCE, MEAN, OF_ANSWERS, OPTION, TOTAL

_SHARES = (ANSWER, OPTION, OF_ANSWERS)


def banner_views(
    table: pd.DataFrame, labels: Labels, note: str = "", intervals: bool = False
) -> Iterator[TableView]:
    """Yield a table for each item: answers down, the banner across.

    Parameters
    ----------
    table : from `banner_table`
    labels : the reader's words
    note : what is said below each table
    intervals : shares with their interval, instead of letters
    """
    for item, part in table.groupby("item", sort=False):
        heads = list(
            dict.fromkeys(
                part[["variable", "outer", "group", "letter"]].itertuples(index=False, name=None)
            )
        )
        columns = [_heading(labels, *head) for head in heads]
        rows = list(dict.fromkeys(part[["row", "kind"]].itertuples(index=False, name=None)))
        keys = ("row", "kind", "variable", "outer", "group")
        cells = {tuple(cell[key] for key in keys): cell for cell in part.to_dict("records")}
        texts, values, formats = [], [], []
        for row, kind in rows:
            line = [cells[(row, kind, *head[:3])] for head in heads]
            called = _called(labels, str(item), row, kind)
            texts.append([called, *(_text(labels, kind, one, intervals) for one in line)])
            values.append([called, *(_value(kind, one) for one in line)])
            formats.append(["", *(_format(kind, one) for one in line)])
        names = ["", *columns]
        data = pd.DataFrame(values, columns=pd.Index(names, dtype="str"))
        shown = pd.DataFrame(texts, columns=data.columns)
        view = TableView(str(item), labels.item(str(item)), data, shown, note, names)
        view.formats = formats
        yield view


def letters_note(labels: Labels, significance: float, least: int) -> str:
    """Say what the shares and letters of a book of tables are."""
    return labels.words(
        "Shares are of all answers given, “hard to say” included; of questions with several "
        "answers they are of respondents, then of all choices. A letter says that the share, mean "
        "or balance is higher than in the column of that letter (two-sample z test of shares, "
        "Welch's t of means, z of balances; level {level}, corrected within the row). Columns with "
        "fewer than {least} answers are not compared. A dash: fewer respondents than the study "
        "allows to show.",
        level=labels.words.percent(significance),
        least=labels.words.number(least),
    )


def _heading(labels: Labels, variable: str, outer: str, group: str, letter: str) -> str:
    if variable == TOTAL:
        return labels.words("Total")
    called = ": ".join(labels.group(one) for one in (outer, group) if one)
    return f"{called} ({letter})"


def _called(labels: Labels, item: str, row: str, kind: str) -> str:
    """Return what a row is called."""
    words = labels.words
    if kind == ANSWER:
        return labels.answer(item, int(row))
    if kind == OPTION:
        return labels.item(row).removeprefix(f"{labels.item(item)}: ")
    if kind == OF_ANSWERS:
        return words("{option}, of all choices", option=labels.item(row))
    return {
        MEAN: words("mean"),
        BALANCE: words("balance, points"),
        "n_substantive": words("answers on the scale"),
        "n": words("answers in all"),
    }[kind]


def _hidden(cell: dict[str, Any]) -> bool:
    return bool(cell["note"]) or pd.isna(cell["value"])


def _text(labels: Labels, kind: str, cell: dict[str, Any], intervals: bool) -> str:
    words = labels.words
    if _hidden(cell):
        return "—"
    value = float(cell["value"])
    if kind in _SHARES:
        text = words.percent(value)
        if intervals and pd.notna(cell["ci_low"]):
            low, high = (words.number(100 * float(cell[end])) for end in ("ci_low", "ci_high"))
            text += f" ({low}–{high})"
    elif kind == BALANCE:
        text = words.points(value)
    else:
        text = words.number(value, 2 if kind == MEAN else 0)
    return f"{text} {cell['higher_than']}".strip() if not intervals else text


def _value(kind: str, cell: dict[str, Any]) -> float | None:
    if _hidden(cell):
        return None
    return 100 * float(cell["value"]) if kind == BALANCE else float(cell["value"])


def _format(kind: str, cell: dict[str, Any]) -> str:
    """Return how Excel shows the number, with its letters: the cell stays a number."""
    higher = str(cell["higher_than"])
    letters = f'" {higher}"' if higher else ""
    if kind in _SHARES:
        return f"0%{letters}"
    if kind == BALANCE:
        return f"+0{letters};-0{letters};0{letters}"
    return f"0.00{letters}" if kind == MEAN else f"#,##0{letters}"
