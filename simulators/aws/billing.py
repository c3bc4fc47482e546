"""The simulated AWS's Billing and Invoicing: credits with what is left of them, and the invoices of closed months."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from bot.domain.period import DAY, Period, add_months, month_of
from simulators.aws import bill
from simulators.aws.rules import Refused, invalid

GRANTED = Decimal(12000)
EXPIRES = date(2026, 12, 31)
_CENT = Decimal("0.01")
_LARGEST_PAGE = 100
_YEAR = timedelta(days=366)

Lines = Callable[[date], Iterable[bill.Line]]


def credits_of(params: Mapping[str, Any], today: date, lines: Lines, currency: str) -> dict[str, Any]:
    """The reply of GetCredits: one credit, of which each month's bill uses some; and one that was used up long ago.

    Raises:
        Refused: another account is asked about, or days AWS does not tell of.
    """
    _own(params["accountId"], "billing:GetCredits")
    since = datetime.fromtimestamp(int(params["startDate"]), UTC).date()
    if since > today or today - since > _YEAR:
        raise invalid("startDate must be a past date that is not more than one year before the current date.")
    used = [(line.day, -line.unblended) for day in _since(today) for line in lines(day) if line.record_type == "Credit"]
    open_month = month_of(today).start
    spent, final = (sum((a for on, a in used if on < end), Decimal(0)) for end in (today + DAY, open_month))
    credit = {
        "creditId": "4711000815",
        "accountId": bill.PAYER,
        "creditType": "Promotion",
        "initialAmount": _amount(GRANTED, currency),
        "remainingAmount": _amount(max(GRANTED - final, Decimal(0)), currency),
        "estimatedAmount": _amount(max(GRANTED - spent, Decimal(0)), currency),
        "applicableProductNames": [bill.EC2],
        "description": "AWS Activate",
        "startDate": _instant(bill.CREDITS_SINCE),
        "endDate": _instant(EXPIRES),
        "creditStatus": "ENABLED",
    }
    gone = {
        **credit,
        "creditId": "4711000042",
        "description": "Welcome credit",
        "initialAmount": _amount(Decimal(300), currency),
        "remainingAmount": _amount(Decimal(0), currency),
        "estimatedAmount": _amount(Decimal(0), currency),
        "exhaustDate": _instant(date(2026, 7, 1)),
    }
    return {"credits": [gone, credit] if used else []}


def _since(today: date) -> Period:
    return Period(start=add_months(today.replace(day=1), -12), end=today + DAY)


def _amount(amount: Decimal, currency: str) -> dict[str, str]:
    return {"currencyCode": currency, "currencyAmount": f"{amount:.2f}"}


def _instant(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _own(account: str, action: str) -> None:
    if account != bill.PAYER:
        raise Refused("AccessDeniedException", f"User: bot is not authorized to perform: {action} on {account}")


# Invoices ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InvoicedBill:
    """What a payer's invoices are made of: its lines, whether Net, in which currency, from which day of a month on."""

    lines: Lines
    net: bool
    currency: str
    closes_on: int


def summaries(params: Mapping[str, Any], today: date, invoiced: InvoicedBill, page: int) -> dict[str, Any]:
    """The reply of ListInvoiceSummaries: the documents of a billing period, ``page`` at a time.

    Raises:
        Refused: what is asked for is not simulated, or AWS would refuse it.
    """
    selector = params["Selector"]
    if selector["ResourceType"] != "ACCOUNT_ID":
        raise invalid("Only ACCOUNT_ID is simulated")
    _own(selector["Value"], "invoicing:ListInvoiceSummaries")
    asked = params.get("Filter", {}).get("BillingPeriod")
    if asked is None:
        raise invalid("Either BillingPeriod or TimeInterval is needed with ACCOUNT_ID")
    if not 1 <= params.get("MaxResults", page) <= _LARGEST_PAGE:
        raise invalid(f"MaxResults must be from 1 to {_LARGEST_PAGE}")
    month = month_of(date(int(asked["Year"]), int(asked["Month"]), 1))
    closed = today >= month.end + DAY * (invoiced.closes_on - 1)
    documents = _documents(month, invoiced) if closed else []
    at = _offset(params, month)
    size = min(page, params.get("MaxResults", page))
    reply: dict[str, Any] = {"InvoiceSummaries": documents[at : at + size]}
    if at + size < len(documents):
        reply["NextToken"] = urlsafe_b64encode(f"{month.start}:{at + size}".encode()).decode()
    return reply


def _offset(params: Mapping[str, Any], month: Period) -> int:
    token = params.get("NextToken")
    if token is None:
        return 0
    try:
        of, at = urlsafe_b64decode(token).decode().split(":")
    except ValueError:
        raise invalid("The NextToken is invalid.") from None
    if of != str(month.start):
        raise invalid("The NextToken belongs to another request.")
    return int(at)


def _documents(month: Period, invoiced: InvoicedBill) -> list[dict[str, Any]]:
    """The month's invoice, that of its savings plan, a credit memo for what was refunded, and receipts of payment.

    Together they come to the month's charges, to the cent.
    """

    def charged(some: Iterable[bill.Line]) -> Decimal:
        return sum((line.net_unblended if invoiced.net else line.unblended for line in some), Decimal(0))

    lines = [line for day in month for line in invoiced.lines(day)]
    if not lines:
        return []
    cents = charged(lines).quantize(_CENT, ROUND_HALF_EVEN)
    tax = charged(line for line in lines if line.record_type == "Tax").quantize(_CENT, ROUND_HALF_EVEN)
    plan = charged(line for line in lines if line.service == bill.PLANS).quantize(_CENT, ROUND_HALF_EVEN)
    refunded = charged(line for line in lines if line.record_type == "Refund").quantize(_CENT, ROUND_HALF_EVEN)
    number = 2_400_000_000 + month.start.year * 100 + month.start.month

    def document(kind: str, type_: str, amount: Decimal, at: int, taxes: Decimal = Decimal(0)) -> dict[str, Any]:
        in_full = {
            "TotalAmount": f"{amount:.2f}",
            "TotalAmountBeforeTax": f"{amount - taxes:.2f}",
            "CurrencyCode": invoiced.currency,
        }
        return {
            "AccountId": bill.PAYER,
            "InvoiceId": f"EUINUS{at}-{number}" if type_ != "PAYMENT_RECEIPT" else f"RCPT{at}-{number}",
            "IssuedDate": _instant(month.end + DAY * 2),
            "DueDate": _instant(month.end + DAY * 30),
            "ReceiverRole": "BUYER",
            "Entity": {"InvoicingEntity": "Amazon Web Services, Inc.", "BillingEntity": "AWS"},
            "BillingPeriod": {"Month": month.start.month, "Year": month.start.year},
            "InvoiceFrequency": "RECURRING" if kind == "ANNIVERSARY" else "ONE_TIME",
            "BillType": kind,
            "InvoiceType": type_,
            "BaseCurrencyAmount": in_full,
            "TaxCurrencyAmount": in_full,
            "PaymentCurrencyAmount": in_full,
        }

    main = cents - plan - refunded
    found = [document("ANNIVERSARY", "INVOICE", main, 1, tax), document("ANNIVERSARY", "PAYMENT_RECEIPT", main, 1, tax)]
    found += [document("PURCHASE", "INVOICE", plan, 2)] if plan else []
    found += [document("REFUND", "CREDIT_MEMO", -refunded, 3)] if refunded else []
    return found
