"""What commitments, discounts and credits saved, and how well commitments are used (see ``domain.answers.savings``).

FOCUS has four prices for one charge: ``ListCost``, ``ContractedCost`` (after negotiated rates), ``EffectiveCost``
(after commitments, their fees spread) and ``BilledCost``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from bot.domain.answers.savings import PARTS, SavedShare, Savings
from bot.domain.charge import is_credit
from bot.domain.money import total

CREDIT = "Credit"
"""Among what a source tells: whether credits stand on its bill at all."""
_AMOUNTS = ("negotiated", "commitments", "unused", "discounts", "credits", "refunds")
_SHARES = ("covered", "used")


class Costs(NamedTuple):
    """The four costs of one value (or tuple) of the dimensions, in one currency."""

    key: tuple[str, ...]
    currency: str
    list_cost: Decimal
    contracted_cost: Decimal
    effective_cost: Decimal
    billed_cost: Decimal


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
        labels = dict(zip(dimensions, row.key, strict=True))
        by_currency.setdefault(row.currency, []).append((labels, row))
    names = set(dimensions)
    known = set(known) if "ChargeCategory" in names else set()
    known -= {"CommitmentDiscountStatus"} - names
    return tuple(
        _savings(source, currency, currency_rows, known, names)
        for currency, currency_rows in sorted(by_currency.items())
    )


def together(parts: Iterable[Savings]) -> tuple[Savings, ...]:
    """What was saved with several sources, one entry a currency."""
    by_currency: dict[str, list[Savings]] = {}
    for part in parts:
        by_currency.setdefault(part.currency, []).append(part)
    return tuple(_together(currency, found) for currency, found in sorted(by_currency.items()))


def _together(currency: str, found: Sequence[Savings]) -> Savings:
    amounts: dict[str, Decimal] = {}
    for name in _AMOUNTS:
        if known := [value for saved in found if (value := getattr(saved, name)) is not None]:
            amounts[name] = total(known)
    shares: dict[str, SavedShare] = {
        name: SavedShare(
            *(total(list(column)) for column in zip(*(getattr(saved, name) for saved in found), strict=True))
        )
        for name in _SHARES
    }
    unknown = {
        name: lacking
        for name in PARTS
        if (lacking := tuple(source for saved in found for source in saved.unknown.get(name, ())))
    }
    return replace(Savings(currency=currency, unknown=unknown), **amounts, **shares)


_Rows = list[tuple[Mapping[str, str], Costs]]


def _savings(source: str, currency: str, rows: _Rows, known: set[str], dimensions: set[str]) -> Savings:
    usage = [(key, row) for key, row in rows if key.get("ChargeCategory") == "Usage"]
    found: dict[str, Decimal] = {}
    shares: dict[str, SavedShare] = {}
    if {"ListCost", "ContractedCost"} <= known:
        found["negotiated"] = _less(usage, "list_cost", "contracted_cost")
    if {"ContractedCost", "EffectiveCost"} <= known:
        uncovered = usage
        if "CommitmentDiscountStatus" in known:
            uncovered = [(key, row) for key, row in usage if not key["CommitmentDiscountStatus"]]
            committed, shares = _committed(usage, dimensions)
            found |= committed
        found["discounts"] = _less(uncovered, "contracted_cost", "effective_cost")
    if CREDIT in known:
        found["credits"] = _taken_off(rows, "Credit")
        found["refunds"] = _taken_off(rows, "Adjustment")
    unknown = {name: (source,) for name in PARTS if name not in found}
    return replace(Savings(currency=currency, unknown=unknown), **found, **shares)


def _committed(usage: _Rows, dimensions: set[str]) -> tuple[dict[str, Decimal], dict[str, SavedShare]]:
    """What commitments saved and left unused, and their two shares, by the names of ``Savings``."""
    used = [(key, row) for key, row in usage if key["CommitmentDiscountStatus"] == "Used"]
    unused = total([row.effective_cost for key, row in usage if key["CommitmentDiscountStatus"] == "Unused"])
    worth = total([row.effective_cost for _, row in used])
    saved = total([_less(used, "contracted_cost", "effective_cost"), -unused])
    shares = {"used": SavedShare(worth, total([worth, unused]))}
    if {"PricingCategory", "ServiceName"} <= dimensions:
        shares["covered"] = _covered(usage, used)
    return {"commitments": saved, "unused": unused}, shares


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


def _covered(usage: _Rows, used: _Rows) -> SavedShare:
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
    return SavedShare(covered, total([covered, *open_]))
