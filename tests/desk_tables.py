"""Small indicator tables for the tests of the desk study."""

from __future__ import annotations

import pandas as pd

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
