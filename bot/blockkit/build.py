"""The few Block Kit shapes that everything here is drawn with, escaped and cut to Slack's lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]
"""A block, element or text object, as Slack takes it."""


_SMALL = 2000
NOTHING = "–"
"""What stands in a cell that has nothing to tell: Slack takes none that is empty."""
PAGE = 12
"""Rows of a table that are seen at once."""


@dataclass(frozen=True)
class Message:
    """What is said: ``text`` for screen readers and plain clients, ``blocks`` for the rest.

    ``kept`` is what its buttons refer to, by key; whoever sends the message keeps it first.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def cut(text: str, most: int) -> str:
    """The text, ending in an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def escape(text: str) -> str:
    """Text of a person or a vendor, harmless in mrkdwn: no mention, no link, no markup of ours."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, most: int = 75) -> Block:
    """A plain_text object; colons stay colons."""
    return {"type": "plain_text", "text": cut(text, most) or " ", "emoji": False}


def mrkdwn(text: str, most: int = 3000) -> Block:
    """A mrkdwn object; whatever is not ours in it must have been escaped."""
    return {"type": "mrkdwn", "text": cut(text, most)}


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": mrkdwn(text), **({"accessory": accessory} if accessory else {})}


def paragraph(text: str) -> Block:
    """A paragraph that is shown as it stands."""
    return {"type": "section", "text": plain(text, 3000)}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def small(*texts: str) -> list[Block]:
    """Small type, one line a text, shown as they stand; nothing for no text."""
    blocks: list[str] = []
    for text in filter(None, texts):
        line = cut(text, _SMALL)
        if blocks and len(blocks[-1]) + len(line) < _SMALL:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    return [{"type": "context", "elements": [plain(each, _SMALL)]} for each in blocks]


def button(text: str, action: str, value: str = "", *, style: str = "") -> Block:
    """A button; ``style`` is primary or danger."""
    return {
        "type": "button",
        "text": plain(text),
        "action_id": action,
        **({"value": value} if value else {}),
        **({"style": style} if style else {}),
    }


def actions(*elements: Block) -> list[Block]:
    """A row of buttons; nothing for none."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def option(text: str, value: str) -> Block:
    """A choice of a menu."""
    return {"text": plain(text), "value": value}


def code(text: str) -> Block:
    """Text in a fixed pitch, as it stands."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }


def text_cell(text: str) -> Block:
    """A table's cell of text."""
    return {"type": "raw_text", "text": text or NOTHING}


def number_cell(value: float, text: str) -> Block:
    """A table's cell of a number: sorted by its value, read by its text."""
    return {"type": "raw_number", "value": value, "text": text}


def data_table(caption: str, rows: Sequence[Sequence[Block]]) -> Block:
    """A native table; the first row names the columns. Rows beyond Slack's limits must be gone already."""
    return {
        "type": "data_table",
        "caption": caption,
        "page_size": min(max(len(rows) - 1, 1), PAGE),
        "row_header_column_index": 0,
        "rows": [list(row) for row in rows],
    }


def modal(callback: str, title: str, blocks: list[Block], *, submit: str = "", metadata: str = "") -> Block:
    """A modal view; without ``submit`` it only shows."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "close": plain("Close" if not submit else "Cancel", 24),
        "blocks": blocks,
        **({"submit": plain(submit, 24)} if submit else {}),
        **({"private_metadata": metadata} if metadata else {}),
    }


def input_block(  # noqa: PLR0913 - the members of one block
    name: str, label: str, element: Block, *, optional: bool = True, hint: str = "", dispatch: bool = False
) -> Block:
    """A question of a modal; ``name`` is both its block and its action."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": {"action_id": name, **element},
        "optional": optional,
        **({"hint": plain(hint, 2000)} if hint else {}),
        **({"dispatch_action": True} if dispatch else {}),
    }


def select(options: Sequence[tuple[str, str]], chosen: str | None = None, *, many: bool = False) -> Block:
    """A menu of (value, text) with one chosen at first."""
    choices = [option(text, value) for value, text in options]
    first = next((each for each in choices if each["value"] == chosen), None)
    return {
        "type": "multi_static_select" if many else "static_select",
        "options": choices,
        **({"initial_option": first} if first else {}),
    }
