"""Groups against groups, item by item, exactly and from counts alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtr, chdtrc, chndtrinc, ndtr, ndtri

from cssp.problems import ScoringError, nearest
from cssp.survey.frequency import collapse, substantive_codes

CORRECTIONS = ("holm", "fdr_bh", "none")

#: Notes stand for reasons; `show` translates them.
NOTE_EMPTY = "a group without answers"
NOTE_ABSENT = "a group that is not in the table: not asked, or too small to be shown"
NOTE_ONE_CATEGORY = "all answers alike"
NOTE_SEPARATED = "groups do not overlap: no interval"
NOTE_ONE_ANSWER = "a group with one answer: no interval"
NOTE_SMALL_EXPECTED = "smallest expected count under 5: chi-square doubtful"
NOTE_UNORDERED = "answers without order: ranks not compared"


def compare_groups(
    freq: pd.DataFrame,
    between: str,
    within: str | None = None,
    correction: str = "holm",
    families: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the answers of every pair of groups, item by item.

    The estimand is the rank-biserial correlation P(a > b) - P(a < b): the chance that an answer of `group_a` lies above
    one of `group_b`, less the chance that it lies below. Ties count for neither, so with five answers it equals Cliff's
    delta, and it is smaller than coefficients that leave ties out of the base (Goodman-Kruskal gamma). Special answers
    ('hard to say', refused, not asked) are outside the base.

    Parameters
    ----------
    freq : table from `frequency_table`, index `(item, *by)`; weights are not allowed here
    between : level of the index whose groups are paired, e.g. "city"
    within : level held fixed, e.g. "sector"; None pools it
    correction : "holm", "fdr_bh" (Benjamini-Hochberg) or "none", over the rows of each family and stratum set together
    families : item -> family corrected together (see `Study.families`); None: all rows are one family
    level : of the intervals

    Returns
    -------
    One row an item, stratum and pair of groups: `item, [within], group_a, group_b`, then

    - `n_a, n_b`: substantive answers; `u`: pairs in which a is above b, ties as one half; `z`: normal score with
      corrections for ties and continuity, signed like the effect; `p`: two-sided, from `z` (as
      `scipy.stats.mannwhitneyu(method="asymptotic")`); `p_adjusted` (for answers
      without order: of `p_chi2`), `family`, `n_tests`;
    - `rank_biserial` in [-1, 1] with `ci_low, ci_high`: DeLong's variance on the atanh scale;
    - `chi2, dof, p_chi2`: Pearson's, without Yates' correction, answers that nobody in the pair gave left out;
      `cramers_v, v_low, v_high`: interval by inversion of the non-central chi-square; `smallest_expected`;
    - `note`: why a value is missing or doubtful.

    Raises
    ------
    ScoringError
        An unknown level, correction, or counts that are not whole numbers.

    References
    ----------
    Mann, H. B., & Whitney, D. R. (1947). Annals of Mathematical Statistics, 18(1), 50-60.
    Cliff, N. (1993). Dominance statistics. Psychological Bulletin, 114(3), 494-509.
    DeLong, E. R., DeLong, D. M., & Clarke-Pearson, D. L. (1988). Biometrics, 44(3), 837-845.
    Cramér, H. (1946). Mathematical Methods of Statistics. Princeton University Press, ch. 21.
    Smithson, M. (2003). Confidence Intervals. Sage, ch. 4 (non-central chi-square).
    Holm, S. (1979). Scandinavian Journal of Statistics, 6(2), 65-70.

    Examples
    --------
    >>> import pandas as pd
    >>> freq = pd.DataFrame([[4, 10, 20, 40, 18], [12, 25, 30, 30, 12]], columns=[1, 2, 3, 4, 5],
    ...     index=pd.MultiIndex.from_tuples([("q", "a"), ("q", "b")], names=["item", "city"]))
    >>> compare_groups(freq, between="city")[["n_a", "n_b", "u", "p", "rank_biserial"]]
       n_a  n_b       u         p  rank_biserial
    0   92  109  6443.0  0.000319          0.285
    """
    if correction not in CORRECTIONS:
        raise ScoringError(f"'{correction}' is not a correction. {nearest(str(correction), CORRECTIONS)}")
    for name in filter(None, (between, within)):
        if name not in freq.index.names or name == "item":
            levels = [str(n) for n in freq.index.names if n != "item"]
            raise ScoringError(
                f"The table has no level '{name}'. {nearest(str(name), levels)} Levels: {', '.join(levels)}."
            )
    if freq.attrs.get("weighted"):
        raise ScoringError("Weighted counts have no exact rank tests; count without weights.")
    counts = freq.to_numpy()
    if not np.array_equal(counts, np.round(counts)) or (counts < 0).any():
        raise ScoringError("The counts are not whole numbers; weighted tables have no exact rank tests.")
    table = collapse(freq, [*filter(None, [within]), between])
    parts = [_pairs(block, codes, items, between, within, level) for (codes, items), block in _blocks(table)]
    if not parts:
        return pd.DataFrame(columns=[*_keys(within), *_MEASURES])
    pairs = pd.concat(parts, ignore_index=True)
    order = {item: place for place, item in enumerate(dict.fromkeys(table.index.get_level_values("item")))}
    pairs = pairs.sort_values("item", key=lambda column: column.map(order), kind="stable", ignore_index=True)
    default = "all" if families is None else "other"
    family = [(families or {}).get(str(item), default) for item in pairs["item"]]
    pairs.insert(pairs.columns.get_loc("p") + 1, "p_adjusted", np.nan)
    pairs.insert(pairs.columns.get_loc("p") + 2, "family", family)
    pairs.insert(pairs.columns.get_loc("p") + 3, "n_tests", 0)
    for _, rows in pairs.groupby("family", sort=False).groups.items():
        # answers without order are tested by chi-square alone, so that is the p-value to correct
        unordered = pairs.loc[rows, "note"].str.startswith(NOTE_UNORDERED)
        p = pairs.loc[rows, "p"].where(~unordered, pairs.loc[rows, "p_chi2"]).to_numpy()
        pairs.loc[rows, "p_adjusted"] = adjust(p, correction)
        pairs.loc[rows, "n_tests"] = int(np.isfinite(p).sum())
    return pairs


