"""A table of territories (a row a municipality) into a city's `city.yaml`, as it is to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cssp.desk.territories import Region, find_region, region_of
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_rows import RowsTold, rows_told
from cssp.draft.desk_words import (
    at_the_end,
    basis_of,
    indicator_of,
    of_which_year,
    unit_of,
    years_of,
)
from cssp.draft.table_shape import SIGNS, Shape, is_value, shape_of
from cssp.study.indicator_book import IndicatorBook
from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number
from cssp.tables.read import read_table

#: Signs that stand for "none at all" as often as for "not known".
_DASHES = ("-", "–", "—", "нет")


class Proposal(NamedTuple):
    """How a table is to be read: the lines of `city.yaml`, and each column with what it was for."""

    lines: list[str]
    told: list[tuple[str, str]]


def table_proposal(study: Study, city: str, path: Path, given: dict[str, Any]) -> Proposal:
    """Propose how a table of territories is to be read as indicators.

    Parameters
    ----------
    study : the study, whose indicators the columns are held against
    city : name of the city's folder
    path : the table: a CSV, a workbook or a document of Word
    given : what is said of its form, as `format` in city.yaml

    Raises
    ------
    DataError
        The table cannot be read, or has no column of names or of values.
    """
    wanted = Format.model_validate({key: value for key, value in given.items() if value})
    shape = shape_of(path, wanted)
    form = wanted.model_copy(
        update={
            "header_row": shape.header_row,
            "heading_rows": shape.heading_rows,
            "skip_rows": list(shape.skip_rows),
        }
    )
    raw = read_table(path, form, keep_texts=True)
    name, oktmo, year, values = _columns(raw, study.indicators)
    region = city_region(study, city)
    told = rows_told(study.indicators, raw, name, oktmo, values, region, long=bool(year))
    doubts = [
        *told.doubts,
        *(note.what for note in raw.notes if note.what.startswith("The number")),
    ]
    lines = [f"format: {_form(form, raw, values)}"]
    lines += [f"# TODO: {doubt}" for doubt in doubts]
    if told.regions:
        lines += _one_region(told, name, region, raw.file)
    lines += ["columns:"]
    if not told.regions:
        lines.append(f"  municipality: {quoted(name)}")
    lines += [f"  oktmo: {quoted(oktmo)}"] if oktmo and not told.regions else []
    lines += [f"  year: {quoted(year)}"] if year else []
    lines.append(f"  level: {_level(study, told)}")
    lines += _kinds(told, name)
    lines += _left_out(told)
    lines += _signs(raw, values)
    columns, found = _values(study, raw, values, shape, bool(year))
    used = {name, oktmo, year, *values}
    columns += [
        f"    # the column {quoted(column)} was not used"
        for column in map(str, raw.data.columns)
        if column not in used
    ]
    return Proposal([*lines, f"  source: {quoted(_source(shape, raw, path))}", *columns], found)


def city_region(study: Study, city: str) -> Region | None:
    """Return the region that a city lies in, where its `city.yaml` tells it."""
    if city not in study.cities:
        return None
    file = study.city(city).file
    if file.oktmo and (known := region_of(file.oktmo)) is not None:
        return known
    for name in file.region.values():
        try:
            return find_region(name)
        except DataError:
            continue
    return None


def _columns(raw: RawTable, book: IndicatorBook) -> tuple[str, str | None, str | None, list[str]]:
    """Return the columns of the names, of the codes and of the years, and those of the values."""
    name, oktmo, year = "", None, None
    values: list[str] = []
    data = raw.data[raw.data.notna().sum(axis=1) > 1]
    for column in map(str, data.columns):
        cells = [cell for cell in data[column] if cell is not None and str(cell).strip()]
        heading = fold(column)
        codes = [re.sub(r"\s|\.0$", "", str(cell)) for cell in cells]
        if not cells or re.fullmatch(r"(?:№|n|no)?[\s.]*(?:п[\s./]*п[\s.]*)?|код", heading):
            continue
        if ("октмо" in heading or "oktmo" in heading or "код" in heading) and (
            sum(code.isdecimal() and len(code) in (7, 8, 10, 11) for code in codes)
            > 0.5 * len(codes)
        ):
            oktmo = column
        elif re.fullmatch(r"(?:отчетный )?год|year|период", heading) and all(
            len(years_of(str(cell))) == 1 for cell in codes
        ):
            year = column
        elif sum(map(is_value, cells)) > 0.5 * len(cells):
            values.append(column)
        elif not name:
            name = column
        elif (indicator := indicator_of(book, column)) and indicator.unit == "yes_no":
            values.append(column)
    if not name or not values:
        what = "names of territories" if not name else "values"
        raise DataError(
            Problem(
                raw.file,
                f"No column of {what} was found below the headings.",
                "Say where the headings are with --header-row and --heading-rows.",
            )
        )
    return name, oktmo, year, values


def _form(form: Format, raw: RawTable, values: Sequence[str]) -> str:
    """Return `format` in one line, with the sign of decimals where the values tell it."""
    cells = [cell for column in values for cell in raw.data[column] if isinstance(cell, str)]
    unclear = [cell for cell in cells if is_ambiguous(cell)] or _by_dots(cells)
    doubt = ""
    decimal = form.decimal
    if decimal is None and unclear:
        clear = [cell for cell in cells if "," in cell and not is_ambiguous(cell)]
        clear = [] if "." in unclear[0] else clear
        if any(to_number(cell) is not None for cell in clear):
            decimal = ","
        else:
            doubt = f"   # TODO: decimal: is '{unclear[0]}' a thousand or a decimal number?"
    told = {
        **{key: getattr(form, key) for key in ("encoding", "delimiter", "sheet") if key},
        "decimal": decimal,
        "header_row": form.header_row,
        "heading_rows": form.heading_rows,
        "skip_rows": form.skip_rows,
    }
    parts = [
        f"{key}: {value if isinstance(value, int | list) else quoted(value)}"
        for key, value in told.items()
        if value
    ]
    return "{" + ", ".join(parts) + "}" + doubt


def _by_dots(cells: Sequence[str]) -> list[str]:
    """Return texts such as 500.000 where all with a dot are like it: they may be thousands."""
    dotted = [cell for cell in cells if "." in cell and to_number(cell) is not None]
    alike = [cell for cell in dotted if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", cell.strip())]
    return alike if len(alike) > 1 and len(alike) == len(dotted) else []


def _one_region(told: RowsTold, name: str, region: Region | None, file: str) -> list[str]:
    """Return the rule that keeps the rows of the city's region in a table of regions."""
    own = [text for text, one in told.regions.items() if region is not None and one == region]
    if own:
        return [f"rows: [{{column: {quoted(name)}, equals: [{', '.join(map(quoted, own))}]}}]"]
    if region is not None:
        raise DataError(
            Problem(
                file,
                f"The rows are regions, and {region.name_ru} is not among them.",
                "Look at its name in the table.",
                column=name,
            )
        )
    return [f"rows: [{{column: {quoted(name)}, equals: [TODO]}}]   # TODO: which region?"]


