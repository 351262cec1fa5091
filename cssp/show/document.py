"""Tables and figures as a Word document in the style of a journal of the reader's language."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.show.labels import Labels
from cssp.show.office import EPOCH, ILLEGAL, same_bytes
from cssp.show.table_view import TableView
from cssp.show.word_fields import add_number
from cssp.show.words import is_number

#: Sizes of a table's letters in half points: the largest; the smallest on an upright page, below
#: which it goes across; the smallest of all.
LARGE, SMALL, LEAST = 20, 15, 11
#: Letters of significance behind a number.
_LETTERS = re.compile(r"( [A-Z]{1,2})+$")


def document(docx: Any, tables: list[TableView], labels: Labels, apart: bool = False) -> bytes:
    """Write tables one after another, each as a journal has it; `apart`: on pages of their own."""
    document = new_document(docx, labels)
    for number, view in enumerate(tables, 1):
        if apart and number > 1:
            document.add_page_break()
        add_table(docx, document, view, view.number or number, labels)
    return document_bytes(document)


def new_document(docx: Any, labels: Labels) -> Any:
    """Return an empty Word document in the style of a journal of the language.

    A4, Times New Roman 12, headings in the same face.
    """
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml.ns import qn

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = docx.shared.Mm(210), docx.shared.Mm(297)
    section.left_margin, section.right_margin = (
        docx.shared.Mm(30 if labels.language == "ru" else 25),
        docx.shared.Mm(15 if labels.language == "ru" else 25),
    )
    section.top_margin = section.bottom_margin = docx.shared.Mm(20)
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3", "Title", "List Bullet"):
        style = document.styles[name]
        style.font.name = "Times New Roman"
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), "Times New Roman")
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(kind), None)
        style.font.color.rgb = docx.shared.RGBColor(0, 0, 0)
    normal = document.styles["Normal"]
    normal.font.size = docx.shared.Pt(12)
    normal.paragraph_format.line_spacing_rule = (
        WD_LINE_SPACING.ONE_POINT_FIVE if labels.language == "ru" else WD_LINE_SPACING.SINGLE
    )
    normal.paragraph_format.space_after = docx.shared.Pt(6)
    language = normal.element.get_or_add_rPr()
    mark = language.find(qn("w:lang"))
    if mark is None:
        mark = docx.oxml.OxmlElement("w:lang")
        language.append(mark)
    mark.set(qn("w:val"), {"ru": "ru-RU", "en": "en-GB"}.get(labels.language, labels.language))
    for name in ("created", "modified", "last_printed"):
        setattr(document.core_properties, name, EPOCH)
    document.core_properties.author = "cssp"
    document.core_properties.comments = ""
    document.core_properties.language = labels.language
    return document


def turn(docx: Any, document: Any, across: bool = False) -> None:
    """Go on upon pages that lie across, or stand upright again; nothing where they do."""
    from docx.enum.section import WD_ORIENT, WD_SECTION

    before = document.sections[-1]
    if (before.orientation == WD_ORIENT.LANDSCAPE) == across:
        return
    long, short = sorted((before.page_width, before.page_height), reverse=True)
    empty = len(document.element.body) == 1  # nothing but the section itself
    section = before if empty else document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if across else (short, long)
    if empty:
        return
    # the paragraph that holds the break would be a line, and on a full page a page
    spacing = docx.text.paragraph.Paragraph(document.element.body[-2], document).paragraph_format
    spacing.space_before = spacing.space_after = docx.shared.Pt(0)
    spacing.line_spacing = docx.shared.Pt(1)


def add_table(docx: Any, document: Any, view: TableView, number: int | str, labels: Labels) -> None:
    """Add a table: its number and title above, three rules, its note below.

    A wide one upon a page that lies across.
    """
    shown: pd.DataFrame = view.shown
    rows = [
        [str(name) for name in shown.columns],
        *([str(value) for value in row] for row in shown.itertuples(index=False)),
    ]
    turn(docx, document)
    if len(shown) and _widths(rows, _room(document))[0] < SMALL:
        turn(docx, document, across=True)
    title = document.add_paragraph()
    title.add_run(f"{labels.words('Table')} ").bold = True
    add_number(title, "Table", number, f"table_{str(number).replace('.', '_')}")
    title.add_run(". ").bold = True
    title.add_run(view.title).bold = labels.language == "ru"
    title.paragraph_format.space_before = docx.shared.Pt(12)
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_after = docx.shared.Pt(3)
    if len(shown):
        _grid(document, rows)
    if not view.note:  # the text that follows keeps away from the last rule
        gap = document.add_paragraph().paragraph_format
        gap.space_after, gap.line_spacing = docx.shared.Pt(0), docx.shared.Pt(8)
    if view.note:
        note = document.add_paragraph()
        run = note.add_run(f"{labels.words('Note')}. {view.note}")
        run.italic, run.font.size = True, docx.shared.Pt(10)


def add_figure(
    docx: Any,
    document: Any,
    picture: Path,
    number: int | str,
    title: str,
    note: str,
    alt: str,
    labels: Labels,
) -> None:
    """Add a figure: the picture with its alternative text, its number and title below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    turn(docx, document)
    section = document.sections[-1]
    widest = section.page_width - section.left_margin - section.right_margin
    tallest = section.page_height - section.top_margin - section.bottom_margin - docx.shared.Mm(45)
    frame = document.add_paragraph()
    frame.alignment = WD_ALIGN_PARAGRAPH.CENTER
    frame.paragraph_format.keep_with_next = True
    frame.paragraph_format.line_spacing = 1.0
    image = frame.add_run().add_picture(str(picture))
    scale = min(1.0, widest / image.width, tallest / image.height)
    image.width, image.height = int(image.width * scale), int(image.height * scale)
    described = image._inline.docPr
    described.set("descr", alt)
    described.set("title", title)
    before, after = labels.words("Figure {number}.").split("{number}")
    caption = document.add_paragraph()
    caption.alignment = (
        WD_ALIGN_PARAGRAPH.CENTER if labels.language == "ru" else WD_ALIGN_PARAGRAPH.LEFT
    )
    caption.add_run(before).bold = True
    add_number(caption, "Figure", number, f"figure_{str(number).replace('.', '_')}")
    caption.add_run(f"{after} ").bold = True
    caption.add_run(title)
    if note:
        run = document.add_paragraph().add_run(f"{labels.words('Note')}. {note}")
        run.italic, run.font.size = True, docx.shared.Pt(10)


