"""A digest as the Markdown of a canvas: the words of its message, then each question's answer with its table."""

from __future__ import annotations

from collections.abc import Iterator

from bot.digests.content import DigestContent
from bot.render.digest import words
from bot.render.markdown import escaped, markdown

_MOST = 100_000
"""Characters; Slack takes ten times as many, nobody reads them."""


def canvas_markdown(content: DigestContent) -> str:
    """All that the digest says."""
    text = "\n\n".join(_parts(content)) + "\n"
    return text if len(text) <= _MOST else f"{text[:_MOST].rsplit(chr(10), 1)[0]}\n\nCut here: it is too long.\n"


def _parts(content: DigestContent) -> Iterator[str]:
    worded = words(content)
    yield f"# {escaped(worded.title)}"
    yield f"**{escaped(worded.headline)}**"
    yield from (f"⚠️ {escaped(warning)}" for warning in worded.warnings)
    if worded.facts:
        yield "\n".join(f"- **{escaped(name)}**: {escaped(text)}" for name, text in worded.facts)
    for name, lines in worded.lists:
        yield f"## {escaped(name)}"
        yield "\n".join(f"- {escaped(line)}" for line in lines)
    yield from (f"_{escaped(note)}_" for note in worded.notes)
    for detail in content.details:
        if detail.result:
            yield f"## {escaped(detail.asked)}"
            yield markdown(detail.result).strip()
