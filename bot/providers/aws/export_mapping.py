"""Rows of AWS's data exports as charges: FOCUS tables (1.0, 1.2) and CUR 2.0.

Amounts are read exactly: decimals from CSV as they stand, Parquet's doubles as their shortest decimal; both are cut
at 1e-18, which is what the ledger keeps. Hours are summed into days, so that a charge is one day of one thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from bot.domain.charge import Charge, charge_of
from bot.domain.errors import UnexpectedReply
from bot.domain.period import Period
from bot.providers.aws.groupings import charge_category, pricing_category
from bot.providers.aws.services import category, region_names

Cells = Mapping[str, Any]
Columns = dict[str, Any]
Amounts = tuple[Decimal, ...]

AMOUNTS = ("billed_cost", "effective_cost", "list_cost", "contracted_cost", "consumed_quantity")
_NOTHING, _FINEST = Decimal(0), Decimal("1e-18")
_PLACES = 18
_WIDE = Context(prec=400)
HINT = "Export again. If it persists, please report it."

FOCUS = {
    "BillingCurrency": "billing_currency",
    "BillingAccountId": "billing_account_id",
    "BillingAccountName": "billing_account_name",
    "BillingAccountType": "billing_account_type",
    "SubAccountId": "sub_account_id",
    "SubAccountName": "sub_account_name",
    "SubAccountType": "sub_account_type",
    "InvoiceIssuerName": "invoice_issuer_name",
    "InvoiceId": "invoice_id",
    "ServiceName": "service_name",
    "ServiceCategory": "service_category",
    "ServiceSubcategory": "service_subcategory",
    "RegionId": "region_id",
    "RegionName": "region_name",
    "AvailabilityZone": "availability_zone",
    "SkuId": "sku_id",
    "SkuMeter": "sku_meter",
    "SkuPriceId": "sku_price_id",
    "ChargeCategory": "charge_category",
    "ChargeClass": "charge_class",
    "ChargeFrequency": "charge_frequency",
    "ChargeDescription": "charge_description",
    "PricingCategory": "pricing_category",
    "PricingUnit": "pricing_unit",
    "PricingCurrency": "pricing_currency",
    "ConsumedUnit": "consumed_unit",
    "CommitmentDiscountCategory": "commitment_discount_category",
    "CommitmentDiscountId": "commitment_discount_id",
    "CommitmentDiscountName": "commitment_discount_name",
    "CommitmentDiscountStatus": "commitment_discount_status",
    "CommitmentDiscountType": "commitment_discount_type",
    "CommitmentDiscountUnit": "commitment_discount_unit",
    "CapacityReservationStatus": "capacity_reservation_status",
    "ResourceId": "resource_id",
    "ResourceName": "resource_name",
    "ResourceType": "resource_type",
}
FOCUS_AMOUNTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity")
CUR = {
    "line_item_currency_code": "billing_currency",
    "bill_payer_account_id": "billing_account_id",
    "bill_payer_account_name": "billing_account_name",
    "line_item_usage_account_id": "sub_account_id",
    "line_item_usage_account_name": "sub_account_name",
    "bill_invoicing_entity": "invoice_issuer_name",
    "bill_invoice_id": "invoice_id",
    "line_item_availability_zone": "availability_zone",
    "line_item_usage_type": "sku_id",
    "pricing_unit": "consumed_unit",
    "line_item_resource_id": "resource_id",
}
_UNBLENDED = "line_item_unblended_cost"
_ONE_TIME = frozenset(("Fee", "SavingsPlanUpfrontFee", "Credit", "Refund"))
_RECURRING = frozenset(("RIFee", "SavingsPlanRecurringFee", "Tax"))


def needed(names: Iterable[str]) -> list[str]:
    """Which of a table's columns are read.

    Raises:
        UnexpectedReply: it is neither a FOCUS table nor CUR 2.0.
    """
    names = list(names)
    reader(names)
    prefixes = ("reservation_", "savings_plan_", "product", "discount", "pricing_")
    known = {
        *FOCUS,
        *FOCUS_AMOUNTS,
        "ChargePeriodStart",
        "Tags",
        "x_CostCategories",
        *CUR,
        "resource_tags",
        "cost_category",
    }
    return [name for name in names if name in known or name.startswith(("line_item_", *prefixes))]


def charges(rows: Iterable[Cells], names: Iterable[str], days: Period, month: Period) -> Iterator[Charge]:
    """The charges of a month's rows that lie on ``days``, each day and thing once.

    A charge dated outside its billing month (late usage, yearly fees) stands on the month's nearest day: there it is
    billed. Raises UnexpectedReply where a row cannot be a charge.
    """
    read = reader(list(names))
    sums: dict[tuple[Any, ...], Amounts] = {}
    for row in rows:
        day, columns, amounts = read(row)
        day = max(month.start, min(day, month.last))
        if day in days:
            key = (day, tuple(columns.items()))
            before = sums.get(key)
            sums[key] = tuple(a + b for a, b in zip(before, amounts, strict=True)) if before else amounts
    for (day, columns), amounts in sums.items():
        yield _charge(day, dict(columns), amounts)


def _charge(day: date, columns: Columns, amounts: Amounts) -> Charge:
    pairs_of = columns.pop("tags", ())
    given = dict(zip(AMOUNTS, amounts, strict=True))
    for name in columns.pop("unknown_columns", ()):
        del given[name]
    known = {"day": day, "service_provider_name": "AWS", "host_provider_name": "AWS", "tags": dict(pairs_of)}
    return charge_of({**known, **columns, **given})


def reader(names: list[str]) -> Callable[[Cells], tuple[date, Columns, Amounts]]:
    """What reads a row of a table with these columns.

    Raises:
        UnexpectedReply: it is neither a FOCUS table nor CUR 2.0.
    """
    if "BilledCost" in names and "ChargePeriodStart" in names:
        return focus_row
    if _UNBLENDED in names and "line_item_usage_start_date" in names:
        return cur_row
    raise UnexpectedReply("The export is neither a FOCUS table nor CUR 2.0.", "Create one of these in Data Exports.")


def focus_row(row: Cells) -> tuple[date, Columns, Amounts]:
    """Day, columns and amounts of a row of a FOCUS table."""
    columns: Columns = {ours: _text(row.get(theirs)) for theirs, ours in FOCUS.items()}
    columns["sub_account_name"] = columns["sub_account_name"] or columns["sub_account_id"]
    columns["billing_account_name"] = columns["billing_account_name"] or columns["billing_account_id"]
    columns["invoice_issuer_name"] = columns["invoice_issuer_name"] or "AWS"
    columns["service_category"] = columns["service_category"] or "Other"
    columns["charge_frequency"] = columns["charge_frequency"] or "Usage-Based"
    columns["tags"] = tuple(sorted({*tags(row.get("Tags")), *tags(row.get("x_CostCategories"))}))
    billed, others = _first(row, "BilledCost"), [row.get(name) for name in FOCUS_AMOUNTS[1:]]
    columns["unknown_columns"] = _left_out(others)
    return day_of(row["ChargePeriodStart"]), columns, _amounts(billed, *others)


def cur_row(row: Cells) -> tuple[date, Columns, Amounts]:
    """The same of a row of CUR 2.0."""
    kind = _text(row.get("line_item_line_item_type"))
    product = dict(pairs(row.get("product")))
    columns: Columns = {ours: _text(row.get(theirs)) for theirs, ours in CUR.items()}
    columns["sub_account_name"] = columns["sub_account_name"] or columns["sub_account_id"]
    columns["billing_account_name"] = columns["billing_account_name"] or columns["billing_account_id"]
    columns["invoice_issuer_name"] = columns["invoice_issuer_name"] or "AWS"
    columns["sku_meter"] = columns["sku_id"]
    columns["x_user_name"] = principal(_text(row.get("line_item_iam_principal")))
    name = product.get("product_name") or _text(row.get("product_servicecode")) or _text(row["line_item_product_code"])
    columns |= {"service_name": name or "Unknown service", "service_category": category(name)}
    region = _text(row.get("product_region_code")) or product.get("region", "")
    columns |= {"region_id": region, "region_name": region_names().get(region, region)}
    columns |= {"charge_category": charge_category(kind), "charge_frequency": frequency(kind)}
    columns["pricing_category"] = pricing(kind, _text(row.get("pricing_term")), columns["sku_id"])
    columns["tags"] = tuple(sorted({*tags(row.get("resource_tags")), *tags(row.get("cost_category"))}))
    billed = _first(row, "line_item_net_unblended_cost", _UNBLENDED)
    quantity = row.get("line_item_usage_amount") if columns["consumed_unit"] else None
    others = [_effective(row, kind, billed), row.get("pricing_public_on_demand_cost"), None, quantity]
    columns["unknown_columns"] = _left_out(others)
    return day_of(row["line_item_usage_start_date"]), columns, _amounts(billed, *others)


def _effective(row: Cells, kind: str, billed: Decimal) -> Decimal:
    """The amortized cost: fees spread over what they covered, the unused rest on the fee's own lines."""
    match kind:
        case "SavingsPlanCoveredUsage":
            names = "savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost"
            return _first(row, *names, otherwise=billed)
        case "DiscountedUsage":
            return _first(row, "reservation_net_effective_cost", "reservation_effective_cost", otherwise=billed)
        case "SavingsPlanRecurringFee":
            used = _first(row, "savings_plan_used_commitment")
            return _first(row, "savings_plan_total_commitment_to_date") - used
        case "RIFee":
            upfront = _first(row, "reservation_unused_amortized_upfront_fee_for_billing_period")
            return upfront + _first(row, "reservation_unused_recurring_fee")
        case _:
            return _NOTHING if is_upfront(*(_text(row.get(name)) for name in FEES)) else billed


