"""What `city.yaml` holds.

Where a city's data lie and how they map to the codebooks, as pydantic models.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cssp.study.desk_source import DeskSource
from cssp.study.read_yaml import Label, Model, Name
from cssp.study.sources import Format, Provenance, RowFilter, Status

#: How the line of an interviewer's question begins, unless city.yaml says otherwise.
QUESTIONS = (
    "— ",
    "– ",
    "Интервьюер:",
    "Интервьюер.",
    "Инт.:",
    "Вопрос:",
    "И:",
    "И.:",
    "В:",
    "Interviewer:",
    "Question:",
    "Q:",
    "I:",
)
#: How a study without cities calls its one place.
EVERYBODY: Label = {"en": "All respondents", "ru": "Все респонденты"}


class ColumnMap(Model):
    """Which column or columns hold an item, and what their values mean.

    `values` maps what stands in the file to an answer's code or an option's name; to nothing
    (`null`) what is no answer, `"*"` whatever else stands there (the texts of 'Other'). `missing`
    lists what is no answer of this item alone. For multiple
    choice: `columns` (option -> column, with `chosen` / `not_chosen` values), one `column` with a
    `separator`, or `mentions` (the columns of the first mention, the second, ..., each with one
    option). For rankings:
    `columns` (option -> column with the rank) or `places` (the column of the first place, the
    second, ...).
    """

    column: str | None = None
    columns: dict[Name, str] = {}
    places: list[str] = []
    mentions: list[str] = []
    separator: str | None = None
    chosen: list[str] = []
    not_chosen: list[str] = []
    missing: list[str | int | float] = []
    values: dict[str | int, str | int | None] = {}

    @model_validator(mode="after")
    def _one_way(self) -> ColumnMap:
        ways = (self.column is not None, self.columns, self.places, self.mentions)
        if sum(map(bool, ways)) != 1:
            raise ValueError("name exactly one of 'column', 'columns', 'places' and 'mentions'")
        return self

    def named(self) -> list[str]:
        """Return every column that the map names."""
        return [
            *([self.column] if self.column is not None else []),
            *self.columns.values(),
            *self.places,
            *self.mentions,
        ]


class SectorMap(Model):
    """Which respondents belong to which sector (or wave): by a column's values, or all to one."""

    column: str | None = None
    values: dict[str | int, str] = {}
    all: Name | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SectorMap:
        if (self.column is None) == (self.all is None):
            raise ValueError("name either 'column' or 'all'")
        return self


class Duration(Model):
    """The column that holds how long a respondent took, and its unit."""

    column: str
    unit: Literal["seconds", "minutes"] = "seconds"


class SurveyPart(Model):
    """A further file of a city's survey: another wave, or another way of asking.

    What it does not say is as in the first file.
    """

    file: str
    format: Format = Format()
    respondent: str | None = None
    duplicates: Literal["error", "first", "last"] = "error"
    rows: list[RowFilter] = []
    sector: SectorMap | None = None
    wave: SectorMap | None = None
    weight: str | None = None
    missing: list[str] = []
    duration: Duration | None = None
    scales: dict[Name, dict[str | int, int | None]] = {}
    items: dict[Name, ColumnMap] = {}
    not_asked: list[Name] = []


class SurveySource(SurveyPart):
    """The survey of one city: its file or files, and how they map to the questionnaire.

    An item that `items` does not name is taken from the column of its own name (`item__option` for
    options).
    `not_asked` lists items this city's survey left out; `wave` says which respondents were asked
    when, `weight` names the column of their weights, and `further` lists further files.
    """

    status: Status = "observed"
    provenance: Provenance
    further: list[SurveyPart] = []

    def parts(self) -> list[SurveySource]:
        """Return a source for each file: the first, and the further ones with what they change."""
        own = self.model_copy(update={"further": []})
        return [
            own,
            *(
                own.model_copy(update={key: getattr(part, key) for key in part.model_fields_set})
                for part in self.further
            ),
        ]

    def files(self) -> list[str]:
        """Return the files that the source names, as they are written in `city.yaml`."""
        return [part.file for part in self.parts()]


