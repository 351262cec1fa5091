"""What an executed notebook holds.

Prose in one language, results in order, and the tables and figures that it saved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.show.labels import Head
from cssp.show.words import Words
from cssp.study.problems import RunError, nearest

_DIV = re.compile(r'<div lang="([a-z]{2})">\s*\n(.*?)\n\s*</div>', re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A table or a figure that a notebook shows, as its output describes it."""

    kind: str
    name: str
    title: str
    note: str
    alt: str = ""
    columns: tuple[str, ...] = ()
    html: str = ""
    heads: Mapping[str, Head] = field(default_factory=dict)


def only_language(source: str, language: str) -> str:
    r"""Return a bilingual markdown text in one language; text outside the language blocks stays.

    A text that is not written in the language stands in the first one that it has: never nothing.

    >>> only_language('<div lang="en">\n\nHello\n\n</div>\n<div lang="ru">\n\nПривет\n\n</div>',
    ...     "ru").strip()
    'Привет'
    """
    written = [block[0] for block in _DIV.findall(source)]
    shown = language if language in written or not written else written[0]
    return _DIV.sub(lambda found: found.group(2) if found.group(1) == shown else "", source)


def read_cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook, their sources and texts joined.

    The file is one of ours, so it is not validated again.
    """
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            output["data"] = {
                kind: "".join(text) if isinstance(text, list) else text
                for kind, text in output.get("data", {}).items()
            }
            output.setdefault("metadata", {})
    return cells


def title_of(path: Path, language: str) -> str:
    """Return a notebook's first heading."""
    for cell in read_cells(path):
        if cell["cell_type"] == "markdown":
            for line in only_language(cell["source"], language).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return path.stem


def shown_by(output: Mapping[str, Any]) -> Shown | None:
    """Return the table or figure that an output of a cell describes.

    None where it describes neither.
    """
    shown = output["metadata"].get("cssp", {})
    if shown.get("kind") not in ("table", "figure"):
        return None
    return Shown(
        shown["kind"],
        shown["name"],
        shown["title"],
        shown.get("note", ""),
        shown.get("alt", ""),
        tuple(shown.get("columns", ())),
        output["data"].get("text/html", ""),
        {name: Head(*head) for name, head in shown.get("heads", {}).items()},
    )


def shown_in(path: Path) -> Iterator[Shown]:
    """Yield the tables and figures of a notebook in its order, each name once."""
    seen = set()
    for cell in read_cells(path):
        for output in cell.get("outputs", []):
            shown = shown_by(output)
            if shown is not None and (shown.kind, shown.name) not in seen:
                seen.add((shown.kind, shown.name))
                yield shown


def numbers_of(path: Path) -> dict[tuple[str, str], str]:
    """Return the number of each table and figure of a notebook, the same wherever it is shown.

    The notebook's own number, a dot, and its place among the tables or the figures of it.

    Returns
    -------
    (kind, name) -> number, e.g. ("table", "balances") -> "2.3"
    """
    stem = re.match(r"0*(\d+[a-z]?)", path.stem)
    begin = f"{stem.group(1)}." if stem else ""
    count: dict[str, int] = {}
    found = {}
    for shown in shown_in(path):
        count[shown.kind] = count.get(shown.kind, 0) + 1
        found[shown.kind, shown.name] = f"{begin}{count[shown.kind]}"
    return found


def called(kind: str, number: str, words: Words) -> str:
    """Return how a table or a figure with a number is called: "Table 2.3."

    >>> from cssp.show.words import Words
    >>> called("figure", "2.3", Words("ru"))
    'Рис. 2.3.'
    """
    return words("Figure {number}." if kind == "figure" else "Table {number}.", number=number)


def read_saved(folder: Path, name: str, texts: Iterable[str] = ()) -> pd.DataFrame:
    """Return a saved table; an empty one where the notebook saved none of this name.

    `texts` are columns of texts, whatever they look like.
    """
    path = folder / "tables" / f"{name}.csv"
    if not path.is_file():
        return pd.DataFrame()
    known = dict.fromkeys(texts, "str")
    table = pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False, dtype=known)
    blank = [name for name in table if pd.api.types.is_string_dtype(table[name])]
    return table.fillna(dict.fromkeys(blank, ""))  # a text that is empty is not one not known


def chosen(table: pd.DataFrame, where: Mapping[str, str], city: str) -> pd.DataFrame:
    """Return the rows that a notebook's metadata asks for; `{city}` stands for the city.

    Raises
    ------
    RunError
        The table has no such column; the nearest is named. A table that was not saved has no rows.
    """
    kept = table
    for column, value in where.items():
        if not len(kept.columns):
            return kept
        need_column(kept, column)
        kept = kept[kept[column].astype(str) == value.replace("{city}", city)]
    return kept


def need_column(table: pd.DataFrame, column: str) -> None:
    """Refuse a column that a notebook's metadata names and the table lacks.

    A table without columns was not saved.
    """
    if len(table.columns) and column not in table:
        raise RunError(
            f"A notebook's metadata name the column '{column}', which its table lacks. "
            f"{nearest(column, map(str, table.columns))}"
        )
