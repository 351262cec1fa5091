"""Options and rankings: shares and places."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, dots, empty
from cssp.show.theme import POSITIVE, shades, styled, wrap


def option_dots(shares: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw shares of respondents who chose each option, cities by colour, most chosen first."""
    words = labels.words
    table = shares.copy()
    table["question"] = table["item"].map(labels.question_of)
    table["height"] = table.groupby("item", sort=False)["share"].transform("mean")
    place = {name: number for number, name in enumerate(dict.fromkeys(table["question"]))}
    table = table.sort_values(
        ["question", "height"],
        ascending=[True, False],
        kind="stable",
        key=lambda c: c.map(place) if c.name == "question" else c,
    )
    facet = labels.grouping(table)
    figure = dots(
        table[table["n"] > 0],
        labels,
        "share",
        Part("item", labels.item, header=labels.question_of),
        hue=Part("city", labels.city),
        facet=Part(facet, labels.group) if facet in table else None,
        axis=Axis(
            label=words("share of respondents with 95% interval"),
            limits=(-0.02, 1.02),
            step=0.25,
            tick=words.percent,
        ),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: the share of respondents who chose each option, by city; options "
            "chosen most stand first."
        ),
    )


def ranking_bars(summary: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the share of respondents who ranked each option.

    And within it the share who put it first.
    """
    words = labels.words
    if summary.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    order = list(
        summary.groupby("item", sort=False)["share"].mean().sort_values(ascending=False).index
    )
    cities = list(dict.fromkeys(summary["city"]))
    with styled():
        figure, axes = plt.subplots(
            1,
            len(cities),
            sharey=True,
            figsize=(3.2 + 2.6 * len(cities), 1.3 + 0.4 * len(order)),
            squeeze=False,
        )
        for panel, city in zip(axes[0], cities, strict=True):
            part = summary[summary["city"] == city].set_index("item").reindex(order)
            y = np.arange(len(order))
            panel.barh(
                y,
                part["share"],
                color=shades(2, POSITIVE)[0],
                label=words("among those ranked"),
                height=0.7,
            )
            panel.barh(
                y,
                part["first_places"],
                color=POSITIVE,
                label=words("in the first place"),
                height=0.7,
            )
            panel.hlines(y, part["ci_low"], part["ci_high"], color="#333333", linewidth=1)
            panel.set_title(labels.city(str(city)))
            panel.set_xlim(0, 1)
            panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value)))
            panel.set_ylim(len(order) - 0.5, -0.5)
            panel.grid(axis="y", visible=False)
        figure.supxlabel(words("share of respondents with 95% interval"), fontsize=9)
        figure.get_layout_engine().set(w_pad=0.12)
        axes[0][0].set_yticks(
            range(len(order)), [wrap(labels.item(str(name)), 30) for name in order]
        )
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=2)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Bars by city: the share of respondents who put each option among those ranked, darker "
            "the share who put it first, with the interval of the former."
        ),
    )
