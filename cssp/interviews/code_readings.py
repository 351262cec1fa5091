"""Sentences on codes: who names them, where groups differ, what goes together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cssp.interviews.agreement import NOTE_DOUBTED
from cssp.show.labels import Labels
from cssp.show.words import Words


def prevalence(table: pd.DataFrame, labels: Labels) -> str:
    """Read the codes that most interviews of each city name."""
    words = labels.words
    lines = []
    for city, part in table.groupby("city", sort=False):
        # with ties at the third place all of them: none was named more than the others
        top = part[part["named"] > 0].nlargest(3, "named", keep="all")
        phrases = [
            words(
                "{code} ({named} of {n}, 95% interval {low} to {high})",
                code=_code(r, labels),
                named=words.number(r.named),
                n=words.number(r.n),
                low=words.percent(r.ci_low),
                high=words.percent(r.ci_high),
            )
            for r in top.itertuples()
        ]
        lines.append(
            words(
                "{city}: most often {list}.",
                city=labels.city(str(city)),
                list=words.listed(phrases),
            )
            if phrases
            else words("{city}: no code is named.", city=labels.city(str(city)))
        )
    return "\n\n".join(lines)


def _code(row: Any, labels: Labels) -> str:
    """Name a code.

    Where the coders agree on it too little, with their agreement (see `with_agreement`).
    """
    name = labels.code(str(row.code))
    if NOTE_DOUBTED not in str(getattr(row, "note", "")):
        return name
    return labels.words(
        "{code} (alpha only {alpha})", code=name, alpha=labels.words.number(row.alpha, 2)
    )


def gaps(table: pd.DataFrame, labels: Labels, first: str, second: str) -> str:
    """Read which codes the interviews of one city name more often.

    Where the interval leaves out zero.
    """
    words = labels.words
    clear = table[(table["ci_low"] > 0) | (table["ci_high"] < 0)]
    if clear.empty:
        return words(
            "{a} against {b}: for no code does the interval of the difference leave out zero, so "
            "these interviews do not show a difference.",
            a=labels.city(first),
            b=labels.city(second),
        )
    phrases = [
        words(
            "{code} ({gap} points, 95% interval {low} to {high}; {k_a} of {n_a} and {k_b} of "
            "{n_b})",
            code=_code(r, labels),
            gap=words.points(r.gap),
            low=words.points(r.ci_low),
            high=words.points(r.ci_high),
            k_a=words.number(r.named_first),
            n_a=words.number(r.n_first),
            k_b=words.number(r.named_second),
            n_b=words.number(r.n_second),
        )
        for r in clear.itertuples()
    ]
    text = words(
        "{a} against {b}: the interval leaves out zero for {list}.",
        a=labels.city(first),
        b=labels.city(second),
        list="; ".join(phrases),
    )
    return (
        text
        + " "
        + words(
            "With {count} codes compared at once, some intervals leave out zero by chance.",
            count=words.number(len(table)),
        )
    )


def all_gaps(table: pd.DataFrame, labels: Labels) -> str:
    """Read the gaps of one city against each other one."""
    lines = [
        gaps(part, labels, str(first), str(second))
        for (first, second), part in table.groupby(["first", "second"], sort=False)
    ]
    return "\n\n".join(lines) or labels.words(
        "There is only one city with data, so nothing can be set against each other."
    )


def compared(
    table: pd.DataFrame, labels: Labels, first: str, second: str, confidence: float = 0.05
) -> str:
    """Read the tests of one city against another, with effect, interval and n.

    And how many could be made.
    """
    words = labels.words
    made = table[table["p"].notna()]
    if made.empty:
        return words(
            "{a} against {b}: no code could be compared.",
            a=labels.city(first),
            b=labels.city(second),
        )
    clear = made[made["p_adjusted"] <= confidence]
    head = words(
        "{a} against {b}: {count} codes compared, corrected for their number (Holm).",
        a=labels.city(first),
        b=labels.city(second),
        count=words.number(len(made)),
    )
    if clear.empty:
        least = made.sort_values("p", kind="stable").iloc[0]
        return (
            head
            + " "
            + words(
                "For none is a difference shown; smallest p: {code} ({k_a} of {n_a} and {k_b} of "
                "{n_b}; odds ratio {ratio}, 95% interval {low} to {high}; p = {p}, corrected {q}).",
                **_told(least, words, labels),
            )
        )
    phrases = [
        words(
            "{code} ({k_a} of {n_a} and {k_b} of {n_b}; odds ratio {ratio}, 95% interval {low} to "
            "{high}; p = {p}, corrected {q})",
            **_told(row, words, labels),
        )
        for _, row in clear.iterrows()
    ]
    return head + " " + words("Different: {list}.", list="; ".join(phrases))


def _told(row: pd.Series, words: Words, labels: Labels) -> dict[str, str]:
    def number(value: float) -> str:
        return "∞" if np.isinf(value) else words.number(value, 2)

    return {
        "code": _code(row, labels),
        "k_a": words.number(row["named_first"]),
        "n_a": words.number(row["n_first"]),
        "k_b": words.number(row["named_second"]),
        "n_b": words.number(row["n_second"]),
        "ratio": number(row["odds_ratio"]),
        "low": number(row["odds_low"]),
        "high": number(row["odds_high"]),
        "p": words.p_value(row["p"]),
        "q": words.p_value(row["p_adjusted"]),
    }


def together(table: pd.DataFrame, labels: Labels, confidence: float = 0.05) -> str:
    """Read which codes meet more often than chance would bring."""
    words = labels.words
    if table.empty:
        return words("Fewer than two codes are named, so none can meet.")
    clear = table[
        (table["p_adjusted"] <= confidence) & (table["together"] > table["expected"])
    ].head(5)
    top = table.head(3)
    phrases = [
        words(
            "{a} with {b} ({together} of {n}; by chance {expected})",
            a=labels.code(r.code),
            b=labels.code(r.with_code),
            together=words.number(r.together),
            n=words.number(r.n),
            expected=words.number(r.expected, 1),
        )
        for r in (clear if len(clear) else top).itertuples()
    ]
    if len(clear):
        return words(
            "More often together than by chance, corrected for {count} pairs: {list}.",
            count=words.number(len(table)),
            list="; ".join(phrases),
        )
    return words(
        "Of {count} pairs none can be shown to be together more often than chance would bring, "
        "once their number is allowed for. Most often together: {list}.",
        count=words.number(len(table)),
        list="; ".join(phrases),
    )
