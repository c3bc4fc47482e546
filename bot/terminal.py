"""An answer on a terminal: the same figures and sentences as in Slack, as text."""

from __future__ import annotations

from io import StringIO
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.slack import blocks

if TYPE_CHECKING:
    from bot.ask import Reply
    from bot.slack.tables import Rows

_MOST_WIDE = 120


def printed(reply: Reply) -> str:
    """The answer: the headline, how it was read, the table, and what it rests on."""
    _chart, caption, rows, notes = blocks.figures(reply.question, reply.answer)
    page = Console(
        file=StringIO(), width=min(get_terminal_size().columns, _MOST_WIDE), highlight=False, markup=False, emoji=False
    )
    page.print(reply.text)
    page.print(reply.read_as, style="dim")
    if rows:
        page.print(_table(caption, rows))
    for gap in reply.answer.gaps:
        page.print(f"! {gap.source}: {gap.what}. {gap.hint}".rstrip())
    for note in (*notes, *blocks.basis(reply.question, reply.answer)):
        if note:
            page.print(note, style="dim")
    for other in reply.alternatives:
        page.print(f"Or did you mean: {other.label}")
    return page.file.getvalue().rstrip()  # type: ignore[attr-defined]  # the StringIO from above


def _table(caption: str, rows: Rows) -> Table:
    table = Table(title=caption, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for at, head in enumerate(rows[0]):
        numeric = any(row[at].get("type") == "raw_number" for row in rows[1:])
        table.add_column(head["text"], justify="right" if numeric else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*(cell["text"] for cell in row))
    return table
