"""The Federal Treasury's form 0503317.

Execution of the consolidated budget of a subject of the Federation.

The same amounts stand in the form several times: in subsections, again in their sections, by
groups, subgroups and elements of
expenditure types, and once more in the consolidated columns. So a sum is made over one cut only:
subsections (a 4-digit code that
does not end in 00), one expenditure type, and the columns of single budgets. Columns are found by
their headings, not by position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from pathlib import Path

import numpy as np
import pandas as pd

from cssp.desk.treasury.checks import Lines, check_sums
from cssp.desk.treasury.head import read_head
from cssp.desk.treasury.join import joined
from cssp.desk.treasury.layout import expenditure_blocks
from cssp.desk.treasury.workbook import open_workbook
from cssp.study.problems import CsspError, DataError, Problem, errors_in


@dataclass(frozen=True)
class Form:
    """One form: whose budget, of which period, and its expenditure.

    Attributes
    ----------
    file, sha256 : the file's name as the user can open it, and the hash of its bytes
    date : the form's date, ISO; a form of 1 January reports the year before as a whole
    periodicity : "year" or "month", as the form says ("" where it does not)
    budget, oktmo : whose budget, as the form says it
    region : the subject of the Federation; its Russian name, or the form's own words where it is
        not known
    unit : roubles in one unit of the form (1, 1000, ...); `table` is in roubles
    table : one row a line of the form and budget-level column: `region, date, section, subsection,
        target_item, expenditure_type,
        name, level, kind_of_municipality, approved, executed, row`. `section` is "" for the grand
        total, `subsection` "" for a section's
        total. Levels are subject, local, fund, and what is made of them: consolidated, excluded,
        ...; never add levels.
    checks : the form against itself, from `check_form`
    """

    file: str
    sha256: str
    date: str
    periodicity: str
    budget: str
    oktmo: str
    region: str
    unit: float
    table: pd.DataFrame
    checks: pd.DataFrame
    problems: tuple[Problem, ...] = field(default=())

    @property
    def year(self) -> int:
        """The year that the form reports on."""
        day = date.fromisoformat(self.date)
        return day.year - (day.month == 1)

    @property
    def months(self) -> int:
        """How many months of the year it covers: 12 for a form of 1 January."""
        return (date.fromisoformat(self.date).month - 2) % 12 + 1


def read_form(path: Path | str, strict: bool = True) -> Form:
    """Read and check the expenditure part of a form 0503317 (.xls or .xlsx).

    Parameters
    ----------
    path : the file
    strict : raise where the form's sums do not add up; otherwise they stand in `Form.problems` and
        the failures in `Form.checks`

    Returns
    -------
    the form, its table in roubles

    Raises
    ------
    DataError
        The file cannot be read, is another form, lacks the expenditure part or the column of a
        level, has a text where an amount
        is due, the same line twice, or sums that do not add up (each with its row).

    Examples
    --------
    >>> form = read_form("0503317_vologda_2021.xlsx")  # doctest: +SKIP
    >>> form.year  # doctest: +SKIP
    >>> read_form("no_such_file.xlsx")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cssp.study.problems.DataError: no_such_file.xlsx: The file does not exist. Correct the name.
    """
    path = Path(path)
    book = open_workbook(path)
    head = read_head(book)
    blocks = expenditure_blocks(book, head["date"])
    lines = joined(book.shown, blocks)
    if not any(re.match(r"[1-9]\d\d", kind) for _, _, kind in lines.keys):
        raise DataError(
            Problem(
                book.shown,
                "The form does not tell expenditure by type: its codes of type are 000 throughout.",
                "Forms up to 2014 have the kind of operation (KOSGU) instead; give a form of 2015 "
                "or later.",
            )
        )
    failures, checks = check_sums(lines, book.shown, 0.005 * head["unit"])
    if strict and (errors := errors_in(failures)):
        raise DataError(errors)
    region = head["region"].name_ru if head["region"] is not None else head["budget"]
    table = _long(lines, region, head["date"], head["unit"])
    return Form(
        book.shown,
        book.sha256,
        head["date"],
        head["periodicity"],
        head["budget"],
        head["oktmo"],
        region,
        head["unit"],
        table,
        checks,
        (*head["problems"], *failures, *_strange(lines, book.shown)),
    )


def check_form(form: Form) -> pd.DataFrame:
    """Return how a form fits together with itself.

    Returns
    -------
    One row a check: `check` (what adds up to what), `compared` (how many sums: lines × budget
    columns × approved and executed),
    `failed`, `largest_difference` in roubles. Where the form has no parts for a check, `compared`
    is 0.

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["types to subsections"], "compared": [40], "failed": [0]})
    >>> check_form(Form("f.xlsx", "", "2022-01-01", "year", "", "", "A", 1.0, checks[:0], checks))
                      check  compared  failed
    0  types to subsections        40       0
    """
    return form.checks


def read_forms(paths: Iterable[Path | str], jobs: int = 0, strict: bool = True) -> list[Form]:
    """Read many forms, several at a time.

    Parameters
    ----------
    paths : the files
    jobs : processes at the same time; 0: as many as cores, 1: none besides this one
    strict : as in `read_form`

    Returns
    -------
    the forms, in the order of the files

    Raises
    ------
    DataError
        All that is wrong in all files together.

    Examples
    --------
    >>> read_forms([])
    []
    """
    files = [Path(path) for path in paths]
    if jobs == 1 or len(files) < 8:  # a handful is read before the processes have started
        found = [_tried(file, strict) for file in files]
    else:
        with ProcessPoolExecutor(max_workers=jobs or None) as pool:
            found = list(
                pool.map(_tried, files, repeat(strict), chunksize=max(1, min(16, len(files) // 16)))
            )
    if problems := [problem for one in found if isinstance(one, tuple) for problem in one]:
        raise DataError(problems)
    return [one for one in found if isinstance(one, Form)]


def _tried(path: Path, strict: bool) -> Form | tuple[Problem, ...]:
    try:
        return read_form(path, strict)
    except CsspError as error:
        return error.problems or (Problem(str(path), str(error), ""),)


def _long(lines: Lines, region: str, day: str, unit: float) -> pd.DataFrame:
    """Return the form's table: one row a line and budget-level column."""
    n, width = lines.amounts.shape[:2]

    def each(values: list[str]) -> pd.Categorical:
        """A column that repeats the lines' values for every budget-level column."""
        codes, names = pd.factorize(np.array(values, dtype=object))
        return pd.Categorical.from_codes(np.tile(codes, width), names)

    def whole(values: list[str]) -> pd.Categorical:
        codes, names = pd.factorize(np.array(values, dtype=object))
        return pd.Categorical.from_codes(np.repeat(codes, n), names)

    sections = [key[0] for key in lines.keys]
    return pd.DataFrame(
        {
            "region": pd.Categorical.from_codes(np.zeros(n * width, dtype=np.int8), [region]),
            "date": pd.Categorical.from_codes(np.zeros(n * width, dtype=np.int8), [day]),
            "section": each([s[:2] + "00" if s else "" for s in sections]),
            "subsection": each(["" if s.endswith("00") else s for s in sections]),
            "target_item": each([key[1] for key in lines.keys]),
            "expenditure_type": each([key[2] for key in lines.keys]),
            "name": each(lines.names),
            "level": whole([level for level, _ in lines.places]),
            "kind_of_municipality": whole([kind for _, kind in lines.places]),
            "approved": lines.amounts[:, :, 0].T.ravel() * unit,
            "executed": lines.amounts[:, :, 1].T.ravel() * unit,
            "row": np.tile(lines.rows, width),
        }
    )


def _strange(lines: Lines, shown: str) -> tuple[Problem, ...]:
    """Return warnings of what may be right.

    Negative spending, which is a refund of an earlier year.
    """
    own = [i for i, (level, _) in enumerate(lines.places) if level in ("subject", "local")]
    spent = lines.amounts[:, own, 1]
    found = []
    for line, place in np.argwhere(spent < 0).tolist():
        level, kind = lines.places[own[place]]
        code = " ".join(lines.keys[line])
        found.append(
            Problem(
                shown,
                f"The {kind or level} budgets executed {spent[line, place]:.2f} on {code}: less "
                "than nothing.",
                "It is kept: a refund of earlier years is booked this way.",
                row=int(lines.rows[line]),
                value=f"{spent[line, place]:.2f}",
                severity="warning",
            )
        )
    return tuple(found)
