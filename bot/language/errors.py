"""What to say when a text is not understood: the closest names, the nearest questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.errors import NotUnderstood
from bot.domain.question import Quantity
from bot.language.describe import quantity
from bot.language.entities import Vocabulary
from bot.language.spelling import closest

FIRST: Final = "aws last month by service"
EXAMPLES: Final = (FIRST, "top 5 services this month", "why did costs go up last week?", "forecast", "help")
_SHOWN: Final = 3
_KEYS: Final = 8
_NAMED: Final = ("ServiceProviderName", "ServiceName", "SubAccountName", "x_Model", "RegionId", "x_UserName")
_SEARCHED: Final = 300
"""Values of each dimension that are looked through for what was meant."""


def not_understood(unknown: Sequence[str], vocabulary: Vocabulary, *, priced: bool = False) -> NotUnderstood:
    """The refusal that names the words and what is closest to them; SKUs too, where a price is asked for."""
    if all(map(vocabulary.names_a_tag, unknown)):
        return _no_such_tag(unknown, vocabulary)
    skus = [sku.rpartition(":")[2] for sku in vocabulary.values("SkuId")[:_SEARCHED]] if priced else []
    near = list(dict.fromkeys(name for word in unknown[:_SHOWN] for name in nearest(word, vocabulary, skus)))[:_SHOWN]
    shown = " or ".join(f"'{word[:60]}'" for word in unknown[:_SHOWN])
    more = f", and {len(unknown) - _SHOWN} more words are unknown to me" if len(unknown) > _SHOWN else ""
    return NotUnderstood(
        f"I don't know any service, account, region, tag or model like {shown}{more}.",
        f"Closest: {', '.join(near)}." if near else f'Ask for example: "{FIRST}".',
        unknown=list(unknown),
        suggestions=[*near, *EXAMPLES[:2]],
        unread=True,
    )


def nearest(word: str, vocabulary: Vocabulary, also: Sequence[str] = ()) -> list[str]:
    """The names of the ledger, and of those that stand beside them, that are most like a word; the best first."""
    return closest(word, [*vocabulary.names((*_NAMED, *vocabulary.tags), _SEARCHED), *also])


def several_quantities(words: Sequence[str]) -> NotUnderstood:
    """The refusal of quantities that are not each of a token type of its own."""
    return NotUnderstood(
        f"I can price one quantity at a time, and I read {' and '.join(repr(word) for word in words)}.",
        'Input and output may stand together: "3M input and 1M output tokens of gpt-5".',
        unknown=list(words),
        suggestions=["price of 10M tokens of gpt-5"],
    )


def forecast_of_two(words: Sequence[str]) -> NotUnderstood:
    """The refusal of a forecast of one month against another."""
    return NotUnderstood(
        f"I can forecast one period at a time, and I read {' and '.join(repr(word) for word in words)}.",
        "Ask for the forecast and for what was spent one after the other.",
        unknown=list(words),
        suggestions=["forecast next month", "spend last month"],
    )


def _no_such_tag(unknown: Sequence[str], vocabulary: Vocabulary) -> NotUnderstood:
    """The refusal of what companies tag by, and this one does not."""
    keys = vocabulary.tag_keys[:_KEYS]
    hint = f'Available: {", ".join(keys)}. Ask for example: "spend by {keys[0]}".' if keys else "It has no tags."
    return NotUnderstood(
        f"This ledger has no tag or label for {' or '.join(repr(word) for word in unknown[:_SHOWN])}.",
        hint,
        unknown=list(unknown),
        suggestions=[*(f"spend by {key}" for key in keys[:_SHOWN]), FIRST],
        unread=True,
    )


def of_what(asked: Quantity, vocabulary: Vocabulary) -> NotUnderstood:
    """The refusal of a quantity of nothing."""
    dimension = "x_Model" if asked.unit == "Tokens" else "ServiceName"
    spoken = quantity(asked)
    names = vocabulary.values(dimension)[:_SHOWN]
    examples = [f"price of {spoken} of {name}" for name in names]
    return NotUnderstood(
        f"{spoken} of what?",
        f'Name a model, a SKU or a service: "{examples[0]}".' if examples else "Name a model, a SKU or a service.",
        unknown=[spoken],
        suggestions=examples,
    )


def from_the_bottom(word: str) -> NotUnderstood:
    """The refusal of a ranking that questions have no order for."""
    return NotUnderstood(
        f"I can rank from the top, not from the bottom: {word!r}.",
        'Ask for the most expensive ("top 5 services"), or for those under an amount ("services under $100").',
        unknown=[word],
        suggestions=["services under $100", "top 5 services"],
    )


def no_such_day(word: str) -> NotUnderstood:
    """The refusal of a period that starts with what is no day."""
    return NotUnderstood(
        f"I don't know a day called {word!r}.",
        'Name a day: "since 3 Nov", "since last Monday", "since Black Friday".',
        unknown=[word],
        suggestions=["spend since last monday", "spend this month"],
        unread=True,
    )


def nothing_asked() -> NotUnderstood:
    """The refusal of a text without a word that says anything."""
    return NotUnderstood(
        "I don't see anything to look up in that.",
        f'Ask for costs in a sentence, such as "{FIRST}".',
        suggestions=EXAMPLES,
    )


def too_long(length: str, longest: str) -> NotUnderstood:
    """The refusal of a text that cannot be one question."""
    return NotUnderstood(
        f"That is {length} long; I can read questions of up to {longest}.",
        "Ask for one thing in a sentence or two.",
        suggestions=EXAMPLES,
    )
