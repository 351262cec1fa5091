"""Tests of `interviews/pseudonym_files`."""

from __future__ import annotations

import pytest
from conftest import ROOT

import cssp
from cssp import DataError


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
