"""What several tests need: the default study, a copy of it to spoil, and tables of counts."""

from __future__ import annotations

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
    return yaml.safe_load((ROOT / "tests" / "reference" / "r_values.yaml").read_text(encoding="utf-8"))


def counts_table(groups: dict[str, list[int]], item: str = "q", level: str = "city") -> pd.DataFrame:
    """A frequency table of one item from the counts of each group."""
    index = pd.MultiIndex.from_tuples([(item, name) for name in groups], names=["item", level])
    width = len(next(iter(groups.values())))
    return pd.DataFrame(list(groups.values()), index=index, columns=range(1, width + 1))
