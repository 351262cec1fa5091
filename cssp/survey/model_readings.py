"""Sentences on models and scales: reliability, power, profile, weights, regression."""

from __future__ import annotations

import pandas as pd
from scipy.special import ndtri

from cssp.show.labels import Labels
from cssp.show.words import without_equals


def scales(
    reliabilities: pd.DataFrame, bias: pd.DataFrame, labels: Labels, significance: float = 0.05
) -> str:
    """Read how consistent each scale is and which of its items may not be compared."""
    words = labels.words
    if reliabilities.empty:
        return words("The questionnaire has no scales.")
    lines = []
    for row in reliabilities[reliabilities["who"] == "all"].to_dict("records"):
        if pd.isna(row["alpha"]):
            lines.append(
                words(
                    "“{scale}”: no coefficient ({note}).",
                    scale=labels.scale(row["scale"]),
                    note=labels.notes(row["note"]),
                )
            )
            continue
        text = words(
            "“{scale}”: alpha {alpha} (95% interval {low} to {high}; {items} items, n = {n} "
            "respondents who answered them all).",
            scale=labels.scale(row["scale"]),
            alpha=words.number(row["alpha"], 2),
            low=words.number(row["alpha_low"], 2),
            high=words.number(row["alpha_high"], 2),
            items=words.number(row["items"]),
            n=words.number(row["n"]),
        )
        if pd.notna(row["omega"]):
            text += " " + words(
                "Omega {omega} ({low} to {high}).",
                omega=words.number(row["omega"], 2),
                low=words.number(row["omega_low"], 2),
                high=words.number(row["omega_high"], 2),
            )
        own = bias[(bias["scale"] == row["scale"]) & (bias["p_adjusted"] < significance)]
        if len(own):
            strongest = (
                own.sort_values("p_adjusted", kind="stable").drop_duplicates("item").sort_index()
            )
            phrases = [
                words(
                    "“{item}” ({a} against {b}: {smd} SDs at equal score, Mantel's corrected "
                    "p = {p}; n = {n_a} and {n_b})",
                    item=labels.item(row["item"]),
                    a=labels.group(row["group_a"]),
                    b=labels.group(row["group_b"]),
                    smd=words.number(row["smd_sd"], 2, signed=True),
                    p=words.p_value(row["p_adjusted"]),
                    n_a=words.number(row["n_a"]),
                    n_b=words.number(row["n_b"]),
                )
                for row in strongest.to_dict("records")
            ]
            text += " " + words(
                "Not to be compared between the cities as they stand: {list}.",
                list=words.listed(phrases),
            )
        elif len(bias):
            own = bias[(bias["scale"] == row["scale"]) & bias["ci_low"].notna()]
            text += " " + words(
                "No item was found to work differently in the cities; a difference of {size} "
                "points of the scale at equal score would have been found with a chance of 80% "
                "(before correction; the median over the items).",
                size=words.number(_findable((own["ci_high"] - own["ci_low"]).median()), 2),
            )
        lines.append(text)
    return "\n\n".join(lines)


def _findable(width: float) -> float:
    """Return the difference that is found with a chance of 80 %, from the width of its 95 %
    interval.

    >>> round(_findable(2 * 1.96), 2)
    2.8
    """
    edge = float(ndtri(0.975))
    return width / (2 * edge) * (edge + float(ndtri(0.8)))


