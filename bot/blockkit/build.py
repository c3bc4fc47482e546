"""Builds Slack's blocks, elements and text objects, cut to Slack's lengths.

Text that comes from a bill or a person goes into plain text or rich text, where none of its characters is markup;
``mrkdwn`` is for our own words, and whatever else stands in it is escaped first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]
"""A block, an element or a text object, as Slack's JSON has it."""

NOTHING = "–"
"""Stands in a table's cell that has no value: Slack refuses empty ones."""
PAGE = 12
"""Rows of a data table on its first page."""
_CONTEXT_LENGTH = 2000


@dataclass(frozen=True)
class Message:
    """A message: ``text`` for notifications and screen readers, ``blocks`` for everybody else.

    ``kept`` holds what its buttons refer to, by key; whoever sends the message stores that first.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_MENTIONED = {
    "C": ("channel", "#"),
    "G": ("channel", "#"),
    "U": ("user", "@"),
    "W": ("user", "@"),
    "S": ("usergroup", "!subteam^"),
}
"""By the first letter of an id: what it is, and the sign of its mention in mrkdwn."""
_SLACK_ID = re.compile(f"[{''.join(_MENTIONED)}][A-Z0-9]{{5,}}")

# --- text ---------------------------------------------------------------------------------------------------


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, ending in an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def escape(text: str) -> str:
    """Text for mrkdwn in which nothing is a mention or a link. ``*``, ``_``, ``~`` and backticks still format."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, most: int = 75) -> Block:
    """A plain_text object; ``:name:`` stays as it is written."""
    return {"type": "plain_text", "text": cut(text, most) or " ", "emoji": False}


def mrkdwn(text: str, most: int = 3000) -> Block:
    """A mrkdwn object; text of others in it must have been escaped."""
    return {"type": "mrkdwn", "text": cut(text, most)}


def run(text: str, *, bold: bool = False, code: bool = False) -> Block:
    """A piece of rich text."""
    style = {name: True for name, wanted in (("bold", bold), ("code", code)) if wanted}
    return {"type": "text", "text": text or " ", **({"style": style} if style else {})}


def mention(slack_id: str) -> Block:
    """A person, user group or channel by id, as a piece of rich text; anything else as text."""
    if _SLACK_ID.fullmatch(slack_id) is None:
        return run(slack_id)
    kind, _ = _MENTIONED[slack_id[0]]
    return {"type": kind, f"{kind}_id": slack_id}


def slack_mention(slack_id: str) -> str:
    """The same in mrkdwn; ``""`` for what is no id."""
    if _SLACK_ID.fullmatch(slack_id) is None:
        return ""
    _, sign = _MENTIONED[slack_id[0]]
    return f"<{sign}{slack_id}>"


# --- blocks -------------------------------------------------------------------------------------------------


def section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of mrkdwn."""
    return {"type": "section", "text": mrkdwn(text), **({"accessory": accessory} if accessory else {})}


def paragraph(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of plain text."""
    return {"type": "section", "text": plain(text, 3000), **({"accessory": accessory} if accessory else {})}


def rich_text(*runs: Block) -> Block:
    """A paragraph of rich text: runs and mentions, one after the other."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(runs)}]}


def link(text: str, url: str) -> Block:
    """A link as a piece of rich text."""
    return {"type": "link", "url": url, "text": text}


def emphasized(text: str, emphasis: str = "") -> Block:
    """A paragraph of rich text with the first occurrence of a part of it in bold."""
    before, match, after = text.partition(emphasis) if emphasis else (text, "", "")
    pieces = [(before, False), (match, True), (after, False)]
    return rich_text(*([run(piece, bold=bold) for piece, bold in pieces if piece] or [run(text)]))


def bullets(title: str, lines: Sequence[str]) -> Block:
    """A title in bold above a bulleted list, all of it plain."""
    items = [{"type": "rich_text_section", "elements": [run(line)]} for line in lines]
    listed = [{"type": "rich_text_list", "style": "bullet", "elements": items}] if items else []
    heading = {"type": "rich_text_section", "elements": [run(title, bold=True)]}
    return {"type": "rich_text", "elements": [heading, *listed]}


def code(text: str) -> Block:
    """Preformatted text in a fixed pitch."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, 150)}


def small(*texts: str) -> list[Block]:
    """Small plain text, a line for each text that is not empty, in as few context blocks as hold them."""
    lines: list[str] = []
    for text in filter(None, texts):
        line = cut(text, _CONTEXT_LENGTH)
        if lines and len(lines[-1]) + len(line) < _CONTEXT_LENGTH:
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
    return [{"type": "context", "elements": [plain(line, _CONTEXT_LENGTH)]} for line in lines]


def actions(*elements: Block) -> list[Block]:
    """A row of buttons and menus; no block where there are none."""
    return [{"type": "actions", "elements": list(elements)}] if elements else []


def modal(callback: str, title: str, blocks: list[Block], *, submit: str = "", metadata: str = "") -> Block:
    """A modal view; without ``submit`` it can only be closed."""
    return {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, 24),
        "close": plain("Cancel" if submit else "Close", 24),
        "blocks": blocks,
        **({"submit": plain(submit, 24)} if submit else {}),
        **({"private_metadata": metadata} if metadata else {}),
    }


# --- tables -------------------------------------------------------------------------------------------------


def text_cell(text: str) -> Block:
    """A table's cell of text."""
    return {"type": "raw_text", "text": text or NOTHING}


def number_cell(value: float, text: str) -> Block:
    """A table's cell of a number: sorted by its value, shown as its text."""
    return {"type": "raw_number", "value": value, "text": text}


def data_table(caption: str, rows: Sequence[Sequence[Block]]) -> Block:
    """A sortable table; the first row names the columns. The caller keeps to Slack's limits of rows and characters."""
    return {
        "type": "data_table",
        "caption": caption,
        "page_size": min(max(len(rows) - 1, 1), PAGE),
        "row_header_column_index": 0,
        "rows": [list(row) for row in rows],
    }


# --- buttons and menus --------------------------------------------------------------------------------------


def button(text: str, action: str, value: str = "", *, style: str = "") -> Block:
    """A button; ``style`` is ``primary`` or ``danger``."""
    return {
        "type": "button",
        "text": plain(text),
        "action_id": action,
        **({"value": value} if value else {}),
        **({"style": style} if style else {}),
    }


def option(text: str, value: str) -> Block:
    """One choice of a menu."""
    return {"text": plain(text), "value": value}


def overflow(action: str, choices: Sequence[tuple[str, str]]) -> Block:
    """The "…" menu of at most five (text, value)."""
    return {"type": "overflow", "action_id": action, "options": [option(text, value) for text, value in choices]}


def select(options: Sequence[tuple[str, str]], chosen: str | None = None, *, many: bool = False) -> Block:
    """A menu of (value, text) with one of them chosen at first."""
    choices = [option(text, value) for value, text in options]
    first = next((choice for choice in choices if choice["value"] == chosen), None)
    return {
        "type": "multi_static_select" if many else "static_select",
        "options": choices,
        **({"initial_option": first} if first else {}),
    }


def input_block(name: str, label: str, element: Block, *, optional: bool = True, hint: str = "") -> Block:
    """A field of a modal; ``name`` is the id of both its block and its action."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": {"action_id": name, **element},
        "optional": optional,
        **({"hint": plain(hint, 2000)} if hint else {}),
    }
