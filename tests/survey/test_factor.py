"""Tests of `survey/factor`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_answers import AGREEABLE, bfi, r

import cssp
from cssp.survey.factor import binormal, one_factor


def test_omega_and_its_error_equal_lavaan():
    values = bfi()[AGREEABLE.items].dropna().astype(float)
    values["A1"] = 7 - values["A1"]
    model = one_factor(np.cov(values.to_numpy(), rowvar=False), len(values))
    assert model.converged
    assert model.omega == pytest.approx(r()["omega"]["omega"], rel=1e-5)
    assert model.omega_se == pytest.approx(r()["omega"]["se"], rel=1e-3)
    row = cssp.reliability(bfi(), AGREEABLE).iloc[0]
    assert row.omega_low < row.omega < row.omega_high


@settings(max_examples=40)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.97, 0.97))
def test_the_binormal_probability_equals_scipys(h, k, rho):
    from scipy.stats import multivariate_normal

    slow = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k])
    assert binormal(np.array([h]), np.array([k]), rho)[0] == pytest.approx(slow, abs=1e-7)
