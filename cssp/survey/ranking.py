"""Multiple choice and rankings: shares of respondents, never of answers as if they were people."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import fisher_exact

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import newcombe, wilson
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.stats.odds_ratio import conditional_odds
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import OPTION
from cssp.survey.answers import Answers, need_answers
from cssp.survey.balance import effective_sizes
from cssp.survey.comparison_notes import NOTE_ABSENT, NOTE_EMPTY, NOTE_ONE_CATEGORY
from cssp.survey.count_arrays import check_whole, count_arrays, in_order
from cssp.survey.crosstab import chi_square
from cssp.survey.frequency import FrequencyTable, need_counts


@returns(
    "item",
    "city",
    "count",
    "n",
    "share",
    *bounds("share"),
    Column("share_of_answers", "share of answers", "percent"),
)
def option_shares(freq: FrequencyTable, confidence: float = 0.95) -> pd.DataFrame:
    """Return for each option of multiple-choice items the share of respondents who chose it.

    With Wilson's interval.

    The base is the respondents who answered the item; shares of several options add up to more than
    one. `share_of_answers` has the
    answers as its base and adds up to one within an item: it says how the choices spread, not how
    many people made them.

    Parameters
    ----------
    freq : table from `frequency_table` of options (codes 0 not chosen, 1 chosen); of a weighted
        one the shares are weighted, their interval is put on the effective number of respondents,
        and `count` and `n` are respondents
    confidence : of the intervals

    Returns
    -------
    One row an option and group: `item` (the option's column), `*by`, `count`, `n, share, ci_low,
    ci_high, share_of_answers`.

    Examples
    --------
    >>> from cssp import FrequencyTable, answer_codes
    >>> index = pd.MultiIndex.from_tuples([("forms__grant", "a")], names=["item", "city"])
    >>> counts = pd.DataFrame([[15, 5]], index=index, columns=[0, 1])
    >>> book = {"forms__grant": {**answer_codes([0, 1], positive=[1]), "ordered": False}}
    >>> option_shares(FrequencyTable(counts, book))[["item", "n", "share"]]
               item   n  share
    0  forms__grant  20   0.25
    """
    need_counts(freq)
    if freq.empty:
        columns = [
            *freq.index.names,
            "count",
            "n",
            "share",
            "ci_low",
            "ci_high",
            "share_of_answers",
        ]
        return pd.DataFrame(columns=columns)
    book = freq.codebook
    for name in dict.fromkeys(freq.index.get_level_values("item")):
        if name in book and book[name]["codes"] != [0, 1]:
            raise ScoringError(f"'{name}' is not an option of a multiple-choice item.")
    for code in (0, 1):
        if code not in freq:
            raise ScoringError(
                "These are not options of a multiple-choice item: their codes are 0 and 1."
            )
    sums = freq[[0, 1]].to_numpy(dtype=float)
    count, n = sums[:, 1], sums.sum(axis=1)
    size = n
    if freq.behind is not None:
        people = freq.behind.people[[0, 1]].to_numpy()
        squares = freq.behind.squares[[0, 1]].to_numpy()
        size = effective_sizes(sums, squares, np.array([0.0, 1.0]), people.sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = wilson(np.where(n > 0, count / n * size, 0.0), size, confidence)
    if freq.weighted and freq.behind is None:  # a sum of weights is no number of people
        low = high = np.full(len(n), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / np.where(n > 0, n, np.nan)
    question = [
        book[name]["item"] if name in book else str(name).split(OPTION)[0]
        for name in freq.index.get_level_values("item")
    ]
    keys = [question, *(freq.index.get_level_values(name) for name in freq.index.names[1:])]
    chosen = pd.Series(count, dtype=float).groupby(keys, observed=True).transform("sum").to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        of_answers = np.where(chosen > 0, count / chosen, np.nan)
    if not freq.weighted or freq.behind is not None:
        respondents = freq.counts if freq.behind is None else freq.behind.people
        count, n = respondents[1].to_numpy(), respondents[[0, 1]].sum(axis=1).to_numpy()
    measures = {
        "count": count,
        "n": n,
        "share": share,
        "ci_low": low,
        "ci_high": high,
        "share_of_answers": of_answers,
    }
    return pd.DataFrame(measures, index=freq.index).reset_index()


@returns(
    "item",
    "group_a",
    "group_b",
    "n_a",
    "n_b",
    Column("share_a", "share, first", "percent"),
    Column("share_b", "share, second", "percent"),
    "gap",
    *bounds("gap"),
    "odds_ratio",
    *bounds("odds_ratio", "odds_low", "odds_high", "odds ratio from", "odds ratio to"),
    "test",
    "p",
    "p_adjusted",
    "n_tests",
    "note",
)
def compare_options(
    freq: FrequencyTable,
    between: str,
    within: str | None = None,
    correction: str = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare how many chose each option, group against group.

    Parameters
    ----------
    freq : table from `frequency_table` of options (codes 0 not chosen, 1 chosen), unweighted
    between, within : as in `compare_groups`
    correction : over all rows
    confidence : of the intervals

    Returns
    -------
    One row an option, stratum and pair: `item, [within], group_a, group_b, n_a, n_b, share_a,
    share_b, gap` (a minus b) with `ci_low, ci_high`
    (Newcombe), `odds_ratio, odds_low, odds_high` (conditional and exact, `conditional_odds`; of
    more than 2,000 respondents the sample's own with Wald's interval), `test` ("chi-square" without
    Yates'
    correction, or "Fisher" where an expected count is below 5), `p, p_adjusted, n_tests, note`.

    Examples
    --------
    >>> from cssp import table_of_counts
    >>> freq = table_of_counts("m__x", {"a": [70, 20], "b": [60, 49]}, codes=[0, 1])
    >>> compare_options(freq, "city")[["share_a", "share_b", "gap", "test", "p"]]
       share_a  share_b    gap        test      p
    0    0.222     0.45 -0.227  chi-square  0.001
    """
    need_counts(freq)
    check_correction(correction)
    names = ["item", *filter(None, [within]), "group_a", "group_b", *_OPTION_PAIR]
    if freq.empty:
        return pd.DataFrame(columns=names)
    if [code for code in freq.columns if code in (0, 1)] != [0, 1]:
        raise ScoringError(
            "These are not options of a multiple-choice item: their codes are 0 and 1."
        )
    check_whole(freq)
    lines = []
    for array in count_arrays(freq.only_codes([0, 1]), between, within):
        if array.codes != (0, 1):
            raise ScoringError(f"'{array.items[0]}' is not an option of a multiple-choice item.")
        for i, item in enumerate(array.items):
            for s, stratum in enumerate(array.strata):
                for a, b in combinations(range(len(array.groups)), 2):
                    key = {"item": item} if within is None else {"item": item, within: stratum}
                    there = bool(array.there[i, s, a] and array.there[i, s, b])
                    lines.append(
                        {
                            **key,
                            "group_a": array.groups[a],
                            "group_b": array.groups[b],
                            **_two_shares(
                                array.counts[i, s, a], array.counts[i, s, b], there, confidence
                            ),
                        }
                    )
    _add_odds(lines, confidence)
    table = pd.DataFrame(
        lines, columns=[name for name in names if name not in ("p_adjusted", "n_tests")]
    )
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float), correction)
    table["n_tests"] = int(table["p"].notna().sum())
    return in_order(table, freq)[names]


#: The conditional odds ratio takes long with many respondents, where it equals the sample's own.
_EXACT_ODDS = 2_000
_OPTION_PAIR = [
    "n_a",
    "n_b",
    "share_a",
    "share_b",
    "gap",
    "ci_low",
    "ci_high",
    "odds_ratio",
    "odds_low",
    "odds_high",
    "test",
    "p",
    "p_adjusted",
    "n_tests",
    "note",
]


def _two_shares(a: np.ndarray, b: np.ndarray, there: bool, confidence: float) -> dict[str, object]:
    n_a, n_b = int(a.sum()), int(b.sum())
    if not n_a or not n_b:
        return {"n_a": n_a, "n_b": n_b, "test": "", "note": NOTE_EMPTY if there else NOTE_ABSENT}
    gap, low, high = newcombe(a[[1]], np.array([n_a]), b[[1]], np.array([n_b]), confidence)
    found = {
        "n_a": n_a,
        "n_b": n_b,
        "share_a": a[1] / n_a,
        "share_b": b[1] / n_b,
        "gap": gap[0],
        "ci_low": low[0],
        "ci_high": high[0],
        "note": "",
    }
    table = np.array([a[::-1], b[::-1]]).astype(int)
    if (table.sum(axis=0) == 0).any():
        return found | {"test": "", "note": NOTE_ONE_CATEGORY}
    found["table"] = table
    crossed = chi_square(a[None], b[None])
    if crossed["smallest_expected"][0] < 5:
        return found | {"test": "Fisher", "p": float(fisher_exact(table).pvalue)}
    return found | {"test": "chi-square", "p": float(crossed["p_chi2"][0])}


def _add_odds(lines: list[dict[str, object]], confidence: float) -> None:
    """Put the odds ratio and its interval into the lines that have a table."""
    own = [line for line in lines if "table" in line]
    if not own:
        return
    tables = np.array([line.pop("table") for line in own])
    few = tables.sum(axis=(1, 2)) <= _EXACT_ODDS
    found = np.empty((len(own), 3))
    if few.any():
        found[few] = np.column_stack(conditional_odds(tables[few], confidence))
    if not few.all():
        with np.errstate(divide="ignore", invalid="ignore"):
            logs, parts = np.log(tables[~few]), (1 / tables[~few]).sum(axis=(1, 2))
            centre = logs[:, 0, 0] + logs[:, 1, 1] - logs[:, 0, 1] - logs[:, 1, 0]
            half = ndtri(0.5 + confidence / 2) * np.sqrt(parts)
            found[~few] = np.exp(np.column_stack([centre, centre - half, centre + half]))
    for line, (odds, low, high) in zip(own, found, strict=True):
        line |= {"odds_ratio": odds, "odds_low": low, "odds_high": high}


@returns("item", "city", "ranked", "n", "share", *bounds("share"), "first_places", "mean_rank")
def ranking_summary(
    answers: Answers, item: str, by: str = "city", confidence: float = 0.95
) -> pd.DataFrame:
    """Summarise a ranking of some of several options.

    Who ranks three of seven says nothing of the order of the other four, so no mean rank is made up
    for them: the measures are
    the share of respondents who put an option among those ranked (Wilson's interval), the share who
    put it first, and the mean
    rank among those who ranked it.

    Parameters
    ----------
    answers : table from `load_survey`; ranks 1, 2, ... in the columns `item__option`
    item : name of the ranking item
    by : column of groups
    confidence : of the intervals

    Returns
    -------
    One row a group and option: `item` (the option's column), `[by]`, `ranked` (how many ranked it),
    `n` (who ranked anything),
    `share, ci_low, ci_high` (ranked it), `first_places` (share who put it first), `mean_rank`
    (among those who ranked it).

    Examples
    --------
    >>> from cssp import Answers
    >>> ranks = pd.DataFrame({"city": "a", "r__x": [1, 1, 2], "r__y": [2, None, 1]})
    >>> ranking_summary(Answers(ranks, {}), "r")[["item", "ranked", "first_places", "mean_rank"]]
       item  ranked  first_places  mean_rank
    0  r__x       3      0.666667   1.333333
    1  r__y       2      0.333333   1.500000
    """
    need_answers(answers)
    columns = [name for name in answers.columns if str(name).startswith(f"{item}{OPTION}")]
    if not columns:
        raise ScoringError(
            f"There is no ranking '{item}' in the table. {nearest(item, map(str, answers.columns))}"
        )
    ranks = answers[columns].astype("Float64")
    taken = ranks.notna().any(axis=1)
    parts = []
    for group, rows in answers[taken].groupby(by, sort=False, observed=True).groups.items():
        block = ranks.loc[rows]
        ranked = block.notna().sum().to_numpy()
        n = np.full(len(columns), len(block))
        low, high = wilson(ranked, n, confidence)
        parts.append(
            pd.DataFrame(
                {
                    "item": columns,
                    by: group,
                    "ranked": ranked,
                    "n": n,
                    "share": ranked / n,
                    "ci_low": low,
                    "ci_high": high,
                    "first_places": (block == 1).sum().to_numpy() / n,
                    "mean_rank": block.mean().to_numpy(dtype=float, na_value=np.nan),
                }
            )
        )
    names = ["item", by, "ranked", "n", "share", "ci_low", "ci_high", "first_places", "mean_rank"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


@returns("item", "city", "ranked", "n", "share", *bounds("share"), "first_places", "mean_rank")
def ranking_summaries(answers: Answers, items: Iterable[str], smallest: int = 1) -> pd.DataFrame:
    """Summarise several rankings, one under the other; see `ranking_summary`.

    Groups in which fewer than `smallest` respondents ranked anything are left out.

    Parameters
    ----------
    answers : from `load_survey`
    items : names of ranking items

    Returns
    -------
    The columns of `ranking_summary`.

    Examples
    --------
    >>> from cssp import Answers
    >>> ranks = pd.DataFrame({"city": "a", "r__x": [1, 1, 2], "r__y": [2, None, 1]})
    >>> ranking_summaries(Answers(ranks, {}), ["r"])[["item", "ranked", "first_places"]]
       item  ranked  first_places
    0  r__x       3      0.666667
    1  r__y       2      0.333333
    """
    need_answers(answers)
    parts = [ranking_summary(answers, item, "city") for item in items]
    names = [
        "item",
        "city",
        "ranked",
        "n",
        "share",
        "ci_low",
        "ci_high",
        "first_places",
        "mean_rank",
    ]
    if not parts:
        return pd.DataFrame(columns=names)
    table = pd.concat(parts, ignore_index=True)
    return table[table["n"] >= smallest].reset_index(drop=True)
