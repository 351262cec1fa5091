"""REFI-QDA: projects of ATLAS.ti, MAXQDA, NVivo and others, as an archive or a bare document."""

import zipfile
from pathlib import Path

from cssp.interviews.exchange.format import QdaFormat
from cssp.interviews.exchange.refi_qda import read_qdpx


def is_xml(head: bytes) -> bool:
    """Tell whether a file begins as XML."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or head.startswith(
        (b"\xff\xfe<", b"\xfe\xff\x00<")
    )


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _recognise(path: Path, head: bytes) -> bool:
    return is_xml(head) or (head.startswith(b"PK") and not _is_workbook(path))


REFI_QDA = QdaFormat(
    "refi_qda",
    {"en": "a REFI-QDA project", "ru": "проект REFI-QDA"},
    (".qdpx", ".qde"),
    _recognise,
    read_qdpx,
    tried=40,
)
