"""Random coded interviews written in the manner of each coding tool: what must come in alike.

Texts and names are made to mislead: emoji, combining marks, line ends of two kinds, the same words
in two places, codes of one name in two groups, coders whose names differ by case, places counted
as the tool counts them. Every file is made up, and nobody said these words.
"""

from __future__ import annotations

import html
import sqlite3
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

_SENTENCES = (
    "Денег нет.", "Людей тоже нет 🙂.", "Нам отказали — без причины.", "Ещё бы помещение!",
    "Мы ждали «ответа» 3 месяца.", "Власть не слышит 🏠🏠.", "И\u0301ванов обещал.", "Денег нет.",
    "We asked twice.", "Отчёты, отчёты, отчёты…", "Гранты дают не всем.", "Это & то <всё>.",
)  # fmt: skip
_NAMES = ("Деньги", "Люди", "Другое", "Доверие", "Помещение 🏠", "Отчёты и сроки", "Власть / город")
_CODERS = (("Анна", "Борис"), ("Anna", "anna b"), ("Петрова А.", "Петрова Б."))


@dataclass(frozen=True)
class CodedStudy:
    """One made-up coded study.

    Attributes
    ----------
    texts : interview -> its text
    codes : group and name of each code; the group is empty for a code of no group
    codings : interview, place of the code in `codes`, coder, first and last place in code points
    """

    texts: dict[str, str]
    codes: list[tuple[str, str]]
    codings: list[tuple[str, int, str, int, int]]

    def table(self) -> pd.DataFrame:
        """Return `interview, path, coder, start, end, quotation`, sorted, a row a coding."""
        rows = [
            (name, " > ".join(filter(None, self.codes[code])), coder, start, end,
             self.texts[name][start:end])
            for name, code, coder, start, end in self.codings
        ]  # fmt: skip
        columns = ["interview", "path", "coder", "start", "end", "quotation"]
        return pd.DataFrame(sorted(rows), columns=columns)


def random_coded(seed: int, twins: bool = True, line_ends: bool = True) -> CodedStudy:
    """Return a made-up coded study.

    Parameters
    ----------
    seed : of the random numbers
    twins : a name may stand in two groups (some tools allow no such codes)
    line_ends : texts may have line ends of two characters

    Examples
    --------
    >>> random_coded(1).table().columns.tolist()[:3]
    ['interview', 'path', 'coder']
    """
    rng = np.random.default_rng(seed)
    end = "\r\n" if line_ends and rng.random() < 0.4 else "\n"
    texts = {}
    for number in range(1, int(rng.integers(2, 5))):
        chosen = rng.choice(_SENTENCES, size=int(rng.integers(4, 9)))
        texts[f"Интервью {number}"] = end.join(map(str, chosen))
    names = list(rng.permutation(_NAMES)[: int(rng.integers(2, 6))])
    groups = ["", "Барьеры", "Опора"]
    codes = [(str(rng.choice(groups)), str(name)) for name in names]
    if twins:
        codes = [("Барьеры", "Другое"), ("Опора", "Другое")] + [
            code for code in codes if code[1] != "Другое"
        ]
    coders = _CODERS[int(rng.integers(len(_CODERS)))]
    codings = set()
    for name, text in texts.items():
        spans = _spans(text)
        for _ in range(int(rng.integers(3, 10))):
            first, last = sorted(rng.integers(0, len(spans), 2))
            last = min(int(last), int(first) + 2)
            codings.add((
                name, int(rng.integers(len(codes))), str(rng.choice(coders)),
                spans[int(first)][0], spans[last][1],
            ))  # fmt: skip
    return CodedStudy(texts, codes, sorted(codings))


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where each line of a text begins and ends."""
    found, place = [], 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        found.append((place, place + len(bare)))
        place += len(line)
    return found


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _refi(study: CodedStudy, path: Path, length: Callable[[str], int], mark: bytes = b"") -> Path:
    """Write a REFI-QDA archive, places counted by `length` of what stands before them."""
    ids: dict[object, str] = {}

    def guid(*of: object) -> str:
        return ids.setdefault(of, str(uuid.uuid5(uuid.NAMESPACE_OID, repr(of))))

    coders = sorted({coder for _, _, coder, _, _ in study.codings})
    users = "".join(f'<User guid="{guid("u", c)}" name={quoteattr(c)}/>' for c in coders)
    groups: dict[str, list[int]] = {}
    for number, (group, _) in enumerate(study.codes):
        groups.setdefault(group, []).append(number)
    book = ""
    for group, members in groups.items():
        inside = "".join(
            f'<Code guid="{guid("c", n)}" name={quoteattr(study.codes[n][1])} isCodable="true"/>'
            for n in members
        )
        book += (
            f'<Code guid="{guid("g", group)}" name={quoteattr(group)} isCodable="false">'
            f"{inside}</Code>"
            if group
            else inside
        )
    sources = ""
    for name, text in study.texts.items():
        marks = "".join(
            f'<PlainTextSelection guid="{guid("s", n)}" name={quoteattr(text[start:end])} '
            f'startPosition="{length(text[:start])}" endPosition="{length(text[:end])}" '
            f'creatingUser="{guid("u", coder)}"><Coding guid="{guid("k", n)}" '
            f'creatingUser="{guid("u", coder)}"><CodeRef targetGUID="{guid("c", code)}"/></Coding>'
            "</PlainTextSelection>"
            for n, (own, code, coder, start, end) in enumerate(study.codings)
            if own == name
        )
        sources += (
            f'<TextSource guid="{guid("t", name)}" name={quoteattr(name)} '
            f'plainTextPath="internal://{guid("t", name)}.txt">{marks}</TextSource>'
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "project.qde",
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Users>{users}</Users>'
            f"<CodeBook><Codes>{book}</Codes></CodeBook><Sources>{sources}</Sources></Project>",
        )
        for name, text in study.texts.items():
            archive.writestr(f"sources/{guid('t', name)}.txt", mark + text.encode())
    return path


def nvivo(study: CodedStudy, path: Path) -> Path:
    """Write as NVivo: UTF-16 units, texts with a byte order mark."""
    return _refi(study, path, _utf16, b"\xef\xbb\xbf")


def atlas(study: CodedStudy, path: Path) -> Path:
    """Write as ATLAS.ti: characters, each line end as it stands."""
    return _refi(study, path, len)


def maxqda(study: CodedStudy, path: Path) -> Path:
    """Write as MAXQDA: characters, a line end of two characters counted as one."""
    return _refi(study, path, lambda text: len(text.replace("\r\n", "\n")))


def qualcoder(study: CodedStudy, path: Path) -> Path:
    """Write QualCoder's database; its names of codes are unique."""
    with sqlite3.connect(path) as base:
        base.executescript(
            """
            CREATE TABLE project (databaseversion text, date text, memo text, about text);
            CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text,
                memo text, owner text, date text, unique(name));
            CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text,
                memo text, supercatid integer, unique(name));
            CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer,
                owner text, date text, color text, unique(name));
            CREATE TABLE code_text (cid integer, fid integer, seltext text, pos0 integer,
                pos1 integer, owner text, date text, memo text);
            """
        )
        files = {name: number for number, name in enumerate(study.texts, 1)}
        groups = {g: n for n, g in enumerate(dict.fromkeys(g for g, _ in study.codes if g), 1)}
        for name, number in files.items():
            base.execute("INSERT INTO source VALUES (?, ?, ?, NULL, '', 'a', '')",
                         (number, name, study.texts[name]))  # fmt: skip
        for group, number in groups.items():
            base.execute("INSERT INTO code_cat VALUES (?, ?, 'a', '', '', NULL)", (number, group))
        for number, (group, name) in enumerate(study.codes):
            base.execute("INSERT INTO code_name VALUES (?, ?, '', ?, 'a', '', '')",
                         (number, name, groups.get(group)))  # fmt: skip
        for name, code, coder, start, end in study.codings:
            text = study.texts[name]
            base.execute("INSERT INTO code_text VALUES (?, ?, ?, ?, ?, ?, '', '')",
                         (code, files[name], text[start:end], start, end, coder))  # fmt: skip
    base.close()
    return path


