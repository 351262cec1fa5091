"""What the three stages say of each theme, side by side, and whether they point the same way."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.desk.coverage import programme_coverage
from cssp.desk.indicators import share_of, with_values
from cssp.interviews.coding import named_by_interview, naming_table
from cssp.stats.columns import Column, bounds, returns
from cssp.stats.intervals import newcombe, wilson
from cssp.study.code_system import CodeSystem
from cssp.study.indicator_book import IndicatorBook, additive
from cssp.study.questionnaire import Questionnaire
from cssp.survey.balance import net_balance, plain_error
from cssp.survey.frequency import FrequencyTable, collapse, need_counts


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

    Returns
    -------
    `theme, indicator, better, city, year, lowest, highest`: equal where the value is known exactly.
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
def theme_balances(freq: FrequencyTable, questionnaire: Questionnaire) -> pd.DataFrame:
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
    balances = net_balance(collapse(freq.where(item=present), ["city"]), "plain", "substantive")
    balances = balances[balances["n"] > 0].copy()
    everywhere = (
        balances.groupby("item", sort=False)["city"].nunique() == balances["city"].nunique()
    )
    balances = balances[balances["item"].map(everywhere)]
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


@returns(
    "theme",
    "first",
    "second",
    Column("desk_indicator", "indicator", "indicator"),
    Column("desk_year", "desk study: year", "plain"),
    Column("desk_first", "desk study: first", "significant"),
    Column("desk_second", "desk study: second", "significant"),
    Column("desk_gap", "desk study: difference", "of_indicator"),
    Column("desk_sign", "desk study", "desk_sign"),
    Column("survey_first", "survey: balance, first, points", "points"),
    Column("survey_second", "survey: balance, second, points", "points"),
    Column("survey_gap", "survey: difference of balances, points", "points"),
    *bounds("survey_gap", "survey_low", "survey_high", "survey from", "survey to"),
    Column("survey_n_first", "survey: n, first", "whole"),
    Column("survey_n_second", "survey: n, second", "whole"),
    Column("survey_sign", "survey", "sign"),
    Column("interviews_first", "interviews: share, first", "percent"),
    Column("interviews_second", "interviews: share, second", "percent"),
    Column("interviews_gap", "interviews: difference of shares, points", "points"),
    *bounds(
        "interviews_gap", "interviews_low", "interviews_high", "interviews from", "interviews to"
    ),
    Column("interviews_n_first", "interviews: n, first", "whole"),
    Column("interviews_n_second", "interviews: n, second", "whole"),
    Column("interviews_sign", "interviews", "sign"),
    Column("verdict", "the three together", "word"),
)
def joint_display(
    desk: pd.DataFrame,
    survey: pd.DataFrame,
    interviews: pd.DataFrame,
    themes: Iterable[str],
    first: str | None = None,
) -> pd.DataFrame:
    """Set the three stages side by side, theme by theme, for one city against each other one.

    A stage speaks for a theme when it shows a direction: the desk study when the values (or ranges
    of what is known) do not
    overlap; the survey and the interviews when the 95% interval of the difference leaves out zero.
    A direction is 'more favourable'
    or 'less favourable' for the first city; naming a barrier more often is less favourable.

    Parameters
    ----------
    desk, survey, interviews : tables from `theme_indicators`, `theme_balances`, `theme_prevalence`;
        any may be empty
    themes : the themes, in order
    first : the city that stands first (None: the first one found)

    Returns
    -------
    One row a theme and other city: `theme, first, second`, then `desk_indicator, desk_year,
    desk_first, desk_second, desk_gap,
    desk_sign`; `survey_first, survey_second, survey_gap, survey_low, survey_high, survey_n_first,
    survey_n_second, survey_sign`;
    `interviews_first, interviews_second, interviews_gap, interviews_low, interviews_high,
    interviews_n_first, interviews_n_second,
    interviews_sign`; `verdict`. Gaps are first minus second. A sign is 1 (more favourable), -1, 0
    (no clear difference) or missing (no
    data). `verdict` is "converges" when two or more stages speak and agree, "diverges" when they
    disagree, "silent" otherwise.
    """
    cities = list(dict.fromkeys([*desk["city"], *survey["city"], *interviews["city"]]))
    if not cities:
        return pd.DataFrame(columns=_COLUMNS)
    first = cities[0] if first is None else first
    lines = []
    for theme in themes:
        for second in [city for city in cities if city != first]:
            line: dict[str, object] = {"theme": theme, "first": first, "second": second}
            line.update(_desk(desk[desk["theme"] == theme], first, second))
            line.update(_survey(survey[survey["theme"] == theme], first, second))
            line.update(_interviews(interviews[interviews["theme"] == theme], first, second))
            signs = [line.get(f"{stage}_sign") for stage in ("desk", "survey", "interviews")]
            speaking = {sign for sign in signs if sign in (1, -1)}
            loud = sum(sign in (1, -1) for sign in signs)
            line["verdict"] = (
                "diverges" if len(speaking) > 1 else "converges" if loud > 1 else "silent"
            )
            lines.append(line)
    table = pd.DataFrame(lines).reindex(columns=_COLUMNS)
    for name in ("desk_sign", "survey_sign", "interviews_sign", "desk_year"):
        table[name] = table[name].astype("Int64")
    return table


_COLUMNS = [
    "theme",
    "first",
    "second",
    "desk_indicator",
    "desk_year",
    "desk_first",
    "desk_second",
    "desk_gap",
    "desk_sign",
    "survey_first",
    "survey_second",
    "survey_gap",
    "survey_low",
    "survey_high",
    "survey_n_first",
    "survey_n_second",
    "survey_sign",
    "interviews_first",
    "interviews_second",
    "interviews_gap",
    "interviews_low",
    "interviews_high",
    "interviews_n_first",
    "interviews_n_second",
    "interviews_sign",
    "verdict",
]


def _pick(table: pd.DataFrame, first: str, second: str) -> tuple[pd.Series, pd.Series] | None:
    a, b = table[table["city"] == first], table[table["city"] == second]
    return (a.iloc[0], b.iloc[0]) if len(a) and len(b) else None


def _desk(table: pd.DataFrame, first: str, second: str) -> dict[str, object]:
    """Take each indicator of the theme in the latest year for which both cities have a value.

    The first that shows a direction is printed; where another shows the opposite direction, the
    stage does not speak.
    """
    found: list[dict[str, object]] = []
    for indicator, own in table.dropna(subset=["lowest", "highest"]).groupby(
        "indicator", sort=False
    ):
        years = set(own.loc[own["city"] == first, "year"]) & set(
            own.loc[own["city"] == second, "year"]
        )
        both = _pick(own[own["year"] == max(years)], first, second) if years else None
        if both is None:
            continue
        a, b = both
        better = 1 if a["better"] == "higher" else -1
        sign = (
            better if a["lowest"] > b["highest"] else -better if a["highest"] < b["lowest"] else 0
        )
        exact = a["lowest"] == a["highest"] and b["lowest"] == b["highest"]
        found.append(
            {
                "desk_indicator": indicator,
                "desk_year": max(years),
                "desk_first": a["lowest"] if exact else np.nan,
                "desk_second": b["lowest"] if exact else np.nan,
                "desk_gap": a["lowest"] - b["lowest"] if exact else np.nan,
                "desk_sign": sign,
            }
        )
    if not found:
        return {}
    speaking = [line for line in found if line["desk_sign"] != 0]
    shown = (speaking or found)[0]
    agree = len({line["desk_sign"] for line in speaking}) < 2
    return shown if agree else {**shown, "desk_sign": 0}


def _survey(table: pd.DataFrame, first: str, second: str) -> dict[str, object]:
    both = _pick(table, first, second)
    if both is None:
        return {}
    a, b = both
    gap, half = (
        a["balance"] - b["balance"],
        1.959963984540054 * float(np.hypot(a["error"], b["error"])),
    )
    # without a standard error (answers all alike) there is no interval and no direction
    return {
        "survey_first": a["balance"],
        "survey_second": b["balance"],
        "survey_gap": gap,
        "survey_low": gap - half,
        "survey_high": gap + half,
        "survey_n_first": a["n"],
        "survey_n_second": b["n"],
        "survey_sign": 1 if gap - half > 0 else -1 if gap + half < 0 else 0,
    }


def _interviews(table: pd.DataFrame, first: str, second: str) -> dict[str, object]:
    both = _pick(table, first, second)
    if both is None:
        return {}
    a, b = both
    gap, low, high = (
        float(v[0])
        for v in newcombe(
            np.array([a["named"]]), np.array([a["n"]]), np.array([b["named"]]), np.array([b["n"]])
        )
    )
    return {
        "interviews_first": a["share"],
        "interviews_second": b["share"],
        "interviews_gap": gap,
        "interviews_low": low,
        "interviews_high": high,
        "interviews_n_first": a["n"],
        "interviews_n_second": b["n"],
        "interviews_sign": -1 if low > 0 else 1 if high < 0 else 0,
    }