def _level(study: Study, told: RowsTold) -> str:
    book = study.indicators
    if not told.regions:
        return book.local_levels[0]
    mapped = book.treasury.levels.get("subject", "subject") if book.treasury else "subject"
    return mapped if mapped in book.levels else "TODO"


def _kinds(told: RowsTold, name: str) -> list[str]:
    """Return which kind of municipality each row is: by the group it stands in, or by its name."""
    lines: list[str] = []
    if told.groups:
        lines = [
            "  groups:",
            *(f"    {quoted(text)}: {kind or 'TODO'}" for text, kind in told.groups.items()),
        ]
        if not told.kinds:
            return lines
    kinds = set(told.kinds.values())
    if len(kinds) == 1 and kinds != {""} and not told.groups:
        return [f"  kind: {kinds.pop()}"]
    if not kinds or told.regions:
        return lines
    asked = "   # TODO: it stands in a group of another kind"
    return [
        *lines,
        f"  kind_column: {quoted(name)}",
        "  kinds:",
        *(
            f"    {quoted(text)}: {kind or 'TODO'}{asked if text in told.asked else ''}"
            for text, kind in told.kinds.items()
        ),
    ]


def _left_out(told: RowsTold) -> list[str]:
    if not told.leave_out:
        return []
    return [
        "  leave_out:",
        *(f"    - {quoted(text)}   # {why}" for text, why in told.leave_out.items()),
    ]


