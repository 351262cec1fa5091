"""The study as a Word document of a dozen pages, such as a journal takes as a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cssp.runs.report.documents import add_prose, installed, table_view
from cssp.runs.report.references import CITED, References
from cssp.runs.report.study_text import COLUMNS, Block, Results, numbered, study_blocks
from cssp.show.document import add_figure, add_table, document_bytes, new_document, turn
from cssp.show.labels import Labels
from cssp.show.office import ILLEGAL
from cssp.show.word_fields import add_contents, add_page_numbers, add_reference
from cssp.study.write_files import write_bytes

STUDY = "study.docx"
#: Rows of a table here; the appendix has more, the workbook all.
ROWS = 30
#: How they are called within a sentence.
_CALLED = {"table": {"en": "Table", "ru": "табл."}, "figure": {"en": "Figure", "ru": "рис."}}
_MARK = re.compile(r"(\{(?:table|figure):\w+\}|\*\*.+?\*\*)")


def write_study(
    path: Path, folder: Path, labels: Labels, title: str, in_short: list[str], notes: list[str]
) -> bool:
    """Write the study's document from the results of the city that is set against the others.

    Tell whether that was possible (the extra `word`).

    Parameters
    ----------
    path : of the document
    folder : of that city's results
    labels : the reader's words
    title : of the study
    in_short : the answers to its questions
    notes : what is said of made-up data
    """
    if not (installed("docx") and installed("citeproc")):
        return False
    import docx

    blocks = list(study_blocks(labels, Results(folder), in_short, notes))
    places = numbered(blocks)
    if not places:  # a draft without a table or figure would be a frame without a picture
        return False
    own = labels.study.file.references
    cited = References(
        [block.text for block in blocks if block.kind == "text"],
        labels.language,
        None if own is None else labels.study.folder / own,
    )
    document = new_document(docx, labels)
    title = ILLEGAL.sub(" ", title)
    document.core_properties.title = title[:255]
    document.add_heading(title, 0)
    add_page_numbers(document)
    headings = [block.text for block in blocks if block.kind == "heading"]
    references = labels.words("References")
    for block in blocks:
        if block.kind == "contents":
            document.add_paragraph().add_run(labels.words("Contents")).bold = True
            add_contents(document, [*headings, references])
        else:
            _add(docx, document, block, labels, places, cited)
    turn(docx, document)
    document.add_heading(references, 1)
    for source in cited.listed():
        document.add_paragraph(source)
    write_bytes(path, document_bytes(document))
    return True


def _add(
    docx: Any,
    document: Any,
    block: Block,
    labels: Labels,
    places: Mapping[tuple[str, str], int],
    cited: References,
) -> None:
    if block.kind in ("table", "figure"):
        _add_shown(docx, document, block, labels, places[block.kind, block.text])
        return
    turn(docx, document)
    if block.kind == "heading":
        document.add_heading(block.text, 1)
    elif block.kind == "notice":
        document.add_paragraph().add_run(block.text).bold = True
    elif block.kind == "reading":
        add_prose(document, block.text)
    elif block.names:
        keys = ", ".join(f"{{{name}}}" for name in block.names)
        text = labels.words("See {list}.").replace("{list}", keys)
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        _add_text(paragraph, text, labels, places)
    else:
        text = CITED.sub(lambda found: cited.cite(found.group(1)), block.text)
        _add_text(document.add_paragraph(), text, labels, places)


def _add_text(
    paragraph: Any, text: str, labels: Labels, places: Mapping[tuple[str, str], int]
) -> None:
    """Add a text with `**bold**` words and references to tables and figures."""
    for part in _MARK.split(text):
        if part.startswith("{"):
            kind, name = part[1:-1].split(":")
            number = places.get((kind, name))
            if number:
                paragraph.add_run(labels.words(_CALLED[kind]) + " ")
                add_reference(paragraph, f"{kind}_{number}", str(number))
        elif part.startswith("**"):
            paragraph.add_run(part.strip("*")).bold = True
        elif part:
            paragraph.add_run(part)


def _add_shown(docx: Any, document: Any, block: Block, labels: Labels, number: int) -> None:
    assert block.results is not None
    folder, shown = block.results.folder, block.results.shown[block.kind, block.text]
    if block.kind == "figure":
        picture = folder / "figures" / f"{block.text}_print.png"
        if not picture.is_file():
            picture = folder / "figures" / f"{block.text}.png"
        add_figure(docx, document, picture, number, shown.title, "", shown.alt, labels)
        return
    view = table_view(shown, folder, labels, ROWS)
    if "n_first" in view.data and "rated" in view.data:  # cells that were not asked say nothing
        view.shown = view.shown[(view.data["n_first"] > 0).to_numpy()[: len(view.shown)]]
    if block.text in COLUMNS:
        wanted = [name for name in COLUMNS[block.text] if name in view.columns]
        if "second" in wanted and view.data["second"].nunique() < 2:  # the title of one says it
            wanted.remove("second")
        view.shown = view.shown.iloc[:, [view.columns.index(name) for name in wanted]]
        view.columns = wanted
    if len(view.data) > ROWS:
        cut = labels.words("The first {shown} of {all} rows.", shown=ROWS, all=len(view.data))
        view.note = f"{cut} {view.note}".strip()
    add_table(docx, document, view, number, labels)
