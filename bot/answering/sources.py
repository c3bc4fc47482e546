"""Sources that are pulled but have told nothing yet: their part of an answer is a gap, never a zero."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from bot.domain.answers.gaps import Gap, NoDataYet
from bot.domain.errors import Unavailable
from bot.domain.question import Filter
from bot.ledger.kv_store import Memory

_APART = frozenset({"ServiceName", "SkuId", "SubAccountName", "RegionId", "x_Model", "ResourceId"})
"""Whoever names one of these names something that has been seen, so not what a silent source would tell."""


def silent(
    declared: Mapping[str, str], reporting: Collection[str], where: Sequence[Filter], memory: Memory
) -> Iterator[Gap]:
    """A gap for each declared source (with its provider's name) that has told nothing and might have been meant."""
    for source, provider in declared.items():
        if source not in reporting and all(_may_mean(provider, condition) for condition in where):
            yield Gap(source, NoDataYet(_state(memory, source)))


def _may_mean(provider: str, condition: Filter) -> bool:
    if condition.dimension == "ServiceProviderName":
        return (provider in condition.values) != condition.exclude
    return condition.exclude or condition.dimension not in _APART


def never_landed(declared: Mapping[str, str], reporting: Collection[str], memory: Memory) -> str:
    """Which declared sources have told nothing yet, so that their names mean nothing either; ``""`` for none."""
    missing = [
        f"{provider} has no data yet. {_reason(memory, name)}"
        for name, provider in declared.items()
        if name not in reporting
    ]
    return f"If it is a name from one of these, I can't know it yet: {' '.join(missing)}" if missing else ""


def none_yet(memory: Memory) -> Unavailable:
    """What is said where the ledger holds nothing at all."""
    hints = {_reason(memory, source) for source in memory.all("sync")}
    if memory.all("lease"):
        hint = _UNDER_WAY
    elif hints:
        hint = hints.pop()
    else:
        hint = "The bot's operator can run spend sync, or import a FOCUS file with spend import."
    return Unavailable("I have no bills yet.", hint)


_UNDER_WAY = "They are being synced now. Ask again in a minute."


def _reason(memory: Memory, source: str) -> str:
    if memory.get("lease", source):
        return "Its bills are being synced now."
    last = memory.get("sync", source) or {}
    if last.get("status") == "ceiling":
        return "The monthly ceiling for paid requests is reached. Raise API_SPEND_CEILING, or wait for next month."
    if last.get("error"):
        return f"Its sync is failing. Admins see why in App Home; so does spend sync {source} in the terminal."
    return f"Run: spend sync {source}"


def _state(memory: Memory, source: str) -> Literal["not synced", "syncing", "failing", "ceiling reached"]:
    if memory.get("lease", source):
        return "syncing"
    last = memory.get("sync", source) or {}
    if last.get("status") == "ceiling":
        return "ceiling reached"
    return "failing" if last.get("error") else "not synced"
