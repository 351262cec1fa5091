"""Tests of `survey/item_bias`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from survey_answers import AGREEABLE, SCALE, bfi, r, scale_answers

import cssp
from cssp import Answers
from cssp.study.questionnaire import Index


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


def two_groups_of_answers(
    n: int, shift: float, items: int, seed: int, bias: float = 0.0
) -> Answers:
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
        answers = two_groups_of_answers(150, 1.0, 6, seed)
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
    answers = two_groups_of_answers(300, 0.5, 6, 3, bias=1.2)
    for purify in (False, True):
        found = cssp.item_bias(answers, scale, purify=purify).set_index("item")
        assert found.loc["q0", "p_adjusted"] < 0.001
    others = found.drop(index="q0")
    assert (others["p_adjusted"] > 0.05).all()


def test_the_score_that_matches_is_counted_slowly():
    answers = two_groups_of_answers(40, 0.3, 4, 1)
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


def test_mantel_equals_coin():
    table = cssp.item_bias(bfi(), AGREEABLE, between="gender", match="rest")
    row = table.set_index("item").loc["A2"]
    assert row.n_a + row.n_b == r()["mantel"]["n"]
    assert row.chi2 == pytest.approx(r()["mantel"]["chi2"], rel=1e-8)
    assert row.p == pytest.approx(r()["mantel"]["p"], rel=1e-7)
    assert row.ci_low < row.smd < row.ci_high
