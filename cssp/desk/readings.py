"""What the desk study's tables say, in sentences made from them."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def share_reading(shares: pd.DataFrame, labels: Labels, first: str) -> str:
    """Read the shares of support in expenditure, the latest year, level by level.

    Parameters
    ----------
    shares : table from `share_of`, a row a city and level
    labels : the reader's words
    first : the city that stands first
    """
    words = labels.words
    if shares.empty:
        return words("There are no figures of support and expenditure for these cities.")
    year = shares["year"].max()
    rows = shares[shares["year"] == year]
    lines = []
    for (_, level), part in rows.groupby(["indicator", "level"], sort=False):
        told = [
            words(
                "{region} {share}",
                region=labels.region(r.city),
                share=words.percent(float(r.share), 4 if r.share < 0.0005 else 2),
            )
            for r in part.itertuples()
            if pd.notna(r.share)
        ]
        text = words("In {year}, support of non-profits made up these shares of the expenditure of the {level} budgets: {list}.",
                     year=int(year), level=labels.level(str(level)), list="; ".join(told))  # fmt: skip
        mine = part.loc[part["city"] == first, "share"]
        for other in part[part["city"] != first].itertuples():
            if len(mine) and pd.notna(other.share) and other.share > 0 and mine.iloc[0] > 0:
                text += " " + _ratio(
                    float(mine.iloc[0]) / float(other.share), labels, labels.region(other.city)
                )
        lines.append(text)
    return "\n\n".join(lines)


def _ratio(ratio: float, labels: Labels, other: str) -> str:
    """Say how many times one share is the other, in the direction that is above one."""
    words = labels.words
    if 0.95 < ratio < 1.05:
        return words("About the same: {other}.", other=other)
    times = max(ratio, 1 / ratio)
    # a whole number takes the plural of its own; a fraction always the one of fractions ("2.5 раза")
    told = words.number(times, 0 if times >= 20 else 1)
    if ratio > 1:
        if times >= 20:
            return words.plural(
                "That is {count} time as much as in {other}.",
                "That is {count} times as much as in {other}.",
                round(times),
                other=other,
            )
        return words("That is {ratio} times as much as in {other}.", ratio=told, other=other)
    if times >= 20:
        return words.plural(
            "In {other} it is {count} time as much.",
            "In {other} it is {count} times as much.",
            round(times),
            other=other,
        )
    return words("In {other} it is {ratio} times as much.", ratio=told, other=other)


def rate_reading(rates: pd.DataFrame, labels: Labels, levels: list[str]) -> str:
    """Read the local rates per resident of the latest year, both bases of the population."""
    words = labels.words
    rows = rates[rates["level"].isin(levels) & rates["rate"].notna()]
    if rows.empty:
        return words("No rate per resident can be computed: there is no population near enough in time.")
    rows = rows[rows["year"] == rows["year"].max()]
    told = []
    for city, part in rows.groupby("city", sort=False):
        values = sorted(float(v) for v in part["rate"])
        span = (
            words.number(values[0], 2)
            if len(values) == 1
            else words("{low} to {high}", low=words.number(values[0], 2), high=words.number(values[-1], 2))
        )
        told.append(words("{region} {span}", region=labels.region(str(city)), span=span))
    text = words(
        "In {year}, local budgets gave non-profits these sums in roubles per resident, by the basis of the population: {list}.",
        year=int(rows["year"].iloc[0]),
        list="; ".join(told),
    )
    if (rows["years_apart"] != 0).any():
        text += " " + words(
            "Where no population of the year is known, the nearest one stands in, and the table says which."
        )
    return text


def coverage_reading(coverage: pd.DataFrame, labels: Labels) -> str:
    """Read the programme coverage of each city's latest year."""
    words = labels.words
    coverage = coverage[coverage["low"].notna()]
    if coverage.empty:
        return words("It is not known of any municipality whether it has a programme.")
    lines = []
    for city, part in coverage.groupby("city", sort=False):
        row = part.loc[part["year"].idxmax()]
        verdict = {
            "yes": words("The official threshold is passed."),
            "no": words("The official threshold is not passed."),
            "unknown": words("Whether the official threshold is passed cannot be said from what is known."),
        }[str(row["passes"])]
        lines.append(
            words("{region}, {year}: municipalities {all}; known to have a programme: {yes}; not known: {unknown}; so the share lies between {low} and {high}.",
                  region=labels.region(str(city)), year=int(row["year"]), all=words.number(row["municipalities"]), yes=words.number(row["with_programme"]),
                  unknown=words.number(row["unknown"]), low=words.percent(row["low"], 1), high=words.percent(row["high"], 1)) + " " + verdict
        )  # fmt: skip
    return "\n\n".join(lines)


def break_reading(population: pd.DataFrame, labels: Labels) -> str:
    """Read how far the two bases of the population lie apart."""
    words = labels.words
    lines = []
    for city, part in population.groupby("city", sort=False):
        bases = list(dict.fromkeys(part["basis"]))
        if len(bases) < 2:
            continue
        old = part[part["basis"] == bases[0]].sort_values("year").iloc[-1]
        new = part[part["basis"] == bases[-1]].sort_values("year").iloc[0]
        change = float(new["value"] / old["value"] - 1)
        lines.append(
            words("{region}: {old} in {y0}, {new} in {y1} on the other basis: {change}, which is no growth rate.",
                  region=labels.region(str(city)), old=words.number(old["value"]), y0=int(old["year"]), new=words.number(new["value"]), y1=int(new["year"]),
                  change=words.percent(change, 1, signed=True))
        )  # fmt: skip
    return "\n\n".join(lines) or words("The series has one basis.")
