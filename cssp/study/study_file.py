"""What `study.yaml` holds, as pydantic models."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cssp.study.questions import Question
from cssp.study.read_yaml import Label, Model, Name

#: The one sector of a study without sectors, and the one place of a study without cities.
WHOLE = "all"
#: A city's name is that of its folder, in the study and among the results.
CityName = Annotated[str, Field(pattern=r"^[\w][\w -]{0,78}[\w]$|^\w$")]


class Sector(Model):
    """A kind of respondents, e.g. authorities, business, non-profits."""

    label: Label


class Wave(Model):
    """One of the times at which a survey was held."""

    label: Label


class Theme(Model):
    """A theme that ties indicators, items and codes together; they name it in their codebooks."""

    label: Label


class Family(Model):
    """Items whose comparisons are corrected together for their number."""

    label: Label
    sections: list[Name] = []
    items: list[Name] = []


class RegionTables(Model):
    """Tables with a row a region and year, for all regions of the country.

    `support` is what `cssp add-forms` writes: money to non-profits by region, year, level and
    subsection; `population` the table `region, year, population, source`.
    """

    support: str
    population: str | None = None


class Corrections(Model):
    """How many comparisons are corrected for, and which belong together."""

    method: Literal["holm", "fdr_bh", "none"] = "holm"
    families: dict[Name, Family] = {}


#: A cut-off of an index, between 0 and 1.
Bound = Annotated[float | None, Field(ge=0, le=1)]


class TypeRule(Model):
    """A type of partnership, by rule over the profile.

    The first rule all of whose conditions hold gives the type.

    `index` is the weighted mean of the sectors' indices, `cohesion` how near they lie to each
    other, both 0 to 1; a bound that is left out
    always holds. A value on a lower bound is inside, one on an upper bound outside.
    """

    name: Name
    label: Label
    index_from: Bound = None
    index_to: Bound = None
    cohesion_from: Bound = None
    cohesion_to: Bound = None


class ProfileBlock(Model):
    """A part of the profile, e.g. the institutions of the partnership, or its actors."""

    label: Label
    items: list[Name] = Field(min_length=1)


class Profile(Model):
    """The constants of the sector profile (see `cssp.sector_profile`).

    Which items, which weights, which cut-offs.
    """

    blocks: dict[Name, ProfileBlock] = Field(min_length=1)
    sector_weights: dict[Name, Annotated[float, Field(ge=0)]] = {}
    cohesion: Literal["range", "sd"] = "range"
    gap: tuple[Name, Name] | None = None
    types: list[TypeRule] = []
    shifts: list[float] = [-0.05, 0.05]

    @model_validator(mode="after")
    def _constants_make_sense(self) -> Profile:
        if self.sector_weights and sum(self.sector_weights.values()) <= 0:
            raise ValueError("profile: the sector weights sum to zero")
        if self.gap is not None and self.gap[0] == self.gap[1]:
            raise ValueError(f"profile: gap names '{self.gap[0]}' twice; name two sectors")
        names = [rule.name for rule in self.types]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"profile: two types are named '{twice[0]}'")
        for rule in self.types:
            for what in ("index", "cohesion"):
                low, high = getattr(rule, f"{what}_from"), getattr(rule, f"{what}_to")
                if low is not None and high is not None and low >= high:
                    raise ValueError(
                        f"profile: the type '{rule.name}' has {what}_from {low:g}, which is not "
                        f"below {what}_to {high:g}"
                    )
        return self


class Competence(Model):
    """The constants of an expert's competence.

    Items of self-rated knowledge, and what each source of argument is worth.

    Each item of `knowledge` counts from 0 (lowest answer) to 1 (highest). `argument` is a
    multiple-choice item; `sources` gives each of its
    options a worth, and who names several has their sum, at most 1. Competence is `knowledge_share`
    of the one and the rest of the other.
    """

    knowledge: list[Name] = Field(min_length=1)
    argument: Name | None = None
    sources: dict[Name, Annotated[float, Field(ge=0, le=1)]] = {}
    knowledge_share: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _sources_need_an_item(self) -> Competence:
        if (self.argument is None) != (not self.sources):
            raise ValueError(
                "competence: 'argument' (an item) and 'sources' (what each of its options is "
                "worth) belong together"
            )
        return self


class Exclusion(Model):
    """Respondents of one city who are left out, and why; the report shows how many."""

    city: CityName
    respondents: list[str] = Field(min_length=1)
    reason: Label


class QualityRules(Model):
    """When answers look careless. Nobody is left out by these rules; they only flag."""

    straight_items: int = Field(default=5, ge=2)
    long_run: int = Field(default=8, ge=2)
    missing_share: float = Field(default=0.5, ge=0, le=1)
    fast_share: float = Field(default=1 / 3, gt=0, lt=1)


#: Names that Windows keeps for devices.
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


def _as_folder(name: str) -> str:
    """Return a name as file systems compare it: no case, letters and their marks as one."""
    return unicodedata.normalize("NFC", name).casefold()


class StudyFile(Model):
    """What `study.yaml` holds."""

    title: Label
    languages: list[str] = Field(default=["en"], min_length=1)
    #: None: all respondents are of one kind
    sectors: dict[Name, Sector] = {}
    themes: dict[Name, Theme] = {}
    #: What is asked, and in which number the answer stands; notebook 4 begins with the answers
    questions: dict[Name, Question] = {}
    #: Why the study was made and what it follows; `[@key]` cites a source of `references`
    introduction: Label | None = None
    #: A file of BibTeX beside study.yaml
    references: str | None = None
    #: left out: the study has no cities, and one folder, `cities/all`
    cities: list[CityName] = Field(default=[WHOLE], min_length=1)
    #: What respondents are told apart by within a city: `sector`, or an item
    group: Name = "sector"
    #: A city is compared with at most so many others, those that stand nearest to it in `cities`:
    #: in a study of a thousand
    #: cities, each against all others would be half a million comparisons that nobody reads.
    peers_at_most: int = Field(default=20, ge=1)
    #: The times at which the survey was held, the earliest first; none: it was held once.
    waves: dict[Name, Wave] = {}
    #: The same respondents in every wave, known by `respondent`; otherwise others each time.
    panel: bool = False
    smallest_cell: int = Field(default=5, ge=1)
    corrections: Corrections = Corrections()
    #: The largest rank-biserial correlation that still counts as alike; none: likeness is not asked
    equivalence: Annotated[float | None, Field(gt=0, lt=1)] = None
    naming_rule: Literal["any", "all"] = "all"
    frame: dict[Name, Annotated[float, Field(ge=0)]] = {}
    profile: Profile | None = None
    competence: Competence | None = None
    exclusions: list[Exclusion] = []
    quality: QualityRules = QualityRules()
    questionnaire: str = "questionnaire.yaml"
    codes: str = "codes.yaml"
    indicators: str = "indicators.yaml"
    regulation: str | None = "regulation.csv"
    successors: str | None = None
    prices: str | None = None
    #: All regions of the country, beside which those of the study are shown; left out: those that
    #: come with the package
    context: RegionTables | None = None

    @model_validator(mode="after")
    def _cities_differ(self) -> StudyFile:
        # counted at once: a study of a thousand cities is read with each of their notebooks
        if twice := sorted(name for name, count in Counter(self.cities).items() if count > 1):
            raise ValueError(f"cities: '{twice[0]}' stands there twice")
        folded = Counter(map(_as_folder, self.cities))
        if same := [name for name in self.cities if folded[_as_folder(name)] > 1]:
            raise ValueError(
                f"cities: '{same[0]}' and '{same[1]}' are one folder on Windows and macOS; give "
                "one of them another name"
            )
        if taken := [name for name in self.cities if RESERVED.fullmatch(name)]:
            raise ValueError(
                f"cities: '{taken[0]}' cannot be a folder on Windows; give the city another name"
            )
        if self.frame and sum(self.frame.values()) <= 0:
            raise ValueError("frame: the shares sum to zero")
        return self
