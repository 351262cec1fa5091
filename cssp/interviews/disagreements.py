"""Where coders disagree, as a list to discuss.

The decisions come back as the codings of a consensus, and what was discarded stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from cssp.interviews.agreement import judged
from cssp.interviews.coding import prepared
from cssp.interviews.pseudonyms import pseudonymise
from cssp.interviews.units import QUESTION, By, coders_of
from cssp.stats.columns import Column, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

KEEP, DROP = "keep", "drop"
#: What else may be written for a decision.
WORDS = {
    "оставить": KEEP,
    "да": KEEP,
    "yes": KEEP,
    "снять": DROP,
    "убрать": DROP,
    "нет": DROP,
    "no": DROP,
}


def plain_decision(value: object) -> str:
    """Return a decision in its plain form: keep, drop, or what somebody wrote.

    >>> plain_decision("Оставить ")
    'keep'
    """
    word = "" if value is None or value != value else str(value).strip().casefold()
    return WORDS.get(word, word)


COLUMNS = [
    "passage",
    "city",
    "interview",
    "code",
    "start",
    "end",
    "marked_by",
    "not_marked_by",
    "quotation",
    "before",
    "after",
    "decision",
    "note",
]


@returns("city", "interview", "code", "start", "end", "marked_by", "not_marked_by", "agreed")
def passages(segments: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Return the passages that somebody marked with a code.

    Overlapping segments of one code, whoever made them, are one.

    Returns
    -------
    One row a passage: `city, interview, code, start, end, marked_by` (list), `not_marked_by` (list
    of those who coded the interview and did not),
    `agreed` (nobody is left out, and some word was marked by all).

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> passages(segments, interviews).columns.tolist()[:3]
    ['city', 'interview', 'code']
    """
    marked, texts = prepared(segments, interviews)
    coders = coders_of(texts)[1]
    own = marked.sort_values(
        ["city", "interview", "code", "start", "end"], kind="stable", ignore_index=True
    )
    keys = own[["city", "interview", "code"]]
    new = (keys != keys.shift()).any(axis=1)
    reach = own.groupby(new.cumsum())["end"].cummax()
    begins = new | (own["start"] >= reach.shift())
    table = own.groupby(begins.cumsum().to_numpy()).agg(
        city=("city", "first"),
        interview=("interview", "first"),
        code=("code", "first"),
        start=("start", "min"),
        end=("end", "max"),
        marked_by=("coder", lambda who: sorted(set(who))),
    )
    table = table.reset_index(drop=True)
    table["not_marked_by"] = [
        [who for who in coders.get((city, interview), []) if who not in marked_by]
        for city, interview, marked_by in zip(
            table["city"], table["interview"], table["marked_by"], strict=True
        )
    ]
    table["agreed"] = [not left for left in table["not_marked_by"]]
    # three coders may hang together like a chain although no word was marked by all
    for place in table.index[table["agreed"] & (table["marked_by"].map(len) > 2)]:
        row = table.loc[place]
        own = marked[
            (marked["city"] == row["city"])
            & (marked["interview"] == row["interview"])
            & (marked["code"] == row["code"])
        ]
        own = own[(own["start"] < row["end"]) & (own["end"] > row["start"])]
        table.loc[place, "agreed"] = any(
            own[(own["start"] <= at) & (own["end"] > at)]["coder"].nunique()
            == len(row["marked_by"])
            for at in own["start"]
        )
    return table


