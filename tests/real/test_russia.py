"""The table of all regions is what the forms say: remade from them, and read cell by cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from python_calamine import CalamineWorkbook

import cssp
from cssp.draft.region_forms import add_region_forms

REAL = ROOT.parent / "shared" / "real" / "desk"
pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="the forms stand beside the project in ../shared/real"
)
ARCHIVES = [REAL / f"forms_{year}.zip" for year in (2017, 2019, 2021)]
DATA = ROOT / "data" / "russia"


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data", tmp_path / "study"))


def test_the_table_is_remade_byte_by_byte(tmp_path: Path) -> None:
    study = copied(tmp_path)
    text = (study / "study.yaml").read_text(encoding="utf-8")
    assert "context:" in text
    for name in ("npo_support.csv", "forms.csv"):
        (study / "russia" / name).unlink(missing_ok=True)
    done: list[int] = []
    report, path = add_region_forms(
        cssp.load_study(study), ARCHIVES, progress=lambda n, _: done.append(n)
    )
    assert done[-1] == len(report) == 256
    assert report["status"].value_counts().to_dict() == {"read": 255, "refused": 1}
    assert report.loc[report["status"] == "refused", "what"].tolist() == [
        "It is of no region: 'Федеральный бюджет'."
    ]
    for name in ("npo_support.csv", "forms.csv"):
        assert (path.parent / name).read_bytes() == (DATA / name).read_bytes()
    # nothing is read twice
    again, _ = add_region_forms(cssp.load_study(study), ARCHIVES[:1])
    assert set(again["status"]) == {"known"}
    assert path.read_bytes() == (DATA / "npo_support.csv").read_bytes()


def test_layouts_of_other_years(tmp_path: Path) -> None:
    study = copied(tmp_path)
    report, path = add_region_forms(cssp.load_study(study), [REAL / "forms_odd.zip"])
    told = report.groupby("status")["file"].count().to_dict()
    assert told == {"read": 9, "refused": 2}
    assert report.loc[report["status"] == "refused", "what"].str.contains("000 throughout").all()
    money = cssp.load_region_support(cssp.load_study(study))
    vologda = money[(money["region"] == "Вологодская область") & (money["year"] == 2015)]
    by_level = vologda.groupby("level")["support"].sum() / 1e6
    assert by_level["subject"] == pytest.approx(458.6, abs=0.05)
    assert by_level["local"] == pytest.approx(156.3, abs=0.05)
    assert set(money.loc[money["year"] == 2016, "region"]) >= {"Республика Карелия"}


def cells(path: Path, columns: dict[str, str]) -> dict[str, float]:
    """Type 630 by level, read from the sheet's cells by their headings and codes alone."""
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        top = next(
            (n for n, row in enumerate(rows[:60]) if "Код расхода" in " ".join(map(str, row))), None
        )
        if top is not None:
            break
    executed = next(n for n, cell in enumerate(rows[top]) if str(cell).startswith("Исполнено"))

    def squashed(cell: object) -> str:
        return "".join(str(cell).replace("-", "").split()).lower()

    found = dict.fromkeys(columns, 0.0)
    place = {
        level: next(n for n in range(executed, len(rows[top])) if any(
            squashed(row[n]).startswith(word) for row in rows[top + 1 : top + 4]))
        for level, word in columns.items()
    }  # fmt: skip
    for row in rows[top + 1 :]:
        code = "".join(str(cell) for cell in row[2:7] if isinstance(cell, str))[:20]
        if (
            len(code) == 20
            and code.endswith("630")
            and code[7:17] == "0" * 10
            and code[5:7] != "00"
        ):
            for level, column in place.items():
                found[level] += float(row[column] or 0)
    return found


@pytest.mark.parametrize(
    ("file", "region"),
    [("0503317_2022-01-01_karelia.xls", "Республика Карелия"),
     ("0503317_2022-01-01_vologda_oblast.xls", "Вологодская область")],
)  # fmt: skip
def test_levels_equal_a_plain_reading_of_cells(file: str, region: str) -> None:
    told = cells(
        REAL / file, {"subject": "бюджетсубъекта", "okrugs": "бюджетымуниципальныхокругов",
                      "districts": "бюджетымуниципальныхрайонов"},
    )  # fmt: skip
    money = cssp.load_region_support(cssp.load_study())
    own = money[(money["region"] == region) & (money["year"] == 2021)]
    assert own.loc[own["level"] == "subject", "support"].sum() == pytest.approx(told["subject"])
    by_kind = own.groupby("kind")["support"].sum()
    for kind in ("okrugs", "districts"):
        assert by_kind.get(kind, 0.0) == pytest.approx(told[kind])
