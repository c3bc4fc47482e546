"""Parquet files as Arrow tables, a batch at a time, within a bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
from pyarrow import parquet

from bot.domain.errors import InvalidFile
from bot.providers.focus.files import CUT_OFF, Member
from bot.providers.focus.table import Table

_ROWS = 1 << 17
"""How many rows are read at once, at most."""
_BATCH_BYTES = 64 << 20
"""How much they may take, unpacked."""
_MOST_ROWS_A_BYTE = 400
"""More rows than this for a byte of the file are no charges: a file that expands without end."""
_FEW_ROWS = 5_000_000
_LARGEST_CELL = 1 << 20


def tables(member: Member, progress: Callable[[int], None]) -> Iterator[Table]:
    """The rows of a Parquet file.

    Raises:
        InvalidFile: it is damaged, or unpacks to more than a bill can be.
    """
    try:
        with member.seekable(progress) as source, parquet.ParquetFile(source) as file:
            size = member.path.stat().st_size
            rows = _rows_at_once(member, file, size)
            total, row = max(file.metadata.num_rows, 1), 2
            names = list(file.schema_arrow.names)
            if not file.metadata.num_rows:
                yield Table(names, file.schema_arrow.empty_table().columns, row)
            for batch in file.iter_batches(batch_size=rows):
                yield Table(names, [pa.chunked_array([column]) for column in batch.columns], row)
                row += batch.num_rows
                progress(size * (row - 2) // total)
    except InvalidFile:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError) as error:
        raise InvalidFile(f"{member.name}: it is not a whole Parquet file.", CUT_OFF) from error


def _rows_at_once(member: Member, file: parquet.ParquetFile, size: int) -> int:
    """So many that a batch keeps within its memory, by what the file says of itself."""
    metadata = file.metadata
    if metadata.num_rows > max(_FEW_ROWS, _MOST_ROWS_A_BYTE * size):
        raise InvalidFile(f"{member.name} unpacks to far more than a bill can be.", "Look at how it was made.")
    fewest = _ROWS
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if not group.num_rows:
            continue
        for place in range(group.num_columns):
            column = group.column(place)
            if column.total_uncompressed_size // group.num_rows > _LARGEST_CELL:
                raise InvalidFile(
                    f"{member.name}, column {column.path_in_schema}: its cells are longer than a mebibyte.",
                    "Leave that column out.",
                )
        each = max(group.total_byte_size // group.num_rows, 1)
        fewest = min(fewest, max(_BATCH_BYTES // each, 1_000))
    return fewest
