"""Sentences on what the money is for, and on where the study's regions stand among all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cssp.desk.purpose_figures import name_of
from cssp.desk.purposes import SCOPE_NAMES
from cssp.show.labels import Labels


def purpose_reading(
    parts: pd.DataFrame, social: Sequence[str], labels: Labels, money: pd.DataFrame | None = None
) -> str:
    """Read how much of the money belongs to the social sphere, level by level, in the last year.

    Parameters
    ----------
    parts : table from `support_by_purpose`
    social : the purposes of the social sphere
    labels : the reader's words
    money : table from `load_region_support`; with it a region that holds much of the sum is named
    """
    words = labels.words
    if parts.empty:
        return words("There are no figures of what the money is for.")
    last = parts[parts["year"] == parts["year"].max()]
    lines = []
    for level, part in last.groupby("level", sort=False):
        own = part[part["purpose"].isin(list(social))]
        apart = part[~part["purpose"].isin(list(social))].sort_values("support", ascending=False)
        whole = part["support"].sum()
        text = words(
            "{year}, {level} budgets: {whole} bn roubles went to non-profits, {share} of the whole "
            "in the social sphere; the largest other purpose: {most}, {most_share} of the whole.",
            year=int(last["year"].iloc[0]),
            level=labels.level(str(level)),
            whole=words.number(whole / 1e9, 1),
            share=words.percent(own["support"].sum() / whole),
            most=labels.purpose(str(apart["purpose"].iloc[0])) if len(apart) else "—",
            most_share=words.percent(float(apart["share"].iloc[0]) if len(apart) else 0.0),
        )
        lines.append(f"{text} {_largest(money, str(level), labels)}".strip())
    return "\n\n".join(lines)


def _largest(money: pd.DataFrame | None, level: str, labels: Labels) -> str:
    """Say which region holds more than a quarter of a level's money in the last year."""
    if money is None or money.empty:
        return ""
    last = money[(money["year"] == money["year"].max()) & (money["level"] == level)]
    sums = last.groupby("region")["support"].sum()
    if not sums.sum() or sums.max() < 0.25 * sums.sum():
        return ""
    return labels.words(
        "Of this {share} is one region's: {region}.",
        share=labels.words.percent(float(sums.max() / sums.sum())),
        region=name_of(str(sums.idxmax()), labels),
    )


def place_reading(table: pd.DataFrame, regions: Sequence[str], labels: Labels) -> str:
    """Read where the study's regions stand among all, level by level, in the last year.

    Parameters
    ----------
    table : rows of `region_support` of one scope
    regions : the study's regions
    labels : the reader's words
    """
    words = labels.words
    last = table[(table["year"] == table["year"].max()) & table["per_resident"].notna()]
    lines = []
    for level, part in last.groupby("level", sort=False):
        phrases = [
            words(
                "{region} gives {value} roubles per resident (rank {rank} of {n})",
                region=name_of(str(row["region"]), labels),
                value=words.number(row["per_resident"], 0 if row["per_resident"] >= 10 else 2),
                rank=int(row["rank"]),
                n=int(row["n"]),
            )
            for row in part[part["region"].isin(list(regions))].to_dict("records")
        ]
        if not phrases:
            continue
        none = int((part["support"] == 0).sum())
        text = words(
            "{year}, {level} budgets, social sphere: {list}; the median region gives {median}.",
            year=int(last["year"].iloc[0]),
            level=labels.level(str(level)),
            list="; ".join(phrases),
            median=words.number(
                part["per_resident"].median(), 0 if part["per_resident"].median() >= 10 else 2
            ),
        )
        if none:
            zeros = part.loc[part["support"] == 0, "region"]
            text += " " + words(
                "At this level nothing goes to the social sphere in {list}.",
                list=words.listed([name_of(str(name), labels) for name in zeros]),
            )
        lines.append(text)
    return "\n\n".join(lines) or words("The study's regions are not in the table of regions.")


