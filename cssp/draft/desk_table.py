"""A table of territories (a row a municipality) into a city's `city.yaml`, as it is to be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cssp.desk.territories import Region, find_region, region_of
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_columns import columns_told, unused_lines
from cssp.draft.desk_rows import RowsTold, rows_told
from cssp.draft.desk_value_lines import sign_lines, value_lines
from cssp.draft.kind_words import kind_of
from cssp.draft.table_shape import Shape, shape_of
from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.raw import RawTable, fold, is_ambiguous, to_number
from cssp.tables.read import read_table


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
    roles = columns_told(raw, study.indicators)
    name, oktmo, year, values = roles.name, roles.oktmo, roles.year, roles.values
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
    lines.append(f"  level: {_level(study, told, ' '.join((*shape.title, *values)))}")
    lines += _kind_column(study, raw, roles.kind) if roles.kind else _kinds(told, name)
    lines += _left_out(told)
    lines += sign_lines(raw, values)
    columns, found = value_lines(study, raw, values, shape, bool(year))
    columns += unused_lines(raw, roles)
    return Proposal([*lines, f"  source: {quoted(_source(shape, raw, path))}", *columns], found)


def city_region(study: Study, city: str) -> Region | None:
    """Return the region that a city lies in, where its `city.yaml` tells it."""
    try:
        told = yaml.safe_load((study.folder / "cities" / city / "city.yaml").read_text("utf-8"))
        oktmo, names = str(told.get("oktmo") or ""), told["region"].values()
    except (OSError, yaml.YAMLError, AttributeError, KeyError):
        return None  # a new city, or one that is not told of yet
    if (known := region_of(oktmo)) is not None:
        return known
    for name in map(str, names):
        try:
            return find_region(name)
        except DataError:
            continue
    return None


def _form(form: Format, raw: RawTable, values: Sequence[str]) -> str:
    """Return `format` in one line, with the sign of decimals where the values tell it."""
    cells = [cell for column in values for cell in raw.data[column] if isinstance(cell, str)]
    unclear = [cell for cell in cells if is_ambiguous(cell)] or by_dots(cells)
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


def by_dots(cells: Sequence[str]) -> list[str]:
    """Return texts such as 500.000 where all with a dot are like it: they may be thousands.

    >>> by_dots(["500.000", "7"]), by_dots(["500.000", "7.5"])
    (['500.000'], [])
    """
    dotted = [cell for cell in cells if re.fullmatch(r"[\d\s.]*\d\.\d+", cell.strip())]
    alike = [cell for cell in dotted if re.fullmatch(r"\d{1,3}(?:[ .]\d{3})*\.\d{3}", cell.strip())]
    return alike if len(alike) == len(dotted) else []


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


def _level(study: Study, told: RowsTold, text: str) -> str:
    """Return whose the figures are; where a heading names another level, it is asked."""
    book, wanted = study.indicators, fold(text)
    asked = f"   # TODO: whose? {', '.join(book.levels)}"
    if not told.regions:
        others = r"(?:областн|республиканск|краев)\w+ бюджет|бюджет\w* субъект|федеральн"
        return book.local_levels[0] + (asked if re.search(others, wanted) else "")
    mapped = book.treasury.levels.get("subject", "subject") if book.treasury else "subject"
    unsure = mapped not in book.levels or re.search(r"консолидирован|местн|федеральн", wanted)
    return (mapped if mapped in book.levels else "TODO") + (asked if unsure else "")


def _kind_column(study: Study, raw: RawTable, column: str) -> list[str]:
    """Return which kind of municipality each word of a column of kinds is."""
    texts = list(dict.fromkeys(str(cell) for cell in raw.data[column].dropna()))
    return [
        f"  kind_column: {quoted(column)}",
        "  kinds:",
        *(f"    {quoted(text)}: {kind_of(study.indicators, text) or 'TODO'}" for text in texts),
    ]


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


def _source(shape: Shape, raw: RawTable, path: Path) -> str:
    """Return where a table says that it is from; a TODO where it does not."""
    texts = [*shape.title, *(str(cell) for cell in raw.data.iloc[:, 0] if cell is not None)]
    for text in texts:
        if found := re.match(r"(?:источник|source)\s*:?\s*(.+)", text.strip(), re.IGNORECASE):
            return f"{found[1].strip()}; {path.name}"
    return f"TODO: who published {path.name}, and when"
