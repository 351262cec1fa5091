"""Names into words: every label comes from the study's codebooks or the catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cssp.show.columns import COLUMNS
from cssp.show.forms import decimals_of, is_signed
from cssp.show.study_names import StudyNames
from cssp.show.words import LANGUAGES
from cssp.stats.columns import USUAL, Column, Result, bounds
from cssp.study.study import Stage


@dataclass(frozen=True)
class Head:
    """How a column reads in one language.

    Heading, form of the values, words of values that the catalogue lacks, estimate of a bound.
    """

    text: str
    form: str = "number"
    values: Mapping[str, str] = field(default_factory=dict)
    bound_of: str = ""

    def plain(self) -> list[Any]:
        """Return it as JSON can hold it."""
        parts = [self.text, self.form, dict(self.values), self.bound_of]
        return parts if self.bound_of else parts[:3] if self.values else parts[:2]


def _column(name: str, declared: Mapping[str, Column]) -> Column | None:
    """Return what is declared of a column, by its measure or for all; None where nothing is."""
    column = declared.get(name)
    if column is not None and (column.heading or column.bound_of):
        return column
    if name in COLUMNS:
        return Column(name, *COLUMNS[name])
    return BOUNDS.get(name)


#: Bounds of an interval whose estimate is not known, since the table is not a measure's own.
BOUNDS = {bound.name: bound for bound in bounds("?")}


class Labels(StudyNames):
    """The words of one study in one language: its names, and results as they are read.

    Parameters
    ----------
    study : the study whose codebooks hold the labels
    language : "en" or "ru"
    """

    def data_note(self, stage: Stage | list[Stage], cities: list[str]) -> str:
        """Return the sentence that says which of the data are made up.

        Empty when all were observed.
        """
        stages = [stage] if isinstance(stage, str) else stage
        desk = set(self.study.status("desk", cities)) if "desk" in stages else set()
        found = {
            status for one in stages if one != "desk" for status in self.study.status(one, cities)
        }
        texts = []
        if "simulated" in found:
            texts.append(
                self.words(
                    "Simulated data: the answers were drawn by a computer from a stated model; "
                    "they say nothing about the cities."
                )
            )
        if "invented" in found:
            texts.append(self.words("Invented interviews: no such person or organisation exists."))
        if desk - {"observed"}:
            texts.append(
                self.words("The budgets and other figures of the desk study are simulated too.")
                if texts
                else self.words(
                    "Simulated data: the budgets and other figures of the desk study were drawn by "
                    "a computer from a stated model; they say nothing about the cities."
                )
            )
        elif desk and texts:
            texts.append(
                self.words("The desk study is real: documents and accounts, each with its source.")
            )
        return " ".join(texts)

    def notes(self, text: str) -> str:
        """Translate a note, which may join several with semicolons."""
        return (
            "; ".join(self.words(part) for part in text.split("; "))
            if isinstance(text, str)
            else ""
        )

    def heads(self, table: pd.DataFrame) -> dict[str, Head]:
        """Return how each column of a result reads: as its measure declares it, or as all share it.

        A bound of an interval is written as its estimate, and headed by its confidence where that
        is not 95 %.
        """
        declared: Mapping[str, Column] = table.declared if isinstance(table, Result) else {}
        confidence = table.confidence if isinstance(table, Result) else None
        return {str(name): self._head(str(name), declared, confidence) for name in table.columns}

    def _head(self, name: str, declared: Mapping[str, Column], confidence: float | None) -> Head:
        column = _column(name, declared)
        if column is None and (item := self.item_of(name)):
            return Head(self.item(item), "group")
        if column is None:
            return Head(name, "number")
        values = {value: self._in(dict(label)) for value, label in column.values.items()}
        if not column.bound_of:
            return Head(self.words(column.heading), column.form, values)
        estimate = _column(column.bound_of, declared)
        form = column.form or ("number2" if estimate is None else estimate.form)
        at = (
            ""
            if confidence is None
            else self.words.percent(confidence, 0 if round(100 * confidence, 6) % 1 == 0 else 1)
        )
        usual = confidence is None or confidence == USUAL
        if column.heading:
            text = self.words(column.heading)
            return Head(text if usual else f"{text} ({at})", form, values, column.bound_of)
        if name.endswith("high"):
            return Head(self.words("to"), form, values, column.bound_of)
        if confidence is None:
            return Head(self.words("CI from"), form, values, column.bound_of)
        text = (
            self.words("95% CI from")
            if usual
            else self.words("{confidence} CI from", confidence=at)
        )
        return Head(text, form, values, column.bound_of)

    def frame(self, table: pd.DataFrame, heads: Mapping[str, Head] | None = None) -> pd.DataFrame:
        """Return a result as it is read.

        Labels for names, formatted numbers, headings in the reader's language.

        `heads` are those of the whole result, where the table is a part of it, or was read from a
        file.
        """
        known = {**self.heads(table), **(heads or {})}
        records = table.to_dict("records")
        columns = [
            [self._cell(record[name], known[str(name)], record) for record in records]
            for name in table.columns
        ]
        shown = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(1, len(table) + 1))
        shown.columns = pd.Index([known[str(name)].text for name in table.columns])
        return shown

    def as_it_reads(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a result with the texts that it has in the reader's language (`act_ru` beside
        `act`) in their column's place, without those of other languages.
        """
        column_of = {(name, code): f"{name}_{code}" for name in table for code in LANGUAGES}
        others = {key: column for key, column in column_of.items() if column in table}
        # told in every language and in none of its own: `definition_en`, `definition_ru`
        suffixes = tuple(f"_{code}" for code in LANGUAGES if code != self.language)
        apart = [
            name
            for name in table
            if str(name).endswith(suffixes)
            and f"{str(name)[:-3]}_{self.language}" in table
            and str(name)[:-3] not in table
        ]
        own = {
            name: table[column].where(table[column].notna() & (table[column] != ""), table[name])
            for (name, code), column in others.items()
            if code == self.language
        }
        return table.assign(**own).drop(columns=[*others.values(), *apart])

    def values(
        self, table: pd.DataFrame, heads: Mapping[str, Head] | None = None
    ) -> list[list[Any]]:
        """Return a result's rows for a spreadsheet.

        Labels for names, numbers in full (those headed "points" in points), None where missing.
        """
        known = {**self.heads(table), **(heads or {})}
        return [
            [self._value(record[name], known[str(name)], record) for name in table.columns]
            for record in table.to_dict("records")
        ]

    def cell(self, value: Any, form: str) -> str:
        """Return one value as it is read in a form of `cssp.show.columns`."""
        return self._cell(value, Head("", form), {})

    def _kinds(self, text: str) -> str:
        """Write kinds of municipality, or one with a municipality of it.

        `okrugs, districts`, `okrugs: Vologda`.
        """
        kinds, colon, municipality = text.partition(": ")
        return ", ".join(filter(None, map(self.kind, kinds.split(", ")))) + colon + municipality

    def _value(self, value: Any, head: Head, record: dict[str, Any]) -> Any:
        if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
            return None
        form = self.form_of(head.form, record)
        if isinstance(value, str) or form in ("answer", "flag", "sign", "desk_sign"):
            return self._cell(value, head, record)
        number = float(value)
        if form.startswith(("points", "gap")):
            number = float(repr(round(100 * number, 12)))  # 61.29 and not 61.28999999999999
        return int(number) if number.is_integer() else number

    def _cell(self, value: Any, head: Head, record: dict[str, Any]) -> str:
        if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
            return "—"
        words, form = self.words, head.form
        if isinstance(value, str) and value in head.values:
            return head.values[value]
        if form == "answer":
            return self.answer(record["item"], int(value))
        if form in (
            "city",
            "sector",
            "wave",
            "item",
            "section",
            "theme",
            "code",
            "indicator",
            "level",
            "kind",
            "purpose",
            "question",
            "group",
            "basis",
            "scale",
            "block",
            "profile_type",
            "term",
            "term_level",
            "unit",
            "instrument",
            "region",
        ):
            return str(getattr(self, form)(value))
        if form == "label":
            return self._in(value) if value else ""
        if form == "note":
            return self.notes(value)
        if form == "message":
            return self.messages(value)
        if form == "reading":
            return self.messages.reading(value)
        if form == "flag":
            return words("yes") if value else words("no")
        if form == "word":
            return self.word(str(value))
        if form == "desk_sign" and value == 0 and pd.isna(record.get("desk_gap", 0)):
            return f"● {words('not known: the ranges overlap')}"
        if form in ("sign", "desk_sign"):
            return {1: "▲ ", -1: "▼ ", 0: "● "}[int(value)] + words(
                {1: "more favourable", -1: "less favourable", 0: "no clear difference"}[int(value)]
            )
        if form == "of_indicator":
            return self._number(float(value), self.form_of(form, record))
        if form == "kinds":
            return "; ".join(self._kinds(part) for part in str(value).split("; "))
        if form == "day":
            return words.day(str(value))
        if isinstance(value, str) or form == "text":
            return str(value)
        return self._number(float(value), form)

    def form_of(self, form: str, record: Mapping[str, Any]) -> str:
        """Return the form of a cell: that of its column, or of the indicator of its row.

        Stages are compared by shares (support, programmes) or by an indicator as it is.
        """
        if form != "of_indicator":
            return form
        gap = "desk_indicator" in record
        name = record["desk_indicator" if gap else "indicator"]
        if self.study.indicators.indicator(str(name)).role not in ("support", "programme"):
            return "significant"
        return "gap2" if gap else "percents3"

    def _number(self, value: float, form: str) -> str:
        words = self.words
        if math.isinf(value):
            return words.number(value, 0)
        if form == "plain":
            return str(int(value))
        if form == "p":
            return words.p_value(value)
        decimals = decimals_of(value, form)
        if form.startswith("percent"):
            return words.percent(value, decimals)
        shown = 100 * value if form.startswith(("points", "gap")) else value
        return words.number(shown, decimals, is_signed(form))
