"""Funnel and ranks against slow definitions, statsmodels, simulation, and their symmetries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from cssp import ScoringError
from cssp.stats.league import adjusted_balance, funnel, rank_intervals

cities = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)).filter(
        lambda row: sum(row) > 0
    ),
    min_size=2,
    max_size=8,
)


def table(counts: list[tuple[int, int, int]]) -> pd.DataFrame:
    """Counts of positive, neutral and negative answers as a table of balances."""
    rows = np.array(counts, dtype=float)
    n = rows.sum(axis=1)
    return pd.DataFrame(
        {
            "city": range(len(rows)),
            "n": n,
            "positive": rows[:, 0] / n,
            "negative": rows[:, 2] / n,
            "balance": (rows[:, 0] - rows[:, 2]) / n,
        }
    )


@given(cities)
def test_the_pooled_balance_is_that_of_all_answers_together(counts):
    found = funnel(table(counts))
    answers = np.repeat([1.0, 0.0, -1.0], np.sum(counts, axis=0))
    assert found["pooled"].iloc[0] == pytest.approx(answers.mean())
    assert found["variance"].iloc[0] == pytest.approx(answers.var(), abs=1e-12)


@given(cities)
def test_limits_hold_the_pooled_balance_and_narrow_with_n(counts):
    found = funnel(table(counts)).sort_values("n")
    assert (found["low998"] <= found["low95"] + 1e-12).all()
    assert (found["high95"] <= found["high998"] + 1e-12).all()
    assert (np.diff(found["high95"]) <= 1e-12).all()
    outside = (found["balance"] > found["high95"] + 1e-9) | (
        found["balance"] < found["low95"] - 1e-9
    )
    assert (outside <= (found["outside"] != "")).all()


def test_limits_of_a_share_are_the_walds_of_statsmodels():
    """With no neutral answers the balance is 2p - 1, and its limits twice those of the share."""
    counts = [(30, 0, 20), (8, 0, 2), (50, 0, 90)]
    found = funnel(table(counts))
    share = sum(row[0] for row in counts) / sum(map(sum, counts))
    for row, (positive, _, negative) in zip(found.itertuples(), counts, strict=True):
        n = positive + negative
        low, high = proportion_confint(share * n, n, alpha=0.05, method="normal")
        # the city is part of the whole it is compared with
        part = (1 - n / sum(map(sum, counts))) ** 0.5
        half = (high - low) * part
        assert (row.low95, row.high95) == pytest.approx(
            (2 * share - 1 - half, 2 * share - 1 + half)
        )


def test_of_cities_that_differ_by_chance_alone_five_in_a_hundred_lie_outside():
    rng = np.random.default_rng(1)
    counts = [tuple(rng.multinomial(rng.integers(30, 120), [0.5, 0.2, 0.3])) for _ in range(4000)]
    found = funnel(table(counts))
    assert (found["outside"] != "").mean() == pytest.approx(0.05, abs=0.01)
    assert (found["outside"] == "998").mean() == pytest.approx(0.002, abs=0.002)


def test_two_cities_lie_equally_far_from_the_whole():
    """Each is the other's complement, so both are as many standard errors away as in the test of two shares."""
    found = funnel(table([(20, 5, 15), (12, 3, 25)]))
    assert found["z"].iloc[0] == pytest.approx(-found["z"].iloc[1])


@given(cities)
def test_the_adjusted_balance_is_that_of_the_answers_with_two_more(counts):
    found = adjusted_balance(table(counts))
    for row, (positive, neutral, negative) in zip(found.itertuples(), counts, strict=True):
        answers = np.repeat([1.0, 0.0, -1.0], [positive + 1, neutral, negative + 1])
        assert row.adjusted == pytest.approx(answers.mean(), abs=1e-12)
        assert row.se == pytest.approx(answers.std() / len(answers) ** 0.5)


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_ranks_of_equal_cities_rarely_exclude_the_first_place(share):
    """All cities are alike: any rank is true, so an interval should hold every rank."""
    rng = np.random.default_rng(3)
    whole = []
    for _ in range(300):
        counts = [
            tuple(rng.multinomial(rng.integers(30, 60), [share, 0, 1 - share])) for _ in range(8)
        ]
        found = rank_intervals(adjusted_balance(table(counts)), "adjusted")
        whole.append(((found["rank_low"] == 1) & (found["rank_high"] == 8)).to_numpy())
    assert np.mean(whole) >= 0.93


