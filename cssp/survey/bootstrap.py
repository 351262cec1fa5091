"""The bootstrap from counts.

Redrawing respondents is redrawing a multinomial, so no respondent is needed.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from cssp.stats.columns import bounds, returns
from cssp.study.problems import ScoringError
from cssp.survey.balance import NOTE_FLAT, NOTE_NO_ANSWERS, scored
from cssp.survey.balance_family import family_of, told_as
from cssp.survey.count_arrays import check_levels, check_whole
from cssp.survey.frequency import FrequencyTable, need_counts


@returns(
    "item",
    "city",
    "group_a",
    "group_b",
    "family",
    "base",
    "estimate",
    "se",
    *bounds("estimate"),
    "n_a",
    "n_b",
    "replicates",
    "note",
    "year",
    depending=told_as,
)
def bootstrap_balances(
    freq: FrequencyTable,
    family: str,
    base: str = "substantive",
    between: str | None = None,
    replicates: int = 10_000,
    confidence: float = 0.95,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Return balances and their differences with percentile intervals of the bootstrap.

    Each replicate draws every group's answers anew with its size held fixed: the group's counts are
    a multinomial with the
    observed shares. It is the second way beside the delta method of `net_balance`: where the two
    differ much, the group is
    small or lopsided, and neither should be read to the last digit.

    Parameters
    ----------
    freq : table from `frequency_table`, with its codebook, unweighted
    family, base : as in `net_balance`
    between : level whose groups are also subtracted from each other, first minus second; None:
        balances alone
    replicates : how often the answers are drawn
    confidence : of the intervals
    seed : start of the draws; the same seed gives the same bounds

    Returns
    -------
    One row an item and group, then one an item, stratum and pair: `item, *by, group_a, group_b`
    (the pair; empty for a balance),
    `family, base, estimate` (balance or difference), `se` (standard deviation of the replicates),
    `ci_low, ci_high, n_a, n_b`
    (`n_b` missing for a balance), `replicates`, `note`. With `between`, that level's column holds
    the group, and is empty in the
    rows of differences.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall, ch. 13
    (percentile interval).

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> item = study.questionnaire.names("ordinal", focus=True)[0]
    >>> freq = frequency_table(load_survey(study), [item], by=["city"])
    >>> bootstrap_balances(freq, "plain", between="city", replicates=500)[["estimate", "n_a",
    ...     "n_b"]]
       estimate  n_a   n_b
    0     0.646   82  <NA>
    1     0.490   98  <NA>
    2     0.157   82    98
    """
    need_counts(freq)
    chosen = family_of(family, base)
    check_whole(freq)
    if between is not None:
        check_levels(freq, between)
    if replicates < 100:
        raise ScoringError(
            f"{replicates} replicates are too few for an interval; draw at least 100, better "
            "10,000."
        )
    rng = np.random.default_rng(seed)
    book = freq.codebook
    by = [str(name) for name in freq.index.names[1:]]
    tail = (1 - confidence) / 2
    parts: list[pd.DataFrame] = []
    for item, block in freq.counts.groupby(level="item", sort=False):
        counts, outside, score, _ = scored(block, str(item), book, chosen)
        if base == "all":
            counts, score = np.column_stack([counts, outside]), np.append(score, 0.0)
        drawn = _draw(counts, score, replicates, rng)
        n = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            observed = counts @ score / n
        rows = block.index.to_frame(index=False)
        parts.append(
            _told(
                rows,
                {"group_a": "", "group_b": ""},
                observed,
                drawn,
                n,
                np.full(len(n), np.nan),
                tail,
            )
        )
        if between is not None:
            parts += _gaps(rows, by, between, observed, drawn, n, tail)
    names = [
        "item",
        *by,
        "group_a",
        "group_b",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "n_a",
        "n_b",
        "note",
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
    if not chosen.in_shares:
        table[["se", "ci_low", "ci_high", "estimate"]] *= chosen.unit
        table.loc[table["group_a"] == "", ["ci_low", "ci_high", "estimate"]] += chosen.centre
    table[["n_a", "n_b"]] = table[["n_a", "n_b"]].astype("Int64")
    table.insert(len(by) + 3, "family", family)
    table.insert(len(by) + 4, "base", base)
    table.insert(table.columns.get_loc("note"), "replicates", replicates)
    return table


def _draw(
    counts: np.ndarray, score: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the balances of each group's replicates, an array (group, replicate).

    Answers with the same score are drawn together, as binomials one score after the other given
    those drawn before:
    a balance of three scores needs two draws, whatever the number of answers.
    """
    kinds = np.unique(score)
    kinds = kinds[np.argsort(kinds == 0, kind="stable")]  # zero last: what is left counts nothing
    grouped = np.stack([counts[:, score == kind].sum(axis=1) for kind in kinds], axis=1)
    n = grouped.sum(axis=1)
    left = np.broadcast_to(n[:, None], (len(n), replicates)).astype(np.int64)
    remaining = n.copy()
    total = np.zeros((len(n), replicates))
    for place, kind in enumerate(kinds):
        if place == len(kinds) - 1:
            taken = left
        else:
            with np.errstate(invalid="ignore", divide="ignore"):
                chance = np.clip(np.nan_to_num(grouped[:, place] / remaining), 0, 1)
            taken = rng.binomial(left, chance[:, None])
            left = left - taken
            remaining = remaining - grouped[:, place]
        if kind:
            total += kind * taken
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / n[:, None])


def _gaps(
    rows: pd.DataFrame,
    by: list[str],
    between: str,
    observed: np.ndarray,
    drawn: np.ndarray,
    n: np.ndarray,
    tail: float,
) -> list[pd.DataFrame]:
    groups = list(rows[between].unique())
    strata = [name for name in by if name != between]
    keys = (
        rows[strata].astype(object).apply(tuple, axis=1) if strata else pd.Series([()] * len(rows))
    )
    found = []
    for first, second in combinations(groups, 2):
        a, b = (rows.index[rows[between] == side] for side in (first, second))
        place = {key: row for key, row in zip(keys[b], b, strict=True)}
        pairs = [(row, place[key]) for key, row in zip(keys[a], a, strict=True) if key in place]
        if not pairs:
            continue
        one, two = (np.array(side) for side in zip(*pairs, strict=True))
        own = rows.loc[one].reset_index(drop=True)
        kind = (
            rows[between].dtype if isinstance(rows[between].dtype, pd.CategoricalDtype) else object
        )
        own[between] = pd.Series([None] * len(own), dtype=kind)
        names = {"group_a": str(first), "group_b": str(second)}
        found.append(
            _told(
                own,
                names,
                observed[one] - observed[two],
                drawn[one] - drawn[two],
                n[one],
                n[two],
                tail,
            )
        )
    return found


def _told(
    rows: pd.DataFrame,
    pair: dict[str, str],
    observed: np.ndarray,
    drawn: np.ndarray,
    n_a: np.ndarray,
    n_b: np.ndarray,
    tail: float,
) -> pd.DataFrame:
    table = rows.assign(**pair)
    known = np.isfinite(observed)
    spread, low, high = (np.full(len(observed), np.nan) for _ in range(3))
    if known.any():
        ordered = np.sort(drawn[known], axis=1)
        spread[known] = ordered.std(axis=1, ddof=1)
        ends = np.array([tail, 1 - tail]) * (ordered.shape[1] - 1)
        low[known], high[known] = (_at(ordered, place) for place in ends)
    flat = known & ~(spread > 0)
    low[flat], high[flat] = np.nan, np.nan
    table["estimate"], table["se"], table["ci_low"], table["ci_high"] = observed, spread, low, high
    table["n_a"], table["n_b"] = n_a, n_b
    table["note"] = np.select([~known, flat], [NOTE_NO_ANSWERS, NOTE_FLAT], default="")
    return table


def _at(ordered: np.ndarray, place: float) -> Any:
    """Return a quantile of sorted rows, between two values linearly (numpy's default)."""
    low = int(np.floor(place))
    high = min(low + 1, ordered.shape[1] - 1)
    return ordered[:, low] + (place - low) * (ordered[:, high] - ordered[:, low])