FEES = (
    *("line_item_line_item_type", "savings_plan_savings_plan_a_r_n", "reservation_reservation_a_r_n"),
    *("savings_plan_payment_option", "pricing_purchase_option"),
)
"""What tells whether a line is part of the amortized cost."""


def is_upfront(kind: str, plan: str, reservation: str, *options: str) -> bool:
    """Whether a line is an upfront fee, or gives one back: neither was ever part of the amortized cost."""
    if kind == "Refund":
        return bool(plan or reservation) and "No Upfront" not in options
    return kind in {"SavingsPlanNegation", "SavingsPlanUpfrontFee"} or (kind == "Fee" and bool(reservation))


def principal(arn: str) -> str:
    """Who asked Amazon Bedrock, by the name in their ARN: ``alice``, ``Developers/alice@lumen.example``; or ``""``.

    Evidence: CUR 2.0's ``line_item_iam_principal`` (``INCLUDE_IAM_PRINCIPAL_DATA``; Bedrock's user guide, "IAM
    principal attribution"; Cloud Intelligence Dashboards, Data Exports v0.12.0): a user's ARN, or an assumed role's
    with its session.
    """
    return arn.partition("/")[2] or arn.rpartition(":")[2]


def frequency(kind: str) -> str:
    """FOCUS's ChargeFrequency of a line item's type."""
    return "One-Time" if kind in _ONE_TIME else "Recurring" if kind in _RECURRING else "Usage-Based"


