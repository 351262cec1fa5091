"""A city's results for Excel and Word.

Every table of its notebooks in a workbook, and the report as a document to edit.
"""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mistune import create_markdown

from cssp.runs.report.notebook_results import (
    Shown,
    numbers_of,
    only_language,
    read_cells,
    read_saved,
    shown_by,
    shown_in,
    title_of,
)
from cssp.show.document import add_figure, add_table, document_bytes, new_document, turn
from cssp.show.export import export_tables
from cssp.show.labels import Labels
from cssp.show.office import ILLEGAL
from cssp.show.table_view import TableView
from cssp.show.word_fields import add_contents
from cssp.study.write_files import write_bytes, write_text

#: Rows of a table in the Word document, a handful more where that is all; the workbook has every
#: row.
WORD_ROWS, WORD_SPARE = 60, 12


def installed(module: str) -> bool:
    """Tell whether an optional library can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def table_view(
    shown: Shown, folder: Path, labels: Labels, rows: int = 0, number: str = ""
) -> TableView:
    """Return a table that a notebook showed and saved, as it can be exported.

    `rows` of it as they read.
    """
    texts = [name for name, head in shown.heads.items() if head.form in ("text", "note", "label")]
    data = read_saved(folder, shown.name, texts)
    visible = labels.as_it_reads(data.head(rows))
    # a file's headings are texts, also where the result has numbers for columns (the codes of
    # answers)
    columns = [str(name) for name in shown.columns if str(name) in visible]
    visible = visible[columns] if columns else visible
    return TableView(
        shown.name,
        shown.title,
        data,
        labels.frame(visible, shown.heads),
        shown.note,
        columns,
        heads=shown.heads,
        number=number,
    )


def write_workbook(path: Path, folder: Path, notebooks: Iterable[Path], labels: Labels) -> bool:
    """Write an Excel workbook with a sheet for each table.

    Tell whether that was possible (the extra `excel` is installed).
    """
    if not installed("openpyxl"):
        return False
    views = [
        table_view(shown, folder, labels, number=numbers_of(one)["table", shown.name])
        for one in notebooks
        for shown in shown_in(one)
        if shown.kind == "table"
    ]
    export_tables(views, labels, path)
    return True


def write_document(
    path: Path, folder: Path, notebooks: Iterable[Path], labels: Labels, title: str, note: str
) -> bool:
    """Write the report as a Word document: text, tables titled above, figures below.

    Tell whether that was possible (the extra `word`).
    """
    if not installed("docx"):
        return False
    import docx

    document = new_document(docx, labels)
    title = ILLEGAL.sub(" ", title)
    document.core_properties.title = title[:255]  # more is not allowed there
    document.add_heading(title, 0)
    if note:
        document.add_paragraph().add_run(note).bold = True
    paths = list(notebooks)
    add_contents(document, [title_of(one, labels.language) for one in paths])
    for one in paths:
        document.add_page_break()
        numbers = numbers_of(one)
        for cell in read_cells(one):
            tags = set(cell.get("metadata", {}).get("tags", []))
            if "notebook-only" in tags:
                continue
            if cell["cell_type"] == "markdown":
                turn(docx, document)
                add_prose(document, only_language(cell["source"], labels.language))
                continue
            for output in cell.get("outputs", []):
                if "hide-output" not in tags:
                    _add_output(docx, document, output, folder, labels, numbers)
    write_bytes(path, document_bytes(document))
    return True


def _add_output(
    docx: Any,
    document: Any,
    output: dict[str, Any],
    folder: Path,
    labels: Labels,
    numbers: Mapping[tuple[str, str], str],
) -> None:
    shown = shown_by(output)
    if shown is not None and shown.kind == "table":
        view = table_view(shown, folder, labels, WORD_ROWS + WORD_SPARE)
        if len(view.data) > WORD_ROWS + WORD_SPARE:
            cut = labels.words(
                "The first {rows} rows of {all}; the workbook has all.",
                rows=WORD_ROWS,
                all=len(view.data),
            )
            note = f"{cut} {view.note}".strip()
            view = TableView(
                view.name,
                view.title,
                view.data,
                view.shown.iloc[:WORD_ROWS],
                note,
                heads=view.heads,
            )
        add_table(docx, document, view, numbers["table", shown.name], labels)
    elif shown is not None:
        picture = folder / "figures" / f"{shown.name}.png"
        if picture.is_file():
            add_figure(
                docx,
                document,
                picture,
                numbers["figure", shown.name],
                shown.title,
                shown.note,
                shown.alt,
                labels,
            )
    elif "text/markdown" in output["data"]:
        turn(docx, document)
        add_prose(document, output["data"]["text/markdown"])


def write_contents(path: Path, notebooks: Iterable[Path]) -> None:
    """Write which number each table and figure has, and in which file it is: a CSV."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["kind", "number", "name", "title", "page", "file"])
    for one in notebooks:
        numbers = numbers_of(one)
        for shown in shown_in(one):
            file = f"tables/{shown.name}.csv" if shown.kind == "table" else ""
            rows.writerow(
                [
                    shown.kind,
                    numbers[shown.kind, shown.name],
                    shown.name,
                    shown.title,
                    f"{one.stem}.html",
                    file or f"figures/{shown.name}.svg",
                ]
            )
    write_text(path, out.getvalue())


def add_prose(document: Any, source: str) -> None:
    """Add Markdown as paragraphs, lists and headings."""
    _Prose(document).feed(str(create_markdown(escape=False, plugins=["table"])(source)))


class _Prose(HTMLParser):
    """Writes the HTML that Markdown becomes into a document."""

    def __init__(self, document: Any) -> None:
        super().__init__()
        self.document = document
        self.paragraph: Any = None
        self.styles: list[str] = []
        self.skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, a heading or an item, or a style of its words."""
        if tag in ("style", "script"):
            self.skip += 1
        elif tag in ("h1", "h2", "h3", "h4"):
            self.paragraph = self.document.add_heading(level=min(int(tag[1]), 3))
        elif tag == "li":
            self.paragraph = self.document.add_paragraph(style="List Bullet")
        elif tag in ("p", "tr", "pre") and (self.paragraph is None or self.paragraph.text):
            self.paragraph = self.document.add_paragraph()
        elif tag in ("td", "th") and self.paragraph is not None and self.paragraph.text:
            self.paragraph.add_run("\t")
        elif tag in ("strong", "b", "em", "i", "code"):
            self.styles.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if tag in ("style", "script"):
            self.skip -= 1
        elif tag in ("strong", "b", "em", "i", "code") and self.styles:
            self.styles.pop()
        elif tag in ("p", "li", "h1", "h2", "h3", "h4", "pre", "tr"):
            self.paragraph = None

    def handle_data(self, data: str) -> None:
        """Add words in the styles that are open."""
        text = " ".join(data.split("\n")) if self.paragraph is not None else data.strip()
        if self.skip or not text:
            return
        if self.paragraph is None:
            self.paragraph = self.document.add_paragraph()
        run = self.paragraph.add_run(text)
        run.bold = True if {"strong", "b"} & set(self.styles) else None
        run.italic = True if {"em", "i"} & set(self.styles) else None
        if "code" in self.styles:
            run.font.name = "Courier New"
