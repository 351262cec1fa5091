"""Were the interviews enough? New codes per interview, in the order held."""

from __future__ import annotations

import pandas as pd

from cssp.codebook import CodeSystem
from cssp.interviews.coding import named_by_interview, naming_table


def new_codes(
    segments: pd.DataFrame,
    interviews: pd.DataFrame,
    codes: CodeSystem,
    by_city: bool = True,
    rule: str = "all",
) -> pd.DataFrame:
    """Return how many codes each interview names that none before it did.

    Only codes at the bottom of the hierarchy count; an interview's codes are those of the naming rule.

    Returns
    -------
    One row an interview in the order held: `city, interview, order` (within the city, or over all), `codes_named` (in it), `new`,
    `cumulative`, `codes_in_system`.
    """
    named = named_by_interview(naming_table(segments, interviews, codes), rule)[codes.leaves]  # type: ignore[arg-type]
    ordered = interviews.sort_values(
        ["city", "order"] if by_city else ["held", "city", "interview"], kind="stable"
    )
    named = named.reindex(pd.MultiIndex.from_frame(ordered[["city", "interview"]]))
    cities = list(dict.fromkeys(interviews["city"]))
    groups = [named[named.index.get_level_values("city") == city] for city in cities] if by_city else [named]
    parts = []
    for block in groups:
        seen = block.cummax()
        cumulative = seen.sum(axis=1)
        parts.append(
            pd.DataFrame(
                {
                    "order": range(1, len(block) + 1),
                    "codes_named": block.sum(axis=1),
                    "new": cumulative.diff().fillna(cumulative),
                    "cumulative": cumulative,
                    "codes_in_system": len(codes.leaves),
                }
            )
        )
    table = pd.concat(parts).reset_index()
    table[["codes_named", "new", "cumulative"]] = table[["codes_named", "new", "cumulative"]].astype("int64")
    return table
