"""A charge: one row of the FOCUS specification (version 1.4), its columns in snake case.

Which columns are dimensions, details and amounts is written here once, for the ledger, the
importer and the export. Source: FOCUS 1.4, dataset "Cost and Usage".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from msgspec import Struct

AMOUNTS = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "ConsumedQuantity",
    "PricingQuantity",
)
"""What adds up, summed exactly by day and series."""

SERIES = (
    "ServiceProviderName",
    "HostProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "ServiceName",
    "ServiceCategory",
    "ServiceSubcategory",
    "RegionId",
    "RegionName",
    "AvailabilityZone",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "PricingCategory",
    "PricingUnit",
    "PricingCurrency",
    "BillingCurrency",
    "ConsumedUnit",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "CapacityReservationStatus",
    "Tags",
    "x_Model",
    "x_TokenType",
    "x_ApiKeyName",
    "x_UserName",
    "x_Estimate",
    "x_Credit",
    "x_BillingMonth",
    "x_ChargePeriodDays",
)
"""What tells series apart. ``""`` is "names none".

``x_Credit`` is "credit" for charges that "before credits" leaves out; ``x_BillingMonth`` is ``""`` where
the billing period is the calendar month of the day, else ``YYYY-MM-DD/YYYY-MM-DD``; ``x_ChargePeriodDays`` is
``""`` for one day (or hours within one), else a number; ``x_Estimate`` says how a split was estimated.
"""

DETAILS = (
    "ChargeDescription",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "InvoiceId",
    "InvoiceDetailId",
    "SkuPriceDetails",
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "CommitmentDiscountQuantity",
    "CommitmentProgramEligibilityDetails",
    "CapacityReservationId",
    "ContractApplied",
    "AllocatedMethodId",
    "AllocatedMethodDetails",
    "AllocatedResourceId",
    "AllocatedResourceName",
    "AllocatedTags",
)
"""What is kept with a charge but starts no series of its own; unknown columns join them as ``x_``."""

TELLING = ("EffectiveCost", "ListCost", "ContractedCost", "CommitmentDiscountStatus")
"""What not every vendor tells of usage: a cost left out equals the billed one, which is no price that was told."""

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
UNKNOWN_COSTS = "x_UnknownCosts"
"""A further column of usage: which of its costs are not known and billed instead: ``ContractedCost, ListCost``."""

NOTHING: Mapping[str, str] = MappingProxyType({})
"""No tags, no further columns."""
CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")


class Charge(Struct, frozen=True, kw_only=True):
    """One charge as a provider tells it, on one of the biller's days (UTC).

    Amounts are exact and in ``billing_currency``; ``consumed_quantity`` is in ``consumed_unit``, which is
    ``""`` where nothing was measured. Amounts left out equal ``billed_cost``. A bill has a hundred thousand of these a
    day: what is in them is checked by whoever reads it from the vendor, not a second time here.
    """

    day: date
    billed_cost: Decimal
    effective_cost: Decimal | None = None
    list_cost: Decimal | None = None
    contracted_cost: Decimal | None = None
    consumed_quantity: Decimal = Decimal(0)
    consumed_unit: str = ""
    pricing_quantity: Decimal = Decimal(0)
    pricing_unit: str = ""
    pricing_category: str = ""
    pricing_currency: str = ""
    billing_currency: str
    service_provider_name: str
    host_provider_name: str = ""
    invoice_issuer_name: str = ""
    billing_account_id: str = ""
    billing_account_name: str = ""
    billing_account_type: str = ""
    sub_account_id: str = ""
    sub_account_name: str = ""
    sub_account_type: str = ""
    service_name: str
    service_category: str = "Other"
    service_subcategory: str = ""
    region_id: str = ""
    region_name: str = ""
    availability_zone: str = ""
    sku_id: str = ""
    sku_meter: str = ""
    sku_price_id: str = ""
    charge_category: str = "Usage"
    charge_class: str = ""
    charge_frequency: str = "Usage-Based"
    charge_description: str = ""
    commitment_discount_category: str = ""
    commitment_discount_id: str = ""
    commitment_discount_name: str = ""
    commitment_discount_status: str | None = None
    """None where the vendor does not tell it; ``""`` for charges that no commitment was used for."""
    commitment_discount_type: str = ""
    commitment_discount_unit: str = ""
    capacity_reservation_status: str = ""
    resource_id: str = ""
    resource_name: str = ""
    resource_type: str = ""
    invoice_id: str = ""
    tags: Mapping[str, str] = NOTHING
    x_model: str = ""
    x_token_type: str = ""
    x_api_key_name: str = ""
    x_user_name: str = ""
    x_estimate: str = ""
    x_billing_month: str = ""
    x: Mapping[str, str] = NOTHING
    """Further columns of the vendor's own; their names start ``x_``."""
    unknown_columns: tuple[str, ...] = ()
    """Of ``TELLING`` what was not told, although something stands in for it here."""

    @property
    def charge_period_start(self) -> datetime:
        """Midnight UTC of the day."""
        return datetime.combine(self.day, datetime.min.time(), UTC)

    @property
    def charge_period_end(self) -> datetime:
        """Midnight UTC after it, exclusive."""
        return self.charge_period_start + timedelta(days=1)


def charge_of(values: Mapping[str, object]) -> Charge:
    """The charge that has these values, by the names of its attributes."""
    return Charge(**values)  # type: ignore[arg-type]  # each is of its attribute's type, which only its name says


def attribute(column: str) -> str:
    """What ``Charge`` calls a column: ``BilledCost`` is ``billed_cost``, ``x_Model`` is ``x_model``."""
    return _HUMP.sub("_", column).lower()


def is_credit(charge_category: str, billed_cost: Decimal) -> bool:
    """Whether "before credits" leaves the charge out: credits, and adjustments in the customer's favour."""
    return charge_category == "Credit" or (charge_category == "Adjustment" and billed_cost < 0)
