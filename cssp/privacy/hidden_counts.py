"""Hidden counts as unknowns, and what published tables say of them as equations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cssp.privacy.published import Published
from cssp.study.questionnaire import Questionnaire

#: What a total says: weights of an item's codes, their sum, and how exactly it is told.
Total = tuple[dict[int, float], float, float]
#: An unknown: sector, item, code; or sector, "", 0: how many respondents it has.
Cell = tuple[str, str, int]


@dataclass
class System:
    """What is unknown of a city's survey, and what is told of it.

    Attributes
    ----------
    unknowns : cell of a hidden group -> its place
    rows, low, high : linear forms of the unknowns, and between which values each lies
    sources : the table that each form was read from
    """

    unknowns: dict[Cell, int] = field(default_factory=dict)
    rows: list[dict[int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def add(self, form: Mapping[int, float], low: float, high: float, source: str) -> None:
        """Add that a form lies between two values; one without unknowns says nothing."""
        if form:
            self.rows.append(dict(form))
            self.low.append(low)
            self.high.append(high)
            self.sources.append(source)


def system_of(
    published: Published, book: Questionnaire, city: str, sectors: Iterable[str]
) -> System:
    """Return what the tables of a folder say of the hidden groups of a city.

    Counts of answers by group are told by tables with a column a code, or with `answer` and
    `count`; totals of a city, by tables without a column of the group, from counts, bases, shares
    and balances. A theme's balance is that of its items where it has one item.

    Parameters
    ----------
    published : the folder
    book : the questionnaire, which is published too
    city : the city
    sectors : the study's sectors
    """
    found = System()
    told: dict[Cell, float] = {}
    sizes: dict[str, float] = {}
    names = list(sectors)
    own = [
        (name, table[table["city"].astype(str) == city])
        for name, table in published.tables.items()
        if "city" in table
    ]
    for _, table in own:
        if {"sector", "n", "shown"} <= set(table) and "item" not in table:
            known = table[table["n"].notna()]
            sizes |= dict(zip(known["sector"].astype(str), known["n"].astype(float), strict=True))
        told |= dict(_counts(table, book))
    groups = {
        sector for table in (t for _, t in own if "sector" in t) for sector in table["sector"]
    }
    hidden = [name for name in names if name in map(str, groups) and name not in sizes]
    items = {item.name: _codes(book, item.name) for item in book.items if item.scale is not None}
    for sector, item in itertools.product(names, items):
        cells = [(sector, item, code) for code in items[item]]
        asked = book.item(item).asked_of
        if (sector not in sizes and sector not in hidden) or (asked and sector not in asked):
            continue
        if not any(cell in told for cell in cells):
            for cell in cells:
                found.unknowns[cell] = len(found.unknowns)
    for sector in hidden:
        found.unknowns[sector, "", 0] = len(found.unknowns)
    _within_groups(found, items, sizes)
    for name, table in own:
        if "sector" not in table:
            for item, totals in _totals(table, book, items):
                _pooled(found, told, names, item, totals, name)
    return found


def _codes(book: Questionnaire, item: str) -> dict[int, int]:
    """Return the codes of an item's answers with their signs; outside the scale they have none."""
    scale = book.scale_of(book.item(item))
    assert scale is not None
    signs = {"positive": 1, "negative": -1}
    found = {answer.code: signs.get(str(answer.valence), 0) for answer in scale.answers}
    return found | {one.code: 0 for one in scale.special if one.means != "not_asked"}


def _substantive(book: Questionnaire, item: str) -> set[int]:
    scale = book.scale_of(book.item(item))
    assert scale is not None
    return {answer.code for answer in scale.answers}