def _room(document: Any) -> int:
    """Return the width of the page between its margins, in twentieths of a point."""
    section = document.sections[-1]
    return int(section.page_width - section.left_margin - section.right_margin) // 635


def _grid(document: Any, rows: list[list[str]]) -> None:
    """Add the cells with rules above, below the headings and at the end.

    They are written as XML at once: python-docx takes minutes for long tables.
    """
    from xml.sax.saxutils import escape

    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    wide = len(rows[0])
    total = _room(document)
    size, widths = _widths(rows, total)
    numbers = [
        all(is_number(_LETTERS.sub("", row[place])) for row in rows[1:]) for place in range(wide)
    ]

    def cell(text: str, place: int, heading: bool) -> str:
        bold = "<w:b/>" if heading else ""
        side = '<w:jc w:val="right"/>' if numbers[place] else ""
        edge = '<w:tcBorders><w:bottom w:val="single" w:sz="6"/></w:tcBorders>' if heading else ""
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{widths[place]}" '
            f'w:type="dxa"/>{edge}</w:tcPr><w:p><w:pPr><w:spacing w:before="0" w:after="0" '
            'w:line="240" w:lineRule="auto"/>'
            f'{side}</w:pPr><w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr><w:t '
            f'xml:space="preserve">{escape(ILLEGAL.sub("", text))}</w:t></w:r></w:p></w:tc>'
        )

    lines = []
    for number, row in enumerate(rows):
        heading = (
            "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
            if number == 0
            else "<w:trPr><w:cantSplit/></w:trPr>"
        )
        lines.append(
            f"<w:tr>{heading}{''.join(cell(text, place, number == 0) for place, text in enumerate(row))}</w:tr>"
        )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    document.element.body.insert_element_before(
        parse_xml(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{total}" '
            'w:type="dxa"/><w:tblBorders><w:top w:val="single" w:sz="8"/>'
            '<w:bottom w:val="single" w:sz="8"/></w:tblBorders><w:tblLayout '
            'w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" '
            'w:type="dxa"/>'
            "</w:tblCellMar><w:tblLook "
            f'w:firstRow="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
        ),
        "w:sectPr",
    )


def _widths(rows: list[list[str]], total: int) -> tuple[int, list[int]]:
    """Return the size of the letters (half points) and the columns' widths (twentieths of a point).

    No word is broken where that can be had.
    """
    places = range(len(rows[0]))
    size = LARGE
    # a long address may be broken; a number with no-break spaces in it may not, so only plain
    # spaces part words
    words = [
        min(max(len(word) for row in rows for word in row[place].split(" ")), 18)
        for place in places
    ]
    texts = [sum(len(row[place]) for row in rows) / len(rows) for place in places]
    while True:
        letter = size * 5.6  # about 0.56 of the letters' height
        least = [int(letter * (count + 0.6)) + 130 for count in words]
        if sum(least) <= total or size <= LEAST:
            break
        size -= 1
    spare = max(total - sum(least), 0)
    wish = [max(text * letter - low, 0) for text, low in zip(texts, least, strict=True)]
    found = [
        low + int(spare * one / (sum(wish) or 1)) for low, one in zip(least, wish, strict=True)
    ]
    scale = min(1.0, total / sum(found))
    return size, [int(width * scale) for width in found]


def document_bytes(document: Any) -> bytes:
    """Return a Word document's bytes: the same document, the same bytes."""
    out = io.BytesIO()
    document.save(out)
    return same_bytes(out.getvalue())