def detectable(table: pd.DataFrame, labels: Labels) -> str:
    """Read what the groups' sizes can show."""
    words = labels.words
    known = table[table["detectable_effect"].notna()]
    if known.empty:
        return words("No two groups have answers that can be compared.")
    stratum = next((name for name in (labels.grouping(known), "city") if name in known), None)
    lines = []
    for name, part in (
        known.groupby(stratum, sort=False, observed=True) if stratum else [("", known)]
    ):
        middle = part.loc[
            (part["detectable_effect"] - part["detectable_effect"].median()).abs().idxmin()
        ]
        where = labels.group(str(name)) if stratum else ""
        values = {
            "effect": words.number(middle["detectable_effect"], 2)
            if middle["detectable_effect"] <= 1
            else words("none"),
            "corrected": words.number(middle["detectable_corrected"], 2)
            if middle["detectable_corrected"] <= 1
            else words("none"),
            "share": words.number(100 * middle["detectable_share_half"])
            if middle["detectable_share_half"] <= 1
            else words("none"),
        }
        lines.append(
            words(
                "{where} (n about {n_a} and {n_b}): with a chance of {power}, a rank-biserial "
                "correlation from {effect} on is found, from {corrected} on after correction for "
                "{tests} tests (by the Mann–Whitney test, near to the one used); a difference of "
                "two shares (around one half) from {share} points on (before correction).",
                where=where or words("all together"),
                n_a=words.number(part["n_a"].median()),
                n_b=words.number(part["n_b"].median()),
                power=words.percent(middle["power"]),
                tests=words.number(middle["n_tests"]),
                **values,
            )
        )
    return "\n\n".join(lines)


def profile(types: pd.DataFrame, sensitivity: pd.DataFrame, labels: Labels) -> str:
    """Read each city's type with the share of settings that give it."""
    words = labels.words
    if types.empty:
        return words("The study has no sector profile.")
    lines = []
    for row in types[types["block"] == "all"].to_dict("records"):
        if row["note"]:
            lines.append(
                words(
                    "{city}: {note}.", city=labels.city(row["city"]), note=labels.notes(row["note"])
                )
            )
            continue
        own = sensitivity[(sensitivity["city"] == row["city"]) & (sensitivity["block"] == "all")]
        phrases = [
            words(
                "“{type}” in {share}",
                type=labels.profile_type(r.type),
                share=words.percent(r.share),
            )
            for r in own.itertuples()
        ]
        index = words.number(row["index"], 2)
        if pd.notna(row["ci_low"]):
            low, high = (words.number(row[name], 2) for name in ("ci_low", "ci_high"))
            index += f" ({words('95% interval {low} to {high}', low=low, high=high)})"
        near = words.number(row["cohesion"], 2)
        if pd.notna(row["cohesion_low"]):
            low, high = (words.number(row[f"cohesion_{end}"], 2) for end in ("low", "high"))
            near += f" ({words('95% interval {low} to {high}', low=low, high=high)})"
        kind = words("“{type}”", type=labels.profile_type(row["type"]))
        if pd.notna(row["type_share"]):
            kind += words(
                " (if these estimates were the truth, the same in {share} of surveys of this size)",
                share=words.percent(row["type_share"]),
            )
        lines.append(
            words(
                "{city}: index {index}, cohesion {cohesion}; type by rule {type}. Of {all} "
                "settings of the constants: {list}.",
                city=labels.city(row["city"]),
                index=index,
                cohesion=near,
                type=kind,
                all=words.number(own["of"].max() if len(own) else 0),
                list=", ".join(phrases),
            )
        )
    return "\n\n".join(lines)


def profile_rules(labels: Labels) -> str:
    """Say by which rules of the study a type is given, in their order.

    The first that fits gives it.
    """
    words, profile = labels.words, labels.study.file.profile
    rules = [] if profile is None else profile.types
    if not rules:
        return words("The study has no rules for types.")
    lines = []
    for rule in rules:
        bounds = [
            text.format(value=words.number(bound, 2))
            for bound, text in (
                (rule.index_from, words("index from {value}")),
                (rule.index_to, words("index below {value}")),
                (rule.cohesion_from, words("cohesion from {value}")),
                (rule.cohesion_to, words("cohesion below {value}")),
            )
            if bound is not None
        ]
        lines.append(
            words(
                "“{type}”: {bounds}",
                type=labels.profile_type(rule.name),
                bounds=words.listed(bounds) or words("all others"),
            )
        )
    return words(
        "The study's rules, of which the first that fits gives the type. {list}.",
        list="; ".join(lines),
    )


