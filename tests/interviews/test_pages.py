"""Tests of `interviews/pages`."""

from __future__ import annotations

import pandas as pd
import pytest
from coded_tables import INTERVIEWS, SEGMENTS, STUDY

import cssp
from cssp import CsspError
from cssp.interviews.pages import disagreement_html, interview_html
from cssp.show.labels import Labels


def test_an_interview_is_shown_with_every_coder_and_without_names():
    labels = Labels(STUDY, "ru")
    text = "Вот Иванов сказал: денег нет & точка."
    segments = pd.DataFrame(
        [("A", "res_staff", 4, 10), ("B", "res_skills", 7, 25)],
        columns=["coder", "code", "start", "end"],
    )
    page = interview_html(text, segments, ["A", "B"], labels, "т", {"Иванов": "[имя]"})
    assert "Иванов" not in page
    assert page.count("[имя]") == 1
    assert "&amp; точка" in page
    assert page.count("<mark") == 3
    assert 'tabindex="0"' in page
    assert "A: нет кадров; B: нехватка умений" in page
    assert "solid" in page and "dashed" in page
    assert "<script" not in page
    html = cssp.show_interview(STUDY, "vologda", "v01", "en", codes=["res_premises"]).data
    assert "no premises" in html
    assert "Invented interviews" in html
    with pytest.raises(CsspError, match="no interview 'v99'"):
        cssp.show_interview(STUDY, "vologda", "v99")


def test_the_page_of_disputed_passages(tmp_path):
    path = cssp.write_disagreement_page(STUDY, tmp_path / "d.html", ["vologda"], "ru")
    page = path.read_text(encoding="utf-8")
    table = cssp.disagreements(*cssp.select(SEGMENTS, INTERVIEWS, cities=["vologda"]))
    assert page.count("<mark") == len(table)
    assert "Интервью вымышлены" in page
    assert "<script" not in page
    assert page.startswith("<!doctype html>")
    assert "0 passages" in disagreement_html(table[:0], Labels(STUDY, "en"))
