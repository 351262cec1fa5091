"""The interviews' files as two tables: coded segments, and interviews with their texts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from cssp.interviews.attributes import INTERVIEW_COLUMNS, interview_table
from cssp.interviews.coder_lists import coders_of, who_coded
from cssp.interviews.exchange.open import match_codes, open_project, project_tables
from cssp.interviews.pseudonym_files import pseudonym_problems
from cssp.stats.columns import Column, returns
from cssp.study.city_file import InterviewSource
from cssp.study.problems import CsspError, DataError, Problem, errors_in, nearest, short_path
from cssp.study.study import City, Study
from cssp.tables.raw import RawTable, to_number
from cssp.tables.read import read_table

SEGMENT_COLUMNS = ["city", "interview", "coder", "code", "start", "end", "quotation"]
#: Kinds of files that transcripts come in and that are not read.
_TRANSCRIPTS = (".docx", ".doc", ".odt", ".rtf", ".pdf")


@returns(
    "city",
    "interview",
    Column("coder", "coder", "text"),
    "code",
    "start",
    "end",
    "quotation",
    "gloss_en",
)
def load_segments(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the coded segments of some cities (None: all that have interviews).

    Parameters
    ----------
    study : the study

    Returns
    -------
    One row a coded segment: `city, interview, coder, code, start, end` (offsets in Unicode code
    points, `end` exclusive, counted
    in the text file as it stands), `quotation` (the text between them), and `gloss_<language>`
    columns where the file has them.

    Raises
    ------
    DataError
        All that is wrong in the files at once: a code outside the code system, a segment outside
        its text or with its end before
        its start, an interview without text, a coder with nothing coded.

    Examples
    --------
    >>> from cssp import load_study
    >>> segments = load_segments(load_study())
    >>> sorted(segments["coder"].unique())
    ['A', 'B']
    """
    return load_coded(study, cities)[0]


@returns(
    "city",
    "interview",
    Column("held", "held on", "day"),
    "order",
    "words",
    Column("coders", "coders", "text"),
    "text",
)
def load_interviews(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the interviews of some cities (None: all that have them).

    Parameters
    ----------
    study : the study

    Returns
    -------
    One row an interview in the order held: `city, interview, held` (date, where known), `order` (1,
    2, ... within the city),
    `words`, `coders` (list of those who coded it), `text`, and the further columns of the
    attributes file.

    Examples
    --------
    >>> from cssp import load_study
    >>> load_interviews(load_study())["interview"].head(2).tolist()
    ['v01', 'v02']
    """
    return load_coded(study, cities)[1]


def load_coded(
    study: Study, cities: Iterable[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Load both tables, `load_segments` and `load_interviews`, reading the files once.

    Parameters
    ----------
    study : the study
    cities : names of its cities; None: all that have data

    Returns
    -------
    the segment table and the table of interviews

    Examples
    --------
    >>> from cssp import load_study
    >>> segments, interviews = load_coded(load_study())
    >>> sorted(set(segments["coder"]))
    ['A', 'B']
    """
    segments, interviews, problems = [], [], []
    for name in study.cities_with("interviews", cities):
        one, two, found = read_city(study, study.city(name))
        problems += errors_in(found)
        segments.append(one)
        interviews.append(two)
    if problems:
        raise DataError(problems)
    if not segments:
        return pd.DataFrame(columns=SEGMENT_COLUMNS), pd.DataFrame(columns=INTERVIEW_COLUMNS)
    return pd.concat(segments, ignore_index=True), pd.concat(interviews, ignore_index=True)


def read_city(study: Study, city: City) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    """Read one city's interviews, gathering every problem.

    Returns
    -------
    the segment table, the table of interviews, and the problems
    """
    source = city.file.interviews
    nothing = pd.DataFrame(columns=SEGMENT_COLUMNS), pd.DataFrame(columns=INTERVIEW_COLUMNS)
    if source is None:
        return (*nothing, [])
    problems: list[Problem] = []
    if source.project is not None:
        return _of_project(study, city, source, problems)
    texts = _texts(city.path(source.texts or ""), problems)
    if not texts:
        return (*nothing, problems)
    try:
        raw = read_table(city.path(source.segments or ""), source.format)
    except CsspError as error:
        return (*nothing, problems + list(error.problems))
    absent = [
        raw.no_column(name)
        for name in ("interview", "coder", "code", "start", "end")
        if name not in raw.data
    ]
    if absent:
        return (*nothing, problems + absent)
    segments = _segments(study, city, raw, texts, problems)
    coders = coders_of(source, segments, raw.file, problems)
    interviews = interview_table(
        city,
        source,
        pd.DataFrame({"interview": list(texts), "text": list(texts.values())}),
        coders,
        problems,
    )
    problems += who_coded(raw.file, segments, interviews)
    problems += pseudonym_problems(city)
    return segments, interviews, problems


def _of_project(
    study: Study, city: City, source: InterviewSource, problems: list[Problem]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Problem]]:
    """Read a city whose interviews are the project of a coding tool."""
    nothing = pd.DataFrame(columns=SEGMENT_COLUMNS), pd.DataFrame(columns=INTERVIEW_COLUMNS)
    try:
        project = open_project(
            city.path(source.project or ""),
            None if source.texts is None else city.path(source.texts),
            source.table,
        )
    except CsspError as error:
        return (*nothing, list(error.problems))
    names, found = match_codes(project, study.codes, source.codes)
    problems += [*project.warnings, *found]
    present = [coder for coder in source.coders if coder in set(project.users["coder"])]
    segments, records = project_tables(project, city.name, names=names, coders=present or None)
    missing = records["text"].isna()
    if missing.any():
        problems.append(
            Problem(
                project.file,
                f"The text of '{records.loc[missing, 'interview'].iloc[0]}' is missing "
                f"({int(missing.sum())} of {len(records)} are).",
                "Name the folder where the texts are as 'texts' in city.yaml, or export the "
                "project with its sources.",
            )
        )
        return (*nothing, problems)
    if segments.empty:
        problems.append(
            Problem(
                project.file,
                "Nobody has coded anything in this project yet.",
                f"Code it in a tool, then `cssp add {city.name} --interviews FILE --replace`.",
                severity="warning",
            )
        )
    coders = coders_of(source, segments, project.file, problems)
    records = records.drop(columns=["city", "order", "words", "coders"])
    if not records["held"].astype(bool).any():
        records = records.drop(columns="held")
    interviews = interview_table(city, source, records, coders, problems, in_order=True)
    problems += who_coded(project.file, segments, interviews)
    problems += pseudonym_problems(city)
    return segments, interviews, problems


