"""The codebooks: questionnaire, interview codes, desk indicators, as pydantic models of their YAML files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from cssp.yaml_files import Label, Model

Name = Annotated[str, Field(pattern=r"^[A-Za-zА-Яа-яЁё][\wА-Яа-яЁё]*$")]
Valence = Literal["positive", "neutral", "negative"]
SpecialMeaning = Literal["hard_to_say", "refused", "no_answer", "not_asked"]

#: Joins a multiple-choice or ranking item with one of its options in a column's name.
OPTION = "__"


class Answer(Model):
    """One substantive answer of a scale.

    `valence` says which side it counts on in a balance; `weight` (0 to 1) how strongly, where a family of
    balances grades answers (a full answer 1, a mild one 0.5).
    """

    code: int
    label: Label
    valence: Valence = "neutral"
    weight: float = Field(default=1.0, ge=0, le=1)


class Special(Model):
    """An answer outside the scale: hard to say, refused, no answer, not asked."""

    code: int
    label: Label
    means: SpecialMeaning


class AnswerScale(Model):
    """The answers of an ordinal or single-choice item, listed from low to high, and the special ones."""

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
                        f"the answers {said[key]} and {entry.code} of this scale have the same label '{text}'"
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

    `rated` says whom the item rates and `asked_of` which sectors are asked (empty: all); together they say who
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
            raise ValueError(f"an item's name may not contain '{OPTION}': it joins an item with its options")
        if name in ("respondent", "city", "sector", "duration"):
            raise ValueError(
                f"'{name}' is the name of a column of every survey; choose another name for the item"
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
    """An index: the mean of its items, the reversed ones turned, where enough of them are answered."""

    name: Name
    label: Label
    items: list[Name] = Field(min_length=2)
    min_answered: int = Field(default=1, ge=1)


class ColumnCodebook(dict[str, dict[str, Any]]):
    """What a table of answers or counts must know of its columns; all tables cut from one another share it.

    pandas copies `attrs` deeply into every piece of a table: with a questionnaire in them that was a quarter of a
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
                raise ValueError(f"item '{item.name}' uses the scale '{item.scale}', which is not defined")
            told = next((i for i in self.items if item.asked_if and i.name == item.asked_if.item), None)
            if told is not None and item.asked_if:
                codes = self.scales[told.scale].all_codes if told.scale in self.scales else []
                if strange := [code for code in item.asked_if.answers if code not in codes]:
                    raise ValueError(
                        f"item '{item.name}' is asked by the answer {strange[0]} to '{told.name}', which has no such answer"
                    )
            if item.asked_if and item.asked_if.item not in known:
                raise ValueError(
                    f"item '{item.name}' is asked by the answer to '{item.asked_if.item}', which is no item"
                )
        for index in self.indices:
            if unknown := [name for name in index.items if name not in known]:
                raise ValueError(f"index '{index.name}' uses '{unknown[0]}', which is no item")
            if index.min_answered > len(index.items):
                raise ValueError(
                    f"index '{index.name}' asks for {index.min_answered} answered items, but has {len(index.items)}"
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
            item.name: item.rated for item in self.items if item.rated is not None and item.type == "ordinal"
        }

    def item(self, name: str) -> Item:
        """Return an item by its name."""
        return next(item for item in self.items if item.name == name)

    def names(self, *types: str, focus: bool = False) -> list[str]:
        """Return the names of the items of these types (none: all); with `focus` of the focus sections only.

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

        `codes` low to high, `special` code -> meaning, `sign` and `weight` of each code in a balance, `item`, `rated` (whom it
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


class Code(Model):
    """One code of the interviews, with the codes below it."""

    name: Name
    label: Label
    definition: Label
    include: Label | None = None
    exclude: Label | None = None
    example: Label | None = None
    source: str | None = None
    theme: Name | None = None
    means: Literal["barrier", "resource", "neutral"] = "neutral"
    codes: list[Code] = []


class CodeSystem(Model):
    """The hierarchical code system of the interviews."""

    codes: list[Code] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> CodeSystem:
        names = [code.name for code, _ in self.walk()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two codes are named '{twice[0]}'")
        return self

    def walk(self) -> Iterator[tuple[Code, Code | None]]:
        """Yield each code with its parent, parents first."""

        def below(codes: list[Code], parent: Code | None) -> Iterator[tuple[Code, Code | None]]:
            for code in codes:
                yield code, parent
                yield from below(code.codes, code)

        return below(self.codes, None)

    @property
    def names(self) -> list[str]:
        """Names of all codes, parents before children."""
        return [code.name for code, _ in self.walk()]

    @property
    def leaves(self) -> list[str]:
        """Names of the codes that have none below them."""
        return [code.name for code, _ in self.walk() if not code.codes]

    def top_of(self) -> dict[str, str]:
        """Return for each code the name of the group at the top of the hierarchy that it belongs to."""
        tops: dict[str, str] = {}
        for code, parent in self.walk():
            tops[code.name] = code.name if parent is None else tops[parent.name]
        return tops


def additive(unit: str) -> bool:
    """Tell whether values of several territories in a unit may be added: roubles and persons may, shares and rates may not.

    >>> additive("RUB"), additive("percent"), additive("USD per resident")
    (True, False, False)
    """
    return unit not in ("share", "percent", "yes_no") and " per " not in unit


class Indicator(Model):
    """What an indicator of the desk study measures.

    `role` tells the measures what it is for them; `better` whether a higher value favours partnership. `counted` is the month and day
    ("01-01") on which a stock such as a population is counted; it stands beside every rate that divides by it.
    """

    name: Name
    label: Label
    unit: str = Field(min_length=1)
    definition: Label
    role: Literal[
        "support", "expenditure", "population", "organisations", "programme", "municipalities", "other"
    ] = "other"
    better: Literal["higher", "lower", "neither"] = "neither"
    price_basis: Literal["current", "constant", "none"] = "none"
    counted: Annotated[str | None, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")] = None
    denominators: list[Name] = []
    theme: Name | None = None
    source: str | None = None


class TreasuryMap(Model):
    """What of the Treasury's form 0503317 enters the study, and under which names.

    `types` are the expenditure types that count as support; `levels` and `kinds` give the form's levels and kinds of municipality the
    study's names (left out: the same name).
    """

    types: list[Annotated[str, Field(pattern=r"^[1-9]\d\d$")]] = Field(default=["630"], min_length=1)
    support: Name | None = None
    expenditure: Name | None = None
    levels: dict[Name, Name] = {}
    kinds: dict[Name, Name] = {}

    @model_validator(mode="after")
    def _no_type_in_another(self) -> TreasuryMap:
        for code in self.types:
            for other in self.types:
                if other != code and code.startswith(other.rstrip("0")):
                    raise ValueError(
                        f"treasury: type {other} holds type {code}: together they count the same money twice"
                    )
        return self


class Instrument(Model):
    """An instrument of support that acts of different levels provide for.

    `expected_at` names the levels at which an act of one's own is looked for where the basis level has one (left out: the local levels; an empty list: none).
    """

    label: Label
    expected_at: list[Name] | None = None


class IndicatorBook(Model):
    """The codebook of the desk study.

    `upper_kinds` are the kinds of municipality that the coverage rule counts (left out: every kind); `units` labels units that the
    package has no word for; `instruments` labels the instruments of support in the register of acts, and `basis_level` is
    the level whose acts are a basis for those of the levels below. `codes` says whether territories bear OKTMO codes.
    """

    levels: dict[Name, Label]
    kinds: dict[Name, Label]
    local_levels: list[Name] = Field(min_length=1)
    bases: dict[Name, Label] = {}
    series_breaks: list[SeriesBreak] = []
    coverage_threshold: float = Field(default=0.10, ge=0, le=1)
    upper_kinds: list[Name] = []
    units: dict[str, Label] = {}
    codes: Literal["oktmo", "none"] = "oktmo"
    instruments: dict[Name, Instrument] = {}
    basis_level: Name | None = None
    treasury: TreasuryMap | None = None
    indicators: list[Indicator] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_known(self) -> IndicatorBook:
        names = [indicator.name for indicator in self.indicators]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two indicators are named '{twice[0]}'")
        for crossing in self.series_breaks:
            for basis in (crossing.basis_before, crossing.basis_after):
                if basis not in self.bases:
                    raise ValueError(f"series_breaks names the basis '{basis}', which is not among the bases")
        for name, told in self.instruments.items():
            for level in told.expected_at or ():
                if level not in self.levels:
                    raise ValueError(
                        f"the instrument '{name}' is expected at '{level}', which is not among the levels"
                    )
        for kind in self.upper_kinds:
            if kind not in self.kinds:
                raise ValueError(f"upper_kinds names '{kind}', which is not among the kinds")
        if self.basis_level is not None and self.basis_level not in self.levels:
            raise ValueError(f"basis_level is '{self.basis_level}', which is not among the levels")
        if self.treasury is not None:
            for wanted in (self.treasury.support, self.treasury.expenditure):
                if wanted is not None and wanted not in names:
                    raise ValueError(f"treasury names '{wanted}', which is no indicator")
            given: dict[str, str]
            for what, given, names_known in (
                ("level", self.treasury.levels, self.levels),
                ("kind", self.treasury.kinds, self.kinds),
            ):
                if strange := [name for name in given.values() if name not in names_known]:
                    raise ValueError(
                        f"treasury gives a {what} the name '{strange[0]}', which is not among the {what}s"
                    )
        for level in self.local_levels:
            if level not in self.levels:
                raise ValueError(f"local_levels names '{level}', which is not among the levels")
        for indicator in self.indicators:
            if unknown := [name for name in indicator.denominators if name not in names]:
                raise ValueError(
                    f"indicator '{indicator.name}' is divided by '{unknown[0]}', which is no indicator"
                )
        return self

    def with_role(self, role: str) -> list[str]:
        """Return the names of the indicators that play a role."""
        return [indicator.name for indicator in self.indicators if indicator.role == role]

    def indicator(self, name: str) -> Indicator:
        """Return an indicator by its name."""
        return next(indicator for indicator in self.indicators if indicator.name == name)


class SeriesBreak(Model):
    """A point where a series changes its basis, e.g. a census; no growth rate may cross it."""

    basis_before: Name
    basis_after: Name
    label: Label


IndicatorBook.model_rebuild()
