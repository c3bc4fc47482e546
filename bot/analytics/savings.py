"""What commitments, discounts and credits saved, and how well commitments are used.

FOCUS has four prices for one charge: ``ListCost``, ``ContractedCost`` (after negotiated rates), ``EffectiveCost``
(after commitments, their fees spread) and ``BilledCost``. Savings as JSON::

    {"currency", "negotiated", "commitments", "unused", "discounts", "credits", "refunds", "total",
     "coverage", "utilisation", "unknown": {part: [sources]}}

``negotiated`` is list less contracted; ``commitments`` contracted less effective of what they cover, less
``unused``, what was paid for commitments nobody used; ``discounts`` the same of what no commitment covers (of all
usage, where a source does not tell what commitments cover); ``credits`` and ``refunds`` what they took off the bill.
``coverage`` is the part of the usage that could be covered (of services where commitments cover anything, spot left
out) that is, at contracted prices; ``utilisation`` the part of the commitments that was used. A part is added up over
the sources that tell it; those that do not are named in ``unknown``, and where none does it is null and left out of
``total``. Amounts are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from bot.domain.charge import is_credit
from bot.domain.money import plain, total

PARTS = ("negotiated", "commitments", "discounts", "credits", "refunds")
"""What adds up to the total; ``unused`` is within ``commitments`` already."""
CREDIT = "Credit"
"""Among what a source tells: whether credits stand on its bill at all."""
_AMOUNTS = ("negotiated", "commitments", "unused", "discounts", "credits", "refunds")
_SHARES = ("covered", "used")
_DIGITS = Decimal("0.0001")


class Costs(NamedTuple):
    """The four costs of one value (or tuple) of the dimensions, in one currency."""

    key: tuple[str, ...]
    currency: str
    list_cost: Decimal
    contracted_cost: Decimal
    effective_cost: Decimal
    billed_cost: Decimal


class Share(NamedTuple):
    """A part and what it is a part of."""

    part: Decimal
    whole: Decimal

    @property
    def ratio(self) -> Decimal | None:
        """From 0 to 1, to four places; None of nothing."""
        return (self.part / self.whole).quantize(_DIGITS) if self.whole > 0 else None


_NONE = Share(Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Savings:
    """One currency's savings; None is not known. See the module for the fields."""

    currency: str
    negotiated: Decimal | None = None
    commitments: Decimal | None = None
    unused: Decimal | None = None
    discounts: Decimal | None = None
    credits: Decimal | None = None
    refunds: Decimal | None = None
    covered: Share = _NONE
    used: Share = _NONE
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """All that is known to be saved."""
        return total([each for name in PARTS if (each := getattr(self, name)) is not None])

    @property
    def coverage(self) -> Decimal | None:
        """The part of what could be covered that is; None where nothing could be, or nobody tells."""
        return self.covered.ratio

    @property
    def utilisation(self) -> Decimal | None:
        """The part of the commitments that was used; None where there are none, or nobody tells."""
        return self.used.ratio

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        names = (*_AMOUNTS, "total", "coverage", "utilisation")
        amounts = {name: None if (value := getattr(self, name)) is None else plain(value) for name in names}
        unknown = {part: list(sources) for part, sources in self.unknown.items()}
        return {"currency": self.currency, **amounts, "unknown": unknown}


def savings(
    source: str, dimensions: Sequence[str], rows: Iterable[Costs], known: Collection[str]
) -> tuple[Savings, ...]:
    """What was saved with one source, one entry a currency.

    ``known`` is what it really tells, of ``TELLING`` (a source without ``ListCost`` copies the bill into it) and
    ``CREDIT``. The parts need the dimensions ``ChargeCategory``, ``CommitmentDiscountStatus`` and, for the coverage,
    ``PricingCategory`` and ``ServiceName``.
    """
    by_currency: dict[str, _Rows] = {}
    for row in rows:
        told = dict(zip(dimensions, row.key, strict=True))
        by_currency.setdefault(row.currency, []).append((told, row))
    names = set(dimensions)
    known = set(known) if "ChargeCategory" in names else set()
    known -= {"CommitmentDiscountStatus"} - names
    return tuple(_savings(source, currency, each, known, names) for currency, each in sorted(by_currency.items()))


def together(parts: Iterable[Savings]) -> tuple[Savings, ...]:
    """What was saved with several sources, one entry a currency."""
    by_currency: dict[str, list[Savings]] = {}
    for each in parts:
        by_currency.setdefault(each.currency, []).append(each)
    return tuple(_together(currency, found) for currency, found in sorted(by_currency.items()))


def _together(currency: str, found: Sequence[Savings]) -> Savings:
    amounts: dict[str, Any] = {}
    for name in _AMOUNTS:
        if told := [value for each in found if (value := getattr(each, name)) is not None]:
            amounts[name] = total(told)
    shares: dict[str, Any] = {
        name: Share(*(total(list(column)) for column in zip(*(getattr(each, name) for each in found), strict=True)))
        for name in _SHARES
    }
    unknown = {
        name: lacking
        for name in PARTS
        if (lacking := tuple(source for each in found for source in each.unknown.get(name, ())))
    }
    return Savings(currency=currency, **amounts, **shares, unknown=unknown)


_Rows = list[tuple[Mapping[str, str], Costs]]


def _savings(source: str, currency: str, rows: _Rows, known: set[str], dimensions: set[str]) -> Savings:
    usage = [(key, row) for key, row in rows if key.get("ChargeCategory") == "Usage"]
    found: dict[str, Any] = {}
    if {"ListCost", "ContractedCost"} <= known:
        found["negotiated"] = _less(usage, "list_cost", "contracted_cost")
    if {"ContractedCost", "EffectiveCost"} <= known:
        uncovered = usage
        if "CommitmentDiscountStatus" in known:
            uncovered = [(key, row) for key, row in usage if not key["CommitmentDiscountStatus"]]
            found |= _committed(usage, dimensions)
        found["discounts"] = _less(uncovered, "contracted_cost", "effective_cost")
    if CREDIT in known:
        found["credits"] = _taken_off(rows, "Credit")
        found["refunds"] = _taken_off(rows, "Adjustment")
    unknown = {name: (source,) for name in PARTS if name not in found}
    return Savings(currency=currency, **found, unknown=unknown)


def _committed(usage: _Rows, dimensions: set[str]) -> dict[str, Any]:
    used = [(key, row) for key, row in usage if key["CommitmentDiscountStatus"] == "Used"]
    unused = total([row.effective_cost for key, row in usage if key["CommitmentDiscountStatus"] == "Unused"])
    worth = total([row.effective_cost for _, row in used])
    saved = total([_less(used, "contracted_cost", "effective_cost"), -unused])
    found = {"commitments": saved, "unused": unused, "used": Share(worth, total([worth, unused]))}
    return found | ({"covered": _covered(usage, used)} if {"PricingCategory", "ServiceName"} <= dimensions else {})


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


def _covered(usage: _Rows, used: _Rows) -> Share:
    """Over the services in which commitments cover anything; spot usage cannot be covered."""
    services = {key["ServiceName"] for key, _ in used}
    open_ = [
        row.contracted_cost
        for key, row in usage
        if key["ServiceName"] in services
        and not key["CommitmentDiscountStatus"]
        and key["PricingCategory"] == "Standard"
    ]
    covered = total([row.contracted_cost for _, row in used])
    return Share(covered, total([covered, *open_]))
