"""What the ledger answers with: many groups as columns, each made into decimals only when it is looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Self, overload

import numpy as np
from numpy.typing import NDArray

from bot.domain.money import from_attos, from_nanos, to_attos
from bot.ledger.columns import Ints

_NANO = 10**9
_ROOM = 2**61
"""Sums below this can be added to each other within an int64."""


class Group(NamedTuple):
    """One combination of the breakdown: amounts in ``unit`` (a currency, or a unit of quantity) per interval."""

    key: tuple[str, ...]
    unit: str
    amounts: tuple[Decimal, ...]
    charges: int
    """How many charges there are in all: tells zero from nothing."""


@dataclass(frozen=True, eq=False)
class Groups(Sequence[Group]):
    """Groups with distinct keys, by columns."""

    labels: Sequence[Sequence[str]]
    """What there is in each part of the keys, and last the units."""
    codes: Sequence[Ints]
    """Each group's place in each of the labels."""
    amounts: Ints
    """Groups × intervals, exact: int64, or (dtype object) of any size."""
    scale: int
    """How many attos one of the amounts is."""
    charges: Ints

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Self:
        """The columns of groups with distinct keys."""
        rows = list(groups)
        columns = list(zip(*((*row.key, row.unit) for row in rows), strict=True))
        labels = [list(dict.fromkeys(column)) for column in columns]
        places = [{label: n for n, label in enumerate(column)} for column in labels]
        codes = [
            np.array([place[label] for label in column], dtype=np.int64)
            for place, column in zip(places, columns, strict=True)
        ]
        amounts = np.array([[to_attos(amount) for amount in row.amounts] for row in rows], dtype=object)
        return cls(labels, codes, amounts, 1, np.array([row.charges for row in rows], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.charges)

    @overload
    def __getitem__(self, at: int) -> Group: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Group]: ...
    def __getitem__(self, at: int | slice) -> Group | Sequence[Group]:
        return self._all[at]

    def __iter__(self) -> Iterator[Group]:
        return iter(self._all)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # as of any list

    @cached_property
    def _all(self) -> list[Group]:
        amounts = zip(*map(self.column, range(self.amounts.shape[1])), strict=True) if len(self) else iter(())
        parts = [self.names(part) for part in range(len(self.labels))]
        keys = zip(*parts[:-1], strict=True) if len(parts) > 1 else [()] * len(self)
        return list(map(Group, keys, parts[-1] if parts else (), amounts, self.charges.tolist()))

    def column(self, interval: int) -> list[Decimal]:
        """Every group's amount in one interval."""
        return list(map(self.exact, self.amounts[:, interval].tolist()))

    def names(self, part: int) -> list[str]:
        """Every group's name in one part of its key (or, of the last part, its unit)."""
        labels = self.labels[part]
        return [labels[n] for n in self.codes[part].tolist()]

    def exact(self, amount: int) -> Decimal:
        """The decimal of one of the integers."""
        return from_nanos(amount) if self.scale == _NANO else from_attos(amount * self.scale)

    def key(self, at: int) -> tuple[str, ...]:
        """The key of one group."""
        return tuple(labels[codes[at]] for labels, codes in zip(self.labels[:-1], self.codes[:-1], strict=True))

    def unit(self, at: int) -> str:
        """The unit of one group."""
        code: int = self.codes[-1][at]
        return self.labels[-1][code]

    def amount(self, at: int, interval: int = 0) -> Decimal:
        """One amount."""
        return self.exact(int(self.amounts[at, interval]))

    def units(self) -> list[str]:
        """The units there are, in order."""
        return sorted({self.labels[-1][n] for n in np.unique(self.codes[-1]).tolist()}) if len(self) else []

    def sum(self, unit: str, interval: int = 0) -> Decimal:
        """All amounts of one unit in one interval."""
        if not len(self):
            return Decimal(0)
        chosen = self.codes[-1] == self.labels[-1].index(unit) if unit in self.labels[-1] else []
        return self.exact(sum(self.amounts[chosen, interval].tolist()))

    def by_size(self, *, change: bool = False, ascending: bool = False) -> list[int]:
        """The places of all groups: the largest first amount (or move from the second to it) first, then by name."""
        if not len(self):
            return []
        ranks = [_ranks(labels)[codes] for labels, codes in zip(self.labels, self.codes, strict=True)]
        named = np.lexsort(ranks[::-1])
        sizes = abs(self.amounts[:, 0] - self.amounts[:, 1]) if change else self.amounts[:, 0]
        order: list[int] = named[np.argsort((sizes if ascending else -sizes)[named], kind="stable")].tolist()
        return order

    def unnamed(self) -> NDArray[np.bool_]:
        """Which groups name no value in some part of their key."""
        lacking = np.zeros(len(self), dtype=np.bool_)
        for labels, codes in zip(self.labels[:-1], self.codes[:-1], strict=True):
            lacking |= np.array([label == "" for label in labels], dtype=np.bool_)[codes]
        return lacking

    def take(self, places: Collection[int]) -> Groups:
        """Some of them, in that order."""
        at = np.array(list(places), dtype=np.intp)
        codes = [column[at] for column in self.codes]
        return Groups(self.labels, codes, self.amounts[at], self.scale, self.charges[at])

    def coarser(self, starts: Sequence[int]) -> Groups:
        """With fewer intervals: the sum of those from each of the starts up to the next."""
        if not len(self):
            return self
        amounts = np.add.reduceat(self.amounts.astype(object), list(starts), axis=1)
        return Groups(self.labels, self.codes, amounts, self.scale, self.charges)

    def padded(self, before: int, after: int) -> Groups:
        """With so many intervals of nothing before and after."""
        if not len(self):
            return self
        many, wide = self.amounts.shape
        amounts = np.full((many, before + wide + after), 0, dtype=self.amounts.dtype)
        amounts[:, before : before + wide] = self.amounts
        return Groups(self.labels, self.codes, amounts, self.scale, self.charges)


