"""What the interviews' tables say, in sentences made from them."""

from __future__ import annotations

import pandas as pd

from cssp.show.labels import Labels
from cssp.show.words import Words


def corpus(interviews: pd.DataFrame, labels: Labels) -> str:
    """Read how many interviews there are, and how long."""
    words = labels.words
    lines = []
    for city, part in interviews.groupby("city", sort=False):
        coders = sorted({name for names in part["coders"] for name in names})
        lines.append(
            words.plural(
                "{city}: {count} interview of {low} to {high} words, coded by {coders}.",
                "{city}: {count} interviews of {low} to {high} words, coded by {coders}.",
                len(part),
                city=labels.city(str(city)),
                low=words.number(part["words"].min()),
                high=words.number(part["words"].max()),
                coders=words.listed(coders),
            )
        )
    return "\n\n".join(lines) or words("There are no interviews.")


def agreement(table: pd.DataFrame, labels: Labels, minimum: float = 0.667) -> str:
    """Read the overall agreement, and the codes below the minimum."""
    words = labels.words
    overall = table[table["code"] == "overall"].iloc[0]
    if pd.isna(overall["alpha"]):
        return words("Agreement is not defined: {reason}.", reason=labels.notes(overall["note"]))
    text = words(
        "Over all codes alpha is {alpha} (95% interval {low} to {high}; {n} interviews, {k} "
        "coders).",
        alpha=words.number(overall["alpha"], 2),
        low=words.number(overall["ci_low"], 2),
        high=words.number(overall["ci_high"], 2),
        n=words.number(overall["n_interviews"]),
        k=words.number(overall["n_coders"]),
    )
    chances = {
        "below": words.number(overall["q_0667"], 2),
        "short": words.number(overall["q_0800"], 2),
    }
    if overall["alpha"] >= 0.8:
        text += " " + words(
            "It reaches the customary requirement of .800 (chance that it lies below: {short}).",
            short=chances["short"],
        )
    elif overall["alpha"] >= minimum:
        text += " " + words(
            "It lies between the customary minima (chance that it lies below .667: {below}; below "
            ".800: {short}): tentative conclusions only.",
            **chances,
        )
    else:
        text += " " + words(
            "It lies below .667, the minimum for tentative conclusions (chance of that: {below}).",
            below=chances["below"],
        )
    low = table[(table["alpha"].round(3) < minimum) & (table["code"] != "overall")].sort_values(
        "alpha"
    )
    phrases = [
        ", ".join(f"{labels.code(r.code)} ({words.number(r.alpha, 3)})" for r in part.itertuples())
        for part in (low[low["code"] != low["group"]], low[low["code"] == low["group"]])
    ]
    if phrases[0]:
        text += " " + words(
            "Of the single codes, below {minimum}: {list}.",
            minimum=words.number(minimum, 3),
            list=phrases[0],
        )
    if phrases[1]:
        text += " " + words("Of the groups of codes: {list}.", list=phrases[1])
    unused = table[table["alpha"].isna()]
    if len(unused):
        text += " " + words(
            "Not defined for: {list}.", list=", ".join(labels.code(str(c)) for c in unused["code"])
        )
    return text


def saturation(table: pd.DataFrame, labels: Labels, last: int = 3) -> str:
    """Read how many new codes the last interviews of each city brought."""
    words = labels.words
    lines = []
    for city, part in table.groupby("city", sort=False):
        tail = part.sort_values("order").tail(last)
        lines.append(
            words(
                "{city}: {seen} of {all} codes were named; new codes in the last {last} "
                "interviews: {new}.",
                city=labels.city(str(city)),
                seen=words.number(part["cumulative"].max()),
                all=words.number(part["codes_in_system"].iloc[0]),
                last=words.number(len(tail)),
                new=words.number(tail["new"].sum()),
            )
        )
    return "\n\n".join(lines) or words("There are no interviews.")


def by_unit(table: pd.DataFrame, labels: Labels) -> str:
    """Read the overall agreement at each unit, and which question each base answers."""
    words = labels.words
    own = table[(table["code"] == "overall") & table["alpha"].notna()]
    if own.empty:
        return words("Agreement is not defined at any unit.")
    phrases = [
        words(
            "{unit}, {base}: {alpha} (95% interval {low} to {high}; {n} interviews)",
            unit=labels.word(r.by),
            base=labels.word(r.base),
            alpha=words.number(r.alpha, 2),
            low=words.number(r.ci_low, 2),
            high=words.number(r.ci_high, 2),
            n=words.number(r.n_interviews),
        )
        for r in own.itertuples()
    ]
    text = words("Alpha over all codes by unit: {list}.", list="; ".join(phrases))
    return (
        text
        + " "
        + words(
            "Over all units the question is whether another coder would mark the same places of "
            "the whole text; over units that somebody marked, whether another coder would give the "
            "same codes there."
        )
    )


