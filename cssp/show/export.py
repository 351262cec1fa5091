"""Tables for those who work on in Excel or Word.

Labelled as in the notebook, numbers as numbers in Excel.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

from cssp.show.document import document
from cssp.show.labels import Labels
from cssp.show.table_view import TableView
from cssp.show.workbook import workbook
from cssp.study.problems import RunError, nearest
from cssp.study.write_files import write_bytes

KINDS = {".xlsx": ("openpyxl", "excel"), ".docx": ("docx", "word")}


def export_tables(
    tables: Iterable[TableView], labels: Labels, path: str | Path, apart: bool = False
) -> Path:
    """Write tables to an Excel workbook (a sheet a table) or a Word document (tables titled above.

    Notes below).

    Parameters
    ----------
    tables : the tables shown, e.g. `show.tables.values()`
    labels : the reader's words, `show.labels`
    path : ends in .xlsx or .docx
    apart : in Word each table begins a page

    Returns
    -------
    the path

    Raises
    ------
    RunError
        Another ending, or the library for it is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from cssp import Show, load_study
    >>> study = load_study()
    >>> show = Show(study, "en", "survey", list(study.cities))
    >>> view = show.table(pd.DataFrame({"item": ["q"], "n": [92]}), "asked", "Who was asked")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = export_tables([view], show.labels, f'{folder}/tables.xlsx').name
    >>> name
    'tables.xlsx'
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise RunError(f"'{path.name}' is neither .xlsx nor .docx. {nearest(path.suffix, KINDS)}")
    module, extra = KINDS[path.suffix.lower()]
    try:
        library = importlib.import_module(module)
    except ImportError:
        raise RunError(
            f"Writing {path.suffix} needs the library {module}: pip install 'cssp[{extra}]'"
        ) from None
    views = list(tables)
    word = path.suffix.lower() == ".docx"
    content = document(library, views, labels, apart) if word else workbook(library, views, labels)
    write_bytes(path, content)
    return path
