"""Figures of the survey.

Each takes a table of the stage and gives a drawing with its alternative text.
"""

from __future__ import annotations

from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, bars, dots, empty, most_different
from cssp.show.theme import (
    MARKERS,
    NEGATIVE,
    NEUTRAL,
    PALETTE,
    POSITIVE,
    SPECIAL,
    shades,
    styled,
    wrap,
)
from cssp.show.words import Words
from cssp.study.questionnaire import AnswerScale


def answer_bars(
    shares: pd.DataFrame, labels: Labels, form: Literal["stacked", "diverging"] = "stacked"
) -> Drawing:
    """Draw the answers to ordinal items as bars, 'hard to say' and refusals set apart.

    Parameters
    ----------
    shares : table from `distribution` by city and sector; the base is all answers given
    labels : the reader's words
    form : bars of 100 %, from the lowest answer to the highest; or bars around the middle answer
    """
    diverging = form == "diverging"
    words = labels.words
    book = labels.study.questionnaire
    if shares.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    items = list(dict.fromkeys(shares["item"]))
    scales = {
        item: scale for item in items if (scale := book.scale_of(book.item(item))) is not None
    }
    group = labels.grouping(shares)
    groups = list(dict.fromkeys(shares[group]))
    cities = list(dict.fromkeys(shares["city"]))
    with styled():
        height = 1.6 + 0.27 * len(items) * len(cities) + 0.12 * len(items)
        figure, axes = plt.subplots(
            1, len(groups), sharex=True, figsize=(3.6 + 2.5 * len(groups), height), squeeze=False
        )
        for panel, name in zip(axes[0], groups, strict=True):
            ticks, names, stacks = [], [], []
            for number, item in enumerate(items):
                for place, city in enumerate(cities):
                    y = number * (len(cities) + 0.6) + place
                    rows = shares[
                        (shares["item"] == item)
                        & (shares[group] == name)
                        & (shares["city"] == city)
                    ]
                    part = rows.set_index("answer")["share_all"]
                    ticks.append(y)
                    names.append(
                        f"{wrap(labels.item(item), 30) if place == 0 else ''}   {labels.city(city)}"
                    )
                    if len(part) and part.notna().all():
                        stacks += _stack(y, part, scales[item], diverging)
            for apart in (False, True):
                own = [bar for bar in stacks if (bar[3] == SPECIAL) == apart]
                if own:
                    y_all, left, width = (
                        np.array(values, dtype=float) for values in list(zip(*own, strict=True))[:3]
                    )
                    bars(
                        panel,
                        y_all,
                        left,
                        width,
                        0.82,
                        [colour for *_, colour in own],
                        hatch="////" if apart else "",
                    )
                    if not apart:
                        _numbers_on(panel, own, words)
            panel.set_yticks([])  # all panels have one height: the first carries the names
            if panel is axes[0][0]:
                panel.set_yticks(ticks, names, fontsize=8)
            panel.set_ylim(max(ticks) + 0.7, -0.7)
            if diverging:
                panel.axvline(0, color="#555555", linewidth=0.9)
                panel.axvline(1.06, color="#AAAAAA", linewidth=0.8, linestyle=":")
            panel.set_title(labels.group(str(name)))
            panel.grid(axis="y", visible=False)
            panel.set_xlim(*((-1, 1.5) if diverging else (0, 1.02)))
            panel.set_xticks([-1, -0.5, 0, 0.5, 1] if diverging else [0, 0.5, 1])
            panel.xaxis.set_major_formatter(
                FuncFormatter(lambda value, _: words.percent(abs(value)))
            )
            panel.tick_params(axis="x", labelsize=7.5)
        figure.supxlabel(words("share of all answers"), fontsize=9)
        handles = _legend(scales, labels)
        across = _side_by_side(handles, figure.get_figwidth())
        figure.legend(
            handles=_line_by_line(handles, across), loc="outside upper center", ncols=across,
            fontsize=8,
        )  # fmt: skip
    plt.close(figure)
    alt = (
        words(
            "Stacked bars, one for each item and city, panels by group; negative answers to the "
            "left of zero, positive ones to the right, 'hard to say' set apart on the right."
        )
        if diverging
        else words(
            "Bars of all answers, one for each item and city, panels by group, from the lowest "
            "answer on the left to the highest; 'hard to say' set apart at the right end."
        )
    )
    return Drawing(figure, alt)


