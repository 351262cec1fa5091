"""Tests of `interviews/exchange/merge`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_projects import archive, guid, small, taguette

import cssp
from cssp import DataError
from cssp.simulate.coded import CodedStudy, maxqda


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
    from cssp.interviews.study_project import code_rows

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


def test_projects_without_a_common_source_are_joined_and_said(tmp_path):
    first, _ = copies(tmp_path)
    other = cssp.read_taguette(taguette(tmp_path / "t.sqlite3"))
    merged, conflicts = cssp.merge_projects(first, other)
    assert len(merged.codings) == len(first.codings) + len(other.codings)
    assert conflicts["decision"].str.contains("no source is the same").any()


def excerpts(path, coder, rows):
    """A list of segments without texts, as MAXQDA exports it."""
    table = pd.DataFrame(rows, columns=["Document name", "Code", "Beginning", "Segment"])
    table.assign(End=table["Beginning"], Author=coder).to_excel(path, index=False)
    return cssp.open_project(path)


def test_excerpts_of_two_lists_are_joined_by_document_and_place(tmp_path):
    first = excerpts(tmp_path / "a.xlsx", "anna", [
        ("i1", "money", 3, "Да"), ("i1", "people", 5, "Нет людей"), ("i2", "money", 1, "Да"),
    ])  # fmt: skip
    second = excerpts(tmp_path / "b.xlsx", "boris", [
        ("i1", "money", 7, "Да"), ("i1", "people", 5, "Нет людей"), ("i1", "people", 1, "А 🙂"),
    ])  # fmt: skip
    merged, conflicts = cssp.merge_projects(first, second)
    assert conflicts.empty
    told = merged.segments[merged.segments["interview"] == "i1"]
    where = {
        (row.coder, row.quotation): (row.start, row.end) for row in told.itertuples(index=False)
    }
    assert where["anna", "Да"] != where["boris", "Да"]  # the same words, another paragraph
    assert where["anna", "Нет людей"] == where["boris", "Нет людей"]
    assert sorted(told["quotation"]) == ["А 🙂", "Да", "Да", "Нет людей", "Нет людей"]
    assert merged.segments["quotation"].tolist().count("Да") == 3
    cssp.write_qdpx(merged, tmp_path / "m.qdpx")
    back = cssp.open_project(tmp_path / "m.qdpx").segments
    assert back["quotation"].tolist() == merged.segments["quotation"].tolist()


def test_excerpts_without_places_are_joined_by_words_and_that_is_said(tmp_path):
    table = pd.DataFrame({"Document": ["i1", "i1"], "Code": ["a", "b"], "Segment": ["Да", "Да"]})
    table.to_excel(tmp_path / "a.xlsx", index=False)
    project = cssp.open_project(tmp_path / "a.xlsx")
    assert any("says no places" in problem.what for problem in project.warnings)


def test_a_selection_for_each_coding_of_a_place_is_merged_once(tmp_path):
    """MAXQDA writes them so: merging a project with itself adds nothing."""
    study = CodedStudy(
        {"i1": "Денег нет. Люди есть."},
        [("", "x"), ("", "y")],
        [("i1", 0, "a", 0, 10), ("i1", 1, "a", 0, 10)],
    )
    project = cssp.open_project(maxqda(study, tmp_path / "a.qdpx"))
    merged, _ = cssp.merge_projects(project, project)
    assert merged.segments["code"].tolist() == ["x", "y"]
    again, _ = cssp.merge_projects(merged, project)
    assert len(again.codings) == 2


def test_excerpts_of_other_interviews_stay_apart_whatever_their_words(tmp_path):
    lists = []
    for name, coder in (("i1", "anna"), ("i2", "boris")):
        rows = {"Document": [name], "Code": ["a"], "Segment": ["Нет денег."], "Author": [coder]}
        pd.DataFrame(rows).to_excel(tmp_path / f"{name}.xlsx", index=False)
        lists.append(cssp.open_project(tmp_path / f"{name}.xlsx"))
    merged, _ = cssp.merge_projects(*lists)
    assert merged.segments["interview"].tolist() == ["i1", "i2"]
