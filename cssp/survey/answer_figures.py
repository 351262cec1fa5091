"""Figures of answers: bars of 100 %, or around the middle answer."""

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
from cssp.show.plots import bars, empty
from cssp.show.theme import NEGATIVE, NEUTRAL, POSITIVE, SPECIAL, shades, styled, wrap
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
