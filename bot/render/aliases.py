"""Names that a team teaches, and the sentences that call for them, as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.domain.question import Filter
from bot.render.labels import dimension

if TYPE_CHECKING:
    from bot.answering.teaching import Lesson
    from bot.language.teaching import Taught
    from bot.ledger.taught.aliases import Alias

HELP = 'Add one: alias "blue cluster" = production. Take one away: alias remove blue cluster. Take back: alias undo.'


def meaning(filters: Sequence[Filter]) -> str:
    """``account production or staging; not region eu-west-1``."""
    return "; ".join(
        f"{'not ' if part.exclude else ''}{dimension(part.dimension)} {' or '.join(v or '(none)' for v in part.values)}"
        for part in filters
    )


def added(taught: Taught) -> str:
    """What a phrase means from now on."""
    others = f" It could also have meant: {', '.join(taught.others)}." if taught.others else ""
    return f"“{taught.phrase}” now means {meaning(taught.filters)}.{others}"


def removed(phrase: str) -> str:
    """That a phrase means nothing any more."""
    return f"“{phrase}” is no alias any more."


def undone(act: str, alias: Alias) -> str:
    """What was taken back."""
    if act == "removed":
        return f"“{alias.phrase}” means {meaning(alias.filters)} again."
    return f"“{alias.phrase}” no longer means {meaning(alias.filters)}."


def lines(listed: Sequence[tuple[Alias, Sequence[Filter]]]) -> list[str]:
    """A line for every alias: what it stands for, who added it and when."""
    return [
        f"“{alias.phrase}”: {meaning(filters)} (added {alias.at:%Y-%m-%d} by {alias.person or 'the command line'})"
        for alias, filters in listed
    ]


def candidate(found: Lesson, command: str) -> str:
    """A sentence that was not understood, or not rightly, with what would teach it."""
    kinds = {"refused": "refused", "model": "read by a language model", "reported": "reported as wrong"}
    how = ", ".join(kinds[part] for part in sorted(found.kinds))
    rows = [f"{found.times} × {found.phrase}  ({how})"]
    if found.unread:
        rows.append(f"    unknown:   {', '.join(found.unread)}")
        near = dict.fromkeys(name for names in found.near.values() for name in names)
        rows.append(f"    nearest:   {', '.join(near) or 'nothing'}")
        rows += [f"    alias:     {command} {line}" for line in found.aliases]
    if found.reading:
        rows.append(f"    read as:   {found.reading}")
    return "\n".join(rows)
