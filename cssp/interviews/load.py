"""The interviews' files into the segment table (one row a coded segment) and the table of interviews."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cssp.problems import CsspError, DataError, Problem, errors_in, nearest, short_path
from cssp.study import City, InterviewSource, Study
from cssp.tabular import RawTable, read_table, to_number

SEGMENT_COLUMNS = ["city", "interview", "coder", "code", "start", "end", "quotation"]
INTERVIEW_COLUMNS = ["city", "interview", "held", "order", "words", "coders", "text"]


def load_segments(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the coded segments of some cities (None: all that have interviews).

    Returns
    -------
    One row a coded segment: `city, interview, coder, code, start, end` (offsets in Unicode code points, `end` exclusive, counted
    in the text file as it stands), `quotation` (the text between them), and `gloss_<language>` columns where the file has them.

    Raises
    ------
    DataError
        All that is wrong in the files at once: a code outside the code system, a segment outside its text or with its end before
        its start, an interview without text, a coder with nothing coded.

    Examples
    --------
    >>> from cssp import load_study
    >>> segments = load_segments(load_study())
    >>> sorted(segments["coder"].unique())
    ['A', 'B']
    """
    return _load(study, cities)[0]


def load_interviews(study: Study, cities: Iterable[str] | None = None) -> pd.DataFrame:
    """Load the interviews of some cities (None: all that have them).

    Returns
    -------
    One row an interview in the order held: `city, interview, held` (date, where known), `order` (1, 2, ... within the city),
    `words`, `coders` (list of those who coded it), `text`, and the further columns of the attributes file.
    """
    return _load(study, cities)[1]


