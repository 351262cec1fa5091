"""Figures of the interviews."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import seaborn
from matplotlib.ticker import FuncFormatter

from cssp.interviews.agreement import NOTE_DOUBTED
from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, dots, empty
from cssp.show.theme import MARKERS, PALETTE, styled, wrap


def prevalence_dots(prevalence: pd.DataFrame, labels: Labels, most: int = 0) -> Drawing:
    """Draw the share of interviews that name each code, cities by colour.

    Codes named most first.

    Parameters
    ----------
    prevalence : table from `code_prevalence` by city
    labels : the reader's words
    most : only so many codes, those named most; 0: all
    """
    words = labels.words
    order = (
        prevalence.groupby("code", sort=False)["share"]
        .mean()
        .sort_values(ascending=False, kind="stable")
        .index
    )
    if most:
        order = order[:most]
        prevalence = prevalence[prevalence["code"].isin(order)]
    table = prevalence.assign(code=pd.Categorical(prevalence["code"], order)).sort_values(
        "code", kind="stable"
    )
    table["code"] = table["code"].astype(str)
    doubted = (
        set(table.loc[table["note"].str.contains(NOTE_DOUBTED), "code"])
        if "note" in table
        else set()
    )
    text = words("share of interviews with 95% interval")
    if doubted:
        text += "; " + words("* the coders agree too little on this code (alpha below .667)")
    figure = dots(
        table,
        labels,
        "share",
        Part("code", lambda code: labels.code(code) + (" *" if code in doubted else "")),
        hue=Part("city", labels.city),
        axis=Axis(label=text, limits=(-0.02, 1.02), step=0.25, tick=words.percent),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: the share of interviews that name each code, by city; codes "
            "named most stand first."
        ),
    )


def agreement_dots(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw alpha of each code with its bootstrap interval and the two customary minima."""
    words = labels.words
    tops = labels.study.codes.top_of()
    own = table[table["alpha"].notna() & (table["code"] != table["group"])]
    figure = dots(
        own,
        labels,
        "alpha",
        Part("code", labels.code, header=lambda code: labels.code(tops.get(code, code))),
        axis=Axis(
            label=words("Krippendorff's alpha with 95% bootstrap interval; lines at .667 and .800"),
            limits=(-0.4, 1.05),
            tick=lambda value: words.number(value, 1),
        ),
    )
    for bound, style in ((0.667, ":"), (0.8, "--")):
        figure.axes[0].axvline(bound, color=PALETTE[1], linestyle=style, linewidth=1.1, zorder=1)
    return Drawing(
        figure,
        words(
            "Dots with intervals: the agreement of the coders on each code; lines mark the "
            "customary minima .667 and .800."
        ),
    )


