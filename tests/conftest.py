"""What several tests need: the default study, a copy of it to spoil, and tables of counts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import settings

import cssp

# A busy machine may be slow; a property does not fail for that.
settings.register_profile("cssp", deadline=None)
settings.load_profile("cssp")

#: Programs that make reference values, in environments of their own.
collect_ignore = ["reference/make_desk.py", "reference/make_irrcac.py"]

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "real"


@pytest.fixture(scope="session")
def study() -> cssp.Study:
    return cssp.load_study(ROOT / "data")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the default study's folder, to be spoilt."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "study"))


@pytest.fixture(scope="session")
def reference() -> dict:
    """Values computed by R (tests/reference/make_reference.R)."""
    return yaml.safe_load(
        (ROOT / "tests" / "reference" / "r_values.yaml").read_text(encoding="utf-8")
    )


def counts_table(
    groups: dict[str, list[int]], item: str = "q", level: str = "city"
) -> cssp.FrequencyTable:
    """A frequency table of one item from the counts of each group."""
    return cssp.table_of_counts(item, groups, level)


def joined(*tables: cssp.FrequencyTable) -> pd.DataFrame:
    """The plain counts of several tables below each other, as a person would paste them."""
    return pd.concat([table.counts for table in tables])


def with_codebook(table: pd.DataFrame, book: dict) -> cssp.Answers | cssp.FrequencyTable:
    """Answers, or counts where the rows are items, with what their codes mean."""
    if isinstance(table, cssp.FrequencyTable):
        table = table.counts
    if isinstance(table, cssp.Answers):
        table = table.rows
    if table.index.names[0] == "item":
        absent = [code for entry in book.values() for code in entry["codes"] if code not in table]
        return cssp.FrequencyTable(
            table.reindex(columns=[*table.columns, *dict.fromkeys(absent)], fill_value=0), book
        )
    return cssp.Answers(table, book)


def coded(table: pd.DataFrame, *columns: str) -> cssp.Answers:
    """Answers whose items (all columns but the usual keys, or those named) have the codes that occur, without special ones."""
    names = columns or [
        name for name in table if name not in ("respondent", "city", "sector", "w", "group")
    ]
    book = {}
    for name in names:
        try:
            codes = sorted({int(value) for value in table[name].dropna()})
        except (TypeError, ValueError):
            codes = []
        book[name] = cssp.answer_codes(codes)
    return cssp.Answers(table, book)


def decide(path: Path) -> str:
    """Agree with every proposal of a draft, as a person does who looked at each line; return the text.

    What was asked stays beside it, under the ending `.asked`.
    """
    asked = path.read_text(encoding="utf-8")
    path.with_suffix(".asked").write_text(asked, encoding="utf-8")
    text = re.sub(r"[ ]*#[^\n]*\bTODO\b[^\n]*", "", asked)
    text = re.sub(r'"TODO[^"]*"', '"told"', text)
    path.write_text(text, encoding="utf-8")
    return text


def study_of(folder: Path) -> Path:
    """Write a study with the three sectors of the made-up surveys, one city and no questionnaire."""
    from cssp.simulate.exports import SECTORS

    folder.mkdir()
    sectors = {name: {"label": label} for name, label in SECTORS.items()}
    told = {"title": "Made up", "languages": ["ru"], "sectors": sectors, "cities": ["town"]}
    (folder / "study.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return folder
