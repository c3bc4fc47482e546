"""Draws a digest: what it comes to, what moved, what to watch, one chart; each question's answer for the thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import render
from bot.blockkit.build import Block, Message, escape, header, mrkdwn, section, small
from bot.digests.content import Detail, Edition
from bot.domain.conversion import as_asked
from bot.render.slack import answer_message

_FIELDS = 10
_FIELD = 2000
_TEXT = 3500


def draw(edition: Edition) -> list[Message]:
    """The message for the channel, then those for its thread. Pure."""
    return [_main(edition), *(_detail(each) for each in edition.details)]


def _main(edition: Edition) -> Message:
    kept: dict[str, Mapping[str, Any]] = {}
    drawn: list[Block] = [header(edition.title)]
    if edition.digest.overview or edition.lead is None:
        drawn += _overview(edition)
    else:
        answer = answer_message.draw(edition.lead)
        kept |= answer.kept
        said = [block for block in answer.blocks if block["type"] != "actions"]
        drawn += [*said, *map(_list, edition.lists)]
    drawn += small(*edition.notes, _thread(edition))
    drawn += answer_message.buttons(edition.lead, kept) if edition.lead else []
    return Message(spoken(edition), drawn, kept)


def _overview(edition: Edition) -> list[Block]:
    drawn = [section(_bold(edition)), *small(*(f"⚠️ {each}" for each in edition.warnings))]
    fields = [mrkdwn(f"*{escape(name)}*\n{escape(text)}", _FIELD) for name, text in edition.facts[:_FIELDS]]
    drawn += [{"type": "section", "fields": fields}] if fields else []
    drawn += map(_list, edition.lists)
    if edition.chart:
        chart, _, _, notes = answer_message.figures(edition.chart.question, edition.chart.answer)
        drawn += [chart.block] if chart else []
        drawn += small(*notes)
    if edition.lead:
        told = answer_message.basis(edition.lead.question, edition.lead.answer)
        drawn += small(*(each for each in told if not edition.notes or not each.startswith(answer_message.PROVISIONAL)))
    return drawn


def _bold(edition: Edition) -> str:
    text = escape(edition.headline)
    for each in as_asked(edition.lead.answer).totals[:1] if edition.lead else ():
        told = escape(render.figure(each.amount, each.currency, each.unit))
        text = text.replace(told, f"*{told}*", 1)
    return text


def _list(found: tuple[str, tuple[str, ...]]) -> Block:
    name, lines = found
    return section("\n".join([f"*{escape(name)}*", *(f"• {escape(line)}" for line in lines)]))


def _thread(edition: Edition) -> str:
    return "Details are in the thread." if edition.details else ""


def _detail(detail: Detail) -> Message:
    if detail.reply is None:
        return answer_message.sentence(f"{detail.asked}: {detail.why}")
    answer = answer_message.draw(detail.reply)
    asked = f"{detail.asked[:1].upper()}{detail.asked[1:]}"
    return Message(f"{escape(asked)}: {answer.text}", [header(asked), *answer.blocks], answer.kept)


def spoken(edition: Edition) -> str:
    """The digest without blocks, escaped."""
    facts = [f"{name}: {text}" for name, text in edition.facts]
    lists = [f"{name}: {'; '.join(line.rstrip('.') for line in lines)}" for name, lines in edition.lists]
    lines = [edition.title, edition.headline, *edition.warnings, *facts, *lists, *edition.notes]
    return escape("\n".join(filter(None, lines)))[:_TEXT]
