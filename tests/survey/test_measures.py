"""The survey's measures against their slow definitions, published examples, and the symmetries they must have."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from conftest import coded, counts_table, with_codebook
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio
from statsmodels.stats.proportion import multinomial_proportions_confint

import cssp
from cssp import ScoringError
from cssp.stats.odds_ratio import conditional_odds
from cssp.study.questionnaire import Index
from cssp.study.study_file import Competence, Profile
from cssp.survey.crosstab import conditional_p, noncentrality
from cssp.survey.describe import agreement_a, consensus, median_ranks
from cssp.survey.perception import perception_gaps, perception_matrix
from cssp.survey.ranks import exact_p
from cssp.survey.weighting import weighted_moments

ENTRY = {
    "item": "q",
    "codes": [1, 2, 3, 4, 5],
    "special": {97: "hard_to_say"},
    "sign": {1: -1, 2: -1, 3: 0, 4: 1, 5: 1},
    "weight": {1: 1.0, 2: 0.5, 3: 1.0, 4: 0.5, 5: 1.0},
    "ordered": True,
    "rated": "npo",
    "reverse": False,
}
counts = st.lists(st.integers(0, 25), min_size=5, max_size=5).filter(lambda row: sum(row) > 1)
few = st.lists(st.integers(0, 3), min_size=3, max_size=4).filter(lambda row: sum(row) > 1)


def respondents(row) -> np.ndarray:
    return np.repeat(range(1, len(row) + 1), row)


def with_book(table: pd.DataFrame, item: str = "q") -> pd.DataFrame:
    return with_codebook(table, {item: {**ENTRY, "item": item}})


def answers_of(groups: dict[tuple[str, str], list[int]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"city": city, "sector": sector, "q": respondents(row)})
        for (city, sector), row in groups.items()
    ]
    return with_book(pd.concat(parts, ignore_index=True))


# ------------------------------------------------------------ tables add up


rows_of_answers = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("ab"), st.integers(-3, 6) | st.none()),
    min_size=1,
    max_size=30,
)


@given(rows_of_answers, rows_of_answers)
def test_counts_of_two_parts_are_the_counts_of_the_whole(first, second):
    one, two, whole = (
        cssp.Answers(
            pd.DataFrame(rows, columns=["city", "sector", "q"]).astype({"q": "Int64"}),
            {"q": cssp.answer_codes(range(-3, 7))},
        )
        for rows in (first, second, first + second)
    )
    tables = [
        cssp.frequency_table(part, ["q"], by=["city", "sector"]) for part in (one, two, whole)
    ]
    added = tables[0] + tables[1]
    assert isinstance(added, cssp.FrequencyTable)
    for key, row in tables[2].counts.iterrows():
        for code in tables[2].columns:
            assert added.loc[key, code] == row[code]
    assert int(added.to_numpy().sum()) == int(whole["q"].notna().sum())


def test_a_sum_of_tables_is_their_table(study):
    names = study.questionnaire.names("ordinal", "single", "multiple")
    parts = [
        cssp.frequency_table(cssp.load_survey(study, [city]), names, by=["city", "sector"])
        for city in study.cities
    ]
    whole = cssp.frequency_table(cssp.load_survey(study), names, by=["city", "sector"])
    pd.testing.assert_frame_equal(sum(parts).counts, whole.counts)
    assert sum(parts).codebook == whole.codebook


def test_tables_with_unequal_codes_are_not_added():
    one, two = with_book(counts_frame([1, 2])), with_book(counts_frame([1, 2]))
    two = with_codebook(two, {"q": {**ENTRY, "codes": [1, 2, 3], "special": {}}})
    with pytest.raises(ScoringError, match="not coded alike"):
        cssp.frequency_table(one, ["q"], by=["city"]) + cssp.frequency_table(
            two, ["q"], by=["city"]
        )
    with pytest.raises(ScoringError, match="grouped differently"):
        cssp.frequency_table(one, ["q"], by=["city"]) + cssp.frequency_table(one, ["q"])
    weighted = cssp.frequency_table(
        one.with_column("w", [1.5, 1.5]), ["q"], by=["city"], weights="w"
    )
    with pytest.raises(ScoringError, match="Weighted"):
        cssp.frequency_table(one, ["q"], by=["city"]) + weighted


def counts_frame(values: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"city": "a", "q": values})


def test_any_integer_codes_are_counted():
    wide = coded(
        pd.DataFrame(
            {
                "q": pd.array([-5, 2_000_000, None, -5], dtype="Int64"),
                "c": pd.Categorical([3, 7, None, 3]),
            }
        )
    )
    assert cssp.frequency_table(wide, ["q"]).to_dict("records") == [{-5: 2, 2_000_000: 1}]
    assert cssp.frequency_table(wide, ["c"]).to_dict("records") == [{3: 2, 7: 1}]
    for kind in ("int8", "uint8", "int64", "Int8", "float32"):
        assert cssp.frequency_table(
            coded(pd.DataFrame({"q": pd.array([1, 2, 2], dtype=kind)})), ["q"]
        ).to_dict("records") == [{1: 1, 2: 2}]


def test_a_parquet_file_is_counted_in_chunks(tmp_path):
    rng = np.random.default_rng(0)
    whole = pd.DataFrame(
        {
            "city": rng.choice(["b", "a"], 1000),
            "q": pd.array(rng.integers(1, 6, 1000), dtype="Int8"),
        }
    )
    whole.loc[::7, "q"] = pd.NA
    whole.to_parquet(tmp_path / "survey.parquet")
    chunks = cssp.parquet_chunks(tmp_path / "survey.parquet", ["city", "q"], rows=90)
    answers = coded(whole)
    counted = cssp.count_in_chunks(chunks, ["q"], by=["city"], codebook=answers.codebook)
    assert counted == cssp.frequency_table(answers, ["q"], by=["city"])
    with pytest.raises(cssp.DataError, match="no column 'town'"):
        list(cssp.parquet_chunks(tmp_path / "survey.parquet", ["town"]))
    with pytest.raises(cssp.DataError, match="cannot be read"):
        list(cssp.parquet_chunks(tmp_path / "nothing.parquet", ["q"]))


# ------------------------------------------------------------ describe


@given(counts, st.integers(0, 9))
def test_describe_equals_numpy(row, hard):
    table = with_book(
        counts_table({"a": row}).counts.assign(**{"97": hard}).rename(columns={"97": 97})
    )
    found, values = cssp.describe(table).iloc[0], respondents(row)
    assert (found.n, found.n_all) == (len(values), len(values) + hard)
    assert found["median"] == np.median(values)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["sd"] == pytest.approx(values.std(ddof=1), abs=1e-12)
    assert found["hard_to_say"] == pytest.approx(hard / (len(values) + hard))
    assert 0 <= found["consensus"] <= 1 + 1e-12
    assert -1 - 1e-12 <= found["agreement_a"] <= 1 + 1e-12
    if len(values) >= 6:
        assert found["median_low"] <= found["median"] <= found["median_high"]
        assert found["median_coverage"] >= 0.95 - 1e-12


def test_the_ranks_of_the_medians_interval_are_those_of_the_binomial():
    """Tables of the order-statistic interval give ranks 2 and 9 for n = 10 (97.9 %), 6 and 15 for n = 20 (95.9 %)."""
    low, high, coverage = median_ranks(np.array([5.0, 6.0, 10.0, 20.0]), 0.95)
    assert low.tolist() == [0, 1, 2, 6]
    assert high.tolist()[1:] == [6, 9, 15]
    assert coverage[1:] == pytest.approx([0.96875, 0.978515625, 0.958610534667969])


def slow_agreement(row: list[int]) -> float:
    """Van der Eijk's A layer by layer, triple by triple."""
    k, rest, n, total = len(row), np.array(row, dtype=float), sum(row), 0.0
    while rest.max() > 0:
        step = rest[rest > 0].min()
        pattern = (rest > 0).astype(int)
        tu = tdu = 0
        for i, j, m in combinations(range(k), 3):
            told = (pattern[i], pattern[j], pattern[m])
            tdu += told == (1, 0, 1)
            tu += told in ((1, 1, 0), (0, 1, 1))
        size = pattern.sum()
        u = ((k - 2) * tu - (k - 1) * tdu) / ((k - 2) * (tu + tdu)) if tu + tdu else 0
        total += (1.0 if size == 1 else u * (1 - (size - 1) / (k - 1))) * step * size / n
        rest = np.maximum(rest - step * pattern, 0)
    return total


