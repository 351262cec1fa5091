"""What changed between waves of a survey: other respondents each time, or the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.survey.answers import Answers, need_answers
from cssp.survey.group_members import levels_of
from cssp.survey.small_groups import NOTE_SUPPRESSED

NOTE_NO_ANSWERS = "no answers"
NOTE_NONE_CHANGED = "nobody changed the answer: no test"
NOTE_NOMINAL = "answers without order: not compared"
NOTE_APPROXIMATE = "more than 50 changes: p by the normal approximation"
#: With at most so many changes p is exact.
EXACT = 50


@returns(
    "item",
    "city",
    "sector",
    Column("wave_a", "wave", "wave"),
    Column("wave_b", "later wave", "wave"),
    Column("pairs", "answered both times", "whole"),
    "n_a",
    "n_b",
    Column("before", "before, points", "points"),
    Column("after", "after, points", "points"),
    Column("change", "change, points", "points"),
    *bounds("change"),
    Column("up", "rose", "whole"),
    Column("down", "fell", "whole"),
    "rank_biserial",
    Column("test", "test", "word"),
    "p",
    "p_adjusted",
    "n_tests",
    "note",
)
def wave_changes(
    answers: Answers,
    items: Iterable[str],
    by: Sequence[str] = ("city",),
    panel: bool = False,
    smallest: int = 1,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare each wave with the next, group by group.

    Of an ordinal item the plain balance is compared, of an option the share who chose it. With
    other respondents each time (`panel=False`), the difference has Welch's interval and the test is
    Mann-Whitney's, of a share Fisher's. With the same respondents, only who answered both times
    counts: the interval is that of the mean of their own changes, and the test Wilcoxon's
    signed-rank test (who did not change is left out, as he proposed), of a share McNemar's exact
    test. p of the signed ranks is exact, ties and all, with up to 50 changes.

    Parameters
    ----------
    answers : table from `load_survey` with the column `wave`
    items : ordinal items, and multiple-choice items (each option by itself)
    by : columns of groups
    panel : the same respondents in every wave
    smallest : groups with fewer answers are hidden
    correction, confidence : as elsewhere

    Returns
    -------
    One row an item, group and pair of waves: `item, *by, wave_a, wave_b, pairs` (missing without a
    panel), `n_a, n_b` (answers in each wave; of a panel, those of the pairs), `before, after,
    change` (balance in [-1, 1], or share) with `ci_low, ci_high`, `up, down` (whose answer is
    higher or lower; panel only), `rank_biserial` (of pairs: the matched-pairs one; above zero:
    answers rose), `test, p, p_adjusted, n_tests, note`.

    Raises
    ------
    ScoringError
        There is no column `wave`, or a respondent stands twice in one wave.

    References
    ----------
    Wilcoxon, F. (1945). Biometrics Bulletin, 1(6), 80-83. McNemar, Q. (1947). Psychometrika, 12(2),
    153-157. Kerby, D. S. (2014). Comprehensive Psychology, 3, 11.IT.3.1 (matched-pairs
    rank-biserial correlation).

    Examples
    --------
    >>> from cssp import answer_codes
    >>> rows = pd.DataFrame({"respondent": list("abcabc"), "city": "x", "wave": list("111222"),
    ...     "q": [1, 1, 2, 2, 2, 2]})
    >>> answers = Answers(rows, {"q": answer_codes([1, 2], positive=[2], negative=[1])})
    >>> wave_changes(answers, ["q"], panel=True)[["pairs", "up", "down", "p"]].to_dict("records")
    [{'pairs': 3, 'up': 2, 'down': 0, 'p': 0.5}]
    """
    need_answers(answers)
    check_correction(correction)
    if "wave" not in answers:
        raise ScoringError("The answers have no column 'wave'; name the waves in study.yaml.")
    keys = [by] if isinstance(by, str) else list(by)
    rows = answers.rows
    if panel:
        _once_a_wave(rows, [name for name in ("city", "respondent") if name in rows])
    waves = levels_of(rows["wave"], sort=True)
    lines = []
    for column in _columns(answers, items):
        entry = answers.codebook[column]
        scored = _scored(rows, column, entry, keys, "respondent")
        blocks = scored.groupby(keys, sort=False, observed=True) if keys else [((), scored)]
        for name, block in blocks:
            group = dict(zip(keys, name if isinstance(name, tuple) else (name,), strict=True))
            for a, b in pairwise(waves):
                first, second = block[block["wave"] == a], block[block["wave"] == b]
                change = _paired if panel else _apart
                found = (
                    change(first, second, not entry["ordered"], smallest, confidence)
                    if entry["ordered"] or entry["item"] != column
                    else {"note": NOTE_NOMINAL}
                )
                told_apart = {"item": column, **group, "wave_a": a, "wave_b": b}
                lines.append({**told_apart, "test": "", **found})
    numbers = ["pairs", "n_a", "n_b", "up", "down"]
    names = ["wave_a", "wave_b", "pairs", "n_a", "n_b", "before", "after", "change"]
    names += ["ci_low", "ci_high", "up", "down", "rank_biserial", "test", "p", "note"]
    table = pd.DataFrame(lines, columns=["item", *keys, *names])
    table[numbers] = table[numbers].astype("Int64")
    table.insert(
        table.columns.get_loc("note"),
        "p_adjusted",
        adjust(table["p"].to_numpy(dtype=float), correction),
    )
    table.insert(table.columns.get_loc("note"), "n_tests", int(table["p"].notna().sum()))
    return table


