"""How much can these groups show? Smallest detectable differences, power curves from counts.

And the size that would be needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.study.problems import ScoringError
from cssp.survey.comparison_notes import NOTE_ABSENT, NOTE_EMPTY, NOTE_ONE_CATEGORY, NOTE_UNORDERED
from cssp.survey.count_arrays import check_levels, check_whole, count_arrays, in_order
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.ranks import mann_whitney, null_spread, placements

_DETECTABLE = [
    "n_a",
    "n_b",
    "detectable_effect",
    "detectable_corrected",
    "detectable_balance",
    "detectable_share",
    "detectable_share_half",
    "n_tests",
    "test_level",
    "power",
    "note",
]


@returns(
    "item",
    "sector",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("detectable_effect", "detectable effect", "number2"),
    "detectable_corrected",
    Column("detectable_balance", "detectable difference of balances, points", "points"),
    Column("detectable_share", "detectable difference of shares, points", "points"),
    Column("detectable_share_half", "the same around one half, points", "points"),
    "n_tests",
    "test_level",
    "power",
    "note",
)
def detectable_differences(
    freq: FrequencyTable,
    between: str,
    within: str | None = None,
    significance: float = 0.05,
    power: float = 0.8,
    tests: int | None = None,
) -> pd.DataFrame:
    """Return the smallest difference that each comparison finds with a given power.

    At the sizes the groups have.

    It answers "how large would a difference have to be for this survey to see it?", not "how large
    is it?": the observed effect has no part in
    it. Normal approximation; both groups are taken to answer like the two together, so ties are as
    many as in the data.

    Parameters
    ----------
    freq : table from `frequency_table` with its codebook, unweighted
    between, within : as in `compare_groups`
    significance : of the two-sided test
    power : chance to find a difference of that size
    tests : number of tests corrected together for the corrected column (each at alpha / tests, a
        bound for Holm); None: all rows

    Returns
    -------
    One row an item, stratum and pair: `item, [within], group_a, group_b, n_a, n_b,
    detectable_effect` (absolute rank-biserial, Mann-Whitney with these
    ties), `detectable_corrected` (the same at alpha / tests), `detectable_balance` (difference of
    plain balances), `detectable_share` (difference of the shares of positive
    answers around the pair's own), `detectable_share_half` (difference of shares around one half,
    the worst case), `n_tests, test_level, power, note`. Infinite: out of reach,
    no difference however large is found with that power. The three differ in scale: an effect of
    0.3 is no difference of 0.3 in shares.

    References
    ----------
    Noether, G. E. (1987). Sample size determination for some common nonparametric tests. JASA,
    82(398), 645-647.
    Fleiss, J. L., Levin, B., & Paik, M. C. (2003). Statistical Methods for Rates and Proportions,
    3rd ed., Wiley, ch. 4.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> item = study.questionnaire.names("ordinal", focus=True)[0]
    >>> freq = frequency_table(load_survey(study), [item], by=["city"])
    >>> detectable_differences(freq, "city")[["n_a", "n_b", "detectable_effect",
    ...     "detectable_share_half"]]
       n_a  n_b  detectable_effect  detectable_share_half
    0   82   98              0.232                  0.208
    """
    need_counts(freq)
    check(significance, power)
    check_levels(freq, between, within)
    check_whole(freq)
    book = freq.codebook
    parts = []
    for block in count_arrays(freq, between, within):
        listed = list(combinations(range(len(block.groups)), 2))
        if not listed:
            continue
        first, second = (np.array(side) for side in zip(*listed, strict=True))
        pairs = placements(block.counts, first, second)
        both = block.counts[:, :, first] + block.counts[:, :, second]
        n = both.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = 2 * null_spread(pairs) / (pairs.n_a * pairs.n_b)
            share = both / n[..., None]
            scale = np.sqrt(1 / pairs.n_a + 1 / pairs.n_b)
        signs = np.array([_signs(book, item, block.codes) for item in block.items])[
            :, None, None, :
        ]
        mean = (share * signs).sum(axis=-1)
        deviation = np.sqrt(np.clip((share * signs**2).sum(axis=-1) - mean**2, 0, None))
        positive = (share * np.where(np.isnan(signs), np.nan, signs > 0)).sum(axis=-1)
        none = pairs.empty
        rows = np.indices(n.shape).reshape(3, -1)
        there = (block.there[:, :, first] & block.there[:, :, second]).ravel()
        keys: dict[str, object] = {"item": np.array(block.items, dtype=object)[rows[0]]}
        if within is not None:
            keys[within] = np.array(block.strata, dtype=object)[rows[1]]
        groups = np.array(block.groups, dtype=object)
        unit = {
            "spread": np.where(none | pairs.alike | ~np.array(block.ordered), np.nan, spread),
            "balance": np.where(
                none | pairs.alike | ~np.array(block.ordered), np.nan, deviation * scale
            ),
            "positive": np.where(none | ~np.array(block.ordered), np.nan, positive),
        }
        parts.append(
            pd.DataFrame(
                {
                    **keys,
                    "group_a": groups[first[rows[2]]],
                    "group_b": groups[second[rows[2]]],
                    "n_a": pairs.n_a.ravel().astype(int),
                    "n_b": pairs.n_b.ravel().astype(int),
                    **{name: value.ravel() for name, value in unit.items()},
                    "note": np.select(
                        [
                            ~there,
                            none.ravel(),
                            np.full(len(there), not block.ordered),
                            pairs.alike.ravel(),
                        ],
                        [NOTE_ABSENT, NOTE_EMPTY, NOTE_UNORDERED, NOTE_ONE_CATEGORY],
                        default="",
                    ),
                }
            )
        )
    names = ["item", *filter(None, [within]), "group_a", "group_b", *_DETECTABLE]
    if not parts:
        return pd.DataFrame(columns=names)
    table = in_order(pd.concat(parts, ignore_index=True), freq)
    count = int(((table["n_a"] > 0) & (table["n_b"] > 0)).sum()) if tests is None else tests
    reach = ndtri(1 - significance / 2) + ndtri(power)
    corrected = ndtri(1 - significance / 2 / max(count, 1)) + ndtri(power)
    table["detectable_effect"] = _within_reach(reach * table["spread"], 1)
    table["detectable_corrected"] = _within_reach(corrected * table["spread"], 1)
    table["detectable_balance"] = _within_reach(reach * table["balance"], 2)
    table["detectable_share"] = [
        _share(p, a, b, significance, power)
        for p, a, b in zip(table["positive"], table["n_a"], table["n_b"], strict=True)
    ]
    known = table["spread"].notna() | table["positive"].notna()
    table["detectable_share_half"] = np.nan
    table.loc[known, "detectable_share_half"] = [
        _share(0.5, a, b, significance, power)
        for a, b in zip(table.loc[known, "n_a"], table.loc[known, "n_b"], strict=True)
    ]
    table["n_tests"], table["test_level"], table["power"] = count, significance, power
    return table[names]


def check(significance: float, power: float) -> None:
    """Refuse a significance or power that is no chance. Returns nothing."""
    if not 0 < significance < 1 or not 0 < power < 1:
        raise ScoringError(
            f"significance and power are chances between 0 and 1, not {significance} and {power}."
        )


def _signs(book: dict[str, dict[str, object]], item: str, codes: tuple[int, ...]) -> np.ndarray:
    sign = book[item]["sign"]
    if not any(sign.values()):  # type: ignore[attr-defined]
        return np.full(len(codes), np.nan)  # it is not known which answers are positive
    return np.array([float(sign[code]) for code in codes])  # type: ignore[index]


def _within_reach(values: pd.Series, most: float) -> np.ndarray:
    return np.where(values > most, np.inf, values)


def _share(positive: float, n_a: float, n_b: float, significance: float, power: float) -> float:
    """Return the smallest detectable difference of two shares around a common one.

    Infinite where none is.

    The shares are the common one plus and minus half the difference (moved inwards at the ends of
    the scale).
    """
    if np.isnan(positive) or min(n_a, n_b) < 1:
        return float("nan")

    def missing(gap: float, side: float) -> float:
        high = np.clip(positive + gap / 2, gap, 1)
        a, b = (high, high - gap) if side > 0 else (high - gap, high)
        mean = (n_a * a + n_b * b) / (n_a + n_b)
        null = np.sqrt(mean * (1 - mean) * (1 / n_a + 1 / n_b))
        real = np.sqrt(a * (1 - a) / n_a + b * (1 - b) / n_b)
        return float(gap - ndtri(1 - significance / 2) * null - ndtri(power) * real)

    found = [
        brentq(missing, 1e-9, 1.0, args=(side,), xtol=1e-10) if missing(1.0, side) > 0 else np.inf
        for side in (1.0, -1.0)
    ]
    return float(max(found))  # whichever group is the higher one


def shifted(shares: np.ndarray, log_odds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return two distributions that lie a log odds ratio apart.

    One half of it on either side of the given one (proportional odds).

    >>> a, b = shifted(np.array([0.25, 0.5, 0.25]), np.log(3))
    >>> a.round(3), b.round(3)
    (array([0.161, 0.473, 0.366]), array([0.366, 0.473, 0.161]))
    """
    below = logit(np.clip(np.cumsum(shares)[:-1] / shares.sum(), 1e-15, 1 - 1e-15))
    both = [
        np.diff(np.concatenate([[0], expit(below + side * log_odds / 2), [1]])) for side in (-1, 1)
    ]
    return both[0], both[1]


