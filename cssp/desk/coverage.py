"""How many municipalities have a programme of their own, when not every one is known."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from cssp.desk.indicators import totals
from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook

COLUMNS = [
    "indicator",
    "city",
    "region",
    "year",
    "municipalities",
    "with_programme",
    "without",
    "unknown",
    "low",
    "high",
    "threshold",
    "passes",
    "needed",
    "more_low",
    "more_high",
    "note",
]


@returns(
    "indicator",
    "city",
    "region",
    "year",
    Column("municipalities", "municipalities", "whole"),
    Column("with_programme", "known to have a programme", "whole"),
    Column("without", "known to have none", "whole"),
    Column("unknown", "unknown", "whole"),
    Column("low", "share from", "percent"),
    Column("high", "share to", "percent"),
    Column("threshold", "official threshold", "percent"),
    Column("passes", "passes", "word"),
    Column("needed", "programmes needed", "whole"),
    Column("more_low", "more needed, at least", "whole"),
    Column("more_high", "at most", "whole"),
    "note",
)
def programme_coverage(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return the share of municipalities with a programme by year, as a range from what is known.

    An unknown municipality may or may not have a programme; without an assumption the share lies
    between that of the known
    programmes alone and that in which every unknown one has a programme too (worst-case bounds).
    The codebook's `upper_kinds` are counted, for
    Russia urban okrugs, municipal okrugs and municipal districts alike; settlements are left out.
    The rule asks for strictly more than the threshold, so a share of exactly
    10 % does not pass (shares are compared as fractions, not as decimals).

    Parameters
    ----------
    desk : table from `load_desk`, with indicators of the roles `programme` (1 yes, 0 no) and
        `municipalities` (their number)
    book : codebook of the indicators, with `coverage_threshold` (the official rule asks for
        strictly more)

    Returns
    -------
    One row an indicator, city and year for which a programme is known of: `indicator, city, region,
    year, municipalities,
    with_programme, without, unknown, low, high` (bounds of the share, in [0, 1]), `threshold`,
    `passes` ("yes", "no" or "unknown"), `needed`
    (the smallest number of programmes that passes), `more_low, more_high` (how many more
    municipalities would have to adopt one: if every unknown one has a programme, and if none
    has), `note`. Where the number of municipalities is not wholly known, or fewer than the
    programmes told of, there are no bounds and the note says why.

    References
    ----------
    Manski, C. F. (1989). Anatomy of the selection problem. Journal of Human Resources, 24(3),
    343-360.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> programme_coverage(desk, study.indicators)["year"].head(2).tolist()
    [2015, 2016]
    """
    upper = desk["kind"].isin([*book.upper_kinds, ""]) if book.upper_kinds else desk["kind"].notna()
    programmes = desk[desk["indicator"].isin(book.with_role("programme")) & upper]
    counts = totals(desk[upper], book.with_role("municipalities"), by_kind=False)
    threshold = Fraction(str(book.coverage_threshold))
    lines = []
    for (indicator, city, region, year), part in programmes.groupby(
        ["indicator", "city", "region", "year"], sort=False
    ):
        own = counts[(counts["city"] == city) & (counts["year"] == year)]
        answers = own["value"]
        if (
            len(own)
            and "" not in own["kinds"].iloc[0].split(", ")
            and not set(part["kind"]) - {""} <= set(own["kinds"].iloc[0].split(", "))
        ):
            answers = answers.iloc[
                :0
            ]  # a kind that has programmes is not counted among the municipalities
        part = _once(part)
        yes = int(part.loc[part["value"] == 1, "units"].sum())
        no = int(part.loc[part["value"] == 0, "units"].sum())
        line = {
            "indicator": indicator,
            "city": city,
            "region": region,
            "year": year,
            "with_programme": yes,
            "without": no,
            "threshold": book.coverage_threshold,
            "passes": "unknown",
            "note": "",
        }
        if len(answers) != 1 or pd.isna(answers.iloc[0]):
            lines.append({**line, "note": "the number of municipalities is not known"})
            continue
        total = int(answers.iloc[0])
        if total < max(yes + no, 1):
            lines.append(
                {
                    **line,
                    "municipalities": total,
                    "note": "more programmes told of than municipalities",
                }
            )
            continue
        low, high = yes / total, (total - no) / total
        passes = (
            "yes"
            if Fraction(yes, total) > threshold
            else "no"
            if Fraction(total - no, total) <= threshold
            else "unknown"
        )
        # strictly more: the first whole number above the threshold
        needed = int(threshold * total) + 1 if threshold < 1 else None
        more = (
            {}
            if needed is None
            else {"more_low": max(needed - (total - no), 0), "more_high": max(needed - yes, 0)}
        )
        lines.append(
            {
                **line,
                "municipalities": total,
                "unknown": total - yes - no,
                "low": low,
                "high": high,
                "passes": passes,
                "needed": needed,
                **more,
            }
        )
    order = list(dict.fromkeys(desk["city"]))
    lines.sort(key=lambda line: (str(line["indicator"]), order.index(line["city"]), line["year"]))
    table = pd.DataFrame(lines, columns=COLUMNS)
    for name in ("municipalities", "unknown", "needed", "more_low", "more_high"):
        table[name] = table[name].astype("Int64")
    return table


def _once(part: pd.DataFrame) -> pd.DataFrame:
    """Return the programmes with each named municipality once.

    One that is said to have a programme and to have none is unknown.
    """
    known = part[part["value"].notna()]
    named = known[known["municipality"] != ""]
    both = named.groupby("municipality")["value"].transform("nunique") > 1
    named = named[~both].drop_duplicates("municipality")
    return pd.concat([known[known["municipality"] == ""], named])