def _numbers_on(panel: Axes, stacks: list[tuple[float, float, float, str]], words: Words) -> None:
    """Write the per cent on each bar that has room for it."""
    for y, left, width, colour in stacks:
        if width >= 0.1:
            dark = sum(to_rgb(colour)) < 1.6
            panel.text(
                left + width / 2, y, words.number(100 * width, 0), ha="center", va="center",
                fontsize=6.5, color="white" if dark else "#222222",
            )  # fmt: skip


def _side_by_side(handles: list[Patch], width: float) -> int:
    """Return how many entries of a legend stand in a line of the figure."""
    longest = max(0.45 + 0.075 * len(str(one.get_label())) for one in handles)
    return max(1, min(len(handles), int(width / longest)))


def _line_by_line(handles: list[Patch], across: int) -> list[Patch]:
    """Return the entries so that a legend, which fills its columns, reads line by line."""
    lines = -(-len(handles) // across)
    if lines == 1 or len(handles) % across == 0:
        return [handles[at] for first in range(across) for at in range(first, len(handles), across)]
    return handles


def _legend(scales: dict[str, AnswerScale], labels: Labels) -> list[Patch]:
    """Name the answers where all items share a scale.

    Otherwise only the sides, on which the darker answer is the stronger.
    """
    words = labels.words
    first, scale = next(iter(scales.items()))
    if all(other is scale for other in scales.values()):
        colours = _colours(scale)
        handles = [
            Patch(color=colours[a.code], label=labels.answer(first, a.code)) for a in scale.answers
        ]
    else:
        sides = ((NEGATIVE, "negative"), (NEUTRAL, "neutral"), (POSITIVE, "positive"))
        handles = [Patch(color=colour, label=words(name)) for colour, name in sides]
    return [
        *handles,
        Patch(
            facecolor=SPECIAL,
            edgecolor="white",
            hatch="////",
            linewidth=0,
            label=words("hard to say, refused (set apart)"),
        ),
    ]


def _colours(scale: AnswerScale) -> dict[int, str]:
    found: dict[int, str] = {}
    for valence, colour in (("negative", NEGATIVE), ("positive", POSITIVE), ("neutral", NEUTRAL)):
        codes = [answer.code for answer in scale.answers if answer.valence == valence]
        tones = shades(len(codes), colour)
        # the answer farthest from the middle is the darkest
        found.update(zip(codes, reversed(tones) if valence == "negative" else tones, strict=True))
    return found


def _stack(
    y: float, part: pd.Series, scale: AnswerScale, diverging: bool
) -> list[tuple[float, float, float, str]]:
    """Return the bars of one item and city: place, left end, width, colour."""
    colours = _colours(scale)
    special = [entry.code for entry in scale.special if entry.means != "not_asked"]
    left = [a for a in scale.answers if a.valence == "negative"]
    middle = [a for a in scale.answers if a.valence == "neutral"]
    start = -sum(part.get(a.code, 0) for a in left) - sum(part.get(a.code, 0) for a in middle) / 2
    start = start if diverging else 0.0
    found = []
    for answer in (*left, *middle, *(a for a in scale.answers if a.valence == "positive")):
        width = part.get(answer.code, 0)
        found.append((y, start, width, colours[answer.code]))
        start += width
    apart = sum(part.get(code, 0) for code in special)
    return [*found, (y, 1.1 if diverging else 1.01 - apart, apart, SPECIAL)]


def balance_dots(balances: pd.DataFrame, labels: Labels, most: int = 0) -> Drawing:
    """Draw balances as dots with intervals: items down, cities by colour, panels by group.

    Parameters
    ----------
    balances : table from `net_balance` by city and sector
    labels : the reader's words
    most : only so many items, those whose balances lie farthest apart; 0: all
    """
    words = labels.words
    own = balances[balances["n"] > 0]
    by = ["item", labels.grouping(own)]
    apart = own.groupby(by, sort=False)["balance"].transform(lambda one: one.max() - one.min())
    figure = dots(
        most_different(own, "item", apart.astype(float), most),
        labels,
        "balance",
        Part("item", labels.item, header=labels.section_of),
        hue=Part("city", labels.city),
        facet=Part(labels.grouping(balances), labels.group),
        axis=Axis(
            label=words("balance of positive over negative answers, points, with 95% interval"),
            limits=(-1.05, 1.05),
            zero=True,
            step=0.5,
            tick=words.points,
        ),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: the balance of each item in each city, panels by group; zero "
            "means as many positive as negative answers."
        ),
    )


