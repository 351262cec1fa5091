"""The joint display read aloud."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def joint(table: pd.DataFrame, labels: Labels) -> str:
    """Return which themes the stages agree on, which they disagree on.

    And on which they are silent.
    """
    words = labels.words
    if table.empty:
        return words("There is only one city with data, so nothing can be set against each other.")
    lines = []
    for (first, second), rows in table.groupby(["first", "second"], sort=False):
        parts = []
        for verdict, text in (
            ("converges", "the stages point the same way on {themes}"),
            ("diverges", "they contradict each other on {themes}"),
            ("silent", "fewer than two stages show a direction on {themes}"),
        ):
            names = [labels.theme(str(t)) for t in rows.loc[rows["verdict"] == verdict, "theme"]]
            if names:
                parts.append(
                    words(
                        text,
                        themes=words.listed(
                            [f"«{n}»" if labels.language == "ru" else f"“{n}”" for n in names]
                        ),
                    )
                )
        lines.append(
            words("{a} against {b}", a=labels.city(str(first)), b=labels.city(str(second)))
            + ": "
            + "; ".join(parts)
            + "."
        )
    return "\n\n".join(lines)