def _signs(raw: RawTable, values: Sequence[str]) -> list[str]:
    """Return which signs stand for an unknown value; a dash may be a zero, and is asked about."""
    found: dict[str, int] = {}
    yes_no = {
        column
        for column in values
        if {fold(cell) for cell in raw.data[column] if cell is not None} & {"да", "yes"}
    }
    for column in values:
        for cell in raw.data[column]:
            if (
                isinstance(cell, str)
                and cell.strip()
                and to_number(cell) is None
                and not (fold(cell) in ("да", "yes", "нет", "no") and column in yes_no)
            ):
                found[cell.strip()] = found.get(cell.strip(), 0) + 1
    unknown = [sign for sign in found if fold(sign) in SIGNS and sign not in _DASHES]
    lines = [f"  missing: [{', '.join(map(quoted, unknown))}]"] if unknown else []
    for sign, count in found.items():
        if sign in _DASHES:
            lines.append(
                f"  # TODO: '{sign}' stands in {count} cells: none at all (then add zero: "
                f"[{quoted(sign)}]), or not known (then missing)?"
            )
        elif sign not in unknown and not is_ambiguous(sign):
            lines.append(f"  # TODO: '{sign[:40]}' is no number: correct it, or add it to missing")
    return lines


def _values(
    study: Study, raw: RawTable, values: Sequence[str], shape: Shape, year_told: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return a line for each column of values, and what each was taken for."""
    book = study.indicators
    title = " ".join(shape.title)
    # the day on which a table was approved or made is not that of its values
    dated = " ".join(
        text for text in shape.title if not re.search(r"№|приказ|утвержд|обновл|дата", fold(text))
    )
    lines, told, open_columns = ["  values:"], [], []
    for column in values:
        indicator = indicator_of(book, column) or (
            indicator_of(book, title) if not _bare(column) else None
        )
        told.append((column, indicator.name if indicator is not None else ""))
        if indicator is None:
            open_columns.append(column)
            continue
        whole = f"{title} {column}"
        unit = unit_of(indicator, column) or unit_of(indicator, whole)
        years = years_of(column) or years_of(dated)
        when = column if years_of(column) else dated
        parts = {
            "column": quoted(column),
            "indicator": indicator.name,
            "unit": unit if unit and " " not in unit else quoted(unit or "TODO"),
        }
        doubts = []
        if not unit:
            doubts.append(f"in which unit? {indicator.unit}, thousand {indicator.unit}, ...")
        if not year_told:
            parts["year"] = str(years[0]) if len(years) == 1 else "TODO"
            doubts += [] if len(years) == 1 else ["of which year?"]
            if indicator.unit == "RUB" and of_which_year(when):
                doubts.append(
                    "money by that day, or of a part of the year: which whole year is it?"
                )
        if indicator.role == "population" and book.bases:
            parts["basis"] = basis_of(book, column) or basis_of(book, title) or "TODO"
            doubts += (
                [f"which census do they rest on? {', '.join(book.bases)}"]
                if parts["basis"] == "TODO"
                else []
            )
        if indicator.counted and at_the_end(whole):
            doubts.append(
                f"counted on {indicator.counted} in this study: those of the end of a year are "
                "those of the next"
            )
        asked = f"   # TODO: {'; '.join(doubts)}" if doubts else ""
        inner = ", ".join(f"{key}: {value}" for key, value in parts.items())
        lines.append(f"    - {{{inner}}}{asked}")
    if len(lines) == 1:
        lines.append(
            f"    - {{column: {quoted(open_columns.pop(0))}, indicator: TODO, unit: TODO, year: "
            "TODO}"
        )
    lines += [
        f"    # TODO: {quoted(column)} was not recognised: write a line for it as those above, or "
        "take this one away"
        for column in open_columns
    ]
    return lines, told


def _bare(column: str) -> str:
    """Return a heading without what says only when."""
    words = (
        r"(?:на )?\d+ (?:января|декабря)|г(?:ода?)?\b|\d+|на (?:начало|конец)|значение|всего|итого"
    )
    units = r"тыс\w*|млн|млрд|человек|чел\b|рублей|руб\b|единиц|ед\b"
    return re.sub(rf"{words}|{units}|[\s.,:;()\[\]—–-]", "", fold(column))


def _source(shape: Shape, raw: RawTable, path: Path) -> str:
    """Return where a table says that it is from; a TODO where it does not."""
    texts = [*shape.title, *(str(cell) for cell in raw.data.iloc[:, 0] if cell is not None)]
    for text in texts:
        if found := re.match(r"(?:источник|source)\s*:?\s*(.+)", text.strip(), re.IGNORECASE):
            return f"{found[1].strip()}; {path.name}"
    return f"TODO: who published {path.name}, and when"
