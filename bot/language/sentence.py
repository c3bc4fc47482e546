"""One sentence as its phrases, with means to look around in it, and the draft that the passes fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.domain.period import Grain
from bot.domain.question import Charges, Filter, Metric, Quantity, Threshold
from bot.language.meanings import Meaning, Role
from bot.language.segment import Item
from bot.language.vocabulary import Vocabulary

BARE: Final = frozenset(
    ("the", "a", "an", "our", "my", "your", "all", "any", "of", "single", "individual", "different", "own", "various")
)
"""Words that stand between two others and change neither."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A name that was read in one dimension and could be meant in another."""

    dimension: str
    other: str
    values: tuple[str, ...]
    exclude: bool


@dataclass(slots=True)
class Draft:
    """What the sentence says, before defaults; None and empty where it says nothing."""

    by: list[str] = field(default_factory=list)
    grain: Grain | None = None
    metric: Metric | None = None
    charges: Charges | None = None
    where: list[Filter] = field(default_factory=list)
    top: int | None = None
    ranked: bool = False
    threshold: Threshold | None = None
    quantities: list[Quantity] = field(default_factory=list)
    currency: str | None = None
    unit: str | None = None
    asked: bool = False
    """The breakdown was asked for with "which"."""
    named: bool = False
    """What to rank was named, and is not implied."""
    plural: bool = False
    """It was named in the plural."""
    all_of: set[str] = field(default_factory=set)
    """Dimensions of which "all" was said."""
    choices: list[Choice] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Sentence:
    """The phrases from left to right. A pass marks what it understood as ``used``."""

    def __init__(self, items: list[Item], vocabulary: Vocabulary) -> None:
        self.items, self.vocabulary = items, vocabulary
        self.draft = Draft()
        self.beside_of: dict[int, str] = {}
        """The dimension named beside a phrase, by the phrase's start."""

    def at(self, item: Item, step: int) -> Item | None:
        """The phrase directly to the right (1) or left (-1)."""
        index = self.items.index(item) + step
        return self.items[index] if 0 <= index < len(self.items) else None

    def beside(self, item: Item, step: int, skip: Callable[[Item], bool] | None = None) -> Item | None:
        """The next phrase in a direction, articles and what ``skip`` names passed over."""
        index = self.items.index(item) + step
        while 0 <= index < len(self.items):
            found = self.items[index]
            if not (found.said in BARE or (skip and skip(found))):
                return found
            index += step
        return None

    def having(self, role: Role) -> list[tuple[Item, Meaning]]:
        """The free phrases that can play a role, and what they mean in it."""
        return [(item, meaning) for item in self.items if item.free and (meaning := item.get(role))]

    def any(self, *roles: Role) -> bool:
        """Whether a phrase can play one of the roles, used or not."""
        return any(item.has(role) for item in self.items for role in roles)

    def says(self, *phrases: str) -> bool:
        """Whether one of these was typed as a phrase of its own."""
        return any(item.said in phrases for item in self.items)


def is_tag_word(item: Item) -> bool:
    """As in "tag", "labels"."""
    dim = item.get(Role.DIM)
    return dim is not None and dim.value == ("Tags",)


def is_equals(item: Item) -> bool:
    """As in "=", ":", "called"."""
    return item.has(Role.EQUALS)


def asks(item: Item | None) -> bool:
    """As in "by", "which", "each": what follows is asked for, not named."""
    return item is not None and (item.has(Role.BY) or item.has(Role.EACH) or item.has(Role.WHICH))


def joins(item: Item) -> bool:
    """As in "and", "vs", "+"."""
    return any(item.has(role) for role in (Role.AND, Role.VERSUS, Role.TO, Role.DASH))
