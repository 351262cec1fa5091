"""How far a comparison hangs on those who found it hard to say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError
from cssp.survey.frequency import FrequencyTable, need_counts, special_codes, substantive_codes
from cssp.survey.ranks import placements


@returns(
    "item",
    "city",
    "sector",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("hard_a", "hard to say, first", "whole"),
    Column("hard_b", "hard to say, second", "whole"),
    "rank_biserial",
    Column("as_middle", "with them in the middle", "signed2"),
    Column("least", "at least", "signed2"),
    Column("most", "at most", "signed2"),
    Column("holds", "direction holds", "flag"),
)
def hard_to_say_bounds(
    freq: FrequencyTable, pairs: pd.DataFrame, between: str, within: str | None = None
) -> pd.DataFrame:
    """Return a comparison's effects if those who found it hard to say had answered.

    `as_middle` puts them all on the middle of the scale (between the two middle answers where their
    number is even). `least` and `most` are the bounds of what is possible at all: those of the
    first group all at the bottom and those of the second all at the top, and the reverse (Manski's
    worst cases). Between the bounds every answer that they could have given lies.

    Parameters
    ----------
    freq : table from `frequency_table` that the comparison was made of, unweighted
    pairs : rows of `compare_groups` to look at, e.g. the findings
    between, within : as given to `compare_groups`

    Returns
    -------
    One row a row of `pairs` with an effect: `item, [within], group_a, group_b, n_a, n_b, hard_a,
    hard_b, rank_biserial, as_middle, least, most, holds` (both bounds on the side of the effect).

    Raises
    ------
    ScoringError
        Weighted counts.

    References
    ----------
    Manski, C. F. (1989). Anatomy of the selection problem. Journal of Human Resources, 24(3),
    343-360.

    Examples
    --------
    >>> from cssp import compare_groups, table_of_counts
    >>> freq = table_of_counts("q", {"a": [2, 8, 20, 2], "b": [15, 8, 5, 4]}, codes=[1, 2, 3, 97],
    ...     special={97: "hard_to_say"})
    >>> found = hard_to_say_bounds(freq, compare_groups(freq, "city"), "city")
    >>> found[["rank_biserial", "as_middle", "least", "most", "holds"]].round(2).to_numpy().tolist()
    [[0.61, 0.59, 0.43, 0.66, True]]
    """
    need_counts(freq)
    if freq.weighted:
        raise ScoringError("These bounds are of respondents; pass the unweighted counts.")
    keys = ["item", *([] if within is None else [within])]
    known = pairs[pairs["rank_biserial"].notna()]
    lines = []
    for row in known.to_dict("records"):
        codes = substantive_codes(freq, row["item"])
        hard = special_codes(freq, row["item"], "hard_to_say")
        own = freq.where(item=row["item"], **({} if within is None else {within: row[within]}))
        sides = []
        for side in ("group_a", "group_b"):
            counts = own.where(**{between: row[side]}).counts
            sides.append((counts[codes].to_numpy(float).sum(axis=0), counts[hard].to_numpy().sum()))
        (a, hard_a), (b, hard_b) = sides
        k = len(codes)
        wide = np.zeros((3, 2, 2 * k + 1))  # each answer at 1, 3, 5, ...; between them 2, 4, ...
        wide[:, 0, 1::2], wide[:, 1, 1::2] = a, b
        for case, (at_a, at_b) in enumerate(((k, k), (1, 2 * k - 1), (2 * k - 1, 1))):
            wide[case, 0, at_a] += hard_a
            wide[case, 1, at_b] += hard_b
        middle, least, most = placements(wide, np.array([0]), np.array([1])).effect.ravel()
        effect = row["rank_biserial"]
        holds = effect != 0 and (least > 0) == (effect > 0) and (most > 0) == (effect > 0)
        lines.append(
            [
                *(row[name] for name in keys),
                *(row[name] for name in ("group_a", "group_b", "n_a", "n_b")),
                int(hard_a),
                int(hard_b),
                effect,
                middle,
                least,
                most,
                bool(holds),
            ]
        )
    names = ["group_a", "group_b", "n_a", "n_b", "hard_a", "hard_b", "rank_biserial"]
    return pd.DataFrame(lines, columns=[*keys, *names, "as_middle", "least", "most", "holds"])