@returns(
    "passage",
    "city",
    "interview",
    "code",
    "start",
    "end",
    "marked_by",
    "not_marked_by",
    "quotation",
    "before",
    "after",
    "decision",
    "note",
)
def disagreements(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    around: int = 160,
    pseudonyms: dict[str, str] | None = None,
    only: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Return the passages that some coders of an interview marked with a code and others did not.

    With what stands around them.

    A passage whose ends differ only is no disagreement here; `agreement(by="character")` and
    `unitizing_alpha` see those.

    Parameters
    ----------
    segments, interviews : tables from `load_segments` and `load_interviews`, or of a `Project`
    around : characters of context before and after, cut at words
    pseudonyms : name -> replacement, for a list that leaves the team
    only : codes; left out: all

    Returns
    -------
    One row a passage: `passage` (a key that the same passage always has), `city, interview, code,
    start, end, marked_by, not_marked_by` (names joined by "; "),
    `quotation, before, after, decision` (empty: to be filled with "keep" or "drop"), `note`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> table = disagreements(segments, interviews)
    >>> table.columns.tolist()[:4]
    ['passage', 'city', 'interview', 'code']
    """
    found = passages(segments, interviews)
    found = found[~found["agreed"]]
    if only is not None:
        wanted = list(only)
        known = list(dict.fromkeys(segments["code"]))
        if strange := [code for code in wanted if code not in known]:
            raise ScoringError(
                f"No segment has the code '{strange[0]}'. {nearest(strange[0], known)}"
            )
        found = found[found["code"].isin(wanted)]
    texts = prepared(segments, interviews)[1].set_index(["city", "interview"])["text"].to_dict()
    rows = []
    for row in found.itertuples():
        text = texts.get((row.city, row.interview))
        disputed = (
            ("", "", "") if not isinstance(text, str) else context(text, row.start, row.end, around)
        )
        rows.append(
            (
                key_disagreements(row),
                row.city,
                row.interview,
                row.code,
                row.start,
                row.end,
                "; ".join(row.marked_by),
                "; ".join(row.not_marked_by),
                *(
                    pseudonymise(part, pseudonyms or {})
                    for part in (disputed[1], disputed[0], disputed[2])
                ),
                "",
                "",
            )
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["city", "interview", "start", "code"], kind="stable", ignore_index=True
    )


def key_disagreements(row: Any) -> str:
    """Return the key of a passage: the same for the same passage of the same codings."""
    return f"{row.city} {row.interview}:{row.start}-{row.end}:{row.code}".strip()


def context(text: str, start: int, end: int, around: int) -> tuple[str, str, str]:
    """Return what stands before, in and after a span, cut at words.

    >>> context("Денег нет и людей нет, вот и всё.", 12, 21, 8)
    ('нет и ', 'людей нет', ', вот и')
    """
    left, right = max(0, start - around), min(len(text), end + around)
    before, after = text[left:start], text[end:right]
    if left > 0 and not text[left - 1].isspace():
        before = before.partition(" ")[2]
    if right < len(text) and not text[right].isspace():
        after = after.rpartition(" ")[0]
    return before, text[start:end], after


@returns(
    "code",
    "with_code",
    "by",
    Column("times", "times", "whole"),
    Column("agreed_code", "agreed on the first", "whole"),
    Column("agreed_with", "agreed on the second", "whole"),
)
def code_confusion(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by: By = "sentence",
    language: str = "ru",
    answers: pd.DataFrame | None = None,
    question: tuple[str, ...] = QUESTION,
) -> pd.DataFrame:
    """Return which codes coders give for one another.

    Where one gave the first and not the second, and another the second and not the first.

    Parameters
    ----------
    segments, interviews, codes, by, language, answers, question : as in `agreement`; codes at the
        bottom of the hierarchy

    Returns
    -------
    One row a pair of codes that were confused, the most often first: `code, with_code, by, times`
    (where it happened, over all pairs of coders;
    characters by character), `agreed_code, agreed_with` (units where a pair of coders agreed on
    each).

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> code_confusion(segments, interviews, study.codes).columns.tolist()[:2]
    ['code', 'with_code']
    """
    judgements = judged(segments, interviews, codes, by, codes.leaves, language, answers, question)
    size = judgements.size[:, None]
    count = len(judgements.codes)
    confused, agreed = np.zeros((count, count)), np.zeros(count)
    for i in range(len(judgements.coders)):
        for j in range(i + 1, len(judgements.coders)):
            both = judgements.coded[:, i] & judgements.coded[:, j]
            a, b = judgements.yes[both, i], judgements.yes[both, j]
            only_a, only_b = (a & ~b).astype(float), (b & ~a).astype(float)
            table = (only_a * size[both]).T @ only_b
            confused += table + table.T
            agreed += ((a & b) * size[both]).sum(axis=0)
    first, second = np.nonzero(np.triu(confused, 1))
    rows = pd.DataFrame(
        {
            "code": [judgements.codes[at] for at in first],
            "with_code": [judgements.codes[at] for at in second],
            "by": by,
            "times": confused[first, second].round().astype("int64"),
            "agreed_code": agreed[first].round().astype("int64"),
            "agreed_with": agreed[second].round().astype("int64"),
        }
    )
    return rows.sort_values("times", ascending=False, kind="stable", ignore_index=True)
