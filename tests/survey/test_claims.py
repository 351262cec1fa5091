"""No claim beyond its test: direction, likeness, bias, odds and families say what was tested."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import counts_table, with_codebook
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

import cssp
from cssp import Answers, ScoringError, answer_codes, compare_groups
from cssp.show.labels import Labels
from cssp.study.questionnaire import Index
from cssp.survey import model_readings, readings
from cssp.survey.ranks import exact_p_with_ties

SCALE = answer_codes([1, 2, 3, 4, 5], positive=[4, 5], negative=[1, 2])


def only_row(a: list[int], b: list[int], **more: object) -> pd.Series:
    return compare_groups(counts_table({"a": a, "b": b}), between="city", **more).iloc[0]


few = st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(lambda row: 1 <= sum(row) <= 5)


@given(few, few)
def test_few_answers_have_the_p_of_all_ways_to_part_them(a, b):
    values = np.concatenate([np.repeat(range(3), a), np.repeat(range(3), b)])
    ranks = stats.rankdata(values)
    size = sum(a)
    own = ranks[:size].sum()
    middle = size * ranks.mean()
    sums = [sum(chosen) for chosen in combinations(ranks, size)]
    far = np.mean([abs(one - middle) >= abs(own - middle) - 1e-9 for one in sums])
    assert exact_p_with_ties(np.array(a), np.array(b)) == pytest.approx(far)


def test_three_against_three_apart():
    """coin::wilcox_test(distribution = "exact") gives .1; z without a correction .047."""
    assert only_row([3, 0, 0, 0, 0], [0, 0, 0, 0, 3]).p == pytest.approx(0.1)


@given(
    *[st.lists(st.integers(0, 15), min_size=5, max_size=5).filter(lambda row: sum(row) >= 10)] * 2
)
def test_p_of_the_effect_and_its_interval_say_the_same(a, b):
    row = only_row(a, b)
    if np.isnan(row.ci_low):
        return
    assert (row.p_level < 0.05) == (row.ci_low > 0 or row.ci_high < 0)


def test_two_camps_are_no_direction(study):
    """One group of one mind, the other in two camps: distributions differ, and nobody is higher."""
    freq = counts_table({"vologda": [0, 0, 60, 0, 0], "petrozavodsk": [33, 0, 0, 0, 27]})
    pairs = compare_groups(freq, between="city", correction="none")
    assert not pairs.p_level.iloc[0] < 0.05
    pairs["p"] = pairs["p_adjusted"] = 0.001  # as a test of equal distributions may say
    text = readings.comparison(pairs, Labels(study, "en"))
    assert "spread differently" in text and "higher in the group" not in text
    assert "0 of them keep" in text  # they differ, but it is no finding of a level


@settings(max_examples=1, deadline=None)
@given(st.just(7))
def test_unequal_spreads_do_not_reject_a_level(seed):
    """r = 0 in both: Mann-Whitney rejects in a quarter of the draws, the effect's p in a twentieth."""
    random = np.random.default_rng(seed)
    camps, middle = [0.5, 0, 0, 0, 0.5], [0, 0.1, 0.8, 0.1, 0]
    groups = {}
    for draw in range(400):
        groups[f"a{draw}"] = list(random.multinomial(20, camps))
        groups[f"b{draw}"] = list(random.multinomial(60, middle))
    level, ranks = [], []
    for draw in range(400):
        row = only_row(groups[f"a{draw}"], groups[f"b{draw}"], measures="ranks")
        level.append(row.p_level < 0.05)
        ranks.append(row.p < 0.05)
    assert np.mean(ranks) > 0.15
    assert np.mean(level) < 0.08


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


def scale_answers(n: int, shift: float, items: int, seed: int, bias: float = 0.0) -> Answers:
    """Two groups whose trait differs by `shift`; the first item is harder for the second by `bias`."""
    random = np.random.default_rng(seed)
    group = np.repeat(["a", "b"], n)
    trait = random.normal(size=2 * n) + shift * (group == "a")
    rows = {"respondent": range(2 * n), "city": pd.Categorical(group)}
    for item in range(items):
        raw = 0.9 * trait + random.normal(size=2 * n) - bias * (group == "b") * (item == 0)
        rows[f"q{item}"] = 1 + np.searchsorted([-1.2, -0.3, 0.5, 1.4], raw)
    return Answers(pd.DataFrame(rows), {f"q{item}": {**SCALE} for item in range(items)})


