"""The columns of one city's file read as the questionnaire's items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cssp.study.city_file import ColumnMap, SurveySource
from cssp.study.problems import DataError, Problem, nearest, short_path
from cssp.study.questionnaire import OPTION, Item
from cssp.study.study import City, Study
from cssp.survey.read_answers import Reader, ScaleReader, Seen, as_problems, decode
from cssp.survey.read_numbers import number_reader, text_reader
from cssp.survey.read_options import (
    blank_or_zero,
    choice_reader,
    is_marked,
    options_reader,
    own_words,
    takes_text,
)
from cssp.tables.raw import RawTable, fold, keep_rows


def map_of(source: SurveySource, item: Item) -> ColumnMap:
    """Return an item's map: the one of city.yaml, or the column of its own name."""
    mapped = source.items.get(item.name)
    if mapped is not None:
        return mapped
    if item.type in ("multiple", "ranking"):
        return ColumnMap(
            columns={option: f"{item.name}{OPTION}{option}" for option in item.options}
        )
    return ColumnMap(column=item.name)


class ItemReader:
    """Reads items from a city's file, and gathers what is wrong with their values.

    Attributes
    ----------
    table : the city's own rows of the file
    missing : words that stand for a blank
    problems : what was found so far
    seen : item, column, and what became of each value of it
    """

    def __init__(self, study: Study, city: City, source: SurveySource, table: RawTable) -> None:
        self.study = study
        self.city = city
        self.source = source
        self.questionnaire = study.questionnaire
        self.problems: list[Problem] = []
        self.seen: list[tuple[str, str, Seen]] = []
        self.missing = {fold(word) for word in source.missing}
        self.table, problems = keep_rows(table, source.rows)
        self.problems += problems

    def _item(self, item: Item) -> dict[str, Any]:
        if item.name in self.source.not_asked:
            return {
                column: self._typed(item, [None] * len(self.table.data)) for column in item.columns
            }
        mapped = map_of(self.source, item)
        reader = {"multiple": self._multiple, "ranking": self._ranking}.get(item.type, self._single)
        try:
            found = reader(item, mapped)
        except DataError as error:
            self.problems += error.problems
            found = {}
        empty: list[object] = [None] * len(self.table.data)
        return {column: self._typed(item, found.get(column, empty)) for column in item.columns}

    def _single(self, item: Item, mapped: ColumnMap) -> dict[str, list[object]]:
        name = self._column_of(item, mapped)
        missing = self._missing_of(mapped)
        reader: Reader
        if item.type == "open":
            reader = text_reader(missing, self._declared(name))
        elif (scale := self.questionnaire.scale_of(item)) is None:
            reader = number_reader(
                item,
                missing,
                self.source.format.decimal,
                self._declared(name),
                mapped.values,
                self.table.labels.get(name),
            )
        else:
            assert item.scale is not None
            maps: list[dict[Any, Any]] = [mapped.values, self.source.scales.get(item.scale, {})]
            reader = ScaleReader(item, scale, item.scale, maps, missing, self.table, name)
        return {item.name: self._decoded(item.name, name, reader)}

    def _decoded(self, item: str, column: str, reader: Reader) -> list[object]:
        """Translate a column of the file, and keep what was found and what became of its values."""
        values, findings, seen = decode(self.table.column(column), self.table.rows, reader)
        self.problems += as_problems(findings, self.table.file, column)
        self.seen += [(item, column, one) for one in seen]
        return values

    def _declared(self, column: str) -> list[tuple[Any, Any]]:
        return self.table.declared_missing.get(column, [])

    def _missing_of(self, mapped: ColumnMap) -> set[str]:
        """Return the words that stand for a blank in one item's columns."""
        return self.missing | {fold(word) for word in mapped.missing}

    def _column_of(self, item: Item, mapped: ColumnMap) -> str:
        if mapped.column is None:
            raise DataError(
                Problem(
                    short_path(self.city.folder / "city.yaml"),
                    f"An item of type {item.type} is held by one column.",
                    "Name it under 'column'.",
                    column=f"survey.items.{item.name}",
                )
            )
        return mapped.column

    def _columns_of(self, item: Item, columns: dict[str, str]) -> dict[str, pd.Series]:
        problems, found = [], {}
        for option, name in columns.items():
            if option not in item.options:
                problems.append(
                    Problem(
                        short_path(self.city.folder / "city.yaml"),
                        f"'{option}' is not an option of the item. {nearest(option, item.options)}",
                        "Correct the map.",
                        column=f"survey.items.{item.name}.columns",
                        value=option,
                    )
                )
            elif name not in self.table.data.columns:
                problems.append(self.table.no_column(name))
            else:
                found[option] = self.table.data[name]
        for option in item.options:
            if option not in columns:
                problems.append(
                    Problem(
                        short_path(self.city.folder / "city.yaml"),
                        f"The option '{option}' of the item has no column.",
                        "Map it, or take it out of the questionnaire.",
                        column=f"survey.items.{item.name}.columns",
                    )
                )
        if problems:
            raise DataError(problems)
        return found

    def _multiple(self, item: Item, mapped: ColumnMap) -> dict[str, list[object]]:
        if mapped.column is not None:
            if mapped.separator is None:
                raise DataError(
                    Problem(
                        short_path(self.city.folder / "city.yaml"),
                        "Several options stand in one column, but no separator is named.",
                        "Name it under 'separator'.",
                        column=f"survey.items.{item.name}",
                    )
                )
            reader = self._options(item, mapped, mapped.column, mapped.separator)
            return self._by_option(item, self._decoded(item.name, mapped.column, reader))
        if mapped.mentions:
            return self._by_option(item, self._mentions(item, mapped))
        chosen, not_chosen = (
            {fold(w) for w in words} for words in (mapped.chosen, mapped.not_chosen)
        )
        missing = self._missing_of(mapped)
        series = self._columns_of(item, mapped.columns)
        marked = is_marked({o: self._words(mapped.columns[o], missing) for o in series}, item)
        read: dict[str, list[object]] = {}
        for option in series:
            name = mapped.columns[option]
            reader = choice_reader(
                own_words(item, option),
                marked,
                chosen,
                not_chosen,
                missing - chosen - not_chosen,
                self.table.labels.get(name),
                self._declared(name),
                takes_text(item, option),
            )
            read[f"{item.name}{OPTION}{option}"] = self._decoded(item.name, name, reader)
        return blank_or_zero(read)

    def _options(self, item: Item, mapped: ColumnMap, column: str, separator: str) -> Reader:
        """Return a reader of the options that stand in a column."""
        return options_reader(
            item,
            mapped.values,
            separator,
            self._missing_of(mapped),
            self.table.labels.get(column),
            self._declared(column),
        )

    def _words(self, column: str, missing: set[str]) -> list[str]:
        """Return what stands in a column: the labels of its values where the file has them."""
        labels = self.table.labels.get(column, {})
        values = pd.unique(self.table.data[column].dropna())
        return [
            str(labels.get(value, value)) for value in values if fold(value) not in {"", *missing}
        ]

    def _mentions(self, item: Item, mapped: ColumnMap) -> list[object]:
        """Return the options that each respondent mentioned, in whatever column."""
        found: list[object] = [None] * len(self.table.data)
        for name in mapped.mentions:
            reader = self._options(item, mapped, name, "\x00")
            for row, chosen in enumerate(self._decoded(item.name, name, reader)):
                if chosen is not None:
                    found[row] = (found[row] or frozenset()) | chosen  # type: ignore[operator]
        return found

    @staticmethod
    def _by_option(item: Item, sets: list[object]) -> dict[str, list[object]]:
        return {
            f"{item.name}{OPTION}{option}": [
                None if chosen is None else int(option in chosen)  # type: ignore[operator]
                for chosen in sets
            ]
            for option in item.options
        }

    def _ranking(self, item: Item, mapped: ColumnMap) -> dict[str, list[object]]:
        count = len(self.table.data)
        limit = item.ranks or len(item.options)
        ranks = {option: np.full(count, np.nan) for option in item.options}
        if mapped.columns:
            for option in self._columns_of(item, mapped.columns):
                name = mapped.columns[option]
                numeric = Item(
                    name=item.name,
                    type="numeric",
                    wording=item.wording,
                    label=item.label,
                    minimum=1,
                    maximum=limit,
                )
                reader = number_reader(
                    numeric,
                    self._missing_of(mapped),
                    self.source.format.decimal,
                    self._declared(name),
                    labels=self.table.labels.get(name),
                )
                values = self._decoded(item.name, name, reader)
                ranks[option] = np.array(values, dtype=float)
        elif mapped.places:
            for place, name in enumerate(mapped.places, 1):
                reader = self._options(item, mapped, name, "\x00")
                sets = self._decoded(item.name, name, reader)
                for position, chosen in enumerate(sets):
                    for option in chosen or ():  # type: ignore[attr-defined]
                        if np.isfinite(ranks[option][position]):
                            self._problem(
                                f"The option '{option}' has two places in the ranking.",
                                "Correct the file.",
                                row=position,
                                column=name,
                                value=option,
                            )
                        ranks[option][position] = place
        else:
            raise DataError(
                Problem(
                    short_path(self.city.folder / "city.yaml"),
                    "A ranking is held by several columns.",
                    "Name them under 'columns' (option: column) or 'places'.",
                    column=f"survey.items.{item.name}",
                )
            )
        self._check_ranks(item, mapped, np.column_stack(list(ranks.values())))
        return {
            f"{item.name}{OPTION}{o}": [None if np.isnan(v) or v != round(v) else v for v in r]
            for o, r in ranks.items()
        }

    def _check_ranks(self, item: Item, mapped: ColumnMap, grid: np.ndarray) -> None:
        given = np.isfinite(grid)
        grid = np.where(
            grid == np.round(grid), grid, 0
        )  # a fraction is no place: it fails the check below
        counts = given.sum(axis=1)
        ordered = np.sort(np.where(given, grid, np.inf), axis=1)
        expected = np.arange(1, grid.shape[1] + 1)
        wrong = (np.where(np.isfinite(ordered), ordered != expected, False)).any(axis=1)
        first = next(iter([*mapped.columns.values(), *mapped.places]))
        for position in np.flatnonzero(wrong)[:50]:
            ranks = ", ".join(f"{value:g}" for value in ordered[position][: counts[position]])
            self._problem(
                f"The ranks of '{item.name}' repeat or skip a place: {ranks}.",
                "Each respondent ranks 1, 2, 3, ... without gaps; correct the row.",
                row=int(position),
                column=first,
                value=ranks,
            )

    @staticmethod
    def _typed(item: Item, values: list[object]) -> pd.Series:
        if item.type == "open":
            return pd.Series(values, dtype=object)
        kind = "Float64" if item.type == "numeric" else "Int32"
        return pd.Series(
            pd.array([pd.NA if value is None else value for value in values], dtype=kind)
        )

    def _problem(
        self,
        what: str,
        remedy: str,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        number = None if row is None else int(self.table.rows[row])
        self.problems.append(Problem(self.table.file, what, remedy, number, column, value))

    def _warn(self, what: str, remedy: str, column: str | None = None) -> None:
        self.problems.append(Problem(self.table.file, what, remedy, None, column, None, "warning"))
