"""The lines of a transcript's file, whatever it was typed in: Word, OpenDocument, text, PDF."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cssp.interviews.exchange.untrusted import (
    LIMITS,
    opened_archive,
    parsed,
    read_member,
    refused,
    whole_of,
)
from cssp.study.problems import short_path
from cssp.tables.encoding import decode

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BOLD = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}font-weight"
_OFF = ("0", "false", "none", "off")


@dataclass(frozen=True)
class Line:
    """A paragraph, or what a line break ends within one.

    Attributes
    ----------
    text : without white space around
    bold : how many of its first letters are bold
    row : the texts of all cells, where it is a row of a table
    before : what stands before its first tab
    """

    text: str
    bold: int = 0
    row: tuple[str, ...] = ()
    before: str = ""


@dataclass(frozen=True)
class Lines:
    """What a file holds: its lines, how they were read, and what of it is no line."""

    lines: list[Line]
    read_as: str
    left_out: str = ""


def read_lines(path: Path) -> Lines:
    """Return the lines of a transcript's file (.docx, .odt, .txt, .pdf).

    Raises
    ------
    DataError
        The file is of another kind, cannot be read, or holds no text.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "i1.txt"
    >>> _ = file.write_text("Q: Why?\\nA: There is no money.", encoding="utf-8")
    >>> [line.text for line in read_lines(file).lines]
    ['Q: Why?', 'A: There is no money.']
    """
    read = READERS.get(path.suffix.casefold())
    if read is None:
        raise refused(
            short_path(path),
            f"A transcript in a file '{path.suffix or path.name}' cannot be read.",
            f"Save it as one of {', '.join(READERS)}.",
        )
    found = read(path)
    if not any(line.text for line in found.lines):
        scan = " It may be a scan: pictures of pages." if path.suffix.casefold() == ".pdf" else ""
        raise refused(
            short_path(path), f"The file holds no text.{scan}", "Save it as .docx or .txt."
        )
    return found


def _of_word(path: Path) -> Lines:
    with opened_archive(path) as archive:
        file = short_path(path)
        if "word/document.xml" not in archive.namelist():
            raise refused(file, "It is no document of Word.", "Save it as .docx once more.")
        root = parsed(read_member(archive, "word/document.xml", file, LIMITS.text), file)
        bold, headers = _bold_styles(archive, file), _headers(archive, file)
    lines: list[Line] = []
    body = root.find(f"{_WORD}body")
    _walk(
        [] if body is None else body,
        lines,
        _Names(f"{_WORD}p", f"{_WORD}tbl", f"{_WORD}tr", f"{_WORD}tc"),
        lambda paragraph: _word_paragraph(paragraph, bold),
    )
    notes = {"headers and footers": headers} | {
        what: sum(1 for _ in root.iter(_WORD + tag))
        for what, tag in (
            ("footnotes", "footnoteReference"),
            ("comments", "commentReference"),
            ("deletions", "delText"),
            ("pictures", "drawing"),
        )
    }
    return Lines(lines, "docx", _told(notes))


def _bold_styles(archive: Any, file: str) -> set[str]:
    """Return the styles of a document that are bold, by themselves or by what they rest on."""
    if "word/styles.xml" not in archive.namelist():
        return {"Strong"}
    root = parsed(read_member(archive, "word/styles.xml", file, LIMITS.text), file)
    rests: dict[str, str] = {}
    own: dict[str, bool] = {"Strong": True}
    for style in root.iter(f"{_WORD}style"):
        name = str(style.get(f"{_WORD}styleId", ""))
        below = style.find(f"{_WORD}basedOn")
        rests[name] = "" if below is None else str(below.get(f"{_WORD}val", ""))
        if (mark := style.find(f"{_WORD}rPr/{_WORD}b")) is not None:
            own[name] = mark.get(f"{_WORD}val", "1") not in _OFF
    found = set()
    for name in {*rests, *own}:
        above, seen = name, {name}
        while above not in own and (above := rests.get(above, "")) and above not in seen:
            seen.add(above)
        if own.get(above):
            found.add(name)
    return found


def _headers(archive: Any, file: str) -> int:
    """Return how many headers and footers of pages hold a text; they are no part of the talk."""
    names = [
        name for name in archive.namelist() if re.match(r"word/(?:header|footer)\d*\.xml", name)
    ]
    roots = (parsed(read_member(archive, name, file, LIMITS.text), file) for name in names)
    return sum(any((one.text or "").strip() for one in root.iter(f"{_WORD}t")) for root in roots)


def _style(part: Any, place: str) -> str:
    found = part.find(place)
    return "" if found is None else str(found.get(f"{_WORD}val", ""))


def _word_paragraph(paragraph: Any, styles: set[str]) -> list[tuple[str, bool]]:
    """Return a paragraph's pieces with whether each is bold; deletions are not in it.

    A run is bold by itself, by its own style, or by its paragraph's.
    """
    pieces: list[tuple[str, bool]] = []
    whole = _style(paragraph, f"{_WORD}pPr/{_WORD}pStyle") in styles
    for run in paragraph.iter(f"{_WORD}r"):
        # a text moved away stands where it went, a text box twice, for old programs too
        if any(str(one.tag).endswith(("}moveFrom", "}Fallback")) for one in run.iterancestors()):
            continue
        own = run.find(f"{_WORD}rPr/{_WORD}b")
        styled = whole or _style(run, f"{_WORD}rPr/{_WORD}rStyle") in styles
        bold = styled if own is None else own.get(f"{_WORD}val", "1") not in _OFF
        for piece in run:
            if piece.tag == f"{_WORD}t":
                pieces.append((piece.text or "", bold))
            elif piece.tag in (f"{_WORD}br", f"{_WORD}cr"):
                pieces.append(("\n", bold))
            elif piece.tag == f"{_WORD}tab":
                pieces.append(("\t", bold))
            elif piece.tag == f"{_WORD}noBreakHyphen":
                pieces.append(("\u2011", bold))
    return pieces


def _of_opendocument(path: Path) -> Lines:
    with opened_archive(path) as archive:
        file = short_path(path)
        if "content.xml" not in archive.namelist():
            raise refused(file, "It is no OpenDocument text.", "Save it as .odt once more.")
        root = parsed(read_member(archive, "content.xml", file, LIMITS.text), file)
    bold = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}text-properties")
        if properties.get(_BOLD) == "bold"
    }
    lines: list[Line] = []
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    names = _Names(f"{_TEXT}p", f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}table-cell")
    _walk(
        [] if body is None else body,
        lines,
        names,
        lambda paragraph: _open_pieces(
            paragraph, paragraph.get(f"{_TEXT}style-name") in bold, bold
        ),
        other=f"{_TEXT}h",
    )
    notes = {
        "footnotes": sum(1 for _ in root.iter(f"{_TEXT}note")),
        "comments": sum(1 for _ in root.iter(f"{_OFFICE}annotation")),
        "deletions": sum(1 for _ in root.iter(f"{_TEXT}deletion")),
    }
    return Lines(lines, "odt", _told(notes))


def _open_pieces(element: Any, strong: bool, bold: set[str | None]) -> list[tuple[str, bool]]:
    pieces = [(element.text or "", strong)]
    for piece in element:
        if piece.tag == f"{_TEXT}s":
            pieces.append((" " * int(piece.get(f"{_TEXT}c", "1")), strong))
        elif piece.tag == f"{_TEXT}tab":
            pieces.append(("\t", strong))
        elif piece.tag == f"{_TEXT}line-break":
            pieces.append(("\n", strong))
        elif piece.tag not in (f"{_TEXT}note", f"{_OFFICE}annotation"):
            inner = piece.get(f"{_TEXT}style-name")
            pieces += _open_pieces(piece, strong or inner in bold, bold)
        pieces.append((piece.tail or "", strong))
    return pieces


@dataclass(frozen=True)
class _Names:
    """What a format calls its paragraph, table, row and cell."""

    paragraph: str
    table: str
    row: str
    cell: str


def _walk(
    parent: Any,
    lines: list[Line],
    names: _Names,
    pieces: Callable[[Any], list[tuple[str, bool]]],
    other: str = "",
) -> None:
    """Gather the lines below an element in the order of the text."""
    for element in parent:
        if element.tag in (names.paragraph, other):
            lines += _lines_of(pieces(element))
        elif element.tag == names.table:
            for row in element.iter(names.row):
                if next(row.iterancestors(names.table)) is element:  # not of a table within
                    _row(row, lines, names, pieces, other)
        elif str(element.tag).endswith(("}tracked-changes", "}sectPr")):
            continue
        else:  # a list, a section, a content control, an insertion
            _walk(element, lines, names, pieces, other)


def _row(
    row: Any,
    lines: list[Line],
    names: _Names,
    pieces: Callable[[Any], list[tuple[str, bool]]],
    other: str,
) -> None:
    """Add a table's row with all its cells; which of them is who and what, all rows tell."""
    cells: list[list[Line]] = []
    for cell in row.iter(names.cell):  # one may stand within a content control
        if next(cell.iterancestors(names.row)) is row:
            inner: list[Line] = []
            _walk(cell, inner, names, pieces, other)
            cells.append([line for line in inner if line.text])
    texts = tuple("\n".join(line.text for line in cell) for cell in cells)
    if len(cells) < 2:
        lines += [line for cell in cells for line in cell]
    elif any(texts):
        lines.append(Line(" ".join(part for part in texts if part), 0, texts))


