"""Tests of `interviews/intracoder`."""

from __future__ import annotations

import pytest

import cssp
from cssp import ScoringError


def test_one_coder_at_two_times():
    study = cssp.load_study()
    segments, interviews = (
        cssp.load_segments(study, ["vologda"]),
        cssp.load_interviews(study, ["vologda"]),
    )
    same = cssp.at_two_times((segments, interviews), (segments, interviews), "A")
    table = cssp.agreement(*same, study.codes, replicates=0)
    assert table["alpha"].dropna().eq(1).all()
    later = segments[~((segments["coder"] == "A") & (segments["interview"] == "v01"))]
    table = cssp.agreement(
        *cssp.at_two_times((segments, interviews), (later, interviews), "A"),
        study.codes,
        replicates=0,
    )
    assert table.set_index("code").loc["overall", "alpha"] < 1
    with pytest.raises(ScoringError, match="There is no coder"):
        cssp.at_two_times((segments, interviews), (segments, interviews), "C")
