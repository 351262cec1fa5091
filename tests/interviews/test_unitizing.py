"""Tests of `interviews/unitizing`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError
from cssp.interviews.agreement import NOTE_UNUSED


def slow_alpha_u(spans_by_coder, length):
    """alpha-U by its definition: every section of every coder against every section of every other."""
    sections = []
    for own in spans_by_coder:
        place, row = 0, []
        for start, end in sorted(own):
            if start > place:
                row.append((place, start, 0))
            row.append((start, end, 1))
            place = end
        if length > place:
            row.append((place, length, 0))
        sections.append(row)
    m = len(sections)

    def squared(a, b):
        if a[2] and b[2]:
            return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 if a[0] < b[1] and b[0] < a[1] else 0
        if a[2] and not b[2]:
            return (a[1] - a[0]) ** 2 if b[0] <= a[0] and a[1] <= b[1] else 0
        if b[2] and not a[2]:
            return (b[1] - b[0]) ** 2 if a[0] <= b[0] and b[1] <= a[1] else 0
        return 0

    observed = sum(
        2 * squared(a, b)
        for i, j in combinations(range(m), 2)
        for a in sections[i]
        for b in sections[j]
    )
    observed /= m * (m - 1) * length**2
    marked = [s[1] - s[0] for row in sections for s in row if s[2]]
    gaps = [s[1] - s[0] for row in sections for s in row if not s[2]]
    total = sum(
        (len(marked) - 1) / 3 * (2 * b**3 - 3 * b**2 + b)
        + b**2 * sum(g - b + 1 for g in gaps if g >= b)
        for b in marked
    )
    expected = (
        2 / length * total / (m * length * (m * length - 1) - sum(b * (b - 1) for b in marked))
    )
    return observed, expected


def unitized(by_coder, length):
    rows = [("i", f"c{k}", "x", s, e) for k, own in enumerate(by_coder) for s, e in own]
    segments = pd.DataFrame(rows, columns=["interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {
            "interview": ["i"],
            "text": ["x" * length],
            "coders": [[f"c{k}" for k in range(len(by_coder))]],
        }
    )
    return (
        cssp.unitizing_alpha(segments, interviews, ["x"], replicates=0).set_index("code").loc["x"]
    )


apart = st.lists(st.integers(0, 24), max_size=8, unique=True).map(
    lambda cuts: [(a, b) for a, b in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


def test_alpha_u_of_the_example_that_dkpro_statistics_tests_with():
    """DKPro Statistics 2, UnitizingAgreementTest: one coder marks 1-9 of ten, the other 2, 4 and 6: 0.9100, 0.5351, -0.7003."""
    row = unitized([[(1, 9)], [(2, 3), (4, 5), (6, 7)]], 10)
    assert row["observed"] == pytest.approx(0.9100, abs=1e-4)
    assert row["expected"] == pytest.approx(0.5351, abs=1e-4)
    assert row["alpha_u"] == pytest.approx(-0.7003, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(st.lists(apart, min_size=2, max_size=4))
def test_alpha_u_equals_its_slow_definition(by_coder):
    row = unitized(by_coder, 25)
    if not any(by_coder):
        assert np.isnan(row["alpha_u"])
        assert row["note"] == NOTE_UNUSED
        return
    observed, expected = slow_alpha_u(by_coder, 25)
    assert row["observed"] == pytest.approx(observed, abs=1e-12)
    assert row["expected"] == pytest.approx(expected, abs=1e-12)


def test_alpha_u_of_identical_coders_is_one_and_overlapping_segments_are_one():
    own = [(2, 8), (12, 15)]
    assert unitized([own, own], 20)["alpha_u"] == 1
    assert unitized([[(2, 6), (4, 8), (12, 15)], own], 20)["alpha_u"] == 1
    touching = unitized([[(2, 5), (5, 8)], [(2, 8)]], 20)
    assert touching["n_segments"] == 3, "segments that touch stay two"
    assert touching["alpha_u"] < 1
    with pytest.raises(ScoringError, match="length is unknown"):
        cssp.unitizing_alpha(
            pd.DataFrame(columns=["interview", "coder", "code", "start", "end"]),
            pd.DataFrame({"interview": ["i"], "text": [None]}),
            ["x"],
        )