def _lines_of(pieces: list[tuple[str, bool]]) -> list[Line]:
    """Cut a paragraph's pieces at line breaks."""
    lines, text, bold, open_bold = [], "", 0, True
    for piece, strong in [*pieces, ("\n", False)]:
        for number, part in enumerate(piece.split("\n")):
            if number:
                lines.append(_line(text, bold))
                text, bold, open_bold = "", 0, True
            if part.strip() and not strong:
                open_bold = False
            text += part
            if open_bold and strong:
                bold = len(text)
    return lines


def _line(text: str, bold: int) -> Line:
    unseen = [letter for letter in set(text) if unicodedata.category(letter) == "Cf"]
    text = text.translate({ord(letter): None for letter in unseen}).replace("\uff1a", ":")
    led = len(text) - len(text.lstrip())
    stripped = text.strip()
    before = stripped.partition("\t")[0] if "\t" in stripped else ""
    bare = re.sub(r"[ \t\u00a0\u202f]+", " ", stripped)
    return Line(
        bare, min(max(bold - led, 0), len(bare)), before=re.sub(r"\s+", " ", before).strip()
    )


def _told(notes: dict[str, int]) -> str:
    """Return what was left out in words: "2 footnotes, 1 comments"."""
    return ", ".join(f"{count} {what}" for what, count in notes.items() if count)


