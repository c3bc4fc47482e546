"""Parquet files with their columns of text as numbered words: what they repeat is read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from pyarrow import parquet

Source = Path | IO[bytes]


def batches(source: Source, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file, at most so many at once; of the columns named, or of all.

    Raises:
        OSError, pa.ArrowException: the file is damaged.
    """
    from pyarrow import parquet  # only for Parquet

    with parquet.ParquetFile(source) as file:
        schema = file.schema_arrow
    texts = [column.name for column in schema if pa.types.is_string(column.type)]
    words = [name for name in texts if texts.count(name) == 1]
    done = 0
    try:
        with parquet.ParquetFile(source, read_dictionary=words) as file:
            for batch in _chosen(file, rows, columns):
                _check_words(batch.columns)
                yield batch
                done += batch.num_rows
    except OSError as error:
        if "DictAccumulator" not in str(error):
            raise
    else:
        return
    with parquet.ParquetFile(source) as file:  # Arrow numbers the words of some encodings only
        for batch in _chosen(file, rows, columns):
            if batch.num_rows > done:
                yield batch.slice(done)
            done = max(done - batch.num_rows, 0)


def _chosen(file: parquet.ParquetFile, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    chosen: Iterator[pa.RecordBatch] = file.iter_batches(rows, columns=columns)
    return chosen


def _check_words(columns: Sequence[pa.Array]) -> None:
    """Passes where every numbered word is there.

    Raises:
        OSError: the file is damaged: Arrow takes the numbers as they stand in it.
    """
    import pyarrow.compute as pc  # only for Parquet

    for column in columns:
        if pa.types.is_dictionary(column.type):
            numbers = pc.min_max(column.indices).as_py()
            if numbers["max"] is not None and not 0 <= numbers["min"] <= numbers["max"] < len(column.dictionary):
                raise OSError(f"a word has the number {numbers['max']} of {len(column.dictionary)}")