def _columns(answers: Answers, items: Iterable[str]) -> list[str]:
    columns = []
    for item in items:
        own = [name for name, entry in answers.codebook.items() if entry["item"] == item]
        if not own:
            raise ScoringError(
                f"There is no item '{item}' with answers by code. "
                f"{nearest(item, map(str, answers.codebook))}"
            )
        columns += [name for name in own if name in answers]
    return columns


def _once_a_wave(rows: pd.DataFrame, keys: list[str]) -> None:
    twice = rows.duplicated([*keys, "wave"])
    if twice.any():
        who, wave = rows.loc[twice, [keys[-1], "wave"]].iloc[0]
        raise ScoringError(
            f"The respondent '{who}' stands twice in the wave '{wave}'; a panel needs each once."
        )


def _scored(
    rows: pd.DataFrame, column: str, entry: dict[str, object], keys: list[str], key: str
) -> pd.DataFrame:
    """Return the answers on the scale: place on it, side in a balance, wave, groups, respondent."""
    codes = list(entry["codes"])  # type: ignore[call-overload]
    place = {code: number for number, code in enumerate(codes)}
    long = rows[[*keys, "wave"]].copy()
    long["key"] = (
        rows["city"].astype(str) + "\x00" + rows[key].astype(str)
        if "city" in rows
        else rows[key].astype(str)
    )
    long["place"] = rows[column].map(place).to_numpy(dtype=float, na_value=np.nan)
    long["side"] = rows[column].map(entry["sign"]).to_numpy(dtype=float, na_value=np.nan)
    return long.dropna(subset="place")


