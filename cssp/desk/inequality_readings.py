"""Sentences on how unequal the regions are."""

from __future__ import annotations

import pandas as pd

from cssp.desk.readings import MOST
from cssp.desk.territories import REGION_NAMES
from cssp.show.labels import Labels


def inequality_reading(
    found: pd.DataFrame, labels: Labels, without: pd.DataFrame | None = None
) -> str:
    """Read how unequal the regions are, level by level, in the last year.

    Parameters
    ----------
    found : table from `disproportion`
    labels : the reader's words
    without : the same without the region that has most: one can make the whole inequality
    """
    words = labels.words
    rows = found[found["value"].notna()]
    if rows.empty:
        return words("There are not two regions with a rate to compare.")
    lines = []
    keys = [name for name in ("compared", "level", "basis") if name in rows]
    for _, part in rows.groupby(keys, sort=False):
        last = part[part["year"] == part["year"].max()].set_index("measure")
        if "gini" not in last.index:
            continue
        gini = last.loc["gini"]
        zero = "ratio" not in last.index  # to nothing there is no ratio
        ratio = gini if zero else last.loc["ratio"]
        values = {
            "level": labels.level(str(ratio["level"])),
            "year": int(ratio["year"]),
            "n": words.number(ratio["n"]),
            "high": _region(str(ratio["highest_unit"]), labels),
            "low": _region(str(ratio["lowest_unit"]), labels),
            "ratio": words.number(
                float(ratio["value"]),
                0 if ratio["value"] >= 20 else 2 if ratio["value"] < 1.1 else 1,
            ),
            "gini": words.number(float(gini["value"]), 2),
        }
        if zero and ratio["n"] == 2:
            text = words(
                "{level}, {year}, regions {n}: {low} gives nothing, {high} most; Gini {gini}",
                **values,
            )
        elif zero:
            text = words(
                "{level}, {year}, regions {n}: some give nothing, {high} most; Gini {gini}",
                **values,
            )
        elif ratio.get("compared") == "support_share":
            text = words(
                "{level}, {year}, regions {n}: of its expenditure {high} gives {ratio} times as "
                "large a share as {low}; Gini {gini}",
                **values,
            )
        else:
            text = words(
                "{level}, {year}, regions {n}: {high} gives {ratio} times as much per resident as "
                "{low}; Gini {gini}",
                **values,
            )
        if pd.notna(gini["ci_low"]):
            text += words(
                " (95% interval {low} to {high})",
                low=words.number(gini["ci_low"], 2),
                high=words.number(gini["ci_high"], 2),
            )
        if without is not None:
            rest = without[(without["level"] == ratio["level"]) & (without["measure"] == "gini")]
            text += words(
                "; without the largest giver {gini}", gini=words.number(rest["value"].iloc[0], 2)
            )
        basis = labels.basis(str(ratio["basis"]))
        lines.append(f"{text[0].upper()}{text[1:]}" + (f" ({basis})" if basis else "") + ".")
    return "\n\n".join(lines)


def _region(unit: str, labels: Labels) -> str:
    """Return the name of a city's region, or of a region that is told by its Russian name."""
    name = REGION_NAMES.get(unit)
    return name[labels.language] if name and labels.language in name else labels.region(unit)


def rank_reading(index: pd.DataFrame, labels: Labels) -> str:
    """Read the ranks, never without their intervals."""
    words = labels.words
    ranked = index[index["rank"].notna()] if len(index) else index
    if ranked.empty:
        return words("There are too few regions or measures for a composite index.")
    phrases = [
        words(
            "{region}: rank {rank} of {n}, between {low} and {high} over all choices",
            region=labels.region(str(r.city)),
            rank=words.number(r.rank, 0 if r.rank == int(r.rank) else 1),
            n=words.number(r.n_units),
            low=words.number(r.rank_low),
            high=words.number(r.rank_high),
        )
        for r in ranked.head(10).itertuples()
    ]
    text = "; ".join(phrases) + "."
    if len(ranked) == 2:
        text += " " + words("With two regions this says which is first, and no more.")
    return text


def reversal_reading(table: pd.DataFrame, labels: Labels) -> str:
    """Read where two levels tell opposite things of the same two regions."""
    words = labels.words
    rows = table[table["reverses"].astype(bool)]
    if rows.empty:
        return words("No two levels tell opposite things here.")
    last = rows[rows["year"] == rows.groupby(["second"])["year"].transform("max")]
    lines = []
    for row in last.drop_duplicates("second").head(MOST).to_dict("records"):
        a, b = float(row["ratio_a"]), float(row["ratio_b"])
        ahead, behind = (row["first"], row["second"]) if a > 1 else (row["second"], row["first"])
        times = [_times(ratio, labels) for ratio in (a, b)]
        lines.append(
            words(
                "{what}, {year}: at the {level_a} level {ahead} gives more than {behind} "
                "({ratio_a} times); at the {level_b} level it is the reverse ({ratio_b} times).",
                what=_what(row, labels),
                year=int(row["year"]),
                level_a=labels.level(row["level_a"]),
                level_b=labels.level(row["level_b"]),
                ahead=labels.region(ahead),
                behind=labels.region(behind),
                ratio_a=times[0],
                ratio_b=times[1],
            )
        )
    return "\n\n".join(lines)


def _times(ratio: float, labels: Labels) -> str:
    """Return a ratio turned above one, with the decimals that tell it from one."""
    if not ratio > 0:
        return "—"
    turned = max(ratio, 1 / ratio)
    return labels.words.number(turned, 0 if turned >= 20 else 1 if turned >= 1.1 else 2)


def _what(row: dict[str, object], labels: Labels) -> str:
    noun = (
        labels.word(str(row["measure"]))
        if "measure" in row
        else labels.indicator(str(row["indicator"]))
    )
    return noun[0].upper() + noun[1:]
