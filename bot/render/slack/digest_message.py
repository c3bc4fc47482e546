"""Draws a digest: what it comes to, what moved, what to watch, one chart; each question's answer for the thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import render
from bot.blockkit.build import Block, Message, bullets, emphasized, escape, header, mrkdwn, small
from bot.digests.content import Detail, DigestContent
from bot.domain.conversion import as_asked
from bot.render.slack import answer_message

_FIELDS = 10
_FIELD = 2000
_TEXT = 3500


def draw(content: DigestContent) -> list[Message]:
    """The message for the channel, then those for its thread. Pure."""
    return [_main(content), *(_detail(each) for each in content.details)]


def _main(content: DigestContent) -> Message:
    kept: dict[str, Mapping[str, Any]] = {}
    drawn: list[Block] = [header(content.title)]
    if content.digest.overview or content.lead is None:
        drawn += _overview(content)
    else:
        answer = answer_message.draw(content.lead)
        kept |= answer.kept
        said = [block for block in answer.blocks if block["type"] != "actions"]
        drawn += [*said, *(bullets(name, lines) for name, lines in content.lists)]
    drawn += small(*content.notes, _thread(content))
    drawn += answer_message.buttons(content.lead, kept) if content.lead else []
    return Message(spoken(content), drawn, kept)


def _overview(content: DigestContent) -> list[Block]:
    drawn = [_headline(content), *small(*(f"⚠️ {each}" for each in content.warnings))]
    fields = [mrkdwn(f"*{escape(name)}*\n{escape(text)}", _FIELD) for name, text in content.facts[:_FIELDS]]
    drawn += [{"type": "section", "fields": fields}] if fields else []
    drawn += [bullets(name, lines) for name, lines in content.lists]
    if content.chart:
        chart, _, _, notes = answer_message.figures(content.chart.question, content.chart.answer)
        drawn += [chart.block] if chart else []
        drawn += small(*notes)
    if content.lead:
        told = answer_message.basis(content.lead.question, content.lead.answer)
        drawn += small(*(each for each in told if not content.notes or not each.startswith(answer_message.PROVISIONAL)))
    return drawn


def _headline(content: DigestContent) -> Block:
    totals = as_asked(content.lead.answer).totals[:1] if content.lead else ()
    return emphasized(content.headline, *(render.figure(total.amount, total.currency, total.unit) for total in totals))


def _thread(content: DigestContent) -> str:
    return "Details are in the thread." if content.details else ""


def _detail(detail: Detail) -> Message:
    if detail.reply is None:
        return answer_message.sentence(f"{detail.asked}: {detail.why}")
    answer = answer_message.draw(detail.reply)
    asked = f"{detail.asked[:1].upper()}{detail.asked[1:]}"
    return Message(f"{escape(asked)}: {answer.text}", [header(asked), *answer.blocks], answer.kept)


def spoken(content: DigestContent) -> str:
    """The digest without blocks, escaped."""
    facts = [f"{name}: {text}" for name, text in content.facts]
    lists = [f"{name}: {'; '.join(line.rstrip('.') for line in lines)}" for name, lines in content.lists]
    lines = [content.title, content.headline, *content.warnings, *facts, *lists, *content.notes]
    return escape("\n".join(filter(None, lines)))[:_TEXT]
