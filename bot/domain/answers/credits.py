"""Credits that a vendor granted: what is left of them, and when they run out.

``used_up`` is the day on which a grant will be used up at the recent pace (``pace.used`` in ``pace.days`` days, of all
credits of the source); ``lost`` what will expire unused, None where no day tells what is used. Both are estimates; the
other amounts are exact. Of one that has expired nothing is left, and what was is lost.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal, NamedTuple

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Line, Total
from bot.domain.answers.notes import NoCreditsLeft


class CreditGrant(Struct, frozen=True):
    """A grant and what is left of it. ``only`` names what it is good for, where that is not everything."""

    source: str
    name: str
    currency: str
    left: Decimal
    granted: Decimal | None = None
    start: date | None = None
    expires: date | None = None
    only: str = ""
    reported_by: Literal["vendor", "you"] = "vendor"
    reported: date | None = None
    """The day of the vendor's word."""


class UsePace(NamedTuple):
    """What was used in so many days."""

    used: Decimal
    days: int


class CreditBalance(Struct, frozen=True):
    """What becomes of a grant; see the module for its fields."""

    grant: CreditGrant
    pace: UsePace
    used_up: date | None
    lost: Decimal | None


class CreditsAnswer(AnswerBasis, frozen=True, kw_only=True):
    """The grants, and the credits used in a period by provider and name."""

    kind: ClassVar[str] = "credits"

    totals: tuple[Total, ...] = ()
    lines: tuple[Line, ...] = ()
    balances: tuple[CreditBalance, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {total.currency for total in self.totals if total.currency} | {
            balance.grant.currency for balance in self.balances
        }

    @property
    def none_left(self) -> tuple[NoCreditsLeft, ...]:
        """The vendors that say that no credits are left."""
        return tuple(note for note in self.notes if isinstance(note, NoCreditsLeft))