def _texts(folder: Path, problems: list[Problem]) -> dict[str, str]:
    shown = short_path(folder)
    if not folder.is_dir():
        problems.append(
            Problem(shown, "There is no such folder of texts.", "Correct 'texts' in city.yaml.")
        )
        return {}
    texts = {}
    for path in sorted(folder.glob("*.txt")):
        try:
            texts[path.stem] = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(
                Problem(short_path(path), "The text is not in UTF-8.", "Save it as UTF-8.")
            )
            continue
        if not texts[path.stem].strip():
            problems.append(
                Problem(short_path(path), "The text is empty.", "Fill it in or remove the file.")
            )
    others = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _TRANSCRIPTS)
    if others:
        problems.append(
            Problem(
                shown,
                f"{len(others)} transcripts cannot be read as they are: {', '.join(others[:5])}.",
                "`cssp add CITY --transcripts FOLDER` reads .docx, .odt and .pdf; or save each as "
                "plain text in UTF-8 (.txt).",
                severity="error" if not texts else "warning",
            )
        )
    elif not texts and not problems:
        problems.append(
            Problem(shown, "The folder has no .txt file.", "Put each interview there as NAME.txt.")
        )
    return texts


def _segments(
    study: Study, city: City, raw: RawTable, texts: dict[str, str], problems: list[Problem]
) -> pd.DataFrame:
    known = set(study.codes.names)
    glosses = [str(name) for name in raw.data.columns if str(name).startswith("gloss_")]

    def report(row: int, column: str, value: object, what: str, remedy: str) -> None:
        problems.append(
            Problem(raw.file, what, remedy, row, column, None if value is None else str(value))
        )

    lines = []
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        cells = {
            name: "" if value is None else str(value).strip() for name, value in record.items()
        }
        fits = True
        if cells["interview"] not in texts:
            report(
                row,
                "interview",
                cells["interview"],
                f"There is no text of the interview '{cells['interview']}'. "
                f"{nearest(cells['interview'], texts)}",
                "Correct the name, or add the text.",
            )
            fits = False
        if cells["code"] not in known:
            report(
                row,
                "code",
                cells["code"],
                f"'{cells['code']}' is not in the code system. "
                f"{nearest(cells['code'], study.codes.names)}",
                "Correct it, or add the code to codes.yaml.",
            )
            fits = False
        if not cells["coder"]:
            report(row, "coder", None, "The segment has no coder.", "Say who coded it.")
            fits = False
        places = {}
        for column in ("start", "end"):
            number = to_number(cells[column])
            if number is None or not number.is_integer():
                report(
                    row,
                    column,
                    cells[column],
                    f"'{cells[column]}' is not a place in the text.",
                    "Write a whole number.",
                )
                fits = False
            else:
                places[column] = int(number)
        if not fits:
            continue
        start, end, length = places["start"], places["end"], len(texts[cells["interview"]])
        if end <= start:
            report(
                row,
                "end",
                end,
                f"The segment ends ({end}) at or before its start ({start}).",
                "Correct the offsets.",
            )
        elif start < 0 or end > length:
            report(
                row,
                "end" if end > length else "start",
                end if end > length else start,
                f"The segment {start}-{end} lies outside its text, which has {length} characters.",
                "Correct the offsets; they count characters from 0 in the file as it stands.",
            )
        else:
            lines.append(
                {
                    "city": city.name,
                    "interview": cells["interview"],
                    "coder": cells["coder"],
                    "code": cells["code"],
                    "start": start,
                    "end": end,
                    "quotation": texts[cells["interview"]][start:end],
                    **{name: cells[name] for name in glosses},
                }
            )
    return pd.DataFrame(lines, columns=[*SEGMENT_COLUMNS, *glosses])
