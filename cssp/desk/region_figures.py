"""Figures that set many territories side by side.

Dots in order, Lorenz curves, ranks with their intervals.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from cssp.desk.figures import ZeroScale, short
from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import empty
from cssp.show.theme import MARKERS, PALETTE, styled, wrap


def region_dots(
    measures: pd.DataFrame, labels: Labels, xlabel: str = "", shares: bool = False
) -> Drawing:
    """Draw a measure of every region, a panel a level.

    On a logarithmic axis on which zero has a place of its own.

    Parameters
    ----------
    measures : `city, level, value`, a row a city and level; regions are sorted by the last level's
        value
    labels : the reader's words
    xlabel : label of the axis
    shares : values are shares of one, told in per cent; otherwise amounts
    """
    words = labels.words
    if measures.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    levels = list(dict.fromkeys(measures["level"]))
    wide = measures.pivot_table(
        index="city", columns="level", values="value", aggfunc="first"
    ).astype(float)
    wide = wide.sort_values(levels[::-1], ascending=True, na_position="first")
    positive = measures.loc[measures["value"] > 0, "value"].astype(float)
    axis = ZeroScale(positive)
    with styled():
        figure, axes = plt.subplots(
            1,
            len(levels),
            sharey=True,
            figsize=(2.9 + 2.5 * len(levels), 1.5 + 0.24 * len(wide)),
            squeeze=False,
        )
        for number, (panel, level) in enumerate(zip(axes[0], levels, strict=True)):
            x = wide[level].to_numpy()
            axis.plot(
                panel, x, np.arange(len(wide)), MARKERS[number % 6], color=PALETTE[number % 6]
            )
            axis.dress(panel, lambda v: _percent(v, labels) if shares else short(v, labels))
            panel.set_title(wrap(labels.level(level), 24))
            panel.set_ylim(-0.7, len(wide) - 0.3)
        axes[0][0].set_yticks(
            range(len(wide)), [wrap(labels.region(str(city)), 34) for city in wide.index]
        )
        years = (
            " – ".join(
                str(int(year)) for year in sorted({measures["year"].min(), measures["year"].max()})
            )
            if "year" in measures
            else ""
        )
        scale = words("logarithmic scale; the grey strip is zero")
        figure.supxlabel(", ".join(filter(None, [xlabel, years, scale])), fontsize=9)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Dots by region on a logarithmic scale, a panel for each level, sorted by the last "
            "panel; zero stands in a strip of its own."
        ),
    )


def _percent(share: float, labels: Labels) -> str:
    """Return a share in per cent with as many decimals as a power of ten needs."""
    return labels.words.percent(share, max(0, int(np.ceil(-np.log10(share) - 1e-9)) - 2))


def lorenz(curve: pd.DataFrame, labels: Labels, xlabel: str = "", ylabel: str = "") -> Drawing:
    """Draw Lorenz curves against the diagonal of equality.

    Parameters
    ----------
    curve : table from `lorenz_curve`, with a column that tells the curves apart
    labels : the reader's words
    xlabel, ylabel : labels of the axes
    """
    words = labels.words
    if curve.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    with styled():
        figure, panel = plt.subplots(figsize=(5.4, 4.9))
        panel.plot(
            [0, 1], [0, 1], color="#777777", linestyle="--", linewidth=1, label=words("equality")
        )
        for number, (name, part) in enumerate(curve.groupby("level", sort=False, observed=True)):
            few = len(part) <= 12
            panel.plot(
                part["share_of_weight"],
                part["share_of_value"],
                ("-", "-.", ":")[number % 3],
                color=PALETTE[number % 6],
                marker=MARKERS[number % 6] if few else None,
                markersize=4.5,
                label=labels.level(str(name)),
            )
        panel.set_xlim(0, 1)
        panel.set_ylim(0, 1)
        panel.set_aspect("equal")
        panel.set_xlabel(xlabel)
        panel.set_ylabel(ylabel)
        years = [str(int(year)) for year in dict.fromkeys(curve["year"])] if "year" in curve else []
        years += (
            [labels.basis(str(basis)) for basis in dict.fromkeys(curve["basis"]) if basis]
            if "basis" in curve
            else []
        )
        panel.set_title(", ".join(years), fontsize=9)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda v, _: words.percent(v)))
        figure.legend(loc="outside upper center", ncols=3)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Lorenz curves: the share of the money against the share of the residents, from those "
            "who get least to those who get most; the dashed diagonal is equality."
        ),
    )


def rank_intervals(index: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw each region's rank by the composite index.

    With the interval of the ranks it has over all ways of making the index.

    Parameters
    ----------
    index : table from `composite_index`
    labels : the reader's words
    """
    words = labels.words
    ranked = index[index["rank"].notna()] if "rank" in index else index
    if ranked.empty:
        return Drawing(
            empty(labels), words("There are too few regions or measures for a composite index.")
        )
    n = len(ranked)
    with styled():
        figure, panel = plt.subplots(figsize=(6.6, 1.3 + 0.27 * n))
        y = np.arange(n)
        panel.hlines(
            y,
            ranked["rank_low"].astype(float),
            ranked["rank_high"].astype(float),
            color=PALETTE[0],
            linewidth=3,
            alpha=0.45,
        )
        panel.plot(ranked["rank"].astype(float), y, "o", color=PALETTE[0], label=words("rank"))
        panel.plot(
            ranked["median_rank"].astype(float),
            y,
            "|",
            color="#222222",
            markersize=11,
            label=words("median of the ranks drawn"),
        )
        panel.set_yticks(y, [wrap(labels.region(str(city)), 34) for city in ranked["city"]])
        panel.set_ylim(n - 0.4, -0.6)
        panel.set_xlim(0.6, n + 0.4)
        step = max(1, n // 10)
        panel.set_xticks(range(1, n + 1, step))
        panel.set_xlabel(
            wrap(
                words("rank: 1 gives most; bars hold the middle 90% of the ranks over all choices"),
                52,
            )
        )
        figure.legend(loc="outside upper center", ncols=2)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Dots for the rank of each region, bars for the middle 90% of its ranks over all ways "
            "of making the index, a tick at their median."
        ),
    )
