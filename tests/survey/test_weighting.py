"""Tests of `survey/weighting`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import with_codebook
from hypothesis import given
from hypothesis import strategies as st
from survey_answers import EVEN, answered, r, with_book, write_study

import cssp
from cssp import Answers, ScoringError, answer_codes
from cssp.study.study_file import Competence
from cssp.survey.balance import effective_sizes
from cssp.survey.weighting import weighted_moments


def test_competence_is_what_its_constants_say():
    answers = pd.DataFrame(
        {"know": [1, 5, 3, None], "src__own": [1, 1, 0, 1], "src__read": [1, 0, 0, 1]}
    ).astype("Int32")
    answers = with_codebook(answers, {"know": {**EVEN, "item": "know"}})
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


def test_rao_scott_equals_rs_survey():
    told = r()["rao_scott"]
    answers = pd.DataFrame({"city": told["g"], "q": told["q"], "w": told["w"]})
    answers = with_codebook(
        answers, {"q": {**EVEN, "codes": [1, 2, 3, 4], "sign": {1: -1, 2: 0, 3: 1, 4: 1}}}
    )
    row = cssp.compare_weighted(answers, ["q"], "w").iloc[0]
    for name in ("f", "dof1", "dof2", "p"):
        assert row[name] == pytest.approx(told[name], rel=1e-8), name
    one = cssp.weighted_balances(answers, ["q"], "w").set_index("city").loc["a"]
    assert one.weighted == pytest.approx(told["balance"], rel=1e-9)
    # R's error of a subset takes the subset's size as random over all 120 rows; ours is that of the group alone
    assert one.ci_high - one.weighted == pytest.approx(1.959964 * told["se"], rel=0.02)


def test_weights_are_read_and_carried(tmp_path):
    """Shares, balances and options are those of the slow definition; n is respondents."""
    table = answered(50)
    study = write_study(tmp_path, {"a.csv": table}, {"weight": "weight"}, cities=["town"])
    answers = cssp.load_survey(study)
    freq = cssp.frequency_table(answers, ["q1"], by=["city"], weights="weight")
    known = table[table["q1"] != 97]
    shares = cssp.distribution(freq).set_index("answer")
    for code in range(1, 6):
        own = known["weight"][known["q1"] == code].sum() / known["weight"].sum()
        assert shares.loc[code, "share"] == pytest.approx(own)
        assert shares.loc[code, "count"] == (table["q1"] == code).sum()
    assert set(shares["n"]) == {len(known)} and set(shares["n_all"]) == {len(table)}
    balance = cssp.net_balance(freq, "plain", interval="adjusted").iloc[0]
    slow = cssp.weighted_balances(answers, ["q1"], "weight", ["city"], interval="adjusted").iloc[0]
    assert balance["n"] == len(known)
    assert (balance["balance"], balance["ci_low"], balance["ci_high"]) == pytest.approx(
        (slow["weighted"], slow["ci_low"], slow["ci_high"])
    )
    chosen = cssp.option_shares(cssp.frequency_table(answers, ["forms"], ["city"], "weight"))
    share = np.average(table["forms__a"], weights=table["weight"])
    assert chosen["share"].iloc[0] == pytest.approx(share)
    assert chosen["n"].iloc[0] == 50 and chosen["count"].iloc[0] == table["forms__a"].sum()
    assert chosen["ci_low"].iloc[0] < share < chosen["ci_high"].iloc[0]
    described = cssp.describe(freq).iloc[0]
    assert described["n"] == len(known)
    assert described["mean"] == pytest.approx(np.average(known["q1"], weights=known["weight"]))


@given(st.lists(st.integers(0, 12), min_size=3, max_size=3).filter(lambda c: sum(c) > 2))
def test_equal_weights_leave_every_measure_as_it_is(counts):
    values = [code for code, count in enumerate(counts, 1) for _ in range(count)]
    rows = pd.DataFrame({"city": "a", "q": values, "weight": 0.7})
    answers = Answers(rows, {"q": answer_codes([1, 2, 3], positive=[3], negative=[1])})
    plain = cssp.frequency_table(answers, ["q"], ["city"])
    weighted = cssp.frequency_table(answers, ["q"], ["city"], "weight")
    for base in ("all", "substantive"):
        for interval in ("delta", "adjusted"):
            a, b = (
                cssp.net_balance(one, "plain", base, interval=interval)[
                    ["balance", "se", "ci_low", "ci_high", "n", "positive", "special"]
                ].to_numpy(dtype=float)
                for one in (plain, weighted)
            )
            np.testing.assert_allclose(a, b, atol=1e-9)
    assert cssp.distribution(plain)["share"].tolist() == pytest.approx(
        cssp.distribution(weighted)["share"].tolist(), nan_ok=True
    )
    size = effective_sizes(
        weighted.to_numpy(),
        weighted.behind.squares.to_numpy(),
        np.array([-1.0, 0, 1]),
        np.array([float(len(values))]),
    )
    assert size == pytest.approx([len(values)])
