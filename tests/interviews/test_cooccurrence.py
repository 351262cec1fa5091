"""Tests of `interviews/cooccurrence`."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from coded_tables import named, system
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError


def test_meetings_in_interviews_by_brute_force_and_the_chance_of_them():
    rows = [[1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0], [0, 0, 1, 1]]
    table = cssp.co_occurrence(*named(rows), where="interview")
    told = table.set_index(["code", "with_code"])
    assert told.loc[("w", "x"), ["together", "n_code", "n_with", "n"]].tolist() == [2, 2, 2, 4]
    assert told.loc[("w", "x"), "expected"] == pytest.approx(1.0), "2 x 2 / 4"
    # hypergeometric: both marks on the same two of four interviews: 1 of 6 ways
    assert told.loc[("w", "x"), "p"] == pytest.approx(1 / 6)
    assert told.loc[("w", "y"), "together"] == 0
    assert told.loc[("w", "y"), "p"] == pytest.approx(1.0, abs=1e-9)
    assert told.loc[("w", "x"), "jaccard"] == 1
    assert (table["counted"] == "interviews").all()
    assert (table["p_adjusted"] >= table["p"]).all()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=6
    ),
    st.integers(1, 5),
)
def test_the_chance_of_meetings_is_exact_over_all_shuffles_within_cities(rows, cut):
    grid = np.array([row[:2] for row in rows])
    cities = np.array(["a"] * min(cut, len(rows)) + ["b"] * max(0, len(rows) - cut))
    segments, interviews, codes = named([list(row[:2]) for row in rows], "wx")
    city = dict(zip(interviews["interview"], cities, strict=True))
    table = cssp.co_occurrence(
        segments.assign(city=segments["interview"].map(city)), interviews.assign(city=cities), codes
    )
    if grid.any(axis=0).sum() < 2:
        assert table.empty
        return
    meet = []
    for order in permutations(range(len(rows))):
        if all(cities[order[n]] == cities[n] for n in range(len(rows))):
            meet.append((grid[:, 0] * grid[list(order), 1]).sum())
    row = table.iloc[0]
    assert row["expected"] == pytest.approx(np.mean(meet))
    assert row["p"] == pytest.approx((np.array(meet) >= row["together"]).mean())


def test_meetings_of_segments_and_overlaps():
    rows = [
        ("a", "i", "A", "x", 0, 5),
        ("a", "i", "A", "y", 0, 5),
        ("a", "i", "A", "y", 3, 9),
        ("a", "i", "B", "x", 20, 25),
        ("a", "i", "B", "y", 25, 30),
        ("a", "j", "A", "x", 0, 5),
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {
            "city": "a",
            "interview": ["i", "j"],
            "text": ["x" * 40] * 2,
            "coders": [["A", "B"], ["A"]],
        }
    )
    same = cssp.co_occurrence(segments, interviews, system("x", "y"), "segment", permutations=20)
    assert same[["together", "n_code", "n_with", "n"]].to_numpy().tolist() == [[1, 3, 3, 5]]
    over = cssp.co_occurrence(segments, interviews, system("x", "y"), "overlap", permutations=20)
    assert over["together"].tolist() == [2], (
        "touching is no overlap, and two coders' segments do not meet"
    )
    assert over["jaccard"].isna().all()
    with pytest.raises(ScoringError, match="Did you mean 'segment'"):
        cssp.co_occurrence(segments, interviews, system("x", "y"), "segments")
    with pytest.raises(ScoringError, match="cannot be negative"):
        cssp.co_occurrence(segments, interviews, system("x", "y"), permutations=-1)
    assert (
        cssp.co_occurrence(segments, interviews, system("x", "y"), "segment", permutations=0)[
            ["p", "expected"]
        ]
        .isna()
        .all(axis=None)
    )


def test_chance_never_gives_one_span_a_code_twice():
    """With one code on all 20 spans and another on 6 of them, all 6 meetings are forced: chance brings as many every time."""
    rows = [("a", "i", "A", "x", 10 * n, 10 * n + 5) for n in range(20)] + [
        ("a", "i", "A", "y", 10 * n, 10 * n + 5) for n in range(6)
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 300], "coders": [["A"]]}
    )
    for where in ("segment", "overlap"):
        row = cssp.co_occurrence(
            segments, interviews, system("x", "y"), where, permutations=200
        ).iloc[0]
        assert (row["together"], row["expected"], row["p"]) == (6, 6, 1)


def test_the_chance_of_meetings_on_spans_is_uniform_over_what_is_allowed():
    """Two spans of two codes each, from w w x y: w must be on both, x and y each on one: w-x, w-y always once; three codes on two spans by hand."""
    rows = [
        ("a", "i", "A", c, s, s + 5)
        for c, s in (("w", 0), ("x", 0), ("w", 10), ("y", 10), ("x", 20), ("z", 30))
    ]
    segments = pd.DataFrame(rows, columns=["city", "interview", "coder", "code", "start", "end"])
    interviews = pd.DataFrame(
        {"city": "a", "interview": ["i"], "text": ["x" * 60], "coders": [["A"]]}
    )
    table = cssp.co_occurrence(
        segments, interviews, system("w", "x", "y", "z"), "segment", permutations=4000, seed=3
    )
    codes, spans = ["w", "x", "w", "y", "x", "z"], [0, 0, 1, 1, 2, 3]
    allowed = [p for p in permutations(codes) if p[0] != p[1] and p[2] != p[3]]
    for row in table.itertuples():
        exact = np.mean(
            [
                sum({p[0], p[1]} == {row.code, row.with_code} for p in [q])
                + sum({q[2], q[3]} == {row.code, row.with_code} for p in [q])
                for q in allowed
            ]
        )
        assert row.expected == pytest.approx(exact, abs=0.04), (row.code, row.with_code)
    assert len(spans) == len(codes)


def test_meetings_do_not_depend_on_the_names_of_codes():
    rows = [[1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0], [0, 1, 1, 1], [1, 0, 0, 0]]
    first = cssp.co_occurrence(*named(rows), permutations=0)
    other = cssp.co_occurrence(*named([row[::-1] for row in rows], "zyxw"), permutations=0)

    def key(table):
        return sorted(
            (tuple(sorted((r.code, r.with_code))), r.together, round(r.jaccard, 9))
            for r in table.itertuples()
        )

    assert key(first) == key(other)
