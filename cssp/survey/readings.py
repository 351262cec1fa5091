"""What the survey's tables say, in sentences made from them: never a p-value without effect, interval and n."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cssp.show.labels import Labels


def sample(sizes: pd.DataFrame, labels: Labels) -> str:
    """Read who was asked: respondents by city and sector."""
    words = labels.words
    lines = []
    for city, part in sizes.groupby("city", sort=False, observed=True):
        hidden = int((~part["shown"]).sum())
        told = [f"{labels.sector(str(r.sector))} {words.number(r.n)}" for r in part.itertuples() if r.shown]
        text = words("{city}: {list}", city=labels.city(str(city)), list=", ".join(told))
        if hidden:
            text += "; " + words.plural(
                "{count} group is too small to be shown",
                "{count} groups are too small to be shown",
                hidden,
            )
        elif part["n"].notna().all():
            total = int(part["n"].sum())
            text += "; " + words.plural("{count} respondent in all", "{count} respondents in all", total)
        lines.append(text + ".")
    return "\n\n".join(lines)


def balances(table: pd.DataFrame, labels: Labels) -> str:
    """Read the highest and lowest balance of each city."""
    words = labels.words
    rows = table[(table["n"] > 0) & table["balance"].notna()]
    if rows.empty:
        return words("There are no answers to these items.")
    lines = []
    for city, part in rows.groupby("city", sort=False, observed=True):
        best, worst = part.loc[part["balance"].idxmax()], part.loc[part["balance"].idxmin()]
        lines.append(
            words("{city}: highest “{best}” ({who_best}, {top} points, n = {n_best}), lowest “{worst}” ({who_worst}, {low} points, n = {n_worst}).",
                  city=labels.city(str(city)), best=labels.item(best["item"]), who_best=labels.sector(str(best["sector"])), top=words.points(best["balance"]),
                  n_best=words.number(best["n"]), worst=labels.item(worst["item"]), who_worst=labels.sector(str(worst["sector"])),
                  low=words.points(worst["balance"]), n_worst=words.number(worst["n"]))
        )  # fmt: skip
    return "\n\n".join(lines)


def comparison(pairs: pd.DataFrame, labels: Labels, stratum: str = "sector", alpha: float = 0.05) -> str:
    """Read a comparison: how many differences survive the correction, and each that does with effect, interval and n."""
    words = labels.words
    tested = pairs[pairs["p"].notna()]
    if tested.empty:
        return words("No two groups have answers that can be compared.")
    clear = tested[tested["p_adjusted"] < alpha]
    head = words.plural("{count} comparison was made", "{count} comparisons were made", len(tested))
    head += ", " + words.plural(
        "{count} of them keeps a corrected p under {alpha}",
        "{count} of them keep a corrected p under {alpha}",
        len(clear),
        alpha=words.number(alpha, 2),
    )
    lines = [head + "."]
    shown = (
        clear.assign(size=clear["rank_biserial"].abs())
        .sort_values("size", ascending=False, kind="stable")
        .head(8)
    )
    for row in shown.to_dict("records"):
        lines.append("- " + _one(row, labels, stratum))
    if len(clear) == 0:
        lines.append(
            words(
                "That does not show that the groups agree: at this size only large differences could have been seen."
            )
        )
    elif len(clear) > len(shown):
        lines.append(words("The table has the others."))
    return "\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:])


def _one(row: dict[str, Any], labels: Labels, stratum: str) -> str:
    """Say one difference, turned so that the group that answers higher stands first and the effect is positive."""
    words = labels.words
    turned = row["rank_biserial"] < 0
    high, low = ("group_b", "group_a") if turned else ("group_a", "group_b")
    ends = (-row["ci_high"], -row["ci_low"]) if turned else (row["ci_low"], row["ci_high"])
    interval = words("no interval")
    if ends[0] == ends[0]:
        told = [words.number(end, 2, signed=True) for end in ends]
        interval = words("95% interval {low} to {high}", low=told[0], high=told[1])
    where = (
        {"sector": labels.sector, "city": labels.city}[stratum](str(row[stratum])) if stratum in row else ""
    )
    text = words(
        "“{item}”, {where}: {a} answer higher than {b}; rank-biserial {effect}, {interval}; n = {n_a} and {n_b}; p = {p}, corrected {q}.",
        item=labels.item(row["item"]),
        where=where,
        a=labels.group(row[high]),
        b=labels.group(row[low]),
        effect=words.number(abs(row["rank_biserial"]), 2, signed=True),
        interval=interval,
        n_a=words.number(row[high.replace("group", "n")]),
        n_b=words.number(row[low.replace("group", "n")]),
        p=words.p_value(row["p"]),
        q=words.p_value(row["p_adjusted"]),
    )
    return text.replace("p = <", "p <")


def options(shares: pd.DataFrame, labels: Labels) -> str:
    """Read the options chosen most, question by question and city by city."""
    words = labels.words
    lines = []
    asked = shares[shares["n"] > 0].assign(question=lambda t: t["item"].map(labels.question_of))
    for (question, city), part in asked.groupby(["question", "city"], sort=False, observed=True):
        top = part.sort_values("share", ascending=False, kind="stable").head(3)
        told = [
            words("“{option}” {share}", option=labels.item(r.item), share=words.percent(r.share))
            for r in top.itertuples()
        ]
        lines.append(
            words("{question}, {city}: most often {list} (n = {n}).", question=question[:1].upper() + question[1:], city=labels.city(str(city)),
                  list=words.listed(told), n=words.number(part["n"].max()))
        )  # fmt: skip
    return "\n\n".join(lines) or words("There are no answers to these items.")


def unanswered(freq: pd.DataFrame, labels: Labels) -> str:
    """Name the items that nobody answered in some city."""
    words = labels.words
    by_city = freq.sum(axis=1).groupby(level=["item", "city"], sort=False, observed=False).sum()
    empty = by_city[by_city == 0].index
    if not len(empty):
        return words("Every item has answers in every city.")
    told = [
        words("“{item}” in {city}", item=labels.item(str(item)), city=labels.city(str(city)))
        for item, city in empty
    ]
    return words("Nobody answered: {list}.", list=words.listed(told))
