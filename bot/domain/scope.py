"""What a person may see: every number asked for them is narrowed to it, totals included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from bot.domain.question import Filter


class Scope(BaseModel):
    """Sources and values that may be seen; None and ``()`` are no restriction."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    sources: tuple[str, ...] | None = None
    where: tuple[Filter, ...] = ()
    team: str = ""
    """The workspace whose budgets are meant; it restricts no charges, so it makes no scope another."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and (self.sources, self.where) == (other.sources, other.where)

    def __hash__(self) -> int:
        return hash((self.sources, self.where))

    def within(self, other: Scope) -> Scope:
        """What lies in both."""
        if self.sources is None or other.sources is None:
            sources = other.sources if self.sources is None else self.sources
        else:
            sources = tuple(source for source in self.sources if source in other.sources)
        return Scope(sources=sources, where=(*self.where, *other.where), team=self.team or other.team)

    def covers(self, other: Scope) -> bool:
        """Whether all that the other lets see is seen here too, judged by what the two say."""
        if self.sources is not None and not (other.sources is not None and set(other.sources) <= set(self.sources)):
            return False
        return all(any(implies(condition, wanted) for condition in other.where) for wanted in self.where)

    def sees(self, source: str) -> bool:
        """Whether anything of the source may be seen."""
        return self.sources is None or source in self.sources


def implies(one: Filter, other: Filter) -> bool:
    """Whether all that passes the one filter passes the other."""
    if one.dimension != other.dimension:
        return False
    values, others = set(one.values), set(other.values)
    if one.exclude:
        return other.exclude and others <= values
    return not values & others if other.exclude else values <= others


EVERYTHING = Scope()
"""No restriction."""


class Named:
    """Something that people of a workspace give a name, which is theirs alone."""

    if TYPE_CHECKING:  # the models that take this over have them as fields, in their own order
        name: str
        team: str
        id: str

    @property
    def handle(self) -> str:
        """Its name, and what tells it from another one of that name."""
        return f"{self.name}#{self.id}" if self.id else self.name

    @property
    def key(self) -> str:
        """What it is kept under."""
        return f"{self.team}:{self.handle}"
