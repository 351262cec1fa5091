"""RQDA: the database `NAME.rqda`."""

from pathlib import Path

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.format import SQLITE, QdaFormat
from cssp.interviews.exchange.rqda import read_rqda


def _recognise(path: Path, head: bytes) -> bool:
    return head.startswith(SQLITE) and {"freecode", "coding"} <= sqlite.tables_of(path)


RQDA = QdaFormat(
    "rqda",
    {"en": "an RQDA project", "ru": "проект RQDA"},
    (".rqda",),
    _recognise,
    lambda path, folder: read_rqda(path),
    tried=11,
)
