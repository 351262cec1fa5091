"""Coded projects come in whole: each kind of fault that once came in silently is right, or is said."""

from __future__ import annotations

import zipfile

import openpyxl
import pandas as pd
import pytest
import yaml
from coded_projects import archive, guid, qualcoder, small
from conftest import study_of
from hypothesis import given
from hypothesis import strategies as st

import cssp
from cssp.draft.check import find_problems
from cssp.interviews.attributes import natural
from cssp.interviews.exchange.line_ends import WAYS, places
from cssp.interviews.exchange.merge import merge_projects
from cssp.interviews.exchange.places import places_by_words
from cssp.interviews.units import answer_places
from cssp.study.problems import errors_in

EMOJI = "Спасибо 🙏🙏 за вопрос. Денег нет совсем."


def book(path, rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def said(project, words: str) -> bool:
    return any(words in problem.what for problem in project.warnings)


# ---------------------------------------------------------------- places


@given(st.text(alphabet="ab\r\n🙏ё", max_size=12), st.sampled_from(WAYS))
def test_places_are_those_of_the_slow_definition(text, way):
    slow = []
    for at, letter in enumerate(text):
        after_return = at > 0 and text[at - 1] == "\r"
        times = 2 if way.startswith("utf16") and letter == "🙏" else 1
        if letter == "\n" and way.endswith("one") and after_return:
            times = 0
        if letter == "\n" and way.endswith("two") and not after_return:
            times = 2
        slow += [at] * times
    assert places(text, way).tolist() == [*slow, len(text)]


@pytest.mark.parametrize("unit", ["utf-16-le", "utf-8", "utf-32-le"])
def test_places_are_brought_to_the_words_that_were_noted(unit):
    words = "Денег нет"
    at = EMOJI.index(words)
    width = {"utf-16-le": 2, "utf-8": 1, "utf-32-le": 4}[unit]
    start = len(EMOJI[:at].encode(unit)) // width
    end = len(EMOJI[: at + len(words)].encode(unit)) // width
    (first, last), _, strange = places_by_words([EMOJI], [start], [end], [words])
    assert EMOJI[first[0] : last[0]] == words
    assert strange == []


def test_a_project_that_counts_emoji_as_two_is_read_by_its_words(tmp_path):
    words = "Денег нет"
    start = len(EMOJI[: EMOJI.index(words)].encode("utf-16-le")) // 2
    source = (
        f'<TextSource guid="{guid(50)}" name="i1"><PlainTextContent>{EMOJI}</PlainTextContent>'
        f'<PlainTextSelection guid="{guid(60)}" name="{words}" startPosition="{start}" '
        f'endPosition="{start + len(words)}" creatingUser="{guid(1)}"><Coding guid="{guid(70)}" '
        f'creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(10)}"/></Coding></PlainTextSelection></TextSource>'
    )
    document = small(
        f'<Code guid="{guid(10)}" name="c" isCodable="true"/>',
        source,
        f'<User guid="{guid(1)}" name="A"/>',
    )
    project = cssp.open_project(archive(tmp_path / "p.qdpx", document, {}))
    assert project.segments["quotation"].tolist() == [words]
    assert said(project, "an emoji as two characters")


def test_words_that_are_not_at_their_place_are_listed(tmp_path):
    file = qualcoder(
        tmp_path / "data.qda", ("UPDATE code_text SET seltext = 'Другие слова' WHERE cid = 1",)
    )
    assert said(cssp.open_project(file), "hold other words than the tool noted")


# ---------------------------------------------------------------- identity


def test_codes_of_qualcoder_are_what_their_path_says_not_their_number(tmp_path):
    first = qualcoder(tmp_path / "a" / "data.qda")
    second = qualcoder(
        tmp_path / "b" / "data.qda", ("UPDATE code_name SET name = 'laws' WHERE cid = 2",)
    )
    merged, _ = merge_projects(cssp.open_project(first), cssp.open_project(second))
    paths = {" ".join(path.split()) for path in merged.codes["path"]}
    assert {"people", "laws"} <= paths


def test_the_tools_own_name_of_a_coder_is_asked_about(tmp_path):
    files = [
        qualcoder(tmp_path / name / "data.qda", ("UPDATE code_text SET owner = 'default'",))
        for name in "ab"
    ]
    _, conflicts = merge_projects(*(cssp.open_project(file) for file in files))
    assert conflicts.query("kind == 'user'")["name"].tolist() == ["default"]


def test_two_codes_of_one_name_in_two_groups_stay_two(tmp_path):
    codes = "".join(
        f'<Code guid="{guid(n)}" name="{group}" isCodable="false"><Code guid="{guid(n + 1)}" name="other" isCodable="true"/></Code>'
        for n, group in ((10, "barriers"), (20, "props"))
    )
    marks = "".join(
        f'<PlainTextSelection guid="{guid(60 + n)}" startPosition="{n}" endPosition="{n + 1}"><Coding guid="{guid(70 + n)}" creatingUser="{guid(1)}"><CodeRef targetGUID="{guid(code)}"/></Coding></PlainTextSelection>'
        for n, code in enumerate((11, 21))
    )
    source = f'<TextSource guid="{guid(50)}" name="i1"><PlainTextContent>abc</PlainTextContent>{marks}</TextSource>'
    document = small(codes, source, f'<User guid="{guid(1)}" name="A"/>')
    project = cssp.open_project(archive(tmp_path / "p.qdpx", document, {}))
    system = cssp.code_system(project)
    from cssp.interviews.exchange.open import match_codes

    found, problems = match_codes(project, system, {})
    assert not problems
    assert found[guid(11)] != found[guid(21)]
    # in a study that knows one of them by its bare name only, neither is guessed
    from cssp.study.code_system import CodeSystem

    one = CodeSystem.model_validate(
        {"codes": [{"name": "other", "label": "other", "definition": "x"}]}
    )
    found, problems = match_codes(project, one, {})
    assert not found
    assert len(problems) == 2


# ---------------------------------------------------------------- tables


def test_several_codes_in_a_cell_are_several_codings(tmp_path):
    head = ["Document", "Quotation", "Codes", "Created by"]
    file = book(tmp_path / "q.xlsx", [head, ["i1", "Денег нет", "Деньги\nЛюди", "A"]])
    assert sorted(cssp.open_project(file).codings["code"]) == ["Деньги", "Люди"]


def test_equal_words_in_two_paragraphs_are_two_passages(tmp_path):
    head = ["Document name", "Code", "Beginning", "End", "Segment", "Created by"]
    rows = [["i1", "Да", at, at, "Да.", who] for at, who in ((2, "A"), (12, "A"), (12, "B"))]
    segments = cssp.open_project(book(tmp_path / "m.xlsx", [head, *rows])).segments
    assert len(segments) == 3
    assert len(set(zip(segments["start"], segments["end"], strict=True))) == 2


def test_documents_of_one_name_and_other_excerpts_are_told(tmp_path):
    head = ["Document name", "Code", "Segment", "Created by"]
    files = [
        book(tmp_path / f"{who}.xlsx", [head, ["i1", "Да", words, who]])
        for who, words in (("A", "Денег нет"), ("B", "Людей нет"))
    ]
    _, conflicts = merge_projects(*(cssp.open_project(file) for file in files))
    assert "i1" in conflicts["name"].tolist()


# ---------------------------------------------------------------- nothing is lost without a word


def test_what_is_left_behind_is_said(tmp_path):
    file = qualcoder(
        tmp_path / "data.qda",
        (
            "UPDATE code_text SET memo = 'look again' WHERE cid = 1",
            "CREATE TABLE journal (jid integer, name text, jentry text, date text, owner text)",
            "INSERT INTO journal VALUES (1, 'day', 'a thought', '', 'anna')",
            "INSERT INTO code_text VALUES (-1, 1, 'Людей', 11, 16, 'anna', '', '', NULL)",
        ),
    )
    project = cssp.open_project(file)
    assert said(project, "1 memos of codings")
    assert said(project, "1 pages of the journal")
    assert said(project, "1 codings of a code that is gone")
    assert len(project.codings) == 2


def test_attributes_of_others_and_of_two_cases_are_none_of_an_interview(tmp_path):
    file = qualcoder(
        tmp_path / "data.qda",
        (
            "INSERT INTO cases VALUES (2, 'NPO 2', '', 'anna', '')",
            "INSERT INTO case_text VALUES (2, 2, 1, 10, 20, 'anna')",
            "INSERT INTO attribute VALUES (3, 'founded', 'case', '1999', 2, '', 'anna')",
            "INSERT INTO attribute VALUES (4, 'mood', 'journal', 'good', 1, '', 'anna')",
        ),
    )
    project = cssp.open_project(file)
    _, interviews = cssp.project_tables(project)
    assert "mood" not in interviews
    assert interviews.get("founded", pd.Series([""])).tolist() == [""]
    assert said(project, "several cases")


@pytest.mark.parametrize("path", ["relative://i1.txt", "i1.txt", "internal://i1.txt"])
@pytest.mark.parametrize("member", ["Sources/i1.txt", "Sources\\i1.txt", "i1.txt"])
def test_a_text_in_the_archive_is_found_however_it_is_named(tmp_path, path, member):
    source = f'<TextSource guid="{guid(50)}" name="i1" plainTextPath="{path}"/>'
    with zipfile.ZipFile(tmp_path / "p.qdpx", "w") as target:
        target.writestr("project.qde", small("", source))
        target.writestr(member, "Денег нет")
    _, interviews = cssp.project_tables(cssp.open_project(tmp_path / "p.qdpx"))
    assert interviews["text"].tolist() == ["Денег нет"]


def interview_study(folder, texts: dict[str, str]) -> cssp.Study:
    study = study_of(folder)
    codes = {"codes": [{"name": "money", "label": "Деньги", "definition": "Деньги"}]}
    (study / "codes.yaml").write_text(yaml.safe_dump(codes, allow_unicode=True))
    home = study / "cities" / "town" / "interviews"
    home.mkdir(parents=True)
    for name, text in texts.items():
        (home / name).write_text(text, encoding="utf-8")
    marks = "interview,coder,code,start,end\n" + "".join(
        f"{name.removesuffix('.txt')},A,money,0,3\n" for name in texts if name.endswith(".txt")
    )
    (home.parent / "segments.csv").write_text(marks, encoding="utf-8")
    source = {
        "texts": "interviews",
        "segments": "segments.csv",
        "provenance": {"source": "made up"},
    }
    told = {"name": "t", "region": "r", "synthetic": False, "interviews": source}
    (home.parent / "city.yaml").write_text(yaml.safe_dump(told))
    return cssp.load_study(study)


def test_transcripts_in_word_are_named(tmp_path):
    study = interview_study(tmp_path / "s", {"i1.docx": "PK"})
    assert any(".docx" in problem.what for problem in errors_in(find_problems(study)))


# ---------------------------------------------------------------- order, turns, who read what


def test_without_dates_interviews_stand_by_their_numbers_and_it_is_said(tmp_path):
    names = [f"Интервью {n}" for n in range(1, 13)]
    study = interview_study(tmp_path / "s", {f"{name}.txt": "Денег нет" for name in names})
    assert cssp.load_interviews(study)["interview"].tolist() == names
    assert any("order in which the interviews were held" in p.what for p in find_problems(study))


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=2))
def test_natural_order_is_that_of_the_numbers(numbers):
    assert sorted((f"i{n}" for n in numbers), key=natural) == [f"i{n}" for n in sorted(numbers)]


