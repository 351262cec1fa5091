"""Published results as a stranger has them: a folder's files and the tables in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cssp.study.problems import DataError, Problem, short_path


@dataclass(frozen=True)
class Published:
    """What lies in a folder of results.

    Attributes
    ----------
    folder : of the results, or of one city's
    files : all files in it, hidden ones left out
    tables : path of a table's CSV below the folder -> the table, every cell as text or number
    """

    folder: Path
    files: list[Path]
    tables: dict[str, pd.DataFrame]


def read_published(folder: Path) -> Published:
    """Read a folder of results as a stranger finds it.

    Raises
    ------
    DataError
        There is no such folder, or no results lie in it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     tables = Path(name) / "town" / "tables"
    ...     tables.mkdir(parents=True)
    ...     _ = (tables / "a.csv").write_text("city,n\\ntown,5\\n")
    ...     list(read_published(Path(name)).tables)
    ['town/tables/a.csv']
    """
    if not folder.is_dir():
        raise DataError(Problem(short_path(folder), "There is no such folder.", "Name another."))
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    tables = {}
    for path in files:
        if path.suffix == ".csv":
            try:
                tables[path.relative_to(folder).as_posix()] = pd.read_csv(path, low_memory=False)
            except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
                continue  # no table of ours
    if not files:
        raise DataError(Problem(short_path(folder), "The folder is empty.", "Name another."))
    return Published(folder, files, tables)
