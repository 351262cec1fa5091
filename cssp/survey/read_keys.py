"""Who answered, when and with which weight: the columns of a city's file that are no items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.city_file import SectorMap
from cssp.study.problems import DataError, Problem, nearest, short_path
from cssp.study.read_yaml import Label
from cssp.survey.read_answers import Finding, Read, as_problems, decode, is_blank
from cssp.survey.read_items import ItemReader
from cssp.survey.read_numbers import durations
from cssp.tables.raw import fold, to_number
from cssp.tables.special_answers import bare

#: So many problems of one file are enough to see what is wrong with it.
MOST = 200


class KeyReader(ItemReader):
    """Reads respondents, sectors, waves, weights and durations, and leaves out rows by rule.

    Attributes
    ----------
    flow : the steps of `respondent_flow`
    """

    flow: list[dict[str, object]]

    def _step(self, step: str, count: int, reason: object = "") -> None:
        self.flow.append({"city": self.city.name, "step": step, "reason": reason, "count": count})

    def _without_duplicates(self, answers: pd.DataFrame) -> pd.DataFrame:
        repeated = answers["respondent"].duplicated(keep=False) & answers["respondent"].notna()
        if not repeated.any():
            return answers.reset_index(drop=True)
        if self.source.duplicates != "error":
            kept = (
                ~answers["respondent"].duplicated(keep=self.source.duplicates)
                | answers["respondent"].isna()
            )
            self._warn(
                f"{int((~kept).sum())} rows repeat a respondent; the {self.source.duplicates} of "
                "each was kept.",
                "This is what 'duplicates' in city.yaml asks for.",
                column=self.source.respondent,
            )
            self._step("repeated", int((~kept).sum()))
            return answers[kept].reset_index(drop=True)
        again = answers["respondent"].duplicated(keep="first") & answers["respondent"].notna()
        for position in np.flatnonzero(again.to_numpy())[:50]:
            name = answers["respondent"].iloc[position]
            first = int(np.flatnonzero((answers["respondent"] == name).to_numpy())[0])
            self._problem(
                f"The respondent '{name}' stands already on row {self.table.rows[first]}.",
                "Remove one of the rows, or say 'duplicates: first' (or last) in city.yaml.",
                row=position,
                column=self.source.respondent,
                value=str(name),
            )
        return answers.reset_index(drop=True)

    def _without_excluded(self, answers: pd.DataFrame) -> pd.DataFrame:
        """Leave out the respondents whom study.yaml excludes, each with its reason in the flow."""
        for rule in self.study.file.exclusions:
            if rule.city != self.city.name:
                continue
            out = answers["respondent"].isin(rule.respondents)
            known = set(answers.loc[out, "respondent"])
            for name in rule.respondents:
                if name not in known:
                    self.problems.append(
                        Problem(
                            short_path(self.study.folder / "study.yaml"),
                            f"'{name}' is to be left out, but {self.city.name} has no such "
                            "respondent.",
                            "Correct the exclusion, or remove it.",
                            column="exclusions",
                            value=name,
                        )
                    )
            self._step("excluded", int(out.sum()), rule.reason)
            answers = answers[~out].reset_index(drop=True)
        return answers

    def _duration(self) -> pd.Series:
        """Read how long each respondent took, in seconds; what is no number is missing and said."""
        settings = self.source.duration
        assert settings is not None
        try:
            column = self.table.column(settings.column)
        except DataError as error:
            self.problems += error.problems
            return pd.Series(pd.array([pd.NA] * len(self.table.data), dtype="Float64"))
        numbers, strange = durations(
            column, self.missing, self.source.format.decimal, settings.unit
        )
        if strange:
            self._warn(
                f"{strange} durations are no numbers and count as missing.",
                "Check the column, or its unit.",
                settings.column,
            )
        return numbers

    def _respondents(self) -> list[str | None]:
        if self.source.respondent is None:
            return [str(row) for row in self.table.rows]
        try:
            column = self.table.column(self.source.respondent)
        except DataError as error:
            self.problems += error.problems
            return [str(row) for row in self.table.rows]
        names = [None if is_blank(value, ()) else str(value).strip() for value in column]
        for position in [i for i, name in enumerate(names) if name is None][:50]:
            self._problem(
                "The respondent has no identifier.",
                "Fill it in, or leave 'respondent' out of city.yaml.",
                row=position,
                column=self.source.respondent,
            )
        return names

    def _sectors(self) -> list[object]:
        labels = {name: one.label for name, one in self.study.file.sectors.items()}
        if not labels and self.source.sector is None:
            return [self.study.sectors[0]] * len(self.table.data)
        return self._kind("sector", self.source.sector, labels)

    def _waves(self) -> list[object]:
        labels = {name: one.label for name, one in self.study.file.waves.items()}
        return self._kind("wave", self.source.wave, labels)

    def _kind(
        self, kind: str, source: SectorMap | None, labels: Mapping[str, Label]
    ) -> list[object]:
        """Return each respondent's sector or wave; None where it is not known, with a problem."""
        known = list(labels)
        if source is None or not known or (source.all is not None and source.all not in known):
            if source is None:
                what = f"It is not said which respondents belong to which {kind}."
                remedy = f"Add '{kind}' under 'survey': a column, or 'all: NAME'."
            elif not known:
                what = f"The study has no {kind}s."
                remedy = f"Add '{kind}s' to study.yaml, or leave '{kind}' out here."
            else:
                near = nearest(str(source.all), known)
                what = f"'{source.all}' is not a {kind} of the study. {near}"
                remedy = f"Correct '{kind}' in city.yaml."
            where = short_path(self.city.folder / "city.yaml")
            value = None if source is None else source.all
            self.problems.append(Problem(where, what, remedy, column=f"survey.{kind}", value=value))
            return [None] * len(self.table.data)
        if source.all is not None:
            return [source.all] * len(self.table.data)
        assert source.column is not None
        try:
            column = self.table.column(source.column)
        except DataError as error:
            self.problems += error.problems
            return [None] * len(self.table.data)
        words: dict[str, str] = {}
        for name in known:
            words[fold(name)] = name
            for text in labels[name].values():
                words.setdefault(fold(text), name)
        words.update({fold(key): name for key, name in source.values.items()})
        names = self.table.labels.get(source.column, {})

        def meaning(value: object) -> Read:
            label = names.get(value, value)
            name = words.get(fold(value), words.get(fold(label), words.get(bare(label))))
            if name in known:
                return Read(name, by="city.yaml" if source.values else "text")
            if is_blank(value, self.missing):
                return Read(by="blank")
            code = value if name is None else name
            return Read(
                finding=Finding(
                    f"'{code}' is not a {kind} of the study. {nearest(str(code), known)}",
                    f"Correct the file, or map the value under '{kind}' in city.yaml.",
                    str(value),
                    np.array([]),
                )
            )

        found, findings, seen = decode(column, self.table.rows, meaning)
        self.seen += [(kind, source.column, one) for one in seen]
        self.problems += as_problems(findings, self.table.file, source.column)
        wrong = {int(row) for finding in findings for row in finding.rows}
        for position in [i for i, name in enumerate(found) if name is None][:50]:
            if int(self.table.rows[position]) not in wrong:
                self._problem(
                    f"The respondent has no {kind}.",
                    "Fill it in, or remove the row with 'rows' in city.yaml.",
                    row=position,
                    column=source.column,
                )
        return found

    def _weights(self) -> pd.Series:
        """Read each respondent's weight: a number of 0 or more."""
        name = self.source.weight
        assert name is not None
        values: list[Any] = [pd.NA] * len(self.table.data)
        try:
            column = self.table.column(name)
        except DataError as error:
            self.problems += error.problems
            return pd.Series(pd.array(values, dtype="Float64"))
        for position, cell in enumerate(column):
            number = (
                None
                if is_blank(cell, self.missing)
                else to_number(cell, self.source.format.decimal)
            )
            if number is not None and number >= 0:
                values[position] = float(number)
            elif len(self.problems) < MOST:
                self._problem(
                    "The weight is no number of 0 or more.",
                    "Correct the file; who is not to count has the weight 0.",
                    row=position,
                    column=name,
                    value=str(cell),
                )
        weights = pd.Series(pd.array(values, dtype="Float64"))
        if not float(weights.fillna(0).sum()) > 0:
            self._problem("The weights sum to zero.", "Check the column.", column=name)
        return weights
