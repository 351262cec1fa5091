"""Small indicator tables for the tests of the desk study."""

from __future__ import annotations

import pandas as pd
import yaml
from conftest import ROOT
from hypothesis import strategies as st

import cssp
from cssp.desk.load import COLUMNS


def rows(*lines: dict) -> pd.DataFrame:
    base = {
        "city": "a",
        "region": "A",
        "municipality": "",
        "oktmo": "",
        "level": "local",
        "kind": "",
        "year": 2020,
        "unit": "RUB",
        "basis": "",
        "status": "observed",
        "units": 1,
        "source": "s",
        "note": "",
    }
    table = pd.DataFrame([{**base, **line} for line in lines]).assign(
        date="", price_basis="current"
    )[COLUMNS]
    table["value"] = table["value"].astype("Float64")
    return table


R = yaml.safe_load((ROOT / "tests" / "reference" / "desk_r.yaml").read_text(encoding="utf-8"))


FUNCTIONS = {
    "gini": cssp.gini,
    "theil_t": cssp.theil_t,
    "theil_l": cssp.theil_l,
    "hoover": cssp.hoover,
    "cv": cssp.coefficient_of_variation,
}


positive = st.floats(0.01, 1e6, allow_nan=False)


units = st.lists(st.tuples(positive, st.floats(0.1, 1e4)), min_size=2, max_size=30)
