"""Figures of the survey: each takes a table of the stage and gives a drawing with its alternative text."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from cssp.codebook import AnswerScale
from cssp.show.labels import Labels
from cssp.show.plots import dots, empty
from cssp.show.theme import NEGATIVE, NEUTRAL, POSITIVE, SPECIAL, STYLE, shades, wrap
from cssp.show.view import Drawing


def answer_bars(shares: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the answers to ordinal items as bars around the middle answer, 'hard to say' and refusals set apart.

    Parameters
    ----------
    shares : table from `distribution` by city and sector; the base is all answers given
    labels : the reader's words
    """
    words = labels.words
    book = labels.study.questionnaire
    if shares.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    items = list(dict.fromkeys(shares["item"]))
    scales = {item: scale for item in items if (scale := book.scale_of(book.item(item))) is not None}
    sectors = list(dict.fromkeys(shares["sector"]))
    cities = list(dict.fromkeys(shares["city"]))
    with plt.rc_context(STYLE):
        height = 1.6 + 0.27 * len(items) * len(cities) + 0.12 * len(items)
        figure, axes = plt.subplots(
            1,
            len(sectors),
            sharey=True,
            sharex=True,
            figsize=(3.6 + 2.5 * len(sectors), height),
            squeeze=False,
        )
        for panel, sector in zip(axes[0], sectors, strict=True):
            ticks, names = [], []
            for number, item in enumerate(items):
                for place, city in enumerate(cities):
                    y = number * (len(cities) + 0.6) + place
                    rows = shares[
                        (shares["item"] == item) & (shares["sector"] == sector) & (shares["city"] == city)
                    ]
                    part = rows.set_index("answer")["share_all"]
                    ticks.append(y)
                    names.append(f"{wrap(labels.item(item), 30) if place == 0 else ''}   {labels.city(city)}")
                    if len(part) and part.notna().all():
                        _bar(panel, y, part, scales[item])
            panel.set_yticks(ticks, names, fontsize=8)
            panel.set_ylim(max(ticks) + 0.7, -0.7)
            panel.axvline(0, color="#555555", linewidth=0.9)
            panel.axvline(1.06, color="#AAAAAA", linewidth=0.8, linestyle=":")
            panel.set_title(labels.sector(str(sector)))
            panel.grid(axis="y", visible=False)
            panel.set_xlim(-1, 1.5)
            panel.set_xticks([-1, -0.5, 0, 0.5, 1])
            panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(abs(value))))
            panel.tick_params(axis="x", labelsize=7.5)
        figure.supxlabel(words("share of all answers"), fontsize=9)
        handles = _legend(scales, labels)
        figure.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=8)
    plt.close(figure)
    alt = words(
        "Stacked bars, one for each item and city, panels by sector; negative answers to the left of zero, positive ones to the right, 'hard to say' set apart on the right."
    )
    return Drawing(figure, alt)


def _legend(scales: dict[str, AnswerScale], labels: Labels) -> list[Patch]:
    """Name the answers where all items share a scale; otherwise only the sides, on which the darker answer is the stronger."""
    words = labels.words
    first, scale = next(iter(scales.items()))
    if all(other is scale for other in scales.values()):
        colours = _colours(scale)
        handles = [Patch(color=colours[a.code], label=labels.answer(first, a.code)) for a in scale.answers]
    else:
        sides = ((NEGATIVE, "negative"), (NEUTRAL, "neutral"), (POSITIVE, "positive"))
        handles = [Patch(color=colour, label=words(name)) for colour, name in sides]
    return [*handles, Patch(color=SPECIAL, label=words("hard to say, refused (set apart)"))]


def _colours(scale: AnswerScale) -> dict[int, str]:
    found: dict[int, str] = {}
    for valence, colour in (("negative", NEGATIVE), ("positive", POSITIVE), ("neutral", NEUTRAL)):
        codes = [answer.code for answer in scale.answers if answer.valence == valence]
        tones = shades(len(codes), colour)
        # the answer farthest from the middle is the darkest
        found.update(zip(codes, reversed(tones) if valence == "negative" else tones, strict=True))
    return found


