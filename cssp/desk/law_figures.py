"""Figures of the acts: when they held, and where which instrument has one."""

from __future__ import annotations

from datetime import date

import matplotlib.pyplot as plt
import pandas as pd

from cssp.desk.acts_in_force import dates_of
from cssp.desk.regulation import as_date
from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import empty
from cssp.show.theme import PALETTE, styled, wrap


def timeline(regulation: pd.DataFrame, labels: Labels, on: str = "") -> Drawing:
    """Draw from when to when each act held, level by level and territory by territory.

    A bar with a full end has a known date there; where the date of the act stands in for the start,
    or the end is not known, the bar has a dotted outline.

    Parameters
    ----------
    regulation : table from `load_regulation`
    labels : the reader's words
    on : a day to mark with a line
    """
    words = labels.words
    dates = dates_of(regulation)
    table = regulation.assign(
        **{name: dates[name] for name in ("start", "end", "start_known", "end_known")}
    )
    table = table[table["start"].notna()]
    if table.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    days = [
        day for day in [*table["start"], *table["end"], as_date(on, end=True)] if day is not None
    ]
    stop = date(max(day.year for day in days), 12, 31)
    order = list(labels.study.indicators.levels)
    places = ["", *labels.study.cities]
    table = table.assign(
        _level=[order.index(level) for level in table["level"]],
        _place=[places.index(t) for t in table["territory"]],
    )
    table = table.sort_values(["_level", "_place", "start"], kind="stable")
    names = [wrap(_short(row, labels), 52) for row in table.to_dict("records")]
    lines = sum(name.count("\n") + 1 for name in names)
    with styled():
        figure, panel = plt.subplots(figsize=(8.6, 1.4 + 0.155 * lines + 0.12 * len(names)))
        for place, row in enumerate(table.to_dict("records")):
            end = row["end"] or stop
            sure = row["start_known"] and (row["end_known"] or row["end"] is None)
            colour = PALETTE[row["_level"] % len(PALETTE)]
            panel.barh(
                place,
                (end - row["start"]).days,
                left=row["start"].toordinal(),
                height=0.55,
                color=colour,
                alpha=0.85 if sure else 0.45,
                edgecolor=colour,
                linestyle="-" if sure else ":",
                linewidth=1.2,
            )
            if row["end"] is None:
                panel.plot(
                    stop.toordinal(), place, marker=">", color=colour, markersize=5, clip_on=False
                )
        panel.set_yticks(range(len(names)), names, fontsize=7.5)
        panel.set_ylim(len(names) - 0.4, -0.6)
        first = min(row.year for row in table["start"])
        step = next((one for one in (1, 2, 5, 10) if (stop.year - first) // one <= 8), 20)
        years = range(-(-first // step) * step, stop.year + 1, step)
        panel.set_xticks(
            [date(year, 1, 1).toordinal() for year in years], [str(year) for year in years]
        )
        if (day := as_date(on)) is not None:
            panel.axvline(day.toordinal(), color="#555555", linewidth=1.2, linestyle="--")
            panel.text(
                day.toordinal(),
                1,
                f" {words.day(day.isoformat())}",
                transform=panel.get_xaxis_transform(),
                fontsize=7.5,
                va="bottom",
                color="#333333",
            )
        # told in words too: colours fall together in print
        levels = list(table["_level"])
        for place, level in enumerate(levels):
            if place == 0 or level != levels[place - 1]:
                if place:
                    panel.axhline(place - 0.5, color="#999999", linewidth=0.8)
                panel.text(
                    1.01,
                    place,
                    wrap(labels.level(order[level]), 14),
                    transform=panel.get_yaxis_transform(),
                    fontsize=8,
                    va="center",
                    color="#333333",
                )
        used = sorted(set(levels))
        handles = [
            plt.Rectangle((0, 0), 1, 1, color=PALETTE[level % len(PALETTE)]) for level in used
        ]
        figure.legend(
            handles,
            [labels.level(order[level]) for level in used],
            loc="outside upper center",
            ncols=3,
        )
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "Bars by act from start to end, coloured by level; pale dotted bars have a start or "
            "end that is not known; an arrow holds still; a dashed line marks the chosen day."
        ),
    )


def _short(row: dict[str, object], labels: Labels) -> str:
    where = f"{labels.city(str(row['territory']))}: " if row["territory"] else ""
    number = f"{row['number']} " if row["number"] else ""
    act = str(row["act"])
    return f"{where}{number}{act if len(act) < 112 else act[:109].rsplit(' ', 1)[0] + '…'}"


def instrument_matrix(matrix: pd.DataFrame, labels: Labels) -> Drawing:
    """Draw which instrument has an act in force.

    Rows instruments, columns levels, a panel a territory.

    Parameters
    ----------
    matrix : table from `coverage_matrix`
    labels : the reader's words
    """
    words = labels.words
    if matrix.empty:
        return Drawing(empty(labels), words("There are no data to draw."))
    rows, levels = list(dict.fromkeys(matrix["instrument"])), list(dict.fromkeys(matrix["level"]))
    cities = list(dict.fromkeys(matrix["territory"]))
    states = {
        "in force": (PALETTE[0], "o"),
        "held before or later": ("white", "o"),
        "none found": ("#BBBBBB", "_"),
    }
    with styled():
        width = 2.6 + max(1.9, 1.02 * len(levels)) * len(cities)
        figure, axes = plt.subplots(
            1, len(cities), sharey=True, figsize=(width, 1.8 + 0.36 * len(rows)), squeeze=False
        )
        for panel, city in zip(axes[0], cities, strict=True):
            for row in matrix[matrix["territory"] == city].to_dict("records"):
                colour, marker = states[row["state"]]
                x, y = levels.index(row["level"]), rows.index(row["instrument"])
                edge = "#BBBBBB" if row["state"] == "none found" else PALETTE[0]
                panel.plot(
                    x,
                    y,
                    marker=marker,
                    markersize=11,
                    markerfacecolor=colour,
                    markeredgecolor=edge,
                    markeredgewidth=1.4,
                )
                if row["acts"] > 1:
                    panel.annotate(
                        str(row["acts"]),
                        (x, y),
                        ha="center",
                        va="center",
                        fontsize=8,
                        color="white",
                    )
            panel.set_title(labels.city(city))
            panel.set_xlim(-0.6, len(levels) - 0.4)
            panel.set_ylim(len(rows) - 0.5, -0.5)
            panel.set_xticks(
                range(len(levels)), [wrap(labels.level(level), 13) for level in levels], fontsize=8
            )
        axes[0][0].set_yticks(
            range(len(rows)), [wrap(labels.instrument(name), 34) for name in rows]
        )
        handles = [
            plt.Line2D(
                [],
                [],
                linestyle="none",
                marker=marker,
                markersize=9,
                markerfacecolor=colour,
                markeredgecolor="#BBBBBB" if name == "none found" else PALETTE[0],
            )
            for name, (colour, marker) in states.items()
        ]
        figure.legend(
            handles,
            [words(name) for name in states],
            loc="outside upper center",
            ncols=3,
            fontsize=8.5,
        )
    plt.close(figure)
    return Drawing(
        figure,
        words(
            "A grid of instruments by level, a panel for each territory: a full circle is an act "
            "in force (with their number above one), an empty one an act of other days, a dash "
            "none found."
        ),
    )