def _load(study: Study, cities: Iterable[str] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    texts = _texts(city.path(source.texts), problems)
    if not texts:
        return (*nothing, problems)
    try:
        raw = read_table(city.path(source.segments), source.format)
    except CsspError as error:
        return (*nothing, problems + list(error.problems))
    absent = [
        raw.no_column(name) for name in ("interview", "coder", "code", "start", "end") if name not in raw.data
    ]
    if absent:
        return (*nothing, problems + absent)
    segments = _segments(study, city, raw, texts, problems)
    coders = _coders(source, segments, raw, problems)
    interviews = _interviews(city, source, texts, coders, problems)
    uncoded = [name for name in texts if name not in set(segments["interview"])]
    for name in uncoded:
        problems.append(
            Problem(raw.file, f"The interview '{name}' has no coded segment.", "Code it, or keep it as it is if nothing applies.",
                    column="interview", value=name, severity="warning")
        )  # fmt: skip
    return segments, interviews, problems


def _texts(folder: Path, problems: list[Problem]) -> dict[str, str]:
    shown = short_path(folder)
    if not folder.is_dir():
        problems.append(Problem(shown, "There is no such folder of texts.", "Correct 'texts' in city.yaml."))
        return {}
    texts = {}
    for path in sorted(folder.glob("*.txt")):
        try:
            texts[path.stem] = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            problems.append(Problem(short_path(path), "The text is not in UTF-8.", "Save it as UTF-8."))
            continue
        if not texts[path.stem].strip():
            problems.append(Problem(short_path(path), "The text is empty.", "Fill it in or remove the file."))
    if not texts and not problems:
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
        problems.append(Problem(raw.file, what, remedy, row, column, None if value is None else str(value)))

    lines = []
    for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
        told = {name: "" if value is None else str(value).strip() for name, value in record.items()}
        fits = True
        if told["interview"] not in texts:
            report(row, "interview", told["interview"],
                   f"There is no text of the interview '{told['interview']}'. {nearest(told['interview'], texts)}",
                   "Correct the name, or add the text.")  # fmt: skip
            fits = False
        if told["code"] not in known:
            report(row, "code", told["code"],
                   f"'{told['code']}' is not in the code system. {nearest(told['code'], study.codes.names)}",
                   "Correct it, or add the code to codes.yaml.")  # fmt: skip
            fits = False
        if not told["coder"]:
            report(row, "coder", None, "The segment has no coder.", "Say who coded it.")
            fits = False
        places = {}
        for column in ("start", "end"):
            number = to_number(told[column])
            if number is None or not number.is_integer():
                report(
                    row,
                    column,
                    told[column],
                    f"'{told[column]}' is not a place in the text.",
                    "Write a whole number.",
                )
                fits = False
            else:
                places[column] = int(number)
        if not fits:
            continue
        start, end, length = places["start"], places["end"], len(texts[told["interview"]])
        if end <= start:
            report(
                row,
                "end",
                end,
                f"The segment ends ({end}) at or before its start ({start}).",
                "Correct the offsets.",
            )
        elif start < 0 or end > length:
            report(row, "end" if end > length else "start", end if end > length else start,
                   f"The segment {start}-{end} lies outside its text, which has {length} characters.",
                   "Correct the offsets; they count characters from 0 in the file as it stands.")  # fmt: skip
        else:
            lines.append(
                {
                    "city": city.name, "interview": told["interview"], "coder": told["coder"], "code": told["code"],
                    "start": start, "end": end, "quotation": texts[told["interview"]][start:end],
                    **{name: told[name] for name in glosses},
                }
            )  # fmt: skip
    return pd.DataFrame(lines, columns=[*SEGMENT_COLUMNS, *glosses])


def _coders(
    source: InterviewSource, segments: pd.DataFrame, raw: RawTable, problems: list[Problem]
) -> list[str]:
    found = sorted(segments["coder"].unique())
    for coder in source.coders:
        if coder not in found:
            problems.append(
                Problem(raw.file, f"The coder '{coder}' has nothing coded. {nearest(coder, found)}",
                        "Add the codings, or take the coder out of city.yaml.", column="coder", value=coder)
            )  # fmt: skip
    for coder in found if source.coders else []:
        if coder not in source.coders:
            problems.append(
                Problem(raw.file, f"'{coder}' is not among the coders of city.yaml. {nearest(coder, source.coders)}",
                        "Correct the name, or add the coder.", column="coder", value=coder)
            )  # fmt: skip
    return source.coders or found


def _interviews(
    city: City,
    source: InterviewSource,
    texts: dict[str, str],
    coders: list[str],
    problems: list[Problem],
) -> pd.DataFrame:
    table = pd.DataFrame({"interview": list(texts)})
    if source.attributes is not None:
        try:
            raw = read_table(city.path(source.attributes), source.format)
        except CsspError as error:
            problems += error.problems
            raw = None
        if raw is not None and "interview" not in raw.data:
            problems.append(raw.no_column("interview"))
        elif raw is not None:
            attributes = raw.data.astype(str).apply(lambda column: column.str.strip())
            for row, name in zip(raw.rows, attributes["interview"], strict=True):
                if name not in texts:
                    problems.append(
                        Problem(raw.file, f"There is no text of the interview '{name}'. {nearest(name, texts)}",
                                "Correct the name, or add the text.", int(row), "interview", name)
                    )  # fmt: skip
            table = table.merge(attributes.drop_duplicates("interview"), on="interview", how="left")
    table.insert(0, "city", city.name)
    if "held" not in table:
        table["held"] = ""
    table["held"] = table["held"].fillna("")
    table = table.sort_values(["held", "interview"], kind="stable", ignore_index=True)
    table["order"] = np.arange(1, len(table) + 1)
    table["text"] = table["interview"].map(texts)
    table["words"] = table["text"].str.split().str.len()
    given = table["coders"] if "coders" in table else pd.Series([""] * len(table))
    table["coders"] = [
        [name.strip() for name in str(text).split(";") if name.strip()]
        if isinstance(text, str) and text.strip()
        else list(coders)
        for text in given
    ]
    others = [name for name in table.columns if name not in INTERVIEW_COLUMNS]
    return table[[*INTERVIEW_COLUMNS, *others]]


def load_pseudonyms(study: Study, cities: Iterable[str] | None = None) -> dict[str, str]:
    """Load what quotations must not show: `name -> replacement`, from the file `pseudonyms` of each city.

    Raises
    ------
    DataError
        The file cannot be read or lacks the columns `name` and `replacement`.
    """
    found: dict[str, str] = {}
    for name in study.cities_with("interviews", cities):
        city = study.city(name)
        source = city.file.interviews
        if source is None or source.pseudonyms is None:
            continue
        raw = read_table(city.path(source.pseudonyms), source.format)
        names, replacements = raw.column("name"), raw.column("replacement")
        found.update(
            {
                str(a).strip(): str(b).strip()
                for a, b in zip(names, replacements, strict=True)
                if str(a).strip()
            }
        )
    return found
