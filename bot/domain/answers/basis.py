"""What every answer carries, whatever its kind."""

from __future__ import annotations

from msgspec import Struct, field

from bot.domain.answers.figures import Requests
from bot.domain.answers.gaps import Gap
from bot.domain.answers.notes import Note
from bot.domain.feed import Freshness


class AnswerBasis(Struct, frozen=True, kw_only=True):
    """What an answer rests on: freshness of its sources, what is missing, facts beside it, requests made for it."""

    as_of: tuple[Freshness, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Note, ...] = ()
    requests: Requests = field(default_factory=Requests)

    @property
    def billed_in(self) -> set[str]:
        """The currencies of figures that are not converted, for kinds whose figures never are."""
        return set()