#: The tables of an RQDA project, as its help page lists them.
RQDA_TABLES = """
CREATE TABLE source (name text, id integer, file text, memo text, owner text,
    date text, dateM text, status integer);
CREATE TABLE freecode (name text, memo text, owner text, date text, dateM text,
    id integer, status integer, color text);
CREATE TABLE coding (cid integer, fid integer, seltext text, selfirst real,
    selend real, status integer, owner text, date text, memo text);
CREATE TABLE codecat (name text, cid integer, catid integer, owner text, date text,
    dateM text, memo text, status integer);
CREATE TABLE treecode (cid integer, catid integer, date text, dateM text, memo text,
    status integer, owner text);
CREATE TABLE cases (name text, memo text, owner text, date text, dateM text,
    id integer, status integer);
CREATE TABLE caselinkage (caseid integer, fid integer, selfirst real, selend real,
    status integer, owner text, date text, memo text);
"""


def rqda(study: CodedStudy, path: Path) -> Path:
    """Write RQDA's database; what was deleted there has status 0."""
    with sqlite3.connect(path) as base:
        base.executescript(RQDA_TABLES)
        groups = {g: n for n, g in enumerate(dict.fromkeys(g for g, _ in study.codes if g), 1)}
        files = {name: number for number, name in enumerate(study.texts, 1)}
        for name, number in files.items():
            base.execute("INSERT INTO source VALUES (?, ?, ?, '', 'a', '', '', 1)",
                         (name, number, study.texts[name]))  # fmt: skip
        for group, number in groups.items():
            base.execute("INSERT INTO codecat VALUES (?, 0, ?, 'a', '', '', '', 1)",
                         (group, number))  # fmt: skip
        for number, (group, name) in enumerate(study.codes, 1):
            base.execute("INSERT INTO freecode VALUES (?, '', 'a', '', '', ?, 1, '')",
                         (name, number))  # fmt: skip
            if group:
                base.execute("INSERT INTO treecode VALUES (?, ?, '', '', '', 1, 'a')",
                             (number, groups[group]))  # fmt: skip
        for name, code, coder, start, end in study.codings:
            words = study.texts[name][start:end]
            base.execute("INSERT INTO coding VALUES (?, ?, ?, ?, ?, 1, ?, '', '')",
                         (code + 1, files[name], words, start, end, coder))  # fmt: skip
        name, code, coder, start, end = study.codings[0]
        base.execute("INSERT INTO coding VALUES (?, ?, '', ?, ?, 0, ?, '', '')",
                     (code + 1, files[name], start, end, coder))  # fmt: skip
    base.close()
    return path


