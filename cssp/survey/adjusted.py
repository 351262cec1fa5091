"""Is it the city or who was asked? Groups compared with the mix of strata (sectors) held equal."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.survey.balance import moments, scored
from cssp.survey.balance_family import family_of, told_as
from cssp.survey.count_arrays import CountArray, check_levels, check_whole, count_arrays, in_order
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.ranks import Pairs, effect_error, null_spread, placements

WEIGHTS = ("pooled", "equal")
NOTE_NO_STRATUM = "no stratum in which both groups answered"
NOTE_LEFT_OUT = "strata left out in which a group has no answers"
NOTE_SMALL = "a group of fewer than 10 answers in a stratum: Q and the intervals are rough"
NOTE_UNORDERED = "answers without order: ranks not compared"
NOTE_NO_EFFECT = "a stratum with one answer of a group: no interval of the effect"
NOTE_ONE_STRATUM = "one stratum only: nothing to hold equal"
NOTE_FLAT = (
    "a stratum in which all answers of a group count alike: its variance is taken as that "
    "of one answer more on either side"
)
_KINDS = (
    "group_a",
    "group_b",
    "strata",
    "n_a",
    "n_b",
    "van_elteren",
    "p",
    "p_adjusted",
    "n_tests",
    "rank_biserial",
    "effect_low",
    "effect_high",
    "family",
    "base",
    "weights",
    "raw_gap",
    "raw_low",
    "raw_high",
    "standardised_a",
    "standardised_b",
    "gap",
    "ci_low",
    "ci_high",
    "composition",
    "composition_low",
    "composition_high",
    "within",
    "within_low",
    "within_high",
    "q",
    "dof",
    "p_q",
    "note",
)


@returns(
    "item",
    "group_a",
    "group_b",
    "strata",
    "n_a",
    "n_b",
    Column("van_elteren", "van Elteren z", "number2"),
    "p",
    "p_adjusted",
    "n_tests",
    "rank_biserial",
    *bounds("rank_biserial", "effect_low", "effect_high", "effect from", "effect to"),
    "family",
    "base",
    Column("weights", "weights of the strata", "word"),
    Column("raw_gap", "raw difference, points", "gap1"),
    *bounds("raw_gap", "raw_low", "raw_high", "raw from", "raw to"),
    Column("standardised_a", "standardised, first", "points"),
    Column("standardised_b", "standardised, second", "points"),
    "gap",
    *bounds("gap"),
    Column("composition", "by composition, points", "gap1"),
    *bounds(
        "composition", "composition_low", "composition_high", "composition from", "composition to"
    ),
    Column("within", "within strata, points", "gap1"),
    *bounds("within", "within_low", "within_high", "within from", "within to"),
    "q",
    "dof",
    Column("p_q", "p of Q", "p"),
    "note",
    depending=told_as,
)
def compare_adjusted(
    freq: FrequencyTable,
    between: str,
    strata: str,
    family: str = "plain",
    base: str = "substantive",
    weights: str | Mapping[str, float] = "pooled",
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare groups with the mix of strata held equal.

    Is a difference of cities one of who was asked?

    Three estimands stand side by side, of the strata in which both groups answered:

    - *order*: van Elteren's test, a Mann-Whitney test within each stratum, joined with the weights
      1 / (n + 1) that are best
      where the effect is the same everywhere; its effect is the rank-biserial correlation within
      strata, with the same weights;
    - *balance*: the directly standardised balance of each group (its balances in the strata,
      weighted alike) and their difference;
    - *parts of the raw gap* (Kitagawa 1955): `composition`, what the groups' different mix of
      strata makes, and `within`, what remains
      when both have the mean of the two mixes; they add up to `raw_gap` exactly.

    Parameters
    ----------
    freq : table from `frequency_table` with its codebook, by `between` and `strata` at least,
        unweighted
    between : level of the groups, e.g. "city"
    strata : level held equal, e.g. "sector"
    family, base : of the balance, as in `net_balance` (`plus100` is not a share and is refused)
    weights : of the strata in the standardised balance: "pooled" (their share of both groups'
        answers), "equal", or a frame:
        stratum -> share, e.g. from `study.yaml`; a frame is rescaled to the strata that are
        compared
    correction : of van Elteren's p over all rows
    confidence : of the intervals

    Returns
    -------
    One row an item and pair: `item, group_a, group_b, strata` (how many were compared), `n_a, n_b`
    (answers in the base of the
    balance in them), then `van_elteren` (z, no continuity correction, signed like the effect), `p,
    p_adjusted, n_tests,
    rank_biserial, effect_low, effect_high`; `family, base, weights`; `raw_gap, raw_low, raw_high`;
    `standardised_a, standardised_b,
    gap, ci_low, ci_high`; `composition, within` with their intervals; `q, dof, p_q`: test that the
    gap of balances is the same in every
    stratum (Cochran's Q); `note`. Intervals take the sizes of the strata as fixed by design and the
    answers in each as multinomial; a
    cell whose answers all count alike gets the variance that one positive and one negative answer
    more would give it.

    Raises
    ------
    ScoringError
        Unknown levels, family, base or weights; weighted counts; a frame that misses a stratum.

    References
    ----------
    van Elteren, P. H. (1960). Bulletin of the International Statistical Institute, 37, 351-361.
    Kitagawa, E. M. (1955). Components of a difference between two rates. JASA, 50(272), 1168-1194.
    Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics,
    10(1), 101-129.

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> freq = frequency_table(load_survey(study), study.questionnaire.names("ordinal",
    ...     focus=True)[:1], by=["city", "sector"])
    >>> row = compare_adjusted(freq, between="city", strata="sector").iloc[0]
    >>> bool(abs(row.composition + row.within - row.raw_gap) < 1e-12)
    True
    """
    need_counts(freq)
    chosen = family_of(family, base)
    if not chosen.in_shares:
        raise ScoringError(
            f"'{family}' is not told in shares, so it is not standardised; ask for 'plain', or "
            "another one in shares."
        )
    check_correction(correction)
    check_levels(freq, between, strata)
    check_whole(freq)
    named = _frame(weights, freq, strata)
    z = float(ndtri(0.5 + confidence / 2))
    lines = []
    book = freq.codebook
    for array in count_arrays(freq, between, strata):
        ranked = _ranked(array, z)
        full = pd.MultiIndex.from_product([array.strata, array.groups])
        shape = (len(array.strata), len(array.groups))
        for item in array.items:
            block = freq[freq.index.get_level_values("item") == item]
            grouped = block.counts.groupby(
                level=[strata, between], sort=False, observed=False
            ).sum()
            counts, outside, score, _ = scored(
                grouped.reindex(full, fill_value=0), item, book, chosen
            )
            base_n = counts.sum(axis=1) + (outside if base == "all" else 0)
            n, mean, variance, flat = (
                part.reshape(shape) for part in _cells(counts, score, base_n)
            )
            for number, (a, b) in enumerate(combinations(range(len(array.groups)), 2)):
                line = {
                    "item": item,
                    "group_a": array.groups[a],
                    "group_b": array.groups[b],
                    "family": family,
                    "base": base,
                    **ranked[item][number],
                    **_balances(
                        n[:, [a, b]],
                        mean[:, [a, b]],
                        variance[:, [a, b]],
                        flat[:, [a, b]],
                        array.strata,
                        named,
                        z,
                    ),
                }
                if not array.ordered:
                    line["note"] = "; ".join(filter(None, [NOTE_UNORDERED, str(line["note"])]))
                lines.append(line)
    table = pd.DataFrame(
        lines, columns=["item", *[name for name in _KINDS if name not in ("p_adjusted", "n_tests")]]
    )
    table["weights"] = weights if isinstance(weights, str) else "frame"
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return in_order(table, freq)[["item", *_KINDS]]


