"""All regions of the country: what their budgets give to non-profits, and how many live there.

They are the context of a study: its own regions are shown among all, not among their neighbours in
the list.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cssp.desk.territories import REGION_NAMES, find_region, regions
from cssp.stats.columns import Column, returns
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError, Problem, short_path
from cssp.study.study import Study, load_study
from cssp.tables.raw import to_number
from cssp.tables.read import read_table

SUPPORT_COLUMNS = [
    "region",
    "oktmo",
    "year",
    "level",
    "kind",
    "purpose",
    "subsection",
    "executed",
    "expenditure",
    "transfers",
    "form_date",
    "months",
    "file",
    "sha256",
    "note",
]
_MONEY_COLUMNS = ["region", "oktmo", "year", "level", "kind", "purpose", "subsection", "support"]
#: A region's name in every language, told by its official Russian name.
REGION = Column("region", "region", "word", values=REGION_NAMES)


def read_support(path: Path) -> pd.DataFrame:
    """Read a table of `cssp add-forms`, every cell as text.

    Raises
    ------
    DataError
        Somebody else wrote it.
    """
    raw = read_table(path)
    if absent := [name for name in SUPPORT_COLUMNS if name not in raw.data]:
        raise DataError(
            Problem(
                short_path(path),
                f"The table has no column '{absent[0]}': `cssp add-forms` did not write it.",
                "Move it away and add the forms again.",
            )
        )
    return raw.data[SUPPORT_COLUMNS].fillna("").astype(str)


def _context(study: Study) -> tuple[Study, str, str | None]:
    """Return the study whose tables of regions are taken, and their names.

    A study without such tables is shown among the regions that come with the package.
    """
    own = study if study.file.context is not None else load_study()
    context = own.file.context
    assert context is not None
    return own, context.support, context.population


def purpose_book(book: IndicatorBook) -> IndicatorBook:
    """Return the codebook whose grouping of purposes counts: the study's, or the package's."""
    return book if book.purposes else load_study().indicators


@returns(
    REGION,
    "year",
    "level",
    "kind",
    Column("purpose", "purpose", "purpose"),
    Column("subsection", "subsection", "text"),
    Column("support", "support", "money"),
)
def load_region_support(study: Study) -> pd.DataFrame:
    """Load the money that every region's budgets give to non-profits, by what it is for.

    Parameters
    ----------
    study : the study; one without tables of regions gets those that come with the package, and one
        of another country nothing

    Returns
    -------
    One row a region, year, level, kind of municipality and budget subsection: `region` (official
    Russian name), `oktmo, year, level, kind, purpose` (by the study's grouping; empty: in no
    group), `subsection, support` (executed, roubles), `expenditure, transfers` (of the level and
    kind as a whole), `file`.

    Raises
    ------
    DataError
        A table that is not one of `cssp add-forms`, an amount that is none, a subsection that
        stands in no purpose.

    Examples
    --------
    >>> from cssp import load_study
    >>> money = load_region_support(load_study())
    >>> money.loc[money["year"] == 2021, "region"].nunique()
    85
    """
    if not study.has_context:
        return pd.DataFrame(columns=[*_MONEY_COLUMNS, "expenditure", "transfers", "file"])
    own, name, _ = _context(study)
    path = own.folder / name
    table = read_support(path)
    found = table.assign(support=table["executed"])
    for column in ("support", "expenditure", "transfers", "year"):
        numbers = pd.to_numeric(found[column], errors="coerce")
        if numbers.isna().any():
            row = int(numbers.isna().to_numpy().argmax())
            raise DataError(
                Problem(
                    short_path(path),
                    f"'{found[column].iloc[row]}' is no number.",
                    "Add the forms again.",
                    row + 2,
                    column,
                )
            )
        found[column] = numbers
    book = purpose_book(study.indicators)
    kinds = {code: book.purpose_of(code) for code in dict.fromkeys(found["subsection"]) if code}
    found["purpose"] = found["subsection"].map(kinds).fillna("")
    return found[[*_MONEY_COLUMNS, "expenditure", "transfers", "file"]].astype({"year": int})


@returns(REGION, "year", Column("population", "population", "whole"), "source", "note")
def load_region_population(study: Study) -> pd.DataFrame:
    """Load how many residents every region had.

    Parameters
    ----------
    study : the study; one without tables of regions gets those that come with the package

    Returns
    -------
    One row a region and year: `region` (official Russian name), `year, population, source, note`.
    A region whose residents are those of others too (Tyumen with its okrugs) is not the territory
    of its budget: such a table is refused.

    Raises
    ------
    DataError
        An unknown region, a year or a number that is none, two numbers for one year, a region that
        equals the sum of itself and regions within it.

    Examples
    --------
    >>> from cssp import load_study
    >>> people = load_region_population(load_study())
    >>> people.query("region == 'Республика Карелия' and year == 2019")["population"].tolist()
    [616059]
    """
    name = None
    if study.has_context:
        own, _, name = _context(study)
    if name is None:
        return pd.DataFrame(columns=["region", "year", "population", "source", "note"])
    raw = read_table(own.folder / name)
    problems: list[Problem] = []
    lines: list[list[object]] = []
    seen: set[tuple[str, int]] = set()
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = {str(key): "" if value is None else str(value) for key, value in record.items()}
        number, year = to_number(cells.get("population", "")), to_number(cells.get("year", ""))
        try:
            region = find_region(cells.get("region", "")).name_ru
        except DataError as error:
            problems += [Problem(raw.file, p.what, p.remedy, row, "region") for p in error.problems]
            continue
        if year is None or number is None or not number > 0:
            problems.append(
                Problem(
                    raw.file,
                    f"{region}: '{cells.get('population', '')}' in '{cells.get('year', '')}' is no "
                    "population of a year.",
                    "Correct it.",
                    row,
                    "population",
                )
            )
            continue
        if (region, int(year)) in seen:
            problems.append(
                Problem(
                    raw.file,
                    f"{region} has two populations of {int(year)}.",
                    "Leave one.",
                    row,
                    "population",
                )
            )
        seen.add((region, int(year)))
        lines.append(
            [region, int(year), int(number), cells.get("source", ""), cells.get("note", "")]
        )
    table = pd.DataFrame(lines, columns=["region", "year", "population", "source", "note"])
    problems += _with_okrugs(table, raw.file)
    if problems:
        raise DataError(problems)
    return table


#: Regions whose territory holds autonomous okrugs with budgets of their own.
_WITHIN = {
    "Архангельская область": ("Ненецкий автономный округ",),
    "Тюменская область": (
        "Ханты-Мансийский автономный округ — Югра",
        "Ямало-Ненецкий автономный округ",
    ),
}


def _with_okrugs(table: pd.DataFrame, file: str) -> list[Problem]:
    """Return where a region seems to be counted with the okrugs on its territory.

    Their budgets are apart, so rates need the residents apart. Tyumen oblast has fewer residents
    than its okrugs, and more only with them; elsewhere a step from one year to the next of about
    the okrug's size shows that both are mixed.
    """
    problems = []
    wide = table.pivot_table(index="year", columns="region", values="population", aggfunc="first")
    for region, inner in _WITHIN.items():
        if not {region, *inner} <= set(wide):
            continue
        own, others = wide[region], wide[list(inner)].sum(axis=1)
        step = own.diff()
        mixed = (own > others) if len(inner) > 1 else ((step - others).abs() < 0.4 * others)
        problems += [
            Problem(
                file,
                f"{region} has {int(own[year])} residents in {year}, which must be with the "
                f"{int(others[year])} of its okrugs, whose budgets are apart.",
                "Give it without them, in every year.",
                column="population",
            )
            for year in wide.index[mixed]
        ]
    return problems


def regions_of(study: Study, cities: list[str]) -> list[str]:
    """Return the regions that cities lie in, each once, by their official Russian names.

    A city whose region is not known is left out.

    Examples
    --------
    >>> from cssp import load_study
    >>> study = load_study()
    >>> regions_of(study, list(study.cities))
    ['Вологодская область', 'Республика Карелия']
    """
    found: list[str] = []
    for city in cities:
        for region in study.city(city).file.region.values():
            try:
                name = find_region(region).name_ru
            except DataError:
                continue
            if name not in found:
                found.append(name)
            break
    return found


def with_district(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the federal district of each region, as `region_group`.

    >>> with_district(pd.DataFrame({"region": ["Республика Карелия"]}))["region_group"].tolist()
    ['Северо-Западный']
    """
    names = {one.name_ru: one.district_ru for one in regions()}
    return table.assign(region_group=table["region"].map(names))
