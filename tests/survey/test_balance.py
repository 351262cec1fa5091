"""Balances against published figures, the slow definition and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import coded, counts_table, with_codebook
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import with_book

import cssp
from cssp import FrequencyTable, ScoringError, balance_gaps, frequency_table, net_balance

ENTRY = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {97: "hard_to_say", 99: "not_asked"},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": {1: 1.0, 2: 0.5, 3: 1.0, 4: 0.5, 5: 1.0},
    "ordered": True,
}
counts = st.lists(st.integers(0, 40), min_size=5, max_size=5).filter(lambda row: sum(row) > 1)


def table(row, hard=0, not_asked=0, city="a"):
    values = np.repeat([1, 2, 3, 4, 5, 97, 99], [*row, hard, not_asked])
    answers = pd.DataFrame({"q": values, "city": city})
    answers = with_codebook(answers, {"q": ENTRY})
    return frequency_table(answers, ["q"], by=["city"])


# Russian consumer confidence, April 2015: positive and negative shares, and the published index (docs/methods.md).
PUBLISHED = [
    (21.8, 35.6, 86.2),
    (15.8, 55.5, 60.3),
    (10.4, 59.2, 51.2),
    (30.7, 25.9, 104.8),
    (11.5, 57.7, 53.8),
]


@pytest.mark.parametrize(("positive", "negative", "index"), PUBLISHED)
def test_plus100_gives_the_published_indices(positive, negative, index):
    row = [
        0,
        round(10 * negative),
        1000 - round(10 * negative) - round(10 * positive),
        round(10 * positive),
        0,
    ]
    assert net_balance(table(row), "plus100")["balance"].item() == pytest.approx(index, abs=0.05)


def test_the_families_differ_as_published():
    freq = table([0, 259, 434, 307, 0])
    values = {
        name: net_balance(freq, name)["balance"].item()
        for name in ("plain", "plus100", "vciom", "rosstat")
    }
    assert values["vciom"] == pytest.approx(0.482)
    assert values["plus100"] == pytest.approx(104.8)
    assert values["plain"] == pytest.approx(0.048)
    assert values["rosstat"] == pytest.approx(0.024)


@given(counts)
def test_equals_the_slow_definition(row):
    scores = np.repeat([-1.0, -0.5, 0.0, 0.5, 1.0], row)
    found = net_balance(table(row), "rosstat").iloc[0]
    assert found.balance == pytest.approx(scores.mean(), abs=1e-12)
    error = scores.std() / np.sqrt(len(scores))
    if error > 1e-9:
        assert found.ci_low == pytest.approx(
            max(scores.mean() - 1.959963984540054 * error, -1), abs=1e-9
        )
        assert found.ci_high == pytest.approx(
            min(scores.mean() + 1.959963984540054 * error, 1), abs=1e-9
        )


@given(counts, st.integers(0, 20), st.integers(0, 20))
def test_the_base_all_holds_hard_to_say_but_not_those_not_asked(row, hard, not_asked):
    freq = table(row, hard, not_asked)
    plain = net_balance(freq, "plain", "substantive").iloc[0]
    both = net_balance(freq, "plain", "all").iloc[0]
    assert plain.n == sum(row)
    assert both.n == sum(row) + hard
    assert both.balance == pytest.approx(plain.balance * sum(row) / (sum(row) + hard), abs=1e-12)
    assert plain.special == pytest.approx(hard / (sum(row) + hard))


@given(counts)
def test_turning_the_scale_turns_the_sign(row):
    assert net_balance(table(row), "plain")["balance"].item() == pytest.approx(
        -net_balance(table(row[::-1]), "plain")["balance"].item(), abs=1e-12
    )


def test_answers_all_alike_have_no_interval():
    found = net_balance(table([0, 0, 0, 7, 0]), "plain").iloc[0]
    assert found.balance == 1
    assert np.isnan(found.ci_low)
    assert found.note


def test_no_answers_are_said():
    assert net_balance(table([0] * 5, hard=3), "plain").iloc[0].note == "no answers"


def test_the_family_is_required_and_known():
    with pytest.raises(TypeError):
        net_balance(table([1, 2, 3, 4, 5]))
    with pytest.raises(ScoringError, match="Did you mean 'vciom'"):
        net_balance(table([1, 2, 3, 4, 5]), "vcion")


def test_a_table_without_codebook_is_refused():
    with pytest.raises(ScoringError, match="codebook are needed"):
        frequency_table(pd.DataFrame({"q": [1, 2]}), ["q"])
    freq = table([1, 2, 3, 4, 5])
    with pytest.raises(ScoringError, match="frequency table is needed, not a DataFrame"):
        net_balance(freq.counts, "plain")


def test_the_gap_has_the_interval_of_independent_samples():
    freq = table([5, 10, 20, 30, 15], city="a") + table([15, 20, 20, 10, 5], city="b")
    gap = balance_gaps(net_balance(freq, "plain"), "city", "a", "b").iloc[0]
    x, y = (
        np.repeat([-1, -1, 0, 1, 1], [5, 10, 20, 30, 15]),
        np.repeat([-1, -1, 0, 1, 1], [15, 20, 20, 10, 5]),
    )
    error = np.sqrt(x.var() / len(x) + y.var() / len(y))
    assert gap.gap == pytest.approx(x.mean() - y.mean())
    assert gap.ci_high - gap.gap == pytest.approx(1.959963984540054 * error)


def test_a_gap_of_answers_all_alike_has_no_interval():
    freq = table([0, 0, 0, 0, 2], city="a") + table([2, 0, 0, 0, 0], city="b")
    gap = balance_gaps(net_balance(freq, "plain"), "city", "a", "b").iloc[0]
    assert gap.gap == 2
    assert np.isnan(gap.ci_low)


def test_weighted_counts_without_their_respondents_have_no_interval():
    """A sum of weights is no number of people: the interval needs to know who stands behind it."""
    answers = pd.DataFrame({"q": [1, 5, 5], "w": [100.0, 100.0, 100.0]})
    answers = with_codebook(answers, {"q": ENTRY})
    counted = frequency_table(answers, ["q"], weights="w")
    bare = FrequencyTable(counted.counts, counted.codebook, weighted=True)
    found, known = (net_balance(one, "plain").iloc[0] for one in (bare, counted))
    assert (found.balance, known.balance) == pytest.approx((1 / 3, 1 / 3))
    assert np.isnan(found.ci_low)
    assert found.note.startswith("weighted")
    plain = net_balance(table([1, 0, 0, 0, 2]), "plain").iloc[0]
    assert known.n == 3 and known.ci_low == pytest.approx(plain.ci_low)


def test_no_items_are_an_empty_table():
    from cssp import distribution

    answers = coded(pd.DataFrame({"city": ["a"]}))
    freq = frequency_table(answers, [], by=["city"])
    assert net_balance(freq, "plain").empty
    assert distribution(freq).empty


@given(counts, st.integers(0, 9), st.sampled_from(["substantive", "all"]))
def test_the_adjusted_interval_is_that_of_a_sample_with_two_answers_more(row, hard, base):
    scores = np.repeat([-1.0, -1.0, 0.0, 1.0, 1.0, 0.0], [*row, hard if base == "all" else 0])
    more = np.append(scores, [-1.0, 1.0])
    half = 1.959963984540054 * more.std() / np.sqrt(len(more))
    found = net_balance(table(row, hard=hard), "plain", base=base, interval="adjusted").iloc[0]
    assert found["balance"] == pytest.approx(scores.mean(), abs=1e-12)
    assert found["ci_low"] == pytest.approx(max(more.mean() - half, -1), abs=1e-12)
    assert found["ci_high"] == pytest.approx(min(more.mean() + half, 1), abs=1e-12)


def test_a_lopsided_vciom_balance_is_noted():
    assert (
        "covers less"
        in cssp.net_balance(with_book(counts_table({"a": [0, 1, 49, 50, 0]})), "vciom")[
            "note"
        ].item()
    )