@pytest.mark.parametrize(
    ("asks", "tells"), [("Интервьюер:", "Респондент:"), ("Q:", "A:"), ("И.:", "Р.:")]
)
def test_the_interviewers_lines_are_no_answers(asks, tells):
    text = f"{asks} Что мешает?\n{tells} Денег нет.\n{asks} А что ещё?\n{tells} Люди."
    assert [text[a:b] for a, b in answer_places(text)] == [f"{tells} Денег нет.", f"{tells} Люди."]


def test_two_interviews_of_one_text_stay_two_when_copies_are_merged():
    texts = pd.DataFrame({"interview": ["i1", "i2"], "text": ["нет денег"] * 2, "x": ["1", "2"]})
    codes = pd.DataFrame({"code": ["c"], "parent": [""], "label": ["c"], "description": [""],
                          "codable": [True]})  # fmt: skip
    columns = ["interview", "coder", "code", "start", "end"]
    bare = cssp.project_from_tables("n", codes, texts, pd.DataFrame(columns=columns))

    def coded(coder: str):
        rows = [("i1", coder, "c", 0, 3), ("i2", coder, "c", 4, 9)]
        return cssp.add_codings(bare, pd.DataFrame(rows, columns=columns))

    merged, conflicts = merge_projects(coded("A"), coded("B"))
    assert conflicts.empty and merged.texts["x"].tolist() == ["1", "2"]
    told = merged.segments.groupby("interview")["quotation"].agg(set).to_dict()
    assert told == {"i1": {"нет"}, "i2": {"денег"}}
