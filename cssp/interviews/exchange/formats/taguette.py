"""Taguette: its database."""

from pathlib import Path

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.format import SQLITE, QdaFormat
from cssp.interviews.exchange.taguette import read_taguette


def _recognise(path: Path, head: bytes) -> bool:
    return head.startswith(SQLITE) and "highlights" in sqlite.tables_of(path)


TAGUETTE = QdaFormat(
    "taguette",
    {"en": "a Taguette project", "ru": "проект Taguette"},
    (".sqlite3",),
    _recognise,
    lambda path, folder: read_taguette(path),
    tried=20,
)
