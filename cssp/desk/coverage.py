"""How many municipalities have a programme of their own, when not every one is known."""

from __future__ import annotations

import pandas as pd

from cssp.codebook import IndicatorBook


def programme_coverage(desk: pd.DataFrame, book: IndicatorBook) -> pd.DataFrame:
    """Return the share of municipalities with a programme by year, as a range from what is known.

    An unknown municipality may or may not have a programme; without an assumption the share lies between that of the known
    programmes alone and that in which every unknown one has a programme too (worst-case bounds). Urban okrugs, municipal
    okrugs and municipal districts are all counted as upper-level municipalities.

    Parameters
    ----------
    desk : table from `load_desk`, with indicators of the roles `programme` (1 yes, 0 no) and `municipalities` (their number)
    book : codebook of the indicators, with `coverage_threshold` (the official rule asks for strictly more)

    Returns
    -------
    One row a city and year for which a programme is known of: `municipalities, with_programme, without, unknown, low, high`
    (bounds of the share, in [0, 1]), `threshold`, `passes` ("yes", "no" or "unknown"), `needed` (the smallest number of
    programmes that passes).

    References
    ----------
    Manski, C. F. (1989). Anatomy of the selection problem. Journal of Human Resources, 24(3), 343-360.
    """
    programmes = desk[desk["indicator"].isin(book.with_role("programme"))]
    units = desk[desk["indicator"].isin(book.with_role("municipalities"))]
    lines = []
    for (city, region, year), part in programmes.groupby(["city", "region", "year"], sort=False):
        total = units[(units["city"] == city) & (units["year"] == year)]["value"].sum()
        if total == 0:
            continue
        total = int(total)
        yes = int(part.loc[part["value"] == 1, "units"].sum())
        no = int(part.loc[part["value"] == 0, "units"].sum())
        needed = next(k for k in range(total + 2) if k / total > book.coverage_threshold or k == total + 1)
        low, high = yes / total, (total - no) / total
        passes = (
            "yes" if low > book.coverage_threshold else "no" if high <= book.coverage_threshold else "unknown"
        )
        lines.append(
            {
                "city": city, "region": region, "year": year, "municipalities": total, "with_programme": yes, "without": no,
                "unknown": total - yes - no, "low": low, "high": high, "threshold": book.coverage_threshold, "passes": passes,
                "needed": needed,
            }
        )  # fmt: skip
    lines.sort(key=lambda line: (list(dict.fromkeys(desk["city"])).index(line["city"]), line["year"]))
    return pd.DataFrame(
        lines,
        columns=["city", "region", "year", "municipalities", "with_programme", "without", "unknown", "low", "high",
                 "threshold", "passes", "needed"],
    )  # fmt: skip
