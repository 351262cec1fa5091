"""Sentences about comparisons adjusted for the mix of sectors."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def adjusted(table: pd.DataFrame, labels: Labels, significance: float = 0.05) -> str:
    """Read whether differences of cities are ones of the sectors' mix."""
    words = labels.words
    known = table[table["gap"].notna()]
    if known.empty:
        return words("No two cities have answers that can be compared.")
    largest = known.loc[known["composition"].abs().idxmax()]
    clear = known[known["p_adjusted"] < significance]
    uneven = known[known["p_q"] < significance]
    lines = [
        words(
            "Of {count} comparisons of cities with the mix of sectors held equal, {clear} keep a "
            "corrected p under {alpha} (van Elteren's test).",
            count=words.number(len(known)),
            clear=words.number(len(clear)),
            alpha=words.number(significance, 2),
        ),
        words(
            "The largest part that the mix of sectors has in a difference is {part} of {raw} "
            "points (“{item}”, {a} against {b}; n = {n_a} and {n_b}).",
            part=words.points(largest["composition"], 1),
            raw=words.points(largest["raw_gap"], 1),
            item=labels.item(largest["item"]),
            a=labels.group(largest["group_a"]),
            b=labels.group(largest["group_b"]),
            n_a=words.number(largest["n_a"]),
            n_b=words.number(largest["n_b"]),
        ),
    ]
    if len(uneven):
        strongest = uneven.sort_values("p_q", kind="stable").drop_duplicates("item").sort_index()
        phrases = [
            words(
                "“{item}” ({a} against {b}: Q = {q}, {strata} sectors, p = {p}; n = {n_a} and "
                "{n_b})",
                item=labels.item(row["item"]),
                a=labels.group(row["group_a"]),
                b=labels.group(row["group_b"]),
                q=words.number(row["q"], 2),
                strata=words.number(row["strata"]),
                p=words.p_value(row["p_q"]),
                n_a=words.number(row["n_a"]),
                n_b=words.number(row["n_b"]),
            )
            for row in strongest.to_dict("records")
        ]
        lines.append(
            words(
                "In {k} of {count} comparisons p of Q is under {alpha} before any correction "
                "(about {expected} would be so by chance): {list}. There it is worth looking at "
                "the sectors one by one; that the sectors differ is not shown.",
                k=words.number(len(uneven)),
                count=words.number(int(known["p_q"].notna().sum())),
                alpha=words.number(significance, 2),
                expected=words.number(significance * known["p_q"].notna().sum(), 1),
                list=words.listed(phrases),
            )
        )
    return "\n\n".join(lines)
