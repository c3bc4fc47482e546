"""An answer as Markdown, for pull requests, job summaries and wikis: the same figures and sentences as in Slack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot import render
from bot.render.text import basis, headline_text, table

if TYPE_CHECKING:
    from bot.render.slack.tables import Rows
    from bot.render.text import Reply

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(reply: Reply) -> str:
    """The headline in bold, how it was read, the table, and what it rests on."""
    return "\n\n".join(_parts(reply)) + "\n"


def _parts(reply: Reply) -> Iterator[str]:
    caption, rows, notes = table(reply.question, reply.answer)
    yield f"**{escaped(headline_text(reply))}**"
    yield f"_{escaped(reply.read_as)}_"
    if rows:
        yield f"{escaped(caption)}:\n\n{_table(rows)}"
    rest = [*render.gaps(reply.answer.gaps), *filter(None, notes), *basis(reply.question, reply.answer)]
    if rest:
        yield "\n".join(f"- {escaped(line)}" for line in rest)


def _table(rows: Rows) -> str:
    numeric = [any(row[at].get("type") == "raw_number" for row in rows[1:]) for at in range(len(rows[0]))]
    lines = [f"| {' | '.join(escaped(cell['text']) for cell in row)} |" for row in rows]
    return "\n".join([lines[0], f"|{'|'.join('---:' if right else '---' for right in numeric)}|", *lines[1:]])


def escaped(text: str) -> str:
    """Text whose names from bills format nothing and break no table."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
