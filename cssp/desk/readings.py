"""What the desk study's tables say, in sentences made from them."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def day_reading(day: str, acts: pd.DataFrame, labels: Labels) -> str:
    """Say which day the acts are looked at on, and how many are known to hold on it.

    Parameters
    ----------
    day : a day as 2022-07-01, or a year
    acts : table from `in_force`, a row an act and instrument
    labels : the reader's words
    """
    words = labels.words
    count = len(acts[["act", "number", "date"]].drop_duplicates())
    return words.plural(
        "The chosen day is **{day}**: {count} act of the register is known to hold on it.",
        "The chosen day is **{day}**: {count} acts of the register are known to hold on it.",
        count,
        day=words.day(day, long=True),
    )


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
    for (_, level), whole in rows.groupby(["indicator", "level"], sort=False):
        part = _few(whole, "share", first)
        phrases = [
            words(
                "{region} {share}",
                region=labels.region(r.city),
                share=words.percent(float(r.share), 4 if r.share < 0.0005 else 2),
            )
            for r in part.itertuples()
            if pd.notna(r.share)
        ]
        text = words(
            "In {year}, support of non-profits made up these shares of the expenditure of the "
            "{level} budgets: {list}.",
            year=int(year),
            level=labels.level(str(level)),
            list="; ".join(phrases),
        )
        if len(part) < len(whole):
            text += " " + _rest(len(whole) - len(part), labels)
        mine = part.loc[part["city"] == first, "share"]
        for other in part[part["city"] != first].itertuples():
            if len(mine) and pd.notna(other.share) and other.share > 0 and mine.iloc[0] > 0:
                text += " " + _ratio(
                    float(mine.iloc[0]) / float(other.share), labels, labels.region(other.city)
                )
        lines.append(text)
    return "\n\n".join(lines)


#: So many regions are read out; of more, the first, the highest and the lowest.
MOST = 6


def _few(rows: pd.DataFrame, value: str, first: str) -> pd.DataFrame:
    """Return the rows that are read out: all of a few.

    Of many, the first city, the highest and the lowest.
    """
    known = rows[rows[value].notna()]
    if known["city"].nunique() <= MOST:
        return rows
    numbers = known[value].astype(float)
    kept = {first, known.loc[numbers.idxmax(), "city"], known.loc[numbers.idxmin(), "city"]}
    return rows[rows["city"].isin(kept)]


def _rest(count: int, labels: Labels) -> str:
    return labels.words.plural(
        "Another {count} region is in the table.",
        "Another {count} regions are in the table.",
        count,
    )


def _ratio(ratio: float, labels: Labels, other: str) -> str:
    """Say how many times one share is the other, in the direction that is above one."""
    words = labels.words
    if 0.95 < ratio < 1.05:
        return words("{other}: about the same.", other=other)
    times = max(ratio, 1 / ratio)
    # a whole number takes the plural of its own; a fraction always the one of fractions ("2.5
    # раза")
    times_text = words.number(times, 0 if times >= 20 else 1)
    if ratio > 1:
        if times >= 20:
            return words.plural(
                "That is {count} time as much as in {other}.",
                "That is {count} times as much as in {other}.",
                round(times),
                other=other,
            )
        return words("That is {ratio} times as much as in {other}.", ratio=times_text, other=other)
    if times >= 20:
        return words.plural(
            "In {other} it is {count} time as much.",
            "In {other} it is {count} times as much.",
            round(times),
            other=other,
        )
    return words("In {other} it is {ratio} times as much.", ratio=times_text, other=other)


def rate_reading(rates: pd.DataFrame, labels: Labels, levels: list[str]) -> str:
    """Read the local rates per resident of the latest year, both bases of the population."""
    words = labels.words
    rows = rates[rates["level"].isin(levels) & rates["rate"].notna()]
    if rows.empty:
        return words(
            "No rate per resident can be computed: there is no population near enough in time."
        )
    rows = rows[rows["year"] == rows["year"].max()]
    number = rows["city"].nunique()
    rows = _few(rows, "rate", str(rows["city"].iloc[0]))
    left_out = number - rows["city"].nunique()
    phrases = []
    for city, part in rows.groupby("city", sort=False):
        values = sorted(float(v) for v in part["rate"])
        span = (
            _rounded(values[0], labels)
            if len(values) == 1
            else words(
                "{low} to {high}",
                low=_rounded(values[0], labels),
                high=_rounded(values[-1], labels),
            )
        )
        phrases.append(words("{region} {span}", region=labels.region(str(city)), span=span))
    text = words(
        "In {year}, local budgets gave non-profits these sums per resident ({unit}), by the basis "
        "and year of the population: {list}.",
        unit=_unit(rates, labels),
        year=int(rows["year"].iloc[0]),
        list="; ".join(phrases),
    )
    if left_out:
        text += " " + _rest(left_out, labels)
    if (rows["years_apart"] != 0).any():
        text += " " + words(
            "Where no population of the year is known, the nearest one stands in, and the table "
            "says which."
        )
    return text


def _rounded(value: float, labels: Labels) -> str:
    """Return a rate without more digits than it can bear: whole from ten on."""
    return labels.words.number(value, 0 if value >= 10 else 1 if value >= 1 else 2)


def _unit(table: pd.DataFrame, labels: Labels) -> str:
    """Return the label of the unit in which an indicator of a table is measured."""
    return labels.unit(labels.study.indicators.indicator(str(table["indicator"].iloc[0])).unit)


def coverage_reading(coverage: pd.DataFrame, labels: Labels) -> str:
    """Read the programme coverage of each city's latest year."""
    words = labels.words
    coverage = coverage[coverage["low"].notna()]
    if coverage.empty:
        return words("It is not known of any municipality whether it has a programme.")
    lines = []
    last = coverage.loc[coverage.groupby("city", sort=False)["year"].idxmax().tolist()]
    shown = _few(last, "low", str(coverage["city"].iloc[0]))
    for city, part in coverage[coverage["city"].isin(shown["city"])].groupby("city", sort=False):
        row = part.loc[part["year"].idxmax()]
        verdict = {
            "yes": words("The official threshold is passed."),
            "no": words("The official threshold is not passed."),
            "unknown": words(
                "Whether the official threshold is passed cannot be said from what is known."
            ),
        }[str(row["passes"])]
        lines.append(
            words(
                "{region}, {year}: municipalities {all}; known to have a programme: {yes}; not "
                "known: {unknown}; so the share lies between {low} and {high}.",
                region=labels.region(str(city)),
                year=int(row["year"]),
                all=words.number(row["municipalities"]),
                yes=words.number(row["with_programme"]),
                unknown=words.number(row["unknown"]),
                low=words.percent(row["low"], 1),
                high=words.percent(row["high"], 1),
            )
            + " "
            + verdict
        )
    if len(shown) < len(last):
        lines.append(_rest(len(last) - len(shown), labels))
    return "\n\n".join(lines)


