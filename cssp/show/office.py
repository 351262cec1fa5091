"""What Excel's and Word's files have in common.

Characters that they may not hold, and times that would differ from run to run.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

#: The time that files bear which must be the same in every run.
EPOCH = datetime(2024, 1, 1)
#: Characters that XML does not allow.
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def same_bytes(archive: bytes) -> bytes:
    """Return an Office file without the times at which its parts were packed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as read,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in read.namelist():
            content = read.read(name)
            if (
                name == "docProps/core.xml"
            ):  # openpyxl writes the moment of saving, whatever it is told
                content = _MODIFIED.sub(rb"\g<1>2024-01-01T00:00:00Z\g<2>", content)
            written.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
