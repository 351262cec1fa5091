"""The columns of figures in a drafted `city.yaml`: indicator, unit, year, and signs for values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cssp.draft.city_yaml import quoted
from cssp.draft.indicator_words import indicator_of, is_planned, unit_of
from cssp.draft.period_words import at_the_end, basis_of, of_which_year, years_of
from cssp.draft.table_shape import SIGNS, Shape
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number

#: Signs that stand for "none at all" as often as for "not known".
_DASHES = ("-", "–", "—", "нет")


def value_lines(
    study: Study, raw: RawTable, values: Sequence[str], shape: Shape, year_told: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return a line of `city.yaml` for each column of values, and what each was taken for.

    Parameters
    ----------
    study : the study, whose indicators the columns are held against
    raw : the table
    values : its columns of values
    shape : with the title above it
    year_told : a column tells the year
    """
    book = study.indicators
    title = " ".join(shape.title)
    # the day on which a table was approved or made is not that of its values
    dated = " ".join(
        text
        for text in shape.title
        if not re.search(r"№|приказ|утвержд|обновл|сформир|выгруж|дата", fold(text))
    )
    lines, told, open_columns = ["  values:"], [], []
    for column in values:
        of_titles = [] if _bare(column) else [indicator_of(book, text) for text in shape.title]
        indicator = indicator_of(book, column) or next(filter(None, of_titles), None)
        told.append((column, indicator.name if indicator is not None else ""))
        if indicator is None:
            open_columns.append(column)
            continue
        whole = f"{title} {column}"
        unit = unit_of(indicator, column) or unit_of(indicator, whole)
        years = years_of(column) or years_of(dated)
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
        if indicator.unit == "RUB" and of_which_year(f"{column} {dated}"):
            doubts.append("money by that day, or of a part of the year: which whole year is it?")
        if indicator.unit == "RUB" and is_planned(title):
            doubts.append("planned, or executed?")
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
        asked = "".join(f"   # TODO: {doubt}" for doubt in doubts)
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


def sign_lines(raw: RawTable, values: Sequence[str]) -> list[str]:
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
