"""Values of dimensions as choices of a menu: offered while somebody types, within what they may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b

from bot import render
from bot.blockkit.build import Block, cut, option
from bot.domain.answers import ValuesAnswer
from bot.domain.errors import CostError
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.domain.scope import Scope
from bot.slack.context import AppContext
from bot.slack.workspace_memory import WorkspaceMemory

MAX_OPTIONS = 100
_MAX_VALUE = 150
_PER_DIMENSION = 25
_LABEL, _DIMENSION = 70, 30
"""Characters of a choice's label, and of those at most for its dimension."""


def choice(memory: WorkspaceMemory, dimension: str, value: str) -> Block:
    """One value as a choice; what is too long for Slack is stored under a key."""
    text = json.dumps([dimension, value], ensure_ascii=False, separators=(",", ":"))
    if len(text) > _MAX_VALUE:
        key = blake2b(text.encode(), digest_size=12).hexdigest()
        memory.put("value", key, {"dimension": dimension, "value": value})
        text = f"#{key}"
    name = render.dimension(dimension)[:_DIMENSION]
    return option(f"{cut(render.value(value, dimension), _LABEL - len(name))} · {name}", text)


def parse(memory: WorkspaceMemory, text: str) -> tuple[str, str] | None:
    """The dimension and value behind a choice; None for one that this version does not know."""
    if text.startswith("#"):
        stored = memory.get("value", text[1:])
        return (str(stored["dimension"]), str(stored["value"])) if stored else None
    try:
        dimension, value = json.loads(text)
    except ValueError:
        return None
    return str(dimension), str(value)


def initial(memory: WorkspaceMemory, where: Iterable[Filter], *, exclude: bool) -> list[Block]:
    """The choices that filters stand for."""
    pairs = [(item.dimension, value) for item in where if item.exclude == exclude for value in item.values]
    return [choice(memory, dimension, value) for dimension, value in pairs[:MAX_OPTIONS]]


def filters(memory: WorkspaceMemory, texts: Iterable[str], *, exclude: bool) -> tuple[Filter, ...]:
    """The filters that choices stand for: one a dimension, its values combined by "or"."""
    by_dimension: dict[str, list[str]] = {}
    for pair in filter(None, (parse(memory, text) for text in texts)):
        by_dimension.setdefault(pair[0], []).append(pair[1])
    return tuple(
        Filter(dimension=name, values=tuple(dict.fromkeys(values)), exclude=exclude)
        for name, values in by_dimension.items()
    )


def offer(context: AppContext, memory: WorkspaceMemory, scope: Scope, typed: str) -> list[Block]:
    """Values of any dimension that match what was typed."""
    offered: list[Block] = []
    for dimension in [*DIMENSIONS, *(f"Tags/{key}" for key in tag_keys(context, scope))]:
        values = context.answer_service.closest(dimension, typed, scope=scope)[:_PER_DIMENSION]
        offered += [choice(memory, dimension, value) for value in values]
        if len(offered) >= MAX_OPTIONS:
            break
    return offered[:MAX_OPTIONS]


def tag_keys(context: AppContext, scope: Scope) -> list[str]:
    """The keys of the tags that charges in the scope have."""
    try:
        answer = context.answer_service.answer(Question(kind="values", by=("Tags",)), scope=scope).answer
    except CostError:
        return []
    return [entry.value for entry in answer.values if entry.value] if isinstance(answer, ValuesAnswer) else []


def sources(context: AppContext, scope: Scope) -> list[str]:
    """The names of the sources in the scope."""
    try:
        freshness = context.answer_service.answer(Question(kind="freshness"), scope=scope).answer.as_of
    except CostError:
        return []
    return sorted({source.source for source in freshness})
