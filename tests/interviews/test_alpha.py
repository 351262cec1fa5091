"""Tests of `interviews/alpha`."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
from coded_tables import FOUR, marked, system
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

import cssp
from cssp import ScoringError
from cssp.interviews.alpha import set_distances

REAL = ROOT.parent / "shared" / "real" / "qda"


ratings = st.integers(2, 4).flatmap(
    lambda k: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=k, max_size=k),
        min_size=2,
        max_size=10,
    )
)


sets = st.sets(st.sampled_from("abcd"), min_size=1)


@pytest.mark.parametrize(
    ("level", "value"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_the_canonical_example_with_missing_data(level, value):
    table = cssp.krippendorff_alpha(FOUR, level, replicates=200)
    assert table["alpha"].iloc[0] == pytest.approx(value, abs=0.0005)
    theirs = krippendorff.alpha(FOUR.T.to_numpy(dtype=float), level_of_measurement=level)
    assert table["alpha"].iloc[0] == pytest.approx(theirs, abs=1e-12)
    assert table["n_judged"].iloc[0] == 11
    assert table["ci_low"].iloc[0] < table["alpha"].iloc[0] < table["ci_high"].iloc[0]


@settings(max_examples=80, deadline=None)
@given(ratings, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_equals_the_krippendorff_library_at_every_level(grid, level):
    values = np.array([[np.nan if v is None else v for v in row] for row in grid])
    ours = cssp.krippendorff_alpha(pd.DataFrame(grid), level, replicates=0)["alpha"].iloc[0]
    kept = values[np.isfinite(values).sum(axis=1) >= 2]
    if len(kept) == 0 or len(np.unique(kept[np.isfinite(kept)])) < 2:
        assert np.isnan(ours)
        return
    assert ours == pytest.approx(krippendorff.alpha(kept.T, level_of_measurement=level), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(ratings, st.randoms())
def test_alpha_does_not_depend_on_the_order_of_coders_units_or_the_names_of_values(grid, random):
    table = pd.DataFrame(grid)
    first = cssp.krippendorff_alpha(table, replicates=0)["alpha"].iloc[0]
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.iloc[order, ::-1].map(
        lambda v: v if v is None or pd.isna(v) else f"v{int(9 - v)}"
    )
    second = cssp.krippendorff_alpha(other, replicates=0)["alpha"].iloc[0]
    assert (np.isnan(first) and np.isnan(second)) or first == pytest.approx(second, abs=1e-12)


def test_alpha_refuses_what_it_cannot_compute():
    with pytest.raises(ScoringError, match="Did you mean 'nominal'"):
        cssp.krippendorff_alpha(FOUR, "nominl")
    with pytest.raises(ScoringError, match="needs numbers"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": ["x", "y"], "B": ["x", "z"]}), "interval")
    with pytest.raises(ScoringError, match="0 or more"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": [-1, 2], "B": [1, 2]}), "ratio")
    with pytest.raises(ScoringError, match="cannot be negative"):
        cssp.krippendorff_alpha(FOUR, replicates=-1)


def test_alpha_takes_every_kind_of_missing_and_any_index():
    wanted = cssp.krippendorff_alpha(pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}), replicates=0)[
        "alpha"
    ].iloc[0]
    index = pd.MultiIndex.from_tuples([("c", "x"), ("c", "y"), ("d", "z")])
    assert (
        cssp.krippendorff_alpha(
            pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}, index=index), replicates=0
        )["alpha"].iloc[0]
        == wanted
    )
    assert (
        cssp.krippendorff_alpha(
            pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 2]}, index=[0, 0, 0]), replicates=0
        )["alpha"].iloc[0]
        == wanted
    )
    gaps = pd.DataFrame({"A": [1, 2, pd.NA, 3], "B": [1, 2, 3, pd.NA]}, dtype="Int64")
    for level in ("nominal", "interval"):
        row = cssp.krippendorff_alpha(gaps, level, replicates=0).iloc[0]
        assert (row["alpha"], row["n_judged"]) == (1, 2)
    with pytest.raises(ScoringError, match="not a set of codes"):
        cssp.krippendorff_alpha(pd.DataFrame({"A": ["money"], "B": ["people"]}), "masi")
    with pytest.raises(ScoringError, match="cluster"):
        cssp.krippendorff_alpha(gaps, clusters=pd.Series([1]))


def test_the_bootstrap_is_the_slow_one_over_interviews():
    rng = np.random.default_rng(3)
    grid = rng.integers(0, 2, (12, 3)).tolist()
    table = cssp.agreement(*marked(grid), system("x"), replicates=400, seed=5).set_index("code")
    weights = np.random.default_rng(5).multinomial(12, np.full(12, 1 / 12), size=400)
    slow = []
    for row in weights:
        drawn = np.repeat(np.array(grid), row, axis=0).astype(float)
        slow.append(
            krippendorff.alpha(drawn.T, level_of_measurement="nominal")
            if len(np.unique(drawn)) > 1
            else np.nan
        )
    slow = np.array(slow)
    assert table.loc["x", "ci_low"] == pytest.approx(np.nanquantile(slow, 0.025), abs=1e-12)
    assert table.loc["x", "q_0667"] == pytest.approx((slow < 0.667).mean())
    general = cssp.krippendorff_alpha(pd.DataFrame(grid), replicates=400, seed=5)
    assert general["ci_low"].iloc[0] == pytest.approx(table.loc["x", "ci_low"], abs=1e-12)
    ordinal = cssp.krippendorff_alpha(pd.DataFrame(grid), "ordinal", replicates=400, seed=5)
    assert ordinal["ci_low"].iloc[0] == pytest.approx(table.loc["x", "ci_low"], abs=1e-9), (
        "two values have one distance"
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(sets, sets), min_size=2, max_size=12), st.sampled_from(["masi", "jaccard"])
)
def test_alpha_of_sets_equals_nltk(pairs, distance):
    agreement = pytest.importorskip("nltk.metrics.agreement")
    distances = pytest.importorskip("nltk.metrics.distance")
    data = [(c, i, frozenset(pair[k])) for i, pair in enumerate(pairs) for k, c in enumerate("AB")]
    ours = cssp.krippendorff_alpha(pd.DataFrame(pairs, columns=["A", "B"]), distance, replicates=0)[
        "alpha"
    ].iloc[0]
    if len({frozenset(s) for pair in pairs for s in pair}) == 1:
        assert np.isnan(ours)
        return
    task = agreement.AnnotationTask(data, distance=getattr(distances, f"{distance}_distance"))
    assert ours == pytest.approx(task.alpha(), abs=1e-9)


def test_distances_of_sets_with_empty_ones():
    rows = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=bool)
    masi = set_distances(rows, "masi")
    assert masi[0].tolist() == [0, 1, 1, 1], (
        "nothing against something: nothing in common; nothing against nothing: the same"
    )
    assert masi[1, 2] == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi[1, 3] == 1
    assert set_distances(rows, "jaccard")[1, 2] == 0.5
    assert (set_distances(rows, "nominal") == 1 - np.eye(4)).all()


@pytest.mark.skipif(
    not REAL.is_dir(), reason="the real answers stand beside the project in ../shared/real"
)
@pytest.mark.parametrize("name", ["N3", "N4"])
def test_sets_of_two_real_coders_equal_nltk(name):
    agreement = pytest.importorskip("nltk.metrics.agreement")
    distances = pytest.importorskip("nltk.metrics.distance")
    heading = pd.read_csv(REAL / "two_coders" / f"{name}_primary.csv").columns[1]
    files = {who: REAL / "two_coders" / f"{name}_{who}.csv" for who in ("primary", "secondary")}
    project = cssp.read_answer_codes(files, "ResponseId", heading)
    segments, interviews = cssp.project_tables(project)
    codes = cssp.code_system(project)
    both = interviews[interviews["coders"].map(len) == 2]["interview"]
    given = segments.groupby(["interview", "coder"])["code"].agg(frozenset)
    data = [(coder, i, given[(i, coder)]) for i in both for coder in files]
    for distance in ("masi", "jaccard"):
        ours = cssp.set_agreement(segments, interviews, codes, distance=distance, replicates=0)
        task = agreement.AnnotationTask(data, distance=getattr(distances, f"{distance}_distance"))
        assert ours["alpha"].iloc[0] == pytest.approx(task.alpha(), abs=1e-9)
        assert ours["n_judged"].iloc[0] == 20
