"""What vendors invoiced is asked for once a day at most, month by month, until a month is done; the last ones again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from books import Books, Vendor

from bot.domain.errors import AccessDenied
from bot.domain.period import month_of
from bot.ledger.kv_store import INVOICE, INVOICED
from bot.providers import Invoice
from bot.sync.service import sync

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OVER = ["2026-10", "2026-09", "2026-08", "2026-07"]
LAST = OVER[:3]


class Invoicer(Books):
    """Books that also write invoices: one a month, up to ``written``; without an amount they refuse them."""

    def __init__(self, vendor, meter, asked, written, amount):
        super().__init__(vendor, meter)
        self.asked, self.written, self.amount = asked, written, amount

    def invoices(self, month):
        """One invoice for each month that has been written."""
        self.asked.append(f"{month.start:%Y-%m}")
        if self.amount is None:
            raise AccessDenied("The key may not read invoices.", "Attach a policy.")
        return [Invoice(f"I-{month.start:%Y-%m}", Decimal(self.amount), "USD")] if month.start <= self.written else []


@pytest.fixture
def pull(ledger):
    """One sync at an instant: its report, and which months it asked invoices of."""
    vendor = Vendor()

    def run(now=NOW, written=date(2026, 10, 1), *, refuses=False, amount="3.10"):
        asked = []
        opens = {"books": lambda meter: Invoicer(vendor, meter, asked, written, None if refuses else amount)}
        report = sync(opens, ledger, now=lambda: now).sources[0]
        return report, asked

    return run


def kept(ledger, month):
    """What the ledger holds of a month."""
    return ledger.memory.get(INVOICE, f"books/{month}")


def test_each_month_that_is_over_is_asked_for_once(pull, ledger):
    """The newest first; a month with an invoice that no longer moves is done, but for the last three."""
    assert pull()[1] == OVER
    assert kept(ledger, "2026-10")["invoices"] == [
        {"id": "I-2026-10", "amount": "3.1", "currency": "USD", "issued": None, "issuer": ""}
    ]
    assert kept(ledger, "2026-11") is None
    assert pull(NOW + timedelta(hours=3))[1] == []
    assert pull(NOW + timedelta(days=3))[1] == LAST


def test_a_memo_that_comes_later_is_not_missed(pull, ledger):
    """A month that is done is asked for again while it is one of the last three, and keeps what it is told then."""
    pull(amount="3.10")
    assert kept(ledger, "2026-08")["done"]
    pull(NOW + timedelta(days=1), amount="2.10")
    assert kept(ledger, "2026-08")["invoices"][0]["amount"] == "2.1"
    assert kept(ledger, "2026-07")["invoices"][0]["amount"] == "3.1"


def test_a_month_that_is_not_invoiced_yet_is_asked_for_again_the_next_day(pull, ledger):
    """Not twice a day; and done once it is there."""
    pull(written=date(2026, 9, 1))
    assert pull(NOW + timedelta(hours=3))[1] == []
    pull(NOW + timedelta(days=1), date(2026, 9, 1))
    assert not kept(ledger, "2026-10")["done"]
    pull(NOW + timedelta(days=2))
    assert kept(ledger, "2026-10")["done"]


def test_a_month_that_nobody_invoices_is_let_go_after_two_months(pull, ledger):
    """An account that is billed through a reseller gets no invoice, and is not asked about for ever."""
    assert pull(written=date(2026, 6, 1))[1] == OVER
    assert pull(NOW + timedelta(days=1), date(2026, 6, 1))[1] == LAST
    assert kept(ledger, "2026-07") == {"at": NOW.isoformat(), "done": True, "invoices": []}


def test_a_refusal_fails_no_sync_and_is_remembered(pull, ledger):
    """The bill lands; asking ends at the first refusal; the reason is kept until it is no longer so."""
    report, asked = pull(refuses=True)
    assert (report.status, asked) == ("ok", ["2026-10"])
    assert ledger.memory.get(INVOICED, "books")["message"] == "The key may not read invoices."
    assert pull(NOW + timedelta(days=1))[1] == OVER
    assert ledger.memory.get(INVOICED, "books")["message"] == ""


def test_only_months_that_the_ledger_has_whole_are_asked_for(pull, ledger):
    """The books began in July; there is nothing to hold an earlier invoice against."""
    pull()
    assert month_of(date(2026, 6, 1)).start < date(2026, 7, 1)
    assert kept(ledger, "2026-06") is None
