"""Tests of `survey/crosstab`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cssp.survey.crosstab import conditional_p, noncentrality

few = st.lists(st.integers(0, 3), min_size=3, max_size=4).filter(lambda row: sum(row) > 1)


@given(few, few)
def test_the_exact_chi_square_equals_all_rearrangements(a, b):
    assume(len(a) == len(b) and sum(a) + sum(b) <= 11)
    column = np.add(a, b)
    assume((column > 0).sum() > 1)
    answers = np.repeat(range(len(a)), column)

    def chi2(own: np.ndarray) -> float:
        used = column > 0
        expected = own.sum() * column[used] / column.sum()
        other = column[used] - own[used]
        rest = column[used] - expected
        return (((own[used] - expected) ** 2 / expected) + (other - rest) ** 2 / rest).sum()

    observed, hits, total = chi2(np.array(a)), 0, 0
    for chosen in combinations(range(len(answers)), sum(a)):
        own = np.bincount(answers[list(chosen)], minlength=len(a))
        hits += chi2(own) >= observed - 1e-9
        total += 1
    p, exact = conditional_p(
        np.array(a, dtype=float), np.array(b, dtype=float), np.random.default_rng(0)
    )
    assert exact
    assert p == pytest.approx(hits / total, rel=1e-9)


def test_drawn_tables_come_near_the_exact_p(monkeypatch):
    a, b = np.array([5.0, 9, 12, 3]), np.array([9.0, 9, 4, 6])
    exact, _ = conditional_p(a, b, np.random.default_rng(0))
    monkeypatch.setattr("cssp.survey.crosstab.ENUMERATED", 1)
    drawn, is_exact = conditional_p(a, b, np.random.default_rng(0))
    assert not is_exact
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9999))


def test_many_noncentralities_are_the_single_ones():
    rng = np.random.default_rng(2)
    chi2, dof = rng.gamma(2, 4, 2000), rng.integers(1, 7, 2000).astype(float)
    for probability in (0.025, 0.975):
        together = noncentrality(chi2, dof, probability)
        alone = [noncentrality(chi2[[i]], dof[[i]], probability)[0] for i in range(0, 2000, 40)]
        assert together[::40] == pytest.approx(alone, abs=2e-9)
