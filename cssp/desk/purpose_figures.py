"""Figures of all regions: what the money is for, where the study's regions stand, a tile map."""

from __future__ import annotations

import csv
import importlib.resources
from collections.abc import Sequence
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter

from cssp.desk.figures import ZeroScale, short
from cssp.desk.region_tables import REGION
from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import empty
from cssp.show.theme import PALETTE, styled, wrap

#: Purposes in the order of the codebook: the social sphere in colours, what stands apart in greys.
_APART = ("#6E6E6E", "#9C9C9C", "#C8C8C8")
#: Classes of the tile map, from least to most; zero and unknown have their own.
_CLASSES = ("#D6E4F0", "#9FC3E0", "#5E9BCB", "#2A6FA8", "#0B3F73")
_ZERO, _UNKNOWN = "#FFFFFF", "#D9D9D9"


def name_of(region: str, labels: Labels) -> str:
    """Return a region's name in the reader's language."""
    return REGION.values.get(region, {}).get(labels.words.language, region)


def purpose_bars(parts: pd.DataFrame, social: Sequence[str], labels: Labels) -> Drawing:
    """Draw what the money is for: a bar a year, a panel a level, in billions of roubles.

    Parameters
    ----------
    parts : table from `support_by_purpose`
    social : the purposes of the social sphere, drawn first and in colours
    labels : the reader's words
    """
    words = labels.words
    if parts.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    levels = list(dict.fromkeys(parts["level"]))
    names = list(dict.fromkeys([*social, *parts["purpose"]]))
    apart = [name for name in names if name not in social]
    colour = dict(zip(social, [*PALETTE, "#8A6FB0", "#B0A16F"], strict=False))
    colour |= {name: _APART[n % 3] for n, name in enumerate(apart)}
    years = sorted(parts["year"].unique())
    with styled():
        figure, axes = plt.subplots(
            len(levels), 1, figsize=(7.2, 1.2 + len(levels) * (0.7 + 0.38 * len(years))),
            squeeze=False,
        )  # fmt: skip
        for panel, level in zip(axes[:, 0], levels, strict=True):
            wide = parts[parts["level"] == level].pivot_table(
                index="year", columns="purpose", values="support", aggfunc="sum"
            )
            left = np.zeros(len(years))
            for name in names:
                amounts = (
                    wide.reindex(index=years, columns=names)[name].fillna(0.0).to_numpy() / 1e9
                )
                panel.barh(range(len(years)), amounts, left=left, color=colour[name], height=0.72,
                           edgecolor="white", linewidth=0.4)  # fmt: skip
                left += amounts
            for place, total in enumerate(left):
                panel.text(total, place, f" {short(1e9 * total, labels)}", va="center", fontsize=8)
            panel.set_yticks(range(len(years)), [str(year) for year in years])
            panel.invert_yaxis()
            panel.set_xlim(0, 1.14 * max(left.max(), 1e-9))
            panel.set_title(labels.level(level), fontsize=9.5, loc="left")
            panel.xaxis.set_major_formatter(
                FuncFormatter(lambda v, _: words.number(v, 0 if v >= 1 or v == 0 else 1))
            )
            panel.grid(axis="y", visible=False)
        axes[-1][0].set_xlabel(words("billion roubles, current prices"))
        handles = [
            Patch(color=colour[name], label=wrap(labels.purpose(name), 26)) for name in names
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Stacked bars, a bar a year and a panel a level: subsidies to non-profits by what they "
            "are for; the social sphere in colours, housing, economy and environment in greys."
        ),
    )


