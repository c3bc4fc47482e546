"""What a digest or an alert is about, from the names people write to a scope the ledger knows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.ports import Answers
from bot.digests.model import DigestScope
from bot.domain.question import Filter
from bot.domain.scope import EVERYTHING, Scope

_PROVIDERS = {
    "aws": "AWS",
    "amazon": "AWS",
    "gcp": "Google Cloud",
    "google": "Google Cloud",
    "azure": "Microsoft Azure",
    "claude": "Anthropic",
}
"""Names for providers that are no part of their name."""


def resolved(about: DigestScope, answers: Answers, seen: Scope = EVERYTHING) -> tuple[Scope, list[str]]:
    """The scope, within ``seen``, and the names that the ledger does not know."""
    named = [
        *([("SubAccountName", about.accounts)] if about.accounts else []),
        *([("ServiceProviderName", about.providers)] if about.providers else []),
        *((f"Tags/{key}", values) for key, values in about.tags.items()),
    ]
    where, unknown = list(about.where), []
    for dimension, names in named:
        values = []
        for name in names:
            value = _known(answers, seen, dimension, name)
            unknown += [] if value is not None else [name]
            values.append(name if value is None else value)
        where.append(Filter(dimension=dimension, values=tuple(dict.fromkeys(values))))
    return seen.within(Scope(sources=about.sources or None, where=tuple(where))), unknown


def _known(answers: Answers, seen: Scope, dimension: str, name: str) -> str | None:
    wanted = [name, _PROVIDERS.get(name.casefold(), "")] if dimension == "ServiceProviderName" else [name]
    for alias in filter(None, wanted):
        found: Sequence[str] = answers.closest(dimension, alias, scope=seen)
        for value in found:
            if value.casefold() == alias.casefold():
                return value
    return None
