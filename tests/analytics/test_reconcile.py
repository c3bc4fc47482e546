"""A closed month against its invoice."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analytics.reconciliation import reconcile
from bot.domain.aggregate import Cell
from bot.domain.answers.invoices import VendorInvoice
from bot.domain.money import Money
from bot.domain.period import Period
from bot.render.answer_json import reconciliation_json
from bot.render.sentences import reconciliation

OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
BY = ("ChargeCategory", "ServiceName")
CELLS = [
    Cell(("Usage", "EC2"), "USD", (Decimal("900.123456789"),)),
    Cell(("Usage", "S3"), "USD", (Decimal("50.5"),)),
    Cell(("Tax", "Tax"), "USD", (Decimal("180.10"),)),
    Cell(("Purchase", "AWS Support"), "USD", (Decimal(100),)),
    Cell(("Credit", "EC2"), "USD", (Decimal(-30),)),
    Cell(("Usage", "EC2"), "EUR", (Decimal(7),)),
]


def against(amount, cells=CELLS, **more):
    """October's charges against an invoice."""
    invoice = Money(amount=Decimal(amount), currency="USD")
    return reconcile(OCTOBER, invoice, BY, cells, source="typed in by Mei Lin", **more)


def test_it_agrees_to_the_cent():
    """An invoice rounds to cents; the charges do not. Other currencies are not counted."""
    result = against("1200.72")
    assert result.agrees
    assert result.charged == Decimal("1200.723456789")
    assert reconciliation(result) == "October 2026: the charges match the invoice, $1,200.72"


@pytest.mark.parametrize(
    ("invoice", "keys"),
    [
        ("1020.62", [{"ChargeCategory": "Tax"}]),
        ("1230.72", [{"ChargeCategory": "Credit"}]),
        ("920.62", [{"ChargeCategory": "Tax"}, {"ChargeCategory": "Purchase"}]),
        ("1150.22", [{"ServiceName": "S3"}]),
        ("300.60", [{"ChargeCategory": "Usage", "ServiceName": "EC2"}]),
    ],
    ids=["tax", "credit not granted", "tax and support", "a service", "a pair"],
)
def test_the_charges_that_make_the_difference_are_named(invoice, keys):
    """The fewest groups that come to it, by charge category before service before both."""
    result = against(invoice)
    assert not result.agrees
    assert [piece.key for piece in result.pieces] == keys
    assert abs(result.charged - result.invoice - sum(piece.amount for piece in result.pieces)) <= Decimal("0.01")
    assert "not on the invoice:" in reconciliation(result)


def test_what_cannot_be_explained_is_said_to_be_so():
    """No guess is made; an open month is named as open."""
    result = against("1201.99", closed=False)
    assert result.pieces == ()
    assert reconciliation(result) == (
        "October 2026 (the month is not closed yet): the invoice is $1,201.99, $1.27 more than the "
        "charges, $1,200.72; no single group of charges explains the difference"
    )


def test_the_public_form():
    """Keys and exact strings as documented."""
    assert reconciliation_json(against("1020.62")) == {
        "period": {"start": "2026-10-01", "end": "2026-11-01"},
        "currency": "USD",
        "invoice": "1020.62",
        "told_by": "you",
        "invoices": [],
        "charged": "1200.723456789",
        "difference": "-180.103456789",
        "agrees": False,
        "closed": True,
        "source": "typed in by Mei Lin",
        "pieces": [{"key": {"ChargeCategory": "Tax"}, "amount": "180.1"}],
        "explained": True,
    }


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.integers(0, 7))
def test_a_group_left_out_is_always_found(cents, at):
    """Whatever one group comes to, an invoice without it is explained, by pieces that come to as much."""
    cells = [Cell(("Usage", f"s{n}"), "USD", (Decimal(cent) / 100,)) for n, cent in enumerate(cents)]
    missing = cells[at % len(cells)].amounts[0]
    whole = sum(cell.amounts[0] for cell in cells)
    result = against(whole - missing, cells)
    assert result.agrees or abs(sum(piece.amount for piece in result.pieces) - missing) <= Decimal("0.01")


def test_no_charges_at_all():
    """An invoice for a month without charges is a difference, not an error."""
    result = against("12", [])
    assert (result.charged, result.difference, result.pieces) == (0, 12, ())


def test_the_vendors_own_invoices_are_named():
    """What the vendor tells is the invoice where nobody typed one in, and stands beside one that was."""
    result = VendorInvoice(Money(amount=Decimal("1200.72"), currency="USD"), ("INV-1", "INV-2"))
    own = reconcile(OCTOBER, result, BY, CELLS, source="aws")
    assert (own.agrees, reconciliation_json(own)["told_by"], reconciliation_json(own)["invoices"]) == (
        True,
        "vendor",
        ["INV-1", "INV-2"],
    )
    assert reconciliation(own).endswith("$1,200.72 (AWS invoice INV-1, INV-2)")
    typed = reconcile(OCTOBER, Money(amount=Decimal(9), currency="USD"), BY, CELLS, source="emea", vendors=result)
    assert (typed.agrees, typed.invoice, reconciliation_json(typed)["told_by"]) == (False, 9, "you")
    assert reconciliation(typed).endswith("(emea reports $1,200.72: INV-1, INV-2)")