def effect_of(a: np.ndarray, b: np.ndarray) -> float:
    """Return the rank-biserial correlation of two distributions over the same answers.

    >>> round(effect_of(np.array([0, 0.5, 0.5]), np.array([0.5, 0.5, 0])), 3)
    0.75
    """
    below_a, below_b = np.cumsum(a) - a, np.cumsum(b) - b
    return float(a @ below_b - b @ below_a)


@returns(
    "item",
    "n_a",
    "n_b",
    "effect",
    Column("log_odds", "log odds", "number2"),
    "power",
    *bounds("power"),
    "replicates",
)
def power_curve(
    freq: FrequencyTable,
    item: str,
    between: str,
    effects: Iterable[float] = tuple(np.round(np.arange(0, 0.81, 0.05), 2)),
    sizes: Sequence[tuple[int, int]] | None = None,
    significance: float = 0.05,
    replicates: int = 2_000,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Return the chance to find an effect of a given size, by simulation from the item's counts.

    The groups' answers are drawn from two distributions that lie apart by proportional odds, on
    either side of what both groups together
    answered, so ties are like those of the survey; the Mann-Whitney test is made on each draw.

    Parameters
    ----------
    freq : table from `frequency_table`; the item's counts are summed over all levels
    item : the item whose answers are the model
    between : level of the groups; the pairs of groups give the sizes
    effects : rank-biserial correlations to try; those that cannot be reached with these answers are
        left out
    sizes : pairs of group sizes instead of those of the survey
    significance, replicates, seed : of the test and the simulation

    Returns
    -------
    One row a pair of sizes and effect: `item, n_a, n_b, effect, log_odds, power, ci_low, ci_high`
    (Wilson: how sure the simulation is), `replicates`.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> item = study.questionnaire.names("ordinal", focus=True)[0]
    >>> freq = frequency_table(load_survey(study), [item], by=["city"])
    >>> curve = power_curve(freq, item, "city", effects=[0.0, 0.6], replicates=400)
    >>> bool(curve["power"].iloc[0] < 0.1), bool(curve["power"].iloc[1] > 0.99)
    (True, True)
    """
    need_counts(freq)
    check(significance, 0.5)
    check_whole(freq)
    block = next((one for one in count_arrays(freq, between) if item in one.items), None)
    if block is None or not block.ordered:
        raise ScoringError(f"There is no ordinal item '{item}' in the table.")
    counts = block.counts[block.items.index(item), 0]
    n = counts.sum(axis=1).astype(int)
    group_sizes = (
        list(sizes)
        if sizes is not None
        else [(n[a], n[b]) for a, b in combinations(range(len(n)), 2)]
    )
    pooled = counts.sum(axis=0)
    rng = np.random.default_rng(seed)
    reached = [
        (float(effect), odds)
        for effect in effects
        if (odds := _odds_for(pooled, float(effect))) is not None
    ]
    lines = []
    for n_a, n_b in dict.fromkeys((int(a), int(b)) for a, b in group_sizes):
        if min(n_a, n_b) < 1:
            continue
        for effect, odds in reached:
            a, b = shifted(pooled, odds)
            drawn = np.stack(
                [rng.multinomial(n_a, a, replicates), rng.multinomial(n_b, b, replicates)], axis=1
            ).astype(float)
            _, p = mann_whitney(placements(drawn, np.array([0]), np.array([1])))
            found = int((p < significance).sum())
            low, high = wilson(np.array([found]), np.array([replicates]))
            lines.append(
                {
                    "item": item,
                    "n_a": n_a,
                    "n_b": n_b,
                    "effect": effect,
                    "log_odds": odds,
                    "power": found / replicates,
                    "ci_low": low[0],
                    "ci_high": high[0],
                    "replicates": replicates,
                }
            )
    return pd.DataFrame(
        lines,
        columns=[
            "item",
            "n_a",
            "n_b",
            "effect",
            "log_odds",
            "power",
            "ci_low",
            "ci_high",
            "replicates",
        ],
    )


def _odds_for(pooled: np.ndarray, effect: float) -> float | None:
    """Return the log odds ratio that gives an effect; None where no shift of these answers does."""
    if effect == 0:
        return 0.0
    if (pooled > 0).sum() < 2 or effect_of(*shifted(pooled, 30.0)) <= abs(effect):
        return None
    return float(
        np.sign(effect)
        * brentq(lambda odds: effect_of(*shifted(pooled, odds)) - abs(effect), 0, 30)
    )