def _ranks(labels: Sequence[str]) -> Ints:
    """Each label's place in the order of all."""
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[sorted(range(len(labels)), key=labels.__getitem__)] = np.arange(len(labels))
    return ranks


def joined(parts: Iterable[Groups]) -> Groups:
    """Equal keys of several added up, exactly; all of as many intervals."""
    filled = [groups for groups in parts if len(groups)]
    if len(filled) <= 1:
        return filled[0] if filled else Groups.of([])
    return _added(filled)


def renamed(groups: Groups, names: Sequence[Mapping[str, str]]) -> Groups:
    """With some labels of each part of the keys called otherwise; keys that become equal are added up."""
    if not len(groups) or not any(names):
        return groups
    changed = [
        [known.get(label, label) for label in labels] for labels, known in zip(groups.labels, names, strict=False)
    ]
    labels = [*changed, *groups.labels[len(changed) :]]
    return _added([Groups(labels, groups.codes, groups.amounts, groups.scale, groups.charges)])


def _added(filled: Sequence[Groups]) -> Groups:
    columns = [_renumbered(place, filled) for place in range(len(filled[0].labels))]
    combined = np.zeros(sum(map(len, filled)), dtype=np.int64)
    for labels, codes in columns:
        combined = combined * len(labels) + codes
    order = np.argsort(combined, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(combined[order]) != 0])
    amounts, scale = _alike(filled)
    return Groups(
        [labels for labels, _ in columns],
        [codes[order][starts] for _, codes in columns],
        np.add.reduceat(amounts[order], starts),
        scale,
        np.add.reduceat(np.concatenate([part.charges for part in filled])[order], starts),
    )


def beside(now: Groups, then: Groups) -> Groups:
    """Groups of one interval each side by side: what only one has is nothing in the other."""
    return joined([now.padded(0, 1), then.padded(1, 0)]) if len(now) or len(then) else now


def _renumbered(place: int, parts: Sequence[Groups]) -> tuple[list[str], Ints]:
    """One part of the key in all: the labels there are, and each group's."""
    labels = sorted({label for part in parts for label in part.labels[place]})
    numbers = {label: n for n, label in enumerate(labels)}
    maps = [np.array([numbers[label] for label in part.labels[place]], dtype=np.int64) for part in parts]
    return labels, np.concatenate([known[part.codes[place]] for known, part in zip(maps, parts, strict=True)])


def _alike(parts: Sequence[Groups]) -> tuple[Ints, int]:
    """All amounts below each other, at one scale, with room to add them up."""
    scales = {part.scale for part in parts}
    if len(scales) == 1 and all(part.amounts.dtype != object for part in parts):
        stacked = np.concatenate([part.amounts for part in parts])
        if max(int(stacked.max()), -int(stacked.min())) < _ROOM // len(parts):
            return stacked, scales.pop()
    return np.concatenate([part.amounts.astype(object) * part.scale for part in parts]), 1
