"""Support as a share of expenditure."""

from __future__ import annotations

import pandas as pd

from cssp.desk.indicators import share_of, with_values
from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook


@returns(
    "indicator",
    "city",
    "region",
    "level",
    "year",
    "numerator",
    "denominator",
    Column("share", "share of expenditure", "percent4"),
    "note",
)
def support_shares(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return the indicators of support as a share of expenditure.

    By the roles that the codebook gives them.

    Parameters
    ----------
    book : the study's indicators

    Returns
    -------
    As `share_of`, by level; empty where the study has no support or no expenditure.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> bool(support_shares(desk, study.indicators)["share"].between(0, 1).all())
    True
    """
    parts = [
        share_of(desk, top, bottom)
        for top in with_values(desk, book, "support")
        for bottom in with_values(desk, book, "expenditure")[:1]
    ]
    names = [
        "indicator",
        "city",
        "region",
        "level",
        "year",
        "numerator",
        "denominator",
        "share",
        "note",
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