def slow_ranks(x: np.ndarray, s: np.ndarray, level: float) -> list[tuple[int, int, int]]:
    found = []
    for i in range(len(x)):
        z = norm.ppf(1 - (1 - level) / (2 * max(len(x) - 1, 1)))
        low = high = 0
        for j in range(len(x)):
            if j == i:
                continue
            difference, error = x[j] - x[i], (s[i] ** 2 + s[j] ** 2) ** 0.5
            low += difference - z * error > 0
            high += difference + z * error < 0
        found.append((1 + sum(x > x[i]), 1 + low, len(x) - high))
    return found


estimates = st.lists(st.tuples(st.integers(-100, 100), st.integers(1, 40)), min_size=1, max_size=9)


@given(estimates, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_ranks_equal_the_slow_definition(rows, level):
    frame = pd.DataFrame(rows, columns=["balance", "se"]) / 100
    found = rank_intervals(frame, confidence=level)
    assert list(
        found[["rank", "rank_low", "rank_high"]].itertuples(index=False, name=None)
    ) == slow_ranks(*frame.to_numpy().T, level)


@given(estimates, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_and_turn_with_the_sign(rows, chance):
    frame = pd.DataFrame(rows, columns=["balance", "se"])
    found = rank_intervals(frame)
    assert ((found["rank_low"] <= found["rank"]) & (found["rank"] <= found["rank_high"])).all()
    order = list(range(len(rows)))
    chance.shuffle(order)
    again = rank_intervals(frame.iloc[order])
    assert (again["rank_low"].to_numpy() == found["rank_low"].iloc[order].to_numpy()).all()
    turned = rank_intervals(frame.assign(balance=-frame["balance"]))
    assert (turned["rank_low"] == len(rows) + 1 - found["rank_high"]).all()


def test_the_true_rank_is_covered():
    rng = np.random.default_rng(2)
    truth = np.linspace(0, 1, 12)
    place = rng.permutation(12)
    truth = truth[place]
    ranks = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    covered = []
    for _ in range(400):
        frame = pd.DataFrame({"balance": truth + rng.normal(0, 0.15, 12), "se": 0.15})
        found = rank_intervals(frame)
        covered.append(((found["rank_low"] <= ranks) & (ranks <= found["rank_high"])).to_numpy())
    assert np.mean(covered, axis=0).min() >= 0.94


def test_missing_estimates_have_no_rank_and_no_limits():
    frame = pd.DataFrame(
        {
            "balance": [0.1, None, 0.3],
            "se": [0.1, 0.1, None],
            "n": [10, 0, 5],
            "positive": 0.4,
            "negative": 0.3,
        }
    )
    assert rank_intervals(frame)["rank"].isna().tolist() == [False, True, True]
    assert funnel(frame)["z"].isna().tolist() == [False, True, False]


def test_an_unknown_column_is_named():
    with pytest.raises(ScoringError, match="no column 'se'"):
        rank_intervals(pd.DataFrame({"balance": [1.0]}))
    with pytest.raises(ScoringError, match="no column 'positive'"):
        funnel(pd.DataFrame({"balance": [1.0], "n": [1]}))
    with pytest.raises(ScoringError, match="no column 'negative'"):
        adjusted_balance(pd.DataFrame({"balance": [1.0], "n": [1], "positive": [1.0]}))
    with pytest.raises(ScoringError, match="between 0 and 1"):
        rank_intervals(pd.DataFrame({"balance": [1.0], "se": [1.0]}), confidence=95)
