"""Quotations: chosen by a stated rule, stripped of names.

No more is told of the speaker than may be shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from cssp.interviews.pseudonyms import pseudonymise
from cssp.stats.columns import Column, returns
from cssp.study.code_system import CodeSystem
from cssp.study.problems import ScoringError, nearest

Choice = Literal["typical", "rarest", "spread"]
CHOICES: tuple[Choice, ...] = ("typical", "rarest", "spread")


@returns(
    "code",
    "city",
    "interview",
    "quotation",
    "gloss_en",
    "agreed",
    Column("with_codes", "other codes on the passage", "text"),
    "size",
)
def exemplary_quotations(
    segments: pd.DataFrame,
    codes: CodeSystem,
    pseudonyms: dict[str, str] | None = None,
    per_code: int = 1,
    rule: Choice = "typical",
    seed: int = 20240101,
    interviews: pd.DataFrame | None = None,
    attributes: Iterable[str] = (),
    smallest: int = 3,
) -> pd.DataFrame:
    """Choose quotations for each code by a rule that is stated.

    So that nobody picks the words that please.

    Whatever the rule, passages on which another coder gave the code too come first, and interviews
    quoted less often so far are
    preferred, so that no voice speaks for all. Then:

    - `typical`: the length nearest to the median of the code's segments;
    - `rarest`: the passage whose other codes go with this one most rarely: it shows what is seldom
      said together; passages without another code come last;
    - `spread`: by lot (`seed`), a new interview and, where there is one, a new city each time.

    Of the coders' spans of the passage the longest is quoted. Ties go to the earlier interview and
    place.

    Parameters
    ----------
    segments : table from `load_segments`
    codes : the code system; its codes at the bottom are quoted
    pseudonyms : name -> replacement, applied to the quotations and glosses
    per_code : how many for each code
    rule : "typical", "rarest" or "spread"
    seed : of the lot
    interviews, attributes : columns of `interviews` to be told of the speaker; a combination that
        fewer than `smallest` interviews of the city
        share is left empty, for it would name the organisation
    smallest : see `attributes`

    Returns
    -------
    `code, city, interview, quotation, gloss_<language>..., [attributes], agreed, with_codes` (other
    codes on the passage, joined by "; "); a code without
    segments has no row.

    Raises
    ------
    ScoringError
        An unknown rule or attribute.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> exemplary_quotations(segments, study.codes).columns.tolist()[:3]
    ['code', 'city', 'interview']
    """
    if rule not in CHOICES:
        raise ScoringError(f"'{rule}' is not a rule of choice. {nearest(str(rule), CHOICES)}")
    shown = _attributes(interviews, list(attributes), smallest)
    glosses = [name for name in segments.columns if name.startswith("gloss_")]
    leaves = codes.leaves
    own = segments[segments["code"].isin(leaves)].reset_index(drop=True)
    pairs = _pairs(own)
    others = _others(pairs, len(own))
    rarity = _rarity(own, others) if rule == "rarest" else np.zeros(len(own))
    lot = np.random.default_rng(seed).random(len(own))
    agreed = _overlapped(pairs, len(own))
    voices: dict[tuple[str, str], int] = {}
    cities: dict[str, int] = {}
    lines = []
    for code in leaves:
        rows = np.flatnonzero((own["code"] == code).to_numpy())
        if not len(rows):
            continue
        length = (own["end"] - own["start"]).to_numpy()[rows]
        left = own.iloc[rows].assign(
            agreed=agreed[rows],
            distance=np.abs(length - np.median(length))
            if rule == "typical"
            else rarity[rows]
            if rule == "rarest"
            else lot[rows],
        )
        for _ in range(min(per_code, len(left[["city", "interview"]].drop_duplicates()))):
            left = left.assign(
                used=[
                    voices.get(key, 0) for key in zip(left["city"], left["interview"], strict=True)
                ],
                heard=[cities.get(city, 0) if rule == "spread" else 0 for city in left["city"]],
            )
            best = left.sort_values(
                ["agreed", "heard", "used", "distance", "city", "interview", "start", "coder"],
                ascending=[False, *[True] * 7],
                kind="stable",
            ).iloc[0]
            key = (best["city"], best["interview"])
            voices[key] = voices.get(key, 0) + 1
            cities[key[0]] = cities.get(key[0], 0) + 1
            left = left[(left["city"] != key[0]) | (left["interview"] != key[1])]
            longest = _longest(own.iloc[rows], best)
            line = {"code": code, "city": key[0], "interview": key[1]}
            for name in ("quotation", *glosses):
                line[name] = pseudonymise(longest[name], pseudonyms or {})
            line |= shown.get(key, {})
            lines.append(
                {**line, "agreed": bool(best["agreed"]), "with_codes": "; ".join(others[best.name])}
            )
    columns = [
        "code",
        "city",
        "interview",
        "quotation",
        *glosses,
        *attributes,
        "agreed",
        "with_codes",
    ]
    return pd.DataFrame(lines, columns=columns)


def _attributes(
    interviews: pd.DataFrame | None, attributes: list[str], smallest: int
) -> dict[tuple[str, str], dict[str, str]]:
    """Return what may be told of each interview's speaker."""
    if not attributes:
        return {}
    if interviews is None:
        raise ScoringError("To tell attributes of the speakers, give the table of interviews.")
    if strange := [name for name in attributes if name not in interviews]:
        raise ScoringError(
            f"The interviews have no attribute '{strange[0]}'. "
            f"{nearest(strange[0], map(str, interviews.columns))}"
        )
    size = interviews.groupby(["city", *attributes], dropna=False)["interview"].transform("size")
    return {
        (row["city"], row["interview"]): {name: row[name] if many else "" for name in attributes}
        for row, many in zip(interviews.to_dict("records"), size >= smallest, strict=True)
    }


