"""Who names what: codes by interview, never percentages of segments as if they were people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest
from cssp.study.read_yaml import in_language

RULES = ("any", "all")


def prepared(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: Iterable[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the two tables with all that measures need.

    Cities (empty where a project has none) and who coded which interview.

    Parameters
    ----------
    segments : `[city], interview, coder, code, start, end`
    interviews : `[city], interview, [coders], [text]`; without `coders` everybody coded all
    codes : the names that segments may have

    Raises
    ------
    ScoringError
        A column is missing, a segment's code is none of `codes`, or its interview is not in the
        table.
    """
    for table, what, needed in (
        (segments, "segments", ("interview", "coder", "code", "start", "end")),
        (interviews, "interviews", ("interview",)),
    ):
        if absent := [name for name in needed if name not in table]:
            raise ScoringError(f"The table of {what} has no column '{absent[0]}'.")
    texts, marked = interviews, segments
    if "city" not in texts:
        texts = texts.assign(city="")
    if "city" not in marked:
        city = texts.drop_duplicates("interview").set_index("interview")["city"]
        if texts["interview"].duplicated().any():
            raise ScoringError(
                "Interviews of two cities have one name, so the segments need a column 'city'."
            )
        marked = marked.assign(city=marked["interview"].map(city))
    if "text" not in texts:
        texts = texts.assign(text=None)
    if "coders" not in texts:
        everyone = sorted(marked["coder"].unique())
        texts = texts.assign(coders=[everyone for _ in range(len(texts))])
    keys = pd.MultiIndex.from_frame(texts[["city", "interview"]])
    strange = ~pd.MultiIndex.from_frame(marked[["city", "interview"]]).isin(keys)
    if strange.any():
        row = marked[strange].iloc[0]
        raise ScoringError(
            f"A segment is of the interview '{row['interview']}' ({row['city'] or 'no city'}), "
            "which is not in the table of interviews."
        )
    if codes is not None:
        known = list(codes)
        if unknown := [code for code in dict.fromkeys(marked["code"]) if code not in known]:
            raise ScoringError(
                f"Segments have the code '{unknown[0]}', which is not in the code system. "
                f"{nearest(str(unknown[0]), known)}"
            )
    return marked, texts


def chosen_codes(only: Iterable[str] | None, known: Iterable[str]) -> list[str]:
    """Return the codes that are asked for, each once; None: all that are known.

    Raises
    ------
    ScoringError
        A code that is not in the code system, or none at all.
    """
    names = list(known)
    chosen = names if only is None else list(dict.fromkeys(only))
    if strange := [code for code in chosen if code not in names]:
        raise ScoringError(
            f"'{strange[0]}' is not in the code system. {nearest(strange[0], names)}"
        )
    if not chosen:
        raise ScoringError("There is no code to compare.")
    return chosen


def naming_table(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: CodeSystem
) -> pd.DataFrame:
    """Return which coder found which code, or a code below it, in which interview.

    Returns
    -------
    Index `(city, interview, coder)` for every coder of every interview, a boolean column for each
    code of the code system.
    """
    segments, interviews = prepared(segments, interviews, codes.names)
    members = below(codes)
    who = [
        (row.city, row.interview, coder) for row in interviews.itertuples() for coder in row.coders
    ]
    index = pd.MultiIndex.from_tuples(who, names=["city", "interview", "coder"])
    leaf = (
        pd.crosstab([segments["city"], segments["interview"], segments["coder"]], segments["code"])
        > 0
    )
    leaf = leaf.reindex(index=index, columns=codes.names, fill_value=False)
    return pd.DataFrame(
        {code: leaf[found].any(axis=1) for code, found in members.items()}, index=index
    )


def below(codes: CodeSystem) -> dict[str, list[str]]:
    """Return for each code itself and all codes below it."""
    members: dict[str, list[str]] = {name: [name] for name in codes.names}
    parents = {code.name: None if parent is None else parent.name for code, parent in codes.walk()}
    for name in codes.names:
        above = parents[name]
        while above is not None:
            members[above].append(name)
            above = parents[above]
    return members