def order_reading(orders: pd.DataFrame, labels: Labels) -> str:
    """Read which of two regions gives more, and on which years and ways of counting that hangs.

    Parameters
    ----------
    orders : table from `order_by_scope`, with every year
    labels : the reader's words
    """
    words = labels.words
    if orders.empty:
        return words("There is no second region to compare with.")
    last = orders["year"].max()
    lines = []
    for (second, level), part in orders.groupby(["second", "level"], sort=False):
        now = part[part["year"] == last]
        main = now[now["scope"] == "social"].iloc[0]
        first, other = name_of(str(main["first"]), labels), name_of(str(second), labels)
        ahead = str(main["ahead"])
        if not ahead:
            continue
        behind = other if ahead == main["first"] else first
        ratio = float(main["ratio"])
        text = words(
            "{year}, {level} budgets, social sphere: {ahead} gives more per resident than {behind} "
            "({ratio}).",
            year=int(last),
            level=labels.level(str(level)),
            ahead=name_of(ahead, labels),
            behind=behind,
            ratio=times(ratio, labels),
        )
        turned = part[(part["ahead"] != ahead) & (part["ahead"] != "")]
        if turned.empty:
            text += " " + words("So it is in every year and under each way of counting.")
        else:
            phrases = [
                f"{int(row.year)}: {_scope(str(row.scope), labels)}" for row in turned.itertuples()
            ]
            text += " " + words("It is the reverse in: {list}.", list="; ".join(phrases))
        lines.append(text)
    return "\n\n".join(lines)


def times(ratio: float, labels: Labels) -> str:
    """Return a ratio turned above one in words: nearly equal below 1.1.

    Zero and a missing ratio have no number of times.
    """
    words = labels.words
    if not ratio > 0:
        return words("the other gives nothing")
    turned = max(ratio, 1 / ratio)
    if turned < 1.1:
        return words("nearly equal: {ratio} times", ratio=words.number(turned, 2))
    return words("{ratio} times", ratio=words.number(turned, 0 if turned >= 20 else 1))


def _scope(name: str, labels: Labels) -> str:
    scope = SCOPE_NAMES[name]
    return scope.get(labels.words.language, scope["en"])


def local_reading(shares: pd.DataFrame, regions: Sequence[str], labels: Labels) -> str:
    """Read how much of the support comes from municipalities, in the last year.

    Parameters
    ----------
    shares : table from `local_shares`
    regions : the study's regions
    labels : the reader's words
    """
    words = labels.words
    last = shares[(shares["year"] == shares["year"].max()) & shares["local_share"].notna()]
    if last.empty:
        return words("There are no figures of what the money is for.")
    high = last.iloc[0]
    lowest = last[last["local_share"] == last["local_share"].min()]
    text = words(
        "{year}: the local share of the support of the social sphere runs from {low} "
        "({low_region}) to {high} ({high_region}); the median is {median}.",
        year=int(last["year"].iloc[0]),
        low=words.percent(float(lowest["local_share"].iloc[0]), 1),
        low_region=name_of(str(lowest["region"].iloc[0]), labels)
        if len(lowest) == 1
        else words.plural("{count} region", "{count} regions", len(lowest)),
        high=words.percent(float(high["local_share"]), 1),
        high_region=name_of(str(high["region"]), labels),
        median=words.percent(float(last["local_share"].median()), 1),
    )
    for row in last[last["region"].isin(list(regions))].itertuples():
        text += " " + words(
            "{region}: {share}.",
            region=name_of(str(row.region), labels),
            share=words.percent(float(row.local_share), 1),
        )
    return text


def change_reading(change: pd.DataFrame, labels: Labels) -> str:
    """Read what all regions together gave over the years, in constant prices.

    Parameters
    ----------
    change : table from `national_change`
    labels : the reader's words
    """
    words = labels.words
    lines = []
    for level, part in change.groupby("level", sort=False):
        first, last = part.iloc[0], part.iloc[-1]
        if pd.isna(last["change"]) or len(part) < 2:
            continue
        lines.append(
            words(
                "{level} budgets, {n} regions: from {first} to {last} the support of the social "
                "sphere in constant prices {change}; without {largest}, which has {share} of it in "
                "{last}, it {without}; in the median region it {median}.",
                level=labels.level(str(level)),
                n=int(last["n"]),
                first=int(first["year"]),
                last=int(last["year"]),
                change=_moved(float(last["change"]), labels),
                largest=name_of(str(last["largest"]), labels),
                share=words.percent(float(last["largest_share"])),
                without=_moved(float(last["change_without"]), labels),
                median=_moved(float(last["median_change"]), labels),
            )
        )
    return "\n\n".join(f"{line[0].upper()}{line[1:]}" for line in lines) or words(
        "There are no prices for these years."
    )


def _moved(change: float, labels: Labels) -> str:
    """Return a change in words; a few per cent hang on the choice of the price index."""
    words = labels.words
    size = words.percent(abs(change))
    if abs(change) < 0.05:
        return words("hardly changed ({change})", change=words.percent(change, 1, signed=True))
    return words("rose by {size}", size=size) if change > 0 else words("fell by {size}", size=size)
