"""The codebooks.

Questionnaire, interview codes, desk indicators, as pydantic models of their YAML files.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from cssp.study.indicator_book import IndicatorBook
from cssp.study.read_yaml import Label, Model, Name

Valence = Literal["positive", "neutral", "negative"]
SpecialMeaning = Literal["hard_to_say", "refused", "no_answer", "not_asked"]

#: Joins a multiple-choice or ranking item with one of its options in a column's name.
OPTION = "__"


class Answer(Model):
    """One substantive answer of a scale.

    `valence` says which side it counts on in a balance; `weight` (0 to 1) how strongly, where a
    family of
    balances grades answers (a full answer 1, a mild one 0.5). `written` lists what files write for
    it beside its code and label: the names of a form's choices.
    """

    code: int
    label: Label
    written: list[str] = []
    valence: Valence = "neutral"
    weight: float = Field(default=1.0, ge=0, le=1)


class Special(Model):
    """An answer outside the scale: hard to say, refused, no answer, not asked."""

    code: int
    label: Label
    written: list[str] = []
    means: SpecialMeaning


class AnswerScale(Model):
    """The answers of an ordinal or single-choice item, listed from low to high.

    And the special ones.
    """

    answers: list[Answer] = Field(min_length=1)
    special: list[Special] = []

    @model_validator(mode="after")
    def _codes_differ(self) -> AnswerScale:
        codes = [entry.code for entry in self.entries]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"code {twice[0]} stands for two answers of this scale")
        said: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            for language, text in entry.label.items():
                key = (language, " ".join(text.split()).casefold().replace("ё", "е"))
                if key in said:
                    raise ValueError(
                        f"the answers {said[key]} and {entry.code} of this scale have the same "
                        f"label '{text}'"
                    )
                said[key] = entry.code
        return self

    @property
    def entries(self) -> list[Answer | Special]:
        """All answers, the special ones last."""
        return [*self.answers, *self.special]

    @property
    def codes(self) -> list[int]:
        """Codes of the substantive answers, low to high."""
        return [answer.code for answer in self.answers]

    @property
    def all_codes(self) -> list[int]:
        """Codes of all answers, the special ones last."""
        return self.codes + [special.code for special in self.special]

    def code_meaning(self, means: SpecialMeaning) -> int | None:
        """Return the code of a special answer, or None where the scale has none."""
        return next((special.code for special in self.special if special.means == means), None)


class Filter(Model):
    """Who is asked an item: those who gave one of these answers to another item."""

    item: Name
    answers: list[int] = Field(min_length=1)


class Item(Model):
    """One item of the questionnaire.

    `rated` says whom the item rates and `asked_of` which sectors are asked (empty: all); together
    they say who
    rates whom. `reverse` turns the item in an index.
    """

    name: Name
    type: Literal["ordinal", "single", "multiple", "ranking", "numeric", "open"]
    wording: Label
    label: Label
    scale: Name | None = None
    options: dict[Name, Label] = {}
    ranks: int | None = Field(default=None, ge=1)
    minimum: float | None = None
    maximum: float | None = None
    unit: Label | None = None
    reverse: bool = False
    theme: Name | None = None
    rated: Name | None = None
    asked_of: list[Name] = []
    asked_if: Filter | None = None

    @field_validator("name")
    @classmethod
    def _free_of_joint(cls, name: str) -> str:
        if OPTION in name:
            raise ValueError(
                f"an item's name may not contain '{OPTION}': it joins an item with its options"
            )
        if name in ("respondent", "city", "sector", "duration", "wave", "weight"):
            raise ValueError(
                f"'{name}' is the name of a column of every survey; choose another name for the "
                "item"
            )
        return name

    @model_validator(mode="after")
    def _fits_type(self) -> Item:
        if self.type in ("ordinal", "single") and self.scale is None:
            raise ValueError(f"item '{self.name}' of type {self.type} needs a scale")
        if self.type in ("multiple", "ranking") and len(self.options) < 2:
            raise ValueError(f"item '{self.name}' of type {self.type} needs at least two options")
        return self

    @property
    def columns(self) -> list[str]:
        """The columns of this item in the survey's table: its name, or one for each option."""
        if self.type in ("multiple", "ranking"):
            return [f"{self.name}{OPTION}{option}" for option in self.options]
        return [self.name]

    @property
    def labels(self) -> dict[str, Label]:
        """The label of each column."""
        if self.type in ("multiple", "ranking"):
            return dict(zip(self.columns, self.options.values(), strict=True))
        return {self.name: self.label}


