"""The study's questions: verdicts follow from numbers, and hold against known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from scipy.stats import ttest_ind_from_stats

import cssp
from cssp.study.problems import ScoringError
from cssp.synthesis import readings
from cssp.synthesis.findings import findings


@pytest.fixture(scope="module")
def study():
    return cssp.load_study()


@pytest.fixture(scope="module")
def found(study):
    segments, interviews = cssp.load_coded(study)
    prevalence = cssp.code_prevalence(
        segments, interviews, study.codes, rule=study.file.naming_rule
    )
    regions = cssp.region_support(
        cssp.load_region_support(study), cssp.load_region_population(study), study.indicators
    )
    answers = cssp.load_survey(study)
    return findings(study, "vologda", ["petrozavodsk"], answers, prevalence, regions)


def test_differences_are_welchs(study) -> None:
    matrix = cssp.perception_matrix(cssp.load_survey(study))
    table = cssp.perception_differences(matrix, "vologda")
    told = matrix.set_index(["city", "rater", "rated"])
    for row in table[table["p"].notna()].to_dict("records"):
        one, other = (
            told.loc[(city, row["rater"], row["rated"])] for city in ("vologda", "petrozavodsk")
        )
        slow = ttest_ind_from_stats(
            one["estimate"], one["se"] * np.sqrt(one["n"]), one["n"],
            other["estimate"], other["se"] * np.sqrt(other["n"]), other["n"], equal_var=False,
        )  # fmt: skip
        interval = slow.confidence_interval(0.95) if hasattr(slow, "confidence_interval") else None
        assert row["p"] == pytest.approx(slow.pvalue)
        assert row["gap"] == pytest.approx(one["estimate"] - other["estimate"])
        if interval is not None:
            assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(interval))
    turned = cssp.perception_differences(matrix, "petrozavodsk")
    assert turned["gap"].to_numpy() == pytest.approx(-table["gap"].to_numpy(), nan_ok=True)
    assert turned["p"].to_numpy() == pytest.approx(table["p"].to_numpy(), nan_ok=True)
    with pytest.raises(ScoringError, match="no city 'vologdа'"):
        cssp.perception_differences(matrix, "vologdа")  # with a Russian а


def test_the_published_direction_is_answered(study, found) -> None:
    row = found.set_index("question").loc["authorities_on_npo"]
    assert round(100 * row["value_first"]) == 53 and round(100 * row["value_second"]) == 10
    assert row["verdict"] == "clear" and row["p_adjusted"] < 0.05
    assert (found["p_adjusted"].dropna() >= found["p"].dropna()).all()
    assert found.set_index("question").loc["business_on_npo", "verdict"] == "not_clear"
    money = found.set_index("question").loc["local_money"]
    assert money["verdict"] == "counted" and np.isnan(money["ci_low"])
    assert found.set_index("question").loc["regional_money", "reversed_in"] == "2019"


def test_no_sentence_is_stronger_than_its_verdict(study, found) -> None:
    for language in ("en", "ru"):
        labels = cssp.Show(study, language, "survey", study.cities).labels
        lines = readings.findings(found, labels).split("\n\n")
        assert len(lines) == len(found)
        for row, line in zip(found.to_dict("records"), lines, strict=True):
            # the survey is simulated and the interviews invented: nothing is claimed of the cities
            assert "Clear" not in line and "Ясно" not in line
            assert ".0 " not in line and ",0 " not in line  # counts are whole
            method = "The method finds" in line or "Метод обнаруживает" in line
            assert method == (row["verdict"] in ("clear", "opposite"))
            made_up = "[simulated" in line or "[invented" in line or "[данные" in line
            assert made_up == (row["kind"] != "support")


def test_hidden_and_missing_data_are_not_known(study) -> None:
    table = findings(study, "vologda", ["petrozavodsk"])
    assert set(table["verdict"]) == {"unknown"}
    answers = cssp.load_survey(study)
    few = answers.where(
        ~((answers["city"] == "vologda") & (answers["sector"] == "authorities"))
        | answers["respondent"].isin(
            answers.loc[
                (answers["city"] == "vologda") & (answers["sector"] == "authorities"), "respondent"
            ][:3]
        )
    )
    row = (
        findings(study, "vologda", ["petrozavodsk"], few)
        .set_index("question")
        .loc["authorities_on_npo"]
    )
    assert row["verdict"] == "unknown" and row["note"] == "too few respondents to be shown"
    assert np.isnan(row["value_first"])


def test_expected_the_other_way_is_opposite(study, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(ROOT / "data", tmp_path / "study"))
    told = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    told["questions"]["authorities_on_npo"]["higher"] = "petrozavodsk"
    (folder / "study.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    own = cssp.load_study(folder)
    table = findings(own, "vologda", ["petrozavodsk"], cssp.load_survey(own)).set_index("question")
    assert table.loc["authorities_on_npo", "verdict"] == "opposite"
    told["questions"]["authorities_on_npo"]["perception"]["rater"] = "authorites"
    told["questions"]["closed_power"]["code"] = "par_closed"
    (folder / "study.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    problems = cssp.check(cssp.load_study(folder))
    assert problems["what"].str.contains("'authorites' is not a sector").any()
    assert problems["what"].str.contains("'par_closed' is not a code").any()


def test_clear_is_wrong_in_at_most_five_of_a_hundred_families() -> None:
    """Families of five questions without a difference, at the study's sizes and with few answers."""
    rng = np.random.default_rng(20261130)
    wrong, families, covered, intervals = 0, 400, 0, 0
    for _ in range(families):
        rows = []
        for city in ("a", "b"):
            for rater in range(5):
                n = int(rng.integers(25, 40))
                scores = rng.choice([-1.0, 0.0, 1.0], size=n, p=[0.3, 0.3, 0.4])
                rows.append((city, str(rater), "npo", False, 1, scores.mean(),
                             scores.std(ddof=1) / np.sqrt(n), 0, 0, n, "balance", ""))  # fmt: skip
        columns = ["city", "rater", "rated", "own", "items", "estimate", "se", "ci_low", "ci_high",
                   "n", "measure", "note"]  # fmt: skip
        table = cssp.perception_differences(pd.DataFrame(rows, columns=columns), "a")
        wrong += bool((table["p_adjusted"] < 0.05).any())
        covered += int(((table["ci_low"] <= 0) & (table["ci_high"] >= 0)).sum())
        intervals += len(table)
    assert wrong / families <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / families)
    assert 0.93 <= covered / intervals <= 0.97


def test_a_question_has_one_corrected_p_in_every_notebook(study, found) -> None:
    """Holm within the stage, times all tested questions over those of the stage; what would have
    passed that is larger than what one test finds."""
    answers = cssp.load_survey(study)
    own = findings(study, "vologda", ["petrozavodsk"], answers, stages=["survey"])
    whole = found[found["kind"].isin(["perception", "items"])]
    assert own["p_adjusted"].to_numpy() == pytest.approx(whole["p_adjusted"].to_numpy())
    tested = found[found["kind"] != "support"]
    p = own["p"].to_numpy()
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    holm = np.empty(len(p))
    holm[order] = np.minimum(steps, 1)
    share = len(tested) / len(own)
    assert own["p_adjusted"].to_numpy() == pytest.approx(np.minimum(holm * share, 1))
    assert (own["n_tests"] == len(tested)).all()
    matrix = cssp.perception_matrix(answers, smallest=study.file.smallest_cell)
    one = cssp.perception_differences(matrix, "vologda").set_index(["rater", "rated"])
    row = own.set_index("question").loc["business_on_npo"]
    assert row["detectable"] > 1.2 * one.loc[("business", "npo"), "detectable"]
