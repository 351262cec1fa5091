"""Every question against a banner: total, sectors, cities, sectors in a city, any item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.stats.multiple_tests import adjust, check_correction
from cssp.study.problems import ScoringError, nearest
from cssp.study.questionnaire import OPTION as OPTION_MARK
from cssp.survey.answer_codes import group_column, group_name
from cssp.survey.answers import Answers, need_answers
from cssp.survey.balance import net_balance
from cssp.survey.count_answers import frequency_table
from cssp.survey.describe import describe
from cssp.survey.frequency import FrequencyTable
from cssp.survey.frequency_tables import distribution
from cssp.survey.group_members import levels_of
from cssp.survey.ranking import option_shares
from cssp.survey.small_groups import group_sizes
from cssp.survey.visible_groups import visible

TOTAL = "total"
#: What a row of the table is.
ANSWER, OPTION, OF_ANSWERS, MEAN, BALANCE, N, N_SUBSTANTIVE = (
    "answer", "option", "of_answers", "mean", "balance", "n", "n_substantive",
)  # fmt: skip
KINDS = (ANSWER, OPTION, OF_ANSWERS, MEAN, BALANCE, N_SUBSTANTIVE, N)
COMPARED = (ANSWER, OPTION, MEAN, BALANCE)
NOTE_HIDDEN = "suppressed: fewer respondents than the study allows to show"


_COLUMNS = ["item", "row", "kind", "group", "value", "ci_low", "ci_high", "n", "sd"]


@dataclass(frozen=True)
class _Block:
    """The columns that one variable of the banner makes: each group once, in its place."""

    variable: str
    by: list[str]
    groups: list[tuple[str, ...]]
    letters: dict[tuple[str, ...], str]


@returns(
    "item",
    Column("row", "row", "text"),
    Column("kind", "what it is", "word"),
    Column("variable", "banner", "text"),
    Column("outer", "within", "group"),
    "group",
    Column("letter", "letter", "text"),
    Column("value", "value", "number3"),
    *bounds("value"),
    "n",
    Column("higher_than", "higher than", "text"),
    "note",
)
def banner_table(
    answers: Answers,
    items: Iterable[str],
    banner: Sequence[str] = ("sector", "city"),
    smallest: int = 1,
    weight: str | None = None,
    significance: float = 0.05,
    correction: str = "bonferroni",
    least: int = 30,
) -> pd.DataFrame:
    """Return each item against a banner, with column shares, means, balances and letters.

    A letter names a column. `higher_than` says which columns of the same variable (of the same
    outer group, where one is nested in another) are *lower*, by a test at `significance`, corrected
    over the pairs of the row: of shares the two-sample z test with the pooled variance, as in SPSS
    Custom Tables; of means Welch's t; of balances z. None is made where either column has fewer
    than `least` answers, nor with weights.

    Parameters
    ----------
    answers : `Answers`, e.g. from `load_survey`
    items : names of items with codes; a multiple-choice item stands for its options
    banner : "city", "sector", "wave", or items, whose answers make the groups; "city:sector" nests
        the second in the first. The total stands first in any case. Who gave no answer on an item's
        scale is in none of its groups
    smallest : groups of fewer respondents are not shown, nor others that would give them away by
        subtraction, from totals of either variable
    weight : column of weights, None: all count alike
    significance, correction, least : of the letters

    Returns
    -------
    One row an item, row and column of the banner: `item, row` (code of an answer, option's column,
    or empty), `kind` (answer, option, of_answers, mean, balance, n, n_substantive), `variable`,
    `outer`, `group`, `letter`, `value` (shares of all answers given, "hard to say" included, in
    [0, 1]; balances in [-1, 1]; of options shares of respondents, and of all choices), `ci_low,
    ci_high` (Wilson's of shares; of balances the adjusted one), `n`, `higher_than`, `note`.

    Raises
    ------
    ScoringError
        A column that there is not, or more than two of them nested.

    References
    ----------
    IBM SPSS Custom Tables, column proportions and column means tests (letters).

    Examples
    --------
    >>> from cssp import answer_codes
    >>> rows = {"city": ["a"] * 40 + ["b"] * 40, "q": [1] * 10 + [2] * 30 + [1] * 30 + [2] * 10}
    >>> told = banner_table(Answers(pd.DataFrame(rows), {"q": answer_codes([1, 2])}), ["q"],
    ...     ["city"])
    >>> told.loc[told["kind"] == "answer", ["row", "group", "letter", "value", "higher_than"]]
      row  group letter  value higher_than
    0   1  total         0.500
    1   1      a      A  0.250
    2   1      b      B  0.750           A
    3   2  total         0.500
    4   2      a      A  0.750           B
    5   2      b      B  0.250
    """
    need_answers(answers)
    check_correction(correction)
    wanted = list(items)
    whole = answers.with_column(TOTAL, [TOTAL] * len(answers))
    for name in dict.fromkeys(name for variable in banner for name in variable.split(":")):
        whole = _with_groups(whole, name)
    parts = []
    heads: list[tuple[str, str, str]] = []
    for place, block in enumerate(_blocks(whole, banner)):
        rows = _values(whole, wanted, block, smallest, weight)
        # the total stands first: its rows are those of every block, shown or not
        heads = heads or list(
            dict.fromkeys(rows[["item", "row", "kind"]].itertuples(index=False, name=None))
        )
        complete = _complete(rows, heads, block)
        compared = block.variable != TOTAL and weight is None
        complete["higher_than"] = (
            _letters(complete, block, significance, correction, least) if compared else ""
        )
        complete["_block"] = place
        parts.append(complete)
    table = pd.concat(parts, ignore_index=True)
    order = {name: place for place, name in enumerate(wanted)}
    table["_item"] = table["item"].map(order)
    kinds = {name: place for place, name in enumerate(KINDS)}
    table["_kind"] = table["kind"].map(kinds)
    places = {row: place for place, row in enumerate(dict.fromkeys(table["row"]))}
    table["_row"] = table["row"].map(places)
    keys = ["_item", "_kind", "_row", "_block"]
    table = table.sort_values(keys, kind="stable", ignore_index=True)
    return table[
        ["item", "row", "kind", "variable", "outer", "group", "letter", "value", "ci_low",
         "ci_high", "n", "higher_than", "note"]
    ]  # fmt: skip


def _with_groups(answers: Answers, name: str) -> Answers:
    """Return the answers with the column of groups that an item makes; nobody is left out."""
    entry = answers.codebook.get(name)
    if entry is None or name not in answers:
        return answers
    names = {code: group_name(name, code) for code in entry["codes"]}
    groups = pd.Categorical(answers[name].map(names), categories=list(names.values()))
    return answers.with_column(group_column(name), pd.Series(groups, index=answers.rows.index))


def _blocks(answers: Answers, banner: Sequence[str]) -> Iterator[_Block]:
    """Yield the blocks of columns, the total first; letters run on from block to block."""
    yield _Block(TOTAL, [TOTAL], [(TOTAL,)], {(TOTAL,): ""})
    count = 0
    for variable in banner:
        by = variable.split(":")
        if len(by) > 2:
            raise ScoringError(f"'{variable}' nests more than two variables.")
        for name in by:
            if name not in answers:
                known = [str(one) for one in answers.columns]
                raise ScoringError(f"There is no column '{name}'. {nearest(name, known)}")
        by = [group_column(name) if name in answers.codebook else name for name in by]
        groups: list[tuple[str, ...]] = [()]
        for name in by:
            groups = [(*one, str(level)) for one in groups for level in levels_of(answers[name])]
        yield _Block(
            variable,
            by,
            groups,
            {group: _letter(count + place) for place, group in enumerate(groups)},
        )
        count += len(groups)


def _letter(place: int) -> str:
    """Return the letter of a column: A to Z, then AA, AB, …

    >>> [_letter(place) for place in (0, 25, 26, 53)]
    ['A', 'Z', 'AA', 'BB']
    """
    more = f"{ascii_uppercase[place // 26 - 1]}" if place >= 26 else ""
    return more + ascii_uppercase[place % 26]


def _values(
    answers: Answers, items: list[str], block: _Block, smallest: int, weight: str | None
) -> pd.DataFrame:
    """Return the rows of all items for the groups of a block that may be shown."""
    strata: list[list[str]] = [[name] for name in block.by] if len(block.by) > 1 else [[]]
    sizes = group_sizes(answers, block.by, smallest, strata)
    columns = [str(name) for name in answers.columns]
    several = [one for one in items if any(name.startswith(one + OPTION_MARK) for name in columns)]
    plain = [one for one in items if one not in several]
    parts = []
    for names, measure in ((plain, _of_answers), (several, _of_options)):
        if names:
            counts = frequency_table(answers, names, block.by, weight)
            parts += measure(visible(counts, sizes, smallest))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=block.by)
    rows["group"] = list(map(tuple, rows[block.by].astype(str).to_numpy().tolist()))
    return rows.reindex(columns=_COLUMNS)


def _rows(table: pd.DataFrame, by: list[str], kind: str, **columns: Any) -> pd.DataFrame:
    """Return rows of one kind: the item, the groups, and columns given as series or texts."""
    rows = table[["item", *by]].copy()
    rows["kind"] = kind
    for name, values in {"row": "", **columns}.items():
        rows[name] = values
    return rows


def _of_answers(freq: FrequencyTable) -> list[pd.DataFrame]:
    """Return shares of answers, means and balances of items, and their bases."""
    shares, by = distribution(freq), list(freq.by)
    if shares.empty:
        return []
    answer = _rows(shares, by, ANSWER, row=shares["answer"].astype(str), value=shares["share_all"],
                   n=shares["n_all"])  # fmt: skip
    if not freq.weighted:
        counts = [shares[name].to_numpy(dtype=float) for name in ("count", "n_all")]
        answer["ci_low"], answer["ci_high"] = wilson(*counts)
    parts = [answer]
    names = freq.index.get_level_values("item")
    ordered = [name for name in names.unique() if freq.codebook[name]["ordered"]]
    signed = [name for name in ordered if any(freq.codebook[name]["sign"].values())]
    if ordered:
        described = describe(freq.where(item=ordered))
        parts.append(
            _rows(
                described, by, MEAN, value=described["mean"], n=described["n"], sd=described["sd"]
            )
        )
    if signed:
        described = net_balance(freq.where(item=signed), "plain", interval="adjusted")
        spread = described["se"] * np.sqrt(described["n"].astype(float))
        parts.append(
            _rows(described, by, BALANCE, value=described["balance"], n=described["n"], sd=spread,
                  ci_low=described["ci_low"], ci_high=described["ci_high"])
        )  # fmt: skip
    once = shares.drop_duplicates(["item", *by])
    for kind, column in ((N_SUBSTANTIVE, "n"), (N, "n_all")):
        parts.append(_rows(once, by, kind, value=once[column].astype(float), n=once[column]))
    return parts


def _of_options(freq: FrequencyTable) -> list[pd.DataFrame]:
    """Return for each option its share of respondents and of all choices."""
    shares, by = option_shares(freq), list(freq.by)
    if shares.empty:
        return []
    shares["row"] = shares["item"].astype(str)
    shares["item"] = shares["row"].str.partition(OPTION_MARK)[0]
    chosen = _rows(shares, by, OPTION, row=shares["row"], value=shares["share"], n=shares["n"],
                   ci_low=shares["ci_low"], ci_high=shares["ci_high"])  # fmt: skip
    spread = _rows(
        shares, by, OF_ANSWERS, row=shares["row"], value=shares["share_of_answers"], n=shares["n"]
    )
    once = shares.groupby(["item", *by], sort=False, observed=True)["n"].max().reset_index()
    return [chosen, spread, _rows(once, by, N, value=once["n"].astype(float), n=once["n"])]


def _complete(rows: pd.DataFrame, heads: list[tuple[str, str, str]], block: _Block) -> pd.DataFrame:
    """Return the rows with every column of the block, also of groups that are not shown."""
    keys = [(*head, group) for head in heads for group in block.groups]
    names = ["item", "row", "kind", "group"]
    whole = rows.set_index(names).reindex(pd.MultiIndex.from_tuples(keys, names=names))
    table = whole.reset_index()
    table["note"] = np.where(table["n"].isna(), NOTE_HIDDEN, "")
    table["n"] = table["n"].fillna(0).astype(int)
    table["variable"] = block.variable
    table["letter"] = [block.letters[group] for group in table["group"]]
    table["outer"] = [group[0] if len(group) > 1 else "" for group in table["group"]]
    table["group"] = [group[-1] for group in table["group"]]
    return table


def _letters(
    tests: pd.DataFrame, block: _Block, significance: float, correction: str, least: int
) -> list[str]:
    """Return for each cell the letters of the columns that are lower, row by row."""
    outer = len({group[:-1] for group in block.groups})
    shape = (-1, outer, len(block.groups) // outer)
    kind, letter = (tests[name].to_numpy().reshape(shape) for name in ("kind", "letter"))
    value, n, sd = (
        tests[name].to_numpy(dtype=float, na_value=np.nan).reshape(shape)
        for name in ("value", "n", "sd")
    )
    able = (n >= least) & np.isfinite(value) & np.isin(kind, COMPARED)
    pairs = list(combinations(range(shape[2]), 2))
    p = np.full((*value.shape[:2], len(pairs)), np.nan)
    for place, (a, b) in enumerate(pairs):
        found = _p(kind[..., a], *(part[..., side] for side in (a, b) for part in (value, n, sd)))
        p[..., place] = np.where(able[..., a] & able[..., b], found, np.nan)
    lower = np.full(value.shape, "", dtype=object)
    for row, within in zip(*np.nonzero(np.isfinite(p).any(axis=2)), strict=True):
        clear = adjust(p[row, within], correction) < significance
        for (a, b), differs in zip(pairs, clear, strict=True):
            if differs:
                high, low = (a, b) if value[row, within, a] > value[row, within, b] else (b, a)
                before = lower[row, within, high]
                lower[row, within, high] = f"{before} {letter[row, within, low]}".strip()
    return list(lower.ravel())


def _p(
    kind: np.ndarray,
    value_a: np.ndarray,
    n_a: np.ndarray,
    sd_a: np.ndarray,
    value_b: np.ndarray,
    n_b: np.ndarray,
    sd_b: np.ndarray,
) -> np.ndarray:
    """Return the two-sided p that two columns are alike, by the test of each row's kind."""
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.abs(value_a - value_b)
        pooled = (value_a * n_a + value_b * n_b) / (n_a + n_b)
        of_shares = 2 * ndtr(-gap / np.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b)))
        part_a, part_b = sd_a**2 / n_a, sd_b**2 / n_b
        t = gap / np.sqrt(part_a + part_b)
        dof = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
        p = np.select(
            [np.isin(kind, (ANSWER, OPTION)), kind == BALANCE],
            [of_shares, 2 * ndtr(-t)],
            2 * stdtr(dof, -t),
        )
    return np.asarray(np.where(np.isfinite(p) | (gap > 0), p, 1.0))