def pricing(kind: str, term: str, usage_type: str) -> str:
    """FOCUS's PricingCategory of a line item."""
    if kind in ("SavingsPlanCoveredUsage", "DiscountedUsage"):
        return "Committed"
    if "SpotUsage" in usage_type:
        return "Dynamic"
    return pricing_category(term.replace("OnDemand", "On Demand"))


def _amounts(billed: Decimal, *others: object) -> Amounts:
    """Costs left out equal the billed one; a quantity left out is none."""
    *costs, quantity = (_number(text) for text in others)
    return (billed, *(billed if cost is None else cost for cost in costs), quantity or _NOTHING)


def _left_out(others: Sequence[object]) -> tuple[str, ...]:
    """The costs beside the billed one that a row leaves out."""
    return tuple(name for name, text in zip(AMOUNTS[1:-1], others, strict=False) if text is None or text == "")


def _first(row: Cells, *names: str, otherwise: Decimal = _NOTHING) -> Decimal:
    """The first of these columns that has an amount."""
    return next((found for name in names if (found := _number(row.get(name))) is not None), otherwise)


def _number(value: object) -> Decimal | None:
    """An exact amount, None where there is none.

    Raises:
        UnexpectedReply: it is no finite number.
    """
    if value is None or value == "":
        return None
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise UnexpectedReply("The export has an amount that is not a number.", HINT)
    fine = -int(amount.as_tuple().exponent) <= _PLACES
    return amount if fine else amount.quantize(_FINEST, ROUND_HALF_EVEN, _WIDE)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def day_of(value: object) -> date:
    """The day of an instant.

    Raises:
        UnexpectedReply: it is none.
    """
    if isinstance(value, datetime):
        return value.date()
    return _parsed(str(value)[:10])


@lru_cache(maxsize=4096)
def _parsed(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnexpectedReply("The export has a charge without a date.", HINT) from None


def pairs(value: object) -> list[tuple[str, str]]:
    """A map column: JSON in CSV, pairs in Parquet."""
    if not value:
        return []
    if isinstance(value, str):
        return _json_pairs(value)
    entries = value.items() if isinstance(value, Mapping) else value
    return [(str(key), _text(value)) for key, value in entries]  # type: ignore[attr-defined]  # Arrow's maps


@lru_cache(maxsize=65536)
def _json_pairs(text: str) -> list[tuple[str, str]]:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise UnexpectedReply("The export has tags or product attributes that are not a JSON object.", HINT)
    return [(str(key), _text(value)) for key, value in parsed.items()]


def tags(value: object) -> tuple[tuple[str, str], ...]:
    """Tags by the names people gave them: AWS writes ``user:team`` or ``user_team``."""
    named = ((key.removeprefix("user:").removeprefix("user_"), text) for key, text in pairs(value))
    return tuple(sorted((key, text) for key, text in named if text))
