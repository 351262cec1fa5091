"""Differences of two groups' shares of interviews that name a code."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cssp.stats.columns import bounds, returns
from cssp.stats.intervals import newcombe


@returns("code", "named_first", "n_first", "named_second", "n_second", "gap", *bounds("gap"))
def prevalence_gaps(
    prevalence: pd.DataFrame, first: str, second: str, by: str = "city", confidence: float = 0.95
) -> pd.DataFrame:
    """Return the difference of two groups' shares of interviews (first minus second), code by code.

    The interval is Newcombe's hybrid of two Wilson intervals, which holds at 14 interviews where
    the normal one does not.

    Parameters
    ----------
    prevalence : table from `code_prevalence`
    confidence : of the intervals

    Returns
    -------
    One row a code: `code, named_first, n_first, named_second, n_second, gap, ci_low, ci_high`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> from cssp import code_prevalence
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = code_prevalence(segments, interviews, study.codes)
    >>> bool(prevalence_gaps(table, *study.cities[:2])["gap"].between(-1, 1).all())
    True
    """
    a = prevalence[prevalence[by] == first].set_index("code")
    b = prevalence[prevalence[by] == second].set_index("code").reindex(a.index)
    gap, low, high = newcombe(
        a["named"].to_numpy(),
        a["n"].to_numpy(),
        b["named"].to_numpy(),
        b["n"].to_numpy(),
        confidence,
    )
    return pd.DataFrame(
        {
            "code": a.index,
            "named_first": a["named"].to_numpy(),
            "n_first": a["n"].to_numpy(),
            "named_second": b["named"].to_numpy(),
            "n_second": b["n"].to_numpy(),
            "gap": gap,
            "ci_low": low,
            "ci_high": high,
        }
    )


_GAPS = ("code", "first", "second", "named_first", "n_first", "named_second", "n_second", "gap")


@returns(*_GAPS, *bounds("gap"))
def all_prevalence_gaps(
    prevalence: pd.DataFrame, first: str, others: Iterable[str]
) -> pd.DataFrame:
    """Return `prevalence_gaps` of one group against each of the others, one under the other.

    Parameters
    ----------
    prevalence : table from `code_prevalence`

    Returns
    -------
    `code, first, second` and the columns of `prevalence_gaps`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> from cssp import code_prevalence
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = code_prevalence(segments, interviews, study.codes)
    >>> gaps = all_prevalence_gaps(table, study.cities[0], study.cities[1:])
    >>> len(gaps) == table["code"].nunique()
    True
    """
    parts = []
    for second in others:
        part = prevalence_gaps(prevalence, first, second, "city")
        part.insert(1, "first", first)
        part.insert(2, "second", second)
        parts.append(part)
    names = [*_GAPS, "ci_low", "ci_high"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
