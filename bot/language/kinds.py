"""Which kind of question it is: a table of rules, the first that holds decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.language.compose import Composer
from bot.language.meanings import Role
from bot.language.segment import Item

_OPENERS: Final = frozenset({Role.FILLER, Role.THAT, Role.AND, Role.SHOW})


class Signs:
    """What the phrases of a sentence say about its kind."""

    def __init__(self, composer: Composer, *, ahead: bool) -> None:
        self._composer = composer
        self._items = composer.items
        self.ahead = ahead
        self.kinds: dict[str, list[Item]] = {}
        for item in self._items:
            meaning = item.get(Role.KIND)
            if meaning:
                self.kinds.setdefault(meaning.value, []).append(item)

    def says(self, kind: str) -> bool:
        """Whether a word for the kind is there."""
        return kind in self.kinds

    def texts(self, kind: str) -> set[str]:
        """The words for the kind."""
        return {item.text.casefold() for item in self.kinds.get(kind, ())}

    def has(self, role: Role) -> bool:
        """Whether any phrase plays the role."""
        return self._composer.any(role)

    @property
    def orders(self) -> bool:
        """Whether the sentence tells to do something: an imperative at its head."""
        for item in self._items:
            meaning = item.get(Role.KIND)
            if item.has(Role.SHOW):
                return False
            if meaning and meaning.value == "order":
                return True
            if not any(each.role in _OPENERS for each in item.meanings):
                return False
        return False

    @property
    def priced(self) -> bool:
        """Whether a model or SKU is named."""
        return any(name in item.matches for item in self._items for name in ("x_Model", "SkuId"))

    @property
    def changed(self) -> bool:
        """Whether a change or a spike is spoken of."""
        return self.has(Role.CHANGE) or self.says("anomalies")

    @property
    def spends(self) -> bool:
        """Whether money is spoken of."""
        return any(
            item.has(Role.SPEND) and item.text.casefold() not in {"usage", "consumption"} for item in self._items
        )

    @property
    def lists(self) -> bool:
        """Whether the names themselves are asked for."""
        c = self._composer
        if c.draft.threshold or c.draft.ranked or self.spends or c.draft.metric or c.draft.charges:
            return False
        dims = [item for item in self._items if item.has(Role.DIM)]
        if not dims:
            return False
        asked = self.has(Role.WHICH) and self.has(Role.EXIST)
        tags = any(item.get(Role.DIM).value == ("Tags",) for item in dims)  # type: ignore[union-attr]
        every = self.has(Role.SHOW) and c.says("all", "all our", "all the", "all of our", "all my") and not self.has(Role.WHEN)
        tags = tags or every
        bare = not self.has(Role.BY) and (self.has(Role.SHOW) or self.has(Role.WHICH)) and tags
        return (
            self.has(Role.LIST)
            or asked
            or bare
            or (self.has(Role.EXIST) and any(item.text.casefold() == "how many" for item in self._items))
        )


_RULES: Final[tuple[tuple[str, Callable[[Signs], bool]], ...]] = (
    ("unsupported", lambda s: s.orders or s.says("foreign")),
    ("savings", lambda s: s.says("savings") and not (s.texts("advice") - {"cheaper"}) and not s.says("why")),
    ("unsupported", lambda s: s.says("advice")),
    ("budgets", lambda s: s.says("budgets")),
    ("price", lambda s: s.says("price") and s.priced),
    ("explain", lambda s: s.says("why") or (s.says("cause") and s.changed)),
    ("forecast", lambda s: s.says("forecast") or s.ahead),
    ("freshness", lambda s: s.says("freshness")),
    ("anomalies", lambda s: s.says("anomalies")),
    ("values", lambda s: s.lists),
)


def kind_of(signs: Signs) -> str:
    """The kind of the question."""
    return next((kind for kind, holds in _RULES if holds(signs)), "cost")
