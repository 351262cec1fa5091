"""What one group answered to one item: centre, spread, consensus, shares with intervals.

All from the counts.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import bdtr

from cssp.stats.columns import Column, bounds, returns
from cssp.survey.frequency import FrequencyTable, need_counts, special_codes, substantive_codes

NOTE_NO_ANSWERS = "no answers"
NOTE_UNORDERED = "answers without order: only the most frequent answer"
NOTE_WEIGHTED = "weighted counts: no interval"
NOTE_PLACES = "codes that do not rise with the answers: places 1, 2, ... are described"
NOTE_FEW = "fewer than 6 answers: no interval of the median"
NOTE_RARE = (
    "an answer that nobody gave, in a small group: the simultaneous intervals cover less "
    "than they say"
)
SUMMARY = [
    "n",
    "n_all",
    "hard_to_say",
    "special",
    "median",
    "median_low",
    "median_high",
    "median_coverage",
    "mean",
    "sd",
    "iqr",
    "consensus",
    "agreement_a",
    "mode",
    "mode_share",
    "note",
]


@returns(
    "item",
    "city",
    "sector",
    "n",
    "n_all",
    "hard_to_say",
    "special",
    Column("median", "median", "number"),
    *bounds("median", "median_low", "median_high", "median from", "median to"),
    Column("median_coverage", "coverage", "percent1"),
    "mean",
    "sd",
    Column("iqr", "IQR", "number1"),
    Column("consensus", "consensus", "number2"),
    Column("agreement_a", "agreement A", "signed2"),
    Column("mode", "most frequent", "answer"),
    Column("mode_share", "its share", "percent"),
    "note",
)
def describe(freq: FrequencyTable, confidence: float = 0.95) -> pd.DataFrame:
    """Describe the answers to each item in each group.

    Parameters
    ----------
    freq : table from `frequency_table`
    confidence : of the median's interval (at least; the answers are few, so it usually covers more)

    Returns
    -------
    One row an item and group: `item, *by`, then

    - `n` (substantive answers: the base of all that follows but the two next), `n_all` (answers
      given, 'hard to say' and refusals
      included), `hard_to_say`, `special` (their shares, and of all special answers, of `n_all`);
    - `median` with `median_low, median_high`: the interval between two order statistics, whose true
      coverage is
      `median_coverage`; the median is the mean of the two middle answers where n is even;
    - `mean`, `sd` (divisor n - 1), `iqr` (of the answers' codes, or of their places 1, 2, ... where
      the codes do not rise along the scale, with a note; to be read with care:
      the distance between answers is a convention);
      quartiles are the answers at which the cumulated share reaches a quarter and three quarters;
    - `consensus`: Tastle and Wierman's (2007), 1 = all alike, 0 = halves at the two ends of the
      scale; `agreement_a`: van der
      Eijk's (2001) A, 1 = all in one answer, 0 = evenly spread, -1 = halves at the two ends; both
      use the scale as listed in
      the codebook, answers that nobody gave included;
    - `mode` (the first of several), `mode_share`, `note`.

    References
    ----------
    Tastle, W. J., & Wierman, M. J. (2007). Consensus and dissention. International Journal of
    Approximate Reasoning, 45(3), 531-545.
    van der Eijk, C. (2001). Measuring agreement in ordered rating scales. Quality and Quantity,
    35(3), 325-341.
    David, H. A., & Nagaraja, H. N. (2003). Order Statistics, 3rd ed., Wiley, sec. 7.1 (interval of
    a quantile).

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("q", {"all": [30, 40, 210, 130, 530, 50, 10]})
    >>> describe(freq)[["n", "median", "agreement_a"]]
          n  median  agreement_a
    0  1000     5.0        0.611
    """
    need_counts(freq)
    keys = list(freq.index.names)
    if freq.empty:
        return pd.DataFrame(columns=[*keys, *SUMMARY])
    parts = []
    book = freq.codebook
    weighted = freq.weighted
    for item, block in freq.counts.groupby(level="item", sort=False):
        codes = substantive_codes(freq, str(item))
        ordered = book.get(item) is None or bool(book[item]["ordered"]) or len(codes) == 2
        counts = block[codes].to_numpy(dtype=float)
        asked = [
            c
            for c in special_codes(freq, str(item))
            if c not in special_codes(freq, str(item), "not_asked")
        ]
        outside = block[asked].to_numpy(dtype=float).sum(axis=1)
        hard = (
            block[special_codes(freq, str(item), "hard_to_say")].to_numpy(dtype=float).sum(axis=1)
        )
        rising = all(a < b for a, b in pairwise(codes))
        values = np.array(codes if rising else range(1, len(codes) + 1), dtype=float)
        measures = _summary(
            counts, values, np.array(codes, dtype=float), hard, outside, confidence, weighted
        )
        if freq.behind is not None:
            people = freq.behind.people.loc[block.index]
            measures["n"] = people[codes].to_numpy(dtype=float).sum(axis=1)
            measures["n_all"] = people[[*codes, *asked]].to_numpy(dtype=float).sum(axis=1)
        if not rising:
            measures["note"] = np.where(measures["note"] == "", NOTE_PLACES, measures["note"])
        if not ordered:
            for name in (
                "median",
                "median_low",
                "median_high",
                "median_coverage",
                "mean",
                "sd",
                "iqr",
                "consensus",
                "agreement_a",
            ):
                measures[name] = np.full(len(block), np.nan)
            measures["note"] = np.where(measures["n"] > 0, NOTE_UNORDERED, NOTE_NO_ANSWERS)
        parts.append(pd.DataFrame(measures, index=block.index))
    table = pd.concat(parts).reset_index()
    if not weighted or freq.behind is not None:
        table[["n", "n_all"]] = table[["n", "n_all"]].round().astype("int64")
    return table[[*keys, *SUMMARY]]


def _summary(
    counts: np.ndarray,
    codes: np.ndarray,
    named: np.ndarray,
    hard: np.ndarray,
    outside: np.ndarray,
    confidence: float,
    weighted: bool,
) -> dict[str, np.ndarray]:
    n = counts.sum(axis=1)
    given = n + outside
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = counts @ codes / n
        squares = (counts * (codes - mean[:, None]) ** 2).sum(axis=1)
        sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
        hard_share, special_share = hard / given, outside / given
        mode_share = counts.max(axis=1) / n
    empty = n == 0
    low_rank, high_rank, coverage = median_ranks(np.zeros_like(n) if weighted else n, confidence)
    note = np.select(
        [empty, np.full(len(n), weighted), n < 6],
        [NOTE_NO_ANSWERS, NOTE_WEIGHTED, NOTE_FEW],
        default="",
    )

    def missing(values: np.ndarray) -> np.ndarray:
        return np.where(empty, np.nan, values)

    half = n / 2
    return {
        "n": n,
        "n_all": given,
        "hard_to_say": hard_share,
        "special": special_share,
        "median": missing(
            (_answer_at(counts, codes, half) + _answer_after(counts, codes, half)) / 2
        ),
        "median_low": np.where(low_rank > 0, _answer_at(counts, codes, low_rank), np.nan),
        "median_high": np.where(low_rank > 0, _answer_at(counts, codes, high_rank), np.nan),
        "median_coverage": np.where(low_rank > 0, coverage, np.nan),
        "mean": mean,
        "sd": sd,
        "iqr": missing(_answer_at(counts, codes, 0.75 * n) - _answer_at(counts, codes, 0.25 * n)),
        "consensus": missing(consensus(counts)),
        "agreement_a": missing(agreement_a(counts)),
        "mode": missing(named[counts.argmax(axis=1)]),
        "mode_share": mode_share,
        "note": note,
    }


def _answer_at(counts: np.ndarray, codes: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Return the lowest answer at which the cumulated count reaches a rank."""
    reached = np.cumsum(counts, axis=1) >= rank[:, None] - 1e-9
    return np.asarray(codes[np.where(reached.any(axis=1), reached.argmax(axis=1), len(codes) - 1)])


