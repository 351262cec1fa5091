"""The study's own tables of the desk study: acts, successors, prices.

A study need not have them.
"""

from __future__ import annotations

from collections.abc import Sequence

from cssp.study.problems import CsspError, Problem
from cssp.study.study import Study
from cssp.tables.raw import RawTable
from cssp.tables.read import read_table


def open_register(
    study: Study, name: str | None, required: Sequence[str | tuple[str, ...]]
) -> tuple[RawTable | None, list[Problem]]:
    """Read a table that a study may have, and may have without rows.

    Parameters
    ----------
    study : the study, in whose folder the table lies
    name : the table's file; None: the study has none
    required : columns that must be there; of several in a tuple, one

    Returns
    -------
    the table, or None where there is none or it cannot be read; and the problems: the reader's, or
    the columns that are not there
    """
    if name is None:
        return None, []
    try:
        raw = read_table(study.folder / name, may_be_empty=True)
    except CsspError as error:
        return None, list(error.problems)
    choices = [(one,) if isinstance(one, str) else one for one in required]
    missing = [raw.no_column(one[0]) for one in choices if not set(one) & set(raw.data)]
    return (None, missing) if missing else (raw, [])
