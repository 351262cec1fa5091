"""Voices: one quotation a code, chosen by a stated rule and stripped of names."""

from __future__ import annotations

import pandas as pd

from cssp.codebook import CodeSystem
from cssp.privacy import pseudonymise


def exemplary_quotations(
    segments: pd.DataFrame,
    codes: CodeSystem,
    pseudonyms: dict[str, str] | None = None,
    per_code: int = 1,
) -> pd.DataFrame:
    """Choose quotations for each code.

    The rule: only spans that every coder of the code overlaps on (agreed segments) come first; among them the one whose length is
    nearest to the median of the code's segments (typical, not the most striking); interviews quoted less often so far are
    preferred, so that no voice speaks for all. Of the coders' spans of the passage the longest is quoted. Ties go to the earlier interview and place.

    Parameters
    ----------
    segments : table from `load_segments`
    codes : the code system
    pseudonyms : name -> replacement, applied to the quotations and glosses
    per_code : how many for each code

    Returns
    -------
    `code, city, interview, quotation, gloss_<language>..., agreed`; a code without segments has no row.
    """
    glosses = [name for name in segments.columns if name.startswith("gloss_")]
    used: dict[tuple[str, str], int] = {}
    lines = []
    for code in codes.leaves:
        own = segments[segments["code"] == code].copy()
        if own.empty:
            continue
        own["agreed"] = _overlapped(own)
        length = own["end"] - own["start"]
        own["distance"] = (length - length.median()).abs()
        for _ in range(min(per_code, own["interview"].nunique())):
            own["used"] = [used.get(key, 0) for key in zip(own["city"], own["interview"], strict=True)]
            best = own.sort_values(
                ["agreed", "used", "distance", "city", "interview", "start", "coder"],
                ascending=[False, True, True, True, True, True, True],
                kind="stable",
            ).iloc[0]
            key = (best["city"], best["interview"])
            used[key] = used.get(key, 0) + 1
            own = own[(own["city"] != key[0]) | (own["interview"] != key[1])]
            told = _longest(segments[segments["code"] == code], best)
            line = {"code": code, "city": key[0], "interview": key[1]}
            for name in ("quotation", *glosses):
                line[name] = pseudonymise(told[name], pseudonyms or {})
            lines.append({**line, "agreed": bool(best["agreed"])})
            if own.empty:
                break
    return pd.DataFrame(lines, columns=["code", "city", "interview", "quotation", *glosses, "agreed"])


def _longest(own: pd.DataFrame, best: pd.Series) -> pd.Series:
    """Return the longest segment of the code that overlaps the chosen one, so that no coder's cut breaks off a sentence."""
    same = own[(own["city"] == best["city"]) & (own["interview"] == best["interview"])]
    same = same[(same["start"] < best["end"]) & (best["start"] < same["end"])]
    return same.loc[(same["end"] - same["start"]).idxmax()]


def _overlapped(own: pd.DataFrame) -> list[bool]:
    """Tell for each segment of one code whether another coder marked the code on an overlapping span."""
    pairs = own.reset_index().merge(own.reset_index(), on=["city", "interview"], suffixes=("", "_other"))
    hit = pairs[
        (pairs["coder"] != pairs["coder_other"])
        & (pairs["start"] < pairs["end_other"])
        & (pairs["start_other"] < pairs["end"])
    ]
    agreed = set(hit["index"])
    return [position in agreed for position in own.index]
