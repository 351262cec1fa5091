"""What `city.yaml` says of the desk study: its tables, and how each is read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cssp.study.read_yaml import Model, Name
from cssp.study.sources import Format, Provenance, RowFilter, Status


class ValueColumn(Model):
    """A column of a wide table that holds one indicator's values.

    Which indicator, in which unit, and of when and whom.
    """

    column: str
    indicator: Name
    unit: str
    year: int | None = None
    level: Name | None = None
    kind: Name | None = None
    basis: str | None = None
    status: Literal["observed", "derived", "estimated"] = "observed"
    source: str | None = None


class DeskColumns(Model):
    """How a wide table (a row a territory, a column an indicator) is read as an indicator table.

    `municipality`, `oktmo`, `year` and `kind_column` name columns; `level`, `kind`, `basis` and
    `source` hold for all rows unless a value column says
    otherwise; `kinds` gives the values of `kind_column` the study's names. `groups` are rows that
    head the rows below them, with the kind of those ("Городские округа:"); `leave_out` are rows
    that are the whole of others, or no data. What stands in `missing` is unknown, what stands in
    `zero` is nothing at all.
    """

    municipality: str | None = None
    oktmo: str | None = None
    year: str | int | None = None
    level: Name | None = None
    kind: Name | None = None
    kind_column: str | None = None
    kinds: dict[str | int, Name] = {}
    basis: str | None = None
    source: str | None = None
    groups: dict[str, Name | None] = {}
    leave_out: list[str] = []
    missing: list[str] = []
    zero: list[str] = []
    values: list[ValueColumn] = Field(min_length=1)


class CountedValue(Model):
    """What is made of a register's rows: their number, or with `column` the sum of an amount."""

    indicator: Name
    unit: str
    column: str | None = None


class CountedRows(Model):
    """How a register (a row a grant, a contract, a project) becomes indicators.

    The rows are counted and their amounts summed by year, and by `municipality` where a column
    tells it. `year` names a column of years or of dates, or is the year of all rows.
    """

    year: str | int
    municipality: str | None = None
    level: Name
    kind: Name | None = None
    source: str | None = None
    values: list[CountedValue] = Field(min_length=1)


class DeskTable(Model):
    """A file of indicators: a row a value, (with `columns`) a territory, or (`counted`) a grant.

    `rows` keeps only the rows of this city where a file holds several; `columns` says how a wide
    table is to be read, `counted` what is counted and summed.
    """

    file: str
    format: Format = Format()
    rows: list[RowFilter] = []
    columns: DeskColumns | None = None
    counted: CountedRows | None = None

    @model_validator(mode="after")
    def _one_way(self) -> DeskTable:
        if self.columns is not None and self.counted is not None:
            raise ValueError("name one of 'columns' and 'counted'")
        return self


class DeskSource(Model):
    """The desk study's indicator tables of one city.

    `file` collected by hand, further `tables`, and `treasury`, which `cssp add --treasury` writes.

    `format`, `rows` and `columns` are those of `file` (see `DeskTable`).
    """

    file: str | None = None
    treasury: str | None = None
    status: Status = "observed"
    format: Format = Format()
    provenance: Provenance
    rows: list[RowFilter] = []
    columns: DeskColumns | None = None
    tables: list[DeskTable] = []

    @model_validator(mode="after")
    def _some_file(self) -> DeskSource:
        if self.file is None and self.treasury is None and not self.tables:
            raise ValueError(
                "desk: name a 'file', or add forms with `cssp add CITY --treasury FILE`"
            )
        if self.file is None and (self.rows or self.columns is not None):
            raise ValueError(
                "desk: 'rows' and 'columns' say how 'file' is read, but there is no 'file'"
            )
        return self

    def all_tables(self) -> list[DeskTable]:
        """Return every file of the source with how it is read."""
        own = (
            []
            if self.file is None
            else [
                DeskTable(file=self.file, format=self.format, rows=self.rows, columns=self.columns)
            ]
        )
        # the treasury's table is written by this package, so its form is known
        form = Format(encoding="utf-8", delimiter=",", decimal=".", comment="#")
        forms = [] if self.treasury is None else [DeskTable(file=self.treasury, format=form)]
        return [*own, *self.tables, *forms]

    def files(self) -> list[str]:
        """Return the files that the source names, as they are written in `city.yaml`."""
        return [table.file for table in self.all_tables()]