def _pairs(table: pd.DataFrame) -> list[str]:
    """Join the two groups of each row into one key."""
    return [f"{a}\x00{b}" for a, b in zip(table["group_a"], table["group_b"], strict=True)]


def _pair(key: str, labels: Labels) -> str:
    a, b = key.split("\x00")
    return labels.words("{a} against {b}", a=labels.group(a), b=labels.group(b))


def effect_forest(pairs: pd.DataFrame, labels: Labels, most: int = 0) -> Drawing:
    """Draw rank-biserial correlations of pairs of groups as a forest.

    Items down, pairs by colour, panels by stratum.

    The grey bar behind a dot reaches as far as an effect may lie without being found at this size
    (`detectable`).

    Parameters
    ----------
    pairs : table from `compare_groups`
    labels : the reader's words
    most : only so many items, those with the largest correlations; 0: all
    """
    words = labels.words
    table = pairs[pairs["rank_biserial"].notna()].copy()
    table = most_different(table, "item", table["rank_biserial"].abs().astype(float), most).copy()
    table["pair"] = _pairs(table)
    facet = "city" if "city" in table else labels.grouping(table)

    figure = dots(
        table,
        labels,
        "rank_biserial",
        Part("item", labels.item, header=labels.section_of),
        hue=Part("pair", lambda name: _pair(name, labels)),
        facet=Part(facet, labels.group) if facet in table else None,
        axis=Axis(
            label=words(
                "rank-biserial correlation with 95% interval; right of zero: answers are higher in "
                "the first group; grey: true effects found with a chance under 80%"
            ),
            limits=(-1.05, 1.05),
            zero=True,
            step=0.5,
            tick=lambda value: words.number(value, 1),
            ends=_ends(table, labels),
        ),
        band="detectable" if "detectable" in table else None,
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: how much the answers of the first group lie above those of the "
            "second, item by item; an interval that crosses zero leaves the direction open. Grey "
            "bars: true effects that groups of this size find with a chance under 80% (before "
            "correction)."
        ),
    )


def _ends(pairs: pd.DataFrame, labels: Labels) -> tuple[str, str] | None:
    """Return who answers higher at the ends of an axis of differences, where it is one pair."""
    if pairs["pair"].nunique() != 1:
        return None
    first, second = str(pairs["pair"].iloc[0]).split("\x00")
    higher = [labels.words("{city} higher", city=labels.group(name)) for name in (second, first)]
    return f"← {higher[0]}", f"{higher[1]} →"