def test_a_difference_of_the_trait_is_no_bias():
    """d = 1 with 57 and 55 in all: on the rest score 23 % of scales have an item flagged."""
    scale = Index(name="s", label={"en": "s"}, items=[f"q{i}" for i in range(6)])
    flagged = {"total": 0, "rest": 0}
    inside = []
    for seed in range(60):
        answers = scale_answers(150, 1.0, 6, seed)
        for match in flagged:
            found = cssp.item_bias(answers, scale, match=match)
            flagged[match] += bool((found["p_adjusted"] < 0.05).any())
            if match == "total":
                inside += list((found["ci_low"] <= 0) & (found["ci_high"] >= 0))
    assert flagged["total"] <= 8  # 5 % of 60, and what chance adds
    assert flagged["rest"] >= 25
    assert np.mean(inside) > 0.92


def test_a_biased_item_is_found_and_purified_scores_find_no_other():
    scale = Index(name="s", label={"en": "s"}, items=[f"q{i}" for i in range(6)])
    answers = scale_answers(300, 0.5, 6, 3, bias=1.2)
    for purify in (False, True):
        found = cssp.item_bias(answers, scale, purify=purify).set_index("item")
        assert found.loc["q0", "p_adjusted"] < 0.001
    others = found.drop(index="q0")
    assert (others["p_adjusted"] > 0.05).all()


def test_the_score_that_matches_is_counted_slowly():
    answers = scale_answers(40, 0.3, 4, 1)
    scale = Index(name="s", label={"en": "s"}, items=[f"q{i}" for i in range(4)])
    found = cssp.item_bias(answers, scale).set_index("item").loc["q2"]
    rows = answers.rows
    rows["score"] = rows[[f"q{i}" for i in range(4)]].sum(axis=1)
    off = variance = 0.0
    for _, own in rows.groupby("score"):
        a = own["city"] == "a"
        n_a, n = a.sum(), len(own)
        if 0 < n_a < n:
            x = own["q2"].astype(float)
            off += x[a].sum() - n_a * x.mean()
            variance += n_a * (n - n_a) / n * x.var(ddof=1)
    assert found["chi2"] == pytest.approx(off**2 / variance)


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
    from cssp.survey.regression import fitted_model

    counts = rows.groupby(["city", "sector"])["q"].value_counts()
    saturated = (counts * np.log(counts / counts.groupby(level=[0, 1]).transform("sum"))).sum()
    model = fitted_model(answers, "q", ["city", "sector"], False, [])
    assert (found["lr"].dropna() >= 0).all()
    assert (found["lr"].dropna() <= 2 * (saturated - model.fit.llf) + 1e-3).all()


def test_the_odds_of_the_city_are_told_by_the_citys_own_test(study):
    """Unequal odds of the sector say nothing of the city's; the sentence has p and n."""
    model = pd.DataFrame(
        {
            "item": ["npo_useful"],
            "term": ["city"],
            "category": ["vologda"],
            "reference": ["petrozavodsk"],
            "odds_ratio": [2.0],
            "ci_low": [1.2],
            "ci_high": [3.1],
            "n": [180],
        }
    )
    odds = pd.DataFrame(
        {
            "item": ["npo_useful"] * 2,
            "term": ["city", "sector"],
            "lr": [1.0, 40.0],
            "dof": [3, 6],
            "p": [0.8, 1e-6],
            "p_adjusted": [0.8, 1e-6],
            "n": [180, 180],
        }
    )
    labels = Labels(study, "en")
    assert "not proportional" not in model_readings.regression(model, odds, labels)
    odds.loc[0, ["lr", "p", "p_adjusted"]] = [20.0, 0.0001, 0.0004]
    text = model_readings.regression(model, odds, labels)
    assert "not proportional" in text and "p <0.001; n = 180" in text


def test_likeness_is_where_the_interval_lies_within_the_bounds():
    """Two one-sided tests at 5 % are the 90 % interval inside the bound."""
    random = np.random.default_rng(5)
    groups = {
        name: list(random.multinomial(150, [0.1, 0.25, 0.3, 0.25, 0.1])) for name in "abcdefg"
    }
    freq = counts_table(groups)
    pairs = cssp.equivalence(compare_groups(freq, between="city"), 0.2)
    narrow = compare_groups(freq, between="city", confidence=0.9)
    inside = (narrow["ci_low"] > -0.2) & (narrow["ci_high"] < 0.2)
    assert pairs["alike"].tolist() == inside.tolist()
    assert 0 < inside.sum() < len(inside)
    # the table's own confidence does not matter
    again = cssp.equivalence(narrow, 0.2)
    assert again["p_equivalence"].to_numpy() == pytest.approx(pairs["p_equivalence"].to_numpy())
    with pytest.raises(ScoringError, match="between 0 and 1"):
        cssp.equivalence(pairs, 1.5)


