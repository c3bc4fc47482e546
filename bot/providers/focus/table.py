"""Some rows of a file as Arrow columns: what both readers hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

NO = pa.scalar(value=False)


@dataclass(frozen=True)
class Table:
    """Some rows; cells of text files are texts, empty ones are null."""

    names: Sequence[str]
    """The header, as it is written."""
    columns: Sequence[pa.ChunkedArray]
    row: int
    """The number of the first row, as a spreadsheet counts: the header of most files is row 1."""
    rows: NDArray[Any] | None = None
    """The number of every row, where some between them were empty."""
    header_row: int = 1

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.columns[0]) if self.columns else 0

    def number(self, at: int) -> int:
        """The number of a row in the file."""
        return self.row + at if self.rows is None else int(self.rows[at])

    def without(self, empty: NDArray[np.bool_]) -> Table:
        """The same but for those rows, the others keeping their numbers."""
        numbers = np.arange(self.size) + self.row if self.rows is None else self.rows
        kept = pa.array(~empty)
        return Table(
            self.names, [each.filter(kept) for each in self.columns], self.row, numbers[~empty], self.header_row
        )
