"""Territories that became others: a series goes on under the successor's name, with a note."""

from __future__ import annotations

import pandas as pd

from cssp.desk.regulation import as_date
from cssp.desk.study_tables import open_register
from cssp.desk.territories import oktmo_problem
from cssp.stats.columns import Column, returns
from cssp.study.problems import DataError, Problem, nearest
from cssp.study.study import Study

COLUMNS = [
    "city",
    "before",
    "kind_before",
    "oktmo_before",
    "after",
    "kind_after",
    "oktmo_after",
    "date",
    "source",
    "note",
]
REQUIRED = ["city", "before", "after", "date", "source"]


@returns(
    "city",
    "before",
    Column("kind_before", "kind before", "kind"),
    Column("oktmo_before", "OKTMO before", "text"),
    "after",
    Column("kind_after", "kind after", "kind"),
    Column("oktmo_after", "OKTMO after", "text"),
    "date",
    "source",
    "note",
)
def load_successors(study: Study) -> pd.DataFrame:
    """Load the study's table of territories that became others (`successors` in study.yaml).

    Returns
    -------
    One row a predecessor: `city` (of the study), `before, kind_before, oktmo_before`, `after,
    kind_after, oktmo_after`, `date` (ISO, or a year, from
    which the successor is there), `source`, `note`; all text. Empty where the study has no such
    table.

    Raises
    ------
    DataError
        A missing column, an unknown city or kind, a date that is none, no source, a territory that
        becomes itself.

    Examples
    --------
    >>> from cssp import load_study
    >>> load_successors(load_study()).columns.tolist()[:4]
    ['city', 'before', 'kind_before', 'oktmo_before']
    """
    table, problems = read_successors(study)
    if problems:
        raise DataError(problems)
    return table


def read_successors(study: Study) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the table of successors, gathering every problem.

    Returns
    -------
    the table as in `load_successors`, and the problems
    """
    raw, found = open_register(study, study.file.successors, REQUIRED)
    if raw is None:
        return pd.DataFrame(columns=COLUMNS, dtype=object), found
    table = (
        raw.data.reindex(columns=COLUMNS)
        .astype(object)
        .fillna("")
        .astype(str)
        .apply(lambda column: column.str.strip())
    )
    problems: list[Problem] = []

    def report(row: int, column: str, value: str, what: str, remedy: str) -> None:
        problems.append(Problem(raw.file, what, remedy, row, column, value))

    kinds, codes = study.indicators.kinds, study.indicators.codes
    for row, line in zip(raw.rows.tolist(), table.to_dict("records"), strict=True):
        if line["city"] not in study.cities:
            report(
                row,
                "city",
                line["city"],
                f"'{line['city']}' is not a city of the study. "
                f"{nearest(line['city'], study.cities)}",
                "Correct it.",
            )
        for side in ("before", "after"):
            kind, code = line[f"kind_{side}"], line[f"oktmo_{side}"]
            if not line[side]:
                report(row, side, "", "The territory has no name.", "Write it.")
            if kind and kind not in kinds:
                report(
                    row,
                    f"kind_{side}",
                    kind,
                    f"'{kind}' is not a kind of the study. {nearest(kind, kinds)}",
                    "Correct it.",
                )
            if code and codes == "oktmo" and (what := oktmo_problem(code)):
                report(row, f"oktmo_{side}", code, what, "Correct the code.")
        if line["before"] == line["after"] and line["kind_before"] == line["kind_after"]:
            report(
                row,
                "after",
                line["after"],
                "The territory becomes itself.",
                "Correct its name or kind.",
            )
        if as_date(line["date"]) is None:
            report(
                row,
                "date",
                line["date"],
                f"'{line['date']}' is not a date.",
                "Write 2022-07-01, or a year.",
            )
        if not line["source"]:
            report(row, "source", "", "The row has no source.", "Say where it was read.")
    return table, problems
