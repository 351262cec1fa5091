"""REFI-QDA in and out: nothing that the standard names is lost, and no file from a stranger does harm."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
from coded_projects import EVERYTHING, MEDIA, SPACE, TEXT, archive, guid, small
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import cssp
from cssp import CsspError, DataError
from cssp.interviews.exchange.line_ends import WAYS, counting_of, places, to_stored
from cssp.interviews.exchange.project import TABLES
from cssp.interviews.exchange.refi_qda_write import write_qdpx
from cssp.interviews.exchange.refi_schema import CODEBOOK, GRAMMAR
from cssp.interviews.exchange.untrusted import Limits, parsed
from cssp.simulate.coded import CodedStudy, atlas, nvivo

REAL = ROOT.parent / "shared" / "real" / "qda"
real = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real projects stand beside the project in ../shared/real"
)


def document(path):
    with zipfile.ZipFile(path) as opened:
        return etree.fromstring(opened.read("project.qde"))


def parts(root):
    """Every element with its attributes, text and depth, as a set that does not depend on the order of siblings."""
    return sorted(
        (
            str(e.tag),
            tuple(sorted(i for i in e.items() if i[0][0] != "{")),
            (e.text or "").strip(),
            str(e.getparent().get("guid")) if e.getparent() is not None else "",
        )
        for e in root.iter()
    )


def same(first, second):
    return all(getattr(first, name).equals(getattr(second, name)) for name in TABLES)


def test_a_round_trip_keeps_everything_that_the_standard_names(tmp_path):
    first = archive(tmp_path / "a.qdpx")
    project = cssp.read_qdpx(first)
    assert cssp.write_qdpx(project, tmp_path / "b.qdpx") == []
    again = cssp.read_qdpx(tmp_path / "b.qdpx")
    assert parts(document(first)) == parts(document(tmp_path / "b.qdpx"))
    assert same(project, again)
    with zipfile.ZipFile(tmp_path / "b.qdpx") as opened:
        assert {name: opened.read(f"Sources/{name}") for name in MEDIA} == MEDIA


def test_the_document_of_the_tests_holds_every_element_of_the_standard():
    named = {etree.QName(e).localname for e in etree.fromstring(EVERYTHING.encode()).iter()}
    values = {"BooleanValue", "FloatValue", "DateValue", "DateTimeValue"}
    assert set(GRAMMAR) - named == values


@real
def test_what_is_written_is_valid(tmp_path):
    schema = etree.XMLSchema(etree.parse(REAL / "Project.xsd"))
    schema.assertValid(etree.fromstring(EVERYTHING.encode()).getroottree())
    messy = (
        EVERYTHING.replace("2024-01-02T03:04:05Z", "2024-01-02 03:04:05")
        .replace("#0072B2", "blue")
        .replace('isCodable="true"', 'isCodable="True" extra="1"')
    )
    messy = (
        messy.replace("<Links>", "<Vendor/><Links>")
        .replace(guid(13), "code 13")
        .replace("<IntegerValue>2011</IntegerValue>", "<IntegerValue/>")
    )
    for number, text in enumerate((EVERYTHING, messy)):
        project = cssp.read_qdpx(archive(tmp_path / f"{number}.qdpx", text))
        told = cssp.write_qdpx(project, tmp_path / f"{number}b.qdpx")
        schema.assertValid(document(tmp_path / f"{number}b.qdpx").getroottree())
    assert {"'Code@color'", "'Code@extra'", "'Vendor'"} == {
        problem.what.split(" is not")[0] for problem in told
    }
    whole = tmp_path / "study.qdpx"
    cssp.export_interviews(cssp.load_study(), whole)
    schema.assertValid(document(whole).getroottree())


@real
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            "atlasti_8_sample.qdpx",
            {
                "users": 3,
                "codes": 14,
                "text sources": 6,
                "pdf sources": 2,
                "picture sources": 1,
                "audio sources": 1,
                "video sources": 2,
                "codings": 16,
                "sets": 16,
                "graphs": 1,
                "links": 1,
            },
        ),
        ("maxqda_24_project.qde", {"codes": 307, "text sources": 10, "sets": 2, "codings": 0}),
    ],
)
def test_real_projects_have_the_counts_of_the_manifest_and_come_back_unharmed(
    name, counts, tmp_path
):
    project = cssp.read_qdpx(REAL / name)
    told = project.counts().set_index("part")["count"]
    assert {part: told[part] for part in counts} == counts
    cssp.write_qdpx(project, tmp_path / "b.qdpx")
    again = cssp.read_qdpx(tmp_path / "b.qdpx")
    assert same(project, again)
    assert parts(project.root) == parts(again.root)
    etree.XMLSchema(etree.parse(REAL / "Project.xsd")).assertValid(
        document(tmp_path / "b.qdpx").getroottree()
    )
    cssp.write_qdc(project, tmp_path / "b.qdc")
    assert cssp.read_qdc(tmp_path / "b.qdc").codes.equals(project.codes)
    if name.endswith("qde"):
        assert (project.codes["description"] != "").all()


def test_places_are_code_points_and_codings_have_their_coder_and_date(tmp_path):
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx"))
    table = project.segments
    assert table["quotation"].tolist() == ["Денег нет.", "Денег нет.", "людей 😀", TEXT]
    assert table["coder"].tolist() == ["Anna", "?", "?", "Anna"]
    assert table["code"].tolist() == ["too little", "too late", "people", "people"]
    assert project.codings["created"].tolist()[:2] == [
        "2024-01-02T03:04:07Z",
        "2024-01-02T03:04:05Z",
    ]
    told = " ".join(str(problem) for problem in project.warnings)
    assert "1 of 2 users have no name" in told
    assert "not analysed" in told
    assert project.texts.loc[0, ["founded", "city"]].tolist() == ["2011", "Вологда"]


def test_every_kind_of_coding_is_counted(tmp_path):
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx"))
    assert project.codings["kind"].value_counts().to_dict() == {
        "text": 4,
        "audio": 2,
        "picture": 1,
        "pdf": 1,
    }


@pytest.mark.parametrize("way", ["stored", "one", "two"])
def test_line_ends_are_counted_as_the_tool_counted_them(way, tmp_path):
    text = "Первая\nстрока.\nДенег нет.\n" if way == "two" else TEXT
    wanted = "Денег нет."
    at = text.index(wanted)
    table = places(text, way).tolist()
    start, end = table.index(at), table.index(at + len(wanted))
    source = (
        f'<TextSource guid="{guid(5)}" name="i" plainTextPath="internal://i.txt"><PlainTextSelection guid="{guid(6)}" name="{wanted[:8]}…" startPosition="{start}" endPosition="{end}">'
        f'<Coding guid="{guid(7)}"><CodeRef targetGUID="{guid(1)}"/></Coding></PlainTextSelection></TextSource>'
    )
    code = f'<Code guid="{guid(1)}" name="c" isCodable="true"/>'
    path = archive(tmp_path / "a.qdpx", small(code, source), {"i.txt": text.encode()})
    project = cssp.read_qdpx(path)
    assert project.segments["quotation"].tolist() == [wanted]
    assert any("The tool counted" in problem.what for problem in project.warnings) == (
        way != "stored"
    )
    with pytest.raises(DataError, match="no way of counting"):
        cssp.read_qdpx(path, newlines="all")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="a\n\rя😀", max_size=30), st.sampled_from(["stored", "one", "two"]))
def test_counted_places_rise_to_the_end_of_the_text(text, way):
    table = places(text, way)
    assert table[0] == 0
    assert table[-1] == len(text)
    assert (table[1:] >= table[:-1]).all()
    slow = {
        "stored": len(text),
        "one": len(text.replace("\r\n", "\n")),
        "two": len(text.replace("\r\n", "\n").replace("\n", "\r\n")),
    }
    assert len(table) == slow[way] + 1
    import numpy as np

    start, end = to_stored(
        np.array(["g"]), np.array([0]), np.array([len(table) - 1]), {"g": text}, way
    )
    assert (start[0], end[0]) == (0, len(text))


def test_texts_outside_are_read_only_from_the_folder_that_is_named(tmp_path):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "i1.txt").write_bytes(TEXT.encode())
    (tmp_path / "secret.txt").write_text("secret")
    text = EVERYTHING.replace("internal://i1.txt", f"absolute://{outside}/i1.txt")
    path = tmp_path / "a.qde"
    path.write_text(text, encoding="utf-8")
    assert cssp.read_qdpx(path).sources["text"].isna().sum() == 5
    project = cssp.read_qdpx(path, folder=outside)
    assert project.sources["text"].iloc[0] == TEXT
    cssp.write_qdpx(project, tmp_path / "b.qdpx")
    assert cssp.read_qdpx(tmp_path / "b.qdpx").sources["text"].iloc[0] == TEXT
    (outside / "i1.txt").unlink()
    (outside / "i1.txt").symlink_to(tmp_path / "secret.txt")
    assert cssp.read_qdpx(path, folder=outside).sources["text"].isna().sum() == 5
    path.write_text(text.replace("i1.txt", "../secret.txt"), encoding="utf-8")
    assert cssp.read_qdpx(path, folder=outside).sources["text"].isna().sum() == 5


def test_codebooks_go_to_and_fro(tmp_path):
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx"))
    assert cssp.write_qdc(project, tmp_path / "a.qdc") == []
    book = etree.parse(tmp_path / "a.qdc").getroot()
    assert book.tag == f"{{{CODEBOOK}}}CodeBook"
    again = cssp.read_qdc(tmp_path / "a.qdc")
    assert again.codes.equals(project.codes)
    assert again.sets["member"].tolist() == [guid(11)]
    cssp.write_qdc(again, tmp_path / "b.qdc")
    assert (tmp_path / "a.qdc").read_bytes() == (tmp_path / "b.qdc").read_bytes()
    with pytest.raises(DataError, match="no codes"):
        cssp.write_qdc(
            cssp.read_qdpx(archive(tmp_path / "c.qdpx", small(), {})), tmp_path / "c.qdc"
        )


def test_an_independent_reader_finds_the_same_in_the_default_study(tmp_path):
    pyrefiqda = pytest.importorskip("pyrefiqda")
    study = cssp.load_study()
    path = cssp.export_interviews(study, tmp_path / "study.qdpx")
    theirs = pyrefiqda.RefiProject.load(path, tmp_path / "out")
    segments = cssp.load_segments(study)

    def count(code):
        return 1 + sum(map(count, code.code))

    assert sorted(user.name for user in theirs.users.user) == ["A", "B"]
    assert sum(map(count, theirs.code_book.codes.code)) == len(study.codes.names)
    assert len(theirs.sources.text_source) == len(cssp.load_interviews(study))
    assert sum(
        len(p.coding) for s in theirs.sources.text_source for p in s.plain_text_selection
    ) == len(segments)
    cssp.export_interviews(study, tmp_path / "study.qdc")
    book = pyrefiqda.RefiCodebook.load(tmp_path / "study.qdc")
    assert sum(map(count, book.codes.code)) == len(study.codes.names)


def test_the_default_study_exported_comes_back_as_the_same_segments(tmp_path):
    study = cssp.load_study()
    path = cssp.export_interviews(study, tmp_path / "v.qdpx", ["vologda"])
    assert (
        path.read_bytes()
        == cssp.export_interviews(study, tmp_path / "w.qdpx", ["vologda"]).read_bytes()
    )
    project = cssp.open_project(path)
    names = {row.guid: row.guid for row in project.codes.itertuples()}
    from cssp.interviews.exchange.project import new_guid

    back = {new_guid("code", name): name for name in study.codes.names}
    segments, interviews = cssp.project_tables(
        project, "vologda", names={g: back[g] for g in names}
    )
    mine = cssp.load_segments(study, ["vologda"])
    order = ["interview", "coder", "start", "code"]
    columns = ["city", "interview", "coder", "code", "start", "end", "quotation"]
    assert (
        segments.sort_values(order)[columns].to_numpy().tolist()
        == mine.sort_values(order)[columns].to_numpy().tolist()
    )
    assert set(interviews["founded"]) == set(cssp.load_interviews(study, ["vologda"])["founded"])
    assert "invented" in project.root.findtext(f"{{{SPACE}}}Description")


CODE = f'<Code guid="{guid(1)}" name="c" isCodable="true"/>'


def source(inner: str, text: str = "abc") -> str:
    return f'<TextSource guid="{guid(5)}" name="i"><PlainTextContent>{text}</PlainTextContent>{inner}</TextSource>'


FIRST = guid(1)


def selected(start, end, code=FIRST, number=6):
    return f'<PlainTextSelection guid="{guid(number)}" startPosition="{start}" endPosition="{end}"><Coding guid="{guid(number + 100)}"><CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'


BAD = {
    "selection beyond its text": (
        small(CODE, source(selected(0, 4))),
        "lies outside its text 'i', which has 3 characters",
    ),
    "selection before its text": (small(CODE, source(selected(-1, 2))), "lies outside its text"),
    "selection that ends before it starts": (
        small(CODE, source(selected(2, 1))),
        "lies outside its text",
    ),
    "place that is no number": (small(CODE, source(selected("x", 1))), "no whole number"),
    "unknown code": (small(CODE, source(selected(0, 1, guid(9)))), "unknown code"),
    "guid twice": (small(CODE + CODE), "names two Code elements"),
    "hierarchy that holds itself": (
        small(f'<Code guid="{guid(1)}" name="a" isCodable="true">{CODE}</Code>'),
        "names two Code elements",
    ),
    "codes without guid": (small('<Code name="a" isCodable="true"/>'), "has no GUID"),
    "not well-formed": ("<Project", "not well-formed"),
    "no XML": ("", "not well-formed|holds no XML"),
    "another root": ("<Other/>", "not a REFI-QDA project"),
    "billion laughs": (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Project name="&b;"/>',
        "document type",
    ),
    "external entity": (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Project name="x"><Description>&a;</Description></Project>',
        "document type",
    ),
    "external document type": (
        '<!DOCTYPE Project SYSTEM "http://example.org/x.dtd"><Project name="x"/>',
        "document type",
    ),
    "document type in another encoding": (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []><Project name="x"/>'.encode(
            "utf-16"
        ),
        "document type",
    ),
    "broken UTF-8": (b'<Project name="\xff\xfe"/>', "not well-formed"),
    "an encoding that does not exist": (
        b'<?xml version="1.0" encoding="klingon"?><Project name="x"/>',
        "not well-formed",
    ),
    "value of an unknown variable": (
        small(
            CODE, source(f'<VariableValue><VariableRef targetGUID="{guid(8)}"/></VariableValue>')
        ),
        "unknown variable",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_get_one_clear_sentence(name, tmp_path):
    text, told = BAD[name]
    with pytest.raises(DataError, match=told):
        cssp.read_qdpx(archive(tmp_path / "a.qdpx", text, {}))
    bare = tmp_path / "a.qde"
    bare.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=told):
        cssp.read_qdpx(bare)


def test_bad_archives_get_one_clear_sentence(tmp_path):
    path = tmp_path / "a.qdpx"

    def refused(told, **limits):
        with pytest.raises(DataError, match=told):
            cssp.read_qdpx(path, limits=Limits(**limits))

    whole = archive(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused("cannot be read")
    path.write_bytes(b"PK\x03\x04" + b"\x00" * 40)
    refused("cannot be read")
    archive(path, name="other.xml")
    refused("no project.qde")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.qde", small())
        target.writestr("b.qde", small())
    refused("several .qde files")
    for name in ("../x.txt", "/etc/x", "a/../../x", "C:\\x", "..\\x"):
        with zipfile.ZipFile(path, "w") as target:
            target.writestr("project.qde", small())
            target.writestr(name, "x")
        refused("leads out of the project's folder")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("project.qde", small())
        link = zipfile.ZipInfo("Sources/link.txt")
        link.external_attr = 0o120777 << 16
        target.writestr(link, "/etc/passwd")
    refused("is a link")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("project.qde", small())
        with pytest.warns(UserWarning):
            target.writestr("project.qde", small())
    refused("stands twice")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("project.qde", small())
        target.writestr("PROJECT.QDE", small())
    refused("stands twice")
    archive(path, media={"zeros.txt": b"\x00" * 3_000_000})
    refused("more than 200 times")
    archive(path)
    refused("holds 7 files; at most 3", members=3)
    refused("would unpack to", size=10)
    refused("at most 10 are read", text=10)
    refused("once read; at most", memory=1000)
    archive(path, media={"i1.txt": "Денег нет".encode("cp1251")})
    refused("not in UTF-8")


def test_a_header_that_claims_five_gigabytes_is_not_believed(tmp_path):
    path = archive(tmp_path / "a.qdpx", media={"big.txt": b"x" * 100})
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (5 * 1024**3 % 2**32 | 0xF0000000).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    with pytest.raises(DataError, match="unpack to"):
        cssp.read_qdpx(path)


def test_two_users_of_one_name_are_kept_apart_and_said(tmp_path):
    users = f'<User guid="{guid(2)}" name="Anna"/><User guid="{guid(3)}" name="Anna"/>'
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx", small(CODE, "", users), {}))
    assert project.users["coder"].tolist() == ["Anna", "Anna (2)"]
    assert "2 users are named 'Anna'" in str(project.warnings[0])


def test_codes_that_differ_by_case_are_kept_and_said(tmp_path):
    codes = CODE + f'<Code guid="{guid(2)}" name="C" isCodable="true"/>'
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx", small(codes), {}))
    assert project.codes["code"].tolist() == ["c", "C"]
    assert "differ by case only" in str(project.warnings[0])
    assert cssp.code_system(project).names == ["c", "c_2"]


def test_a_failed_write_leaves_nothing(tmp_path):
    project = cssp.read_qdpx(archive(tmp_path / "a.qdpx"))
    (tmp_path / "a.qdpx").unlink()
    with pytest.raises(CsspError):
        cssp.write_qdpx(project, tmp_path / "b.qdpx")
    assert list(tmp_path.iterdir()) == []


def test_a_document_without_namespace_or_with_another_version_is_read(tmp_path):
    for text in (
        EVERYTHING.replace(f' xmlns="{SPACE}"', ""),
        EVERYTHING.replace(SPACE, "urn:QDA-XML:project:2.0"),
    ):
        project = cssp.read_qdpx(archive(tmp_path / "a.qdpx", text))
        assert len(project.codings) == 8


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [b"", b"PK\x03\x04", b"<Project", b"\xef\xbb\xbf<?xml", b"SQLite format 3\x00"]
    ),
)
def test_no_bytes_crash_the_readers(tmp_path_factory, tail, head):
    path = tmp_path_factory.mktemp("fuzz") / "x.qdpx"
    path.write_bytes(head + tail)
    for read in (
        cssp.read_qdpx,
        cssp.read_qdc,
        cssp.open_project,
        cssp.read_qualcoder,
        cssp.read_taguette,
    ):
        with pytest.raises(CsspError):
            read(path)


names = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(names, st.integers(0, 3)), min_size=1, max_size=6),
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(-1, 12), st.integers(-1, 12), st.integers(0, 6)),
        max_size=6,
    ),
)
def test_any_structure_is_read_or_refused_with_a_sentence(tmp_path_factory, codes, marks):
    from xml.sax.saxutils import quoteattr

    folder = tmp_path_factory.mktemp("structure")
    book = "".join(
        f'<Code guid="{guid(n if twice else n + 1)}" name={quoteattr(name)} isCodable="true"/>'
        for n, (name, twice) in enumerate(codes)
    )
    inner = "".join(
        selected(start, end, guid(code), 20 + number)
        for number, (_, start, end, code) in enumerate(marks)
    )
    path = archive(folder / "a.qdpx", small(book, source(inner, "abcdefgh")), {})
    try:
        project = cssp.read_qdpx(path)
    except DataError as error:
        assert str(error)
        return
    cssp.write_qdpx(project, folder / "b.qdpx")
    assert same(project, cssp.read_qdpx(folder / "b.qdpx"))


def test_xml_that_would_need_too_much_memory_is_refused_before_it_is_parsed():
    with pytest.raises(DataError, match="once read"):
        parsed(b"<a>" + b"<b/>" * 10_000 + b"</a>", "x", Limits(memory=100_000))


@pytest.mark.parametrize("counting", WAYS)
def test_places_are_written_as_the_receiving_tool_counts_and_come_back(counting, tmp_path):
    text = "🙏 Денег нет. 🙂\nИ людей 🏠 нет.\r\nКонец."
    words = ["Денег нет", "людей 🏠 нет", "Конец"]
    codings = pd.DataFrame(
        [
            {"interview": "i1", "code": "x", "coder": "a", "start": text.index(one),
             "end": text.index(one) + len(one)}
            for one in words
        ]
    )  # fmt: skip
    project = cssp.project_from_tables(
        "p",
        pd.DataFrame({"code": ["x"], "path": ["x"]}),
        pd.DataFrame({"interview": ["i1"], "text": [text]}),
        codings,
    )
    path = tmp_path / "p.qdpx"
    write_qdpx(project, path, counting)
    assert cssp.read_qdpx(path, newlines=counting).segments["quotation"].tolist() == words
    if counting.startswith("utf16"):
        with zipfile.ZipFile(path) as archive:
            assert b'startPosition="3"' in archive.read("project.qde")  # the emoji and a blank


def test_an_unknown_way_of_counting_and_an_unknown_tool_are_refused(study, tmp_path):
    with pytest.raises(DataError, match="no way of counting"):
        write_qdpx(cssp.study_project(study), tmp_path / "p.qdpx", "utf32")
    with pytest.raises(cssp.RunError, match="Did you mean 'nvivo'"):
        counting_of("nvivoo")
    assert not (tmp_path / "p.qdpx").exists()


def test_emoji_in_a_text_of_one_line_are_counted_by_the_words_noted(tmp_path):
    text = "😀 Добрый день. «Нет денег», сказал мэр. (Смеётся) — Да, — ответил он. "
    spans = ["«Нет денег»,", "(Смеётся)", "— Да,"]
    places = [("i1", 0, "a", text.index(one), text.index(one) + len(one)) for one in spans]
    study = CodedStudy({"i1": text}, [("", "x")], places)
    project = cssp.open_project(nvivo(study, tmp_path / "n.qdpx"))
    assert project.counting == "utf16"
    assert project.segments["quotation"].tolist() == spans


def test_a_text_that_was_changed_after_coding_is_told(tmp_path):
    study = CodedStudy({"i1": "Денег нет. Люди есть. Всё."}, [("", "x")], [("i1", 0, "a", 11, 21)])
    path = atlas(study, tmp_path / "a.qdpx")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, ("Вот. ".encode() + content) if name.endswith(".txt") else content)
    told = " ".join(problem.what for problem in cssp.open_project(path).warnings)
    assert "1 codings hold other words than the tool noted" in told
