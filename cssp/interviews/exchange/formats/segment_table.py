"""Tables of coded segments, as most tools export them."""

from pathlib import Path

from cssp.interviews.exchange.format import QdaFormat
from cssp.interviews.exchange.segment_tables import read_segment_table

_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")


def _recognise(path: Path, head: bytes) -> bool:
    return path.suffix.casefold() in _ENDINGS


SEGMENT_TABLE = QdaFormat(
    "segment_table",
    {"en": "a table of coded segments", "ru": "таблица закодированных фрагментов"},
    (".csv", ".xlsx"),
    _recognise,
    lambda path, folder: read_segment_table(path),
    tried=90,
)