class Section(Model):
    """A part of the questionnaire; the notebooks draw the answers of those with `focus` in full."""

    name: Name
    label: Label
    focus: bool = False
    items: list[Item] = Field(min_length=1)


class Index(Model):
    """An index.

    The mean of its items, the reversed ones turned, where enough of them are answered.
    """

    name: Name
    label: Label
    items: list[Name] = Field(min_length=2)
    min_answered: int = Field(default=1, ge=1)


class ColumnCodebook(dict[str, dict[str, Any]]):
    """What a table of answers or counts must know of its columns.

    All tables cut from one another share it.

    pandas copies `attrs` deeply into every piece of a table: with a questionnaire in them that was
    a quarter of a
    notebook's time. It is read, never changed, so a copy is the thing itself.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> ColumnCodebook:
        return self


class Questionnaire(Model):
    """The codebook of the survey."""

    scales: dict[Name, AnswerScale] = {}
    sections: list[Section] = Field(min_length=1)
    indices: list[Index] = []

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Questionnaire:
        names = [item.name for item in self.items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two items are named '{twice[0]}'")
        known = set(names)
        for item in self.items:
            if item.scale is not None and item.scale not in self.scales:
                raise ValueError(
                    f"item '{item.name}' uses the scale '{item.scale}', which is not defined"
                )
            lost = next(
                (i for i in self.items if item.asked_if and i.name == item.asked_if.item), None
            )
            if lost is not None and item.asked_if:
                codes = self.scales[lost.scale].all_codes if lost.scale in self.scales else []
                if strange := [code for code in item.asked_if.answers if code not in codes]:
                    raise ValueError(
                        f"item '{item.name}' is asked by the answer {strange[0]} to '{lost.name}', "
                        "which has no such answer"
                    )
            if item.asked_if and item.asked_if.item not in known:
                raise ValueError(
                    f"item '{item.name}' is asked by the answer to '{item.asked_if.item}', which "
                    "is no item"
                )
        for index in self.indices:
            if unknown := [name for name in index.items if name not in known]:
                raise ValueError(f"index '{index.name}' uses '{unknown[0]}', which is no item")
            if index.min_answered > len(index.items):
                raise ValueError(
                    f"index '{index.name}' asks for {index.min_answered} answered items, but has "
                    f"{len(index.items)}"
                )
        return self

    @property
    def items(self) -> list[Item]:
        """All items in the order of the questionnaire."""
        return [item for section in self.sections for item in section.items]

    @property
    def rated(self) -> dict[str, str]:
        """Which ordinal item rates which sector."""
        return {
            item.name: item.rated
            for item in self.items
            if item.rated is not None and item.type == "ordinal"
        }

    def item(self, name: str) -> Item:
        """Return an item by its name."""
        return next(item for item in self.items if item.name == name)

    def names(self, *types: str, focus: bool = False) -> list[str]:
        """Return the names of the items of these types (none: all).

        With `focus` of the focus sections only.

        Where no section has the focus, all have.
        """
        chosen = [section for section in self.sections if section.focus] if focus else self.sections
        return [
            item.name
            for section in (chosen or self.sections)
            for item in section.items
            if not types or item.type in types
        ]

    def scale_of(self, item: Item) -> AnswerScale | None:
        """Return an item's answer scale; None for items without one."""
        return None if item.scale is None else self.scales[item.scale]

    def column_codebook(self) -> ColumnCodebook:
        """Return for each coded column what a frequency table must know, as plain data.

        `codes` low to high, `special` code -> meaning, `sign` and `weight` of each code in a
        balance, `item`, `rated` (whom it
        rates, or None). A chosen option of a multiple-choice item is 1, one not chosen 0.
        """
        signs = {"positive": 1, "neutral": 0, "negative": -1}
        book = ColumnCodebook()
        for item in self.items:
            scale = self.scale_of(item)
            if scale is not None:
                book[item.name] = {
                    "item": item.name,
                    "codes": scale.codes,
                    "special": {special.code: special.means for special in scale.special},
                    "sign": {answer.code: signs[answer.valence] for answer in scale.answers},
                    "weight": {answer.code: answer.weight for answer in scale.answers},
                    "ordered": item.type == "ordinal",
                    "rated": item.rated,
                    "reverse": item.reverse,
                }
            elif item.type == "multiple":
                for column in item.columns:
                    book[column] = {
                        "item": item.name,
                        "codes": [0, 1],
                        "special": {},
                        "sign": {0: 0, 1: 1},
                        "weight": {0: 1.0, 1: 1.0},
                        "ordered": False,
                        "rated": None,
                    }
        return book


IndicatorBook.model_rebuild()
