"""What vendors report of commitments (savings plans, reservations, committed use), and what they recommend.

Both are the vendor's own figures beside its bill; amounts are exact as reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from msgspec import Struct, field

from bot.domain.period import Period

COMMITMENTS, RECOMMENDATIONS = "commitments", "recommendations"
"""Stand for a feed in notes on what could not be brought of either."""
SAVINGS_PLANS, RESERVATIONS, COMMITTED_USE = "Savings Plans", "Reservations", "Committed use discounts"
"""Programs of commitments, as answers name them."""
CommitmentMeasure = Literal["coverage", "utilization"]
"""Coverage: how much usage commitments pay for. Utilization: how much of the commitments is used."""


class CommitmentRow(Struct, frozen=True):
    """One value of a statement: ``part`` of ``whole`` is covered (or used), both in the statement's unit.

    ``open_cost`` is the money beside it: usage left at on-demand prices, or paid for commitments that nothing used;
    None where the vendor does not say.
    """

    value: str
    part: Decimal
    whole: Decimal
    open_cost: Decimal | None


class CommitmentStatement(Struct, frozen=True):
    """One reply of a vendor on one program over days of one month; a newer one for the month replaces it.

    ``service`` is the one it is about, ``""`` for all that the program covers; ``dimension`` is the FOCUS column by
    whose values the rows are split, ``""`` for one row of everything. ``unit`` is a currency, or ``Hours``.
    """

    program: str
    measure: CommitmentMeasure
    service: str
    dimension: Literal["", "SubAccountId", "ServiceName", "RegionId"]
    period: Period
    unit: str
    currency: str
    rows: tuple[CommitmentRow, ...]


class StoredStatement(Struct, frozen=True):
    """A statement as the ledger keeps it: of which source, and reported on which day."""

    source: str
    statement: CommitmentStatement
    reported: date


Action = Literal["idle", "rightsizing", "commitment", "upgrade", "other"]
"""What a recommendation comes down to: stop or delete, make smaller, buy a commitment, move to a newer kind."""


class Recommendation(Struct, frozen=True):
    """One thing that a vendor recommends. ``savings`` is its estimate for a month, in ``currency``.

    ``action`` is the vendor's own word, ``kind`` what it comes down to. What the vendor does not give is ``""``, None.
    """

    id: str
    kind: Action
    action: str
    savings: Decimal
    currency: str
    account: str = ""
    region: str = ""
    resource: str = ""
    resource_type: str = ""
    service: str = ""
    effort: str = ""
    cost: Decimal | None = None
    current: str = ""
    recommended: str = ""
    refreshed: date | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class RecommendationReport(Struct, frozen=True):
    """Everything that a vendor recommends now.

    ``together`` is what all of it saves by currency, where the vendor says so: less than the sum where recommendations
    exclude each other.
    """

    recommendations: Sequence[Recommendation]
    together: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    reported: date | None = None