def _bar(panel: Axes, y: float, part: pd.Series, scale: AnswerScale) -> None:
    colours = _colours(scale)
    special = [entry.code for entry in scale.special if entry.means != "not_asked"]
    left = [a for a in scale.answers if a.valence == "negative"]
    middle = [a for a in scale.answers if a.valence == "neutral"]
    start = -sum(part.get(a.code, 0) for a in left) - sum(part.get(a.code, 0) for a in middle) / 2
    for answer in (*left, *middle, *(a for a in scale.answers if a.valence == "positive")):
        width = part.get(answer.code, 0)
        panel.barh(y, width, left=start, color=colours[answer.code], height=0.82)
        start += width
    panel.barh(y, sum(part.get(code, 0) for code in special), left=1.1, color=SPECIAL, height=0.82)


def balance_dots(balances: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw balances as dots with intervals: items down, cities by colour, panels by sector."""
    words = labels.words
    figure = dots(
        balances[balances["n"] > 0], labels, row="item", estimate="balance", row_label=labels.item, hue="city", hue_label=labels.city,
        facet="sector", facet_label=labels.sector, xlabel=words("balance of positive over negative answers, points, with 95% interval"),
        limits=(-1.05, 1.05), zero_line=True, tick=words.points, step=0.5, header=labels.section_of,
    )  # fmt: skip
    return Drawing(
        figure,
        words(
            "Dots with intervals: the balance of each item in each city, panels by sector; zero means as many positive as negative answers."
        ),
    )


def effect_forest(pairs: pd.DataFrame, labels: Labels, facet: str = "sector") -> Drawing:
    """Draw rank-biserial correlations of pairs of groups as a forest: items down, pairs by colour, panels by stratum."""
    words = labels.words
    table = pairs[pairs["rank_biserial"].notna()].copy()
    table["pair"] = [f"{a}\x00{b}" for a, b in zip(table["group_a"], table["group_b"], strict=True)]

    def pair(name: str) -> str:
        a, b = name.split("\x00")
        return words("{a} against {b}", a=labels.group(a), b=labels.group(b))

    label = {"sector": labels.sector, "city": labels.city}.get(facet, str)
    figure = dots(
        table, labels, row="item", estimate="rank_biserial", row_label=labels.item, hue="pair", hue_label=pair, facet=facet, facet_label=label,
        xlabel=words("rank-biserial correlation with 95% interval; right of zero: the first of the pair answers higher"),
        limits=(-1.05, 1.05), zero_line=True, tick=lambda value: words.number(value, 1), step=0.5, header=labels.section_of,
    )  # fmt: skip
    return Drawing(
        figure,
        words(
            "Dots with intervals: how much the answers of the first group lie above those of the second, item by item; an interval that crosses zero leaves the direction open."
        ),
    )


def option_dots(shares: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw shares of respondents who chose each option, cities by colour, most chosen first."""
    words = labels.words
    table = shares.copy()
    table["question"] = table["item"].map(labels.question_of)
    table["height"] = table.groupby("item", sort=False)["share"].transform("mean")
    place = {name: number for number, name in enumerate(dict.fromkeys(table["question"]))}
    table = table.sort_values(["question", "height"], ascending=[True, False], kind="stable",
                              key=lambda c: c.map(place) if c.name == "question" else c)  # fmt: skip
    facet = "sector" if "sector" in table else None
    figure = dots(
        table[table["n"] > 0], labels, row="item", estimate="share", row_label=labels.item, hue="city", hue_label=labels.city, facet=facet,
        facet_label=labels.sector, xlabel=words("share of respondents with 95% interval"), limits=(-0.02, 1.02), tick=words.percent, step=0.25, header=labels.question_of,
    )  # fmt: skip
    return Drawing(
        figure,
        words(
            "Dots with intervals: the share of respondents who chose each option, by city; options chosen most stand first."
        ),
    )


def ranking_bars(summary: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the share of respondents who ranked each option, and within it the share who put it first."""
    words = labels.words
    if summary.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    order = list(summary.groupby("item", sort=False)["share"].mean().sort_values(ascending=False).index)
    cities = list(dict.fromkeys(summary["city"]))
    with plt.rc_context(STYLE):
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
        axes[0][0].set_yticks(range(len(order)), [wrap(labels.item(str(name)), 30) for name in order])
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper center", ncols=2)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Bars by city: the share of respondents who put each option among those ranked, darker the share who put it first, with the interval of the former."
        ),
    )
