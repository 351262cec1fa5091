"""Drawing what all stages need: estimates as dots with intervals, groups by colour and marker, panels by facet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from cssp.show.labels import Labels
from cssp.show.theme import MARKERS, PALETTE, styled, wrap


def dots(
    table: pd.DataFrame,
    labels: Labels,
    row: str,
    estimate: str,
    row_label: Callable[[str], str],
    low: str | None = "ci_low",
    high: str | None = "ci_high",
    hue: str | None = None,
    hue_label: Callable[[str], str] = str,
    facet: str | None = None,
    facet_label: Callable[[str], str] = str,
    xlabel: str = "",
    limits: tuple[float, float] | None = None,
    zero_line: bool = False,
    tick: Callable[[float], str] | None = None,
    header: Callable[[str], str] | None = None,
    step: float | None = None,
    band: str | None = None,
) -> Figure:
    """Draw estimates as dots with intervals: rows down, groups side by side, panels across.

    Parameters
    ----------
    table : one row a dot
    labels : the reader's words
    row, estimate, low, high, hue, facet : columns of the table
    row_label, hue_label, facet_label : name -> label
    xlabel : label of the axis
    limits : of the axis
    zero_line : draw a line at zero
    tick : value -> label of a tick
    header : row -> heading of the block it belongs to; a heading stands where the block changes
    step : distance of the ticks
    band : column of half-widths: a pale bar from minus to plus this value lies behind each dot
    """
    if table.empty:
        return empty(labels)
    rows = _with_headers(list(dict.fromkeys(table[row])), header)
    hues = list(dict.fromkeys(table[hue])) if hue else [None]
    facets = list(dict.fromkeys(table[facet])) if facet else [None]
    with styled():
        width = 3.4 + 2.35 * len(facets) if len(facets) > 1 else 7.4
        across = _in_a_line([hue_label(str(group)) for group in hues if group is not None], width)
        height = 1.3 + len(rows) * (0.26 + 0.13 * len(hues)) + 0.2 * ((len(hues) - 1) // across)
        figure, axes = plt.subplots(1, len(facets), sharex=True, figsize=(width, height), squeeze=False)
        for panel, name in zip(axes[0], facets, strict=True):
            part = table if facet is None else table[table[facet] == name]
            for place, group in enumerate(hues):
                own = part if hue is None else part[part[hue] == group]
                _one_group(
                    panel,
                    own,
                    rows,
                    place,
                    len(hues),
                    row,
                    estimate,
                    low,
                    high,
                    None if group is None else hue_label(group),
                    band,
                )
            if facet is not None:
                panel.set_title(wrap(facet_label(str(name)), 24))
            if zero_line:
                panel.axvline(0, color="#555555", linewidth=0.9, zorder=1)
            panel.set_ylim(len(rows) - 0.5, -0.5)
            if len(rows) > 20:  # a tall figure does not fit on a screen: its scale stands at both ends
                panel.tick_params(axis="x", labeltop=True)
            if limits is not None:
                panel.set_xlim(*limits)
            if step is not None:
                panel.xaxis.set_major_locator(MultipleLocator(step))
            if tick is not None:
                panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
            panel.grid(axis="y", visible=False)
            # one artist for all lines between the rows: a line each took a third of the time to draw
            panel.hlines(
                np.arange(len(rows) - 1) + 0.5,
                0,
                1,
                color="#F0F0F0",
                linewidth=0.8,
                zorder=0,
                transform=panel.get_yaxis_transform(),
            )
            panel.tick_params(axis="y", length=0)
            panel.set_yticks(
                []
            )  # panels of one height need one set of ticks, and with shared axes each would carry all
        names = [name[1:] if name.startswith(_HEADER) else wrap(row_label(name)) for name in rows]
        ticks = axes[0][0].set_yticks(range(len(rows)), names)
        for mark, name in zip(ticks, rows, strict=True):
            if name.startswith(_HEADER):
                mark.label1.set_fontweight("bold")
        if xlabel:
            text = wrap(xlabel, int(width * 10))
            (axes[0][0].set_xlabel if len(facets) == 1 else figure.supxlabel)(text, fontsize=9)
        if hue is not None and len(hues) > 0:
            handles, names = axes[0][0].get_legend_handles_labels()
            if not handles:
                handles, names = axes[0][-1].get_legend_handles_labels()
            figure.legend(handles, names, loc="outside upper center", ncols=across)
    plt.close(figure)
    drawn: Figure = figure
    return drawn


def _in_a_line(names: list[str], width: float) -> int:
    """Return how many entries of a legend stand side by side, so that it does not make the figure wider: a letter takes some 0.085 inches, a mark 0.5."""
    longest = max((0.5 + 0.085 * len(name) for name in names), default=1.0)
    return max(1, min(len(names), 4, int(width / longest)))


_HEADER = "\x01"


def _with_headers(rows: list[str], header: Callable[[str], str] | None) -> list[str]:
    """Put a heading, marked by its first character, where the block of rows changes."""
    if header is None:
        return [str(name) for name in rows]
    found: list[str] = []
    last = None
    for name in rows:
        block = header(str(name))
        if block != last:
            found.append(_HEADER + block)
            last = block
        found.append(str(name))
    return found


def bars(
    panel: Axes, y: np.ndarray, left: np.ndarray, width: np.ndarray, height: float, colours: str | list[str], zorder: float = 1, hatch: str = "",
) -> None:  # fmt: skip
    """Draw horizontal bars as one artist; `Axes.barh` makes an artist a bar, which takes longer to make than to draw."""
    right, low, high = left + width, y - height / 2, y + height / 2
    corners: Any = np.stack([np.column_stack(pair) for pair in ((left, low), (left, high), (right, high), (right, low))], axis=1)  # fmt: skip
    panel.add_collection(
        PolyCollection(
            corners,
            facecolors=colours,
            edgecolors="white" if hatch else "face",
            linewidths=0,
            zorder=zorder,
            hatch=hatch or None,
        )
    )
    panel.autoscale_view()


def empty(labels: Labels) -> Figure:
    """Draw a figure that says that there is nothing to draw."""
    with styled():
        figure, panel = plt.subplots(figsize=(7.4, 1.2))
        panel.axis("off")
        panel.text(0.5, 0.5, labels.words("There are no data to draw."), ha="center", va="center")
    plt.close(figure)
    drawn: Figure = figure
    return drawn


def _one_group(
    panel: Axes, own: pd.DataFrame, rows: list[str], place: int, groups: int, row: str, estimate: str, low: str | None,
    high: str | None, label: str | None, band: str | None = None,
) -> None:  # fmt: skip
    values = own.drop_duplicates(row).set_index(row).reindex(rows)
    x = pd.to_numeric(values[estimate]).to_numpy(dtype=float, na_value=np.nan)
    y = np.arange(len(rows)) + (place - (groups - 1) / 2) * min(0.8 / groups, 0.26)
    if band is not None:
        half = pd.to_numeric(values[band]).to_numpy(dtype=float, na_value=np.nan)
        reach = np.where(np.isinf(half), 2.0, half)  # beyond the axis: nothing is detectable
        bars(panel, y, -reach, 2 * reach, min(0.8 / groups, 0.3), "#E3E3E3", zorder=0.5)
    colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
    if low is not None and high is not None:
        left = pd.to_numeric(values[low]).to_numpy(dtype=float, na_value=np.nan)
        right = pd.to_numeric(values[high]).to_numpy(dtype=float, na_value=np.nan)
        panel.hlines(y, left, right, color=colour, linewidth=1.6, zorder=2)
    panel.plot(x, y, marker, color=colour, markersize=5, label=label, zorder=3, linestyle="none")