_MEASURES = [
    "n_a", "n_b", "u", "z", "p", "p_adjusted", "family", "n_tests", "rank_biserial", "ci_low", "ci_high",
    "chi2", "dof", "p_chi2", "cramers_v", "v_low", "v_high", "smallest_expected", "note",
]  # fmt: skip


def _keys(within: str | None) -> list[str]:
    return ["item", *filter(None, [within]), "group_a", "group_b"]


def _blocks(table: pd.DataFrame) -> list[tuple[tuple[tuple[int, ...], list[str]], pd.DataFrame]]:
    """Split the table into blocks of items with the same answer codes, so that each block is one array."""
    by_codes: dict[tuple[tuple[int, ...], bool], list[str]] = {}
    for item in dict.fromkeys(table.index.get_level_values("item")):
        entry = table.attrs.get("codebook", {}).get(item)
        ordered = entry is None or bool(entry["ordered"]) or len(entry["codes"]) == 2
        by_codes.setdefault((tuple(substantive_codes(table, item)), ordered), []).append(item)
    found = []
    for (codes, ordered), items in by_codes.items():
        block = table.loc[table.index.get_level_values("item").isin(items), list(codes)]
        block.attrs = {"ordered": ordered}
        found.append(((codes, items), block))
    return found


def _pairs(
    block: pd.DataFrame,
    codes: tuple[int, ...],
    items: list[str],
    between: str,
    within: str | None,
    level: float,
) -> pd.DataFrame:
    names = [*filter(None, [within]), between]
    levels = [list(dict.fromkeys(block.index.get_level_values(name))) for name in names]
    full = pd.MultiIndex.from_product([items, *levels], names=["item", *names])
    there = full.isin(block.index).reshape(len(items), -1, len(levels[-1]))
    cube = block.reindex(full, fill_value=0).to_numpy(dtype=np.float64)
    cube = cube.reshape(len(items), -1, len(levels[-1]), len(codes))  # item, stratum, group, answer
    pairs = list(combinations(range(len(levels[-1])), 2))
    if not pairs:
        return pd.DataFrame(
            columns=[
                *_keys(within),
                *[m for m in _MEASURES if m not in ("p_adjusted", "family", "n_tests")],
            ]
        )
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    a, b = cube[:, :, first].reshape(-1, len(codes)), cube[:, :, second].reshape(-1, len(codes))
    groups = np.array(levels[-1], dtype=object)
    shape = (len(items), cube.shape[1], len(pairs))
    columns: dict[str, object] = {
        "item": np.broadcast_to(np.array(items, dtype=object)[:, None, None], shape).ravel()
    }
    if within is not None:
        columns[within] = np.broadcast_to(np.array(levels[0], dtype=object)[None, :, None], shape).ravel()
    columns["group_a"] = np.broadcast_to(groups[first], shape).ravel()
    columns["group_b"] = np.broadcast_to(groups[second], shape).ravel()
    measured = {**_ranks(a, b, level), **_table_tests(a, b, level)}
    note = measured.pop("note_ranks").astype(object)
    note[~(there[:, :, first] & there[:, :, second]).ravel()] = NOTE_ABSENT
    if not block.attrs["ordered"]:
        for name in ("u", "z", "p", "rank_biserial", "ci_low", "ci_high"):
            measured[name] = np.full(len(note), np.nan)
        note[:] = np.where((note == NOTE_EMPTY) | (note == NOTE_ABSENT), note, NOTE_UNORDERED)
    small = (
        (measured["smallest_expected"] < 5)
        & (note != NOTE_EMPTY)
        & (note != NOTE_ABSENT)
        & (note != NOTE_ONE_CATEGORY)
    )
    note[small] = [f"{text}; {NOTE_SMALL_EXPECTED}" if text else NOTE_SMALL_EXPECTED for text in note[small]]
    return pd.DataFrame({**columns, **measured, "note": note})