def disputes(found: pd.DataFrame, confusion: pd.DataFrame, labels: Labels) -> str:
    """Read how many passages are disputed, and which codes are given for one another.

    `found` is the table of `passages`, `confusion` that of `code_confusion`.
    """
    words = labels.words
    if found.empty:
        return words("Nobody marked anything.")
    if found["marked_by"].map(len).add(found["not_marked_by"].map(len)).max() < 2:
        return words("Each interview was coded by one coder, so nothing can be disputed.")
    disputed = int((~found["agreed"]).sum())
    text = words(
        "Of {all} passages that somebody marked with a code, {agreed} were marked by every coder "
        "of the interview and {disputed} were not.",
        all=words.number(len(found)),
        agreed=words.number(len(found) - disputed),
        disputed=words.number(disputed),
    )
    often = confusion[confusion["times"] >= 2].head(3)
    if len(often):
        phrases = [
            words(
                "{a} and {b} ({times})",
                a=labels.code(r.code),
                b=labels.code(r.with_code),
                times=words.number(r.times),
            )
            for r in often.itertuples()
        ]
        text += " " + words("Most often given for one another: {list}.", list="; ".join(phrases))
    else:
        text += " " + words(
            "No two codes are given for one another more than once: what is disputed is whether a "
            "code applies, not which."
        )
    return text


def enough(rule: pd.DataFrame, unseen: pd.DataFrame, labels: Labels) -> str:
    """Write the sentence on saturation that may stand in a paper, with its limits.

    One for each city, and one for all.
    """
    words = labels.words
    lines = []
    for city, part in rule.groupby("city", sort=False):
        strict = part[part["new_threshold"] == part["new_threshold"].min()]
        reached = strict["reached_at"].dropna()
        estimate = unseen[unseen["city"] == city].iloc[0]
        place = labels.city(str(city))
        n = words.number(estimate["n_interviews"])
        settings = words(
            "base {base} interviews, runs of {run}, no more than {share} new codes",
            base=_range(part["base_size"], words),
            run=_range(part["run_length"], words),
            share=_shares(part["new_threshold"], words),
        )
        if len(reached) == len(strict) and len(strict):
            first = words(
                "{city}: by the rule of Guest, Namey and Chen ({settings}) the strictest settings "
                "were reached at interviews {from_} to {to} of {n}.",
                city=place,
                settings=settings,
                from_=words.number(reached.min()),
                to=words.number(reached.max()),
                n=n,
            )
        else:
            first = words(
                "{city}: by the rule of Guest, Namey and Chen ({settings}) saturation was reached "
                "under {some} of {all} settings within {n} interviews.",
                city=place,
                settings=settings,
                some=words.number(part["reached_at"].notna().sum()),
                all=words.number(len(part)),
                n=n,
            )
        later = strict["new_later"].max() if len(reached) else pd.NA
        if pd.notna(later) and later > 0:
            first += " " + words.plural(
                "{count} code was named for the first time after that.",
                "{count} codes were named for the first time after that.",
                int(later),
            )
        lines.append(first + " " + _unheard(estimate, words, labels))
    if not lines:
        return words("There are no interviews.")
    return (
        "\n\n".join(lines)
        + "\n\n"
        + words(
            "This speaks of the code system, in the order in which the interviews were held, not "
            "of everything that there is to hear: a code that is not in the system cannot be found."
        )
    )


def _unheard(estimate: pd.Series, words: Words, labels: Labels) -> str:
    heard = words.number(estimate["heard"])
    if pd.isna(estimate["ci_low"]):
        return words(
            "{heard} codes were heard, none of them in one interview only: nothing points to codes "
            "not heard.",
            heard=heard,
        )
    text = words(
        "{heard} codes were heard; Chao2 expects {chao} (95% interval {low} to {high}).",
        heard=heard,
        chao=words.number(estimate["chao2"], 1),
        low=words.number(estimate["ci_low"], 1),
        high=words.number(estimate["ci_high"], 1),
    )
    if estimate["chao2"] > estimate["codes_in_system"]:
        text += " " + words(
            "Chao2 does not know that the system ends at {count} codes: an estimate above that is "
            "no evidence of codes not heard.",
            count=words.number(estimate["codes_in_system"]),
        )
    return text


def names(pseudonyms: dict[str, str], labels: Labels) -> str:
    """Say whether names in quotations are replaced, and that this is not anonymity."""
    words = labels.words
    if not pseudonyms:
        return words(
            "No list of pseudonyms is given, so nothing in the quotations is replaced. Read each "
            "quotation before it is published."
        )
    return words.plural(
        "{count} name is replaced in the quotations. Replaced names are not anonymity: read each "
        "quotation before it is published.",
        "{count} names are replaced in the quotations. Replaced names are not anonymity: read each "
        "quotation before it is published.",
        len(pseudonyms),
    )


def _range(values: pd.Series, words: Words) -> str:
    low, high = words.number(values.min()), words.number(values.max())
    return low if low == high else f"{low}–{high}"


def _shares(values: pd.Series, words: Words) -> str:
    return (
        words("{low} or {high}", low=words.percent(values.min()), high=words.percent(values.max()))
        if values.min() < values.max()
        else words.percent(values.min())
    )
