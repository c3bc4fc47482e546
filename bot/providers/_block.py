"""Charges as columns: the form in which large bills are handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TextColumn:
    """A column of few distinct strings: ``values[codes[row]]``."""

    values: list[str]
    codes: Ints


@dataclass(frozen=True)
class Block:
    """Some charges of a file, normalized to FOCUS 1.4; ``x`` among the details holds all other columns as JSON."""

    day: Ints
    """Days since 1970-01-01."""
    seconds: Ints
    """When each charge period starts, in seconds since then."""
    amounts: Mapping[str, tuple[Ints, Ints]]
    """Amount to (whole units, attos)."""
    series: Mapping[str, TextColumn]
    details: Mapping[str, TextColumn]
    unknown: Mapping[str, Mask]
    """Of ``TELLING`` what some rows leave empty (or at 0 beside a cost) or the file has no column for, and which."""
    rounded: int = 0
    """How many amounts had digits beyond 1e-18."""

    def __len__(self) -> int:
        return len(self.day)
