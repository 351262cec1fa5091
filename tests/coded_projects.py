"""Projects to test with: a document that holds every element of the standard, archives, and other tools' databases, all made up."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

SPACE = "urn:QDA-XML:project:1.0"


def guid(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


TEXT = "— Что мешает?\r\nДенег нет. И людей 😀 тоже нет.\r\nВсё."


EVERYTHING = f"""<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="{SPACE}" name="all &amp; everything" origin="made up" creatingUserGUID="{guid(1)}" creationDateTime="2024-01-02T03:04:05Z"
 modifyingUserGUID="{guid(2)}" modifiedDateTime="2024-01-02T03:04:06+03:00" basePath="C:\\somewhere">
<Users><User guid="{guid(1)}" name="Anna" id="A"/><User guid="{guid(2)}"/></Users>
<CodeBook><Codes>
 <Code guid="{guid(10)}" name="money" isCodable="false" color="#0072B2"><Description>what it costs</Description><NoteRef targetGUID="{guid(40)}"/>
  <Code guid="{guid(11)}" name="too little" isCodable="true" color="#ABC"/><Code guid="{guid(12)}" name="too late" isCodable="true"/></Code>
 <Code guid="{guid(13)}" name="people" isCodable="true"/></Codes></CodeBook>
<Variables><Variable guid="{guid(20)}" name="founded" typeOfVariable="Integer"><Description>year</Description></Variable>
 <Variable guid="{guid(21)}" name="city" typeOfVariable="Text"/></Variables>
<Cases><Case guid="{guid(30)}" name="first"><Description>d</Description><CodeRef targetGUID="{guid(11)}"/>
 <VariableValue><VariableRef targetGUID="{guid(20)}"/><IntegerValue>2011</IntegerValue></VariableValue>
 <SourceRef targetGUID="{guid(50)}"/><SelectionRef targetGUID="{guid(60)}"/></Case></Cases>
<Sources>
 <TextSource guid="{guid(50)}" name="i1" plainTextPath="internal://i1.txt" richTextPath="internal://i1.docx" creatingUser="{guid(1)}" creationDateTime="2024-01-02T03:04:05Z"
  modifyingUser="{guid(2)}" modifiedDateTime="2024-01-03T03:04:05Z"><Description>an interview</Description>
  <PlainTextSelection guid="{guid(60)}" name="Денег нет." startPosition="15" endPosition="25" creatingUser="{guid(1)}" creationDateTime="2024-01-02T03:04:05Z">
   <Description>strong</Description>
   <Coding guid="{guid(70)}" creatingUser="{guid(1)}" creationDateTime="2024-01-02T03:04:07Z"><CodeRef targetGUID="{guid(11)}"/><NoteRef targetGUID="{guid(40)}"/></Coding>
   <Coding guid="{guid(71)}" creatingUser="{guid(2)}"><CodeRef targetGUID="{guid(12)}"/></Coding><NoteRef targetGUID="{guid(40)}"/></PlainTextSelection>
  <PlainTextSelection guid="{guid(61)}" name="людей 😀" startPosition="28" endPosition="35" creatingUser="{guid(2)}">
   <Coding guid="{guid(72)}"><CodeRef targetGUID="{guid(13)}"/></Coding></PlainTextSelection>
  <Coding guid="{guid(73)}" creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(13)}"/></Coding><NoteRef targetGUID="{guid(40)}"/>
  <VariableValue><VariableRef targetGUID="{guid(21)}"/><TextValue>Вологда</TextValue></VariableValue></TextSource>
 <TextSource guid="{guid(51)}" name="i2"><PlainTextContent>Ничего не мешает.</PlainTextContent></TextSource>
 <PictureSource guid="{guid(52)}" name="p" path="internal://p.png" currentPath="absolute:///x/p.png"><TextDescription guid="{guid(53)}" name="t"><PlainTextContent>words</PlainTextContent></TextDescription>
  <PictureSelection guid="{guid(62)}" firstX="1" firstY="2" secondX="3" secondY="4"><Coding guid="{guid(74)}" creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(11)}"/></Coding></PictureSelection></PictureSource>
 <PDFSource guid="{guid(54)}" name="f" path="internal://f.pdf"><PDFSelection guid="{guid(63)}" page="1" firstX="1" firstY="2" secondX="3" secondY="4">
  <Representation guid="{guid(55)}" name="r"><PlainTextContent>abc</PlainTextContent></Representation><Coding guid="{guid(75)}"><CodeRef targetGUID="{guid(11)}"/></Coding></PDFSelection>
  <Representation guid="{guid(56)}" name="r2" plainTextPath="internal://f.txt"><PlainTextSelection guid="{guid(64)}" startPosition="0" endPosition="2"/></Representation></PDFSource>
 <AudioSource guid="{guid(57)}" name="a" path="internal://a.m4a"><Transcript guid="{guid(80)}" name="tr"><PlainTextContent>hi</PlainTextContent><SyncPoint guid="{guid(81)}" timeStamp="0" position="0"/>
  <TranscriptSelection guid="{guid(65)}" fromSyncPoint="{guid(81)}" toSyncPoint="{guid(81)}"><Coding guid="{guid(76)}"><CodeRef targetGUID="{guid(11)}"/></Coding></TranscriptSelection></Transcript>
  <AudioSelection guid="{guid(66)}" begin="0" end="9"><Coding guid="{guid(77)}"><CodeRef targetGUID="{guid(11)}"/></Coding></AudioSelection></AudioSource>
 <VideoSource guid="{guid(58)}" name="v" path="relative:///v.mp4"><VideoSelection guid="{guid(67)}" begin="0" end="9"/></VideoSource>
