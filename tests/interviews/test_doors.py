"""Other doors: QualCoder, Taguette, tables of coded segments, codes of answers; and projects that are joined."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from coded_projects import archive, guid, qualcoder, small, taguette
from conftest import ROOT

import cssp
from cssp import CsspError, DataError
from cssp.interviews.exchange.segment_headings import HEADINGS
from cssp.interviews.exchange.taguette import plain_text

REAL = ROOT.parent / "shared" / "real" / "qda"
real = pytest.mark.skipif(
    not REAL.is_dir(), reason="the real projects stand beside the project in ../shared/real"
)


def test_a_qualcoder_project_is_read_and_can_go_to_any_other_tool(tmp_path):
    folder = tmp_path / "study.qda"
    qualcoder(folder / "data.qda")
    before = (folder / "data.qda").read_bytes()
    project = cssp.read_qualcoder(folder)
    assert project.codes["path"].tolist() == [
        "barriers",
        "barriers > money",
        "barriers > money > too little",
        "people",
    ]
    assert project.codes["codable"].tolist() == [False, False, True, True]
    assert project.segments[["coder", "code", "quotation"]].to_numpy().tolist() == [
        ["anna", "too little", "Денег нет"],
        ["boris", "people", "Людей нет"],
    ]
    assert project.texts.loc[0, ["case", "founded", "held"]].tolist() == [
        "NPO 1",
        "2011",
        "2024-03-01",
    ]
    assert "1 codings of images, 1 files without text" in project.warnings[-1].what
    assert (folder / "data.qda").read_bytes() == before
    cssp.write_qdpx(project, tmp_path / "a.qdpx")
    assert cssp.open_project(tmp_path / "a.qdpx").segments.equals(project.segments)
    assert cssp.open_project(folder / "data.qda").segments.equals(project.segments)


def test_a_taguette_project_is_read_with_places_in_code_points(tmp_path):
    project = cssp.read_taguette(taguette(tmp_path / "t.sqlite3"))
    assert project.segments[["coder", "code", "quotation"]].to_numpy().tolist() == [
        ["anna", "money.little", "Денег\xa0нет"],
        ["anna", "people", "Денег\xa0нет"],
        ["?", "people", "Людей"],
    ]
    assert project.codes["path"].tolist() == ["money", "money > money.little", "people"]
    selections = project.root.findall(".//{*}PlainTextSelection")
    assert len(selections) == 3, "a highlight without a tag stays a selection"
    assert project.codings["created"].iloc[0] == "2024-01-02T03:04:05"


def test_a_codebook_that_taguette_imports(tmp_path):
    project = cssp.study_project(cssp.load_study(), ["vologda"])
    path = cssp.write_taguette_codebook(project, tmp_path / "codes.csv")
    table = pd.read_csv(path)
    assert list(table.columns) == ["path", "description"]
    assert len(table) == len(project.codes) == table["path"].nunique()
    assert (table["path"].str.count(r"\.") > 0).sum() == (project.codes["depth"] > 0).sum()


@real
def test_the_real_taguette_database_has_the_counts_of_the_manifest():
    path = REAL / "taguette_sample.sqlite3"
    project = cssp.read_taguette(path)
    told = project.counts().set_index("part")["count"]
    assert (told["text sources"], told["codes"], told["codings"]) == (10, 6, 24)
    assert project.codings["selection"].nunique() == 18
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as base:
        snippets = {
            " ".join(plain_text(html).split())
            for (html,) in base.execute("SELECT snippet FROM highlights")
        }
    assert {" ".join(words.split()) for words in project.segments["quotation"]} == snippets


def test_sqlite_files_that_are_none_locked_or_something_else(tmp_path):
    path = tmp_path / "x.sqlite3"
    path.write_text("no database")
    for read in (cssp.read_taguette, cssp.read_qualcoder):
        with pytest.raises(DataError, match="not a SQLite file"):
            read(path)
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / "missing")
    path.write_bytes(b"SQLite format 3\x00" + b"\x01" * 5000)
    with pytest.raises(DataError, match="damaged|cannot be read"):
        cssp.read_taguette(path)
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE other (id)")
    base.close()
    for read in (cssp.read_taguette, cssp.read_qualcoder):
        with pytest.raises(DataError, match="has no table"):
            read(path)
    with pytest.raises(DataError, match="neither QualCoder's nor Taguette's"):
        cssp.open_project(path)
    path.unlink()
    qualcoder(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DataError, match="locked"):
        cssp.read_qualcoder(path)
    holder.execute("ROLLBACK")
    holder.close()
    assert len(cssp.read_qualcoder(path).codings) == 2


def test_a_view_in_a_database_is_not_run(tmp_path):
    path = tmp_path / "x.sqlite3"
    with sqlite3.connect(path) as base:
        base.execute("CREATE VIEW projects AS SELECT 1 AS id, 'x' AS name, '' AS description")
    base.close()
    with pytest.raises(DataError, match="has no table 'projects'"):
        cssp.read_taguette(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("UPDATE code_cat SET supercatid = 2 WHERE catid = 1", "goes round in a circle"),
        ("UPDATE code_text SET pos1 = 99", "lies outside its text"),
        ("UPDATE code_text SET pos0 = 'x'", "no whole number"),
        ("UPDATE code_text SET cid = 77", "unknown code"),
    ],
)
def test_qualcoder_databases_that_do_not_fit(line, told, tmp_path):
    with pytest.raises(DataError, match=told):
        cssp.read_qualcoder(qualcoder(tmp_path / "data.qda", (line,)))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("UPDATE highlights SET end_offset = 999", "lies outside its document"),
        ("UPDATE highlights SET start_offset = 'x'", "no whole number"),
        ("INSERT INTO projects VALUES (2, 'other', '', '')", "holds 2 projects"),
        ("DELETE FROM projects", "holds 0 projects"),
    ],
)
def test_taguette_databases_that_do_not_fit(line, told, tmp_path):
    with pytest.raises(DataError, match=told):
        cssp.read_taguette(taguette(tmp_path / "t.sqlite3", (line,)))


def test_one_of_several_taguette_projects(tmp_path):
    path = taguette(tmp_path / "t.sqlite3", ("INSERT INTO projects VALUES (2, 'other', '', '')",))
    assert len(cssp.read_taguette(path, "study").codings) == 3
    assert len(cssp.read_taguette(path, 2).codings) == 0
    with pytest.raises(DataError, match="Did you mean 'study'"):
        cssp.read_taguette(path, "studi")


TEXTS = pd.DataFrame(
    {"interview": ["i1", "i2"], "text": ["Денег нет.\nДенег нет. Людей нет.", "Всё хорошо."]}
)

TABLES = {
    "maxqda_en": "Document name;Code;Segment;Created by;Beginning;End\ni1;Barriers\\Money;Людей  нет;anna;2;2\ni2;People;Всё хорошо;boris;1;1\n",
    "maxqda_de": "Dokumentname;Code;Codiertes Segment;Erstellt von;Anfang;Ende\ni1;Barriers\\Money;Людей нет;anna;2;2\ni2;People;Всё хорошо;boris;1;1\n",
    "maxqda_ru": "Документ;Код;Сегмент;Автор;Начало;Конец\ni1;Barriers\\Money;Людей нет;anna;2;2\ni2;People;Всё хорошо;boris;1;1\n",
    "qualcoder": '"File/case","Coder","Coded","Id","Codename","Coded_Memo"\n"i1","anna","Людей нет","1","Barriers > Money",""\n"i2","boris","Всё хорошо","2","People",""\n',
    "own": "interview,coder,code,start,end\ni1,anna,Barriers>Money,22,31\ni2,boris,People,0,10\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_coded_segments_in_three_languages(name, tmp_path):
    path = tmp_path / f"{name}.csv"
    path.write_text(TABLES[name], encoding="utf-8")
    project = cssp.read_segment_table(path, TEXTS)
    told = project.segments
    assert told[["interview", "coder", "code", "start", "end"]].to_numpy().tolist() == [
        ["i1", "anna", "Money", 22, 31],
        ["i2", "boris", "People", 0, 10],
    ]
    assert project.codes["path"].tolist() == ["Barriers", "Barriers > Money", "People"]


def test_an_excel_table_and_a_table_without_texts(tmp_path):
    path = tmp_path / "t.xlsx"
    pd.DataFrame(
        {
            "id": ["1", "1", "2"],
            "document": "i1",
            "tag": ["money", "people", ""],
            "content": ["Денег нет", "Денег нет", "x"],
        }
    ).to_excel(path, index=False)
    project = cssp.open_project(path)
    assert project.segments["quotation"].tolist() == ["Денег нет", "Денег нет"]
    told = " ".join(problem.what for problem in project.warnings)
    assert "made of its excerpts" in told
    assert "does not say who coded" in told


def test_tables_that_do_not_fit(tmp_path):
    path = tmp_path / "t.csv"

    def refused(text, told, **options):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=told):
            cssp.read_segment_table(path, **{"texts": TEXTS, **options})

    refused("document;code\ni1;x\n", "neither places nor the words")
    refused("a;code\ni1;x\n", "No heading says which column is the interview")
    refused("document;file;code;segment\ni1;i1;x;y\n", "could both be the interview", headings={})
    refused("interview;code;segment\ni9;x;y\n", "no text of the interview 'i9'")
    refused("interview;code;segment\ni1;x;Чего-то нет\n", "are not in the text of 'i1'")
    refused("interview;code;segment\n;x;y\n", "names no interview")
    refused("interview;code;segment\ni1;;y\n", "no coded segment")
    refused("interview;code;start;end\ni1;x;a;2\n", "not a place in the text")
    refused("interview;code;start;end\ni1;x;0;200\n", "lies outside its text")
    refused(
        "interview;code;segment\ni1;x;y\n",
        "not what a heading can stand for",
        headings={"koder": "x"},
    )
    refused("interview;code;segment\ni1;x;Денег нет\n", "no way to treat", unplaced="skip")
    path.write_text("interview;code;segment\ni1;x;Денег нет\ni1;x;Чего-то нет\n", encoding="utf-8")
    project = cssp.read_segment_table(path, TEXTS, unplaced="leave out")
    told = " ".join(problem.what for problem in project.warnings)
    assert "1 of 2 segments are not in their texts" in told
    assert "1 segments stand several times" in told


def test_a_heading_is_declared_where_it_is_not_known(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Quelle X;Kategorie;Zitat\ni1;x;Денег нет\n", encoding="utf-8")
    project = cssp.read_segment_table(
        path, TEXTS, {"interview": "Quelle X", "code": "Kategorie"}, coder="anna"
    )
    assert project.segments["coder"].tolist() == ["anna"]


def test_no_heading_is_known_for_two_roles():
    taken = {}
    for role, names in HEADINGS.items():
        for name in names:
            assert name == name.casefold()
            assert taken.setdefault(name, role) == role, name


def answers(path, rows):
    pd.DataFrame(rows, columns=["id", "answer", "Code 1", "Code 2"]).to_csv(path, index=False)
    return path


def test_codes_of_answers(tmp_path):
    a = answers(
        tmp_path / "a.csv",
        [
            ["1", "Нет денег", "money", "money->little"],
            ["2", "Нет людей", "people", ""],
            ["3", "Не знаю", "", ""],
        ],
    )
    b = answers(
        tmp_path / "b.csv",
        [
            ["1", "Нет денег", "money", ""],
            ["2", "Нет людей", "people", ""],
            ["3", "Не знаю", "none", ""],
        ],
    )
    project = cssp.read_answer_codes({"A": a, "B": b}, "id", "answer")
    assert project.codes["path"].tolist() == ["money", "money > little", "people", "none"]
    assert "gave no code to 1 of 3 respondents" in project.warnings[-1].what
    segments, interviews = cssp.project_tables(project)
    assert interviews["coders"].tolist() == [["A", "B"], ["A", "B"], ["B"]]
    assert cssp.project_tables(project, coded="all")[1]["coders"].tolist()[2] == ["A", "B"]
    assert set(segments["quotation"]) == {"Нет денег", "Нет людей", "Не знаю"}
    with pytest.raises(DataError, match="lacks 1 respondents"):
        cssp.read_answer_codes(
            {"A": a, "B": answers(b, [["1", "", "x", ""], ["2", "", "x", ""]])}, "id"
        )
    with pytest.raises(DataError, match="stands twice"):
        cssp.read_answer_codes({"A": answers(b, [["1", "", "x", ""], ["1", "", "x", ""]])}, "id")
    with pytest.raises(DataError, match="no column"):
        cssp.read_answer_codes({"A": a}, "respondent")


@real
@pytest.mark.parametrize("name", ["N3", "N4"])
def test_real_answers_of_two_coders_have_the_same_respondents(name):
    folder = REAL / "two_coders"
    heading = pd.read_csv(folder / f"{name}_primary.csv").columns[1]
    files = {who: folder / f"{name}_{who}.csv" for who in ("primary", "secondary")}
    project = cssp.read_answer_codes(files, "ResponseId", heading)
    assert len(project.sources) == 99
    assert "gave no code to 79 of 99" in str(project.warnings[-1])


def copies(tmp_path):
    """Two copies of a project, coded apart: one shares a coding, one source has another name, one code was changed, one is new."""
    users = f'<User guid="{guid(1)}" name="Anna"/>', f'<User guid="{guid(2)}" name="Boris"/>'
    codes = (
        f'<Code guid="{guid(10)}" name="money" isCodable="true" color="#111111"><Description>old</Description></Code>',
        f'<Code guid="{guid(10)}" name="money" isCodable="true" color="#222222"><Description>new</Description></Code><Code guid="{guid(99)}" name="people" isCodable="true"/>',
    )

    def source(name, user, number, places, code="", shared=""):
        inner = "".join(
            f'<PlainTextSelection guid="{guid(number + n)}" startPosition="{a}" endPosition="{b}" creatingUser="{user}"><Coding guid="{guid(number + 50 + n)}" creatingUser="{user}"><CodeRef targetGUID="{code or guid(10)}"/></Coding></PlainTextSelection>'
            for n, (a, b) in enumerate(places)
        )
        return f'<TextSource guid="{guid(number + 90)}" name="{name}"><PlainTextContent>Денег нет. Людей нет.</PlainTextContent>{shared}{inner}</TextSource>'

    first = small(codes[0], source("i1", guid(1), 100, [(0, 9)]), users[0])
    second = small(
        codes[1], source("interview 1", guid(2), 300, [(0, 9), (11, 20)], guid(99)), users[1]
    )
    return cssp.read_qdpx(archive(tmp_path / "a.qdpx", first, {})), cssp.read_qdpx(
        archive(tmp_path / "b.qdpx", second, {})
    )


def test_two_copies_are_merged_by_content_and_every_conflict_is_told(tmp_path):
    first, second = copies(tmp_path)
    merged, conflicts = cssp.merge_projects(first, second)
    assert len(merged.sources) == 1
    assert merged.segments[["coder", "code", "quotation"]].to_numpy().tolist() == [
        ["Anna", "money", "Денег нет"],
        ["Boris", "people", "Денег нет"],
        ["Boris", "people", "Людей нет"],
    ]
    told = conflicts.set_index("kind")
    assert told.loc["source", ["first", "second"]].tolist() == ["i1", "interview 1"]
    assert set(told.loc["code", "first"]) == {"color: #111111", "old"}
    segments, interviews = cssp.project_tables(merged)
    assert interviews["coders"].tolist() == [["Anna", "Boris"]]
    cssp.write_qdpx(merged, tmp_path / "m.qdpx")
    assert cssp.read_qdpx(tmp_path / "m.qdpx").segments.equals(merged.segments)


def test_merging_a_project_with_itself_changes_nothing(tmp_path):
    study = cssp.study_project(cssp.load_study(), ["vologda"])
    everything = cssp.read_qdpx(archive(tmp_path / "a.qdpx"))
    for project in (study, everything):
        merged, conflicts = cssp.merge_projects(project, project)
        assert conflicts.empty
        assert merged.counts().equals(project.counts())
        assert merged.codings.equals(project.codings)


def test_a_merge_loses_no_coding_of_either(tmp_path):
    study = cssp.load_study()
    segments, interviews = (
        cssp.load_segments(study, ["vologda"]),
        cssp.load_interviews(study, ["vologda"]),
    )
    from cssp.interviews.export import code_rows

    def only(coder):
        own = segments[segments["coder"] == coder]
        return cssp.project_from_tables(
            "half", code_rows(study.codes, "en"), interviews[["interview", "text"]], own
        )

    merged, conflicts = cssp.merge_projects(only("A"), only("B"))
    assert conflicts.empty
    whole = cssp.study_project(study, ["vologda"])
    key = ["interview", "coder", "code", "start", "end"]
    assert (
        merged.segments.sort_values(key)[key].to_numpy().tolist()
        == whole.segments.sort_values(key)[key].to_numpy().tolist()
    )


def test_a_text_that_was_changed_in_one_copy_is_not_merged(tmp_path):
    first, _ = copies(tmp_path)
    text = (tmp_path / "a.qdpx").read_bytes()
    assert text
    changed = small(
        f'<Code guid="{guid(10)}" name="money" isCodable="true"/>',
        f'<TextSource guid="{guid(190)}" name="i1"><PlainTextContent>Другой текст.</PlainTextContent></TextSource>',
    )
    with pytest.raises(DataError, match="not the same in both projects"):
        cssp.merge_projects(first, cssp.read_qdpx(archive(tmp_path / "c.qdpx", changed, {})))


def test_one_guid_for_two_things_gets_a_new_one_and_is_told(tmp_path):
    first, second = copies(tmp_path)
    code = f'<Code guid="{guid(10)}" name="money" isCodable="true"/>'
    clash = small(
        code,
        f'<TextSource guid="{guid(500)}" name="i2"><PlainTextContent>Всё.</PlainTextContent><PlainTextSelection guid="{guid(100)}" startPosition="0" endPosition="1"><Coding guid="{guid(150)}"><CodeRef targetGUID="{guid(10)}"/></Coding></PlainTextSelection></TextSource>',
    )
    merged, conflicts = cssp.merge_projects(
        first, cssp.read_qdpx(archive(tmp_path / "c.qdpx", clash, {}))
    )
    assert len(merged.codings) == 2
    assert conflicts["decision"].str.contains("new GUID").sum() == 2


def test_one_coders_part_of_a_project(tmp_path):
    import dataclasses

    project = cssp.study_project(cssp.load_study(), ["vologda"])
    halves = [cssp.only_coders(project, [coder]) for coder in ("A", "B")]
    assert [set(half.codings["coder"]) for half in halves] == [{"A"}, {"B"}]
    assert sum(len(half.codings) for half in halves) == len(project.codings)
    merged, conflicts = cssp.merge_projects(*halves)
    assert conflicts.empty
    assert len(merged.codings) == len(project.codings)
    assert merged.cases.equals(project.cases)
    with pytest.raises(DataError, match="no coder 'C'"):
        cssp.only_coders(project, ["C"])
    changed = dataclasses.replace(project, codings=project.codings[project.codings["coder"] == "A"])
    with pytest.raises(DataError, match="tables are for reading"):
        cssp.write_qdpx(changed, tmp_path / "a.qdpx")
    assert not (tmp_path / "a.qdpx").exists()


def test_projects_without_a_common_source_are_joined_and_said(tmp_path):
    first, _ = copies(tmp_path)
    other = cssp.read_taguette(taguette(tmp_path / "t.sqlite3"))
    merged, conflicts = cssp.merge_projects(first, other)
    assert len(merged.codings) == len(first.codings) + len(other.codings)
    assert conflicts["decision"].str.contains("no source is the same").any()


@pytest.mark.parametrize("name", ["x.docx", "x.pdf", "x"])
def test_what_is_no_project_is_told_what_a_project_is(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"something else")
    with pytest.raises(DataError, match=r"Name a \.qdpx"):
        cssp.open_project(path)


def test_the_command_line_adds_exports_drafts_and_merges(tmp_path, capsys, monkeypatch):
    from cssp.cli.main import app

    def run(*words):
        try:
            app(list(words), standalone_mode=False)
        except CsspError as error:
            return str(error)
        return capsys.readouterr().out

    assert "all.qdpx" in run("export", str(tmp_path / "all.qdpx"), "--city", "vologda")
    assert "32 codes written" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.yaml")
    )
    assert "is there already" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.yaml")
    )
    out = run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "m.qdpx")
    )
    assert "165 codings by 2 coders" in out
    assert "0 conflicts" in out
    assert "is one of the projects" in run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx")
    )
    assert "should end in .qdpx" in run(
        "merge", str(tmp_path / "all.qdpx"), str(tmp_path / "all.qdpx"), str(tmp_path / "m.docx")
    )
    assert "no labels in 'de'" in run("export", str(tmp_path / "x.qdpx"), "-l", "de")
    assert "should end in .yaml" in run(
        "draft-codes", str(tmp_path / "all.qdpx"), str(tmp_path / "codes.txt")
    )


def test_a_city_whose_interviews_are_a_project(tmp_path):
    """The default study's interviews, exported and read back as a tool's project, give the same results."""
    import shutil

    from cssp.draft.interviews import add_interviews

    shutil.copytree(ROOT / "data", tmp_path / "study")
    study = cssp.load_study(tmp_path / "study")
    project = cssp.export_interviews(study, tmp_path / "study" / "v.qdpx", ["vologda"], "ru")
    path, proposal, warnings = add_interviews(study, "elsewhere", project)
    assert (proposal["name"] != "").all()
    assert warnings == ()
    text = (
        path.read_text(encoding="utf-8")
        .replace("TODO: the region", "region")
        .replace("TODO: who was interviewed, when", "a test")
        .replace("# TODO: the language of the texts", "")
    )
    path.write_text(
        text.replace("synthetic: false", "synthetic: true").replace(
            "  provenance", "  status: invented\n  provenance"
        ),
        encoding="utf-8",
    )
    study = cssp.load_study(tmp_path / "study")
    assert cssp.check(study, ["elsewhere"]).query("severity == 'error'").empty
    here, there = (
        cssp.agreement(
            cssp.load_segments(study, [c]),
            cssp.load_interviews(study, [c]),
            study.codes,
            replicates=50,
        )
        for c in ("elsewhere", "vologda")
    )
    assert here.equals(there)
    again = cssp.export_interviews(study, tmp_path / "study" / "w.qdpx", ["elsewhere"], "ru")
    assert cssp.open_project(again).segments.equals(cssp.open_project(project).segments)
    assert list(cssp.project_tables(cssp.open_project(again))[1].columns) == list(
        cssp.project_tables(cssp.open_project(project))[1].columns
    )
    with pytest.raises(CsspError, match="has interviews already"):
        add_interviews(study, "elsewhere", project)


def test_codes_that_the_study_does_not_have_are_reported_or_declared(tmp_path):
    import shutil

    shutil.copytree(ROOT / "data", tmp_path / "study")
    study = cssp.load_study(tmp_path / "study")
    (tmp_path / "t.csv").write_text(
        "interview,coder,code,segment\ni1,A,нет помещения,Негде сидеть\ni1,A,что-то,Другое\n",
        encoding="utf-8",
    )
    city = tmp_path / "study" / "cities" / "new" / "city.yaml"
    city.parent.mkdir(parents=True)
    base = "name: {en: New, ru: Новый}\nregion: {en: R, ru: Р}\nsynthetic: true\ninterviews:\n  project: ../../../t.csv\n  status: invented\n  provenance: {source: a test}\n"
    city.write_text(base, encoding="utf-8")
    listed = tmp_path / "study" / "study.yaml"
    from cssp.draft.city_yaml import with_city

    listed.write_text(
        with_city(listed.read_text(encoding="utf-8"), study.cities, "new"), encoding="utf-8"
    )
    study = cssp.load_study(tmp_path / "study")
    with pytest.raises(DataError, match="'что-то' is not in the study's code system"):
        cssp.load_segments(study, ["new"])
    city.write_text(base + "  codes: {что-то: res_stuff}\n", encoding="utf-8")
    with pytest.raises(DataError, match="Did you mean 'res_staff'"):
        cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])
    city.write_text(base + "  codes: {что-то: ''}\n", encoding="utf-8")
    assert cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])["code"].tolist() == [
        "res_premises"
    ]
    city.write_text(base + "  segments: x.csv\n", encoding="utf-8")
    with pytest.raises(CsspError, match="'project' holds its segments"):
        cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])


def test_cities_whose_texts_are_cut_otherwise_are_not_cut_together(tmp_path):
    import shutil

    told = cssp.text_settings(cssp.load_study())
    assert told["language"] == "ru"
    assert {"— ", "Интервьюер:", "Q:"} <= set(told["question"])
    shutil.copytree(ROOT / "data", tmp_path / "study")
    city = tmp_path / "study" / "cities" / "vologda" / "city.yaml"
    city.write_text(
        city.read_text(encoding="utf-8").replace(
            "  language: ru", '  language: en\n  questions: ["Q: "]'
        ),
        encoding="utf-8",
    )
    study = cssp.load_study(tmp_path / "study")
    assert cssp.text_settings(study, ["vologda"]) == {"language": "en", "question": ("Q: ",)}
    with pytest.raises(DataError, match="in another language"):
        cssp.text_settings(study)


def test_qualcoders_table_with_several_categories(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text(
        '"File/case","Coder","Coded","Id","Codename","Coded_Memo","Category","Category"\n"i1","anna","Людей нет","1","Money","","a","b"\n',
        encoding="utf-8",
    )
    assert cssp.read_segment_table(path, TEXTS).segments["code"].tolist() == ["Money"]


# ---------------------------------------------------------------- RQDA and Dedoose


def rqda(path: Path, text: str = "🙏 Денег нет. Людей нет.") -> Path:
    """A project as RQDA keeps it, by the tables of its help page."""
    with sqlite3.connect(path) as base:
        base.executescript(
            """
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
            CREATE TABLE caseAttr (variable text, value text, caseID integer, date text,
                dateM text, owner text, status integer);
            """
        )
        base.execute("INSERT INTO source VALUES ('i1', 1, ?, 'a memo', 'A', '', '', 1)", (text,))
        base.execute("INSERT INTO source VALUES ('old', 2, 'x', '', 'A', '', '', 0)")
        for name, key, status in (
            ("Деньги", 1, 1),
            ("Другое", 2, 1),
            ("Другое", 3, 1),
            ("y", 4, 0),
        ):
            base.execute("INSERT INTO freecode VALUES (?, '', 'A', '', '', ?, ?, '')",
                         (name, key, status))  # fmt: skip
        for name, key in (("Барьеры", 1), ("Опора", 2)):
            base.execute("INSERT INTO codecat VALUES (?, 0, ?, 'A', '', '', '', 1)", (name, key))
        for code, category in ((1, 1), (2, 1), (3, 2)):
            base.execute("INSERT INTO treecode VALUES (?, ?, '', '', '', 1, 'A')", (code, category))
        for code, words, owner, status in (
            (1, "Денег нет", "Анна", 1), (2, "Людей нет", "Анна", 1), (3, "Людей нет", "Борис", 1),
            (1, "Людей", "Борис", 0),
        ):  # fmt: skip
            at = text.index(words)
            base.execute("INSERT INTO coding VALUES (?, 1, ?, ?, ?, ?, ?, '', '')",
                         (code, words, at, at + len(words), status, owner))  # fmt: skip
        base.execute("INSERT INTO cases VALUES ('Клуб', '', 'A', '', '', 7, 1)")
        base.execute("INSERT INTO caselinkage VALUES (7, 1, 0, 5, 1, 'A', '', '')")
        base.execute("INSERT INTO caseAttr VALUES ('сфера', 'спорт', 7, '', '', 'A', 1)")
    return path


def test_an_rqda_project(tmp_path):
    project = cssp.open_project(rqda(tmp_path / "p.rqda"))
    told = project.segments[["interview", "coder", "quotation"]].to_numpy().tolist()
    assert told == [["i1", "Анна", "Денег нет"], ["i1", "Анна", "Людей нет"],
                    ["i1", "Борис", "Людей нет"]]  # fmt: skip
    paths = dict(zip(project.codes["guid"], project.codes["path"], strict=True))
    assert [paths[guid] for guid in project.codings["code_guid"]] == [
        "Барьеры > Деньги", "Барьеры > Другое", "Опора > Другое"
    ]  # fmt: skip
    assert project.texts[["case", "сфера"]].to_numpy().tolist() == [["Клуб", "спорт"]]
    (warning,) = [p.what for p in project.warnings if "Left behind" in p.what]
    for part in ("1 files", "1 codes", "1 codings", "1 memos of files"):
        assert part in warning


def test_dedoose_has_a_column_a_code(tmp_path):
    table = pd.DataFrame(
        {
            "Media Title": ["i1", "i1"], "Excerpt Creator": ["anna", "boris"],
            "Excerpt Copy": ["Нет денег", "Нет людей"], "Codes Applied Combined": ["a", "b"],
            "Code: Деньги Applied": ["True", "False"], "Code: Деньги Weight": ["1", ""],
            "Code: Люди, кадры Applied": ["True", "True"],
        }
    )  # fmt: skip
    table.to_excel(tmp_path / "excerpts.xlsx", index=False)
    project = cssp.open_project(tmp_path / "excerpts.xlsx")
    told = project.segments[["coder", "code", "quotation"]].to_numpy().tolist()
    assert told == [["anna", "Деньги", "Нет денег"], ["anna", "Люди, кадры", "Нет денег"],
                    ["boris", "Люди, кадры", "Нет людей"]]  # fmt: skip
