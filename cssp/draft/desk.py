"""A table of the desk study into a study: figures of territories, a register of grants, acts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

from cssp.draft.act_columns import is_list_of_acts, read_acts
from cssp.draft.acts import add_acts
from cssp.draft.city_yaml import quoted
from cssp.draft.desk_part import write_desk_table
from cssp.draft.desk_register import register_proposal
from cssp.draft.desk_table import table_proposal
from cssp.draft.register_columns import is_register
from cssp.study.problems import CsspError
from cssp.study.sources import Format
from cssp.study.study import Study
from cssp.tables.excel import sheet_names
from cssp.tables.read import read_table

Kind = Literal["figures", "grants", "acts"]


class Added(NamedTuple):
    """What became of a table.

    Attributes
    ----------
    kind : what the table was taken for
    path : the file that was written
    told : each column with the indicator it was taken for, or each act with its level
    notes : what was not taken
    """

    kind: Kind
    path: Path
    told: list[tuple[str, str]]
    notes: list[str]


def kind_of_table(path: Path, given: dict[str, Any]) -> Kind:
    """Tell what a table is: figures of territories, a register of grants, or a list of acts.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "grants.csv"
    ...     rows = "Организация;Размер гранта;Год\\nАНО;5;2021\\nФонд;7;2021\\n"
    ...     _ = file.write_text(rows, encoding="utf-8")
    ...     kind_of_table(file, {})
    'grants'
    """
    form = Format.model_validate({key: value for key, value in given.items() if value})
    try:
        raw, acts = read_table(path, form), read_acts(path, given)
    except CsspError:
        return "figures"  # headings of several rows: the reader of figures says what is wrong
    if is_list_of_acts(acts):
        return "acts"
    return "grants" if is_register(raw) else "figures"


def add_table(
    study: Study, city: str, path: Path, given: dict[str, Any], kind: Kind | None = None
) -> Added:
    """Put a table of the desk study into a city: how it is read stands in `city.yaml`.

    What could be otherwise is marked there with TODO, so that `cssp check` refuses it until a
    person has decided. Acts go into the study's register.

    Parameters
    ----------
    study : the study
    city : name of the city's folder; a new city is added to the study
    path : the table: a CSV, a workbook or a document of Word
    given : what is said of its form, as `format` in city.yaml
    kind : what the table is; None: it is told by its headings

    Raises
    ------
    DataError
        The table cannot be read.
    RunError
        The city has this table already.
    """
    kind = kind or kind_of_table(path, given)
    if kind == "acts":
        target, rows, there = add_acts(study, city, path, given)
        told = [(row["act"], row["level"]) for row in rows]
        return Added(kind, target, told, [*there, *_other_sheets(path, given)])
    propose = register_proposal if kind == "grants" else table_proposal
    proposal = propose(study, city, path, given)
    notes = _other_sheets(path, given)
    lines = [*(f"# {note}" for note in notes), *proposal.lines]
    return Added(kind, write_desk_table(study, city, path, lines), proposal.told, notes)


def _other_sheets(path: Path, given: dict[str, Any]) -> list[str]:
    """Return that the other sheets of a workbook were not read."""
    names = sheet_names(path)
    others = [name for name in names if name != (given.get("sheet") or names[0])]
    return [f"the sheet {quoted(name)} was not read" for name in others]
