"""Fields of a Word document: numbered captions and references to them, page numbers, contents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def add_number(paragraph: Any, kind: str, number: int | str, bookmark: str) -> None:
    """Add the number of a caption as a field that Word counts itself, bold.

    Parameters
    ----------
    paragraph : of python-docx
    kind : what is counted, "Table" or "Figure", the same in every language
    number : as it stands until the fields are updated; of "2.3" the 3 is counted, apart from
        those of other parts
    bookmark : the name that references point at
    """
    mark = crc32(bookmark.encode()) % 10**8  # a whole number, one a bookmark
    begin = f'<w:bookmarkStart {_NS} w:id="{mark}" w:name={quoteattr(bookmark)}/>'
    part, dot, count = str(number).rpartition(".")
    _append(paragraph, [begin])
    if part:
        paragraph.add_run(part + dot).bold = True
    counted = f"{kind}_{part}" if part else kind
    _append(paragraph, _field(f"SEQ {counted} \\* ARABIC", count, bold=True))
    _append(paragraph, [f'<w:bookmarkEnd {_NS} w:id="{mark}"/>'])


def add_reference(paragraph: Any, bookmark: str, text: str) -> None:
    """Add a reference to a bookmark: Word follows and updates it."""
    _append(paragraph, _field(f"REF {bookmark} \\h", text))


def add_page_numbers(document: Any) -> None:
    """Number the pages at the foot, in the middle."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _append(paragraph, _field("PAGE", "1"))


def add_contents(document: Any, headings: Iterable[str]) -> None:
    """Add the contents as a field that Word fills with pages when the document is opened.

    Until then the headings stand there without pages.
    """
    found = list(headings)
    for place, heading in enumerate(found):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = 0
        begin, text, end = _split(_field('TOC \\o "1-1" \\h', heading, dirty=True))
        _append(paragraph, begin if place == 0 else [])
        _append(paragraph, text)
        _append(paragraph, end if place == len(found) - 1 else [])


def _field(instruction: str, text: str, bold: bool = False, dirty: bool = False) -> list[str]:
    """Return the runs of a field: what Word is to do, and what stands there until it has."""
    style = "<w:rPr><w:b/></w:rPr>" if bold else ""
    stale = ' w:dirty="true"' if dirty else ""
    return [
        f'<w:r {_NS}>{style}<w:fldChar w:fldCharType="begin"{stale}/></w:r>',
        f'<w:r {_NS}>{style}<w:instrText xml:space="preserve"> {escape(instruction)} '
        "</w:instrText></w:r>",
        f'<w:r {_NS}>{style}<w:fldChar w:fldCharType="separate"/></w:r>',
        f'<w:r {_NS}>{style}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>',
        f'<w:r {_NS}>{style}<w:fldChar w:fldCharType="end"/></w:r>',
    ]


def _split(field: list[str]) -> tuple[list[str], list[str], list[str]]:
    return field[:3], field[3:4], field[4:]


def _append(paragraph: Any, parts: Iterable[str]) -> None:
    from docx.oxml import parse_xml

    for part in parts:
        paragraph._p.append(parse_xml(part))