def _apart(
    first: pd.DataFrame, second: pd.DataFrame, share: bool, smallest: int, confidence: float
) -> dict[str, object]:
    """Compare two waves of other respondents."""
    n_a, n_b = len(first), len(second)
    if min(n_a, n_b) < max(smallest, 2):
        few = any(0 < n < smallest for n in (n_a, n_b))
        return {"note": NOTE_SUPPRESSED if few else NOTE_NO_ANSWERS}
    a, b = first["side"].to_numpy(), second["side"].to_numpy()
    found: dict[str, object] = {"n_a": n_a, "n_b": n_b, "before": a.mean(), "after": b.mean()}
    found |= {"change": b.mean() - a.mean(), "note": ""}
    if a.std() > 0 or b.std() > 0:
        interval = stats.ttest_ind(b, a, equal_var=False).confidence_interval(confidence)
        found |= {"ci_low": max(interval.low, -2), "ci_high": min(interval.high, 2)}
    x, y = first["place"].to_numpy(), second["place"].to_numpy()
    if len(np.unique(np.concatenate([x, y]))) < 2:
        return found | {"note": NOTE_NONE_CHANGED}
    ranks = stats.mannwhitneyu(y, x, method="asymptotic", use_continuity=False)
    found |= {"rank_biserial": 2 * ranks.statistic / (n_a * n_b) - 1}
    if not share:
        return found | {"test": "Mann–Whitney", "p": float(ranks.pvalue)}
    table = [[int((one == value).sum()) for value in (0, 1)] for one in (x, y)]
    return found | {"test": "Fisher", "p": float(stats.fisher_exact(table).pvalue)}


def _paired(
    first: pd.DataFrame, second: pd.DataFrame, share: bool, smallest: int, confidence: float
) -> dict[str, object]:
    """Compare two waves of the same respondents, by those who answered both times."""
    both = first.merge(second, on="key", suffixes=("_a", "_b"))
    n = len(both)
    if n < max(smallest, 2):
        return {"note": NOTE_SUPPRESSED if 0 < n < smallest else NOTE_NO_ANSWERS}
    a, b = both["side_a"].to_numpy(), both["side_b"].to_numpy()
    own, step = b - a, (both["place_b"] - both["place_a"]).to_numpy()
    up, down = int((step > 0).sum()), int((step < 0).sum())
    found: dict[str, object] = {
        "pairs": n,
        "n_a": n,
        "n_b": n,
        "before": a.mean(),
        "after": b.mean(),
        "change": own.mean(),
        "up": up,
        "down": down,
        "note": "",
    }
    if own.std() > 0:
        half = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * own.std(ddof=1) / np.sqrt(n)
        found |= {"ci_low": max(own.mean() - half, -2), "ci_high": min(own.mean() + half, 2)}
    if not up + down:
        return found | {"note": NOTE_NONE_CHANGED}
    if share:
        p = float(stats.binomtest(up, up + down, 0.5).pvalue)
        return found | {"test": "McNemar", "p": p, "rank_biserial": (up - down) / (up + down)}
    effect, p = signed_ranks(step)
    note = "" if up + down <= EXACT else NOTE_APPROXIMATE
    return found | {"test": "Wilcoxon", "p": p, "rank_biserial": effect, "note": note}


def signed_ranks(step: np.ndarray) -> tuple[float, float]:
    """Return the matched-pairs rank-biserial correlation of changes, and p of Wilcoxon's test.

    Changes of zero are left out. With up to 50 others p is exact: the distribution of the sum of
    signed midranks over all signs; with more, the normal approximation with the ties' variance.

    >>> signed_ranks(np.array([1, 1, 2, -1, 0]))
    (0.6, 0.5)
    """
    step = step[step != 0]
    twice = np.rint(2 * stats.rankdata(np.abs(step))).astype(int)  # midranks are halves
    total, positive = int(twice.sum()), int(twice[step > 0].sum())
    effect = float((2 * positive - total) / total)
    if len(step) > EXACT:
        z = (positive - total / 2) / np.sqrt((twice.astype(float) ** 2).sum() / 4)
        return effect, float(2 * stats.norm.sf(abs(z)))
    ways = np.zeros(total + 1)
    ways[0] = 1.0
    for rank in twice:
        ways[rank:] = ways[rank:] + ways[:-rank]
        ways /= 2  # each sign is as likely as the other
    far = np.abs(np.arange(total + 1) - total / 2) >= abs(positive - total / 2) - 1e-9
    return effect, float(min(ways[far].sum(), 1.0))
