"""Figures of the survey.

Each takes a table of the stage and gives a drawing with its alternative text.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.ticker import FuncFormatter

from cssp.show.figure_view import Drawing
from cssp.show.labels import Labels
from cssp.show.plots import Axis, Part, dots, empty, most_different
from cssp.show.theme import MARKERS, PALETTE, styled


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
