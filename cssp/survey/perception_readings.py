"""Sentences on who rates whom: city against city, and whether the sectors answer in kind."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def differences(table: pd.DataFrame, labels: Labels, significance: float = 0.05) -> str:
    """Read which sectors rate each other differently in two cities.

    Parameters
    ----------
    table : from `perception_differences`
    labels : the reader's words
    significance : bound of the corrected p
    """
    words = labels.words
    tested = table[table["p"].notna()]
    if tested.empty:
        return words("There is no other city to compare with.")
    clear = tested[tested["p_adjusted"] < significance]
    head = words(
        "{clear} of {count} differences between cities (cells of the table) keep a corrected p "
        "below {level}.",
        clear=words.number(len(clear)),
        count=words.number(len(tested)),
        level=words.number(significance, 2),
    )
    lines = [
        words(
            "{rater} on {rated}: {first} {one}, {second} {other}; difference {gap} (95% interval "
            "{low} to {high}; n = {n_first} and {n_second}; corrected p = {p})",
            rater=labels.sector(row["rater"]),
            rated=labels.sector(row["rated"]),
            first=labels.city(row["first"]),
            one=words.points(row["estimate_first"]),
            second=labels.city(row["second"]),
            other=words.points(row["estimate_second"]),
            gap=words.points(row["gap"]),
            low=words.points(row["ci_low"]),
            high=words.points(row["ci_high"]),
            n_first=row["n_first"],
            n_second=row["n_second"],
            p=words.p_value(row["p_adjusted"]),
        )
        for row in clear.to_dict("records")
    ]
    return "\n".join([head, "", *(f"- {line}" for line in lines)])


def answered_in_kind(gaps: pd.DataFrame, labels: Labels) -> str:
    """Read the gaps of a perception matrix whose intervals leave out zero."""
    words = labels.words
    if gaps.empty:
        return words("No two sectors rate each other, so there is nothing to compare.")
    lines = []
    for city, part in gaps.groupby("city", sort=False):
        clear = part[(part["ci_low"] > 0) | (part["ci_high"] < 0)]
        phrases = []
        for row in clear.to_dict("records"):
            size = words(
                "{gap} points, 95% interval {low} to {high}, n = {n_a} and {n_b}",
                gap=words.points(row["gap"]),
                low=words.points(row["ci_low"]),
                high=words.points(row["ci_high"]),
                n_a=words.number(row["n_first"]),
                n_b=words.number(row["n_second"]),
            )
            if row["comparison"] == "self_image":
                phrases.append(
                    words(
                        "{a}: others' rating (mean of the sectors, each counting alike) minus its "
                        "own image: {size}",
                        a=labels.sector(row["sector"]),
                        size=size,
                    )
                )
            else:
                phrases.append(
                    words(
                        "{a} → {b} minus {b} → {a}: {size}",
                        a=labels.sector(row["sector"]),
                        b=labels.sector(row["other"]),
                        size=size,
                    )
                )
        head = words(
            "{city}: {count} of {all} gaps have a 95% interval that leaves out zero (uncorrected).",
            city=labels.city(str(city)),
            count=words.number(len(clear)),
            all=words.number(len(part)),
        )
        lines.append("\n".join([head, "", *(f"- {one}" for one in phrases)]))
    return "\n\n".join(lines)
