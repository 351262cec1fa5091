"""Page, Excel and Word show the same number in every cell of every table of a run."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

import pytest
from lxml import html

import cssp
from cssp.runs.report.documents import WORD_ROWS, table_view
from cssp.runs.report.notebook_results import shown_in
from cssp.show.export import export_tables
from cssp.show.labels import Labels
from cssp.show.table_view import TableView


def as_excel_shows(value: object, code: str) -> str:
    """A number as Excel shows it in a format of ours, with English marks."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    tiny = re.fullmatch(r'\[<0\.001\]"([^"]*)";(.*)', code)
    if tiny and float(str(value)) < 0.001:
        return tiny.group(1)
    body = (tiny.group(2) if tiny else code).split(";")[0]
    number = Decimal(f"{float(str(value)):.15g}") * (100 if body.endswith("%") else 1)
    plain = body.strip("+%")
    decimals = len(plain.partition(".")[2])
    found = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{abs(found):{',' if ',' in plain else ''}.{decimals}f}"
    sign = "−" if found < 0 else "+" if body.startswith("+") and found > 0 else ""
    return sign + text + ("%" if body.endswith("%") else "")


@pytest.mark.slow
@pytest.mark.xdist_group("runs")
def test_every_cell_is_the_same_in_page_excel_and_word(by_cssp, tmp_path) -> None:
    openpyxl, docx = pytest.importorskip("openpyxl"), pytest.importorskip("docx")
    folder, labels = by_cssp["en"] / "vologda", Labels(cssp.load_study(), "en")
    compared = 0
    for notebook in sorted(folder.glob("*.ipynb")):
        for shown in shown_in(notebook):
            if shown.kind != "table" or "<table" not in shown.html:
                continue
            rows = html.fromstring(shown.html).xpath("//tbody/tr")
            page = [[cell.text_content() for cell in row] for row in rows][:WORD_ROWS]
            view = table_view(shown, folder, labels, len(page))
            places = [view.columns.index(name) for name in map(str, shown.columns)]
            narrow = TableView(
                "t", "t", view.data.head(len(page)), view.shown, "", view.columns, heads=view.heads
            )
            export_tables([narrow], labels, tmp_path / "t.xlsx")
            export_tables([narrow], labels, tmp_path / "t.docx")
            sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
            columns = [str(name) for name in labels.as_it_reads(narrow.data).columns]
            word = docx.Document(str(tmp_path / "t.docx")).tables[0]
            written = [[cell.text for cell in row.cells] for row in word.rows][1:]
            assert len(written) == len(page), shown.name
            for number, row in enumerate(page):
                for place, text in zip(places, row, strict=True):
                    assert written[number][place] == text, (shown.name, number, place)
                    cell = sheet.cell(4 + number, columns.index(view.columns[place]) + 1)
                    if isinstance(cell.value, int | float):
                        told = as_excel_shows(cell.value, cell.number_format)
                        assert told == text, (shown.name, number, view.columns[place], cell.value)
                        compared += 1
    assert compared > 5_000
