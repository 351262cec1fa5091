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
    freq = cssp.frequency_table(answers, study.questionnaire.names("ordinal"), by=["city", "sector"])
    show.table(cssp.net_balance(freq, "plain"), "balances", "Net balance of each item by city and sector")
    show.table(pd.DataFrame({"source": ["=1+1", "@x"], "n": [1, None]}), "sources", "Rankings by city")
    return show


def test_excel_has_numbers_labels_and_notes(show, tmp_path):
    path = cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["balances"]
    data = show.tables["balances"].data
    assert sheet["A1"].value == "Сальдо каждого вопроса по городам и секторам"
    heads = [cell.value for cell in sheet[3]]
    assert sheet.cell(4, heads.index("сальдо, п. п.") + 1).value == pytest.approx(data["balance"].iloc[0])
    assert sheet.cell(4, heads.index("город") + 1).value == "Вологда"
    assert "Смоделированные данные" in sheet.cell(sheet.max_row, 1).value


def test_a_text_that_looks_like_a_formula_stays_a_text(show, tmp_path):
    path = cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.xlsx")
    cell = openpyxl.load_workbook(path)["sources"]["A4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_word_has_titles_above_and_notes_below(show, tmp_path):
    document = docx.Document(str(cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.docx")))
    assert document.paragraphs[0].text == "Таблица 1. Сальдо каждого вопроса по городам и секторам"
    assert "Смоделированные данные" in document.paragraphs[1].text
    assert document.tables[0].rows[1].cells[1].text == "Вологда"


def test_another_ending_is_refused(show, tmp_path):
    with pytest.raises(cssp.RunError, match="neither .xlsx nor .docx"):
        cssp.export_tables(show.tables.values(), show.labels, tmp_path / "t.pdf")