def new_code_steps(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the codes named so far after each interview, cities by colour."""
    words = labels.words
    if table.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    with styled():
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
            panel.axhline(
                int(table["codes_in_system"].iloc[0]), color="#777777", linestyle=":", linewidth=1
            )
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
            "Steps: how many different codes have been named after each interview, by city; a "
            "dotted line marks all codes of the system."
        ),
    )


def unit_dots(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the overall alpha at each unit, of all units and of those that somebody marked."""
    words = labels.words
    own = table[(table["code"] == "overall") & table["alpha"].notna()]
    figure = dots(
        own,
        labels,
        "alpha",
        Part("by", labels.word),
        hue=Part("base", labels.word),
        axis=Axis(
            label=words("Krippendorff's alpha with 95% bootstrap interval; lines at .667 and .800"),
            limits=(-0.1, 1.05),
            tick=lambda value: words.number(value, 1),
        ),
    )
    for bound, style in ((0.667, ":"), (0.8, "--")):
        for panel in figure.axes if len(own) else ():
            panel.axvline(bound, color=PALETTE[1], linestyle=style, linewidth=1.1, zorder=1)
    return Drawing(
        figure,
        words(
            "Dots with intervals: the overall agreement at each unit, over all units and over "
            "those that somebody marked."
        ),
    )


def code_heat(prevalence: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw which code is named in how many interviews of which city.

    A field a code and city, its count written in it.
    """
    words = labels.words
    if prevalence.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    tops = labels.study.codes.top_of()
    wide = prevalence.pivot(index="code", columns="city", values="share").reindex(
        dict.fromkeys(prevalence["code"])
    )
    wide = wide[list(dict.fromkeys(prevalence["city"]))]
    cells = prevalence.assign(
        told=[f"{k}/{n}" for k, n in zip(prevalence["named"], prevalence["n"], strict=True)]
    )
    counts = cells.pivot(index="code", columns="city", values="told").reindex(
        index=wide.index, columns=wide.columns
    )
    with styled():
        figure, panel = plt.subplots(figsize=(4.6 + 1.1 * wide.shape[1], 1.6 + 0.27 * len(wide)))
        most = max(
            0.5, float(wide.max(axis=None))
        )  # half of the interviews, unless a code is named by more
        label = labels.city
        seaborn.heatmap(
            wide.astype(float),
            ax=panel,
            cmap="Blues",
            vmin=0,
            vmax=most,
            annot=counts,
            fmt="",
            annot_kws={"fontsize": 8},
            cbar_kws={
                "shrink": min(1.0, 6 / len(wide) + 0.2),
                "label": words("share of interviews"),
            },
            xticklabels=[wrap(label(str(name)), 16) for name in wide.columns],
            yticklabels=[wrap(labels.code(str(code))) for code in wide.index],
        )
        blocks = [tops[str(code)] for code in wide.index]
        for row in range(1, len(blocks)):
            if blocks[row] != blocks[row - 1]:
                panel.axhline(row, color="#777777", linewidth=0.8)
        panel.set(xlabel="", ylabel="")
        panel.tick_params(length=0, labeltop=True, labelbottom=False, labelrotation=0)
        bar = panel.collections[0].colorbar
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value)))
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Cells: the share of interviews that name each code, by city, darker for more; the "
            "count of interviews stands in each."
        ),
    )


def code_network(
    table: pd.DataFrame, labels: Labels, least: int = 3, seed: int = 20240101
) -> Drawing:
    """Draw codes that meet as a network.

    A line for each pair that meets `least` times or more, wider for more; placed alike every time.

    Parameters
    ----------
    table : from `co_occurrence`
    labels : the reader's words
    least : pairs that meet less often are not drawn
    seed : of the layout
    """
    words = labels.words
    own = table[table["together"] >= max(least, 1)]
    if own.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    import networkx as nx  # only here: the other figures need no graph

    graph = nx.Graph()
    size = {
        **dict(zip(table["with_code"], table["n_with"], strict=True)),
        **dict(zip(table["code"], table["n_code"], strict=True)),
    }
    graph.add_nodes_from(sorted({*own["code"], *own["with_code"]}))
    graph.add_weighted_edges_from(
        zip(own["code"], own["with_code"], own["together"].astype(float), strict=True)
    )
    place = nx.spring_layout(graph, seed=seed, k=1.6 / len(graph) ** 0.5, iterations=200)
    tops = labels.study.codes.top_of()
    blocks = list(dict.fromkeys(tops.values()))
    colours = [*PALETTE, "#444444"]  # a code system has more groups than the palette colours
    with styled():
        figure, panel = plt.subplots(figsize=(7.6, 6.4))
        most = float(own["together"].max())
        for a, b, data in graph.edges(data=True):
            panel.plot(
                *zip(place[a], place[b], strict=True),
                color="#8C8C8C",
                linewidth=0.6 + 3.4 * data["weight"] / most,
                alpha=0.6,
                zorder=1,
            )
        for number, block in enumerate(blocks):
            nodes = [node for node in graph if tops[node] == block]
            if nodes:
                panel.scatter(
                    *zip(*(place[node] for node in nodes), strict=True),
                    s=[28 + 14 * size[node] for node in nodes],
                    color=colours[number % 7],
                    marker=MARKERS[(number + number // 6) % 6],
                    zorder=2,
                    edgecolor="white",
                    label=wrap(labels.code(block), 30),
                )
        for node in graph:
            panel.annotate(
                wrap(labels.code(node), 20),
                place[node],
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize=7.5,
                zorder=3,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
            )
        panel.axis("off")
        panel.margins(0.12)
        figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "A network: codes that meet at least {least} times are joined, by a wider line for "
            "more; colour and sign show the group, size how often a code is named.",
            least=words.number(least),
        ),
    )


def rarefaction_lines(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw how many codes are to be expected after so many interviews in any order.

    With the range of random orders, beside the order held.
    """
    words = labels.words
    if table.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    cities = list(dict.fromkeys(table["city"]))
    with styled():
        figure, axes = plt.subplots(
            1, len(cities), sharey=True, figsize=(2.6 + 2.5 * len(cities), 3.6), squeeze=False
        )
        for panel, city in zip(axes[0], cities, strict=True):
            part = table[table["city"] == city]
            panel.fill_between(
                part["interviews"],
                part["codes_low"],
                part["codes_high"],
                color=PALETTE[0],
                alpha=0.18,
                linewidth=0,
                label=words("95% of random orders"),
            )
            panel.plot(
                part["interviews"],
                part["expected"],
                color=PALETTE[0],
                label=words("mean over all orders"),
            )
            panel.plot(
                part["interviews"],
                part["codes_in_order"],
                MARKERS[0],
                color="#333333",
                markersize=3.5,
                label=words("in the order held"),
            )
            panel.axhline(
                int(part["codes_in_system"].iloc[0]),
                color="#777777",
                linestyle=":",
                linewidth=1,
                label=words("codes in the system"),
            )
            panel.set_title(wrap(labels.city(str(city)), 24))
            panel.set_ylim(0, 1.06 * table["codes_in_system"].max())
            panel.xaxis.get_major_locator().set_params(integer=True)
        axes[0][0].set_ylabel(words("codes named"))
        figure.supxlabel(words("interviews"), fontsize=9)
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=2)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Lines: how many codes so many interviews name on average over all orders, with the "
            "range of 95% of random orders; points: in the order held; a dotted line: all codes of "
            "the system."
        ),
    )
