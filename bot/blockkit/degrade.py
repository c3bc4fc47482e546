"""A message with less in it, for a workspace or a client that refuses some of its blocks."""

from __future__ import annotations

import html

from bot.blockkit.build import Block, Message, paragraph

_TABLE_ROWS, _TABLE_CHARACTERS = 100, 9_500


def degrade(message: Message) -> Message | None:
    """The same message with less that Slack might refuse; None when there is nothing left to take away.

    Native chart and data table become a plain table; then tables go; then all blocks.
    """
    types = {block["type"] for block in message.blocks}
    if types & {"data_visualization", "data_table"}:
        kept = [_plainer(block) for block in message.blocks if block["type"] != "data_visualization"]
        return Message(message.text, kept, message.kept)
    if "table" in types:
        kept = [block for block in message.blocks if block["type"] != "table"]
        return Message(message.text, [_as_paragraph(message), *kept[1:]], message.kept)
    return Message(message.text, [], {}) if message.blocks else None


def _as_paragraph(message: Message) -> Block:
    return paragraph(html.unescape(message.text))


def _plainer(block: Block) -> Block:
    """A data table as a table: fewer rows, fewer characters, numbers to the right."""
    if block["type"] != "data_table":
        return block
    rows, used = [], 0
    for row in block["rows"][: _TABLE_ROWS - 1]:
        used += sum(len(cell["text"]) for cell in row)
        if used > _TABLE_CHARACTERS:
            break
        rows.append(row)
    beyond = len(block["rows"]) - len(rows)
    width = len(block["rows"][0])
    if beyond:
        words = [f"… {beyond} more rows", *["–"] * (width - 1)]
        rows.append([{"type": "raw_text", "text": text} for text in words])
    aligned = [{"is_wrapped": True}, *[{"align": "right"}] * (width - 1)]
    return {"type": "table", "column_settings": aligned, "rows": rows}
