"""Feeds and their grains: overlapping views of one bill, of which an answer takes exactly one.

Charges of one feed add up to its source's bill. Charges of two feeds of one source never add up. A ``Note`` says what
an optional one could not bring, though the bill came whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from msgspec import Struct
from pydantic import BaseModel, ConfigDict

PROVIDER_NAMES = {"aws": "AWS", "gcp": "Google Cloud", "openai": "OpenAI", "anthropic": "Anthropic"}
"""What each provider calls itself in the ledger; a source that is named like its provider is it for people."""
BEFORE_CREDITS = frozenset({"OpenAI", "Anthropic"})
"""Vendors whose bills need not name credits: that one names none does not mean that none were used."""
WAREHOUSE = "warehouse"
"""The feed of a source whose line items can be asked for when a question needs them."""
ANY_TAG = "Tags/*"
"""In a grain: every tag is told apart."""
_EXCEPT = "-"


def except_tags(*keys: str) -> frozenset[str]:
    """What says in a grain with ``ANY_TAG`` that these tags are the ones it does not tell apart."""
    return frozenset(f"{_EXCEPT}Tags/{key}" for key in keys)


class Feed(BaseModel):
    """One stream of charges from one source.

    ``grain`` holds the dimensions it tells apart, those that are the same for the whole source, and
    those that the source cannot have (OpenAI has no regions: known to name none).
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    source: str
    name: str
    grain: frozenset[str]

    def missing(self, dimensions: Collection[str]) -> list[str]:
        """The dimensions that this feed does not tell apart."""
        return sorted(dimension for dimension in dimensions if not self._tells(dimension))

    def _tells(self, dimension: str) -> bool:
        if dimension in self.grain:
            return True
        return dimension.startswith("Tags") and ANY_TAG in self.grain and f"{_EXCEPT}{dimension}" not in self.grain


def choose(feeds: Iterable[Feed], dimensions: Collection[str]) -> Feed | None:
    """The first feed of one source that covers the dimensions, or None.

    A source's feeds stand in the order its provider tells them: the bill itself, which is pulled first and most
    often, then the views beside it, the finest last.
    """
    return next((feed for feed in feeds if not feed.missing(dimensions)), None)


class Freshness(BaseModel):
    """How current a source is. Days after ``final_through`` are provisional."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    source: str
    synced: datetime
    data_through: date | None = None
    final_through: date | None = None
    feed: str = ""
    """The feed that an answer took of it, where it is of an answer."""


class Note(Struct, frozen=True):
    """``view`` names what was asked for ("costs by API key"); ``message`` says why, ``hint`` what to do."""

    view: str
    message: str
    hint: str = ""
    feed: str = ""
    """The feed concerned; ``""`` for one that could not even be found."""
    columns: frozenset[str] = frozenset()
    """FOCUS columns whose values are missing or coarser for it: who asks by them is told."""

    def concerns(self, columns: Collection[str]) -> bool:
        """Whether an answer that rests on these columns would have used the view; ``Tags`` stands for all tags."""
        if "Tags" in self.columns and any(column.startswith("Tags/") for column in columns):
            return True
        return not self.columns.isdisjoint(columns)

    def sentence(self, source: str) -> str:
        """For people: whose view is missing, and why."""
        return f"{source}: no {self.view}. {self.message}"
