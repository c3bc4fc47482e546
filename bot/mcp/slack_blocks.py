"""An answer's blocks as Slack's MCP client accepts them: the kinds it allows, buttons as calls of the ``ask`` tool.

Source: docs.slack.dev, "Returning rich responses" (Slackbot MCP client): at most 50 blocks and two charts, a data
table of at most 20,000 characters; one block of another kind and all are dropped. A button's ``action_id`` is
``tool:<tool>``, unique in its block, and its ``value`` the tool's arguments as JSON of at most 2,000 characters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.blockkit.build import Block

ALLOWED = frozenset(
    {
        "actions",
        "card",
        "container",
        "context",
        "data_table",
        "data_visualization",
        "divider",
        "header",
        "image",
        "markdown",
        "rich_text",
        "section",
        "table",
    }
)
_BLOCKS, _VALUE, _BUTTONS = 50, 2000, 3
_CHARACTERS = 20_000


def slack_blocks(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with what the client refuses left out; at most three buttons, each in an actions block of its own."""
    shown: list[Block] = []
    buttons = 0
    for block in blocks:
        if block["type"] not in ALLOWED or (block["type"] == "data_table" and _characters(block) > _CHARACTERS):
            continue
        if block["type"] != "actions":
            shown.append({name: value for name, value in block.items() if name not in {"accessory", "block_id"}})
            continue
        for element in block["elements"]:
            button = _button(element)
            if button is not None and buttons < _BUTTONS:
                shown.append({"type": "actions", "elements": [button]})
                buttons += 1
    return shown[:_BLOCKS]


def _characters(table: Block) -> int:
    return sum(len(str(cell.get("text", ""))) for row in table["rows"] for cell in row)


def _button(element: Block) -> Block | None:
    """A button that asks a question, as a call of the tool; None for any other element."""
    if element.get("type") != "button":
        return None
    try:
        carried = json.loads(element.get("value") or "")
    except ValueError:
        return None
    question = carried.get("q") or carried.get("t") if isinstance(carried, dict) else None
    value = json.dumps({"question": question}, separators=(",", ":"), ensure_ascii=False)
    if not question or len(value) > _VALUE:
        return None
    return {"type": "button", "text": element["text"], "action_id": "tool:ask", "value": value}
