"""Some rows of a file as Arrow columns: what both readers hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NO = pa.scalar(value=False)


@dataclass(frozen=True)
class RowTable:
    """Some rows; cells of text files are texts, empty ones are null."""

    names: Sequence[str]
    """The header, as it is written."""
    columns: Sequence[pa.ChunkedArray]
    row: int
    """The number of the first row, as a spreadsheet counts: the header of most files is row 1."""
    rows: NDArray[Any] | None = None
    """The number of every row, where some between them were empty."""
    header_row: int = 1
    may_have_commas: bool = False
    """Cells are delimited by semicolons, as where a comma is the decimal mark."""

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.columns[0]) if self.columns else 0

    def number(self, at: int) -> int:
        """The number of a row in the file."""
        return self.row + at if self.rows is None else int(self.rows[at])

    def without(self, empty: NDArray[np.bool_]) -> RowTable:
        """The same but for those rows, the others keeping their numbers."""
        numbers = np.arange(self.size) + self.row if self.rows is None else self.rows
        kept = pa.array(~empty)
        return RowTable(
            self.names,
            [column.filter(kept) for column in self.columns],
            self.row,
            numbers[~empty],
            self.header_row,
            self.may_have_commas,
        )

    def without_empty_rows(self, first: int) -> RowTable:
        """The same without rows in which every cell is empty; column ``first`` is looked at first."""
        if not self.columns[first].null_count:
            return self
        empty = np.ones(self.size, dtype=np.bool_)
        for column in self.columns:
            empty &= pc.is_null(column).to_numpy(zero_copy_only=False).astype(bool)
            if not empty.any():
                return self
        return self.without(empty)

    def repeated_headers(self) -> NDArray[np.bool_]:
        """Which rows are the header again, as where files were put one after the other."""
        same = np.ones(self.size, dtype=np.bool_)
        for column, name in zip(self.columns, self.names, strict=True):
            texts = whole_array(column)
            if pa.types.is_dictionary(texts.type):
                texts = texts.cast(texts.type.value_type)
            if not pa.types.is_string(texts.type):
                return np.zeros(self.size, dtype=np.bool_)
            if name.strip():
                same &= pc.equal(texts, name).fill_null(NO).to_numpy(zero_copy_only=False).astype(bool)
        return same


def whole_array(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
