"""One door for table files: encodings, delimiters, decimal signs, kinds of files, and what is said of broken ones."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

import cssp
from cssp import DataError
from cssp.study.sources import Format
from cssp.tables.raw import fold, to_number
from cssp.tables.read import read_table

ROWS = [
    ["город", "ответ", "доля"],
    ["Вологда", "скорее да", "1,5"],
    ["Псков", "затрудняюсь; не знаю", "2,25"],
]


def text_of(delimiter: str) -> str:
    quoted = [[f'"{c}"' if delimiter in c else c for c in row] for row in ROWS]
    return "\n".join(delimiter.join(row) for row in quoted) + "\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1251"]
)
@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
def test_every_encoding_and_delimiter(tmp_path, encoding, delimiter, name):
    path = tmp_path / "table.csv"
    path.write_bytes(text_of(delimiter).encode(encoding))
    table = read_table(path)
    assert table.data.columns.tolist() == ROWS[0]
    assert table.data.to_numpy().tolist() == ROWS[1:]
    assert table.read_as["delimiter"] == name
    assert table.read_as["encoding"].replace("-", "").startswith(encoding.replace("-", "")[:5])
    assert table.rows.tolist() == [2, 3]


def test_the_format_of_city_yaml_is_kept_to(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(text_of(";").encode("windows-1251"))
    table = read_table(path, Format(encoding="windows-1251", delimiter=";"))
    assert table.read_as["delimiter found by"] == "city.yaml"
    with pytest.raises(DataError, match="not in the encoding utf-8"):
        read_table(path, Format(encoding="utf-8"))


def test_comment_lines_keep_the_row_numbers(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("# simulated\na,b\n1,2\n", encoding="utf-8")
    table = read_table(path)
    assert table.rows.tolist() == [3]
    assert table.read_as["comment lines"] == "1"


def test_cells_with_line_breaks_and_quotes(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b'a,b\r\n"one\r\ntwo","say ""yes"""\r\nx,y\r\n')
    table = read_table(path)
    assert table.data["b"].tolist() == ['say "yes"', "y"]
    assert table.rows.tolist() == [2, 3]


def test_excel_old_and_new(tmp_path):
    import openpyxl
    import xlwt

    new, old = tmp_path / "t.xlsx", tmp_path / "t.xls"
    book = openpyxl.Workbook()
    for row in (["id", "ответ"], [1, "да"], [2, None]):
        book.active.append(row)
    book.save(new)
    sheet = (workbook := xlwt.Workbook()).add_sheet("Лист1")
    for r, row in enumerate((["id", "ответ"], [1, "да"], [2, ""])):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    workbook.save(str(old))
    for path in (new, old):
        table = read_table(path)
        assert table.data["id"].tolist() == [1, 2]
        assert table.data["ответ"].tolist() == ["да", None]
        assert table.read_as["sheet found by"] == "first of the workbook"
    with pytest.raises(DataError, match="no sheet 'Лист2'.*Did you mean 'Лист1'"):
        read_table(old, Format(sheet="Лист2"))


def test_spss_with_labels_and_user_missing_values(tmp_path):
    path = tmp_path / "t.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q": [1.0, 2.0, 9.0, None]}),
        str(path),
        variable_value_labels={"q": {1: "да", 2: "нет", 9: "отказ"}},
        missing_ranges={"q": [9]},
        column_labels=["Вопрос"],
    )
    table = read_table(path)
    assert table.data["q"].tolist() == [1, 2, 9, None]
    assert table.labels["q"][9] == "отказ"
    assert table.declared_missing["q"] == [(9, 9)]
    assert table.headings["q"] == "Вопрос"


