"""Who read what: from the files of coded interviews to the table of segments."""

from __future__ import annotations

import pandas as pd

from cssp.stats.columns import Column, returns


@returns(
    "city",
    Column("coder", "coder", "text"),
    Column("read", "interviews read", "whole"),
    Column("marked", "with a coding", "whole"),
    Column("empty", "nothing found", "whole"),
    Column("alone", "read by this coder only", "whole"),
    Column("codings", "codings", "whole"),
    Column("codes", "different codes", "whole"),
)
def coding_intake(segments: pd.DataFrame, interviews: pd.DataFrame) -> pd.DataFrame:
    """Return for each coder which interviews count as read, and what was coded in them.

    A coder has read every interview of the project, unless the attributes (`coders`) say otherwise;
    one in which nothing was found counts as read and empty, which agreement depends on.

    Parameters
    ----------
    segments, interviews : tables from `load_coded`

    Returns
    -------
    One row a city and coder: `city, coder, read, marked, empty, alone` (numbers of interviews),
    `codings, codes`.

    Examples
    --------
    >>> segments = pd.DataFrame({"city": "x", "interview": ["i1", "i1"], "coder": ["A", "A"],
    ...     "code": ["c", "d"]})
    >>> interviews = pd.DataFrame({"city": "x", "interview": ["i1", "i2"],
    ...     "coders": [("A", "B"), ("A",)]})
    >>> coding_intake(segments, interviews)[["read", "empty", "alone"]].to_numpy().tolist()
    [[2, 1, 1], [1, 1, 0]]
    """
    lines = []
    for city, own in interviews.groupby("city", sort=False, observed=True):
        own_segments = segments[segments["city"] == city]
        for coder in dict.fromkeys(name for coders in own["coders"] for name in coders):
            read = own[[coder in coders for coders in own["coders"]]]
            coded = own_segments[own_segments["coder"] == coder]
            marked = read["interview"].isin(coded["interview"]).sum()
            alone = sum(len(coders) == 1 for coders in read["coders"])
            numbers = [len(read), marked, len(read) - marked, alone]
            lines.append([city, coder, *numbers, len(coded), coded["code"].nunique()])
    columns = ["city", "coder", "read", "marked", "empty", "alone", "codings", "codes"]
    return pd.DataFrame(lines, columns=columns)
