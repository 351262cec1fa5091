"""Net balances: one number for an ordinal item, by four families that must not be confused."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.study.problems import ScoringError, nearest
from cssp.survey.balance_family import Family, family_of, told_as
from cssp.survey.counts import Behind
from cssp.survey.frequency import FrequencyTable, need_counts

NOTE_NO_ANSWERS = "no answers"
NOTE_FLAT = "all answers count alike: no interval"
NOTE_WEIGHTED = "weighted counts: no interval"
NOTE_FEW = (
    "few answers, or few apart from the most frequent side: the interval covers less than it says"
)
#: With fewer answers, or fewer answers off the most frequent side, the delta method's interval
#: covered under 93 % in simulations
#: (docs/coverage.md).
FEW, FEW_APART = 30, 12
INTERVALS = ("delta", "adjusted")


@returns(
    "item",
    "city",
    "sector",
    "family",
    "base",
    "balance",
    "se",
    *bounds("balance"),
    "n",
    "positive",
    Column("neutral", "neutral", "percent"),
    "negative",
    "special",
    "note",
    depending=told_as,
)
def net_balance(
    freq: FrequencyTable,
    family: str,
    base: Literal["all", "substantive"] = "substantive",
    confidence: float = 0.95,
    interval: Literal["delta", "adjusted"] = "delta",
) -> pd.DataFrame:
    """Return the balance of positive over negative answers, with its interval.

    The families give different values for one item, so the family is always named (shares p of the
    base):

    - `plain`: p(positive) - p(negative), in [-1, 1];
    - `plus100`: 100 + 100 (p(positive) - p(negative)), in 0..200 with 100 neutral: the one family
      kept on the scale of its
      name, as published tables print it;
    - `vciom`: p(positive) + p(average) - p(negative), in [-1, 1]; the average answers count as
      positive;
    - `rosstat`: weights 1 for a full and 1/2 for a mild answer (the codebook's `weight`), in [-1,
      1].

    Parameters
    ----------
    freq : table from `frequency_table`, with its codebook
    family : which balance; each has its file in `cssp.survey.balance_families`
    base : "substantive": answers on the scale only; "all": also 'hard to say', refusals and 'no
        answer', which then count
        as neither; 'not asked' and blanks are outside both bases
    confidence : of the interval
    interval : "delta": the delta method's for a multinomial; "adjusted": the same with one positive
        and one negative answer added (as Agresti
        and Coull add successes and failures to a share), which covers as it says in small and
        lopsided groups too, and is there where all
        answers are alike; it is not centred on the balance, and the balance itself is that of the
        answers given

    Returns
    -------
    One row an item and group: `item, *by, family, base, balance, se, ci_low, ci_high, n` (size of
    the base),
    `positive, neutral, negative` (shares of the base), `special` (share of all answers given that
    lie outside the scale,
    whatever the base), `note` (why a value is missing or doubtful). The variance is that of the
    mean of the answers' scores; bounds are
    normal and clipped to the family's range. Where simulations found the delta method's interval to
    cover less than it says, the note says
    so. `bootstrap_balances` gives a third interval.

    Raises
    ------
    ScoringError
        An unknown family or base, or a table without the codebook that says which answers are
        positive.

    References
    ----------
    VCIOM's form and Rosstat's weights: see docs/methods.md, where each convention has its source.
    Agresti, A. (2013). Categorical Data Analysis, 3rd ed., Wiley, sec. 16.1 (delta method for
    multinomials).
    Agresti, A., & Coull, B. A. (1998). The American Statistician, 52(2), 119-126 (adding answers
    before the interval is made).

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("q", {"all": [259, 434, 307]}, positive=[3], negative=[1])
    >>> [round(float(net_balance(freq, family)["balance"].iloc[0]), 3) for family in ("plain",
    ...     "plus100", "vciom")]
    [0.048, 104.8, 0.482]
    """
    need_counts(freq)
    chosen = family_of(family, base)
    if interval not in INTERVALS:
        raise ScoringError(f"'{interval}' is not an interval. {nearest(str(interval), INTERVALS)}")
    book = freq.codebook
    if freq.empty:
        names = [
            "balance",
            "se",
            "ci_low",
            "ci_high",
            "n",
            "positive",
            "neutral",
            "negative",
            "special",
            "note",
        ]
        return pd.DataFrame(columns=[*freq.index.names, "family", "base", *names])
    parts = []
    for item, block in freq.counts.groupby(level="item", sort=False):
        counts, outside, score, sign = scored(block, str(item), book, chosen)
        people = None
        if freq.behind is not None:
            people = _respondents(freq.behind, block, str(item), book)
            counts, outside = _effective(counts, outside, score, *people, base)
        found = _balances(
            block.index,
            counts,
            outside,
            base,
            score,
            sign,
            confidence,
            freq.weighted and people is None,
            interval,
        )
        if people is not None:
            found["n"] = people[0].sum(axis=1).astype(int)
            if base == "all":
                found["n"] += people[1].astype(int)
        parts.append(found)
    table = pd.concat(parts)
    if not chosen.in_shares:
        estimates = ["balance", "ci_low", "ci_high"]
        table[estimates] = chosen.centre + chosen.unit * table[estimates]
        table["se"] *= chosen.unit
    table = table.reset_index()
    place = len(freq.index.names)
    table.insert(place, "family", family)
    table.insert(place + 1, "base", base)
    return table


def scored(
    block: pd.DataFrame, item: str, book: dict[str, Any], family: Family
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return an item's substantive counts (group, answer), its counts outside the scale.

    And the answers' scores and signs.
    """
    entry = book[item]
    codes = [code for code in entry["codes"] if code in block.columns]
    asked = [
        c for c, means in entry["special"].items() if means != "not_asked" and c in block.columns
    ]
    sign = np.array([entry["sign"][code] for code in codes], dtype=float)
    grade = np.array([entry["weight"][code] for code in codes], dtype=float)
    score = family.score(sign, grade)
    counts = block[codes].to_numpy(dtype=float)
    return counts, block[asked].to_numpy(dtype=float).sum(axis=1), score, sign