@given(st.lists(st.integers(0, 12), min_size=3, max_size=8).filter(lambda row: sum(row) > 0))
def test_agreement_equals_the_slow_definition(row):
    assert agreement_a(np.array([row], dtype=float))[0] == pytest.approx(
        slow_agreement(row), abs=1e-12
    )


@given(counts)
def test_turning_the_scale_leaves_consensus_as_it_is(row):
    there, back = np.array([row], dtype=float), np.array([row[::-1]], dtype=float)
    assert consensus(there)[0] == pytest.approx(consensus(back)[0], abs=1e-12)
    assert agreement_a(there)[0] == pytest.approx(agreement_a(back)[0], abs=1e-12)


@given(counts)
def test_goodmans_intervals_equal_statsmodels(row):
    found = cssp.simultaneous_shares(counts_table({"a": row}))
    theirs = multinomial_proportions_confint(row, method="goodman")
    assert found["goodman_low"].to_numpy() == pytest.approx(theirs[:, 0], abs=1e-9)
    assert found["goodman_high"].to_numpy() == pytest.approx(theirs[:, 1], abs=1e-9)
    assert (
        found["goodman_high"] - found["goodman_low"] >= found["ci_high"] - found["ci_low"] - 1e-12
    ).all()


def test_weights_give_no_intervals():
    freq = cssp.frequency_table(
        coded(pd.DataFrame({"q": [1, 2, 2, 3, 3, 3, 4], "w": [1.0, 2, 3, 1, 1, 1, 1]})),
        ["q"],
        weights="w",
    )
    row = cssp.describe(freq).iloc[0]
    assert np.isnan(row["median_low"])
    assert row["note"] == "weighted counts: no interval"


# ------------------------------------------------------------ bootstrap


def test_the_bootstrap_agrees_with_the_delta_method_in_a_large_group():
    freq = with_book(counts_table({"a": [300, 500, 700, 900, 600], "b": [500, 600, 700, 700, 500]}))
    for family in ("plain", "plus100", "vciom", "rosstat"):
        delta = cssp.net_balance(freq, family)
        drawn = cssp.bootstrap_balances(freq, family, between="city", replicates=4000)
        assert drawn["estimate"].iloc[:2].to_numpy() == pytest.approx(delta["balance"].to_numpy())
        assert drawn["se"].iloc[:2].to_numpy() == pytest.approx(delta["se"].to_numpy(), rel=0.05)
        gap = cssp.balance_gaps(delta, "city", "a", "b").iloc[0]
        assert drawn["estimate"].iloc[2] == pytest.approx(gap["gap"])
        assert drawn["ci_low"].iloc[2] == pytest.approx(
            gap["ci_low"], abs=0.15 * (gap["ci_high"] - gap["ci_low"])
        )


