"""A query put to a vendor because no feed has the breakdown, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.period import Period
from bot.domain.question import Filter

_KILO, _TWO_DIGITS = 1000, 10


class LiveQuery(Struct, frozen=True):
    """Charges of some days by these dimensions and filters; ``daily`` or else by calendar month."""

    by: tuple[str, ...]
    where: tuple[Filter, ...]
    days: Period
    daily: bool


class ConsoleLink(NamedTuple):
    """The page on which a source's vendor shows the charges of an answer."""

    source: str
    url: str


class LivePrice(NamedTuple):
    """What asking costs in USD, and at most; for a warehouse also how many bytes it reads at most, where known.

    ``limit`` is how many bytes one query may read, where this one would read more, so that it is refused.
    """

    least: Decimal
    most: Decimal
    warehouse: bool = False
    size: int | None = None
    limit: int | None = None

    def times(self, count: int) -> LivePrice:
        """The price of asking so many times."""
        size = None if self.size is None else self.size * count
        return LivePrice(self.least * count, self.most * count, self.warehouse, size, self.limit)

    def beside(self, other: LivePrice) -> LivePrice:
        """The price of asking both."""
        size = None if self.size is None or other.size is None else self.size + other.size
        limit = self.limit or other.limit
        return LivePrice(self.least + other.least, self.most + other.most, self.warehouse, size, limit)


class LiveResult(Struct, frozen=True):
    """What a vendor answered at an instant, for which days, and what asking cost; ``error`` where it failed."""

    charges: Sequence[Charge]
    days: Period
    at: datetime
    requests: int = 0
    cost: Decimal = Decimal(0)
    error: CostError | None = None


def data_size(count: int) -> str:
    """So many bytes as people say them: ``1.2 GB``, ``340 kB``."""
    size, unit = Decimal(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < _KILO:
            break
        size, unit = size / _KILO, larger
    digits = 0 if unit == "bytes" or size >= _TWO_DIGITS else 1
    return f"{size:,.{digits}f} {unit}"