def _frame(
    weights: str | Mapping[str, float], freq: FrequencyTable, strata: str
) -> dict[str, float] | str:
    if isinstance(weights, str):
        if weights not in WEIGHTS:
            raise ScoringError(
                f"'{weights}' is no way to weight strata. {nearest(weights, WEIGHTS)}"
            )
        return weights
    known = [str(name) for name in freq.index.get_level_values(strata).unique()]
    frame = {str(name): float(value) for name, value in weights.items()}
    if absent := [name for name in known if name not in frame]:
        raise ScoringError(
            f"The frame has no share for '{absent[0]}'; give one for each of {', '.join(known)}."
        )
    if (
        min(frame.values()) < 0
        or not np.isfinite(sum(frame.values()))
        or sum(frame[name] for name in known) <= 0
    ):
        raise ScoringError(
            "The frame's shares must be numbers of 0 or more that do not all vanish."
        )
    return frame


def _cells(
    counts: np.ndarray, score: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return each cell's base, balance, variance of the balance.

    And whether that variance had to be borrowed.
    """
    mean, variance, _, borrowed = moments(counts, score, n)
    # one positive and one negative answer more: a cell of like answers must not count as known
    # without error
    flat = (n > 0) & (variance <= 1e-15)
    return n, mean, np.where(flat, borrowed, variance), flat


def _ranked(array: CountArray, z: float) -> dict[str, list[dict[str, float]]]:
    """Van Elteren's test and the stratified effect of every pair, item -> a dict a pair."""
    listed = list(combinations(range(len(array.groups)), 2))
    if not listed:
        return {item: [] for item in array.items}
    first, second = (np.array(side) for side in zip(*listed, strict=True))
    pairs: Pairs = placements(array.counts, first, second)
    n = pairs.n_a + pairs.n_b
    used = ~pairs.empty
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(used, 1 / (n + 1), 0)
        off = np.where(used, (pairs.above - pairs.below) / 2, 0)
        variance = np.where(used & ~pairs.alike, null_spread(pairs) ** 2, 0)
        statistic = (weight * off).sum(axis=1) / np.sqrt((weight**2 * variance).sum(axis=1))
        p = np.minimum(2 * ndtr(-np.abs(statistic)), 1)
        share = weight * np.where(used, pairs.n_a * pairs.n_b, 0)
        share = share / share.sum(axis=1, keepdims=True)
        effect = np.where(used, share * np.nan_to_num(pairs.effect), 0).sum(axis=1)
        errors = np.where(used & (share > 0), share * effect_error(pairs), 0)
        half = z * np.sqrt((errors**2).sum(axis=1)) / (1 - effect**2)
        low, high = np.tanh(np.arctanh(effect) - half), np.tanh(np.arctanh(effect) + half)
    some = used.sum(axis=1) > 0
    flat = ~some | ~(np.abs(effect) < 1) | ~(half > 0)
    alike = some & ~(np.abs(statistic) >= 0)  # all answers alike in every stratum: nothing to test
    statistic, p = np.where(alike, 0.0, statistic), np.where(alike, np.nan, p)
    found: dict[str, list[dict[str, float]]] = {}
    if not array.ordered:
        some = np.zeros_like(some)
        flat = ~some
    for i, item in enumerate(array.items):
        found[item] = [
            {
                "van_elteren": float(statistic[i, j]) if some[i, j] else np.nan,
                "p": float(p[i, j]) if some[i, j] else np.nan,
                "rank_biserial": float(effect[i, j]) if some[i, j] else np.nan,
                "effect_low": np.nan if flat[i, j] else float(low[i, j]),
                "effect_high": np.nan if flat[i, j] else float(high[i, j]),
            }
            for j in range(len(listed))
        ]
    return found


def _balances(
    n: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    flat: np.ndarray,
    strata: list[object],
    weights: dict[str, float] | str,
    z: float,
) -> dict[str, object]:
    """Raw and standardised gap, Kitagawa's parts and the test of a common gap.

    Arrays (stratum, side).
    """
    both = (n > 0).sum(axis=1) == 2
    left_out = ((n > 0).any(axis=1) & ~both).any()
    n, mean, variance, flat = n[both], mean[both], variance[both], flat[both]
    if not len(n):
        return {"strata": 0, "n_a": 0, "n_b": 0, "note": NOTE_NO_STRATUM}
    if isinstance(weights, dict):
        w = np.array([weights[str(name)] for name, used in zip(strata, both, strict=True) if used])
    else:
        w = n.sum(axis=1) if weights == "pooled" else np.ones(len(n))
    if w.sum() <= 0:
        return {"strata": 0, "n_a": 0, "n_b": 0, "note": NOTE_NO_STRATUM}
    w = w / w.sum()
    mix = n / n.sum(axis=0)
    gaps, errors = mean[:, 0] - mean[:, 1], variance.sum(axis=1)
    raw = (mix * mean).sum(axis=0)
    centre, slope = mix.mean(axis=1), (mix[:, 0] - mix[:, 1])
    composition = float((slope * mean.mean(axis=1)).sum())
    within = float((centre * gaps).sum())
    standard = w @ mean
    found: dict[str, object] = {
        "strata": len(n),
        "n_a": int(n[:, 0].sum()),
        "n_b": int(n[:, 1].sum()),
    }
    gap = float(standard[0] - standard[1])
    for name, low, high, value, error in (
        (
            "raw_gap",
            "raw_low",
            "raw_high",
            float(raw[0] - raw[1]),
            np.sqrt((mix**2 * variance).sum()),
        ),
        ("gap", "ci_low", "ci_high", gap, np.sqrt((w**2 * errors).sum())),
        (
            "composition",
            "composition_low",
            "composition_high",
            composition,
            np.sqrt(((slope / 2) ** 2 * errors).sum()),
        ),
        ("within", "within_low", "within_high", within, np.sqrt((centre**2 * errors).sum())),
    ):
        found[name], found[low], found[high] = value, value - z * error, value + z * error
    found["standardised_a"], found["standardised_b"] = float(standard[0]), float(standard[1])
    notes = [NOTE_LEFT_OUT] if left_out else []
    notes += [NOTE_FLAT] if flat.any() else []
    notes += [NOTE_SMALL] if n.min() < 10 else []
    notes += [NOTE_NO_EFFECT] if n.min() < 2 else []
    if len(n) > 1:
        precision = 1 / errors
        common = (precision * gaps).sum() / precision.sum()
        q = float((precision * (gaps - common) ** 2).sum())
        found["q"], found["dof"], found["p_q"] = q, len(n) - 1, float(chdtrc(len(n) - 1, q))
    else:
        notes.append(NOTE_ONE_STRATUM)
    found["note"] = "; ".join(notes)
    return found
