"""What to say when a text is not understood: the closest names, the nearest questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.costs.errors import NotUnderstood
from bot.language.segment import Item
from bot.language.typos import closest
from bot.language.vocabulary import Vocabulary

FIRST: Final = "aws last month by service"
EXAMPLES: Final = (FIRST, "top 5 services this month", "why did costs go up last week?", "forecast", "help")
_SHOWN: Final = 3
_NAMED: Final = ("ServiceProviderName", "ServiceName", "SubAccountName", "x_Model", "RegionId")


def not_understood(unknown: Sequence[str], items: Sequence[Item], vocabulary: Vocabulary) -> NotUnderstood:
    """The refusal that names the words and what is closest to them."""
    names = [name for dimension in _NAMED for name in vocabulary.values(dimension)][:5_000]
    near = list(dict.fromkeys(name for word in unknown[:_SHOWN] for name in closest(word, names)))[:_SHOWN]
    shown = [f"'{word[:60]}'" for word in unknown[:_SHOWN]]
    more = f" and {len(unknown) - _SHOWN} more words" if len(unknown) > _SHOWN else ""
    message = f"I know no service, account, region, tag or model like {', '.join(shown)}{more}."
    hint = f"Closest: {', '.join(near)}." if near else f"Ask for example: {FIRST!r}."
    return NotUnderstood(message, hint, unknown=list(unknown), suggestions=[*near, *EXAMPLES[:2]])