def weighted_findings(tests: pd.DataFrame, plain: pd.DataFrame, labels: Labels) -> str:
    """Say whether the findings change when answers are weighted.

    Parameters
    ----------
    tests : from `compare_weighted`
    plain : from `compare_groups`, of the same items and families
    labels : the reader's words
    """
    words = labels.words
    keys = ["item", *([labels.grouping(tests)] if labels.grouping(tests) in tests else [])]
    both = tests.merge(plain, on=[*keys, "group_a", "group_b"], suffixes=("", "_plain"))
    both = both[both["p_rank_adjusted"].notna() & both["p_level_adjusted"].notna()]
    with_weights, without = both["p_rank_adjusted"] < 0.05, both["p_level_adjusted"] < 0.05
    return words(
        "Of {count} comparisons {weighted} keep a corrected p under 0.05 with weights, {plain} "
        "without them, {both} either way.",
        count=words.number(len(both)),
        weighted=words.number(with_weights.sum()),
        plain=words.number(without.sum()),
        both=words.number((with_weights & without).sum()),
    )


def weights(table: pd.DataFrame, labels: Labels) -> str:
    """Read by how much weights change the balances, at most."""
    words, group = labels.words, labels.grouping(table)
    known = table[table["change"].notna()]
    if known.empty:
        return words("There are no weights.")
    row = known.loc[known["change"].abs().idxmax()]
    return words(
        "The weights change a balance by {typical} points in the median and by {most} at most "
        "(“{item}”, {city}, {sector}: from {plain} to {weighted}; n = {n}, as sure as {effective} "
        "equally weighted ones).",
        typical=words.number(100 * known["change"].abs().median(), 1),
        most=words.points(row["change"], 1),
        item=labels.item(row["item"]),
        city=labels.city(str(row["city"])),
        sector=labels.group(str(row[group])) if group in row else words("all together"),
        plain=words.points(row["balance"]),
        weighted=words.points(row["weighted"]),
        n=words.number(row["n"]),
        effective=words.number(row["n_effective"], 1),
    )


def regression(
    coefficients: pd.DataFrame, odds: pd.DataFrame, labels: Labels, significance: float = 0.05
) -> str:
    """Read the odds ratios of the city, the sectors held equal.

    And where odds are not proportional.
    """
    words = labels.words
    own = coefficients[(coefficients["term"] == "city") & coefficients["odds_ratio"].notna()]
    if own.empty:
        return words("No model could be fitted.")
    clear = own[(own["ci_low"] > 1) | (own["ci_high"] < 1)]
    head = words(
        "In {count} of {all} odds ratios of cities the interval leaves out 1 (uncorrected).",
        count=words.number(len(clear)),
        all=words.number(len(own)),
    )
    # whether the *city's* odds are the same at every cut, corrected over the items
    unequal = odds[(odds["term"] == "city") & (odds["p_adjusted"] < significance)]
    broken = list(unequal["item"])
    lines = [
        words(
            "“{item}”: odds ratio of a higher answer {ratio} ({city} against {reference}; 95% "
            "interval {low} to {high}; n = {n}){doubt}.",
            item=labels.item(row["item"]),
            city=labels.city(row["category"]),
            reference=labels.city(row["reference"]),
            ratio=words.number(row["odds_ratio"], 2),
            low=words.number(row["ci_low"], 2),
            high=words.number(row["ci_high"], 2),
            n=words.number(row["n"]),
            doubt=words(", an average: its odds are not proportional")
            if row["item"] in broken
            else "",
        )
        for row in clear.to_dict("records")
    ]
    if broken:
        phrases = [
            without_equals(
                words(
                    "“{item}” (χ²({dof}) = {lr}, corrected p = {p}; n = {n})",
                    item=labels.item(row["item"]),
                    dof=words.number(row["dof"]),
                    lr=words.number(row["lr"], 1),
                    p=words.p_value(row["p_adjusted"]),
                    n=words.number(row["n"]),
                )
            )
            for row in unequal.to_dict("records")
        ]
        lines.append(
            words(
                "The answers speak against one odds ratio of the city for the whole scale: {list}.",
                list=words.listed(phrases),
            )
        )
    return "\n".join([head, "", *(f"- {one}" for one in lines)])
