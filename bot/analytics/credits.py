"""Credits that a vendor granted: what is left of them, and when they run out.

A grant is told by the vendor, which then tells what is left too, or by a person (``sources.toml``)::

    [[credit]]
    source = "gcp"
    name = "Google for Startups"    # where the bill names credits so, only those are taken from this grant
    amount = "25000 USD"            # a bare number is in the default currency
    start = 2026-03-01
    expires = 2027-02-28            # the last day; may be left out

What is left of a person's is the amount less the credits on the source's bill since then, exactly; of several, those
that expire first are used first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from bot.analytics.budget import limit
from bot.domain.answers.credits import CreditBalance, CreditGrant, UsePace
from bot.domain.errors import Misconfigured
from bot.domain.money import Money, total
from bot.domain.period import DAY

_RECENT, _MONTHLY = 28, 61
_SELDOM = 4
"""Credits on no more of the last two months' days come with the month's bill: their pace is taken over both."""
_FORM = 'It needs source, amount ("25000 USD") and start (2026-03-01); name and expires are optional.'
_CENT = Decimal("0.01")


class DeclaredCredit(Struct, frozen=True):
    """What a person told of a grant. ``expires`` is the last day on which it can be used."""

    source: str
    amount: Money
    start: date
    expires: date | None = None
    name: str = ""

    def holds(self, day: date) -> bool:
        """Whether credits of that day may be taken from it."""
        return self.start <= day and (self.expires is None or day <= self.expires)


class CreditUse(NamedTuple):
    """Credits that came off a bill, from a day on that all its grants see alike; positive amounts."""

    day: date
    name: str
    currency: str
    amount: Decimal


def read_declared_credits(
    tables: Sequence[Mapping[str, Any]], file: str, currency: str = "USD"
) -> tuple[DeclaredCredit, ...]:
    """The ``[[credit]]`` tables of a parsed ``sources.toml``.

    Raises:
        Misconfigured: names the file, the credit, what is wrong with it, and how it should look.
    """
    return tuple(_granted(table, f"{file}, credit {number}", currency) for number, table in enumerate(tables, 1))


def _granted(table: Mapping[str, Any], which: str, currency: str) -> DeclaredCredit:
    if extra := sorted(set(table) - {"source", "name", "amount", "start", "expires"}):
        raise Misconfigured(f"{which}: {extra[0]} is not a key of a credit.", _FORM)
    try:
        found = DeclaredCredit(
            source=str(table["source"]),
            amount=limit(table["amount"], currency),
            start=_date(table["start"]),
            expires=_date(table["expires"]) if "expires" in table else None,
            name=str(table.get("name", "")),
        )
    except (KeyError, ValueError) as error:
        raise Misconfigured(f"{which}: it cannot be read: {error}.", _FORM) from error
    if found.expires and found.expires < found.start:
        raise Misconfigured(f"{which}: it expires before it starts.", _FORM)
    return found


def _date(written: object) -> date:
    return written if type(written) is date else date.fromisoformat(str(written))


def boundaries(granted: Iterable[DeclaredCredit]) -> set[date]:
    """The days from which on other grants than before may be used."""
    return {day for declared in granted for day in (declared.start, declared.expires and declared.expires + DAY) if day}


def remaining(granted: Sequence[DeclaredCredit], uses: Iterable[CreditUse]) -> tuple[CreditGrant, ...]:
    """What is left of what a person told, after all that was used; uses nobody granted are left aside."""
    uses = sorted(uses, key=lambda use: use.day)
    named = {used.name.casefold() for used in uses}
    left = {at: declared.amount.amount for at, declared in enumerate(granted)}
    order = sorted(left, key=lambda at: (granted[at].expires or date.max, granted[at].start))
    for use in uses:
        rest, name = use.amount, use.name.casefold()
        bound = [at for at in order if granted[at].name.casefold() == name != ""]
        free = [at for at in order if granted[at].name.casefold() not in named or not granted[at].name]
        for at in bound or free:
            if granted[at].holds(use.day) and granted[at].amount.currency == use.currency:
                taken = min(left[at], rest) if rest > 0 else rest
                left[at], rest = total([left[at], -taken]), total([rest, -taken])
    return tuple(
        CreditGrant(
            source=declared.source,
            name=declared.name,
            currency=declared.amount.currency,
            left=left[at],
            granted=declared.amount.amount,
            start=declared.start,
            expires=declared.expires,
            reported_by="you",
        )
        for at, declared in enumerate(granted)
    )


def pace(used: Sequence[Decimal]) -> UsePace:
    """The pace of late, from what was used on each of the last days (positive amounts, the newest last)."""
    lately = used[-_MONTHLY:]
    seldom = sum(1 for amount in lately if amount) <= _SELDOM
    recent = list(lately if seldom else used[-_RECENT:])
    return UsePace(total(recent), len(recent))


def balances(grants: Iterable[CreditGrant], today: date, pace: UsePace) -> tuple[CreditBalance, ...]:
    """What becomes of the grants of one source and currency if they are used at a pace, the first to expire first."""
    rate = pace.used / pace.days if pace.days else Decimal(0)
    spent, found = Decimal(0), []
    for grant in sorted(grants, key=lambda credit: (credit.expires or date.max, credit.start or date.min)):
        until = spent + grant.left / rate if rate > 0 else None
        room = Decimal((grant.expires - today).days) if grant.expires else None
        if grant.left <= 0:
            found.append(CreditBalance(grant, pace, today, Decimal(0)))
        elif room is not None and room < 0:
            found.append(CreditBalance(replace(grant, left=Decimal(0)), pace, None, grant.left))
        elif not pace.days:
            found.append(CreditBalance(grant, pace, None, None))
        elif until is not None and (room is None or until <= room):
            found.append(CreditBalance(grant, pace, today + timedelta(days=ceil(until)), Decimal(0)))
            spent = until
        else:
            lost = grant.left - rate * max(room - spent, Decimal(0)) if room is not None else Decimal(0)
            found.append(CreditBalance(grant, pace, None, lost.quantize(_CENT)))
            spent = max(spent, room or Decimal(0))
    return tuple(found)
