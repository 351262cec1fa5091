"""Forms of charts that all stages use: dots with intervals, bars, panels by facet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from cssp.show.labels import Labels
from cssp.show.theme import MARKERS, PALETTE, styled, wrap


@dataclass(frozen=True)
class Part:
    """What a table is drawn by.

    A column, how its values read, and for rows the heading of the block each belongs to.
    """

    column: str
    label: Callable[[str], str] = str
    header: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Axis:
    """The axis of the estimates.

    Its label, limits, line at zero, distance and texts of the ticks; `ends` says of an axis of
    differences who is higher on its left and on its right.
    """

    label: str = ""
    limits: tuple[float, float] | None = None
    zero: bool = False
    step: float | None = None
    tick: Callable[[float], str] | None = None
    ends: tuple[str, str] | None = None


def most_different(table: pd.DataFrame, row: str, size: pd.Series, most: int) -> pd.DataFrame:
    """Return the rows of a table that matter most, in the table's own order.

    Parameters
    ----------
    table : one row a dot
    row : the column that goes down
    size : of each row of the table, by which it matters
    most : how many different values of `row` are kept; 0: all

    Examples
    --------
    >>> table = pd.DataFrame({"item": ["a", "b", "c"]})
    >>> most_different(table, "item", pd.Series([0.1, 0.9, 0.5]), 2)["item"].tolist()
    ['b', 'c']
    """
    if not most:
        return table
    largest = size.groupby(table[row], sort=False).max().sort_values(ascending=False, kind="stable")
    return table[table[row].isin(largest.index[:most])]


def dots(
    table: pd.DataFrame,
    labels: Labels,
    estimate: str,
    rows: Part,
    hue: Part | None = None,
    facet: Part | None = None,
    axis: Axis | None = None,
    interval: tuple[str, str] | None = ("ci_low", "ci_high"),
    band: str | None = None,
) -> Figure:
    """Draw estimates as dots with intervals: rows down, groups side by side, panels across.

    Parameters
    ----------
    table : one row a dot
    labels : the reader's words
    estimate, interval : columns of the table
    rows, hue, facet : what goes down, what is told by colour and marker, what has a panel of its
        own
    axis : of the estimates
    band : column of half-widths: a pale bar from minus to plus this value lies behind each dot
    """
    if table.empty:
        return empty(labels)
    axis = axis or Axis()
    names = _with_headers(list(dict.fromkeys(table[rows.column])), rows.header)
    hues = list(dict.fromkeys(table[hue.column])) if hue else [None]
    panels = list(dict.fromkeys(table[facet.column])) if facet else [None]
    with styled():
        width = 3.4 + 2.35 * len(panels) if len(panels) > 1 else 7.4
        across = _in_a_line([hue.label(str(group)) for group in hues] if hue else [], width)
        height = 1.3 + len(names) * (0.26 + 0.13 * len(hues)) + 0.2 * ((len(hues) - 1) // across)
        figure, axes = plt.subplots(
            1, len(panels), sharex=True, figsize=(width, height), squeeze=False
        )
        for panel, name in zip(axes[0], panels, strict=True):
            part = table if facet is None else table[table[facet.column] == name]
            for place, group in enumerate(hues):
                own = part if hue is None else part[part[hue.column] == group]
                values = own.drop_duplicates(rows.column).set_index(rows.column).reindex(names)
                _one_group(
                    panel,
                    values,
                    place,
                    len(hues),
                    estimate,
                    interval,
                    None if hue is None else hue.label(str(group)),
                    band,
                )
            if facet is not None:
                panel.set_title(wrap(facet.label(str(name)), 24))
            _finish(panel, len(names), axis, 24 if len(panels) > 1 else 40)
        texts = [name[1:] if name.startswith(_HEADER) else wrap(rows.label(name)) for name in names]
        for mark, name in zip(axes[0][0].set_yticks(range(len(names)), texts), names, strict=True):
            if name.startswith(_HEADER):
                mark.label1.set_fontweight("bold")
        if axis.label:
            write = axes[0][0].set_xlabel if len(panels) == 1 else figure.supxlabel
            write(wrap(axis.label, int(width * 10)), fontsize=9)
        if hue is not None and hues:
            legend_above(figure, axes[0], across)
    plt.close(figure)
    drawn: Figure = figure
    return drawn


def _finish(panel: Axes, rows: int, axis: Axis, room: int) -> None:
    """Set a panel's axes: the estimates' as asked, the rows' without ticks of its own."""
    if axis.zero:
        panel.axvline(0, color="#555555", linewidth=0.9, zorder=1)
    panel.set_ylim(rows - 0.5, -0.5)
    if rows > 20:  # a tall figure does not fit on a screen: its scale stands at both ends
        panel.tick_params(axis="x", labeltop=True)
    if axis.limits is not None:
        panel.set_xlim(*axis.limits)
    if axis.step is not None:
        panel.xaxis.set_major_locator(MultipleLocator(axis.step))
    if axis.tick is not None:
        write = axis.tick
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    panel.set(xlabel="", ylabel="")
    for place, side, text in zip((0, 1), ("left", "right"), axis.ends or (), strict=False):
        panel.annotate(
            wrap(text, room // 2), (place, 0), (0, -19), xycoords="axes fraction",
            textcoords="offset points", ha=side, va="top", fontsize=7, color="#444444",
            annotation_clip=False,
        )  # fmt: skip
    panel.grid(axis="y", visible=False)
    # one artist for all lines between the rows: a line each took a third of the time to draw
    across = panel.get_yaxis_transform()
    panel.hlines(
        np.arange(rows - 1) + 0.5, 0, 1, color="#F0F0F0", linewidth=0.8, zorder=0, transform=across
    )
    panel.tick_params(axis="y", length=0)
    panel.set_yticks(
        []
    )  # panels of one height need one set of ticks, and with shared axes each would carry all


def legend_above(figure: Figure, axes: Iterable[Axes], columns: int) -> None:
    """Put one legend above all panels: the entries of the first panel that has any."""
    for panel in axes:
        handles, names = panel.get_legend_handles_labels()
        if handles:
            figure.legend(handles, names, loc="outside upper center", ncols=columns)
            return


def _in_a_line(names: list[str], width: float) -> int:
    """Return how many entries of a legend stand side by side.

    So that it does not make the figure wider: a letter takes some 0.085 inches, a mark 0.5.
    """
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
    panel: Axes,
    y: np.ndarray,
    left: np.ndarray,
    width: np.ndarray,
    height: float,
    colours: str | list[str],
    zorder: float = 1,
    hatch: str = "",
) -> None:
    """Draw horizontal bars as one artist.

    `Axes.barh` makes an artist a bar, which takes longer to make than to draw.
    """
    right, low, high = left + width, y - height / 2, y + height / 2
    corners: Any = np.stack(
        [
            np.column_stack(pair)
            for pair in ((left, low), (left, high), (right, high), (right, low))
        ],
        axis=1,
    )
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
    panel: Axes,
    values: pd.DataFrame,
    place: int,
    groups: int,
    estimate: str,
    interval: tuple[str, str] | None,
    label: str | None,
    band: str | None,
) -> None:
    x = _numbers(values[estimate])
    y = np.arange(len(values)) + (place - (groups - 1) / 2) * min(0.8 / groups, 0.26)
    if band is not None:
        half = _numbers(values[band])
        reach = np.where(np.isinf(half), 2.0, half)  # beyond the axis: nothing is detectable
        bars(panel, y, -reach, 2 * reach, min(0.8 / groups, 0.3), "#E3E3E3", zorder=0.5)
    colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
    if interval is not None:
        left, right = (_numbers(values[name]) for name in interval)
        panel.hlines(y, left, right, color=colour, linewidth=1.6, zorder=2)
    seaborn.scatterplot(
        x=x,
        y=y,
        ax=panel,
        color=colour,
        marker=marker,
        s=25,
        linewidth=0,
        label=label,
        legend=False,
        zorder=3,
    )


def _numbers(column: pd.Series) -> np.ndarray:
    return np.asarray(pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan))
