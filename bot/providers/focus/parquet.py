"""Parquet files as Arrow tables, a batch at a time, within a bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from bot.domain.errors import InvalidFile
from bot.providers._parquet import batches
from bot.providers.focus.files import CUT_OFF, Member, most_unpacked
from bot.providers.focus.table import RowTable

_ROWS = 1 << 16
"""How many rows are read at once, at most."""
_BATCH_BYTES = 64 << 20
"""How much they may take, unpacked."""
_MOST_ROWS_A_BYTE = 400
"""More rows than this for a byte of the file are no charges: a file that expands without end."""
_FEW_ROWS = 5_000_000
_LARGEST_ROW = 8 << 20


def tables(member: Member, progress: Callable[[int], None]) -> Iterator[RowTable]:
    """The rows of a Parquet file.

    Raises:
        InvalidFile: it is damaged, or unpacks to more than a bill can be.
    """
    try:
        with member.seekable(progress) as source:
            size = member.path.stat().st_size
            with parquet.ParquetFile(source) as file:
                rows = _rows_at_once(member, file, size)
                total, row = max(file.metadata.num_rows, 1), 2
                names = list(file.schema_arrow.names)
                if not file.metadata.num_rows:
                    yield RowTable(names, file.schema_arrow.empty_table().columns, row)
            for batch in batches(source, rows):
                yield RowTable(names, [pa.chunked_array([_plain(column)]) for column in batch.columns], row)
                row += batch.num_rows
                progress(size * (row - 2) // total)
    except InvalidFile:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError) as error:
        raise InvalidFile(f"{member.name}: it is not a complete Parquet file.", CUT_OFF) from error


def _plain(column: pa.Array) -> pa.Array:
    """Text that is not marked as text, and values of extension types, as what they hold."""
    if isinstance(column.type, pa.BaseExtensionType):
        uuids = isinstance(column.type, pa.UuidType)
        column = pa.array([str(value) for value in column.to_pylist()]) if uuids else column.storage
    if pa.types.is_binary(column.type) or pa.types.is_fixed_size_binary(column.type) or _is_wide_binary(column.type):
        try:
            return pc.cast(column, pa.string())
        except pa.ArrowInvalid:  # bytes that are no text
            return column
    return column


def _is_wide_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _rows_at_once(member: Member, file: parquet.ParquetFile, size: int) -> int:
    """So many that a batch keeps within its memory, by what the file says of itself.

    Of a damaged file's columns nothing is asked here: Arrow's metadata of a column chunk may end the process.
    """
    metadata, limit = file.metadata, most_unpacked(size)
    fewest = _ROWS
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    for group in groups:
        if group.num_rows < 0 or group.total_byte_size < 0:
            raise InvalidFile(f"{member.name}: it is not a complete Parquet file.", CUT_OFF)
        row_bytes = group.total_byte_size // max(group.num_rows, 1)
        if row_bytes > _LARGEST_ROW:
            raise InvalidFile(f"{member.name}: its rows are longer than {_LARGEST_ROW:,} bytes.", "Is it a bill?")
        fewest = min(fewest, max(_BATCH_BYTES // max(row_bytes, 1), 1_000))
    rows = sum(group.num_rows for group in groups)
    if sum(group.total_byte_size for group in groups) > limit or rows > max(_FEW_ROWS, _MOST_ROWS_A_BYTE * size):
        raise InvalidFile(f"{member.name} unpacks to more data than a bill can have.", "Check how it was created.")
    return fewest