def _answer_after(counts: np.ndarray, codes: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Return the lowest answer at which the cumulated count exceeds a rank.

    The upper of two middle answers.
    """
    passed = np.cumsum(counts, axis=1) > rank[:, None] + 1e-9
    return np.asarray(codes[np.where(passed.any(axis=1), passed.argmax(axis=1), len(codes) - 1)])


def median_ranks(n: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the ranks r and n + 1 - r of the order statistics that enclose the median.

    And their coverage.

    r is the largest rank for which the coverage 1 - 2 P(Bin(n, 1/2) < r) is at least `confidence`;
    0 where even the smallest and
    the largest answer do not reach it (n < 6 for 95 %).

    >>> median_ranks(np.array([30.0]), 0.95)
    (array([10.]), array([21.]), array([0.957]))
    """
    n = np.asarray(n, dtype=float)
    low = np.zeros_like(n)
    coverage = np.full_like(n, np.nan)
    for size in np.unique(n[n > 0]):
        ranks = np.arange(1, int(size) // 2 + 1)
        covered = 1 - 2 * bdtr(ranks - 1, int(size), 0.5)
        fits = np.flatnonzero(covered >= confidence - 1e-12)
        if len(fits):
            low[n == size] = ranks[fits[-1]]
            coverage[n == size] = covered[fits[-1]]
    return low, np.where(low > 0, n + 1 - low, 0), coverage


def consensus(counts: np.ndarray) -> np.ndarray:
    """Tastle and Wierman's consensus.

    1 + sum p log2(1 - |x - mean| / width), the answers placed 1, 2, ..., k.

    >>> consensus(np.array([[5.0, 0, 0, 0, 5.0], [0, 0, 9.0, 0, 0]])).round(3)
    array([0., 1.])
    """
    place = np.arange(counts.shape[1], dtype=float)
    width = max(counts.shape[1] - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counts / counts.sum(axis=1, keepdims=True)
        off = np.abs(place - (share @ place)[:, None]) / width
        part = np.where(share > 0, share * np.log2(1 - np.where(share > 0, off, 0)), 0)
    return np.asarray(1 + part.sum(axis=1))


def agreement_a(counts: np.ndarray) -> np.ndarray:
    """Van der Eijk's agreement A.

    The weighted mean of the agreement of the layers into which the counts are cut.

    A layer holds the same count of every answer that is given at least so often. With S of K
    answers in a layer, TU triples of
    answers in which the layer is unimodal (110, 011) and TDU in which it is not (101), the layer's
    agreement is
    U (1 - (S - 1)/(K - 1)), U = ((K - 2) TU - (K - 1) TDU) / ((K - 2)(TU + TDU)). Missing for
    scales of fewer than three answers.

    >>> agreement_a(np.array([[30.0, 40, 210, 130, 530, 50, 10]])).round(7)
    array([0.6113333])
    """
    k = counts.shape[1]
    n = counts.sum(axis=1)
    if k < 3:
        return np.full(len(counts), np.nan)
    levels = np.sort(counts, axis=1)
    steps = np.diff(
        levels, axis=1, prepend=0
    )  # the layers' heights; layer i holds the answers with at least levels[i]
    total = np.zeros(len(counts))
    for layer in range(k):
        inside = counts >= levels[:, [layer]]
        size = inside.sum(axis=1)
        # for each place: how many answers inside and outside the layer lie left and right of it
        left_in: np.ndarray = np.cumsum(inside, axis=1) - inside
        right_in = size[:, None] - left_in - inside
        left_out: np.ndarray = np.cumsum(~inside, axis=1) - ~inside
        right_out = (k - size)[:, None] - left_out - ~inside
        unimodal = (inside * (left_in * right_out + left_out * right_in)).sum(
            axis=1
        )  # 110 and 011, by their middle
        split = (~inside * (left_in * right_in)).sum(axis=1)  # 101
        with np.errstate(invalid="ignore", divide="ignore"):
            mode = ((k - 2) * unimodal - (k - 1) * split) / ((k - 2) * (unimodal + split))
        own = np.where(
            size == 1,
            1.0,
            np.where(size == k, 0.0, np.nan_to_num(mode) * (1 - (size - 1) / (k - 1))),
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            total += own * steps[:, layer] * size / n
    return total