@given(counts, counts)
@settings(max_examples=25)
def test_the_bootstrap_is_reproducible_and_bounded(a, b):
    freq = with_book(counts_table({"a": a, "b": b}))
    one, two = (
        cssp.bootstrap_balances(freq, "plain", between="city", replicates=200, seed=3)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two)
    known = one.dropna(subset=["ci_low"])
    assert (known["ci_low"] >= -2).all()
    assert (known["ci_high"] >= known["ci_low"]).all()


# ------------------------------------------------------------ comparison, further measures


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


@given(st.lists(st.integers(0, 10), min_size=2, max_size=9, unique=True), st.data())
def test_without_ties_few_answers_have_the_exact_p(values, data):
    from scipy.stats import mannwhitneyu

    side = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    a, b = (
        [v for v, s in zip(values, side, strict=True) if s],
        [v for v, s in zip(values, side, strict=True) if not s],
    )
    assume(a and b)
    groups = {"a": np.bincount(a, minlength=11), "b": np.bincount(b, minlength=11)}
    table = cssp.table_of_counts("q", groups, codes=range(11))
    row = cssp.compare_groups(table, "city").iloc[0]
    assert row.p == pytest.approx(mannwhitneyu(a, b, method="exact").pvalue)
    assert "exact p" in row.note
    assert exact_p(len(a), len(b), row.u) == row.p


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


def test_dunn_and_kruskal_of_nothing_say_so():
    table = counts_table({"a": [0] * 5, "b": [1, 2, 0, 0, 0], "c": [0] * 5})
    assert cssp.compare_many(table, "city").iloc[0]["note"] == "fewer than two groups with answers"
    assert (cssp.dunn_test(table, "city")["note"] == "fewer than two groups with answers").all()


# ------------------------------------------------------------ adjusted