def adjusted_dots(adjusted: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the raw difference of balances beside the one with the mix of strata held equal.

    Panels by pair of groups.
    """
    words = labels.words
    parts = []
    for name, estimate, low, high in (
        ("raw", "raw_gap", "raw_low", "raw_high"),
        ("standardised", "gap", "ci_low", "ci_high"),
    ):
        parts.append(
            pd.DataFrame(
                {
                    "item": adjusted["item"],
                    "pair": _pairs(adjusted),
                    "kind": name,
                    "value": adjusted[estimate],
                    "low": adjusted[low],
                    "high": adjusted[high],
                }
            )
        )
    table = pd.concat(parts, ignore_index=True).dropna(subset=["value"])

    kinds = {
        "raw": words("as the experts were asked"),
        "standardised": words("with equal shares of the sectors"),
    }
    figure = dots(
        table,
        labels,
        "value",
        Part("item", labels.item, header=labels.section_of),
        hue=Part("kind", kinds.__getitem__),
        facet=Part("pair", lambda name: _pair(name, labels)),
        axis=Axis(
            label=words(
                "difference of balances, points, with 95% interval; right of zero: the first of "
                "the pair is more positive"
            ),
            limits=(-1.05, 1.05),
            zero=True,
            step=0.5,
            tick=words.points,
            ends=_ends(table, labels),
        ),
        interval=("low", "high"),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals in pairs: the difference of the cities' balances as it stands, "
            "and with the mix of sectors held equal; where the two lie together, the mix does not "
            "explain the difference."
        ),
    )


def bias_dots(bias: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw how differently two cities answer an item where their answers to the others are
    alike.
    """
    words = labels.words
    table = bias[bias["smd_sd"].notna()].copy()
    table["pair"] = _pairs(table)

    figure = dots(
        table,
        labels,
        "smd",
        Part("item", labels.item, header=labels.section_of),
        hue=Part("pair", lambda name: _pair(name, labels)),
        axis=Axis(
            label=words(
                "difference at the same score on the other items, in points of the scale, with 95% "
                "interval"
            ),
            zero=True,
            tick=lambda value: words.number(value, 2),
        ),
    )
    return Drawing(
        figure,
        words(
            "Dots with intervals: by how much respondents of the first city answer an item higher "
            "than respondents of the second with the same score on the other items."
        ),
    )


def power_lines(
    curve: pd.DataFrame, labels: Labels, wanted: float = 0.8, sizes: pd.DataFrame | None = None
) -> Drawing:
    """Draw the chance to find an effect against its size, a line for each pair of group sizes.

    `sizes` (`n_a, n_b` and the grouping column) says whose they are.
    """
    words = labels.words
    if curve.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    with styled():
        figure, panel = plt.subplots(figsize=(7.4, 3.6))
        for place, ((n_a, n_b), part) in enumerate(curve.groupby(["n_a", "n_b"], sort=False)):
            colour = PALETTE[place % len(PALETTE)]
            label = words("n = {a} and {b}", a=words.number(n_a), b=words.number(n_b))
            if sizes is not None:
                alike = (sizes["n_a"] == n_a) & (sizes["n_b"] == n_b)
                own = sizes.loc[alike, labels.grouping(sizes)]
                if len(own):
                    label = f"{', '.join(map(labels.group, dict.fromkeys(own)))}: {label}"
            panel.plot(
                part["effect"],
                part["power"],
                color=colour,
                marker=MARKERS[place % len(MARKERS)],
                markersize=4,
                label=label,
            )
            panel.fill_between(
                part["effect"],
                part["ci_low"],
                part["ci_high"],
                color=colour,
                alpha=0.2,
                linewidth=0,
            )
        panel.axhline(wanted, color="#555555", linewidth=0.9, linestyle="--")
        panel.set_ylim(0, 1.02)
        panel.set_xlim(0, None)
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value)))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, 1)))
        panel.set_xlabel(words("true rank-biserial correlation"))
        panel.set_ylabel(words("chance to find it"))
        figure.legend(loc="outside upper center", ncols=3)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Lines: the chance to find a difference against its true size, for the group sizes of "
            "this survey; a dashed line marks the chance usually asked for."
        ),
    )
