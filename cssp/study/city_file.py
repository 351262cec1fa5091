"""What `city.yaml` holds.

Where a city's data lie and how they map to the codebooks, as pydantic models.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cssp.study.read_yaml import Label, Model, Name

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
Status = Literal["observed", "simulated", "invented"]


class Format(Model):
    """How a table file is to be read.

    What is left out is sniffed, and the result says what was found.

    `layout` names the survey service that wrote it (`cssp.tables.services` knows which there are),
    and so how many
    rows are headings and what they hold; left out: one row of headings.
    `header_row` is the row of the headings (the first of them) and `heading_rows` how many there
    are, where titles or merged cells mislead.
    `repeats` names headings that may stand several times; they are numbered.
    """

    layout: str | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(pattern=r"^(tab|\\t|[^\n])$")] | None = None
    decimal: Literal[".", ","] | None = None
    sheet: str | None = None
    comment: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    heading_rows: Annotated[int, Field(ge=1, le=9)] | None = None
    skip_rows: list[int] = []
    repeats: list[str] = []


class Provenance(Model):
    """Where a file comes from."""

    source: str
    collected: str | None = None
    licence: str | None = None
    note: str | None = None


class RowFilter(Model):
    """Only rows with one of these values in a column belong to the city."""

    column: str
    equals: list[str] = Field(min_length=1)


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
    otherwise; `kinds` gives the values of `kind_column` the study's names. What stands in `missing`
    is unknown.
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
    missing: list[str] = []
    values: list[ValueColumn] = Field(min_length=1)


class DeskTable(Model):
    """A file of indicators: a row a value, or (with `columns`) a row a territory.

    `rows` keeps only the rows of this city where a file holds several; `columns` says how a wide
    table is to be read.
    """

    file: str
    format: Format = Format()
    rows: list[RowFilter] = []
    columns: DeskColumns | None = None


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
