"""How cells of text are spelled: what is empty, closed lists, numbers that were taken for floats on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.charge import CHARGE_CATEGORIES
from bot.providers.focus.tags import tag_text

NULLS = frozenset({"null", "NULL", "Null", "\\N", "None", "none", "<NA>", "NaN", "nan", "NaT", "(null)", "#N/A"})
"""How tools write that a cell of text is empty."""
_CHOICES: Mapping[str, Sequence[str]] = {
    "ChargeCategory": CHARGE_CATEGORIES,
    "ChargeClass": ("Correction",),
    "ChargeFrequency": ("One-Time", "Recurring", "Usage-Based"),
    "PricingCategory": ("Standard", "Dynamic", "Committed", "Other"),
    "CommitmentDiscountCategory": ("Spend", "Usage"),
    "CommitmentDiscountStatus": ("Used", "Unused"),
    "CapacityReservationStatus": ("Used", "Unused"),
}
_FORMER_CHOICES: Mapping[str, Mapping[str, str]] = {
    "PricingCategory": {
        "on-demand": "Standard",
        "ondemand": "Standard",
        "commitment-based": "Committed",
        "commitment discount": "Committed",
    },
}
"""What FOCUS 1.0-preview called them."""
_CURRENCY_LETTERS = 3
_WHOLE_FLOATS = 1e15
"""Below it, every whole number is a float of its own."""
_IDS = frozenset({"BillingAccountId", "SubAccountId", "InvoiceId", "SkuId"})


def spelled(name: str, text: str) -> str:
    """A cell in the one spelling that it has here."""
    if name in _CHOICES:
        return _chosen(name, text)
    if name == "BillingCurrency":
        return text.upper() if len(text) == _CURRENCY_LETTERS else text
    if name in _IDS and text.endswith(".0") and text[:-2].isdigit():
        return text[:-2]  # an account's number, taken for a float on the way
    return text


def plain(value: object) -> str:
    """A cell of any type as text, in one spelling."""
    match value:
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_FLOATS else repr(value)
        case datetime():
            instant = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return tag_text(value)


def _chosen(name: str, text: str) -> str:
    """A value of a closed list in FOCUS's spelling; as it is, where it is none of them."""
    bare = text.casefold()
    spelled = next((choice for choice in _CHOICES[name] if choice.casefold() == bare), None)
    return spelled or _FORMER_CHOICES.get(name, {}).get(bare, text)
