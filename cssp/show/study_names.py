"""Each thing's name in the reader's language: from the study's files, else the catalogue."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from cssp.show.columns import SPOKEN
from cssp.show.messages import Messages
from cssp.show.words import Words
from cssp.study.read_yaml import Label, in_language
from cssp.study.study import Study


class StudyNames:
    """The names of one study's things in one language.

    Parameters
    ----------
    study : the study whose codebooks hold the labels
    language : "en" or "ru"
    """

    def __init__(self, study: Study, language: str = "en") -> None:
        self.study = study
        self.language = language
        self.words = Words(language)
        self.messages = Messages(language)

    def _in(self, label: Label) -> str:
        return in_language(label, self.language)

    @cached_property
    def _items(self) -> dict[str, str]:
        found: dict[str, str] = {}
        book = self.study.book("survey")
        for item in [] if book is None else book.items:
            found[item.name] = self._in(item.label)
            found.update({column: self._in(label) for column, label in item.labels.items()})
        return found

    @cached_property
    def _codes(self) -> dict[str, str]:
        return {code.name: self._in(code.label) for code, _ in self.study.codes.walk()}

    @cached_property
    def _indicators(self) -> dict[str, str]:
        return {
            indicator.name: self._in(indicator.label)
            for indicator in self.study.indicators.indicators
        }

    @cached_property
    def _regions(self) -> dict[str, str]:
        """Names of regions and their groups as results have them (in the study's first language)
        -> in this language.
        """
        files = [self.study.city(name).file for name in self.study.cities]
        labels = [
            label for file in files for label in (file.region, file.group) if label is not None
        ]
        return {
            in_language(label, self.study.file.languages[0]): self._in(label) for label in labels
        }

    def item(self, name: str) -> str:
        """Return the label of an item, or of an option's column."""
        return self._items.get(name, name)

    def scale(self, name: str) -> str:
        """Return the label of an index of the questionnaire."""
        return next(
            (self._in(one.label) for one in self.study.questionnaire.indices if one.name == name),
            name,
        )

    def block(self, name: str) -> str:
        """Return the label of a block of the sector profile."""
        profile = self.study.file.profile
        block = None if profile is None else profile.blocks.get(name)
        if block is not None:
            return self._in(block.label)
        return self.words("all blocks") if name == "all" else name

    def profile_type(self, name: str) -> str:
        """Return the label of a type of the sector profile; a dash where no rule fitted."""
        profile = self.study.file.profile
        rules = [] if profile is None else profile.types
        return next((self._in(rule.label) for rule in rules if rule.name == name), name or "—")

    def term(self, name: str) -> str:
        """Return the label of a term of a regression: a level of grouping, or an item."""
        known = {"city": self.words("city"), "sector": self.words("sector")}
        return ":".join(
            known.get(part, self.item(self.item_of(part) or part)) for part in name.split(":")
        )

    def term_level(self, name: str) -> str:
        """Return the label of a value of a regression's term."""
        return ":".join(self.group(part) for part in name.split(":")) or "—"

    def section(self, name: str) -> str:
        """Return the label of a section of the questionnaire."""
        return next(
            (self._in(s.label) for s in self.study.questionnaire.sections if s.name == name), name
        )

    def section_of(self, column: str) -> str:
        """Return the label of the section that an item, or an option's column, stands in."""
        return next(
            (
                self._in(s.label)
                for s in self.study.questionnaire.sections
                for i in s.items
                if column in i.columns
            ),
            "",
        )

    def question_of(self, column: str) -> str:
        """Return the label of the item that an option's column belongs to."""
        return next(
            (self._in(i.label) for i in self.study.questionnaire.items if column in i.columns),
            column,
        )

    def basis(self, name: str) -> str:
        """Return the label of a series' basis.

        A basis that the codebook does not name is a word of the catalogue.
        """
        found = self.study.indicators.bases.get(name) if name else None
        return self.words(name) if found is None else self._in(found)

    def answer(self, item: str, code: int) -> str:
        """Return the label of an answer to an item."""
        scale = self.study.questionnaire.scale_of(self.study.questionnaire.item(item))
        for entry in () if scale is None else scale.entries:
            if entry.code == code:
                return self._in(entry.label)
        return str(code)

    def city(self, name: str) -> str:
        """Return the name of a city."""
        return (
            self._in(self.study.city(name).file.name)
            if name in self.study.cities
            else self.words(SPOKEN.get(name, name))
        )

    def region(self, city: str) -> str:
        """Return the name of a city's region.

        Or of a region that is told by its name in the study's first language.
        """
        return (
            self._in(self.study.city(city).file.region)
            if city in self.study.cities
            else self._regions.get(city, city)
        )

    def sector(self, name: str) -> str:
        """Return the label of a sector."""
        sector = self.study.file.sectors.get(name)
        if sector is None:
            return self.words("all together") if name == "all" else name
        return self._in(sector.label)

    def wave(self, name: str) -> str:
        """Return the label of a wave of the survey."""
        wave = self.study.file.waves.get(name)
        return name if wave is None else self._in(wave.label)

    def theme(self, name: str) -> str:
        """Return the label of a theme."""
        theme = self.study.file.themes.get(name)
        return name if theme is None else self._in(theme.label)

    def code(self, name: str) -> str:
        """Return the label of a code of the interviews."""
        return self._codes.get(name, self.words(name))

    def indicator(self, name: str) -> str:
        """Return the label of an indicator."""
        return self._indicators.get(name, name)

    def level(self, name: str) -> str:
        """Return the label of a budget level."""
        return self._in(self.study.indicators.levels.get(name, {"": name}))

    def question(self, name: str) -> str:
        """Return the wording of one of the study's questions."""
        own = self.study.file.questions
        return self._in(own[name].label) if name in own else name

    def purpose(self, name: str) -> str:
        """Return the label of what budget money is for, the package's where the study has none."""
        own = self.study.purposes
        return self._in(own[name].label) if name in own else name

    def kind(self, name: str) -> str:
        """Return the label of a kind of municipality."""
        return self._in(self.study.indicators.kinds.get(name, {"": name}))

    def unit(self, name: str) -> str:
        """Return the label of a unit: the codebook's, or a word of the catalogue."""
        found = self.study.indicators.units.get(name)
        return self.words(name) if found is None else self._in(found)

    def instrument(self, name: str) -> str:
        """Return the label of an instrument of support."""
        found = self.study.indicators.instruments.get(name)
        return self.words(name) if found is None else self._in(found.label)

    def group(self, name: str) -> str:
        """Return the label of a city, of a sector, or of the group that an answer makes."""
        if name == "all":
            return self.words("all together")
        item, made, code = name.rpartition("=")
        if made and item in self._items and code.lstrip("-").isdigit():
            return self.answer(item, int(code))
        if name in self.study.file.waves:
            return self.wave(name)
        return self.city(name) if name in self.study.cities else self.sector(name)

    def grouping(self, table: pd.DataFrame) -> str:
        """Return the column of a table that tells respondents of one city apart.

        `sector`, or the item that groups were made by.
        """
        return next((str(c) for c in table if self.item_of(str(c))), "sector")

    def item_of(self, column: str) -> str:
        """Return the item whose answers make the groups of a column; empty for other columns."""
        item, made, rest = column.rpartition("_group")
        return item if made and not rest and item in self._items else ""

    def word(self, name: str) -> str:
        """Return how a value of a result reads.

        A family of comparisons, or a word of the catalogue.
        """
        if "+" in name:  # kinds of data joined
            return " + ".join(self.words(part) for part in name.split("+"))
        return self.words(SPOKEN[name]) if name in SPOKEN else self.family(name)

    def family(self, name: str) -> str:
        """Return the label of a family of comparisons."""
        family = self.study.file.corrections.families.get(name)
        return self.words(name) if family is None else self._in(family.label)