def _longest(own: pd.DataFrame, best: pd.Series) -> pd.Series:
    """Return the longest segment of the code that overlaps the chosen one.

    So that no coder's cut breaks off a sentence.
    """
    same = own[(own["city"] == best["city"]) & (own["interview"] == best["interview"])]
    same = same[(same["start"] < best["end"]) & (best["start"] < same["end"])]
    return same.loc[(same["end"] - same["start"]).idxmax()]


def _pairs(own: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of different segments that share a character.

    As row numbers `index` and `index_other` with their coders and codes.
    """
    segments_numbered = own[["city", "interview", "coder", "code", "start", "end"]].reset_index()
    pairs = segments_numbered.merge(
        segments_numbered, on=["city", "interview"], suffixes=("", "_other")
    )
    return pairs[
        (pairs["index"] != pairs["index_other"])
        & (pairs["start"] < pairs["end_other"])
        & (pairs["start_other"] < pairs["end"])
    ]


def _overlapped(pairs: pd.DataFrame, count: int) -> np.ndarray:
    """Tell for each segment whether another coder marked its code on an overlapping span."""
    hit = pairs.loc[
        (pairs["coder"] != pairs["coder_other"]) & (pairs["code"] == pairs["code_other"]), "index"
    ]
    return np.isin(np.arange(count), hit)


def _others(pairs: pd.DataFrame, count: int) -> list[list[str]]:
    """Return for each segment the other codes that stand on an overlapping span.

    Whoever gave them.
    """
    pairs = pairs[pairs["code"] != pairs["code_other"]]
    found = {index: sorted(set(codes)) for index, codes in pairs.groupby("index")["code_other"]}
    return [found.get(place, []) for place in range(count)]


def _rarity(own: pd.DataFrame, others: list[list[str]]) -> np.ndarray:
    """Return for each segment in how many places its code meets the rarest of its other codes.

    Infinite without another.
    """
    count: dict[tuple[str, str], int] = {}
    for code, codes in zip(own["code"], others, strict=True):
        for other in codes:
            count[(code, other)] = count.get((code, other), 0) + 1
    return np.array(
        [
            min((count[(code, other)] for other in codes), default=np.inf)
            for code, codes in zip(own["code"], others, strict=True)
        ]
    )