def _counts(table: pd.DataFrame, book: Questionnaire) -> Iterator[tuple[Cell, float]]:
    """Yield the counts that a table tells, group by group."""
    if not {"item", "sector"} <= set(table):
        return
    known = {item.name for item in book.items if item.scale is not None}
    codes = [name for name in map(str, table.columns) if name.lstrip("-").isdecimal()]
    for row in table[table["item"].isin(known)].to_dict("records"):
        sector, item = str(row["sector"]), str(row["item"])
        for code in codes:
            if pd.notna(row[code]):
                yield (sector, item, int(code)), float(row[code])
        if "answer" in row and pd.notna(row.get("count")):
            yield (sector, item, int(float(row["answer"]))), float(row["count"])


def _within_groups(
    system: System, items: dict[str, dict[int, int]], sizes: dict[str, float]
) -> None:
    """Add that a group's answers to an item are no more than it has respondents."""
    for sector, item in dict.fromkeys((cell[0], cell[1]) for cell in system.unknowns if cell[1]):
        form = {system.unknowns[sector, item, code]: 1.0 for code in items[item]}
        if (whole := (sector, "", 0)) in system.unknowns:
            system.add({**form, system.unknowns[whole]: -1.0}, -np.inf, 0.0, "respondents")
        elif sector in sizes:
            system.add(form, 0.0, sizes[sector], "respondents")


def _totals(
    table: pd.DataFrame, book: Questionnaire, items: dict[str, dict[int, int]]
) -> Iterator[tuple[str, list[Total]]]:
    """Yield what each row of a table tells of a city as a whole: the item, and its totals."""
    single = {
        theme: names[0]
        for theme in {item.theme for item in book.items if item.theme}
        if len(names := [i.name for i in book.items if i.theme == theme and i.name in items]) == 1
    }
    codes = [name for name in map(str, table.columns) if name.lstrip("-").isdecimal()]
    for row in table.to_dict("records"):
        item = str(row.get("item", single.get(str(row.get("theme")), "")))
        if item not in items:
            continue
        found: list[Total] = [
            ({int(code): 1.0}, float(row[code]), 0.0)
            for code in codes
            if pd.notna(row[code]) and int(code) in items[item]
        ]
        if "answer" in row and pd.notna(row.get("count")):
            found.append(({int(float(row["answer"])): 1.0}, float(row["count"]), 0.0))
        if pd.notna(row.get("n")):
            found += _of_shares(row, book, item, items[item])
        yield item, found


def _of_shares(
    row: Mapping[str, Any], book: Questionnaire, item: str, signs: Mapping[int, int]
) -> Iterator[Total]:
    """Yield what a base, shares and a balance tell: together they are counts."""
    n = float(row["n"])
    yield dict.fromkeys(_substantive(book, item), 1.0), n, 0.0
    turned = -1.0 if book.item(item).reverse and "theme" in row else 1.0
    for column, weights in (
        ("balance", {code: turned * sign for code, sign in signs.items() if sign}),
        ("positive", {code: 1.0 for code, sign in signs.items() if sign > 0}),
        ("negative", {code: 1.0 for code, sign in signs.items() if sign < 0}),
    ):
        if pd.notna(row.get(column)):
            yield weights, float(row[column]) * n, 1e-6 * n


def _pooled(
    system: System,
    told: Mapping[Cell, float],
    sectors: Iterable[str],
    item: str,
    totals: Iterable[Total],
    source: str,
) -> None:
    """Add totals of a city: what is left of them when the groups shown are taken off.

    Totals that are those of the groups shown, to the last answer, were made without the hidden
    ones, as the methods say; they tell nothing.
    """
    forms = []
    for weights, value, slack in totals:
        form: dict[int, float] = {}
        shown = 0.0
        for sector in sectors:
            for code, weight in weights.items():
                cell = (sector, item, code)
                if cell in system.unknowns:
                    form[system.unknowns[cell]] = weight
                else:
                    shown += weight * told.get(cell, 0.0)
        forms.append((form, value - shown, slack))
    if all(abs(left) <= slack + 1e-9 for _, left, slack in forms):
        return
    for form, left, slack in forms:
        system.add(form, left - slack, left + slack, source)
