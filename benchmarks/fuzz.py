"""Throw bytes at the readers of coded interviews: `python benchmarks/fuzz.py -max_total_time=300` (needs atheris, which is no part of any extra).

Whatever the bytes, a reader returns a project or raises a CsspError; it writes no file, and takes no more than 1 GB of memory.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import zipfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["cssp.interviews", "zipfile", "xml.parsers.expat", "sqlite3"]
):
    from cssp.interviews.exchange.open import open_project
    from cssp.interviews.exchange.qualcoder import read_qualcoder
    from cssp.interviews.exchange.refi_codebook import read_qdc
    from cssp.interviews.exchange.refi_qda import read_qdpx
    from cssp.interviews.exchange.taguette import read_taguette
    from cssp.study.problems import CsspError

FOLDER = Path(tempfile.mkdtemp(prefix="cssp-fuzz-"))
READERS = (open_project, read_qdpx, read_qdc, read_qualcoder, read_taguette)


def one(data: bytes) -> None:
    """Give the same bytes to every reader, as they are and as the document of an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("project.qde", data)
    for name, content in (("plain", data), ("inside.qdpx", stream.getvalue())):
        path = FOLDER / name
        path.write_bytes(content)
        for read in READERS:
            try:
                read(path)
            except CsspError as error:
                assert str(error)
    assert sorted(p.name for p in FOLDER.iterdir()) in (["inside.qdpx", "plain"], ["plain"]), (
        "a reader wrote a file"
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4 * 1024**3, 4 * 1024**3))
    atheris.Setup([*sys.argv, "-rss_limit_mb=1024"], one)
    atheris.Fuzz()
