"""Tests of `interviews/load`."""

from __future__ import annotations

import pytest
from conftest import ROOT

import cssp
from cssp import CsspError, DataError


def test_codes_that_the_study_does_not_have_are_reported_or_declared(tmp_path):
    import shutil

    shutil.copytree(ROOT / "data", tmp_path / "study")
    study = cssp.load_study(tmp_path / "study")
    (tmp_path / "t.csv").write_text(
        "interview,coder,code,segment\ni1,A,нет помещения,Негде сидеть\ni1,A,что-то,Другое\n",
        encoding="utf-8",
    )
    city = tmp_path / "study" / "cities" / "new" / "city.yaml"
    city.parent.mkdir(parents=True)
    base = "name: {en: New, ru: Новый}\nregion: {en: R, ru: Р}\nsynthetic: true\ninterviews:\n  project: ../../../t.csv\n  status: invented\n  provenance: {source: a test}\n"
    city.write_text(base, encoding="utf-8")
    listed = tmp_path / "study" / "study.yaml"
    from cssp.draft.city_yaml import with_city

    listed.write_text(
        with_city(listed.read_text(encoding="utf-8"), study.cities, "new"), encoding="utf-8"
    )
    study = cssp.load_study(tmp_path / "study")
    with pytest.raises(DataError, match="'что-то' is not in the study's code system"):
        cssp.load_segments(study, ["new"])
    city.write_text(base + "  codes: {что-то: res_stuff}\n", encoding="utf-8")
    with pytest.raises(DataError, match="Did you mean 'res_staff'"):
        cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])
    city.write_text(base + "  codes: {что-то: ''}\n", encoding="utf-8")
    assert cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])["code"].tolist() == [
        "res_premises"
    ]
    city.write_text(base + "  segments: x.csv\n", encoding="utf-8")
    with pytest.raises(CsspError, match="'project' holds its segments"):
        cssp.load_segments(cssp.load_study(tmp_path / "study"), ["new"])


def test_segments_quote_their_text(study):
    segments = cssp.load_segments(study)
    texts = cssp.load_interviews(study).set_index("interview")["text"]
    for row in segments.itertuples():
        assert row.quotation == texts[row.interview][row.start : row.end]
        assert row.quotation == row.quotation.strip()


def test_the_invented_interviews_are_as_promised(study):
    interviews = cssp.load_interviews(study)
    assert interviews.groupby("city").size().tolist() == [14, 14]
    assert interviews["words"].between(300, 500).all()
    assert interviews["text"].str.startswith("ВЫМЫШЛЕННОЕ ИНТЕРВЬЮ").all()
    assert interviews["text"].str.contains("INVENTED INTERVIEW").all()
    # no two alike: few runs of five words are shared by any two interviews
    runs = [
        {tuple(w[i : i + 5]) for i in range(len(w) - 4)}
        for w in interviews["text"].str.split("\n\n", n=1).str[1].str.lower().str.split()
    ]
    shared = max(len(a & b) for n, a in enumerate(runs) for b in runs[n + 1 :])
    assert shared <= 2
    assert 20 <= len(study.codes.leaves) <= 30


def test_the_order_of_interviews_is_that_of_dates_in_either_form(copy):
    path = copy / "cities/vologda/interviews.csv"
    text = path.read_text("utf-8")
    for day in sorted({line.split(",")[1] for line in text.splitlines()[2:]}):
        year, month, date = day.split("-")
        text = text.replace(day, f"{date}.{month}.{year}")
    path.write_text(text, encoding="utf-8")
    table = cssp.load_interviews(cssp.load_study(copy), ["vologda"])
    assert table["interview"].tolist() == [f"v{n:02d}" for n in range(1, 15)]
    assert table["held"].iloc[0] == "2024-02-05"