def test_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"q": [1, None], "t": ["a", None]}).to_parquet(path)
    assert read_table(path).data.to_numpy().tolist() == [[1, "a"], [None, None]]


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "survey.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"does not exist.*Did you mean 'survey.csv'"):
        read_table(tmp_path / "survei.csv")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\n\n", "is empty"),
        ("t.csv", b"a,b\n", "no rows"),
        ("t.csv", b"a,a\n1,2\n", "Two columns have the heading 'a'"),
        ("t.csv", b"a,b\n1,2,3\n", "3 cells, the heading 2"),
        ("t.csv", b'a,b\n"1,2\n', "breaks off"),
        ("t.csv", bytes(range(128, 256)) * 4, "not recognised"),
        ("t.xlsx", b"PK\x03\x04broken", "broken, truncated"),
        ("t.xls", b"<html><table></table></html>", "HTML page"),
        ("t.sav", b"$FL2broken", "broken or truncated"),
        ("t.parquet", b"PAR1", "broken or truncated"),
        ("t.docx", b"x", "no document of Word"),
        ("t.rtf", b"x", "cannot be read"),
    ],
)
def test_broken_files_are_told_in_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as error:
        read_table(path)
    assert name in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(DataError, match="folder, not a file"):
        read_table(tmp_path / "t.csv")


def test_a_truncated_workbook_and_sav_file(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for number in range(200):
        book.active.append([number, "text"])
    book.save(tmp_path / "whole.xlsx")
    pyreadstat.write_sav(pd.DataFrame({"q": range(500)}), str(tmp_path / "whole.sav"))
    for kind in ("xlsx", "sav"):
        raw = (tmp_path / f"whole.{kind}").read_bytes()
        (tmp_path / f"half.{kind}").write_bytes(raw[: len(raw) // 2])
        with pytest.raises(DataError, match="truncated"):
            read_table(tmp_path / f"half.{kind}")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,5", 1.5),
        ("1.5", 1.5),
        (" 1 234 ", 1234),
        ("1\u00a0234,5", 1234.5),
        ("−3", -3),
        ("1,234.5", None),
        ("x", None),
        ("", None),
        ("1e3", 1000),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_numbers(text, number):
    assert to_number(text) == number


def test_labels_are_compared_without_case_spaces_and_yo():
    assert fold("\ufeffЗатрудняюсь  ОТВЕТИТЬ ") == fold("затрудняюсь ответить")
    assert fold("Ещё") == fold("еще")


def test_a_guessed_further_row_of_headings_is_said(tmp_path):
    path = tmp_path / "a.csv"
    rows = ["id;сектор;q1;", "R-001;;;Не хочу отвечать", *[f"R-{n};власть;1;ок" for n in range(5)]]
    path.write_text("\n".join(rows), encoding="utf-8")
    table = read_table(path)
    told = [note for note in table.notes if "further row of headings" in note.what]
    assert len(told) == (0 if len(table.data) == 6 else 1)
    if told:
        assert told[0].row == 2 and "heading_rows: 1" in told[0].remedy


def test_a_cell_far_out_is_refused_before_the_memory_is_full(tmp_path):
    """The reader makes a grid of all cells up to the last one, and ends the process when it does not fit."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["id", "q"])
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(cssp.DataError, match="row 1,048,576 and column XFD"):
        cssp.read_table(tmp_path / "far.xlsx")
    book = openpyxl.Workbook()
    book.active.append(["id", *range(800)])
    book.active.append(range(801))
    book.save(tmp_path / "wide.xlsx")
    assert cssp.read_table(tmp_path / "wide.xlsx").data.shape == (1, 801)


def test_aliases_of_aliases_are_refused(tmp_path):
    """A few letters of YAML that stand for billions of entries."""
    from cssp.study.read_yaml import read_yaml

    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, before in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]")
    (tmp_path / "a.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(cssp.StudyError, match="aliases stand for more than"):
        read_yaml(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text("a: &a [1, *a]", encoding="utf-8")
    with pytest.raises(cssp.StudyError):
        read_yaml(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_text("a: &a [1]\nb: *a", encoding="utf-8")
    assert read_yaml(tmp_path / "c.yaml")[0] == {"a": [1], "b": [1]}
