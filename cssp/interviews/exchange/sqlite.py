"""SQLite files of other tools, opened for reading only and without trust."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from cssp.interviews.exchange.untrusted import LIMITS, Limits, refused, start_of
from cssp.study.problems import short_path

#: Steps of SQLite's machine after which a query is given up.
_STEPS = 50_000_000


@contextmanager
def opened(path: Path, limits: Limits = LIMITS) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file read-only: nothing in it is run, written, or waited for.

    Raises
    ------
    DataError
        It is no SQLite file, is locked, too large, or cannot be read.
    """
    file = short_path(path)
    head = start_of(path, 16)
    if head != b"SQLite format 3\x00":
        raise refused(
            file,
            "It is not a SQLite file.",
            "Name the database that the tool keeps its project in.",
        )
    if (size := path.stat().st_size) > limits.size:
        raise refused(
            file,
            f"The database has {size} bytes; at most {limits.size} are read.",
            "Raise Limits(size=...).",
        )
    connection = None
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, timeout=2
        )
        try:
            _settle(connection)
        except sqlite3.OperationalError as error:
            if "lock" in str(error) or _journal(path):
                raise
            # a folder that may not be written: SQLite cannot make the files that sharing needs
            connection.close()
            connection = sqlite3.connect(
                f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True, timeout=2
            )
            _settle(connection)
        yield connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise refused(
                file,
                "The database is locked: the tool that it belongs to is writing.",
                "Close the project there, then read it again.",
            ) from error
        raise refused(
            file,
            f"The database cannot be read: {error}.",
            "Check that it is a project of this tool.",
        ) from error
    except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
        raise refused(file, f"The database is damaged: {error}.", "Take another copy.") from error
    finally:
        if connection is not None:
            connection.close()


def _journal(path: Path) -> bool:
    """Tell whether a transaction is unfinished: such a file must not be read as if nobody wrote."""
    return any(path.with_name(path.name + tail).exists() for tail in ("-wal", "-journal"))


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_progress_handler(_give_up(), 1_000_000)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _give_up() -> Callable[[], int]:
    steps = 0

    def handler() -> int:
        nonlocal steps
        steps += 1_000_000
        return int(steps > 100 * _STEPS)

    return handler


def tables(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the real tables.

    Views and virtual tables do not count, for they can run anything.
    """
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    )
    return {str(name).casefold() for (name,) in rows}


def tables_of(path: Path) -> set[str]:
    """Return the names of a database's tables; it is opened for reading and closed again."""
    with opened(path) as connection:
        return tables(connection)


def read(connection: sqlite3.Connection, table: str, columns: list[str], file: str) -> pd.DataFrame:
    """Return columns of a table; one that the file's version lacks is missing throughout.

    Raises
    ------
    DataError
        The table is not there.
    """
    if table.casefold() not in tables(connection):
        raise refused(
            file,
            f"The database has no table '{table}'.",
            "Check that it is a project of this tool.",
        )
    known = columns_of(connection, table)
    chosen = ", ".join(
        f'"{name}"' if name.casefold() in known else f'NULL AS "{name}"' for name in columns
    )
    rows = connection.execute(f'SELECT {chosen} FROM "{table}"').fetchall()
    return pd.DataFrame(rows, columns=columns, dtype=object)


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of a table's columns."""
    rows = connection.execute(f'PRAGMA table_info("{table}")')
    return {str(row[1]).casefold() for row in rows}
