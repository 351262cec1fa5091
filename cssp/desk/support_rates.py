"""Support of non-profits per resident and per organisation."""

from __future__ import annotations

import pandas as pd

from cssp.desk.indicators import RATE_COLUMNS, per_capita, with_values
from cssp.stats.columns import returns
from cssp.study.indicator_book import IndicatorBook


@returns(
    "indicator",
    "city",
    "region",
    "level",
    "year",
    "value",
    "denominator",
    "denominator_year",
    "denominator_date",
    "basis",
    "years_apart",
    "rate",
    "note",
)
def support_per_resident(
    desk: pd.DataFrame, book: IndicatorBook, max_years: int = 4
) -> pd.DataFrame:
    """Return the indicators of support per resident, by the roles that the codebook gives them.

    Parameters
    ----------
    book : the study's indicators
    max_years : how far the year of the number of residents may lie from that of the amount

    Returns
    -------
    As `per_capita`; empty where the study has no support or no population.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> support_per_resident(desk, study.indicators)["level"].unique().tolist()
    ['subject', 'local']
    """
    parts = [
        per_capita(desk, book, top, bottom, max_years)
        for top in with_values(desk, book, "support")
        for bottom in with_values(desk, book, "population")[:1]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RATE_COLUMNS)


@returns(
    "indicator",
    "city",
    "region",
    "level",
    "year",
    "value",
    "denominator",
    "denominator_year",
    "denominator_date",
    "basis",
    "years_apart",
    "rate",
    "note",
)
def support_per_organisation(
    desk: pd.DataFrame, book: IndicatorBook, max_years: int = 4
) -> pd.DataFrame:
    """Return the indicators of support per registered non-profit.

    By the roles that the codebook gives them.

    Parameters
    ----------
    book : the study's indicators
    max_years : how far the year of the register may lie from that of the amount

    Returns
    -------
    As `per_capita`; empty where the study has no support or no number of organisations.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> support_per_organisation(desk, study.indicators)["level"].unique().tolist()
    ['subject', 'local']
    """
    parts = [
        per_capita(desk, book, top, bottom, max_years)
        for top in with_values(desk, book, "support")
        for bottom in with_values(desk, book, "organisations")[:1]
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RATE_COLUMNS)