def _ranks(a: np.ndarray, b: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """Mann-Whitney U, its p, the rank-biserial correlation and DeLong's interval, a row of counts each."""
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    n = n_a + n_b
    below_b = np.cumsum(b, axis=1) - b  # answers of b below each category
    above_a = np.cumsum(a[:, ::-1], axis=1)[:, ::-1] - a  # answers of a above each category
    u = (a * (below_b + b / 2)).sum(axis=1)
    ties = a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(n_a * n_b / 12 * ((n + 1) - (ties**3 - ties).sum(axis=1) / (n * (n - 1))))
        off = u - n_a * n_b / 2
        z = np.sign(off) * np.maximum(np.abs(off) - 0.5, 0) / spread
        p = np.minimum(2 * ndtr(-np.abs(z)), 1)
        auc = u / (n_a * n_b)
        effect = 2 * auc - 1
        place_a = (below_b + b / 2) / n_b[:, None]
        place_b = (above_a + a / 2) / n_a[:, None]
        s_a = (a * (place_a - auc[:, None]) ** 2).sum(axis=1) / (n_a - 1)
        s_b = (b * (place_b - auc[:, None]) ** 2).sum(axis=1) / (n_b - 1)
        error = 2 * np.sqrt(s_a / n_a + s_b / n_b)
        half = ndtri(0.5 + level / 2) * error / (1 - effect**2)
        centre = np.arctanh(effect)
        low, high = np.tanh(centre - half), np.tanh(centre + half)
    empty = (n_a == 0) | (n_b == 0)
    alike = ~empty & ((ties > 0).sum(axis=1) == 1)
    separated = ~empty & (np.abs(effect) == 1)
    single = ~empty & ~alike & ~separated & ((n_a == 1) | (n_b == 1))
    z = np.where(alike, 0.0, z)
    p = np.where(alike, 1.0, p)
    for values in (low, high):
        values[empty | alike | separated | single] = np.nan
    for values in (u, z, p, effect):
        values[empty] = np.nan
    note = np.select(
        [empty, alike, separated, single],
        [NOTE_EMPTY, NOTE_ONE_CATEGORY, NOTE_SEPARATED, NOTE_ONE_ANSWER],
        default="",
    )
    return {
        "n_a": n_a.astype(np.int64),
        "n_b": n_b.astype(np.int64),
        "u": u,
        "z": z,
        "p": p,
        "rank_biserial": effect,
        "ci_low": low,
        "ci_high": high,
        "note_ranks": note,
    }


def _table_tests(a: np.ndarray, b: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """Pearson's chi-square of the 2 x k table, Cramér's V and its interval, a row of counts each."""
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    n, column = n_a + n_b, a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        expected_a, expected_b = (
            n_a[:, None] * column / n[:, None],
            n_b[:, None] * column / n[:, None],
        )
        used = column > 0
        parts = np.where(used, (a - expected_a) ** 2 / expected_a + (b - expected_b) ** 2 / expected_b, 0)
        smallest = np.where(used, np.minimum(expected_a, expected_b), np.inf).min(axis=1)
    chi2 = parts.sum(axis=1)
    dof = used.sum(axis=1) - 1.0
    undefined = (n_a == 0) | (n_b == 0) | (dof < 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = chdtrc(dof, chi2)
        v = np.sqrt(chi2 / n)  # one side of the table has two rows, so min(r, c) - 1 = 1
    v_low, v_high = _v_interval(chi2, np.where(undefined, 1, dof), n, level)
    for values in (chi2, dof, p, v, v_low, v_high, smallest):
        values[undefined] = np.nan
    return {
        "chi2": chi2,
        "dof": dof,
        "p_chi2": p,
        "cramers_v": v,
        "v_low": v_low,
        "v_high": v_high,
        "smallest_expected": smallest,
    }


def _v_interval(
    chi2: np.ndarray, dof: np.ndarray, n: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Invert the non-central chi-square: the non-centralities for which chi2 is just in either tail, over n."""
    tail = (1 - level) / 2
    central = chdtr(dof, chi2)
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(central > 1 - tail, chndtrinc(chi2, dof, 1 - tail), 0.0)
        high = np.where(central > tail, chndtrinc(chi2, dof, tail), 0.0)
        return np.sqrt(np.clip(low / n, 0, 1)), np.sqrt(np.clip(high / n, 0, 1))


def adjust(p: np.ndarray, correction: str) -> np.ndarray:
    """Correct p-values for their number; missing ones stay missing and do not count.

    >>> adjust(np.array([0.01, 0.04, np.nan, 0.03]), "holm")
    array([0.03, 0.06,  nan, 0.06])
    >>> adjust(np.array([0.01, 0.04, 0.03]), "fdr_bh")
    array([0.03, 0.04, 0.04])
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full_like(p, np.nan)
    known = np.flatnonzero(np.isfinite(p))
    if correction == "none" or not len(known):
        adjusted[known] = p[known]
        return adjusted
    order = known[np.argsort(p[known], kind="stable")]
    m = len(order)
    if correction == "holm":
        steps = np.maximum.accumulate(p[order] * (m - np.arange(m)))
    else:
        steps = np.minimum.accumulate((p[order] * m / np.arange(1, m + 1))[::-1])[::-1]
    adjusted[order] = np.minimum(steps, 1)
    return adjusted
