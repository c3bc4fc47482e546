"""What commitments, discounts and credits saved, and how well commitments are used.

FOCUS has four prices for one charge: ``ListCost``, ``ContractedCost`` (after negotiated rates), ``EffectiveCost``
(after commitments, their fees spread) and ``BilledCost``. Savings as JSON::

    {"currency", "negotiated", "commitments", "unused", "discounts", "credits", "refunds", "total",
     "coverage", "utilisation", "unknown": [words]}

``negotiated`` is list less contracted; ``commitments`` contracted less effective of what they cover, less
``unused``, what was paid for commitments nobody used; ``discounts`` the same of what no commitment covers;
``credits`` and ``refunds`` what they took off the bill. ``coverage`` is the part of the usage that could be covered
(of services where commitments cover anything, spot left out) that is, at contracted prices; ``utilisation`` the
part of the commitments that was used. What a feed does not know is null, is named in ``unknown``, and is left
out of ``total``. Amounts are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

from bot.costs.cell import MoneyFormat, plain_money
from bot.costs.charge import is_credit
from bot.costs.money import plain, total

_PARTS = Decimal("0.0001")
_AMOUNTS = ("negotiated", "commitments", "unused", "discounts", "credits", "refunds")
_RECENT = 28


class Costs(NamedTuple):
    """The four costs of one value (or tuple) of the dimensions, in one currency."""

    key: tuple[str, ...]
    currency: str
    list_cost: Decimal
    contracted_cost: Decimal
    effective_cost: Decimal
    billed_cost: Decimal


@dataclass(frozen=True)
class Savings:
    """One currency's savings; None is not known. See the module for the fields."""

    currency: str
    negotiated: Decimal | None
    commitments: Decimal | None
    unused: Decimal | None
    discounts: Decimal | None
    credits: Decimal | None
    refunds: Decimal | None
    coverage: Decimal | None
    utilisation: Decimal | None
    unknown: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """All that is known to be saved; ``unused`` is within ``commitments`` already."""
        parts = (self.negotiated, self.commitments, self.discounts, self.credits, self.refunds)
        return total([each for each in parts if each is not None])

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        names = (*_AMOUNTS, "total", "coverage", "utilisation")
        amounts = {name: None if (value := getattr(self, name)) is None else plain(value) for name in names}
        return {"currency": self.currency, **amounts, "unknown": list(self.unknown)}

    def sentence(self, money: MoneyFormat = plain_money) -> str:
        """The total, its parts, and what is not known."""
        parts = [
            f"{money(value, self.currency)} by {word}"
            for name, word in _WORDS.items()
            if (value := getattr(self, name))
        ]
        saved = f"{money(self.total, self.currency)} saved" + (f": {', '.join(parts)}" if parts else "")
        used = f"; {100 * self.utilisation:.0f} % of the commitments used" if self.utilisation is not None else ""
        unknown = f"; not known: {', '.join(self.unknown)}" if self.unknown else ""
        return saved + used + unknown


_WORDS = {
    "negotiated": "negotiated rates",
    "commitments": "commitments",
    "discounts": "discounts",
    "credits": "credits",
    "refunds": "refunds",
}


def savings(dimensions: Sequence[str], rows: Iterable[Costs], known: Collection[str]) -> tuple[Savings, ...]:
    """What was saved, one entry a currency.

    ``known`` are the metrics that the feed really tells (a feed without ``ListCost`` copies the bill into it).
    The parts need the dimensions ``ChargeCategory``, ``CommitmentDiscountStatus`` and, for the coverage,
    ``PricingCategory`` and ``ServiceName``.
    """
    by_currency: dict[str, list[tuple[Mapping[str, str], Costs]]] = {}
    for row in rows:
        told = dict(zip(dimensions, row.key, strict=True))
        by_currency.setdefault(row.currency, []).append((told, row))
    return tuple(
        _savings(currency, each, set(known), set(dimensions)) for currency, each in sorted(by_currency.items())
    )


_Rows = list[tuple[Mapping[str, str], Costs]]


