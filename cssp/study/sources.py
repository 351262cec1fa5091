"""What every source of a city says: how its file is read, where it comes from, which rows count."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cssp.study.read_yaml import Model

Status = Literal["observed", "simulated", "invented"]


class Format(Model):
    """How a table file is to be read.

    What is left out is sniffed, and the result says what was found.

    `layout` names the survey service that wrote it (`cssp.tables.services` knows which there are),
    and so how many
    rows are headings and what they hold; left out: one row of headings.
    `header_row` is the row of the headings (the first of them) and `heading_rows` how many there
    are, where titles or merged cells mislead.
    `repeats` names headings that may stand several times; they are numbered.
    """

    layout: str | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(pattern=r"^(tab|\\t|[^\n])$")] | None = None
    decimal: Literal[".", ","] | None = None
    sheet: str | None = None
    comment: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    heading_rows: Annotated[int, Field(ge=1, le=9)] | None = None
    skip_rows: list[int] = []
    repeats: list[str] = []


class Provenance(Model):
    """Where a file comes from."""

    source: str
    collected: str | None = None
    licence: str | None = None
    note: str | None = None


class RowFilter(Model):
    """Only rows with one of these values in a column belong to the city."""

    column: str
    equals: list[str] = Field(min_length=1)
