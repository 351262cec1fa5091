"""The list of disagreements as a sheet: written to be filled in, in any language, and read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cssp.interviews.disagreements import DROP, KEEP, plain_decision
from cssp.show.columns import COLUMNS as COLUMN_WORDS
from cssp.show.labels import Labels
from cssp.show.office import ILLEGAL
from cssp.show.words import LANGUAGES, Words
from cssp.stats.columns import returns
from cssp.study.problems import DataError, Problem, ScoringError, nearest
from cssp.study.sources import Format
from cssp.study.write_files import write_bytes
from cssp.tables.read import read_table


def write_disagreements(
    table: pd.DataFrame, path: str | Path, labels: Labels | None = None
) -> Path:
    """Write the list for discussion as CSV (for a spreadsheet, with a byte order mark) or XLSX.

    The column `decision` is to be filled. Words that begin like a formula stay words.

    Parameters
    ----------
    table : from `disagreements`
    path : the file to write
    labels : of the study in a language: headings, cities and codes then read in it, and
        `read_decisions` reads the list all the same; None: names as in the files

    Raises
    ------
    ScoringError
        A name that ends in neither .csv nor .xlsx.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import disagreements, load_coded, load_study
    >>> table = disagreements(*load_coded(load_study()))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = write_disagreements(table, f'{folder}/list.csv').name
    >>> name
    'list.csv'
    """
    target = Path(path)
    words = {KEEP: KEEP, DROP: DROP}
    plain = list(map(str, table.columns))
    if labels is not None:
        table = _in_words(table, labels)
        words = {name: labels.words(name) for name in words}
    if target.suffix.casefold() == ".csv":
        write_bytes(target, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    elif target.suffix.casefold() == ".xlsx":
        from io import BytesIO

        from openpyxl.worksheet.datavalidation import DataValidation

        stream = BytesIO()
        with pd.ExcelWriter(stream, engine="openpyxl") as book:
            cells = table.map(
                lambda cell: ILLEGAL.sub(" ", cell) if isinstance(cell, str) else cell
            )
            cells.to_excel(book, index=False, sheet_name="disagreements")
            sheet = book.sheets["disagreements"]
            sheet.freeze_panes = "A2"
            choice = DataValidation(
                type="list", formula1=f'"{",".join(words.values())}"', allow_blank=True
            )
            sheet.add_data_validation(choice)
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    if cell.data_type == "f":  # an interviewee's "=" begins no formula
                        cell.data_type = "s"
            for number, name in enumerate(plain, start=1):
                letter = sheet.cell(1, number).column_letter
                sheet.column_dimensions[letter].width = {
                    "quotation": 60,
                    "before": 45,
                    "after": 45,
                    "passage": 30,
                    "note": 30,
                }.get(str(name), 14)
                if name == "decision" and len(table):
                    choice.add(f"{letter}2:{letter}{len(table) + 1}")
        write_bytes(target, stream.getvalue())
    else:
        raise ScoringError(f"'{target.name}' is no name of a list: it should end in .csv or .xlsx.")
    return target


def _in_words(table: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """Return the list as it reads: names of cities and codes, headings of the language."""
    worded = table.assign(
        city=table["city"].map(labels.city),
        code=table["code"].map(lambda one: labels.code(str(one))),
    )
    heads = labels.heads(table)
    return worded.set_axis([heads[str(name)].text for name in table], axis=1)


@returns("passage", "decision", "note")
def read_decisions(path: str | Path) -> pd.DataFrame:
    """Read the list that was written by `write_disagreements` and filled in.

    Returns
    -------
    `passage, decision` ("keep", "drop" or empty: not decided; оставить and снять are understood),
    `note`

    Raises
    ------
    DataError
        A column is missing, or a decision is neither.

    Examples
    --------
    >>> import tempfile
    >>> from cssp import disagreements, load_coded, load_study, write_disagreements
    >>> table = disagreements(*load_coded(load_study()))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_disagreements(table, f'{folder}/list.csv')
    ...     back = read_decisions(path)
    >>> len(back) == len(table)
    True
    """
    raw = read_table(Path(path), Format(layout="plain", header_row=1, heading_rows=1))
    heads = {
        Words(language)(COLUMN_WORDS[name][0]): name
        for language in LANGUAGES
        for name in ("passage", "decision", "note")
    }
    data = raw.data.rename(columns={one: heads.get(str(one), one) for one in raw.data})
    absent = [raw.no_column(name) for name in ("passage", "decision") if name not in data]
    if absent:
        raise DataError(absent)
    table = pd.DataFrame(
        {
            name: [
                str(value or "").strip()
                for value in (data[name] if name in data else [""] * len(data))
            ]
            for name in ("passage", "decision", "note")
        }
    )
    table["decision"] = [plain_decision(value) for value in table["decision"]]
    problems = [
        Problem(
            raw.file,
            f"'{decision}' is no decision. {nearest(decision, (KEEP, DROP))}",
            "Write keep or drop, or leave it empty.",
            row,
            "decision",
            decision,
        )
        for row, decision in zip(raw.rows.tolist(), table["decision"], strict=True)
        if decision not in (KEEP, DROP, "")
    ]
    if problems:
        raise DataError(problems)
    return table