@given(counts, counts, counts, counts)
def test_the_parts_of_the_gap_add_up(a, b, c, d):
    freq = cssp.frequency_table(
        answers_of({("x", "s"): a, ("x", "t"): b, ("y", "s"): c, ("y", "t"): d}),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.compare_adjusted(freq, "city", "sector").iloc[0]
    plain = cssp.net_balance(cssp.collapse(freq, ["city"]), "plain").set_index("city")["balance"]
    assert row.raw_gap == pytest.approx(plain["x"] - plain["y"], abs=1e-12)
    assert row.composition + row.within == pytest.approx(row.raw_gap, abs=1e-12)
    turned = freq.counts.sort_index(level="city", ascending=False, sort_remaining=False)
    swapped = cssp.compare_adjusted(
        cssp.FrequencyTable(turned, freq.codebook), "city", "sector"
    ).iloc[0]
    assert swapped.gap == pytest.approx(-row.gap, abs=1e-12)
    assert swapped.q == pytest.approx(row.q, abs=1e-9)


def test_a_difference_of_mix_alone_is_composition():
    same = {"s": [1, 2, 3, 10, 20], "t": [20, 10, 3, 2, 1]}
    freq = cssp.frequency_table(
        answers_of(
            {
                ("x", "s"): [3 * n for n in same["s"]],
                ("x", "t"): same["t"],
                ("y", "s"): same["s"],
                ("y", "t"): [3 * n for n in same["t"]],
            }
        ),
        ["q"],
        by=["city", "sector"],
    )
    for weights in ("pooled", "equal", {"s": 0.3, "t": 0.7}):
        row = cssp.compare_adjusted(freq, "city", "sector", weights=weights).iloc[0]
        assert row.raw_gap > 0.5
        assert (row.gap, row["within"]) == (
            pytest.approx(0, abs=1e-12),
            pytest.approx(0, abs=1e-12),
        )
        assert row.composition == pytest.approx(row.raw_gap)
        assert row.van_elteren == pytest.approx(0, abs=1e-12)
        assert row.p_q == pytest.approx(1)


def test_a_stratum_that_one_city_lacks_is_left_out_and_said():
    freq = cssp.frequency_table(
        answers_of(
            {("x", "s"): [1, 2, 3, 4, 5], ("x", "t"): [5, 4, 3, 2, 1], ("y", "s"): [3, 3, 3, 3, 3]}
        ),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.compare_adjusted(freq, "city", "sector").iloc[0]
    assert row.strata == 1
    assert "strata left out" in row.note
    with pytest.raises(ScoringError, match="no share for 't'"):
        cssp.compare_adjusted(freq, "city", "sector", weights={"s": 1})
    with pytest.raises(ScoringError, match="no way to weight"):
        cssp.compare_adjusted(freq, "city", "sector", weights="pool")
    with pytest.raises(ScoringError, match="cannot be both"):
        cssp.compare_adjusted(freq, "city", "city")


# ------------------------------------------------------------ perceptions


def test_a_perception_of_one_item_is_its_balance(study):
    answers = cssp.load_survey(study)
    name = next(item.name for item in study.questionnaire.items if item.rated)
    rated = study.questionnaire.item(name).rated
    matrix = perception_matrix(answers, rated={name: rated})
    balances = cssp.net_balance(
        cssp.frequency_table(answers, [name], by=["city", "sector"]), "plain"
    ).set_index(["city", "sector"])
    for row in matrix[matrix["n"] > 0].itertuples():
        own = balances.loc[(row.city, row.rater)]
        assert row.estimate == pytest.approx(own["balance"])
        assert row.se == pytest.approx(own["se"] * np.sqrt(row.n / (row.n - 1)))


def test_the_error_of_several_items_is_that_of_respondents_means(study):
    """Where everybody answers everything, the estimate is the mean of the respondents' means."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(rng.integers(1, 6, (60, 3)), columns=["q1", "q2", "q3"]).assign(
        city="x", sector="s"
    )
    rows = with_codebook(rows, {name: {**ENTRY, "item": name} for name in ("q1", "q2", "q3")})
    row = perception_matrix(
        rows, rated=dict.fromkeys(("q1", "q2", "q3"), "npo"), measure="mean"
    ).iloc[0]
    own = ((rows[["q1", "q2", "q3"]] - 1) / 4).mean(axis=1)
    assert row.estimate == pytest.approx(own.mean())
    assert row.se == pytest.approx(own.std(ddof=1) / np.sqrt(60))


def test_gaps_are_differences_of_the_matrix(study):
    matrix = perception_matrix(cssp.load_survey(study))
    cell = matrix.set_index(["city", "rater", "rated"])["estimate"]
    for row in perception_gaps(matrix).itertuples():
        if row.comparison == "reciprocity":
            assert row.gap == pytest.approx(
                cell[row.city, row.sector, row.other] - cell[row.city, row.other, row.sector]
            )
        else:
            others = [cell[row.city, one, row.sector] for one in study.sectors if one != row.sector]
            assert row.gap == pytest.approx(
                np.mean(others) - cell[row.city, row.sector, row.sector]
            )


# ------------------------------------------------------------ scales


def scale_answers(rows: list[list[int | None]], reverse: set[str] = frozenset()) -> pd.DataFrame:
    names = [f"q{i}" for i in range(len(rows[0]))]
    table = (
        pd.DataFrame(rows, columns=names)
        .astype("Int32")
        .assign(respondent=range(len(rows)), city="x", sector="s")
    )
    return with_codebook(
        table, {name: {**ENTRY, "item": name, "reverse": name in reverse} for name in names}
    )


def test_scores_turn_items_and_keep_to_the_rule_for_missing_ones():
    answers = scale_answers([[5, 1, 4], [5, None, None], [97, 3, 3]], reverse={"q1"})
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"], min_answered=2)
    found = cssp.scale_scores(answers, scale)
    assert found["score"].tolist()[0] == pytest.approx(14 / 3)
    assert np.isnan(found["score"].iloc[1])
    assert found["score"].iloc[2] == 3  # 97 is outside the scale
    assert found["answered"].tolist() == [3, 1, 2]


def test_a_scale_coded_from_high_to_low_is_placed_by_its_listing():
    answers = scale_answers([[1, 1], [5, 5]])
    answers.codebook["q1"]["codes"] = [5, 4, 3, 2, 1]
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1"])
    assert cssp.scale_scores(answers, scale)["score"].tolist() == [3, 3]


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=6, max_size=30))
def test_turning_all_items_leaves_alpha_as_it_is(rows):
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"])
    one = cssp.reliability(scale_answers(rows), scale).iloc[0]
    two = cssp.reliability(scale_answers(rows), scale, reverse=set(scale.items)).iloc[0]
    assert one.alpha == pytest.approx(two.alpha, nan_ok=True)
    if np.isfinite(one.alpha):
        assert one.alpha_low <= one.alpha <= one.alpha_high


def test_a_scale_of_too_few_rows_or_one_answer_says_so():
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2"])
    assert (
        cssp.reliability(scale_answers([[1, 2, 3], [2, 3, 4]]), scale)["note"].item()
        == "too few complete rows for a coefficient"
    )
    assert (
        "one answer only"
        in cssp.reliability(scale_answers([[1, 2, 3], [1, 3, 4], [1, 5, 5]]), scale)["note"].item()
    )
    with pytest.raises(ScoringError, match="no item of the scale"):
        cssp.reliability(scale_answers([[1, 2, 3]]), scale, reverse={"q7"})


def test_like_groups_show_no_item_bias():
    rng = np.random.default_rng(5)
    rows = (
        np.clip(
            np.round(3 + rng.standard_normal((400, 1)) + 0.7 * rng.standard_normal((400, 4))), 1, 5
        )
        .astype(int)
        .tolist()
    )
    answers = scale_answers(rows)
    answers = answers.with_column("city", np.tile(["x", "y"], 200))
    scale = Index(name="s", label={"en": "s"}, items=["q0", "q1", "q2", "q3"])
    fair = cssp.item_bias(answers, scale)
    assert (fair["p_adjusted"] > 0.05).all()
    higher = answers["q0"].where(answers["city"] == "x", (answers["q0"] + 1).clip(upper=5))
    moved = answers.with_column("q0", higher, codes="q0")
    biased = cssp.item_bias(moved, scale).set_index("item")
    assert biased.loc["q0", "p_adjusted"] < 0.001
    assert biased.loc["q0", "smd"] < -0.3


# ------------------------------------------------------------ regression


def test_separation_is_said_not_printed():
    answers = answers_of({("x", "s"): [5, 5, 5, 5, 5], ("y", "s"): [0, 0, 0, 0, 20]})
    row = cssp.ordinal_regression(answers, "q", ["city"]).iloc[0]
    assert np.isnan(row.odds_ratio)
    assert "not estimable" in row.note
    assert np.isnan(cssp.proportional_odds_test(answers, "q", ["city"])["p"].item())
    assert cssp.predicted_shares(answers, "q", ["city"])["share"].isna().all()


def test_a_term_with_one_value_is_left_out():
    answers = answers_of({("x", "s"): [5, 5, 5, 5, 5], ("x", "t"): [1, 2, 3, 9, 9]})
    table = cssp.ordinal_regression(answers, "q", ["city", "sector"])
    assert table["term"].tolist() == ["sector"]
    assert "left out" in table["note"].iloc[0]


def test_the_odds_ratio_of_two_groups_turns_with_the_reference():
    one = cssp.ordinal_regression(
        answers_of({("x", "s"): [5, 5, 9, 5, 5], ("y", "s"): [1, 2, 4, 9, 9]}), "q", ["city"]
    )["odds_ratio"].item()
    two = cssp.ordinal_regression(
        answers_of({("y", "s"): [5, 5, 9, 5, 5], ("x", "s"): [1, 2, 4, 9, 9]}), "q", ["city"]
    )["odds_ratio"].item()
    assert one * two == pytest.approx(1, rel=1e-4)


# ------------------------------------------------------------ rankings


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


def test_options_of_which_nobody_chose_any_have_no_q():
    chosen = coded(pd.DataFrame({"city": "a", "m__x": [1, 1], "m__y": [1, 1]}))
    assert (
        cssp.options_within(chosen, "m")["note"].item() == "no respondent tells the objects apart"
    )


# ------------------------------------------------------------ profile, power, weights, quality


def test_the_profile_is_the_mean_of_placed_answers(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    profile = study.file.profile
    table = cssp.sector_profile(freq, profile).set_index(["city", "block", "sector"])
    name = next(iter(profile.blocks))
    own = answers[(answers["city"] == study.cities[0]) & (answers["sector"] == study.sectors[0])]
    means = [((own[item][own[item] < 90] - 1) / 4).mean() for item in profile.blocks[name].items]
    assert table.loc[(study.cities[0], name, study.sectors[0]), "index"] == pytest.approx(
        np.nanmean(np.array(means, dtype=float))
    )
    types = cssp.profile_types(table.reset_index(), profile)
    assert types["cohesion"].between(0, 1).all()
    shares = (
        cssp.profile_sensitivity(table.reset_index(), profile)
        .groupby(["city", "block"])["share"]
        .sum()
    )
    assert shares.to_numpy() == pytest.approx(1)


def test_the_interval_of_a_profiles_index_adds_independent_sectors(study):
    """By hand for one block: the weighted mean of three independent means, each with the error of its items together."""
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    weights = {"authorities": 1.0, "business": 1.0, "npo": 2.0}
    profile = study.file.profile.model_copy(update={"sector_weights": weights})
    city, block = study.cities[0], next(iter(profile.blocks))
    errors = {}
    for sector in weights:
        own = answers[(answers["city"] == city) & (answers["sector"] == sector)]
        placed = [
            (own[item][own[item] < 90] - 1).astype(float) / 4
            for item in profile.blocks[block].items
        ]
        errors[sector] = np.mean(
            [values.std(ddof=0) / np.sqrt(len(values)) for values in placed if len(values)]
        )
    table = cssp.profile_types(cssp.sector_profile(freq, profile), profile).set_index(
        ["city", "block"]
    )
    row = table.loc[(city, block)]
    half = (
        1.959964 * np.sqrt(sum((weights[name] * error) ** 2 for name, error in errors.items())) / 4
    )
    assert (row.ci_low, row.ci_high) == pytest.approx(
        (row["index"] - half, row["index"] + half), rel=1e-6
    )
    alike = cssp.sector_profile(freq, profile)
    alike.loc[(alike["city"] == city) & (alike["sector"] == "npo"), "error"] = (
        0.0  # all answers of a sector alike
    )
    assert (
        cssp.profile_types(alike, profile)
        .set_index(["city", "block"])
        .loc[(city, block), "ci_low":"ci_high"]
        .isna()
        .all()
    )
    # equal weights for all are no other interval than their multiples
    doubled = profile.model_copy(
        update={"sector_weights": {name: 2 * w for name, w in weights.items()}}
    )
    again = cssp.profile_types(cssp.sector_profile(freq, doubled), doubled)
    assert again["ci_low"].to_numpy() == pytest.approx(table["ci_low"].to_numpy())


def test_a_misspelt_item_of_the_profile_is_named(study):
    freq = cssp.frequency_table(
        cssp.load_survey(study), study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    profile = Profile(blocks={"one": {"label": {"en": "one"}, "items": ["npo_usefull"]}})
    with pytest.raises(ScoringError, match="Did you mean 'npo_useful'"):
        cssp.sector_profile(freq, profile)


def test_what_is_detectable_shrinks_with_the_groups_and_is_never_promised_beyond_reach():
    small = cssp.detectable_differences(
        with_book(counts_table({"a": [1, 2, 3, 2, 1], "b": [2, 2, 2, 2, 2]})), "city"
    ).iloc[0]
    large = cssp.detectable_differences(
        with_book(counts_table({"a": [10, 20, 30, 20, 10], "b": [20] * 5})), "city"
    ).iloc[0]
    assert small.detectable_effect > large.detectable_effect > 0
    assert small.detectable_effect / large.detectable_effect == pytest.approx(np.sqrt(10), rel=0.05)
    tiny = cssp.detectable_differences(
        with_book(counts_table({"a": [1, 0, 0, 0, 0], "b": [0, 1, 1, 0, 0]})), "city"
    ).iloc[0]
    assert tiny.detectable_effect == np.inf


def test_the_detectable_effect_is_detected_with_its_power():
    freq = with_book(counts_table({"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12]}))
    effect = cssp.compare_groups(freq, "city")["detectable"].item()
    assert cssp.detectable_differences(freq, "city", tests=1)[
        "detectable_effect"
    ].item() == pytest.approx(effect)
    curve = cssp.power_curve(freq, "q", "city", effects=[0.0, effect], replicates=4000)
    assert curve["power"].iloc[0] == pytest.approx(0.05, abs=0.015)
    assert curve["power"].iloc[1] == pytest.approx(0.8, abs=0.04)


def test_needed_n_is_the_other_side_of_what_is_detectable():
    freq = with_book(counts_table({"a": [40, 100, 200, 400, 180], "b": [40, 100, 200, 400, 180]}))
    n = int(cssp.needed_n(freq, ["q"], [0.25])["n_each"].item())
    share = np.array([40, 100, 200, 400, 180]) / 920
    own = [int(round(n * one)) for one in share]
    found = cssp.detectable_differences(
        with_book(counts_table({"a": own, "b": own})), "city", tests=1
    )["detectable_effect"].item()
    assert found == pytest.approx(0.25, rel=0.03)


def test_competence_is_what_its_constants_say():
    answers = pd.DataFrame(
        {"know": [1, 5, 3, None], "src__own": [1, 1, 0, 1], "src__read": [1, 0, 0, 1]}
    ).astype("Int32")
    answers = with_codebook(answers, {"know": {**ENTRY, "item": "know"}})
    rule = Competence(
        knowledge=["know"], argument="src", sources={"own": 0.7, "read": 0.5}, knowledge_share=0.5
    )
    found = cssp.competence_weights(answers, rule)
    assert found["competence"].tolist()[:3] == pytest.approx([0.5, 0.85, 0.25])
    assert np.isnan(found["competence"].iloc[3])


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ([-1.0, 1], "negative"),
        ([0.0, 0], "sum to zero"),
        ([np.inf, 1], "infinite"),
        ([1.0], "1 weights for 2"),
    ],
)
def test_bad_weights_are_refused(weights, told):
    answers = with_book(pd.DataFrame({"city": ["a", "b"], "q": [1, 2]}))
    with pytest.raises(ScoringError, match=told):
        cssp.weighted_balances(answers, ["q"], pd.Series(weights))


def test_equal_weights_change_nothing(study):
    answers = cssp.load_survey(study)
    table = cssp.weighted_balances(
        answers,
        study.questionnaire.names("ordinal"),
        pd.Series(3.0, index=answers.index),
        by=["city"],
    )
    assert table["change"].abs().max() < 1e-12
    assert table["n_effective"].to_numpy() == pytest.approx(table["n"].to_numpy())


def test_the_adjusted_interval_of_equal_weights_is_that_without_weights(study):
    answers = cssp.load_survey(study)
    items = study.questionnaire.names("ordinal")
    equal = pd.Series(3.0, index=answers.index)
    table = cssp.weighted_balances(
        answers, items, equal, by=["city", "sector"], interval="adjusted"
    )
    freq = cssp.frequency_table(answers, items, by=["city", "sector"])
    plain = cssp.net_balance(freq, family="plain", interval="adjusted")
    both = table.merge(plain, on=["item", "city", "sector"], suffixes=("", "_plain"))
    assert len(both) == len(table)
    for name in ("ci_low", "ci_high"):
        assert both[name].to_numpy() == pytest.approx(
            both[f"{name}_plain"].to_numpy(), abs=1e-12, nan_ok=True
        )


def test_the_adjusted_interval_of_weights_covers_in_small_groups():
    """5,000 samples of 15 experts with lopsided answers: the linearised interval misses the truth far too often."""
    chance = np.random.default_rng(5)
    truth, covered = 0.75 - 0.05, {"linearised": 0, "adjusted": 0}
    samples = 5000
    for _ in range(samples):
        score = chance.choice([-1.0, 0.0, 1.0], 15, p=[0.05, 0.2, 0.75])
        weight = chance.uniform(0.3, 1, 15)
        for interval in covered:
            found = weighted_moments(score, weight, 1.959964, interval)
            low, high = found.get("ci_low", np.nan), found.get("ci_high", np.nan)
            covered[interval] += bool(low <= truth <= high)
    assert covered["linearised"] / samples < 0.92
    assert covered["adjusted"] / samples > 0.94


@given(
    st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_adjusted_intervals_of_weights_keep_their_bounds(score, chance):
    weight = np.array([chance.uniform(0.01, 5) for _ in score])
    found = weighted_moments(np.array(score), weight, 1.96, "adjusted")
    assert -1 <= found["ci_low"] < found["ci_high"] <= 1
    scaled = weighted_moments(np.array(score), 7 * weight, 1.96, "adjusted")
    turned = weighted_moments(-np.array(score), weight, 1.96, "adjusted")
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(
        (scaled["ci_low"], scaled["ci_high"]), abs=1e-9
    )
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(
        (-turned["ci_high"], -turned["ci_low"]), abs=1e-9
    )


def test_careless_answers_are_flagged_not_dropped(study):
    answers = cssp.load_survey(study)
    block = [
        item.name
        for section in study.questionnaire.sections
        for item in section.items
        if section.focus
    ]
    rows = answers.rows
    rows.loc[0, block] = 3
    rows.loc[1] = rows.loc[2]
    rows["duration"] = pd.array([600.0] * len(rows), dtype="Float64")
    rows.loc[5, "duration"] = 60.0
    spoilt = cssp.Answers(rows, answers.codebook)
    table = cssp.answer_quality(spoilt, study.questionnaire)
    assert len(table) == len(spoilt)
    assert table.loc[0, "straight_line"]
    assert table.loc[[1, 2], "repeated"].all()
    assert table.loc[5, "too_fast"]
    summary = cssp.quality_summary(table)
    assert (summary["count"] <= summary["n"]).all()
    fresh = cssp.answer_quality(answers, study.questionnaire)
    assert fresh["too_fast"].isna().all()
    assert not fresh["repeated"].any()


def test_item_nonresponse_adds_up(study):
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(
        answers, study.questionnaire.names("ordinal"), by=["city", "sector"]
    )
    table = cssp.item_nonresponse(freq, answers)
    assert table[["answered", "hard_to_say", "refused", "blank"]].sum(
        axis=1
    ).to_numpy() == pytest.approx(1)
    assert (table["blank"] >= -1e-12).all()


def test_exclusions_are_in_the_flow(copy):
    text = (copy / "study.yaml").read_text(encoding="utf-8")
    (copy / "study.yaml").write_text(
        text
        + "\nexclusions:\n  - {city: vologda, respondents: [V001, V002], reason: {en: test, ru: проба}}\n",
        encoding="utf-8",
    )
    answers = cssp.load_survey(cssp.load_study(copy))
    flow = cssp.respondent_flow(answers)
    own = flow[flow["city"] == "vologda"].set_index("step")["count"]
    assert own.to_dict() == {"rows in the file": 92, "excluded": 2, "analysed": 90}
    assert "V001" not in set(answers["respondent"])
    (copy / "study.yaml").write_text(
        text
        + "\nexclusions:\n  - {city: vologda, respondents: [V999], reason: {en: test, ru: проба}}\n",
        encoding="utf-8",
    )
    with pytest.raises(cssp.DataError, match="no such respondent"):
        cssp.load_survey(cssp.load_study(copy))


# ------------------------------------------------------------ what a referee found


def test_a_separated_reference_group_is_said_too():
    rng = np.random.default_rng(0)
    rows = {("a", "x"): [9, 0, 0, 0, 0], ("b", "x"): [8, 0, 0, 0, 0]}
    rows |= {(city, sector): rng.integers(2, 9, 5).tolist() for city in "ab" for sector in "yz"}
    assert (
        "not estimable"
        in cssp.ordinal_regression(answers_of(rows), "q", ["city", "sector"])["note"].iloc[0]
    )
    cell = {(city, sector): rng.integers(2, 9, 5).tolist() for city in "ab" for sector in "xyz"} | {
        ("b", "x"): [0, 0, 0, 0, 12]
    }
    assert (
        "not estimable"
        in cssp.ordinal_regression(answers_of(cell), "q", ["city", "sector"], interaction=True)[
            "note"
        ].iloc[0]
    )
    assert (
        cssp.ordinal_regression(answers_of(cell), "q", ["city", "sector"])["odds_ratio"]
        .notna()
        .all()
    )


def test_the_unit_of_a_number_changes_its_odds_ratio_only():
    rng = np.random.default_rng(1)
    answers = answers_of({("a", "x"): [20] * 5, ("b", "x"): [10, 15, 20, 25, 30]})
    answers = answers.with_column("t", rng.gamma(2, 1, len(answers)) + answers["q"] / 5)
    one = cssp.ordinal_regression(answers, "q", ["city"], numeric=["t"]).set_index("term")
    answers = answers.with_column("t", answers["t"] * 1e6)
    two = cssp.ordinal_regression(answers, "q", ["city"], numeric=["t"]).set_index("term")
    assert two["z"].to_numpy() == pytest.approx(one["z"].to_numpy(), rel=1e-4)
    assert np.log(two.loc["t", "odds_ratio"]) * 1e6 == pytest.approx(
        np.log(one.loc["t", "odds_ratio"]), rel=1e-4
    )


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


def covered(low: list[float], high: list[float], truth: float) -> float:
    pairs = [(a, b) for a, b in zip(low, high, strict=True) if np.isfinite(a)]
    return float(np.mean([a <= truth + 1e-9 and b >= truth - 1e-9 for a, b in pairs]))


def test_intervals_of_v_and_epsilon_squared_hold_the_true_value():
    """In tables of a known effect; a bootstrap of either would hold a small one hardly ever."""
    rng = np.random.default_rng(3)
    shares = np.array(
        [[0.1, 0.2, 0.3, 0.25, 0.15], [0.15, 0.25, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.25, 0.15]]
    )
    items = [f"q{i}" for i in range(400)]
    index = pd.MultiIndex.from_product([items, list("abc")], names=["item", "city"])
    counts = rng.multinomial(60, np.tile(shares, (400, 1)))
    book = dict.fromkeys(items, cssp.answer_codes(range(1, 6)))
    freq = cssp.FrequencyTable(pd.DataFrame(counts, index=index, columns=range(1, 6)), book)
    pairs = cssp.compare_groups(freq.where(city=["a", "b"]), "city", measures="chi_square")
    pooled = shares[:2].mean(axis=0)
    v = np.sqrt(((shares[:2] - pooled) ** 2 / pooled).sum() / 2)
    assert covered(pairs["v_low"].tolist(), pairs["v_high"].tolist(), v) >= 0.92
    many = cssp.compare_many(freq, "city")
    rank = np.cumsum(shares.mean(axis=0)) - shares.mean(axis=0) / 2
    spread = shares.mean(axis=0) @ (rank - 0.5) ** 2
    epsilon = ((shares @ rank - 0.5) ** 2).mean() / spread
    assert 0.92 <= covered(many["ci_low"].tolist(), many["ci_high"].tolist(), epsilon) <= 0.985


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


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from([0.9, 0.95]),
)
@settings(deadline=None)
def test_conditional_odds_of_many_tables_equal_scipys_of_each(drawn, level):
    tables = np.array(drawn).reshape(-1, 2, 2)
    tables = tables[(tables.sum(axis=1) > 0).all(axis=1) & (tables.sum(axis=2) > 0).all(axis=1)]
    assume(len(tables))
    odds, low, high = conditional_odds(tables, level)
    for place, table in enumerate(tables):
        theirs = odds_ratio(table)
        ends = theirs.confidence_interval(level)
        assert odds[place] == pytest.approx(theirs.statistic, rel=1e-9)
        assert (low[place], high[place]) == pytest.approx((ends.low, ends.high), rel=1e-9)


def test_conditional_odds_turn_round_with_the_groups_and_the_answers():
    table = np.array([[7, 12], [15, 4]])
    odds, low, high = (value.item() for value in conditional_odds(table[None]))
    for other in (table[::-1], table[:, ::-1]):
        turned = [value.item() for value in conditional_odds(other[None])]
        assert turned == pytest.approx([1 / odds, 1 / high, 1 / low], rel=1e-10)
    assert [value.item() for value in conditional_odds(table.T[None])] == pytest.approx(
        [odds, low, high]
    )


def test_many_respondents_do_not_stop_the_comparison_of_options():
    groups = {"a": [500_000, 500_000], "b": [400_100, 600_000]}
    freq = cssp.table_of_counts("m__x", groups, codes=[0, 1])
    row = cssp.compare_options(freq, "city").iloc[0]
    assert row.odds_low < row.odds_ratio < row.odds_high < 1


def test_codes_from_high_to_low_are_described_by_their_places():
    table = counts_table({"a": [10, 20, 10, 5, 5]})
    table = with_codebook(table, {"q": {**ENTRY, "codes": [5, 4, 3, 2, 1]}})
    row = cssp.describe(table).iloc[0]
    assert row["median_low"] <= row["median"] <= row["median_high"]
    assert row["iqr"] >= 0
    assert "places" in row["note"]


def test_what_is_detectable_needs_no_valence_for_ranks_and_claims_nothing_without_order():
    bare = cssp.detectable_differences(
        counts_table({"a": [10, 20, 30], "b": [20, 20, 10]}), "city"
    ).iloc[0]
    assert bare.detectable_effect > 0
    assert np.isnan(bare.detectable_balance)
    table = counts_table({"a": [10, 20, 30], "b": [20, 20, 10]})
    table = with_codebook(table, {"q": {**ENTRY, "codes": [1, 2, 3], "ordered": False}})
    assert np.isnan(cssp.detectable_differences(table, "city").iloc[0].detectable_share)
    a, b = (
        cssp.detectable_differences(with_book(counts_table(groups)), "city")
        .iloc[0]
        .detectable_share
        for groups in (
            {"a": [0, 0, 1, 9, 10], "b": [5, 5, 10, 90, 90]},
            {"b": [5, 5, 10, 90, 90], "a": [0, 0, 1, 9, 10]},
        )
    )
    assert a == pytest.approx(b)


def test_groups_may_be_numbers():
    answers = answers_of({("x", "npo"): [3, 4, 5, 6, 7], ("y", "npo"): [7, 6, 5, 4, 3]})
    answers = answers.with_column("year", answers["city"].map({"x": 2023, "y": 2024}))
    assert (perception_matrix(answers, by="year", rated={"q": "npo"})["n"] == 25).all()
    freq = cssp.frequency_table(answers, ["q"], by=["year"])
    assert len(cssp.bootstrap_balances(freq, "plain", between="year", replicates=200)) == 3


def test_one_respondent_gives_a_profile_no_interval():
    profile = Profile(blocks={"one": {"label": {"en": "one"}, "items": ["q"]}})
    freq = cssp.frequency_table(
        answers_of({("x", "s"): [0, 0, 1, 0, 0], ("x", "t"): [1, 2, 3, 4, 5]}),
        ["q"],
        by=["city", "sector"],
    )
    row = cssp.sector_profile(freq, profile).iloc[0]
    assert np.isnan(row.ci_low)
    assert "no interval" in row.note


def test_a_lopsided_vciom_balance_is_noted():
    assert (
        "covers less"
        in cssp.net_balance(with_book(counts_table({"a": [0, 1, 49, 50, 0]})), "vciom")[
            "note"
        ].item()
    )


def test_a_recomputed_row_uses_the_exact_p_where_the_table_does():
    answers = pd.DataFrame({"city": ["a"] * 4 + ["b"] * 4, "q": [1, 3, 5, 7, 2, 4, 6, 8]})
    answers = with_codebook(
        answers,
        {"q": {**ENTRY, "codes": list(range(1, 9)), "special": {}, "sign": {}, "weight": {}}},
    )
    pairs = cssp.compare_groups(
        cssp.frequency_table(answers, ["q"], by=["city"]), "city", measures="ranks"
    )
    assert cssp.recompute(answers, pairs, "city")["equal"].all()


def test_hard_to_say_everywhere_is_no_straight_line(study):
    answers = cssp.load_survey(study)
    block = [
        item.name
        for section in study.questionnaire.sections
        for item in section.items
        if section.focus
    ]
    rows = answers.rows
    rows.loc[0, block] = 97
    spoilt = cssp.Answers(rows, answers.codebook)
    assert not cssp.answer_quality(spoilt, study.questionnaire).loc[0, "straight_line"]
