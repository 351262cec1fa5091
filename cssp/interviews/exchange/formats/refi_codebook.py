"""REFI-QDA: codebooks without texts."""

from pathlib import Path

from cssp.interviews.exchange.format import QdaFormat
from cssp.interviews.exchange.formats.refi_qda import is_xml
from cssp.interviews.exchange.refi_codebook import read_qdc


def _recognise(path: Path, head: bytes) -> bool:
    return is_xml(head) and b"CodeBook" in head and b"Project" not in head


REFI_CODEBOOK = QdaFormat(
    "refi_codebook",
    {"en": "a REFI-QDA codebook", "ru": "кодификатор REFI-QDA"},
    (".qdc",),
    _recognise,
    lambda path, folder: read_qdc(path),
    tried=30,
)