</Sources>
<Notes><Note guid="{guid(40)}" name="memo" creatingUser="{guid(1)}"><PlainTextContent>think of it</PlainTextContent></Note></Notes>
<Links><Link guid="{guid(90)}" name="l" direction="OneWay" color="#000000" originGUID="{guid(60)}" targetGUID="{guid(61)}"><NoteRef targetGUID="{guid(40)}"/></Link></Links>
<Sets><Set guid="{guid(91)}" name="s"><Description>both</Description><MemberCode targetGUID="{guid(11)}"/><MemberSource targetGUID="{guid(50)}"/><MemberNote targetGUID="{guid(40)}"/></Set></Sets>
<Graphs><Graph guid="{guid(92)}" name="g"><Vertex guid="{guid(93)}" representedGUID="{guid(11)}" name="x" firstX="1" firstY="1" secondX="2" secondY="2" shape="Oval" color="#123456"/>
 <Vertex guid="{guid(94)}" firstX="3" firstY="3"/><Edge guid="{guid(95)}" sourceVertex="{guid(93)}" targetVertex="{guid(94)}" direction="Associative" lineStyle="dashed"/></Graph></Graphs>
<Description>all that there is</Description><NoteRef targetGUID="{guid(40)}"/>
</Project>"""


MEDIA = {
    "i1.txt": TEXT.encode(),
    "i1.docx": b"rich",
    "p.png": b"\x89PNG",
    "f.pdf": b"%PDF",
    "f.txt": b"abc",
    "a.m4a": b"\x00\x01",
}


def archive(
    path: Path,
    document: str | bytes = EVERYTHING,
    media: dict[str, bytes] | None = None,
    name: str = "project.qde",
) -> Path:
    """Write a .qdpx."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, document)
        for member, content in (MEDIA if media is None else media).items():
            target.writestr(f"Sources/{member}", content)
    return path


def small(codes: str = "", sources: str = "", users: str = "") -> str:
    """A document with what is asked for."""
    return (
        f'<Project xmlns="{SPACE}" name="small">{f"<Users>{users}</Users>" if users else ""}'
        f"{f'<CodeBook><Codes>{codes}</Codes></CodeBook>' if codes else ''}{f'<Sources>{sources}</Sources>' if sources else ''}</Project>"
    )


