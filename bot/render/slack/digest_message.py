"""Draws a digest: what it comes to, what moved, what to watch, one chart; each question's answer for the thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import render
from bot.blockkit.build import Block, Message, bullets, emphasized, escape, header, mrkdwn, small
from bot.digests.content import Detail, DigestContent
from bot.domain.conversion import as_asked
from bot.render.digest import DigestWords, words
from bot.render.slack import answer_message

_FIELDS = 10
_FIELD = 2000
_TEXT = 3500


def draw(content: DigestContent) -> list[Message]:
    """The message for the channel, then those for its thread. Pure."""
    return [_main(content, words(content)), *map(_detail, _thread(content))]


def _thread(content: DigestContent) -> tuple[Detail, ...]:
    """The answers that stand in the thread: none where the only one opens the digest."""
    alone = content.overview is None and len(content.details) == 1 and content.lead
    return () if alone else content.details


def _main(content: DigestContent, worded: DigestWords) -> Message:
    kept: dict[str, Mapping[str, Any]] = {}
    drawn: list[Block] = [header(worded.title)]
    if content.overview or content.lead is None:
        drawn += _overview(content, worded)
    else:
        answer = answer_message.draw(content.lead)
        kept |= answer.kept
        drawn += [block for block in answer.blocks if block["type"] != "actions"]
        drawn += [bullets(name, lines) for name, lines in worded.lists]
    drawn += small(*worded.notes, "Details are in the thread." if _thread(content) else "")
    drawn += answer_message.buttons(content.lead, kept) if content.lead else []
    return Message(spoken(worded), drawn, kept)


def _overview(content: DigestContent, worded: DigestWords) -> list[Block]:
    drawn = [_headline(content, worded), *small(*(f"⚠️ {warning}" for warning in worded.warnings))]
    fields = [mrkdwn(f"*{escape(name)}*\n{escape(text)}", _FIELD) for name, text in worded.facts[:_FIELDS]]
    drawn += [{"type": "section", "fields": fields}] if fields else []
    drawn += [bullets(name, lines) for name, lines in worded.lists]
    if content.overview and content.overview.chart:
        result = content.overview.chart
        chart, _, _, notes = answer_message.figures(result.question, result.answer)
        drawn += [chart.block] if chart else []
        drawn += small(*notes)
    if content.lead:
        basis = answer_message.basis(content.lead.question, content.lead.answer)
        drawn += small(
            *(sentence for sentence in basis if not worded.notes or not sentence.startswith(answer_message.PROVISIONAL))
        )
    return drawn


def _headline(content: DigestContent, worded: DigestWords) -> Block:
    totals = answer_message.totals_of(as_asked(content.lead.answer)) if content.lead else ()
    figures = (render.figure(total.amount, total.currency, total.unit) for total in totals[:1])
    return emphasized(worded.headline, *figures)


def _detail(detail: Detail) -> Message:
    if detail.result is None:
        return answer_message.sentence(f"{detail.asked}: {detail.why}")
    answer = answer_message.draw(detail.result)
    asked = f"{detail.asked[:1].upper()}{detail.asked[1:]}"
    return Message(f"{escape(asked)}: {answer.text}", [header(asked), *answer.blocks], answer.kept)


def spoken(worded: DigestWords) -> str:
    """The digest without blocks, escaped."""
    facts = [f"{name}: {text}" for name, text in worded.facts]
    lists = [f"{name}: {'; '.join(line.rstrip('.') for line in lines)}" for name, lines in worded.lists]
    lines = [worded.title, worded.headline, *worded.warnings, *facts, *lists, *worded.notes]
    return escape("\n".join(filter(None, lines)))[:_TEXT]
