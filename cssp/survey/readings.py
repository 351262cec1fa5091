"""What the survey's tables say, in sentences made from them.

Never a p-value without effect, interval and n.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cssp.show.labels import Labels
from cssp.show.words import without_equals
from cssp.survey.frequency import FrequencyTable, need_counts


def sample(sizes: pd.DataFrame, labels: Labels) -> str:
    """Read who was asked: respondents by city and group."""
    words, group = labels.words, labels.grouping(sizes)
    lines = []
    for city, part in sizes.groupby("city", sort=False, observed=True):
        hidden = int((~part["shown"]).sum())
        phrases = [
            f"{labels.group(str(row[group]))} {words.number(row['n'])}"
            for row in part.to_dict("records")
            if row["shown"]
        ]
        text = words("{city}: {list}", city=labels.city(str(city)), list=", ".join(phrases))
        if hidden:
            text += "; " + words.plural(
                "{count} group is too small to be shown",
                "{count} groups are too small to be shown",
                hidden,
            )
        elif part["n"].notna().all():
            total = int(part["n"].sum())
            text += "; " + words.plural(
                "{count} respondent in all", "{count} respondents in all", total
            )
        lines.append(text + ".")
    return "\n\n".join(lines)


def balances(table: pd.DataFrame, labels: Labels) -> str:
    """Read the highest and lowest balance of each city.

    Among items with a middle answer where there are any: balances of the others are larger.
    """
    words, group = labels.words, labels.grouping(table)
    rows = table[(table["n"] > 0) & table["balance"].notna()]
    if rows.empty:
        return words("There are no answers to these items.")
    middle = rows["item"].map(lambda name: _has_middle(str(name), labels))
    rows = rows[middle] if middle.any() else rows
    lines = []
    for city, part in rows.groupby("city", sort=False, observed=True):
        best, worst = part.loc[part["balance"].idxmax()], part.loc[part["balance"].idxmin()]
        # an extreme picked out of many lies outside its own interval more often than the interval
        # says, so none is told
        lines.append(
            words(
                "{city}: of {count} balances{which}, the highest observed is “{best}” ({who_best}, "
                "{top} points, n = {n_best}), the lowest observed “{worst}” ({who_worst}, {low} "
                "points, n = {n_worst}).",
                city=labels.city(str(city)),
                count=words.number(len(part)),
                which=words(" of items with a middle answer") if middle.any() else "",
                best=labels.item(best["item"]),
                who_best=labels.group(str(best[group])),
                top=words.points(best["balance"]),
                n_best=words.number(best["n"]),
                worst=labels.item(worst["item"]),
                who_worst=labels.group(str(worst[group])),
                low=words.points(worst["balance"]),
                n_worst=words.number(worst["n"]),
            )
        )
    sentence = words(
        "The highest and lowest of many are so partly by chance; asked again, they would on "
        "average lie nearer to the middle. The interval of each balance stands in the table."
    )
    return "\n\n".join([*lines, sentence])


def _could_be_alike(tested: pd.DataFrame) -> int:
    """Count the comparisons in which an effect of zero would have shown likeness.

    Where it shows it, or where the 90 % interval, put around zero, lies within the bound.
    """
    half = 1.6449 / 1.95996 * (np.arctanh(tested["ci_high"]) - np.arctanh(tested["ci_low"])) / 2
    able = np.tanh(half) < tested["equivalence_bound"]
    return int((able | tested["alike"].fillna(False).astype(bool))[tested["alike"].notna()].sum())


def _has_middle(name: str, labels: Labels) -> bool:
    book = labels.study.questionnaire
    scale = book.scale_of(book.item(name))
    return scale is not None and any(answer.valence == "neutral" for answer in scale.answers)


def comparison(pairs: pd.DataFrame, labels: Labels, significance: float = 0.05) -> str:
    """Read a comparison.

    How many differences survive the correction, and each that does with effect, interval and n. A
    group answers *higher* only where the interval of the effect leaves out zero and the effect's
    own test passes; where only the test of the distributions does, they differ, not their level.
    """
    words = labels.words
    stratum = "city" if "city" in pairs else labels.grouping(pairs)
    tested = pairs[
        pairs["p_adjusted"].notna()
    ]  # answers without order have no p of ranks, but they are tested and corrected for too
    if tested.empty:
        return words("No two groups have answers that can be compared.")
    level = tested["p_level_adjusted" if "p_level_adjusted" in tested else "p_adjusted"]
    one_sided = (tested["ci_low"] > 0) | (tested["ci_high"] < 0) | tested["ci_low"].isna()
    ordered = tested["rank_biserial"].notna()
    higher = ordered & (level < significance) & one_sided
    # of ordered answers only the effect's own corrected p makes a finding; that of Mann and
    # Whitney's test, corrected apart, would add chances to find something
    different = (ordered & (level < significance)) | (
        ~ordered & (tested["p_adjusted"] < significance)
    )
    clear = tested[different].assign(higher=higher[different])
    head = words.plural("{count} comparison was made", "{count} comparisons were made", len(tested))
    head += ", " + words.plural(
        "{count} of them keeps a corrected p under {alpha}",
        "{count} of them keep a corrected p under {alpha}",
        len(clear),
        alpha=words.number(significance, 2),
    )
    lines = [head + "."]
    shown = (
        clear.assign(size=clear["rank_biserial"].abs().fillna(clear.get("cramers_v", np.nan)))
        .sort_values("size", ascending=False, kind="stable")
        .head(8)
    )
    for row in shown.to_dict("records"):
        say = _one if row["higher"] else _two_camps if row["p"] == row["p"] else _without_order
        lines.append("- " + say(row, labels, stratum))
    camps = tested[ordered & ~different & (tested["p_adjusted"] < significance)].head(3)
    if len(camps):
        lines += ["", words("Not counted, by the Mann–Whitney test of equal distributions:"), ""]
        lines += ["- " + _two_camps(row, labels, stratum) for row in camps.to_dict("records")]
    if len(clear) > len(shown):
        lines.append(
            "\n"
            + words(
                "{count} more differences that pass the correction are in the saved table.",
                count=words.number(len(clear) - len(shown)),
            )
        )
    if (
        len(clear) < len(tested)
        and "detectable" in tested
        and np.isfinite(tested["detectable"].median())
    ):
        lines.append(
            "\n"
            + words(
                "For the comparisons that did not pass, no difference is found, which does not "
                "show likeness: with these sizes a true effect must be about {effect} "
                "({corrected} after the correction) to be found with a chance of 80%.",
                effect=words.number(tested["detectable"].median(), 2),
                corrected=words.number(tested["detectable_corrected"].median(), 2),
            )
        )
    if "alike" in tested and tested["alike"].notna().any():
        alike = tested[tested["alike"].fillna(False).astype(bool)]
        lines.append(
            "\n"
            + words(
                "Likeness within ±{bound}, the study's bound, could be shown in {able} of {all} "
                "comparisons at these sizes (two one-sided tests at 5%, uncorrected), and is shown "
                "in {count}{list}; of the others this test says nothing.",
                able=words.number(_could_be_alike(tested)),
                count=words.number(len(alike)),
                all=words.number(int(tested["alike"].notna().sum())),
                bound=words.number(tested["equivalence_bound"].iloc[0], 2),
                list=_items_of(alike, labels, stratum),
            )
        )
    return "\n".join(lines[:1]) + "\n\n" + "\n".join(lines[1:])


def _one(row: dict[str, Any], labels: Labels, stratum: str) -> str:
    """Say one difference.

    Turned so that the group that answers higher stands first and the effect is positive.
    """
    words = labels.words
    turned = row["rank_biserial"] < 0
    high, low = ("group_b", "group_a") if turned else ("group_a", "group_b")
    ends = (-row["ci_high"], -row["ci_low"]) if turned else (row["ci_low"], row["ci_high"])
    text = words(
        "“{item}” ({where}): answers are higher in the group “{a}” than in the group “{b}”; "
        "rank-biserial {effect}, {interval}; n = {n_a} and {n_b}; p = {p}, corrected {q}.",
        item=labels.item(row["item"]),
        where=_where(row, labels, stratum),
        a=labels.group(row[high]),
        b=labels.group(row[low]),
        effect=words.number(abs(row["rank_biserial"]), 2, signed=True),
        interval=_interval(*ends, labels, signed=True),
        n_a=words.number(row[high.replace("group", "n")]),
        n_b=words.number(row[low.replace("group", "n")]),
        p=words.p_value(row.get("p_level", row["p"])),
        q=words.p_value(row.get("p_level_adjusted", row["p_adjusted"])),
    )
    return without_equals(text)


def _two_camps(row: dict[str, Any], labels: Labels, stratum: str) -> str:
    """Say a difference of distributions of which no group lies clearly higher."""
    words = labels.words
    text = words(
        "“{item}” ({where}): the answers of the groups “{a}” and “{b}” are spread differently, but "
        "neither group clearly answers higher (rank-biserial {effect}, {interval}); n = {n_a} and "
        "{n_b}; p = {p}, corrected {q}.",
        item=labels.item(row["item"]),
        where=_where(row, labels, stratum),
        a=labels.group(row["group_a"]),
        b=labels.group(row["group_b"]),
        effect=words.number(row["rank_biserial"], 2, signed=True),
        interval=_interval(row["ci_low"], row["ci_high"], labels, signed=True),
        n_a=words.number(row["n_a"]),
        n_b=words.number(row["n_b"]),
        p=words.p_value(row["p"]),
        q=words.p_value(row["p_adjusted"]),
    )
    return without_equals(text)


def _items_of(rows: pd.DataFrame, labels: Labels, stratum: str) -> str:
    """Return the items of some comparisons with where they were made, or nothing."""
    if rows.empty:
        return ""
    phrases = [
        labels.words(
            "“{item}” ({where})", item=labels.item(row["item"]), where=_where(row, labels, stratum)
        )
        for row in rows.to_dict("records")
    ]
    return ": " + labels.words.listed(phrases)


def _without_order(row: dict[str, Any], labels: Labels, stratum: str) -> str:
    """Say one difference of answers that have no order: by Cramér's V."""
    words = labels.words
    text = words(
        "“{item}” ({where}): the groups “{a}” and “{b}” answer differently (answers without "
        "order); Cramér's V {effect}, {interval}; n = {n_a} and {n_b}; p = {p}, corrected {q}.",
        item=labels.item(row["item"]),
        where=_where(row, labels, stratum),
        a=labels.group(row["group_a"]),
        b=labels.group(row["group_b"]),
        effect=words.number(row["cramers_v"], 2),
        interval=_interval(row["v_low"], row["v_high"], labels),
        n_a=words.number(row["n_a"]),
        n_b=words.number(row["n_b"]),
        p=words.p_value(row["p_chi2"]),
        q=words.p_value(row["p_adjusted"]),
    )
    return without_equals(text)


