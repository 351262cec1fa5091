"""Figures of the desk study."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, dots, empty
from cssp.show.theme import MARKERS, PALETTE, styled, wrap

#: From more territories on, all but the first are drawn as a grey background.
MOST = 6


def level_dots(spending: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw amounts by budget level.

    Kind and region on a logarithmic axis on which zero has a place of its own.

    Parameters
    ----------
    spending : `city, level, kind, year` and the amount
    labels : the reader's words
    """
    words = labels.words
    if spending.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    years = sorted(spending["year"].unique())[-4:]
    cities = list(dict.fromkeys(spending["city"]))
    many = len(cities) > MOST
    rows = list(dict.fromkeys(zip(spending["level"], spending["kind"], strict=True)))
    positive = spending.loc[spending["value"] > 0, "value"].astype(float)
    scale = ZeroScale(positive)
    with styled():
        figure, axes = plt.subplots(
            1,
            len(years),
            sharey=True,
            sharex=True,
            figsize=(3.4 + 2.9 * len(years), 1.7 + 0.45 * len(rows)),
            squeeze=False,
        )
        for panel, year in zip(axes[0], years, strict=True):
            for place, city in enumerate(cities):
                own = (
                    spending[(spending["city"] == city) & (spending["year"] == year)]
                    .set_index(["level", "kind"])["value"]
                    .reindex(rows)
                )
                x = own.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
                y = np.arange(len(rows)) + (place - (len(cities) - 1) / 2) * 0.22
                if many:  # the city in question stands out, the others are the background
                    y = np.arange(len(rows), dtype=float)
                other = many and place > 0
                scale.plot(
                    panel,
                    x,
                    y,
                    "o" if other else MARKERS[place % 6],
                    color="#BBBBBB" if other else PALETTE[place % 6],
                    markersize=4 if other else None,
                    zorder=2 if other else 3,
                    label=(words("other regions") if place == 1 else None)
                    if other
                    else labels.region(str(city)),
                )
            scale.dress(panel, lambda v: short(v, labels))
            panel.set_title(str(int(year)))
            panel.set_ylim(len(rows) - 0.5, -0.5)
        names = [
            wrap(labels.level(level) + (f": {labels.kind(kind)}" if kind else ""), 34)
            for level, kind in rows
        ]
        axes[0][0].set_yticks(range(len(rows)), names)
        unit = labels.unit(str(spending["unit"].iloc[0])) if "unit" in spending else words("amount")
        figure.supxlabel(
            words("{unit} a year, logarithmic scale; the grey strip is zero", unit=unit), fontsize=9
        )
        handles, texts = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside upper center", ncols=min(len(cities), 3))
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Dots on a logarithmic scale: money by budget level and kind of municipality, regions "
            "by colour, panels by year; zero stands in a strip of its own."
        ),
    )


class ZeroScale:
    """A logarithmic axis on which zero has a strip of its own.

    And what is below zero a mark beside it.

    Parameters
    ----------
    positive : all values above zero that the figure shows
    """

    def __init__(self, positive: pd.Series) -> None:
        self.low = float(10.0 ** np.floor(np.log10(positive.min()))) if len(positive) else 1.0
        self.high = float(positive.max()) if len(positive) else 10.0
        self.zero = self.low / 10

    def place(self, value: float) -> float:
        """Return where a value stands on the axis."""
        return self.zero if value <= 0 else value

    def plot(self, panel: Axes, x: np.ndarray, y: np.ndarray, marker: str, **look: Any) -> None:
        """Draw dots at their values, those of zero and below in the strip."""
        panel.set_xscale("log")
        panel.plot([self.place(value) for value in x], y, marker, linestyle="none", **look)
        for place in y[x < 0]:  # a refund has no place on the scale; it is not zero either
            panel.annotate(
                "< 0", (self.zero, place), xytext=(5, 3), textcoords="offset points", fontsize=7
            )

    def dress(self, panel: Axes, tick: Callable[[float], str]) -> None:
        """Draw the strip of zero, and label the powers of ten.

        Every second one where there would be too many to read.
        """
        powers = np.arange(np.log10(self.low), np.ceil(np.log10(self.high)) + 0.5)
        panel.axvspan(self.zero / 3, self.low / 2.2, color="#F3F3F3", zorder=0)
        panel.set_xlim(self.zero / 3, self.high * 4)
        panel.xaxis.set_major_formatter(
            FuncFormatter(lambda v, _: "0" if v <= self.zero * 1.01 else tick(v))
        )
        panel.tick_params(axis="x", labelsize=8)
        panel.set_xticks([self.zero, *(10.0 ** powers[:: 1 if len(powers) <= 4 else 2])])
        panel.minorticks_off()


def short(value: float, labels: Labels) -> str:
    """Return an amount in few signs, e.g. 2.5 bn."""
    words = labels.words
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{words.number(value / size)}\u00a0{words(unit)}"
    # below one, as many decimals as the power of ten needs: 0.1 is not 0
    return words.number(
        value, 0 if value >= 1 or value <= 0 else int(np.ceil(-np.log10(value) - 1e-9))
    )


def coverage_ranges(coverage: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw the share of municipalities with a programme as the range that what is known leaves
    open.
    """
    words = labels.words
    if coverage.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    table = coverage.assign(
        row=[f"{r}\x00{y}" for r, y in zip(coverage["city"], coverage["year"], strict=True)]
    )
    table["middle"] = np.nan

    def label(name: str) -> str:
        city, year = name.split("\x00")
        return f"{labels.region(city)}, {year}"

    figure = dots(
        table,
        labels,
        "middle",
        Part("row", label),
        axis=Axis(
            label=words(
                "share of municipalities with a programme: from the known ones to all but those "
                "known to have none"
            ),
            limits=(-0.02, 1.02),
            step=0.25,
            tick=words.percent,
        ),
        interval=("low", "high"),
    )
    panel = figure.axes[0]
    if len(coverage):
        panel.axvline(
            float(coverage["threshold"].iloc[0]), color=PALETTE[1], linewidth=1.2, linestyle="--"
        )
        panel.annotate(
            words("official threshold"),
            (float(coverage["threshold"].iloc[0]), -0.42),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=8,
            color=PALETTE[1],
        )
    return Drawing(
        figure,
        words(
            "Horizontal ranges: between which bounds the share of municipalities with a programme "
            "lies, by region and year; a dashed line marks the official threshold."
        ),
    )


def series(table: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw a series by year, each basis a line of its own, so that no line crosses a break."""
    words = labels.words
    if table.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    cities = list(dict.fromkeys(table["city"]))[:MOST]
    with styled():
        figure, panel = plt.subplots(figsize=(7.4, 3.6))
        for place, city in enumerate(cities):
            own = table[table["city"] == city]
            for style, (basis, part) in zip(
                ("-", "--", ":"), own.groupby("basis", sort=False), strict=False
            ):
                part = part.sort_values("year")
                name = labels.region(str(city)) + (f", {labels.basis(str(basis))}" if basis else "")
                panel.plot(
                    part["year"].astype(int),
                    part["value"].astype(float),
                    style,
                    marker=MARKERS[place % 6],
                    color=PALETTE[place % 6],
                    label=name,
                    markersize=4.5,
                )
        panel.set_ylim(bottom=0)
        panel.yaxis.set_major_formatter(FuncFormatter(lambda v, _: words.number(v)))
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.set_xlabel(words("on 1 January of the year"))
        panel.set_ylabel(words("persons"))
        figure.legend(loc="outside upper center", ncols=2, fontsize=8.5)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Lines by year, one for each region and basis of the series; a change of basis breaks "
            "the line."
        ),
    )
