"""What the interviews' tables say, in sentences made from them."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels


def corpus(interviews: pd.DataFrame, labels: Labels) -> str:
    """Read how many interviews there are, and how long."""
    words = labels.words
    lines = []
    for city, part in interviews.groupby("city", sort=False):
        coders = sorted({name for names in part["coders"] for name in names})
        lines.append(
            words.plural("{city}: {count} interview of {low} to {high} words, coded by {coders}.", "{city}: {count} interviews of {low} to {high} words, coded by {coders}.",
                         len(part), city=labels.city(str(city)), low=words.number(part["words"].min()), high=words.number(part["words"].max()),
                         coders=words.listed(coders))
        )  # fmt: skip
    return "\n\n".join(lines) or words("There are no interviews.")


def agreement(table: pd.DataFrame, labels: Labels, minimum: float = 0.667) -> str:
    """Read the overall agreement, and the codes below the minimum."""
    words = labels.words
    overall = table[table["code"] == "overall"].iloc[0]
    if pd.isna(overall["alpha"]):
        return words("Agreement is not defined: {reason}.", reason=labels.notes(overall["note"]))
    text = words(
        "Over all codes alpha is {alpha} (95% interval {low} to {high}; {n} interviews, {k} coders).",
        alpha=words.number(overall["alpha"], 2), low=words.number(overall["ci_low"], 2), high=words.number(overall["ci_high"], 2),
        n=words.number(overall["n_interviews"]), k=words.number(overall["n_coders"]),
    )  # fmt: skip
    low = table[(table["alpha"].round(3) < minimum) & (table["code"] != "overall")].sort_values("alpha")
    told = [
        ", ".join(f"{labels.code(r.code)} ({words.number(r.alpha, 3)})" for r in part.itertuples())
        for part in (low[low["code"] != low["group"]], low[low["code"] == low["group"]])
    ]
    if told[0]:
        text += " " + words(
            "Of the single codes, below {minimum}: {list}.", minimum=words.number(minimum, 3), list=told[0]
        )
    if told[1]:
        text += " " + words("Of the groups of codes: {list}.", list=told[1])
    unused = table[table["alpha"].isna()]
    if len(unused):
        text += " " + words(
            "Not defined for: {list}.", list=", ".join(labels.code(str(c)) for c in unused["code"])
        )
    return text


def prevalence(table: pd.DataFrame, labels: Labels) -> str:
    """Read the codes that most interviews of each city name."""
    words = labels.words
    lines = []
    for city, part in table.groupby("city", sort=False):
        top = part[part["named"] > 0].sort_values("named", ascending=False, kind="stable").head(3)
        told = [
            words("{code} ({named} of {n}, 95% interval {low} to {high})", code=labels.code(r.code), named=words.number(r.named), n=words.number(r.n),
                  low=words.percent(r.ci_low), high=words.percent(r.ci_high))
            for r in top.itertuples()
        ]  # fmt: skip
        lines.append(
            words("{city}: most often {list}.", city=labels.city(str(city)), list=words.listed(told))
            if told
            else words("{city}: no code is named.", city=labels.city(str(city)))
        )
    return "\n\n".join(lines)


def gaps(table: pd.DataFrame, labels: Labels, first: str, second: str) -> str:
    """Read which codes the interviews of one city name more often, where the interval leaves out zero."""
    words = labels.words
    clear = table[(table["ci_low"] > 0) | (table["ci_high"] < 0)]
    if clear.empty:
        return words("{a} against {b}: for no code does the interval of the difference leave out zero, so these interviews do not show a difference.",
                     a=labels.city(first), b=labels.city(second))  # fmt: skip
    told = [
        words("{code} ({gap} points, 95% interval {low} to {high}; {k_a} of {n_a} and {k_b} of {n_b})", code=labels.code(r.code), gap=words.points(r.gap),
              low=words.points(r.ci_low), high=words.points(r.ci_high), k_a=words.number(r.named_first), n_a=words.number(r.n_first),
              k_b=words.number(r.named_second), n_b=words.number(r.n_second))
        for r in clear.itertuples()
    ]  # fmt: skip
    text = words(
        "{a} against {b}: the interval leaves out zero for {list}.",
        a=labels.city(first),
        b=labels.city(second),
        list="; ".join(told),
    )
    return (
        text
        + " "
        + words(
            "With {count} codes compared at once, some intervals leave out zero by chance.",
            count=words.number(len(table)),
        )
    )


def saturation(table: pd.DataFrame, labels: Labels, last: int = 3) -> str:
    """Read how many new codes the last interviews of each city brought."""
    words = labels.words
    lines = []
    for city, part in table.groupby("city", sort=False):
        tail = part.sort_values("order").tail(last)
        lines.append(
            words("{city}: {seen} of {all} codes were named; new codes in the last {last} interviews: {new}.", city=labels.city(str(city)),
                  seen=words.number(part["cumulative"].max()), all=words.number(part["codes_in_system"].iloc[0]), last=words.number(len(tail)),
                  new=words.number(tail["new"].sum()))
        )  # fmt: skip
    return "\n\n".join(lines) or words("There are no interviews.")


def all_gaps(table: pd.DataFrame, labels: Labels) -> str:
    """Read the gaps of one city against each other one."""
    lines = [
        gaps(part, labels, str(first), str(second))
        for (first, second), part in table.groupby(["first", "second"], sort=False)
    ]
    return "\n\n".join(lines) or labels.words(
        "There is only one city with data, so nothing can be set against each other."
    )
