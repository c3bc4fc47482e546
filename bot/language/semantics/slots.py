"""Everything that a sentence says, slot by slot; merged whatever its order, and refused where two parts disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from bot.domain.errors import NotUnderstood


class Unfit(NotUnderstood):
    """The parts of one parse do not fit together; those of another may."""


class Filling(Struct, frozen=True):
    """One value of a slot and the words that said it."""

    value: Any
    text: str
    start: int
    end: int = 0


class Slots:
    """What is said; whoever uses a slot takes it, and what nobody takes has no part in the question."""

    def __init__(self, filling: Iterable[tuple[str, Filling]]) -> None:
        self._fillings: dict[str, list[Filling]] = {}
        for name, value in filling:
            self._fillings.setdefault(name, []).append(value)
        self._taken: set[str] = set()

    def has(self, *names: str) -> bool:
        """Whether any of these slots is filled; that alone uses none of them."""
        return any(name in self._fillings for name in names)

    def peek(self, name: str) -> list[Filling]:
        """Every value of a slot, which uses none of them."""
        return self._fillings.get(name, [])

    def all(self, name: str) -> list[Filling]:
        """Every value of a slot, from left to right."""
        self._taken.add(name)
        return self._fillings.get(name, [])

    def flag(self, *names: str) -> bool:
        """Whether any of these slots is filled, and takes them."""
        found = self.has(*names)
        self._taken.update(names)
        return found

    def one(self, name: str) -> Any:  # noqa: ANN401 - of any slot
        """The value of a slot, or None.

        Raises:
            NotUnderstood: two parts of the sentence give it different values.
        """
        found = self.all(name)
        values: list[Any] = []
        for filling in found:
            if filling.value not in values:
                values.append(filling.value)
        if len(values) > 1:
            texts = list(dict.fromkeys(filling.text for filling in found))
            raise Unfit(
                f"{' and '.join(repr(text) for text in texts)} contradict each other.",
                "Ask for one of them at a time.",
                unknown=texts,
            )
        return values[0] if values else None

    def add(self, name: str, filling: Filling) -> None:
        """One more value of a slot."""
        self._fillings.setdefault(name, []).append(filling)

    def text(self, name: str) -> str:
        """The words that filled a slot."""
        return " ".join(filling.text for filling in self._fillings.get(name, []))

    def every(self) -> list[tuple[str, Filling]]:
        """Everything that is said."""
        return [(name, filling) for name, values in self._fillings.items() for filling in values]

    def remaining(self) -> list[tuple[str, Filling]]:
        """What nobody took."""
        left = [
            (name, filling) for name, values in self._fillings.items() if name not in self._taken for filling in values
        ]
        return sorted(left, key=lambda entry: entry[1].start)
