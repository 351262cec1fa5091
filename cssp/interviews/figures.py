"""Figures of the interviews."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd

from cssp.show.labels import Labels
from cssp.show.plots import dots, empty
from cssp.show.theme import MARKERS, PALETTE, STYLE
from cssp.show.view import Drawing


def prevalence_dots(prevalence: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the share of interviews that name each code, cities by colour, codes named most first."""
    words = labels.words
    order = (
        prevalence.groupby("code", sort=False)["share"]
        .mean()
        .sort_values(ascending=False, kind="stable")
        .index
    )
    table = prevalence.assign(code=pd.Categorical(prevalence["code"], order)).sort_values(
        "code", kind="stable"
    )
    table["code"] = table["code"].astype(str)
    figure = dots(
        table, labels, row="code", estimate="share", row_label=labels.code, hue="city", hue_label=labels.city,
        xlabel=words("share of interviews with 95% interval"), limits=(-0.02, 1.02), tick=words.percent, step=0.25,
    )  # fmt: skip
    return Drawing(
        figure,
        words(
            "Dots with intervals: the share of interviews that name each code, by city; codes named most stand first."
        ),
    )


def agreement_dots(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw alpha of each code with its bootstrap interval and the two customary minima."""
    words = labels.words
    tops = labels.study.codes.top_of()
    own = table[table["alpha"].notna() & (table["code"] != table["group"])]
    figure = dots(
        own, labels, row="code", estimate="alpha", row_label=labels.code,
        xlabel=words("Krippendorff's alpha with 95% bootstrap interval; lines at .667 and .800"), limits=(-0.4, 1.05), header=lambda code: labels.code(tops.get(code, code)),
        tick=lambda value: words.number(value, 1),
    )  # fmt: skip
    for bound, style in ((0.667, ":"), (0.8, "--")):
        figure.axes[0].axvline(bound, color=PALETTE[1], linestyle=style, linewidth=1.1, zorder=1)
    return Drawing(
        figure,
        words(
            "Dots with intervals: the agreement of the coders on each code; lines mark the customary minima .667 and .800."
        ),
    )


def new_code_steps(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the codes named so far after each interview, cities by colour."""
    words = labels.words
    if table.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    with plt.rc_context(STYLE):
        figure, panel = plt.subplots(figsize=(7.2, 3.5))
        for place, (city, part) in enumerate(table.groupby("city", sort=False)):
            panel.step(part["order"], part["cumulative"], where="post", color=PALETTE[place % 6])
            panel.plot(
                part["order"],
                part["cumulative"],
                MARKERS[place % 6],
                color=PALETTE[place % 6],
                label=labels.city(str(city)),
                markersize=5,
            )
        if len(table):
            panel.axhline(int(table["codes_in_system"].iloc[0]), color="#777777", linestyle=":", linewidth=1)
            panel.annotate(
                words("codes in the system"),
                (1, int(table["codes_in_system"].iloc[0])),
                xytext=(0, -11),
                textcoords="offset points",
                fontsize=8,
            )
        panel.set_ylim(bottom=0)
        panel.set_xlabel(words("interviews in the order held"))
        panel.set_ylabel(words("codes named so far"))
        panel.xaxis.get_major_locator().set_params(integer=True)
        figure.legend(loc="outside upper center", ncols=3)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Steps: how many different codes have been named after each interview, by city; a dotted line marks all codes of the system."
        ),
    )
