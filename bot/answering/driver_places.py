"""Where the leading drivers of a change are: the account, model, region, SKU or tag that holds most of it, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.analytics.driver_dimension import named_dimensions
from bot.analytics.driver_place import concentrated
from bot.answering.before_and_now import cells, columns, narrowed
from bot.answering.query import LedgerReader
from bot.domain.answers.explanations import Driver, DriverPlace, Explanation
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Question

if TYPE_CHECKING:
    from bot.ledger.query import Courses

_DIMENSIONS = ("ServiceName", "SubAccountName", "x_Model", "RegionId", "SkuId")
"""Where a change may be, the more telling first; tags come after them."""
_FINER = {"x_Model": "SkuId"}
"""What says the same again of what the first names."""
_TAG_KEYS = 6
_DRIVERS, _PLACES = 4, 2
"""So many drivers of a currency are looked at, and so many places are named of each."""


class AccountDimension(Protocol):
    """Says by which dimension accounts are read."""

    def by_id(self, dimensions: Sequence[str]) -> tuple[str, ...]:
        """The dimensions to read."""


class _Key(NamedTuple):
    """One key of a breakdown with all its drivers."""

    values: tuple[str, ...]
    currency: str
    change: Decimal
    calendar: Decimal


class _Found(NamedTuple):
    """A place of one key in one dimension."""

    key: _Key
    dimension: str
    value: str
    share: float


class PlaceReader(Struct, frozen=True):
    """Reads where a change's drivers are; ``dimensions`` are those of their keys, sorts of charge included."""

    question: Question
    period: Period
    against: Period
    reader: LedgerReader
    dimensions: tuple[str, ...]
    accounts: AccountDimension

    def with_places(self, explanation: Explanation) -> Explanation:
        """The same, its largest drivers with the places that hold most of their change."""
        keys = sorted(_keys(explanation.drivers), key=lambda key: -abs(key.change))[:_DRIVERS]
        found: dict[tuple[str, ...], list[DriverPlace]] = {key.values: [] for key in keys}
        for dimension in self._candidates() if keys else ():
            open_keys = [key for key in keys if _wants(found[key.values], dimension)]
            for values, place in self._places(open_keys, dimension):
                if all(place.value.casefold() != other.value.casefold() for other in found[values]):
                    found[values].append(place)
        drivers = [
            replace(driver, places=tuple(found.get(_values(driver), ()))) if None not in driver.key.values() else driver
            for driver in explanation.drivers
        ]
        return replace(explanation, drivers=tuple(drivers))

    def _candidates(self) -> Iterator[str]:
        """The dimensions to look in: not those that the key or a filter settles."""
        where = self.question.where
        settled = {named.dimension for named in where if len(named.values) == 1 and not named.exclude}
        tags = [f"Tags/{key}" for key in self.reader.tag_keys()[:_TAG_KEYS]]
        for dimension in self.accounts.by_id((*_DIMENSIONS, *tags)):
            if dimension not in self.dimensions and dimension not in settled:
                yield dimension

    def _places(self, keys: Sequence[_Key], dimension: str) -> Iterator[tuple[tuple[str, ...], DriverPlace]]:
        """For each key its place in a dimension, where it has one."""
        for by in dict.fromkeys(((*self.dimensions, dimension), (*named_dimensions(self.dimensions), dimension))):
            used = len(by) - 1
            question = narrowed(self.question, by[:-1], [key.values for key in keys])
            if not keys or not self.reader.tells(question, by):
                continue
            sources = _columns(columns(self.reader, question, self.against, self.period, by))
            found = [place for key in keys for place in _found(sources, key, used, dimension)]
            exact = self._exact(question, by, {(*place.key.values[:used], place.value) for place in found})
            for place in found:
                change = exact.get((*place.key.values[:used], place.value, place.key.currency), Decimal(0))
                share = Decimal(f"{place.share:.4f}")
                yield place.key.values, DriverPlace(dimension, place.value, change, share)
            return

    def _exact(
        self, question: Question, by: Sequence[str], only: set[tuple[str, ...]]
    ) -> dict[tuple[str, ...], Decimal]:
        """The exact change of each combination, with its currency."""
        found = cells(self.reader, question, self.against, self.period, by, only=only) if only else []
        return {(*cell.key, cell.unit): total([cell.amounts[1], -cell.amounts[0]]) for cell in found}


def _wants(places: Sequence[DriverPlace], dimension: str) -> bool:
    """Whether a place in that dimension would still be named."""
    finer = any(_FINER.get(place.dimension) == dimension for place in places)
    return len(places) < _PLACES and not finer


def _keys(drivers: Iterable[Driver]) -> Iterator[_Key]:
    keys: dict[tuple[str, ...], list[Driver]] = {}
    for driver in drivers:
        if None not in driver.key.values():
            keys.setdefault(_values(driver), []).append(driver)
    for values, parts in keys.items():
        change, calendar = (total([getattr(part, name) for part in parts]) for name in ("change", "calendar"))
        yield _Key(values, parts[0].currency, change, calendar)


def _values(driver: Driver) -> tuple[str, ...]:
    return tuple(value or "" for value in driver.key.values())


class _Columns(NamedTuple):
    """The combinations of one source: each part's labels and codes, before and now."""

    labels: Sequence[Sequence[str]]
    codes: Sequence[NDArray[np.int64]]
    amounts: NDArray[np.float64]

    def rows(self, wanted: Sequence[str], unit: str) -> NDArray[np.int64]:
        """Those whose key begins like this, in a currency."""
        passing = np.ones(len(self.amounts), dtype=np.bool_)
        parts = (*zip(self.labels, self.codes, wanted, strict=False), (self.labels[-1], self.codes[-1], unit))
        for labels, codes, value in parts:
            if value not in labels:
                return np.zeros(0, dtype=np.int64)
            passing &= codes == labels.index(value)
        return np.flatnonzero(passing)


def _columns(courses: Sequence[Courses]) -> list[_Columns]:
    return [
        _Columns([column.values for column in course.split.columns], course.split.codes_of(), course.amounts)
        for course in courses
    ]


def _found(sources: Sequence[_Columns], key: _Key, used: int, dimension: str) -> Iterator[_Found]:
    """The value that holds most of a key's change, over all sources."""
    rows = [source.rows(key.values[:used], key.currency) for source in sources]
    owners = np.concatenate([np.full(len(some), at) for at, some in enumerate(rows)]) if rows else np.zeros(0)
    if not len(owners):
        return
    pairs = np.concatenate([source.amounts[some][:, [0, -1]] for source, some in zip(sources, rows, strict=True)])
    place = concentrated(pairs[:, 0], pairs[:, 1], float(key.calendar))
    if place is None:
        return
    source, row = sources[int(owners[place.at])], int(np.concatenate(rows)[place.at])
    value = source.labels[-2][int(source.codes[-2][row])]
    if value and any(name not in {"", value} for known in sources for name in known.labels[-2]):
        yield _Found(key, dimension, value, place.share)
