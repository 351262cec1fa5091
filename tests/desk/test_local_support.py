"""Tests of `desk/local_support`."""

from __future__ import annotations

import pandas as pd
import pytest
from desk_tables import rows

import cssp
from cssp import ScoringError


def test_measures_of_different_indicators_or_levels_are_not_compared(study):
    measures = pd.DataFrame(
        [
            ("a", "local", 2020, "s1", 0.1),
            ("b", "local", 2020, "s2", 0.9),
            ("c", "local", 2020, "s2", 0.8),
        ],
        columns=["city", "level", "year", "indicator", "value"],
    ).assign(measure="support_share", basis="")
    assert cssp.of_common_year(measures, "support_share")["city"].tolist() == ["b", "c"]
    doubled = pd.concat([measures, measures])
    with pytest.raises(ScoringError, match="two values at one level"):
        cssp.level_reversals(doubled, ["subject", "local"], "a")


def test_support_in_constant_prices_already_is_not_deflated(study):
    constant = [
        one.model_copy(update={"price_basis": "constant"}) if one.role == "support" else one
        for one in study.indicators.indicators
    ]
    book = study.indicators.model_copy(update={"indicators": constant})
    assert cssp.real_support(cssp.load_desk(study), book, cssp.load_prices(study)).empty


def test_a_share_of_programmes_is_a_measure_only_where_all_are_known(study):
    counts = {"indicator": "municipalities", "value": 10}
    told = {"indicator": "municipal_programme", "municipality": "M", "value": 1, "units": 1}
    rest = {"indicator": "municipal_programme", "municipality": "N", "value": 0, "units": 9}
    measures = cssp.support_measures(rows(counts, told), study.indicators)
    assert measures.empty
    measures = cssp.support_measures(rows(counts, told, rest), study.indicators)
    assert measures[["measure", "value"]].to_numpy().tolist() == [["programme_share", 0.1]]


def test_support_in_constant_prices_of_the_default_study(study):
    desk = cssp.load_desk(study)
    found = cssp.real_support(desk, study.indicators, cssp.load_prices(study))
    last = found[found["year"] == 2021]
    assert (last["real"] == last["value"]).all()
    first = found[found["year"] == 2019]
    assert (first["real"] / first["value"]).astype(float).tolist() == pytest.approx(
        [1.0491 * 1.0839] * len(first)
    )
    assert cssp.real_support(desk, study.indicators, cssp.load_prices(study).iloc[:0]).empty
