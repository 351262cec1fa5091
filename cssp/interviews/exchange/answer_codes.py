"""Codes of open answers, one table a coder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from cssp.interviews.exchange.from_tables import project_from_tables
from cssp.interviews.exchange.project import Project
from cssp.interviews.exchange.segment_tables import hierarchy, text_of_cell
from cssp.interviews.exchange.untrusted import refused
from cssp.study.problems import DataError, Problem, ScoringError
from cssp.study.sources import Format
from cssp.tables.read import read_table


def read_answer_codes(
    files: Mapping[str, str | Path],
    interview: str,
    answer: str | None = None,
    codes: Iterable[str] | None = None,
    separator: str = "->",
    split: str | None = None,
    form: Format | None = None,
) -> Project:
    """Read codes given to the answers of a formalised interview.

    One file a coder, a row a respondent, the codes in columns.

    There are no places: an answer is the unit, and its codes are those of the whole answer. A
    respondent's text is the answer, so all
    measures by interview and answer work; sentences and characters mean nothing here.

    Parameters
    ----------
    files : coder -> file
    interview : heading of the respondent's key
    answer : heading of the answer's words; left out: no text
    codes : headings of the codes; left out: those that are "Code", "Код" or "Kode" with a number
    separator : between a group and a code
    split : where one cell holds several codes, what stands between them, e.g. ";"
    form : how the files are read, where sniffing is wrong

    Returns
    -------
    the project, with a coder for each file. A respondent whom a coder gave no code counts as not
    coded by them (`project_tables(coded="all")`
    counts it as nothing found); a warning says how many

    Raises
    ------
    DataError
        A column is missing, a respondent stands twice in a file, or a file lacks respondents that
        another has.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / 'anna.csv'
    ...     _ = file.write_text('id,answer,Code 1\\n1,No money,money\\n', encoding='utf-8')
    ...     project = read_answer_codes({'anna': file}, 'id', 'answer')
    >>> project.segments[["interview", "code", "coder"]]
      interview   code coder
    0         1  money  anna
    """
    if not isinstance(files, Mapping):
        raise ScoringError(
            "Say who coded which file: read_answer_codes({'first coder': 'a.csv', 'second coder': "
            "'b.csv'}, ...)."
        )
    rows: list[tuple[str, str, str]] = []
    words: dict[str, str] = {}
    seen: dict[str, set[str]] = {}
    problems: list[Problem] = []
    first = ""
    for coder, path in files.items():
        raw = read_table(Path(path), form or Format())
        first = first or raw.file
        wanted = [interview, *([answer] if answer else []), *(codes or [])]
        if absent := [raw.no_column(name) for name in wanted if name not in raw.data]:
            raise DataError(absent)
        columns = (
            list(codes)
            if codes is not None
            else [
                str(name)
                for name in raw.data.columns
                if re.fullmatch(r"(code|код|kode)\s*\d+", str(name).strip().casefold())
            ]
        )
        if not columns:
            raise refused(raw.file, "No column holds codes.", "Name them: codes=['Code 1', ...].")
        seen[coder] = set()
        for row, record in zip(raw.rows.tolist(), raw.data.to_dict("records"), strict=True):
            name = text_of_cell(record[interview])
            if not name:
                continue
            if name in seen[coder]:
                problems.append(
                    Problem(
                        raw.file,
                        f"The respondent '{name}' stands twice.",
                        "Remove one of the rows.",
                        row,
                        interview,
                        name,
                    )
                )
                continue
            seen[coder].add(name)
            words.setdefault(name, text_of_cell(record[answer]) if answer else "")
            for column in columns:
                cell = text_of_cell(record[column])
                rows += [
                    (name, coder, code_text.strip())
                    for code_text in (cell.split(split) if split else [cell])
                    if code_text.strip()
                ]
    if problems:
        raise DataError(problems)
    everyone = list(words)
    for coder, own in seen.items():
        if len(own) < len(everyone):
            missing = next(name for name in everyone if name not in own)
            raise refused(
                first,
                f"The coder '{coder}' lacks {len(everyone) - len(own)} respondents that another "
                f"has (first: '{missing}').",
                "Give each coder the same respondents, or leave the others out of both files.",
            )
    table = pd.DataFrame(rows, columns=["interview", "coder", "code"]).drop_duplicates()
    system, table["code"] = hierarchy(table["code"], separator)
    table["start"] = table["end"] = pd.NA
    given = table.groupby("coder")["interview"].nunique()
    project = project_from_tables(
        Path(first).stem,
        system,
        pd.DataFrame({"interview": everyone, "text": [words[name] for name in everyone]}),
        table,
        first,
        "codes of answers",
    )
    for coder in files:
        if (count := len(everyone) - int(given.get(coder, 0))) > 0:
            project = project.warned(
                f"The coder '{coder}' gave no code to {count} of {len(everyone)} respondents, who "
                "count as not coded by them.",
                "If nothing was found there, use project_tables(..., coded='all').",
            )
    return project
