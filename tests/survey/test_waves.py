"""Tests of `survey/waves`."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from survey_answers import panel

import cssp
from cssp import Answers, ScoringError, answer_codes
from cssp.survey.waves import signed_ranks

answers_of_two = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=9)


@given(answers_of_two)
def test_p_of_signed_ranks_is_that_of_all_signs(pairs):
    step = np.array([b - a for a, b in pairs])
    step = step[step != 0]
    if not len(step):
        return
    effect, p = signed_ranks(step)
    ranks = stats.rankdata(np.abs(step))
    own = ranks[step > 0].sum()
    all_sums = [
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in itertools.product([0, 1], repeat=len(step))
    ]
    middle = ranks.sum() / 2
    far = [abs(value - middle) >= abs(own - middle) - 1e-9 for value in all_sums]
    assert p == pytest.approx(np.mean(far))
    assert effect == pytest.approx((own - (ranks.sum() - own)) / ranks.sum())


@given(
    st.lists(
        st.floats(-9, 9).filter(lambda x: abs(x) > 1e-6), min_size=3, max_size=20, unique_by=abs
    )
)
@settings(max_examples=40)
def test_without_ties_signed_ranks_are_scipys(steps):
    step = np.array(steps)
    assert signed_ranks(step)[1] == pytest.approx(stats.wilcoxon(step, method="exact").pvalue)


def test_many_signed_ranks_are_scipys_approximation():
    step = np.random.default_rng(1).integers(-3, 5, 300)
    expected = stats.wilcoxon(step, zero_method="wilcox", method="asymptotic")
    assert signed_ranks(step)[1] == pytest.approx(expected.pvalue)


def test_a_panel_counts_own_changes_only():
    random = np.random.default_rng(4)
    first = random.integers(1, 6, 60)
    second = np.clip(first + random.integers(-1, 3, 60), 1, 5)
    found = cssp.wave_changes(panel(list(first), list(second)), ["q"], panel=True).iloc[0]
    side = np.array([-1, -1, 0, 1, 1])
    own = side[second - 1] - side[first - 1]
    low, high = stats.ttest_1samp(own, 0).confidence_interval(0.95)
    assert (found["change"], found["ci_low"], found["ci_high"]) == pytest.approx(
        (own.mean(), low, high)
    )
    assert (found["up"], found["down"]) == ((second > first).sum(), (second < first).sum())
    apart = cssp.wave_changes(panel(list(first), list(second)), ["q"], panel=False).iloc[0]
    ranks = stats.mannwhitneyu(second, first, use_continuity=False)
    assert apart["p"] == pytest.approx(ranks.pvalue)
    assert apart["change"] == pytest.approx(found["change"])
    assert apart["ci_high"] - apart["ci_low"] > found["ci_high"] - found["ci_low"]


def test_a_share_in_a_panel_is_mcnemars():
    random = np.random.default_rng(5)
    first, second = random.integers(0, 2, 50), random.integers(0, 2, 50)
    rows = panel([1] * 50, [1] * 50).rows.drop(columns="q").assign(forms__a=[*first, *second])
    entry = {"forms__a": {**answer_codes([0, 1], positive=[1]), "ordered": False, "item": "forms"}}
    found = cssp.wave_changes(Answers(rows, entry), ["forms"], panel=True).iloc[0]
    table = pd.crosstab(first, second).to_numpy()
    assert found["p"] == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found["test"] == "McNemar"
    assert found["change"] == pytest.approx(second.mean() - first.mean())


def test_who_answered_once_does_not_count_in_a_panel():
    rows = panel([1, 2, 3, 4], [5, 5, 5, 5]).rows.iloc[:6]
    answers = Answers(rows, panel([1], [1]).codebook)
    assert cssp.wave_changes(answers, ["q"], panel=True)["pairs"].tolist() == [2]
    with pytest.raises(ScoringError, match="stands twice in the wave"):
        twice = pd.concat([rows, rows.iloc[:1]])
        cssp.wave_changes(Answers(twice, answers.codebook), ["q"], panel=True)
    hidden = cssp.wave_changes(answers, ["q"], panel=True, smallest=3).iloc[0]
    assert "suppressed" in hidden["note"] and pd.isna(hidden["pairs"])
