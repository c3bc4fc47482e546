"""Whether Slack would take a message, a modal or a home view.

Slack answers a payload it does not like with ``invalid_blocks`` and shows nothing, so every payload is checked before
it is sent. Pure: a function of the payload alone. What one block may hold stands in ``schema/``; here is what counts
across blocks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from bot.blockkit.checks import Check, Problem, array, by_type
from bot.blockkit.notation import schema
from bot.blockkit.relations import duplicates, objects

__all__ = ["Problem", "blocks_of", "check_blocks", "check_chunks", "check_message", "check_prompts", "check_view"]

_Object = Mapping[str, object]
_ANY_CONTENT = ("text", "markdown_text", "blocks", "attachments", "delete_original")


def check_message(payload: _Object) -> list[Problem]:
    """What Slack would refuse in a message, whether sent by ``chat.postMessage`` and its kin or to a response_url."""
    problems = list(schema().definition("object.message")(payload, ""))
    problems += _check_blocks(payload.get("blocks"), "/blocks", "message")
    for index, attachment in enumerate(objects(payload, "attachments")):
        problems += _check_blocks(attachment.get("blocks"), f"/attachments/{index}/blocks", "message")
    if not any(payload.get(key) for key in _ANY_CONTENT):
        problems.append(Problem("", "no_text: needs text, blocks or attachments"))
    if "markdown_text" in payload and ("text" in payload or "blocks" in payload):
        problems.append(Problem("/markdown_text", "markdown_text_conflict: not allowed with text or blocks"))
    return problems


def check_view(view: _Object) -> list[Problem]:
    """What Slack would refuse in a modal or a home view."""
    surface = view.get("type")
    if surface not in ("modal", "home"):
        return [Problem("/type", "must be one of modal, home")]
    problems = list(schema().rule("view")(view, ""))
    problems += _check_blocks(view.get("blocks"), "/blocks", str(surface))
    has_input = any(block.get("type") == "input" for block in objects(view, "blocks"))
    if surface == "modal" and has_input and "submit" not in view:
        problems.append(Problem("/submit", "is required where there are inputs"))
    if len(json.dumps(view, default=repr).encode()) > schema().limits("bytes")["view"]:
        problems.append(Problem("", "view_too_large"))
    return problems


def check_blocks(blocks: object, surface: str = "message") -> list[Problem]:
    """What Slack would refuse in blocks alone; ``surface`` is ``message``, ``modal`` or ``home``."""
    return list(_check_blocks(blocks, "/blocks", surface))


def check_chunks(chunks: object) -> list[Problem]:
    """What Slack would refuse in the chunks of a stream."""
    return list(schema().rule("chunks")(chunks, "/chunks"))


def check_prompts(prompts: object) -> list[Problem]:
    """What Slack would refuse in the prompts that an agent suggests."""
    return list(schema().rule("prompts")(prompts, "/prompts"))


@cache
def blocks_of(surface: str) -> frozenset[str]:
    """The types of blocks that may stand on a surface."""
    names = schema().names("block")
    return frozenset(name for name in names if surface in schema().get("block", name)["surfaces"])


@cache
def _block_list(surface: str) -> Check:
    allowed = {name: schema().definition(f"block.{name}") for name in sorted(blocks_of(surface))}
    return array(by_type(allowed), (0, schema().limits("blocks")[surface]))


def _check_blocks(blocks: object, pointer: str, surface: str) -> Iterator[Problem]:
    if blocks is None:
        return
    yield from _block_list(surface)(blocks, pointer)
    present = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, Sequence) else []
    yield from _check_ids(present, pointer)
    yield from _check_counts(present, pointer)
    if sum(node.get("focus_on_load") is True for node in _nodes(present)) > 1:
        yield Problem(pointer, "focus_on_load is allowed once")


def _check_ids(blocks: Sequence[_Object], pointer: str) -> Iterator[Problem]:
    """Every block_id is unique in a payload, every action_id in its block."""
    nested = [child for block in blocks for child in objects(block, "child_blocks")]
    nested += [card for block in blocks for card in objects(block, "elements") if card.get("type") == "card"]
    for repeated in duplicates(block["block_id"] for block in (*blocks, *nested) if "block_id" in block):
        yield Problem(pointer, f"duplicate block_id {repeated!r:.60}")
    for index, block in enumerate(blocks):
        parts = [*objects(block, "child_blocks"), *objects(block, "elements")]
        for holder in parts if block.get("type") in ("container", "carousel") else [block]:
            if holder.get("type") == "data_table":  # its cells share the action of their column
                continue
            for repeated in duplicates(node["action_id"] for node in _nodes(holder) if "action_id" in node):
                yield Problem(f"{pointer}/{index}", f"duplicate action_id {repeated!r:.60}")


def _check_counts(blocks: Sequence[_Object], pointer: str) -> Iterator[Problem]:
    """Blocks of one type are counted, and their characters summed, over the whole payload."""
    for kind, most in schema().limits("of_type").items():
        count = sum(block.get("type") == kind for block in blocks)
        if count > most:
            yield Problem(pointer, f"no more than {most} {kind} blocks allowed, has {count}")
    every = [*blocks, *(child for block in blocks for child in objects(block, "child_blocks"))]
    for kind, most in schema().limits("characters").items():
        used = sum(_characters(block) for block in every if block.get("type") == kind)
        if used > most:
            yield Problem(pointer, f"no more than {most} characters in {kind} blocks allowed, has {used}")


def _characters(block: _Object) -> int:
    texts = (node.get("text") for node in _nodes(block))
    return sum(len(text) for text in texts if isinstance(text, str))


def _nodes(value: object) -> list[Mapping[str, Any]]:
    """Every object within a value, itself included; a table has thousands, so plain types are tried first."""
    nodes: list[Mapping[str, Any]] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict) or (not isinstance(item, str | list | tuple) and isinstance(item, Mapping)):
            nodes.append(item)
            waiting += [member for member in item.values() if not isinstance(member, str | int | float | None)]
        elif isinstance(item, list | tuple):
            waiting += item
    return nodes
