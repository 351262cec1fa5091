"""Tests of `survey/compare_weighted`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import coded, with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import chi2_contingency
from survey_answers import EVEN, SCALE, claims, with_book

import cssp
from cssp import Answers, compare_groups


def test_weighted_groups_that_share_no_answer_have_no_p():
    for n in (1, 4, 20):
        answers = with_book(
            pd.DataFrame(
                {
                    "city": ["a"] * n + ["b"] * n,
                    "q": [1] * n + [5] * n,
                    "w": np.linspace(0.5, 1, 2 * n),
                }
            )
        )
        row = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
        assert np.isnan(row.p)
        assert "share no answer" in row.note


def test_a_weight_of_zero_is_no_respondent():
    rng = np.random.default_rng(2)
    answers = with_book(
        pd.DataFrame(
            {
                "city": np.tile(["a", "b"], 60),
                "q": rng.integers(1, 6, 120),
                "w": rng.choice([0, 0.5, 1.0], 120),
            }
        )
    )
    kept = answers.where(answers["w"] > 0)
    one, two = (cssp.compare_weighted(table, ["q"], "w").iloc[0] for table in (answers, kept))
    assert (one.f, one.p, one.n_a) == (pytest.approx(two.f), pytest.approx(two.p), two.n_a)
    mixed = answers["w"].sample(frac=1, random_state=1)
    assert cssp.compare_weighted(answers, ["q"], mixed).iloc[0].f == pytest.approx(one.f)


def weighted_answers(seed: int, n: int = 60) -> Answers:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "respondent": range(n),
            "city": random.choice(["a", "b"], n),
            "q": random.integers(1, 6, n),
            "w": random.uniform(0.2, 2, n),
        }
    )
    return Answers(rows, {"q": SCALE})


@given(st.integers(0, 500))
@settings(max_examples=20)
def test_the_weighted_rank_test_is_its_regression(seed):
    """svyranktest is the regression of the weighted midranks on the group, with a sandwich error."""
    import statsmodels.api as sm

    answers = weighted_answers(seed)
    rows = answers.rows
    found = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
    w, q = rows["w"].to_numpy(), rows["q"].to_numpy()
    rank = np.array([(w[q < value].sum() + w[q == value].sum() / 2) / w.sum() for value in q])
    x = sm.add_constant((rows["city"] == "a").astype(float).to_numpy())
    n = len(rows)
    fit = sm.WLS(rank, x, weights=w).fit(cov_type="HC0")
    error = fit.bse[1] * np.sqrt(n / (n - 1))
    assert found["rank_biserial"] == pytest.approx(2 * fit.params[1])
    assert found["t"] == pytest.approx(fit.params[1] / error)
    assert found["p_rank"] == pytest.approx(2 * stats.t.sf(abs(found["t"]), n - 2))


def test_equal_weights_give_the_unweighted_effect():
    answers = weighted_answers(3)
    same = answers.with_column("w", pd.Series(2.0, index=answers.rows.index))
    found = cssp.compare_weighted(same, ["q"], "w").iloc[0]
    plain = compare_groups(cssp.frequency_table(answers, ["q"], ["city"]), "city").iloc[0]
    assert found["rank_biserial"] == pytest.approx(plain["rank_biserial"])


def test_equal_weights_give_pearsons_chi_square():
    answers = pd.DataFrame(
        {"city": np.repeat(["a", "b"], [40, 50]), "q": np.tile([1, 2, 3, 4, 5], 18), "w": 1.0}
    )
    answers.loc[:9, "q"] = 1
    answers = with_codebook(answers, {"q": EVEN})
    row = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
    table = pd.crosstab(answers["city"], answers["q"]).to_numpy()
    assert row.cramers_v == pytest.approx(
        np.sqrt(chi2_contingency(table, correction=False).statistic / 90), rel=1e-10
    )
    assert row.design_effect == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("which", "rel"), [(0, 1e-9), (1, 0.02)], ids=["no ties", "ties"])
def test_the_weighted_rank_test_equals_svyranktest(which, rel):
    """Equal without ties; R takes the plain mean of a tie's weighted ranks, in the order of rows."""
    told = claims()["svyranktest"][which]
    rows = pd.DataFrame({"city": told["g"], "q": told["q"], "w": told["w"]})
    rows["respondent"] = range(len(rows))
    found = cssp.compare_weighted(coded(rows, "q"), ["q"], "w").iloc[0]
    assert abs(found["t"]) == pytest.approx(abs(told["t"]), rel=rel)
    assert found["dof_t"] == told["dof"]
    assert found["p_rank"] == pytest.approx(told["p"], rel=10 * rel)