def _savings(currency: str, rows: _Rows, known: set[str], dimensions: set[str]) -> Savings:
    told = known & {"ListCost", "ContractedCost", "EffectiveCost"}
    sorts = "ChargeCategory" in dimensions
    statuses = sorts and "CommitmentDiscountStatus" in dimensions and {"ContractedCost", "EffectiveCost"} <= told
    usage = [(key, row) for key, row in rows if key.get("ChargeCategory") == "Usage"]
    covered = [(key, row) for key, row in usage if key.get("CommitmentDiscountStatus")]
    used = [(key, row) for key, row in covered if key["CommitmentDiscountStatus"] == "Used"]
    unused = total([row.effective_cost for key, row in covered if key["CommitmentDiscountStatus"] == "Unused"])
    plain_usage = [(key, row) for key, row in usage if not key.get("CommitmentDiscountStatus")]
    negotiated = sorts and {"ListCost", "ContractedCost"} <= told
    found = {
        "negotiated": _less(usage, "list_cost", "contracted_cost") if negotiated else None,
        "commitments": _less(used, "contracted_cost", "effective_cost") - unused if statuses else None,
        "unused": unused if statuses else None,
        "discounts": _less(plain_usage, "contracted_cost", "effective_cost") if statuses else None,
        "credits": _taken_off(rows, "Credit") if sorts else None,
        "refunds": _taken_off(rows, "Adjustment") if sorts else None,
        "coverage": _coverage(usage) if statuses and {"PricingCategory", "ServiceName"} <= dimensions else None,
        "utilisation": _part(total([row.effective_cost for _, row in used]), unused) if statuses else None,
    }
    unknown = tuple(name for name in ("negotiated", "commitments", "discounts", "credits") if found[name] is None)
    return Savings(currency=currency, **found, unknown=unknown)


def _less(rows: _Rows, more: str, less: str) -> Decimal:
    return total([getattr(row, more) for _, row in rows] + [-getattr(row, less) for _, row in rows])


def _taken_off(rows: _Rows, category: str) -> Decimal:
    return total(
        [
            -row.billed_cost
            for key, row in rows
            if key["ChargeCategory"] == category and is_credit(category, row.billed_cost)
        ]
    )


def _coverage(usage: _Rows) -> Decimal | None:
    """Over the services in which commitments cover anything; spot usage cannot be covered."""
    used = [(key["ServiceName"], row) for key, row in usage if key.get("CommitmentDiscountStatus") == "Used"]
    services = {service for service, _ in used}
    open_ = [
        row.contracted_cost
        for key, row in usage
        if key["ServiceName"] in services
        and not key.get("CommitmentDiscountStatus")
        and key["PricingCategory"] == "Standard"
    ]
    return _part(total([row.contracted_cost for _, row in used]), total(open_))


def _part(share: Decimal, rest: Decimal) -> Decimal | None:
    whole = share + rest
    return (share / whole).quantize(_PARTS) if whole > 0 else None


@dataclass(frozen=True)
class Grant:
    """Credits that a vendor granted, as far as it tells."""

    source: str
    name: str
    currency: str
    left: Decimal
    expires: date | None = None


@dataclass(frozen=True)
class Outlook:
    """When a grant is used up at the pace of late, or expires before; what is ``lost`` then is an estimate."""

    grant: Grant
    used_up: date | None
    lost: Decimal

    def as_json(self) -> dict[str, Any]:
        """Keys ``source``, ``name``, ``currency``, ``left``, ``expires``, ``used_up``, ``lost``."""
        return {
            "source": self.grant.source,
            "name": self.grant.name,
            "currency": self.grant.currency,
            "left": plain(self.grant.left),
            "expires": self.grant.expires.isoformat() if self.grant.expires else None,
            "used_up": self.used_up.isoformat() if self.used_up else None,
            "lost": plain(self.lost),
        }


def outlook(grant: Grant, today: date, used: Sequence[Decimal]) -> Outlook:
    """What becomes of a grant, if it is used as on the last four weeks' days (``used``, positive amounts)."""
    recent = used[-_RECENT:]
    pace = total(list(recent)) / len(recent) if recent else Decimal(0)
    if grant.left <= 0:
        return Outlook(grant, today, Decimal(0))
    until = today + timedelta(days=ceil(grant.left / pace)) if pace > 0 else None
    if grant.expires is None or (until and until <= grant.expires):
        return Outlook(grant, until, Decimal(0))
    lost = grant.left - pace * (grant.expires - today).days
    return Outlook(grant, None, max(lost, Decimal(0)).quantize(Decimal("0.01")))
