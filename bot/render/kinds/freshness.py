"""How current the sources are, in words and as a table."""

from __future__ import annotations

from bot.blockkit.build import text_cell
from bot.domain.answers import FreshnessAnswer
from bot.domain.question import Question
from bot.render.labels import data_through, day, source
from bot.render.slack.tables import Rows, header


def summary(_question: Question, answer: FreshnessAnswer) -> str:
    """``Data: AWS through 21 Nov; OpenAI through 19 Nov.``."""
    if not answer.as_of:
        return "No source has been synced yet."
    return f"Data: {'; '.join(data_through(answer))}."


def table(_question: Question, answer: FreshnessAnswer) -> tuple[str, Rows]:
    """A row a source."""
    rows = [header("Source", "Last sync (UTC)", "Data through", "Final through")]
    for fresh in answer.as_of:
        days = [day(one, year=True) if one else "–" for one in (fresh.data_through, fresh.final_through)]
        rows.append([text_cell(source(fresh.source)), text_cell(f"{fresh.synced:%d %b %H:%M}"), *map(text_cell, days)])
    return "Sources", rows