def qualcoder(path: Path, extra: tuple[str, ...] = ()) -> Path:
    """Write a QualCoder database with the tables of its versions 2 and 3."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as base:
        base.executescript("""
            CREATE TABLE project (databaseversion text, date text, memo text, about text);
            CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text, date text, unique(name));
            CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text, supercatid integer, unique(name));
            CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text, color text, unique(name));
            CREATE TABLE code_text (cid integer, fid integer, seltext text, pos0 integer, pos1 integer, owner text, date text, memo text, avid integer);
            CREATE TABLE code_image (imid integer primary key, id integer, cid integer, x1 integer);
            CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
            CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer, owner text);
            CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer, date text, owner text);
            INSERT INTO source VALUES (1, 'i1', 'Денег нет. Людей нет.', NULL, '', 'anna', ''), (2, 'photo', NULL, '/images/x.png', '', 'anna', '');
            INSERT INTO code_cat VALUES (1, 'barriers', 'anna', '', 'what hinders', NULL), (2, 'money', 'anna', '', '', 1);
            INSERT INTO code_name VALUES (1, 'too little', 'not enough', 2, 'anna', '', '#0072B2'), (2, 'people', '', NULL, 'anna', '', '#red');
            INSERT INTO code_text VALUES (1, 1, 'Денег нет', 0, 9, 'anna', '2024-01-02 03:04:05', '', NULL), (2, 1, 'Людей нет', 11, 20, 'boris', '', '', NULL);
            INSERT INTO code_image VALUES (1, 2, 1, 5);
            INSERT INTO cases VALUES (1, 'NPO 1', '', 'anna', ''); INSERT INTO case_text VALUES (1, 1, 1, 0, 20, 'anna');
            INSERT INTO attribute VALUES (1, 'founded', 'case', '2011', 1, '', 'anna'), (2, 'held', 'file', '2024-03-01', 1, '', 'anna');
        """)
        for line in extra:
            base.execute(line)
    base.close()
    return path


def taguette(path: Path, extra: tuple[str, ...] = ()) -> Path:
    """Write a Taguette database."""
    with sqlite3.connect(path) as base:
        base.executescript("""
            CREATE TABLE projects (id integer primary key, name text, description text, created text);
            CREATE TABLE documents (id integer primary key, name text, description text, filename text, created text, project_id integer, text_direction text, contents text);
            CREATE TABLE tags (id integer primary key, project_id integer, path text, description text);
            CREATE TABLE highlights (id integer primary key, document_id integer, start_offset integer, end_offset integer, snippet text);
            CREATE TABLE highlight_tags (highlight_id integer, tag_id integer);
            CREATE TABLE commands (id integer primary key, date text, user_login text, project_id integer, document_id integer, payload text);
            INSERT INTO projects VALUES (1, 'study', 'made up', '');
            INSERT INTO documents VALUES (1, 'i1', '', '', '', 1, '', '<p>Денег&nbsp;<b>нет</b>.</p>\n<p>Людей нет.</p>');
            INSERT INTO tags VALUES (1, 1, 'money', 'what it costs'), (2, 1, 'money.little', ''), (3, 1, 'people', '');
            INSERT INTO highlights VALUES (1, 1, 0, 18, ''), (2, 1, 20, 30, ''), (3, 1, 20, 30, '');
            INSERT INTO highlight_tags VALUES (1, 2), (1, 3), (2, 3);
            INSERT INTO commands VALUES (1, '2024-01-02 03:04:05.6', 'anna', 1, 1, '{"type": "highlight_add", "highlight_id": 1}'), (2, '', 'boris', 1, 1, 'no json');
        """)
        for line in extra:
            base.execute(line)
    base.close()
    return path


REAL = ROOT.parent / "shared" / "real" / "qda"


real = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real projects stand beside the project in ../shared/real"
)
