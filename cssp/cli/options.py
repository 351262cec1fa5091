"""What the commands share.

Options that several have, reading of values, and the table of problems.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cssp.cli.speech import said, say

if TYPE_CHECKING:
    import pandas as pd

    from cssp.study.study import Study

StudyOption = Annotated[
    str, typer.Option("--study", help="Folder of the study; left out: the default study.")
]


def _known_cities(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete a city's name: those of the study that the line names so far."""
    return _offered(lambda: _study(ctx).cities, incomplete)


def _known_notebooks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete a notebook's name."""
    from cssp.runs.plan.plan import notebooks

    use_notebooks(str(ctx.params.get("notebooks") or ""))
    return _offered(lambda: [path.stem for path in notebooks(workshop=True)], incomplete)


def _study(ctx: typer.Context) -> Study:
    from cssp.study.study import load_study

    return load_study(str(ctx.params.get("study") or ""))


def _offered(names: Callable[[], Iterable[str]], begin: str) -> list[str]:
    from cssp.study.problems import CsspError

    try:
        return [name for name in names() if name.startswith(begin)]
    except (CsspError, OSError):  # a line that is being written may name what is not there
        return []


Cities = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CITY]...", help="Cities of the study; none: all.", autocompletion=_known_cities
    ),
]


Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", help="Folder of the results, or an address such as s3://bucket/runs."
    ),
]
Notebooks = Annotated[
    list[str] | None,
    typer.Option(
        "--notebook",
        "-n",
        help="Only this notebook, e.g. 02; may be repeated.",
        autocompletion=_known_notebooks,
    ),
]
Folder = Annotated[
    str,
    typer.Option("--notebooks", help="Folder of notebooks of your own; left out: those of cssp."),
]
Language = Annotated[
    str,
    typer.Option(
        "--language", "-l", help="Language of the results, en or ru; left out: the study's first."
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the notebooks, e.g. seed=1."
    ),
]


Layout = Annotated[
    str,
    typer.Option(
        "--layout", help="Whose export it is, where it is not recognised, e.g. limesurvey, kobo."
    ),
]
Encoding = Annotated[
    str,
    typer.Option("--encoding", help="Of a file's texts, where it is not recognised, e.g. koi8-r."),
]
Delimiter = Annotated[
    str, typer.Option("--delimiter", help="Of a CSV, where it is not recognised; `tab` for tab.")
]
Sheet = Annotated[str, typer.Option("--sheet", help="Of a workbook; left out: the first.")]
HeaderRow = Annotated[
    int, typer.Option("--header-row", min=0, help="Row of the headings; left out: it is told.")
]
HeadingRows = Annotated[
    int, typer.Option("--heading-rows", min=0, help="How many rows are headings; left out: told.")
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "--rows",
        metavar="COLUMN=VALUE",
        help="Only the rows with this value, where a file holds several towns; may be repeated.",
    ),
]


def rows_of(pairs: list[str] | None) -> dict[str, str]:
    """Read pairs such as COLUMN=VALUE."""
    from cssp.study.problems import RunError

    found = {}
    for pair in pairs or []:
        column, sign, value = pair.rpartition("=")
        if not sign or not column:
            raise RunError(
                f"'{pair}' is no pair; write two words with '=' between, e.g. 'Town=Vyborg'."
            )
        found[column.strip()] = value.strip()
    return found


#: Bytes below which no notebook can import its libraries.
LEAST = 100 * 2**20


def use_notebooks(folder: str) -> None:
    """Let this process, and those that it starts, take the notebooks of a folder."""
    import os

    if folder:
        os.environ["CSSP_NOTEBOOKS"] = folder


def parameters_of(pairs: list[str]) -> dict[str, Any]:
    """Read NAME=VALUE pairs; numbers, true and false become what they are."""
    import yaml

    from cssp.study.problems import RunError

    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise RunError(f"'{pair}' is not a parameter; write NAME=VALUE, e.g. -p seed=1.")
        if name in ("city", "study", "language", "output"):
            raise RunError(
                f"'{name}' is not given with -p: name cities as arguments, and --study, "
                "--language, --output."
            )
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise RunError(
                f"'{value}' is not a value for the parameter '{name}'; put a text in quotes."
            ) from None
    return found


def pairs_of(pairs: list[str]) -> dict[str, Any]:
    """Read NAME=VALUE pairs of a cluster's options."""
    import re

    import yaml

    from cssp.study.problems import RunError

    found = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise RunError(
                f"'{pair}' is not an option of a cluster; write NAME=VALUE, e.g. --cluster-option "
                "queue=short."
            )
        try:  # a time such as 10:00:00 stays a text: YAML would make it 36000
            found[name] = value if re.fullmatch(r"\d+(:\d+)+", value) else yaml.safe_load(value)
        except yaml.YAMLError:
            raise RunError(
                f"'{value}' is not a value for the option '{name}'; put a text in quotes."
            ) from None
    return found


def seconds_of(text: str) -> float:
    """Read a time such as 90, 30m or 2h."""
    return _amount(text, {"": 1, "s": 1, "m": 60, "h": 3600}, "--time-limit", "90, 30m or 2h")


def bytes_of(text: str) -> int:
    """Read an amount of memory such as 800M or 4G."""
    from cssp.study.problems import RunError

    found = int(
        _amount(text, {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}, "--memory-limit", "800M or 4G")
    )
    if 0 < found < LEAST:
        raise RunError(
            f"--memory-limit {text} is less than a notebook needs to begin; write e.g. 800M or 4G, "
            "or 0 for no limit."
        )
    return found


def _amount(text: str, units: dict[str, int], option: str, example: str) -> float:
    import re

    from cssp.study.problems import RunError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]?)b?", text.strip().lower())
    if not found or found.group(2) not in units:
        raise RunError(
            f"'{text}' is no value for {option}; write e.g. {example}, or 0 for no limit."
        )
    return float(found.group(1)) * units[found.group(2)]


def errors(table: pd.DataFrame) -> int:
    """Return how many problems stop the work."""
    return int((table["severity"] == "error").sum())


#: Columns of the problems that are ours to say; a file, a column and a value stay as written.
MESSAGES = ("severity", "what", "remedy")


def print_problems(table: pd.DataFrame) -> None:
    """Print the problems as a table."""
    if table.empty:
        say("No problems found.")
        return
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 250)
    shown = Table(show_lines=True)
    for name in table.columns:
        shown.add_column(said(str(name)), overflow="fold")
    for row in table.itertuples(index=False):
        shown.add_row(
            *[
                "" if blank else said(str(value)) if name in MESSAGES else str(value)
                for name, value, blank in zip(table.columns, row, map(pd.isna, row), strict=True)
            ]
        )
    console.print(shown, markup=False)
    stopping = errors(table)
    say(f"{stopping} errors, {len(table) - stopping} warnings.")


def form_of(
    layout: str, encoding: str, delimiter: str, sheet: str, header_row: int, heading_rows: int
) -> dict[str, Any]:
    """Return what the command line says of a file, as `format` in city.yaml."""
    return {
        "layout": layout,
        "encoding": encoding,
        "delimiter": delimiter,
        "sheet": sheet,
        "header_row": header_row,
        "heading_rows": heading_rows,
    }
