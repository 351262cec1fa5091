"""Answers and frequency tables kept in Parquet, their codebook inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.study.problems import DataError, Problem, short_path
from cssp.study.questionnaire import ColumnCodebook
from cssp.study.write_files import write_bytes
from cssp.tables.raw import need


def packed(codebook: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a codebook as JSON can hold it: maps by number become lists of pairs."""
    return {
        name: {
            key: {"pairs": list(value.items())} if isinstance(value, dict) else value
            for key, value in entry.items()
        }
        for name, entry in codebook.items()
    }


def unpacked(codebook: Mapping[str, Mapping[str, Any]]) -> ColumnCodebook:
    """Return what `packed` made as a codebook again."""
    return ColumnCodebook(
        {
            name: {
                key: {pair[0]: pair[1] for pair in value["pairs"]}
                if isinstance(value, dict)
                else value
                for key, value in entry.items()
            }
            for name, entry in codebook.items()
        }
    )


def write_parquet(path: str | Path, table: pd.DataFrame, meaning: Mapping[str, Any]) -> None:
    """Write a table with its meaning in the file's own metadata, to a temporary name first."""
    pyarrow = need("pyarrow", "parquet", short_path(Path(path)))
    parquet = need("pyarrow.parquet", "parquet", short_path(Path(path)))
    arrow = pyarrow.Table.from_pandas(table)
    objects = [str(name) for name in table.columns if table[name].dtype == "object"]
    kept = {b"cssp": json.dumps({**meaning, "objects": objects}, ensure_ascii=False).encode()}
    buffer = pyarrow.BufferOutputStream()
    parquet.write_table(
        arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **kept}), buffer
    )
    write_bytes(Path(path), buffer.getvalue().to_pybytes())


def read_parquet_with_meaning(path: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read what `write_parquet` wrote; refuse a file without a codebook."""
    shown = short_path(Path(path))
    parquet = need("pyarrow.parquet", "parquet", shown)
    try:
        arrow = parquet.read_table(str(path))
        kept = json.loads((arrow.schema.metadata or {}).get(b"cssp", b"{}"))
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise DataError(
            Problem(shown, f"The file cannot be read as Parquet: {error}.", "Name another file.")
        ) from None
    if "codebook" not in kept:
        raise DataError(
            Problem(
                shown,
                "The file has no codebook in it.",
                "Write it with to_parquet of Answers or FrequencyTable.",
            )
        )
    rows = arrow.to_pandas()
    for name in kept.get(
        "objects", ()
    ):  # texts with blanks come back with None for a blank, as they were
        rows[name] = rows[name].astype(object).where(rows[name].notna(), None)
    return rows, kept
