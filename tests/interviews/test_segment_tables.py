"""Tests of `interviews/exchange/segment_tables`."""

from __future__ import annotations

import pandas as pd
import pytest

import cssp
from cssp import DataError

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


def test_qualcoders_table_with_several_categories(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text(
        '"File/case","Coder","Coded","Id","Codename","Coded_Memo","Category","Category"\n"i1","anna","Людей нет","1","Money","","a","b"\n',
        encoding="utf-8",
    )
    assert cssp.read_segment_table(path, TEXTS).segments["code"].tolist() == ["Money"]


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


THUMBS = pd.DataFrame({"interview": ["i1"], "text": ["👍👍👍 Денег нет. Люди есть. Всё."]})


@pytest.mark.parametrize(
    ("start", "end", "says"), [(18, 28, "UTF-16"), (15, 25, ""), (16, 26, "other words")]
)
def test_places_of_a_list_are_compared_with_their_words(tmp_path, start, end, says):
    row = {"Document": "i1", "Code": "x", "Segment": "Люди есть.", "Start position": start,
           "End position": end}  # fmt: skip
    pd.DataFrame([row]).to_excel(tmp_path / "a.xlsx", index=False)
    project = cssp.read_segment_table(tmp_path / "a.xlsx", THUMBS)
    told = " ".join(problem.what for problem in project.warnings)
    assert says in told
    if says != "other words":
        assert project.segments["quotation"].tolist() == ["Люди есть."]


def test_a_row_without_a_place_or_a_code_is_told(tmp_path):
    rows = [["i1", "x", "Денег нет.", 4, 14], ["i1", "y", "Люди есть.", "", ""]]
    columns = ["interview", "code", "quotation", "start", "end"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match="no place, which others have"):
        cssp.read_segment_table(tmp_path / "a.csv", THUMBS)
    rows = [["i1", "x", "Денег нет."], ["i1", "", "Люди есть."]]
    pd.DataFrame(rows, columns=columns[:3]).to_csv(tmp_path / "b.csv", index=False)
    project = cssp.read_segment_table(tmp_path / "b.csv", THUMBS)
    assert any("1 rows name no code" in problem.what for problem in project.warnings)


def test_further_sheets_of_a_workbook_are_told(tmp_path):
    row = pd.DataFrame({"Document": ["i1"], "Code": ["x"], "Segment": ["Денег нет."]})
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        row.to_excel(book, sheet_name="i1", index=False)
        row.to_excel(book, sheet_name="i2", index=False)
        pd.DataFrame().to_excel(book, sheet_name="empty", index=False)
    told = " ".join(p.what for p in cssp.open_project(tmp_path / "a.xlsx").warnings)
    assert "there is more in: i2." in told
