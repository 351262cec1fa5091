"""A table as it is read: title above, labelled columns, note below."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cssp.show.labels import Head
from cssp.show.words import is_number


class TableView:
    """A result as it is read: title above, labelled columns, note below.

    `.data` is the table itself.
    """

    def __init__(
        self,
        name: str,
        title: str,
        data: pd.DataFrame,
        shown: pd.DataFrame,
        note: str,
        columns: list[str] | None = None,
        cut: str = "",
        heads: Mapping[str, Head] | None = None,
        number: str = "",
    ) -> None:
        #: Its number among all tables of a city; empty where it has none
        self.number = number
        self.heads = dict(heads or {})
        self.cut = cut
        #: Excel's formats cell by cell, where rows are of different kinds; None: by the heads
        self.formats: list[list[str]] | None = None
        self.columns = list(data.columns) if columns is None else columns
        self.name = name
        self.title = title
        self.data = data
        self.shown = shown
        self.note = note

    @property
    def below(self) -> str:
        """What stands below the table where it is shown: that it is cut, and its note."""
        return f"{self.cut} {self.note}".strip()

    def __repr__(self) -> str:
        text = (
            f"{self.title}\n\n{self.shown.to_string(index=False)}"
            if len(self.shown)
            else self.title
        )
        return f"{text}\n\n{self.below}" if self.below else text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        table = _as_html(self.shown) if len(self.shown) else ""
        title = f'<p class="cssp-title"><strong>{html.escape(self.title)}</strong></p>'
        note = f'<p class="cssp-note"><em>{html.escape(self.below)}</em></p>' if self.below else ""
        described = {
            "kind": "table",
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": self.columns,
            "heads": {name: head.plain() for name, head in self.heads.items()},
        }
        return {"text/html": title + table + note, "text/plain": repr(self)}, {"cssp": described}


def _as_html(shown: pd.DataFrame) -> str:
    """Return a table of texts as HTML.

    Cells of columns of numbers are of the class `n`, which pages and notebooks set to the right.
    """
    texts = [[str(value) for value in row] for row in shown.itertuples(index=False, name=None)]
    numbers = [all(is_number(row[place]) for row in texts) for place in range(shown.shape[1])]
    sides = [' class="n"' if number else "" for number in numbers]
    heads = "".join(
        f'<th scope="col"{side}>{html.escape(str(name))}</th>'
        for name, side in zip(shown.columns, sides, strict=True)
    )
    rows = "\n".join(
        f"<tr>{''.join(f'<td{side}>{html.escape(text)}</td>' for text, side in zip(row, sides, strict=True))}</tr>"
        for row in texts
    )
    return (
        '<table class="dataframe '
        f'cssp-table">\n<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n'
    )
