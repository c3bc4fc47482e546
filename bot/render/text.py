"""An answer on a terminal: the same figures and sentences as in Slack, as text.

Drawn by hand: loading a library for it would take a third of the time of a whole answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from bot import render
from bot.render.slack import answer_message, plain_message

if TYPE_CHECKING:
    from bot.render.slack.answer_message import Reply
    from bot.render.slack.tables import Rows

_MOST_WIDE = 120


def printed(reply: Reply) -> str:
    """The answer: the headline, how it was read, the table, and what it rests on."""
    width = min(get_terminal_size().columns, _MOST_WIDE)
    return "\n".join(
        line for part in _parts(reply) for line in (part if isinstance(part, list) else [fill(part, width)])
    )


def _parts(reply: Reply) -> Iterator[str | list[str]]:
    _chart, caption, rows, notes = answer_message.figures(reply.question, reply.answer)
    yield answer_message.headline_text(reply)
    if read_as := answer_message.as_read(reply):
        yield read_as
    if rows:
        yield ["", caption, *_table(rows), ""]
    for priced in (False, True):
        gaps = render.gaps(gap for gap in reply.answer.gaps if (gap.price is not None) == priced)
        yield from (f"! {gap} Allow it with --live." if priced else f"! {gap}" for gap in gaps)
    yield from filter(None, (*notes, *answer_message.basis(reply.question, reply.answer)))
    if reply.question.kind == "unsupported" and not reply.alternatives:
        examples = [f"“{example}”" for example in plain_message.EXAMPLES[:3]]
        yield f"What I can answer, for example: {render.listed(examples)}."
    for other in reply.alternatives:
        lead = "The closest question I can answer" if reply.question.kind == "unsupported" else "Or did you mean"
        yield f"{lead}: {other.label}"


def _table(rows: Rows) -> list[str]:
    texts = [[cell["text"] for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    numeric = [any(row[at].get("type") == "raw_number" for row in rows[1:]) for at in range(len(widths))]
    lines = ["  ".join(map(_padded, row, widths, numeric)).rstrip() for row in texts]
    return [lines[0], "─" * sum((*widths, 2 * len(widths) - 2)), *lines[1:]]


def _padded(text: str, width: int, numeric: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if numeric else text + space


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text)
