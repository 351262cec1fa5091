"""Careless respondents: flags for a person to look at; nobody is left out by them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError
from cssp.study.questionnaire import Item, Questionnaire
from cssp.study.study_file import QualityRules
from cssp.survey.answers import Answers, need_answers
from cssp.survey.frequency import FrequencyTable, need_counts

#: Flags in the order of the columns.
FLAGS = ("straight_line", "long_run", "much_missing", "repeated", "out_of_filter", "too_fast")


@returns(
    "respondent",
    "city",
    "sector",
    Column("asked", "items asked", "whole"),
    "answered",
    "hard_to_say",
    Column("run", "longest run", "whole"),
    Column("straight_line", "the same answer down a block", "flag"),
    Column("long_run", "a long run of the same answer", "flag"),
    Column("much_missing", "no answer to most questions", "flag"),
    Column("repeated", "repeated", "flag"),
    Column("out_of_filter", "answered what was not asked", "flag"),
    Column("too_fast", "much faster than the others", "flag"),
    Column("flags", "flags", "whole"),
)
def answer_quality(
    answers: Answers, questionnaire: Questionnaire, rules: QualityRules | None = None
) -> pd.DataFrame:
    """Flag respondents whose answers look careless.

    A flag is a reason to look, not a reason to leave out.

    - `straight_line`: the same answer on the scale to all items of a block (items of one section
      that follow each other with one scale), where at least
      `straight_items` were answered; where the block has a reversed item this contradicts itself,
      otherwise it may be meant;
    - `long_run`: the same answer to at least `long_run` ordinal items of one scale in a row;
    - `much_missing`: no substantive answer to more than `missing_share` of the items asked;
    - `repeated`: all answers equal those of another respondent of the same city (at least ten items
      answered): a row sent twice?
    - `out_of_filter`: answered an item that the questionnaire's filter or the sector leaves out;
    - `too_fast`: took less than `fast_share` of the city's median time, where the file holds
      durations (`answers["duration"]`, seconds).

    Parameters
    ----------
    answers : table from `load_survey`
    questionnaire : the study's questionnaire
    rules : the study's thresholds (`study.yaml`, `quality`)

    Returns
    -------
    One row a respondent, in the order of `answers`: `respondent, city, sector, asked` (items),
    `answered` (substantively), `hard_to_say` (items), `run` (longest
    run), then a column for each flag (True, False; `<NA>` where it cannot be told), `flags` (how
    many). Rows point at persons: show sums only.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> study = load_study()
    >>> table = answer_quality(load_survey(study), study.questionnaire)
    >>> int(table["out_of_filter"].sum())
    0
    """
    need_answers(answers)
    rules = rules or QualityRules()
    book = answers.codebook
    table = answers[["respondent", "city", "sector"]].copy()
    asked, answered, hard = (np.zeros(len(answers), dtype=int) for _ in range(3))
    stray = np.zeros(len(answers), dtype=bool)
    for item in questionnaire.items:
        if item.type == "open" or item.columns[0] not in answers:
            continue
        reached = _asked(answers, item)
        given = answers[item.columns].notna().any(axis=1).to_numpy(dtype=bool)
        entry = book.get(item.name)
        flagged = np.zeros(len(answers), dtype=bool)
        if entry is not None:
            special = entry["special"]
            flagged = answers[item.name].isin(list(special)).fillna(False).to_numpy(dtype=bool)
            hard += (
                answers[item.name]
                .isin([c for c, means in special.items() if means == "hard_to_say"])
                .fillna(False)
                .to_numpy(dtype=bool)
            )
        asked += reached
        answered += given & ~flagged & reached
        stray |= given & ~flagged & ~reached
    table["asked"], table["answered"], table["hard_to_say"] = asked, answered, hard
    run, straight = _runs(answers, questionnaire, rules)
    table["run"] = run
    flags: dict[str, pd.Series] = {
        "straight_line": pd.Series(straight),
        "long_run": pd.Series(run >= rules.long_run),
        "much_missing": pd.Series(
            (asked > 0) & (asked - answered > rules.missing_share * asked + 1e-9)
        ),
        "repeated": pd.Series(_repeated(answers, questionnaire, answered)),
        "out_of_filter": pd.Series(stray),
        "too_fast": _fast(answers, rules.fast_share),
    }
    for name in FLAGS:
        table[name] = flags[name].astype("boolean").to_numpy()
    table["flags"] = table[list(FLAGS)].fillna(False).sum(axis=1).astype(int)
    return table


def _asked(answers: Answers, item: Item) -> np.ndarray:
    reached = np.ones(len(answers), dtype=bool)
    if item.asked_of:
        reached &= answers["sector"].isin(item.asked_of).to_numpy(dtype=bool)
    rule = item.asked_if
    if rule is not None and rule.item in answers:
        reached &= answers[rule.item].isin(rule.answers).fillna(False).to_numpy(dtype=bool)
    return reached


def _runs(
    answers: Answers, questionnaire: Questionnaire, rules: QualityRules
) -> tuple[np.ndarray, np.ndarray]:
    """Return each respondent's longest run of the same answer over items of one scale in a row.

    And whether a block is a straight line.
    """
    outside = {name: list(entry["special"]) for name, entry in answers.codebook.items()}
    longest = np.zeros(len(answers), dtype=int)
    straight = np.zeros(len(answers), dtype=bool)
    for section in questionnaire.sections:
        blocks: list[list[str]] = []
        scale: str | None = None
        for item in section.items:
            if item.type != "ordinal" or item.name not in answers:
                scale = None
                continue
            if item.scale != scale:
                blocks.append([])
                scale = item.scale
            blocks[-1].append(item.name)
        for block in blocks:
            grid = answers[block].to_numpy(dtype=float, na_value=np.nan)
            grid[np.isin(grid, outside.get(block[0], []))] = (
                np.nan
            )  # 'hard to say' is no answer on the scale
            run = np.zeros(len(answers), dtype=int)
            last = np.full(len(answers), np.nan)
            for column in grid.T:
                known = ~np.isnan(
                    column
                )  # a blank ends no run: the next answer is compared with the one before it
                run = np.where(known, np.where(column == last, run + 1, 1), run)
                last = np.where(known, column, last)
                longest = np.maximum(longest, run)
            known = ~np.isnan(grid)
            low = np.where(known, grid, np.inf).min(axis=1)
            high = np.where(known, grid, -np.inf).max(axis=1)
            straight |= (known.sum(axis=1) >= rules.straight_items) & (low == high)
    return longest, straight


def _repeated(answers: Answers, questionnaire: Questionnaire, answered: np.ndarray) -> np.ndarray:
    columns = [
        name
        for item in questionnaire.items
        for name in item.columns
        if item.type != "open" and name in answers
    ]
    if not columns:
        return np.zeros(len(answers), dtype=bool)
    return np.asarray(
        answers.rows.duplicated(subset=["city", *columns], keep=False).to_numpy(dtype=bool)
        & (answered >= 10)
    )


def _fast(answers: Answers, share: float) -> pd.Series:
    if "duration" not in answers or not answers["duration"].notna().any():
        return pd.Series([pd.NA] * len(answers), dtype="boolean")
    time = pd.to_numeric(answers["duration"]).astype("Float64")
    median = time.groupby(answers["city"], observed=True).transform("median")
    return (time < share * median).astype("boolean").reset_index(drop=True)


@returns("city", "sector", Column("flag", "what was noticed", "word"), "count", "n", "share")
def quality_summary(quality: pd.DataFrame, by: Iterable[str] = ("city", "sector")) -> pd.DataFrame:
    """Count the flags by group: what may be shown of `answer_quality`.

    Returns
    -------
    One row a group and flag: `*by, flag, count, n` (respondents for whom it can be told), `share`.

    Examples
    --------
    >>> from cssp import answer_quality, load_study, load_survey
    >>> study = load_study()
    >>> quality = answer_quality(load_survey(study), study.questionnaire, study.file.quality)
    >>> quality_summary(quality, ["city"]).columns.tolist()[:4]
    ['city', 'flag', 'count', 'n']
    """
    keys = list(by)
    long = quality.melt(
        id_vars=keys, value_vars=list(FLAGS), var_name="flag", value_name="set"
    ).dropna(subset=["set"])
    if long.empty:
        return pd.DataFrame(columns=[*keys, "flag", "count", "n", "share"])
    long["set"] = long["set"].astype(int)
    long["flag"] = pd.Categorical(long["flag"], categories=FLAGS)
    table = (
        long.groupby([*keys, "flag"], observed=True)["set"].agg(count="sum", n="size").reset_index()
    )
    table["flag"] = table["flag"].astype(str)
    table["share"] = table["count"] / table["n"]
    return table


@returns(
    "item",
    "city",
    "sector",
    "n",
    "answered",
    "hard_to_say",
    Column("refused", "refused", "percent"),
    Column("blank", "left blank", "percent"),
)
def item_nonresponse(freq: FrequencyTable, answers: Answers) -> pd.DataFrame:
    """Return, item by item and group by group, how many gave no substantive answer, and how.

    Parameters
    ----------
    freq : table from `frequency_table` of these answers (after `visible`, so that small groups are
        hidden)
    answers : table from `load_survey`

    Returns
    -------
    One row an item and group: `item, *by, n` (respondents of the group who were asked), `answered,
    hard_to_say, refused, blank` (shares of n).

    Examples
    --------
    >>> from cssp import Answers, answer_codes, frequency_table
    >>> rows = pd.DataFrame({"city": ["a"] * 4, "q": [1, 2, 97, None]})
    >>> answers = Answers(rows, {"q": answer_codes([1, 2], special={97: "hard_to_say"})})
    >>> freq = frequency_table(answers, ["q"], by=["city"])
    >>> item_nonresponse(freq, answers).columns.tolist()[:4]
    ['item', 'city', 'n', 'answered']
    """
    need_counts(freq)
    need_answers(answers)
    keys = [str(name) for name in freq.index.names[1:]]
    sizes = answers.groupby(keys, observed=False).size() if keys else pd.Series({(): len(answers)})
    book = freq.codebook
    lines = []
    for key, row in freq.counts.iterrows():
        item, *group = key if isinstance(key, tuple) else (key,)
        entry = book.get(item)
        if entry is None:
            raise ScoringError(
                f"The table has no codebook for '{item}'; take the answers from load_survey."
            )
        count = {
            means: float(
                sum(
                    row.get(code, 0)
                    for code, meaning in entry["special"].items()
                    if meaning == means
                )
            )
            for means in ("hard_to_say", "refused", "no_answer", "not_asked")
        }
        answered = float(sum(row.get(code, 0) for code in entry["codes"]))
        n = (
            float(
                sizes.loc[tuple(group) if len(group) > 1 else group[0]] if group else len(answers)
            )
            - count["not_asked"]
        )
        if n <= 0:
            continue
        blank = n - answered - count["hard_to_say"] - count["refused"]
        lines.append(
            {
                "item": item,
                **dict(zip(keys, group, strict=True)),
                "n": int(n),
                "answered": answered / n,
                "hard_to_say": count["hard_to_say"] / n,
                "refused": count["refused"] / n,
                "blank": blank / n,
            }
        )
    return pd.DataFrame(
        lines, columns=["item", *keys, "n", "answered", "hard_to_say", "refused", "blank"]
    )


@returns("city", Column("step", "step", "word"), Column("reason", "reason", "label"), "count")
def respondent_flow(answers: Answers) -> pd.DataFrame:
    """Return how many rows of the files became respondents, and why others did not.

    Parameters
    ----------
    answers : from `load_survey`

    Returns
    -------
    One row a city and step: `city, step` ("rows in the file", "other rows" left out by `rows`,
    "repeated" respondents, "excluded", "analysed"), `reason`
    (of an exclusion, a label of the study), `count`.

    Examples
    --------
    >>> from cssp import load_study, load_survey
    >>> respondent_flow(load_survey(load_study()))["step"].unique().tolist()[-1]
    'analysed'
    """
    need_answers(answers)
    return pd.DataFrame(answers.flow, columns=["city", "step", "reason", "count"])