def test_likeness_is_told_only_where_it_is_shown(study):
    freq = counts_table({"vologda": [40, 100, 120, 100, 40], "petrozavodsk": [42, 98, 121, 99, 40]})
    pairs = cssp.equivalence(compare_groups(freq, between="city"), 0.2)
    told = readings.comparison(pairs, Labels(study, "en"))
    assert "could be shown in 1 of 1 comparisons" in told and "is shown in 1:" in told
    small = counts_table({"vologda": [1, 4, 5, 4, 1], "petrozavodsk": [2, 3, 5, 3, 2]})
    pairs = cssp.equivalence(compare_groups(small, between="city"), 0.2)
    told = readings.comparison(pairs, Labels(study, "en"))  # so few could not show it
    assert "could be shown in 0 of 1 comparisons" in told and "is shown in 0;" in told


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


def test_few_respondents_have_a_permuted_p_of_q():
    random = np.random.default_rng(0)
    rejected = []
    for seed in range(150):
        chosen = random.integers(0, 2, (12, 4))
        rows = pd.DataFrame(chosen, columns=[f"m__{i}" for i in range(4)]).assign(city="a")
        found = cssp.options_within(Answers(rows, {}), "m", seed=seed).iloc[0]
        rejected.append(found["p"] < 0.05)
        assert "random orders" in found["note"]
    assert np.mean(rejected) < 0.09


def test_the_gaps_of_perception_have_students_t():
    matrix = pd.DataFrame(
        {
            "city": "x",
            "rater": ["a", "b"],
            "rated": ["b", "a"],
            "own": False,
            "items": 2,
            "estimate": [0.4, 0.1],
            "se": [0.1, 0.2],
            "ci_low": 0.0,
            "ci_high": 0.0,
            "n": [9, 14],
            "note": "",
        }
    )
    gap = cssp.perception_gaps(matrix).iloc[0]
    v = np.array([0.01, 0.04])
    dof = v.sum() ** 2 / (v**2 / np.array([8, 13])).sum()
    half = stats.t.ppf(0.975, dof) * np.sqrt(v.sum())
    assert (gap["ci_low"], gap["ci_high"]) == pytest.approx((0.3 - half, 0.3 + half))


given_answers = st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(lambda r: sum(r[:3]) > 1)


@given(given_answers, given_answers)
@settings(max_examples=40)
def test_no_answer_of_the_undecided_leaves_the_bounds(a, b):
    """Every way in which they could have answered lies between the bounds, and both are reached."""
    freq = cssp.table_of_counts(
        "q", {"a": a, "b": b}, codes=[1, 2, 3, 97], special={97: "hard_to_say"}
    )
    pairs = compare_groups(freq, "city")
    if pairs["rank_biserial"].isna().all():
        return
    row = cssp.hard_to_say_bounds(freq, pairs, "city").iloc[0]

    def effect(more_a: tuple[int, ...], more_b: tuple[int, ...]) -> float:
        x = np.concatenate([np.repeat([1, 2, 3], a[:3]), more_a])
        y = np.concatenate([np.repeat([1, 2, 3], b[:3]), more_b])
        return float(np.sign(x[:, None] - y[None, :]).mean())

    assert row["least"] == pytest.approx(effect((1,) * a[3], (3,) * b[3]))
    assert row["most"] == pytest.approx(effect((3,) * a[3], (1,) * b[3]))
    assert row["as_middle"] == pytest.approx(effect((2,) * a[3], (2,) * b[3]))
    random = np.random.default_rng(sum(a) + 7 * sum(b))
    for _ in range(5):
        some = effect(tuple(random.integers(1, 4, a[3])), tuple(random.integers(1, 4, b[3])))
        assert row["least"] - 1e-9 <= some <= row["most"] + 1e-9


def test_coefficients_for_ties_on_a_published_table():
    """Rubia (2022, table 7): r = .4273 and (P - Q)/(P + Q) = .5529, which he calls Cureton's (see
    pingouin's issue 483); there it is gamma. Cureton's own limit (1956), r over the largest r of
    these answers, gives .4434."""
    counts = [2, 2, 4, 2, 1], [6, 9, 5, 0, 0]
    told = only_row(*counts, measures="ties")
    assert only_row(*counts)["rank_biserial"] == pytest.approx(0.427272727, abs=1e-9)
    assert told["gamma"] == pytest.approx(0.552941176, abs=1e-9)
    assert told["cureton"] == pytest.approx(0.443396226, abs=1e-9)
