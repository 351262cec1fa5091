"""The joint display read aloud."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cssp.desk.purpose_readings import times
from cssp.show.labels import Labels
from cssp.study.study import Stage
from cssp.synthesis.findings import STAGES


def joint(table: pd.DataFrame, labels: Labels) -> str:
    """Return which themes the stages agree on, which they disagree on.

    And on which they are silent.
    """
    words = labels.words
    if table.empty:
        return words("There is only one city with data, so nothing can be set against each other.")
    lines = []
    for (first, second), rows in table.groupby(["first", "second"], sort=False):
        parts = []
        for verdict, text in (
            ("converges", "the stages point the same way on {themes}"),
            ("diverges", "they contradict each other on {themes}"),
            ("alike", "survey and interviews show the cities alike on {themes}"),
            ("silent", "fewer than two stages show a direction on {themes}"),
        ):
            names = [labels.theme(str(t)) for t in rows.loc[rows["verdict"] == verdict, "theme"]]
            if names:
                parts.append(
                    words(
                        text,
                        themes=words.listed(
                            [f"«{n}»" if labels.language == "ru" else f"“{n}”" for n in names]
                        ),
                    )
                )
        lines.append(
            words("{a} against {b}", a=labels.city(str(first)), b=labels.city(str(second)))
            + ": "
            + "; ".join(parts)
            + "."
        )
    return "\n\n".join(lines)


def findings(table: pd.DataFrame, labels: Labels) -> str:
    """Return the answers to the study's questions, a sentence each, with the other city named once.

    Parameters
    ----------
    table : from `findings`
    labels : the reader's words
    """
    words = labels.words
    if table.empty:
        return words("The study asks no questions (`questions` in study.yaml), or has one city.")
    lines = []
    for (first, second), rows in table.groupby(["first", "second"], sort=False):
        if table["second"].nunique() > 1:
            lines.append(
                "**"
                + words("{a} against {b}", a=labels.city(str(first)), b=labels.city(str(second)))
                + "**"
            )
        lines += [_finding(row, labels) for row in rows.to_dict("records")]
    return "\n\n".join(lines)


def _finding(row: dict[str, object], labels: Labels) -> str:
    """Return one answer: values, difference with interval and base, verdict."""
    words = labels.words
    question = f"**{labels.question(str(row['question']))}**"
    first, second = (_name(row, side, labels) for side in ("first", "second"))
    if row["verdict"] == "unknown":
        return f"{question} " + words("Not known: {why}.", why=words(str(row["note"])))
    values = {
        "first": first,
        "second": second,
        "one": _value(row, "value_first", labels),
        "other": _value(row, "value_second", labels),
    }
    if row["kind"] == "support":
        text = words(
            "{first}: {one}; {second}: {other} in {year} (a full count, so there is no interval).",
            **values,
            year=int(float(str(row["year"]))),
        )
    else:
        text = words("{first}: {one}; {second}: {other}", **values) + "; "
        text += words(
            "difference {gap} points (95% interval {low} to {high}; n = {n_first} and {n_second}; "
            "p = {p}, corrected for {tests} tested questions).",
            gap=_value(row, "gap", labels, signed=True),
            low=_value(row, "ci_low", labels, signed=True),
            high=_value(row, "ci_high", labels, signed=True),
            n_first=words.number(float(str(row["n_first"]))),
            n_second=words.number(float(str(row["n_second"]))),
            p=words.p_value(float(str(row["p_adjusted"]))),
            tests=row["n_tests"],
        )
    return f"{question} {text} {_said(row, labels)}{_mark(row, labels)}"


def _name(row: dict[str, object], side: str, labels: Labels) -> str:
    """Return the name of a city, or of its region where the money is the region's."""
    name = str(row[side])
    return labels.region(name) if row["kind"] == "support" else labels.city(name)


def _value(row: dict[str, object], name: str, labels: Labels, signed: bool = False) -> str:
    """Write a value in the form of its kind: roubles, points, or per cent (points where signed)."""
    words, value = labels.words, float(str(row[name]))
    if row["kind"] == "support":
        return words("{value} roubles", value=words.number(value, 0 if abs(value) >= 10 else 2))
    if row["kind"] == "code" and not signed:
        return words.percent(value)
    return words.points(value)


def _said(row: dict[str, object], labels: Labels) -> str:
    """Return the verdict in words."""
    words = labels.words
    gap = float(str(row["gap"]))
    higher = _name(row, "first" if gap > 0 else "second", labels)
    if row["kind"] == "support":
        return _counted(row, higher, labels)
    if row["verdict"] == "not_clear":
        detectable = float(str(row["detectable"]))
        if np.isnan(detectable):
            return words("Not clear at this size.")
        return words(
            "Not clear at this size: a difference from {size} points on would have passed the "
            "correction with a chance of 80%; a smaller one is not ruled out.",
            size=words.number(100 * detectable),
        )
    made_up = labels.study.status(_stage(row), [str(row["first"]), str(row["second"])])
    if {"simulated", "invented"} & set(made_up):
        return words(
            "The method finds a difference: {city} is higher; it says nothing of the cities.",
            city=higher,
        )
    if row["expected"] not in (row["first"], row["second"]):
        return words("Clear: {city} is higher.", city=higher)
    if row["verdict"] == "opposite":
        return words("Clear, and against what was expected: {city} is higher.", city=higher)
    return words("Clear, and as expected: {city} is higher.", city=higher)


def _counted(row: dict[str, object], higher: str, labels: Labels) -> str:
    """Say which region gives more, by how much, and whether it did in other years."""
    words = labels.words
    one, other = float(str(row["value_first"])), float(str(row["value_second"]))
    if one == other:
        return words("There is no difference.")
    ratio = times(one / other if other else float("nan"), labels)
    if row["expected"] not in (row["first"], row["second"]):
        text = words("{region} gives more ({ratio}).", region=higher, ratio=ratio)
    elif (row["expected"] == row["first"]) == (one > other):
        text = words("As expected, {region} gives more ({ratio}).", region=higher, ratio=ratio)
    else:
        text = words(
            "Against what was expected, {region} gives more ({ratio}).", region=higher, ratio=ratio
        )
    if row["reversed_in"]:
        text += " " + words("It was the reverse in {years}.", years=row["reversed_in"])
    return text


def _stage(row: dict[str, object]) -> Stage:
    return STAGES[str(row["kind"])]


def _mark(row: dict[str, object], labels: Labels) -> str:
    """Say in a word that the data of an answer are made up."""
    if row["kind"] == "support":
        return ""
    statuses = labels.study.status(_stage(row), [str(row["first"]), str(row["second"])])
    if "simulated" in statuses:
        return " " + labels.words("[simulated data]")
    return " " + labels.words("[invented data]") if "invented" in statuses else ""
