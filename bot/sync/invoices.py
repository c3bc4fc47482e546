"""What vendors invoiced, kept in the ledger month by month: asked for once a day at most.

A month is asked for until it is done, and the last three all the same: a credit memo may be issued later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain.errors import CostError
from bot.domain.feed import Feed
from bot.domain.money import plain
from bot.domain.period import Period, add_months, month_of
from bot.ledger import Ledger
from bot.ledger.kv_store import INVOICE, INVOICED, month_key
from bot.providers import Invoice, Invoicing

MONTHS = 13
"""How many months back invoices are asked for."""
_AGAIN = 3
"""So many of the last months are asked for again when they are done; it costs nothing."""
_PATIENCE = timedelta(days=60)
"""So long after its end a month without any invoice may still get one."""


def keep(provider: Invoicing, bill: Feed, ledger: Ledger, now: datetime) -> None:
    """Asks for the months that may still get an invoice, the newest first; a refusal is kept, and fails nothing.

    A month is done when something was invoiced for it and the vendor no longer restates it.
    """
    outcome = {"at": now.isoformat(), "message": "", "hint": ""}
    try:
        for month in _open(bill, ledger, now.date()):
            _land(ledger, bill.source, month, provider.invoices(month), now)
    except CostError as error:
        outcome |= {"message": error.message, "hint": error.hint}
    ledger.memory.put(INVOICED, bill.source, outcome)


def _open(bill: Feed, ledger: Ledger, today: date) -> list[Period]:
    """The whole months in the ledger that are over, and not done or among the last."""
    days = ledger.covered(bill)
    this = today.replace(day=1)
    months = [month_of(add_months(this, -n)) for n in range(1, MONTHS + 1)]
    return [
        month
        for n, month in enumerate(months)
        if days
        and days.start <= month.start
        and (n < _AGAIN or not (ledger.memory.get(INVOICE, month_key(bill.source, month)) or {}).get("done"))
    ]


def _land(ledger: Ledger, source: str, month: Period, invoices: Sequence[Invoice], now: datetime) -> None:
    final = next((freshness.final_through for freshness in ledger.freshness() if freshness.source == source), None)
    settled = bool(invoices) and final is not None and final >= month.last
    value = {
        "at": now.isoformat(),
        "done": settled or now.date() - month.end > _PATIENCE,
        "invoices": [
            {
                "id": invoice.id,
                "amount": plain(invoice.amount),
                "currency": invoice.currency,
                "issued": invoice.issued.isoformat() if invoice.issued else None,
                "issuer": invoice.issuer,
            }
            for invoice in invoices
        ],
    }
    ledger.memory.put(INVOICE, month_key(source, month), value)
