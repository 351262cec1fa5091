"""QualCoder: the folder `NAME.qda`, or the database in it."""

from pathlib import Path

import cssp.interviews.exchange.sqlite as sqlite
from cssp.interviews.exchange.format import SQLITE, QdaFormat
from cssp.interviews.exchange.qualcoder import read_qualcoder


def _recognise(path: Path, head: bytes) -> bool:
    return path.is_dir() or (head.startswith(SQLITE) and "code_text" in sqlite.tables_of(path))


QUALCODER = QdaFormat(
    "qualcoder",
    {"en": "a QualCoder project", "ru": "проект QualCoder"},
    (".qda",),
    _recognise,
    lambda path, folder: read_qualcoder(path),
    tried=10,
)
