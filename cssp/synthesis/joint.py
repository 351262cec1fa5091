"""What the three stages say of each theme, side by side, and whether they point the same way."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from cssp.desk.coverage import programme_coverage
from cssp.desk.indicators import share_of, with_values
from cssp.interviews.coding import named_by_interview, naming_table
from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import wilson
from cssp.study.code_system import CodeSystem
from cssp.study.indicator_book import IndicatorBook, additive
from cssp.study.questionnaire import Questionnaire
from cssp.survey.balance import net_balance
from cssp.survey.balance_gaps import plain_error
from cssp.survey.frequency import FrequencyTable, need_counts
from cssp.survey.frequency_tables import collapse


@returns(
    "theme",
    "indicator",
    Column("better", "better", "word"),
    "city",
    "year",
    Column("lowest", "value from", "of_indicator"),
    Column("highest", "value to", "of_indicator"),
)
def theme_indicators(desk: pd.DataFrame, book: IndicatorBook | None) -> pd.DataFrame:
    """Return the values of the indicators that name a theme and a better direction.

    Comparable between cities.

    Support is taken as a share of the expenditure of local budgets (and left out where no
    expenditure is known); programmes
    as the range of their coverage; any other indicator at the local level: the value of the whole
    territory, or the sum of
    its municipalities where the unit can be added and all of them are known. Each is taken for
    every year there is, at
    the first of the codebook's local levels.

    Parameters
    ----------
    book : the study's indicators; None: the study has none

    Returns
    -------
    `theme, indicator, better, city, year, lowest, highest`: equal where the value is known exactly.

    Examples
    --------
    >>> from cssp import load_desk, load_study
    >>> study = load_study()
    >>> desk = load_desk(study)
    >>> theme_indicators(desk, study.indicators)["theme"].unique().tolist()
    ['money', 'rules']
    """
    names = ["theme", "indicator", "better", "city", "year", "lowest", "highest"]
    if book is None:
        return pd.DataFrame(columns=names)
    level = book.local_levels[0]
    expenditure = with_values(desk, book, "expenditure")
    parts = []
    for indicator in book.indicators:
        if (
            indicator.theme is None
            or indicator.better == "neither"
            or indicator.name not in set(desk["indicator"])
        ):
            continue
        if indicator.role == "support":
            if not expenditure:
                continue
            rows = share_of(desk, indicator.name, expenditure[0])
            rows = rows[rows["level"] == level].assign(
                lowest=lambda t: t["share"], highest=lambda t: t["share"]
            )
        elif indicator.role == "programme":
            rows = programme_coverage(desk, book)
            rows = rows[rows["indicator"] == indicator.name].rename(
                columns={"low": "lowest", "high": "highest"}
            )
        else:
            rows = _plain_values(
                desk[(desk["indicator"] == indicator.name) & (desk["level"] == level)],
                indicator.unit,
            )
        part = rows[["city", "year", "lowest", "highest"]].dropna().copy()
        part.insert(0, "theme", indicator.theme)
        part.insert(1, "indicator", indicator.name)
        part.insert(2, "better", indicator.better)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _plain_values(rows: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return one value a city and year.

    None where a part is unknown, parts cannot be added, or the year has two bases.
    """
    lines = []
    for (city, year), part in rows.groupby(["city", "year"], sort=False):
        whole = part[(part["municipality"] == "") & (part["kind"] == "")]
        part = whole if len(whole) else part
        fits = (
            part["basis"].nunique() == 1
            and (len(part) == 1 or additive(unit))
            and part["value"].notna().all()
        )
        value = float(part["value"].sum()) if fits else np.nan
        lines.append([city, year, value, value])
    return pd.DataFrame(lines, columns=["city", "year", "lowest", "highest"])


