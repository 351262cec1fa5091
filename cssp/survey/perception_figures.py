"""Who rates whom: tiles, gaps and the sector profile."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, dots, empty
from cssp.show.theme import NEGATIVE, POSITIVE, styled, wrap
from cssp.show.words import Words


def perception_tiles(matrix: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw who rates whom as tiles: raters down, the rated across, a panel a city.

    Blue positive, orange negative.
    """
    words = labels.words
    own = matrix[matrix["n"] > 0]
    if own.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    cities = list(dict.fromkeys(matrix["city"]))
    raters, rated = list(dict.fromkeys(matrix["rater"])), list(dict.fromkeys(matrix["rated"]))
    colours = LinearSegmentedColormap.from_list("balance", [NEGATIVE, "#FFFFFF", POSITIVE])
    with styled(axes__grid=False):
        figure, axes = plt.subplots(
            1,
            len(cities),
            sharey=True,
            squeeze=False,
            figsize=(2.2 + 1.25 * len(rated) * len(cities), 1.7 + 0.95 * len(raters)),
        )
        for panel, city in zip(axes[0], cities, strict=True):
            cell = matrix[matrix["city"] == city].set_index(["rater", "rated"])
            for y, one in enumerate(raters):
                for x, other in enumerate(rated):
                    _tile(panel, x, y, cell.loc[(one, other)], colours, words)
            panel.set_xlim(-0.5, len(rated) - 0.5)
            panel.set_ylim(len(raters) - 0.5, -0.5)
            panel.set_xticks(range(len(rated)), [wrap(labels.sector(name), 12) for name in rated])
            panel.set_yticks(range(len(raters)), [labels.sector(name) for name in raters])
            panel.tick_params(length=0)
            panel.set_title(labels.city(str(city)))
            for side in panel.spines.values():
                side.set_visible(False)
        axes[0][0].set_ylabel(words("who rates"))
        figure.supxlabel(
            words(
                "who is rated (balance, points; in brackets the 95% interval; a frame marks the "
                "own image)"
            ),
            fontsize=9,
        )
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Tiles: the balance with which each sector (down) rates each sector (across), a panel "
            "for each city; blue is positive, orange negative, a frame marks how a sector rates "
            "itself."
        ),
    )


def _tile(
    panel: Axes, x: int, y: int, row: pd.Series, colours: LinearSegmentedColormap, words: Words
) -> None:
    value = row["estimate"]
    known = pd.notna(value)
    face = colours((value + 1) / 2) if known else "#F2F2F2"
    panel.add_patch(
        Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, facecolor=face, edgecolor="#FFFFFF")
    )
    if row["own"]:
        panel.add_patch(
            Rectangle(
                (x - 0.45, y - 0.45), 0.9, 0.9, fill=False, edgecolor="#333333", linewidth=1.5
            )
        )
    ink = "#FFFFFF" if known and abs(value) > 0.6 else "#222222"
    if not known:
        panel.text(
            x,
            y,
            words("not shown") if str(row["note"]).startswith("suppressed") else "—",
            ha="center",
            va="center",
            fontsize=8,
            color="#777777",
        )
        return
    panel.text(
        x,
        y - 0.12,
        words.points(value),
        ha="center",
        va="center",
        fontsize=12,
        color=ink,
        fontweight="bold",
    )
    text = (
        f"({words.points(row['ci_low'])}; {words.points(row['ci_high'])})"
        if pd.notna(row["ci_low"])
        else ""
    )
    panel.text(
        x,
        y + 0.16,
        f"{text}\nn = {words.number(row['n'])}",
        ha="center",
        va="center",
        fontsize=7,
        color=ink,
    )


def perception_gap_dots(gaps: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw reciprocity and self-image gaps as dots with intervals, cities by colour."""
    words = labels.words
    table = gaps.copy()
    table["row"] = [
        f"{one}\x00{a}\x00{b}"
        for one, a, b in zip(table["comparison"], table["sector"], table["other"], strict=True)
    ]

    def name(key: str) -> str:
        kind, a, b = key.split("\x00")
        if kind == "self_image":
            return words("{a}: others' rating minus its own image", a=labels.sector(a))
        return words("{a} → {b} minus {b} → {a}", a=labels.sector(a), b=labels.sector(b))

    figure = dots(
        table,
        labels,
        "gap",
        Part(
            "row",
            name,
            header=lambda key: (
                words("Do they answer in kind?")
                if key.startswith("reciprocity")
                else words("How others see them, and they themselves")
            ),
        ),
        hue=Part("city", labels.city),
        axis=Axis(
            label=words("difference of balances, points, with 95% interval"),
            limits=(-1.05, 1.05),
            zero=True,
            step=0.5,
            tick=words.points,
        ),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: for each pair of sectors, the one's rating of the other minus "
            "the other's of the one; and for each sector, the others' rating minus its own image."
        ),
    )


def profile_dots(profile: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the sector profile: sectors down, cities by colour, a panel a block."""
    words = labels.words
    figure = dots(
        profile[profile["n"] > 0],
        labels,
        "index",
        Part("sector", labels.sector),
        hue=Part("city", labels.city),
        facet=Part("block", labels.block),
        axis=Axis(
            label=words(
                "index from 0 (all at the lowest answer) to 1 (all at the highest), with 95% "
                "interval"
            ),
            limits=(-0.02, 1.02),
            step=0.25,
            tick=lambda value: words.number(value, 2),
        ),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: each sector's index of each block of items, by city; the nearer "
            "the sectors of a city lie to each other, the more cohesive it is."
        ),
    )
