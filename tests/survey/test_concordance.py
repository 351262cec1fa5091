"""Tests of `survey/concordance`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import covered, r

import cssp


@given(st.lists(st.permutations([1, 2, 3, 4]), min_size=2, max_size=12))
def test_w_without_ties_is_the_formula(rows):
    row = cssp.kendall_w(pd.DataFrame(rows)).iloc[0]
    m, n = len(rows), 4
    sums = np.array(rows).sum(axis=0)
    assert row.w == pytest.approx(12 * ((sums - sums.mean()) ** 2).sum() / (m**2 * (n**3 - n)))
    rho = [np.corrcoef(a, b)[0, 1] for a, b in combinations(rows, 2)]
    assert row.mean_spearman == pytest.approx(np.mean(rho), abs=1e-12)
    assert 0 <= row.w <= 1 + 1e-12


def test_rankings_of_unequal_length_are_ties_behind():
    ranks = pd.DataFrame(
        [[1, 2, 3, None], [1, None, None, None], [None, None, None, None], [2, 1, 3, 4]],
        dtype=float,
    )
    row = cssp.kendall_w(ranks).iloc[0]
    full = cssp.kendall_w(pd.DataFrame([[1, 2, 3, 4], [1, 3, 3, 3], [2, 1, 3, 4]])).iloc[0]
    assert (row.respondents, row.complete) == (3, 1)
    assert row.w == pytest.approx(full.w)
    assert (
        cssp.kendall_w(pd.DataFrame([[1, 1], [1, 1]])).iloc[0]["note"]
        == "no respondent tells the objects apart"
    )


@pytest.mark.parametrize("noise", [1.2, 0.25])
def test_the_interval_of_w_holds_the_true_concordance(noise):
    """Respondents who order five objects by a common value and noise (much: W some .2; little: some
    .85); the true mean correlation from very many of them."""
    rng = np.random.default_rng(4)

    def ranked(m: int) -> np.ndarray:
        return (np.linspace(0, 1, 5) + rng.normal(0, noise, (m, 5))).argsort(axis=1).argsort(
            axis=1
        ) + 1.0

    truth = cssp.kendall_w(pd.DataFrame(ranked(40_000)))["mean_spearman"].item()
    m, low, high = 30, [], []
    for _ in range(400):
        row = cssp.kendall_w(pd.DataFrame(ranked(m))).iloc[0]
        low.append(row.ci_low)
        high.append(row.ci_high)
    assert covered(low, high, (1 + (m - 1) * truth) / m) >= 0.93


def test_where_all_give_one_order_there_is_no_interval():
    row = cssp.kendall_w(pd.DataFrame([[1, 2, 3, 4]] * 12)).iloc[0]
    assert row.w == 1 and np.isnan(row.ci_low) and "no interval" in row.note


def test_the_mean_spearman_of_ties_is_the_mean_of_the_pairs():
    ranks = pd.DataFrame([[1, 2, 3, 4, 5], [1, 1, 3, 4, 4], [2, 1, 1, 1, 1], [5, 4, 3, 2, 2]])
    rho = [np.corrcoef(a, b)[0, 1] for a, b in combinations(ranks.rank(axis=1).to_numpy(), 2)]
    assert cssp.kendall_w(ranks)["mean_spearman"].item() == pytest.approx(np.mean(rho))


def test_kendalls_w_equals_friedmans_test():
    ranks = pd.DataFrame(
        [
            [1, 2, 3, 4, 5],
            [2, 1, 3, 5, 4],
            [1, 2.5, 2.5, 4, 5],
            [1, 2, 4, 4, 4],
            [3, 1, 2, 4.5, 4.5],
            [2, 1, 4, 4, 4],
        ]
    )
    row = cssp.kendall_w(ranks).iloc[0]
    assert row.chi2 == pytest.approx(r()["friedman"]["chi2"], rel=1e-10)
    assert row.p == pytest.approx(r()["friedman"]["p"], rel=1e-9)
