"""The productions of ``grammar.toml``, compiled: which symbols follow each other, and the slots that each fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final, NamedTuple

from msgspec import Struct

from bot.table_cache import read_table

Value = Any
"""What a symbol stands for: a word's value, a date, names of the ledger, or a tagged tuple of such."""
Constructor = Callable[..., Value]
_NONE: Final[frozenset[str]] = frozenset()
_BASE_COST: Final = 3.0


class Element(Struct, frozen=True):
    """One place of a pattern: any of these symbols, or a literal word (in quotes); perhaps none."""

    symbols: tuple[str, ...]
    optional: bool


class Rule(NamedTuple):
    """A pattern as the file has it; ``slots`` and ``value`` say what is computed, None of nothing."""

    name: str
    symbol: str
    pattern: tuple[Element, ...]
    slots: tuple[tuple[str, Value], ...]
    value: Value | None
    cost: float


class Production(Struct, frozen=True, eq=False):
    """A symbol, the pattern that makes it, the value it then has and the slots it fills."""

    name: str
    symbol: str
    pattern: tuple[Element, ...]
    slots: tuple[tuple[str, Callable[[Sequence[Value]], Value]], ...]
    value: Callable[[Sequence[Value]], Value] | None
    cost: float
    place: int
    """Where it stands in the file; of two that cost alike the first is taken."""


class Grammar(Struct, frozen=True, dict=True):
    """Productions by their symbol and by the terminals that each may begin with."""

    productions: dict[str, tuple[Production, ...]]
    literals: frozenset[str] = frozenset()

    def beginning_with(self, symbol: str, terminals: frozenset[str]) -> list[Production]:
        """The productions of a symbol that may begin with one of these terminals."""
        table = self._by_terminal.get(symbol, {})
        found: dict[Production, None] = {}
        for terminal in terminals:
            for production in table.get(terminal, ()):
                found[production] = None
        return sorted(found, key=_place)

    def possible(self, terminals: frozenset[str]) -> set[str]:
        """The symbols, of patterns or not, that may begin with one of these terminals."""
        found = set(terminals)
        for terminal in terminals:
            found |= self._beginning.get(terminal, _NONE)
        return found

    @cached_property
    def _beginning(self) -> dict[str, frozenset[str]]:
        """By terminal, the symbols of patterns that may begin with it."""
        found: dict[str, set[str]] = {}
        for symbol, terminals in self._first.items():
            for terminal in terminals:
                found.setdefault(terminal, set()).add(symbol)
        return {terminal: frozenset(symbols) for terminal, symbols in found.items()}

    def is_terminal(self, symbol: str) -> bool:
        """Whether a symbol is that of words, names, numbers or dates, and not of a pattern."""
        return symbol not in self.productions

    @cached_property
    def _first(self) -> dict[str, set[str]]:
        """The terminals that each symbol may begin with."""
        first: dict[str, set[str]] = {symbol: set() for symbol in self.productions}
        changed = True
        while changed:
            changed = False
            for symbol, productions in self.productions.items():
                for production in productions:
                    for terminal in self._leading(production, first):
                        if terminal not in first[symbol]:
                            first[symbol].add(terminal)
                            changed = True
        return first

    def _leading(self, production: Production, first: Mapping[str, set[str]]) -> set[str]:
        leading: set[str] = set()
        for element in production.pattern:
            for symbol in element.symbols:
                leading |= first[symbol] if symbol in self.productions else {symbol}
            if not element.optional:
                break
        return leading

    @cached_property
    def _by_terminal(self) -> dict[str, dict[str, tuple[Production, ...]]]:
        index: dict[str, dict[str, list[Production]]] = {}
        for symbol, productions in self.productions.items():
            table = index.setdefault(symbol, {})
            for production in productions:
                for terminal in self._leading(production, self._first):
                    table.setdefault(terminal, []).append(production)
        return {
            symbol: {terminal: tuple(found) for terminal, found in table.items()} for symbol, table in index.items()
        }


@cache
def grammar(constructors: Callable[[], Mapping[str, Constructor]]) -> Grammar:
    """The shipped grammar, compiled once; ``constructors`` make the values whose first word is one of their names."""
    makers = constructors()
    productions: dict[str, list[Production]] = {}
    for place, rule in enumerate(rules()):
        productions.setdefault(rule.symbol, []).append(
            Production(
                rule.name,
                rule.symbol,
                rule.pattern,
                tuple((slot, _evaluator(spec, makers)) for slot, spec in rule.slots),
                None if rule.value is None else _evaluator(rule.value, makers),
                rule.cost,
                place,
            )
        )
    literals = {
        symbol[1:-1]
        for found in productions.values()
        for production in found
        for element in production.pattern
        for symbol in element.symbols
        if symbol.startswith("'")
    }
    return Grammar({symbol: tuple(found) for symbol, found in productions.items()}, frozenset(literals))


def rules() -> tuple[Rule, ...]:
    """Every pattern of the shipped grammar, in the order of the file."""
    return read_table(__file__, "grammar", tuple[Rule, ...], _read)


def _read(tables: Mapping[str, Any]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            name,
            (symbol := rule.get("symbol", "part")),
            _compile_pattern(pattern),
            _slots(rule.get("slots", {})),
            rule.get("value"),
            rule.get("cost", _BASE_COST if symbol == "part" else 0.0),
        )
        for name, found in tables.items()
        for rule in (found if isinstance(found, list) else [found])
        for pattern in rule["patterns"]
    )


def _slots(spec: Value) -> tuple[tuple[str, Value], ...]:
    """The slots of a rule: a table, or pairs where one slot is filled twice."""
    return tuple(spec.items()) if isinstance(spec, dict) else tuple((name, value) for name, value in spec)


def _place(production: Production) -> int:
    return production.place


def _compile_pattern(pattern: str) -> tuple[Element, ...]:
    elements = []
    for piece in pattern.split():
        optional = piece.endswith("?")
        elements.append(Element(tuple(piece.removesuffix("?").split("|")), optional))
    return tuple(elements)


def _evaluator(spec: Value, makers: Mapping[str, Constructor]) -> Callable[[Sequence[Value]], Value]:
    """What computes a value from those of a pattern's elements: ``$2`` is the second's; a list is a tagged tuple."""
    if isinstance(spec, str) and spec.startswith("$"):
        place = int(spec[1:]) - 1
        return lambda values: values[place] if place < len(values) else None
    if isinstance(spec, list):
        head, *rest = spec
        parts = [_evaluator(part, makers) for part in rest]
        maker = makers.get(head) if isinstance(head, str) else None
        if maker is not None:
            return lambda values: maker(*(part(values) for part in parts))
        return lambda values: (head, *(part(values) for part in parts))
    return lambda _values: spec