def named_by_interview(naming: pd.DataFrame, rule: Literal["any", "all"] = "all") -> pd.DataFrame:
    """Return whether an interview names a code.

    By the judgement of `all` its coders, or of `any` of them.

    Returns
    -------
    Index `(city, interview)`, a boolean column a code.
    """
    if rule not in RULES:
        raise ScoringError(f"'{rule}' is not a rule. {nearest(str(rule), RULES)}")
    grouped = naming.groupby(level=["city", "interview"], sort=False)
    return grouped.all() if rule == "all" else grouped.any()


@returns("city", "code", "group", "depth", "named", "n", "share", *bounds("share"), "at_most")
def code_prevalence(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by: str | None = "city",
    rule: Literal["any", "all"] = "all",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how many interviews name each code, with Wilson's interval.

    The base is interviews. A code counts once in an interview however often it was marked; a group
    counts when a code in
    it does. A code that nobody named has a lower bound of 0 and an upper bound above 0.

    Parameters
    ----------
    segments, interviews : tables from `load_segments` and `load_interviews`
    codes : the code system
    by : "city" or another column of `interviews`; None: all together
    rule : an interview names a code when "all" its coders marked it, or "any" of them
    confidence : of the interval

    Returns
    -------
    One row a group and code: `[by], code, group` (top of the hierarchy), `depth`, `named`
    (interviews), `n`, `share, ci_low,
    ci_high` in [0, 1], `at_most` (where nobody named it: the one-sided exact upper bound, 1 - (1 -
    level)^(1/n), which is near 3/n).

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = code_prevalence(segments, interviews, study.codes)
    >>> bool(((table["ci_low"] <= table["share"]) & (table["share"] <= table["ci_high"])).all())
    True
    """
    segments, interviews = prepared(segments, interviews, codes.names)
    named = named_by_interview(naming_table(segments, interviews, codes), rule)
    if by is None:
        keys = pd.Series("", index=named.index)
    else:
        if by not in interviews:
            raise ScoringError(
                f"The interviews have no attribute '{by}'. "
                f"{nearest(by, map(str, interviews.columns))}"
            )
        keys = interviews.set_index(["city", "interview"], drop=False)[by].reindex(named.index)
    tops = codes.top_of()
    depth: dict[str, int] = {}
    for code, parent in codes.walk():
        depth[code.name] = 0 if parent is None else depth[parent.name] + 1
    parts = []
    for group, block in named.groupby(keys, sort=False, dropna=False):
        count, n = block.sum().to_numpy(), len(block)
        low, high = wilson(count, np.full(len(count), n), confidence)
        parts.append(
            pd.DataFrame(
                {
                    **({} if by is None else {by: group}),
                    "code": list(named.columns),
                    "group": [tops[name] for name in named.columns],
                    "depth": [depth[name] for name in named.columns],
                    "named": count,
                    "n": n,
                    "share": count / n,
                    "ci_low": low,
                    "ci_high": high,
                    "at_most": np.where(count == 0, 1 - (1 - confidence) ** (1 / n), np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@returns(
    "group",
    "code",
    Column("definition_en", "definition", "text"),
    Column("definition_ru", "definition", "text"),
    "source",
)
def code_table(codes: CodeSystem, languages: Iterable[str]) -> pd.DataFrame:
    """Return the code system as a table: `group, code, definition_<language>..., source`.

    Parameters
    ----------
    languages : codes of the languages

    Examples
    --------
    >>> from cssp import load_study
    >>> code_table(load_study().codes, ["en"]).columns.tolist()
    ['group', 'code', 'definition_en', 'source']
    """
    tops = codes.top_of()
    wanted = list(languages)
    rows = [
        [
            tops[code.name],
            code.name,
            *(in_language(code.definition, one) for one in wanted),
            code.source or "",
        ]
        for code, _ in codes.walk()
    ]
    return pd.DataFrame(
        rows, columns=["group", "code", *(f"definition_{one}" for one in wanted), "source"]
    )
