"""What can be wrong with a study's files, and how it is said.

Every loader gathers its findings as `Problem` rows, so that a person sees all of them at once;
a loader that cannot go on raises a `CsspError` that carries them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Problem:
    """One finding: where it is, what is wrong, and what to do about it.

    Attributes
    ----------
    file : the file's path, as the user can open it
    row : row of the sheet (the heading is row 1), case number in an SPSS file, or line of a YAML
        file
    column : column of the table, or key of a YAML file
    value : what stands there
    what : what is wrong, one sentence
    remedy : what to do, one sentence
    severity : "error" stops the work; "warning" is shown and the work goes on

    Examples
    --------
    >>> print(Problem("city.yaml", "There is no column 'q7'.", "Correct the heading.", row=3))
    city.yaml, line 3: There is no column 'q7'. Correct the heading.
    """

    file: str
    what: str
    remedy: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        """Say the problem in one sentence with its place and its remedy.

        >>> print(Problem("a.csv", "7 is not a code of scale 'rating' (1-5).", "Correct the file.",
        ...     row=3,
        ...               column="q1"))
        a.csv, row 3, column q1: 7 is not a code of scale 'rating' (1-5). Correct the file.
        """
        is_yaml = self.file.endswith((".yaml", ".yml"))
        place = self.file
        if self.row is not None:
            place += f", {'line' if is_yaml else 'row'} {self.row}"
        if self.column is not None:
            place += f", {'key' if is_yaml else 'column'} {self.column}"
        return f"{place}: {self.what} {self.remedy}"


class CsspError(Exception):
    """The root of all errors a user can cause; carries the problems found.

    Parameters
    ----------
    problems : one `Problem`, several, or a plain sentence where there is no file

    Examples
    --------
    >>> str(CsspError(Problem("city.yaml", "There is no file.", "Add it.")))
    'city.yaml: There is no file. Add it.'
    """

    def __init__(self, problems: Problem | Iterable[Problem] | str) -> None:
        if isinstance(problems, str):
            self.problems: tuple[Problem, ...] = ()
            message = problems
        else:
            found = (problems,) if isinstance(problems, Problem) else tuple(problems)
            self.problems = found
            shown = [str(problem) for problem in found[:20]]
            if len(found) > 20:
                shown.append(f"... and {len(found) - 20} more; `cssp check` lists all.")
            message = "\n".join(shown)
        super().__init__(message)


class StudyError(CsspError):
    """A study's own files (YAML, codebooks, city folders) are wrong.

    Examples
    --------
    >>> isinstance(StudyError("The study has no cities."), CsspError)
    True
    """


class DataError(StudyError):
    """A data file does not fit the study's codebooks.

    Examples
    --------
    >>> isinstance(DataError("The file is empty."), CsspError)
    True
    """


class ScoringError(CsspError):
    """A measure was asked for something it cannot compute.

    Examples
    --------
    >>> isinstance(ScoringError("There is nothing to compare."), CsspError)
    True
    """


class RunError(CsspError):
    """A run was asked for something it cannot do.

    Examples
    --------
    >>> isinstance(RunError("The output is a file."), CsspError)
    True
    """


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or lists what is known.

    >>> nearest("vyborgg", ["vyborg", "pskov"])
    "Did you mean 'vyborg'?"
    >>> nearest("x", ["a", "b"])
    'Known: a, b.'
    """
    words = [str(name) for name in known]
    lowered = {name.casefold(): name for name in reversed(words)}
    match = difflib.get_close_matches(str(word).casefold(), list(lowered), n=1, cutoff=0.6)
    if match:
        return f"Did you mean '{lowered[match[0]]}'?"
    if not words:
        return "None is known."
    return f"Known: {', '.join(words[:20])}{', ...' if len(words) > 20 else ''}."


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stop the work."""
    return [problem for problem in problems if problem.severity == "error"]


def problem_table(problems: Sequence[Problem]) -> pd.DataFrame:
    """Return the problems as a table, one row each.

    Returns
    -------
    columns `severity, file, row, column, value, what, remedy`; empty (with these columns) when all
    is well
    """
    import pandas as pd  # only here: `cssp --help` must not wait for pandas

    columns = ["severity", "file", "row", "column", "value", "what", "remedy"]
    frame = pd.DataFrame(
        [[getattr(problem, name) for name in columns] for problem in problems], columns=columns
    )
    frame["row"] = frame["row"].astype("Int64")
    return frame


def short_path(path: Path) -> str:
    """Return the path as the user would type it from here.

    Relative when it lies below this folder.
    """
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says; its kind where it says nothing.

    >>> first_line(ValueError("one\\ntwo")), first_line(KeyError())
    ('one', 'KeyError')
    """
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