def _of_text(path: Path) -> Lines:
    text, encoding = decode(whole_of(path, LIMITS.text), short_path(path), None)
    return Lines([_line(line, 0) for line in text.splitlines()], f"txt, {encoding}")


def _of_pdf(path: Path) -> Lines:
    try:
        from pypdf import PdfReader  # optional: most transcripts are no PDF
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise refused(
            short_path(path),
            "Transcripts in PDF need the package pypdf.",
            "Install it: pip install 'cssp[pdf]'; or save the transcript as .docx.",
        ) from error
    try:
        pages = [page.extract_text() for page in PdfReader(path).pages]
    except (PyPdfError, ValueError, KeyError, OSError) as error:
        raise refused(
            short_path(path), f"The PDF cannot be read: {error}.", "Save it as .docx or .txt."
        ) from error
    bare = [line.strip() for page in pages for line in page.splitlines()]
    numbers = [line for line in bare if re.fullmatch(r"[-–— ]*\d{1,4}[-–— ]*", line)]
    return Lines(
        [_line(line, 0) for line in _unwrapped([line for line in bare if line not in numbers])],
        "pdf, its text layer",
        _told({"page numbers": len(numbers)}),
    )


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the lines that a page's width broke: what does not end a sentence goes on.

    >>> _unwrapped(["Q: What does the", "town do?", "A: Noth-", "ing."])
    ['Q: What does the town do?', 'A: Nothing.']
    """
    joined: list[str] = []
    for line in lines:
        last = joined[-1] if joined else ""
        if not last or not line or re.search(r"[.?!…:»\")\]]$", last) or _LABELLED.match(line):
            joined.append(line)
        elif re.search(r"[^\W\d_][-\u00ad]$", last) and line[0].islower():
            joined[-1] = last[:-1] + line
        else:
            joined[-1] = f"{last} {line}"
    return joined


#: A line that begins as a turn does: a short name and a colon, or a dash.
_LABELLED = re.compile(
    r"(?:[^\W_][^:.?!]{0,30}\.?\s*:\s|[^\W\d_]{1,12}\.?\s?\d{0,2}\.?\s[–—]\s|[–—]\s)"
)

#: How the file of a transcript is read, by the end of its name.
READERS: dict[str, Callable[[Path], Lines]] = {
    ".docx": _of_word,
    ".odt": _of_opendocument,
    ".txt": _of_text,
    ".pdf": _of_pdf,
}
