"""Columns of few distinct texts, and of numbers told apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from bot.providers._block import TextColumn
from bot.providers.focus.numbers import Ints


def merged(values: list[str], codes: Ints) -> TextColumn:
    """The same column with equal values numbered once, unused ones dropped."""
    used = np.zeros(len(values), dtype=bool)
    used[codes] = True
    if used.all() and len(set(values)) == len(values):
        return TextColumn(values, codes)
    seen: dict[str, int] = {}
    places = [seen.setdefault(value, len(seen)) if used[n] else 0 for n, value in enumerate(values)]
    return TextColumn(list(seen), np.array(places, dtype=np.int64)[codes])


def numbered(numbers: Ints, say: Callable[[int], str]) -> TextColumn:
    """A column of numbers as texts."""
    found, codes = distinct(numbers)
    return TextColumn([say(number) for number in found], codes)


def distinct(numbers: Ints) -> tuple[list[int], Ints]:
    """The distinct numbers, and each one's place among them; by hashing, where numpy would sort."""
    encoded = pa.array(numbers).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)
