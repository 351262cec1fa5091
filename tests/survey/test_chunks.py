"""Tests of `survey/chunks`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import coded

import cssp


def test_a_parquet_file_is_counted_in_chunks(tmp_path):
    rng = np.random.default_rng(0)
    whole = pd.DataFrame(
        {
            "city": rng.choice(["b", "a"], 1000),
            "q": pd.array(rng.integers(1, 6, 1000), dtype="Int8"),
        }
    )
    whole.loc[::7, "q"] = pd.NA
    whole.to_parquet(tmp_path / "survey.parquet")
    chunks = cssp.parquet_chunks(tmp_path / "survey.parquet", ["city", "q"], rows=90)
    answers = coded(whole)
    counted = cssp.count_in_chunks(chunks, ["q"], by=["city"], codebook=answers.codebook)
    assert counted == cssp.frequency_table(answers, ["q"], by=["city"])
    with pytest.raises(cssp.DataError, match="no column 'town'"):
        list(cssp.parquet_chunks(tmp_path / "survey.parquet", ["town"]))
    with pytest.raises(cssp.DataError, match="cannot be read"):
        list(cssp.parquet_chunks(tmp_path / "nothing.parquet", ["q"]))
