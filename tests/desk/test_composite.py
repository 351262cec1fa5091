"""The composite index and the intervals of its ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gmean, rankdata

import cssp
from cssp.desk.composite import _weights

R = yaml.safe_load((ROOT / "tests" / "reference" / "desk_r.yaml").read_text(encoding="utf-8"))
TABLE = pd.DataFrame(
    {"city": list("abcde"), "x": [3.0, 1, 4, 1, 5], "y": [9.0, 2, 6, 5, 3], "z": [5.0, 8, 9, 7, 9]}
)


def test_the_index_is_its_definition():
    found = cssp.composite_index(TABLE, ["x", "y", "z"]).set_index("city")["index"]
    values = TABLE[["x", "y", "z"]]
    scaled = (values - values.min()) / (values.max() - values.min())
    assert found[list("abcde")].tolist() == pytest.approx(scaled.mean(axis=1).tolist())
    weights = {"x": 1.0, "y": 2.0, "z": 5.0}
    given_ = cssp.composite_index(TABLE, ["x", "y", "z"], weights=weights).set_index("city")[
        "index"
    ]
    assert given_[list("abcde")].tolist() == pytest.approx(
        (scaled @ [1 / 8, 2 / 8, 5 / 8]).tolist()
    )
    geometric = cssp.composite_index(TABLE, ["x", "y", "z"], aggregation="geometric").set_index(
        "city"
    )["index"]
    assert geometric[list("abcde")].tolist() == pytest.approx(
        gmean(0.01 + 0.99 * scaled, axis=1).tolist()
    )
    z = cssp.composite_index(TABLE, ["x", "y", "z"], normalisation="z").set_index("city")["index"]
    assert z[list("abcde")].tolist() == pytest.approx(
        ((values - values.mean()) / values.std(ddof=0)).mean(axis=1).tolist()
    )
    ranks = cssp.composite_index(TABLE, ["x", "y", "z"], normalisation="rank").set_index("city")[
        "index"
    ]
    assert ranks[list("abcde")].tolist() == pytest.approx(
        ((rankdata(values, axis=0) - 1) / 4).mean(axis=1).tolist()
    )


def test_pca_weights_are_those_of_r():
    told = R["pca"]
    assert _weights(np.array(told["rows"], dtype=float), "pca", None) == pytest.approx(
        told["weights"], rel=1e-10
    )
    assert sum(told["weights"]) == pytest.approx(1)


def test_a_rank_never_comes_without_its_interval():
    found = cssp.composite_index(TABLE, ["x", "y", "z"])
    assert found["rank"].tolist() == sorted(found["rank"])
    assert ((found["rank_low"] <= found["rank"]) & (found["rank"] <= found["rank_high"])).all()
    assert ((found["rank_low"] >= 1) & (found["rank_high"] <= 5)).all()
    assert (found["rank_high"] > found["rank_low"]).any()
    assert found["share_first"].between(0, 1).all()


def test_who_is_best_everywhere_is_first_in_every_way():
    best = pd.concat([TABLE, pd.DataFrame({"city": ["f"], "x": [9.0], "y": [10.0], "z": [10.0]})])
    row = cssp.composite_index(best, ["x", "y", "z"]).iloc[0]
    assert (row["city"], row["rank_low"], row["rank_high"], row["share_first"]) == ("f", 1, 1, 1)


@given(st.floats(0.01, 100), st.floats(-50, 50), st.permutations(range(5)))
def test_units_of_measurement_and_order_do_not_matter(factor, shift, order):
    moved = TABLE.assign(x=factor * TABLE["x"] + shift).iloc[list(order)]
    one = cssp.composite_index(TABLE, ["x", "y", "z"], draws=200).set_index("city")
    other = cssp.composite_index(moved, ["x", "y", "z"], draws=200).set_index("city").loc[one.index]
    assert other["index"].tolist() == pytest.approx(one["index"].tolist(), abs=1e-9)
    assert other["rank_low"].tolist() == one["rank_low"].tolist()


@given(
    st.integers(0, 200),
    st.sampled_from(["min_max", "z", "rank"]),
    st.sampled_from(["arithmetic", "geometric"]),
)
def test_the_interval_holds_the_told_rank(seed, normalisation, aggregation):
    random = np.random.default_rng(seed)
    table = pd.DataFrame({"city": range(8), **{name: random.lognormal(0, 2, 8) for name in "xy"}})
    # a narrow interval, so that the told rank often lies outside the ranks it is made of
    found = cssp.composite_index(
        table,
        ["x", "y"],
        normalisation=normalisation,
        aggregation=aggregation,
        draws=40,
        confidence=0.05,
    )
    assert ((found["rank_low"] <= found["rank"]) & (found["rank"] <= found["rank_high"])).all()


def test_lower_may_be_better_and_a_missing_indicator_gives_no_rank():
    turned = cssp.composite_index(
        TABLE.assign(x=-TABLE["x"]), ["x", "y", "z"], lower_is_better=["x"]
    )
    assert turned["index"].tolist() == pytest.approx(
        cssp.composite_index(TABLE, ["x", "y", "z"])["index"].tolist()
    )
    holes = TABLE.assign(y=[np.nan, 2, 6, 5, 3])
    last = cssp.composite_index(holes, ["x", "y", "z"]).iloc[-1]
    assert (last["city"], last["note"]) == ("a", "no value of y")
    assert np.isnan(last["rank"])


@pytest.mark.parametrize(
    ("change", "options", "expect"),
    [
        ({}, {"indicators": ["x"]}, "at least two"),
        ({}, {"indicators": ["x", "x"]}, "at least two"),
        ({"x": 1.0}, {}, "'x' is the same for every unit"),
        ({}, {"indicators": ["x", "w"]}, "no column 'w'"),
        ({}, {"weights": {"x": 1.0}}, "weights|Weights"),
        ({}, {"weights": {"x": 1.0, "y": 0.0, "z": 1.0}}, "above zero"),
        ({}, {"weighting": "given"}, "no weights are"),
        ({}, {"normalisation": "minmax"}, "Did you mean 'min_max'"),
        ({"y": np.nan}, {}, "Fewer than two units"),
        ({"y": [1.0, np.inf, 2, 3, 4]}, {}, "not finite"),
        ({}, {"lower_is_better": ["w"]}, "no indicator of the index"),
        ({}, {"draws": 5}, "too few for 12 ways"),
        ({}, {"confidence": 90}, "write 0.90"),
    ],
)
def test_what_cannot_be_ranked_is_said(change, options, expect):
    told = {"indicators": ["x", "y", "z"], **options}
    with pytest.raises(cssp.ScoringError, match=expect):
        cssp.composite_index(TABLE.assign(**change), **told)


def test_ties_share_the_mean_rank():
    table = pd.DataFrame(
        {
            "city": list("abcdef"),
            "x": [0.8, 1, 0.9, 0.4, 0, 1],
            "y": [1, 0.4, 0.7, 0.9, 0, 1],
            "z": [0.4, 0.8, 0.7, 0.1, 0, 1],
        }
    )
    found = cssp.composite_index(table, ["x", "y", "z"]).set_index("city")["rank"]
    assert found["a"] == found["b"]
    with pytest.raises(cssp.ScoringError, match="same for every unit"):
        cssp.composite_index(table.assign(x=1.0), ["x", "y"])
