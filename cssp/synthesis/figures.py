"""The joint display as a picture.

Themes down, stages across, the direction in each cell in words and colour.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import empty
from cssp.show.theme import NEGATIVE, POSITIVE, styled, wrap

STAGES = ("desk", "survey", "interviews")


def joint_tiles(joint: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the joint display of one pair of cities after the other."""
    words = labels.words
    if joint.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    pairs = list(dict.fromkeys(zip(joint["first"], joint["second"], strict=True)))
    themes = list(dict.fromkeys(joint["theme"]))
    heads = [
        wrap(words(name), 16)
        for name in ("desk study", "survey", "interviews", "the three together")
    ]
    with styled(axes__grid=False):
        figure, axes = plt.subplots(
            len(pairs),
            1,
            figsize=(9.4, (0.9 + 0.68 * len(themes)) * max(len(pairs), 1) + 0.5),
            squeeze=False,
        )
        for panel, (first, second) in zip(axes[:, 0], pairs, strict=True):
            rows = joint[(joint["first"] == first) & (joint["second"] == second)].set_index("theme")
            for y, theme in enumerate(themes):
                for x, stage in enumerate(STAGES):
                    _tile(panel, x, y, *_cell(rows.loc[theme], stage, labels))
                verdict = str(rows.loc[theme, "verdict"])
                _tile(
                    panel,
                    3,
                    y,
                    wrap(words("fewer than two speak"), 16)
                    if verdict == "silent"
                    else words(verdict),
                    {"converges": "#DDEFE6", "diverges": "#F6DFF0", "alike": "#EAF1F8"}.get(
                        verdict, "white"
                    ),
                    "black",
                )
            panel.set_xlim(-0.5, 3.5)
            panel.set_ylim(len(themes) - 0.5, -0.5)
            panel.set_xticks(range(4), heads)
            panel.xaxis.tick_top()
            panel.set_yticks(range(len(themes)), [wrap(labels.theme(str(t)), 26) for t in themes])
            panel.tick_params(length=0)
            for side in panel.spines.values():
                side.set_visible(False)
            panel.set_title(
                words(
                    "{a} compared with {b}", a=labels.city(str(first)), b=labels.city(str(second))
                ),
                pad=24,
            )
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "A table of tiles: themes down, the three stages across; each tile says whether the "
            "first city stands more or less favourably, and the last column whether the stages "
            "agree."
        ),
    )


def _tile(panel: Axes, x: float, y: float, text: str, colour: str, ink: str) -> None:
    panel.add_patch(
        Rectangle(
            (x - 0.48, y - 0.46), 0.96, 0.92, facecolor=colour, edgecolor="#DDDDDD", linewidth=0.6
        )
    )
    panel.text(x, y, text, ha="center", va="center", fontsize=8, color=ink)


def _cell(row: pd.Series, stage: str, labels: Labels) -> tuple[str, str, str]:
    sign = row[f"{stage}_sign"]
    words = labels.words
    if pd.isna(sign):
        return words("no data"), "white", "#777777"
    gap = row[f"{stage}_gap"]
    gap_text = "" if pd.isna(gap) else "\n" + _gap(float(gap), stage, row, labels)
    overlap = stage == "desk" and sign == 0 and pd.isna(gap)
    if overlap:
        known = words("not known: the ranges overlap")
    elif sign == 0 and pd.notna(row.get(f"{stage}_alike")):
        known = words("alike") if row[f"{stage}_alike"] else words("too few to tell")
    else:
        known = words(
            {1: "more favourable", -1: "less favourable", 0: "no clear difference"}[int(sign)]
        )
    text = {1: "▲ ", -1: "▼ ", 0: "● "}[int(sign)] + wrap(known, 22)
    colour = {1: POSITIVE, -1: NEGATIVE, 0: "#EEEEEE"}[int(sign)]
    return text + gap_text, colour, "white" if sign else "black"


def _gap(gap: float, stage: str, row: pd.Series, labels: Labels) -> str:
    """Write a difference in its unit.

    Points of balances, percentage points of indicators that are shares; of a barrier how many name
    it, so that its sign needs no turning round.
    """
    words = labels.words
    if stage == "interviews":
        counts = {
            f"{name}_{side}": words.number(
                round(float(row[f"interviews_{side}"]) * float(row[f"interviews_n_{side}"]))
                if name == "k"
                else float(row[f"interviews_n_{side}"])
            )
            for side in ("first", "second")
            for name in ("k", "n")
        }
        return words(
            "barrier named by {k_first} of {n_first}\nagainst {k_second} of {n_second}", **counts
        )
    if stage != "desk":
        return f"{words.number(100 * gap, signed=True)} {words('percentage points')}"
    indicator = labels.study.indicators.indicator(str(row["desk_indicator"]))
    if indicator.role in ("support", "programme"):
        return f"{words.number(100 * gap, 2, signed=True)} {words('percentage points')}"
    return f"{words.number(gap, 2, signed=True)} {words(indicator.unit)}"
