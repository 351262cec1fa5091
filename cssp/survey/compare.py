"""Groups against groups, item by item, exactly and from counts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.survey.comparison_notes import NOTE_UNORDERED, Notes
from cssp.survey.count_arrays import CountArray, check_levels, check_whole, count_arrays, in_order
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.ranks import Pairs, brunner_munzel, placements, tie_coefficients
from cssp.survey.two_groups import compare_crossing, compare_ranks

#: Families of measures that can be asked for, with their columns.
MEASURES: dict[str, tuple[str, ...]] = {
    "ranks": (
        "u",
        "z",
        "p",
        "p_level",
        "p_level_adjusted",
        "rank_biserial",
        "ci_low",
        "ci_high",
        "detectable",
        "detectable_corrected",
    ),
    "brunner_munzel": (
        "superiority",
        "superiority_low",
        "superiority_high",
        "bm",
        "bm_dof",
        "p_bm",
    ),
    "chi_square": (
        "chi2",
        "dof",
        "p_chi2",
        "cramers_v",
        "v_low",
        "v_high",
        "cramers_v_corrected",
        "smallest_expected",
    ),
    "ties": ("gamma", "gamma_low", "gamma_high", "cureton", "wmw_odds", "wmw_low", "wmw_high"),
}

NOTE_GAMMA = "a group of fewer than 50 answers: the interval of gamma covers less than it says"
#: Below so many answers in a group an interval's coverage left 93 to 97 % in simulations
#: (docs/coverage.md).
FEW_GAMMA = 50


@returns(
    "item",
    "sector",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    "u",
    "z",
    "p",
    "p_adjusted",
    Column("p_level", "p of the effect", "p"),
    Column("p_level_adjusted", "p of the effect, corrected", "p"),
    "family",
    "n_tests",
    "rank_biserial",
    *bounds("rank_biserial"),
    Column("detectable", "detectable effect", "number2"),
    "detectable_corrected",
    Column("superiority", "P(first > second)", "number2"),
    *bounds("superiority", "superiority_low", "superiority_high", "P from", "P to"),
    Column("bm", "Brunner–Munzel t", "number2"),
    Column("bm_dof", "df of t", "number1"),
    Column("p_bm", "p of Brunner–Munzel", "p"),
    "chi2",
    "dof",
    Column("p_chi2", "p of χ²", "p"),
    "cramers_v",
    *bounds("cramers_v", "v_low", "v_high", "V from", "V to"),
    Column("cramers_v_corrected", "V, bias-corrected", "number2"),
    Column("smallest_expected", "smallest expected count", "number1"),
    "note",
    "city",
    Column("gamma", "gamma", "signed2"),
    *bounds("gamma", "gamma_low", "gamma_high", "gamma from", "gamma to"),
    Column("cureton", "Cureton's coefficient", "signed2"),
    Column("wmw_odds", "WMW odds", "number2"),
    *bounds("wmw_odds", "wmw_low", "wmw_high", "odds from", "odds to"),
)
def compare_groups(
    freq: FrequencyTable,
    between: str,
    within: str | None = None,
    correction: str = "holm",
    families: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
    confidence: float = 0.95,
    measures: Iterable[str] = ("ranks", "brunner_munzel", "chi_square"),
    power: float = 0.8,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Compare the answers of every pair of groups, item by item.

    The estimand is the rank-biserial correlation P(a > b) - P(a < b): the chance that an answer of
    `group_a` lies above
    one of `group_b`, less the chance that it lies below. Ties count for neither, so with five
    answers it equals Cliff's
    delta, and it is smaller than coefficients that leave ties out of the base (`measures="ties"`
    gives those, so that a
    number from JASP, jamovi or SPSS can be matched). Special answers ('hard to say', refused, not
    asked) are outside the base.

    Parameters
    ----------
    freq : table from `frequency_table`, index `(item, *by)`; weights are not allowed here
    between : level of the index whose groups are paired, e.g. "city"
    within : level held fixed, e.g. "sector"; None pools it
    correction : "holm", "fdr_bh" (Benjamini-Hochberg) or "none", over the rows of each family and
        stratum set together
    families : item -> family corrected together, or `study.families` itself; None: all rows are
        one family
    confidence : of the intervals
    measures : which of "ranks", "brunner_munzel", "chi_square" and "ties"
    power : of the test, for `detectable`
    seed : of the tables drawn where expected counts are small and the tables too many to enumerate

    Returns
    -------
    One row an item, stratum and pair of groups: `item, [within], group_a, group_b, n_a, n_b`
    (substantive answers), then

    - *ranks*: `u`: pairs in which a is above b, ties as one half; `z`: normal score with
      corrections for ties and
      continuity, signed like the effect; `p`: two-sided, from `z` (as
      `scipy.stats.mannwhitneyu(method="asymptotic")`), or
      exact where there are no ties and the smaller group has at most 8 answers, and where there
      are ties and it has fewer than 10 (the note says so); it asks whether the distributions are
      alike;
      `p_level`, `p_level_adjusted`: p of the effect itself, that neither group answers higher, from
      the error of its interval: under 0.05 exactly where the 95 % interval leaves out zero. With
      unequal spreads `p` rejects too often where no group lies higher, and `p_bm` does so at the
      small p that a correction for many tests needs (docs/coverage.md). With fewer than 10 answers
      in a group, or groups that do not overlap, it is `p`;
      `p_adjusted` (for answers
      without order: of `p_chi2`), `family`, `n_tests`; `rank_biserial` in [-1, 1] with `ci_low,
      ci_high`: DeLong's variance on
      the atanh scale; `detectable`: the smallest absolute rank-biserial that the test (at 1 -
      `confidence`, uncorrected) finds with
      this `power` in groups of these sizes with these ties; `detectable_corrected`: the same at (1
      - `confidence`) / `n_tests`, a bound for
      Holm's correction (without correction: the same as `detectable`);
    - *brunner_munzel*: `superiority` = P(a > b) + P(a = b)/2 with `superiority_low,
      superiority_high`; `bm`, `bm_dof`, `p_bm`:
      the test that it is one half, spreads allowed to differ;
    - *chi_square*: `chi2, dof, p_chi2`: Pearson's, without Yates' correction, answers that nobody
      in the pair gave left out;
      where an expected count is below 5, the p given the margins, enumerated or simulated (the note
      says which);
      `cramers_v, v_low, v_high`: interval by inversion of the non-central chi-square (none where V
      lies below what chance alone gives); `cramers_v_corrected`:
      Bergsma's bias-corrected V (the bounds are those of the true V, which both estimate);
      `smallest_expected`;
    - *ties*: `gamma` (Goodman-Kruskal) with interval, `cureton` (the effect over the largest that
      the same answers allow),
      `wmw_odds` with `wmw_low, wmw_high` (generalised odds, ties split);
    - `note`: why a value is missing or doubtful.

    Raises
    ------
    ScoringError
        An unknown level, correction or measure, or counts that are not whole numbers.

    References
    ----------
    Mann, H. B., & Whitney, D. R. (1947). Annals of Mathematical Statistics, 18(1), 50-60.
    Cliff, N. (1993). Dominance statistics. Psychological Bulletin, 114(3), 494-509.
    DeLong, E. R., DeLong, D. M., & Clarke-Pearson, D. L. (1988). Biometrics, 44(3), 837-845.
    Brunner, E., & Munzel, U. (2000). Biometrical Journal, 42(1), 17-25.
    Cramér, H. (1946). Mathematical Methods of Statistics. Princeton University Press, ch. 21.
    Bergsma, W. (2013). Journal of the Korean Statistical Society, 42(3), 323-328.
    Smithson, M. (2003). Confidence Intervals. Sage, ch. 4 (non-central chi-square).
    Cureton, E. E. (1956). Psychometrika, 21(3), 287-290. Goodman, L. A., & Kruskal, W. H. (1954).
    JASA, 49(268), 732-764.
    Holm, S. (1979). Scandinavian Journal of Statistics, 6(2), 65-70.

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("q", {"a": [4, 10, 20, 40, 18], "b": [12, 25, 30, 30, 12]})
    >>> compare_groups(freq, between="city")[["n_a", "n_b", "u", "p", "rank_biserial"]]
       n_a  n_b       u         p  rank_biserial
    0   92  109  6443.0  0.000319          0.285
    """
    need_counts(freq)
    check_correction(correction)
    wanted = [measures] if isinstance(measures, str) else list(measures)
    for name in wanted:
        if name not in MEASURES:
            raise ScoringError(
                f"'{name}' is not a family of measures. {nearest(str(name), MEASURES)}"
            )
    check_levels(freq, between, within)
    check_whole(freq)
    parts = [
        _compared(block, between, within, wanted, confidence, power, seed)
        for block in count_arrays(freq, between, within)
    ]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=_columns(within, wanted))
    pairs = in_order(pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0], freq)
    pairs = _corrected(pairs, correction, families() if callable(families) else families)
    if "detectable" in pairs:
        edges = [
            ndtri(1 - (1 - confidence) / 2 / n)
            for n in (1, np.maximum(pairs["n_tests"] if correction != "none" else 1, 1))
        ]
        grown = pairs["detectable"] * (edges[1] + ndtri(power)) / (edges[0] + ndtri(power))
        pairs["detectable_corrected"] = np.where(grown > 1, np.inf, grown)
    return pairs[_columns(within, wanted)]


