"""Values of dimensions as choices of a menu: offered while somebody types, within what they may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b

from bot import render
from bot.blockkit.build import Block, cut, option
from bot.domain.errors import CostError
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.domain.scope import Scope
from bot.slack.context import AppContext
from bot.slack.workspace_memory import WorkspaceMemory

MOST = 100
_VALUE = 150
_EACH = 25


def choice(memory: WorkspaceMemory, dimension: str, value: str) -> Block:
    """One value as a choice; what is too long for Slack is kept under a key."""
    told = json.dumps([dimension, value], ensure_ascii=False, separators=(",", ":"))
    if len(told) > _VALUE:
        key = blake2b(told.encode(), digest_size=12).hexdigest()
        memory.put("value", key, {"dimension": dimension, "value": value})
        told = f"#{key}"
    name = render.dimension(dimension)
    return option(f"{cut(render.value(value, dimension), 70 - len(name[:30]))} · {name[:30]}", told)


def chosen(memory: WorkspaceMemory, told: str) -> tuple[str, str] | None:
    """The dimension and value behind a choice; None for what this version does not know."""
    if told.startswith("#"):
        kept = memory.get("value", told[1:])
        return (str(kept["dimension"]), str(kept["value"])) if kept else None
    try:
        dimension, value = json.loads(told)
    except ValueError:
        return None
    return str(dimension), str(value)


def initial(memory: WorkspaceMemory, where: Iterable[Filter], *, exclude: bool) -> list[Block]:
    """The choices that filters stand for."""
    return [
        choice(memory, each.dimension, value) for each in where if each.exclude == exclude for value in each.values
    ][:MOST]


def filters(memory: WorkspaceMemory, told: Iterable[str], *, exclude: bool) -> tuple[Filter, ...]:
    """The filters that choices stand for: one a dimension, its values OR-ed."""
    by_dimension: dict[str, list[str]] = {}
    for pair in filter(None, (chosen(memory, each) for each in told)):
        by_dimension.setdefault(pair[0], []).append(pair[1])
    return tuple(
        Filter(dimension=name, values=tuple(dict.fromkeys(values)), exclude=exclude)
        for name, values in by_dimension.items()
    )


def offered(context: AppContext, memory: WorkspaceMemory, scope: Scope, typed: str) -> list[Block]:
    """Values of any dimension that match what was typed."""
    found: list[Block] = []
    for dimension in [*DIMENSIONS, *(f"Tags/{key}" for key in tag_keys(context, scope))]:
        values = context.asker.closest(dimension, typed, scope=scope)[:_EACH]
        found += [choice(memory, dimension, value) for value in values]
        if len(found) >= MOST:
            break
    return found[:MOST]


def tag_keys(context: AppContext, scope: Scope) -> list[str]:
    """The tags there are."""
    try:
        told = context.asker.answer(Question(kind="values", by=("Tags",)), scope=scope).answer.values
    except CostError:
        return []
    return [str(each.get("value")) for each in told if each.get("value")]


def sources(context: AppContext, scope: Scope) -> list[str]:
    """The sources there are."""
    try:
        told = context.asker.answer(Question(kind="freshness"), scope=scope).answer.as_of
    except CostError:
        return []
    return sorted({each.source for each in told})
