"""The views of one Anthropic bill: what each is told apart by, beside workspace, model and token type.

The analytics group by five dimensions at most, cost and token types not counted (``CostListParams.group_by``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from bot.domain.feed import ANY_TAG, Feed, except_tags

BY_KEY, BY_USER = "api_key_id", "actor"

_GRAIN = frozenset(
    {
        *("ServiceProviderName", "ServiceName", "ServiceCategory", "BillingAccountName", "SubAccountName"),
        *("SkuId", "x_Model", "x_TokenType", "ChargeCategory", "PricingCategory"),
        *("RegionId", "ResourceId", ANY_TAG),  # Anthropic has none: known to name none
    }
)
_COLUMNS = {BY_KEY: "x_ApiKeyName", BY_USER: "x_UserName"}
TAGS: Mapping[str, str] = {
    "product": "product",
    "service_tier": "service tier",
    "speed": "speed",
    "context_window": "context window",
    "inference_geo": "inference geography",
}
"""Dimensions of the analytics that FOCUS has no column for, by the tag that each becomes."""


@dataclass(frozen=True)
class AnalyticsView:
    """A feed as the analytics are asked for it."""

    name: str
    owner: str = ""
    """The dimension that says whose a line is: ``BY_KEY``, ``BY_USER``, or ``""``."""
    dimensions: tuple[str, ...] = field(default=())
    """Dimensions that become tags."""

    @property
    def group(self) -> tuple[str, ...]:
        """What costs and usage alike are grouped by."""
        return ("workspace_id", "model", *([self.owner] if self.owner else []), *self.dimensions)

    @property
    def columns(self) -> frozenset[str]:
        """The FOCUS columns that this view adds."""
        return frozenset({*([_COLUMNS[self.owner]] if self.owner else []), *self._tags(self.dimensions)})

    def feed(self, source: str) -> Feed:
        """The feed. Every view knows that there are no tags but those that some view has."""
        others = except_tags(*(key for name, key in TAGS.items() if name not in self.dimensions))
        return Feed(source=source, name=self.name, grain=_GRAIN | self.columns | others)

    @staticmethod
    def _tags(dimensions: tuple[str, ...]) -> list[str]:
        return [f"Tags/{TAGS[name]}" for name in dimensions]


_VIEWS = (
    AnalyticsView("workspace × model × token type"),
    AnalyticsView("workspace × api key × model × token type", BY_KEY),
    AnalyticsView("workspace × user × model × token type", BY_USER, ("product",)),
    AnalyticsView(
        "workspace × product × service tier × speed × model × token type", "", ("product", "service_tier", "speed")
    ),
    AnalyticsView(
        "workspace × context window × geography × model × token type", "", ("context_window", "inference_geo")
    ),
)
VIEWS: Mapping[str, AnalyticsView] = MappingProxyType({view.name: view for view in _VIEWS})
"""Every view by its name, the bill first."""

_PRODUCTS = {
    "claude_code": "Claude Code",
    "claude_in_chrome": "Claude in Chrome",
    "claude_design": "Claude Design",
    "claude_tag": "Claude in Slack",
    "chat_cowork_unified": "Chat and Cowork",
    "cc_security_autopatch": "Claude Security",
}
"""Products as their docstring calls them (``BetaAnalyticsCostGroup.product``); any other by its own word."""


def tags(group: object, dimensions: tuple[str, ...]) -> Mapping[str, str]:
    """The tags of a row, of the dimensions that it has."""
    return _tags(dimensions, tuple(getattr(group, name, None) or "" for name in dimensions))


@lru_cache(maxsize=4096)
def _tags(dimensions: tuple[str, ...], values: tuple[str, ...]) -> Mapping[str, str]:
    known = {name: value for name, value in zip(dimensions, values, strict=True) if value}
    if product := known.get("product"):
        known["product"] = _PRODUCTS.get(product, product.replace("_", " ").capitalize())
    return MappingProxyType({TAGS[name]: value for name, value in known.items()})