def _columns(within: str | None, wanted: list[str]) -> list[str]:
    listed = [name for family in MEASURES if family in wanted for name in MEASURES[family]]
    test = next((name for name in ("p", "p_chi2") if name in listed), None)
    if test:
        place = listed.index(test) + 1
        listed[place:place] = ["p_adjusted", "family", "n_tests"]
    return ["item", *filter(None, [within]), "group_a", "group_b", "n_a", "n_b", *listed, "note"]


def _corrected(
    pairs: pd.DataFrame, correction: str, families: Mapping[str, str] | None
) -> pd.DataFrame:
    """Add `p_adjusted`, `family` and `n_tests`."""
    # answers without order are tested by chi-square alone, so that is the p-value to correct
    tests_of = [name for name in ("p", "p_level") if name in pairs] or ["p_chi2"]
    if tests_of[0] not in pairs:
        return pairs
    listed = [pairs[name].to_numpy(dtype=float) for name in tests_of]
    if "p_chi2" in pairs and "p" in pairs:
        unordered = pairs["note"].str.startswith(NOTE_UNORDERED)
        listed = [np.where(unordered, pairs["p_chi2"], p) for p in listed]
    if families is None:
        pairs["family"] = "all"
        groups: Iterable[np.ndarray] = [np.arange(len(pairs))]
    else:
        pairs["family"] = pairs["item"].map(lambda item: families.get(str(item), "other"))
        groups = pairs.groupby("family", sort=False).indices.values()
    names = ["p_adjusted", "p_level_adjusted"][: len(listed)]
    adjusted, tests = np.full((len(listed), len(pairs)), np.nan), np.zeros(len(pairs), np.int64)
    for rows in groups:
        for number, p in enumerate(listed):
            adjusted[number, rows] = adjust(p[rows], correction)
        tests[rows] = int(np.isfinite(listed[0][rows]).sum())
    pairs[names] = adjusted.T
    pairs["n_tests"] = tests
    return pairs