def place_strips(table: pd.DataFrame, regions: Sequence[str], labels: Labels) -> Drawing:
    """Draw every region as a dot, a strip a level, the study's own named.

    Parameters
    ----------
    table : rows of `region_support` of one year and scope
    regions : the study's regions
    labels : the reader's words
    """
    words = labels.words
    own = table[table["per_resident"].notna()]
    if own.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    levels = list(dict.fromkeys(own["level"]))
    axis = ZeroScale(own.loc[own["per_resident"] > 0, "per_resident"].astype(float))
    with styled():
        figure, axes = plt.subplots(
            len(levels), 1, figsize=(7.2, 0.8 + 1.25 * len(levels)), sharex=True, squeeze=False
        )
        for panel, level in zip(axes[:, 0], levels, strict=True):
            part = own[own["level"] == level].sort_values("region")
            values = part["per_resident"].astype(float).to_numpy()
            # dots beside each other, not over each other: the same spread every time
            lift = ((np.arange(len(part)) * 7) % 11 - 5) / 14
            ours = part["region"].isin(list(regions)).to_numpy()
            axis.plot(panel, values[~ours], lift[~ours], "o", color="#B8B8B8")
            for number, name in enumerate(regions):
                mine = (part["region"] == name).to_numpy()
                if mine.any():
                    axis.plot(panel, values[mine], np.zeros(1), "D", color=PALETTE[number % 6])
                    row = part[mine].iloc[0]
                    panel.annotate(
                        words("{region}: rank {rank} of {n}", region=name_of(name, labels),
                              rank=int(row["rank"]), n=int(row["n"])),
                        (axis.place(float(values[mine][0])), 0.0),
                        xytext=(0, 26 - 52 * (number % 2)),
                        textcoords="offset points", ha="center", va="center", fontsize=8,
                        color=PALETTE[number % 6],
                    )  # fmt: skip
            axis.dress(panel, lambda v: short(v, labels))
            panel.set_ylim(-1.3, 1.3)
            panel.set_yticks([])
            panel.set_title(labels.level(level), fontsize=9.5, loc="left")
        figure.supxlabel(
            words("roubles per resident; logarithmic scale; the grey strip is zero"), fontsize=9
        )
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "A strip a level with a dot for every region on a logarithmic scale; the study's "
            "regions are diamonds with their rank."
        ),
    )


@cache
def tiles() -> dict[str, tuple[int, int, str, str]]:
    """Return where each region stands on the tile map: column, row, short name ru, en."""
    text = (importlib.resources.files("cssp.desk") / "tiles.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    return {row[0]: (int(row[1]), int(row[2]), row[3], row[4]) for row in rows[1:]}


def tile_map(table: pd.DataFrame, value: str, regions: Sequence[str], labels: Labels) -> Drawing:
    """Draw the regions of Russia as squares of one size, coloured in five classes of equal number.

    Parameters
    ----------
    table : a row a region: `region` and the value (rows of `region_support` of one year, level and
        scope)
    value : the column shown, an amount; zero and unknown have colours of their own
    regions : the study's regions, framed
    labels : the reader's words
    """
    words = labels.words
    values = table.set_index("region")[value].astype(float)
    positive = values[values > 0]
    if positive.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    cuts = np.quantile(positive, [0.2, 0.4, 0.6, 0.8])
    spots = []
    with styled():
        figure, panel = plt.subplots(figsize=(8.6, 5.4))
        for name, (column, row, short_ru, short_en) in tiles().items():
            amount = float(values.get(name, np.nan))
            place = int(np.searchsorted(cuts, amount, side="right"))
            colour = _UNKNOWN if np.isnan(amount) else _ZERO if amount == 0 else _CLASSES[place]
            ours = name in regions
            tile = panel.add_patch(
                Rectangle(
                    (column, row),
                    0.94,
                    0.94,
                    facecolor=colour,
                    zorder=3 if ours else 2,
                    edgecolor=PALETTE[1] if ours else "#8C8C8C",
                    linewidth=2.4 if ours else 0.6,
                )
            )
            told = words("not known") if np.isnan(amount) else short(amount, labels)
            spots.append((tile, f"{name_of(name, labels)}: {told}"))
            dark = not np.isnan(amount) and amount > 0 and place >= 3
            panel.text(column + 0.47, row + 0.33, short_ru if words.language == "ru" else short_en,
                       ha="center", va="center", fontsize=7, zorder=4,
                       color="white" if dark else "#222222")  # fmt: skip
            panel.text(column + 0.47, row + 0.7, "?" if np.isnan(amount) else short(amount, labels),
                       ha="center", va="center", fontsize=5.6, zorder=4,
                       color="white" if dark else "#444444")  # fmt: skip
        panel.set_xlim(-0.1, 19.1)
        panel.set_ylim(10.1, -0.1)
        panel.set_aspect("equal")
        panel.axis("off")
        edges = [positive.min(), *cuts, positive.max()]
        handles = [
            Patch(facecolor=one, edgecolor="#8C8C8C",
                  label=f"{short(edges[n], labels)} – {short(edges[n + 1], labels)}")
            for n, one in enumerate(_CLASSES)
        ]  # fmt: skip
        if (values == 0).any():
            handles.insert(0, Patch(facecolor=_ZERO, edgecolor="#8C8C8C", label="0"))
        if values.isna().any() or set(tiles()) - set(values.index):
            handles.append(Patch(facecolor=_UNKNOWN, edgecolor="#8C8C8C", label=words("not known")))
        figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8,
                      title=words("roubles per resident, five classes of equal number"),
                      title_fontsize=8)  # fmt: skip
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "A square for every region of Russia, roughly where it lies, with its short name and "
            "value; the darker, the more; the study's regions are framed."
        ),
        tuple(spots),
    )