def taguette(study: CodedStudy, path: Path) -> Path:
    """Write Taguette's database: texts as HTML, places in bytes, a highlight with several tags."""
    with sqlite3.connect(path) as base:
        base.executescript(
            """
            CREATE TABLE projects (id integer primary key, name text, description text,
                created text);
            CREATE TABLE documents (id integer primary key, name text, description text,
                filename text, created text, project_id integer, text_direction text,
                contents text);
            CREATE TABLE tags (id integer primary key, project_id integer, path text,
                description text);
            CREATE TABLE highlights (id integer primary key, document_id integer,
                start_offset integer, end_offset integer, snippet text);
            CREATE TABLE highlight_tags (highlight_id integer, tag_id integer);
            CREATE TABLE commands (id integer primary key, date text, user_login text,
                project_id integer, document_id integer, payload text);
            INSERT INTO projects VALUES (1, 'study', '', '');
            """
        )
        for number, (name, text) in enumerate(study.texts.items(), 1):
            lines = (f"<p>{html.escape(line, quote=False)}</p>" for line in text.split("\n"))
            base.execute("INSERT INTO documents VALUES (?, ?, '', '', '', 1, '', ?)",
                         (number, name, "\n".join(lines)))  # fmt: skip
        for number, names in enumerate(study.codes, 1):
            base.execute("INSERT INTO tags VALUES (?, 1, ?, '')",
                         (number, ".".join(filter(None, names))))  # fmt: skip
        groups = dict.fromkeys(group for group, _ in study.codes if group)
        for number, group in enumerate(groups, len(study.codes) + 1):
            base.execute("INSERT INTO tags VALUES (?, 1, ?, '')", (number, group))
        files = {name: number for number, name in enumerate(study.texts, 1)}
        for number, (name, code, coder, start, end) in enumerate(study.codings, 1):
            text = study.texts[name]
            first, last = len(text[:start].encode()), len(text[:end].encode())
            base.execute("INSERT INTO highlights VALUES (?, ?, ?, ?, '')",
                         (number, files[name], first, last))  # fmt: skip
            base.execute("INSERT INTO highlight_tags VALUES (?, ?)", (number, code + 1))
            base.execute("INSERT INTO commands VALUES (?, '', ?, 1, ?, ?)",
                         (number, coder, files[name],
                          f'{{"type": "highlight_add", "highlight_id": {number}}}'))  # fmt: skip
    base.close()
    return path


def maxqda_table(study: CodedStudy, path: Path) -> Path:
    """Write MAXQDA's list of segments: paragraphs, no places; groups before their codes."""
    rows = [
        {
            "Document name": name,
            "Code": "\\".join(filter(None, study.codes[code])),
            "Beginning": study.texts[name][:start].count("\n") + 1,
            "End": study.texts[name][:end].count("\n") + 1,
            "Segment": study.texts[name][start:end],
            "Author": coder,
        }
        for name, code, coder, start, end in study.codings
    ]
    pd.DataFrame(rows).to_excel(path, index=False)
    return path


def atlas_table(study: CodedStudy, path: Path) -> Path:
    """Write ATLAS.ti's list of quotations: all codes of a place and coder in one cell."""
    cells: dict[tuple[str, str, int, int], list[str]] = {}
    for name, code, coder, start, end in study.codings:
        label = ": ".join(filter(None, study.codes[code]))
        cells.setdefault((name, coder, start, end), []).append(label)
    rows = [
        {
            "Document": name,
            "Quotation Content": study.texts[name][start:end],
            "Codes": "\n".join(codes),
            "Created by": coder,
            "Start Position": start,
            "End Position": end,
        }
        for (name, coder, start, end), codes in cells.items()
    ]
    pd.DataFrame(rows).to_excel(path, index=False)
    return path


#: Tool -> how it writes, the ending of its files, whether codes of one name are possible.
TOOLS: dict[str, tuple[Callable[[CodedStudy, Path], Path], str, bool]] = {
    "nvivo": (nvivo, ".qdpx", True),
    "atlas": (atlas, ".qdpx", True),
    "maxqda": (maxqda, ".qdpx", True),
    "qualcoder": (qualcoder, ".qda", False),
    "rqda": (rqda, ".rqda", True),
    "taguette": (taguette, ".sqlite3", True),
}
#: Lists in Excel, of the words of segments; the texts are given beside them.
LISTS: dict[str, Callable[[CodedStudy, Path], Path]] = {
    "maxqda": maxqda_table,
    "atlas": atlas_table,
}