def _compared(
    block: CountArray,
    between: str,
    within: str | None,
    wanted: list[str],
    confidence: float,
    power: float,
    seed: int,
) -> pd.DataFrame:
    listed = list(combinations(range(len(block.groups)), 2))
    if not listed or not block.items:
        return pd.DataFrame()
    first, second = (np.array(side) for side in zip(*listed, strict=True))
    size = len(block.items) * len(block.strata) * len(listed)
    pairs = placements(block.counts, first, second)
    pairs = Pairs(*(np.reshape(part, size) for part in vars(pairs).values()))
    columns: dict[str, object] = _keys(block, within, first, second)
    columns["n_a"], columns["n_b"] = pairs.n_a.astype(np.int64), pairs.n_b.astype(np.int64)
    there = (block.there[:, :, first] & block.there[:, :, second]).reshape(size)
    notes = Notes(size)
    notes.base(pairs, there, block.ordered)
    a, b = (block.counts[:, :, side].reshape(size, -1) for side in (first, second))
    if "ranks" in wanted:
        columns.update(
            compare_ranks(pairs, (a, b), confidence, power, notes if block.ordered else None)
        )
    if "brunner_munzel" in wanted:
        columns.update(brunner_munzel(pairs, confidence))
    if "ties" in wanted:
        ties = tie_coefficients(a, b, pairs, confidence)
        columns.update(ties)
        if block.ordered:
            notes.add(
                np.isfinite(ties["gamma_low"]) & (np.minimum(pairs.n_a, pairs.n_b) < FEW_GAMMA),
                NOTE_GAMMA,
            )
    if not block.ordered:
        ranked = {
            name for family in ("ranks", "brunner_munzel", "ties") for name in MEASURES[family]
        }
        columns.update({name: np.full(size, np.nan) for name in ranked & set(columns)})
    if "chi_square" in wanted:
        columns.update(compare_crossing(a, b, pairs, confidence, seed, notes))
    return pd.DataFrame({**columns, "note": notes.texts()})


def _keys(
    block: CountArray, within: str | None, first: np.ndarray, second: np.ndarray
) -> dict[str, object]:
    items, strata, pairs = len(block.items), len(block.strata), len(first)
    groups = pd.Index(block.groups)
    keys: dict[str, object] = {
        "item": pd.Index(block.items).take(np.repeat(np.arange(items), strata * pairs))
    }
    if within is not None:
        keys[within] = pd.Index(block.strata).take(
            np.tile(np.repeat(np.arange(strata), pairs), items)
        )
    keys["group_a"] = groups.take(np.tile(first, items * strata))
    keys["group_b"] = groups.take(np.tile(second, items * strata))
    return keys
