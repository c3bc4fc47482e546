"""What was asked, as one closed value. Its JSON is a public interface (CHANGELOG when it changes)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from bot.domain.money import Exact
from bot.domain.period import Grain, Period

Kind = Literal[
    "cost",
    "explain",
    "forecast",
    "anomalies",
    "budgets",
    "values",
    "price",
    "savings",
    "commitments",
    "recommendations",
    "credits",
    "invoice",
    "freshness",
    "help",
    "unsupported",
]
Metric = Literal["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity"]
Charges = Literal["net", "gross", "credits", "tax"]
Order = Literal["cost", "change", "increase", "decrease", "growth"]
Averaged = Literal["day", "week", "month"]
Beside = Literal["net", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity"]

DIMENSIONS = (
    "ServiceProviderName",
    "ServiceName",
    "ServiceCategory",
    "SubAccountName",
    "BillingAccountName",
    "RegionId",
    "SkuId",
    "ChargeCategory",
    "PricingCategory",
    "ResourceId",
    "x_Model",
    "x_TokenType",
    "x_ApiKeyName",
    "x_UserName",
)
"""What a question may break down or filter by, beside ``Tags/<key>``; ``Tags`` are the keys themselves."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Filter(_Value):
    """One dimension held to values (OR-ed); ``""`` is "names none"."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False


class Threshold(_Value):
    """Only lines (or days) whose amount passes; of what is unusual also so large a ``share`` of the usual.

    ``of="change"`` limits how much a line changed; with ``percent`` the amount is a percentage: of the total, or of
    what the line was before where its change is limited.
    """

    op: Literal[">", ">=", "<", "<="]
    amount: Exact
    share: Exact | None = Field(default=None, ge=0)
    of: Literal["cost", "change"] = "cost"
    percent: bool = False

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """The keys beside ``op`` and ``amount`` only where they say something."""
        dumped: dict[str, object] = handler(self)
        plain = {"share": None, "of": "cost", "percent": False}
        return {name: value for name, value in dumped.items() if name not in plain or value != plain[name]}


class Quantity(_Value):
    """What a price is asked of: ``10000000 Tokens``, ``2 TB-Months``; where there are several, of a ``token_type``."""

    amount: Exact = Field(gt=0)
    unit: str = Field(min_length=1, max_length=40)
    token_type: str | None = None

    @model_serializer(mode="wrap")
    def _spoken(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without a token type where there is none."""
        dumped: dict[str, object] = handler(self)
        return {name: value for name, value in dumped.items() if name != "token_type" or value is not None}


class UnitCost(_Value):
    """Cost divided by the quantity of the charges that have this unit: ``Tokens``, ``Hours``, ``GB``."""

    unit: str = Field(min_length=1, max_length=40)


class Usage(_Value):
    """The consumption that a price question is asked of: filters and days whose quantities are priced."""

    where: tuple[Filter, ...] = ()
    period: Period


class Question(_Value):
    """A question with every default filled in."""

    kind: Kind = "cost"
    metric: Metric = "BilledCost"
    period: Period | None = None
    against: Period | None = None
    grain: Grain | None = None
    by: tuple[str, ...] = Field(default=(), max_length=2)
    where: tuple[Filter, ...] = ()
    charges: Charges = "net"
    top: int | None = Field(default=None, ge=1)
    order: Order = "cost"
    threshold: Threshold | None = None
    only: Literal["new", "gone"] | None = None
    """Only values with cost in ``period`` and none in ``against``, or the reverse."""
    share_of: tuple[Filter, ...] | None = None
    """The whole that ``where`` is a part of, over the same period; ``()`` is everything."""
    average: Averaged | None = None
    """The total divided by the whole days, weeks or months of the period."""
    cumulative: bool = False
    """Each step of the series is the sum so far."""
    per: UnitCost | None = None
    beside: Beside | None = None
    """A second measure side by side with ``metric``; ``net`` beside ``charges="gross"``."""
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    """ISO 4217: amounts are converted at each day's rate."""
    unit: str | None = Field(default=None, min_length=1, max_length=40)
    """Which quantity ``ConsumedQuantity`` means; no other is shown then."""
    usage: Usage | None = None
    quantities: tuple[Quantity, ...] = Field(default=(), max_length=4)
    """What a price is multiplied by; only where it was said, also in the JSON."""

    @model_serializer(mode="wrap")
    def _without_quantities(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without quantities where there are none."""
        dumped: dict[str, object] = handler(self)
        return {name: value for name, value in dumped.items() if name != "quantities" or value}

    def dimensions(self) -> frozenset[str]:
        """Every dimension that a feed must tell apart to answer this."""
        needed = {*self.by, *(part.dimension for part in (*self.where, *(self.share_of or ())))}
        if self.charges != "net":
            needed.add("ChargeCategory")
        return frozenset(needed)
