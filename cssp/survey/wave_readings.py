"""Sentences on what changed from wave to wave."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels
from cssp.show.words import without_equals


def changes(table: pd.DataFrame, labels: Labels, significance: float = 0.05) -> str:
    """Read which answers rose or fell from wave to wave, and by how much."""
    words = labels.words
    if table.empty:
        return words("The survey was held once: there is no change to tell of.")
    tested = table[table["p_adjusted"].notna()]
    if tested.empty:
        return words("No two waves have answers that can be compared.")
    clear = tested[tested["p_adjusted"] < significance]
    lines = [
        words(
            "Of {count} comparisons of waves, {clear} keep a corrected p under {alpha}.",
            count=words.number(len(tested)),
            clear=words.number(len(clear)),
            alpha=words.number(significance, 2),
        )
    ]
    strongest = clear.reindex(clear["change"].abs().sort_values(ascending=False).index).head(8)
    for row in strongest.to_dict("records"):
        text = words(
            "“{item}” ({city}): {change} points from {a} to {b}, 95% interval {low} to {high}; "
            "n = {n_a} and {n_b}; p = {p}, corrected {q}.",
            item=labels.item(row["item"]),
            city=labels.city(str(row["city"])) if "city" in row else words("all together"),
            change=words.points(row["change"]),
            a=labels.wave(str(row["wave_a"])),
            b=labels.wave(str(row["wave_b"])),
            low=words.points(row["ci_low"]),
            high=words.points(row["ci_high"]),
            n_a=words.number(row["n_a"]),
            n_b=words.number(row["n_b"]),
            p=words.p_value(row["p"]),
            q=words.p_value(row["p_adjusted"]),
        )
        lines.append("- " + without_equals(text))
    return lines[0] + "\n\n" + "\n".join(lines[1:])