def _respondents(
    behind: Behind, block: pd.DataFrame, item: str, book: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return respondents by substantive answer, those outside the scale, and squared weights of
    both.
    """
    known = [c for c in book[item]["codes"] if c in block.columns]
    special = book[item]["special"].items()
    asked = [c for c, means in special if means != "not_asked" and c in block.columns]
    found = []
    for one in (behind.people.loc[block.index], behind.squares.loc[block.index]):
        found += [one[known].to_numpy(dtype=float), one[asked].to_numpy(dtype=float).sum(axis=1)]
    return found[0], found[1], found[2], found[3]


def _effective(
    sums: np.ndarray,
    outside: np.ndarray,
    score: np.ndarray,
    people: np.ndarray,
    people_outside: np.ndarray,
    squares: np.ndarray,
    squares_outside: np.ndarray,
    base: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return weighted counts scaled to as many equally weighted answers as would be as sure."""
    if base == "all":  # answers outside the scale count nothing
        size = effective_sizes(
            np.column_stack([sums, outside]),
            np.column_stack([squares, squares_outside]),
            np.append(score, 0.0),
            people.sum(axis=1) + people_outside,
        )
        total = sums.sum(axis=1) + outside
    else:
        size, total = effective_sizes(sums, squares, score, people.sum(axis=1)), sums.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(total > 0, size / total, 0.0)
    return sums * scale[:, None], outside * scale


def effective_sizes(
    sums: np.ndarray, squares: np.ndarray, score: np.ndarray, people: np.ndarray
) -> np.ndarray:
    """Return how many equally weighted answers would be as sure as the weighted ones.

    They would have the linearised variance of the weighted mean:
    Korn & Graubard's effective sample size, at most the respondents; Kish's where all answers count
    alike.

    Parameters
    ----------
    sums, squares : of weights, and of squared weights, by group and answer
    score : what each answer counts
    people : respondents of each group

    References
    ----------
    Korn, E. L., & Graubard, B. I. (1998). Survey Methodology, 24(2), 193-201.

    Examples
    --------
    >>> sums, squares = np.array([[3.0, 2.0]]), np.array([[9.0, 2.0]])  # one of 3, two of 1
    >>> effective_sizes(sums, squares, np.array([-1.0, 1.0]), np.array([3.0])).round(2)
    array([2.78])
    """
    total = sums.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums @ score / total
        variance = (squares * (score - mean[:, None]) ** 2).sum(axis=1) / total**2
        spread = np.clip(sums @ score**2 / total - mean**2, 0, None)
        kish = total**2 / squares.sum(axis=1)
        size = np.where(variance > 1e-24, np.minimum(spread / variance, people), kish)
    return np.where(total > 0, size, 0.0)


def moments(
    counts: np.ndarray, score: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return each group's balance and its variance.

    And both once more with one positive and one negative answer added.

    `n` is the base; answers in it that `counts` does not hold (those outside the scale) count
    nothing.

    >>> moments(np.array([[2.0, 2.0]]), np.array([-1.0, 1.0]), np.array([4.0]))[:2]
    (array([0.]), array([0.25]))
    """
    total, squares = counts @ score, counts @ score**2
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, centre = total / n, total / (n + 2)
        variance = np.clip(squares / n - mean**2, 0, None) / n
        return mean, variance, centre, ((squares + 2) / (n + 2) - centre**2) / (n + 2)


def _balances(
    index: pd.Index,
    counts: np.ndarray,
    outside: np.ndarray,
    base: str,
    score: np.ndarray,
    sign: np.ndarray,
    confidence: float,
    weighted: bool,
    interval: str,
) -> pd.DataFrame:
    given = counts.sum(axis=1) + outside
    n = given if base == "all" else counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        special_share = outside / given
        balance, variance, *more = moments(counts, score, n)
        shares = counts / n[:, None]
        centre, spread = more if interval == "adjusted" else (balance, variance)
        half = ndtri(0.5 + confidence / 2) * np.sqrt(spread)
        sides = np.stack([counts[:, score == value].sum(axis=1) for value in np.unique(score)])
        apart = n - np.maximum(sides.max(axis=0), outside if base == "all" else 0)
    flat = (variance <= 1e-15) & (n > 0)
    none = (n == 0) | weighted | (flat & (interval == "delta"))
    low = np.where(none, np.nan, np.clip(centre - half, -1, 1))
    high = np.where(none, np.nan, np.clip(centre + half, -1, 1))
    rough = (interval == "delta") & ((n < FEW) | (apart < FEW_APART))
    note = np.select(
        [n == 0, np.full(len(n), weighted), flat & (interval == "delta"), rough],
        [NOTE_NO_ANSWERS, NOTE_WEIGHTED, NOTE_FLAT, NOTE_FEW],
        default="",
    )
    return pd.DataFrame(
        {
            "balance": balance,
            "se": np.where(flat | weighted | (n == 0), np.nan, np.sqrt(variance)),
            "ci_low": low,
            "ci_high": high,
            "n": n if weighted else np.rint(n).astype(int),
            "positive": shares @ (sign > 0),
            "neutral": shares @ (sign == 0),
            "negative": shares @ (sign < 0),
            "special": special_share,
            "note": note,
        },
        index=index,
    )
