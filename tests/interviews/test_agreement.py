"""Tests of `interviews/agreement`."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from coded_tables import CODES, FOUR, both, marked, system, tables
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError
from cssp.interviews.agreement import (
    NOTE_ALWAYS,
    NOTE_DOUBTED,
    NOTE_NEVER_DIFFER,
    NOTE_ONE_CODER,
    NOTE_ONE_INTERVIEW,
    NOTE_UNUSED,
)


def test_one_interview_gives_no_interval():
    segments, interviews = cssp.select(*both(), names=["v01"])
    codes = cssp.load_study().codes
    for table in (
        cssp.agreement(segments, interviews, codes, by="sentence"),
        cssp.unitizing_alpha(segments, interviews, codes),
    ):
        told = table.set_index("code").loc[["overall"]]
        assert told[["ci_low", "q_0667"]].isna().all(axis=None)
        assert (told["note"] == NOTE_ONE_INTERVIEW).all()
    alone = cssp.krippendorff_alpha(FOUR, clusters=pd.Series(["i"] * 12))
    assert alone["ci_low"].isna().all()


def test_what_is_marked_by_somebody_who_did_not_code_the_interview_says_nothing():
    segments, interviews = marked([[1, 1, 1], [0, 0, None], [1, 0, 1]])
    first = cssp.agreement(segments, interviews, system("x"), base="both", replicates=0)
    stray = pd.concat([segments, segments.iloc[[0]].assign(coder="c2", interview="i1")])
    assert cssp.agreement(stray, interviews, system("x"), base="both", replicates=0).equals(first)


def test_answers_in_any_order_and_none_that_overlap():
    segments = pd.DataFrame(
        [("i", c, "x", 1, 5) for c in "AB"], columns=["interview", "coder", "code", "start", "end"]
    )
    interviews = pd.DataFrame({"interview": ["i"], "text": ["x" * 120], "coders": [["A", "B"]]})
    places = pd.DataFrame({"interview": "i", "start": [100, 40, 0], "end": [110, 60, 20]})
    table = cssp.agreement(
        segments, interviews, system("x"), by="answer", answers=places, replicates=0
    )
    assert table["marked"].iloc[0] == 2
    assert table["alpha"].iloc[0] == 1
    short = pd.DataFrame({"interview": "i", "start": [0], "end": [10]})
    outside = segments.assign(start=50, end=60)
    assert (
        cssp.agreement(
            outside,
            interviews,
            system("x"),
            by="answer",
            base="all_units",
            answers=short,
            replicates=0,
        )["marked"].iloc[0]
        == 0
    )
    with pytest.raises(ScoringError, match="overlap"):
        cssp.agreement(
            segments,
            interviews,
            system("x"),
            by="answer",
            answers=pd.DataFrame({"interview": "i", "start": [0, 2], "end": [10, 4]}),
        )


def test_identical_coders_agree_and_an_unused_code_is_not_defined():
    grid = [[1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0]]
    table = cssp.agreement(*marked(grid), system("x", "never"), replicates=200).set_index("code")
    assert table.loc["x", ["alpha", "ci_low", "ci_high", "agreement"]].tolist() == [1, 1, 1, 1]
    assert table.loc["x", "note"] == NOTE_NEVER_DIFFER
    assert table.loc["never", "note"] == NOTE_UNUSED
    assert np.isnan(table.loc["never", "alpha"])
    told = cssp.agreement_coefficients(
        *marked(grid), system("x", "never"), replicates=50
    ).set_index(["code", "coefficient"])
    assert (told.loc["x"].loc[["alpha", "fleiss", "ac1", "pabak", "cohen"], "value"] == 1).all()
    assert told.loc["never"].loc[["alpha", "fleiss", "ac1", "pabak", "cohen"], "value"].isna().all()
    always = cssp.agreement(*marked([[1, 1], [1, 1]]), system("x")).set_index("code")
    assert always.loc["x", "note"] == NOTE_ALWAYS
    alone = cssp.agreement(*marked([[1], [0]]), system("x")).set_index("code")
    assert (alone["note"] == NOTE_ONE_CODER).all()
    assert alone["alpha"].isna().all()


grids = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.integers(0, 1), min_size=coders, max_size=coders), min_size=2, max_size=14
    )
)


@settings(max_examples=60, deadline=None)
@given(grids)
def test_alpha_equals_the_krippendorff_library(grid):
    table = cssp.agreement(*tables({"x": grid}), CODES, replicates=0).set_index("code")
    values = np.array(grid)
    if values.min() == values.max():
        assert np.isnan(table.loc["x", "alpha"])
        return
    theirs = krippendorff.alpha(reliability_data=values.T, level_of_measurement="nominal")
    assert table.loc["x", "alpha"] == pytest.approx(theirs, abs=1e-12)


def test_alpha_with_coders_missing_equals_the_library():
    grid = [[1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]]
    who = [["c0", "c1", "c2"], ["c0", "c1"], ["c0", "c2"], ["c1"]]
    marks = [
        [m if f"c{k}" in who[i] else 0 for k, m in enumerate(row)] for i, row in enumerate(grid)
    ]
    data = np.array(
        [
            [m if f"c{k}" in who[i] else np.nan for k, m in enumerate(row)]
            for i, row in enumerate(grid)
        ]
    )
    table = cssp.agreement(*tables({"x": marks}, who), CODES, replicates=0).set_index("code")
    assert table.loc["x", "alpha"] == pytest.approx(
        krippendorff.alpha(reliability_data=data.T, level_of_measurement="nominal")
    )
    assert table.loc["x", "n_interviews"] == 3


@settings(max_examples=30, deadline=None)
@given(grids, st.randoms())
def test_permuting_the_coders_changes_nothing(grid, random):
    order = list(range(len(grid[0])))
    random.shuffle(order)
    one = cssp.agreement(*tables({"x": grid}), CODES, replicates=0)
    two = cssp.agreement(
        *tables({"x": [[row[k] for k in order] for row in grid]}), CODES, replicates=0
    )
    pd.testing.assert_frame_equal(one.drop(columns="code"), two.drop(columns="code"))


def test_identical_coders_give_one_and_an_unused_code_gives_none():
    table = cssp.agreement(*tables({"x": [[1, 1], [0, 0], [1, 1]]}), CODES).set_index("code")
    assert table.loc["x", "alpha"] == 1
    assert np.isnan(table.loc["y", "alpha"])
    assert table.loc["y", "note"] == NOTE_UNUSED


def test_one_coder_has_no_agreement():
    table = cssp.agreement(*tables({"x": [[1], [0]]}), CODES)
    assert set(table["note"]) == {NOTE_ONE_CODER}
    assert table["alpha"].isna().all()


def test_the_bootstrap_is_the_same_for_the_same_seed_and_draws_interviews(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    one, two = (
        cssp.agreement(segments, interviews, study.codes, replicates=300, seed=7) for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    row = one.set_index("code").loc["overall"]
    assert row["ci_low"] < row["alpha"] < row["ci_high"]
    # a slow bootstrap by drawing rows of interviews gives about the same interval
    naming = cssp.interviews.coding.naming_table(segments, interviews, study.codes)[
        study.codes.leaves
    ].astype(float)
    cube = naming.to_numpy().reshape(len(interviews), 2, -1)
    rng = np.random.default_rng(1)
    slow = []
    for _ in range(300):
        drawn = cube[rng.integers(0, len(cube), len(cube))]
        slow.append(
            krippendorff.alpha(
                reliability_data=drawn.transpose(1, 0, 2).reshape(2, -1),
                level_of_measurement="nominal",
            )
        )
    assert np.quantile(slow, 0.025) == pytest.approx(row["ci_low"], abs=0.04)
    assert np.quantile(slow, 0.975) == pytest.approx(row["ci_high"], abs=0.04)


def test_q_is_the_share_of_replicates_below_the_minimum():
    table = cssp.agreement(*tables({"x": [[1, 1], [0, 0]] * 10}), CODES).set_index("code")
    assert table.loc["x", "q_0667"] == 0


def test_a_finding_says_where_the_coders_agree_too_little():
    """x: they agree; y: as often as chance would have them; the group `top` has an alpha of its own. A code without alpha gets no note."""
    segments, interviews = tables(
        {"x": [[1, 1], [0, 0], [1, 1], [0, 0]], "y": [[1, 0], [0, 1], [1, 1], [0, 0]]}
    )
    agreed = cssp.agreement(segments, interviews, CODES)
    prevalence = cssp.code_prevalence(segments, interviews, CODES, rule="all")
    told = cssp.with_agreement(prevalence.assign(note=["", "few", "few"]), agreed).set_index("code")
    alpha = agreed.set_index("code")["alpha"]
    assert told["alpha"].to_dict() == {name: alpha[name] for name in ("top", "x", "y")}
    assert alpha["y"] < 0.667 < alpha["x"]
    assert told.loc["x", "note"] == "few"
    assert told.loc["y", "note"] == f"few; {NOTE_DOUBTED}"
    assert cssp.with_agreement(prevalence, agreed, minimum=-1)["note"].tolist() == ["", "", ""]
    one = cssp.agreement(
        segments[segments["coder"] == "c0"], interviews.assign(coders=[["c0"]] * 4), CODES
    )
    assert cssp.with_agreement(prevalence, one)["note"].tolist() == ["", "", ""]
    with pytest.raises(cssp.ScoringError, match="several rows a code"):
        cssp.with_agreement(prevalence, pd.concat([agreed, agreed]))