def _where(row: dict[str, Any], labels: Labels, stratum: str) -> str:
    return labels.group(str(row[stratum])) if stratum in row else ""


def _interval(low: float, high: float, labels: Labels, signed: bool = False) -> str:
    words = labels.words
    if low != low:
        return words("no interval")
    low_text, high_text = (words.number(end, 2, signed=signed) for end in (low, high))
    return words("95% interval {low} to {high}", low=low_text, high=high_text)


def options(shares: pd.DataFrame, labels: Labels) -> str:
    """Read the options chosen most, question by question and city by city."""
    words = labels.words
    lines = []
    asked = shares[shares["n"] > 0].assign(question=lambda t: t["item"].map(labels.question_of))
    for (question, city), part in asked.groupby(["question", "city"], sort=False, observed=True):
        top = part.sort_values("share", ascending=False, kind="stable").head(3)
        phrases = [
            words("“{option}” {share}", option=labels.item(r.item), share=words.percent(r.share))
            for r in top.itertuples()
        ]
        lines.append(
            words(
                "{question}, {city}: most often {list} (n = {n}).",
                question=question[:1].upper() + question[1:],
                city=labels.city(str(city)),
                list=words.listed(phrases),
                n=words.number(part["n"].max()),
            )
        )
    return "\n\n".join(lines) or words("There are no answers to these items.")


