"""What a form 0503317 says of one type of expenditure: by level, and by what the money is for."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from cssp.desk.treasury.form import Form
from cssp.stats.columns import Column, returns
from cssp.study.problems import ScoringError

#: Transfers to other budgets: what they pass on is spent, and counted, there.
TRANSFERS = "500"


@returns(
    "region",
    "date",
    "year",
    Column("months", "months", "whole"),
    "level",
    "kind",
    Column("support", "support", "money"),
    Column("support_approved", "support, approved", "money"),
    Column("expenditure", "expenditure", "money"),
    "share",
    "note",
)
def npo_spending(
    form: Form, types: Iterable[str] = ("630",), population: float | None = None
) -> pd.DataFrame:
    """Sum the expenditure of some types over subsections, by level and kind of municipality.

    Type 630 is 'subsidies to non-profit organisations other than state and municipal institutions':
    all of them, not only the
    socially oriented. 631 to 634 are its elements, so 630 and 631 together would count money twice
    and are refused.

    Parameters
    ----------
    form : from `read_form`
    types : expenditure types, three digits; the choice is the study's
    population : residents of the region, for `per_resident`

    Returns
    -------
    One row for the subject's own budget and each kind of local budget: `region, date, year, months`
    (how many the form covers), `level, kind, support, support_approved,
    expenditure, share` (of support in expenditure; missing where nothing was spent), `per_resident`
    (missing without a population), `note`
    ("negative: a refund" where support is below zero). Amounts are executed, in roubles.

    Raises
    ------
    ScoringError
        Types that hold one another, a type that is none, a form that does not tell how much the
        type is, a population that is not above zero.

    Examples
    --------
    >>> from cssp.desk.treasury.form import Form
    >>> table = pd.DataFrame({
    ...     "section": ["", "10", "10"], "subsection": ["", "1006", "1006"], "target_item": "",
    ...     "expenditure_type": ["000", "000", "630"], "name": "", "level": "subject",
    ...     "kind_of_municipality": "", "approved": 100.0, "executed": [100.0, 100.0, 25.0],
    ...     "row": [1, 2, 3]})
    >>> form = Form("f.xlsx", "", "2022-01-01", "year", "", "", "A", 1.0, table, pd.DataFrame())
    >>> npo_spending(form)[["level", "year", "support", "share"]]
         level  year  support  share
    0  subject  2021     25.0   0.25
    """
    wanted = _types(types)
    if population is not None and not population > 0:
        raise ScoringError(
            f"A population of {population:g} gives no rate per resident; it must be above zero."
        )
    table = form.table[form.table["level"].isin(["subject", "local"])]
    keys = ["level", "kind_of_municipality"]
    picked = _rows_of_types(form, table, wanted)
    own = (
        table[table["row"].isin(picked)]
        .groupby(keys, sort=False, observed=True)[["executed", "approved"]]
        .sum()
    )
    whole = table[table["section"] == ""].groupby(keys, sort=False, observed=True)["executed"].sum()
    found = pd.DataFrame({"support": own["executed"], "support_approved": own["approved"]}).reindex(
        whole.index, fill_value=0.0
    )
    found["expenditure"] = whole
    found = found.reset_index().rename(columns={"kind_of_municipality": "kind"})
    found[["level", "kind"]] = found[["level", "kind"]].astype(str)
    found["share"] = found["support"] / found["expenditure"].where(found["expenditure"] != 0)
    found["per_resident"] = np.nan if population is None else found["support"] / population
    found["note"] = np.where(found["support"] < 0, "negative: a refund", "")
    head = {"region": form.region, "date": form.date, "year": form.year, "months": form.months}
    for place, (name, value) in enumerate(head.items()):
        found.insert(place, name, value)
    return found


def _types(types: Iterable[str]) -> list[str]:
    """Return the types, each once, or say why they cannot be added."""
    wanted = list(dict.fromkeys(types))
    if not wanted:
        raise ScoringError("No expenditure type is named; write e.g. 630.")
    for code in wanted:
        if not re.fullmatch(r"[1-9]\d\d", code):
            raise ScoringError(
                f"'{code}' is not an expenditure type; write three digits, e.g. 630."
            )
        for other in wanted:
            if other != code and code.startswith(other.rstrip("0")):
                raise ScoringError(
                    f"Type {other} holds type {code}: together they would count the same money "
                    "twice."
                )
    return wanted


@returns(
    "region",
    "year",
    "level",
    "kind",
    Column("subsection", "subsection", "text"),
    Column("support", "support", "money"),
)
def npo_subsections(form: Form, types: Iterable[str] = ("630",)) -> pd.DataFrame:
    """Return what each subsection of the budget holds of some types, by level and kind.

    What the money is for: 0703 is extra education of children, 0501 housing, and so on.

    Parameters
    ----------
    form, types : as in `npo_spending`, which is the sum of this

    Returns
    -------
    One row a level, kind of municipality and subsection that is not zero: `region, year, level,
    kind, subsection, support` (executed, in roubles).

    Raises
    ------
    ScoringError
        As `npo_spending`.

    Examples
    --------
    >>> from cssp.desk.treasury.form import Form
    >>> table = pd.DataFrame({
    ...     "section": ["", "10", "10"], "subsection": ["", "1006", "1006"], "target_item": "",
    ...     "expenditure_type": ["000", "000", "630"], "name": "", "level": "subject",
    ...     "kind_of_municipality": "", "approved": 100.0, "executed": [100.0, 100.0, 25.0],
    ...     "row": [1, 2, 3]})
    >>> form = Form("f.xlsx", "", "2022-01-01", "year", "", "", "A", 1.0, table, pd.DataFrame())
    >>> npo_subsections(form)[["year", "subsection", "support"]]
       year subsection  support
    0  2021       1006     25.0
    """
    table = form.table[form.table["level"].isin(["subject", "local"])]
    own = table[table["row"].isin(_rows_of_types(form, table, _types(types)))]
    found = own.groupby(["level", "kind_of_municipality", "subsection"], sort=False, observed=True)[
        "executed"
    ].sum()
    rows = found[found != 0].reset_index()
    rows.columns = pd.Index(["level", "kind", "subsection", "support"])
    rows = rows.astype({"level": str, "kind": str, "subsection": str})
    rows.insert(0, "region", form.region)
    rows.insert(1, "year", form.year)
    return rows


def transfers(form: Form) -> pd.DataFrame:
    """Return what budgets pass to other budgets (type 500): `level, kind, transfers` in roubles.

    It is in their expenditure, and again in that of who gets it.
    """
    found = npo_subsections(form, [TRANSFERS]).groupby(["level", "kind"], sort=False)["support"]
    return found.sum().rename("transfers").reset_index()


def _rows_of_types(form: Form, table: pd.DataFrame, wanted: list[str]) -> list[int]:
    """Return the rows of the form that make up some types, each subsection once.

    A type's own line is taken; where a form leaves it out, its elements. A subsection that gives
    only what the type is a part of (a group, or nothing), or gives the
    type by target items only, does not tell how much it is.
    """
    amounts = (
        table[["approved", "executed"]].abs().sum(axis=1).groupby(table["row"], sort=False).sum()
    )
    lines = table.drop_duplicates("row")
    plain: dict[str, dict[str, int]] = {}
    by_item: dict[str, list[str]] = {}
    for subsection, item, kind, row in zip(
        *(lines[name].astype(str) for name in ("subsection", "target_item", "expenditure_type")),
        lines["row"],
        strict=True,
    ):
        if not subsection:
            continue
        own = plain.setdefault(subsection, {})
        if item.strip("0"):
            by_item.setdefault(subsection, []).append(kind)
        else:
            own[kind] = row
    picked: list[int] = []
    for subsection, rows in plain.items():
        for code in wanted:
            below = [
                kind
                for kind in rows
                if kind != code and kind.startswith(code.rstrip("0")) and len(kind) == 3
            ]
            steps = [kind for kind in below if kind.endswith("0")] or below
            above = [
                kind
                for kind in (code[:2] + "0", code[0] + "00", "000")
                if kind in rows and kind != code
            ]
            if code in rows:
                picked.append(rows[code])
            elif below:
                picked += [rows[kind] for kind in steps]
            elif any(kind.startswith(code.rstrip("0")) for kind in by_item.get(subsection, ())):
                raise ScoringError(
                    f"{form.file}: the subsection {subsection} gives type {code} by target items "
                    "only; a sum could count it twice."
                )
            elif above:
                stem = above[0].rstrip("0")
                split = any(
                    kind != above[0] and kind.startswith(stem) for kind in rows if kind != "000"
                )
                if not split and amounts[rows[above[0]]] > 0:
                    raise ScoringError(
                        f"{form.file}: the subsection {subsection} gives {above[0]} without its "
                        f"parts, so how much of it is type {code} is not known."
                    )
    return picked
