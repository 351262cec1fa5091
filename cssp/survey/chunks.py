"""Surveys that do not fit into memory: counted chunk by chunk, since frequency tables add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cssp.study.problems import DataError, Problem, short_path
from cssp.survey.answers import Answers
from cssp.survey.count_answers import frequency_table
from cssp.survey.frequency import FrequencyTable, add_tables


def count_in_chunks(
    chunks: Iterable[pd.DataFrame],
    items: Iterable[str],
    by: Sequence[str] = (),
    weights: str | None = None,
    *,
    codebook: Mapping[str, Any],
) -> FrequencyTable:
    """Count chunks of a survey one after the other; only one of them is in memory.

    Parameters
    ----------
    chunks : tables of answers, a row a respondent
    items, by, weights : as in `frequency_table`
    codebook : `Questionnaire.column_codebook()`, or entries of `answer_codes`

    Returns
    -------
    The same table as `frequency_table` of all chunks at once.

    Examples
    --------
    >>> from cssp import answer_codes
    >>> parts = (pd.DataFrame({"city": ["a", "b"], "q": [code, 3]}) for code in (1, 2))
    >>> count_in_chunks(parts, ["q"], by=["city"], codebook={"q": answer_codes([1, 2, 3])})
               1  2  3
    item city
    q    a     1  1  0
         b     0  0  2
    """
    names = list(items)
    total: FrequencyTable | None = None
    for chunk in chunks:
        part = frequency_table(Answers(chunk, codebook), names, by, weights)
        total = part if total is None else add_tables([total, part])
    if total is None:
        empty = pd.DataFrame({name: pd.Series(dtype="Int32") for name in [*names, *by]})
        return frequency_table(Answers(empty, codebook), names, by)
    return total


def parquet_chunks(
    path: str | Path, columns: Sequence[str], rows: int = 250_000
) -> Iterator[pd.DataFrame]:
    """Yield a Parquet file's rows in chunks, only the named columns (needs the extra `parquet`).

    Parameters
    ----------
    path : the file

    Returns
    -------
    Tables of at most `rows` rows; whole numbers with blanks stay whole (Int8 to Int64).

    Raises
    ------
    DataError
        The file cannot be read, or has no such column.

    Examples
    --------
    >>> import tempfile
    >>> rows = pd.DataFrame({"city": ["a", "b", "b"], "q": [1, 2, 2]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_parquet(f'{folder}/answers.parquet')
    ...     parts = list(parquet_chunks(f'{folder}/answers.parquet', ['q'], rows=2))
    >>> [len(part) for part in parts]
    [2, 1]
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError(
            Problem(
                short_path(Path(path)),
                "Reading Parquet needs the package pyarrow.",
                "Install it: pip install 'cssp[parquet]'.",
            )
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            known = file.schema_arrow.names
            for name in columns:
                if name not in known:
                    raise DataError(
                        Problem(
                            short_path(Path(path)),
                            f"There is no column '{name}'.",
                            "Correct the name.",
                            column=name,
                        )
                    )
            for batch in file.iter_batches(batch_size=rows, columns=list(columns)):
                yield batch.to_pandas(types_mapper=_nullable)
    except (ArrowException, OSError) as error:
        raise DataError(
            Problem(
                short_path(Path(path)),
                f"The file cannot be read as Parquet: {error}.",
                "Name another file.",
            )
        ) from None


def _nullable(kind: Any) -> Any:
    """Keep integers with blanks as integers."""
    found = {"int8": "Int8", "int16": "Int16", "int32": "Int32", "int64": "Int64"}.get(str(kind))
    return None if found is None else pd.api.types.pandas_dtype(found)
