"""The study's document: its references, and what it says where a study has less than the default one."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

import cssp
from cssp.runs.report.references import CITED, References
from cssp.runs.report.study_text import Results, study_blocks
from cssp.show.labels import Labels

BIB = files("cssp.runs.report").joinpath("references.bib").read_text(encoding="utf-8")
KEYS = re.findall(r"^@\w+\{(\w+),", BIB, flags=re.MULTILINE)


def test_references_stand_in_the_style_of_the_language() -> None:
    english = References(["Later [@welch1947], before [@cliff1993]."], "en")
    assert english.cite("@welch1947") == "(Welch, 1947)"
    assert [text.split(",")[0] for text in english.listed()] == ["Cliff", "Welch"]  # by name
    russian = References(["Later [@welch1947; @cliff1993]."], "ru")
    assert russian.cite("@welch1947; @cliff1993") == "[1, 2]"
    first, second = russian.listed()
    assert first.startswith("1. Welch") and second.startswith("2. Cliff")  # as cited
    assert "Vol. 114" in second and "P. 494–509" in second and "Т." not in second


def test_every_source_is_cited_and_every_citation_has_its_source() -> None:
    source = files("cssp.runs.report").joinpath("study_text.py").read_text(encoding="utf-8")
    joined = re.sub(r'"\s+"', "", source)
    cited = {key.strip(" @") for group in CITED.findall(joined) for key in group.split(";")}
    assert cited == set(KEYS)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_study_without_results_has_the_frame_only(tmp_path, language) -> None:
    labels = Labels(cssp.load_study(), language)
    blocks = list(study_blocks(labels, Results(tmp_path), [], []))
    kinds = [block.kind for block in blocks]
    assert kinds.count("heading") == 3  # introduction, methods, limits
    assert not {"table", "figure"} & set(kinds)
    assert kinds.count("reading") == 1  # the questions


def test_a_study_s_own_sources_are_listed_with_their_address() -> None:
    own = cssp.load_study().folder / "references.bib"
    for language, begin in (("en", "https://"), ("ru", "URL: https://")):
        cited = References(["[@treasury] [@welch1947]"], language, own)
        text = next(one for one in cited.listed() if "0503317" in one)
        assert f"{begin}github.com/lomska/russian-budget-tracker" in text
    with pytest.raises(cssp.DataError, match="no source has this key"):
        References(["[@nobody]"], "en", own)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_conclusion_follows_from_the_verdicts(tmp_path, language) -> None:
    import pandas as pd

    (tmp_path / "tables").mkdir()
    verdicts = {
        "local_money": "counted",
        "authorities_on_npo": "clear",
        "closed_power": "not_clear",
    }
    table = pd.DataFrame({"question": verdicts.keys(), "verdict": verdicts.values()})
    table.to_csv(tmp_path / "tables" / "findings.csv", index=False)
    labels = Labels(cssp.load_study(), language)
    blocks = list(study_blocks(labels, Results(tmp_path), [], []))
    begin = next(
        at for at, block in enumerate(blocks) if block.text in ("Conclusion", "Заключение")
    )
    told = [block.text for block in blocks[begin + 1 : begin + 4]]
    assert all(": 1 (" in text for text in told)
    assert ("Answered clearly" if language == "en" else "Получен ясный ответ") in told[1]
    assert "власть не слышит" in told[2] or "authorities do not hear" in told[2]
    assert "««" not in told[2] and "»»" not in told[2]
