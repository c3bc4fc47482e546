"""What was asked, as one closed value. Its JSON is a public interface (CHANGELOG when it changes)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from bot.costs.money import Exact
from bot.costs.period import Grain, Period

Kind = Literal[
    "cost",
    "explain",
    "forecast",
    "anomalies",
    "budgets",
    "values",
    "price",
    "savings",
    "credits",
    "invoice",
    "freshness",
    "help",
    "unsupported",
]
Metric = Literal["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity"]
Charges = Literal["net", "gross", "credits", "tax"]

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
    model_config = ConfigDict(frozen=True, extra="forbid")


class Filter(_Value):
    """One dimension held to values (OR-ed); ``""`` is "names none"."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False


class Threshold(_Value):
    """Only lines (or days) whose amount passes; of what is unusual also so large a ``share`` of the usual."""

    op: Literal[">", ">=", "<", "<="]
    amount: Exact
    share: Exact | None = Field(default=None, ge=0)

    @model_serializer(mode="wrap")
    def _spoken(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = handler(self)
        return {name: value for name, value in said.items() if name != "share" or value is not None}


class Quantity(_Value):
    """What a price is asked of: ``10000000 Tokens``, ``2 TB-Months``; where there are several, of a ``token_type``."""

    amount: Exact = Field(gt=0)
    unit: str = Field(min_length=1, max_length=40)
    token_type: str | None = None

    @model_serializer(mode="wrap")
    def _spoken(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without a token type where there is none."""
        said: dict[str, Any] = handler(self)
        return {name: value for name, value in said.items() if name != "token_type" or value is not None}


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
    order: Literal["cost", "change"] = "cost"
    threshold: Threshold | None = None
    quantities: tuple[Quantity, ...] = Field(default=(), max_length=4)
    """What a price is multiplied by; only where it was said, also in the JSON."""

    @model_serializer(mode="wrap")
    def _spoken(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without quantities where there are none."""
        said: dict[str, Any] = handler(self)
        return {name: value for name, value in said.items() if name != "quantities" or value}

    def dimensions(self) -> frozenset[str]:
        """Every dimension that a feed must tell apart to answer this."""
        needed = {*self.by, *(each.dimension for each in self.where)}
        if self.charges != "net":
            needed.add("ChargeCategory")
        return frozenset(needed)
