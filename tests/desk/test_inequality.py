"""Tests of `desk/inequality`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from desk_tables import FUNCTIONS, R, positive, units
from hypothesis import assume, given
from hypothesis import strategies as st

import cssp
from cssp.desk.inequality import bootstrap_draws, in_order, leave_one_out
from cssp.desk.inequality_measure import inequality_measures

PYSAL = yaml.safe_load(
    (ROOT / "tests" / "reference" / "desk_pysal.yaml").read_text(encoding="utf-8")
)["cases"]


def slow_gini(x, w):
    """Half the mean absolute difference of all pairs, own ones too, relative to the mean."""
    p = w / w.sum()
    return sum(p[i] * p[j] * abs(x[i] - x[j]) for i in range(len(x)) for j in range(len(x))) / (
        2 * (p @ x)
    )


@pytest.mark.parametrize("case", PYSAL, ids=lambda case: case["name"])
def test_as_pysal(case):
    assert cssp.gini(case["x"]) == pytest.approx(case["gini"], rel=1e-12, abs=1e-15)
    assert cssp.theil_t(case["x"]) == pytest.approx(case["theil"], rel=1e-12, abs=1e-15)
    table = pd.DataFrame({"x": case["x"], "g": case["groups"]})
    parts = cssp.theil_decomposition(table, "x", "g")
    parts = parts[parts["theil"] == "T"].set_index("part")["contribution"]
    assert parts["between"] == pytest.approx(case["between"], rel=1e-10)
    assert parts["within"] == pytest.approx(case["within"], rel=1e-10)


def test_as_r_with_weights_as_repetitions():
    told = R["inequality"]
    x, w = told["x"], told["w"]
    assert cssp.gini(x) == pytest.approx(told["gini"], rel=1e-13)
    for name, function in FUNCTIONS.items():
        assert function(x, w) == pytest.approx(told[f"{name}_weighted"], rel=1e-12), name
    assert leave_one_out("gini", x) == pytest.approx(told["gini_left_out"], rel=1e-12)


@given(units)
def test_gini_is_its_slow_definition(pairs):
    x, w = (np.array(v) for v in zip(*pairs, strict=True))
    assert cssp.gini(x, w) == pytest.approx(slow_gini(x, w), rel=1e-9, abs=1e-12)
    assert cssp.gini(x) == pytest.approx(slow_gini(x, np.ones(len(x))), rel=1e-9, abs=1e-12)


@given(units, st.floats(0.001, 1000), st.integers(2, 4))
def test_axioms(pairs, factor, times):
    x, w = (np.array(v) for v in zip(*pairs, strict=True))
    for name, function in FUNCTIONS.items():
        value = function(x, w)
        assert value >= -1e-12, name
        assert function(factor * x, w) == pytest.approx(value, rel=1e-7, abs=1e-9), name  # scale
        assert function(x, factor * w) == pytest.approx(value, rel=1e-7, abs=1e-9), name
        assert function(np.tile(x, times), np.tile(w, times)) == pytest.approx(
            value, rel=1e-7, abs=1e-9
        ), name  # replication
        order = np.argsort(w)
        assert function(x[order], w[order]) == pytest.approx(value, rel=1e-9, abs=1e-10), (
            name
        )  # anonymity
    assert cssp.gini(x, w) <= 1 - w.min() / w.sum() + 1e-12
    assert cssp.hoover(x, w) <= 1
    assert cssp.theil_t(x) <= np.log(len(x)) + 1e-9
    assert cssp.hoover(x, w) <= cssp.gini(x, w) + 1e-9  # the Lorenz curve lies below its chords


@given(st.lists(positive, min_size=3, max_size=20), st.data())
def test_a_transfer_from_the_richer_to_the_poorer_lowers_inequality(x, data):
    x = np.sort(np.array(x))
    assume(x[-1] - x[0] > 1e-3 * x[-1])
    step = data.draw(st.floats(0.05, 0.45)) * (x[-1] - x[0])
    after = x.copy()
    after[-1] -= step
    after[0] += step
    for name in ("gini", "theil_t", "theil_l", "cv"):
        assert FUNCTIONS[name](after) < FUNCTIONS[name](x), name
    assert cssp.hoover(after) <= cssp.hoover(x) + 1e-12


def test_zeros_are_allowed_where_they_can_be():
    x = [0, 0, 3, 5]
    assert cssp.theil_t(x) == pytest.approx((3 / 2 * np.log(3 / 2) + 5 / 2 * np.log(5 / 2)) / 4)
    assert cssp.theil_l(x) == np.inf
    assert cssp.gini([0, 0, 0, 1]) == 0.75
    table = pd.DataFrame({"city": list("abcd"), "x": x})
    found = cssp.disproportion(table, "x").set_index("measure")
    assert np.isnan(found.loc["ratio", "value"])
    assert found.loc["ratio", "note"] == "a unit has zero: not finite"
    assert found.loc["gap", "value"] == 5
    parts = cssp.theil_decomposition(table.assign(g=[1, 1, 2, 2]), "x", "g").set_index(
        ["theil", "part"]
    )
    assert np.isnan(
        parts.loc[("L", "total"), "value"].iloc[0]
        if hasattr(parts.loc[("L", "total"), "value"], "iloc")
        else parts.loc[("L", "total"), "value"]
    )


@pytest.mark.parametrize(
    ("x", "w", "expect"),
    [
        ([], None, "no values"),
        ([1, np.nan], None, "missing or infinite"),
        ([1, -1], None, "negative"),
        ([0, 0], None, "All values are zero"),
        ([1, 2], [1, 0], "not above zero"),
        ([1, 2], [1, np.nan], "not above zero"),
        ([1, 2], [1], "2 values and 1 weights"),
    ],
)
def test_what_cannot_be_measured_is_said(x, w, expect):
    for function in FUNCTIONS.values():
        with pytest.raises(cssp.ScoringError, match=expect):
            function(x, w)


def test_two_units_have_no_interval_and_say_so():
    table = pd.DataFrame({"city": ["a", "b"], "x": [1.0, 3.0], "w": [2.0, 1.0]})
    found = cssp.disproportion(table, "x", "w")
    assert list(found["measure"]) == list(inequality_measures())
    assert found[["ci_low", "ci_high"]].isna().all(axis=None)
    assert (
        found.loc[found["measure"].isin(FUNCTIONS), "note"] == "two units: an account, no interval"
    ).all()
    assert found.set_index("measure")["value"].to_dict() == pytest.approx(
        {
            "gap": 2,
            "relative_gap": 2 / (5 / 3),
            "ratio": 3,
            **{name: f(table["x"], table["w"]) for name, f in FUNCTIONS.items()},
        }
    )
    assert (found["highest_unit"] == "b").all()


@given(st.integers(0, 50))
def test_leaving_one_out_is_its_slow_definition(seed):
    random = np.random.default_rng(seed)
    x, w = random.lognormal(0, 1, 12), random.uniform(1, 3, 12)
    x[3] = x[4]
    for name, function in FUNCTIONS.items():
        slow = [function(np.delete(x, i), np.delete(w, i)) for i in range(12)]
        assert leave_one_out(name, x, w) == pytest.approx(slow, rel=1e-9), name


def test_jackknife_is_its_formula():
    x = np.random.default_rng(5).lognormal(0, 0.6, 20)
    from scipy.stats import t

    own, left = np.log(cssp.theil_t(x)), np.log([cssp.theil_t(np.delete(x, i)) for i in range(20)])
    centre = 20 * own - 19 * left.mean()
    reach = t.ppf(0.975, 19) * np.sqrt(19 / 20 * ((left - left.mean()) ** 2).sum())
    found = cssp.disproportion(
        pd.DataFrame({"city": range(20), "x": x}), "x", measures=["theil_t"]
    ).iloc[0]
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(
        (np.exp(centre - reach), np.exp(centre + reach))
    )


def test_bootstrap_draws_are_units_drawn_anew():
    x, w = np.array([1.0, 2.0, 4.0, 9.0]), np.array([1.0, 2.0, 1.0, 3.0])
    counts = np.random.default_rng(1).multinomial(4, np.full(4, 0.25), size=50)
    for name, function in FUNCTIONS.items():
        slow = [function(np.repeat(x, c), np.repeat(w, c)) for c in counts]
        assert bootstrap_draws(name, x, w, 50, 1) == pytest.approx(slow, abs=1e-12), name


@pytest.mark.parametrize("n", [9_999, 10_001, 20_000])
def test_the_quick_order_is_the_slow_one(n):
    random = np.random.default_rng(n)
    # neighbours that differ in their last bits only, ties, zeros of both signs
    x = random.choice([0.0, -0.0, 1.0, 1 + 2e-16, 1 + 4e-16, 3.0, 1e-300], n) * random.choice(
        [1.0, 1 + 2e-16], n
    )
    # the lowest of all too, several steps out of order
    x[x < 0.5] = 0.5
    x[:20] = 0.25 + np.arange(20)[::-1] * np.spacing(0.25)
    w = random.uniform(1, 2, n)
    xs, ws = in_order(x.copy(), w)
    assert (np.diff(xs) >= 0).all()
    assert sorted(zip(xs.tolist(), ws.tolist(), strict=True)) == sorted(
        zip(x.tolist(), w.tolist(), strict=True)
    )


def test_theil_l_is_infinite_wherever_a_zero_is_left():
    x, w = np.array([0.0, 1, 2, 3]), np.array([1.0, 2, 1, 1])
    left = leave_one_out("theil_l", x, w)
    assert left[0] == pytest.approx(cssp.theil_l(x[1:], w[1:]))
    assert np.isinf(left[1:]).all()
    assert np.isinf(bootstrap_draws("theil_l", x, None, 50, 1)).any()


def test_a_few_neighbours_out_of_order_are_put_right_one_by_one():
    random = np.random.default_rng(2)
    x = random.permutation(np.arange(1.0, 20_001))
    x[:20] = 0.25 + np.arange(20)[::-1] * np.spacing(
        0.25
    )  # the lowest, each a last bit above the next
    w = random.uniform(1, 2, len(x))
    xs, ws = in_order(x.copy(), w)
    order = np.argsort(x, kind="stable")
    assert (xs == x[order]).all()
    assert (ws == w[order]).all()