@returns("theme", "city", "items", "balance", "error", "n")
def theme_balances(
    freq: FrequencyTable,
    questionnaire: Questionnaire,
    base: Literal["all", "substantive"] = "substantive",
) -> pd.DataFrame:
    """Return each theme's mean balance by city.

    The plain balances of its ordinal items, reversed ones turned, averaged.

    Only items that every city of the table answered count, so that cities are compared over the
    same items. All sectors are
    taken together. The same respondents answer all items of a theme, so their balances are
    correlated by an unknown amount. The
    standard error of the mean is bounded by the mean of the items' standard errors, whatever the
    correlation; that bound is used.

    Returns
    -------
    `theme, city, items` (how many), `balance, error` (bound of the standard error; missing where
    all answers to an item are alike),
    `n` (smallest base of the items).

    Examples
    --------
    >>> from cssp import frequency_table, load_study, load_survey
    >>> study = load_study()
    >>> book = study.questionnaire
    >>> freq = frequency_table(load_survey(study), book.names("ordinal"), by=["city", "sector"])
    >>> theme_balances(freq, book)["city"].unique().tolist() == list(study.cities)
    True
    """
    need_counts(freq)
    themes = {
        item.name: item
        for item in questionnaire.items
        if item.theme is not None and item.type == "ordinal"
    }
    present = [
        name for name in dict.fromkeys(freq.index.get_level_values("item")) if name in themes
    ]
    names = ["theme", "city", "items", "balance", "error", "n"]
    if not present:
        return pd.DataFrame(columns=names)
    balances = net_balance(collapse(freq.where(item=present), ["city"]), "plain", base)
    balances = balances[balances["n"] > 0].copy()
    everywhere = (
        balances.groupby("item", sort=False)["city"].nunique() == balances["city"].nunique()
    )
    balances = balances[balances["item"].map(everywhere).astype(bool)]
    if balances.empty:  # nobody answered on the scale, or no item was answered in every city
        return pd.DataFrame(columns=names)
    balances["theme"] = balances["item"].map(lambda name: themes[name].theme)
    balances["balance"] *= balances["item"].map(lambda name: -1 if themes[name].reverse else 1)
    balances["error"] = plain_error(balances)
    grouped = balances.groupby(["theme", "city"], sort=False, observed=True)
    table = grouped.agg(
        items=("item", "size"),
        balance=("balance", "mean"),
        error=("error", lambda e: e.mean(skipna=False)),
        n=("n", "min"),
    )
    return table.reset_index()[names]


@returns("theme", "city", "named", "n", "share", *bounds("share"))
def theme_prevalence(
    segments: pd.DataFrame, interviews: pd.DataFrame, codes: CodeSystem | None, rule: str = "all"
) -> pd.DataFrame:
    """Return how many interviews of each city name a barrier of each theme.

    The barriers of a theme are the codes at the bottom of the hierarchy that name the theme and
    mean a barrier. As with groups of
    codes, a coder names the theme when the coder marked any of them; the rule is applied to that.

    Returns
    -------
    `theme, city, named, n, share, ci_low, ci_high`.

    Examples
    --------
    >>> from cssp import load_coded, load_study
    >>> study = load_study()
    >>> segments, interviews = load_coded(study)
    >>> theme_prevalence(segments, interviews, study.codes)[["theme", "n"]].head(2)
       theme   n
    0  money  14
    1  money  14
    """
    names = ["theme", "city", "named", "n", "share", "ci_low", "ci_high"]
    if codes is None or interviews.empty:
        return pd.DataFrame(columns=names)
    naming = naming_table(segments, interviews, codes)
    members: dict[str, list[str]] = {}
    for code, _ in codes.walk():
        if code.theme is not None and code.means == "barrier" and not code.codes:
            members.setdefault(code.theme, []).append(code.name)
    by_coder = pd.DataFrame(
        {theme: naming[own].any(axis=1) for theme, own in members.items()}, index=naming.index
    )
    named = named_by_interview(by_coder, rule)  # type: ignore[arg-type]
    parts = []
    for theme in members:
        hit = named[theme].groupby(level="city", sort=False)
        count, n = hit.sum(), hit.size()
        low, high = wilson(count.to_numpy(), n.to_numpy())
        parts.append(
            pd.DataFrame(
                {
                    "theme": theme,
                    "city": count.index,
                    "named": count.to_numpy(),
                    "n": n.to_numpy(),
                    "share": (count / n).to_numpy(),
                    "ci_low": low,
                    "ci_high": high,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
