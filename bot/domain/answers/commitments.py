"""How commitments reach and are used, and what vendors recommend. Amounts are exact; ratios are for whoever draws."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from msgspec import Struct, field

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.savings import SavedShare
from bot.domain.commitments import Action, Recommendation
from bot.domain.period import Period


class Reach(Struct, frozen=True):
    """A coverage or a utilization: ``part`` of ``whole``, in ``unit`` (a currency, or ``Hours``), over ``days``.

    ``open_cost`` is the money beside it: usage left at on-demand prices, or paid for commitments that nothing used;
    None where it is not known.
    """

    part: Decimal
    whole: Decimal
    unit: str
    open_cost: Decimal | None
    days: Period

    @property
    def ratio(self) -> Decimal | None:
        """From 0 to 1, to four places; None of nothing."""
        return SavedShare(self.part, self.whole).ratio


class CommitmentLine(Struct, frozen=True):
    """One program of one source, for one value of the breakdown.

    ``service`` is the one that reservations are of, ``""`` where the program is not split so. ``reported`` is the day
    on which the vendor reported it, None where it was computed from charges.
    """

    source: str
    program: str
    service: str
    key: Mapping[str, str]
    currency: str
    coverage: Reach | None = None
    utilization: Reach | None = None
    reported: date | None = None


class CommitmentsAnswer(AnswerBasis, frozen=True, kw_only=True):
    """How commitments reach and are used: the line with the most money beside it first.

    ``without`` are the sources whose vendors say that they have no commitments, or whose charges show none.
    """

    kind: ClassVar[str] = "commitments"

    lines: tuple[CommitmentLine, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {line.currency for line in self.lines}


class RecommendedItem(Struct, frozen=True):
    """One recommendation: of which source, and what its account is called."""

    source: str
    item: Recommendation
    account: str


class RecommendedTotal(Struct, frozen=True):
    """What recommendations save a month in one currency.

    ``amount`` is what all of them save together where their vendors say so, else their sum; ``overlap`` is by how much
    the sum is more, since some exclude each other. ``by_kind`` has how many there are of a kind, and their sum.
    """

    currency: str
    amount: Decimal
    overlap: Decimal
    by_kind: Mapping[Action, tuple[int, Decimal]] = field(default_factory=dict)


class RecommendationsAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What vendors recommend, the largest savings first."""

    kind: ClassVar[str] = "recommendations"

    items: tuple[RecommendedItem, ...] = ()
    totals: tuple[RecommendedTotal, ...] = ()
    reported: Mapping[str, date] = field(default_factory=dict)
    """When each source reported; one that is here and has no items recommends nothing."""

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {total.currency for total in self.totals}
