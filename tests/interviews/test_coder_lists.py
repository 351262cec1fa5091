"""Tests of `interviews/coder_lists`."""

from __future__ import annotations

import pytest
from coded_tables import edit_segments

import cssp


def test_a_coder_without_segments_in_an_interview_is_said(copy):
    from cssp.draft.check import find_problems

    edit_segments(copy, lambda line: not line.startswith("v01,B"))
    found = find_problems(cssp.load_study(copy), ["vologda"])
    assert [p.severity for p in found] == ["warning"]
    assert "The coder 'B' has no segment in the interview 'v01'" in found[0].what


@pytest.mark.parametrize(
    ("coders", "says"),
    [("a;B", "'a' is not a coder"), ("B;B", "named twice"), ("A", "'B' has segments")],
)
def test_coders_that_do_not_fit_are_problems(copy, coders, says):
    from cssp.draft.check import find_problems
    from cssp.study.problems import errors_in

    path = copy / "cities/vologda/interviews.csv"
    note, head, *lines = path.read_text("utf-8").splitlines()
    told = [f"{line},{coders if line.startswith('v02') else ''}" for line in lines]
    path.write_text("\n".join([note, f"{head},coders", *told]) + "\n", encoding="utf-8")
    assert any(says in p.what for p in errors_in(find_problems(cssp.load_study(copy), ["vologda"])))
