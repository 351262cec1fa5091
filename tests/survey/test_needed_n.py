"""Tests of `survey/needed_n`."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import counts_table
from survey_answers import with_book

import cssp


def test_needed_n_is_the_other_side_of_what_is_detectable():
    freq = with_book(counts_table({"a": [40, 100, 200, 400, 180], "b": [40, 100, 200, 400, 180]}))
    n = int(cssp.needed_n(freq, ["q"], [0.25])["n_each"].item())
    share = np.array([40, 100, 200, 400, 180]) / 920
    own = [int(round(n * one)) for one in share]
    found = cssp.detectable_differences(
        with_book(counts_table({"a": own, "b": own})), "city", tests=1
    )["detectable_effect"].item()
    assert found == pytest.approx(0.25, rel=0.03)
