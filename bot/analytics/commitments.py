"""How far commitments reach and are used, computed from charges that say what a commitment covers (FOCUS).

Coverage, at contracted prices: what commitments of a program cover, of that and of what stands open beside it: usage at
standard prices of the services in which the program covers anything; spot usage cannot be covered. Utilization: the
effective cost of what was used, of that and of what nobody used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.answers.commitments import Reach
from bot.domain.commitments import COMMITTED_USE, RESERVATIONS, SAVINGS_PLANS
from bot.domain.money import total
from bot.domain.period import Period

DIMENSIONS = (
    "ChargeCategory",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "PricingCategory",
    "ServiceName",
)
"""What rows must be split by, beside the breakdown asked for."""
_UNNAMED = "Commitments"
_WORDS = {"saving": SAVINGS_PLANS, "reserv": RESERVATIONS, "cud": COMMITTED_USE, "committed use": COMMITTED_USE}
"""Words in a vendor's types of commitment discounts, by the program they are of."""


class CostRow(NamedTuple):
    """The costs of charges that are alike in every dimension."""

    values: Mapping[str, str]
    currency: str
    contracted_cost: Decimal
    effective_cost: Decimal


class ProgramReach(NamedTuple):
    """One program, for one value of the breakdown in one currency."""

    program: str
    key: tuple[str, ...]
    currency: str
    coverage: Reach
    utilization: Reach


def program_of(discount_type: str) -> str:
    """The program of a ``CommitmentDiscountType``; a type that is not known stands for itself."""
    text = discount_type.casefold()
    return next((program for word, program in _WORDS.items() if word in text), discount_type or _UNNAMED)


def reach(by: Sequence[str], rows: Iterable[CostRow], days: Period) -> list[ProgramReach]:
    """Every program with its coverage and utilization by value of the breakdown; nothing without commitments."""
    usage = [row for row in rows if row.values["ChargeCategory"] == "Usage"]
    committed = [(program_of(row.values["CommitmentDiscountType"]), row) for row in usage if _status(row)]
    services: dict[str, set[str]] = defaultdict(set)
    for program, row in committed:
        if _status(row) == "Used":
            services[program].add(row.values["ServiceName"])
    covered, used, unused, open_ = (
        defaultdict[tuple[str, tuple[str, ...], str], list[Decimal]](list) for _ in range(4)
    )
    for program, row in committed:
        place = (program, _key(by, row), row.currency)
        if _status(row) == "Used":
            covered[place].append(row.contracted_cost)
            used[place].append(row.effective_cost)
        else:
            unused[place].append(row.effective_cost)
    for row in usage:
        if not _status(row) and row.values["PricingCategory"] == "Standard":
            for program, names in services.items():
                if row.values["ServiceName"] in names:
                    open_[program, _key(by, row), row.currency].append(row.contracted_cost)
    return [
        ProgramReach(
            *place,
            coverage=_reach(covered[place], open_[place], place[2], days),
            utilization=_reach(used[place], unused[place], place[2], days),
        )
        for place in sorted({*covered, *unused, *open_})
    ]


def _status(row: CostRow) -> str:
    return row.values["CommitmentDiscountStatus"]


def _key(by: Sequence[str], row: CostRow) -> tuple[str, ...]:
    return tuple(row.values[name] for name in by)


def _reach(part: Sequence[Decimal], rest: Sequence[Decimal], currency: str, days: Period) -> Reach:
    return Reach(total(list(part)), total([*part, *rest]), currency, total(list(rest)), days)
