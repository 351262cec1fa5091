"""compare_groups against R, SciPy, statsmodels and pingouin, and its symmetries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest
from conftest import coded, counts_table, joined, with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import brunnermunzel, chi2_contingency, mannwhitneyu, ncx2
from statsmodels.stats.multitest import multipletests
from survey_answers import FOUR, SCALE, claims, counts, only_row, r, respondents

import cssp
from cssp import Answers, ScoringError, answer_codes, compare_groups
from cssp.survey.compare import adjust
from cssp.survey.comparison_notes import (
    NOTE_ABSENT,
    NOTE_EMPTY,
    NOTE_ONE_CATEGORY,
    NOTE_SEPARATED,
    NOTE_UNORDERED,
)
from cssp.survey.two_groups import NOTE_EXACT, NOTE_EXACT_TIES, NOTE_NO_V, NOTE_SMALL_EXPECTED


def test_equals_r(reference):
    for case in reference["cases"]:
        row = only_row(case["a"], case["b"])
        assert row.u == case["u"], case["name"]
        # R's p is that of z; with fewer than 10 answers in a group the table has the exact one
        asymptotic = 2 * ndtr(-abs(row.z))
        assert asymptotic == pytest.approx(case["p"], rel=1e-12), case["name"]
        if NOTE_EXACT_TIES not in row.note and NOTE_EXACT not in row.note:
            assert row.p == asymptotic
        assert row.rank_biserial == pytest.approx(2 * case["auc"] - 1, abs=1e-12), case["name"]
        error = 2 * np.sqrt(case["delong_variance"]) / (1 - row.rank_biserial**2)
        assert row.ci_low == pytest.approx(
            np.tanh(np.arctanh(row.rank_biserial) - 1.959963984540054 * error), abs=1e-9
        )
        assert row.ci_high == pytest.approx(
            np.tanh(np.arctanh(row.rank_biserial) + 1.959963984540054 * error), abs=1e-9
        )
        assert row.chi2 == pytest.approx(case["chi2"], rel=1e-9, abs=1e-12)
        if row.smallest_expected >= 5:  # otherwise the p given the margins: test_crosstab.py
            assert row.p_chi2 == pytest.approx(case["p_chi2"], rel=1e-9)
        assert row.cramers_v == pytest.approx(case["cramers_v"], rel=1e-9, abs=1e-9)
        # effectsize finds the bounds by optimisation, to about 1e-7
        if row.smallest_expected >= 5 and np.isfinite(row.v_low):
            assert row.v_low == pytest.approx(case["v_low"], abs=1e-6)
            assert row.v_high == pytest.approx(case["v_high"], abs=1e-6)


def test_the_worked_example_of_the_design():
    row = only_row([4, 10, 20, 40, 18], [12, 25, 30, 30, 12])
    assert (row.n_a, row.n_b, row.u) == (92, 109, 6443)
    assert row.p == pytest.approx(0.000319447946306783, rel=1e-12)
    assert row.rank_biserial == pytest.approx(0.285, abs=5e-4)


@given(counts, counts)
def test_equals_the_slow_definition(a, b):
    slow, row = mannwhitneyu(respondents(a), respondents(b), method="asymptotic"), only_row(a, b)
    assert row.u == slow.statistic
    if row.note.startswith(NOTE_ONE_CATEGORY):
        assert row.p == 1
    else:
        assert row.p == pytest.approx(slow.pvalue, rel=1e-10)
    x, y = respondents(a)[:, None], respondents(b)[None, :]
    assert row.rank_biserial == pytest.approx(np.mean(np.sign(x - y)), abs=1e-12)


@given(counts, counts)
def test_chi_square_equals_scipy(a, b):
    table = np.array([a, b])[:, np.add(a, b) > 0]
    row = only_row(a, b)
    if table.shape[1] < 2:
        assert np.isnan(row.chi2)
        return
    slow = chi2_contingency(table, correction=False)
    assert row.chi2 == pytest.approx(slow.statistic, rel=1e-9, abs=1e-9)
    if row.smallest_expected >= 5:
        assert row.p_chi2 == pytest.approx(slow.pvalue, rel=1e-8, abs=1e-12)
    assert row.smallest_expected == pytest.approx(slow.expected_freq.min())


@given(counts, counts)
def test_the_interval_of_v_puts_the_tails_at_the_bounds(a, b):
    row = only_row(a, b)
    if not np.isfinite(row.chi2):
        return
    n = row.n_a + row.n_b
    if NOTE_NO_V in row.note:
        assert ncx2.cdf(row.chi2, row.dof, n * row.cramers_v**2) < 0.025 + 1e-9 or row.chi2 < 1
        assert np.isnan(row.v_low)
        return
    assert 0 <= row.v_low <= row.cramers_v + 1e-9 <= row.v_high + 2e-9
    if 0 < row.v_low < 1:
        assert ncx2.cdf(row.chi2, row.dof, n * row.v_low**2) == pytest.approx(0.975, abs=1e-5)
    if 0 < row.v_high < 1:
        assert ncx2.cdf(row.chi2, row.dof, n * row.v_high**2) == pytest.approx(0.025, abs=1e-5)


def test_equals_pingouin():
    a, b = [4, 10, 20, 40, 18], [12, 25, 30, 30, 12]
    theirs, row = (
        pingouin.mwu(respondents(a), respondents(b), method="asymptotic").iloc[0],
        only_row(a, b),
    )
    assert row.u == theirs["U_val"] if "U_val" in theirs else theirs["U-val"]
    # pingouin's RBC has the same sign since 0.5.4: positive when the first group lies higher
    assert row.rank_biserial == pytest.approx(theirs["RBC"], abs=1e-12)


@given(counts, counts)
def test_swapping_the_cities_only_turns_the_sign(a, b):
    one, two = only_row(a, b), only_row(b, a)
    assert one.rank_biserial == pytest.approx(-two.rank_biserial, abs=1e-12)
    assert one.z == pytest.approx(-two.z, abs=1e-12)
    assert one.p == pytest.approx(two.p, rel=1e-12)
    if np.isfinite(one.ci_low):
        assert one.ci_low == pytest.approx(-two.ci_high, abs=1e-12)
    assert one.u + two.u == one.n_a * one.n_b


@given(counts, counts, st.lists(st.integers(1, 9), min_size=5, max_size=5))
def test_relabelling_the_answers_in_the_same_order_changes_nothing(a, b, steps):
    table = counts_table({"a": a, "b": b})
    moved = cssp.table_of_counts(
        "q", {"a": a, "b": b}, codes=[int(code) for code in np.cumsum(steps)]
    )
    pd.testing.assert_frame_equal(compare_groups(table, "city"), compare_groups(moved, "city"))


@given(counts, counts)
def test_bounds_hold(a, b):
    row = only_row(a, b)
    assert -1 <= row.rank_biserial <= 1
    assert 0 <= row.p <= 1
    assert not row.ci_low > row.rank_biserial
    assert not row.ci_high < row.rank_biserial


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_corrections_equal_statsmodels(p):
    for name in ("holm", "fdr_bh"):
        assert adjust(np.array(p), name) == pytest.approx(
            multipletests(p, method=name)[1], abs=1e-12
        )


def test_corrections_equal_r(reference):
    p = np.array([0.001, 0.2, 0.04, 0.03, 0.0005, 0.9])
    assert adjust(p, "holm") == pytest.approx(reference["holm"])
    assert adjust(p, "fdr_bh") == pytest.approx(reference["fdr_bh"])


def test_families_are_corrected_apart():
    one = counts_table({"a": [9, 5, 1], "b": [1, 5, 9]}, item="q1")
    two = counts_table({"a": [7, 5, 3], "b": [3, 5, 7]}, item="q2")
    table = one + two
    together = compare_groups(table, "city", correction="holm")
    apart = compare_groups(table, "city", correction="holm", families={"q1": "x", "q2": "y"})
    assert together["n_tests"].tolist() == [2, 2]
    assert apart["n_tests"].tolist() == [1, 1]
    assert apart["p_adjusted"].tolist() == apart["p"].tolist()
    assert together["p_adjusted"].iloc[0] == pytest.approx(2 * together["p"].iloc[0])


def test_an_empty_group_keeps_its_row_and_says_why():
    row = only_row([0] * 5, [1, 2, 3, 4, 5])
    assert row.note == NOTE_EMPTY
    assert np.isnan(row.p)
    assert row.n_a == 0


def test_answers_all_alike_have_effect_zero_and_are_not_tested():
    row = only_row([0, 5, 0, 0, 0], [0, 9, 0, 0, 0])
    assert (row.rank_biserial, row.n_tests) == (0, 0)
    assert np.isnan([row.p, row.p_adjusted, row.p_level]).all()
    assert np.isnan(row.ci_low)
    assert row.note.startswith(NOTE_ONE_CATEGORY)


def test_groups_that_do_not_overlap_have_no_interval():
    row = only_row([5, 5, 0, 0, 0], [0, 0, 0, 5, 5])
    assert row.rank_biserial == -1
    assert np.isnan(row.ci_low)
    assert NOTE_SEPARATED in row.note


def test_small_expected_counts_are_said():
    assert NOTE_SMALL_EXPECTED in only_row([1, 2, 1, 0, 2], [2, 1, 1, 1, 0]).note


def test_answers_without_order_are_not_ranked():
    table = counts_table({"a": [5, 9, 3], "b": [4, 4, 9]})
    table = with_codebook(
        table,
        {
            "q": {
                "item": "q",
                "codes": [1, 2, 3],
                "special": {},
                "sign": {},
                "weight": {},
                "ordered": False,
            }
        },
    )
    row = compare_groups(table, "city").iloc[0]
    assert np.isnan(row.p)
    assert row.note.startswith(NOTE_UNORDERED)
    assert np.isfinite(row.p_chi2)


def test_the_order_of_answers_is_the_codebooks():
    """A scale coded from high to low is compared by the order in which the codebook lists it."""
    table = counts_table({"a": [9, 5, 1], "b": [1, 5, 9]})
    table = with_codebook(
        table,
        {
            "q": {
                "item": "q",
                "codes": [3, 2, 1],
                "special": {},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    assert compare_groups(table, "city").iloc[0].rank_biserial > 0


def test_special_answers_are_outside_the_base():
    table = counts_table({"a": [9, 5, 1, 50], "b": [1, 5, 9, 1]}).counts.rename(columns={4: 97})
    table = with_codebook(
        table,
        {
            "q": {
                "item": "q",
                "codes": [1, 2, 3],
                "special": {97: "hard_to_say"},
                "sign": {},
                "weight": {},
                "ordered": True,
            }
        },
    )
    assert compare_groups(table, "city").iloc[0].n_a == 15


def test_strata_are_compared_apart_and_pooled_on_request(study):
    import cssp

    answers = cssp.load_survey(study)
    names = study.questionnaire.names("ordinal")
    freq = cssp.frequency_table(answers, names, by=["city", "sector"])
    within = compare_groups(freq, "city", "sector")
    pooled = compare_groups(freq, "city")
    assert len(within) == 3 * len(pooled)
    one = within[(within["item"] == names[0])]
    assert one["n_a"].sum() == pooled.loc[pooled["item"] == names[0], "n_a"].item()


def test_an_unknown_level_is_named_with_those_there_are():
    with pytest.raises(ScoringError, match="town.*city"):
        compare_groups(counts_table({"a": [1] * 5, "b": [2] * 5}), between="town")


def test_an_unknown_correction_is_refused():
    with pytest.raises(ScoringError, match="Did you mean 'holm'"):
        compare_groups(
            counts_table({"a": [1] * 5, "b": [2] * 5}), between="city", correction="holms"
        )


def test_weighted_counts_are_refused():
    with pytest.raises(ScoringError, match="not whole numbers"):
        compare_groups(counts_table({"a": [0.5, 1, 2], "b": [2, 1, 1]}), between="city")


def test_whole_numbers_made_of_weights_are_refused_too():
    answers = coded(
        pd.DataFrame({"city": ["a", "a", "b", "b"], "q": [1, 2, 2, 3], "w": [4, 4, 4, 4]})
    )
    with pytest.raises(ScoringError, match="without weights"):
        compare_groups(cssp.frequency_table(answers, ["q"], by=["city"], weights="w"), "city")


def test_a_group_that_was_left_out_is_not_called_empty():
    both, alone = (
        counts_table({"a": [1, 2, 3], "b": [3, 2, 1]}, "q1"),
        counts_table({"a": [1, 2, 3]}, "q2"),
    )
    table = with_codebook(joined(both, alone), {**both.codebook, **alone.codebook})
    assert compare_groups(table, "city").set_index("item").loc["q2", "note"] == NOTE_ABSENT


def test_answers_without_order_are_corrected_by_their_chi_square():
    table = joined(*(counts_table({"a": [9, 3, 1], "b": [2, 4, 9]}, name) for name in ("q1", "q2")))
    entry = {"codes": [1, 2, 3], "special": {}, "sign": {}, "weight": {}, "ordered": False}
    table = with_codebook(table, {name: {"item": name, **entry} for name in ("q1", "q2")})
    pairs = compare_groups(table, "city")
    assert pairs["p_adjusted"].tolist() == pytest.approx((2 * pairs["p_chi2"]).tolist())
    assert pairs["n_tests"].tolist() == [2, 2]


@given(counts, counts)
def test_tie_coefficients_equal_their_slow_definitions(a, b):
    row = cssp.compare_groups(
        counts_table({"a": a, "b": b}), "city", measures=["ranks", "ties"]
    ).iloc[0]
    x, y = respondents(a), respondents(b)
    above, below = (x[:, None] > y).sum(), (x[:, None] < y).sum()
    if above + below == 0:
        return
    assert row.gamma == pytest.approx((above - below) / (above + below))
    assert abs(row.rank_biserial) <= abs(row.cureton) + 1e-12 <= 1 + 1e-9
    ordered = np.sort(np.concatenate([x, y]))
    top, rest = (
        (ordered[-len(x) :], ordered[: -len(x)])
        if above >= below
        else (ordered[: len(x)], ordered[len(x) :])
    )
    largest = abs(np.sign(top[:, None] - rest).sum())
    assert row.cureton == pytest.approx((above - below) / largest)
    ties = (x[:, None] == y).sum()
    if below + ties:
        assert row.wmw_odds == pytest.approx((above + ties / 2) / (below + ties / 2))


def test_gammas_error_is_that_of_agrestis_formula():
    """The variance of Goodman & Kruskal (1972) for any r x c table, cell by cell; Agresti's job satisfaction gives 0.221 and 0.117."""

    def slow(table: np.ndarray) -> tuple[float, float]:
        rows, columns = table.shape
        c, d = np.zeros(table.shape), np.zeros(table.shape)
        for i in range(rows):
            for j in range(columns):
                c[i, j] = table[:i, :j].sum() + table[i + 1 :, j + 1 :].sum()
                d[i, j] = table[:i, j + 1 :].sum() + table[i + 1 :, :j].sum()
        p, q = (table * c).sum(), (table * d).sum()
        return (p - q) / (p + q), np.sqrt(16 * (table * (q * c - p * d) ** 2).sum()) / (p + q) ** 2

    published = np.array([[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])
    assert slow(published) == (pytest.approx(0.221, abs=5e-4), pytest.approx(0.117, abs=5e-4))
    a, b = [4, 10, 20, 40, 18], [12, 25, 30, 30, 12]
    row = cssp.compare_groups(counts_table({"a": a, "b": b}), "city", measures="ties").iloc[0]
    gamma, error = slow(np.array([b, a]))
    assert row.gamma == pytest.approx(gamma)
    assert row.gamma_high - row.gamma == pytest.approx(1.959963984540054 * error)


def test_measures_that_are_not_asked_for_are_not_there():
    table = counts_table({"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12]})
    assert "chi2" not in cssp.compare_groups(table, "city", measures="ranks")
    assert cssp.compare_groups(table, "city", measures="chi_square")["p_adjusted"].notna().all()
    with pytest.raises(ScoringError, match="'rank' is not a family of measures"):
        cssp.compare_groups(table, "city", measures="rank")


def test_families_may_be_the_studys_own_function(study):
    freq = cssp.frequency_table(
        cssp.load_survey(study), study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    one, two = (
        compare_groups(freq, between="city", within="sector", families=told)
        for told in (study.families, study.families())
    )
    assert one.equals(two)
    for _, part in one.groupby("family"):
        for raw, adjusted in (("p", "p_adjusted"), ("p_level", "p_level_adjusted")):
            known = part[part[raw].notna()]
            expected = multipletests(known[raw], method="holm")[1]
            assert known[adjusted].to_numpy() == pytest.approx(expected)
            assert set(part["n_tests"]) == {len(known)}


def test_what_cannot_be_tested_is_in_no_family():
    alike = counts_table({"a": [0, 9, 0, 0, 0], "b": [0, 12, 0, 0, 0]})
    pairs = compare_groups(alike, between="city")
    assert pairs["n_tests"].tolist() == [0] and pairs["p"].isna().all()
    rows = pd.DataFrame(
        {
            "respondent": range(40),
            "city": ["a", "b"] * 20,
            "sector": "x",
            "q": 3,
            "forms__a": 1,
            "w": 1.0,
        }
    )
    answers = Answers(
        rows, {"q": SCALE, "forms__a": {**answer_codes([0, 1]), "ordered": False, "item": "forms"}}
    )
    freq = cssp.frequency_table(answers, ["q"], ["city", "sector"])
    for table in (
        cssp.compare_weighted(answers, ["q"], "w"),
        cssp.compare_options(cssp.frequency_table(answers, ["forms"], ["city"]), "city"),
        cssp.compare_adjusted(freq, between="city", strata="sector"),
    ):
        assert table["p"].isna().all() and set(table["n_tests"]) == {0}


def test_coefficients_for_ties_on_a_published_table():
    """Rubia (2022, table 7): r = .4273 and (P - Q)/(P + Q) = .5529, which he calls Cureton's (see
    pingouin's issue 483); there it is gamma. Cureton's own limit (1956), r over the largest r of
    these answers, gives .4434."""
    published = [2, 2, 4, 2, 1], [6, 9, 5, 0, 0]
    told = only_row(*published, measures="ties")
    assert only_row(*published)["rank_biserial"] == pytest.approx(0.427272727, abs=1e-9)
    assert told["gamma"] == pytest.approx(0.552941176, abs=1e-9)
    assert told["cureton"] == pytest.approx(0.443396226, abs=1e-9)


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


def test_few_answers_have_the_exact_p_of_coin():
    for row in claims()["coin_exact"]:
        found = cssp.compare_groups(counts_table({"a": row["a"], "b": row["b"]}), "city").iloc[0]
        assert found["p"] == pytest.approx(row["p"], rel=1e-9)
