"""SPSS, Stata and Parquet files as raw values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cssp.study.problems import DataError, Problem
from cssp.study.sources import Format
from cssp.tables.encoding import mended
from cssp.tables.raw import AnswerSet, RawTable, fixed, need, whole_number


def read_spss(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read an SPSS or Stata file with its labels, declared missing values and sets of answers.

    See `read_table`. A file of an old version that does not say its encoding is read as the texts
    in it demand; a portable file (.por) with letters that cannot be told is refused.
    """
    kind = "Stata" if path.suffix.lower() == ".dta" else "SPSS"
    encoding = fixed(form, "encoding")
    data, meta = _opened(path, shown, kind, encoding)
    how = str(meta.file_encoding or encoding or "as declared")
    if encoding is None and kind == "SPSS" and (other := mended(_texts(data, meta))):
        data, meta = _opened(path, shown, kind, other)
        how = f"{other} (told by its letters)"
    if "\ufffd" in _texts(data, meta):
        raise DataError(
            Problem(
                shown,
                "The file's encoding is not known: letters of its texts cannot be told.",
                "Open it in SPSS or PSPP and save it as .sav"
                + (", or name its encoding: --encoding." if path.suffix.lower() != ".por" else "."),
            )
        )
    if meta.number_rows is not None and meta.number_rows >= 0 and len(data) < meta.number_rows:
        raise DataError(
            Problem(
                shown,
                f"The {kind} file announces {meta.number_rows} cases and holds {len(data)}; it is "
                "truncated.",
                "Copy it again.",
            )
        )
    frame = raw_values(data)
    missing: dict[str, list[tuple[Any, Any]]] = {
        name: [(whole_number(part["lo"]), whole_number(part["hi"])) for part in parts]
        for name, parts in meta.missing_ranges.items()
    }
    for name, values in (meta.missing_user_values or {}).items():  # Stata's .a to .z
        missing.setdefault(name, []).extend((value, value) for value in values)
    return RawTable(
        shown,
        frame,
        np.arange(1, len(frame) + 1),
        labels={
            name: {whole_number(value): str(label) for value, label in found.items()}
            for name, found in meta.variable_value_labels.items()
        },
        declared_missing=missing,
        headings={name: label for name, label in meta.column_names_to_labels.items() if label},
        sets=tuple(_sets(meta, frame)),
        read_as={"format": kind, "encoding": how},
    )


def _opened(path: Path, shown: str, kind: str, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    pyreadstat = need("pyreadstat", "spss", shown)
    options: dict[str, Any] = {"user_missing": True, "encoding": encoding}
    readers = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}
    reader = readers.get(path.suffix.lower(), pyreadstat.read_sav)
    try:
        data, meta = reader(str(path), **({} if path.suffix.lower() == ".por" else options))
    except Exception as error:
        raise DataError(
            Problem(
                shown,
                f"The {kind} file cannot be read; it is broken or truncated ({error}).",
                f"Save it again in {kind}, or name its encoding in city.yaml.",
            )
        ) from None
    return data, meta


def _texts(data: pd.DataFrame, meta: Any) -> str:
    """Return all texts of a file, each once."""
    labels = [text for found in meta.variable_value_labels.values() for text in found.values()]
    headings = [text for text in meta.column_names_to_labels.values() if text]
    cells = [
        text
        for name in data.columns
        if data[name].dtype == object or pd.api.types.is_string_dtype(data[name])
        for text in pd.unique(data[name])
        if isinstance(text, str)
    ]
    return "\n".join(map(str, [*headings, *labels, *cells]))


def _sets(meta: Any, frame: pd.DataFrame) -> Iterator[AnswerSet]:
    """Yield the multiple-response sets that an SPSS file declares."""
    for name, set_of in (getattr(meta, "mr_sets", None) or {}).items():
        columns = _as_written(set_of["variable_list"], frame.columns)
        if len(columns) > 1:
            counted = set_of.get("counted_value") if set_of.get("is_dichotomy") else None
            yield AnswerSet(str(set_of.get("label") or name), tuple(columns), counted)


def _as_written(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return variables by their long names: a set names them in capitals or small letters."""
    own = {str(name).casefold(): str(name) for name in known}
    return [own[name.casefold()] for name in names if name.casefold() in own]


def read_parquet(
    path: Path,
    shown: str,
    form: Format | None,
    tell_service: bool = False,
    keep_texts: bool = False,
) -> RawTable:
    """Read a Parquet file; see `read_table`."""
    need("pyarrow", "parquet", shown)
    try:
        data = pd.read_parquet(path)
    except Exception as error:
        raise DataError(
            Problem(
                shown,
                f"The Parquet file cannot be read; it is broken or truncated ({error}).",
                "Write it again.",
            )
        ) from None
    frame = raw_values(data)
    return RawTable(shown, frame, np.arange(2, len(frame) + 2), read_as={"format": "Parquet"})


def raw_values(data: pd.DataFrame) -> pd.DataFrame:
    """Return typed columns as raw values: whole numbers as integers, None where empty."""
    columns = {}
    for name in data.columns:
        column = data[name]
        if pd.api.types.is_float_dtype(column.dtype):
            filled = column.dropna()
            if ((filled % 1) == 0).all() and (filled.abs() < 2**53).all():
                column = column.astype("Int64")
        columns[name] = column.astype(object).where(data[name].notna(), None)
    return pd.DataFrame(columns, columns=data.columns)
