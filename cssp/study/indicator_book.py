"""The indicators of the desk study, the instruments of support and the breaks of their series."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cssp.study.read_yaml import Label, Model, Name


def additive(unit: str) -> bool:
    """Tell whether values of several territories in a unit may be added.

    Roubles and persons may, shares and rates may not.

    >>> additive("RUB"), additive("percent"), additive("USD per resident")
    (True, False, False)
    """
    return unit not in ("share", "percent", "yes_no") and " per " not in unit


class Indicator(Model):
    """What an indicator of the desk study measures.

    `role` tells the measures what it is for them; `better` whether a higher value favours
    partnership. `counted` is the month and day
    ("01-01") on which a stock such as a population is counted; it stands beside every rate that
    divides by it.
    """

    name: Name
    label: Label
    unit: str = Field(min_length=1)
    definition: Label
    role: Literal[
        "support",
        "expenditure",
        "population",
        "organisations",
        "programme",
        "municipalities",
        "other",
    ] = "other"
    better: Literal["higher", "lower", "neither"] = "neither"
    price_basis: Literal["current", "constant", "none"] = "none"
    counted: Annotated[str | None, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")] = None
    denominators: list[Name] = []
    theme: Name | None = None
    source: str | None = None


class TreasuryMap(Model):
    """What of the Treasury's form 0503317 enters the study, and under which names.

    `types` are the expenditure types that count as support; `levels` and `kinds` give the form's
    levels and kinds of municipality the
    study's names (left out: the same name).
    """

    types: list[Annotated[str, Field(pattern=r"^[1-9]\d\d$")]] = Field(
        default=["630"], min_length=1
    )
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
                        f"treasury: type {other} holds type {code}: together they count the same "
                        "money twice"
                    )
        return self


class Purpose(Model):
    """What budget money is for: a group of subsections of the budget classification.

    `subsections` are subsections (four digits, such as 0707) or whole sections (two digits, such as
    07); `social` tells whether the group belongs to the social sphere, which is the headline.
    """

    label: Label
    subsections: list[Annotated[str, Field(pattern=r"^\d\d(\d\d)?$")]] = Field(min_length=1)
    social: bool = False


class Instrument(Model):
    """An instrument of support that acts of different levels provide for.

    `expected_at` names the levels at which an act of one's own is looked for where the basis level
    has one (left out: the local levels; an empty list: none).
    """

    label: Label
    expected_at: list[Name] | None = None


class IndicatorBook(Model):
    """The codebook of the desk study.

    `upper_kinds` are the kinds of municipality that the coverage rule counts (left out: every
    kind); `units` labels units that the
    package has no word for; `instruments` labels the instruments of support in the register of
    acts, and `basis_level` is
    the level whose acts are a basis for those of the levels below. `codes` says whether territories
    bear OKTMO codes; `purposes` groups what the Treasury's form calls subsections, each in one
    group.
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
    purposes: dict[Name, Purpose] = {}
    indicators: list[Indicator] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_known(self) -> IndicatorBook:
        names = [indicator.name for indicator in self.indicators]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two indicators are named '{twice[0]}'")
        for crossing in self.series_breaks:
            for basis in (crossing.basis_before, crossing.basis_after):
                if basis not in self.bases:
                    raise ValueError(
                        f"series_breaks names the basis '{basis}', which is not among the bases"
                    )
        for name, instrument in self.instruments.items():
            for level in instrument.expected_at or ():
                if level not in self.levels:
                    raise ValueError(
                        f"the instrument '{name}' is expected at '{level}', which is not among the "
                        "levels"
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
                        f"treasury gives a {what} the name '{strange[0]}', which is not among the "
                        f"{what}s"
                    )
        for level in self.local_levels:
            if level not in self.levels:
                raise ValueError(f"local_levels names '{level}', which is not among the levels")
        for indicator in self.indicators:
            if unknown := [name for name in indicator.denominators if name not in names]:
                raise ValueError(
                    f"indicator '{indicator.name}' is divided by '{unknown[0]}', which is no "
                    "indicator"
                )
        return self

    @model_validator(mode="after")
    def _each_subsection_in_one_purpose(self) -> IndicatorBook:
        seen: dict[str, str] = {}
        for name, purpose in self.purposes.items():
            for code in purpose.subsections:
                for other, owner in seen.items():
                    if code.startswith(other) or other.startswith(code):
                        raise ValueError(
                            f"purposes: {code} of '{name}' is in '{owner}' already (as {other})"
                        )
                seen[code] = name
        return self

    def purpose_of(self, subsection: str) -> str:
        """Return the purpose of a budget subsection; empty where no group has it."""
        for name, purpose in self.purposes.items():
            if subsection in purpose.subsections or subsection[:2] in purpose.subsections:
                return name
        return ""

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