def break_reading(population: pd.DataFrame, labels: Labels) -> str:
    """Read how far the two bases of the population lie apart."""
    words = labels.words
    lines = []
    if population.empty:
        return words("No population is known.")
    named = population["city"].unique()[:MOST]
    for city, part in population[population["city"].isin(named)].groupby("city", sort=False):
        bases = list(dict.fromkeys(part["basis"]))
        if len(bases) < 2:
            continue
        old = part[part["basis"] == bases[0]].sort_values("year").iloc[-1]
        new = part[part["basis"] == bases[-1]].sort_values("year").iloc[0]
        change = float(new["value"] / old["value"] - 1)
        lines.append(
            words(
                "{region}: {old} in {y0}, {new} in {y1} on the other basis: {change}, which is no "
                "growth rate.",
                region=labels.region(str(city)),
                old=words.number(old["value"]),
                y0=int(old["year"]),
                new=words.number(new["value"]),
                y1=int(new["year"]),
                change=words.percent(change, 1, signed=True),
            )
        )
    return "\n\n".join(lines) or words("The series has one basis.")


def gap_reading(gaps: pd.DataFrame, matrix: pd.DataFrame, labels: Labels, city: str) -> str:
    """Read for which instruments a city has a basis above it and no act of its own.

    Parameters
    ----------
    gaps, matrix : tables from `regulation_gaps` and `coverage_matrix`
    labels : the reader's words
    city : the city that is read about
    """
    words = labels.words
    if not len(matrix) or not matrix["acts"].sum():
        return words("The register holds no act of this day, so nothing can be said of gaps.")
    own = gaps[gaps["territory"] == city]
    if own.empty:
        return words(
            "For every instrument that has a basis above, an act was found where one is looked for."
        )
    texts = []
    for state, text in (
        (
            "none found",
            words(
                "{city}: no act was found for {list}, although there is a basis above. Not found "
                "is not the same as not there."
            ),
        ),
        (
            "held before or later",
            words("{city}: there was or will be an act, but none in force on the day, for {list}."),
        ),
    ):
        rows = own[own["state"] == state]
        phrases = [
            words(
                "{instrument} ({level} level)",
                instrument=labels.instrument(str(r.instrument)),
                level=labels.level(str(r.level)),
            )
            for r in rows.itertuples()
        ]
        if phrases:
            texts.append(text.format(city=labels.city(city), list=words.listed(phrases)))
    return " ".join(texts)


def real_reading(real: pd.DataFrame, labels: Labels) -> str:
    """Read how support changed between the first and the last year, level by level.

    In current and in constant prices.

    Parameters
    ----------
    real : table from `deflate`, a row a city, level and year
    labels : the reader's words
    """
    words = labels.words
    named = real["city"].unique()[:MOST]
    known = real[real["real"].notna() & real["city"].isin(named)]
    lines = []
    for (city, level), part in known.groupby(["city", "level"], sort=False):
        part = part.sort_values("year")
        first, last = part.iloc[0], part.iloc[-1]
        if first["year"] == last["year"] or float(first["value"]) <= 0:
            continue
        lines.append(
            words(
                "{region}, {level} level, {y0} to {y1}: {nominal} in current prices, {real} in "
                "prices of {base}.",
                region=labels.region(str(city)),
                level=labels.level(str(level)),
                y0=int(first["year"]),
                y1=int(last["year"]),
                nominal=words.percent(float(last["value"] / first["value"]) - 1, 0, signed=True),
                real=words.percent(float(last["real"] / first["real"]) - 1, 0, signed=True),
                base=int(last["base_year"]),
            )
        )
    if lines:
        lines.append(words("Two years show a change, not a trend."))
    return "\n\n".join(lines) or words("There are not two years to compare.")
