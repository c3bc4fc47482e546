"""The weighted chart: every part that the grammar finds in a lattice, and the cheapest covers of the sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from bot.language.grammar import Grammar, Production, Value
from bot.language.lattice import Lattice

REJECTED: Final = object()
"""What a constructor gives where its elements do not fit together: the production does not hold."""
_SKIP_COST: Final = 0.2
_FUNCTION_COST: Final = 1.6
_UNKNOWN_COST: Final = 60.0
_ABSENT_COST: Final = 5.0
"""Of a name that is known from elsewhere and not in the ledger: the words are not to be read apart."""
_TORN_COST: Final = 70.0
"""Of cutting a name at its hyphen: dearer than not knowing the word."""
_ALTERNATIVES: Final = 3
"""Edges of one symbol that are kept between two places."""
COVERS: Final = 8
"""Covers of a sentence that are tried."""


class Slot(NamedTuple):
    """What a part says: the slot, its value, and the tokens that said it."""

    name: str
    value: Value
    start: int
    end: int


class ChartEdge(NamedTuple):
    """A symbol found between two places, with what it says."""

    name: str
    start: int
    end: int
    cost: float
    value: Value
    slots: tuple[Slot, ...]
    children: tuple[ChartEdge, ...] = ()


class Cover(Struct, frozen=True):
    """The sentence as a row of parts, function words and unknown words."""

    cost: float
    parts: tuple[ChartEdge, ...]

    @property
    def unknown(self) -> tuple[ChartEdge, ...]:
        """The words that mean nothing."""
        return tuple(part for part in self.parts if part.name == "unknown")

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Everything that the parts say, from left to right."""
        return tuple(slot for part in self.parts for slot in part.slots)


class ParseChart:
    """Finds the parts of one lattice; each symbol at each place once."""

    def __init__(self, lattice: Lattice, grammar: Grammar) -> None:
        self._lattice, self._grammar = lattice, grammar
        self._edges: dict[tuple[str, int], list[ChartEdge]] = {}
        self._possible = [grammar.possible(lattice.symbols_at(at)) for at in range(len(lattice.tokens) + 1)]

    def covers(self) -> list[Cover]:
        """The cheapest rows of parts over all tokens, cheapest first."""
        count = len(self._lattice.tokens)
        best: list[list[tuple[float, int, int, ChartEdge | None]]] = [[] for _ in range(count + 1)]
        best[0] = [(0.0, 0, 0, None)]
        for at in range(count):
            if not best[at]:
                continue
            best[at] = sorted(best[at], key=lambda entry: entry[0])[:COVERS]
            torn = _TORN_COST if at in self._lattice.joints else 0.0
            for edge in self._from(at):
                for rank, entry in enumerate(best[at]):
                    best[edge.end].append((entry[0] + edge.cost + torn, at, rank, edge))
        best[count] = sorted(best[count], key=lambda entry: entry[0])[:COVERS]
        return [self._row(best, count, rank) for rank in range(len(best[count]))]

    def _row(self, best: list[list[tuple[float, int, int, ChartEdge | None]]], at: int, rank: int) -> Cover:
        cost = best[at][rank][0]
        parts: list[ChartEdge] = []
        while at:
            _, at, rank, edge = best[at][rank]
            assert edge is not None  # noqa: S101 - only the start has none
            parts.append(edge)
        return Cover(cost, tuple(reversed(parts)))

    def _from(self, at: int) -> Iterator[ChartEdge]:
        yield from self.edges("part", at)
        for end in self._lattice.function_ends(at):
            yield ChartEdge("function", at, end, _FUNCTION_COST, None, ())
        for end in self._lattice.absent.get(at, ()):
            yield ChartEdge("unknown", at, end, _ABSENT_COST, None, ())
        if self._lattice.is_sign(at):
            yield ChartEdge("sign", at, at + 1, 0.1, None, ())
        else:
            yield ChartEdge("unknown", at, self._lattice.unknown_end(at), _UNKNOWN_COST, None, ())

    def edges(self, symbol: str, at: int) -> list[ChartEdge]:
        """Every edge of a symbol that begins at a place, cheapest first."""
        key = (symbol, at)
        known = self._edges.get(key)
        if known is not None:
            return known
        self._edges[key] = []  # a pattern that begins with its own symbol finds nothing there
        if self._grammar.is_terminal(symbol):
            found = [
                ChartEdge(symbol, at, end, cost, value, ()) for end, value, cost in self._lattice.terminals(symbol, at)
            ]
        else:
            found = []
            for production in self._grammar.beginning_with(symbol, self._lattice.symbols_at(at)):
                found.extend(self._match(production, at))
            found = _cheapest(found)
        self._edges[key] = found
        return found

    def _match(self, production: Production, at: int) -> Iterator[ChartEdge]:
        pattern, last = production.pattern, len(production.pattern)
        stack: list[tuple[int, int, float, tuple[ChartEdge | None, ...]]] = [(0, at, 0.0, ())]
        while stack:
            place, here, cost, children = stack.pop()
            if place == last:
                if edge := self._edge(production, at, here, cost, children):
                    yield edge
                continue
            element = pattern[place]
            if element.optional:
                stack.append((place + 1, here, cost, (*children, None)))
            starts = self._lattice.skips(here) if here != at else ((here, 0),)
            for start, skipped in starts:
                possible = self._possible[start]
                for symbol in element.symbols:
                    if symbol not in possible:
                        continue
                    for child in self.edges(symbol, start):
                        spent = cost + child.cost + skipped * _SKIP_COST
                        stack.append((place + 1, child.end, spent, (*children, child)))

    def _edge(
        self, production: Production, at: int, end: int, cost: float, children: Sequence[ChartEdge | None]
    ) -> ChartEdge | None:
        if end == at:
            return None
        values = [child.value if child is not None else None for child in children]
        slots = [slot for child in children if child is not None for slot in child.slots]
        for name, evaluate in production.slots:
            value = evaluate(values)
            if value is REJECTED:
                return None
            if value is not None:
                slots.append(Slot(name, value, at, end))
        value = production.value(values) if production.value else None
        if value is REJECTED:
            return None
        inner = tuple(child for child in children if child is not None)
        return ChartEdge(production.name, at, end, cost + production.cost, value, tuple(slots), inner)


def _cheapest(found: list[ChartEdge]) -> list[ChartEdge]:
    """The cheapest few edges to each place."""
    found.sort(key=lambda edge: edge.cost)
    kept: dict[int, int] = {}
    edges = []
    for edge in found:
        if kept.get(edge.end, 0) < _ALTERNATIVES:
            kept[edge.end] = kept.get(edge.end, 0) + 1
            edges.append(edge)
    return edges
