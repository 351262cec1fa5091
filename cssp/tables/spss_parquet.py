"""SPSS and Parquet files as raw values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cssp.study.city_file import Format
from cssp.study.problems import DataError, Problem
from cssp.tables.raw import RawTable, fixed, need, whole_number


def read_spss(path: Path, shown: str, form: Format | None, tell_service: bool = False) -> RawTable:
    """Read an SPSS file with its value labels and declared missing values; see `read_table`."""
    pyreadstat = need("pyreadstat", "spss", shown)
    encoding = fixed(form, "encoding")
    try:
        if path.suffix.lower() == ".por":
            data, meta = pyreadstat.read_por(str(path))
        else:
            data, meta = pyreadstat.read_sav(str(path), user_missing=True, encoding=encoding)
    except Exception as error:
        raise DataError(
            Problem(
                shown,
                f"The SPSS file cannot be read; it is broken or truncated ({error}).",
                "Save it again in SPSS as .sav, or name its encoding in city.yaml.",
            )
        ) from None
    if meta.number_rows is not None and meta.number_rows >= 0 and len(data) < meta.number_rows:
        raise DataError(
            Problem(
                shown,
                f"The SPSS file announces {meta.number_rows} cases and holds {len(data)}; it is "
                "truncated.",
                "Copy it again.",
            )
        )
    frame = raw_values(data)
    labels = {
        name: {whole_number(value): str(label) for value, label in found.items()}
        for name, found in meta.variable_value_labels.items()
    }
    missing = {
        name: [(whole_number(part["lo"]), whole_number(part["hi"])) for part in parts]
        for name, parts in meta.missing_ranges.items()
    }
    headings = {name: label for name, label in meta.column_names_to_labels.items() if label}
    return RawTable(
        shown,
        frame,
        np.arange(1, len(frame) + 1),
        labels=labels,
        declared_missing=missing,
        headings=headings,
        read_as={"format": "SPSS", "encoding": str(meta.file_encoding)},
    )


def read_parquet(
    path: Path, shown: str, form: Format | None, tell_service: bool = False
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
