"""The distinct values of nested Parquet columns (maps, structs, lists of them), found without a Python object a row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
_STEP, _FIRST, _SECOND = (np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def distinct_nested(column: pa.Array) -> tuple[pa.Array, Ints]:
    """The distinct values of a nested column, and each row's place among them."""
    encoded = pa.array(_hashes(column)).dictionary_encode()
    codes: Ints = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.empty(len(encoded.dictionary), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return column.take(pa.array(first)), codes


def _hashes(column: pa.Array) -> Hashes:
    """A hash of each value, the same for equal ones of this column; 2^32 distinct ones would collide, not before."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _hashes(column.storage)
    if pa.types.is_struct(kind):
        found = np.zeros(len(column), dtype=np.uint64)
        for number in range(kind.num_fields):
            found = _mixed(found * _STEP + _hashes(column.field(number)))
    elif pa.types.is_map(kind):
        found = _of_lists(column, _mixed(_hashes(column.keys) * _STEP + _hashes(column.items)))
    elif pa.types.is_fixed_size_list(kind):
        found = _hashes(column.cast(pa.list_(kind.value_type)))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        found = _of_lists(column, _hashes(column.values))
    else:
        words = column if pa.types.is_dictionary(kind) else column.dictionary_encode()
        places = words.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return _mixed(places.astype(np.uint64))
    missing = column.is_null().to_numpy(zero_copy_only=False)
    found[missing] = _STEP
    return found


def _of_lists(column: pa.Array, elements: Hashes) -> Hashes:
    """A hash of each list from those of its elements, by their order."""
    offsets = column.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    start, end = offsets[:-1], offsets[1:]
    position = np.arange(len(elements), dtype=np.int64)
    if len(elements):
        position[offsets[0] : offsets[-1]] -= np.repeat(start, end - start)
    mixed = _mixed(elements + position.astype(np.uint64) * _STEP)
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    return _mixed(sums[end] - sums[start] + (end - start).astype(np.uint64))


def _mixed(numbers: Hashes) -> Hashes:
    numbers = numbers + _STEP
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _SECOND
    mixed: Hashes = numbers ^ (numbers >> np.uint64(31))
    return mixed
