"""What AWS has invoiced for a month (Invoicing, ``ListInvoiceSummaries``; free of charge), as told by invoice.

Invoices and credit memos count, in the currency of the charges, tax included. Left out are receipts of payment,
invoices that the payer itself issued as a seller, those cancelled, and a tax invoice beside the commercial one that it
repeats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.errors import UnexpectedReply
from bot.domain.period import Period
from bot.providers import Invoice
from bot.providers.aws.client import AwsClient

_MOST = 100
"""Documents on a page, the most AWS gives."""
_MEMO = "CREDIT_MEMO"


def invoices(wire: AwsClient, month: Period) -> Sequence[Invoice]:
    """The documents of a calendar month.

    Raises:
        CostError: as ``Wire.call``.
    """
    params = {
        "Selector": {"ResourceType": "ACCOUNT_ID", "Value": wire.known_account()},
        "Filter": {"BillingPeriod": {"Month": month.start.month, "Year": month.start.year}},
        "MaxResults": _MOST,
    }
    pages = wire.listed("invoicing", "ListInvoiceSummaries", params)
    documents = {
        str(document.get("InvoiceId")): document for page in pages for document in page.get("InvoiceSummaries", [])
    }
    return [_invoice(id_, document) for id_, document in documents.items() if _counts(document, documents)]


def _counts(document: Mapping[str, Any], documents: Mapping[str, Any]) -> bool:
    return (
        document.get("InvoiceType", "INVOICE") in {"INVOICE", _MEMO}
        and document.get("ReceiverRole") != "SELLER"
        and document.get("TaxAuthorityStatus") != "CANCELLED"
        and document.get("CommercialInvoiceId") not in documents
    )


def _invoice(id_: str, document: Mapping[str, Any]) -> Invoice:
    try:
        base, issued = document["BaseCurrencyAmount"], document.get("IssuedDate")
        amount, currency = Decimal(base["TotalAmount"]), str(base["CurrencyCode"])
    except (KeyError, TypeError, InvalidOperation):
        raise UnexpectedReply(
            "AWS's invoices have an unexpected format.",
            "Please report it: this version of the bot does not support this reply.",
        ) from None
    return Invoice(
        id=id_,
        amount=-abs(amount) if document.get("InvoiceType") == _MEMO else amount,
        currency=currency,
        issued=issued.astimezone(UTC).date() if isinstance(issued, datetime) else None,
        issuer=str(document.get("Entity", {}).get("InvoicingEntity", "")),
    )