def unanswered(freq: FrequencyTable, labels: Labels) -> str:
    """Name the items that nobody answered in some city."""
    need_counts(freq)
    words = labels.words
    by_city = (
        freq.counts.sum(axis=1).groupby(level=["item", "city"], sort=False, observed=False).sum()
    )
    empty = by_city[by_city == 0].index
    if not len(empty):
        return words("Every item has answers in every city.")
    phrases = [
        words("“{item}” in {city}", item=labels.item(str(item)), city=labels.city(str(city)))
        for item, city in empty
    ]
    return words("Nobody answered: {list}.", list=words.listed(phrases))


def flow(table: pd.DataFrame, quality: pd.DataFrame, labels: Labels) -> str:
    """Read how many rows became respondents, and what was noticed of their answers."""
    words = labels.words
    lines = []
    for city, part in table.groupby("city", sort=False):
        count = part.groupby("step", sort=False)["count"].sum()
        sentence = words(
            "{city}: {rows} rows in the file, {kept} respondents analysed",
            city=labels.city(str(city)),
            rows=words.number(count.get("rows in the file", 0)),
            kept=words.number(count.get("analysed", 0)),
        )
        out = int(count.get("excluded", 0))
        sentence += "; " + (
            words.plural(
                "{count} excluded for a stated reason", "{count} excluded for stated reasons", out
            )
            if out
            else words("nobody excluded")
        )
        own = quality[(quality["city"] == city) & (quality["count"] > 0)]
        if len(own):
            flags = [
                words("{flag}: {count}", flag=labels.word(str(r.flag)), count=words.number(r.count))
                for r in own.itertuples(index=False)
            ]
            sentence += "; " + words("noticed, but kept: {list}", list=", ".join(flags))
        lines.append(sentence + ".")
    return "\n\n".join(lines)
