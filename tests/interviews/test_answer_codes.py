"""Tests of `interviews/exchange/answer_codes`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_projects import REAL, real

import cssp
from cssp import DataError


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
