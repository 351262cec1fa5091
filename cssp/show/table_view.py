"""A table as it is read: title above, labelled columns, note below."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd


class TableView:
    """A result as it is read: title above, labelled columns, note below; `.data` is the table itself."""

    def __init__(
        self,
        name: str,
        title: str,
        data: pd.DataFrame,
        shown: pd.DataFrame,
        note: str,
        columns: list[str] | None = None,
        cut: str = "",
    ) -> None:
        self.cut = cut
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
        text = f"{self.title}\n\n{self.shown.to_string(index=False)}" if len(self.shown) else self.title
        return f"{text}\n\n{self.below}" if self.below else text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        table = ""
        if len(self.shown):
            table = self.shown.to_html(index=False, border=0, classes="cssp-table", justify="left")
        title = f'<p class="cssp-title"><strong>{html.escape(self.title)}</strong></p>'
        note = f'<p class="cssp-note"><em>{html.escape(self.below)}</em></p>' if self.below else ""
        described = {
            "kind": "table",
            "name": self.name,
            "title": self.title,
            "note": self.note,
            "columns": self.columns,
        }
        return {"text/html": title + table + note, "text/plain": repr(self)}, {"cssp": described}
