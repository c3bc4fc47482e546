"""Whether Slack would take a message, a modal or a home view: the project's own strict checker.

Slack answers a payload it does not like with ``invalid_blocks`` and shows nothing, so every payload is
checked before it is sent, and the simulated workspace refuses what Slack would refuse. Pure: a function
of the payload alone. The tables are in ``kit``; here is what counts across blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.blockkit.blocks import BLOCKS, SURFACES
from bot.blockkit.elements import plain
from bot.blockkit.rules import Problem, Rule, flag, link, listing, members, one_of, shape, string, tagged, twice

__all__ = ["Problem", "check_blocks", "check_message", "check_view"]

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
CHARTS = 2
BUDGETS = {"table": 10_000, "data_table": 20_000, "markdown": 12_000}
"""Characters, for each block and for all blocks of that type in one payload together."""
TEXT, MARKDOWN_TEXT, ATTACHMENTS = 40_000, 12_000, 100
VIEW_BYTES = 250_000


def check_message(payload: Mapping[str, object]) -> list[Problem]:
    """What Slack would refuse in a message, sent by ``chat.postMessage`` and its kin or to a response_url."""
    problems = list(MESSAGE(payload, ""))
    problems += _blocks(payload.get("blocks"), "/blocks", "message")
    for index, attachment in enumerate(members(payload, "attachments")):
        problems += _blocks(attachment.get("blocks"), f"/attachments/{index}/blocks", "message")
    if not any(payload.get(key) for key in ("text", "markdown_text", "blocks", "attachments", "delete_original")):
        problems.append(Problem("", "no_text: needs text, blocks or attachments"))
    if "markdown_text" in payload and ("text" in payload or "blocks" in payload):
        problems.append(Problem("/markdown_text", "markdown_text_conflict: stands with neither text nor blocks"))
    return problems


def check_view(view: Mapping[str, object]) -> list[Problem]:
    """What Slack would refuse in a modal or a home view."""
    surface = view.get("type")
    if surface not in ("modal", "home"):
        return [Problem("/type", "must be one of modal, home")]
    problems = list(VIEWS(view, ""))
    problems += _blocks(view.get("blocks"), "/blocks", str(surface))
    inputs = any(block.get("type") == "input" for block in members(view, "blocks"))
    if surface == "modal" and inputs and "submit" not in view:
        problems.append(Problem("/submit", "is required where there are inputs"))
    if len(repr(view)) > VIEW_BYTES:
        problems.append(Problem("", "view_too_large"))
    return problems


def check_blocks(blocks: object, surface: str = "message") -> list[Problem]:
    """What Slack would refuse in blocks alone; ``surface`` is ``message``, ``modal`` or ``home``."""
    return list(_blocks(blocks, "/blocks", surface))


def _blocks(blocks: object, at: str, surface: str) -> Iterator[Problem]:
    if blocks is None:
        return
    allowed = {kind: BLOCKS[kind] for kind in sorted(SURFACES[surface])}
    yield from listing(tagged(allowed), 0, MOST_BLOCKS[surface])(blocks, at)
    found = [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, Sequence) else []
    yield from _ids(found, at)
    yield from _budgets(found, at)
    charts = sum(block.get("type") == "data_visualization" for block in found)
    if charts > CHARTS:
        yield Problem(at, f"no more than {CHARTS} data_visualization blocks allowed, has {charts}")
    if len([one for one in _nodes(found) if one.get("focus_on_load") is True]) > 1:
        yield Problem(at, "focus_on_load is allowed once")


def _ids(blocks: Sequence[Mapping[str, object]], at: str) -> Iterator[Problem]:
    """block_ids are unique in a payload, action_ids in a block."""
    nested = [child for block in blocks for child in members(block, "child_blocks")]
    nested += [card for block in blocks for card in members(block, "elements") if card.get("type") == "card"]
    named = [block["block_id"] for block in (*blocks, *nested) if "block_id" in block]
    for again in twice(named):
        yield Problem(at, f"duplicate block_id {again!r:.60}")
    for index, block in enumerate(blocks):
        parts = [*members(block, "child_blocks"), *members(block, "elements")]
        holders = parts if block.get("type") in ("container", "carousel") else [block]
        for holder in holders:
            if _repeats(holder):
                continue
            for again in twice([node["action_id"] for node in _nodes(holder) if "action_id" in node]):
                yield Problem(f"{at}/{index}", f"duplicate action_id {again!r:.60}")


def _repeats(block: Mapping[str, object]) -> bool:
    """A data table's cells share the action of their column."""
    return block.get("type") == "data_table"


def _budgets(blocks: Sequence[Mapping[str, object]], at: str) -> Iterator[Problem]:
    """Characters are counted over each table, and over all of a type together."""
    every = [*blocks, *(child for block in blocks for child in members(block, "child_blocks"))]
    for kind, most in BUDGETS.items():
        used = sum(_characters(block) for block in every if block.get("type") == kind)
        if used > most:
            yield Problem(at, f"no more than {most} characters in {kind} blocks allowed, has {used}")


def _characters(block: Mapping[str, object]) -> int:
    texts = (node.get("text") for node in _nodes(block))
    return sum(len(text) for text in texts if isinstance(text, str))


def _nodes(value: object) -> list[Mapping[str, object]]:
    """Every object within a value, itself included; a table has thousands, so plain types are tried first."""
    found: list[Mapping[str, object]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict) or (not isinstance(each, str | list | tuple) and isinstance(each, Mapping)):
            found.append(each)
            waiting += [item for item in each.values() if not isinstance(item, str | int | float | None)]
        elif isinstance(each, list | tuple):
            waiting += each
    return found


def _anything(_value: object, _at: str) -> Iterator[Problem]:
    return iter(())


def _loose(*keys: str) -> dict[str, Rule]:
    return dict.fromkeys(keys, _anything)


MESSAGE = shape(
    {},
    {
        "text": string(TEXT, 0),
        "markdown_text": string(MARKDOWN_TEXT),
        "attachments": listing(
            shape(
                {},
                _loose(
                    "blocks",
                    "color",
                    "fallback",
                    "text",
                    "title",
                    "title_link",
                    "pretext",
                    "fields",
                    "footer",
                    "ts",
                    "mrkdwn_in",
                    "image_url",
                    "thumb_url",
                    "author_name",
                ),
            ),
            0,
            ATTACHMENTS,
        ),
        "metadata": shape({}, _loose("event_type", "event_payload", "entities")),
        "response_type": one_of("ephemeral", "in_channel"),
        "username": string(80),
        "icon_url": link(),
        **dict.fromkeys(("channel", "user", "thread_ts", "ts", "icon_emoji", "token", "team_id"), string()),
        **dict.fromkeys(
            (
                "replace_original",
                "delete_original",
                "reply_broadcast",
                "mrkdwn",
                "unfurl_links",
                "unfurl_media",
                "link_names",
                "as_user",
            ),
            flag,
        ),
        **_loose("blocks", "parse", "post_at", "file_ids"),
    },
)
COMMON: dict[str, Rule] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255),
    "external_id": string(255, 0),
}
VIEWS = tagged(
    {
        "modal": shape(
            {"title": plain(24), "blocks": listing(_anything, 1, 100)},
            {
                **COMMON,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": flag,
                "notify_on_close": flag,
                "submit_disabled": flag,
            },
        ),
        "home": shape({"blocks": listing(_anything, 1, 100)}, COMMON),
    }
)
