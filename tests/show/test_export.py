"""Tables in Excel and Word, as a sociologist opens them."""

from __future__ import annotations

import docx
import openpyxl
import pandas as pd
import pytest

import cssp


@pytest.fixture(scope="module")
def show(study):
    show = cssp.Show(study, "ru", "survey", study.cities)
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    show.table(
        cssp.net_balance(freq, "plain"), "balances", "Net balance of each item by city and sector"
    )
    show.table(
        pd.DataFrame({"source": ["=1+1", "@x"], "n": [1, None]}), "sources", "Rankings by city"
    )
    return show


def test_excel_has_numbers_labels_and_notes(show, tmp_path):
    path = cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["balances"]
    data = show.tables["balances"].data
    assert sheet["A1"].value == "Сальдо каждого вопроса по городам и секторам"
    heads = [cell.value for cell in sheet[3]]
    balance = sheet.cell(4, heads.index("сальдо, п.\u00a0п.") + 1)
    assert balance.value == pytest.approx(100 * data["balance"].iloc[0]), "headed points"
    assert balance.number_format == "+0;-0;0"
    low = sheet.cell(4, heads.index("95%-й ДИ от") + 1)
    assert low.value == pytest.approx(100 * data["ci_low"].iloc[0]), "as the estimate it belongs to"
    share = sheet.cell(4, heads.index("положительные") + 1)
    assert (share.value, share.number_format) == (pytest.approx(data["positive"].iloc[0]), "0%")
    assert sheet.cell(4, heads.index("город") + 1).value == "Вологда"
    assert "Данные опроса смоделированы" in sheet.cell(sheet.max_row, 1).value


def test_a_text_that_looks_like_a_formula_stays_a_text(show, tmp_path):
    path = cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.xlsx")
    cell = openpyxl.load_workbook(path)["sources"]["A4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_word_has_titles_above_and_notes_below(show, tmp_path):
    document = docx.Document(
        str(cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.docx"))
    )
    assert document.paragraphs[0].text == "Таблица 1. Сальдо каждого вопроса по городам и секторам"
    assert "Данные опроса смоделированы" in document.paragraphs[1].text
    assert document.tables[0].rows[1].cells[1].text == "Вологда"


def test_word_cuts_no_column_and_lays_wide_tables_across(show, tmp_path):
    narrow = show.table(pd.DataFrame({"city": ["vologda"], "n": [3]}), "narrow", "Rankings by city")
    wide = show.tables["balances"]
    for number, order in enumerate(([narrow, wide, narrow], [wide, narrow])):
        path = cssp.export_tables(order, show.labels, tmp_path / f"{number}.docx")
        document = docx.Document(str(path))
        sides = [section.page_width > section.page_height for section in document.sections]
        assert sides == [[False, True, False], [True, False]][number]
        assert [len(table.columns) for table in document.tables] == [
            view.shown.shape[1] for view in order
        ]
    assert wide.shown.shape[1] > 9


def test_another_ending_is_refused(show, tmp_path):
    with pytest.raises(cssp.RunError, match="neither .xlsx nor .docx"):
        cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.pdf")
