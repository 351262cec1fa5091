"""What must not be shown: groups so small that an answer points at a person, and names in quotations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

#: The note beside a hidden group; `show` translates it.
NOTE_SUPPRESSED = "suppressed: fewer respondents than the study allows to show"


def group_sizes(
    answers: pd.DataFrame, by: Sequence[str], smallest: int, strata: Sequence[str] = ("city",)
) -> pd.DataFrame:
    """Count the respondents of each group and say which groups may be shown.

    A group with 1 to `smallest` - 1 respondents is hidden. Where it is the only hidden one of its stratum, the stratum's total
    minus the groups shown would give it away, so the next smallest group of the stratum is hidden too.

    Parameters
    ----------
    answers : table from `load_survey`
    by : columns that make the groups, e.g. `["city", "sector"]`
    smallest : the smallest group that may be shown
    strata : columns of `by` within which totals are shown

    Returns
    -------
    One row a group: `*by, n` (missing where hidden), `shown`, `note`.

    Examples
    --------
    >>> answers = pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 40 + ["z"] * 20})
    >>> group_sizes(answers, ["city", "sector"], 5)["shown"].tolist()
    [False, True, False]
    """
    sizes = answers.groupby(list(by), observed=False).size()
    hidden = (sizes > 0) & (sizes < smallest)
    inner = [name for name in strata if name in by]
    for _, block in sizes.groupby(level=inner, sort=False, observed=False) if inner else [("", sizes)]:
        rest = block[~hidden.loc[block.index] & (block > 0)]
        if hidden.loc[block.index].sum() == 1 and len(rest) >= 1:
            hidden.loc[rest.idxmin()] = True
    table = sizes.rename("n").reset_index()
    table["shown"] = ~hidden.to_numpy()
    table["n"] = table["n"].astype("Int64").where(table["shown"])
    table["note"] = np.where(table["shown"], "", NOTE_SUPPRESSED)
    return table


def shown_respondents(answers: pd.DataFrame, sizes: pd.DataFrame) -> pd.DataFrame:
    """Return the respondents of the groups that may be shown, for measures that need rows.

    >>> answers = pd.DataFrame({"city": "a", "sector": ["x"] * 3 + ["y"] * 40 + ["z"] * 20})
    >>> len(shown_respondents(answers, group_sizes(answers, ["city", "sector"], 5)))
    40
    """
    by = [name for name in sizes.columns if name not in ("n", "shown", "note")]
    shown = pd.MultiIndex.from_frame(sizes.loc[sizes["shown"], by].astype(str))
    keys = pd.MultiIndex.from_frame(answers[by].astype(str))
    kept = answers[keys.isin(shown)].reset_index(drop=True)
    kept.attrs = dict(answers.attrs)
    return kept


def visible(freq: pd.DataFrame, sizes: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Return the frequency table without the groups that may not be shown.

    Left out are the groups that `sizes` hides and, item by item, groups in which fewer than `smallest` people answered.

    Parameters
    ----------
    freq : table from `frequency_table`, by the same columns as `sizes`
    sizes : table from `group_sizes`
    smallest : the smallest group that may be shown
    """
    by = [name for name in freq.index.names if name != "item"]
    hidden = pd.MultiIndex.from_frame(sizes.loc[~sizes["shown"], by])
    groups = freq.index.droplevel("item")
    if not isinstance(groups, pd.MultiIndex):
        groups = pd.MultiIndex.from_arrays([groups], names=by)
    answered = freq.sum(axis=1) - _not_asked(freq)
    keep = ~groups.isin(hidden) & ~answered.between(1, smallest - 1).to_numpy()
    kept = freq[keep]
    kept.attrs = dict(freq.attrs)
    return kept


def _not_asked(freq: pd.DataFrame) -> pd.Series:
    """Return how many of each row were not asked the item: they did not answer it."""
    count = pd.Series(0, index=freq.index)
    items = freq.index.get_level_values("item")
    for item, entry in freq.attrs.get("codebook", {}).items():
        codes = [code for code, means in entry["special"].items() if means == "not_asked" and code in freq]
        if codes:
            count[items == item] = freq.loc[items == item, codes].sum(axis=1)
    return count