class SegmentTable(Model):
    """How a table of coded segments is read, where its headings do not say it.

    `headings` says what stands under which heading (interview, code, coder, quotation, start, end,
    created), `separator` what joins a group and a code in a code's name, `coder` who coded where
    the table does not say.
    """

    headings: dict[
        Literal["interview", "code", "coder", "quotation", "start", "end", "created"], str
    ] = {}
    separator: str | None = None
    coder: str = ""


class InterviewSource(Model):
    """The interviews of one city.

    Either texts with a table of segments, or the project of a coding tool.

    `texts` is a folder of .txt files, one an interview; `segments` the table `interview, coder,
    code, start, end` (and
    `gloss_<language>` for translations of the quotations). `project` is a file of ATLAS.ti, MAXQDA,
    NVivo (REFI-QDA), QualCoder, Taguette, or a table
    of coded segments; `codes` says what its codes are called in codes.yaml where their names differ
    (an empty name leaves one out), and `texts`
    then names the folder where its texts are, if it does not hold them. `table` says how a project
    that is a table of segments is read. `attributes` is the table
    `interview, held, coders, ...` of who was
    interviewed when; `pseudonyms` the table `name, replacement` of what quotations must not show;
    `language` that of the texts; `questions` how the
    line of an interviewer's question begins; `speakers` whose turns the texts have, each beginning
    on a line with the speaker's label and a colon (then `questions` is not looked at).
    """

    texts: str | None = None
    segments: str | None = None
    project: str | None = None
    codes: dict[str, str] = {}
    attributes: str | None = None
    pseudonyms: str | None = None
    language: str = "ru"
    questions: list[str] = list(QUESTIONS)
    speakers: dict[str, Literal["interviewer", "respondent", "other"]] = {}
    status: Status = "observed"
    format: Format = Format()
    table: SegmentTable | None = None
    provenance: Provenance
    coders: list[str] = []

    @model_validator(mode="after")
    def _one_way(self) -> InterviewSource:
        if self.project is None and (self.texts is None or self.segments is None):
            raise ValueError("interviews: name 'texts' and 'segments', or a 'project'")
        if self.project is not None and self.segments is not None:
            raise ValueError(
                "interviews: 'project' holds its segments; leave out 'segments', or 'project'"
            )
        if self.table is not None and self.project is None:
            raise ValueError("interviews: 'table' says how a 'project' is read, but there is none")
        if self.codes and self.project is None:
            raise ValueError(
                "interviews: 'codes' names the codes of a 'project', but there is none"
            )
        return self

    def files(self) -> list[str]:
        """Return the files and folders that the source names.

        As they are written in `city.yaml`.
        """
        paths = (self.texts, self.segments, self.project, self.attributes, self.pseudonyms)
        return [name for name in paths if name is not None]


class CityFile(Model):
    """What `city.yaml` holds.

    `group` is what the region belongs to (a federal district, a country), for inequality between
    groups and within. `name` and `region` may be left out in a study without cities.
    """

    name: Label = EVERYBODY
    region: Label = EVERYBODY
    group: Label | None = None
    oktmo: str | None = Field(default=None, pattern=r"^\d{8}(\d{3})?$")
    synthetic: bool = False
    desk: DeskSource | None = None
    survey: SurveySource | None = None
    interviews: InterviewSource | None = None

    @model_validator(mode="after")
    def _synthetic_is_said(self) -> CityFile:
        made_up = any(
            source is not None and source.status != "observed"
            for source in (self.desk, self.survey, self.interviews)
        )
        if made_up and not self.synthetic:
            raise ValueError("a source is simulated or invented, so 'synthetic: true' must be said")
        return self
