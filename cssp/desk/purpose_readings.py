"""Sentences on what the money is for, and on where the study's regions stand among all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cssp.desk.purpose_figures import name_of
from cssp.show.labels import Labels


def purpose_reading(parts: pd.DataFrame, social: Sequence[str], labels: Labels) -> str:
    """Read how much of the money belongs to the social sphere, level by level, in the last year.

    Parameters
    ----------
    parts : table from `support_by_purpose`
    social : the purposes of the social sphere
    labels : the reader's words
    """
    words = labels.words
    if parts.empty:
        return words("There are no figures of what the money is for.")
    last = parts[parts["year"] == parts["year"].max()]
    lines = []
    for level, part in last.groupby("level", sort=False):
        own = part[part["purpose"].isin(list(social))]
        apart = part[~part["purpose"].isin(list(social))].sort_values("support", ascending=False)
        lines.append(
            words(
                "{year}, {level} budgets: {whole} bn roubles went to non-profits, of it {share} in "
                "the social sphere; most of the rest was for {most} ({most_share} of all).",
                year=int(last["year"].iloc[0]),
                level=labels.level(str(level)),
                whole=words.number(part["support"].sum() / 1e9, 1),
                share=words.percent(own["support"].sum() / part["support"].sum()),
                most=labels.purpose(str(apart["purpose"].iloc[0])) if len(apart) else "—",
                most_share=words.percent(float(apart["share"].iloc[0]) if len(apart) else 0.0),
            )
        )
    return "\n\n".join(lines)


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
        told = [
            words(
                "{region} gives {value} roubles per resident (rank {rank} of {n})",
                region=name_of(str(row["region"]), labels),
                value=words.number(row["per_resident"], 0 if row["per_resident"] >= 10 else 2),
                rank=int(row["rank"]),
                n=int(row["n"]),
            )
            for row in part[part["region"].isin(list(regions))].to_dict("records")
        ]
        if not told:
            continue
        none = int((part["support"] == 0).sum())
        text = words(
            "{year}, {level} budgets, social sphere: {list}; the median region gives {median}.",
            year=int(last["year"].iloc[0]),
            level=labels.level(str(level)),
            list="; ".join(told),
            median=words.number(
                part["per_resident"].median(), 0 if part["per_resident"].median() >= 10 else 2
            ),
        )
        if none:
            text += " " + words.plural(
                "{count} region gives nothing at this level.",
                "{count} regions give nothing at this level.",
                none,
            )
        lines.append(text)
    return "\n\n".join(lines) or words("The study's regions are not in the table of regions.")


def order_reading(orders: pd.DataFrame, labels: Labels) -> str:
    """Read which conclusions on two regions hang on what counts, in the last year.

    Parameters
    ----------
    orders : table from `order_by_scope`
    labels : the reader's words
    """
    words = labels.words
    if orders.empty:
        return words("There is no second region to compare with.")
    last = orders[orders["year"] == orders["year"].max()]
    lines = []
    for (second, level), part in last.groupby(["second", "level"], sort=False):
        first = name_of(str(part["first"].iloc[0]), labels)
        other = name_of(str(second), labels)
        values = {
            "level": labels.level(str(level)), "first": first, "second": other,
            "year": int(last["year"].iloc[0]),
        }  # fmt: skip
        ahead = part["ahead"].unique()
        if len(ahead) == 1 and ahead[0]:
            text = words(
                "{year}, {level} budgets: {ahead} gives more per resident than {behind}, whatever "
                "is counted.",
                **values,
                ahead=name_of(str(ahead[0]), labels),
                behind=other if ahead[0] == part["first"].iloc[0] else first,
            )
        else:
            told = "; ".join(
                f"{_scope(str(row.scope), labels)}: {name_of(str(row.ahead), labels)}"
                for row in part.itertuples()
            )
            text = words(
                "{year}, {level} budgets: whether {first} or {second} gives more per resident "
                "hangs on what is counted ({list}).",
                **values,
                list=told,
            )
        lines.append(text)
    return "\n\n".join(lines)


def _scope(name: str, labels: Labels) -> str:
    told = {
        "all_purposes": "all of the type",
        "social": "social sphere",
        "social_less_education": "social sphere without education",
    }
    return labels.words(told[name])


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
    high, low = last.iloc[0], last.iloc[-1]
    text = words(
        "{year}: the local share of the support of the social sphere runs from {low} "
        "({low_region}) to {high} ({high_region}); the median is {median}.",
        year=int(last["year"].iloc[0]),
        low=words.percent(float(low["local_share"]), 1),
        low_region=name_of(str(low["region"]), labels),
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
                "sphere changed by {change} in constant prices.",
                level=labels.level(str(level)),
                n=int(last["n"]),
                first=int(first["year"]),
                last=int(last["year"]),
                change=words.percent(float(last["change"]), signed=True),
            )
        )
    return "\n\n".join(f"{line[0].upper()}{line[1:]}" for line in lines) or words(
        "There are no prices for these years."
    )
